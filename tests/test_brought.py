"""A map that was made elsewhere becomes a run: read rightly, scored as an independent count does,
told apart from what was trained here."""

import json

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from core.__main__ import main
from core.confined import Allowance
from core.errors import SlideScopeError
from core.learning import split
from core.learning.prediction import brought
from core.learning.scores import guarantee, scrutiny
from core.maps import scorecard, sides
from core.runs import run_files, store
from core.runs.request import LoadMapRequest, repeat
from core.scene.files import vetting
from core.workflows import maps
from tests import tiny


def silent(*args, **more):
    pass


def probability(seed: int = 3) -> np.ndarray:
    """In blocks of 8 px: false alarms that can be counted, not thousands to outline."""
    reference, rng = tiny.reference(), np.random.default_rng(seed)
    blocks = rng.random((reference.shape[0] // 8, reference.shape[1] // 8))
    return np.clip(0.5 * reference + 0.6 * np.kron(blocks, np.ones((8, 8))), 0, 1).astype("float32")


def written(path, values, transform=None, crs=tiny.GRID.crs, **more):
    how = {"height": values.shape[0], "width": values.shape[1], "count": 1, "driver": "GTiff"}
    how |= {"crs": crs, "transform": transform or tiny.GRID.affine, "dtype": values.dtype.name}
    with rasterio.open(path, "w", **how, **more) as file:
        file.write(values, 1)
    return str(path)


def load(file, **more):
    return maps.load_map(LoadMapRequest("tiny", file, **more), silent)


def counted(values: np.ndarray, inside: np.ndarray) -> dict:
    """Precision and recall at .5, without any of our code; probabilities lie in 200 bins."""
    marked, reference = np.floor(values[inside] * 200) >= 100, tiny.reference()[inside] == 1
    tp = (marked & reference).sum()
    return {"precision": tp / marked.sum(), "recall": tp / reference.sum(), "pixels": inside.sum()}


def test_scores_are_those_of_an_independent_count(tiny_scene, tmp_path, capsys):
    values = probability()
    values[:, :30] = np.nan
    file = written(tmp_path / "theirs.tif", values, nodata=np.nan)
    assert main(["load-map", "tiny", file, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    for name, value in counted(values, np.isfinite(values)).items():
        assert found["metrics"][name] == pytest.approx(value)
    assert found["metrics"]["area"] == "all"
    without_factors = 10 * 12
    known = tiny.HEIGHT * tiny.WIDTH - without_factors
    assert found["covered"] == pytest.approx(1 - (tiny.HEIGHT * 30 - without_factors) / known)
    assert "92.3 % of the scene's pixels" in " ".join(found["notes"])
    assert "where the map's maker trained is not known" in found["warning"]
    assert main(["evaluate", found["run"], "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["f1"] == found["metrics"]["f1"]
    assert again["area_words"] == "whole scene tiny, where the map was trained is not known"


def test_the_tiles_that_a_run_held_out_can_score_it(tiny_runs, tmp_path):
    values, other = probability(), tiny_runs[0]
    found = load(written(tmp_path / "theirs.tif", values), split_of=other.id, dataset="rs")
    parts = split.load(other.path / run_files.SPLIT)
    rows, columns = np.mgrid[: tiny.HEIGHT, : tiny.WIDTH] // parts.tiling.tile
    inside = np.isin(rows * parts.tiling.shape[1] + columns, parts.tiles(split.PARTS["test"]))
    for name, value in counted(values, inside).items():
        assert found["metrics"][name] == pytest.approx(value)
    assert found["metrics"]["area_words"] == f"held-out tiles of run {other.id}"
    assert other.id in found["warning"]


@pytest.mark.parametrize(
    ("made", "asked", "kind", "scale"),
    [
        (lambda p: (100 * p).astype(np.float32), {}, "probability", 100.0),
        (lambda p: np.round(255 * p).astype(np.uint8), {}, "probability", 255.0),
        (lambda p: np.round(1000 * p).astype(np.int16), {"scale": 1000.0}, "probability", 1000.0),
        (lambda p: (p >= 0.5).astype(np.uint8), {}, "mask", 1.0),
        (lambda p: np.where(p >= 0.5, 255, 0).astype(np.uint8), {}, "mask", 1.0),
        (lambda p: np.where(p >= 0.5, 2, 1).astype(np.uint8), {"landslide_value": "2"}, "mask", 1),
    ],
)
def test_values_are_read_as_they_are_meant(tiny_scene, tmp_path, made, asked, kind, scale):
    values = np.round(probability(), 2)
    found = load(written(tmp_path / "map.tif", made(values)), **asked)
    assert (found["kind"], found["scale"]) == (kind, scale)
    rounded = np.round(255 * values) / 255 if scale == 255 else values
    expected = counted(rounded, np.ones(values.shape, bool))
    assert found["metrics"]["precision"] == pytest.approx(expected["precision"], abs=2e-3)


def test_a_finer_map_is_averaged_and_a_finer_mask_keeps_what_is_most_frequent(tiny_scene, tmp_path):
    values = probability()
    finer = np.kron(values, np.ones((4, 4), np.float32))
    place = tiny.GRID.affine * Affine.scale(0.25)
    found = load(written(tmp_path / "fine.tif", finer, place))
    assert found["resampled"] == "average"
    run = store.load(found["run"])
    with rasterio.open(run.prediction() / run_files.PROBABILITY) as file:
        np.testing.assert_allclose(file.read(1), values, atol=1e-5)
    mask = load(written(tmp_path / "mask.tif", (finer >= 0.5).astype(np.uint8), place))
    assert mask["resampled"] == "mode"
    assert mask["landslide_pixels"] == (values >= 0.5).sum()


def test_a_picture_without_a_place_lies_on_the_scene_if_it_has_its_pixels(tiny_scene, tmp_path):
    values = probability()
    found = load(written(tmp_path / "plain.tif", values, Affine.identity(), None))
    assert found["metrics"]["recall"] == pytest.approx(
        counted(values, np.ones(values.shape, bool))["recall"]
    )
    with pytest.raises(SlideScopeError, match=r"system and 200 x 100 px.*--crs EPSG:N"):
        load(written(tmp_path / "small.tif", values[:100, :200], Affine.identity(), None))


@pytest.mark.parametrize(
    ("made", "asked", "said"),
    [
        (lambda p: 8 * p - 4, {}, r"from -3.9.* to 4.*sigmoid"),
        (lambda p: np.where(p > 0.9, -9999, p), {}, r"give --nodata -9999 if that means no data"),
        (lambda p: 900 * p, {}, r"say which number means a probability of 1 with --scale N"),
        (lambda p: 90 * p, {"scale": 50.0}, r"50 was to mean a probability of 1: give another"),
        (lambda p: np.full_like(p, np.nan), {}, r"holds no data: give a map with values"),
        (lambda p: p, {"values": "mask"}, r"holds probabilities"),
        (lambda p: np.round(2 * p), {"values": "mask"}, r"say which mean landslide"),
        (lambda p: p, {"name": "taken"}, r"A run named 'taken' exists already"),
        (lambda p: p, {"name": "TAKEN"}, r"Windows and macOS do not tell the two apart"),
        (lambda p: p, {"label": "![x](http://a)"}, r"has the character '!': a run's name has"),
        (lambda p: p, {"split_of": "nobody"}, r"No run 'nobody'"),
    ],
)
def test_what_may_be_meant_otherwise_is_refused_and_leaves_nothing(
    tiny_scene, tmp_path, made, asked, said
):
    first = load(written(tmp_path / "first.tif", probability()), name="taken")["run"]
    file = written(tmp_path / "map.tif", made(probability()).astype(np.float32))
    with pytest.raises(SlideScopeError, match=said):
        load(file, **asked)
    assert [run.id for run in store.runs()] == [first]


def test_no_ground_is_called_unseen_where_the_training_is_not_known(tiny_scene, tmp_path):
    run = store.load(load(written(tmp_path / "map.tif", probability()))["run"])
    (rate,) = scrutiny.of_run(run, area="all")["rates"]
    assert rate["name"] == scrutiny.UNKNOWN and "not known" in rate["words"]
    with pytest.raises(SlideScopeError, match=r"is not known.*--split-of RUN"):
        guarantee.of_run(run, 0.5)


def test_a_map_of_another_place_is_refused(tiny_scene, tmp_path):
    far = Affine.translation(1e5, 0) * tiny.GRID.affine
    with pytest.raises(SlideScopeError, match="covers 0 % of scene 'tiny': it lies elsewhere"):
        load(written(tmp_path / "far.tif", probability(), far))


def test_outlines_are_no_map(tiny_scene, tmp_path):
    file = tmp_path / "outlines.geojson"
    file.write_text('{"type": "FeatureCollection", "features": []}')
    with pytest.raises(SlideScopeError, match="holds outlines and a map is a raster"):
        load(str(file))


def test_a_child_looks_at_the_file_first(tiny_scene, tmp_path, monkeypatch):
    monkeypatch.setattr(vetting, "allowance", lambda path: Allowance(output=0))
    file = written(tmp_path / "theirs.tif", probability())
    with pytest.raises(SlideScopeError, match=r"'theirs\.tif' is refused: what it holds takes too"):
        load(file)


def test_it_is_listed_compared_exported_and_deleted_as_any_run(tiny_runs, tmp_path, capsys):
    file = written(tmp_path / "theirs.tif", probability())
    found = load(file, label="Zhang et al.", split_of=tiny_runs[0].id)
    run = store.load(found["run"])
    assert (run.state, run.title, run.trained) == ("done", "Zhang et al.", False)
    assert repeat(run.config).command().startswith("python -m core load-map tiny ")
    scene = tiny_scene_of(run)
    known = sides.sides_of(scene)
    ours, theirs = known[f"run:{tiny_runs[0].id}"], known[f"run:{run.id}"]
    card = scorecard.compare(ours, theirs, scene, 0.5)
    assert all(each.left is not None and each.right is not None for each in card.cards)
    assert "not known" in scorecard.words(card, 0.5)
    assert main(["export", run.id, "--out", str(tmp_path / "out")]) == 0
    assert "was made elsewhere" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert main(["runs", "--json"]) == 0
    capsys.readouterr()
    store.delete(run.id)
    assert run.id not in [each.id for each in store.runs()]


def tiny_scene_of(run):
    from core.scene import store as scenes

    return scenes.load(run.config.scene)


def test_sides_that_cover_different_ground_say_so(tiny_runs, tmp_path):
    values = probability()
    values[:128] = np.nan
    found = load(written(tmp_path / "half.tif", values), split_of=tiny_runs[0].id)
    scene = tiny_scene_of(tiny_runs[0])
    known = sides.sides_of(scene)
    pair = known[f"run:{tiny_runs[0].id}"], known[f"run:{found['run']}"]
    card = scorecard.compare(*pair, scene, 0.5)
    assert "The sides say something of different pixels there" in scorecard.words(card, 0.5)


@pytest.mark.parametrize("action", ["predict", "pack", "channels", "attention"])
def test_what_needs_a_network_says_that_there_is_none(tiny_scene, tmp_path, capsys, action):
    found = load(written(tmp_path / "theirs.tif", probability()))
    assert main([action, found["run"]]) == 2
    assert "is a map that was brought ('" in capsys.readouterr().err


def test_a_configuration_comes_back_as_it_was(tiny_scene, tmp_path):
    asked = {"scale": 100.0, "nodata": "255", "label": "A map"}
    file = written(tmp_path / "map.tif", np.round(100 * probability()).astype(np.uint8))
    config = store.load(load(file, **asked)["run"]).config
    again = repeat(config)
    assert (again.scale, again.nodata, again.called, again.file) == (100.0, "255", "A map", file)
    assert brought.warning(config).startswith("Scored on the whole scene")
