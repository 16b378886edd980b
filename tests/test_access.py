"""Who may change what: read-only, roles, and the log of changes; enforced below every page."""

import hashlib
import json

import pytest

from core import access, audit, paths, workflows
from core.__main__ import main
from core.access import ADMIN, EDITOR, VIEWER, Actor, Refused
from core.errors import SlideScopeError
from core.jobs import store as jobs
from core.jobs.report import working
from core.learning.scores import operating_point
from core.maps import damage
from core.review import decisions
from core.runs import store as runs
from core.runs import summary
from core.runs.request import TrainRequest
from core.scene import datasets
from core.scene import store as scenes
from core.scene.files import guard, uploads
from core.stored import Broken
from core.workflows import prepare
from core.workflows.requests import RunsRequest

LOOKING = Actor("eve", VIEWER)
CHANGING = Actor("ben", EDITOR)
DECIDING = Actor("ana", ADMIN)
ONLY = "This SlideScope is read-only: "


@pytest.fixture
def readonly(monkeypatch):
    monkeypatch.setenv("SLIDESCOPE_READONLY", "1")


def state(folder) -> dict[str, str]:
    """Every file of a workspace but its logs by its content."""
    found = (p for p in sorted(folder.rglob("*")) if p.is_file() and p.parent.name != "logs")
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in found}


def lines() -> list[tuple[str, str, str]]:
    return [(each.who, each.action, each.result) for each in audit.changes()[0]]


COMMANDS = [
    ["sample", "--size", "64"],
    ["import", "new", "--elevation", "none.tif"],
    ["mask", "tiny"],
    ["train", "tiny", "--model", "unet", "--dataset", "rs"],
    ["kfold", "tiny", "--model", "unet", "--dataset", "rs"],
    ["predict", "tiny-fcadensenet-rs-made-up"],
    ["load", "none.zip"],
    ["load-map", "tiny", "none.tif"],
    ["channels", "tiny-fcadensenet-rs-made-up"],
    ["applicability", "tiny-fcadensenet-rs-made-up"],
    ["attention", "tiny-fcadensenet-rs-made-up"],
    ["experiment", "tiny"],
    ["prepare"],
    ["factors", "tiny", "--save-dataset", "mine"],
    ["review", "tiny", "--version"],
    ["review", "tiny", "--undo"],
    ["runs", "--pin", "tiny-fcadensenet-rs-made-up"],
    ["runs", "--note", "tiny-fcadensenet-rs-made-up", "good"],
    ["runs", "--delete", "tiny-fcadensenet-rs-made-up"],
    ["scenes", "--delete", "tiny"],
    ["clean", "--yes"],
    ["restore", "none.zip"],
    ["worker", "tcp://127.0.0.1:9"],
]


def test_no_command_changes_what_is_read_only(tiny_runs, workspace, readonly, capsys):
    before = state(workspace)
    for argv in COMMANDS:
        assert main(argv) == 2, argv
        assert capsys.readouterr().err.startswith(ONLY), argv
    assert state(workspace) == before


def test_every_action_is_refused_or_only_looks():
    """An action that is added is asked here what it needs."""
    refused = {argv[0] for argv in COMMANDS}
    looking = {"scenes", "models", "displacement", "profile", "runs", "evaluate", "pack"}
    looking |= {
        "export",
        "figure",
        "tables",
        "methods",
        "factors",
        "review",
        "serve",
        "audit",
        "verify",
        "backup",
        "doctor",
    }
    assert refused | looking == set(workflows.ACTIONS)


def test_what_is_read_only_can_be_looked_at_and_taken_along(
    tiny_runs, workspace, readonly, capsys, tmp_path
):
    before = state(workspace)
    run = tiny_runs[0].id
    for argv in (["runs"], ["scenes"], ["evaluate", run], ["review", "tiny", "--run", run]):
        assert main([*argv, "--json"]) == 0, capsys.readouterr().err
    assert main(["export", run, "--out", str(tmp_path / "map")]) == 0
    assert (tmp_path / "map").is_dir()
    assert main(["export", run, "--out", str(workspace / "exports" / "map")]) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith(ONLY)
    after = {name: digest for name, digest in state(workspace).items() if "cache/" not in name}
    assert after == before


def test_the_server_prepares_nothing_where_nothing_may_be_changed(workspace, readonly):
    prepare.start_if_needed()
    jobs.end_overdue()
    assert not (workspace / "jobs").exists()


def changes(run) -> dict:
    """Everything that pages change, by what it needs."""
    scene = scenes.load("tiny")
    made = decisions.new("R. Roe", "accept", "tiny", scene.fingerprint)
    point = operating_point.choose(run, "half")

    def decided():
        with decisions.locked("tiny"):
            decisions.append(made)

    return {
        "job": (EDITOR, lambda: jobs.create(TrainRequest("tiny"))),
        "dataset": (EDITOR, lambda: datasets.save(scene, "mine", ["slope"])),
        "without": (ADMIN, lambda: datasets.delete("mine")),
        "decision": (EDITOR, decided),
        "note": (EDITOR, lambda: summary.write(run, "good")),
        "pin": (EDITOR, lambda: summary.pin(run, True)),
        "threshold": (EDITOR, lambda: operating_point.store(run, point)),
        "upload": (EDITOR, lambda: uploads.save_upload("a", "dem.tif", b"x")),
        "layer": (EDITOR, lambda: damage.repair(damage.Damage(run, "probability"), scene)),
        "run": (ADMIN, lambda: runs.delete(run.id)),
        "scene": (ADMIN, lambda: scenes.delete("tiny")),
        "damaged": (ADMIN, lambda: Broken("job", "a", "", run.path / "none").delete()),
    }


@pytest.mark.parametrize("who", [LOOKING, CHANGING])
def test_a_role_is_enforced_where_things_are_changed(tiny_runs, workspace, who):
    asked = changes(tiny_runs[0])
    beyond = [act for role, act in asked.values() if not who.may(role)]
    assert len(beyond) == (12 if who is LOOKING else 4)
    before = state(workspace / "runs") | state(workspace / "scenes")
    with access.asking(who):
        for act in beyond:
            with pytest.raises(Refused, match=f"and {who.name} has '{who.role}': ask whoever"):
                act()
    assert state(workspace / "runs") | state(workspace / "scenes") == before


def test_whoever_may_does_it_and_is_noted_down(tiny_runs):
    with access.asking(DECIDING):
        for _, act in changes(tiny_runs[0]).values():
            act()
    noted = lines()
    assert {who for who, _, _ in noted} == {"ana"}
    assert {result for _, _, result in noted} == {"done"}
    assert [action for _, action, _ in noted] == [
        "start train",
        "keep dataset",
        "delete dataset",
        "review: accept",
        "note on run",
        "pin run",
        "keep threshold",
        "upload",
        "delete run",
        "delete scene",
        "delete job",
    ]


def test_an_editor_imports_but_replaces_no_scene(workspace):
    asked = workflows.request_class("import")
    with access.asking(CHANGING):
        assert jobs.create(asked("new")).by == CHANGING
        with pytest.raises(Refused, match="'start import' needs the role 'admin', and ben has"):
            jobs.create(asked("new", replace=True))


def test_a_job_is_done_for_whoever_started_it(workspace):
    with access.asking(CHANGING):
        job = jobs.create(TrainRequest("tiny"), "Train U-Net")
    assert jobs.read(job.id).by == CHANGING
    with access.asking(job.by), pytest.raises(ValueError), working(job.id):
        raise ValueError("no such scene")
    assert [(who, action) for who, action, _ in lines()] == [
        ("ben", "start train"),
        ("ben", "train"),
    ]
    assert lines()[-1][2].startswith("failed: ")


def test_what_is_refused_and_what_fails_is_noted_too(tiny_runs):
    with access.asking(LOOKING), pytest.raises(Refused):
        runs.delete(tiny_runs[0].id)
    with pytest.raises(RuntimeError), audit.changing("do", "it"):
        raise RuntimeError("broken")
    assert lines()[0][:2] == ("eve", "delete run")
    assert lines()[0][2].startswith("refused: 'delete run' needs the role 'admin'")
    assert lines()[1][1:] == ("do", "failed: broken")


def test_the_log_is_listed(workspace, capsys):
    for who in (CHANGING, DECIDING):
        with access.asking(who):
            audit.record("upload", f"of\n{who.name}", "done")
    with open(workspace / audit.FILE, "a") as file:
        file.write('{"when": "torn')
    audit.record("pin run", "r1", "done")
    assert main(["audit", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["item"] for each in found["changes"]] == ["of\nben", "of\nana", "r1"]
    assert found["changes"][0]["when"].endswith("+00:00")
    assert found["unreadable"] == 1
    assert main(["audit", "--who", "ana", "--json"]) == 0
    assert [e["who"] for e in json.loads(capsys.readouterr().out)["changes"]] == ["ana"]
    assert main(["audit", "--text", "pin", "--last", "1"]) == 0
    said = capsys.readouterr().out
    assert "pin run  r1" in said and "1 lines of the log cannot be read." in said


def test_a_full_log_is_set_aside_and_still_listed(workspace, monkeypatch):
    monkeypatch.setattr(audit, "LARGEST", 50)
    monkeypatch.setattr(audit, "SET_ASIDE", 2)
    for number in range(5):
        audit.record("upload", str(number), "done")
    assert len(list(workspace.glob("audit-*.jsonl"))) == 2
    assert [each.item for each in audit.changes()[0]] == ["2", "3", "4"]


def test_a_log_that_cannot_be_written_undoes_nothing(workspace, capsys):
    (workspace / audit.FILE).mkdir(parents=True)
    audit.record("upload", "dem.tif", "done")
    assert "The audit log could not be written" in capsys.readouterr().err


def test_the_environment_says_read_only_or_not(monkeypatch):
    for value, wanted in (("1", True), ("yes", True), ("0", False), ("", False), ("off", False)):
        monkeypatch.setenv("SLIDESCOPE_READONLY", value)
        assert access.readonly() is wanted


def test_a_server_says_who_is_behind_a_page(monkeypatch):
    access.found_by(lambda: LOOKING)
    try:
        assert access.actor() == LOOKING and not access.may()
        with access.asking(DECIDING):
            assert access.may(ADMIN)
    finally:
        access.found_by(None)
    assert access.actor().role == ADMIN


def test_a_viewer_sees_the_runs(tiny_runs):
    with access.asking(LOOKING):
        assert len(workflows.run(RunsRequest(), lambda *_: None)["runs"]) == 2
        with pytest.raises(Refused, match="'runs' needs the role 'editor'"):
            workflows.run(RunsRequest(pin=("r",)), lambda *_: None)


@pytest.mark.parametrize("variable", ["SLIDESCOPE_HOSTS", "SLIDESCOPE_OTHERS"])
def test_who_is_served_beside_looks_through_named_folders_alone(
    workspace, tmp_path, monkeypatch, variable
):
    named, other = tmp_path / "named", tmp_path / "home"
    for folder in (named, other):
        folder.mkdir()
        (folder / "dem.asc").write_text("ncols 1\n")
    (named / "out.asc").symlink_to(other / "dem.asc")
    monkeypatch.setenv("SLIDESCOPE_DATA", str(named))
    monkeypatch.setenv("HOME", str(other))
    alone = paths.shown_folders()
    assert uploads.found_at(str(other / "dem.asc"), alone)
    monkeypatch.setenv(variable, "maps.example.org")
    served = paths.shown_folders()
    assert served == (named,)
    assert uploads.found_at(str(named / "dem.asc"), served) == [str(named / "dem.asc")]
    upload = uploads.save_upload("a", "dem.asc", b"ncols 1\n")
    for path in (other / "dem.asc", other, named / "out.asc", named / ".." / "home", upload):
        with pytest.raises(SlideScopeError, match="outside the folders that pages may open"):
            uploads.found_at(str(path), served)
    # What somebody uploaded is opened for them, whoever else looks through folders.
    assert guard.check_file(upload, paths.data_folders()) == upload.resolve()
