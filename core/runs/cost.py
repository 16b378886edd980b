"""What a network costs: its size, its arithmetic, and the time that its map took."""

from dataclasses import dataclass

from core import atomic
from core.runs.store import MADE_OF, Run
from core.scene.store import Scene
from models.catalogue import GFLOP

LEFT_OUT = "loading the network and outlining left out"


@dataclass(frozen=True)
class Cost:
    """`gflop` of a preset for one tile of 128 px with ten channels; `seconds_per_km2` wall-clock,
    on `device`: this machine's, or where the map was `packed` that came with the software. None
    where it is not known or was not measured."""

    parameters: int | None
    gflop: float | None
    seconds_per_km2: float | None
    device: str | None
    packed: bool = False


def of(run: Run, scene: Scene) -> Cost:
    """The cost of `run`, its time that of its map of `scene`."""
    card = run.model_card() or {}
    gflop = GFLOP.get(run.config.model, {}).get(run.config.preset)
    made = atomic.read_json(run.prediction(scene.name) / MADE_OF) or {}
    spent = made.get("cost") or {}
    seconds, area = spent.get("seconds"), scene.grid.pixel_km2
    pace = None
    if seconds is not None and area:
        pace = seconds / (area * scene.grid.width * scene.grid.height)
    packed = bool(spent.get("packed"))
    return Cost(card.get("trainable_parameters"), gflop, pace, spent.get("device"), packed)
