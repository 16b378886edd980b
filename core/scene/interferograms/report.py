"""What a stack is and what would be done with it, before it is: the report of a dry run."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from core.scene.interferograms import products
from core.scene.interferograms.network import Network, fastest_mm_yr
from core.scene.interferograms.stack import Stack

_NAMED = 3


def report(stack: Stack, reference: str | None = None) -> dict:
    """Everything that a page or a dry run shows of a stack; strict JSON values.

    reference: in words, where the user has given one. A row a pair and the islands' dates are what
    the plot of the network needs; `spans` what motion pairs of each length can see.
    """
    net = stack.network
    return {
        "label": stack.found.label,
        "product": stack.found.product,
        "title": stack.found.title,
        "dates": [d.isoformat() for d in net.dates],
        "days": int(net.days[-1]),
        "pairs": _pairs(stack),
        "triplets": len(net.triplets),
        "islands": [[net.dates[n].isoformat() for n in group] for group in net.islands],
        "left_out": [
            {"name": k.name, "reason": k.reason, "sentence": k.sentence} for k in stack.left_out
        ],
        "others": {role: n for role, n in stack.found.others.items()},
        "reference": reference,
        "spans": spans(net, stack.wavelength_m),
        "wavelength_m": stack.wavelength_m,
        "grid": stack.grid.to_json(),
        "row_block": stack.row_block,
        "block_bytes": len(net.pairs) * stack.row_block * stack.grid.width * 8,
        "unpacked_bytes": stack.unpacked_bytes,
        "notes": [*stack.notes, *islands_sentence(net)],
    }


def _pairs(stack: Stack) -> list[dict]:
    return [
        {
            "name": pair.name,
            "first": pair.first.isoformat(),
            "second": pair.second.isoformat(),
            "days": (pair.second - pair.first).days,
            "baseline_m": pair.baseline_m,
            "coverage": round(float(seen.coverage), 4),
            "coherence": None if math.isnan(seen.coherence) else round(seen.coherence, 4),
        }
        for pair, seen in zip(stack.pairs, stack.looks)
    ]


def spans(network: Network, wavelength_m: float) -> list[dict]:
    """For every length of pairs how many there are and the fastest motion that they can see.

    >>> from datetime import date
    >>> spans(Network((date(2021, 1, 9), date(2021, 1, 21)), ((0, 1),)), 0.055465763)
    [{'days': 12, 'pairs': 1, 'fastest_mm_yr': 422.1}]
    """
    count = Counter(int(d) for d in network.spans_days)
    return [
        {
            "days": days,
            "pairs": count[days],
            "fastest_mm_yr": round(fastest_mm_yr(days, wavelength_m), 1),
        }
        for days in sorted(count)
    ]


def uncrossed(network: Network) -> list[int]:
    """Dates behind which the network is torn: no pair leads from one up to it to a later one.

    >>> from datetime import date
    >>> days = tuple(date(2021, 1, n) for n in (1, 2, 3, 4))
    >>> uncrossed(Network(days, ((0, 1), (2, 3))))
    [1]
    """
    crossed = np.zeros(len(network.dates), bool)
    for first, second in network.pairs:
        crossed[first:second] = True
    return [n for n in range(len(network.dates) - 1) if not crossed[n]]


def islands_sentence(network: Network) -> list[str]:
    """One sentence where the network falls into islands."""
    count = len(network.islands)
    if count < 2:
        return []
    torn = [network.dates[n].isoformat() for n in uncrossed(network)]
    more = ", ..." if len(torn) > _NAMED else ""
    where = f"no pair crosses {', '.join(torn[:_NAMED])}{more}" if torn else "no pair joins them"
    return [
        f"The network falls into {count} islands ({where}): the rate bridges them by the mean "
        "rate; `islands` shows where."
    ]


def lines(told: dict) -> list[str]:
    """The report as text, a sentence a line."""
    grid, pairs = told["grid"], told["pairs"]
    found = [
        f"Stack of interferograms: {told['title']}, '{told['label']}'.",
        f"{len(told['dates'])} dates from {told['dates'][0]} to {told['dates'][-1]} "
        f"({told['days']} days), {len(pairs)} pairs, {told['triplets']} triplets.",
        f"Grid: {grid['width']} x {grid['height']} pixels of {grid['transform'][0]:.6g}.",
        *_quality(pairs),
        *_fastest(told["spans"]),
        f"Reference: {told['reference'] or 'chosen where all pairs are coherent'}.",
        *told["notes"],
        *_beside(told["others"]),
        _size(told),
    ]
    return [*found, *(k["sentence"] for k in told["left_out"])]


def _quality(pairs: Sequence[dict]) -> list[str]:
    cover = [p["coverage"] for p in pairs]
    known = [p["coherence"] for p in pairs if p["coherence"] is not None]
    metres = [abs(p["baseline_m"]) for p in pairs if p["baseline_m"] is not None]
    told = f"Coverage {100 * min(cover):.0f} to {100 * max(cover):.0f} % of the pixels looked at"
    told += f", coherence {min(known):.2f} to {max(known):.2f}" if known else ""
    if not metres:
        return [f"{told}; perpendicular baselines are not known and drawn as 0."]
    unknown = len(pairs) - len(metres)
    told += f"; perpendicular baselines up to {max(metres):.0f} m"
    return [f"{told}{f', {unknown} not known' if unknown else ''}."]


def _fastest(found: Sequence[dict]) -> list[str]:
    """What pairs can see at a sharp edge: a quarter of the wavelength between neighbours."""
    short, long = found[0], found[-1]
    most, days = f"{short['fastest_mm_yr']:.0f}", short["days"]
    if long is short:
        return [
            f"Fastest motion that the pairs can see: {most} mm/yr ({days} days); faster slides "
            "with sharp edges are unwrapped wrongly."
        ]
    return [
        f"Fastest motion that the pairs can see: {most} mm/yr ({days} days); "
        f"{long['fastest_mm_yr']:.0f} by the longest ({long['days']} days); faster slides with "
        "sharp edges are unwrapped wrongly."
    ]


def _beside(others: dict) -> list[str]:
    if not others:
        return []
    known = [f"{products.WORDS[role]} ({n})" for role, n in sorted(others.items())]
    return [f"Recognised beside the phases: {', '.join(known)}."]


def _size(told: dict) -> str:
    text = f"Read in blocks of {told['row_block']} rows, {told['block_bytes'] / 1e6:.1f} MB each"
    unpacked = told["unpacked_bytes"]
    return f"{text}; {unpacked / 1e9:.1f} GB are unpacked to scratch." if unpacked else f"{text}."
