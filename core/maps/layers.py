"""The layers a map can show: what they are called, where their tiles are, how to read them."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any, TypedDict
from urllib.parse import quote

from core import paths, stored
from core.display import display, raster
from core.display.display import APPLICABILITY, UNCERTAINTY, UNCERTAINTY_RANGE
from core.errors import NotFound
from core.factors import factor
from core.language.translation import message
from core.learning.split import record
from core.maps import changes, colours, splits
from core.runs import applicability, intact, run_files
from core.runs import store as runs
from core.scene.store import Scene, SceneFactor
from core.shapes import Within

PREFIX = "maps"
BASELINE = "baseline_rf"
SPLIT = "split"


class Described(TypedDict):
    """A layer in layers.json."""

    id: str
    title: str
    kind: str
    unit: str
    lo: float | None
    hi: float | None
    classes: list[tuple[int, str]]


class Prepared(TypedDict):
    """layers.json"""

    version: str
    georeferenced: bool
    outlines: bool
    layers: list[Described]
    bounds: list[list[float]]
    zoom: Annotated[int, Within(0, 40)]


PREPARED = stored.json_of(Prepared)


@dataclass(frozen=True)
class Layer:
    """One layer of the map.

    `kind`: continuous, circular, categorical, probability, mask, change, count, grey or rgb.
    Display values 1..255 run from `lo` to `hi` in `unit` (continuous, circular), number `classes`
    (categorical, mask, change, count) or are the 200 bins of a probability. `url` is relative to
    the server's base path; `table` names 256 colours of `core.maps.colours`. A layer with `parts`,
    (url, kind) each, is made of them in the browser by the `rule` of `core.maps.combined`; its
    `url` only tells it apart. `hatched` are the values drawn as a hatch: nothing is known there.
    """

    id: str
    title: str
    kind: str
    unit: str
    url: str
    table: str
    lo: float | None = None
    hi: float | None = None
    classes: tuple[tuple[int, str], ...] = ()
    parts: tuple[tuple[str, str], ...] = ()
    rule: str = ""
    hatched: tuple[int, ...] = ()

    @property
    def ends(self) -> tuple[float, float]:
        """`lo` and `hi` of a layer whose values are numbers."""
        if self.lo is None or self.hi is None:
            raise ValueError(f"Layer '{self.id}' shows classes, not numbers.")
        return self.lo, self.hi

    def to_json(self) -> dict:
        return asdict(self)


def prepared(scene: Scene) -> dict[str, Any]:
    """Return layers.json of the scene: version, georeferenced, bounds, zoom, outlines, layers."""
    of = f"the map of scene '{scene.name}'"
    cure = "import the scene again with --replace"
    value = stored.known(f"{scene.path}/display/layers.json", PREPARED, of, cure)
    if value is None:
        raise NotFound(
            f"Scene '{scene.name}' has no map layers: its import did not end; import it again "
            "with --replace."
        )
    return value


def are_whole(scene: Scene) -> bool:
    """Whether there is a layers.json that can be read."""
    return stored.usable(scene.path / "display" / "layers.json", Prepared) is not None


def scene_layers(scene: Scene) -> tuple[Layer, ...]:
    """Hillshade, true and false colour where there are, the reference mask, then every factor."""
    value = prepared(scene)
    items = list(value["layers"])
    if set(display.COLOURS[display.FALSE_COLOUR]) <= {item["id"] for item in items}:
        items.append(display.LayerPlan(display.FALSE_COLOUR, "False colour", "rgb", "").describe())
    made = [_scene_layer(scene, item, value["version"]) for item in items]
    first = (display.HILLSHADE, display.TRUE_COLOUR, display.FALSE_COLOUR, display.REFERENCE)
    rank = {layer_id: i for i, layer_id in enumerate(first)}
    return tuple(sorted(made, key=lambda layer: rank.get(layer.id, len(first))))


def prediction_layers(scene: Scene) -> tuple[Layer, ...]:
    """The probability of every run whose prediction for this scene can be shown, newest first.

    A run's pixel baseline follows it. Left out: runs trained on an earlier import of the scene,
    whose pixels may lie elsewhere, and predictions that were changed since or have no whole display
    raster (`core.maps.damage`).
    """
    found = []
    for run in runs.runs():
        own = run.config.scene == scene.name
        if run.outdated(scene.name, scene.fingerprint):
            continue
        # A scene without an inventory has a map and no counts.
        if not intact.wrong_with_map(run, scene.name):
            found += _probability(run, scene, "probability", run.map_title(scene.name))
        if own:
            title = f"Pixel random forest · {run.config.dataset.upper()}"
            found += _probability(run, scene, BASELINE, title)
    return tuple(found)


def change_layers(scene: Scene) -> list[tuple[Layer, changes.Change]]:
    """Gained and lost pixels of every pair of every experiment on this scene, newest first."""
    found = []
    for change in changes.of_scene(scene):
        path = f"experiment/{quote(change.experiment)}/{quote(change.id)}"
        url = _tiles(path, f"{change.raster.stat().st_mtime_ns:x}")
        layer_id = f"change:{change.experiment}:{change.id}"
        # The legend has no room for more; the side says the rest.
        title, table, named = "Gained and lost", colours.CHANGES, changes.CLASSES
        found.append((Layer(layer_id, title, "change", "", url, table, classes=named), change))
    return found


def split_layers(scene: Scene) -> tuple[Layer, ...]:
    """The different splits of the runs on this scene, newest first."""
    found = []
    for shown in splits.of_scene(scene):
        path = f"run/{quote(shown.run.id)}/{quote(scene.name)}/{SPLIT}"
        url = _tiles(path, f"{shown.raster.stat().st_mtime_ns:x}")
        layer_id = f"{SPLIT}:{shown.id}"
        layer = Layer(layer_id, shown.title, "categorical", "", url, colours.SPLIT)
        found.append(replace(layer, classes=record.CLASSES))
    return tuple(found)


def uncertainty_layers(scene: Scene) -> tuple[Layer, ...]:
    """Uncertainty of every run that was predicted with it: the spread of its answers over flips
    and turns, as a standard deviation."""
    found = []
    for run in runs.runs():
        version = raster.version(run_raster(run.id, scene.name, UNCERTAINTY))
        if version and not run.outdated(scene.name, scene.fingerprint):
            path = f"run/{quote(run.id)}/{quote(scene.name)}/{UNCERTAINTY}"
            url = _tiles(path, version)
            name, title = f"{UNCERTAINTY}:{run.id}", f"{message('Uncertainty')} · {run.title}"
            table = colours.PROBABILITY
            found.append(Layer(name, title, "continuous", "", url, table, *UNCERTAINTY_RANGE))
    return tuple(found)


def applicability_layers(scene: Scene) -> tuple[Layer, ...]:
    """Dissimilarity of the ground from that which each run learned from, where it was measured."""
    found = []
    for run in runs.runs():
        version = raster.version(run_raster(run.id, scene.name, APPLICABILITY))
        about = applicability.load(run, scene.name)
        if version and about and not run.outdated(scene.name, scene.fingerprint):
            url = _tiles(f"run/{quote(run.id)}/{quote(scene.name)}/{APPLICABILITY}", version)
            title = f"Unlike training (from {about['threshold']:.2f}) · {run.title}"
            ends = 0.0, about["shown_to"]
            name, table = f"{APPLICABILITY}:{run.id}", colours.PROBABILITY
            found.append(Layer(name, title, "continuous", "", url, table, *ends))
    return tuple(found)


def run_raster(run: str, scene: str, layer: str) -> Path:
    """Path of a run's display raster; `layer` is `probability`, `uncertainty`, `applicability`,
    `baseline_rf` or `split`."""
    folder = paths.runs_folder() / paths.known_name(run)
    if layer == BASELINE:
        return folder / BASELINE / "display" / run_files.PROBABILITY
    prediction = folder / "predictions" / paths.known_name(scene)
    if layer == SPLIT:
        return record.file_in(prediction)
    name = layer if layer in (UNCERTAINTY, APPLICABILITY) else "probability"
    return prediction / "display" / f"{name}.tif"


def scene_rasters(scene: str, layer: str) -> tuple[Path, ...]:
    """Paths of the display rasters a scene's layer is made of: three for true or false colour."""
    folder = paths.scenes_folder() / paths.known_name(scene) / "display"
    names = display.COLOURS.get(layer) or (paths.known_name(layer),)
    return tuple(folder / f"{name}.tif" for name in names)


def outlines_file(scene: str) -> Path:
    """Path of the reference outlines of a scene."""
    return paths.scenes_folder() / paths.known_name(scene) / "display" / "outlines.json"


def outlines_url(scene: Scene) -> str | None:
    """Address of the reference outlines relative to the base path, None without an inventory."""
    value = prepared(scene)
    if not value["outlines"]:
        return None
    return f"{PREFIX}/outlines/{quote(scene.name)}.json?v={value['version']}"


def _scene_layer(scene: Scene, item: dict, version: str) -> Layer:
    path = f"scene/{quote(scene.name)}/{quote(item['id'])}"
    classes = tuple((int(value), word) for value, word in item["classes"])
    table = _table(item["id"], item["kind"], len(classes))
    hatched = colours.values(item["id"], classes)
    if item["kind"] == "categorical" and item["id"] in scene.factor_names:
        classes, table = _as_said(scene.factor(item["id"]), classes, table)
    about = {**item, "classes": classes}
    return Layer(**about, hatched=hatched, url=_tiles(path, version), table=table)


def class_colours(scene: Scene, name: str) -> dict[str, str]:
    """The colour on the map of every class of a factor, by code."""
    item = scene.factor(name)
    codes = sorted(item.legend or {}, key=float)
    table = next(layer.table for layer in scene_layers(scene) if layer.id == name)
    return dict(zip(codes, colours.table(table)))


def _as_said(
    item: SceneFactor, classes: tuple[tuple[int, str], ...], table: str
) -> tuple[tuple[tuple[int, str], ...], str]:
    """The classes, in the order of their codes, as they were called and coloured later."""
    codes = sorted(item.legend or {}, key=float)[: len(classes)]
    if len(codes) < len(classes) or not (item.names or item.colours):
        return classes, table
    called, said = item.called, item.colours or {}
    named = tuple((value, called[code]) for (value, _), code in zip(classes, codes))
    if not said:
        return named, table
    usual = colours.table(table)
    return named, colours.OWN + ",".join(said.get(c, usual[n]) for n, c in enumerate(codes))


def _table(layer_id: str, kind: str, classes: int) -> str:
    if kind in ("grey", "rgb"):
        return colours.GREY
    if kind == "categorical" and classes <= len(colours.OKABE_ITO):
        return colours.CATEGORIES
    return factor(layer_id, categorical=kind in ("categorical", "mask")).colours


def _probability(run: runs.Run, scene: Scene, layer: str, title: str) -> list[Layer]:
    version = raster.version(run_raster(run.id, scene.name, layer))
    if not version:
        return []
    url = _tiles(f"run/{quote(run.id)}/{quote(scene.name)}/{layer}", version)
    kind = "run" if layer == "probability" else "baseline"
    return [Layer(f"{kind}:{run.id}", title, "probability", "", url, colours.PROBABILITY, 0.0, 1.0)]


def _tiles(path: str, version: str) -> str:
    return f"{PREFIX}/tiles/{path}/{{z}}/{{x}}/{{y}}?v={version}"
