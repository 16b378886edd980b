"""The arms of an experiment: which networks on which datasets, and which are compared."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import SlideScopeError
from core.runs.config import MODEL_TITLES

PREFERRED = "fcadensenet"
DATASETS = ("rs", "rs-dr")


@dataclass(frozen=True)
class Arm:
    """One network on one dataset; `key` such as fcadensenet:rs-dr."""

    model: str
    dataset: str

    @property
    def key(self) -> str:
        return f"{self.model}:{self.dataset}"

    @property
    def title(self) -> str:
        """Such as 'FCADenseNet · RS-DR'."""
        return f"{MODEL_TITLES[self.model]} · {self.dataset.upper()}"


@dataclass(frozen=True)
class Pair:
    """Two arms that differ in one thing: what does `after` add to `before`?"""

    before: Arm
    after: Arm

    @property
    def id(self) -> str:
        """A name for files, such as fcadensenet-rs--fcadensenet-rs-dr."""
        return f"{self.before.key}--{self.after.key}".replace(":", "-")

    @property
    def of_deformation(self) -> bool:
        return self.before.model == self.after.model

    @property
    def title(self) -> str:
        """Such as 'FCADenseNet: RS → RS-DR' or 'RS-DR: U-Net → FCADenseNet'."""
        if self.of_deformation:
            return f"{MODEL_TITLES[self.before.model]}: RS → RS-DR"
        titles = (MODEL_TITLES[arm.model] for arm in (self.before, self.after))
        return f"{self.before.dataset.upper()}: {' → '.join(titles)}"


# The paper's claim: the four networks with the deformation rate, its own one without it too.
DEFAULT = (
    *(Arm(model, "rs-dr") for model in ("fcadensenet", "fc_densenet", "unet", "fcn")),
    Arm(PREFERRED, "rs"),
)


def parse(text: str) -> tuple[Arm, ...]:
    """Return the arms of a list such as 'fcadensenet:rs-dr,fcadensenet:rs'.

    >>> [arm.key for arm in parse("unet:rs-dr, unet:rs")]
    ['unet:rs-dr', 'unet:rs']
    """
    found = []
    for word in filter(None, (part.strip() for part in text.split(","))):
        model, _, dataset = word.partition(":")
        if model not in MODEL_TITLES or dataset not in DATASETS:
            raise SlideScopeError(
                f"Unknown arm '{word}': an arm is MODEL:DATASET with a model of "
                f"{', '.join(MODEL_TITLES)} and a dataset of rs, rs-dr; name such ones, "
                "separated by commas."
            )
        found.append(Arm(model, dataset))
    return check(tuple(dict.fromkeys(found)))


def check(arms: Sequence[Arm]) -> tuple[Arm, ...]:
    """Return the arms; a SlideScopeError unless some two of them can be compared."""
    arms = tuple(arms)
    if not pairs(arms):
        named = ", ".join(arm.key for arm in arms) or "none"
        raise SlideScopeError(
            f"Nothing to compare in the arms {named}: a pair is one network on both datasets or "
            "two networks on one; name two such arms."
        )
    return arms


def pairs(arms: Sequence[Arm]) -> tuple[Pair, ...]:
    """Return what is compared: every network's RS with its RS-DR; then, on each dataset, every
    other network with FCADenseNet (with the first named one where that is missing).

    >>> [pair.title for pair in pairs(parse("unet:rs-dr,fcn:rs-dr,unet:rs"))]
    ['U-Net: RS → RS-DR', 'RS-DR: FCN → U-Net']
    """
    found = [
        Pair(Arm(arm.model, "rs"), arm)
        for arm in arms
        if arm.dataset == "rs-dr" and Arm(arm.model, "rs") in arms
    ]
    for dataset in DATASETS[::-1]:
        on = [arm for arm in arms if arm.dataset == dataset]
        if len(on) > 1:
            best = next((arm for arm in on if arm.model == PREFERRED), on[0])
            found += [Pair(arm, best) for arm in on if arm is not best]
    return tuple(found)
