"""A process of its own: `python bucket_copy.py /vsis3/BUCKET/KEY.tif TARGET` copies a GeoTIFF, byte
by byte. It imports nothing of ours, which would cut its network off."""

import sys


def main() -> None:
    import rasterio
    from rasterio import shutil
    from rasterio.errors import RasterioError

    source, target = sys.argv[1:]
    # Neither the folder nor files beside are asked for: one object, and no other.
    options = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO"}
    try:
        with rasterio.Env(**options, GDAL_HTTP_MAX_RETRY=3, GDAL_HTTP_RETRY_DELAY=1):
            with rasterio.open(source, driver="GTiff"):
                pass
            shutil.copyfiles(source, target)
    except (RasterioError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
