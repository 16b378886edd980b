"""The paired experiment: what is trained, what is reused, and its table, on made-up runs."""

import json
import shutil
import threading
import time
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
import rasterio

from core import atomic, commands
from core.__main__ import main
from core.errors import SlideScopeError
from core.experiments import arms, conduct, cost, store, table
from core.experiments.arms import Arm
from core.experiments.request import ExperimentRequest, Member, request
from core.jobs import store as jobs
from core.jobs.report import JobStopped, silent, working
from core.learning import split
from core.learning.networks import device
from core.learning.scores import evaluation
from core.learning.tiles.tiling import tiling_of
from core.maps import changes, layers
from core.maps.sides import circular, sides_of
from core.objects import detection
from core.runs import store as runs
from core.runs.request import TrainRequest
from core.scene import store as scenes
from core.workflows import train
from core.workflows.experiment import configurations
from models.catalogue import MODELS
from tests import tiny
from tests.test_routes import Client
from tests.test_tiles import tile_of

RS, RS_DR = Arm("unet", "rs"), Arm("unet", "rs-dr")
SKILL = {RS: 2.2, RS_DR: 3.4}
BAD = {
    "Unknown arm 'resnet:rs'": ["tiny", "--arms", "resnet:rs,unet:rs"],
    "Unknown arm 'unet:optical'": ["tiny", "--arms", "unet:optical"],
    "Nothing to compare in the arms unet:rs:": ["tiny", "--arms", "unet:rs"],
    "Invalid seeds 0: at least 1": ["tiny", "--seeds", "0"],
    "No scene named 'nowhere'": ["nowhere"],
    "an experiment needs a SCENE": [],
    "has no preset 'huge'": ["tiny", "--preset", "huge"],
    "Invalid epochs 0": ["tiny", "--epochs", "0"],
    "No experiment 'gone'": ["--resume", "gone"],
}


@pytest.fixture(scope="module")
def built_small_tiles(tmp_path_factory):
    """Folder of a workspace that holds the scene; making it takes longer than copying it."""
    folder = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLIDESCOPE_WORKSPACE", str(folder))
        tiny.scene(tile=32)
    return folder


@pytest.fixture
def scene(built_small_tiles, workspace):
    """The tiny scene in tiles of 32 px: twelve test blocks."""
    shutil.copytree(built_small_tiles, workspace)
    return scenes.load("tiny")


def wanted(seeds: int, which=(RS_DR, RS)) -> ExperimentRequest:
    return request("tiny", which, seeds, preset="quick", epochs=3, buffer=0)


def train_by_hand(scene, asked: ExperimentRequest) -> None:
    """Made-up finished runs of every member."""
    for number, (member, config) in enumerate(configurations(asked).items()):
        tiny.finish(scene, config, f"made-up-{number}", SKILL.get(member.arm, 3.0))


def split_as_asked(asked: ExperimentRequest) -> None:
    """Give the made-up runs the split that a new training would have."""
    parts = train.configure(asked.of_member(asked.members()[0])).home.split
    for run in runs.runs():
        split.save(parts, run.path / "split.json")


def finished(scene, seeds: int, which=(RS_DR, RS)) -> store.Experiment:
    asked = wanted(seeds, which)
    train_by_hand(scene, asked)
    experiment = store.create(asked, scene, None)
    conduct.conduct(experiment, configurations(asked), silent)
    return store.load(experiment.id)


@pytest.mark.parametrize("sentence", BAD)
def test_bad_input_is_one_sentence_and_exit_2(tiny_scene, capsys, sentence):
    assert main(["experiment", *BAD[sentence]]) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert sentence in said
    assert said.endswith(".")
    assert not store.experiments() and not runs.runs()


def test_default_arms_are_the_papers_five():
    pairs = [pair.title for pair in arms.pairs(arms.DEFAULT)]
    assert pairs == [
        "FCADenseNet: RS → RS-DR",
        "RS-DR: FC_DenseNet → FCADenseNet",
        "RS-DR: U-Net → FCADenseNet",
        "RS-DR: FCN → FCADenseNet",
    ]


def test_the_page_and_the_command_ask_for_the_same(tiny_scene):
    asked = request("tiny", (RS_DR, RS), 2, preset="quick", epochs=5, batch=4)
    again = commands.parse(asked.argv())
    assert again == asked
    assert ExperimentRequest.from_json(json.loads(json.dumps(asked.to_json()))) == asked


def test_members_differ_in_arm_and_seed_alone(tiny_scene):
    found = configurations(request("tiny", (RS_DR, RS), 2, preset="quick"))
    assert [m.key for m in found] == ["unet:rs-dr:0", "unet:rs:0", "unet:rs-dr:1", "unet:rs:1"]
    assert {config.augmentation for config in found.values()} == {"safe"}
    assert {config.split_seed for config in found.values()} == {0}
    same = [replace(c, seed=0, dataset="rs", factors=()) for c in found.values()]
    assert len(set(same)) == 1


def test_all_seeds_have_the_same_split_and_plain_trainings_their_own(scene):
    asked = wanted(2)
    first, second = (part_of_split(asked.of_member(Member(RS, s))) for s in (0, 1))
    assert np.array_equal(first, second)
    plain = replace(asked.of_member(Member(RS, 1)), split_seed=None)
    assert not np.array_equal(part_of_split(plain), first)


def part_of_split(asked) -> np.ndarray:
    return train.configure(asked).home.split.part


def test_a_members_train_command_makes_its_configuration(scene):
    asked = wanted(2)
    member = Member(RS_DR, 1)
    made = train.configure(commands.parse(asked.of_member(member, "exp-1").argv())).config
    assert made == replace(configurations(asked)[member], experiment="exp-1")


def test_cost_knows_every_preset_of_the_catalogue():
    assert {n: set(m.presets) for n, m in MODELS.items()} == {
        n: set(presets) for n, presets in cost.GFLOP.items()
    }


def test_expected_time_grows_with_what_is_asked_for(scene):
    few, many = (cost.expected(wanted(n), scene) for n in (1, 4))
    assert many.total == pytest.approx(4 * few.total)
    assert "shipped networks" in many.words
    longer = request("tiny", (RS_DR, RS), 1, preset="quick", epochs=30)
    assert cost.expected(longer, scene).total > few.total
    paper = request("tiny", (RS_DR, RS), 1, preset="paper", epochs=3)
    assert cost.expected(paper, scene).total > few.total


def test_a_training_on_this_device_tells_the_time_best(scene):
    train_by_hand(scene, wanted(1))
    job = jobs.create(TrainRequest("tiny"), "Train")
    with working(job.id) as report:
        report.end("done", result={"device": device.detect().name})
    run = runs.load("made-up-0")
    runs.assign_job(run, job.id)
    made_of = train.configure(wanted(1).of_member(Member(RS_DR, 0)))
    split.save(made_of.home.split, run.path / "split.json")
    tiles = len(split.load(run.path / "split.json").tiles(0))
    found = cost.pace("unet", "quick")
    assert found.source == cost.MEASURED
    # An epoch of the made-up history takes 3 s, in whole batches of squares as large as a tile,
    # which have a sixteenth of the usual size.
    batch = run.config.batch
    drawn = -(-tiles // batch) * batch
    assert found.per_tile == pytest.approx(3.0 / drawn * 16)


def test_dry_run_says_the_hours_and_starts_nothing(tiny_scene, capsys):
    argv = ["experiment", "tiny", "--preset", "quick", "--seeds", "2", "--dry-run", "--json"]
    assert main(argv) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert len(found["members"]) == 10
    assert found["expected_hours"] > 0
    assert not store.experiments()


def test_the_command_prints_the_paired_table(scene, capsys):
    asked = wanted(3)
    train_by_hand(scene, asked)
    assert main([*asked.argv(), "--json"]) == 0
    out = capsys.readouterr()
    assert "About" in out.err or "Nothing is left to train" in out.err
    found = json.loads(out.out.splitlines()[-1])
    rs_dr, rs = found["table"]
    assert (rs_dr["arm"], rs["arm"]) == ("unet:rs-dr", "unet:rs")
    measured = [evaluation.evaluate(runs.load(run)) for run in rs["runs"]]
    for name in ("precision", "f1", "kappa", "miou", "iou_landslide", "average_precision"):
        values = [item[name] for item in measured]
        assert rs[name]["mean"] == pytest.approx(np.mean(values))
        assert rs[name]["sd"] == pytest.approx(np.std(values, ddof=1))
    f1 = found["gains"][0]["metrics"]["f1"]
    assert f1["points"] == pytest.approx(100 * (rs_dr["f1"]["mean"] - rs["f1"]["mean"]))
    assert f1["percent"] == pytest.approx(f1["points"] / rs["f1"]["mean"])
    low, high = f1["interval_points"]
    assert low < f1["points"] < high
    assert 0 < f1["p"] <= 1
    assert (found["test_tiles"], found["test_blocks"]) == (48, 12)
    assert any("favoured by construction" in sentence for sentence in found["warnings"])
    assert any("chosen by its generator" in " ".join(w.split()) for w in found["warnings"])
    assert main(["experiment", "--resume", found["experiment"]]) == 0
    assert "landslide prevalence" not in capsys.readouterr().err


def test_finished_runs_are_reused_and_two_seeds_have_no_interval(scene):
    found = finished(scene, seeds=2).table()
    gain = found["gains"][0]
    assert gain["why"].endswith("here are 12 and 2.")
    assert gain["why"] in found["notes"]
    assert {v["p"] for v in gain["metrics"].values()} == {None}
    assert gain["mcnemar"]["p"] is None
    assert gain["mcnemar"]["objects"] == 3
    assert found["failed"] == {}


def test_another_configuration_is_not_taken_for_a_member(scene):
    train_by_hand(scene, wanted(1))
    other = request("tiny", (RS_DR, RS), 1, preset="quick", epochs=4, buffer=0)
    experiment = store.create(other, scene, None)
    assert store.run_of(experiment, *next(iter(configurations(other).items()))) is None


def test_an_unfinished_run_of_the_experiment_is_its_own_to_resume(scene):
    asked = wanted(1)
    experiment = store.create(asked, scene, None)
    member, config = next(iter(configurations(asked).items()))
    runs.create(replace(config, experiment="another"), "not-mine", None)
    assert store.run_of(experiment, member, config) is None
    runs.create(replace(config, experiment=experiment.id), "mine", None)
    assert store.run_of(experiment, member, config).id == "mine"


def test_a_changed_scene_is_not_gone_on_with(scene, capsys):
    experiment = finished(scene, seeds=1)
    path = experiment.path / "experiment.json"
    atomic.write_json(path, {**atomic.read_json(path), "fingerprint": "older"})
    assert main(["experiment", "--resume", experiment.id]) == 2
    assert "has changed since experiment" in capsys.readouterr().err


def test_a_member_that_fails_costs_its_seed_alone(scene, monkeypatch):
    asked = wanted(2)
    train_by_hand(scene, asked)
    runs.delete("made-up-3")
    split_as_asked(asked)

    def fail(*_):
        raise SlideScopeError("Out of memory: choose a smaller batch.")

    monkeypatch.setattr(conduct, "_train", fail)
    experiment = store.create(asked, scene, None)
    found = conduct.conduct(experiment, configurations(asked), silent)
    assert list(found["failed"]) == ["U-Net · RS, seed 1"]
    assert found["gains"][0]["seeds"] == [0]
    for name in ("made-up-0", "made-up-1", "made-up-2"):
        runs.delete(name)
    with pytest.raises(SlideScopeError, match=r"None of the trainings .* Out of memory"):
        conduct.conduct(store.create(asked, scene, None), configurations(asked), silent)


def test_a_run_that_holds_out_other_tiles_than_new_ones_is_trained_anew(scene, monkeypatch):
    asked = wanted(2)
    train_by_hand(scene, asked)
    runs.delete("made-up-3")
    trained = []
    monkeypatch.setattr(conduct, "_train", lambda _, member, run, *__: trained.append(run))
    monkeypatch.setattr(conduct, "_finish", lambda *_: {})
    conduct.conduct(store.create(asked, scene, None), configurations(asked), silent)
    assert trained == [None] * 4


def test_runs_of_other_tiles_are_no_pair(scene):
    asked = wanted(1)
    train_by_hand(scene, asked)
    path = runs.load("made-up-1").prediction() / "counts.npz"
    with np.load(path) as file:
        counts, part = file["counts"], file["part"]
    np.savez(path, counts=counts, part=part[::-1])
    with pytest.raises(SlideScopeError, match="tested on other tiles"):
        conduct.conduct(store.create(asked, scene, None), configurations(asked), silent)


def test_blocks_are_two_by_two_tiles_and_sum_their_counts(scene):
    train_by_hand(scene, wanted(1))
    run = runs.load("made-up-0")
    part = table.part_of(run, scene)
    assert part.count == 12
    assert np.bincount(part.block).tolist() == [4] * 12
    counts = np.ones((len(part.tiling), 200, 2), np.uint32)
    assert (part.sums(counts) == 4).all()


def probability(path, scene, values) -> None:
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        dtype="float32",
        count=1,
        crs=scene.grid.crs,
        transform=scene.grid.affine,
        width=scene.grid.width,
        height=scene.grid.height,
    ) as target:
        target.write(values.astype(np.float32), 1)


def test_an_object_is_detected_from_a_quarter_of_its_pixels(scene, tmp_path):
    tiling, mask = tiling_of(scene), scene.read_mask() == 1
    everywhere = np.ones(len(tiling), bool)
    rows = np.arange(scene.grid.height)[:, None]
    # Of the landslide around row 180 (173 .. 187) only the lowest rows, then nearly half of it.
    few, many = (0.9 * (mask & (rows > 180 + above)) for above in (4, 1))
    for name, values in (("few", few), ("many", many)):
        probability(tmp_path / f"{name}.tif", scene, values)
    paths = [tmp_path / "few.tif", tmp_path / "many.tif"]
    found = detection.detections(scene, paths, tiling, everywhere, 0.5)
    # Only two landslides lie that low; all of the other one is predicted by both.
    assert found.sum(axis=1).tolist() == [1, 2]
    assert found.shape == (2, 5)


def test_objects_that_reach_out_of_the_test_tiles_do_not_count(scene, tmp_path):
    tiling = tiling_of(scene)
    probability(tmp_path / "p.tif", scene, np.zeros(scene.grid.shape))
    columns = np.arange(len(tiling)) % tiling.shape[1]
    left = detection.detections(scene, [tmp_path / "p.tif"], tiling, columns < 2, 0.5)
    # Columns 0 .. 63: the landslide around column 60 reaches further.
    assert left.shape == (1, 0)


def test_gained_and_lost_pixels_are_a_layer_of_the_map(scene):
    experiment = finished(scene, seeds=1)
    (layer, change), *rest = layers.change_layers(scene)
    assert rest == []
    assert change.datasets == ("rs", "rs-dr")
    sides = sides_of(scene)
    title = sides[layer.id].title
    assert title == "Gained and lost · U-Net: RS → RS-DR (1 seed, held-out tiles)"
    place = "{}/{}/{}".format(14, *tile_of(scene, 90, 300, 14)[:2])
    address = f"/maps/tiles/experiment/{experiment.id}/{change.id}/{place}"
    assert layer.url.startswith(address[1:].removesuffix(place))
    assert Client().get(address).status_code == 200
    assert Client().get(address.replace("unet", "fcn")).status_code == 404
    assert circular(sides["hill-shade"], sides[layer.id])
    assert not circular(sides["hill-shade"], sides["slope"])


def test_the_layer_counts_the_pixels_that_the_table_counts(scene, monkeypatch):
    shown = {}
    monkeypatch.setattr(
        changes.raster,
        "write",
        lambda plain, target, *_: shown.update(values=rasterio.open(plain).read(1)),
    )
    experiment = finished(scene, seeds=1)
    before, after = (
        evaluation.evaluate(runs.load(experiment.runs()[f"{arm.key}:0"])) for arm in (RS, RS_DR)
    )
    n = np.bincount(shown["values"].ravel(), minlength=9)
    assert n[2] + n[3] == after["tp"]
    assert n[2] + n[4] == before["tp"]
    assert n[4] + n[5] == after["fn"]
    assert n[7] + n[8] == after["fp"]
    assert n[6] + n[8] == before["fp"]
    assert n[1:].sum() == after["pixels"]


@pytest.mark.slow
def test_an_experiment_from_nothing_to_its_table(scene, capsys):
    argv = ["experiment", "tiny", "--arms", "unet:rs-dr,unet:rs", "--preset", "quick"]
    assert main([*argv, "--seeds", "1", "--epochs", "1", "--buffer", "0", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [row["seeds"] for row in found["table"]] == [[0], [0]]
    assert found["failed"] == {}
    members = [runs.load(run) for row in found["table"] for run in row["runs"]]
    assert {run.config.experiment for run in members} == {found["experiment"]}
    assert {run.state for run in members} == {"done"}
    splits = {(run.path / "split.json").read_text() for run in members}
    assert len(splits) == 1
    assert set(store.load(found["experiment"]).runs().values()) == {run.id for run in members}


def test_who_stops_the_experiment_stops_its_training_and_waits_for_it(workspace):
    job = jobs.create(TrainRequest("tiny"), "Train")

    def work():
        with suppress(JobStopped), working(job.id) as report:
            while True:
                report("Training", 0.1)
                time.sleep(0.02)

    worker = threading.Thread(target=work)
    worker.start()

    def tell(_):
        raise JobStopped

    with pytest.raises(JobStopped):
        conduct._follow(job.id, tell)
    assert jobs.read(job.id).state == "stopped"
    worker.join(timeout=10)
    assert not worker.is_alive()
