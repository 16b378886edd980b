"""What runs on a cluster gives what one process gives, bit by bit: imports, maps, trainings."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import geopandas as gpd
import numpy as np
import pytest
import rasterio

from core import paths
from core.analysis import control, forests, importance
from core.analysis.areas import area_text
from core.analysis.areas.area import WHOLE
from core.analysis.one_pass import statistics
from core.analysis.one_pass import tasks as streamed
from core.analysis.one_pass.sample import BalancedSample
from core.cluster import pool, task
from core.display import tasks as drawn
from core.errors import SlideScopeError
from core.jobs import store as jobs
from core.jobs.report import JobStopped, silent
from core.learning.prediction import outlined, outlining, prediction
from core.runs import elsewhere
from core.runs import request as wanted
from core.runs.elsewhere import Training
from core.scene import store, strips, tasks
from core.scene.interferograms import stack as opening
from core.scene.plan.request import ImportRequest, parse_sources
from core.scene.sbas import blocks, chain
from core.scene.sbas import tasks as inverted
from core.scene.sbas.settings import SbasSettings
from core.scene.stitched import Stitched
from core.workflows import importing
from tests import interferogram_files, rasters, stack, tiny


@contextmanager
def _threads(on, report, gpus=False) -> Iterator[pool.Pool]:
    """Threads of this process as workers, whatever place is asked for."""
    folder = paths.cache_folder() / pool.FOLDER / "here"
    (folder / task.RUNNING).mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(2) as executor:
        yield pool.Pool(executor, task.head_of(folder), folder)


@pytest.fixture
def in_threads(monkeypatch):
    """`--on local:2` is these, and tasks are as small as they can be."""
    opened = pool.opened
    monkeypatch.setattr(
        pool, "opened", lambda on, *rest, **more: (opened if on == "local" else _threads)(on, *rest)
    )
    for module, name in (
        *((tasks, each) for each in ("TERRAIN_PIXELS", "STACK_VALUES")),
        (drawn, "VALUES"),
        (outlined, "TOGETHER"),
    ):
        monkeypatch.setattr(module, name, 1)


def _request(name: str, folder, on: str, **more) -> ImportRequest:
    rng = np.random.default_rng(0)
    dem = rasters.ramp(600, 330, 10) + rng.standard_normal((600, 330)) * 3 + 900
    files = {"elevation": dem.astype(np.float32), "nir": rng.random((600, 330), np.float32)}
    files["lithology"] = rng.integers(1, 5, (600, 330)).astype(np.uint8)
    # Not by the alphabet: they are the scene's last, in this order.
    for other in ("zinc", "amber"):
        files[other] = rng.random((600, 330), np.float32)
    sources = {}
    for each, values in files.items():
        values[:7, :9] = 0
        path = folder / f"{each}.tif"
        if not path.exists():
            rasters.write(path, values, cell=10, nodata=0)
        sources[each] = parse_sources(str(path))
    return ImportRequest(name, factors=sources, resolution=12.5, on=on, **more)


def test_an_import_by_workers_is_the_import_of_one_process(workspace, tmp_path, in_threads):
    added = {"added": ("tri", "relief")}
    importing.store_scene(_request("one", tmp_path, "local", **added), silent)
    said = []
    told = lambda stage, *rest, **figures: said.append(stage)  # noqa: E731
    importing.store_scene(_request("two", tmp_path, "local:2", **added), told)
    one, two = store.load("one"), store.load("two")
    assert two.fingerprint == one.fingerprint and two.factors == one.factors
    assert two.notes == one.notes
    assert two.read().tobytes() == one.read().tobytes()
    with rasterio.open(one.stack_path) as a, rasterio.open(two.stack_path) as b:
        assert (a.tags(), a.descriptions, a.block_shapes) == (
            *(b.tags(), b.descriptions, b.block_shapes),
        )
    for path in sorted((one.path / "display").glob("*.tif")):
        assert path.read_bytes() == (two.path / "display" / path.name).read_bytes()
    # Strips of 256 rows: of the elevation's 616 three, of the scene's 480 two.
    assert "Deriving the terrain: 3 of 3 tasks done" in said
    assert "Aligning 10 factors: 2 of 2 tasks done" in said
    assert not list((paths.cache_folder() / "parts").iterdir())


def test_an_import_that_was_stopped_keeps_the_parts_that_are_done(workspace, tmp_path, in_threads):
    def stops(stage, *rest, **figures):
        if stage.startswith("Aligning") and " 0 of 2 " not in stage:
            raise JobStopped

    with pytest.raises(JobStopped):
        importing.store_scene(_request("one", tmp_path, "local:2"), stops)
    said = []
    told = lambda stage, *rest, **figures: said.append(stage)  # noqa: E731
    importing.store_scene(_request("one", tmp_path, "local:2"), told)
    first = next(each for each in said if each.startswith("Aligning"))
    assert " 1 of 2 " in first or " 2 of 2 " in first
    assert not any(each.startswith("Deriving") for each in said)


def test_another_file_is_another_import(workspace, tmp_path):
    asked = json.dumps(_request("one", tmp_path, "local").to_json())
    before = tasks._key(asked)
    rasters.write(tmp_path / "nir.tif", np.ones((600, 330), np.float32), cell=10)
    assert tasks._key(asked) != before


@pytest.mark.parametrize(
    ("width", "height", "bands"), [(300, 700, 3), (128, 128, 1), (513, 257, 2)]
)
@pytest.mark.parametrize("big", ["YES", "NO"])
def test_a_raster_of_parts_is_the_raster(tmp_path, width, height, bands, big):
    grid = tiny.Grid("EPSG:32648", (12.5, 0, 240000, 0, -12.5, 3020000), width, height)
    values = np.random.default_rng(0).standard_normal((bands, height, width)).astype(np.float32)
    values[:, :30, :40] = np.nan
    how, names = {**strips.profile_of(grid, bands), "BIGTIFF": big}, tuple("abc"[:bands])
    with Stitched(tmp_path / "whole.tif", how, names) as whole:
        for top in range(0, height, 256):
            rows = min(256, height - top)
            with rasterio.open(tmp_path / "part.tif", "w", **{**how, "height": rows}) as part:
                part.write(values[:, top : top + rows])
            whole.add(tmp_path / "part.tif")
    with rasterio.open(tmp_path / "whole.tif") as found:
        assert found.read().tobytes() == values.tobytes()
        assert found.descriptions == names and found.crs == grid.crs
        assert (found.transform, found.compression.value) == (grid.affine, "ZSTD")


def test_a_raster_that_lacks_a_part_is_not_made(tmp_path):
    grid = tiny.Grid(None, (1, 0, 0, 0, -1, 0), 300, 300)
    with (
        pytest.raises(ValueError, match="0 tiles of 9"),
        Stitched(tmp_path / "whole.tif", strips.profile_of(grid, 1)),
    ):
        pass


def test_outlines_of_workers_are_those_of_one_process(tiny_runs, tiny_scene, in_threads):
    """In strips so low that every landslide crosses some."""
    folder = tiny_runs[0].prediction()
    alone = outlining.landslides(folder, tiny_scene, rows=8)
    with _threads("", silent) as workers:
        strips_ = outlined.strips(folder, tiny_scene, 8, workers, silent)
        together = list(outlining.landslides(folder, tiny_scene, strips=strips_))
    told = lambda each: (each.total, each.pixels, [p.wkb for p in each.parts])  # noqa: E731
    assert [told(each) for each in together] == [told(each) for each in alone]
    assert len(together) > 3


def test_a_map_by_workers_is_the_map_of_one_process(real_run, tiny_scene, in_threads, monkeypatch):
    monkeypatch.setattr(
        prediction.WindowLayout,
        "of",
        staticmethod(lambda *_, **__: prediction.WindowLayout(192, 32)),
    )
    monkeypatch.setattr(prediction.inference, "PIXELS", 1)
    folder = real_run.prediction()
    prediction.predict(real_run, tiny_scene)
    with rasterio.open(folder / "probability.tif") as source:
        alone = source.read(1)
    outlines = gpd.read_file(folder / "landslides.gpkg")
    said = []
    told = lambda stage, *rest, **figures: said.append(stage)  # noqa: E731
    with _threads("", silent) as workers:
        found = prediction.predict(real_run, tiny_scene, told, pool=workers)
    with rasterio.open(folder / "probability.tif") as source:
        assert source.read(1).tobytes() == alone.tobytes()
    assert gpd.read_file(folder / "landslides.gpkg").equals(outlines)
    assert found["seconds"] is None and any("tasks done" in each for each in said)


@pytest.fixture
def real_run(tiny_scene, tiny_runs):
    """A run with an untrained U-Net, which answers somehow."""
    run = tiny_runs[0]
    tiny.untrained(run, tiny_scene)
    return run


def test_a_training_that_is_noted_is_followed_and_not_begun_anew(workspace, monkeypatch):
    """As by the worker that takes the place of a killed one."""
    begun = []
    states = iter(["running", "running", "done"])

    def read(job_id):
        return jobs.Job(job_id, "train", "T", 0.0, next(states), result={"run": "r1"})

    monkeypatch.setattr(jobs, "read", read)
    monkeypatch.setattr(jobs, "start", lambda *each, **more: begun.append(each))
    monkeypatch.setattr(elsewhere, "POLL_S", 0.0)
    note = workspace / "cache" / "note.json"
    note.parent.mkdir(parents=True)
    note.write_text('{"job": "j1"}', encoding="utf-8")
    asked = wanted.TrainRequest("tiny", "unet", "rs").to_json()
    who = elsewhere.Actor("ana", "editor")
    assert elsewhere.carry_out(asked, "T", who, "cache/note.json") == ("done", "", "r1")
    assert not begun


def test_a_training_whose_machine_is_gone_is_resumed(workspace, monkeypatch):
    gone = jobs.Job("j1", "train", "T", 0.0, "interrupted", figures={"run": "r1"})
    done = jobs.Job("j2", "train", "T", 0.0, "done", result={"run": "r1"})
    begun = []
    monkeypatch.setattr(jobs, "read", lambda job_id: gone)
    monkeypatch.setattr(jobs, "start", lambda asked, *rest, **more: begun.append(asked) or done)
    note = workspace / "cache" / "note.json"
    note.parent.mkdir(parents=True)
    note.write_text('{"job": "j1"}', encoding="utf-8")
    asked = wanted.TrainRequest("tiny", "unet", "rs").to_json()
    who = elsewhere.Actor("ana", "editor")
    assert elsewhere.carry_out(asked, "T", who, "cache/note.json") == ("done", "", "r1")
    assert [each.resume for each in begun] == ["r1"]
    assert json.loads(note.read_text("utf-8")) == {"job": "j2"}


def test_trainings_of_a_pool_tell_how_each_ended(workspace, monkeypatch):
    ended = {"a": ("done", "", "r1"), "b": ("failed", "The disk is full.", None)}
    monkeypatch.setattr(elsewhere, "carry_out", lambda _, name, *rest: ended[name])
    request = wanted.TrainRequest("tiny", "unet", "rs")
    asked = {name: Training(name, request) for name in ended}
    with _threads("", silent) as workers:
        found = dict(elsewhere.train(asked, "x", workers, silent, lambda *_: None))
    assert found == {"a": elsewhere.Ended("r1"), "b": elsewhere.Ended(None, "The disk is full.")}


def _stack_of(folder, on: str, **more) -> ImportRequest:
    sources = {"deformation": parse_sources(str(folder / "stack"))}
    asked = {"reference_pixel": (2, 16), "cycles": "none", "datum": "none"} | more
    return ImportRequest("one" if on == "local" else "two", factors=sources, on=on, **asked)


def _in_low_blocks(monkeypatch) -> None:
    """Blocks of four rows, and a task each."""
    four_rows = 24 * 8 * len(interferogram_files.PAIRS) * 4
    monkeypatch.setattr(blocks, "BLOCK_BYTES", four_rows)
    monkeypatch.setattr(opening, "READ_BYTES", four_rows)
    monkeypatch.setattr(inverted, "TASK_BYTES", 1)


def test_an_inversion_by_workers_is_that_of_one_process(
    workspace, tmp_path, in_threads, monkeypatch
):
    interferogram_files.hyp3(tmp_path / "stack")
    _in_low_blocks(monkeypatch)
    importing.store_scene(_stack_of(tmp_path, "local", datum="stable", series=True), silent)
    said = []
    told = lambda stage, *rest, **figures: said.append(stage)  # noqa: E731
    importing.store_scene(_stack_of(tmp_path, "local:2", datum="stable", series=True), told)
    one, two = store.load("one"), store.load("two")
    assert two.fingerprint == one.fingerprint and two.notes == one.notes
    for path in sorted((one.path / "sbas").iterdir()):
        if path.suffix in (".tif", ".i2"):
            assert path.read_bytes() == (two.path / "sbas" / path.name).read_bytes(), path.name
    counts = [each for each in said if each.startswith("Inverting the interferograms: ")]
    assert int(counts[-1].split(" of ")[1].split()[0]) > 2


def test_an_inversion_that_was_stopped_goes_on_with_the_blocks_that_are_done(
    workspace, tmp_path, in_threads, monkeypatch
):
    interferogram_files.hyp3(tmp_path / "stack")
    _in_low_blocks(monkeypatch)
    counts = []

    def stops(stage, *rest, **figures):
        if stage.startswith("Inverting the interferograms: "):
            counts.append(stage)
            if ": 0 of " not in stage:
                raise JobStopped

    with pytest.raises(JobStopped):
        importing.store_scene(_stack_of(tmp_path, "local:2"), stops)
    tasks_of = lambda stage: int(stage.split(" of ")[1].split()[0])  # noqa: E731
    before = tasks_of(counts[0])
    counts.clear()
    told = lambda stage, *rest, **figures: counts.append(stage)  # noqa: E731
    importing.store_scene(_stack_of(tmp_path, "local:2"), told)
    left = [tasks_of(each) for each in counts if each.startswith("Inverting the interferograms: ")]
    assert left[0] < before


def test_a_worker_that_finds_other_interferograms_says_so(workspace, tmp_path):
    interferogram_files.hyp3(tmp_path / "stack")
    given = inverted.Given.of("deformation", [str(tmp_path / "stack")], SbasSettings())
    with given.opened() as stack:
        work = chain.prepare(stack, SbasSettings(cycles="none"))
    bare = inverted.Bare(given, work.settings, work.found, work.turns, "x", "others")
    with pytest.raises(SlideScopeError, match="finds other interferograms than this machine"):
        inverted.invert_rows(bare, [(0, 8)], "cache/blocks")
    assert not (paths.cache_folder() / "blocks").exists()


def test_forests_of_workers_are_those_of_one_process(workspace, monkeypatch):
    rng = np.random.default_rng(0)
    label = np.repeat(np.array([0, 1], np.uint8), 200)
    values = rng.standard_normal((400, 2)).astype(np.float32)
    values[:, 0] += 2 * label
    row, column = rng.integers(0, 512, (2, 400))
    sample = BalancedSample(values, label, row, column)
    monkeypatch.setattr(forests, "TREES", 5)
    said = []
    told = lambda stage, *rest, **figures: said.append(stage)  # noqa: E731
    for where in (forests.blocks_of(sample, 64, "area", 512), None):
        asked = (sample, [0, 1], ["a", "b"], where, 0, 3)
        alone = importance.importance(*asked, drop_column=True)
        with _threads("", silent) as workers:
            found = importance.importance(*asked, told, True, workers)
        assert found == alone
    assert said.count("Growing random forests: 6 of 6 tasks done") >= 2
    assert not list((paths.cache_folder() / "parts").iterdir())


@pytest.mark.parametrize("kind", ["area", "tiles"])
def test_the_control_of_workers_is_that_of_one_process(workspace, monkeypatch, kind):
    rng = np.random.default_rng(0)
    side, mask = 320, np.zeros((640, 320), np.uint8)
    for row, column in rng.integers(0, 300, (12, 2)):
        mask[2 * row : 2 * row + 12, column : column + 12] = 1
    layers = {"slope": rng.standard_normal(mask.shape), "rock": rng.integers(1, 3, mask.shape)}
    where = {"kind": kind, "tile": side} if kind == "tiles" else {}
    scene = stack.scene(layers, mask, categorical=("rock",), **where)
    fine = statistics.compute(scene, sample_pixels=0).histograms
    monkeypatch.setattr(streamed, "TASK_PIXELS", 1)
    for area in (WHOLE, area_text.parse(scene, ("class:rock=1",))):
        alone = control.measure(scene, fine, area, seed=3)
        said = []
        with _threads("", silent) as workers:
            told = lambda stage, *rest, into=said, **figures: into.append(stage)  # noqa: E731
            found = control.measure(scene, fine, area, 3, told, workers)
        assert found.pixels == alone.pixels
        assert {name: each.tolist() for name, each in found.counts.items()} == {
            name: each.tolist() for name, each in alone.counts.items()
        }
        assert any("Moving the inventory as a control: " in each for each in said)
    assert not list((paths.cache_folder() / "parts").iterdir())
