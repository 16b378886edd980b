"""Digests: what was written whole is known by its SHA-256, and what was changed since is found."""

import os
import shutil

import numpy as np
import pytest
import rasterio

from core import atomic, digests
from core.errors import Damaged
from core.jobs.report import silent
from core.learning.request import EvaluateRequest
from core.runs import intact
from core.scene import intact as scene_intact
from core.workflows import maps
from core.workflows.requests import ExportRequest


@pytest.fixture
def item(tmp_path):
    """A folder of two files, one of them in a folder within."""
    with atomic.whole_folder(tmp_path / "item", record=True) as folder:
        (folder / "a.bin").write_bytes(b"abc")
        (folder / "inner").mkdir()
        (folder / "inner" / "b.bin").write_bytes(b"b")
    return tmp_path / "item"


def overwrite(path, data: bytes) -> None:
    """Other bytes, with size and time of change as they were, as a failing disk leaves it."""
    status = path.stat()
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_folder_brings_the_hash_of_every_file(item):
    noted = digests.read(item)
    assert sorted(noted) == ["a.bin", "inner/b.bin"]
    abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, B.1
    assert noted["a.bin"][-1].sha256 == abc
    assert digests.state(item / "a.bin") == digests.state(item / "inner" / "b.bin") == "whole"


def test_changed_missing_and_unrecorded_files_are_told_apart(item):
    overwrite(item / "a.bin", b"xyz")
    (item / "inner" / "b.bin").unlink()
    (item / "new.bin").write_bytes(b"by hand")
    assert digests.state(item / "a.bin") == "changed"
    assert digests.state(item / "inner" / "b.bin") == "missing"
    assert digests.state(item / "new.bin") == "unrecorded"


def test_what_is_written_later_is_noted_too(item):
    atomic.write_json(item / "notes.json", {"a": 1})
    atomic.write_json(item / "notes.json", {"a": 2})
    with atomic.whole_file(item / "inner" / "c.bin") as path:
        path.write_bytes(b"c")
    assert digests.state(item / "notes.json") == digests.state(item / "inner" / "c.bin") == "whole"
    (item / "notes.json").write_text("{}")
    assert digests.state(item / "notes.json") == "changed"


def killed(*_):
    raise KeyboardInterrupt


def test_a_kill_between_the_note_and_the_move_is_no_damage(item, monkeypatch):
    atomic.write_text(item / "a.txt", "old")

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        atomic.write_text(item / "a.txt", "new")
    assert (item / "a.txt").read_text() == "old"
    assert digests.state(item / "a.txt") == "whole"


def test_a_folder_within_is_noted_in_the_same_record(item):
    for text in ("one", "two"):
        with atomic.whole_folder(item / "model") as folder:
            (folder / text).write_text(text)
            (folder / "weights").write_text(text)
    assert digests.state(item / "model" / "weights") == "whole"
    assert digests.state(item / "model" / "two") == "whole"
    assert digests.state(item / "model" / "one") == "unrecorded"
    assert [p.name for p in item.rglob(digests.RECORD)] == [digests.RECORD]
    shutil.rmtree(item / "model")
    assert digests.state(item / "model" / "weights") == "missing"
    digests.forget(item / "model")
    assert digests.state(item / "model" / "weights") == "unrecorded"


def test_a_kill_in_the_move_of_a_folder_is_no_damage(item, monkeypatch):
    with atomic.whole_folder(item / "model") as folder:
        (folder / "weights").write_text("old")
    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt), atomic.whole_folder(item / "model") as folder:
        (folder / "weights").write_text("new")
        (folder / "more").write_text("new")
    monkeypatch.undo()
    atomic.recover(item)
    assert (item / "model" / "weights").read_text() == "old"
    assert digests.state(item / "model" / "weights") == "whole"
    assert digests.state(item / "model" / "more") == "unrecorded"


def test_one_record_is_made_for_folders_within_folders(tmp_path):
    with atomic.whole_folder(tmp_path / "scene", record=True) as scene:
        with atomic.whole_folder(scene / "display") as folder:
            (folder / "a.tif").write_text("a")
        atomic.write_json(scene / "scene.json", {})
    assert sorted(digests.read(tmp_path / "scene")) == ["display/a.tif", "scene.json"]
    assert not (tmp_path / "scene" / "display" / digests.RECORD).exists()


def test_a_folder_of_an_earlier_version_has_no_record_and_gets_none(tmp_path):
    (tmp_path / "old").mkdir()
    atomic.write_json(tmp_path / "old" / "a.json", {})
    assert digests.state(tmp_path / "old" / "a.json") == "unrecorded"
    assert [p.name for p in (tmp_path / "old").iterdir()] == ["a.json"]


def test_a_torn_or_garbled_line_of_the_record_is_passed_over(item):
    with open(item / digests.RECORD, "ab") as file:
        file.write(b'{"file": "a.bin", "sha\n\xff\xfe\n[]\n{"file": "a.bin", "sha256": 1}\n')
    assert digests.state(item / "a.bin") == "whole"


def test_a_large_file_with_size_and_time_as_noted_is_hashed_only_in_full(tmp_path):
    with atomic.whole_folder(tmp_path / "item", record=True) as folder:
        (folder / "large").write_bytes(bytes(digests.SMALL + 1))
    large = tmp_path / "item" / "large"
    overwrite(large, b"\1" * (digests.SMALL + 1))
    assert digests.state(large) == "whole"
    assert digests.state(large, full=True) == "changed"
    os.utime(large)
    assert digests.state(large) == "changed"


def test_a_copied_folder_keeps_its_record_and_is_not_hashed_again(item, tmp_path, monkeypatch):
    monkeypatch.setattr(digests, "of", lambda path: pytest.fail(f"{path} was hashed"))
    with atomic.whole_folder(tmp_path / "copy", record=True) as folder:
        shutil.copytree(item, folder, dirs_exist_ok=True)
    assert digests.read(tmp_path / "copy") == digests.read(item)


def garble(path) -> None:
    """Other values in a raster that can be read as before."""
    with rasterio.open(path, "r+", IGNORE_COG_LAYOUT_BREAK="YES") as target:
        values = target.read()
        target.write(np.where(values == values, values[..., ::-1], values))


def record(run) -> None:
    """Write the map of a made-up run as a prediction is written."""
    folder = run.prediction()
    with atomic.whole_folder(folder) as copy:
        shutil.copytree(folder, copy, dirs_exist_ok=True)


def test_a_garbled_map_is_neither_scored_nor_exported(tiny_runs, tmp_path):
    run = tiny_runs[0]
    record(run)
    asked = EvaluateRequest(run.id), ExportRequest(run.id, str(tmp_path / "out"))
    maps.evaluate(asked[0], silent)
    garble(run.prediction() / "probability.tif")
    said = r"map of run '.*' is damaged: 'probability.tif' is not as it was written .* predict it"
    for action, request in zip((maps.evaluate, maps.export), asked):
        with pytest.raises(Damaged, match=said):
            action(request, silent)
    assert not (tmp_path / "out").exists()
    assert intact.wrong_with_map(run).startswith("The map of run")


def test_a_garbled_map_is_not_among_those_to_compare(tiny_runs, tiny_scene):
    from core.maps import damage, sides

    run = tiny_runs[0]
    record(run)
    assert f"run:{run.id}" in sides.sides_of(tiny_scene)
    garble(run.prediction() / "probability.tif")
    assert f"run:{run.id}" not in sides.sides_of(tiny_scene)
    (found,) = damage.of_scene(tiny_scene)
    with pytest.raises(Damaged, match="is not as it was written"):
        damage.repair(found, tiny_scene)


def test_a_garbled_display_raster_is_made_again(tiny_runs, tiny_scene):
    from core.maps import damage

    run = tiny_runs[0]
    record(run)
    shown = run.prediction() / "display" / "probability.tif"
    whole = shown.read_bytes()
    garble(shown)
    (found,) = damage.of_scene(tiny_scene)
    damage.repair(found, tiny_scene)
    assert damage.of_scene(tiny_scene) == [] and len(shown.read_bytes()) == len(whole)


def test_a_garbled_scene_is_not_learned_from(tiny_scene):
    scene_intact.check_scene(tiny_scene)
    garble(tiny_scene.stack_path)
    with pytest.raises(Damaged, match=r"Scene 'tiny' is damaged: 'stack.tif' is not as it was"):
        scene_intact.check_scene(tiny_scene)
