"""`backup` and `restore`: a scene or a run as one file, checked before anything appears."""

import json
import os
import shutil
import zipfile

import pytest

from core import atomic, digests, disk, paths
from core.__main__ import main
from core.jobs import store as jobs
from core.jobs.report import JobReport
from core.review import decisions
from core.runs import store as runs
from core.runs.request import TrainRequest
from core.scene import store as scenes

RUN = "tiny-fcadensenet-rs-made-up"


def command(capsys, *words: str) -> dict:
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def refusal(capsys, *words: str) -> str:
    assert main([*words]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert said[-1].endswith(".") and "Traceback" not in said[-1]
    return said[-1]


def content(folder) -> dict:
    """Every file with its bytes and time of change."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {p.relative_to(folder): (p.read_bytes(), p.stat().st_mtime_ns) for p in found}


def comment(words: str) -> None:
    with decisions.locked("tiny"):
        decisions.append(decisions.new("R. Roe", "comment", "tiny", "tiny", comment=words))


@pytest.fixture
def scene_file(tiny_scene, tmp_path, capsys):
    """A backup of the scene and a review of one decision."""
    comment("one")
    command(capsys, "backup", "tiny", str(tmp_path / "tiny.zip"))
    return tmp_path / "tiny.zip"


@pytest.fixture
def run_file(tiny_runs, tmp_path, capsys):
    command(capsys, "backup", RUN, str(tmp_path / "run.zip"))
    return tmp_path / "run.zip"


def test_a_scene_comes_back_byte_for_byte_with_its_review(scene_file, workspace, capsys):
    before = content(workspace / "scenes"), content(workspace / "reviews")
    for name in ("scenes", "reviews"):
        shutil.rmtree(workspace / name)
    found = command(capsys, "restore", str(scene_file))
    assert (found["kind"], found["name"], found["replaced"]) == ("scene", "tiny", False)
    assert (content(workspace / "scenes"), content(workspace / "reviews")) == before
    assert scenes.load("tiny").fingerprint == "tiny"
    assert main(["verify"]) == 0


def test_a_run_comes_back_and_its_map_is_still_that_of_its_network(run_file, workspace, capsys):
    before, current = content(workspace / "runs" / RUN), runs.load(RUN).prediction_is_current()
    runs.delete(RUN)
    command(capsys, "restore", str(run_file))
    assert content(workspace / "runs" / RUN) == before
    assert runs.load(RUN).prediction_is_current() == current and len(runs.runs()) == 2


def test_what_was_changed_before_the_backup_does_not_pass_for_whole(
    tiny_scene, tmp_path, workspace, capsys
):
    stack = tiny_scene.stack_path
    stack.write_bytes(stack.read_bytes() + b"x")
    said = command(capsys, "backup", "tiny", str(tmp_path / "a.zip"))["notes"]
    assert said == ["'stack.tif' is not as it was written: the backup has it as it is."]
    command(capsys, "restore", str(tmp_path / "a.zip"), "--replace")
    assert main(["verify", "tiny"]) == 1


def test_nothing_is_compressed_and_the_manifest_says_what_is_inside(scene_file):
    with zipfile.ZipFile(scene_file) as file:
        manifest = json.loads(file.read("backup.json"))
        members = file.infolist()
    assert {m.compress_type for m in members} == {zipfile.ZIP_STORED}
    assert (manifest["format"], manifest["kind"], manifest["name"]) == (1, "scene", "tiny")
    named = {each["file"]: each for each in manifest["files"]}
    assert named.keys() == {m.filename for m in members} - {"backup.json"}
    stack = paths.scenes_folder() / "tiny" / "stack.tif"
    assert named["item/stack.tif"]["sha256"] == digests.of(stack)
    assert "review/decisions.jsonl" in named


def test_an_earlier_file_and_an_earlier_item_stay_unless_asked_to(scene_file, workspace, capsys):
    said = refusal(capsys, "backup", "tiny", str(scene_file))
    assert "exists already: a backup is only written over when asked to" in said
    command(capsys, "backup", "tiny", str(scene_file), "--replace")
    said = refusal(capsys, "restore", str(scene_file))
    assert "A scene named 'tiny' exists already: it is only written over when asked to" in said
    (workspace / "scenes" / "tiny" / "stack.tif").write_bytes(b"damaged")
    assert command(capsys, "restore", str(scene_file), "--replace")["replaced"]
    assert main(["verify"]) == 0


def test_a_review_that_went_on_is_kept_and_another_is_not_written_over(
    scene_file, workspace, capsys
):
    comment("two")
    shutil.rmtree(workspace / "scenes")
    said = command(capsys, "restore", str(scene_file))["notes"]
    assert said == ["The review that was there goes on from the backup's: it was kept."]
    assert [each.comment for each in decisions.read("tiny")] == ["one", "two"]
    shutil.rmtree(workspace / "scenes")
    decisions.log_file("tiny").unlink()
    comment("another")
    assert "has another review than the backup" in refusal(capsys, "restore", str(scene_file))
    assert not (workspace / "scenes" / "tiny").exists()
    command(capsys, "restore", str(scene_file), "--replace")
    assert [each.comment for each in decisions.read("tiny")] == ["one"]


def test_names_that_are_no_scene_or_run_are_refused(tiny_scene, tmp_path, capsys):
    out = str(tmp_path / "a.zip")
    assert "Nothing is named 'gone'" in refusal(capsys, "backup", "gone", out)
    said = refusal(capsys, "backup", "tiny", out, "--kind", "run")
    assert "No run 'tiny': a backup is of a scene or a run" in said


def test_a_name_of_both_asks_which(tiny_runs, workspace, tmp_path, capsys):
    os.rename(workspace / "runs" / RUN, workspace / "runs" / "tiny")
    said = refusal(capsys, "backup", "tiny", str(tmp_path / "a.zip"))
    assert "'tiny' is a scene and a run: say which one with --kind" in said
    found = command(capsys, "backup", "tiny", str(tmp_path / "a.zip"), "--kind", "run")
    assert found["kind"] == "run"


def test_a_run_at_work_is_neither_backed_up_nor_replaced(run_file, tmp_path, capsys):
    job = jobs.create(TrainRequest("tiny"), "Train")
    JobReport(job.folder)("epoch 1", 0.1, run=RUN)
    said = refusal(capsys, "backup", RUN, str(tmp_path / "b.zip"))
    assert "is being worked on: its backup would be of two states" in said
    said = refusal(capsys, "restore", str(run_file), "--replace")
    assert "is being worked on: only a run at rest can be replaced" in said


def test_a_scene_in_use_is_not_replaced(scene_file, capsys):
    job = jobs.create(TrainRequest("tiny"), "Train U-Net")
    JobReport(job.folder)("epoch 1", 0.1)
    said = refusal(capsys, "restore", str(scene_file), "--replace")
    assert "Scene 'tiny' is in use: “Train U-Net” is running on it" in said


@pytest.mark.parametrize("action", ["backup", "restore"])
def test_room_is_asked_for_first(scene_file, workspace, tmp_path, monkeypatch, capsys, action):
    shutil.rmtree(workspace / "scenes" / "tiny" / "display")
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 1000))
    words = {"backup": ["tiny", str(tmp_path / "b.zip")], "restore": [str(scene_file), "--replace"]}
    assert "The disk is full: " in refusal(capsys, action, *words[action])
    assert not (tmp_path / "b.zip").exists()


def test_a_file_that_cannot_be_written_is_one_sentence(tiny_scene, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    said = refusal(capsys, "backup", "tiny", str(tmp_path / "file" / "a.zip"))
    assert "Cannot write" in said and "give another FILE" in said


# What may be wrong with the file. Each leaves the workspace as it was.


def cut(path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def garbled(path) -> None:
    data = bytearray(path.read_bytes())
    data[data.index(b"stack.tif") + 5000] ^= 0xFF
    path.write_bytes(data)


def empty(path) -> None:
    path.write_bytes(b"")


def rewritten(change):
    """The same zip with other members: `change` takes and gives {name: bytes}."""

    def write(path, how=zipfile.ZIP_STORED) -> None:
        with zipfile.ZipFile(path) as file:
            members = {name: file.read(name) for name in file.namelist()}
        members = change(members) or members
        with zipfile.ZipFile(path, "w", how) as file:
            for name, data in members.items():
                file.writestr(zipfile.ZipInfo(name), data, compress_type=how)

    return write


def manifest(change):
    def on(members: dict) -> None:
        value = json.loads(members["backup.json"])
        members["backup.json"] = json.dumps(change(value) or value).encode()

    return rewritten(on)


def moved(name: str):
    """stack.tif under another name, in the list too."""

    def on(members: dict) -> None:
        members[name] = members.pop("item/stack.tif")
        value = json.loads(members["backup.json"])
        for each in value["files"]:
            each["file"] = name if each["file"] == "item/stack.tif" else each["file"]
        members["backup.json"] = json.dumps(value).encode()

    return rewritten(on)


def of_another_name(members: dict) -> None:
    """A scene whose own file, hash and all, says that it is another."""
    scene = json.loads(members["item/scene.json"]) | {"name": "another"}
    members["item/scene.json"] = json.dumps(scene).encode()
    value = json.loads(members["backup.json"])
    for each in value["files"]:
        if each["file"] == "item/scene.json":
            data = members["item/scene.json"]
            each |= {"bytes": len(data), "sha256": digests.hashlib.sha256(data).hexdigest()}
    members["backup.json"] = json.dumps(value).encode()


def other_bytes(members: dict) -> None:
    members["item/stack.tif"] = members["item/stack.tif"][:-1] + b"x"


CASES = {
    "cut short": (cut, "it is cut short or garbled, or no backup at all"),
    "empty": (empty, "it is cut short or garbled, or no backup at all"),
    "garbled": (garbled, "it is cut short or garbled, or no backup at all"),
    "other bytes, another sum": (rewritten(other_bytes), "is not as it was backed up"),
    "compressed": (lambda p: rewritten(lambda m: m)(p, zipfile.ZIP_DEFLATED), "is not as its list"),
    "without its list": (rewritten(lambda m: m.pop("backup.json") and m), "it has no backup.json"),
    "a list that is no JSON": (rewritten(lambda m: m | {"backup.json": b"{"}), "cannot be used"),
    "a list of other types": (manifest(lambda v: v | {"files": 3}), "cannot be used"),
    "of a newer version": (manifest(lambda v: v | {"format": 2}), "restore it with the version"),
    "of another kind": (manifest(lambda v: v | {"kind": "job"}), "cannot be used"),
    "of no name": (manifest(lambda v: v | {"name": "../../x"}), "Invalid name '../../x'"),
    "a file too many": (rewritten(lambda m: m | {"item/more": b"x"}), "its list of files is not"),
    "a file too few": (rewritten(lambda m: m.pop("item/stack.tif") and m), "its list of files"),
    "leading outside": (moved("item/../../../x"), "would lie outside of it"),
    "absolute": (moved("/etc/x"), "would lie outside of it"),
    "of Windows": (moved("item/..\\x"), "would lie outside of it"),
    "beside the item": (moved("other/x"), "would lie outside of it"),
    "hidden": (moved("item/.bashrc"), "is no name of a file that an item has"),
    "a device": (moved("item/con.txt"), "is no name of a file that an item has"),
    "one name on some systems": (moved("item/SCENE.json"), "two of its files have one name"),
    "another item inside": (rewritten(of_another_name), "what it holds is no scene that can be"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_file_that_is_no_whole_backup_is_refused_and_nothing_appears(
    scene_file, workspace, capsys, case
):
    spoil, said = CASES[case]
    shutil.rmtree(workspace / "scenes")
    spoil(scene_file)
    before = content(workspace / "reviews")
    assert said in refusal(capsys, "restore", str(scene_file))
    assert not list((workspace / "scenes").glob("*")) and content(workspace / "reviews") == before


def test_a_file_of_something_else_or_none_is_refused(tiny_scene, tmp_path, capsys):
    assert "No file '" in refusal(capsys, "restore", str(tmp_path / "gone.zip"))
    (tmp_path / "a.zip").write_text("no zip")
    assert "no backup at all; give a file that" in refusal(
        capsys, "restore", str(tmp_path / "a.zip")
    )


def test_a_run_that_is_none_is_refused(run_file, capsys):
    runs.delete(RUN)

    def spoil(members: dict) -> None:
        members["item/config.json"] = b"{}"
        value = json.loads(members["backup.json"])
        for each in value["files"]:
            if each["file"] == "item/config.json":
                each |= {"bytes": 2, "sha256": digests.hashlib.sha256(b"{}").hexdigest()}
        members["backup.json"] = json.dumps(value).encode()

    rewritten(spoil)(run_file)
    said = refusal(capsys, "restore", str(run_file))
    assert "what it holds is no run that can be opened" in said and len(runs.runs()) == 1


def test_an_item_of_an_earlier_version_is_backed_up_all_the_same(tiny_scene, tmp_path, capsys):
    (tiny_scene.path / digests.RECORD).unlink()
    command(capsys, "backup", "tiny", str(tmp_path / "a.zip"))
    command(capsys, "restore", str(tmp_path / "a.zip"), "--replace")
    assert main(["verify", "tiny"]) == 0


def test_what_is_half_written_is_left_out(tiny_scene, tmp_path, capsys):
    (tiny_scene.path / ".display.12-3-abcdef01.tmp").mkdir()
    (tiny_scene.path / ".display.12-3-abcdef01.tmp" / "x").write_text("x")
    os.symlink("/etc/passwd", tiny_scene.path / "link")
    command(capsys, "backup", "tiny", str(tmp_path / "a.zip"))
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        assert not [name for name in file.namelist() if "tmp" in name or "link" in name]


def test_read_only_means_read_only(scene_file, monkeypatch, capsys):
    monkeypatch.setenv("SLIDESCOPE_READONLY", "1")
    assert "is read-only: 'restore' is not possible" in refusal(capsys, "restore", str(scene_file))


def test_a_restored_folder_appears_in_one_move(scene_file, workspace, monkeypatch, capsys):
    shutil.rmtree(workspace / "scenes")

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic, "_all_to_disk", killed)
    assert main(["restore", str(scene_file)]) == 130
    assert not list((workspace / "scenes").iterdir())
