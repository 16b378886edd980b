"""The cards of the shipped networks: every figure comes out of their files."""

from pathlib import Path

from bench import curves_svg
from core import atomic
from core.runs import tables
from core.runs.config import MODEL_TITLES, RunConfig
from core.runs.request import repeat
from core.runs.store import Run

METRICS = tables.METRICS
# What the shipped networks have over each other; the paired experiment of several seeds.
PAIRS, PAIRED = "pairs.json", "paired.json"
ORDER = [(m, d) for m in ("fcadensenet", "fc_densenet", "unet", "fcn") for d in ("rs-dr", "rs")]


def run_of(folder: Path) -> Run:
    """A shipped network as a run in its own folder."""
    config = RunConfig.from_json(atomic.read_json(folder / "config.json"))
    return Run(folder.name, folder, config, None)


def write_all(pretrained: Path) -> list[Path]:
    """Write card.md and curves.svg of every network and the README of all; return their folders."""
    runs = [run_of(f.parent) for f in pretrained.glob("*/figures.json")]
    runs.sort(key=lambda run: ORDER.index((run.config.model, run.config.dataset)))
    for run in runs:
        epoch = run.model_card()["best_epoch"]
        atomic.write_text(run.path / "curves.svg", curves_svg.draw(run.history(), epoch))
        atomic.write_text(run.path / "card.md", card(run, runs))
    if runs:
        atomic.write_text(pretrained / "README.md", readme(runs))
    return [run.path for run in runs]


def figures(run: Run) -> dict:
    return atomic.read_json(run.path / "figures.json")


def halving_points(folder: Path) -> float | None:
    """F1 of the halved weights less that of the full ones, in percentage points; None where the
    full ones were not at hand."""
    found = atomic.read_json(folder / "figures.json")
    if found["full"] is None:
        return None
    return round(100 * (found["packed"]["f1"] - found["full"]["f1"]), 3)


def row(label: str, scores: dict) -> str:
    """Value and, as far as it was measured, 90 % interval of every metric."""
    return f"| {label} | " + " | ".join(_cell(scores, name) for name in METRICS) + " |"


def _cell(scores: dict, name: str) -> str:
    ends = tables.intervals(scores).get(name)
    return f"{scores[name]:.4f}" + (f" ({ends[0]:.2f}–{ends[1]:.2f})" if ends else "")


def sureness(scores: dict) -> str:
    """What stands in brackets; nothing where a network was packed without intervals."""
    if not scores.get("intervals"):
        return ""
    return (
        f" In brackets 90 % intervals, bootstrap over the {scores['blocks']} blocks of these tiles."
    )


def baselines(measured: dict) -> list[tuple[str, dict]]:
    """(title, scores) of every baseline that was measured beside a network."""
    found = [(title.lower(), measured.get(name)) for name, title in tables.BASELINES.items()]
    return [(title, scores) for title, scores in found if scores]


def card(run: Run, runs: list[Run]) -> str:
    found, config, made = figures(run), run.config, run.model_card()
    measured, history = found["packed"], run.history()
    title = f"{config.model_title} on {config.dataset.upper()}"
    lines = [
        f"# {title}, preset {config.preset}",
        "",
        "Trained on **synthetic** scenes: the figures say that the software works, not how well "
        "the network does on real ground. Written by `bench/ship_models.py`.",
        "",
        f"**Data.** Trained on {_grounds(config)}, factors {', '.join(config.factors)} "
        f"({config.coding} coding). {_unseen(run, found)}",
        "",
        f"**Split.** {split_words(run, found['split'])}",
        "",
        f"**Training.** Seed {config.seed}, {len(history)} of {config.epochs} epochs, "
        f"{made['trainable_parameters']:,} parameters; epoch {made['best_epoch']} is kept "
        f"({made['monitor']} {made['best_value']:.5g}). The commands that reproduce it:",
        "",
        "```",
        *_commands(config),
        "```",
        "",
        "![learning curves](curves.svg)",
        "",
        f"**Measured** on {_where(measured)} at threshold "
        f"{measured['threshold']:g}, landslide prevalence {measured['prevalence']:.4f}, with the "
        f"weights as they are shipped.{sureness(measured)}",
        "",
        f"| | {' | '.join(METRICS.values())} |",
        "|---" * (len(METRICS) + 1) + "|",
        row(title, measured),
    ]
    lines += [row(f"{name}, same tiles", scores) for name, scores in baselines(measured)]
    lines += ["", *_more_figures(found), halving_words(found), "", *gain_lines(run, runs)]
    lines += [
        "One seed: another one differs by a few points. Networks two by two, with intervals: "
        "[README.md](../README.md).",
        "",
    ]
    return "\n".join(lines)


def _grounds(config: RunConfig) -> str:
    """The generated watersheds it learned from; a scene sN is the one of seed N."""
    many = len(config.learned_from)
    one = f"the generated watershed `{config.scene}`"
    several = f"{many} generated watersheds (`{'`, `'.join(config.learned_from)}`)"
    return f"{several if many > 1 else one}, first fingerprint `{config.fingerprint}`"


def _unseen(run: Run, found: dict) -> str:
    """What the map and the figures are of."""
    hidden = found["optically_hidden"]
    mapped = atomic.read_json(run.path / "map.json")["fingerprint"]
    seen = "which it never saw" if run.config.test_scene else "its own"
    return (
        f"Map and figures are of the sample scene, {seen}: seed {hidden['seed']}, "
        f"{hidden['size']} px of 12.5 m, fingerprint `{mapped}`."
    )


def _commands(config: RunConfig) -> list[str]:
    seeds = [name for name in config.learned_from if name[:1] == "s" and name[1:].isdigit()]
    made = [f"python -m core sample --seed {name[1:]} --import {name}" for name in seeds]
    return [*made, "python -m core sample --import sample", repeat(config).command()]


def _where(measured: dict) -> str:
    if measured["area"] == "all":
        return f"the whole sample scene ({measured['tiles']} tiles), of which it saw nothing,"
    return f"the {measured['tiles']} held-out tiles"


def _more_figures(found: dict) -> list[str]:
    """Recall by kind, the usual test part alone, and what the network has over the booster."""
    lines = []
    if recall := found.get("recall"):
        words = ", ".join(f"{kind} {value:.2f}" for kind, value in sorted(recall.items()))
        lines += [f"Share of the landslide pixels that are found, by kind: {words}.", ""]
    if part := found.get("usual_test_part"):
        lines += [
            f"On the {part['tiles']} tiles that a training on the sample holds out (block split, "
            f"seed 0): F1 {part['f1']:.4f}, AP {part['average_precision']:.4f}.",
            "",
        ]
    if over := found.get("over_booster"):
        value, low, high = over["f1"]
        lines += [
            f"Over the booster on the same tiles: F1 {100 * value:+.1f} points "
            f"({100 * low:+.1f} to {100 * high:+.1f}, 90 %).",
            "",
        ]
    return lines


def split_words(run: Run, counts: dict) -> str:
    tiles = f"tiles of {run.config.tile} px, {counts['train']['tiles']} train, "
    tiles += f"{counts['validation']['tiles']} validation, {counts['test']['tiles']} test"
    if run.config.test_scene:
        return (
            f"No tile of the training scenes is held out but for validation; {tiles} (all of the "
            f"sample; {counts['test']['landslide_tiles']} with a landslide)."
        )
    buffer = f"{run.config.buffer} px between the parts" if run.config.buffer else "no buffer"
    return (
        f"`{run.config.split}`, {buffer}, seed {run.config.drawn_by}: {tiles} "
        f"({counts['test']['landslide_tiles']} test tiles with a landslide)."
    )


def halving_words(found: dict) -> str:
    full, packed, change = found["full"], found["packed"], found["halving"]
    if change is None:
        return (
            "Kernels are stored in half precision, everything else in full; what that changes was "
            "not measured on this copy of the scene."
        )
    return (
        "Kernels are stored in half precision, everything else in full. On the same tiles the full "
        f"weights reach F1 {full['f1']:.4f}, the shipped ones {packed['f1']:.4f}; over the whole "
        "scene the probability differs by at most "
        f"{change['largest_probability_difference']:.4f}, and the two landslide masks have an IoU "
        f"of {change['mask_iou']:.4f}."
    )


def gain_lines(run: Run, runs: list[Run]) -> list[str]:
    """The gain of the deformation rate, never without the share the generator chose."""
    hidden = figures(run)["optically_hidden"]
    of_model = {r.config.dataset: r for r in runs if r.config.model == run.config.model}
    share = (
        f"{hidden['slow']} of the {hidden['landslides']} mapped landslides "
        f"({100 * hidden['share_of_held_out_pixels']:.0f} % of the landslide pixels that are "
        "measured) are slow ones under vegetation, weak in the bands and in the relief. That share "
        "was chosen by the generator, not found"
    )
    if len(of_model) < 2:
        return [share + ".", ""]
    rs, rs_dr = (figures(of_model[d])["packed"] for d in ("rs", "rs-dr"))
    points = ", ".join(
        f"{METRICS[n]} {100 * (rs_dr[n] - rs[n]):+.1f}" for n in ("f1", "iou_landslide", "miou")
    )
    return [
        f"**RS-DR less RS**, same network and tiles, percentage points: {points}. {share}: the "
        "gain shows that the software can find one, not how large it is on real ground.",
        "",
    ]


def readme(runs: list[Run]) -> str:
    """models/pretrained/README.md: what is there, and all of it in one table."""
    first = figures(runs[0])["packed"]
    paired = atomic.read_json(runs[0].path.parent / PAIRED)
    head = ("model", "dataset", "preset", "parameters", "epoch", *METRICS.values())
    lines = [
        "# Networks that come with the software",
        "",
        "Trained on **synthetic** scenes and shown at the first start. They prove that "
        "the path works; nothing here says how well a network does on real ground. Everything on "
        "this page and in the cards is written by `bench/ship_models.py` from the files beside it.",
        "",
        f"Trained on {_grounds(runs[0].config)}; measured with the shipped weights on "
        f"{_where(first)} at threshold {first['threshold']:g}; landslide prevalence "
        f"{first['prevalence']:.4f}. The baselines saw the same training tiles.{sureness(first)}",
        "",
        f"| {' | '.join(head)} |",
        "|---" * len(head) + "|",
    ]
    beside = {}
    for run in runs:
        found, made = figures(run)["packed"], run.model_card()
        beside.setdefault(run.config.dataset, baselines(found))
        link = f"[{MODEL_TITLES[run.config.model]}]({run.path.name}/card.md)"
        about = (run.config.dataset.upper(), run.config.preset)
        size = (f"{made['trainable_parameters']:,}", str(made["best_epoch"]))
        lines.append(row(" | ".join((link, *about, *size)), found))
    for dataset, found in beside.items():
        lines += [row(f"{title} | {dataset.upper()} | | | ", scores) for title, scores in found]
    both = {r.config.model for r in runs if r.config.dataset == "rs"}
    lines += ["", *gain_lines(next((r for r in runs if r.config.model in both), runs[0]), runs)]
    lines += pair_lines(atomic.read_json(runs[0].path.parent / PAIRS) or [])
    lines += [*(paired_lines(paired) if paired else []), *_LAST]
    return "\n".join(lines)


_LAST = [
    "Beside weights (kernels in half precision), configuration, splits and curves, a folder has "
    "`map.tif`, the predicted map of the sample scene in 200 probability bins, and "
    "`baseline.npz` and `baseline_gbm.npz`, the counts of the baselines: the first start shows "
    "them at once instead of computing them for minutes. They are used where the scene is the "
    "very same (fingerprint in `map.json`); on a copy that differs slightly they are a preview "
    "until the machine has predicted its own; elsewhere they are not used.",
    "",
]


def pair_lines(pairs: list[dict]) -> list[str]:
    """The shipped networks two by two, on the same blocks of the scene that none of them saw."""
    if not pairs:
        return []
    shown = ("f1", "iou_landslide", "precision", "recall", "miou")
    lines = [
        "## Paired",
        "",
        f"The second network less the first, percentage points, with a 90 % interval: paired "
        f"bootstrap over the {pairs[0]['blocks']} blocks of the whole unseen sample. It tells how "
        "much the choice of ground matters, not how much another seed would differ.",
        "",
        f"| from | to | seeds | {' | '.join(METRICS[n] for n in shown)} |",
        "|---" * (len(shown) + 3) + "|",
    ]
    for pair in pairs:
        names = [_arm(pair[side]) for side in ("before", "after")]
        cells = [_difference(pair["metrics"][n]) for n in shown]
        lines.append(f"| {' | '.join(names)} | {pair['seeds']} | {' | '.join(cells)} |")
    return [*lines, ""]


def _arm(key: str) -> str:
    model, dataset = key.split("·")
    return f"{MODEL_TITLES[model]} {dataset.upper()}"


def _difference(value: list[float]) -> str:
    found, low, high = (100 * v for v in value)
    return f"{found:+.1f} ({low:+.1f} to {high:+.1f})"


def paired_lines(table: dict) -> list[str]:
    """The paired experiment that the shipped seeds are from (docs/experiment.md)."""
    shown = ("precision", "recall", "f1", "miou", "iou_landslide", "average_precision")
    seeds = max(len(row["seeds"]) for row in table["table"])
    lines = [
        "## All seeds, paired",
        "",
        f"Mean (standard deviation) over the seeds, {table['test_tiles']} tiles in "
        f"{table['test_blocks']} blocks, full weights. The shipped seed is the one of the best "
        "validation value, which the test tiles had no part in. The command:",
        "",
        "```",
        table["command"],
        "```",
        "",
        f"| {seeds} seeds at most | seeds | {' | '.join(METRICS[n] for n in shown)} |",
        "|---" * (len(shown) + 2) + "|",
    ]
    for each in table["table"]:
        values = " | ".join(_mean(each[name]) for name in shown)
        lines.append(f"| {each['title']} | {len(each['seeds'])} | {values} |")
    lines += [
        "",
        "| gain, points | seeds | F1 (95 %) | p | Landslide IoU (95 %) | AP (95 %) |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_gain(gain) for gain in table["gains"] if gain["metrics"]]
    lines += ["", *(f"{sentence}" for sentence in table["notes"]), ""]
    return lines


def _mean(value: dict) -> str:
    sd = "" if value["sd"] is None else f" ({value['sd']:.3f})"
    return f"{value['mean']:.4f}{sd}"


def _gain(gain: dict) -> str:
    f1, iou, ap = (gain["metrics"][n] for n in ("f1", "iou_landslide", "average_precision"))
    p = "-" if f1["p"] is None else f"{f1['p']:.4f}"
    cells = [gain["title"], str(len(gain["seeds"])), _points(f1), p, _points(iou), _points(ap)]
    return f"| {' | '.join(cells)} |"


def _points(value: dict) -> str:
    ends = value["interval_points"]
    return f"{value['points']:+.1f}" + (f" ({ends[0]:+.1f} to {ends[1]:+.1f})" if ends else "")
