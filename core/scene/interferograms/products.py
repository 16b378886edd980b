"""What a file of interferometry is, by its name: which product, which two dates, which quantity.

Names are those of the producers' documents: HyP3 (hyp3-docs.asf.alaska.edu: InSAR product guides),
LiCSAR (COMET's portal, as LiCSBAS reads it), PyRate and GAMMA (dates and words in any order).
"""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath

from core.scene.files import formats

PHASE, WRAPPED, COHERENCE, AMPLITUDE = "phase", "wrapped", "coherence", "amplitude"
DISPLACEMENT, COMPONENTS, DEM, WATER = "displacement", "components", "dem", "water"
THETA, PHI, INCIDENCE = "theta", "phi", "incidence"
EAST, NORTH, UP = "east", "north", "up"
GEOMETRY = (THETA, PHI, INCIDENCE, EAST, NORTH, UP)
# What a file of each quantity is called in a sentence.
WORDS = {
    PHASE: "unwrapped phase (radians)",
    WRAPPED: "wrapped phase",
    COHERENCE: "coherence",
    AMPLITUDE: "amplitude",
    DISPLACEMENT: "displacement between two dates",
    COMPONENTS: "connected components of unwrapping",
    DEM: "elevation",
    WATER: "water mask",
    THETA: "elevation angle of the radar",
    PHI: "direction to the radar",
    INCIDENCE: "incidence angle",
    EAST: "east component of the line of sight",
    NORTH: "north component of the line of sight",
    UP: "up component of the line of sight",
}
HYP3, BURST, BURSTS, LICSAR = "hyp3", "hyp3_burst", "hyp3_bursts", "licsar"
PYRATE, MINTPY, OTHER = "pyrate", "mintpy", "other"
TITLES = {
    HYP3: "HyP3 (GAMMA)",
    BURST: "HyP3, one burst",
    BURSTS: "HyP3, several bursts",
    LICSAR: "LiCSAR",
    PYRATE: "PyRate (GAMMA)",
    MINTPY: "MintPy",
    OTHER: "two dates and 'unw' in the names",
}
# Products of Sentinel-1 alone, so that their wavelength is known.
SENTINEL1 = (HYP3, BURST, BURSTS, LICSAR)

_HYP3 = re.compile(
    r"(?P<base>S1(?P<platforms>[A-D]{2})_\d{8}T\d{6}_\d{8}T\d{6}_[VH]{2}[PR]\d+_INT\d+_G_\w{3}_"
    r"[0-9A-F]{4})",
    re.IGNORECASE,
)
_BURST = re.compile(
    r"(?P<base>S1_(?P<frame>\d{6}_IW\d)_\d{8}_\d{8}_[VH]{2}_INT\d+_[0-9A-F]{4})", re.IGNORECASE
)
_BURSTS = re.compile(
    r"(?P<base>S1_(?P<track>\d{3})_(?P<frame>\w+(?:-\w+)*)_IW_\d{8}_\d{8}_[VH]{2}_INT\d+_"
    r"[0-9A-F]{4})",
    re.IGNORECASE,
)
_FRAME = re.compile(r"(?<![0-9])(?P<track>\d{3}[AD])_\d{5}_\d{6}(?![0-9])")
_COMPONENT = re.compile(r"\.geo\.([ENU])$")
_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)([-_]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])"
    r"(?:T?(\d{2}):?(\d{2}):?(\d{2}))?(?!\d)"
)
_SUFFIXES = tuple(s for s in formats.RASTER_DRIVERS if s not in (".png", ".jpg", ".jpeg"))


@dataclass(frozen=True)
class Named:
    """What a name says. `role`: one of WORDS, None where it says nothing; `dates` in the order of
    the name; `seconds` of the day of the first date, where there; `base` the product's own name,
    which its side-cars share; `track` and `frame` as the producer writes them."""

    path: Path
    product: str
    role: str | None
    dates: tuple[date, date] | None
    seconds: int | None
    base: str
    track: str | None = None
    frame: str | None = None
    platform: str | None = None


def dates_in(text: str) -> list[tuple[date, int | None]]:
    """Every date in a name, with seconds of the day where a time follows it.

    >>> [str(d) for d, _ in dates_in("S1AA_20190610T135156_20190622T135157_VVP012")]
    ['2019-06-10', '2019-06-22']
    >>> dates_in("filt_2021-01-09_2021_01_21.unw")[1]
    (datetime.date(2021, 1, 21), None)
    >>> dates_in("20180106T004021-20180130_unw")[0][1], dates_in("T48RUV_12345678_20210230")
    (2421, [])
    """
    found = []
    for match in _DATE.finditer(text):
        year, _, month, day, *clock = match.groups()
        try:
            when = date(int(year), int(month), int(day))
        except ValueError:
            continue
        hour, minute, second = (int(c) for c in clock) if clock[0] else (0, 0, 0)
        found.append((when, hour * 3600 + minute * 60 + second if clock[0] else None))
    return found


def role_of(name: str) -> str | None:
    """The quantity in a file, by the words of its name.

    >>> [role_of(n) for n in ("a_unw_phase.tif", "a.geo.cc.tif", "a_wrapped_phase.tif", "dem.tif")]
    ['phase', 'coherence', 'wrapped', 'dem']
    >>> [role_of(n) for n in ("a_los_disp.tif", "filt.unw.conncomp.tif", "a.geo.E.tif", "rate.tif")]
    ['displacement', 'components', 'east', None]
    """
    stem = PurePath(name).stem
    axis = _COMPONENT.search(stem)
    if axis:
        return {"E": EAST, "N": NORTH, "U": UP}[axis[1]]
    words = [w for w in re.split(r"[^a-z0-9]+", stem.lower()) if w]
    return next((role for role, test in _ROLES if any(test(w) for w in words)), None)


def _one_of(*known: str):
    return lambda word: word in known


# The first that a word of the name fits wins: a file of components may well have "unw" in it.
_ROLES = (
    (COMPONENTS, _one_of("conncomp", "conncomps", "concomp", "components")),
    (DISPLACEMENT, _one_of("disp", "displacement")),
    (AMPLITUDE, _one_of("amp", "amplitude", "mag", "mli")),
    (COHERENCE, _one_of("corr", "cor", "cc", "coh", "coherence", "correlation")),
    (PHASE, lambda word: word.startswith("unw")),
    (WRAPPED, lambda word: word.startswith(("wrap", "diff"))),
    (THETA, _one_of("theta")),
    (PHI, _one_of("phi")),
    (INCIDENCE, _one_of("inc", "incidence")),
    (WATER, _one_of("water")),
    (DEM, _one_of("dem", "hgt", "height")),
)


def is_candidate(name: str) -> bool:
    """Whether a name may be a raster of a stack; previews are not."""
    return formats.suffix(name) in _SUFFIXES and not PurePath(name).name.startswith(".")


def recognise(path: Path) -> Named:
    """What the name of a file says, that of its folder where its own has no two dates."""
    stem = path.stem
    for product, pattern in ((HYP3, _HYP3), (BURST, _BURST), (BURSTS, _BURSTS)):
        match = pattern.match(stem)
        if match:
            said = match.groupdict()
            dates, seconds = _two(stem, "")
            return Named(
                path,
                product,
                role_of(path.name),
                dates,
                seconds,
                match["base"],
                said.get("track"),
                said.get("frame"),
                (said.get("platforms") or "")[:1].upper() or None,
            )
    dates, seconds = _two(stem, path.parent.name)
    frame = _FRAME.search("/".join(path.parts[-5:]))
    licsar = ".geo." in path.name
    return Named(
        path,
        LICSAR if licsar else OTHER,
        role_of(path.name),
        dates,
        seconds,
        "" if dates is None else f"{dates[0]:%Y%m%d}_{dates[1]:%Y%m%d}",
        frame["track"] if frame and licsar else None,
        frame[0] if frame and licsar else None,
    )


def _two(stem: str, folder: str) -> tuple[tuple[date, date] | None, int | None]:
    """The first two different dates of a name, or of the folder's name."""
    for text in (stem, folder):
        found = dates_in(text)
        later = [when for when, _ in found if when != found[0][0]]
        if later:
            return (found[0][0], later[0]), found[0][1]
    return None, None


def pair_name(first: date, second: date) -> str:
    """
    >>> pair_name(date(2021, 1, 9), date(2021, 1, 21))
    '20210109_20210121'
    """
    return f"{first:%Y%m%d}_{second:%Y%m%d}"
