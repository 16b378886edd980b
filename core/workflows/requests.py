"""The requests of the smaller actions; the larger ones stand where their field is (training and
prediction in `core.runs.request`, what a network is asked in `core.learning.request`, import in
`core.scene.plan.request`, the mask of a rate in `core.scene.sbas.request`, factors in
`core.analysis.request`, experiments in `core.experiments.request`)."""

from dataclasses import MISSING, dataclass
from typing import ClassVar

from core.access import ADMIN, EDITOR, VIEWER
from core.cluster.place import address_of
from core.errors import SlideScopeError
from core.jobs.words import STATES
from core.language.reader import Language
from core.learning.request import KEPT_THRESHOLD, RUN
from core.request import Request, language, option

# Of the generator and the server: here, so that a parser need not load them.
SAMPLE_SIZE, SAMPLE_SEED = 2048, 7
FIRST_PORT = 8501
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class SampleRequest(Request):
    """The synthetic watershed's files."""

    ACTION: ClassVar[str] = "sample"
    KIND: ClassVar[str] = "sample"

    out: str | None = option("folder of the files (default: the workspace)", metavar="DIR")
    size: int = option(f"default {SAMPLE_SIZE}", SAMPLE_SIZE, unit="px", metavar="PX")
    seed: int = option(f"default {SAMPLE_SEED}", SAMPLE_SEED, metavar="N")
    interferograms: str | None = option(
        "write its stack of interferograms too, here; with --import the rate is made of it",
        metavar="DIR",
    )
    name: str | None = option("import them as this scene", flag="--import", metavar="NAME")

    @property
    def title(self) -> str:
        if self.interferograms:
            return f"Synthetic sample of {self.size} px with interferograms"
        return f"Synthetic sample of {self.size} px"


@dataclass(frozen=True)
class PrepareRequest(Request):
    """The sample scene, the shipped networks' maps and the factor statistics."""

    ACTION: ClassVar[str] = "prepare"
    KIND: ClassVar[str] = "sample"

    @property
    def title(self) -> str:
        return "Prepare the synthetic sample scene"


def place_of(text: str) -> tuple[int, int]:
    """
    >>> place_of("120,88")
    (120, 88)
    """
    try:
        row, column = (int(part) for part in text.split(","))
    except ValueError:
        raise SlideScopeError(
            f"Invalid pixel '{text}': it is row and column of the scene, counted from 0; write "
            "them as 120,88."
        ) from None
    return row, column


@dataclass(frozen=True)
class DisplacementRequest(Request):
    """What moved at a pixel or in a landslide, date by date."""

    ACTION: ClassVar[str] = "displacement"

    scene: str = option("name of the scene", MISSING, place=True, metavar="SCENE")
    pixel: tuple[int, int] | None = option(
        "pixel of the scene, as row,column",
        metavar="ROW,COLUMN",
        read=place_of,
        write=lambda place: ",".join(map(str, place)),
        whole=True,
        alone="where",
    )
    landslide: int | None = option(
        "mean of the kept pixels of this landslide (default: list them)",
        title="Landslide",
        hint="the fastest first",
        alone="where",
        metavar="NUMBER",
    )
    residuals: bool = option(
        "of a pixel, also what its pairs miss the series by", False, title="Residuals of the pairs"
    )
    csv: str | None = option("write the series into this file", metavar="FILE")

    @property
    def needs(self) -> str:
        return VIEWER


@dataclass(frozen=True)
class ProfileRequest(Request):
    """How long a line over a scene is, and what lies along it."""

    ACTION: ClassVar[str] = "profile"

    scene: str = option("name of the scene", MISSING, place=True, metavar="SCENE")
    line: tuple[str, ...] = option(
        "its corners: latitude,longitude (27.27,102.38 or 27.27S,102.38W), x,y of the scene's "
        "grid, or row,column of a scene without one",
        MISSING,
        together="+",
        metavar="PLACE",
    )
    runs: tuple[str, ...] = option(
        "the probability of these runs too", (), flag="--run", together="+", metavar="RUN"
    )
    area: bool = option("the area of the polygon that the line goes around too", False)
    csv: str | None = option("write the profile into this file", metavar="FILE")

    @property
    def needs(self) -> str:
        return VIEWER


@dataclass(frozen=True)
class ScenesRequest(Request):
    """The stored scenes."""

    ACTION: ClassVar[str] = "scenes"

    delete: tuple[str, ...] = option(
        "damaged scenes, which cannot be read any more", (), together="+", metavar="SCENE"
    )
    classes: tuple[str, ...] = option(
        "name and colour a factor's classes as a file says: CSV (value,name,colour), .qml, .clr, "
        ".vat.dbf, .aux.xml",
        (),
        together=3,
        metavar=("SCENE", "FACTOR", "FILE"),
    )

    @property
    def needs(self) -> str:
        return ADMIN if self.delete else VIEWER


@dataclass(frozen=True)
class ModelsRequest(Request):
    """What can be trained."""

    ACTION: ClassVar[str] = "models"

    channels: int = option("input channels (default 10)", 10, least=1)

    @property
    def needs(self) -> str:
        return VIEWER


@dataclass(frozen=True)
class RunsRequest(Request):
    """Runs, and changes of them."""

    ACTION: ClassVar[str] = "runs"

    scene: str | None = option("only those trained on this scene", title="Scene")
    model: str | None = option("only those of this model", title="Model")
    dataset: str | None = option("only this dataset: rs, rs-dr or a stored one", title="Dataset")
    state: str | None = option(f"only those in this state: {', '.join(STATES)}", title="State")
    text: str = option(
        "only those with these words in name or note",
        "",
        title="Search",
        hint="Search names and notes",
    )
    pin: tuple[str, ...] = option(
        "list these first", (), together="+", alone="change", metavar="RUN"
    )
    unpin: tuple[str, ...] = option(
        "list these in their turn again", (), together="+", alone="change", metavar="RUN"
    )
    name: tuple[str, ...] = option(
        "call it something, everywhere; '' takes the name away",
        (),
        title="Name",
        hint="Shown in every list and table; without one it goes by network and dataset",
        together=2,
        alone="change",
        metavar=("RUN", "TEXT"),
    )
    note: tuple[str, ...] = option(
        "note down something",
        (),
        title="Note",
        hint="What was tried here, and what came of it",
        together=2,
        alone="change",
        metavar=("RUN", "TEXT"),
    )
    delete: tuple[str, ...] = option(
        "with models and predictions; damaged runs, jobs, experiments and datasets too",
        (),
        together="+",
        alone="change",
        metavar="RUN",
    )
    take_over: tuple[str, ...] = option(
        "give up, at once, what another host is at work on: a run, an experiment or a job; only "
        "where that host is certainly dead",
        (),
        together="+",
        alone="change",
        metavar="RUN",
    )

    @property
    def needs(self) -> str:
        if self.delete or self.take_over:
            return ADMIN
        return EDITOR if self.pin or self.unpin or self.note else VIEWER


@dataclass(frozen=True)
class ExportRequest(Request):
    """A predicted map as files for a GIS, and a report."""

    ACTION: ClassVar[str] = "export"
    KIND: ClassVar[str] = "export"

    run_id: str = option("a run with a map", MISSING, title="Run", **RUN)
    out: str = option("a new or empty folder", MISSING, metavar="DIR")
    scene: str | None = option("a predicted scene (default: the one it is tested on)")
    threshold: float | None = option(
        f"of mask and polygons, {KEPT_THRESHOLD}",
        title="Threshold",
        page="Of mask and polygons; the probability does not depend on it. At first the one kept "
        "with the run on the page Compare, else 0.5.",
        least=0.0,
        most=1.0,
        step=0.005,
    )
    language: Language = language("report, layers and styles")

    @property
    def title(self) -> str:
        return f"Export {self.run_id}"

    @property
    def needs(self) -> str:
        return VIEWER


@dataclass(frozen=True)
class ReviewRequest(Request):
    """False objects that may be landslides, and decisions about them."""

    ACTION: ClassVar[str] = "review"

    scene: str = option("name of the scene", MISSING, place=True, metavar="SCENE")
    run_id: str | None = option("whose map (default: the newest of the scene)", flag="--run")
    threshold: float | None = option(f"of the mask, {KEPT_THRESHOLD}")
    area: str = option("all (default), test, validation or train", "all")
    limit: int = option("how many to list (default 20)", 20)
    author: str | None = option(
        "who decides (default: this system's user)",
        title="Your name",
        hint="Your name, kept with every decision",
    )
    accept: str | None = option("it is a landslide", alone="what", metavar="ID")
    reject: str | None = option("it is none", alone="what", metavar="ID")
    remark: str | None = option("only keep the --comment about it", alone="what", metavar="ID")
    undo: str | None = option(
        "take back a decision (default: the author's last)",
        alone="what",
        bare="",
        metavar="DECISION",
    )
    version: bool = option(
        "burn accepted outlines into a new inventory version", False, alone="what"
    )
    export: str | None = option(
        "inventory and decisions as GeoPackage", alone="what", metavar="DIR"
    )
    comment: str = option(
        "with --accept, --reject or --remark", "", title="Comment", hint="Comment (optional)"
    )
    grow: int = option(
        "accept PX pixels wider (-PX: narrower)",
        0,
        title="Grow or shrink, pixels",
        page="Accept takes the outline so many pixels wider, or narrower.",
        unit="px",
    )
    outline: str = option(
        "accept with this WKT or GeoJSON (text or file)",
        "",
        title="WKT in the scene's coordinates, or GeoJSON in degrees",
        page="Accept takes it instead of the prediction's own.",
        hint="empty: the prediction's outline",
    )
    inventory_version: int | None = option("version to list against or to export")

    @property
    def needs(self) -> str:
        decides = (self.accept, self.reject, self.remark, self.version, self.undo is not None)
        return EDITOR if any(decides) else VIEWER


@dataclass(frozen=True)
class ServeRequest(Request):
    """The app, for this machine alone unless another address is given."""

    ACTION: ClassVar[str] = "serve"

    port: int = option("the first that is tried", FIRST_PORT)
    address: str = option(
        "of this machine, to listen on; 0.0.0.0 is every one of them (docs/serving.md)",
        LOOPBACK,
    )
    no_sample: bool = option("do not prepare the sample scene", False)

    @property
    def needs(self) -> str:
        return VIEWER


@dataclass(frozen=True)
class WorkerRequest(Request):
    """Workers of this machine for a dask scheduler, for actions with --on dask:tcp://HOST:PORT."""

    ACTION: ClassVar[str] = "worker"

    address: str = option(
        "of the scheduler", MISSING, place=True, metavar="tcp://HOST:PORT", read=address_of
    )
    workers: int = option("processes; each computes with its share of the cores", 1, least=1)
    gpus: int = option("trainings that each has a GPU for, one at a time", 0, least=0)

    @property
    def needs(self) -> str:
        return ADMIN


@dataclass(frozen=True)
class DoctorRequest(Request):
    """What the software needs of this machine."""

    ACTION: ClassVar[str] = "doctor"

    @property
    def needs(self) -> str:
        return VIEWER


@dataclass(frozen=True)
class AuditRequest(Request):
    """Who changed what."""

    ACTION: ClassVar[str] = "audit"

    who: str | None = option("only what somebody of this name changed")
    text: str = option("only changes with these words", "")
    last: int = option("how many at most, the newest", 50, least=1)

    @property
    def needs(self) -> str:
        return VIEWER
