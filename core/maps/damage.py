"""Display rasters of runs that are missing or damaged, and how they come back: made again from the
prediction, which is what counts."""

from collections.abc import Iterator
from dataclasses import dataclass

import rasterio
from rasterio.errors import RasterioError

from core import access
from core.display import display, raster
from core.errors import SlideScopeError
from core.maps import layers
from core.runs import intact
from core.runs import store as runs
from core.runs.store import Run
from core.scene.store import Scene


@dataclass(frozen=True)
class Damage:
    """A display raster of `run` that cannot be shown: `probability`, `uncertainty` or
    `applicability`."""

    run: Run
    layer: str

    @property
    def key(self) -> str:
        return f"{self.run.id} {self.layer}"


def of_scene(scene: Scene) -> list[Damage]:
    """What is damaged of the runs that can be shown on this state of the scene."""
    found = []
    for run in runs.runs():
        # Most runs of a full workspace have no map of this scene.
        if not run.prediction(scene.name).is_dir() or run.outdated(scene.name, scene.fingerprint):
            continue
        changed = intact.wrong_with_map(run, scene.name)
        for layer in _expected(run, scene):
            display_raster = layers.run_raster(run.id, scene.name, layer)
            if changed or raster.version(display_raster) is None:
                found.append(Damage(run, layer))
    return found


def _expected(run: Run, scene: Scene) -> Iterator[str]:
    folder = run.prediction(scene.name)
    for layer in ("probability", layers.UNCERTAINTY, layers.APPLICABILITY):
        if (folder / f"{layer}.tif").exists():
            yield layer


def repair(damage: Damage, scene: Scene) -> None:
    """Make the display raster again; a SlideScopeError where the prediction is damaged itself."""
    access.need(access.EDITOR, "preparing a map layer")
    intact.check_map(damage.run, scene.name)
    folder = damage.run.prediction(scene.name)
    source = folder / f"{damage.layer}.tif"
    try:
        with rasterio.open(source, driver="GTiff") as file:
            fits = file.shape == scene.grid.shape
        if fits:
            display.prepare_prediction(folder, scene, damage.layer)
            return
    except RasterioError:
        pass
    raise SlideScopeError(
        f"The map of {damage.run.title} ('{damage.run.id}') cannot be shown: '{source.name}' is "
        "missing or damaged; predict it again with `python -m core predict "
        f"{damage.run.id} --scene {scene.name}`."
    )
