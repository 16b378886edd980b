"""Tables of points on the grid."""

import numpy as np
import pytest
from rasterio.warp import transform
from rasterio.windows import Window

from core.errors import SlideScopeError
from core.scene.align.point_reader import PointReader
from core.scene.files import points
from core.scene.files.source import Source
from core.scene.grid import Grid
from tests import rasters

GRID = Grid(rasters.UTM, (12.5, 0, rasters.X, 0, -12.5, rasters.Y), 60, 40)


def table(path, rows, columns=("longitude", "latitude", "mean_velocity"), separator=",") -> str:
    lines = [separator.join(columns), *(separator.join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def at(column: float, row: float) -> tuple[float, float]:
    """(lon, lat) of a place given in pixels of the grid."""
    x, y = GRID.affine * (column, row)
    (lon,), (lat,) = transform(rasters.UTM, "EPSG:4326", [x], [y])
    return lon, lat


def test_a_pixel_takes_the_points_near_it(tmp_path):
    path = table(tmp_path / "egms.csv", [(*at(10.5, 10.5), -7), (*at(40.5, 30.5), 3)])
    reader = PointReader(points.read(Source(path)), GRID)
    values = reader.read(Window(0, 0, 60, 40))
    assert values[10, 10] == pytest.approx(-7) and values[30, 40] == pytest.approx(3)
    # 100 m are eight pixels.
    assert np.isfinite(values[10, 17]) and np.isnan(values[10, 19])
    np.testing.assert_array_equal(reader.read(Window(5, 7, 20, 9)), values[7:16, 5:25])


def test_between_two_points_the_nearer_weighs_more(tmp_path):
    path = table(tmp_path / "ps.csv", [(*at(10.5, 10.5), 0), (*at(14.5, 10.5), 10)])
    values = PointReader(points.read(Source(path)), GRID).read(Window(0, 0, 60, 40))
    # Distances 1 and 3: weights 1 and 1/9.
    assert values[10, 11] == pytest.approx(10 / 9 / (1 + 1 / 9), rel=1e-3)
    assert values[10, 12] == pytest.approx(5, rel=1e-3)


@pytest.mark.parametrize(
    ("columns", "separator"),
    [(("lon", "lat", "vel"), ";"), (("Lon", "Lat", "V_LOS"), "\t"), (("lat", "lon", "rate"), ",")],
)
def test_tables_of_different_makers(tmp_path, columns, separator):
    lon, lat = at(10, 10)
    row = (lat, lon, 5) if columns[0] == "lat" else (lon, lat, 5)
    found = points.read(Source(table(tmp_path / "a.csv", [row], columns, separator)))
    assert (found.x[0], found.y[0], found.values[0]) == pytest.approx((lon, lat, 5))


def test_eastings_need_a_reference_system(tmp_path):
    columns = ("easting", "northing", "height", "mean_velocity")
    path = table(tmp_path / "egms.csv", [(rasters.X + 50, rasters.Y - 50, 3, -2)], columns)
    with pytest.raises(SlideScopeError, match="EPSG:3035"):
        points.read(Source(path))
    found = points.read(Source(path), rasters.UTM)
    assert np.isfinite(PointReader(found, GRID).read(Window(0, 0, 9, 9))).any()


def test_another_column_is_chosen_by_name_and_gaps_are_left_out(tmp_path):
    rows = [(*at(1, 1), 1, 9), (*at(2, 2), 1, ""), (*at(3, 3), 1, "nan")]
    path = table(tmp_path / "a.csv", rows, ("lon", "lat", "vel", "std"))
    assert points.read(Source(path, "std")).values.tolist() == [9]


BAD = {
    "no coordinates": ("a,b,vel\n1,2,3\n", "no columns for longitude and latitude"),
    "no rate": ("lon,lat,height\n1,2,3\n", "no column that looks like a rate"),
    "swapped": ("lon,lat,vel\n27,102,3\n", "swapped"),
    "no numbers": ("lon,lat,vel\nx,y,z\n", "holds no point"),
    "empty": ("", "no columns|not a table"),
}


@pytest.mark.parametrize(("text", "told"), BAD.values(), ids=BAD.keys())
def test_a_table_that_is_none_is_refused(tmp_path, text, told):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(SlideScopeError, match=told):
        points.read(Source(str(tmp_path / "a.csv")))


def test_bytes_are_no_table(tmp_path):
    (tmp_path / "a.csv").write_bytes(bytes(range(256)) * 4)
    with pytest.raises(SlideScopeError):
        points.read(Source(str(tmp_path / "a.csv")))


def test_points_elsewhere_are_told(tmp_path):
    path = table(tmp_path / "a.csv", [(10.0, 50.0, 1)])
    with pytest.raises(SlideScopeError, match="No overlap: none of the 1 points"):
        PointReader(points.read(Source(path)), GRID)
