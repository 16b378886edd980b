"""Cloud-optimised GeoTIFFs of a prediction, on the scene's grid, with their origin in the tags."""

from pathlib import Path

import rasterio
import rasterio.shutil

from core.export.provenance import Origin
from core.language.translation import tr
from core.learning.prediction import products

BLOCK = 512
PROBABILITY, MASK, UNCERTAINTY = "probability", "mask", "uncertainty"
DESCRIPTIONS = {
    PROBABILITY: "probability of a landslide, 0..1",
    MASK: "predicted landslides: 1 landslide, 0 not, 255 no data",
    UNCERTAINTY: "standard deviation of the answers over flips and turns",
}


def layers(origin: Origin) -> tuple[str, ...]:
    """Names of the rasters that this prediction gives."""
    extra = (origin.folder / f"{UNCERTAINTY}.tif").exists()
    return (PROBABILITY, MASK, *([UNCERTAINTY] if extra else []))


def write(origin: Origin, folder: Path, scratch: Path) -> int:
    """Write every raster into `folder`; return the number of landslide pixels at the threshold."""
    mask = scratch / "mask.tif"
    pixels = products.write_mask(origin.folder, origin.scene.grid, origin.threshold, mask)
    for name in layers(origin):
        source = mask if name == MASK else origin.folder / f"{name}.tif"
        _cog(source, folder / f"{name}.tif", name, origin.tags(), scratch)
    return pixels


def _cog(source: Path, target: Path, name: str, tags: dict[str, str], scratch: Path) -> None:
    # A virtual copy takes the tags, so that no raster is written twice.
    virtual = scratch / f"{name}.vrt"
    rasterio.shutil.copy(source, virtual, driver="VRT")
    with rasterio.open(virtual, "r+") as tagged:
        tagged.update_tags(**tags)
        tagged.set_band_description(1, tr(DESCRIPTIONS[name]))
    rasterio.shutil.copy(
        virtual,
        target,
        driver="COG",
        BLOCKSIZE=BLOCK,
        COMPRESS="DEFLATE",
        PREDICTOR="NO" if name == MASK else "YES",
        OVERVIEW_RESAMPLING="nearest" if name == MASK else "average",
        BIGTIFF="IF_SAFER",
    )
