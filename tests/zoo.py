"""A small zoo of files as people have them, sound and broken ones, all on one patch of ground."""

import zipfile
from pathlib import Path

import geopandas as gpd
import h5py
import numpy as np
import rasterio
import shapely
from rasterio.transform import Affine
from scipy.io import netcdf_file

from tests import rasters

SIDE = 48
CELL = 12.5


def build(folder: Path) -> list[str]:
    """Write the zoo into `folder`; return the names of files and folders, in order."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(7)
    _rasters(folder, rng)
    _odd_rasters(folder, rng)
    _vectors(folder)
    _tables(folder, rng)
    _containers(folder, rng)
    _broken(folder)
    _folders(folder, rng)
    return sorted(p.name for p in folder.iterdir() if p.suffix not in (".dbf", ".shx", ".cpg"))


def _rasters(folder: Path, rng) -> None:
    height = rasters.ramp(SIDE, SIDE, CELL) + rng.standard_normal((SIDE, SIDE)).astype(np.float32)
    rasters.write(folder / "dem.tif", height + 1000)
    rasters.write(folder / "rate.tif", rng.standard_normal((SIDE, SIDE)).astype(np.float32) * 9)
    rasters.write(folder / "band.tif", rng.integers(300, 4000, (SIDE, SIDE)).astype(np.uint16))
    rasters.write(folder / "classes.tif", np.kron([[1, 2], [3, 4]], np.ones((24, 24), np.uint8)))
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[10:20, 10:20] = 1
    rasters.write(folder / "mask.tif", mask)
    rasters.write(folder / "mask255.tif", np.where(mask, 1, np.where(mask.T, 255, 0)).astype("u1"))
    rasters.write(folder / "chance.tif", rng.random((SIDE, SIDE)).astype(np.float32))
    degrees = Affine(0.000125, 0, 102.38, 0, -0.000125, 27.28)
    rasters.write(folder / "degrees.tif", height, crs="EPSG:4326", transform=degrees)
    rasters.write(folder / "mercator.tif", height, crs="EPSG:3857")
    rasters.write(folder / "incidence.tif", np.full((SIDE, SIDE), 39.0, np.float32))
    rasters.write(folder / "bands.tif", rng.random((4, SIDE, SIDE)).astype(np.float32))


def _odd_rasters(folder: Path, rng) -> None:
    plain = rng.integers(0, 255, (SIDE, SIDE)).astype(np.uint8)
    rasters.write(folder / "nowhere.tif", plain, crs=None)
    rasters.write(folder / "elsewhere.tif", plain, origin=(500000.0, 10.0))
    rasters.write(folder / "nothing.tif", np.full((SIDE, SIDE), np.nan, np.float32))
    rasters.write(folder / "frame.tif", np.pad(np.ones((8, 8), np.float32) * 7, 20))
    rasters.write(folder / "wild.tif", np.float32([[np.inf, 1e38], [-np.inf, 3.4e38]]))
    rasters.write(folder / "one.tif", np.ones((1, 1), np.float32))
    rasters.write(folder / "complex.tif", plain.astype(np.complex64))
    turned = Affine.translation(rasters.X, rasters.Y) * Affine.rotation(30) * Affine.scale(12.5)
    rasters.write(folder / "turned.tif", plain, transform=turned)
    flat = Affine(0, 0, rasters.X, 0, 0, rasters.Y)
    rasters.write(folder / "flat.tif", plain, transform=flat)
    for name, driver in (("grey.png", "PNG"), ("grey.jpg", "JPEG")):
        about = {"driver": driver, "width": SIDE, "height": SIDE, "count": 1, "dtype": "uint8"}
        with rasterio.open(folder / name, "w", **about) as target:
            target.write(plain, 1)
    rows = "\n".join(" ".join(str(v) for v in row) for row in plain)
    head = f"ncols {SIDE}\nnrows {SIDE}\nxllcorner 240000\nyllcorner 3019400\ncellsize 12.5\n"
    (folder / "grid.asc").write_text(head + rows)
    (folder / "envi.dat").write_bytes(plain.astype("<f4").tobytes())
    (folder / "envi.hdr").write_text(
        f"ENVI\nsamples = {SIDE}\nlines = {SIDE}\nbands = 1\ndata type = 4\nbyte order = 0\n"
    )


def _vectors(folder: Path) -> None:
    boxes = [
        shapely.box(rasters.X + x, rasters.Y - 500, rasters.X + x + 120, rasters.Y - 300)
        for x in (50, 200, 350)
    ]
    rasters.write_polygons(folder / "slides.gpkg", boxes, kind=["a", "b", "a"], code=[1, 2, 0])
    rasters.write_polygons(folder / "slides.shp", boxes, kind=["a", "b", "a"])
    rasters.write_polygons(folder / "placeless.shp", boxes, crs=None, kind=["a", "b", None])
    rasters.write_polygons(folder / "rocks.geojson", boxes, rock=["shale", "泥岩", None])
    frame = gpd.GeoDataFrame({"id": [1]}, geometry=[boxes[0]], crs=rasters.UTM)
    for layer in ("first", "second"):
        frame.to_file(folder / "layers.gpkg", layer=layer)
    frame.iloc[:0].to_file(folder / "empty.gpkg")
    odd = [None, shapely.Polygon(), shapely.LineString([(240000, 3020000), (240100, 3019900)])]
    gpd.GeoDataFrame({"id": [1, 2, 3]}, geometry=odd, crs=rasters.UTM).to_file(folder / "odd.gpkg")
    points = [box.centroid for box in boxes]
    for name in ("points.gpkg", "points.geojson"):
        rasters.write_polygons(folder / name, points, vel=[1.0, -20.0, 5.0])
    (folder / "system.prj").write_text(rasterio.crs.CRS.from_epsg(32648).to_wkt("WKT1_ESRI"))
    (folder / "broken.prj").write_text("PROJCS[")


def _tables(folder: Path, rng) -> None:
    lon, lat = 102.3745 + rng.random(30) * 0.004, 27.274 + rng.random(30) * 0.003
    rows = [f"{x:.6f},{y:.6f},{v:.2f}" for x, y, v in zip(lon, lat, rng.standard_normal(30) * 10)]
    (folder / "points.csv").write_text("lon,lat,vel\n" + "\n".join(rows) + "\n")
    body = "\n".join(rows)
    (folder / "chinese.csv").write_bytes(f"经度,纬度,速率\n{body}\n".encode("gbk"))
    (folder / "wide.csv").write_bytes(f"lon,lat,vel\n{body}\n".encode("utf-16"))
    egms = "\n".join(f"p{n},{4300000 + n},{3200000 + n},1.5,{n}" for n in range(20))
    (folder / "egms.csv").write_text(f"pid,easting,northing,height,mean_velocity\n{egms}\n")
    (folder / "header.csv").write_text("lon,lat,vel\n")
    (folder / "words.csv").write_text("lon,lat,vel\na,b,c\n1,2\n,,\n")
    (folder / "noheader.csv").write_text(body + "\n")
    (folder / "points.txt").write_text("lon lat vel\n" + body.replace(",", " ") + "\n")


def _containers(folder: Path, rng) -> None:
    with h5py.File(folder / "velocity.h5", "w") as file:
        file["velocity"] = rng.standard_normal((SIDE, SIDE)).astype(np.float32) / 100
        about = {"X_FIRST": "240000", "Y_FIRST": "3020000", "X_STEP": "12.5", "Y_STEP": "-12.5"}
        about |= {"UNIT": "m/year", "FILE_TYPE": "velocity", "EPSG": "32648", "X_UNIT": "meters"}
        file.attrs.update(about | {"WIDTH": str(SIDE), "LENGTH": str(SIDE), "Y_UNIT": "meters"})
    with h5py.File(folder / "several.h5", "w") as file:
        file["a"], file["g/b"], file["s"] = np.ones((4, 4)), np.ones((2, 3, 4)), "text"
    with netcdf_file(str(folder / "grid.nc"), "w") as file:
        for name, values in (("lon", np.linspace(102.38, 102.39, 8)), ("lat", np.arange(6.0))):
            file.createDimension(name, len(values))
            file.createVariable(name, "d", (name,))[:] = values
        file.createVariable("z", "f", ("lat", "lon"))[:] = 1.0
    with zipfile.ZipFile(folder / "maps.zip", "w") as file:
        file.write(folder / "dem.tif", "inner/dem.tif")
        for ending in (".shp", ".shx", ".dbf", ".prj"):
            file.write((folder / "slides.shp").with_suffix(ending), f"slides{ending}")
    with zipfile.ZipFile(folder / "table.zip", "w") as file:
        file.write(folder / "points.csv", "points.csv")
    with zipfile.ZipFile(folder / "nested.zip", "w") as file:
        file.writestr("../out.tif", "no")


def _broken(folder: Path) -> None:
    whole = (folder / "dem.tif").read_bytes()
    (folder / "cut.tif").write_bytes(whole[: len(whole) // 2])
    (folder / "text.tif").write_text("this is no picture")
    for name in ("void.tif", "void.csv", "void.gpkg", "void.zip", "void.h5", "void.geojson"):
        (folder / name).write_bytes(b"")
    (folder / "alone.shp").write_bytes((folder / "slides.shp").read_bytes())
    (folder / "list.geojson").write_text("[1, 2]")
    (folder / "null.geojson").write_text('{"type": "FeatureCollection", "features": null}')
    (folder / "pins.kml").write_text("<kml><Document/></kml>")
    (folder / "raster.vrt").write_text("<VRTDataset/>")
    (folder / "sheet.xlsx").write_bytes(b"PK\x03\x04")
    (folder / "surfer.grd").write_bytes(b"DSBB" + bytes(60))
    (folder / "名 字.tif").write_bytes(whole)


def _folders(folder: Path, rng) -> None:
    for side, bands in (("images", 3), ("masks", 1)):
        (folder / "tiles" / side).mkdir(parents=True)
        for n in range(2):
            values = rng.integers(0, 2, (bands, 16, 16)).astype(np.uint8)
            rasters.write(folder / "tiles" / side / f"{n}.tif", values)
    (folder / "mosaic").mkdir()
    for n in range(2):
        values = np.full((SIDE, SIDE // 2), n, np.float32)
        origin = (rasters.X + n * CELL * SIDE / 2, rasters.Y)
        rasters.write(folder / "mosaic" / f"{n}.tif", values, origin=origin)
    (folder / "hollow").mkdir()
