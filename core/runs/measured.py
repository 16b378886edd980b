"""On what a run was measured, in words: a figure never stands without its area and split."""

from core.runs.store import Run


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
    if measured["scene"] == run.config.scene:
        return f"{measured['tiles']} {measured['area_words']} of {measured['scene']}{kind}"
    # The words name the scene themselves.
    return f"{measured['tiles']} tiles, {measured['area_words']}{kind}"


def split_short(run: Run) -> str:
    """Such as 'block', 'block 2/5' or 'all, tested on valley': for a column of a table."""
    config = run.config
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
