"""On what a run was measured, in words: a figure never stands without its area and split. Which
version of an inventory it is measured against, and whether one split is evidence enough."""

from core.errors import SlideScopeError
from core.runs.config import RunConfig
from core.runs.request import FOLDS, KFoldRequest, repeat
from core.runs.settings import of_preset
from core.runs.store import Run
from core.scene import store as scenes
from core.scene.store import IMPORTED, Scene

ENOUGH = 100


def area(run: Run) -> str:
    """Tiles, scene, split, threshold and prevalence behind a measured run's figures."""
    measured = run.needed_metrics()
    return (
        f"{tiles(run)}; {run.config.split_words}; threshold {measured['threshold']:g}; "
        f"landslide prevalence {100 * measured['prevalence']:.2f} %{looks(run.flips())}"
    )


def looks(flips: int) -> str:
    """The end of a sentence on figures: of how many looks the map behind them is the mean.

    >>> looks(4), looks(1)
    ('; mean of 4 looks (flips and turns)', '')
    """
    return f"; mean of {flips} looks (flips and turns)" if flips > 1 else ""


def tiles(run: Run) -> str:
    """Such as '67 held-out tiles of sample, a synthetic scene'."""
    measured = run.needed_metrics()
    kind = ", a synthetic scene" if measured["synthetic"] else ""
    if measured["scene"] in run.config.learned_from[:1]:
        # No text of four fields, which would fit anything with an "of": single_words.AREAS has all.
        said = str(measured["tiles"]), measured["area_words"], "of", measured["scene"]
        return " ".join(said) + kind
    # The words name the scene themselves.
    return f"{measured['tiles']} tiles, {measured['area_words']}{kind}"


def split_short(run: Run) -> str:
    """Such as 'block', 'block 2/5' or 'all, tested on valley': for a column of a table."""
    config = run.config
    if config.brought:
        return f"as {config.brought.split_of}" if config.brought.split_of else "not known"
    if config.joined == "folds":
        return f"{config.split}, all {config.folds}"
    if config.test_scene:
        return f"all, tested on {config.test_scene}"
    return f"{config.split} {config.fold}/{config.folds}" if config.fold else config.split


def sureness(run: Run) -> str:
    """What the intervals of a measured run are, or why it has none; empty where an earlier version
    measured it."""
    measured = run.needed_metrics()
    if measured.get("intervals"):
        blocks = measured["blocks"]
        return f"Under the values: 90 % intervals, bootstrap over {blocks} blocks of tiles."
    return measured.get("intervals_why") or ""


def version_of(run: Run, scene: str) -> int:
    """The inventory version that `run` is measured against on `scene`: on its own the one it was
    trained on, elsewhere (a network that was brought is at home nowhere) the imported one."""
    version = None if run.loaded else run.config.version_of(scene)
    return IMPORTED if version is None else version


def scene_of(run: Run, name: str | None = None, version: int | None = None) -> Scene:
    """Return scene `name` (default: the one the run is tested on) at inventory `version`, by
    default the one of `version_of`."""
    scene = scenes.load(name or run.test_scene)
    if version is None and not scene.inventory:
        return scene
    from core.scene import inventory  # here: a list of runs needs no vector libraries

    return inventory.at(scene, version or version_of(run, scene.name))


def check_current(run: Run, name: str) -> None:
    """Raise a SlideScopeError where the scene was imported anew since the run's map was made; of a
    scene that is gone the scores still hold."""
    if not run.predicted(name) or name not in scenes.names():
        return
    if run.outdated(name, scenes.load(name).fingerprint):
        raise SlideScopeError(
            f"The map of run '{run.id}' is of an earlier import of scene '{name}', whose pixels "
            "may lie elsewhere: a score would mix the two; predict or train it again first."
        )


def request(config: RunConfig) -> KFoldRequest | None:
    """The k-fold of the same network; None of a run that has no such thing (it is one of folds, is
    joined from runs or brought as a map, is tested on another scene, learned from several or from
    another network, or has the paper's split)."""
    of_folds = config.folds or not config.has_network
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
