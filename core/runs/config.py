"""The configuration of a run: everything needed to train it again, written once."""

from dataclasses import asdict, dataclass, fields
from typing import Literal

from core.errors import SlideScopeError
from core.language.translation import message
from core.runs.settings import Settings
from models import catalogue
from models.catalogue import MODELS

LONGEST_NAME = 60
# Nothing that a table, a page or a report would take for markup.
OF_NAMES = " .,-_+()/&%'=#"
# How tiles are split, as an adjective.
SPLITS = {"block": message("block"), "paper": message("paper")}
MODEL_TITLES = {name: model.title for name, model in MODELS.items()}


@dataclass(frozen=True)
class Learned:
    """Another scene that a network learned from, and the state it had."""

    scene: str
    fingerprint: str
    inventory_version: int
    synthetic: bool


@dataclass(frozen=True)
class Brought:
    """A map that was made elsewhere and brought as a raster.

    `file` as it was given; `dataset` what it was made of, as far as was said; `kind`: its values
    are probabilities, of which `scale` means 1, or those of a mask, where `landslide_value` says
    what means landslide (None: its one value besides 0); `nodata` and `crs` as they were given;
    `split_of` is the run whose held-out tiles it is scored on.
    """

    file: str
    kind: Literal["probability", "mask"]
    dataset: Literal["rs", "rs-dr", "other"] = "other"
    scale: float = 1.0
    landslide_value: str | None = None
    nodata: str | None = None
    crs: str | None = None
    split_of: str | None = None


@dataclass(frozen=True)
class RunConfig(Settings):
    """How one network was trained, on what.

    `dataset` rs, rs-dr or a stored one; `factors` what it was then, in channel order; `coding`
    paper (plain numbers) or recommended (one-hot classes, sine and cosine of aspect); `buffer` in
    pixels between the parts of the split;
    `more` the other scenes whose tiles it learned from as well;
    `test_scene` another scene that this one is tested on: no tile of `scene` is held out then;
    `fold` (from 1) of `folds` is the part of a k-fold that is held out;
    `split_seed` draws the split where that is not to follow `seed`; `experiment` the paired
    experiment that the run was trained for; `encoder_weights` what a pretrained encoder starts from
    (`core.learning.networks.encoder`); `start_from` the run whose network it went on from,
    with that one's z-score (`zscore` kept) or with one fitted anew; `flips` the number of looks
    that its own maps are the mean of (`prediction.flips`); a run that is `joined` has no network
    of its own: its map is that of its `members`, other runs (`prediction.joined`), and what they
    do not share stands here with a + between. A map that was `brought` has none either, and `model`
    is what it is called. The other settings are those of `Settings`.
    """

    scene: str
    fingerprint: str
    inventory_version: int
    synthetic: bool
    model: str
    preset: str
    dataset: str
    factors: tuple[str, ...]
    seed: int = 0
    coding: Literal["paper", "recommended"] = "paper"
    tile: int = 128
    split: Literal["block", "paper"] = "block"
    buffer: int = 32
    more: tuple[Learned, ...] = ()
    test_scene: str | None = None
    folds: int | None = None
    fold: int | None = None
    split_seed: int | None = None
    experiment: str | None = None
    encoder_weights: str | None = None
    start_from: str | None = None
    zscore: Literal["fitted", "kept"] = "fitted"
    flips: int = 1
    members: tuple[str, ...] = ()
    joined: Literal["average", "folds"] | None = None
    brought: Brought | None = None

    @property
    def has_network(self) -> bool:
        """Whether a network of its own was trained, or is to be."""
        return self.joined is None and self.brought is None

    @property
    def split_words(self) -> str:
        """Such as 'block split, fold 2 of 5'; belongs beside every figure."""
        if self.brought:
            tiles = self.brought.split_of
            of = f"tiles that run {tiles} held out, " if tiles else ""
            return f"{of}a map made elsewhere, where it was trained is not known"
        several = len(self.learned_from) > 1
        if self.test_scene:
            scenes = f"scene{'s' if several else ''} {', '.join(self.learned_from)}"
            return f"trained on {scenes}, no tile of {'them' if several else 'it'} held out"
        split, others = SPLITS[self.split], ", ".join(other.scene for other in self.more)
        if self.joined == "folds":
            return f"{split} split, {self.folds} folds"
        # Each a message of its own: of two pieces side by side nobody can tell which is which.
        if self.fold and several:
            return f"{split} split, fold {self.fold} of {self.folds}, trained on {others} too"
        if self.fold:
            return f"{split} split, fold {self.fold} of {self.folds}"
        return f"{split} split, trained on {others} too" if several else f"{split} split"

    @property
    def learned_from(self) -> tuple[str, ...]:
        """Names of all scenes whose tiles it was trained on; of a map that was brought, the scene
        whose split it is scored on."""
        if self.brought and not self.brought.split_of:
            return ()
        return (self.scene, *(other.scene for other in self.more))

    def version_of(self, scene: str) -> int | None:
        """The inventory version that was learned from on `scene`, None of another scene."""
        versions = {other.scene: other.inventory_version for other in self.more}
        return {**versions, self.scene: self.inventory_version}.get(scene)

    @property
    def side(self) -> int:
        """Side of what the network sees in training: a square or a tile, pixels."""
        return self.crop or self.tile

    @property
    def origin_words(self) -> str:
        """Such as 'quick, seed 0' or 'quick, the mean of 3 runs'."""
        if self.brought:
            return f"from {self.brought.file}"
        if self.joined == "average":
            return f"{self.preset}, the mean of {len(self.members)} runs"
        if self.joined == "folds":
            return f"{self.preset}, seed {self.seed}, each tile by the fold that held it out"
        return f"{self.preset}, seed {self.seed}"

    @property
    def drawn_by(self) -> int:
        """The seed that drew the split."""
        return self.seed if self.split_seed is None else self.split_seed

    @property
    def model_title(self) -> str:
        if self.brought:
            return called_after(self.model)
        named = self.model.split("+")
        return " + ".join(MODEL_TITLES.get(name) or called_after(name) for name in named)

    def to_json(self) -> dict:
        listed = {"factors": list(self.factors), "more": [asdict(each) for each in self.more]}
        return {**asdict(self), **listed, "members": list(self.members)}

    @staticmethod
    def from_json(value: dict) -> "RunConfig":
        # Runs of 0.1.0 have null for "as they come", and the dropout of their network.
        share = value.get("landslide_share_of_batch") or 0.0
        found = {**value, "landslide_share_of_batch": share}
        if "dropout" not in value:
            found["dropout"] = catalogue.dropout(value["model"], value["preset"])
        found["more"] = tuple(Learned(**each) for each in value.get("more", ()))
        found |= {name: tuple(value.get(name) or ()) for name in ("factors", "members")}
        found["brought"] = _brought(value.get("brought"))
        # What a newer version keeps beside is no damage.
        return RunConfig(
            **{each.name: found[each.name] for each in fields(RunConfig) if each.name in found}
        )


def check_called(text: str) -> str:
    """Return what a run is called, or raise a SlideScopeError; it stands in every list.

    >>> check_called(" Zhang et al.  (2021) ")
    'Zhang et al. (2021)'
    """
    text = " ".join(text.split())
    if len(text) > LONGEST_NAME:
        raise SlideScopeError(
            f"The name '{text[:20]}...' has {len(text)} characters: a run's name has at most "
            f"{LONGEST_NAME}; shorten it, and note down the rest."
        )
    odd = next((sign for sign in text if not sign.isalnum() and sign not in OF_NAMES), None)
    if odd:
        raise SlideScopeError(
            f"The name '{text}' has the character {odd!r}: a run's name has letters, digits, "
            f"spaces and {OF_NAMES.strip()}; leave the others out."
        )
    return text


def called_after(text: str) -> str:
    """A name that a run may have, as near to the text as may be.

    >>> called_after("their*map[1]")
    'their map 1'
    """
    kept = "".join(sign if sign.isalnum() or sign in OF_NAMES else " " for sign in text)
    return " ".join(kept.split())[:LONGEST_NAME].strip()


def _brought(value: dict | None) -> Brought | None:
    if value is None:
        return None
    known = {each.name for each in fields(Brought)}
    return Brought(**{name: found for name, found in value.items() if name in known})
