"""Whether a folder, a pattern or some files are a stack of interferograms: names first."""

import glob
import os
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from core.errors import SlideScopeError
from core.scene.files import formats, guard
from core.scene.files.source import Source
from core.scene.interferograms import checks, extent, mintpy, products, sidecars
from core.scene.interferograms.found import Found, Interferogram, LeftOut
from core.scene.interferograms.products import Named

MAX_FILES, DEPTH = 50_000, 5
# Acquisitions of one frame begin within seconds of the same time of day, the next frame's 25 later.
_SAME_FRAME_S = 20
_MAKE_A_PAIR = (products.PHASE, products.WRAPPED, products.DISPLACEMENT)
_MINTPY = "ifgramStack.h5"


@dataclass(frozen=True)
class _Gathered:
    """`given`: files that may be phases; `alone`: they are named one by one or by a pattern, not by
    their folder."""

    label: str
    given: list[Path]
    alone: bool

    @property
    def beside(self) -> list[Path]:
        """All files that may tell of the phases."""
        if not self.alone:
            return self.given
        return sorted({*self.given, *_around(self.given)})


def find(
    paths: str | Path | Sequence[str | Path], folders: Sequence[Path] | None = None
) -> Found | None:
    """Return the stack that a folder, a pattern, an `.h5` or a list of files is, or None.

    Only names and side-cars are looked at. `folders`: those that may be opened, links followed;
    None allows any. Raises SlideScopeError for a folder outside these, and for one whose products
    are still zipped.
    """
    texts = [paths] if isinstance(paths, str | Path) else list(paths)
    gathered = _gather([Path(str(t)).expanduser() for t in texts], folders)
    candidates = (p for p in gathered.given if products.is_candidate(p.name))
    named = [_dated(products.recognise(p), folders) for p in candidates]
    makes = [n for n in named if n.dates and _makes_a_pair(n)]
    pairs = [n for n in makes if n.role == products.PHASE]
    containers = [p for p in gathered.given if _may_hold_a_stack(p, gathered.alone, folders)]
    if containers and not pairs:
        return mintpy.find(containers[0], folders)
    if not makes or (gathered.alone and len(makes) < 2):
        _refuse_zipped(gathered)
        return None
    return _found(gathered, named, folders)


def is_stack(sources: Sequence[Source]) -> bool:
    """Whether these files, folder or pattern are interferograms; a single raster is looked at by
    its name alone."""
    if not sources or any(source.band or source.part for source in sources):
        return False
    return find([source.path for source in sources]) is not None


def _makes_a_pair(named: Named) -> bool:
    """A displacement is taken for one pair's only where its product says so."""
    by_name = named.role != products.DISPLACEMENT or named.product != products.OTHER
    return named.role in _MAKE_A_PAIR and by_name


def _dated(named: Named, folders: Sequence[Path] | None) -> Named:
    """A phase or coherence whose name has no dates may have them in PyRate's tags."""
    if named.dates is not None or named.role not in (products.PHASE, products.COHERENCE):
        return named
    try:
        tags = extent.read(named.path, folders)
    except SlideScopeError:
        return named
    days = [products.dates_in(tags.tag(name)) for name in ("FIRST_DATE", "SECOND_DATE")]
    if not all(days) or days[0][0][0] == days[1][0][0]:
        return named
    dates = days[0][0][0], days[1][0][0]
    return replace(named, dates=dates, base=products.pair_name(*dates))


def _may_hold_a_stack(path: Path, alone: bool, folders: Sequence[Path] | None) -> bool:
    if path.name == _MINTPY:
        return True
    by_name = formats.suffix(path) in (".h5", ".he5", ".hdf5")
    return alone and by_name and mintpy.holds(path, folders)


def _gather(paths: list[Path], folders: Sequence[Path] | None) -> _Gathered:
    given: list[Path] = []
    for path in paths:
        if path.is_dir():
            guard.check_inside(path, folders)
            given += _walk(path, folders)
        else:
            one = path.is_file() or not glob.has_magic(str(path))
            hits = [path] if one else map(Path, glob.iglob(str(path), recursive=True))
            found = sorted(p for p in hits if p.is_file())
            for file in found:
                guard.check_inside(file, folders)
            given += found
    whole = len(paths) == 1 and paths[0].is_dir()
    return _Gathered(paths[0].name if paths else "", given, not whole)


def _walk(folder: Path, folders: Sequence[Path] | None) -> list[Path]:
    """All files of a folder and those in it, in order; folders that may not be opened are passed
    over, as are links that lead back."""
    found: list[Path] = []
    seen = {folder.resolve()}
    waiting = [(folder, 0)]
    while waiting:
        here, depth = waiting.pop(0)
        for path in _entries(here):
            if path.is_dir() and depth < DEPTH:
                real = path.resolve()
                if real not in seen and _inside(real, folders):
                    seen.add(real)
                    waiting.append((path, depth + 1))
            elif path.is_file():
                found.append(path)
        if len(found) > MAX_FILES:
            raise SlideScopeError(
                f"Folder '{folder.name}' holds more than {MAX_FILES} files: give the folder of the "
                "stack alone."
            )
    return found


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder / name for name in os.listdir(folder) if not name.startswith("."))
    except OSError:
        return []


def _inside(path: Path, folders: Sequence[Path] | None) -> bool:
    return folders is None or any(path.is_relative_to(Path(f).resolve()) for f in folders)


def _around(files: Iterable[Path]) -> Iterator[Path]:
    """What lies in the folders of some files and one above: side-cars, geometry, coherence."""
    near = {p.parent for p in files}
    for folder in sorted(near | {f.parent for f in near}):
        yield from (p for p in _entries(folder) if p.is_file())


def _refuse_zipped(gathered: _Gathered) -> None:
    zipped = [p for p in gathered.given if formats.suffix(p) == ".zip"]
    zipped = [p for p in zipped if products.recognise(p).product in products.SENTINEL1]
    if zipped:
        raise SlideScopeError(
            f"'{gathered.label}' holds {len(zipped)} interferograms that are still zipped "
            f"('{zipped[0].name}'): unzip them there and give the folder again."
        )


def _found(gathered: _Gathered, named: list[Named], folders: Sequence[Path] | None) -> Found:
    """The stack of files that were recognised."""
    given = {n.path for n in named}
    beside = gathered.beside
    near = [
        products.recognise(p) for p in beside if p not in given and products.is_candidate(p.name)
    ]
    every = [*named, *near]
    groups: dict[tuple[date, ...], list[Named]] = defaultdict(list)
    phases = [n for n in named if n.dates and n.role == products.PHASE]
    asked = {_days(n) for n in named}
    for one in (*phases, *(n for n in every if n.role == products.COHERENCE)):
        # A pattern of phases finds the coherence beside; it does not ask for other pairs.
        if one.dates and _days(one) in asked:
            groups[_days(one)].append(one)
    told = _SideCars(beside, folders)
    pairs, left_out = [], []
    for group in groups.values():
        chosen, dropped = _choose(group)
        pairs.append(_interferogram(chosen, told))
        left_out += dropped
    pairs.sort(key=lambda p: (p.first, p.second))
    count = Counter(n.role for n in named if n.role)
    others = {r: n for r, n in count.items() if r not in (products.PHASE, products.COHERENCE)}
    found = Found(
        label=gathered.label,
        product=_product(every, told),
        pairs=tuple(pairs),
        left_out=tuple(left_out),
        others=others,
        geometry=_geometry(every),
        heading=told.heading(),
        incidence=told.incidence(),
    )
    return replace(found, refusal=_refusal(found, groups, named))


def _days(named: Named) -> tuple[date, ...]:
    """The dates of a file, the earlier one first."""
    return tuple(sorted(named.dates or ()))


def _choose(group: list[Named]) -> tuple[list[Named], list[LeftOut]]:
    """The phase and coherence of a pair; others of the same two dates are duplicates."""
    phases = [n for n in group if n.role == products.PHASE]
    coherences = [n for n in group if n.role == products.COHERENCE]
    if not phases:
        return coherences[:1], []
    bases = {n.base for n in coherences}
    best = sorted(phases, key=lambda n: (n.base not in bases, n.path.name, str(n.path)))[0]
    fit = [n for n in coherences if n.dates == best.dates]
    fit.sort(key=lambda n: (n.base != best.base, n.path.parent != best.path.parent, str(n.path)))
    dropped = [
        LeftOut(n.path.name, f"is of the same two dates as {best.path.name}")
        for n in phases
        if n is not best
    ]
    return [best, *fit[:1]], dropped


def _interferogram(chosen: list[Named], told: "_SideCars") -> Interferogram:
    first, second = _days(chosen[0])
    by_role = {n.role: n.path for n in chosen}
    swapped = chosen[0].dates != (first, second)
    metres = told.baseline(chosen[0])
    if metres is not None and swapped:
        metres = -metres
    return Interferogram(
        first=first,
        second=second,
        swapped=swapped,
        phase=by_role.get(products.PHASE),
        coherence=by_role.get(products.COHERENCE),
        baseline_m=metres if metres is not None else told.baseline_between(first, second),
        track=told.track(chosen[0]),
        frame=chosen[0].frame,
    )


def _product(every: list[Named], told: "_SideCars") -> str:
    """The product of most phases; GAMMA's side-cars tell those whose names are nobody's."""
    count = Counter(n.product for n in every if n.role == products.PHASE and n.dates)
    product = count.most_common(1)[0][0] if count else every[0].product
    return products.PYRATE if product == products.OTHER and told.gamma else product


def _geometry(every: list[Named]) -> dict[str, tuple[Path, ...]]:
    roles = (*products.GEOMETRY, products.DEM)
    found = {r: tuple(n.path for n in every if n.role == r) for r in roles}
    return {role: paths for role, paths in found.items() if paths}


def _refusal(found: Found, groups: dict, named: list[Named]) -> str | None:
    if not found.count:
        role, count = Counter(n.role for n in named if n.role in _MAKE_A_PAIR).most_common(1)[0]
        return (
            f"'{found.label}' holds {count} files of {products.WORDS[role]} and no unwrapped "
            "phase: a rate is made of unwrapped phases; give those (`*_unw_phase.tif`, "
            "`*.geo.unw.tif`)."
        )
    phases = [n for n in named if n.dates and n.role == products.PHASE]
    for what, known in (
        ("tracks", sorted({n.track for n in phases if n.track})),
        ("frames", sorted({n.frame for n in phases if n.frame})),
    ):
        if len(known) > 1:
            return checks.several(what, known)
    for group in groups.values():
        times = [n.seconds for n in group if n.seconds is not None and n.role == products.PHASE]
        if times and max(times) - min(times) > _SAME_FRAME_S:
            return (
                f"Pairs of two frames ({products.pair_name(*_days(group[0]))} begins at two "
                f"times, {max(times) - min(times)} s apart): one stack needs one frame; give the "
                "pairs of one."
            )
    return None


class _SideCars:
    """What the text files beside the pairs tell, each read when it is asked for."""

    def __init__(self, files: list[Path], folders: Sequence[Path] | None):
        self._folders = folders
        self._texts = {(p.parent, p.stem): p for p in files if formats.suffix(p) == ".txt"}
        self._about: dict[Path, dict[str, str]] = {}
        gamma = [p for p in files if formats.suffix(p) == ".par"]
        known = sidecars.gamma_baselines(gamma, folders)
        self.gamma = bool(known)
        for path in files:
            if path.name == "baselines":
                known |= sidecars.licsar_baselines(sidecars.text_of(path, folders))
        self._known = known
        self._metadata: dict[str, str] = {}
        for path in files:
            if path.name == "metadata.txt":
                text = sidecars.text_of(path, folders)
                self._metadata = sidecars.key_values(text, "=") or self._metadata

    def about(self, named: Named) -> dict[str, str]:
        """The `key: value` pairs of a HyP3 product."""
        path = self._texts.get((named.path.parent, named.base)) if named.base else None
        if path is None:
            return {}
        if path not in self._about:
            text = sidecars.text_of(path, self._folders)
            self._about[path] = sidecars.key_values(text)
        return self._about[path]

    def baseline(self, named: Named) -> float | None:
        return sidecars.number(self.about(named).get("Baseline"))

    def baseline_between(self, first: date, second: date) -> float | None:
        return sidecars.between(self._known, first, second)

    def track(self, named: Named) -> str | None:
        about = self.about(named)
        orbit = sidecars.relative_orbit(about.get("Reference Orbit Number"), named.platform)
        direction = about.get("Reference Pass Direction", "").lower() or None
        return named.track or orbit or direction

    def heading(self) -> float | None:
        """Direction of flight in degrees: the median of the pairs', or LiCSAR's."""
        said = [sidecars.number(a.get("Heading")) for a in self._about.values()]
        known = [h for h in said if h is not None]
        return statistics.median(known) if known else sidecars.number(self._metadata.get("heading"))

    def incidence(self) -> float | None:
        """Degrees at the middle of the swath, as HyP3's lengths or LiCSAR's side-car give it."""
        known = [v for v in map(sidecars.incidence, self._about.values()) if v is not None]
        if known:
            return statistics.median(known)
        return sidecars.number(self._metadata.get("avg_incidence_angle"))
