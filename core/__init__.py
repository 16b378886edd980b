"""The working parts of SlideScope; nothing below this folder imports streamlit."""

__version__ = "0.4.0"
