"""Which part of a file is meant: member, variable, layer, attribute. What is evident by name and
geometry is taken and said; the rest is asked about, and nothing is taken for being the first."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from core.errors import SlideScopeError
from core.factors import DEFORMATION, factor
from core.scene.files import archives, formats, guard, layers, openings, outlines, vectors
from core.scene.files.encoding import Encoding
from core.scene.files.guess import said_by
from core.scene.files.source import Source, typed
from core.scene.plan.override import Override
from core.scene.plan.overrides import INVENTORY, SECOND, called, columns_of, flag, of_file
from core.scene.plan.request import ImportRequest

# Kinds of geometry that a thing is made of, the better first.
_OUTLINES, _MEASURED = ("Polygon", "LineString", "Point"), ("Point", "Polygon")


def settle(request: ImportRequest) -> tuple[ImportRequest, tuple[str, ...]]:
    """The request with each file's part settled and what is decided about its text noted in its
    sources; sentences about what was chosen."""
    notes: list[str] = []
    factors = {
        name: tuple(
            _settled(request, name, source, number, notes)
            for number, source in enumerate(sources, 1)
        )
        for name, sources in request.factors.items()
    }
    second = request.second and _settled(request, SECOND, request.second, 1, notes)
    inventory = request.inventory or request.inventory_points
    if inventory:
        with called(INVENTORY):
            inventory = _inventory(request, inventory, notes)
    made = replace(
        request, factors=factors, second=second, inventory=inventory, inventory_points=None
    )
    return made, tuple(dict.fromkeys(notes))


def _settled(
    request: ImportRequest, name: str, source: Source, number: int, notes: list[str]
) -> Source:
    override = of_file(request.overrides, name, number)
    source = _part(name, source, notes)
    source = _decided(name, source, override)
    if not vectors.is_vector(source):
        return source
    if source.value is not None:
        raise SlideScopeError(
            f"'{source}': {source.band}={source.value} picks the landslides of an inventory; "
            f"{name} takes the attribute alone, as {typed(replace(source, value=None))}."
        )
    numbers = name == SECOND or factor(name).kind != "categorical"
    kinds = _MEASURED if numbers and name not in request.categorical else ("Polygon",)
    return _layer(name, source, kinds, notes)


def _inventory(request: ImportRequest, source: Source, notes: list[str]) -> Source:
    files = [
        _landslides(request, file, number, notes) for number, file in enumerate(source.files, 1)
    ]
    are_vectors = [vectors.is_vector(file) for file in files]
    if any(are_vectors) and not all(are_vectors):
        mask = next(f.path for f, is_vector in zip(files, are_vectors) if not is_vector)
        raise SlideScopeError(
            f"The inventory mixes vector files and rasters ('{Path(mask).name}'): turn these into "
            f"polygons first (gdal_polygonize.py {mask} mask.gpkg)."
        )
    if len(files) > 1 and not all(are_vectors):
        masks = [Path(f.path).name for f, is_vector in zip(files, are_vectors) if not is_vector]
        raise SlideScopeError(
            f"The inventory is given {len(files)} files, rasters among them ('{masks[0]}'): "
            "several files are put together where all hold polygons; merge masks first "
            f"(gdal_merge.py -o mask.tif {' '.join(masks[:3])})."
        )
    return replace(files[0], more=tuple(files[1:]))


def _landslides(request: ImportRequest, source: Source, number: int, notes: list[str]) -> Source:
    override = of_file(request.overrides, INVENTORY, number)
    source = _part(INVENTORY, source, notes)
    source = _decided(INVENTORY, source, override)
    statistics = request.inventory is None
    if not vectors.is_vector(source):
        if override.point_radius is not None or statistics:
            raise SlideScopeError(
                f"'{source}' is a raster, which holds no points: give it as --inventory, without "
                "--point-radius."
            )
        return source
    radius = 0.0 if statistics else override.point_radius
    source = replace(source, crs=override.crs, shift=override.shift, radius=radius)
    source = _layer(INVENTORY, source, _OUTLINES if radius is None else ("Point",), notes)
    frame = vectors.read_features(source)
    points = frame.geom_type.isin(outlines.POINTS)
    if statistics and not points.all():
        raise SlideScopeError(
            f"'{source}' holds more than points: --inventory-points is for points alone; give it "
            "as --inventory."
        )
    if statistics:
        notes.append(
            f"inventory: each of the points of '{Path(source.path).name}' ({len(frame)}) marks the "
            "pixel that it lies in: for statistics; networks learn areas, which --inventory with "
            "--point-radius, or polygons, give."
        )
    if override.point_radius is not None and not points.any():
        raise SlideScopeError(
            f"--point-radius {override.point_radius:g}: '{source}' holds no points; leave the "
            "option out."
        )
    return _alone(source, frame, notes)


def _alone(source: Source, frame, notes: list[str]) -> Source:
    """The source with the attribute and value that tell its landslides from all else."""
    if source.value is None:
        field, value = outlines.landslides_alone(frame, source)
        source = replace(source, band=field if value else None, value=value)
    if source.value is not None:
        kept, file = len(outlines.chosen(frame, source)), Path(source.path).name
        notes.append(
            f"inventory: {kept} of {len(frame)} features of '{file}' are landslides, those whose "
            f"{source.band} is {source.value}; {file}:ATTRIBUTE=VALUE takes others."
        )
    _, told = outlines.polygons(frame, source)
    notes += [f"inventory: {sentence}" for sentence in told]
    return source


def _decided(name: str, source: Source, override: Override) -> Source:
    """The source with what is decided about its text and columns; refuse what does nothing."""
    table, vector = guard.is_points(source.leaf), vectors.is_vector(source)
    for option, is_used in (("encoding", table or vector), ("columns", table)):
        if getattr(override, option) is not None and not is_used:
            what = "a table of points" if option == "columns" else "a shapefile or table"
            raise SlideScopeError(
                f"--{flag(option)} {name}={getattr(override, option)}: '{source}' is not {what}; "
                "leave the option out."
            )
    columns = columns_of(override.columns) if override.columns else ()
    return replace(source, encoding=override.encoding, columns=columns)


def _layer(name: str, source: Source, kinds: Sequence[str], notes: list[str]) -> Source:
    if guard.is_points(source.leaf):
        return source
    path, opened = vectors.opening(source, None)
    source, told = layers.settled(source, opened, kinds, _is_called(name))
    if source.encoding and formats.suffix(opened) not in (".shp", *formats.GEOJSON):
        raise SlideScopeError(
            f"--encoding {name}={source.encoding}: the text of '{path.name}' is always in UTF-8; "
            "leave the option out."
        )
    text = vectors.text_of(source, path)
    if text is not None and _is_news(text):
        how = {"declared": "as the file says", "valid": "which its bytes are"}.get(
            text.how, "which its bytes suggest and nothing declares"
        )
        notes.append(
            f"{name}: the text of '{path.name}' is read as {text.name.upper()}, {how}; if names "
            f"look wrong, give --encoding {name}=ENCODING."
        )
    notes += [f"{name}: {told}"] * bool(told)
    return source


def _is_news(text: Encoding) -> bool:
    """UTF-8 that a file declares is what everybody expects."""
    if text.how == "declared":
        return text.name != "utf-8"
    return text.how in ("valid", "guessed")


def _is_called(name: str) -> Callable[[str], bool]:
    wanted = "deformation" if name == SECOND else name
    return lambda text: said_by(text) == wanted or wanted.lower() in text.lower()


def _part(name: str, source: Source, notes: list[str]) -> Source:
    """The source with the member of an archive, or the variable of a container, that is meant."""
    suffix = formats.suffix(source.path)
    if source.part is not None or suffix not in formats.PARTED:
        return source
    known = [part for part in openings.parts(source.path) if part]
    if not known:
        return source
    called = _is_called(name)
    named = [part for part in known if called(Path(part).stem)]
    file = Path(source.path).name
    if len(named) == 1:
        others = ", ".join(part for part in known if part != named[0])
        notes.append(
            f"{name}: '{named[0]}' of '{file}' is taken, by its name; it also has {others}: "
            f"{file}:{known[0] if known[0] != named[0] else known[-1]} takes another."
        )
        return replace(source, part=named[0])
    return _only_kind(name, source, named or known) if archives.is_archive(source.path) else source


def _only_kind(name: str, source: Source, known: list[str]) -> Source:
    """The only vector file beside rasters is an inventory, the only raster a factor of numbers; a
    rate and classes may be either."""
    drawn = [part for part in known if formats.suffix(part) not in formats.RASTER_DRIVERS]
    rasters = [part for part in known if part not in drawn]
    wanted = drawn if name == INVENTORY else rasters
    either = name in (DEFORMATION, SECOND) or factor(name).kind == "categorical"
    if not drawn or not rasters or (either and name != INVENTORY):
        wanted = known
    if len(wanted) == 1:
        return replace(source, part=wanted[0])
    raise archives.choose(Path(source.path), None, known)
