"""Interferograms on the pages: the import, the scene's rate and its mask, displacements."""

import pytest

from core import paths
from core.analysis import analysis
from core.errors import SlideScopeError
from core.jobs import store as jobs
from core.jobs.report import JobReport
from core.objects import motion
from core.scene.files import browse, uploads
from core.workflows import sample
from tests import moved as made
from tests.moved import moved, own_moved  # noqa: F401
from tests.page import texts, visit
from tests.stack import few_trees


def button(app, label):
    return next(b for b in app.button if b.label == label)


@pytest.fixture
def started(monkeypatch):
    """Requests of the jobs that the page starts, which are not run."""
    asked = []

    def start(request):
        asked.append(request)
        return jobs.create(request)

    monkeypatch.setattr(jobs, "start", start)
    return asked


@pytest.fixture
def files(workspace, tmp_path, monkeypatch):
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("SLIDESCOPE_DATA", str(folder))
    return made.files(folder)


def typed(app, path):
    return app.text_input(key="import_path").set_value(str(path)).run()


def test_a_folder_of_interferograms_is_one_row(files):
    (found,) = uploads.found_at(str(files["stack"]), paths.data_folders())
    (row,) = uploads.rows(found, paths.data_folders())
    assert (row.kind, row.guess.name) == ("stack", "deformation")
    assert "HyP3 (GAMMA), 11 interferograms of 7 dates" in row.facts
    listing = browse.listing(str(files["stack"]), paths.data_folders())
    assert listing.kind == "stack"
    assert browse.listing(str(files["stack"].parent), paths.data_folders()).kind == "plain"


def test_a_link_out_of_the_allowed_folders_is_refused(files, tmp_path):
    outside = tmp_path / "outside"
    inside = next(files["stack"].iterdir())
    inside.rename(outside)
    inside.symlink_to(outside, target_is_directory=True)
    with pytest.raises(SlideScopeError, match=r"outside the folders|lead out of"):
        uploads.found_at(str(files["stack"]), [files["stack"].parent])


def test_the_import_shows_network_and_options_and_starts(files, started):
    app = typed(typed(visit("scene"), files["dem"]), files["stack"])
    assert not app.exception
    said = texts(app)
    assert "Deformation rate from interferograms" in said
    assert "11 pairs of 7 dates, coloured by mean coherence" in said
    assert "Fastest motion that the pairs can see" in said
    assert {"import-network"} <= {
        c.proto.id.split("-", 1)[-1][-14:] for c in app.get("plotly_chart")
    }
    app.selectbox(key="rate_cycles").set_value("drop").run()
    app.number_input(key="rate_max_days").set_value(40).run()
    app.text_input(key="rate_drop").set_value("20210109_20210121").run()
    assert "left out, dashed" in texts(app)
    button(app, "Start import").click().run()
    (asked,) = started
    assert (asked.cycles, asked.max_days, asked.drop) == ("drop", 40, ("20210109_20210121",))
    assert asked.factors["deformation"][0].path == str(files["stack"])


def test_a_stack_is_nothing_but_a_rate(files):
    app = typed(typed(visit("scene"), files["dem"]), files["stack"])
    app.selectbox(key=f"use:{files['stack']}:").set_value("slope").run()
    assert "is a stack of interferograms, of which a deformation rate is made" in texts(app)


def test_the_sample_s_interferograms_are_made_and_taken(files, started, monkeypatch):
    monkeypatch.setattr(sample, "stack_files", lambda: [str(files["dem"]), str(files["stack"])])
    app = visit("scene")
    button(app, "Try it with the sample's interferograms (synthetic)").click().run()
    (asked,) = started
    assert asked.size == sample.STACK_SIZE and asked.interferograms
    (job,) = jobs.active()
    JobReport(job.folder).end("done", result={})
    app.run()
    app.run()
    assert not app.exception
    assert f"use:{files['stack']}:" in [s.key for s in app.selectbox]


def test_the_scene_s_rate_and_a_mask_that_is_applied(own_moved, started):  # noqa: F811
    app = visit("scene", view="interferograms")
    assert not app.exception
    said = texts(app)
    assert "11 pairs of 7 dates" in said and "Triplets whole cycles off" in said
    apply = button(app, "Apply this mask")
    assert apply.disabled
    key = own_moved.fingerprint
    app.slider(key=f"mask-coherence-{key}").set_value(0.9).run()
    app.slider(key=f"mask-error-{key}").set_value(3.5).run()
    assert "of the ground would be kept; now" in texts(app)
    button(app, "Apply this mask").click().run()
    (asked,) = started
    assert (asked.scene, asked.min_temporal_coherence, asked.max_rate_error) == ("moved", 0.9, 3.5)


def test_only_a_scene_of_interferograms_has_their_view(tiny_scene):
    app = visit("scene")
    assert "Interferograms" not in [o.content for o in app.get("button_group")[0].proto.options]


def test_compare_shows_what_moved_at_a_clicked_place(moved):  # noqa: F811
    slide = motion.slides(moved)[0]
    app = visit("compare", drawer="displacement")
    assert "Click on the map, or choose a landslide." in texts(app)
    app.session_state["spots"] = ("moved", {"A": {"row": 18, "column": 24}})
    app.run()
    said = texts(app)
    assert "pixel 9,12 of the stack" in said and "−60.0" in said
    button(app, f"Take the whole {slide.title}").click().run()
    assert "mean of 48 pixels" in texts(app)


def test_compare_says_what_pairs_miss_a_place_by(moved):  # noqa: F811
    app = visit("compare", drawer="displacement")
    app.session_state["spots"] = ("moved", {"B": {"row": 24, "column": 42}})
    app.run()
    app.toggle(key="compare-pairs").set_value(True).run()
    assert not app.exception
    assert "Orange: 1 were whole cycles off" in texts(app)


def test_compare_without_interferograms_has_no_such_tab(tiny_runs):
    app = visit("compare")
    tabs = app.get("button_group")[-1].proto.options
    assert [o.content for o in tabs] == ["Objects", "Review", "Measure"]


def test_factors_shows_what_a_landslide_did(own_moved, monkeypatch):  # noqa: F811
    few_trees(monkeypatch)
    analysis.analyse(own_moved)
    app = visit("factors", view="displacement")
    assert "Choose a landslide or a pixel" in texts(app)
    slide = motion.slides(own_moved)[0]
    app.selectbox(key="motion_slide").set_value(slide.number).run()
    assert "mean of 48 pixels" in texts(app)
    app.number_input(key="motion_row").set_value(18)
    app.number_input(key="motion_column").set_value(24).run()
    button(app, "Take this pixel").click().run()
    assert not app.exception
    assert "pixel 9,12 of the stack" in texts(app)
