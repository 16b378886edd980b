"""What each file of an import is, as the user settled it on the page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core import paths
from core.errors import SlideScopeError
from core.factors import DEFORMATION, DISTANCE, FACTORS, FROM_TWO_ORBITS
from core.factors import factor as known
from core.scene.files.guess import INVENTORY
from core.scene.files.source import Source, of_part
from core.scene.files.uploads import Row
from core.scene.insar.orbit import Orbit
from core.scene.plan.override import KERNELS, Override
from core.scene.plan.overrides import FOR_CLASSES, OF_FACTOR, SECOND
from core.scene.plan.request import GridChoice, ImportRequest, angles_of, check_factor_name

LEAVE_OUT, OTHER = "", "other"
# The inventory as points, for statistics.
MARKS = "inventory_points"
# A layer that a factor is the distance to.
AWAY = "distance"
USES = (LEAVE_OUT, *FACTORS, INVENTORY, MARKS, AWAY, OTHER)


@dataclass(frozen=True)
class Assignment:
    """`use`: one of USES; `name` and `categorical` describe a factor that is not known (OTHER), or
    `name` what a layer holds that distances are measured to (AWAY);
    `attribute` of polygons or points, None to choose it by name; `measured`: whether it holds
    measurements, whatever they look like; `override` what is decided
    otherwise than the file says."""

    row: Row
    use: str
    name: str = ""
    categorical: bool = False
    attribute: str | None = None
    measured: bool = False
    override: Override = field(default_factory=Override)

    @property
    def source(self) -> Source:
        return of_part(self.row.path, self.attribute or self.row.band, self.row.part)

    @property
    def factor(self) -> str:
        """The factor it is a file of; empty where it is left out."""
        if self.use == AWAY:
            return f"{DISTANCE}{self.name}"
        return self.name if self.use == OTHER else INVENTORY if self.use == MARKS else self.use

    @property
    def kind(self) -> str:
        """continuous, circular or categorical."""
        if self.use == AWAY:
            return "continuous"
        if self.use in (INVENTORY, MARKS) or self.categorical or self.row.band_count == 0:
            return "categorical"
        return known(self.factor).kind

    @property
    def kernels(self) -> tuple[str, ...]:
        """What it may be resampled by; empty where that is not to be chosen."""
        if self.row.kind != "raster" or self.use in (INVENTORY, MARKS) or self.kind == "circular":
            return ()
        return FOR_CLASSES if self.kind == "categorical" else KERNELS


@dataclass(frozen=True)
class Further:
    """Factors to be derived beyond slope, aspect and curvature, and what they need; `decided`
    about factors as wholes (kernel, fill), the second orbit's rate and the orbits' rasters, by
    name; `rate`: how a rate is made of interferograms, fields of the request by name."""

    added: tuple[str, ...] = ()
    orbit: Orbit | None = None
    second: Source | None = None
    second_orbit: Orbit | None = None
    decided: dict[str, Override] = field(default_factory=dict)
    rate: dict[str, Any] = field(default_factory=dict)


def suggested(row: Row) -> Assignment:
    """The assignment that the file's name suggests."""
    name = row.guess.name
    if name is None:
        return Assignment(row, LEAVE_OUT, name_of(row.path))
    if name in USES:
        return Assignment(row, name, name_of(row.path))
    return Assignment(row, OTHER, name, row.guess.categorical)


def name_of(path: str) -> str:
    """A factor name made of a file's name.

    >>> name_of("data/01 NDVI-mean.tif")
    'f01_ndvi_mean'
    """
    words = re.sub(r"\W+", "_", Path(path).stem.lower()).strip("_") or "factor"
    return (words if words[0].isalpha() else f"f{words}")[:40]


def keys(assignments: Sequence[Assignment]) -> dict[str, Assignment]:
    """What options call each file that is used: its factor, and its number in a mosaic."""
    used = [a for a in assignments if a.use != LEAVE_OUT]
    names = [a.factor for a in used]
    found = {}
    for n, item in enumerate(used):
        several = names.count(names[n]) > 1
        found[f"{names[n]}:{names[: n + 1].count(names[n])}" if several else names[n]] = item
    return found


def request_of(
    name: str,
    assignments: Sequence[Assignment],
    grid: GridChoice,
    replace_old: bool,
    further: Further | None = None,
) -> ImportRequest:
    """Put assignments together; several files of a factor are a mosaic in the order given."""
    further = further or Further()
    for item in assignments:
        if item.row.kind == "stack" and item.use not in (LEAVE_OUT, DEFORMATION):
            raise SlideScopeError(
                f"'{item.row.name}' is a stack of interferograms, of which a deformation rate is "
                "made: call it that, or leave it out."
            )
    if set(further.added) & set(FROM_TWO_ORBITS) and not further.second:
        raise SlideScopeError(
            "Rates to the east and upwards need the rate of another orbit: choose its file under "
            "'More factors', or leave them out there."
        )
    factors: dict[str, tuple[Source, ...]] = {}
    categorical, continuous = set(), set()
    inventories = [item.source for item in assignments if item.use == INVENTORY]
    marks = [item.source for item in assignments if item.use == MARKS]
    for item in assignments:
        if item.use in (INVENTORY, MARKS, AWAY):
            continue
        if item.use != LEAVE_OUT:
            factor = check_factor_name(item.factor)
            factors[factor] = (*factors.get(factor, ()), item.source)
            if item.use == OTHER and (item.categorical or item.row.band_count == 0):
                categorical.add(factor)
            elif item.measured and item.row.kind == "raster":
                continuous.add(factor)
    angles = {
        f"{prefix}{which}"
        for prefix, orbit in (("", further.orbit), (f"{SECOND}_", further.second_orbit))
        for which, angle in angles_of(orbit).items()
        if isinstance(angle, Source)
    }
    return ImportRequest(
        name=paths.check_name(name),
        factors=factors,
        categorical=frozenset(categorical),
        continuous=frozenset(continuous),
        distances=_distances(assignments),
        inventory=_joined(inventories),
        inventory_points=_joined(marks),
        resolution=grid.resolution,
        like=grid.like,
        tiles=grid.tiles,
        replace=replace_old,
        overrides=_overrides(
            assignments, further, [*factors, *[SECOND] * bool(further.second), *angles]
        ),
        added=further.added,
        orbit=further.orbit,
        second=further.second,
        second_orbit=further.second_orbit,
        **further.rate,
    )


def _distances(assignments: Sequence[Assignment]) -> dict[str, tuple[Source, ...]]:
    """Layers by what they hold; several files of a name are one layer."""
    found: dict[str, tuple[Source, ...]] = {}
    for item in assignments:
        if item.use == AWAY:
            check_factor_name(item.factor)
            # Whatever its attributes say: all features count.
            source = of_part(item.row.path, None, item.row.part)
            found[item.name] = (*found.get(item.name, ()), source)
    return found


def _joined(sources: list[Source]) -> Source | None:
    """Several files of one inventory, in the order given."""
    return replace(sources[0], more=tuple(sources[1:])) if sources else None


def _overrides(
    assignments: Sequence[Assignment], further: Further, names: list[str]
) -> dict[str, Override]:
    """Decisions about files and about factors as wholes, under the names of their options."""
    found = {key: item.override.without(OF_FACTOR) for key, item in keys(assignments).items()}
    known_names = {item.factor for item in assignments}
    for name, whole in further.decided.items():
        if name not in names:
            continue
        if name not in known_names:
            found[name] = whole
            continue
        own = {option: getattr(whole, option) for option in OF_FACTOR}
        found[name] = replace(found.get(name, Override()), **own)
    return {key: item for key, item in found.items() if item != Override()}
