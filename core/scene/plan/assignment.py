"""What each file of an import is, as the user settled it on the page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core import paths
from core.errors import SlideScopeError
from core.factors import FACTORS
from core.scene.files.guess import INVENTORY
from core.scene.files.uploads import Row
from core.scene.plan.request import ImportRequest, Source, check_factor_name

LEAVE_OUT, OTHER = "", "other"
USES = (LEAVE_OUT, *FACTORS, INVENTORY, OTHER)


@dataclass(frozen=True)
class Assignment:
    """`use`: one of USES; `name` and `categorical` describe a factor that is not known (OTHER)."""

    row: Row
    use: str
    name: str = ""
    categorical: bool = False

    @property
    def source(self) -> Source:
        return Source(self.row.path, self.row.band, self.row.part)


@dataclass(frozen=True)
class GridChoice:
    """How the grid is chosen; all None: by the elevation raster."""

    resolution: float | None = None
    like: str | None = None
    tiles: int | None = None


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


def request_of(
    name: str, assignments: Sequence[Assignment], grid: GridChoice, replace: bool
) -> ImportRequest:
    """Put assignments together; several files of a factor are a mosaic in the order given."""
    factors: dict[str, tuple[Source, ...]] = {}
    categorical, inventories = set(), []
    for item in assignments:
        if item.use == INVENTORY:
            inventories.append(item.source)
        elif item.use != LEAVE_OUT:
            factor = check_factor_name(item.name) if item.use == OTHER else item.use
            factors[factor] = (*factors.get(factor, ()), item.source)
            if item.use == OTHER and (item.categorical or item.row.band_count == 0):
                categorical.add(factor)
    if len(inventories) > 1:
        raise SlideScopeError(
            f"{len(inventories)} files are marked as landslide inventory: a scene has one; leave "
            "the others out."
        )
    return ImportRequest(
        name=paths.check_name(name),
        factors=factors,
        categorical=frozenset(categorical),
        inventory=inventories[0] if inventories else None,
        resolution=grid.resolution,
        like=grid.like,
        tiles=grid.tiles,
        replace=replace,
    )
