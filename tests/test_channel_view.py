"""The channel view: what is stored and read again, the commands, the panel on the Factors page."""

import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import atomic
from core.__main__ import main
from core.analysis import analysis
from core.jobs import store as jobs
from core.learning import split
from core.learning.explain import attention, channel_importance, channel_view
from core.learning.networks import network
from core.learning.request import ChannelsRequest
from core.learning.scores import heldout
from core.learning.split import Split
from core.learning.tiles.channels import channels_of
from core.learning.tiles.tiling import tiling_of
from core.maps import tile_view
from core.runs import channels, store
from core.runs.channels import TileGates
from models import catalogue
from pages.components.factors import attention_view, channel_bars, effect_curves
from tests import stack
from tests.page import texts, visit

PART = np.array([0, 2, 1, 2, 0, 2], np.uint8)
SIDES = {f"skip{level}": 128 >> (level - 1) for level in range(1, 6)}


def trained(run: store.Run, scene) -> store.Run:
    """As if the run had a network: its card, without weights."""
    card = {"model": "fcadensenet", "preset": "quick", "best_epoch": 2, "best_value": 0.5}
    (run.path / "model").mkdir()
    atomic.write_json(run.path / "model" / "model.json", card)
    split.save(Split(tiling_of(scene), PART, 0), run.path / "split.json")
    return store.load(run.id)


def made_up(run: store.Run, gates: bool) -> dict:
    """A result as `channels` would store it: the network needs deformation alone."""
    rows = []
    for name in run.config.factors:
        lost = {"mean": 0.4 if name == "deformation" else 0.0, "sd": 0.01}
        at_mean = {"average_precision": lost["mean"], "f1": lost["mean"]}
        rows.append({"factor": name, "average_precision": lost, "f1": lost, "at_mean": at_mean})
    return {
        "run": run.id,
        "scene": run.config.scene,
        "synthetic": True,
        "area_words": "held-out tiles",
        "split": "block",
        "tiles": 2,
        "tiles_held_out": 3,
        "landslide_tiles": 2,
        "repeats": 3,
        "seed": 0,
        "threshold": 0.5,
        "method": "each tile takes another's",
        "baseline": {"average_precision": 0.61, "f1": 0.55},
        "control": {"average_precision": 0.0, "f1": 0.0},
        "importance": rows,
        "pixels": 32768,
        "prevalence": 0.01,
        "seconds": 1.0,
        "attention": {"tiles": 6, "held_out": [1, 3, 5], "example": 3} if gates else None,
    }


def gates_of(tile: int) -> TileGates:
    rng = np.random.default_rng(tile)
    channel = {gate: rng.random(12).astype(np.float32) for gate in SIDES}
    space = {gate: rng.random((side, side)).astype(np.float32) for gate, side in SIDES.items()}
    return TileGates(tile, channel, space, rng.integers(0, 201, (128, 128)).astype(np.uint8))


def store_gates(run: store.Run, tiles) -> None:
    with atomic.whole_folder(channels.folder(run, run.config.scene)) as folder:
        channels.begin_tiles(run, folder)
        for tile in tiles:
            channels.save_tile(folder, gates_of(tile))


@pytest.fixture
def run(tiny_scene, tiny_runs) -> store.Run:
    return trained(tiny_runs[0], tiny_scene)


def test_what_is_stored_is_read_again(run):
    channels.save(run, made_up(run, gates=True))
    store_gates(run, [3, 1])
    assert channels.load(run) == made_up(run, gates=True)
    assert channels.tiles(run, "tiny") == [1, 3]
    found, wanted = channels.load_tile(run, "tiny", 3), gates_of(3)
    np.testing.assert_array_equal(found.probability, wanted.probability)
    for gate in SIDES:
        np.testing.assert_allclose(found.channel[gate], wanted.channel[gate], atol=1e-3)
        np.testing.assert_allclose(found.space[gate], wanted.space[gate], atol=0.5 / 255)
    assert channels.load_tile(run, "tiny", 0) is None


def test_a_training_that_went_on_makes_the_result_old(run):
    channels.save(run, made_up(run, gates=True))
    store_gates(run, [3])
    card = run.model_card()
    atomic.write_json(run.path / "model" / "model.json", {**card, "best_epoch": 3})
    assert channels.load(run) is None
    assert channels.tiles(run, "tiny") == [] and channels.load_tile(run, "tiny", 3) is None


def test_a_scene_of_many_tiles_keeps_the_held_out_ones(tiny_scene):
    assert attention.chosen_tiles(tiny_scene, [5], most=6).tolist() == [0, 1, 2, 3, 4, 5]
    assert attention.chosen_tiles(tiny_scene, [3, 5], most=3).tolist() == [0, 3, 5]
    assert attention.chosen_tiles(tiny_scene, [1, 3, 5], most=2).tolist() == [1, 3]


BAD = {
    "No run 'gone'": ["channels", "gone"],
    "Invalid repeats 1": ["channels", "RUN", "--repeats", "1"],
    "Invalid tiles 1": ["channels", "RUN", "--tiles", "1"],
    "No tile given": ["attention", "RUN"],
    "Invalid tile 6": ["attention", "RUN", "--tile", "6"],
    "Pixel (384, 0) lies outside": ["attention", "RUN", "--x", "384", "--y", "0"],
    "is a U-Net, which has no attention": ["attention", "UNET", "--tile", "0"],
}


@pytest.mark.parametrize("sentence", BAD)
def test_bad_input_is_one_sentence_and_exit_2(run, tiny_runs, capsys, sentence):
    names = {"RUN": run.id, "UNET": tiny_runs[1].id}
    if "UNET" in BAD[sentence]:
        config = tiny_runs[1].config.to_json() | {"model": "unet"}
        atomic.write_json(tiny_runs[1].path / "config.json", config)
    assert main([names.get(word, word) for word in BAD[sentence]]) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert sentence in said and said.endswith(".")
    assert not (run.path / channels.FILE).exists() and not (run.path / "attention").exists()


def test_a_stored_tile_is_answered_without_keras(run, capsys):
    store_gates(run, [4])
    assert main(["attention", run.id, "--x", "200", "--y", "130", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (found["tile"], found["x"], found["y"], found["computed"]) == (4, 192, 192, False)
    assert list(found["gates"]) == list(SIDES)
    assert found["gates"]["skip2"]["space_px"] == 64


def panel() -> AppTest:
    """The panel alone: what stands above it needs a minute of forests."""

    def script():
        from core.scene import store
        from pages.components.factors import channel_view

        channel_view.show(store.load("tiny"), None)

    app = AppTest.from_function(script, default_timeout=60).run()
    assert not app.exception, app.exception
    return app


def test_without_a_trained_network_the_panel_says_so(tiny_runs):
    assert "No network of this scene is trained yet" in panel().info[0].value


def test_one_button_starts_the_job(run, monkeypatch):
    started = []
    monkeypatch.setattr(jobs, "start", lambda *args: started.append(args))
    app = panel()
    assert "Here will stand" in app.info[0].value
    app.checkbox(key="channel-effects").check().run()
    app.button[0].click().run()
    asked = ChannelsRequest(run.id, effects=True)
    assert started == [(asked, "Channel view of FCADenseNet · RS-DR")]


def test_without_a_test_part_there_is_a_sentence_and_no_button(run, tiny_scene):
    split.save(Split(tiling_of(tiny_scene), np.zeros(6, np.uint8), 0), run.path / "split.json")
    app = panel()
    assert "has 0 held-out tiles" in app.info[0].value and not app.button


def test_a_network_without_attention_says_so(run):
    channels.save(run, made_up(run, gates=False))
    app = panel()
    assert "has no attention gates" in app.info[0].value
    assert len(app.get("plotly_chart")) == 1


def test_the_factors_page_shows_losses_and_the_tile_one_chooses(run, tiny_scene, monkeypatch):
    stack.few_trees(monkeypatch)
    analysis.analyse(tiny_scene, pixels=600)
    channels.save(run, made_up(run, gates=True))
    store_gates(run, [1, 3, 5])
    app = visit("factors", scene="tiny")
    app.button_group(key="factors_view").set_value("Trained network").run()
    said = texts(app)
    assert "Needed most: Deformation rate. Grey, not missed: Red (B4)" in said
    assert "average precision 0.610 and F1 0.550 on 2 of 3 tiles of synthetic scene tiny" in said
    assert "3 of 6 tiles are stored" in said
    tile = app.selectbox(key="attention_tile")
    assert tile.value == 3 and tile.options[0] == "1 · row 1, column 2 · held out"
    tile.set_value(5).run()
    assert not app.exception
    app.button_group(key="channel-score").set_value("f1").run()
    assert not app.exception and app.selectbox(key="attention_tile").value == 5


def test_bars_share_one_order_of_factors(run):
    gini = [
        {"factor": n, "gini": {"mean": m, "sd": 0.1}, "control": n == "noise"}
        for n, m in (("slope", 0.5), ("deformation", 0.2), ("noise", 0.1))
    ]
    result = made_up(run, gates=True)
    drawn = channel_bars.figure(result, gini, "f1", 300)
    forest, bars, mean = drawn.data
    assert list(forest.y) == ["Deformation rate", "Slope"]
    assert list(bars.y)[-2:] == list(forest.y) and list(mean.y) == list(bars.y)
    assert bars.x[-2] == mean.x[-2] == 0.4
    assert bars.marker.color[-2] != bars.marker.color[-1]


def test_what_only_a_factor_says_and_how_the_probability_follows_it_are_drawn(run):
    result = made_up(run, gates=False)
    for row in result["importance"]:
        row["conditional"] = {score: {"mean": 0.1, "sd": 0.02} for score in channel_bars.SCORES}
    *_, like = channel_bars.figure(result, None, "f1", 300).data
    assert like.name == "between tiles alike in all others" and set(like.x) == {0.1}
    effects = [
        {"factor": "slope", "values": [0, 10, 50], "effect": [-0.1, 0.0, 0.2], "pixels": [5, 5]},
        {"factor": "nir", "values": [0, 1], "effect": [0.0, 0.5], "pixels": [10]},
    ]
    drawn = effect_curves.figure(effects)
    assert [title.text for title in drawn.layout.annotations] == ["Slope", "Near infrared (B8)"]
    assert drawn.layout.xaxis.title.text == "°"
    assert list(drawn.data[0].y) == [-0.1, 0.0, 0.2]
    channels.save(run, result | {"effects": effects})
    app = panel()
    assert len(app.get("plotly_chart")) == 2 and "accumulated local effects" in texts(app)


def test_a_click_falls_on_the_tile_it_is_meant_for(tiny_scene):
    drawn = attention_view.tile_map("data:", tiling_of(tiny_scene), [1, 3, 5], {3}, 5)
    points = drawn.data[0]
    assert list(zip(points.x, points.y)) == [(192, 64), (64, 192), (320, 192)]
    box = drawn.layout.shapes[0]
    assert (box.x0, box.x1, box.y0, box.y1) == (256, 384, 128, 256)


def test_pictures_of_a_tile_name_range_and_outline(tiny_scene):
    shown = tile_view.ground(tiny_scene, 2)
    # Without green and blue there is no true colour.
    assert [p.title for p in shown] == ["Hillshade", "Deformation"]
    flat = TileGates(
        2, {}, {"skip1": np.full((128, 128), 0.25, np.float32)}, gates_of(2).probability
    )
    (picture,) = tile_view.spaces(tiny_scene, flat)
    assert (picture.title, picture.note) == ("Skip 1", "0.25–0.25")
    colours = np.unique(picture.image.reshape(-1, 3), axis=0)
    assert len(colours) == 3, "one colour of the map, the outline and its halo"


def small_fcadensenet(run: store.Run, scene, side: int) -> tuple:
    """(network, card): every kind of block and gate, one thin layer a block."""
    network.keras().utils.set_random_seed(0)
    found = channels_of([scene.factor(n) for n in run.config.factors], "paper")
    thin = {"filters": 6, "growth": 4, "depths": (1,) * 11, "reduction": 2}
    inner = catalogue.build("fcadensenet", "quick", len(found), tile=side, **thin)
    values = scene.read(run.config.factors).reshape(-1, len(found))
    built = catalogue.with_zscore(inner, np.nanmean(values, axis=0), np.nanstd(values, axis=0))
    card = network.ModelCard(
        model="fcadensenet",
        preset="quick",
        tile=side,
        dataset="rs-dr",
        coding="paper",
        factors=run.config.factors,
        channels=found,
        legends={},
        trainable_parameters=0,
        best_epoch=2,
        best_value=0.5,
    )
    return built, card


@pytest.mark.slow
@pytest.mark.sweep
@pytest.mark.parametrize("side", [128, 64])
def test_a_real_fcadensenet_is_looked_into(run, tiny_scene, side):
    """A network of 64 px squares looks at the four of a tile."""
    built, card = loaded = small_fcadensenet(run, tiny_scene, side)
    held = heldout.held_out(run)
    asked = ChannelsRequest(run.id, repeats=2, effects=True)
    result = channel_view.look(run, held, held.tiles[:2], loaded, asked)
    assert (result["tiles"], result["tiles_held_out"]) == (2, 3)
    assert result["control"] == {"average_precision": 0.0, "f1": 0.0}
    assert [row["factor"] for row in result["importance"]] == list(run.config.factors)
    assert result["attention"] == {"tiles": 6, "held_out": [1, 3, 5], "example": 1}
    assert channels.tiles(run, "tiny") == [0, 1, 2, 3, 4, 5]
    gates = channels.load_tile(run, "tiny", 0)
    assert {gate: len(value) for gate, value in gates.space.items()} == SIDES
    assert list(gates.channel) == list(SIDES)
    for values in (*gates.channel.values(), *gates.space.values()):
        # Open at both ends before they are stored in few digits.
        assert 0 <= values.min() <= values.max() <= 1
        assert 0 < values.mean() < 1
    # One hidden unit may be dead for a whole tile; all of them are not.
    assert max(values.std() for values in gates.channel.values()) > 0
    assert min(values.std() for values in gates.space.values()) > 0
    # Pixels without data are no prediction; the others are the network's own.
    assert (gates.probability[:10, :12] == 0).all() and (gates.probability[20:, 20:] > 0).all()
    x = tiny_scene.read(card.factors)[None, :128, :128]
    alone = channel_importance.predict(built, x)[0]
    shown = gates.probability > 0
    assert abs(gates.probability - 0.5 - 200 * alone)[shown].max() < 0.51

    (channels.folder(run, "tiny") / "4.npz").unlink()
    attention.add(run, loaded, tiny_scene, 4)
    assert channels.tiles(run, "tiny") == [0, 1, 2, 3, 4, 5]
