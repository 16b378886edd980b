"""Loads libraries and asks them, in a process of its own: what is broken may take it down.

    python -m core.doctor.probe STEP...

A step is `load:MODULE`, `drivers`, `proj` or `gpu`. Of each it prints one line before, {"begun":
STEP}, and one after, {"step": STEP, "value": ..., "error": ...}; of a step that ends the process
there is the first alone.
"""

import importlib
import json
import os
import sys
from collections.abc import Callable
from typing import Any

# A point of Kashmir in degrees, and in metres of UTM zone 43 north.
PLACE, METRES = (74.0, 34.0), (407650.4, 3762606.7)


def main(steps: list[str]) -> None:
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # Whatever libraries print goes nowhere.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    for step in steps:
        _tell(told, {"begun": step})
        _tell(told, {"step": step, **answer(step)})


def _tell(told: Any, line: dict[str, Any]) -> None:
    told.write(json.dumps(line) + "\n")
    told.flush()


def answer(step: str) -> dict[str, Any]:
    kind, _, name = step.partition(":")
    asked: dict[str, Callable[[], Any]] = {
        "load": lambda: _load(name),
        "drivers": drivers,
        "proj": proj,
        "gpu": gpu,
    }
    try:
        return {"value": asked[kind](), "error": ""}
    except BaseException as error:
        first = (str(error).strip().splitlines() or [""])[0]
        return {"value": None, "error": f"{type(error).__name__}: {first}".rstrip(": ")}


def _load(name: str) -> str:
    """Where a module was loaded from."""
    module = importlib.import_module(name)
    return getattr(module, "__file__", None) or ""


def drivers() -> list[str]:
    """GDAL drivers that are needed and not there, as 'raster NAME' or 'vector NAME'."""
    import pyogrio
    from rasterio.env import Env

    from core.scene.files import formats

    with Env() as env:
        rasters = set(env.drivers())
    vectors = set(pyogrio.list_drivers())
    asked = {*formats.RASTER_DRIVERS.values(), *formats.CONTAINERS.values(), "COG", "VRT", "HFA"}
    missing = [f"raster {name}" for name in sorted(asked - rasters)]
    writable = {*formats.VECTOR_DRIVERS.values(), "XLSX", "CSV"}
    return missing + [f"vector {name}" for name in sorted(writable - vectors)]


def proj() -> str:
    """Where PROJ's data are; an error unless both libraries that use them know a place."""
    import pyproj
    from rasterio.warp import transform

    pair = ("EPSG:4326", "EPSG:32643")
    one = pyproj.Transformer.from_crs(*pair, always_xy=True).transform(*PLACE)
    two = transform(*pair, [PLACE[0]], [PLACE[1]])
    for x, y in (one, (two[0][0], two[1][0])):
        if not (abs(x - METRES[0]) < 1 and abs(y - METRES[1]) < 1):
            raise ValueError(f"a known place comes out at {x:.0f}, {y:.0f}")
    return pyproj.datadir.get_data_dir()


def gpu() -> list[str]:
    """What TensorFlow can compute on beside processors."""
    tensorflow = importlib.import_module("tensorflow")
    found = tensorflow.config.list_physical_devices("GPU")
    named = tensorflow.config.experimental.get_device_details
    return [named(each).get("device_name", each.name) for each in found]


if __name__ == "__main__":
    main(sys.argv[1:])
