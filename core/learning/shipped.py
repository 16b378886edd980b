"""Networks that come with the software: trained on the synthetic sample, ready at the first start.

models/pretrained/<run id>/config.json, split.json, history.csv, model/
"""

import shutil
from pathlib import Path

from core import atomic, paths
from core.jobs.report import Report, part, silent
from core.learning import baseline, evaluation, split
from core.runs import store
from core.runs.store import Run
from core.scene.store import Scene

PARTS = ("config.json", "split.json", "history.csv", "model")


def available(scene: Scene) -> list[Path]:
    """Folders of the shipped networks that were trained on this scene, FCADenseNet first: what
    Compare opens with should be there first."""
    found = [f.parent for f in sorted(paths.PRETRAINED.glob("*/config.json"), reverse=True)]
    found = [f for f in found if atomic.read_json(f / "config.json")["scene"] == scene.name]
    return sorted(found, key=lambda folder: "fcadensenet" not in folder.name)


def install(scene: Scene, report: Report = silent) -> list[str]:
    """Copy the shipped networks into runs/ and predict the scene with each; return their ids.

    A run that is there already is left alone.
    """
    from core.learning import prediction

    folders = available(scene)
    for number, source in enumerate(folders):
        share = part(report, number / len(folders), (number + 1) / len(folders))
        target = paths.runs_folder() / source.name
        if not (target / "config.json").exists():
            with atomic.whole_folder(target) as temporary:
                shutil.copytree(source, temporary, dirs_exist_ok=True)
        run = store.load(source.name)
        if not run.predicted():
            prediction.predict(run, scene, part(share, 0.0, 0.7))
            parts = split.load(run.path / "split.json")
            baseline.fit_and_count(run, scene, parts, part(share, 0.7, 1.0))
            evaluation.store(run)
    return [source.name for source in folders]


def pack(run: Run) -> Path:
    """Copy what a finished run needs to be shipped into models/pretrained/."""
    target = (
        paths.PRETRAINED / f"{run.config.scene}-{run.config.model}-{run.config.dataset}-shipped"
    )
    with atomic.whole_folder(target) as temporary:
        for name in PARTS:
            source = run.path / name
            copy = shutil.copytree if source.is_dir() else shutil.copyfile
            copy(source, temporary / name)
    return target
