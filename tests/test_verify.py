"""`verify`: every file against the hash that was noted when it was written."""

import json
import os
import shutil

import pytest

from core import atomic, digests, paths, stored
from core.__main__ import main
from core.review import decisions
from core.scene import datasets
from core.upkeep import items, verifying


@pytest.fixture
def full(tiny_runs, tiny_scene):
    """A workspace with a scene, two runs, a dataset and a review."""
    datasets.save(tiny_scene, "some", ["slope", "red"])
    with decisions.locked("tiny"):
        for words in ("one", "two"):
            decisions.append(decisions.new("R. Roe", "comment", "tiny", "tiny", comment=words))
    return paths.workspace()


def verify(capsys, *names: str) -> tuple[int, dict]:
    status = main(["verify", *names, "--json"])
    return status, json.loads(capsys.readouterr().out.splitlines()[-1])


def states(found: dict, state: str) -> list[tuple[str, str]]:
    return [(each["item"], each["file"]) for each in found["files"] if each["state"] == state]


def test_nothing_is_changed_at_first(full, capsys):
    status, found = verify(capsys)
    assert (status, found["changed"], found["missing"]) == (0, 0, 0)
    whole = states(found, "whole")
    assert ("tiny", "stack.tif") in whole and ("tiny", "display/slope.tif") in whole
    assert ("some", "some.json") in whole and ("tiny", "decisions.jsonl") in whole


@pytest.mark.parametrize(
    ("file", "item"),
    [
        ("scenes/tiny/stack.tif", "tiny"),
        ("scenes/tiny/inventory/1/mask.tif", "tiny"),
        ("runs/tiny-fcadensenet-rs-made-up/config.json", "tiny-fcadensenet-rs-made-up"),
        ("datasets/some.json", "some"),
        ("reviews/tiny/decisions.jsonl", "tiny"),
    ],
)
def test_one_changed_digit_is_found_and_nothing_else(full, capsys, file, item):
    path = full / file
    data = path.read_bytes()
    place = data.index(b"0") if path.suffix != ".tif" else len(data) // 2
    path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    status, found = verify(capsys)
    assert status == 1
    assert [name for name, _ in states(found, "changed")] == [item] and not found["missing"]
    assert verifying.last()[0].item == item
    path.write_bytes(data)
    assert verify(capsys)[0] == 0 and verifying.last() == []


def test_a_missing_file_is_found(full, capsys):
    (full / "scenes" / "tiny" / "stack.tif").unlink()
    status, found = verify(capsys, "tiny")
    assert (status, states(found, "missing")) == (1, [("tiny", "stack.tif")])
    assert {each["item"] for each in found["files"]} == {"tiny"}


def test_an_item_of_an_earlier_version_has_no_hash_and_is_no_damage(full, capsys):
    (full / "scenes" / "tiny" / digests.RECORD).unlink()
    status, found = verify(capsys, "tiny")
    assert status == 0 and ("tiny", "stack.tif") in states(found, "unrecorded")
    assert main(["verify", "tiny"]) == 0
    assert "scene 'tiny': no hash recorded of" in capsys.readouterr().out


def test_people_read_what_is_wrong(full, capsys):
    (full / "datasets" / "some.json").write_text('{"factors": ["red"], "digest": "0"}')
    assert main(["verify"]) == 1
    out = capsys.readouterr().out
    assert "dataset 'some': some.json is not as it was written" in out
    assert "1 changed, 0 missing" in out.splitlines()[-1]


def test_an_unknown_name_is_refused(full, capsys):
    assert main(["verify", "tiny", "nowhere"]) == 2
    assert "Nothing is named 'nowhere': give the name of a scene" in capsys.readouterr().err


def test_an_export_carries_the_hashes_of_its_files(full, capsys, tmp_path):
    out = full / "exports" / "tiny" / "one"
    out.mkdir(parents=True)
    (out / "report.html").write_text("a report")
    about = {"run": "r", "made": "m", "threshold": 0.5, "landslides": 3, "notes": []}
    about |= {"files": ["export.json", "report.html"]}
    about["sha256"] = {"report.html": digests.of(out / "report.html")}
    atomic.write_json(out / "export.json", stored.sealed(about))
    assert verify(capsys, "one")[1]["whole"] == 2
    (out / "report.html").write_text("another")
    status, found = verify(capsys, "one")
    assert (status, states(found, "changed")) == (1, [("one", "report.html")])


def test_what_is_rewritten_while_a_run_lives_is_no_damage(full, capsys):
    run = full / "runs" / "tiny-fcadensenet-rs-made-up"
    for epoch in (1, 2):
        atomic.write_text(run / "history.csv", f"epoch\n{epoch}\n")
        atomic.write_json(run / "notes.json", {"pinned": bool(epoch), "notes": []})
        with atomic.whole_folder(run / "last") as folder:
            (folder / "progress.json").write_text(str(epoch))
    status, found = verify(capsys, run.name)
    assert (status, found["changed"], found["missing"]) == (0, 0, 0)
    assert {"history.csv", "last/progress.json"} <= {f for _, f in states(found, "whole")}


def test_what_a_kill_set_aside_is_neither_missing_nor_changed(full, capsys):
    run = full / "runs" / "tiny-fcadensenet-rs-made-up"
    for text in ("one", "two"):
        with atomic.whole_folder(run / "model") as folder:
            (folder / "weights").write_text(text)
    os.replace(run / "model", run / ".model.old")
    assert verify(capsys, run.name)[0] == 0
    (run / ".model.old" / "weights").write_text("six")
    assert states(verify(capsys, run.name)[1], "changed") == [(run.name, "model/weights")]


def test_findings_of_a_deleted_item_are_not_told_any_more(full, capsys):
    (full / "scenes" / "tiny" / "scene.json").write_text("{}")
    assert verify(capsys, "tiny")[0] == 1 and verifying.last()
    shutil.rmtree(full / "scenes" / "tiny")
    assert verifying.last() == []
    assert "tiny" in [item.name for item in items.items()]  # its review
