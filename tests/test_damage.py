"""One damaged file takes itself down and nothing else: no traceback in any command, no page lost,
the damaged item listed with its reason, and deleted at will."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from core import atomic, stored
from core.__main__ import main
from core.errors import Damaged, SlideScopeError
from core.experiments import store as experiments
from core.experiments.request import ExperimentRequest
from core.jobs import store as jobs
from core.learning.networks import card, loading
from core.review import decisions
from core.runs import checks
from core.runs import store as runs
from core.runs.request import TrainRequest
from core.scene import datasets
from core.scene import store as scenes
from tests import page, tiny

HEALTHY, HURT = "tiny-fcadensenet-rs-dr-made-up", "tiny-fcadensenet-rs-made-up"
JOB, OTHER = "20260101-120000-aaaaaa", "20260101-120000-bbbbbb"
SWEEP = pytest.mark.sweep


def empty(data: bytes) -> bytes:
    return b""


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def garbled(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + b"\xff\x00\xfe{" * 8 + data[middle + 32 :]


def other_json(data: bytes) -> bytes:
    return b'["a list", {"of": "other things"}]'


def null(data: bytes) -> bytes:
    return b"null"


def _each(value, change: Callable):
    """The JSON value with every number, text and list in it changed."""
    if isinstance(value, dict):
        return {key: _each(one, change) for key, one in value.items()}
    return change(value)


def wrong_type(data: bytes) -> bytes:
    return _lines(data, lambda v: {"not": "this"} if not isinstance(v, dict) else "text")


def huge(data: bytes) -> bytes:
    number = 10**400
    return _lines(data, lambda v: number if isinstance(v, int | float) else v).replace(
        str(number).encode(), b"1" + b"0" * 400
    )


def infinite(data: bytes) -> bytes:
    change = lambda v: float("inf") if isinstance(v, int | float) else v  # noqa: E731
    return _lines(data, change).replace(b"Infinity", b"1e999")


def _lines(data: bytes, change: Callable) -> bytes:
    try:
        return json.dumps(_each(json.loads(data), change)).encode()
    except ValueError:
        return b"1e999,no,table\n" * 3


WAYS = (empty, cut, garbled, other_json, null, wrong_type, huge, infinite)
RUN = f"runs/{HURT}"
MAP = f"{RUN}/predictions/tiny"
# What is damaged -> (kind, name) that is listed as damaged; None: it is made again or passed over.
FILES = {
    f"{RUN}/config.json": ("run", HURT),
    f"{RUN}/history.csv": ("run", HURT),
    f"{RUN}/notes.json": ("run", HURT),
    f"{RUN}/split.json": ("run", HURT),
    f"{RUN}/model/model.json": ("run", HURT),
    f"{RUN}/job": None,
    f"{MAP}/metrics.json": ("run", HURT),
    f"{MAP}/made_of.json": ("run", HURT),
    f"{MAP}/counts.npz": ("run", HURT),
    f"{RUN}/operating_point.json": None,
    f"{RUN}/channels.json": None,
    f"jobs/{OTHER}/job.json": ("job", OTHER),
    f"jobs/{OTHER}/status.json": ("job", OTHER),
    f"jobs/{OTHER}/request.json": None,
    "scenes/other/scene.json": ("scene", "other"),
    "experiments/tiny-paired/experiment.json": ("experiment", "tiny-paired"),
    "experiments/tiny-paired/runs.json": ("experiment", "tiny-paired"),
    "experiments/tiny-paired/table.json": ("experiment", "tiny-paired"),
    f"exports/tiny/{HURT}-p0.500/export.json": None,
    "datasets/some.json": ("dataset", "some"),
    "reviews/tiny/decisions.jsonl": None,
    "format.json": None,
}
# What leaves a file whole: a history says less, and these hold no number.
WITHOUT_NUMBER = (
    f"{MAP}/made_of.json",
    "experiments/tiny-paired/runs.json",
    "datasets/some.json",
)
HARMLESS = {(f"{RUN}/history.csv", cut)}
HARMLESS |= {(file, way) for file in WITHOUT_NUMBER for way in (huge, infinite)}


@pytest.fixture(scope="module")
def full(built, tmp_path_factory) -> Path:
    """A workspace with one of everything."""
    folder = tmp_path_factory.mktemp("full")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLIDESCOPE_WORKSPACE", str(folder))
        shutil.copytree(built / "scenes", folder / "scenes")
        shutil.copytree(built / "runs", folder / "runs")
        tiny.scene("other")
        run = runs.load(HURT)
        _finish(run, folder)
        for job_id in (JOB, OTHER):
            _job(folder / "jobs" / job_id)
        atomic.write_text(run.path / "job", OTHER)
        scene = scenes.load("tiny")
        datasets.save(scene, "some", ["slope", "red"])
        with decisions.locked("tiny"):
            decisions.append(decisions.new("R. Roe", "comment", "tiny", "tiny", comment="x"))
        _experiment(folder / "experiments" / "tiny-paired")
        about = {"run": HURT, "made": "2026-01-01", "threshold": 0.5, "landslides": 3}
        about |= {"notes": [], "files": ["export.json"]}
        _write(folder / "exports" / "tiny" / f"{HURT}-p0.500" / "export.json", about)
        _write(folder / "format.json", {"format": 2})
    return folder


def _write(path: Path, value) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write_json(path, value)


def _finish(run: runs.Run, folder: Path) -> None:
    _write(run.path / "notes.json", {"pinned": False, "notes": [{"at": "now", "text": "x"}]})
    card = {"model": "fcadensenet", "preset": "quick", "tile": 128, "dataset": "rs"}
    card |= {"coding": "paper", "factors": list(run.config.factors), "legends": {}}
    card |= {"channels": [{"factor": name, "form": "value"} for name in run.config.factors]}
    card |= {"trainable_parameters": 9, "best_epoch": 3, "best_value": 0.5, "monitor": "val_loss"}
    _write(run.path / "model" / "model.json", card)
    point = {"kind": "half", "threshold": 0.5, "wanted": None, "recall": None, "f1": None}
    _write(run.path / "operating_point.json", {**point, "part": "validation"})
    _write(run.path / "channels.json", stored.sealed({"of": None, "result": {}}))


def _job(folder: Path) -> None:
    request = TrainRequest("tiny", "unet")
    _write(folder / "job.json", {"kind": "train", "title": "Train it", "created": 1.7e9})
    _write(folder / "request.json", {"action": "train", "request": request.to_json()})
    status = {"state": "done", "stage": "ended", "progress": 1.0, "pid": 1, "updated": 1.7e9}
    status |= {"figures": {"epoch": 3, "epochs": 3, "run": HEALTHY}, "reason": "", "result": {}}
    _write(folder / "status.json", {**status, "process_started": 1.0})


def _experiment(folder: Path) -> None:
    request = ExperimentRequest(scene="tiny", preset="quick")
    _write(folder / "experiment.json", {**request.to_json(), "fingerprint": "tiny", "created": 1.0})
    _write(folder / "runs.json", {"fcadensenet:rs:0": HURT})
    spread = {"mean": 0.5, "sd": None}
    row = {"title": "An arm", "seeds": [0], **dict.fromkeys(checks.Scores.__annotations__, spread)}
    table = {"test_scene": "tiny", "synthetic": True, "preset": "quick", "split": "block"}
    table |= {"threshold": 0.5, "area_words": "held-out tiles", "test_tiles": 2, "test_blocks": 1}
    table |= {"prevalence": 0.01, "table": [row], "gains": [], "notes": [], "warnings": []}
    _write(folder / "table.json", {**table, "failed": {}, "experiment": folder.name})


@pytest.fixture
def one(full, monkeypatch) -> Iterator[Path]:
    """The same workspace for all; what a test damages is put back."""
    monkeypatch.setenv("SLIDESCOPE_WORKSPACE", str(full))
    whole = {file: (full / file).read_bytes() for file in FILES}
    yield full
    for file, data in whole.items():
        if (full / file).read_bytes() != data:
            (full / file).write_bytes(data)


@pytest.fixture
def hurt(full, workspace) -> Path:
    shutil.copytree(full, workspace)
    return workspace


@dataclass(frozen=True)
class Said:
    status: int
    result: dict
    error: str


def command(*words: str) -> Said:
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main([*words, "--json"])
    text = out.getvalue().strip()
    return Said(status, json.loads(text.splitlines()[-1]) if text else {}, err.getvalue())


def damage(path: Path, way: Callable[[bytes], bytes]) -> None:
    path.write_bytes(way(path.read_bytes()))


CASES = [(file, way) for file in FILES for way in WAYS]
# What computes or opens pages takes a second each: every file once, each way with some.
ONCE = [(file, WAYS[n % len(WAYS)]) for n, file in enumerate(FILES)]
# Lists are quicker: every file in three ways that have nothing in common.
LISTED = [
    pytest.param(*case, marks=() if case in ONCE or case[1] in (cut, wrong_type) else SWEEP)
    for case in CASES
]


def _named(value) -> str:
    return value.__name__ if callable(value) else value.replace("made-up", "x")


def test_nothing_is_damaged_at_first(hurt):
    assert command("runs").result["damaged"] == []
    assert command("scenes").result["damaged"] == []
    assert experiments.listing().damaged == []
    assert [each for each in FILES if not (hurt / each).is_file()] == []


@pytest.mark.parametrize(("file", "way"), LISTED, ids=_named)
def test_lists_lose_the_damaged_item_alone(one, file, way):
    damage(one / file, way)
    listed, known = command("runs"), command("scenes")
    assert listed.status == known.status == 0
    found = [*listed.result["damaged"], *known.result["damaged"]]
    expected = FILES[file]
    if expected and (file, way) not in HARMLESS:
        assert [(each["kind"], each["name"]) for each in found] == [expected]
        reason = found[0]["reason"]
        assert file.split("/")[-1] in reason and reason.endswith(".") and "\n" not in reason
        assert reason in listed.error + known.error
    else:
        assert found == []
    assert HEALTHY in [row["run"] for row in listed.result["runs"]]
    assert "tiny" in [row["scene"] for row in known.result["scenes"]]


@pytest.mark.parametrize("cases", [ONCE, pytest.param(CASES, marks=SWEEP)])
def test_commands_on_a_damaged_item_say_so_in_a_sentence(one, cases):
    for file, way in cases:
        whole = (one / file).read_bytes()
        damage(one / file, way)
        _ask(file)
        (one / file).write_bytes(whole)


def _ask(file: str) -> None:
    assert command("evaluate", HEALTHY).status == 0
    asks = [("evaluate", HURT), ("review", "tiny", "--run", HURT)]
    if file.startswith("scenes"):
        asks = [("factors", "other"), ("train", "other", "--model", "unet")]
    for words in asks:
        asked = command(*words)
        assert asked.status in (0, 2)
        assert asked.status == 0 or len(asked.error.strip().splitlines()) <= 3


@pytest.mark.parametrize("file", [file for file, item in FILES.items() if item])
def test_what_is_damaged_can_be_deleted(hurt, file):
    damage(hurt / file, empty)
    kind, name = FILES[file]
    action = "scenes" if kind == "scene" else "runs"
    assert command(action, "--delete", name).result["damaged"] == []
    assert len(command("runs").result["runs"]) == (1 if kind == "run" else 2)


@pytest.mark.parametrize("file", [file for file in FILES if file.endswith(".json")])
def test_what_a_newer_version_adds_is_no_damage(hurt, file):
    value = json.loads((hurt / file).read_bytes())
    value["of_a_newer_version"] = {"deep": [1, None]}
    if "experiments/tiny-paired/runs.json" in file:
        value["of_a_newer_version"] = "run"
    (hurt / file).write_text(json.dumps(value))
    assert command("runs").result["damaged"] == command("scenes").result["damaged"] == []
    assert {row["run"] for row in command("runs").result["runs"]} == {HEALTHY, HURT}
    assert jobs.read(OTHER).state == "done"


def test_a_damaged_line_of_a_review_is_passed_over_and_told(hurt):
    log = hurt / "reviews" / "tiny" / "decisions.jsonl"
    whole = json.loads(log.read_text())
    lines = ["{", json.dumps({**whole, "threshold": "x"}), json.dumps({**whole, "newer": 1})]
    log.write_text(log.read_text() + "\n".join(lines) + "\n")
    assert len(decisions.read("tiny")) == 2
    assert [each.name for each in decisions.damaged("tiny")] == ["line 2", "line 3"]


def test_a_raster_that_cannot_be_read_is_one_sentence(hurt):
    scene = scenes.load("tiny")
    damage(scene.stack_path, cut)
    with pytest.raises(Damaged, match=r"'stack\.tif' cannot be read; import it again"):
        scene.read()
    damage(scene.stack_path, empty)
    assert command("factors", "tiny").status == 2


@pytest.mark.parametrize("way", [empty, cut])
@pytest.mark.parametrize("raster", ["scenes/tiny/inventory/1/mask.tif", f"{MAP}/probability.tif"])
def test_a_raster_that_cannot_be_read_is_a_sentence_wherever_it_is_met(hurt, tmp_path, raster, way):
    damage(hurt / raster, way)
    for words in (("evaluate", HURT, "--objects"), ("export", HURT, "--out", str(tmp_path / "o"))):
        asked = command(*words)
        assert asked.status == 2
        # Of a file that is cut short, GDAL may not say which one it is.
        what = re.escape(raster) if way is empty else ".*"
        assert re.search(f"damaged: '{what}' cannot be read", asked.error.splitlines()[-1])
    assert not (tmp_path / "o").exists()
    assert command("runs").status == command("scenes").status == 0


def damage_at_once(workspace: Path, cases) -> None:
    """Damage all these files, those of the run each in a copy of its own."""
    for number, (file, way) in enumerate(cases):
        if file.startswith(RUN):
            copy = f"runs/{HURT}-{number}"
            shutil.copytree(workspace / RUN, workspace / copy)
            file = file.replace(RUN, copy)
        damage(workspace / file, way)


# All files damaged at once, each way with some; in a sweep every way.
AT_ONCE = [pytest.param([(file, way) for file in FILES], marks=SWEEP) for way in WAYS]


@pytest.mark.parametrize("cases", [ONCE, *AT_ONCE])
def test_pages_say_what_is_damaged_and_go_on(hurt, cases):
    damage_at_once(hurt, cases)
    said = {}
    for name in page.PAGES:
        app = page.visit(name, scene="tiny")
        assert not app.exception and page.problem.DEFECT not in page.texts(app)
        assert "tiny" in page.texts(app)
        said[name] = " ".join(each.label for each in app.expander)
    assert all("damaged item" in said[name] for name in ("scene", "training", "results")), said
    # A run for each of its files; the files of an experiment or a job hurt one thing.
    hurtful = [(file, way) for file, way in cases if FILES[file] and (file, way) not in HARMLESS]
    items = {file if file.startswith(RUN) else FILES[file] for file, _ in hurtful}
    count = len(items - {("scene", "other")})
    assert f"{count} damaged items" in said["training"]


def test_a_page_deletes_what_is_damaged(hurt):
    damage(hurt / RUN / "config.json", empty)
    app = page.visit("training", scene="tiny")
    app.button(key=f"delete-damaged-run-{HURT}").click().run()
    assert not app.exception and not (hurt / RUN).exists()
    assert runs.listing().damaged == [] and len(runs.runs()) == 1


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("monitor", "![x](http://127.0.0.1:9987/mon)", "its monitor is none of val_loss"),
        ("best_epoch", 10**400, "its best_epoch is a huge number"),
        ("best_value", float("inf"), "its best_value is inf"),
    ],
)
def test_a_foreign_card_that_would_hurt_a_page_is_refused(full, monkeypatch, field, value, said):
    monkeypatch.setenv("SLIDESCOPE_WORKSPACE", str(full))
    whole = runs.load(HURT).model_card()
    assert card.read(whole).best_epoch == 3
    with pytest.raises(SlideScopeError, match=said):
        card.read({**whole, field: value})


def test_what_a_foreign_configuration_cannot_say_is_left_out(full, monkeypatch):
    monkeypatch.setenv("SLIDESCOPE_WORKSPACE", str(full))
    told = {"learning_rate": float("inf"), "epochs": 10**400, "batch": 7, "seed": 3, "buffer": -1}
    made = loading._config(card.read(runs.load(HURT).model_card()), told)
    checks.check_config(made)
    assert (made.learning_rate, made.epochs, made.batch, made.seed) == (1e-4, 3, 7, 3)


def test_the_packs_of_the_attack_are_refused_or_made_harmless(real_data):
    folder = real_data / "attacks"
    if not folder.exists():
        pytest.skip(f"no attacks in {real_data}")
    for name in ("monitor_md", "big_epoch"):
        with pytest.raises(SlideScopeError):
            card.read(json.loads((folder / f"pack-{name}-model.json").read_text()))
    known = card.read(json.loads((folder / "pack-conf_inf_lr-model.json").read_text()))
    told = json.loads((folder / "pack-conf_inf_lr-config.json").read_text())
    assert loading._config(known, told).learning_rate == 1e-4
