"""The working parts of SlideScope; nothing below this folder imports streamlit."""
