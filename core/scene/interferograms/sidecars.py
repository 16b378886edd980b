"""What text files beside interferograms tell: perpendicular baselines, orbit, heading."""

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from core.errors import SlideScopeError
from core.scene.files import guard
from core.scene.interferograms.products import dates_in

MAX_BYTES = 4 * 1024**2
# Absolute orbit of each Sentinel-1 platform on which its relative orbit 1 fell, and a cycle.
_ORBIT_1 = {"A": 73, "B": 27, "C": 172}
_CYCLE = 175
# Where only the baseline's vector is known: the middle of Sentinel-1's swath, degrees.
_LOOK = 34.0


def text_of(path: Path, folders: Sequence[Path] | None = None) -> str:
    """The text of a side-car; empty where it is no text of a usual size."""
    path = guard.check_file(path, folders)
    if path.stat().st_size > MAX_BYTES:
        return ""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise SlideScopeError(
            f"'{path.name}' cannot be read ({error.strerror}): give readable files."
        ) from error


def key_values(text: str, separator: str = ":") -> dict[str, str]:
    """
    >>> key_values("Baseline: -12.5\\nUnwrapping type: mcf\\nno value")
    {'Baseline': '-12.5', 'Unwrapping type': 'mcf'}
    """
    pairs = (line.partition(separator) for line in text.splitlines() if separator in line)
    return {key.strip(): value.strip() for key, _, value in pairs}


def number(text: str | None) -> float | None:
    """
    >>> number("-169.6"), number("unknown"), number(None), number("nan")
    (-169.6, None, None, None)
    """
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def relative_orbit(orbit: str | None, platform: str | None) -> str | None:
    """The track of an absolute orbit number of Sentinel-1 A, B or C (ESA: 175 orbits a cycle).

    >>> relative_orbit("36000", "A"), relative_orbit("36000", None)
    ('53', None)
    """
    value = number(orbit)
    if value is None or platform not in _ORBIT_1:
        return None
    return str((int(value) - _ORBIT_1[platform]) % _CYCLE + 1)


def incidence(about: dict[str, str]) -> float | None:
    """Incidence angle in degrees at the middle of the swath, from the three lengths in metres that
    HyP3's text file has: cosine rule in the triangle of the Earth's centre, ground and satellite.

    >>> round(incidence({"Spacecraft height": "693000", "Earth radius at nadir": "6371000",
    ...     "Slant range center": "880000"}), 1)
    40.4
    """
    names = ("Earth radius at nadir", "Spacecraft height", "Slant range center")
    radius, height, slant = (number(about.get(name)) for name in names)
    if not radius or not height or not slant:
        return None
    cosine = ((radius + height) ** 2 - radius**2 - slant**2) / (2 * radius * slant)
    return math.degrees(math.acos(cosine)) if 0 < cosine < 1 else None


def licsar_baselines(text: str) -> dict[tuple[date, date], float]:
    """Differences of perpendicular baseline in metres from LiCSAR's file `baselines`.

    Lines are `primary secondary metres days`, or the nine columns of older files: number, two
    dates, metres and days of the pair, days of both since the primary, metres of both. Lines
    without metres are passed over.

    >>> licsar_baselines("20210109 20210121 33.1 12.0\\n20210109 20210202 24.0\\n")
    {(datetime.date(2021, 1, 9), datetime.date(2021, 1, 21)): 33.1}
    >>> len(licsar_baselines("1 20170218 20170326 96.6 36.0 -12.0 24.0 34.2 130.9"))
    1
    """
    found = {}
    for line in text.splitlines():
        words = line.split()
        days = [(n, dates_in(w)[0][0]) for n, w in enumerate(words) if dates_in(w)]
        if len(days) < 2:
            continue
        (_, first), (at, second) = days[:2]
        rest = [number(w) for w in words[at + 1 :]]
        span = (second - first).days
        # The third column may be absent; what stands there then is the number of days.
        if not rest or rest[0] is None or (len(rest) == 1 and rest[0] == span):
            continue
        found[first, second] = rest[0]
    return found


def between(known: dict[tuple[date, date], float], first: date, second: date) -> float | None:
    """Baseline of a pair from those of others that lead from one of its dates to the other.

    >>> day = [date(2021, 1, n) for n in (1, 13, 25)]
    >>> between({(day[0], day[1]): 30.0, (day[0], day[2]): -10.0}, day[1], day[2])
    -40.0
    >>> between({(day[0], day[1]): 30.0}, day[1], day[2]) is None
    True
    """
    ways: dict[date, list[tuple[date, float]]] = defaultdict(list)
    for (a, b), metres in known.items():
        ways[a].append((b, metres))
        ways[b].append((a, -metres))
    reached, waiting = {first: 0.0}, [first]
    while waiting and second not in reached:
        here = waiting.pop(0)
        for there, metres in ways[here]:
            if there not in reached:
                reached[there] = reached[here] + metres
                waiting.append(there)
    return reached.get(second)


def gamma_perpendicular(text: str) -> float | None:
    """Perpendicular baseline in metres from GAMMA's `base_perp` table: the median of its column.

    >>> gamma_perpendicular("  line range B_t B_c B_n look bpara bperp blen\\n****\\n"
    ...     " 0 0 0.0 39.4441 4.4393 27.496918 22.1492 32.9386 39.6932\\n")
    32.9386
    """
    rows = [[number(w) for w in line.split()] for line in text.splitlines()]
    column = [row[7] for row in rows if len(row) == 9 and row[7] is not None and row[0] is not None]
    return statistics.median(column) if column else None


def gamma_base(text: str) -> float | None:
    """Perpendicular baseline in metres from GAMMA's baseline vector (along, across, down), seen
    from the middle of Sentinel-1's swath: across cos(look) - down sin(look).

    >>> round(gamma_base("precision_baseline(TCN): 0.0 39.4441 4.4393 m m m"), 1)
    30.2
    """
    said = key_values(text)
    for kind in ("precision_baseline(TCN)", "initial_baseline(TCN)"):
        parts = [number(w) for w in said.get(kind, "").split()[:3]]
        if len(parts) == 3 and parts[1] is not None and parts[2] is not None:
            if not any(parts):
                continue
            look = math.radians(_LOOK)
            return parts[1] * math.cos(look) - parts[2] * math.sin(look)
    return None


def gamma_baselines(
    paths: Iterable[Path], folders: Sequence[Path] | None = None
) -> dict[tuple[date, date], float]:
    """Baselines of pairs from `*_bperp.par`, and where there is none `*_base.par`."""
    found: dict[tuple[date, date], float] = {}
    for ending, read in (("_base.par", gamma_base), ("_bperp.par", gamma_perpendicular)):
        for path in paths:
            days = dates_in(path.name)
            if path.name.endswith(ending) and len(days) > 1:
                metres = read(text_of(path, folders))
                if metres is not None:
                    found[days[0][0], days[1][0]] = metres
    return found
