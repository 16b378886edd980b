"""Review: the queue, decisions that are only added to, undo, versions, export, bad input."""

import errno
import json
import multiprocessing
import os

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

from core import digests
from core.__main__ import main
from core.errors import SlideScopeError
from core.learning.prediction import products
from core.learning.scores import evaluation
from core.maps import place, scorecard
from core.maps.sides import sides_of
from core.review import decisions, outline, reviewing
from core.review.queue import Asked, queue
from core.runs.measured import scene_of
from core.runs.request import TrainRequest, repeat
from core.scene import inventory
from core.scene import store as scenes
from core.workflows.train import configure
from tests import tiny

# (row, column) of planted false objects, size, probability.
FALSE = ((150, 200, 6, 0.7), (20, 330, 5, 0.9), (200, 20, 4, 0.6))


@pytest.fixture
def asked(tiny_runs, tiny_scene):
    """A map with three false objects and nothing else; the second moves most."""
    run = tiny_runs[0]
    values = np.zeros(tiny_scene.grid.shape, np.float32)
    for row, column, size, p in FALSE:
        values[row : row + size, column : column + size] = p
    how = products.profile(tiny_scene.grid, "float32", np.nan)
    with rasterio.open(run.prediction() / "probability.tif", "w", **how) as target:
        target.write(values, 1)
    with rasterio.open(tiny_scene.stack_path, "r+") as stack:
        layer = stack.read(7)
        layer[150:156, 200:206], layer[20:25, 330:335], layer[200:204, 20:24] = -2.0, 30.0, np.nan
        stack.write(layer, 7)
    return Asked(run, tiny_scene)


def keys(found):
    return [each.item.key for each in found]


def states(asked):
    return {each.item.key: each.state for each in queue(asked)}


def test_the_queue_ranks_by_probability_times_deformation(asked):
    found = queue(asked)
    # Without deformation it comes last, by its probability alone.
    assert keys(found) == ["p20-330", "p150-200", "p200-20"]
    assert found[0].rank == pytest.approx(0.9 * 30)
    assert found[2].rank == pytest.approx(0.6)
    assert {each.state for each in found} == {"open"}


def test_accept_reject_and_comment_are_kept_with_time_and_author(asked):
    reviewing.accept(asked, "p20-330", " R.  Roe ", "fresh scarp")
    reviewing.reject(asked, "p150-200", "S. Doe")
    reviewing.remark(asked, "p200-20", "S. Doe", "look again")
    assert states(asked) == {"p20-330": "accepted", "p150-200": "rejected", "p200-20": "open"}
    log = decisions.read("tiny")
    assert [d.author for d in log] == ["R. Roe", "S. Doe", "S. Doe"]
    assert (log[0].time[:2] == "20" and "+" in log[0].time) or "-" in log[0].time
    assert shapely.from_wkt(log[0].outline).area == pytest.approx(25 * 12.5**2)
    assert queue(asked)[2].comments[0].comment == "look again"


def test_undo_adds_a_line_and_the_decision_before_stands_again(asked):
    reviewing.accept(asked, "p20-330", "R. Roe")
    reviewing.reject(asked, "p20-330", "R. Roe")
    assert states(asked)["p20-330"] == "rejected"
    reviewing.undo(asked.scene, "R. Roe")
    assert states(asked)["p20-330"] == "accepted"
    reviewing.undo(asked.scene, "R. Roe")
    assert states(asked)["p20-330"] == "open"
    assert [d.action for d in decisions.read("tiny")] == ["accept", "reject", "undo", "undo"]
    with pytest.raises(SlideScopeError, match=r"no decision by 'R[.] Roe' stands"):
        reviewing.undo(asked.scene, "R. Roe")


def test_undo_takes_back_ones_own_last_or_a_named_one(asked):
    first = reviewing.accept(asked, "p20-330", "R. Roe")
    reviewing.reject(asked, "p150-200", "S. Doe")
    assert reviewing.undo(asked.scene, "R. Roe").of == first.id
    with pytest.raises(SlideScopeError, match=f"No decision '{first.id}' stands"):
        reviewing.undo(asked.scene, "R. Roe", first.id)


def test_the_same_place_in_another_map_is_decided_already(asked, tiny_runs):
    reviewing.accept(asked, "p20-330", "R. Roe")
    lower = Asked(asked.run, asked.scene, 0.3)
    assert states(lower)["p20-330"] == "accepted"
    assert states(lower)["p150-200"] == "open"


def test_a_torn_line_is_skipped_and_closed(asked):
    reviewing.accept(asked, "p20-330", "R. Roe")
    file = decisions.log_file("tiny")
    with open(file, "ab") as log:
        log.write(b'{"id": "half", "time": "20')
    assert len(decisions.read("tiny")) == 1
    reviewing.reject(asked, "p150-200", "R. Roe")
    assert [d.item for d in decisions.read("tiny")] == ["p20-330", "p150-200"]


def test_a_line_that_was_changed_put_in_or_taken_out_is_found(workspace):
    _write_many("A", 4)
    log = decisions.log_file("tiny")
    whole = log.read_bytes().splitlines(keepends=True)
    assert decisions.altered(log) == []

    def found(*lines: bytes) -> list[int]:
        log.write_bytes(b"".join(lines))
        return decisions.altered(log)

    one, two, three, four = whole
    assert found(one, two.replace(b"AAAA", b"AABA"), three, four) == [2, 3]
    assert found(one, three, four) == [2]
    assert found(one, two, two, three, four) == [3]
    assert found(one, b"{garbled\n", three, four) == [3]
    assert found(one, two, three, b"{garbled\n") == [4]


def test_a_torn_line_and_those_of_earlier_versions_are_as_they_were_written(workspace):
    log = decisions.log_file("tiny")
    log.parent.mkdir(parents=True)
    log.write_bytes(b'{"id": "old"}\n{"id": "torn')
    _write_many("A", 2)
    assert decisions.altered(log) == []


def _write_many(name: str, count: int) -> None:
    for _ in range(count):
        with decisions.locked("tiny"):
            decisions.append(decisions.new(name, "comment", "tiny", "tiny", comment=name * 400))


def test_a_decision_that_the_disk_has_no_room_for_leaves_no_half_line(workspace, monkeypatch):
    with decisions.locked("tiny"):
        decisions.append(decisions.new("R. Roe", "comment", "tiny", "tiny", comment="first"))
        log = decisions.log_file("tiny")
        before, full = log.read_bytes(), OSError(errno.ENOSPC, "No space left on device")
        monkeypatch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(full))
        with pytest.raises(OSError, match="No space"):
            decisions.append(decisions.new("R. Roe", "comment", "tiny", "tiny", comment="second"))
    assert log.read_bytes() == before


def test_two_sessions_at_once_lose_nothing(workspace):
    context = multiprocessing.get_context("fork")
    both = [context.Process(target=_write_many, args=(name, 40)) for name in "AB"]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert sorted(d.author for d in decisions.read("tiny")) == ["A"] * 40 + ["B"] * 40


def test_a_killed_writer_loses_nothing_written_and_frees_the_lock(workspace):
    writer = multiprocessing.get_context("fork").Process(target=_write_many, args=("A", 10**6))
    writer.start()
    while len(decisions.read("tiny")) < 5:
        assert writer.is_alive()
    before = len(decisions.read("tiny"))
    writer.kill()
    writer.join(30)
    _write_many("B", 1)
    authors = [d.author for d in decisions.read("tiny")]
    assert len(authors) > before and authors[-1] == "B" and set(authors[:-1]) == {"A"}


def test_outline_grows_shrinks_or_is_typed(asked):
    item = queue(asked)[0].item
    area = {}
    for grow in (-1, 0, 2):
        shape = outline.of_object(asked.scene, asked.probability, item, 0.5, grow)
        area[grow] = shape.area / 12.5**2
    assert area == {-1: 9, 0: 25, 2: 81}
    drawn = shapely.box(240100, 3019000, 240200, 3019100)
    in_degrees = gpd.GeoSeries([drawn], crs="EPSG:32648").to_crs("EPSG:4326").iloc[0]
    for text in (drawn.wkt, shapely.to_geojson(in_degrees)):
        made = reviewing.accept(asked, "p20-330", "R. Roe", drawn=text)
        assert shapely.from_wkt(made.outline).area == pytest.approx(1e4, rel=1e-3)
        assert made.edited


@pytest.mark.parametrize("grid", ["degrees", "pixels"])
def test_an_outline_goes_to_the_map_and_comes_back_where_it_was(tiny_scene, grid):
    scene = tiny_scene if grid == "degrees" else scenes.replace(tiny_scene, kind="tiles")
    left, top = 240000 + 40 * 12.5, 3020000 - 20 * 12.5
    ring = shapely.box(left, top - 100, left + 150, top)
    holed = ring.difference(ring.buffer(-40))
    shape = place.on_map(scene, holed)
    assert [len(ring) for ring in shape[0]] == [4, 4]
    if grid == "pixels":
        assert (-20.0, 40.0) in shape[0][0]
    else:
        assert all(27.2 < lat < 27.3 and 102.3 < lng < 102.5 for lat, lng in shape[0][0])
    again = place.from_map(scene, json.loads(json.dumps(shape)))
    assert again.symmetric_difference(holed).area < 1e-3 * holed.area


@pytest.mark.parametrize(
    "shape", [None, [], [[[[1, 2], [3, 4]]]], [[[["a", 1]] * 3]], [[[[1]] * 3]]]
)
def test_what_is_no_shape_is_one_sentence(tiny_scene, shape):
    with pytest.raises(SlideScopeError, match="at least 3 and at most"):
        place.from_map(tiny_scene, shape)


def test_an_outline_to_edit_has_few_corners_and_keeps_the_place(asked):
    item = queue(asked)[0].item
    whole = outline.of_object(asked.scene, asked.probability, item, 0.5)
    simple = outline.to_edit(asked.scene, asked.probability, item, 0.5)
    assert shapely.get_num_coordinates(simple) <= outline.MOST_CORNERS
    assert simple.intersection(whole).area > 0.9 * whole.area
    assert outline.words(simple.wkt, asked.scene) == "4 corners, 0.39 ha"


BAD_OUTLINES = {
    "cannot be read": "POLYGON ((1 2",
    "is a Point": "POINT (240100 3019000)",
    "no valid polygon": "POLYGON ((240100 3019000, 240200 3019100, 240200 3019000, 240100 3019100,"
    " 240100 3019000))",
    "reaches out of scene 'tiny'": "POLYGON ((0 0, 1 0, 1 1, 0 0))",
    "holds no pixel's centre": "POLYGON ((240100 3019000, 240101 3019000, 240101 3019001, "
    "240100 3019000))",
    "cannot be read: it must be WKT": '{"type": "Nonsense"}',
}


@pytest.mark.parametrize("sentence", BAD_OUTLINES)
def test_a_bad_outline_is_one_sentence_and_nothing_is_written(asked, sentence):
    with pytest.raises(SlideScopeError, match=sentence):
        reviewing.accept(asked, "p20-330", "R. Roe", drawn=BAD_OUTLINES[sentence])
    assert decisions.read("tiny") == []


def test_an_outline_may_not_cross_tiles_of_a_tile_scene(tiny_scene):
    tiles = scenes.replace(tiny_scene, kind="tiles")
    top = 3020000 - 128 * 12.5
    across = shapely.box(240100, top - 50, 240200, top + 50)
    with pytest.raises(SlideScopeError, match="crosses the border of a tile"):
        outline.check(across, tiles)
    assert outline.check(shapely.box(240100, top - 100, 240200, top), tiles)


def test_a_version_adds_the_accepted_and_touches_no_other(asked):
    before = {f: f.read_bytes() for f in asked.scene.path.rglob("*") if f.is_file()}
    made = reviewing.accept(asked, "p20-330", "R. Roe", "scarp")
    reviewing.reject(asked, "p150-200", "R. Roe")
    entry = reviewing.make_version(asked.scene, "R. Roe")
    assert (entry["version"], entry["polygons"], entry["decisions"]) == (2, 6, [made.id])
    second = inventory.at(asked.scene, 2)
    assert second.read_mask().sum() == asked.scene.read_mask().sum() + 25
    assert second.read_mask()[20:25, 330:335].all()
    stored = gpd.read_file(second.mask_path.with_name("outlines.gpkg"))
    new = stored[stored["decision"] == made.id].iloc[0]
    assert (new["author"], new["comment"], new["id"]) == ("R. Roe", "scarp", 6)
    digests_of = before.pop(asked.scene.path / digests.RECORD)
    assert all(file.read_bytes() == data for file, data in before.items())
    assert (asked.scene.path / digests.RECORD).read_bytes().startswith(digests_of)
    assert scenes.load("tiny").inventory["version"] == 1
    # Against the new version it is false no more.
    assert "p20-330" not in keys(queue(Asked(asked.run, second)))


def test_an_undone_accept_is_not_in_the_next_version(asked):
    reviewing.accept(asked, "p20-330", "R. Roe")
    reviewing.make_version(asked.scene, "R. Roe")
    with pytest.raises(SlideScopeError, match="Nothing was decided since version 2"):
        reviewing.make_version(asked.scene, "R. Roe")
    reviewing.undo(asked.scene, "R. Roe")
    entry = reviewing.make_version(asked.scene, "R. Roe")
    assert (entry["version"], entry["polygons"]) == (3, 5)
    assert inventory.numbers(asked.scene) == [1, 2, 3]


def test_decisions_outlive_a_new_import(asked):
    reviewing.accept(asked, "p20-330", "R. Roe")
    scenes.delete("tiny")
    again = tiny.scene()
    assert [d.item for d in decisions.accepted(decisions.read("tiny"))] == ["p20-330"]
    assert reviewing.make_version(again, "R. Roe")["version"] == 2


def test_training_takes_a_version_and_is_scored_against_it(asked):
    reviewing.accept(asked, "p20-330", "R. Roe")
    reviewing.make_version(asked.scene, "R. Roe")
    wanted = TrainRequest(
        "tiny", "unet", "rs", preset="quick", split="paper", buffer=0, inventory_version=2
    )
    assert "--inventory-version 2" in wanted.command()
    made_of = configure(wanted)
    config, scene, table = made_of.config, made_of.home.scene, made_of.home.table
    assert config.inventory_version == scene.inventory["version"] == 2
    assert table.landslide.sum() > asked.scene.read_mask().sum()
    assert repeat(config).inventory_version == 2
    run = tiny.finish(scene, config, "of-version-2", 4.0)
    assert scene_of(run).inventory["version"] == 2
    assert evaluation.evaluate(run, area="all")["inventory_version"] == 2
    # A run trained on the imported one stays with it, unless said.
    assert scene_of(asked.run).inventory["version"] == 1
    usual = evaluation.evaluate(asked.run, area="all", threshold=0.8)
    other = evaluation.evaluate(asked.run, area="all", threshold=0.8, version=2)
    assert usual["inventory_version"] == 1
    assert (other["tp"], other["inventory_version"]) == (25, 2)


def test_export_holds_inventory_and_decisions(asked, tmp_path):
    reviewing.accept(asked, "p20-330", "R. Roe", "scarp")
    reviewing.make_version(asked.scene, "R. Roe")
    made = reviewing.write(asked.scene, tmp_path / "out")
    assert (made["version"], made["landslides"], made["decisions"]) == (2, 6, 2)
    landslides = gpd.read_file(tmp_path / "out" / "review.gpkg", layer="landslides")
    kept = gpd.read_file(tmp_path / "out" / "review.gpkg", layer="decisions")
    assert len(landslides) == 6
    assert list(kept["action"]) == ["accept", "version"]
    assert kept.geometry.iloc[0].area == pytest.approx(25 * 12.5**2)
    lines = (tmp_path / "out" / "decisions.jsonl").read_text().splitlines()
    assert json.loads(lines[0])["comment"] == "scarp"


def review(capsys, *argv):
    code = main(["review", "tiny", *argv, "--json"])
    said = capsys.readouterr()
    return json.loads(said.out.splitlines()[-1]) if code == 0 else said.err.strip()


def test_the_command_does_all_of_it(asked, capsys, tmp_path):
    mine = ("--run", asked.run.id, "--author", "R. Roe")
    listed = review(capsys, *mine, "--limit", "2")
    assert (listed["candidates"], listed["open"], len(listed["queue"])) == (3, 3, 2)
    assert review(capsys, *mine, "--accept", "p20-330", "--grow", "1")["decision"]["edited"]
    assert review(capsys, *mine, "--reject", "p150-200")["decision"]["action"] == "reject"
    assert review(capsys, *mine, "--remark", "p200-20", "--comment", "?")["decision"]["comment"]
    assert review(capsys, *mine, "--undo")["decision"]["action"] == "undo"
    assert review(capsys, *mine, "--version")["made"]["version"] == 2
    assert review(capsys, "--export", str(tmp_path / "out"))["export"]["decisions"] == 5
    assert review(capsys, *mine)["open"] == 1


BAD = {
    "No predicted object 'p1-1'": ["--accept", "p1-1"],
    "No predicted object 'nonsense'": ["--reject", "nonsense"],
    "Invalid author ''": ["--reject", "p20-330", "--author", " "],
    "No run 'gone'": ["--run", "gone"],
    "has no inventory version 9: it has 1": ["--inventory-version", "9"],
    "Unknown area 'north'": ["--area", "north"],
    "Invalid threshold 3.0": ["--threshold", "3"],
    "No decision 'x' stands": ["--undo", "x"],
    "Nothing was decided since the imported inventory": ["--version"],
    "The comment is empty": ["--remark", "p20-330"],
    "Invalid growth 99": ["--accept", "p20-330", "--grow", "99"],
    "Nothing is left of object 'p20-330'": ["--accept", "p20-330", "--grow", "-4"],
}


@pytest.mark.parametrize("sentence", BAD)
def test_bad_input_is_one_sentence_and_nothing_is_lost(asked, capsys, sentence):
    argv = ["--run", asked.run.id, *BAD[sentence]]
    said = review(capsys, *argv)
    assert sentence in said
    assert said.endswith(".") and "\n" not in said
    assert decisions.read("tiny") == []


def test_a_scene_without_inventory_is_said(tiny_scene, capsys):
    scenes.save(scenes.replace(tiny_scene, inventory=None))
    assert "has no landslide inventory" in review(capsys)


def test_a_version_that_is_not_there_cannot_be_trained_on(tiny_scene, capsys):
    argv = ["train", "tiny", "--model", "unet", "--inventory-version", "7", "--split", "paper"]
    assert main(argv) == 2
    assert "has no inventory version 7: it has 1" in capsys.readouterr().err


def test_a_tile_scene_is_reviewed_tile_by_tile(asked):
    tiles = scenes.replace(asked.scene, kind="tiles")
    scenes.save(tiles)
    found = queue(Asked(asked.run, scenes.load("tiny")))
    assert len(found) == 3
    made = reviewing.accept(Asked(asked.run, scenes.load("tiny")), "p150-200", "R. Roe", grow=50)
    rows = shapely.from_wkt(made.outline).bounds
    assert rows[3] <= 3020000 - 128 * 12.5  # does not grow into the tile above


def test_compare_says_where_versions_differ(asked):
    reviewing.accept(asked, "p20-330", "R. Roe")
    reviewing.make_version(asked.scene, "R. Roe")
    wanted = TrainRequest(
        "tiny", "unet", "rs", preset="quick", split="paper", buffer=0, inventory_version=2
    )
    config, scene = configure(wanted).config, configure(wanted).home.scene
    newer = tiny.finish(scene, config, "of-version-2", 4.0)
    left, right = (sides_of(asked.scene)[f"run:{run.id}"] for run in (asked.run, newer))
    said = scorecard.words(scorecard.compare(left, right, asked.scene, 0.5), 0.5)
    assert "different versions of the inventory (1 and 2)" in said
    one = scorecard.words(scorecard.compare(left, left, asked.scene, 0.5), 0.5)
    assert "version" not in one
