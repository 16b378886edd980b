"""The files a user brings to the page: uploaded ones, and those already on this machine."""

import json
import math
import re
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rasterio.crs import CRS

from core import access, atomic, audit, confined, disk, numerals, paths, quotas, stored
from core.errors import SlideScopeError
from core.factors import BANDS
from core.jobs import store as jobs
from core.scene.files import archives, formats, guard, openings, points, vetting
from core.scene.files.folder import readable
from core.scene.files.guess import Guess, guess
from core.scene.files.raster import short_crs
from core.scene.files.source import Source, expand, of_part
from core.scene.files.vectors import read_features, read_polygons
from core.scene.interferograms import finding
from core.scene.interferograms.found import Found

MAX_FILES = 200
# More bands of one file are chosen by number.
MOST_ROWS, LONGEST_NAME = 64, 80
# Who uploaded what lies beside it.
OWNER = ".by"
KEPT_S = 7 * 24 * 3600.0
EXTENSIONS = (*guard.KNOWN, *guard.SIDE_CARS)
EXAMPLE = ("DEM", "S2_B2", "S2_B3", "S2_B4", "S2_B8", "deformation", "lithology", "inventory")


@dataclass(frozen=True)
class Band:
    """A band as a page shows it."""

    number: int
    dtype: str
    description: str


@dataclass(frozen=True)
class FileFacts:
    """What a file is, for people; `kind` raster, vector or points, `bands` of rasters only,
    `choices` ATTRIBUTE=VALUE of polygons with few values."""

    path: Path
    kind: str
    crs: str | None
    size: str
    bands: tuple[Band, ...] = ()
    fields: tuple[str, ...] = ()
    synthetic: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """A band of a raster, or a vector file, and what it probably is.

    `band` is None where there is nothing to choose; `band_count` is 0 for polygons; `kind` raster,
    vector (polygons), points or stack (a folder of interferograms), `fields` what attributes or
    columns polygons and points have, `choices` ATTRIBUTE=VALUE of polygons with few values, `bands`
    the names of bands too many to be listed, for all of which one row stands.
    """

    path: str
    band: int | None
    band_count: int
    name: str
    facts: str
    guess: Guess
    synthetic: bool
    part: str | None = None
    kind: str = "raster"
    fields: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()

    @property
    def many(self) -> bool:
        """Whether it stands for more bands than are listed, which are to be chosen from."""
        return bool(self.bands)

    @property
    def key(self) -> str:
        part = f":{self.part}" if self.part else ""
        return f"{self.path}{part}:{self.band or ''}"


def save_upload(folder: str, name: str, data: bytes) -> Path:
    """Keep an uploaded file in uploads/`folder` under its own name, made harmless."""
    harmless = re.sub(r"[^\w.()+-]+", "_", Path(name.replace("\\", "/")).name).lstrip(".")
    if Path(harmless).suffix.lower() not in EXTENSIONS:
        raise SlideScopeError(
            f"'{name}' is no file that SlideScope reads: known are {', '.join(EXTENSIONS)}; "
            "convert it first."
        )
    with audit.changing("upload", harmless):
        return _save_upload(folder, harmless, data)


def _save_upload(folder: str, harmless: str, data: bytes) -> Path:
    target = paths.uploads_folder() / paths.check_name(folder) / harmless
    _check_quota(folder, harmless, len(data))
    disk.check_room(target.parent, len(data), f"'{harmless[:60]}'")
    target.parent.mkdir(parents=True, exist_ok=True)
    owner = target.parent / OWNER
    if not owner.exists():
        owner.write_text(access.actor().name, encoding="utf-8")
    with atomic.whole_file(target, foreign=True) as temporary:
        temporary.write_bytes(data)
    return target


def _check_quota(folder: str, name: str, size: int) -> None:
    """Make room where something is old, then refuse what still has none."""
    tidy(keep=folder)
    every = stored.folders(paths.uploads_folder())
    who = access.actor().name
    mine = [f for f in every if f.name == folder or _owner(f) == who]
    quotas.check_uploads(name, size, lambda: _held(mine), lambda: _held(every))


def _owner(folder: Path) -> str:
    try:
        return (folder / OWNER).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _held(folders: Sequence[Path]) -> int:
    return sum(p.stat().st_size for f in folders for p in f.rglob("*") if p.is_file())


def tidy(keep: str = "") -> None:
    """Remove the folders of uploads that are older than KEPT_S, and the oldest of the others until
    all together take no more than they may; never `keep`, nor one that an active job names."""
    asked = "\n".join(json.dumps(job.request) for job in jobs.active())
    found = [f for f in stored.folders(paths.uploads_folder()) if f.name != keep]
    aged = sorted((max((p.stat().st_mtime for p in (f, *f.iterdir()))), f) for f in found)
    sizes = {f: _held([f]) for _, f in aged}
    total, most = sum(sizes.values()), quotas.UPLOADS.most * quotas.MB
    for written, folder in aged:
        old = time.time() - written > KEPT_S
        if (old or total > most) and folder.name not in asked:
            total -= sizes[folder]
            shutil.rmtree(folder, ignore_errors=True)


def found_at(text: str, folders: Sequence[Path]) -> list[str]:
    """Return the readable files at a typed path: the file itself, or all of a folder; a folder of
    interferograms is one thing, itself."""
    text = text.strip().strip("\"'")
    path = Path(text).expanduser()
    if path.is_dir():
        guard.check_inside(path, folders)
    whole = path.is_dir() and (formats.is_arcinfo(path) or formats.is_geodatabase(path))
    if not path.is_dir() or whole:
        return [str(guard.check_file(text, folders))]
    if path.suffix.upper() == ".SAFE":
        return _of_product(guard.check_inside(path, folders), folders)
    if stack_in(path, folders) is not None:
        return [str(path.resolve())]
    inside = readable(p for p in guard.check_inside(path, folders).iterdir() if p.is_file())
    if not inside:
        raise SlideScopeError(
            f"Folder '{text}' holds no raster or vector file that SlideScope reads: known are "
            f"{', '.join(guard.KNOWN)}; give another."
        )
    if len(inside) > MAX_FILES:
        raise SlideScopeError(
            f"Folder '{text}' holds {len(inside)} files: at most {MAX_FILES} can be taken at once; "
            "give single files."
        )
    return [str(guard.check_file(str(p), folders)) for p in inside]


def _of_product(path: Path, folders: Sequence[Path]) -> list[str]:
    """The bands of a Sentinel-2 product that are factors."""
    found = [s.path for name in BANDS for s in expand(name, [Source(str(path))])]
    return [str(guard.check_file(p, folders)) for p in found]


def stack_in(path: Path, folders: Sequence[Path] | None) -> Found | None:
    """The stack of interferograms in a folder that may be opened, None where there is none.

    An import follows links; one that leads out of the allowed folders is refused here.
    """
    found = finding.find(path, folders)
    if found is None or folders is None:
        return found
    files = [f for p in found.pairs for f in (p.phase, p.coherence) if f is not None]
    for file in (*files, *(f for role in found.geometry.values() for f in role)):
        guard.check_inside(file, folders)
    everything = finding.find(path)
    if everything is not None and everything.count != found.count:
        raise SlideScopeError(
            f"Folder '{path.name}' has links that lead out of the folders that pages may open: "
            "import it from the command line."
        )
    return found


def is_readable(path: str | Path) -> bool:
    """Whether a file is opened on its own, by its extension; side-cars are not."""
    return Path(path).suffix.lower() in guard.KNOWN


def example() -> list[str]:
    """The committed example: rasters of a synthetic watershed, as a user would have them."""
    inside = sorted(p for p in paths.SAMPLE_EXAMPLE.glob("*") if is_readable(p))
    return [str(p.resolve()) for p in inside if p.stem in EXAMPLE]


def described(path: str, folders: Sequence[Path]) -> list[Row]:
    """What `rows` says of a file, looked at where that can be ended; the server opens none."""
    if not Path(path).is_dir():
        vetting.check([Source(path)])
    found = confined.call(
        _described,
        path,
        tuple(folders),
        about=f"'{Path(path).name}'",
        allowed=vetting.allowance(Path(path)),
    )
    return [row_of(value) for value in found]


def _described(path: str, folders: tuple[Path, ...]) -> list[dict]:
    return [asdict(row) for row in rows(path, folders)]


def row_of(value: dict) -> Row:
    """A row that was JSON."""
    told = {name: tuple(value[name]) for name in ("fields", "choices", "bands")}
    return Row(**{**value, **told, "guess": Guess(**value["guess"])})


def rows(path: str, folders: Sequence[Path]) -> list[Row]:
    """Describe a file: one row a band, of every part; one for a vector file, a table or a folder of
    interferograms."""
    if Path(path).is_dir():
        return [_stack_row(path, folders)]
    return [
        row for part in openings.parts(path, folders) for row in _part_rows(path, part, folders)
    ]


def _stack_row(path: str, folders: Sequence[Path]) -> Row:
    found = stack_in(Path(path), folders)
    if found is None:
        raise SlideScopeError(
            f"Folder '{Path(path).name}' holds no interferograms any more: give it again."
        )
    days = sorted({day for pair in found.pairs for day in (pair.first, pair.second)})
    facts = f"{found.title}, {found.count} interferograms of {len(days)} dates"
    if days:
        facts += f", {days[0]} to {days[-1]}"
    first = next((pair.phase for pair in found.pairs if pair.phase is not None), None)
    made_up = first is not None and describe(str(first), folders).synthetic
    return Row(path, None, 1, Path(path).name, facts, Guess("deformation"), made_up, kind="stack")


def _part_rows(path: str, part: str | None, folders: Sequence[Path]) -> list[Row]:
    found = describe(path, folders, part)
    crs = found.crs or "no coordinate reference system"
    about = f"{found.size}, {crs if len(crs) < 40 else 'own coordinate reference system'}"
    name = f"{found.path.name}:{part}" if part else found.path.name
    if found.kind != "raster":
        count = 0 if found.kind == "vector" else 1
        named = part if archives.is_archive(path) else part and part + guard.suffix(path)
        guessed = guess(named or path, points=found.kind == "points")
        row = Row(path, None, count, name, about, guessed, found.synthetic, part, found.kind)
        return [replace(row, fields=found.fields, choices=found.choices)]
    if len(found.bands) > MOST_ROWS:
        words = f"{numerals.whole(len(found.bands))} bands, {about}"
        names = tuple(band.description[:LONGEST_NAME] for band in found.bands)
        row = Row(path, None, len(names), name, words, Guess(None), found.synthetic, part)
        return [replace(row, bands=names)]
    every = range(1, len(found.bands) + 1)
    return [_band_row(path, part, name, found, number, about) for number in every]


def chosen_bands(row: Row, text: str) -> list[Row]:
    """A row for each band that `text` names of a row that stands for many, such as "3, 8".

    >>> many = Row("a.tif", None, 90, "a.tif", "", Guess(None), False, bands=("",) * 90)
    >>> [r.name for r in chosen_bands(many, "3, 8")]
    ['a.tif, band 3', 'a.tif, band 8']
    """
    words = [word for word in re.split(r"[\s,;]+", text) if word]
    numbers = [int(word) if word.isdecimal() and len(word) < 9 else 0 for word in words]
    if not all(1 <= number <= row.band_count for number in numbers) or len(numbers) > MOST_ROWS:
        raise SlideScopeError(
            f"'{text[:60]}' names no bands of {row.name}: give up to {MOST_ROWS} numbers from 1 to "
            f"{row.band_count}, with commas between them."
        )
    return [_chosen_band(row, number) for number in dict.fromkeys(numbers)]


def _chosen_band(row: Row, number: int) -> Row:
    said = row.bands[number - 1]
    name = f"{row.name}, band {number}" + (f" ({said})" if said else "")
    return replace(
        row,
        band=number,
        name=name,
        guess=guess(row.part or row.path, number, row.band_count, said),
        bands=(),
    )


def _band_row(
    path: str, part: str | None, name: str, found: FileFacts, number: int, about: str
) -> Row:
    band = found.bands[number - 1]
    if len(found.bands) > 1:
        name += f", band {number}" + (f" ({band.description})" if band.description else "")
    count = len(found.bands)
    guessed = guess(part or path, number, count, band.description)
    chosen = number if count > 1 else None
    words = f"{about}, {band.dtype}"
    return Row(path, chosen, count, name, words, guessed, found.synthetic, part)


def describe(
    text: str, folders: Sequence[Path] | None = None, part: str | None = None
) -> FileFacts:
    """Describe a raster or vector file, or a part of one, in the words a page shows."""
    path = guard.check_file(text, folders)
    if guard.is_points(text) or (part and guard.suffix(part) in guard.POINTS):
        return FileFacts(
            path,
            "points",
            None,
            "table of points",
            fields=tuple(points.columns(Source(str(text), None, part))),
        )
    if guard.is_vector(text) or (part and guard.suffix(part) in guard.VECTOR_DRIVERS):
        source = of_part(str(text), None, part)
        if points.holds_points(source, folders):
            return _point_facts(path, source, folders)
        frame = read_polygons(source, folders)
        fields = tuple(c for c in frame.columns if c != "geometry")
        crs = short_crs(CRS.from_wkt(frame.crs.to_wkt())) if frame.crs else None
        size, choices = f"{len(frame)} polygons", _choices(frame, fields)
        return FileFacts(path, "vector", crs, size, fields=fields, choices=choices)
    with guard.gdal_options():
        opening = openings.find(text, part, folders)
        with guard.open_checked(path, opening.name, opening.driver) as dataset:
            return _raster_facts(path, dataset)


def _choices(frame, fields: Sequence[str], most: int = 12) -> tuple[str, ...]:
    """ATTRIBUTE=VALUE of the attributes with 2 to `most` values."""
    found = {field: [str(v) for v in frame[field].unique()] for field in fields}
    return tuple(
        f"{field}={value}"
        for field, values in found.items()
        if 1 < len(values) <= most and len(values) < len(frame)
        for value in values
    )


def _point_facts(path: Path, source: Source, folders: Sequence[Path] | None) -> FileFacts:
    frame = read_features(source, folders)
    crs = short_crs(CRS.from_wkt(frame.crs.to_wkt())) if frame.crs else None
    fields = points.layer_columns(source, folders)
    return FileFacts(path, "points", crs, f"{len(frame)} point features", fields=fields)


def _raster_facts(path: Path, dataset) -> FileFacts:
    bands = tuple(
        Band(i + 1, dataset.dtypes[i], dataset.descriptions[i] or "") for i in range(dataset.count)
    )
    size = f"{dataset.width} × {dataset.height} px"
    if dataset.crs:
        x = math.hypot(dataset.transform.a, dataset.transform.d)
        unit = "m" if dataset.crs.is_projected else "degrees"
        size += f", {x:.4g} {unit}"
    synthetic = dataset.tags().get("SYNTHETIC", "").lower() == "yes"
    crs = short_crs(dataset.crs) if dataset.crs else None
    return FileFacts(path, "raster", crs, size, bands, synthetic=synthetic)
