"""From rasters to a stored scene."""

import json
import shutil
from collections import namedtuple

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rasterio.windows import Window
from shapely import box

from core.errors import SlideScopeError
from core.jobs.report import JobStopped, silent
from core.scene import importing, store
from core.scene.files.source import Source
from core.scene.importing import import_scene
from core.scene.plan.request import ImportRequest
from tests import rasters

SIZE = 300


def hills() -> np.ndarray:
    """A relief without flat ground, float32 (300, 300) in metres."""
    rows, columns = np.mgrid[:SIZE, :SIZE]
    return (1500 + 200 * np.sin(rows / 30 + 0.01) + 150 * np.cos(columns / 25 + 0.3)).astype("f4")


@pytest.fixture
def files(tmp_path):
    """A DEM at 12.5 m, a band at 10 m, deformation in degrees with a gap, rocks, an inventory."""
    red = np.random.default_rng(0).integers(500, 3000, (375, 375)).astype(np.uint16)
    place = rasters.Affine(0.0002, 0, 102.37, 0, -0.0002, 27.285)
    moving = np.full((180, 150), -12, np.float32)
    moving[40:60] = np.nan
    left, top = rasters.X, rasters.Y
    half = box(left, top - 3750, left + 1875, top), box(left + 1875, top - 3750, left + 3750, top)
    slide = box(left + 500, top - 1000, left + 1000, top - 500)
    return {
        "elevation": rasters.write(tmp_path / "dem.tif", hills(), SYNTHETIC="yes"),
        "red": rasters.write(tmp_path / "red.tif", red, cell=10, nodata=0),
        "deformation": rasters.write(
            tmp_path / "los.tif", moving, crs="EPSG:4326", transform=place
        ),
        "lithology": rasters.write_polygons(
            tmp_path / "rocks.gpkg", list(half), code=[7, 3], name=["shale", "granite"]
        ),
        "inventory": rasters.write_polygons(tmp_path / "slides.shp", [slide]),
    }


def stored(name="made", categorical=(), tiles=None, like=None, resolution=None, **files):
    inventory = files.pop("inventory", None)
    request = ImportRequest(
        name=name,
        factors={n: f if isinstance(f, tuple) else (Source(f),) for n, f in files.items()},
        categorical=frozenset(categorical),
        inventory=Source(inventory) if inventory else None,
        tiles=tiles,
        like=like,
        resolution=resolution,
    )
    with store.create(name, replace_old=True) as folder:
        import_scene(request, folder, silent)
    return store.load(name)


def test_a_scene_holds_all_factors_on_the_grid_of_the_elevation(workspace, files):
    scene = stored(**files)
    assert scene.grid.shape == (300, 300) and scene.grid.resolution == (12.5, 12.5)
    assert scene.factor_names == (
        *("red", "elevation", "slope", "aspect", "curvature"),
        *("lithology", "deformation"),
    )
    assert scene.synthetic
    left = {file.name for file in scene.path.glob(".*")}
    assert left == {".digests.jsonl"}, "nothing is left of the work"
    values = scene.read()
    assert values.shape == (300, 300, 7)
    np.testing.assert_array_equal(values[..., 1], hills())
    assert np.isfinite(values[1:-1, 1:-1, 2:5]).all()


def test_deformation_does_not_shrink_the_scene_and_keeps_its_gaps(workspace, files):
    scene = stored(**files)
    share = scene.factor("deformation").valid_share
    assert 0.2 < share < 0.9
    values = scene.read()
    moving = values[..., 6]
    assert np.isfinite(moving).mean() == pytest.approx(share)
    assert np.nanmin(moving) == np.nanmax(moving) == -12
    assert scene.valid(values)[1:-1, 1:-1].all(), "valid in spite of the gaps"


def test_class_polygons_bring_their_legend(workspace, files):
    scene = stored(**files)
    rock = scene.factor("lithology")
    assert rock.legend == {"3": "granite", "7": "shale"}
    assert rock.histogram == {"edges": [2.5, 6.5, 7.5], "counts": [45000, 45000]}
    codes = scene.read(["lithology"])[..., 0]
    assert (codes[:, :150] == 7).all() and (codes[:, 150:] == 3).all()


def test_names_alone_become_codes_in_alphabetical_order(workspace, files, tmp_path):
    frame = gpd.read_file(files["lithology"]).drop(columns="code")
    frame.to_crs("EPSG:4326").to_file(tmp_path / "names.gpkg")
    scene = stored(elevation=files["elevation"], lithology=str(tmp_path / "names.gpkg"))
    assert scene.factor("lithology").legend == {"1": "granite", "2": "shale"}


def test_an_unknown_factor_may_be_of_classes(workspace, files, tmp_path):
    classes = np.tile(np.arange(300, dtype=np.int16) // 100, (300, 1))
    cover = rasters.write(tmp_path / "cover.tif", classes)
    scene = stored(elevation=files["elevation"], landcover=cover, categorical=["landcover"])
    assert scene.factor("landcover").kind == "categorical"
    assert scene.factor("landcover").legend == {"0": "0", "1": "1", "2": "2"}
    assert scene.factor_names[-1] == "landcover"


def test_terrain_that_is_given_is_not_derived(workspace, files, tmp_path):
    slope = rasters.write(tmp_path / "slope.tif", np.full((300, 300), 12, np.float32))
    bearings = np.full((300, 300), 360, np.float32)
    bearings[:, :10] = -1
    aspect = rasters.write(tmp_path / "aspect.tif", bearings)
    scene = stored(elevation=files["elevation"], slope=slope, aspect=aspect)
    assert scene.factor("slope").source == "slope.tif"
    assert scene.factor("curvature").source == "derived from dem.tif"
    values = scene.read(["slope", "aspect"])
    assert (values[..., 0] == 12).all()
    assert np.isnan(values[:, :10, 1]).all() and (values[:, 10:, 1] == 0).all()


def test_terrain_is_derived_on_the_elevations_own_pixels(workspace, tmp_path):
    # A ridge every 4 pixels: resampled first to 25 m, most of its slope would be gone.
    columns = np.arange(400)
    z = np.tile(np.abs(columns % 8 - 4.0) * 5, (400, 1)).astype(np.float32)
    dem = rasters.write(tmp_path / "dem.tif", z + np.mgrid[:400, :400][0].astype("f4"), cell=5)
    scene = stored(elevation=dem, resolution=25)
    assert np.nanmedian(scene.read(["slope"])) > 30


def test_a_geographic_elevation_gives_slopes_in_metres(workspace, tmp_path):
    # Falls 1 m a row of 0.0001 degrees (11.06 m) northwards.
    rows = np.mgrid[:300, :300][0].astype(np.float32)
    place = rasters.Affine(0.0001, 0, 102.4, 0, -0.0001, 0.5)
    dem = rasters.write(tmp_path / "dem.tif", rows, crs="EPSG:4326", transform=place)
    scene = stored(elevation=dem)
    assert scene.grid.crs == "EPSG:32648"
    slope, aspect = np.moveaxis(scene.read(["slope", "aspect"])[50:-50, 50:-50], -1, 0)
    np.testing.assert_allclose(slope, np.degrees(np.arctan(1 / 11.057)), atol=0.01)
    assert np.minimum(aspect, 360 - aspect).max() < 0.1


def test_statistics_for_display(workspace, files):
    red = stored(**files).factor("red")
    assert red.valid_share == 1 and 500 <= red.minimum < 800 and 2700 < red.maximum <= 3000
    low, middle, high = red.quantiles
    assert red.minimum < low < middle < high < red.maximum
    assert sum(red.histogram["counts"]) == pytest.approx(90000, rel=0.01)


def test_one_tile_of_all_factors_is_one_block(workspace, files):
    scene = stored(**files)
    with rasterio.open(scene.stack_path) as stack:
        assert stack.block_shapes[0] == (128, 128)
        assert stack.interleaving.value == "PIXEL"
        assert stack.descriptions == scene.factor_names
        assert stack.dtypes[0] == "float32" and np.isnan(stack.nodata)


def test_the_fingerprint_follows_the_content(workspace, files, tmp_path):
    first, again = stored("a", **files), stored("b", **files)
    assert first.fingerprint == again.fingerprint
    other = dict(files, elevation=rasters.write(tmp_path / "dem2.tif", hills() + 1))
    assert stored("c", **other).fingerprint != first.fingerprint


def test_a_mosaic_fills_its_gaps(workspace, files, tmp_path):
    west = rasters.write(tmp_path / "w.tif", np.full((300, 160), 1, np.float32))
    origin = (rasters.X + 150 * 12.5, rasters.Y)
    east = rasters.write(tmp_path / "e.tif", np.full((300, 150), 2, np.float32), origin=origin)
    scene = stored(elevation=files["elevation"], nir=(Source(west), Source(east)))
    assert scene.grid.shape == (300, 300)
    row = scene.read(["nir"], Window(0, 0, 300, 1))[0, :, 0]
    assert (row[:160] == 1).all() and (row[160:] == 2).all()
    assert scene.factor("nir").source == "w.tif, e.tif"


def test_a_tile_scene_keeps_its_tiles_and_derives_nothing(workspace, tmp_path):
    rgb = np.random.default_rng(0).integers(0, 255, (3, 384, 128)).astype(np.uint8)
    strip = rasters.write(tmp_path / "rgb.tif", rgb, crs=None)
    dem = rasters.write(tmp_path / "dem.tif", rgb[0].astype(np.int16), crs=None)
    mask = rasters.write(tmp_path / "mask.tif", (rgb[1] > 200).astype(np.uint8), crs=None)
    scene = stored(
        tiles=128, red=(Source(strip, 1),), green=(Source(strip, 2),), elevation=dem, inventory=mask
    )
    assert (scene.kind, scene.tile, scene.grid.crs) == ("tiles", 128, None)
    assert scene.factor_names == ("green", "red", "elevation")
    np.testing.assert_array_equal(scene.read(["red"])[..., 0], rgb[0])
    np.testing.assert_array_equal(scene.read_mask(), rgb[1] > 200)
    assert scene.landslide_share == pytest.approx((rgb[1] > 200).mean())


def test_a_plain_pixel_grid(workspace, tmp_path):
    values = np.random.default_rng(0).random((50, 70)).astype(np.float32)
    scene = stored(elevation=rasters.write(tmp_path / "a.tif", values, crs=None))
    assert scene.grid.crs is None and scene.factor_names == ("elevation",)
    np.testing.assert_array_equal(scene.read()[..., 0], values)


def test_notes_tell_what_was_lost(workspace, tmp_path):
    z = hills()
    z[:, :100] = 800
    scene = stored(elevation=rasters.write(tmp_path / "dem.tif", z))
    told = " ".join(scene.notes)
    assert "flat: it has no aspect" in told
    assert "of the pixels have data in all factors" in told


def test_the_record_is_strict_json(workspace, files):
    text = (stored(**files).path / "scene.json").read_text()
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in scene.json"))


def test_stopping_leaves_the_old_scene(workspace, files):
    old = stored(**files)

    def stop(stage, fraction=None, **figures):
        if stage.startswith("aligning"):
            raise JobStopped

    with pytest.raises(JobStopped), store.create("made", replace_old=True) as folder:
        request = ImportRequest("made", {"elevation": (Source(files["elevation"]),)})
        import_scene(request, folder, stop)
    assert store.load("made").fingerprint == old.fingerprint
    assert [p.name for p in old.path.parent.iterdir()] == ["made"]


def test_too_little_room_is_said_before_anything_is_written(workspace, files, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10, 10, 1000))
    with pytest.raises(SlideScopeError, match=r"the disk has 0\.0 GB"):
        stored(**files)


def test_parts_of_workers_need_room_beside_the_scene(workspace, files, monkeypatch):
    made = ImportRequest("made", {"elevation": (Source(files["elevation"]),)})
    plan = importing.plan(made)
    whole = SIZE * SIZE * 4 * (len(plan.names) + 4)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 10, round(whole * 0.8)))
    importing._check_disk(plan, workspace, in_parts=False)
    with pytest.raises(SlideScopeError, match="half of it for the parts of the workers"):
        importing._check_disk(plan, workspace, in_parts=True)
