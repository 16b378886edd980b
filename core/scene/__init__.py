"""Factor rasters in, one aligned stack out."""

import warnings

from rasterio.errors import NotGeoreferencedWarning

# A raster without coordinates is a plain pixel grid here, nothing to be warned of.
warnings.filterwarnings("ignore", category=NotGeoreferencedWarning)
