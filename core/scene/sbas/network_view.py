"""The network of a stack as a page draws it, before the inversion and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from core.scene.interferograms import products
from core.scene.interferograms.network import Network
from core.scene.sbas.outcome import Outcome


@dataclass(frozen=True)
class Edge:
    """A pair between two `dates` by their index; `left_out` says why it is not used, empty where it
    is; `coverage` and `coherence` 0..1 or None."""

    name: str
    ends: tuple[int, int]
    days: int
    baseline_m: float | None
    coverage: float | None
    coherence: float | None
    left_out: str = ""


@dataclass(frozen=True)
class NetworkView:
    """`metres` across the orbit of every date, 0 where not `known`; `islands` of the pairs that are
    used, each the indices of its dates, lone dates aside."""

    dates: tuple[str, ...]
    metres: tuple[float, ...]
    known: bool
    edges: tuple[Edge, ...]
    islands: tuple[tuple[int, ...], ...]

    @property
    def used(self) -> tuple[Edge, ...]:
        return tuple(edge for edge in self.edges if not edge.left_out)

    def table(self) -> dict[str, list[Any]]:
        """A column each for the table of pairs, those left out last."""
        edges = sorted(self.edges, key=lambda e: (bool(e.left_out), e.name))
        return {
            "Pair": [e.name for e in edges],
            "Days": [e.days for e in edges],
            "Baseline, m": [e.baseline_m for e in edges],
            "Coverage": [e.coverage for e in edges],
            "Coherence": [e.coherence for e in edges],
            "Left out": [e.left_out for e in edges],
        }


def of_report(told: dict[str, Any]) -> NetworkView:
    """What a dry run tells of a stack (`core.scene.interferograms.report`)."""
    gone = [(each["name"], each["reason"]) for each in told["left_out"]]
    return _made(told["pairs"], gone)


def of_outcome(found: Outcome, left_out: Sequence[tuple[str, str]] = ()) -> NetworkView:
    """What came of a stack; `left_out`: name and reason of what was not even opened."""
    rows = [vars(pair) | {"name": pair.name} for pair in found.pairs]
    return _made(rows, left_out)


def _made(rows: Sequence[dict[str, Any]], gone: Sequence[tuple[str, str]]) -> NetworkView:
    have = {row["name"] for row in rows}
    missing = [_gone(name, reason) for name, reason in gone if name not in have]
    rows = [*rows, *(row for row in missing if row is not None)]
    dates = tuple(sorted({day for row in rows for day in (row["first"], row["second"])}))
    at = {day: n for n, day in enumerate(dates)}
    edges = tuple(
        Edge(
            row["name"],
            (at[row["first"]], at[row["second"]]),
            row["days"],
            row["baseline_m"],
            row["coverage"],
            row["coherence"],
            row.get("left_out", ""),
        )
        for row in rows
    )
    days = tuple(date.fromisoformat(day) for day in dates)
    ends = tuple(edge.ends for edge in edges)
    whole = Network(days, ends, tuple(edge.baseline_m for edge in edges))
    used = Network(days, tuple(edge.ends for edge in edges if not edge.left_out))
    return NetworkView(
        dates,
        tuple(round(float(m), 2) for m in positions(whole)),
        any(edge.baseline_m is not None for edge in edges),
        edges,
        tuple(island for island in used.islands if len(island) > 1),
    )


def _gone(name: str, reason: str) -> dict[str, Any] | None:
    """A row for a pair that was left out by its name; None where that has no two dates."""
    found = sorted({day for day, _ in products.dates_in(name)})
    if len(found) != 2:
        return None
    first, second = found
    return {
        "name": products.pair_name(first, second),
        "first": first.isoformat(),
        "second": second.isoformat(),
        "days": (second - first).days,
        "baseline_m": None,
        "coverage": None,
        "coherence": None,
        "left_out": reason,
    }


def positions(network: Network) -> np.ndarray:
    """(N,) float64 metres of every date from the pairs' baselines, by least squares; every island
    about 0, and 0 where none is known.

    >>> from datetime import date
    >>> days = tuple(date(2021, 1, n) for n in (1, 2, 3, 4))
    >>> positions(Network(days, ((0, 1), (1, 2)), (30.0, 30.0))).round(6).tolist()
    [-30.0, 0.0, 30.0, 0.0]
    """
    known = [
        (pair, metres)
        for pair, metres in zip(network.pairs, network.baselines_m)
        if metres is not None
    ]
    found = np.zeros(len(network.dates))
    if not known:
        return found
    matrix = np.zeros((len(known), len(found)))
    for row, ((first, second), _) in zip(matrix, known):
        row[first], row[second] = -1, 1
    # The least norm puts every island about 0.
    return np.linalg.lstsq(matrix, np.array([metres for _, metres in known]), rcond=None)[0]
