"""One decision of a user otherwise than a file says: its options in words."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from core.request import option, options
from core.scene.files import shifts
from core.scene.files.raster import KEEP
from core.scene.insar.orbit import SIGNS

KERNELS = ("nearest", "bilinear", "cubic", "average", "mode")


@dataclass(frozen=True)
class Override:
    """`nodata` is KEEP, a value, or None for "every value counts"; the others None for "as the
    files say". `scale` is (times, plus); `shift` metres.

    Each field is an option, told of a factor as NAME=VALUE; NAME:N is the N-th file of a mosaic.
    """

    nodata: float | str | None = option(
        "this value of the files is no data; NAME=none: every value counts",
        KEEP,
        title="No-data value",
        page="Such pixels are not measured.",
        hint="a number, or none: every value counts",
        metavar="NAME=VALUE",
    )
    unit: str | None = option(
        "what the files are in, such as deformation=m/yr or elevation=ft",
        title="Unit of the file",
        page="What its numbers are in.",
        hint="as found",
        metavar="NAME=UNIT",
    )
    scale: tuple[float, float] | None = option(
        "what stored numbers are multiplied by, and what is added then",
        title="Scale, offset",
        hint="0.1, -5",
        metavar="NAME=TIMES[,PLUS]",
    )
    sign: str | None = option(
        "which way a positive rate along the line of sight means",
        title="A positive rate means",
        hint="as found",
        choices={sign: f"{words} the satellite" for sign, words in SIGNS.items()},
        metavar="NAME=towards|away",
    )
    crs: str | None = option(
        "the reference system of the files, whatever they say",
        title="Reference system",
        hint="EPSG:32643",
        metavar="NAME=EPSG:N or NAME=FILE.prj",
    )
    shift: tuple[float, ...] | None = option(
        shifts.WRITE,
        title="Moved by, m",
        hint="east, north; or dx, dy, dz",
        metavar="NAME=DX,DY[,DZ]",
    )
    kernel: str | None = option(
        f"resample with one of {', '.join(KERNELS)}",
        title="Resampling",
        page="How its pixels come onto the grid; for all files of the factor.",
        hint="as usual",
        metavar="NAME=KERNEL",
    )
    fill: float | None = option(
        "gaps of the factor get this value, in its own unit",
        title="Gaps become",
        hint="they stay no data",
        metavar="NAME=VALUE",
    )
    landslide_value: tuple[float, ...] | str | None = option(
        "what means landslide in an inventory that is a raster; any: every value but 0",
        title="Landslide is",
        hint="1, or any: every value but 0",
        metavar="VALUE[,VALUE...]",
    )
    encoding: str | None = option(
        "what the text of a shapefile or table is in, such as gbk",
        title="Encoding of its text",
        hint="gbk",
        metavar="NAME=ENCODING",
    )
    columns: str | None = option(
        "the columns of a table of points, by their names or numbers from 1; x and y with --crs",
        title="Columns",
        page="By their names or numbers from 1; x and y with a reference system.",
        hint="lon=POINT_X,lat=POINT_Y,rate=v",
        metavar="[NAME=]lon=COLUMN,lat=COLUMN[,rate=COLUMN]",
    )
    point_radius: float | None = option(
        "points of the inventory are landslides of this radius in m",
        title="Radius of its points, m",
        hint="30",
        metavar="[inventory=]M",
    )

    @property
    def decided(self) -> dict[str, Any]:
        """What is not left to the file, by option."""
        found = {f.name: getattr(self, f.name) for f in fields(self)}
        return {n: v for n, v in found.items() if v != getattr(Override, n)}

    def given(self) -> dict[str, str]:
        """The same as the command line writes it.

        >>> Override(nodata=None, scale=(0.1, -5.0)).given()
        {'nodata': 'none', 'scale': '0.1,-5'}
        """
        return {name: written(value) for name, value in self.decided.items()}

    def under(self, other: "Override") -> "Override":
        """What holds where `other` is decided too, which comes first."""
        return replace(self, **other.decided)

    def without(self, options: Sequence[str]) -> "Override":
        return replace(self, **{name: getattr(Override, name) for name in options})


OPTIONS = options(Override)


def flag(option: str) -> str:
    """
    >>> flag("landslide_value")
    'landslide-value'
    """
    return option.replace("_", "-")


def usage(option: str) -> str:
    """
    >>> usage("encoding")
    'NAME=ENCODING: what the text of a shapefile or table is in, such as gbk'
    """
    return f"{OPTIONS[option].metavar}: {OPTIONS[option].words}"


def written(value) -> str:
    """What `read` reads back.

    >>> written(65535.0), written((0.1, -5.0)), written(None)
    ('65535', '0.1,-5', 'none')
    """
    if value is None:
        return "none"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return ",".join(map(written, value)) if isinstance(value, tuple) else str(value)
