"""The area of applicability: the index against a search of every pair, ground that is foreign, and
what is made of it."""

import json
from dataclasses import replace

import numpy as np
import pytest
import rasterio
from scipy.spatial import distance

from core.__main__ import main
from core.display import raster
from core.errors import SlideScopeError
from core.learning.explain import applicability
from core.learning.prediction import products
from core.learning.request import ApplicabilityRequest
from core.learning.scores import inside, metrics
from core.learning.split import blocks_of
from core.learning.tiles.tiling import tiling_of
from core.maps import layers, routes, sides
from core.runs import applicability as kept
from core.runs import config, store
from core.workflows import networks
from tests import tiny


def test_the_nearest_point_is_that_of_every_pair():
    rng = np.random.default_rng(0)
    points = rng.standard_normal((70, 5)).astype(np.float32)
    z = np.concatenate([rng.standard_normal((3000, 5)), points[:20]]).astype(np.float32)
    wanted = distance.cdist(z, points).min(axis=1)
    assert applicability.nearest(points, z) == pytest.approx(wanted, abs=1e-5)


def test_normal_is_what_points_are_from_other_blocks():
    rng = np.random.default_rng(1)
    points, block = rng.standard_normal((40, 3)), np.arange(40) // 10
    space = applicability.TrainingSpace(
        (), np.zeros(3), np.ones(3), np.ones(3, bool), points.astype(np.float32), block
    )
    pairs = [np.linalg.norm(a - b) for i, a in enumerate(points) for b in points[:i]]
    own = [
        min(np.linalg.norm(points[i] - points[j]) for j in range(40) if block[j] != block[i])
        for i in range(40)
    ]
    index = np.array(own) / np.mean(pairs)
    low, high = np.quantile(index, (0.25, 0.75))
    mean, threshold = applicability.normal(space)
    assert mean == pytest.approx(np.mean(pairs), rel=1e-5)
    assert threshold == pytest.approx(index[index <= high + 1.5 * (high - low)].max(), rel=1e-5)


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """(scene, run, result, index): four columns of tiles, the last two are test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLIDESCOPE_WORKSPACE", str(tmp_path_factory.mktemp("measured")))
        scene = tiny.scene(tile=32)
        run = tiny.run(scene, "rs-dr", 4.0, buffer=0)
        result = networks.applicability(
            ApplicabilityRequest(run.id, points=300), lambda *a, **k: None
        )
        with rasterio.open(run.prediction() / kept.RASTER) as source:
            yield scene, run, result, source.read(1)


def test_the_index_of_a_scene_is_the_brute_force_one(measured):
    scene, run, result, index = measured
    values, valid = scene.read(), scene.valid(scene.read())
    assert np.isfinite(index).tolist() == valid.tolist()
    # From the definition: every column z-scored over the training points themselves.
    space = _space(scene, run)
    columns = _columns(scene, run, values)
    z = np.where(np.isnan(columns), 0, (columns - space.mean) / np.where(space.used, space.sd, 1))
    rng = np.random.default_rng(0)
    rows, cols = (a[rng.permutation(valid.sum())[:400]] for a in np.nonzero(valid))
    wanted = distance.cdist(z[rows, cols][:, space.used], space.points).min(axis=1)
    assert index[rows, cols] == pytest.approx(wanted / result["mean_distance"], abs=1e-4)
    assert result["inside_share"] == pytest.approx((index[valid] <= result["threshold"]).mean())


def _space(scene, run) -> applicability.TrainingSpace:
    from core.learning.tiles import plots

    learned = plots.of_run(run)
    return applicability.training_space(applicability._ground(run, learned, {}), 300, 0)


def _columns(scene, run, values: np.ndarray) -> np.ndarray:
    """Factors as columns, written out: bearings as sine and cosine, classes as 0 and 1."""
    found = []
    for name in run.config.factors:
        plane = values[..., scene.factor_names.index(name)].astype(np.float64)
        if name == "aspect":
            found += [np.sin(np.radians(plane)), np.cos(np.radians(plane))]
        elif name == "lithology":
            found += [np.where(np.isnan(plane), np.nan, plane == code) for code in (1, 2, 3)]
        else:
            found.append(plane)
    return np.stack(found, axis=-1)


def test_training_points_come_of_training_tiles_and_many_blocks(measured):
    scene, run, _, _ = measured
    space = _space(scene, run)
    tiling = tiling_of(scene)
    _, part = products.load_counts(run.prediction())
    numbers = blocks_of(tiling, np.arange(len(tiling)), "area")
    assert set(space.block) == set(numbers[part == metrics.TRAIN])
    assert len(space.points) == 300
    assert space.points.mean(axis=0) == pytest.approx(0, abs=1e-5)


def test_scores_inside_and_outside_are_those_of_the_pixels(measured):
    scene, run, result, index = measured
    found = inside.scores(run, threshold=0.5)
    tiling = tiling_of(scene)
    _, part = products.load_counts(run.prediction())
    test = np.repeat(np.repeat((part == metrics.TEST).reshape(tiling.shape), 32, 0), 32, 1)
    with rasterio.open(run.prediction() / "probability.tif") as source:
        predicted = source.read(1) >= 0.5
    reference = scene.read_mask() == 1
    for side, where in (
        ("inside", index <= result["threshold"]),
        ("outside", index > result["threshold"]),
    ):
        pixels = where & test
        assert found[side]["pixels"] == pixels.sum()
        assert found[side]["tp"] == (predicted & reference & pixels).sum()
        assert found[side]["fn"] == (~predicted & reference & pixels).sum()


def test_it_is_a_layer_of_compare(measured):
    scene, run, result, _ = measured
    (layer,) = layers.applicability_layers(scene)
    assert layer.id == f"applicability:{run.id}" and layer.id in sides.sides_of(scene)
    assert layer.ends == (0.0, pytest.approx(2 * result["threshold"]))
    assert raster.version(layers.run_raster(run.id, scene.name, "applicability"))
    assert "applicability" in routes.OF_RUN


def test_foreign_ground_lies_outside(measured):
    scene, run, result, _ = measured
    space = _space(scene, run)
    columns = _columns(scene, run, scene.read())[128, 100:110]
    foreign = columns + 40 * space.sd
    near, far = (applicability.nearest(space.points, space.into(x)) for x in (columns, foreign))
    assert (far / result["mean_distance"] > result["threshold"]).all()
    assert far.min() > near.max()


def test_evaluate_has_it_once_it_is_measured(measured, capsys):
    _, run, result, _ = measured
    assert main(["evaluate", run.id, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["applicability"]
    assert found["index_threshold"] == result["threshold"]
    assert found["inside"]["pixels"] + found["outside"]["pixels"] > 0
    assert main(["evaluate", run.id]) == 0
    assert "inside: F1" in capsys.readouterr().out


def test_another_map_since_has_no_scores_of_it(measured):
    _, run, _, _ = measured
    counts, part = products.load_counts(run.prediction())
    products.save_counts(run.prediction(), counts // 2, part)
    assert inside.scores(run) is None
    products.save_counts(run.prediction(), counts, part)


def test_what_has_no_training_ground_is_refused_in_a_sentence(tiny_runs, tiny_scene):
    run = tiny_runs[0]
    brought = config.Brought("map.tif", "probability", None, None)
    elsewhere = replace(run, config=replace(run.config, brought=brought))
    with pytest.raises(SlideScopeError, match="is a map that was brought"):
        applicability.measure(elsewhere, tiny_scene, 300)
    (run.prediction() / "probability.tif").unlink()
    with pytest.raises(SlideScopeError, match="has no map of scene 'tiny'"):
        applicability.measure(store.load(run.id), tiny_scene, 300)
