"""Factor rasters in, one aligned stack out."""

import sys
import warnings

from rasterio.errors import NotGeoreferencedWarning

# A raster without coordinates is a plain pixel grid here, nothing to be warned of.
warnings.filterwarnings("ignore", category=NotGeoreferencedWarning)

_told = sys.unraisablehook


def _tell(what) -> None:
    """rasterio cannot log what GDAL says of a damaged file if its bytes are no text, and Python
    would print that as a traceback; the file's own error comes as a sentence."""
    if not (isinstance(what.exc_value, UnicodeDecodeError) and "rasterio" in f"{what.object}"):
        _told(what)


sys.unraisablehook = _tell
