"""The synthetic watershed: what its files hold, and that the same seed gives the same files."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rasterio.features import rasterize
from rasterio.warp import Resampling, reproject, transform_bounds

from sample_data import landslides, line_of_sight, noise, outlines, relief, subsidence
from sample_data.noise import generator
from sample_data.watershed import CONFUSERS, VERSION, generate

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "sample_data" / "example"
RASTERS = ("S2_B2", "S2_B3", "S2_B4", "S2_B8", "DEM", "deformation")
SMALL, SEED = 256, 3


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """A freshly generated scene of the smallest size."""
    folder = tmp_path_factory.mktemp("sample")
    generate(folder, SMALL, SEED)
    return folder


@pytest.fixture(params=["example", "small"])
def scene(request) -> Path:
    """The committed example, and a fresh scene."""
    return EXAMPLE if request.param == "example" else request.getfixturevalue("small")


def band(path: Path) -> np.ndarray:
    with rasterio.open(path) as file:
        return file.read(1)


def facts(folder: Path) -> dict:
    return json.loads((folder / "scene.json").read_text())


def on_elevation_grid(folder: Path, name: str) -> np.ndarray:
    """Deformation warped to the elevation grid by nearest cell."""
    with rasterio.open(folder / "DEM.tif") as dem, rasterio.open(folder / name) as file:
        out = np.full(dem.shape, np.nan, np.float32)
        place = {"dst_transform": dem.transform, "dst_crs": dem.crs, "dst_nodata": np.nan}
        return reproject(rasterio.band(file, 1), out, resampling=Resampling.nearest, **place)[0]


def burnt(folder: Path, kind: str | None = None) -> np.ndarray:
    """Mask of the true landslides, of one kind or of all, on the elevation grid."""
    truth = gpd.read_file(folder / "truth.gpkg")
    chosen = truth if kind is None else truth[truth["kind"] == kind]
    with rasterio.open(folder / "DEM.tif") as dem:
        shape, at = dem.shape, dem.transform
    return rasterize(chosen.geometry, out_shape=shape, transform=at) == 1


def test_every_file_named_in_the_summary_is_there(scene):
    assert sorted(facts(scene)["files"]) == sorted(p.name for p in scene.iterdir())


def test_everything_says_that_it_is_synthetic(scene):
    assert facts(scene)["synthetic"] is True
    for name in (*RASTERS, "confusers"):
        with rasterio.open(scene / f"{name}.tif") as file:
            assert file.tags()["SYNTHETIC"] == "yes"
            assert file.tags()["DESCRIPTION"]


def test_bands_are_ten_metre_reflectance_that_covers_the_elevation(scene):
    with rasterio.open(scene / "DEM.tif") as dem:
        assert dem.crs.to_epsg() == 32648 and dem.res == (12.5, 12.5)
        assert dem.dtypes == ("float32",)
        inner = dem.bounds
    for name in RASTERS[:4]:
        with rasterio.open(scene / f"{name}.tif") as file:
            assert file.crs.to_epsg() == 32648 and file.res == (10, 10)
            assert file.dtypes == ("uint16",) and file.nodata == 0
            assert file.bounds.left <= inner.left and file.bounds.right >= inner.right
            assert file.bounds.bottom <= inner.bottom and file.bounds.top >= inner.top
            values = file.read(1)
        assert values.min() > 0 and 200 < np.median(values) < 4000


def test_land_is_greener_than_water_is(scene):
    red, infrared = band(scene / "S2_B4.tif") / 1e4, band(scene / "S2_B8.tif") / 1e4
    index = (infrared - red) / (infrared + red)
    assert np.percentile(index, 95) > 0.6
    assert (index < 0).mean() > 0.005


def test_elevation_is_mountainous_and_has_a_reservoir(scene):
    z = band(scene / "DEM.tif")
    assert z.min() >= 815 and z.max() <= 3900 and np.ptp(z) > 600
    south, east = np.gradient(z, 12.5)
    slope = np.degrees(np.arctan(np.hypot(south, east)))
    assert 12 < np.median(slope) < 35
    assert (slope == 0).mean() > 0.005  # the reservoir's surface


def test_deformation_is_geographic_with_gaps(scene):
    with rasterio.open(scene / "deformation.tif") as file:
        assert file.crs.to_epsg() == 4326 and np.isnan(file.nodata)
        assert file.dtypes == ("float32",)
        with rasterio.open(scene / "DEM.tif") as dem:
            west, south, east, north = transform_bounds(dem.crs, file.crs, *dem.bounds)
        assert file.bounds.left <= west and file.bounds.right >= east
        assert file.bounds.bottom <= south and file.bounds.top >= north
    rate = on_elevation_grid(scene, "deformation.tif")
    assert 0.01 < np.isnan(rate).mean() < 0.25
    assert np.nanmin(rate) >= -142 and np.nanmax(rate) <= 46
    assert abs(np.nanmedian(rate)) < 3


def test_deformation_is_missing_over_water(scene):
    z, rate = band(scene / "DEM.tif"), on_elevation_grid(scene, "deformation.tif")
    level = np.abs(z - 822) < 1e-6
    assert level.any() and np.isnan(rate[level]).mean() > 0.98


def test_slow_landslides_are_measured_and_move(scene):
    rate, slow = on_elevation_grid(scene, "deformation.tif"), burnt(scene, "slow")
    assert np.isfinite(rate[slow]).mean() >= 0.6
    moving = np.nanmean(np.abs(rate[slow]))
    assert moving > 1.5 * np.nanmean(np.abs(rate[~burnt(scene)]))


def test_the_record_says_which_generator_made_the_files(scene):
    assert facts(scene)["generator"] == VERSION


def test_relict_landslides_are_no_landslides_and_lie_still(scene):
    relict = band(scene / "confusers.tif") == 9
    assert CONFUSERS[9].startswith("relict")
    assert 0.001 < relict.mean() < 0.01
    assert (relict & burnt(scene)).sum() < 0.02 * relict.sum()  # drawn outlines are rounded
    rate = on_elevation_grid(scene, "deformation.tif")
    still, moving = (np.nanmedian(np.abs(rate[m])) for m in (relict, burnt(scene, "slow")))
    assert still < 0.5 * moving


def test_slow_landslides_are_a_little_rougher_and_more_open_than_ground_elsewhere():
    ground = relief.build(SMALL, SEED, lambda share: None)
    ragged = noise.field(SMALL, SEED, "ragged", 1.8, longest=60, shortest=4)
    made = landslides.make(ground, ragged, SEED)
    idents = [row["id"] for row in made.table if row["kind"] == "slow"]
    slow, still = np.isin(made.label, idents), (made.label == 0) & ~ground.water
    for layer in (made.rough, made.opened):
        assert np.median(layer[slow]) > np.median(layer[still])
        assert np.quantile(layer[still], 0.98) > np.median(layer[slow])  # weak: they overlap


def test_landslides_take_about_one_cell_in_224(scene):
    assert 1 / 300 < burnt(scene).mean() < 1 / 180
    assert 180 < facts(scene)["imbalance"] < 300


def test_truth_has_both_kinds_within_the_range_of_areas(scene):
    truth = gpd.read_file(scene / "truth.gpkg")
    assert set(truth["kind"]) == {"fresh", "slow"}
    assert truth["area_ha"].between(0.4, 62).all()
    assert np.allclose(truth.area / 1e4, truth["area_ha"], atol=0.01)
    assert truth["speed_mm_yr"].gt(0).all() and truth.is_valid.all()


def test_example_has_enough_landslides_and_one_in_ten_left_out():
    truth = gpd.read_file(EXAMPLE / "truth.gpkg")
    inventory = gpd.read_file(EXAMPLE / "inventory.gpkg")
    assert len(truth) >= 8
    assert len(truth) - len(inventory) == round(len(truth) / 10) >= 1
    assert set(inventory["id"]) == set(truth.loc[truth["mapped"] == 1, "id"])


def test_inventory_says_no_more_than_a_user_would_know(scene):
    inventory = gpd.read_file(scene / "inventory.gpkg")
    assert sorted(inventory.columns) == ["area_ha", "geometry", "id"]
    assert inventory.crs.to_epsg() == 32648


def test_lithology_covers_the_scene_with_named_units(scene):
    rock = gpd.read_file(scene / "lithology.gpkg")
    assert rock["code"].between(1, 8).all() and rock["code"].dtype.kind == "i"
    assert rock.groupby("code")["name"].nunique().eq(1).all()
    assert rock["code"].nunique() >= 3
    size = facts(scene)["size"]
    assert rock.area.sum() == pytest.approx((size * 12.5) ** 2, rel=0.002)


def test_example_is_small_enough_to_commit():
    assert sum(p.stat().st_size for p in EXAMPLE.iterdir()) < 5e6


def test_line_of_sight_is_a_unit_vector_as_published(scene):
    vector = facts(scene)["line_of_sight"]["unit_vector_east_north_up"]
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert vector == pytest.approx((-0.616, -0.131, 0.777), abs=1e-3)


def test_uplift_is_towards_and_a_slide_to_the_east_away_from_the_satellite():
    falls_east = -np.outer(np.ones(5), np.arange(5.0) * 6)
    falls_west = -falls_east
    assert line_of_sight.VECTOR[2] > 0
    assert line_of_sight.downslope_share(falls_east)[2, 2] < -0.8
    assert line_of_sight.downslope_share(falls_west)[2, 2] > 0.1


@pytest.mark.parametrize("seed", [7, 11, 21])
def test_every_block_holds_mines_and_bowls_that_differ(seed):
    size, still = 1024, np.zeros((1024, 1024), np.float32)
    blocks = list(subsidence.blocks(size))
    towns = [(rows.start + 300, cols.start + 200) for rows, cols in blocks]
    found = subsidence.sink(still + 1, towns, still, seed)
    assert len(blocks) == 4
    for rates in (found.mining, found.bowl):
        peaks = [np.abs(rates[block]).max() for block in blocks]
        sizes = [(np.abs(rates[block]) > subsidence.SHOWS).sum() for block in blocks]
        assert min(peaks) > subsidence.SHOWS and min(sizes) > 10
        assert max(peaks) > 1.2 * min(peaks) and max(sizes) > 1.2 * min(sizes)


@pytest.mark.parametrize(("size", "count"), [(256, 1), (512, 1), (2048, 16), (4096, 64)])
def test_blocks_tile_the_scene(size, count):
    cover = np.zeros((size, size), np.uint8)
    blocks = list(subsidence.blocks(size))
    for block in blocks:
        cover[block] += 1
    assert len(blocks) == count and (cover == 1).all()


def test_sinking_ground_moves_down_and_towards_the_middle():
    y, x = np.mgrid[-20:21, -20:21]
    bowl = np.exp(-(y**2 + x**2) / 50).astype(np.float32)
    east, north, up = subsidence.Subsidence(30 * bowl, 0 * bowl).motion()
    assert up[20, 20] == pytest.approx(-30)
    assert east[20, 15] > 0 > east[20, 25]  # columns run east
    assert north[25, 20] > 0 > north[15, 20]  # rows run south


@pytest.mark.parametrize("size", [512, 1024, 2048])
def test_areas_follow_the_power_law_and_meet_the_prevalence(size):
    cells = landslides.areas(size, generator(1, "areas"))
    hectares = cells * 12.5**2 / 1e4
    exponent = 1 + len(hectares) / np.log(hectares / landslides.SMALLEST_HA).sum()
    assert hectares.min() >= 0.5 and hectares.max() <= 60
    assert exponent == pytest.approx(2.4, abs=0.35 if size == 512 else 0.2)
    assert cells.sum() / size**2 == pytest.approx(1 / 224, rel=0.35)
    if size == 2048:
        assert 150 <= len(cells) <= 300 and hectares.max() > 15


def test_drawn_outlines_keep_the_area_of_the_cells():
    y, x = np.mgrid[:60, :60]
    label = ((np.hypot((y - 30) / 2, x - 30) < 9) * 1).astype(np.int32)
    outline = outlines.drawn(outlines.polygons(label, label > 0)[1])
    assert outline.geom_type == "Polygon" and outline.is_valid
    assert outline.area == pytest.approx(label.sum() * 12.5**2, rel=0.04)


def test_progress_rises_from_start_to_done(tmp_path):
    heard = []
    generate(tmp_path, SMALL, SEED, lambda stage, share: heard.append((stage, share)))
    shares = [share for _, share in heard]
    assert shares == sorted(shares) and shares[-1] == 1.0 and shares[0] < 0.1
    assert len({stage for stage, _ in heard}) >= 6


@pytest.mark.parametrize("size", [100, 9000])
def test_an_impossible_size_is_refused(tmp_path, size):
    with pytest.raises(ValueError, match=f"Sample size {size} px"):
        generate(tmp_path / "none", size)
    assert not (tmp_path / "none").exists()


def test_the_same_seed_gives_the_same_files_in_another_process(small, tmp_path):
    call = f"generate({str(tmp_path)!r}, {SMALL}, {SEED})"
    code = f"from sample_data.watershed import generate; {call}"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    for name in facts(small)["files"]:
        ours, theirs = ((folder / name).read_bytes() for folder in (small, tmp_path))
        assert hashlib.sha256(ours).digest() == hashlib.sha256(theirs).digest(), name


def test_another_seed_gives_another_landscape(small):
    assert not np.array_equal(band(small / "DEM.tif"), band(EXAMPLE / "DEM.tif")[:SMALL, :SMALL])
