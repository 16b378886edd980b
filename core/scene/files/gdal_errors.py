"""What rasterio raises when GDAL gives up.

Some of GDAL's errors leave rasterio under a base class that it does not export. This is the one
file that names it; tried with rasterio 1.4 and 1.5, `tests/test_inside.py` says which version
broke it.
"""

from rasterio._err import CPLE_BaseError
from rasterio.errors import RasterioError

GDAL_ERRORS = (RasterioError, CPLE_BaseError)
