"""The run: one folder with its full configuration, history, model and predictions.

A run that is joined from others (`core.learning.prediction.joined`) has neither history nor model,
nor has a map that was brought (`core.learning.prediction.brought`).

runs/<id>/config.json                written once (`core.runs.config.RunConfig`)
runs/<id>/job                        id of the latest job that worked on it
runs/<id>/history.csv                a row an epoch
runs/<id>/tensorboard/               the same for TensorBoard
runs/<id>/notes.json                 name, note and pin (`core.runs.summary`)
runs/<id>/last/                      weights, optimizer and progress to go on from
runs/<id>/split.json                 tile numbers by part; split-<scene>.json of further scenes
runs/<id>/validation.npz             counts of the kept network on the validation tiles
runs/<id>/start/                     the network it went on from (`train --from`)
runs/<id>/model.json, model.weights.h5     what is needed to rebuild and load the network
runs/<id>/baseline_rf/, baseline_gbm/      counts.npz of the baselines on the same tiles
runs/<id>/loaded.json                only of a network that somebody brought: file and time
runs/<id>/predictions/<scene>/       probability.tif, mask.tif, landslides.gpkg,
                                     counts.npz, metrics.json, display/
"""

import csv
import re
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import access, atomic, leases, paths, stored
from core.access import ADMIN
from core.errors import Damaged, InvalidName, NotFound, SlideScopeError
from core.jobs import store as jobs
from core.jobs import words
from core.leases import Lease
from core.runs import checks, run_files
from core.runs.config import RunConfig, called_after
from core.runs.run_files import MADE_OF, PREVIEW
from core.seen import Reader
from core.stored import Broken, Listing

# A list is read by processes that do not know whether somebody is just replacing a folder.
SETTLED_S = 2.0
LOADED = run_files.LOADED
# The dataset of a map that was brought, where it is neither rs nor rs-dr.
OTHER = "other"


@dataclass(frozen=True)
class Run:
    """One training and what came of it.

    `state` is that of its latest job; without one (a shipped network) the history tells.
    """

    id: str
    path: Path
    config: RunConfig
    job: jobs.Job | None

    @property
    def state(self) -> str:
        if self.job:
            return self.job.state
        if self.loaded:
            return "done"
        if not self.config.has_network:
            return "done" if self.predicted() else "interrupted"
        epochs, card = self.course["epochs"], self.model_card()
        patience = self.config.patience
        best = card.get("best_epoch") if card else None
        stalled = bool(patience and best is not None and epochs - best >= patience)
        return "done" if stalled or epochs >= self.config.epochs else "interrupted"

    @property
    def loaded(self) -> dict | None:
        """{source, when} of a network that was brought as a file; None of one trained here."""
        return self._says(LOADED, checks.LOADED)

    @property
    def shipped(self) -> bool:
        """It came with the software: such a run has a card."""
        return (self.path / "card.md").exists()

    @property
    def trained(self) -> bool:
        """A network is there to predict with."""
        return (self.path / "model" / run_files.MODEL_CARD).exists()

    @property
    def name(self) -> str:
        """What somebody called it; empty where nobody did. One that came another way than through
        `summary.name`, as in a restored copy, is made what a name may be."""
        return called_after((self._says(run_files.NOTES, checks.NOTES) or {}).get("name", ""))

    @property
    def title(self) -> str:
        """The name it was given, if any, and what it is: 'Wet season · FCADenseNet · RS-DR'."""
        return f"{self.name} · {self.kind}" if self.name else self.kind

    @property
    def kind(self) -> str:
        """Such as 'FCADenseNet · RS-DR' or 'Average of 3 runs · FCADenseNet · RS-DR'; a map that
        was brought goes by its own name where nobody said what it was made of."""
        if self.config.brought and self.config.dataset == OTHER:
            return self.config.model_title
        network = f"{self.config.model_title} · {self.config.dataset.upper()}"
        if self.config.joined == "average":
            return f"Average of {len(self.config.members)} runs · {network}"
        return f"All {self.config.folds} folds · {network}" if self.config.joined else network

    def map_title(self, scene: str | None = None) -> str:
        """The title of its map of `scene`: says so where that is the mean of several looks."""
        flips = self.flips(scene)
        return f"{self.title} · {flips} looks" if flips > 1 else self.title

    @property
    def test_scene(self) -> str:
        """The scene that tells how good the network is: its own, unless another was asked for."""
        return self.config.test_scene or self.config.scene

    def concerns(self, scene: str) -> bool:
        """Whether it learned from the scene or is tested on it."""
        return scene in self.scenes

    @property
    def scenes(self) -> tuple[str, ...]:
        """The scenes it learned from, and the one it is tested on."""
        return tuple(dict.fromkeys((*self.config.learned_from, self.test_scene)))

    def outdated(self, scene: str, fingerprint: str) -> bool:
        """Its map of `scene`, or the split behind its scores, is of an earlier import, whose pixels
        may lie elsewhere."""
        made_of = self.made_of(scene)
        if made_of and made_of["fingerprint"] != fingerprint:
            return True
        # A network that came from elsewhere was trained on another machine's copy of the scene.
        if self.loaded:
            return False
        learned = {other.scene: other.fingerprint for other in self.config.more}
        learned[self.config.scene] = self.config.fingerprint
        return learned.get(scene, fingerprint) != fingerprint

    def prediction(self, scene: str | None = None) -> Path:
        """Folder of the prediction for `scene` (default: the scene it is tested on)."""
        return self.path / "predictions" / (scene or self.test_scene)

    def predicted(self, scene: str | None = None) -> bool:
        return (self.prediction(scene) / run_files.COUNTS).exists()

    def made_of(self, scene: str | None = None) -> dict:
        """What the map of `scene` was made of: {scene, fingerprint, weights, flips, cost}, as far
        as it was noted."""
        return self._says(f"{self._map(scene)}/{MADE_OF}", checks.MADE_OF) or {}

    def flips(self, scene: str | None = None) -> int:
        """Of how many looks (flips and turns) the map of `scene` is the mean."""
        return self.made_of(scene).get("flips", 1)

    def prediction_is_current(self, scene: str | None = None) -> bool:
        """The prediction was made with the network that is kept, and as many looks as the run is
        configured with."""
        counts = self.prediction(scene) / run_files.COUNTS
        model = self.path / "model" / run_files.MODEL_CARD
        both = counts.exists() and model.exists() and self.flips(scene) == self.config.flips
        return both and counts.stat().st_mtime >= model.stat().st_mtime

    def preview(self, scene: str | None = None) -> bool:
        """Whether the map came with the software and is of a copy of the scene that differs
        slightly; it is being predicted anew."""
        return (self.prediction(scene) / PREVIEW).exists()

    def metrics(self, scene: str | None = None) -> dict | None:
        """What `evaluate` computed on the held-out tiles, at 0.5 or the threshold kept with
        the run; None before."""
        return self._says(f"{self._map(scene)}/{run_files.METRICS}", checks.METRICS)

    def needed_metrics(self, scene: str | None = None) -> dict[str, Any]:
        """The same of a run that was measured."""
        return self._needed(self.metrics(scene), run_files.METRICS)

    @property
    def course(self) -> checks.Course:
        """How far its training came, and the best epochs; all of it: `history`."""
        found = checks.of(self.id, f"{self.path}/{run_files.HISTORY}", checks.COURSE)
        return checks.course([]) if found is None else found

    def history(self) -> list[dict[str, float]]:
        """A row an epoch: epoch, loss, val_loss, val_f1, val_iou, val_ap, learning_rate, seconds;
        what was not measured is missing."""
        path = self.path / run_files.HISTORY
        if not path.exists():
            return []
        with open(path, newline="", encoding="utf-8") as file:
            return [{k: float(v) for k, v in row.items() if v} for row in csv.DictReader(file)]

    def model_card(self) -> dict | None:
        """model.json: channels, coding, legends, parameters, best epoch and what chose it."""
        return self._says(f"model/{run_files.MODEL_CARD}", checks.CARD)

    def needed_card(self) -> dict[str, Any]:
        """The same of a run that was trained."""
        return self._needed(self.model_card(), run_files.MODEL_CARD)

    def _map(self, scene: str | None) -> str:
        return f"predictions/{scene or self.test_scene}"

    def _says(self, name: str, reader: Reader) -> dict | None:
        """What one of its files says; a list asks for it without opening the file."""
        found = checks.of(self.id, f"{self.path}/{name}", reader)
        return None if found is None else dict(found)

    def _needed(self, found: dict | None, name: str) -> dict[str, Any]:
        if found is None:
            raise FileNotFoundError(self.path / name)
        return found


def create(
    config: RunConfig,
    run_id: str,
    job_id: str | None,
    write: Callable[[Path], None] = lambda folder: None,
) -> Run:
    """Write the configuration of a new run, once; `write` adds what else it cannot do without,
    before anybody sees the folder."""
    folder = paths.runs_folder() / paths.check_name(run_id)
    with atomic.whole_folder(folder, record=True) as temporary:
        atomic.write_json(temporary / run_files.CONFIG, config.to_json())
        if job_id:
            (temporary / "job").write_text(job_id, encoding="utf-8")
        write(temporary)
    return load(run_id)


def free_id(name: str | None, *parts: str) -> str:
    """The id of a run that is brought: the `name` that was asked for, if no run has it, or one made
    of `parts` and the day."""
    if name is None:
        harmless = [re.sub(r"[^\w-]+", "-", part).strip("-_")[:40] or "run" for part in parts]
        when = f"{time.strftime('%Y%m%d')}-{secrets.token_hex(2)}"
        return paths.derived_name(*harmless, end=when)
    folder = paths.runs_folder()
    if (folder / paths.check_new_name(name, folder, "a run")).exists():
        raise SlideScopeError(
            f"A run named '{name}' exists already: it is never written over; choose another --name."
        )
    return name


def check_network(run: Run) -> None:
    """Raise a SlideScopeError for a run that is joined from others or brought as a map."""
    if run.config.brought:
        raise SlideScopeError(
            f"Run '{run.id}' is a map that was brought ('{run.config.brought.file}') and has no "
            "network: choose a run that was trained here, or `python -m core load` a network."
        )
    if run.config.joined:
        raise SlideScopeError(
            f"Run '{run.id}' has no network of its own: it is joined from "
            f"{', '.join(run.config.members)}; choose one of these."
        )


def claim(run_id: str) -> Lease:
    """Held by whoever looks whether a run is at rest and then works on it or removes it: of two
    that come at once, on one host or on two, one does."""
    return leases.of("run", paths.known_name(run_id))


def check_at_rest(run: Run, own_job: str | None) -> None:
    """Raise a SlideScopeError where another job is at work on the run, which cannot be resumed
    then."""
    if run.job and run.job.active and run.job.id != own_job:
        raise SlideScopeError(
            f"Run '{run.id}' is {words.state(run.job)}: only a run at rest can be resumed; "
            f"{words.way_out(run.job)}."
        )


def assign_job(run: Run, job_id: str | None) -> None:
    """Say which job works on the run from now on."""
    if run.job:
        jobs.settle(run.job)
    if job_id:
        atomic.write_text(run.path / "job", job_id)


def load(run_id: str) -> Run:
    folder = paths.runs_folder() / paths.known_name(run_id)
    config = checks.config_of(run_id, folder)
    if config is None:
        raise NotFound(
            f"No run '{run_id}': `python -m core runs` lists them; choose one or train it first."
        )
    names, maps = atomic.names(folder), atomic.names(folder / "predictions")
    job = _job(run_id, folder) if "job" in names else None
    if atomic.left_over((*names, *maps)) and not (job and job.active):
        _put_back(folder)
        names, maps = atomic.names(folder), atomic.names(folder / "predictions")
    checks.check(run_id, folder, names, maps)
    return Run(run_id, folder, config, job)


def runs(scene: str | None = None) -> list[Run]:
    """All runs, newest first; with `scene`, those that learned from it or are tested on it."""
    if scene is None:
        return listing().items
    return stored.once(f"run {scene}", lambda: _concerned(scene)).items


def _concerned(scene: str) -> Listing[Run]:
    folders = (folder for folder in _folders() if _concerns(folder, scene))
    return stored.listing("run", folders, load)


def _concerns(folder: Path, scene: str) -> bool:
    """The same as `Run.concerns`, for a run that need not be looked at further."""
    try:
        config = checks.config_of(folder.name, folder)
    except (Damaged, InvalidName):
        return False
    return config is not None and Run(folder.name, folder, config, None).concerns(scene)


def listing() -> Listing[Run]:
    """All runs, newest first, and what is damaged."""
    return stored.once("run", lambda: stored.listing("run", _folders(), load))


def _folders() -> list[Path]:
    return stored.folders(paths.runs_folder(), run_files.CONFIG)


def delete(*run_ids: str) -> None:
    """Remove runs with all they hold, damaged ones too; all of them stay if one of them is being
    worked on."""
    if access.readonly():
        access.need(ADMIN, "deleting a run")
    with ExitStack() as claims:
        for run_id in sorted(set(run_ids)):
            claims.enter_context(claim(run_id))
        _delete(run_ids)


def _delete(run_ids: Sequence[str]) -> None:
    broken, found = [], []
    for run_id in dict.fromkeys(run_ids):
        try:
            found.append(load(run_id))
        except (Damaged, NotFound):
            damaged = stored.named(listing().damaged, run_id)
            if damaged is None:
                raise
            broken.append(damaged)
    _check_unused(found, broken)
    for run in found:
        if run.job:
            jobs.settle(run.job)
    for each in (*(Broken("run", run.id, "", run.path) for run in found), *broken):
        each.delete()
    atomic.recover(paths.runs_folder(), SETTLED_S)


def _check_unused(found: Sequence[Run], broken: Sequence[Broken]) -> None:
    used = {job.figures.get("run"): job for job in jobs.active()}
    at_work = {run.id: run.job for run in found if run.job and run.job.active}
    busy = {
        name: at_work.get(name) or used[name]
        for name in (*(run.id for run in found), *(each.name for each in broken))
        if name in at_work or name in used
    }
    if not busy:
        return
    far = next((job for job in busy.values() if job.elsewhere), None)
    place = f" ({words.where(far)})" if far else ""
    are = "Runs {} are" if len(busy) > 1 else "Run {} is"
    raise SlideScopeError(
        f"{are.format(', '.join(busy))} being worked on{place}: only a run at rest can be deleted, "
        f"so none was; {words.way_out(far) if far else 'stop it first'}."
    )


def _put_back(run: Path) -> None:
    """Undo what a kill between two moves left: a network or prediction set aside."""
    for folder in (run, run / "predictions"):
        atomic.recover(folder, SETTLED_S)


def _job(run_id: str, folder: Path) -> jobs.Job | None:
    try:
        job_id = checks.of(run_id, f"{folder}/job", stored.WORD)
        return jobs.read(job_id) if job_id is not None else None
    except (NotFound, Damaged, InvalidName):
        return None  # the run itself is whole
