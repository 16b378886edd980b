"""What predictions, scores, exports and reviews print for people."""

from core.commands import shown_scrutiny
from core.commands.shown_networks import show_inside
from core.jobs.words import duration
from core.learning.scores.intervals import CONFIDENCE
from core.runs import store as runs
from core.runs.measured import looks
from core.runs.tables import BASELINES

METRICS = (
    "precision",
    "recall",
    "f1",
    "kappa",
    "miou",
    "iou_landslide",
    "average_precision",
    "ece",
)


def show_predict(result: dict) -> None:
    if result["empty_mask"]:
        print("The predicted mask is empty: no pixel reaches a probability of 0.5.")
    print(f"{result['landslides']} landslides in {result['folder']}")
    if "members" in result:
        print(f"Run {result['run']}: the mean of {len(result['members'])} runs' maps.")
    print(cost_words(result["flips"], result["seconds"]))


def show_load_map(result: dict) -> None:
    print(f"Run {result['run']}: a {result['kind']} map of {result['scene']}")
    for note in (*result["notes"], result["warning"]):
        print(note)
    if result["empty_mask"]:
        print("The mask is empty: no pixel reaches a probability of 0.5.")
    if result.get("metrics"):
        show_evaluate(result["metrics"])


def cost_words(looks: int, seconds: float | None) -> str:
    """What a map cost; `seconds` None where it was made in two goes.

    >>> cost_words(4, 125.0)
    'The mean of 4 looks at every window, 4 x the cost of one: predicted in 2 min 5 s.'
    >>> cost_words(1, None)
    'One look at every window: went on from the strips that were there.'
    """
    said = "One look at every window"
    if looks > 1:
        said = f"The mean of {looks} looks at every window, {looks} x the cost of one"
    if seconds is None:
        return f"{said}: went on from the strips that were there."
    return f"{said}: predicted in {duration(seconds)}."


def show_evaluate(result: dict) -> None:
    kind = "synthetic scene, " if result["synthetic"] else ""
    config = runs.load(result["run"]).config
    where = f"{result['area_words']} ({result['tiles']} tiles), {config.split_words}"
    where += looks(result["flips"])
    print(f"{kind}{where}, p >= {result['threshold']:g}")
    show_scores(result)
    if result["empty_mask"]:
        print("The predicted mask is empty: no pixel reaches the threshold.")
    if result["evidence"]:
        print(result["evidence"])
    if "applicability" in result:
        show_inside(result["applicability"])
    if "spacing" in result:
        print(result["spacing"]["words"])
    if "guarantee" in result:
        print(result["guarantee"]["words"])
    if "outlines" in result:
        shown_scrutiny.show_outlines(result["outlines"])
    if "objects" in result:
        show_objects(result["objects"])
    if "reviewers" in result:
        shown_scrutiny.show(result["reviewers"])


def show_scores(result: dict, spread: dict | None = None) -> None:
    """Print a line a metric: value, `spread` over the folds, interval, the baselines."""
    sure = result["intervals"] or {}
    for name in METRICS:
        deviation = f" ± {spread[name]:.4f}" if spread and name in spread else ""
        low, high = sure.get(name, (None, None))
        interval = "" if low is None else f"  [{low:.3f}, {high:.3f}]"
        beside = "".join(
            f"   {title.lower()} {result[key][name]:.4f}"
            for key, title in BASELINES.items()
            if result[key]
        )
        print(f"  {name:18} {result[name]:.4f}{deviation}{interval}{beside}")
    share = f"{100 * CONFIDENCE:.0f} %"
    known = f"[ ] is the {share} interval, bootstrap over {result['blocks']} blocks of tiles."
    print(known if sure else result["intervals_why"])


def show_objects(found: dict) -> None:
    print(f"landslides detected: {found['detected']} of {found['landslides']}")
    for row in found["by_size"]:
        limits = f"{row['least']:g} to {row['most']:g}" if row["most"] else f"{row['least']:g} up"
        share = "" if row["share"] is None else f"   {100 * row['share']:.0f} %"
        print(
            f"  {row['name']:8} {limits:>8} {row['unit']}   {row['detected']:4} of "
            f"{row['landslides']:4}{share}"
        )
    edges = found["boundary"]
    print(f"predicted objects that are false: {found['false']} of {found['predicted']}")
    print(f"boundary F1 {edges['f1']:.4f} (within {edges['tolerance_px']} pixels)")
    print(found["rule"])


def show_export(result: dict) -> None:
    for note in result["notes"]:
        print(note)
    print(f"{result['landslides']} landslides, {len(result['files'])} files in {result['folder']}")


def show_review(result: dict) -> None:
    if "decision" in result:
        made = result["decision"]
        what = f"{made['action']} {made['item'] or ''}".strip()
        print(f"{made['id']}: {what} by {made['author']}, {made['time']}")
    elif "made" in result:
        made = result["made"]
        print(
            f"Inventory version {made['version']}: {made['polygons']} landslides, "
            f"{len(made['decisions'])} of them from the review."
        )
        if made["left_out"]:
            print(f"Accepted outlines that do not lie in this scene, left out: {made['left_out']}.")
    elif "export" in result:
        made = result["export"]
        print(f"{', '.join(made['files'])} in {made['folder']}")
    else:
        _show_queue(result)


def _show_queue(result: dict) -> None:
    print(
        f"{result['candidates']} false objects at p >= {result['threshold']:g}, {result['open']} "
        f"open; run {result['run']}, inventory version {result['inventory_version']}"
    )
    print(f"{'id':14}{'state':10}{'rank':>8}{'p':>7}{'mm/yr':>8}{'pixels':>8}")
    for row in result["queue"]:
        moved = "–" if row["deformation"] is None else f"{row['deformation']:.1f}"
        print(
            f"{row['key']:14}{row['state']:10}{row['rank']:8.2f}{row['probability']:7.3f}"
            f"{moved:>8}{row['pixels']:8}"
        )
