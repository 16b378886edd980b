"""What is asked of runs: to train one, to repeat one, to predict with one or several."""

from dataclasses import MISSING, dataclass
from pathlib import PurePath
from typing import Any, ClassVar, Literal

from core.cluster import place
from core.request import Option, Request, left_open, option
from core.runs.config import MODEL_TITLES, RunConfig, called_after
from core.runs.settings import BY_NAME, Settings
from core.scene.store import IMPORTED

LARGEST_SEED = 2**31 - 1
BUFFER_PX = 32
FOLDS, MOST_FOLDS = 5, 20
# How maps are predicted; a prediction may ask for more looks than the run was given.
FLIPS = {
    1: "one look",
    4: "4 looks: a half turn, both diagonal flips",
    8: "8 looks: all flips and quarter turns",
}


def scene_names(text: str | None) -> tuple[str, ...]:
    """Return the scenes of a list such as 'a,b', each once.

    >>> scene_names("north, south,north")
    ('north', 'south')
    """
    return tuple(dict.fromkeys(filter(None, (word.strip() for word in (text or "").split(",")))))


@left_open(Settings)
class Given:
    """The settings that are asked for by name; None leaves one to the preset."""

    def given(self) -> dict[str, Any]:
        """All settings, None where the preset has the word."""
        return {name: getattr(self, name) for name in BY_NAME}


@dataclass(frozen=True, kw_only=True)
class SharedRequest(Request, Given):
    """What every member of a paired experiment has alike; None leaves a setting to the preset."""

    preset: str = option("paper, quick or another size of the model", "paper", title="Preset")
    split: Literal["block", "paper"] = option(
        "which tiles are held out: neighbours of training tiles are easier than they should be",
        "block",
        title="Split of the tiles",
        paper="7:3 of single tiles",
        choices={
            "block": "blocks of tiles, a buffer between",
            "paper": "single tiles, as the paper",
        },
        group="tested",
    )
    coding: Literal["paper", "recommended"] = option(
        "how classes and bearings reach the network",
        "paper",
        title="Lithology and aspect",
        paper="plain numbers",
        choices={"paper": "plain numbers", "recommended": "one-hot, sine and cosine"},
        group="tiles",
    )
    inventory_version: int | None = option(
        "version of the inventory (default: as imported)",
        title="Version of the inventory",
        page="Versions after the first are made in the review on the Compare page. A run is scored "
        "against the version it was trained on.",
    )
    test_scene: str | None = option(
        "test on this scene: no tile of SCENE is held out",
        title="Tested on",
        page="Another scene must have the same factors and an inventory.",
        paper="held-out tiles",
    )
    buffer: int | None = option(
        f"training pixels so near to a held-out tile are not used (default {BUFFER_PX})",
        title="Buffer between the parts, pixels",
        paper="none",
        unit="px",
        least=0,
        group="tested",
    )
    split_seed: int | None = option(
        "draws the held-out tiles; empty = as the seed",
        title="Seed of the split",
        paper="not printed",
        least=0,
        most=LARGEST_SEED,
        group="tested",
    )
    start_from: str | None = option(
        "go on from the network of this run: what fits keeps its weights",
        title="Start from a trained network",
        page="It goes on learning here: factors that both have keep their weights.",
        paper="no",
        flag="--from",
        metavar="RUN",
    )
    zscore: Literal["fitted", "kept"] | None = option(
        "with --from: fit the z-score to the new scene (default) or keep the network's own",
        title="Values are scaled",
        page="By the z-score: each factor less its mean, by its spread.",
        choices={
            "fitted": "as the new scene's values are spread",
            "kept": "as the network's own scenes were spread",
        },
    )
    encoder_weights: str | None = option(
        "what the encoder of unet_pretrained starts from: ImageNet weights in Keras's cache "
        "(default; random where it has none), fetched, random, or a file of them",
        metavar="cache|fetch|random|FILE",
    )
    flips: int | None = option(
        "looks that the map is the mean of, flipped and turned; as many times the cost",
        title="Looks at prediction",
        paper="one look",
        choices=FLIPS,
        group="tested",
    )

    def spelled(self, each: Option) -> bool:
        """A command that repeats a training names everything that is settled."""
        return each.kind is not bool or self.__dict__[each.name] is not each.default


@dataclass(frozen=True)
class TrainRequest(SharedRequest):
    """One training; all folds of a k-fold where `folds` are given without a `fold`."""

    ACTION: ClassVar[str] = "train"
    KIND: ClassVar[str] = "train"

    scene: str = option(
        "name of a scene; several, A,B,C, are learned from",
        "",
        title="Learn from several scenes",
        page="Tiles are drawn from all of them, and each keeps its own held-out tiles. Factors and "
        "classes are matched by name.",
        paper="one",
        place=True,
        metavar="SCENE",
    )
    model: str | None = option(f"one of {', '.join(MODEL_TITLES)}", title="Model")
    dataset: str = option(
        "rs, rs-dr with deformation rate, or a stored one", "rs-dr", title="Dataset"
    )
    seed: int = option(
        "draws first weights, order, turns and dropout",
        0,
        title="Seed",
        paper="not printed",
        least=0,
        most=LARGEST_SEED,
        group="tested",
    )
    folds: int | None = option(
        "split the scene's blocks into so many folds", title="Folds", least=2, most=MOST_FOLDS
    )
    fold: int | None = option("the fold that is held out, from 1")
    experiment: str | None = option("the paired experiment that it belongs to", hidden=True)
    resume: str | None = option("go on with an interrupted or stopped run", metavar="RUN")
    no_predict: bool = option("stop after the training itself", False)

    @property
    def home(self) -> str:
        """The first scene: the one that is split, tested and shown unless said otherwise."""
        return scene_names(self.scene)[0]

    @property
    def action(self) -> str:
        """`kfold` trains all folds, `train` one network.

        >>> TrainRequest("sample", "unet", "rs", folds=5).action
        'kfold'
        """
        return "kfold" if self.folds and self.fold is None else "train"

    @property
    def kind(self) -> str:
        return self.action

    @property
    def title(self) -> str:
        if self.resume:
            return f"Resume {self.resume}"
        model = MODEL_TITLES.get(self.model, self.model) if self.model else None
        data = self.dataset.upper()
        if self.action == "kfold":
            return f"Train {model} {data} on {self.scene}, {self.folds} folds"
        return f"Train {model} {data} on {self.scene}"

    def spelled(self, each: Option) -> bool:
        """To resume a run, its name is all there is to say."""
        return each.name == "resume" if self.resume else super().spelled(each)


@dataclass(frozen=True)
class KFoldRequest(TrainRequest):
    """Every fold of a scene's blocks."""

    ACTION: ClassVar[str] = "kfold"
    KIND: ClassVar[str] = "kfold"

    folds: int | None = option(
        f"how many (default {FOLDS})", FOLDS, title="Folds", least=2, most=MOST_FOLDS
    )
    on: str = place.on()

    def spelled(self, each: Option) -> bool:
        """Where the folds are trained is no part of what they are."""
        usual = each.name == "on" and self.on == place.LOCAL
        return not usual and super().spelled(each)


@dataclass(frozen=True)
class PredictRequest(Request):
    """The map of one run, or the mean of several."""

    ACTION: ClassVar[str] = "predict"
    KIND: ClassVar[str] = "predict"

    run_id: str = option(
        "several runs: their average, a run of its own", "", place=True, metavar="RUN[,RUN...]"
    )
    scene: str | None = option(
        "another scene with the same factors (default: its own)", title="Scene"
    )
    uncertainty: bool = option("also uncertainty.tif (up to 8 x the time)", False)
    flips: int | None = option(
        "looks that the map is the mean of, flipped and turned; as many times the cost",
        choices=FLIPS,
    )
    on: str = place.on()

    @property
    def members(self) -> tuple[str, ...]:
        """Ids of the runs.

        >>> PredictRequest("a,b", flips=4).argv()
        ['predict', 'a,b', '--flips', '4']
        """
        return tuple(self.run_id.split(","))

    @property
    def title(self) -> str:
        count = len(self.members)
        return f"Average {count} runs" if count > 1 else f"Predict with {self.run_id}"


@dataclass(frozen=True)
class LoadMapRequest(Request):
    """A map that was made elsewhere, kept as a run."""

    ACTION: ClassVar[str] = "load-map"
    KIND: ClassVar[str] = "load-map"

    scene: str = option("the scene it is a map of", MISSING, place=True, metavar="SCENE")
    file: str = option(
        "a raster of probabilities, or a mask", MISSING, place=True, metavar="FILE[:BAND]"
    )
    label: str | None = option(
        "what it is called (default: after the file)", title="Name", hint="after the file"
    )
    name: str | None = option("name of the run (default: after scene and title)")
    values: Literal["probability", "mask"] | None = option(
        "what its values are (default: the values tell)",
        title="Its values are",
        choices={"probability": "probabilities", "mask": "a mask"},
    )
    scale: float | None = option(
        "the value that means a probability of 1, such as 100 or 255 (default: the values tell)",
        title="Value that means a probability of 1",
        least=1,
        most=65535,
    )
    landslide_value: str | None = option(
        "the values of a mask that mean landslide (default: its one value besides 0)",
        title="Values that mean landslide",
        metavar="VALUE[,VALUE...]|any",
    )
    nodata: str | None = option(
        "this value is no data; none: every value counts",
        title="Value that means no data",
        metavar="VALUE|none",
    )
    crs: str | None = option(
        "its reference system, whatever the file says",
        title="Reference system",
        metavar="EPSG:N|FILE.prj",
    )
    dataset: Literal["rs", "rs-dr", "other"] = option(
        "what it was made of: without or with the deformation rate, or other data",
        "other",
        title="Made of",
        choices={
            "rs": "factors without InSAR deformation",
            "rs-dr": "factors with InSAR deformation",
            "other": "other data, or not known",
        },
    )
    split_of: str | None = option(
        "score it on the tiles that this run held out (default: on the whole scene)",
        title="Score it on the tiles held out by",
        page="Beside one of our runs a map is compared on the tiles that this run held out.",
        metavar="RUN",
    )

    @property
    def called(self) -> str:
        """
        >>> LoadMapRequest("kashmir", "maps/forest.tif:2").called
        'forest'
        """
        if self.label:
            return self.label.strip()
        return called_after(PurePath(self.file.split(":")[0] or self.file).stem) or "map"

    @property
    def title(self) -> str:
        return f"Load the map {self.called}"


def repeat(config: RunConfig) -> TrainRequest | PredictRequest | LoadMapRequest:
    """Return the request that makes a run again, every setting spelled out.

    The copy of a member of a paired experiment is no member itself; the map of a k-fold comes with
    the k-fold.
    """
    if (made := config.brought) is not None:
        return LoadMapRequest(
            config.scene,
            made.file,
            label=config.model,
            values=made.kind,
            scale=made.scale if made.kind == "probability" else None,
            landslide_value=made.landslide_value,
            nodata=made.nodata,
            crs=made.crs,
            dataset=made.dataset,
            split_of=made.split_of,
        )
    if config.joined == "average":
        return PredictRequest(",".join(config.members), flips=config.flips)
    names = [n for n in TrainRequest.__dataclass_fields__ if hasattr(config, n)]
    names.remove("experiment")
    given = {name: getattr(config, name) for name in names}
    given["scene"] = ",".join(config.learned_from)
    if not config.start_from:
        given["zscore"] = None
    # The imported inventory is what a training takes anyway.
    if given["inventory_version"] <= IMPORTED:
        given["inventory_version"] = None
    # One look is what a prediction takes anyway.
    if given["flips"] == 1:
        given["flips"] = None
    return TrainRequest(**given)
