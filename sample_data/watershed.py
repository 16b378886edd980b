"""The synthetic watershed: all layers in order, and the files a user would have."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sample_data import (
    deformation,
    land_cover,
    landslides,
    line_of_sight,
    noise,
    outlines,
    people,
    rasters,
    reflectance,
    relief,
)
from sample_data.grid import GEOGRAPHIC_CRS, SENTINEL_CELL, transform
from sample_data.subsidence import SHOWS

VERSION = 3  # of the generator: raised whenever the same seed gives other files than before
SMALLEST, LARGEST = 256, 4096
CONFUSERS = {
    1: "quarry",
    2: "settlement",
    3: "road",
    4: "mining subsidence",
    5: "subsidence bowl under a settlement",
    6: "bare field",
    7: "river bar",
    8: "gullied bare slope",
    9: "relict landslide, not moving",
}


@dataclass(frozen=True)
class Watershed:
    """Every layer of one scene, before it is written."""

    relief: relief.Relief
    slides: landslides.Landslides
    people: people.People
    cover: land_cover.LandCover
    bands: np.ndarray
    rate: np.ndarray
    gaps: np.ndarray


def ignore(stage: str, fraction: float) -> None:
    """Report to nobody."""


def build(size: int, seed: int, report: Callable[[str, float], None] = ignore) -> Watershed:
    """All layers of the scene of `size` x `size` cells of 12.5 m."""
    if not SMALLEST <= size <= LARGEST:
        raise ValueError(
            f"Sample size {size} px is not possible: it must lie between {SMALLEST} and {LARGEST}."
        )
    ground = relief.build(size, seed, lambda share: report("Eroding the relief", 0.7 * share))
    ragged = noise.field(size, seed, "ragged", 1.8, longest=60, shortest=4)
    report("Placing landslides", 0.70)
    slides = landslides.make(ground, ragged, seed)
    report("Building settlements and roads", 0.76)
    made = people.settle(ground, slides, ragged, seed)
    report("Growing land cover", 0.79)
    cover = land_cover.cover_land(ground, slides, made, ragged, seed)
    report("Sensing reflectance", 0.84)
    bands = reflectance.sense(cover, ground.unit, made.elevation, seed)
    report("Measuring deformation", 0.89)
    rate, gaps = deformation.measure(ground, slides, made, cover, seed)
    return Watershed(ground, slides, made, cover, bands, rate, gaps)


def confusers(scene: Watershed) -> np.ndarray:
    """Codes of CONFUSERS, 0 where there is none, uint8; where several lie, the rarer one counts."""
    made, cover = scene.people, scene.cover
    masks = {
        4: np.abs(made.sinking.mining) > SHOWS,
        5: np.abs(made.sinking.bowl) > SHOWS,
        1: made.quarry,
        2: made.settlement,
        3: made.road,
        6: cover.bare_field,
        7: cover.river_bar,
        8: cover.gully,
        9: scene.slides.relict,
    }
    return np.select(list(masks.values()), list(masks), 0).astype(np.uint8)


def write_rasters(out: Path, scene: Watershed) -> None:
    """Bands, elevation, deformation and confusers into the folder `out`."""
    for name, band in zip(reflectance.BANDS, scene.bands):
        text = f"Sentinel-2 {name}, surface reflectance x 10000"
        place = {"transform": transform(SENTINEL_CELL), "nodata": 0}
        rasters.write(out / f"S2_{name}.tif", band, text, **place)
    elevation = rasters.quantise(scene.people.elevation, rasters.HEIGHT_STEP)
    rasters.write(out / "DEM.tif", elevation, "elevation, metres", nodata=-9999)
    rate, at = rasters.to_geographic(scene.rate, scene.gaps)
    rate = rasters.quantise(rate, rasters.RATE_STEP)
    place = {"transform": at, "crs": GEOGRAPHIC_CRS, "nodata": np.nan}
    rasters.write(out / "deformation.tif", rate, line_of_sight.CONVENTION, **place)
    legend = "; ".join(f"{code} {name}" for code, name in CONFUSERS.items())
    rasters.write(out / "confusers.tif", confusers(scene), legend)


def write_outlines(out: Path, scene: Watershed, seed: int) -> int:
    """Lithology, inventory and truth into the folder `out`; returns the number left out."""
    outlines.write(out / "lithology.gpkg", outlines.lithology(scene.relief.unit))
    truth = outlines.landslides(scene.slides.label, scene.slides.table, seed)
    outlines.write(out / "truth.gpkg", truth)
    mapped = truth.loc[truth["mapped"] == 1, ["id", "area_ha", "geometry"]]
    outlines.write(out / "inventory.gpkg", mapped)
    return len(truth) - len(mapped)


def summary(scene: Watershed, left_out: int) -> dict:
    """Figures of the scene: shares between 0 and 1, ranges in metres and mm/yr."""
    label, rate = scene.slides.label, scene.rate[~scene.gaps]
    kinds = [row["kind"] for row in scene.slides.table]
    z = scene.people.elevation
    return {
        "landslides": len(kinds),
        "fresh": kinds.count("fresh"),
        "slow": kinds.count("slow"),
        "left_out": left_out,
        "imbalance": round(float((label == 0).sum() / (label > 0).sum()), 1),
        "deformation_gaps": round(float(scene.gaps.mean()), 4),
        "elevation_range_m": [round(float(v), 1) for v in (z.min(), z.max())],
        "deformation_range_mm_yr": [round(float(v), 1) for v in (rate.min(), rate.max())],
    }


def generate(
    out: Path, size: int = 2048, seed: int = 7, report: Callable[[str, float], None] = ignore
) -> dict:
    """Write the synthetic watershed of `size` x `size` cells of 12.5 m into the folder `out`.

    `report` is called with a stage in words and the fraction done, 0 to 1. Returns the summary
    that scene.json holds, with the names of the files. The same seed and size give the same
    files. Raises ValueError for a size that is not between 256 and 4096.
    """
    scene = build(size, seed, report)
    report("Writing rasters and polygons", 0.92)
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    write_rasters(out, scene)
    facts = {"synthetic": True, "generator": VERSION, "seed": seed, "size": size}
    facts |= summary(scene, write_outlines(out, scene, seed))
    facts["line_of_sight"] = {
        "unit_vector_east_north_up": [round(v, 6) for v in line_of_sight.VECTOR],
        "look_azimuth_degrees": line_of_sight.LOOK_AZIMUTH_DEGREES,
        "incidence_degrees": line_of_sight.INCIDENCE_DEGREES,
        "pass": "ascending, right-looking",
        "sign": line_of_sight.CONVENTION,
        "unit": "mm/yr",
    }
    names = [f"S2_{name}.tif" for name in reflectance.BANDS]
    names += ["DEM.tif", "deformation.tif", "lithology.gpkg", "inventory.gpkg"]
    facts["files"] = [*names, "truth.gpkg", "confusers.tif", "scene.json"]
    (out / "scene.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    report("Done", 1.0)
    return facts
