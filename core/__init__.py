"""The working parts of SlideScope; nothing below this folder imports streamlit."""

import sys

# One that is newer can read what follows, and `doctor` names it.
if sys.version_info < (3, 10):  # noqa: UP036
    sys.exit(
        "SlideScope needs Python 3.11 to 3.13, and '{}' is {}.{}: use another, as in "
        "`make app PYTHON=python3.12`.".format(sys.executable, *sys.version_info[:2])
    )

import core.offline  # noqa: F401 - before anything loads GDAL

__version__ = "0.4.0"
