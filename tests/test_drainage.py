"""Where water runs, relief and roughness: against a second implementation on a fractal DEM, and
imported as factors."""

import numpy as np
import pytest
from scipy import ndimage

from core.errors import SlideScopeError
from core.learning.tiles.channels import dataset_factors
from core.scene.align import drainage
from core.scene.align.readers import vegetation
from core.scene.align.wide import deviation, of_elevation
from tests import rasters
from tests.small_import import SIZE, imported, noted, refused, write_dem

SIDE, CELL = 40, 30.0
EIGHT = [(k, m) for k in (-1, 0, 1) for m in (-1, 0, 1) if k or m]


def fractal(side: int = SIDE, seed: int = 0) -> np.ndarray:
    """Relief of many sizes, pits among it."""
    rng = np.random.default_rng(seed)
    z = sum(
        2.0**n
        * ndimage.zoom(rng.standard_normal((side // 2**n + 2,) * 2), 2**n, order=3)[:side, :side]
        for n in range(4)
    )
    return 500 + 20 * z + 3 * np.arange(side)[:, None]


def filled(z: np.ndarray, rise: float) -> np.ndarray:
    """Another way to fill (Planchon and Darboux 2002): from above down until nothing falls; each
    pixel stays `rise` above the lowest neighbour."""
    water = np.full(z.shape, np.inf)
    edge = np.ones(z.shape, bool)
    edge[1:-1, 1:-1] = False
    water[edge] = z[edge]
    while True:
        padded = np.pad(water, 1, constant_values=np.inf)
        low = np.min(
            [padded[1 + k : 1 + k + len(z), 1 + m : 1 + m + len(z)] for k, m in EIGHT], axis=0
        )
        lowered = np.where(edge, z, np.maximum(z, low + rise))
        lowered = np.minimum(water, lowered)
        if np.array_equal(lowered, water):
            return water
        water = lowered


def counted(z: np.ndarray) -> np.ndarray:
    """Pixels that drain through each one: from each, one step down at a time."""
    area = np.zeros(z.shape)
    for at in np.ndindex(z.shape):
        here = at
        while here is not None:
            area[here] += 1
            falls = {}
            for k, m in EIGHT:
                there = here[0] + k, here[1] + m
                if 0 <= there[0] < len(z) and 0 <= there[1] < len(z):
                    falls[there] = (z[here] - z[there]) / (CELL * np.hypot(k, m))
            best = max(falls, key=falls.get)
            here = best if falls[best] > 0 else None
    return area


CELLS = np.full(SIDE, CELL)


def test_depressions_are_filled_as_another_way_fills_them():
    z = fractal()
    surface, receiver, order = drainage.flood(z, CELLS, CELLS)
    assert (surface > z).any()
    assert surface.ravel() == pytest.approx(filled(z, 0.0).ravel(), abs=0)
    assert sorted(order) == list(range(z.size))
    # Nobody drains upwards, and whatever drains in comes later in the order.
    place = np.argsort(order)
    has = receiver >= 0
    assert (surface.ravel()[receiver[has]] <= surface.ravel()[has]).all()
    assert (place[receiver[has]] < place[has]).all()


def test_flow_accumulation_and_wetness_are_those_of_a_second_implementation():
    z = filled(fractal(seed=1), 1e-4)  # no level ground, on which ways may differ
    area = drainage.contributing_area(z, CELLS, CELLS)
    wanted = counted(z) * CELL**2
    assert area == pytest.approx(wanted)
    found = of_elevation(z.astype(np.float32), CELLS, CELLS, ("twi",))
    north, east = np.gradient(z, CELL)  # Horn's sums are not these: the index is asked with its own
    slope = np.degrees(np.arctan(np.hypot(north, east)))
    index = np.log(wanted / CELL / np.maximum(np.tan(np.radians(slope)), 1e-3))
    assert drainage.wetness(area, slope, CELLS) == pytest.approx(index)
    inner = np.s_[1:-1, 1:-1]
    assert np.corrcoef(found["twi"][inner].ravel(), index[inner].ravel())[0, 1] > 0.95


def test_all_water_leaves_at_the_edge_and_nothing_is_lost():
    z = fractal(seed=2)
    area = drainage.contributing_area(z, CELLS, CELLS)
    _, receiver, _ = drainage.flood(z, CELLS, CELLS)
    out = receiver == -1
    assert area.ravel()[out].sum() == pytest.approx(z.size * CELL**2)
    rows, columns = np.divmod(np.flatnonzero(out), SIDE)
    assert (np.isin(rows, (0, SIDE - 1)) | np.isin(columns, (0, SIDE - 1))).all()


def test_water_ends_at_a_gap_and_the_gap_has_no_area():
    z = np.tile(np.arange(9.0, 0, -1), (3, 1))
    z[:, 4] = np.nan
    area = drainage.contributing_area(z, np.ones(3), np.ones(3))
    assert np.isnan(area[:, 4]).all()
    assert area[1].tolist()[:4] == [1, 2, 3, 4] and area[1, 5] == 1


def test_distance_to_drainage_is_scipys_and_without_streams_refused():
    area = np.full((30, 30), 100.0)
    area[7, 3:20] = drainage.STREAM_M2
    found = drainage.distance_to_streams(area, np.full(30, 10.0), np.full(30, 20.0))
    assert found[0, 3] == 140 and found[7, 29] == 100 and found[7, 10] == 0
    with pytest.raises(SlideScopeError, match="No pixel of the elevation drains"):
        drainage.distance_to_streams(area / 1e6, np.ones(30), np.ones(30))


def test_relief_and_roughness_of_a_plane_and_of_a_step():
    plane = (2.0 * CELL * np.arange(SIDE))[:, None] + np.zeros((1, SIDE))
    found = of_elevation(plane.astype(np.float32), CELLS, CELLS, ("relief", "roughness"))
    assert found["relief"][20, 20] == 2 * CELL * 16  # eight pixels up, eight down
    assert found["roughness"][20, 20] == pytest.approx(0, abs=1e-3)
    values = np.random.default_rng(0).standard_normal((9, 9))
    assert deviation(values, (3, 5))[4, 4] == pytest.approx(values[3:6, 2:7].std())


def test_the_vegetation_index_knows_no_dark_pixels():
    red, nir = np.float32([[1000, 0, 3000]]), np.float32([[4000, 0, 1000]])
    assert vegetation(red, nir)[0, [0, 2]].tolist() == pytest.approx([0.6, -0.5])
    assert np.isnan(vegetation(red, nir)[0, 1])


@pytest.fixture
def here(workspace, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_dem(tmp_path)
    rows, columns = np.mgrid[:140, :140]
    wide = (1500 + 9 * rows + 4 * abs(columns - 60)).astype(np.float32)
    rasters.write(tmp_path / "wide.tif", wide, origin=(rasters.X - 500, rasters.Y + 400))
    wide[70:75, 70:75] = np.nan
    rasters.write(
        tmp_path / "voids.tif", wide, origin=(rasters.X - 500, rasters.Y + 400), nodata=np.nan
    )
    for name, value in (("red", 800), ("nir", 2400)):
        rasters.write(tmp_path / f"{name}.tif", np.full((SIZE, SIZE), value, np.uint16))
    return tmp_path


def test_they_are_factors_like_others(here, capsys):
    added = "--add relief,roughness,flow_accumulation,twi,distance_to_drainage,ndvi"
    scene = imported(f"--like red.tif --red red.tif --nir nir.tif {added}", capsys, dem="wide.tif")
    units = {f.name: f.unit for f in scene.factors if f.name in added}
    assert units == {
        **{"relief": "m", "roughness": "°", "flow_accumulation": "log₁₀ m²", "twi": ""},
        **{"distance_to_drainage": "m", "ndvi": ""},
    }
    assert set(units) <= set(dataset_factors(scene, "rs"))
    assert scene.factor("ndvi").source == "derived from red.tif and nir.tif"
    assert scene.factor("twi").source == "derived from wide.tif"
    values = dict(zip(scene.factor_names, np.moveaxis(scene.read(), -1, 0)))
    assert values["ndvi"] == pytest.approx(0.5)
    # Water comes from beside the scene, down to the valley of column 60 of the raster.
    assert values["flow_accumulation"][20, 20] > 4.5
    assert values["distance_to_drainage"][20, 20] < 13
    assert values["distance_to_drainage"][20, 0] == pytest.approx(20 * 12.5, abs=14)


def test_the_change_of_the_index_is_that_of_two_dates_whatever_their_units(here, capsys):
    for name, value in (("red", 0.05), ("nir", 0.45)):
        rasters.write(here / f"old_{name}.tif", np.full((SIZE, SIZE), value, np.float32))
    bands = "--red red.tif --nir nir.tif --factor red_before=old_red.tif"
    before = "--factor nir_before=old_nir.tif --unit red_before=reflectance"
    scene = imported(f"{bands} {before} --unit nir_before=reflectance --add ndvi_change", capsys)
    assert scene.factor("red_before").unit == scene.factor("red").unit
    assert scene.read(("ndvi_change",)) == pytest.approx(0.5 - 0.8, abs=1e-5)
    assert "bands of an earlier date too" in refused(f"{bands} --add ndvi_change", capsys)


def test_what_is_missing_is_said(here, capsys):
    assert "Water is known within the elevation raster alone" in noted("--add twi", capsys)
    notes = "\n".join(imported("--add twi", capsys, dem="voids.tif").notes)
    assert "of the elevation is no data: water ends there" in notes
    assert "--add ndvi needs the red and near infrared bands" in refused("--add ndvi", capsys)
    twice = "--add distance_to_drainage --distance-to drainage=dem.tif"
    assert "is given twice: it is derived from elevation" in refused(twice, capsys, dem="wide.tif")
    small = refused("--add distance_to_drainage", capsys, ways=("--replace",))
    assert "No pixel of the elevation drains 0.5 km²" in small
