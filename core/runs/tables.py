"""The paper's tables 3 and 4 beside the same tables from our runs, and what a network costs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from core import atomic, cells, paper
from core.runs.config import MODEL_TITLES
from core.runs.store import MADE_OF, Run
from core.scene.store import Scene
from models.catalogue import GFLOP

LEFT_OUT = "loading the network and outlining left out"


@dataclass(frozen=True)
class Cost:
    """`gflop` of a preset for one tile of 128 px with ten channels; `seconds_per_km2` wall-clock,
    on `device`: this machine's, or where the map was `packed` that came with the software. None
    where it is not known or was not measured."""

    parameters: int | None
    gflop: float | None
    seconds_per_km2: float | None
    device: str | None
    packed: bool = False


METRICS = {
    "precision": "Pre",
    "recall": "Rec",
    "f1": "F1",
    "kappa": "Kappa",
    "miou": "MIoU",
    "iou_landslide": "Landslide IoU",
    "average_precision": "AP",
}
PRINTED = tuple(METRICS)[:-1]
BASELINES = {
    "baseline_rf": "Pixel random forest",
    "baseline_gbm": "Boosted trees, 9 px windows",
}
DATASETS = ("rs", "rs-dr")
ENDS = ("low", "high")  # of an interval, in the CSV


@dataclass(frozen=True)
class Row:
    """A line of a table. `values` by metric, 0..1, empty where there is no run; `beside`: a line
    for orientation (a baseline), left out when the best value of a column is sought; `intervals`
    by metric, (low, high), empty where there are too few blocks; `named`: what
    its run is called."""

    label: str
    values: dict[str, float] = field(default_factory=dict)
    beside: bool = False
    intervals: dict[str, tuple[float, float]] = field(default_factory=dict)
    named: str = ""


@dataclass(frozen=True)
class Gain:
    """From one row to another by metric: `points` in percentage points, `percent` of the first
    (None where that is 0)."""

    points: dict[str, float]
    percent: dict[str, float | None]


def newest(runs: Iterable[Run]) -> dict[tuple[str, str], Run]:
    """The newest measured run of every (model, dataset); `runs` newest first.

    One fold of a k-fold stands for its set, not for the network; a map joined from several runs or
    brought from elsewhere is no network.
    """
    found: dict[tuple[str, str], Run] = {}
    for run in runs:
        if run.metrics() is not None and run.config.has_network and not run.config.fold:
            found.setdefault((run.config.model, run.config.dataset), run)
    return found


def joined(runs: Iterable[Run]) -> list[Run]:
    """The measured runs that are joined from others."""
    return [run for run in runs if run.config.joined and run.metrics()]


def brought(runs: Iterable[Run]) -> list[Run]:
    """The measured maps that were made elsewhere."""
    return [run for run in runs if run.config.brought and run.metrics()]


def in_order(runs: dict[tuple[str, str], Run]) -> list[Run]:
    """The runs of `newest` in the order of the paper's tables, RS before RS-DR."""
    keys = [(model, dataset) for model in paper.TABLE_3 for dataset in DATASETS]
    return [runs[key] for key in keys if key in runs]


def dataset_of(scene: Scene, runs: dict[tuple[str, str], Run]) -> str:
    """Which dataset the models are compared on: RS-DR, as the paper does, unless the scene has no
    deformation."""
    has = scene.has_deformation or any(dataset == "rs-dr" for _, dataset in runs)
    return "rs-dr" if has else "rs"


def paper_models() -> list[Row]:
    return [Row(MODEL_TITLES[name], values) for name, values in paper.TABLE_3.items()]


def our_models(runs: dict[tuple[str, str], Run], dataset: str = "rs-dr") -> list[Row]:
    """Table 3 of our runs, the baselines last."""
    rows = [_measured(MODEL_TITLES[name], runs.get((name, dataset))) for name in paper.TABLE_3]
    measured = [runs[name, dataset] for name in paper.TABLE_3 if (name, dataset) in runs]
    return [*rows, *(row for run in measured[-1:] for row in baselines(run.needed_metrics()))]


def paper_datasets() -> list[Row]:
    return [Row(name.upper(), paper.TABLE_4[name]) for name in DATASETS]


def our_datasets(runs: dict[tuple[str, str], Run], model: str = paper.TABLE_4_MODEL) -> list[Row]:
    """Table 4 of our runs of one model, the baselines last."""
    rows = [_measured(name.upper(), runs.get((model, name))) for name in DATASETS]
    for name in DATASETS:
        if (model, name) in runs:
            rows += baselines(runs[model, name].needed_metrics(), f", {name.upper()}")
    return rows


def gain(rows: Sequence[Row]) -> Gain | None:
    """What the second row adds to the first (RS-DR to RS), None unless both were measured.

    >>> found = gain(paper_datasets())
    >>> round(found.points["f1"], 2), round(found.percent["f1"], 1)
    (8.68, 12.9)
    """
    before, after = rows[0].values, rows[1].values
    both = [name for name in METRICS if name in before and name in after]
    if not both:
        return None
    difference = {name: after[name] - before[name] for name in both}
    return Gain(
        points={name: 100 * value for name, value in difference.items()},
        percent={n: 100 * v / before[n] if before[n] else None for n, v in difference.items()},
    )


def attention_gain(rows: Sequence[Row]) -> Gain | None:
    """What FCADenseNet adds to FC_DenseNet, among the rows of Table 3.

    >>> found = attention_gain(paper_models())
    >>> round(found.points["f1"], 2), round(found.percent["f1"], 1)
    (9.53, 14.3)
    """
    by_label = {row.label: row for row in rows}
    return gain([by_label[MODEL_TITLES[n]] for n in (paper.WITHOUT_CBAM, paper.TABLE_4_MODEL)])


def best(rows: Sequence[Row], metric: str) -> float | None:
    """The best value of a column, None where fewer than two compete.

    >>> best(paper_models(), "recall")
    0.7043
    """
    values = [row.values[metric] for row in rows if metric in row.values and not row.beside]
    return max(values) if len(values) > 1 else None


def unequal(runs: Sequence[Run]) -> list[str]:
    """Settings in which runs that are compared differ, in words."""
    names = {"preset": "preset", "split": "split", "seed": "seed", "augmentation": "augmentation"}
    names["fingerprint"] = "state of the scene"
    return [
        word for name, word in names.items() if len({getattr(r.config, name) for r in runs}) > 1
    ]


def to_csv(runs: Sequence[Run]) -> str:
    """The paper's rows and every measured run with its area and split, as CSV."""
    columns = ["source", "run", "name", "scene", "synthetic", "model", "dataset", "preset", "seed"]
    columns += ["measured_on", "area", "area_words", "tiles", "prevalence"]
    columns += ["joined", "members", "split", "fold", "folds", "threshold", "flips", *METRICS]
    columns += [f"{name}_{end}" for name in METRICS for end in ENDS]
    rows: list[dict] = []
    said = {"area_words": paper.AREA_WORDS, "split": "paper"}
    for name, values in paper.TABLE_3.items():
        where = {"source": "paper, table 3", "model": name, "dataset": "rs-dr"}
        rows.append(where | said | _rounded(values))
    where = {"source": "paper, table 4", "model": paper.TABLE_4_MODEL, "dataset": "rs"}
    rows.append(where | said | _rounded(paper.TABLE_4["rs"]))
    for run in runs:
        rows += _csv_rows(run, columns)
    return cells.text(columns, ([row.get(name) for name in columns] for row in rows))


def _csv_rows(run: Run, columns: Sequence[str]) -> list[dict]:
    measured = run.metrics()
    if measured is None:
        return []
    about = {**vars(run.config), **measured, "run": run.id, "name": run.name}
    about |= {"scene": run.config.scene}
    if run.config.brought:
        # What it was trained like is not known.
        about |= {"split": run.config.split_words, "seed": "", "preset": ""}
    about["measured_on"], about["members"] = measured["scene"], " ".join(run.config.members)
    own = {name: about[name] for name in columns if name in about and name not in METRICS}
    rows = [{"source": "run", **own, **_rounded(measured)}]
    for name, title in BASELINES.items():
        if measured.get(name):
            baseline = {"source": name, "model": title.lower()}
            rows.append({**own, **baseline, **_rounded(measured[name])})
    return rows


def _measured(label: str, run: Run | None) -> Row:
    return replace(row(label, run.needed_metrics()), named=run.name) if run else Row(label)


def row(label: str, measured: dict, beside: bool = False) -> Row:
    """The row of what was measured (`core.learning.scores.evaluation`)."""
    return Row(label, scores(measured), beside, intervals(measured))


def baselines(measured: dict, more: str = "") -> list[Row]:
    """A row for each baseline that was measured beside a run; `more` ends its label."""
    found = ((title, measured.get(name)) for name, title in BASELINES.items())
    return [row(f"{title}{more}", values, beside=True) for title, values in found if values]


def scores(values: dict) -> dict[str, float]:
    """The metrics of the tables among what was measured."""
    return {name: values[name] for name in METRICS if values.get(name) is not None}


def intervals(values: dict) -> dict[str, tuple[float, float]]:
    """The 90 % intervals of the tables' metrics, empty where there are none."""
    found = values.get("intervals") or {}
    return {name: tuple(found[name]) for name in METRICS if name in found}


def _rounded(values: dict) -> dict[str, float]:
    """The metrics and the ends of their intervals, as the CSV has them."""
    found = {name: round(value, 6) for name, value in scores(values).items()}
    for name, ends in intervals(values).items():
        found |= {f"{name}_{end}": round(value, 6) for end, value in zip(ENDS, ends)}
    return found


def of(run: Run, scene: Scene) -> Cost:
    """The cost of `run`, its time that of its map of `scene`."""
    card = run.model_card() or {}
    gflop = GFLOP.get(run.config.model, {}).get(run.config.preset)
    made = atomic.read_json(run.prediction(scene.name) / MADE_OF) or {}
    spent = made.get("cost") or {}
    seconds, area = spent.get("seconds"), scene.grid.pixel_km2
    pace = None
    if seconds is not None and area:
        pace = seconds / (area * scene.grid.width * scene.grid.height)
    packed = bool(spent.get("packed"))
    return Cost(card.get("trainable_parameters"), gflop, pace, spent.get("device"), packed)
