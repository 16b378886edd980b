"""The working parts of SlideScope; nothing below this folder imports streamlit."""

import core.offline  # noqa: F401 - before anything loads GDAL

__version__ = "0.4.0"
