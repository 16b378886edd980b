"""The configuration of a run: everything needed to train it again, written once."""

from dataclasses import asdict, dataclass
from typing import Literal

from models.catalogue import MODELS

MODEL_TITLES = {name: model.title for name, model in MODELS.items()}


@dataclass(frozen=True)
class RunConfig:
    """How one network was trained, on what.

    `dataset` rs, rs-dr or a stored one; `factors` what it was then, in channel order; `coding`
    paper (plain numbers) or recommended (one-hot classes, sine and cosine of aspect); `buffer` in
    pixels between the parts of the split;
    `test_scene` another scene that this one is tested on: no tile of `scene` is held out then;
    `fold` (from 1) of `folds` is the part of a k-fold that is held out;
    `split_seed` draws the split where that is not to follow `seed`; `experiment` the paired
    experiment that the run was trained for; `encoder_weights` what a pretrained encoder starts from
    (`core.learning.encoder`). The settings from `augmentation` on are told in words
    in `core.learning.options`.
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
    test_scene: str | None = None
    folds: int | None = None
    fold: int | None = None
    split_seed: int | None = None
    experiment: str | None = None
    encoder_weights: str | None = None
    augmentation: Literal["paper", "safe", "none"] = "paper"
    epochs: int = 100
    batch: int = 8
    learning_rate: float = 1e-4
    schedule: Literal["constant", "cosine", "warmup_cosine"] = "constant"
    loss: Literal["bce", "weighted_bce", "focal", "bce_dice"] = "bce"
    landslide_share_of_batch: float = 0.0
    prior_bias: bool = False
    monitor: Literal["val_loss", "val_iou", "val_ap", "last"] = "val_loss"
    patience: int = 0
    precision: Literal["float32", "mixed"] = "float32"
    batch_statistics: Literal["running", "again"] = "running"

    @property
    def split_words(self) -> str:
        """Such as 'block split, fold 2 of 5'; belongs beside every figure."""
        if self.test_scene:
            return f"trained on scene {self.scene}, no tile of it held out"
        fold = f", fold {self.fold} of {self.folds}" if self.fold else ""
        return f"{self.split} split{fold}"

    @property
    def drawn_by(self) -> int:
        """The seed that drew the split."""
        return self.seed if self.split_seed is None else self.split_seed

    @property
    def model_title(self) -> str:
        return MODEL_TITLES.get(self.model, self.model)

    def to_json(self) -> dict:
        return {**asdict(self), "factors": list(self.factors)}

    @staticmethod
    def from_json(value: dict) -> "RunConfig":
        # Runs of 0.1.0 have null for "as they come".
        share = value.get("landslide_share_of_batch") or 0.0
        factors = tuple(value["factors"])
        return RunConfig(**{**value, "factors": factors, "landslide_share_of_batch": share})
