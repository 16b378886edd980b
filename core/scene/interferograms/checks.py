"""What a stack has to be, each rule with its sentence."""

from collections.abc import Sequence
from datetime import date

from core.errors import SlideScopeError
from core.language.translation import message
from core.scene.interferograms.found import Found, Interferogram, LeftOut
from core.scene.interferograms.network import SENTINEL1_WAVELENGTH_M, Network
from core.scene.interferograms.pixels import Look
from core.scene.interferograms.products import SENTINEL1, dates_in, pair_name
from core.scene.interferograms.survey import Pair

LEAST_DATES, LEAST_DAYS = 5, 60
# Below these a rate is made, and called uncertain.
GOOD_DAYS = 90
WRAPPED = (
    "All values lie within -pi..pi: these look wrapped; give the unwrapped phase "
    "(`*_unw_phase.tif`)."
)
# From P band down to X band, metres.
_SHORTEST, _LONGEST = 0.02, 1.0
_SAME_WAVELENGTH = 1e-3
_NAMED = 3


def asked_for(
    found: Found, drop: Sequence[str], max_days: float | None
) -> tuple[list[Interferogram], list[LeftOut]]:
    """The pairs without those that the user drops; refuse what names none."""
    kept, left_out = list(found.pairs), []
    if max_days is not None and not max_days > 0:
        raise SlideScopeError(
            f"--max-days {max_days:g} keeps no pair: give the days that the longest pair may span."
        )
    for text in drop:
        days = _dropped(text)
        gone = [p for p in kept if set(days) <= {p.first, p.second}]
        if not gone:
            raise SlideScopeError(
                f"--drop {text} is no pair or date of '{found.label}': write a pair as "
                f"{found.pairs[0].name} or a date as {found.pairs[0].first:%Y%m%d}."
            )
        kept = [p for p in kept if p not in gone]
        left_out += [LeftOut(p.name, f"was dropped (--drop {text})") for p in gone]
    if max_days is not None:
        long = [p for p in kept if (p.second - p.first).days > max_days]
        kept = [p for p in kept if p not in long]
        left_out += [
            LeftOut(p.name, f"spans {(p.second - p.first).days} days (--max-days {max_days:g})")
            for p in long
        ]
    return kept, left_out


def _dropped(text: str) -> tuple[date, ...]:
    days = tuple(day for day, _ in dates_in(text))
    if len(days) not in (1, 2):
        raise SlideScopeError(
            f"--drop '{text}' is not understood: write a pair as 20210109_20210121 or a date as "
            "20210109."
        )
    return days


def one_track(pairs: Sequence[Interferogram]) -> None:
    """Refuse pairs of several tracks or frames, as far as names and side-cars tell."""
    for what, of in (("tracks", lambda p: p.track), ("frames", lambda p: p.frame)):
        known = sorted({of(p) for p in pairs} - {None})
        if len(known) > 1:
            raise SlideScopeError(several(what, known))


def several(what: str, known: Sequence[str]) -> str:
    """
    >>> several("tracks", ["62", "135"])[:59]
    'Pairs of two tracks (orbits 62 and 135): one stack needs on'
    """
    number = {2: message("two"), 3: message("three")}.get(len(known), str(len(known)))
    named = " and ".join(known[:_NAMED]) + (", ..." if len(known) > _NAMED else "")
    if what == "tracks" and all(k.isdigit() for k in known):
        named = f"orbits {named}"
    if what == "tracks":
        return (
            f"Pairs of {number} tracks ({named}): one stack needs one track; give the pairs of one "
            "of them."
        )
    return (
        f"Pairs of {number} frames ({named}): one stack needs one frame; give the pairs of one of "
        "them."
    )


def readable(
    pairs: Sequence[Interferogram], looks: Sequence[Look]
) -> tuple[list[int], list[LeftOut]]:
    """Which pairs have a phase that can be used, and why the others have none."""
    kept, left_out = [], []
    for m, (pair, seen) in enumerate(zip(pairs, looks)):
        if seen.damage:
            left_out.append(LeftOut(pair.name, f"is damaged ('{seen.damage}')"))
        elif not seen.coverage:
            left_out.append(LeftOut(pair.name, "has no data in the common area"))
        elif seen.wrapped:
            left_out.append(LeftOut(pair.name, "looks wrapped (all values within -pi..pi)"))
        else:
            kept.append(m)
    return kept, left_out


def enough(network: Network, found: Found, left_out: Sequence[LeftOut]) -> None:
    """Refuse a stack that a rate cannot rest on."""
    if not network.pairs:
        raise SlideScopeError(nothing_left(found, left_out))
    if len(network.pairs) == 1:
        raise SlideScopeError(
            f"'{found.label}' holds one interferogram "
            f"({pair_name(network.dates[0], network.dates[1])}): one of them is not a rate; give "
            "the folder of all pairs as a stack."
        )
    days = int(network.days[-1])
    if len(network.dates) < LEAST_DATES or days < LEAST_DAYS:
        out = f" ({len(left_out)} are left out, {left_out[0].name} first)" if left_out else ""
        raise SlideScopeError(
            f"Only {len(network.dates)} dates over {days} days: a rate needs at least "
            f"{LEAST_DATES} dates and {GOOD_DAYS} days; give more pairs{out}."
        )


def damaged(pair: str, error: SlideScopeError) -> SlideScopeError:
    """What is said where a pair turns out to be damaged while it is read."""
    file = str(error).partition(" cannot be read")[0]
    return SlideScopeError(
        f"{file} of pair {pair} is damaged: copy it again, or leave it out with --drop {pair}."
    )


def nothing_left(found: Found, left_out: Sequence[LeftOut]) -> str:
    first = f" ({left_out[0].name} {left_out[0].reason})" if left_out else ""
    return (
        f"'{found.label}' has no pair that can be used{first}: give unwrapped phases of at least "
        f"{LEAST_DATES} dates."
    )


def wavelength_of(
    found: Found, named: Sequence[float], given: float | None
) -> tuple[float, list[str]]:
    """The radar's wavelength in metres, and what is to be said of it."""
    if given is not None:
        if not _SHORTEST <= given <= _LONGEST:
            raise SlideScopeError(
                f"Wavelength {given:g} m is out of range: give metres between {_SHORTEST:g} and "
                f"{_LONGEST:g}; Sentinel-1 has {SENTINEL1_WAVELENGTH_M:.4f}."
            )
        return given, [f"The wavelength is {given * 1000:.4g} mm, as asked."]
    if named:
        if max(named) - min(named) > _SAME_WAVELENGTH * max(named):
            raise SlideScopeError(
                f"Pairs of two wavelengths ({min(named):.4g} and {max(named):.4g} m): one stack "
                "needs one radar; give the pairs of one of them."
            )
        return named[0], [f"The wavelength is {named[0] * 1000:.4g} mm, as the files say."]
    metres = SENTINEL1_WAVELENGTH_M
    if found.product in SENTINEL1:
        return metres, [f"The wavelength is {metres * 1000:.4g} mm (Sentinel-1)."]
    return metres, [
        f"The wavelength is not in the files: C band is assumed ({metres * 1000:.4g} mm, "
        "Sentinel-1); --wavelength says another."
    ]


def notes(
    network: Network,
    pairs: Sequence[Interferogram],
    stored: Sequence[Pair],
    looks: Sequence[Look],
) -> list[str]:
    """Sentences about what the stack has, but not as it should."""
    told = []
    without = [p.name for p, s in zip(pairs, stored) if s.coherence is None]
    broken = [k.no_coherence for k in looks if k.no_coherence]
    if len(without) == 1:
        told.append(f"{without[0]} has no coherence; weights are off.")
    elif without:
        more = ", ..." if len(without) > _NAMED else ""
        told.append(
            f"{len(without)} of {len(pairs)} pairs have no coherence "
            f"({', '.join(without[:_NAMED])}{more}); weights are off."
        )
    told += [f"'{name}' is damaged, so that its pair has no coherence." for name in broken]
    days = int(network.days[-1])
    if days < GOOD_DAYS:
        told.append(
            f"{len(network.dates)} dates over {days} days are few: a rate should rest on "
            f"{GOOD_DAYS} days or more."
        )
    turned = sum(p.swapped for p in pairs)
    if turned:
        told.append(
            f"{turned} {'pair has' if turned == 1 else 'pairs have'} the later date first: turned "
            "round."
        )
    return told
