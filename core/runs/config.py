"""The configuration of a run: everything needed to train it again, written once."""

from dataclasses import asdict, dataclass
from typing import Literal

from models.catalogue import MODELS

MODEL_TITLES = {name: model.title for name, model in MODELS.items()}


@dataclass(frozen=True)
class RunConfig:
    """How one network was trained, on what.

    `factors` in channel order; `coding` paper (plain numbers) or recommended (one-hot classes,
    sine and cosine of aspect); `buffer` in pixels between the parts of the split;
    `landslide_share_of_batch` the least share of tiles with landslides in a batch, None = as they
    come; `schedule` of the learning rate (`cosine` falls to 0); `prior_bias` starts the output at
    the training prevalence.
    """

    scene: str
    fingerprint: str
    inventory_version: int
    synthetic: bool
    model: str
    preset: str
    dataset: Literal["rs", "rs-dr"]
    factors: tuple[str, ...]
    seed: int = 0
    coding: Literal["paper", "recommended"] = "paper"
    tile: int = 128
    split: Literal["block", "paper"] = "block"
    buffer: int = 32
    augmentation: Literal["paper", "safe", "none"] = "paper"
    epochs: int = 100
    batch: int = 8
    learning_rate: float = 1e-4
    schedule: Literal["constant", "cosine"] = "constant"
    landslide_share_of_batch: float | None = None
    prior_bias: bool = False

    @property
    def model_title(self) -> str:
        return MODEL_TITLES.get(self.model, self.model)

    def to_json(self) -> dict:
        return {**asdict(self), "factors": list(self.factors)}

    @staticmethod
    def from_json(value: dict) -> "RunConfig":
        return RunConfig(**{**value, "factors": tuple(value["factors"])})
