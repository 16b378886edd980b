"""What came of a stack: everything that the report says, as sbas.json has it."""

import json
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Self

from core import atomic
from core.errors import NotFound
from core.scene.interferograms.network import Network, fastest_mm_yr
from core.scene.sbas.survey import Pair, Survey

FILE = "sbas.json"


@dataclass(frozen=True)
class Span:
    """Pairs of one length: how many, and the fastest sharp-edged motion that they can show."""

    days: int
    pairs: int
    fastest_mm_yr: float


@dataclass(frozen=True)
class Outcome:
    """`steps` what each step did ("off" where switched off); `pairs` all there are, `whole_pairs`
    the cycles taken off pairs everywhere, by name; `spans` from the shortest pairs to the longest;
    `figures` of the rate and its layers; `layers` file name -> what it is; `zeros` radians that the
    used pairs have at the reference, by name, whole cycles among them."""

    dates: tuple[str, ...]
    pairs: tuple[Pair, ...]
    pairs_used: int
    triplets: int
    islands: int
    wavelength_m: float
    grid: dict[str, Any]
    settings: dict[str, Any]
    steps: dict[str, str]
    reference: dict[str, Any]
    whole_pairs: dict[str, int]
    spans: tuple[Span, ...]
    datum: dict[str, Any]
    figures: dict[str, float | int | None]
    layers: dict[str, str]
    looked_at: float
    warnings: tuple[str, ...] = field(default=())
    zeros: dict[str, float] = field(default_factory=dict)

    @property
    def network(self) -> Network:
        """The network of the pairs that were used, their baselines aside."""
        days = tuple(date.fromisoformat(day) for day in self.dates)
        at = {day: n for n, day in enumerate(self.dates)}
        return Network(days, tuple((at[p.first], at[p.second]) for p in self.used))

    @property
    def used(self) -> tuple[Pair, ...]:
        """The pairs that the rate is made of."""
        return tuple(pair for pair in self.pairs if not pair.left_out)

    def to_json(self) -> dict[str, Any]:
        """Plain values, no NaN among them."""
        value = asdict(self)
        for pair, each in zip(value["pairs"], self.pairs):
            pair["name"] = each.name
        return json.loads(json.dumps(value, allow_nan=False))

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        pairs = tuple(
            Pair(**{k: v for k, v in each.items() if k != "name"}) for each in value["pairs"]
        )
        spans = tuple(Span(**each) for each in value["spans"])
        words = {name: tuple(value[name]) for name in ("dates", "warnings")}
        return cls(**{**value, **words, "pairs": pairs, "spans": spans})


def read(folder: Path) -> Outcome:
    """The outcome in a folder that the chain has written."""
    value = atomic.read_json(folder / FILE)
    if value is None:
        raise NotFound(
            f"Scene '{folder.parent.name}' has no rate of interferograms: import it with the stack "
            "as its deformation."
        )
    return Outcome.from_json(value)


def spans_of(found: Survey, wavelength_m: float) -> tuple[Span, ...]:
    """The network's pairs by length, shortest first."""
    days = [int(d) for d in found.network.spans_days]
    return tuple(
        Span(d, days.count(d), round(fastest_mm_yr(d, wavelength_m), 1)) for d in sorted(set(days))
    )
