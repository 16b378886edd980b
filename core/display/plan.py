"""The plan of a scene's map layers: which there are, and how values become 8-bit display values."""

from dataclasses import dataclass

import numpy as np

from core.display import raster, stretch
from core.factors import ELEVATION
from core.scene.store import Scene

# A factor name has no hyphen, so these never meet one.
HILLSHADE, TRUE_COLOUR, REFERENCE = "hill-shade", "true-colour", "reference-mask"
FALSE_COLOUR = "false-colour"
# Put together from the display rasters of three bands: nothing is stored for them.
COLOURS = {TRUE_COLOUR: ("red", "green", "blue"), FALSE_COLOUR: ("nir", "red", "green")}


@dataclass(frozen=True)
class LayerPlan:
    """One layer to be: what to read, how to show it.

    `factor` is the band of the stack it is made of, none for the reference mask. True colour has
    no raster of its own: its tiles are put together from those of the three bands.
    """

    id: str
    title: str
    kind: str
    unit: str
    factor: str | None = None
    scale: stretch.Stretch | stretch.Classes | None = None
    classes: tuple[tuple[int, str], ...] = ()
    smoothing: raster.Smoothing = "nearest"

    def describe(self) -> dict:
        linear = self.scale if isinstance(self.scale, stretch.Stretch) else None
        return {
            "id": self.id,
            "title": self.title,
            "kind": self.kind,
            "unit": self.unit,
            "lo": float(linear.lo) if linear else None,
            "hi": float(linear.hi) if linear else None,
            "classes": [list(item) for item in self.classes],
        }


def plans_of(scene: Scene) -> list[LayerPlan]:
    """Return the plan of every factor, then hillshade, true colour and reference mask."""
    plans = [_factor_plan(scene, name) for name in scene.factor_names]
    if ELEVATION in scene.factor_names:
        shade = stretch.Stretch(0.0, 1.0)
        plans.append(
            LayerPlan(HILLSHADE, "Hillshade", "grey", "", ELEVATION, shade, (), "bilinear")
        )
    if set(COLOURS[TRUE_COLOUR]) <= set(scene.factor_names):
        plans.append(LayerPlan(TRUE_COLOUR, "True colour", "rgb", ""))
    if scene.mask_path is not None:
        classes = ((1, "no landslide"), (2, "landslide"))
        plans.append(LayerPlan(REFERENCE, "Reference mask", "mask", "", classes=classes))
    return plans


def _factor_plan(scene: Scene, name: str) -> LayerPlan:
    item = scene.factor(name)
    title, unit = item.known.title, item.unit
    if item.kind == "categorical":
        legend = {float(code): word for code, word in (item.legend or {}).items()}
        codes = sorted(legend) if legend else _codes(scene, name)
        shown = ((i + 1, legend.get(c, f"{c:g}")) for i, c in enumerate(codes[: stretch.STEPS]))
        scale = stretch.Classes(tuple(codes))
        return LayerPlan(name, title, item.kind, unit, name, scale, tuple(shown))
    # A bearing must not be averaged: between 359 and 1 degrees lies north, not south.
    smoothing: raster.Smoothing = "bilinear" if item.kind == "continuous" else "nearest"
    return LayerPlan(name, title, item.kind, unit, name, stretch.of(item), (), smoothing)


def _codes(scene: Scene, name: str) -> list[float]:
    """The class codes that occur, for a factor without a legend."""
    found = np.zeros(0)
    for window in raster.strips(scene.grid, 4 * len(scene.factors)):
        values = scene.read((name,), window)
        found = np.union1d(found, values[np.isfinite(values)])
    return found.tolist()
