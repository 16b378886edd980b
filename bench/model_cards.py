"""The cards of the shipped networks: every figure comes out of their files."""

from pathlib import Path

from bench import curves_svg
from core import atomic
from core.runs import tables
from core.runs.config import MODEL_TITLES, RunConfig
from core.runs.request import repeat
from core.runs.store import Run

METRICS = tables.METRICS
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
    return f"| {label} | " + " | ".join(f"{scores[name]:.4f}" for name in METRICS) + " |"


def baselines(measured: dict) -> list[tuple[str, dict]]:
    """(title, scores) of every baseline that was measured beside a network."""
    found = [(title.lower(), measured.get(name)) for name, title in tables.BASELINES.items()]
    return [(title, scores) for title, scores in found if scores]


def card(run: Run, runs: list[Run]) -> str:
    found, config, made = figures(run), run.config, run.model_card()
    measured, hidden, history = found["packed"], found["optically_hidden"], run.history()
    title = f"{config.model_title} on {config.dataset.upper()}"
    lines = [
        f"# {title}, preset {config.preset}",
        "",
        "Trained on a **synthetic** scene: the figures say that the software works, not how well "
        "the network does on real ground. Written by `bench/ship_models.py`.",
        "",
        f"**Data.** The generated watershed: seed {hidden['seed']}, {hidden['size']} px of 12.5 m, "
        f"scene fingerprint `{config.fingerprint}`, factors {', '.join(config.factors)} "
        f"({config.coding} coding).{_other_copy(run)}",
        "",
        f"**Split.** {split_words(run, found['split'])}",
        "",
        f"**Training.** Seed {config.seed}, {len(history)} of {config.epochs} epochs, "
        f"{made['trainable_parameters']:,} parameters; epoch {made['best_epoch']} is kept "
        f"({made['monitor']} {made['best_value']:.5g}). The commands that reproduce it:",
        "",
        "```",
        "python -m core sample --import sample",
        repeat(config).command(),
        "```",
        "",
        "![learning curves](curves.svg)",
        "",
        f"**Measured** on the {measured['tiles']} held-out tiles at threshold "
        f"{measured['threshold']:g}, landslide prevalence {measured['prevalence']:.4f}, with the "
        "weights as they are shipped:",
        "",
        f"| | {' | '.join(METRICS.values())} |",
        "|---" * (len(METRICS) + 1) + "|",
        row(title, measured),
    ]
    lines += [row(f"{title}, same tiles", scores) for title, scores in baselines(measured)]
    lines += ["", halving_words(found), "", *gain_lines(run, runs, hidden)]
    lines += [
        "One seed on one scene: differences of a few points between networks mean nothing.",
        "",
    ]
    return "\n".join(lines)


def _other_copy(run: Run) -> str:
    """Says so where the map is of another machine's copy of the scene than the training was."""
    mapped = atomic.read_json(run.path / "map.json")["fingerprint"]
    if mapped == run.config.fingerprint:
        return ""
    return f" Map and figures are of a copy that differs slightly (`{mapped}`)."


def split_words(run: Run, counts: dict) -> str:
    parts = ("train", "validation", "test")
    tiles = ", ".join(f"{counts[p]['tiles']} {p}" for p in parts)
    buffer = f"{run.config.buffer} px between the parts" if run.config.buffer else "no buffer"
    return (
        f"`{run.config.split}`, {buffer}, seed {run.config.seed}: tiles of {run.config.tile} px, "
        f"{tiles} ({counts['test']['landslide_tiles']} test tiles with a landslide)."
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


def gain_lines(run: Run, runs: list[Run], hidden: dict) -> list[str]:
    """The gain of the deformation rate, never without the share the generator chose."""
    of_model = {r.config.dataset: r for r in runs if r.config.model == run.config.model}
    share = (
        f"{hidden['slow']} of the {hidden['landslides']} mapped landslides "
        f"({100 * hidden['share_of_held_out_pixels']:.0f} % of the landslide pixels of the "
        "held-out tiles) are slow ones under vegetation, hardly visible in the bands. That share "
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
    head = ("model", "dataset", "preset", "parameters", "epoch", *METRICS.values())
    lines = [
        "# Networks that come with the software",
        "",
        "Trained on the **synthetic** sample scene and shown at the first start. They prove that "
        "the path works; nothing here says how well a network does on real ground. Everything on "
        "this page and in the cards is written by `bench/ship_models.py` from the files beside it.",
        "",
        f"Measured with the shipped weights on the {first['tiles']} held-out tiles of the "
        f"{runs[0].config.split} split at threshold {first['threshold']:g}; landslide prevalence "
        f"{first['prevalence']:.4f}. The baselines saw the same tiles.",
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
    pairs = {r.config.model for r in runs if r.config.dataset == "rs"}
    paired = next((r for r in runs if r.config.model in pairs), runs[0])
    lines += ["", *gain_lines(paired, runs, figures(paired)["optically_hidden"])]
    lines += [
        "One seed on one scene and one split carry no interval: differences of a few points "
        "between networks mean nothing.",
        "",
        "Beside weights (kernels in half precision), configuration, split and curves, a folder has "
        "`map.tif`, the predicted map of the sample scene in 200 probability bins, and "
        "`baseline.npz` and `baseline_gbm.npz`, the counts of the baselines: the first start shows "
        "them at once instead of computing them for minutes. They are used where the scene is the "
        "very same (fingerprint in `map.json`); on a copy that differs slightly they are a preview "
        "until the machine has predicted its own; elsewhere they are not used.",
        "",
    ]
    return "\n".join(lines)
