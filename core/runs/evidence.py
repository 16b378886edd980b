"""Is one split evidence enough? Not where its test part holds few landslides: then every tile is
to be measured once, by k-fold."""

from core.runs.config import RunConfig
from core.runs.request import FOLDS, KFoldRequest, repeat
from core.runs.settings import of_preset

ENOUGH = 100


def request(config: RunConfig) -> KFoldRequest | None:
    """The k-fold of the same network; None of a run that has no such thing (it is one of folds or
    joined from runs, is tested on another scene, learned from several or from another network, or
    has the paper's split)."""
    of_folds = config.folds or config.joined
    elsewhere = config.test_scene or len(config.learned_from) > 1 or config.start_from
    if of_folds or elsewhere or config.split != "block":
        return None
    settled = {**vars(repeat(config)), **_left_to_the_preset(config), "folds": FOLDS}
    return KFoldRequest(**settled)


def _left_to_the_preset(config: RunConfig) -> dict[str, None]:
    """Settings that the preset has anyway: a sentence is no place for all of them. The number of
    epochs stays, as it may have been asked for."""
    usual = of_preset(config.preset)
    usual = usual | {"crop": min(usual["crop"], config.tile)}
    same = [name for name in usual if getattr(config, name) == usual[name] and name != "epochs"]
    return dict.fromkeys(same)


def words(config: RunConfig, landslides: int | None) -> str | None:
    """One sentence with the command where the test part holds fewer than 100 of the inventory's
    `landslides`; None where they are enough, or not known."""
    asked = request(config)
    if asked is None or landslides is None or landslides >= ENOUGH:
        return None
    return f"{why(landslides)}: `{asked.command()}` measures every tile once."


def why(landslides: int) -> str:
    """The beginning of that sentence.

    >>> why(1)
    'Only 1 mapped landslide lies in the test part, and one split of fewer than 100 tells little'
    """
    many = "landslide lies" if landslides == 1 else "landslides lie"
    return (
        f"Only {landslides} mapped {many} in the test part, and one split of fewer than {ENOUGH} "
        "tells little"
    )
