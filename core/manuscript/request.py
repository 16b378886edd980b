"""What is asked for a paper: a figure of maps, tables, a paragraph on methods."""

from dataclasses import MISSING, dataclass
from typing import Any, ClassVar

from core.access import VIEWER
from core.errors import SlideScopeError
from core.language.reader import Language
from core.learning.request import KEPT_THRESHOLD, RUN
from core.manuscript.lettering import CHOICES as FONTS
from core.request import Request, language, names, names_of, option

MOST_PANELS = 6
FIGURE_FORMATS = {"png": "PNG", "svg": "SVG", "pdf": "PDF"}
TABLE_FORMATS = {"docx": "Word", "xlsx": "Excel", "tex": "LaTeX", "csv": "CSV"}
Box = tuple[float, float, float, float]


def box_of(text: str) -> Box:
    """West, south, east and north.

    >>> box_of("102.3,27.2,102.4,27.3")
    (102.3, 27.2, 102.4, 27.3)
    """
    try:
        west, south, east, north = (float(part) for part in text.removeprefix("box:").split(","))
    except ValueError:
        west = south = east = north = 0.0
    if not (west < east and south < north):
        raise SlideScopeError(
            f"Invalid part '{text}': it is west, south, east and north as the map shows them, west "
            "before east and south before north; write them as 102.3,27.2,102.4,27.3."
        )
    return west, south, east, north


def _known(text: str, known: dict[str, str]) -> tuple[str, ...]:
    """Formats, each once, or a sentence on the one that is none."""
    given = tuple(dict.fromkeys(word.lower().lstrip(".") for word in names_of(text)))
    wrong = next((word for word in given if word not in known), None)
    if wrong or not given:
        raise SlideScopeError(
            f"Unknown format '{wrong or text}': it can be written as {', '.join(known)}; choose "
            "from these."
        )
    return given


def figure_formats(text: str) -> tuple[str, ...]:
    """
    >>> figure_formats("png, PDF")
    ('png', 'pdf')
    """
    return _known(text, FIGURE_FORMATS)


def table_formats(text: str) -> tuple[str, ...]:
    return _known(text, TABLE_FORMATS)


PART: dict[str, Any] = {
    "metavar": "W,S,E,N",
    "read": box_of,
    "write": lambda box: ",".join(f"{side:.10g}" for side in box),
    "whole": True,
}


@dataclass(frozen=True)
class FigureRequest(Request):
    """One to six maps of a scene as a figure to print."""

    ACTION: ClassVar[str] = "figure"
    KIND: ClassVar[str] = "figure"

    scene: str = option("name of the scene", MISSING, place=True, metavar="SCENE")
    panels: tuple[str, ...] = names(
        "up to six maps, (a) to (f): reference, relief, a factor's name, or probability, mask or "
        "errors, of another run than the newest as mask:RUN (default: reference, and probability, "
        "mask and errors where there is a map)",
        title="Maps (a) to (f)",
        page="Up to six, in this order: reference, relief, a factor's name; probability, mask or "
        "errors (TP, FP, FN) of a run, of another than the newest as mask:RUN.",
        hint="reference, probability, mask, errors",
        metavar="PANEL,PANEL",
    )
    out: str | None = option(
        "a folder for the files (default: figures/SCENE in the workspace)", metavar="DIR"
    )
    format: tuple[str, ...] = option(
        f"of {', '.join(FIGURE_FORMATS)} (default: all)",
        tuple(FIGURE_FORMATS),
        title="Files",
        read=figure_formats,
        write=",".join,
        whole=True,
        metavar="FORMAT,FORMAT",
    )
    dpi: int = option(
        "dots an inch of the PNG and of the pictures in SVG and PDF (default 300)",
        300,
        title="Dots an inch",
        least=72,
        most=1200,
        step=50,
        metavar="N",
    )
    width: int = option(
        "width of the figure: 85 is one column of a page, 180 two (default)",
        180,
        title="Width",
        unit="mm",
        least=60,
        most=400,
        step=5,
        metavar="MM",
    )
    columns: int = option(
        "maps side by side; 0 = as fits", 0, title="Maps side by side", least=0, most=6, step=1
    )
    font: str = option(
        f"{', '.join(FONTS)}, or the name of an installed family (default arial)",
        "arial",
        title="Font",
        page="Arial, Times or Chinese, or the name of an installed family; where it is not "
        "installed the figure says which one was used. A Chinese figure has a Chinese one unless "
        "another than Arial is named.",
        hint="arial",
        metavar="NAME",
    )
    threshold: float | None = option(
        f"of mask and errors, {KEPT_THRESHOLD}",
        title="Threshold of the figure",
        least=0.0,
        most=1.0,
        step=0.005,
    )
    extent: Box | None = option(
        "draw this part alone, with the whole scene as an inset",
        title="Part of the scene",
        page="West, south, east and north in degrees, separated by commas: this part alone is "
        "drawn, and the whole scene as an inset.",
        hint="the whole scene",
        **PART,
    )
    inset: Box | None = option(
        "magnify this part in a corner of every map",
        title="Magnified part",
        page="West, south, east and north in degrees, separated by commas: magnified in a corner "
        "of every map.",
        hint="none",
        **PART,
    )
    language: Language = language("titles, legends and caption")

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.panels) > MOST_PANELS:
            raise SlideScopeError(
                f"{len(self.panels)} maps do not fit: a figure has up to {MOST_PANELS}, (a) to "
                "(f); leave some out, or make two figures."
            )

    @property
    def title(self) -> str:
        return f"Figure of {self.scene}"

    @property
    def needs(self) -> str:
        return VIEWER


@dataclass(frozen=True)
class TablesRequest(Request):
    """The paper's tables 2, 3 and 4 and those of the factors, to go into a text."""

    ACTION: ClassVar[str] = "tables"

    scene: str = option("name of the scene", MISSING, place=True, metavar="SCENE")
    out: str | None = option(
        "a folder for the files (default: figures/SCENE in the workspace)", metavar="DIR"
    )
    format: tuple[str, ...] = option(
        f"of {', '.join(TABLE_FORMATS)} (default: all)",
        tuple(TABLE_FORMATS),
        read=table_formats,
        write=",".join,
        whole=True,
        metavar="FORMAT,FORMAT",
    )
    language: Language = language("titles, heads and notes")

    @property
    def needs(self) -> str:
        return VIEWER


@dataclass(frozen=True)
class MethodsRequest(Request):
    """How a run was made, as a paragraph of a paper."""

    ACTION: ClassVar[str] = "methods"

    run_id: str = option("a run", MISSING, title="Run", **RUN)
    scene: str | None = option("a predicted scene (default: the one it is tested on)")
    language: Language = language("the paragraph")

    @property
    def needs(self) -> str:
        return VIEWER
