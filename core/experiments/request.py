"""A paired experiment to start."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

from core.cluster import place
from core.experiments.arms import DEFAULT, Arm, check, parse
from core.request import inherited, option
from core.runs.request import SharedRequest, TrainRequest, scene_names

MOST_SEEDS = 100


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


def _typed(arms: Sequence[Arm]) -> str:
    return ",".join(arm.key for arm in arms)


@dataclass(frozen=True)
class ExperimentRequest(SharedRequest):
    """`arms` are trained with the seeds 0 .. `seeds` - 1 and, for the rest, alike.

    The split has a seed of its own, so that it is the same for all; `safe` augmentation is the
    default, because a turned line-of-sight rate is not what the satellite would have seen.
    """

    ACTION: ClassVar[str] = "experiment"
    KIND: ClassVar[str] = "experiment"

    scene: str = option(
        "name of an imported scene; A,B,C: of several", "", place=True, metavar="SCENE"
    )
    arms: tuple[Arm, ...] = option(
        "such as fcadensenet:rs-dr,fcadensenet:rs (default: all five)",
        DEFAULT,
        title="Networks and datasets",
        page="Each is trained with every seed, and for the rest alike.",
        read=parse,
        write=_typed,
        whole=True,
    )
    seeds: int = option(
        "how many: 0 .. N-1 (default 3)",
        3,
        title="Seeds :gray[an interval needs 3]",
        page="Every network is trained once with each seed from 0 on.",
        least=1,
        most=MOST_SEEDS,
    )
    resume: str | None = option("go on with an experiment that ended early", metavar="ID")
    dry_run: bool = option("say how long it takes, start nothing", False)
    on: str = place.on()
    augmentation: str | None = inherited(SharedRequest, "augmentation", "safe")
    split_seed: int | None = inherited(SharedRequest, "split_seed", 0)

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self.arms)

    @property
    def title(self) -> str:
        return f"Resume {self.resume}" if self.resume else f"Paired experiment on {self.scene}"

    @property
    def home(self) -> str:
        """The first scene."""
        return scene_names(self.scene)[0]

    def spelled(self, each) -> bool:
        if each.name == "on":
            return self.on != place.LOCAL
        return each.name == "resume" if self.resume else super().spelled(each)

    def members(self) -> tuple[Member, ...]:
        """All trainings, a seed after the other: whoever stops early has whole pairs."""
        return tuple(Member(arm, seed) for seed in range(self.seeds) for arm in self.arms)

    @property
    def shared(self) -> dict[str, Any]:
        """What all members have alike, by name."""
        return {each.name: getattr(self, each.name) for each in fields(SharedRequest)}

    def of_member(self, member: Member, experiment: str | None = None) -> TrainRequest:
        """The training of a member."""
        return TrainRequest(
            scene=self.scene,
            model=member.arm.model,
            dataset=member.arm.dataset,
            seed=member.seed,
            experiment=experiment,
            **self.shared,
        )

    def to_json(self) -> dict[str, Any]:
        template = TrainRequest(scene=self.scene, model="", dataset="", **self.shared)
        keys = [arm.key for arm in self.arms]
        more = {"resume": self.resume} if self.resume else {}
        more |= {"on": self.on} if self.on != place.LOCAL else {}
        return {"arms": keys, "seeds": self.seeds, "training": asdict(template), **more}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "ExperimentRequest":
        training = TrainRequest.from_json(value["training"])
        shared = {each.name: getattr(training, each.name) for each in fields(SharedRequest)}
        return cls(
            scene=training.scene,
            arms=parse(",".join(value["arms"])),
            seeds=value["seeds"],
            resume=value.get("resume"),
            on=value.get("on", place.LOCAL),
            **shared,
        )


def request(scene: str, arms: Sequence[Arm], seeds: int, **settings: Any) -> ExperimentRequest:
    """Return a request; `settings` as of `TrainRequest`, None leaves one to its default.

    >>> request("sample", parse("unet:rs,unet:rs-dr"), 2, preset="quick").argv()[:6]
    ['experiment', 'sample', '--arms', 'unet:rs,unet:rs-dr', '--seeds', '2']
    """
    given = {name: value for name, value in settings.items() if value is not None}
    return ExperimentRequest(scene=scene, arms=tuple(arms), seeds=seeds, **given)
