"""A training to start: the settings of a `train` command."""

import shlex
from dataclasses import dataclass

from core.installed import COMMAND
from core.runs.config import MODEL_TITLES, RunConfig
from core.scene.store import IMPORTED


def scene_names(text: str | None) -> tuple[str, ...]:
    """Return the scenes of a list such as 'a,b', each once.

    >>> scene_names("north, south,north")
    ('north', 'south')
    """
    return tuple(dict.fromkeys(filter(None, (word.strip() for word in (text or "").split(",")))))


# A field cannot be named as a word of Python.
FLAGS = {"start_from": "from"}


@dataclass(frozen=True)
class TrainRequest:
    """What `train` is asked for; None leaves a setting to the preset. `scene` may name several,
    separated by commas."""

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
    start_from: str | None = None
    zscore: str | None = None
    epochs: int | None = None
    batch: int | None = None
    learning_rate: float | None = None
    schedule: str | None = None
    crop: int | None = None
    averaged: float | None = None
    dropout: float | None = None
    loss: str | None = None
    landslide_share_of_batch: float | None = None
    prior_bias: bool | None = None
    augmentation: str | None = None
    monitor: str | None = None
    patience: int | None = None
    precision: str | None = None
    batch_statistics: str | None = None
    flips: int | None = None

    @property
    def home(self) -> str:
        """The first scene: the one that is split, tested and shown unless said otherwise."""
        return scene_names(self.scene)[0]

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
                argv += _flag(FLAGS.get(name, name.replace("_", "-")), value)
        return argv

    def command(self) -> str:
        """The same as one line for a terminal."""
        return shlex.join([*COMMAND.split(), *self.argv()])


def _flag(name: str, value: object) -> list[str]:
    """
    >>> _flag("epochs", 5), _flag("prior-bias", False)
    (['--epochs', '5'], ['--no-prior-bias'])
    """
    if isinstance(value, bool):
        return [f"--{'' if value else 'no-'}{name}"]
    return [f"--{name}", str(value)]


@dataclass(frozen=True)
class AverageRequest:
    """What `predict RUN1,RUN2,...` is asked for."""

    members: tuple[str, ...]
    flips: int

    @property
    def title(self) -> str:
        return f"Average {len(self.members)} runs"

    def argv(self) -> list[str]:
        """
        >>> AverageRequest(("a", "b"), 4).argv()
        ['predict', 'a,b', '--flips', '4']
        """
        return ["predict", ",".join(self.members), "--flips", str(self.flips)]

    def command(self) -> str:
        """The same as one line for a terminal."""
        return shlex.join([*COMMAND.split(), *self.argv()])


def repeat(config: RunConfig) -> TrainRequest | AverageRequest:
    """Return the request that makes a run again, every setting spelled out.

    The copy of a member of a paired experiment is no member itself; the map of a k-fold comes with
    the k-fold.
    """
    if config.joined == "average":
        return AverageRequest(config.members, config.flips)
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
