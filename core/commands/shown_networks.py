"""What networks and runs print for people."""

from core.factors import factor
from core.installed import COMMAND
from core.numerals import percent

SCORES = ("average_precision", "f1")


def show_models(result: dict) -> None:
    print(f"{'model':12} {'preset':8} {'parameters':>12} {'GFLOP':>8}")
    for row in result["models"]:
        size = f"{row['trainable_parameters']:12,}"
        print(f"{row['model']:12} {row['preset']:8} {size} {row['gflop']:8.2f}")


def show_pack(result: dict) -> None:
    print(f"{result['file']}: {result['bytes'] / 1e6:.1f} MB")


def show_load(result: dict) -> None:
    print(f"Run '{result['run']}': {result['model']} ({result['preset']}), {result['dataset']}")
    fits = ", ".join(result["fits"]) or "none of the stored scenes"
    print(f"It can be applied to {fits}: {COMMAND} predict {result['run']} --scene SCENE")


def show_channels(result: dict) -> None:
    kind = "synthetic scene, " if result["synthetic"] else ""
    of = f"{result['tiles']} of {result['tiles_held_out']} {result['area_words']}"
    print(f"{kind}{of}, {result['split']} split, {result['repeats']} repeats")
    base = result["baseline"]
    print(f"average precision {base['average_precision']:.4f}, F1 at 0.5 {base['f1']:.4f}")
    print(f"\n{'lost when exchanged':<20}{'AP':>18}{'F1':>18}{'AP at mean':>12}")
    ranked = sorted(result["importance"], key=lambda row: -row["average_precision"]["mean"])
    for row in ranked:
        pairs = "".join(f"{_pair(row[key]):>18}" for key in SCORES)
        at_mean = row["at_mean"]["average_precision"]
        print(f"{factor(row['factor']).title:<20}{pairs}{at_mean:>12.4f}")
    for row in ranked if "conditional" in ranked[0] else ():
        pairs = "".join(f"{_pair(row['conditional'][key]):>18}" for key in SCORES)
        print(f"{factor(row['factor']).title + ', like tiles':<34}{pairs}")
    for row in result.get("families", ()):
        pairs = "".join(f"{_pair(row[key]):>18}" for key in SCORES)
        print(f"{row['title'] + ', together':<34}{pairs}")
    for row in result.get("effects") or ():
        low, high = min(row["effect"]), max(row["effect"])
        print(f"{factor(row['factor']).title}: probability {low:+.3f} to {high:+.3f} by its effect")
    if result["attention"]:
        print(f"\nCBAM's gates of {result['attention']['tiles']} tiles stored.")


def show_applicability(result: dict) -> None:
    print(
        f"{percent(result['inside_share'])} of {result['scene']} is like the ground that "
        f"{result['run']} learned from: dissimilarity index up to {result['threshold']:.4f} "
        f"({result['points']} training points, {result['channels']} columns of factors)"
    )
    scores = result.get("scores")
    if scores:
        show_inside(scores)


def show_inside(scores: dict) -> None:
    """Print the scores inside and outside the area of applicability."""
    print(f"{scores['area_words']}, p >= {scores['threshold']:g}")
    for side in ("inside", "outside"):
        found = scores[side]
        if not found["pixels"]:
            print(f"  {side}: no pixel")
            continue
        print(
            f"  {side}: F1 {found['f1']:.4f}, precision {found['precision']:.4f}, recall "
            f"{found['recall']:.4f}, average precision {found['average_precision']:.4f}, "
            f"{percent(found['share'])} of the pixels"
        )


def show_attention(result: dict) -> None:
    print(f"tile {result['tile']} of {result['scene']}, centre pixel {result['x']}, {result['y']}")
    for gate, found in result["gates"].items():
        side = f"{found['space_px']} px"
        channel = f"{found['channel_mean']:.3f} ± {found['channel_sd']:.3f}"
        space = f"{found['space_mean']:.3f} ± {found['space_sd']:.3f}"
        print(f"  {gate}: {found['channels']} channels {channel}; {side} map {space}")
    print(result["file"])


def _pair(value: dict) -> str:
    return f"{value['mean']:.4f} ± {value['sd']:.4f}"


def show_runs(result: dict) -> None:
    for row in result["runs"]:
        pinned = "*" if row["pinned"] else " "
        where = f"({row['area_words']}; {row['split_words']})"
        score = "" if row["f1"] is None else f"F1 {row['f1']:.3f} {where}"
        print(f"{pinned} {row['run']:62} {row['state']:12} {score}".rstrip())
        for line in (row["name"], row["where"], row["reason"], row["note"], row["command"]):
            if line:
                print(f"      {line}")
    if result["deleted"]:
        print(f"Deleted: {', '.join(result['deleted'])}.")
    for name, where in result["taken_over"].items():
        print(f"Taken over: {name} ({where}). It can be resumed or deleted now.")
    if not result["runs"]:
        print(f"No run (that the filter lets through): `{COMMAND} train --help` says how.")
