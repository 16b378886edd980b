"""A paired experiment to start: the settings of an `experiment` command."""

import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from core.errors import SlideScopeError
from core.experiments.arms import DEFAULT, Arm, check, parse
from core.installed import COMMAND
from core.runs.request import TrainRequest

MOST_SEEDS = 100
# The template of a member: what makes it this one is filled in.
FREE = {"model": "", "dataset": "", "seed": 0, "experiment": None}


@dataclass(frozen=True)
class Member:
    """One training of an experiment."""

    arm: Arm
    seed: int

    @property
    def key(self) -> str:
        return f"{self.arm.key}:{self.seed}"

    @property
    def title(self) -> str:
        return f"{self.arm.title}, seed {self.seed}"


@dataclass(frozen=True)
class ExperimentRequest:
    """`arms` are trained with the seeds 0 .. `seeds` - 1 and, for the rest, as `training` says.

    The split has a seed of its own, so that it is the same for all; `safe` augmentation is the
    default, because a turned line-of-sight rate is not what the satellite would have seen.
    """

    training: TrainRequest
    arms: tuple[Arm, ...] = DEFAULT
    seeds: int = 3

    @property
    def title(self) -> str:
        return f"Paired experiment on {self.training.scene}"

    def members(self) -> tuple[Member, ...]:
        """All trainings, a seed after the other: whoever stops early has whole pairs."""
        return tuple(Member(arm, seed) for seed in range(self.seeds) for arm in self.arms)

    def of_member(self, member: Member, experiment: str | None = None) -> TrainRequest:
        """The `train` command of a member."""
        arm = member.arm
        return replace(
            self.training,
            model=arm.model,
            dataset=arm.dataset,
            seed=member.seed,
            experiment=experiment,
        )

    def argv(self) -> list[str]:
        """Return the arguments of `python -m core`.

        >>> request("sample", parse("unet:rs,unet:rs-dr"), 2, preset="quick").argv()[:6]
        ['experiment', 'sample', '--arms', 'unet:rs,unet:rs-dr', '--seeds', '2']
        """
        arms = ",".join(arm.key for arm in self.arms)
        mine = ["experiment", self.training.scene, "--arms", arms, "--seeds", str(self.seeds)]
        # Of `train SCENE --model M --dataset D ... --seed N` the rest is the same here.
        return mine + self.training.argv(leave_out=tuple(FREE))[2:]

    def command(self) -> str:
        """The same as one line for a terminal."""
        return shlex.join([*COMMAND.split(), *self.argv()])

    def to_json(self) -> dict:
        arms = [arm.key for arm in self.arms]
        return {"arms": arms, "seeds": self.seeds, "training": asdict(self.training)}

    @staticmethod
    def from_json(value: dict) -> "ExperimentRequest":
        arms = parse(",".join(value["arms"]))
        return ExperimentRequest(TrainRequest(**value["training"]), arms, value["seeds"])


def request(scene: str, arms: Sequence[Arm], seeds: int, **settings) -> ExperimentRequest:
    """Return a checked request; `settings` as of `TrainRequest`, None leaves one to its default."""
    if not 1 <= seeds <= MOST_SEEDS:
        raise SlideScopeError(
            f"Invalid number of seeds {seeds}: it must lie between 1 and {MOST_SEEDS}, and an "
            "interval needs 3; give such a one."
        )
    given = {name: value for name, value in settings.items() if value is not None}
    template = {**FREE, "split_seed": 0, "augmentation": "safe", **given}
    return ExperimentRequest(TrainRequest(scene=scene, **template), check(arms), seeds)
