"""A workspace as years of work fill it: many scenes, runs, jobs and experiments, varied from one
tiny scene and two tiny runs, which the product's own code makes.

Rasters are hard links, which nothing writes into: what the software writes anew takes their place.
A third of the runs learned from the first scene, the others from the rest in turn.

    python -m tests.full_workspace DIR [--runs 1000] [--scenes 50]
"""

import argparse
import json
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from core.analysis.request import FactorsRequest
from core.request import Request
from core.runs import run_files
from core.runs.config import RunConfig
from core.runs.request import TrainRequest
from core.runs.store import Run
from core.scene.store import Scene
from tests import tiny

MODELS = ("fcadensenet", "unet", "fcn", "fc_densenet")
STATES = ("done",) * 16 + ("stopped", "failed", "interrupted", "done")
# Never written in place.
LINKED = (".tif", ".gpkg", ".npz", ".h5")
EPOCHS = 40
EVERY_NOTED, EVERY_PINNED, EVERY_FOLD, EVERY_ANALYSIS = 10, 50, 7, 5
NEWEST = 1_790_000_000  # seconds: of the first run; each further one is an hour older
HOUR = 3600


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    runs: int = 1000
    scenes: int = 50
    jobs: int = 1000
    experiments: int = 50


def make(folder: Path, size: Size = Size()) -> None:
    """Fill `folder`, an empty workspace that SLIDESCOPE_WORKSPACE names."""
    first = tiny.scene(scene_name(0))
    templates = [_whole(tiny.run(first, dataset, skill=3.0)) for dataset in ("rs-dr", "rs")]
    aside = folder / "templates"
    shutil.move(folder / "runs", aside)
    for number in range(1, size.scenes):
        _scene(first, scene_name(number))
    for number in range(size.runs):
        source = templates[number % 2]
        _run(aside / source.id, source.config, folder / "runs", number, size)
    for number in range(size.jobs):
        _job(folder / "jobs" / job_name(number), number, size)
    for number in range(size.experiments):
        _experiment(folder / "experiments", number, size)
    shutil.rmtree(aside)


def scene_name(number: int) -> str:
    return f"valley-{number:03d}"


def run_name(number: int, size: Size = Size()) -> str:
    return f"{scene_of(number, size)}-{MODELS[number % 4]}-{number:05d}"


def job_name(number: int) -> str:
    """Ids begin with when: the first is the newest, as the first run is."""
    day, second = divmod(99_999 - number, 80_000)
    return f"202601{day + 1:02d}-{second:06d}-{number:06x}"


def scene_of(number: int, size: Size) -> str:
    if number % 3 == 0 or size.scenes == 1:
        return scene_name(0)
    return scene_name(1 + number % (size.scenes - 1))


def _whole(run: Run) -> Run:
    """The run with what a training leaves besides: a model's card and weights, a baseline."""
    (run.path / "model").mkdir()
    card = {"model": run.config.model, "preset": "quick", "tile": 128, "coding": "paper"}
    card |= {"dataset": run.config.dataset, "factors": list(run.config.factors), "legends": {}}
    card["channels"] = [{"factor": name, "form": "value"} for name in run.config.factors]
    card |= {"trainable_parameters": 90_000, "best_epoch": 31, "best_value": 0.31}
    _write(run.path / "model" / run_files.MODEL_CARD, {**card, "monitor": "val_loss"})
    (run.path / "model" / "model.weights.h5").write_bytes(bytes(200_000))
    for name in ("baseline_rf", "baseline_gbm"):
        (run.path / name).mkdir()
        shutil.copy(run.prediction() / run_files.COUNTS, run.path / name / run_files.COUNTS)
    rows = [f"{e},{0.5 / e},{0.6 / e},{e / 99},{e / 120},{e / 110},0.0001,3.5" for e in _epochs()]
    header = "epoch,loss,val_loss,val_f1,val_iou,val_ap,learning_rate,seconds"
    (run.path / run_files.HISTORY).write_text("\n".join([header, *rows]) + "\n")
    return run


def _epochs() -> range:
    return range(1, EPOCHS + 1)


def _scene(first: Scene, name: str) -> None:
    folder = first.path.with_name(name)
    _copied(first.path, folder)
    _write(folder / "scene.json", replace(first, name=name).to_json())


def _run(source: Path, config: RunConfig, runs: Path, number: int, size: Size) -> None:
    scene, state = scene_of(number, size), STATES[number % len(STATES)]
    folder = runs / run_name(number, size)
    _copied(source, folder)
    prediction = folder / "predictions" / scene
    (folder / "predictions" / config.scene).rename(prediction)
    measured = json.loads((prediction / run_files.METRICS).read_text())
    measured |= {"run": folder.name, "scene": scene, "f1": round(0.3 + number % 400 / 1000, 3)}
    _write(prediction / run_files.METRICS, measured)
    if state != "done":
        shutil.rmtree(prediction)
    about = {"scene": scene, "model": MODELS[number % 4], "seed": number, "epochs": EPOCHS}
    if number % EVERY_FOLD == 0:
        about |= {"folds": 5, "fold": 1 + number // EVERY_FOLD % 5}
    _write(folder / run_files.CONFIG, replace(config, **about).to_json())
    if number < size.jobs:
        (folder / "job").write_text(job_name(number))
    if number % EVERY_NOTED == 0:
        noted = [{"at": "2026-01-01T00:00:00", "text": f"tried number {number}"}]
        _write(folder / run_files.NOTES, {"pinned": number % EVERY_PINNED == 0, "notes": noted})
    when = NEWEST - number * HOUR
    os.utime(folder / run_files.CONFIG, (when, when))


def _job(folder: Path, number: int, size: Size) -> None:
    scene, state = scene_of(number, size), STATES[number % len(STATES)]
    request: Request = TrainRequest(scene, MODELS[number % 4], seed=number)
    if number % EVERY_ANALYSIS == 1:
        request = FactorsRequest(scene, area=(f"box:0,0,{100 + number % 100},100",))
    folder.mkdir(parents=True)
    record = {"kind": request.kind, "title": request.title, "created": NEWEST - number * HOUR}
    _write(folder / "job.json", {**record, "boot": "an earlier one", "uptime": 1.0})
    _write(folder / "request.json", {"action": request.action, "request": request.to_json()})
    figures = {"run": run_name(number, size), "epoch": EPOCHS, "epochs": EPOCHS, "device": "CPU"}
    status = {"state": state, "stage": "ended", "progress": 1.0, "figures": figures}
    status |= {"reason": "The disk is full." if state == "failed" else "", "result": {}}
    status |= {"updated": record["created"] + 60, "pid": 1, "process_started": "an earlier one"}
    _write(folder / "status.json", status)
    (folder / "log.txt").write_text("Epoch 1\n" * 200)


def _experiment(experiments: Path, number: int, size: Size) -> None:
    from core.experiments.request import ExperimentRequest

    folder, scene = experiments / f"paired-{number:04d}", scene_of(3 * number, size)
    folder.mkdir(parents=True)
    request = ExperimentRequest(scene=scene, preset="quick")
    about = {"fingerprint": "tiny", "created": NEWEST - number * HOUR}
    _write(folder / "experiment.json", {**request.to_json(), **about})
    _write(folder / "runs.json", {"fcadensenet:rs:0": run_name(3 * number, size)})
    row = {"title": "FCADenseNet · RS-DR", "seeds": [0]}
    names = ("precision", "recall", "f1", "kappa", "miou", "iou_landslide", "average_precision")
    row |= {name: {"mean": 0.5, "sd": None} for name in names}
    table = {"test_scene": scene, "synthetic": True, "preset": "quick", "split": "block"}
    table |= {"threshold": 0.5, "area_words": "held-out tiles", "test_tiles": 2, "test_blocks": 1}
    table |= {"prevalence": 0.01, "table": [row], "gains": [], "notes": [], "warnings": []}
    _write(folder / "table.json", {**table, "failed": {}, "experiment": folder.name})


def _copied(source: Path, target: Path) -> None:
    shutil.copytree(source, target, copy_function=_linked)


def _linked(source: str, target: str) -> None:
    if not source.endswith(LINKED):
        shutil.copyfile(source, target)
        return
    try:
        os.link(source, target)
    except OSError:  # a file system without links
        shutil.copyfile(source, target)


def _write(path: Path, value) -> None:
    """Without waiting for the disk: it is made anew, not kept."""
    path.write_text(json.dumps(value, indent=1, allow_nan=False), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=Size.runs)
    parser.add_argument("--scenes", type=int, default=Size.scenes)
    wish = parser.parse_args()
    os.environ["SLIDESCOPE_WORKSPACE"] = str(wish.folder.resolve())
    make(wish.folder.resolve(), Size(wish.runs, wish.scenes, wish.runs, wish.scenes))


if __name__ == "__main__":
    main()
