"""How a stack of interferograms becomes a rate: every step of the chain as an option."""

from dataclasses import dataclass
from typing import Literal

from core.errors import SlideScopeError
from core.request import names, option

Weights = Literal["coherence", "none"]
Cycles = Literal["search", "drop", "none"]
Gaps = Literal["rate", "rest"]
Height = Literal["linear", "quadratic", "none"]


def pixel_of(text: str) -> tuple[int, int]:
    """
    >>> pixel_of("8,9")
    (8, 9)
    """
    try:
        column, row = (int(part) for part in text.split(","))
    except ValueError:
        raise SlideScopeError(
            f"Invalid reference pixel '{text}': it is column and row of the stack's grid, counted "
            "from 0; write them as 8,9."
        ) from None
    return column, row


@dataclass(frozen=True, kw_only=True)
class MaskSettings:
    """Which pixels' rates are kept; the others are no data."""

    min_temporal_coherence: float = option(
        "least temporal coherence of a pixel that is kept",
        0.7,
        title="Least temporal coherence",
        least=0.0,
        most=1.0,
        step=0.01,
    )
    min_pairs: float = option(
        "least share of the pairs that a kept pixel has",
        0.5,
        title="Least share of pairs",
        least=0.0,
        most=1.0,
        step=0.05,
    )
    max_rate_error: float | None = option(
        "largest standard error of the rate of a pixel that is kept",
        title="Largest error",
        unit="mm/yr",
        least=0.0,
        metavar="MM_YR",
    )
    islands: Literal["any", "1"] = option(
        "pixels whose pairs fall apart into groups of dates",
        "any",
        title="Islands of dates",
        choices={"any": "are kept, marked in a layer", "1": "are left out"},
    )


@dataclass(frozen=True, kw_only=True)
class SbasSettings(MaskSettings):
    """Defaults suit slides on mostly stable ground, with wrongly unwrapped patches."""

    max_days: int | None = option(
        "leave out pairs that span more days",
        title="Longest pairs, days",
        unit="days",
        least=1,
        metavar="DAYS",
    )
    drop: tuple[str, ...] = names(
        "leave out pairs (20210109_20210121) and all pairs of a date (20210202)",
        title="Pairs left out",
        metavar="PAIR,DATE",
    )
    reference_pixel: tuple[int, int] | None = option(
        "pixel of the stack that does not move, as column,row; otherwise a box of high coherence",
        title="Reference pixel",
        metavar="COLUMN,ROW",
        read=pixel_of,
        write=lambda pixel: ",".join(map(str, pixel)),
        whole=True,
    )
    cycles: Cycles = option(
        "what is done about phases that are whole cycles off",
        "search",
        title="Whole cycles",
        choices={
            "search": "find and put them right",
            "drop": "leave a pair out where all its triplets disagree",
            "none": "nothing",
        },
    )
    weights: Weights = option(
        "what a pair counts in the inversion",
        "coherence",
        title="Weights",
        choices={"coherence": "by the noise that its coherence promises", "none": "all the same"},
    )
    gaps: Gaps = option(
        "how a series goes on between dates that no pair joins",
        "rate",
        title="Gaps",
        choices={"rate": "at the pixel's mean rate", "rest": "it stands still (least velocity)"},
    )
    datum: Literal["stable", "none"] = option(
        "what the rate is relative to",
        "stable",
        title="Datum",
        choices={
            "stable": "ground that does not move, date by date",
            "none": "the reference pixel or box as it is; no ramp and no height either",
        },
    )
    ramp: bool = option("take off a plane across the map, date by date", True, title="Ramp")
    height_delay: Height = option(
        "delay of the air with height, taken off date by date",
        "linear",
        title="Delay with height",
        choices={"linear": "linear", "quadratic": "quadratic", "none": "none"},
    )
    annual: bool = option(
        "fit a yearly cycle beside the rate, from 1.5 years on", False, title="Yearly cycle"
    )
    series: bool = option(
        "keep the displacement at every date, for a click (2 bytes a pixel and date)",
        True,
        title="Series",
    )

    @property
    def steps(self) -> dict[str, str]:
        """Every step of the chain with what it does: "off" where it is switched off."""
        off = self.datum == "none"
        return {
            "cycles": "off" if self.cycles == "none" else self.cycles,
            "weights": "off" if self.weights == "none" else self.weights,
            "gaps": self.gaps,
            "datum": "off" if off else self.datum,
            "ramp": "off" if off or not self.ramp else "plane",
            "height": "off" if off or self.height_delay == "none" else self.height_delay,
            "annual": "yearly cycle" if self.annual else "off",
        }
