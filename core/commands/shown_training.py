"""What trainings, k-folds and experiments print for people."""

from core.commands.shown_maps import show_evaluate, show_scores
from core.runs.summary import Best
from core.runs.tables import METRICS


def show_train(result: dict) -> None:
    best = Best(result["best_epoch"], result["monitor"], result["best_value"])
    print(f"{result['run']}: of {result['epochs']} epochs {best.words}")
    for note in result["notes"]:
        print(note)
    if result.get("encoder"):
        print(f"The encoder started from {result['encoder']}.")
    if "metrics" in result:
        show_evaluate(result["metrics"])
    print(f"The command that repeats this run:\n  {result['command']}")


def show_kfold(result: dict) -> None:
    kind = "synthetic scene, " if result["synthetic"] else ""
    where = f"{result['area_words']} ({result['tiles']} tiles)"
    print(f"{kind}{where}, {result['split']}, p >= {result['threshold']:g}")
    show_scores(result, result["spread"])
    print(f"Their map, each tile by the fold that held it out: run {result['run']}")
    print("± is the standard deviation over the folds; the figures are from summed counts.")


def show_experiment(result: dict) -> None:
    if "expected_words" in result:
        print(result["expected_words"])
        return
    kind = "synthetic scene" if result["synthetic"] else "scene"
    print(
        f"{kind} {result['test_scene']}: {result['test_tiles']} {result['area_words']} in "
        f"{result['test_blocks']} blocks, {result['split']} split, p >= {result['threshold']:g}"
    )
    print(f"{'mean (sd)':26}" + "".join(f"{title:>16}" for title in METRICS.values()))
    for row in result["table"]:
        print(f"{row['title']:26}" + "".join(f"{_spread(row[name]):>16}" for name in METRICS))
    for gain in result["gains"]:
        _show_gain(gain)
    for sentence in (*result["notes"], *result["warnings"]):
        print(sentence)
    for member, reason in result["failed"].items():
        print(f"Failed: {member}: {reason}")


def _spread(value: dict) -> str:
    sd = "" if value["sd"] is None else f" ({value['sd']:.3f})"
    return f"{value['mean']:.4f}{sd}"


def _show_gain(gain: dict) -> None:
    print(f"\n{gain['title']}")
    for name, value in gain["metrics"].items():
        percent = "" if value["percent"] is None else f" ({value['percent']:+.1f} %)"
        interval = ""
        if value["interval_points"]:
            low, high = value["interval_points"]
            interval = f"   95 % {low:+.2f} .. {high:+.2f}, p {value['p']:.4f}{_holm(value)}"
        print(f"  {METRICS[name]:14} {value['points']:+7.2f} points{percent}{interval}")
    if counts := gain["mcnemar"]:
        p = "" if counts["p"] is None else f", McNemar p {counts['p']:.4f}{_holm(counts)}"
        print(
            f"  landslides     {counts['objects']}: found by both {counts['both']}, gained "
            f"{counts['gained']}, lost {counts['lost']}, missed by both {counts['neither']}{p}"
        )


def _holm(found: dict) -> str:
    """Tables of earlier versions have none."""
    corrected = found.get("p_holm")
    return "" if corrected is None else f" (Holm {corrected:.4f})"
