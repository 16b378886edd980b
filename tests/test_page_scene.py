"""The Scene page: the cards of a scene, and an import from files to a started job."""

import numpy as np
import pytest
from shapely import box

from core import paths
from core.jobs import store as jobs
from core.jobs.report import JobReport
from core.scene import store
from core.scene.files import uploads
from core.scene.plan.request import ImportRequest
from tests import rasters, tiny
from tests.page import texts, visit


def button(app, label):
    return next(b for b in app.button if b.label == label)


def html(app) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


@pytest.fixture
def started(monkeypatch):
    """Command lines of the jobs that the page starts, which are not run."""
    lines = []

    def start(request):
        lines.append(request.argv())
        return jobs.create(request)

    monkeypatch.setattr(jobs, "start", start)
    return lines


@pytest.fixture
def data(workspace, tmp_path, monkeypatch):
    """A data folder that pages may open, with a DEM, a three-band picture and an inventory."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("SLIDESCOPE_DATA", str(folder))
    rows, columns = np.mgrid[:80, :90]
    dem = (1000 + 9 * rows + 30 * np.sin(columns / 9)).astype(np.float32)
    rasters.write(folder / "dem.tif", dem)
    rasters.write(folder / "ndvi.tif", dem / 5000)
    rasters.write(folder / "far.tif", dem, origin=(rasters.X + 1e6, rasters.Y))
    rasters.write(folder / "picture_rgb.tif", np.ones((3, 80, 90), np.uint8))
    slide = box(rasters.X + 100, rasters.Y - 300, rasters.X + 200, rasters.Y - 200)
    rasters.write_polygons(folder / "landslides.gpkg", [slide])
    return folder


def typed(app, path):
    return app.text_input(key="import_path").set_value(str(path)).run()


def uses(app) -> dict[str, str]:
    """By label, as it reads: what could be Markdown in a file's name is escaped."""
    shown = (s for s in app.selectbox if s.label.startswith("What "))
    return {s.label.replace("\\", ""): s.value for s in shown}


def test_every_factor_has_a_card(tiny_scene):
    app = visit("scene")
    cards = html(app)
    assert cards.count('class="factor-card"') == len(tiny_scene.factors)
    for title in ("Elevation", "Deformation rate", "Near infrared (B8)"):
        assert f"<b>{title}</b>" in cards
    assert "mm/yr" in cards and "3 classes" in cards
    assert "Synthetic scene" in texts(app)


def test_a_card_says_range_no_data_and_source(tiny_scene):
    deformation = tiny_scene.factor("deformation")
    gone = 100 * (1 - deformation.valid_share)
    cards = html(visit("scene"))
    assert f"no data {gone:.2f} %" in cards or f"no data {gone:.1f} %" in cards
    assert "tests/tiny.py" in cards
    assert cards.count("data:image/png;base64,") == len(tiny_scene.factors)


def test_without_a_scene_the_page_begins_with_the_import(workspace):
    app = visit("scene")
    assert "No scene yet" in texts(app)
    assert [s.value for s in app.subheader] == ["1  Files"]


def test_the_example_is_one_click_and_its_files_are_recognised(workspace, started):
    app = visit("scene")
    button(app, "Use the example rasters (synthetic)").click().run()
    assert not app.exception
    found = uses(app)
    assert found["What DEM.tif is"] == "elevation"
    assert found["What S2_B4.tif is"] == "red"
    assert found["What deformation.tif is"] == "deformation"
    assert found["What inventory.gpkg is"] == "inventory"
    assert "512 × 512 pixels of 12.5 m" in texts(app) and "synthetic" in texts(app)
    app.text_input(key="import_name").set_value("mine").run()
    button(app, "Start import").click().run()
    (argv,) = started
    assert argv[:2] == ["import", "mine"]
    assert f"--factor=elevation={paths.SAMPLE_EXAMPLE / 'DEM.tif'}" in argv
    assert argv[argv.index("--inventory") + 1] == str(paths.SAMPLE_EXAMPLE / "inventory.gpkg")


def test_a_typed_folder_brings_its_files_and_bands(data, started):
    app = typed(visit("scene"), data)
    found = uses(app)
    assert found["What picture_rgb.tif, band 1 is"] == "red"
    assert found["What picture_rgb.tif, band 3 is"] == "blue"
    assert found["What landslides.gpkg is"] == "inventory"
    assert found["What ndvi.tif is"] == ""


def test_an_unknown_factor_gets_a_name(data, started):
    app = typed(typed(visit("scene"), data / "dem.tif"), data / "ndvi.tif")
    app.selectbox(key=f"use:{data / 'ndvi.tif'}:").set_value("other").run()
    assert app.text_input(key=f"name:{data / 'ndvi.tif'}:").value == "ndvi"
    button(app, "Start import").click().run()
    assert f"--factor=ndvi={data / 'ndvi.tif'}" in started[0]


def test_the_grid_can_be_chosen(data, started):
    app = typed(visit("scene"), data / "dem.tif")
    app.button_group(key="import_grid").set_value("Pixel size").run()
    app.number_input(key="import_resolution").set_value(25.0).run()
    assert "45 × 40 pixels of 25 m" in texts(app)
    button(app, "Start import").click().run()
    assert started[0][-2:] == ["--resolution", "25.0"]


def test_what_stands_against_an_import_is_said_before_it_starts(data, started):
    app = typed(typed(visit("scene"), data / "dem.tif"), data / "far.tif")
    app.selectbox(key=f"use:{data / 'far.tif'}:").set_value("red").run()
    assert "No overlap: red ('far.tif') does not overlap" in texts(app)
    assert button(app, "Start import").disabled
    assert uses(app)["What dem.tif is"] == "elevation", "nothing is lost"


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/etc/hosts", "outside the folders that pages may open"),
        ("https://example.org/dem.tif", "not a file on this machine"),
        ("{data}/no.tif", "is missing"),
        ("/etc", "outside the folders that pages may open"),
    ],
)
def test_a_path_that_may_not_be_opened(data, path, sentence):
    app = typed(visit("scene"), path.format(data=data))
    assert sentence in texts(app)
    assert not uses(app)


def test_a_name_that_is_taken_needs_a_tick(tiny_scene, data, started):
    app = visit("scene")
    app.button_group(key="scene_view").set_value("Import").run()
    typed(app, data / "dem.tif")
    app.text_input(key="import_name").set_value("tiny").run()
    assert "A scene named 'tiny' exists already" in texts(app)
    assert button(app, "Start import").disabled
    app.checkbox(key="import_replace").check().run()
    button(app, "Start import").click().run()
    assert "--replace" in started[0]


def test_a_name_that_is_none(data):
    app = typed(visit("scene"), data / "dem.tif")
    app.text_input(key="import_name").set_value("a/b").run()
    assert "Invalid name 'a/b'" in texts(app)
    assert button(app, "Start import").disabled


def test_a_broken_file_is_told_in_its_place(data):
    (data / "text.tif").write_text("no raster")
    app = typed(typed(visit("scene"), data / "dem.tif"), data / "text.tif")
    assert "'text.tif' cannot be read as a raster" in texts(app)
    assert uses(app)["What dem.tif is"] == "elevation"


def test_progress_and_stop(workspace):
    job = jobs.create(ImportRequest("mine"), "Import mine")
    JobReport(job.folder)("aligning 4 factors", 0.5)
    app = visit("scene")
    assert "Import mine" in [s.value for s in app.subheader]
    button(app, "Stop").click().run()
    assert jobs.read(job.id).state == "stopping"


def test_a_failed_import_says_why_and_keeps_what_was_chosen(data, started):
    app = typed(visit("scene"), data / "dem.tif")
    button(app, "Start import").click().run()
    JobReport(jobs.jobs("import")[0].folder).end("failed", "The disk is full.")
    app.run()
    assert "The disk is full." in texts(app)
    assert uses(app) == {"What dem.tif is": "elevation"}


def test_a_finished_import_shows_its_scene(tiny_scene, data, started):
    app = visit("scene")
    app.button_group(key="scene_view").set_value("Import").run()
    typed(app, data / "dem.tif")
    button(app, "Start import").click().run()
    JobReport(jobs.jobs("import")[0].folder).end("done", result={"scene": "tiny"})
    app.run()
    assert 'class="factor-card"' in html(app)
    assert "tiny" in app.query_params["scene"]
    assert [job.title for job in jobs.active()] == ["Factor statistics of tiny"]


@pytest.mark.parametrize("readonly", [False, True])
def test_a_finished_import_is_open_everywhere(tiny_scene, started, monkeypatch, readonly):
    """Also where the address named another scene, which late requests of the browser still do."""
    tiny.scene("older")
    job = jobs.create(ImportRequest("tiny"), "Import tiny")
    app = visit("scene", scene="older")
    app.session_state["import_job"] = job.id
    JobReport(job.folder).end("done", result={"scene": "tiny"})
    if readonly:
        monkeypatch.setenv("SLIDESCOPE_READONLY", "1")
    app.run()
    assert app.selectbox(key="scene_picker").value == "tiny"
    app.query_params["scene"] = "older"
    app.run()
    app.switch_page("pages/results.py").run()
    assert app.selectbox(key="scene_picker").value == "tiny"
    assert "Scene **tiny**" in texts(app)
    assert len(started) == (0 if readonly else 1)


def test_an_import_that_ends_while_another_page_is_open_begins_its_statistics(tiny_scene, started):
    tiny.scene("older")
    job = jobs.create(ImportRequest("tiny"), "Import tiny")
    app = visit("results", scene="older")
    app.session_state["import_job"] = job.id
    JobReport(job.folder).end("done", result={"scene": "tiny"})
    app.run()
    assert app.toast[0].value.startswith("Scene 'tiny' is ready: it opens on the page Scene. Its")
    app.run()
    assert "Scene **older**" in texts(app) and not app.toast  # what is looked at stays
    app.switch_page("pages/scene.py").run()
    assert app.selectbox(key="scene_picker").value == "tiny" and len(started) == 1


def test_uploads_keep_the_parts_of_a_shapefile_together(workspace):
    names = ("slides.shp", "slides.shx", "slides.dbf", "slides.prj", "slides.cpg")
    saved = [uploads.save_upload("abc", name, b"x") for name in names]
    assert {p.parent for p in saved} == {paths.uploads_folder() / "abc"}
    assert [uploads.is_readable(p) for p in saved] == [True, False, False, False, False]


def test_an_upload_stays_in_its_folder(workspace):
    saved = uploads.save_upload("abc", "../../a,b:1 c.tif", b"x")
    assert saved == paths.uploads_folder() / "abc" / "a_b_1_c.tif"
    with pytest.raises(uploads.SlideScopeError, match="no file that SlideScope reads"):
        uploads.save_upload("abc", "run.sh", b"x")


def test_the_stored_scene_is_what_the_page_asked_for(data, started):
    from core.__main__ import main

    app = typed(visit("scene"), data)
    app.selectbox(key=f"use:{data / 'far.tif'}:").set_value("").run()
    button(app, "Start import").click().run()
    assert main(started[0]) == 0
    scene = store.load("my-scene")
    assert scene.factor_names[:4] == ("blue", "green", "red", "elevation")
    assert scene.inventory["polygons"] == 1


def about(app, option: str, whom) -> str:
    return f"decide:{option}:{whom}"


def test_a_decision_changes_the_report_and_the_command_line(data, started):
    app = typed(visit("scene"), data / "dem.tif")
    app.text_input(key=about(app, "nodata", f"{data / 'dem.tif'}:")).set_value("1000").run()
    app.selectbox(key=about(app, "kernel", "elevation")).set_value("cubic").run()
    app.text_input(key=about(app, "fill", "elevation")).set_value("7").run()
    assert "by you: no-data value: 1000" in texts(app)
    assert "gaps become 7" in app.dataframe[0].value["What is done"][0]
    button(app, "Start import").click().run()
    asked = {"--nodata=elevation=1000", "--kernel=elevation=cubic", "--fill=elevation=7"}
    assert asked <= set(started[0])


def test_a_decision_that_makes_no_sense_is_told_and_one_can_be_undone(data):
    app = typed(visit("scene"), data / "dem.tif")
    key = about(app, "nodata", f"{data / 'dem.tif'}:")
    app.text_input(key=key).set_value("none").run()
    app.text_input(key=about(app, "crs", f"{data / 'dem.tif'}:")).set_value("EPSG:0").run()
    assert "is no coordinate reference system" in texts(app)
    button(app, "Undo").click().run()
    assert "by you" not in texts(app) and app.text_input(key=key).value == ""


def test_what_looks_wrong_has_a_cure_at_hand(data, started):
    values = np.full((80, 90), 400, np.uint16)
    values[:9] = 65535
    rasters.write(data / "red.tif", values)
    app = typed(typed(visit("scene"), data / "dem.tif"), data / "red.tif")
    assert "looks like undeclared no data" in app.warning[0].value
    button(app, "Leave 65535 out").click().run()
    assert not app.warning and "no-data value: 65535" in texts(app)
    button(app, "Start import").click().run()
    assert "--nodata=red=65535" in started[0]


def test_a_file_of_a_mosaic_is_decided_on_alone(data, started):
    rasters.write(data / "dem_east.tif", np.ones((80, 90), np.float32))
    app = typed(typed(visit("scene"), data / "dem.tif"), data / "dem_east.tif")
    app.selectbox(key="decide_file").select_index(1).run()
    app.text_input(key=about(app, "scale", f"{data / 'dem_east.tif'}:")).set_value("10").run()
    assert list(app.dataframe[0].value["Input"][:2]) == ["Elevation, file 1", "Elevation, file 2"]
    button(app, "Start import").click().run()
    assert "--scale=elevation:2=10,0" in started[0]


def test_the_attribute_of_a_vector_file_is_chosen(data, started):
    shape = box(rasters.X, rasters.Y - 900, rasters.X + 1000, rasters.Y)
    rasters.write_polygons(data / "geology.gpkg", [shape], unit=["A"], age=[3])
    app = typed(typed(visit("scene"), data / "dem.tif"), data / "geology.gpkg")
    app.selectbox(key=f"attribute:{data / 'geology.gpkg'}:").set_value("age").run()
    assert "classes by 'age'" in app.dataframe[0].value["Values"][1]
    button(app, "Start import").click().run()
    assert f"--factor=lithology={data / 'geology.gpkg'}:age" in started[0]


def test_a_layer_is_what_a_factor_is_the_distance_to(data, started):
    app = typed(typed(visit("scene"), data / "dem.tif"), data / "landslides.gpkg")
    app.selectbox(key=f"use:{data / 'landslides.gpkg'}:").set_value("distance").run()
    app.text_input(key=f"away:{data / 'landslides.gpkg'}:").set_value("faults").run()
    assert "distance_to_faults: distance to landslides.gpkg; measured from" in texts(app)
    button(app, "Start import").click().run()
    assert f"--distance-to=faults={data / 'landslides.gpkg'}" in started[0]
    assert not any(word.startswith("--inventory") for word in started[0])


def test_more_factors_of_terrain_and_two_orbits(data, started):
    for name in ("velocity.tif", "other.tif"):
        rasters.write(data / name, np.full((80, 90), -9, np.float32))
    app = typed(visit("scene"), data / "dem.tif")
    app = typed(typed(app, data / "velocity.tif"), data / "other.tif")
    app.button_group(key="import_terrain").set_value(["tri"]).run()
    app.button_group(key="import_radar").set_value(["v_slope", "up_rate"]).run()
    assert "motion to the north" in texts(app) and "neglected" in texts(app)
    app.selectbox(key="import_second").set_value("other.tif").run()
    app.selectbox(key="first_positive").set_value("away").run()
    app.number_input(key="first_incidence").set_value(41.5).run()
    button(app, "Start import").click().run()
    (argv,) = started
    assert {"--add=tri", "--add=v_slope", "--add=up_rate"} <= set(argv)
    assert "incidence=41.5,heading=-12.0,look=right,positive=away" in argv
    assert argv[argv.index("--second") + 1] == str(data / "other.tif")
    orbit = argv[argv.index("--second-orbit") + 1]
    assert orbit == "incidence=39.0,heading=-168.0,look=right,positive=towards"


def test_folders_are_browsed_and_links_out_of_them_are_not(data, started):
    (data / "deep").mkdir()
    rasters.write(data / "deep" / "slope.tif", np.full((80, 90), 9, np.float32))
    (data / "out").symlink_to("/etc")
    app = visit("scene")
    app.toggle(key="import_browse").set_value(True).run()
    app.selectbox(key="browse_start").set_value(str(data)).run()
    assert "lead out of the allowed folders: 1 links" in texts(app)
    assert not [b for b in app.button if b.label in ("out", "Up")]
    button(app, "deep").click().run()
    app.checkbox(key=f"tick:{data / 'deep' / 'slope.tif'}").check().run()
    app.button(key="browse_take").click().run()
    assert uses(app) == {"What slope.tif is": "slope"}


def test_a_folder_of_tiles_is_imported_from_the_browser(data, started):
    for kind, bands in (("images", 3), ("masks", 1)):
        (data / "tiles" / kind).mkdir(parents=True)
        for n in range(2):
            values = np.ones((bands, 32, 32), np.uint8)
            rasters.write(data / "tiles" / kind / f"{n}.tif", values)
    app = visit("scene")
    app.toggle(key="import_browse").set_value(True).run()
    app.selectbox(key="browse_start").set_value(str(data)).run()
    button(app, "tiles").click().run()
    button(app, "Import as a folder of tiles").click().run()
    assert "2 tiles** of 32 × 32 pixels, with masks" in texts(app)
    app.text_input(key="import_bands").set_value("nir, red, green").run()
    button(app, "Start import").click().run()
    assert started == [
        ["import", "my-scene", "--tile-folder", str(data / "tiles"), "--bands", "nir,red,green"]
    ]


def test_a_mask_of_several_values_is_decided_on(data, started):
    values = np.zeros((80, 90), np.uint8)
    values[10:20, 10:20], values[40:] = 1, 2
    rasters.write(data / "landslides.tif", values)
    app = typed(typed(visit("scene"), data / "dem.tif"), data / "landslides.tif")
    assert "holds the values 0, 1, 2: say which mean landslide" in texts(app)
    app.selectbox(key="decide_file").select_index(1).run()
    key = about(app, "landslide_value", f"{data / 'landslides.tif'}:")
    app.text_input(key=key).set_value("1").run()
    assert "by you: landslide is: 1" in texts(app)
    button(app, "Start import").click().run()
    assert "--landslide-value=inventory=1" in started[0]


def test_what_might_be_classes_is_said_to_be_measured(data, started):
    values = np.where(np.arange(90) < 40, 1, 3).astype(np.uint8) * np.ones((80, 1), np.uint8)
    rasters.write(data / "slope.tif", values)
    app = typed(typed(visit("scene"), data / "dem.tif"), data / "slope.tif")
    assert "as if it were cut into classes" in texts(app)
    app.selectbox(key="decide_file").select_index(1).run()
    app.checkbox(key=f"measured:{data / 'slope.tif'}:").check().run()
    button(app, "Start import").click().run()
    assert started[0][started[0].index("--continuous") + 1] == "slope"
