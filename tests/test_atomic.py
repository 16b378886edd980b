"""Files and folders appear whole or not at all."""

import os

import pytest

from core import atomic


def test_a_failed_block_leaves_the_old_folder(tmp_path):
    target = tmp_path / "scene"
    with atomic.whole_folder(target) as folder:
        (folder / "a").write_text("old")
    with pytest.raises(ZeroDivisionError), atomic.whole_folder(target) as folder:
        (folder / "a").write_text("new")
        _ = 1 / 0
    assert (target / "a").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["scene"]


def test_a_finished_block_replaces_it_whole(tmp_path):
    target = tmp_path / "scene"
    for text in ("old", "new"):
        with atomic.whole_folder(target) as folder:
            (folder / text).write_text(text)
    assert [p.name for p in target.iterdir()] == ["new"]
    assert [p.name for p in tmp_path.iterdir()] == ["scene"]


def test_recover_puts_back_what_a_kill_left_aside(tmp_path):
    (tmp_path / "scene").mkdir()
    (tmp_path / "scene" / "a").write_text("old")
    os.replace(tmp_path / "scene", tmp_path / ".scene.old")
    atomic.recover(tmp_path)
    assert (tmp_path / "scene" / "a").read_text() == "old"


def test_json_never_holds_nan(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        atomic.write_json(tmp_path / "x.json", {"a": float("nan")})
    assert atomic.read_json(tmp_path / "x.json") is None


def test_a_failed_file_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), atomic.whole_file(tmp_path / "a.tif") as path:
        path.write_text("half")
        _ = 1 / 0
    assert not list(tmp_path.iterdir())


def test_recover_removes_a_half_written_folder_only_when_it_is_old(tmp_path):
    for name in (".new.12345678.tmp", ".old.12345678.tmp"):
        (tmp_path / name).mkdir()
    os.utime(tmp_path / ".old.12345678.tmp", (1, 1))
    atomic.recover(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == [".new.12345678.tmp"]
