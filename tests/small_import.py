"""A DEM of 48 x 48 pixels to import other files beside, and what comes of it."""

import json
from pathlib import Path

import numpy as np
import pytest
from rasterio.warp import transform
from shapely import box

from core.__main__ import main
from core.display import display
from core.scene import store
from tests import rasters

SIZE = 48
# Places of points in the scene, a rate for each.
PLACES = [(rasters.X + 50 + 40 * i, rasters.Y - 100 - 30 * i) for i in range(12)]
RATES = [-3.5 - i for i in range(12)]


def degrees() -> list[tuple[float, float]]:
    """(lon, lat) of the places."""
    lon, lat = transform(rasters.UTM, "EPSG:4326", *zip(*PLACES))
    return [(round(x, 7), round(y, 7)) for x, y in zip(lon, lat)]


def write_dem(folder: Path) -> None:
    rows, columns = np.mgrid[:SIZE, :SIZE]
    dem = 1500 + 9 * rows + 4 * columns + 5 * np.sin(rows)
    rasters.write(folder / "dem.tif", dem.astype(np.float32))


def square(x: float, y: float, side: float = 100):
    """A polygon whose upper left corner lies x and y metres from that of the scene."""
    left, top = rasters.X + x, rasters.Y - y
    return box(left, top - side, left + side, top)


def full(value: float, dtype: str = "float32") -> np.ndarray:
    return np.full((SIZE, SIZE), value, dtype)


def line(options: str, dem: str = "dem.tif") -> list[str]:
    """An import of a DEM (none where it is empty, or among the options) with these options."""
    return f"import new {f'--elevation {dem} ' if dem else ''}{options}".split()


def imported(options: str, capsys, dem: str = "dem.tif", drawn: bool = False) -> store.Scene:
    """The scene, without its map layers unless they are to be `drawn`: that takes half of an
    import's time, and hardly a test looks at them."""
    capsys.readouterr()
    with pytest.MonkeyPatch.context() as patch:
        if not drawn:
            patch.setattr(display, "prepare_scene", lambda *args: None)
        assert main([*line(options, dem), "--replace"]) == 0, capsys.readouterr().err
    return store.load("new")


def refused(
    options: str, capsys, dem: str = "dem.tif", ways: tuple[str, ...] = ("--dry-run", "--replace")
) -> str:
    """The sentence, which the dry run says as well where it can know (it looks at samples)."""
    told = set()
    for way in ways:
        capsys.readouterr()
        assert main([*line(options, dem), way]) == 2
        told.add(capsys.readouterr().err.strip().splitlines()[-1])
    (sentence,) = told
    assert sentence.endswith(".")
    return sentence


def noted(options: str, capsys) -> str:
    """The notes of the dry run, which the import keeps."""
    capsys.readouterr()
    assert main([*line(options), "--dry-run", "--json"]) == 0, capsys.readouterr().err
    notes = json.loads(capsys.readouterr().out.strip().splitlines()[-1])["notes"]
    kept = imported(options, capsys).notes
    assert set(notes) <= set(kept)
    return "\n".join(notes)
