"""Files and folders appear whole or not at all."""

import os

import pytest

from core import atomic

pytestmark = pytest.mark.synced


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


def test_everything_is_on_the_disk_before_it_replaces_the_old(tmp_path, monkeypatch):
    """What os.fsync and os.replace were called for, in order."""
    done, sync, replace = [], os.fsync, os.replace

    def name_of(handle):
        return os.path.basename(os.readlink(f"/proc/self/fd/{handle}"))

    def noted_sync(handle):
        done.append(("disk", name_of(handle)))
        sync(handle)

    def noted_replace(source, target):
        done.append(("move", os.path.basename(target)))
        replace(source, target)

    if not os.path.exists("/proc/self/fd"):
        pytest.skip("the names of open files are known on Linux only")
    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(os, "replace", noted_replace)
    atomic.write_json(tmp_path / "a.json", {})
    kinds = [kind for kind, _ in done]
    assert kinds == ["disk", "move", "disk"] and done[2][1] == tmp_path.name
    done.clear()
    with atomic.whole_folder(tmp_path / "last") as folder:
        (folder / "weights").write_text("1")
    assert ("disk", "weights") in done[: done.index(("move", "last"))]
    assert done[-1] == ("disk", tmp_path.name)


def test_a_folder_that_came_meanwhile_stays(tmp_path):
    with pytest.raises(FileExistsError), atomic.whole_folder(tmp_path / "s", False) as folder:
        (folder / "a").write_text("second")
        (tmp_path / "s").mkdir()
        (tmp_path / "s" / "a").write_text("first")
    assert (tmp_path / "s" / "a").read_text() == "first"
    assert [p.name for p in tmp_path.iterdir()] == ["s"]
