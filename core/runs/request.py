"""A training to start: the settings of a `train` command."""

import shlex
from dataclasses import dataclass

from core.runs.config import MODEL_TITLES, RunConfig
from core.scene.inventory import VERSION as IMPORTED


@dataclass(frozen=True)
class TrainRequest:
    """What `train` is asked for; None leaves a setting to the preset."""

    scene: str
    model: str
    dataset: str
    preset: str = "quick"
    split: str = "block"
    seed: int = 0
    coding: str = "paper"
    buffer: int | None = None
    inventory_version: int | None = None
    test_scene: str | None = None
    folds: int | None = None
    fold: int | None = None
    split_seed: int | None = None
    experiment: str | None = None
    encoder_weights: str | None = None
    epochs: int | None = None
    batch: int | None = None
    learning_rate: float | None = None
    schedule: str | None = None
    loss: str | None = None
    landslide_share_of_batch: float | None = None
    prior_bias: bool | None = None
    augmentation: str | None = None
    monitor: str | None = None
    patience: int | None = None
    precision: str | None = None
    batch_statistics: str | None = None

    @property
    def title(self) -> str:
        model = MODEL_TITLES.get(self.model, self.model)
        folds = f", {self.folds} folds" if self.command_word == "kfold" else ""
        return f"Train {model} {self.dataset.upper()} on {self.scene}{folds}"

    @property
    def command_word(self) -> str:
        """`kfold` trains all folds, `train` one network.

        >>> TrainRequest("sample", "unet", "rs", folds=5).command_word
        'kfold'
        """
        return "kfold" if self.folds and self.fold is None else "train"

    def argv(self, leave_out: tuple[str, ...] = ()) -> list[str]:
        """Return the arguments of `python -m core`, without some settings.

        >>> TrainRequest("sample", "unet", "rs", epochs=5).argv()[:6]
        ['train', 'sample', '--model', 'unet', '--dataset', 'rs']
        """
        argv = [self.command_word, self.scene]
        for name, value in vars(self).items():
            if name != "scene" and name not in leave_out and value is not None:
                argv += _flag(name.replace("_", "-"), value)
        return argv

    def command(self) -> str:
        """The same as one line for a terminal."""
        return shlex.join(["python", "-m", "core", *self.argv()])


def _flag(name: str, value: object) -> list[str]:
    """
    >>> _flag("epochs", 5), _flag("prior-bias", False)
    (['--epochs', '5'], ['--no-prior-bias'])
    """
    if isinstance(value, bool):
        return [f"--{'' if value else 'no-'}{name}"]
    return [f"--{name}", str(value)]


def repeat(config: RunConfig) -> TrainRequest:
    """Return the request that trains a run again, every setting spelled out.

    The copy of a member of a paired experiment is no member itself.
    """
    names = [n for n in TrainRequest.__dataclass_fields__ if hasattr(config, n)]
    names.remove("experiment")
    given = {name: getattr(config, name) for name in names}
    # The imported inventory is what a training takes anyway.
    if given["inventory_version"] <= IMPORTED:
        given["inventory_version"] = None
    return TrainRequest(**given)
