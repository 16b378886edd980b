"""Files made to do harm, small and of every kind: what they ask for is time, memory or a call.

`every(folder, address)` writes them; `address` is where a file that calls would call.
"""

import json
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import rasterio
import shapely
from rasterio.transform import Affine

from tests import rasters

X, Y = rasters.X, rasters.Y
SYSTEM = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32648"}}
_LAYER = (
    "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
    "SELECT '{0}', 'features', '{0}', srs_id FROM gpkg_contents LIMIT 1; "
    "INSERT INTO gpkg_geometry_columns SELECT '{0}', 'geom', geometry_type_name, srs_id, z, m "
    "FROM gpkg_geometry_columns LIMIT 1;"
)
_ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
DATABASES = {
    "blob": "CREATE VIEW v AS SELECT fid, geom, hex(zeroblob(400000000)) AS s FROM slides;"
    + _LAYER.format("v"),
    "endless": f"CREATE VIEW v AS {_ENDLESS} SELECT x AS fid, (SELECT geom FROM slides LIMIT 1) "
    "AS geom FROM c;" + _LAYER.format("v"),
    "sum": f"CREATE VIEW v AS {_ENDLESS} SELECT fid, geom, (SELECT sum(x) FROM c) AS s FROM "
    "slides;" + _LAYER.format("v"),
    "tower": "".join(
        f"CREATE VIEW v{n} AS SELECT a.fid, a.geom FROM {'slides' if not n else f'v{n - 1}'} a, "
        f"{'slides' if not n else f'v{n - 1}'} b;"
        for n in range(12)
    )
    + _LAYER.format("v11"),
    "unlisted": f"CREATE VIEW v AS {_ENDLESS} SELECT x AS fid, x AS geom FROM c;",
    "metadata": "ALTER TABLE gpkg_geometry_columns RENAME TO g; CREATE VIEW gpkg_geometry_columns "
    f"AS {_ENDLESS} SELECT g.* FROM g, c;",
    "usual": f"CREATE VIEW st_spatial_ref_sys AS {_ENDLESS} SELECT x FROM c;",
    "generated": "ALTER TABLE slides ADD COLUMN s TEXT GENERATED ALWAYS AS "
    "(hex(zeroblob(300000000))) VIRTUAL;",
    "generated_short": "ALTER TABLE slides ADD COLUMN s TEXT AS (upper(hex(zeroblob(200000000))));",
    "fts": "CREATE VIRTUAL TABLE f USING fts5(x);" + _LAYER.format("f"),
    "trigger": "CREATE TRIGGER t AFTER UPDATE ON slides BEGIN UPDATE slides SET fid = fid; END;",
    "wide": "".join(f"ALTER TABLE slides ADD COLUMN c{n} TEXT;" for n in range(1500)),
    "many": "".join(f"CREATE TABLE t{n} (x);" for n in range(6000)),
    "schema": "PRAGMA writable_schema=ON; UPDATE sqlite_master SET sql='CREATE TABLE slides(' || "
    "hex(zeroblob(1000000)) || ')' WHERE name='slides';",
    "big": "CREATE TABLE big (fid INTEGER PRIMARY KEY, geom BLOB, b BLOB); INSERT INTO big SELECT "
    "fid, geom, zeroblob(3000000) FROM slides;" + _LAYER.format("big"),
    "names": 'ALTER TABLE slides ADD COLUMN "<img src=x onerror=alert(1)>![m](http://127.0.0.1)"'
    " TEXT;",
}


def every(folder: Path, address: str) -> list[Path]:
    """Write them all; return those that are given as files."""
    folder.mkdir(parents=True, exist_ok=True)
    made = [
        *databases(folder),
        *features(folder, address),
        *drawings(folder, address),
        *pixels(folder),
        *tables(folder),
        *packed(folder, address),
    ]
    return made


def databases(folder: Path, names=tuple(DATABASES)) -> Iterator[Path]:
    """GeoPackages that compute."""
    base = folder / "base.gpkg"
    boxes = [shapely.box(X + x, Y - 500, X + x + 120, Y - 300) for x in (50, 200, 350)]
    rasters.write_polygons(base, boxes, kind=["a", "b", "c"])
    with sqlite3.connect(base) as database:
        (table,) = database.execute("SELECT table_name FROM gpkg_contents").fetchone()
    for name in names:
        script = DATABASES[name]
        path = folder / f"db-{name}.gpkg"
        shutil.copy(base, path)
        database = sqlite3.connect(path)
        script = script.replace("slides", table)
        database.executescript(f"PRAGMA synchronous=OFF; BEGIN; {script} COMMIT;")
        database.close()
        yield path
    base.unlink()


def ring(count: int, seed: int, size: float = 500.0) -> list[list[float]]:
    """A closed ring of random points, which crosses itself about count squared / 6 times."""
    points = np.random.default_rng(seed).random((count, 2)) * size + (X + 20, Y - 560)
    return [*points.tolist(), points[0].tolist()]


def collection(geometries: list, **more) -> dict:
    features = [{"type": "Feature", "properties": {}, "geometry": g} for g in geometries]
    return {"type": "FeatureCollection", "crs": SYSTEM, "features": features, **more}


def polygon(*rings) -> dict:
    return {"type": "Polygon", "coordinates": list(rings)}


def features(folder: Path, address: str) -> Iterator[Path]:
    """GeoJSON: rings that cross themselves, coordinates that are none, nests, links."""
    square = [[X, Y - 500], [X + 200, Y - 500], [X + 200, Y - 300], [X, Y - 300], [X, Y - 500]]
    good = polygon(square)
    texts = {}
    for count in (100, 300, 500, 1000, 5000):
        texts[f"ring-{count}"] = collection([polygon(ring(count, count))])
    texts["rings"] = collection([polygon(ring(60, n)) for n in range(300)])
    texts["rings-in-one"] = collection(
        [{"type": "MultiPolygon", "coordinates": [[ring(40, n)] for n in range(400)]}]
    )
    texts["holes"] = collection([polygon(square, *(ring(30, n, 150) for n in range(300)))])
    tiny = [[[[X + n, Y - 400], [X + n + 1, Y - 400], [X + n, Y - 399], [X + n, Y - 400]]]
            for n in np.linspace(0, 500, 30_000)]  # fmt: skip
    texts["parts"] = collection([{"type": "MultiPolygon", "coordinates": tiny}])
    nested: dict = good
    for _ in range(150):
        nested = {"type": "GeometryCollection", "geometries": [nested]}
    texts["nested"] = collection([nested])
    for name, value in (("1e300", 1e300), ("1e-300", 1e-300), ("1e18", 1e18)):
        odd = [list(p) for p in square]
        odd[1][0] = value
        texts[f"far-{name}"] = collection([good, polygon(odd)])
    for name, value in (("nan", "NaN"), ("inf", "Infinity"), ("1e999", "1e999"),
                        ("digits", "9" * 400), ("word", '"x"'), ("null", "null")):  # fmt: skip
        odd = json.dumps(collection([good, good])).replace(repr(X + 200), value)
        texts[f"value-{name}"] = odd
    texts["deep"] = json.dumps(collection([good]))[:-1] + ', "x": ' + "[" * 50_000 + "]" * 50_000
    texts["deep"] += "}"
    properties = {f"c{n}": n for n in range(3000)}
    texts["wide"] = collection([good])
    texts["wide"]["features"][0]["properties"] = properties
    texts |= links(good, f"http://{address}/system")
    for name, value in texts.items():
        path = folder / f"features-{name}.geojson"
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        yield path


def links(good: dict, url: str) -> dict[str, str]:
    """GeoJSON whose reference system is somewhere else."""
    system = {"type": "link", "properties": {"href": url, "type": "proj4"}}
    whole = collection([good])
    del whole["crs"]
    text = json.dumps(whole)
    late = text[:-1] + ', "crs": ' + json.dumps(system) + "}"
    other = {"properties": {"url": url}, "type": "URL"}
    spaced = json.dumps({**whole, "crs": system}, indent=6)
    hidden = json.dumps({**whole, "crs": system}).replace('"link"', '"\\u006cink"')
    key = json.dumps({**whole, "crs": system}).replace('"crs"', '"\\u0063rs"')
    inner = json.dumps({**whole, "features": [{**whole["features"][0], "crs": system}]})
    named = json.dumps({**whole, "crs": {"type": "name", "properties": {"name": url}}})
    return {
        "link": json.dumps({**whole, "crs": system}),
        "link-late": late,
        "link-url": json.dumps({**whole, "crs": other}),
        "link-spaced": spaced,
        "link-hidden": hidden,
        "link-key": key,
        "link-inner": inner,
        "link-name": named,
    }


def drawings(folder: Path, address: str) -> Iterator[Path]:
    """KML that calls, shapefiles whose side-cars do."""
    place = "<Placemark><name>a</name><Polygon><outerBoundaryIs><LinearRing><coordinates>"
    place += "102.4,27 102.41,27 102.41,27.01 102.4,27</coordinates></LinearRing>"
    place += "</outerBoundaryIs></Polygon></Placemark>"
    url = f"http://{address}/kml"
    head = '<?xml version="1.0"?>\n'
    kml = '<kml xmlns="http://www.opengis.net/kml/2.2">'
    entity = f'<!DOCTYPE kml [<!ENTITY x SYSTEM "{url}">]>'
    laughs = "<!DOCTYPE kml [<!ENTITY a0 'ha'>" + "".join(
        f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)
    )
    laughs += "]>"
    icon = f"<Style id='s'><IconStyle><Icon><href>{url}</href></Icon></IconStyle></Style>"
    texts = {
        "link": f"{head}{kml}<NetworkLink><Link><href>{url}</href></Link></NetworkLink></kml>",
        "both": f"{head}{kml}<Document>{icon}<NetworkLink><Link><href>{url}</href></Link>"
        f"</NetworkLink>{place}</Document></kml>",
        "entity": f"{head}{entity}{kml}<Document>&x;{place}</Document></kml>",
        "laughs": f"{head}{laughs}{kml}<Document><name>&a11;</name>{place}</Document></kml>",
        "padded": f"{head}<!--{'x' * 70_000}-->{entity}{kml}<Document>{place}</Document></kml>",
        "overlay": f"{head}{kml}<Document><GroundOverlay><Icon><href>{url}</href></Icon>"
        f"</GroundOverlay>{place}</Document></kml>",
        "schema": f'{head}<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:xsi="http://www.w3.org/'
        f'2001/XMLSchema-instance" xsi:schemaLocation="{url} {url}.xsd">{place}</kml>',
        "folders": f"{head}{kml}{'<Folder>' * 3000}{place}{'</Folder>' * 3000}</kml>",
        "parts": f"{head}{kml}<Placemark>{'<MultiGeometry>' * 500}<Point><coordinates>1,1"
        f"</coordinates></Point>{'</MultiGeometry>' * 500}</Placemark></kml>",
    }
    for name, text in texts.items():
        path = folder / f"drawing-{name}.kml"
        path.write_text(text)
        yield path
    systems = {"prj": url, "prj-curl": f"/vsicurl/{url}", "prj-long": "A[" * 50_000}
    for name, system in systems.items():
        path = folder / f"shape-{name}.shp"
        rasters.write_polygons(path, [shapely.box(X, Y - 500, X + 200, Y - 300)])
        path.with_suffix(".prj").write_text(system)
        yield path
    sheet = f"<VRTDataset rasterXSize='9' rasterYSize='9'><SourceFilename>{url}</SourceFilename>"
    vector = f"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>{url}</SrcDataSource>"
    for name, text in (
        ("vrt.tif", sheet),
        ("vrt.geojson", vector),
        ("wms.tif", f"<GDAL_WMS><Service name='WMS'><ServerUrl>{url}</ServerUrl></Service>"),
        ("wfs.geojson", f"<OGRWFSDataSource><URL>{url}</URL></OGRWFSDataSource>"),
        ("wfs.kml", f"<OGRWFSDataSource><URL>{url}</URL></OGRWFSDataSource>"),
        ("curl.geojson", f'"/vsicurl/{url}"'),
        ("esri.geojson", json.dumps({"type": "Topology", "href": url})),
        ("gml.json", f"<FeatureCollection xsi:schemaLocation='{url}'>Feature"),
        ("stac.json", json.dumps({"type": "Feature", "geometry": None, "properties": {},
                                  "assets": {"a": {"href": url}}})),
        ("url.hdr", f"ENVI\nsamples = 9\nlines = 9\nbands = 1\ndata type = 1\n"
                    f"coordinate system string = {{{url}}}\n"),
    ):  # fmt: skip
        path = folder / f"points-{name}"
        path.write_text(text)
        yield path
    (folder / "points-url.dat").write_bytes(bytes(81))


def pixels(folder: Path) -> Iterator[Path]:
    """GeoTIFFs that are small and say that they are large."""
    for count in (1000, 8000, 65535):
        path = folder / f"bands-{count}.tif"
        _empty(path, 8, 8, count=count, interleave="pixel")
        yield path
    yield _empty(folder / "giant.tif", 2_000_000, 2_000_000)
    yield _empty(folder / "sparse.tif", 160_000, 90_000)
    yield _empty(folder / "block.tif", 40_000, 40_000, blockysize=25_000)
    yield _empty(folder / "one-block.tif", 30_000, 30_000, blockysize=30_000)
    yield _empty(folder / "row.tif", 1, 4_000_000)
    yield _empty(folder / "column.tif", 4_000_000, 1)
    for name, place in (
        ("nan", Affine(np.nan, 0, X, 0, -12.5, Y)),
        ("far", Affine(12.5, 0, 1e300, 0, -12.5, Y)),
        ("large", Affine(1e300, 0, X, 0, -1e300, Y)),
        ("small", Affine(1e-300, 0, X, 0, -1e-300, Y)),
    ):
        yield _empty(folder / f"place-{name}.tif", 8, 8, transform=place)
    tags = {f"TAG_{n}": "x" * 50 for n in range(30_000)}
    for name, about in (
        ("tags", tags),
        ("tag", {"A": "x" * 5_000_000}),
        ("markup", {"AREA_OR_POINT": "Area", "units": "<script>![x](http://127.0.0.1)</script>"}),
    ):
        path = folder / f"said-{name}.tif"
        with _new(path, 8, 8) as target:
            target.write(np.ones((1, 8, 8), np.float32))
            target.update_tags(**about)
            target.set_band_description(1, f"![x](http://127.0.0.1)<img src=x>{'y' * 9000}")
        yield path
    path = folder / "scale.tif"
    with _new(path, 8, 8, nodata=3e38) as target:
        target.write(np.full((1, 8, 8), 3e38, np.float32))
        target.scales, target.offsets = (1e300,), (-1e300,)
    yield path


def _new(path: Path, width: int, height: int, count: int = 1, transform=None, **how):
    place = transform or Affine(12.5, 0, X, 0, -12.5, Y)
    about = {"driver": "GTiff", "width": width, "height": height, "count": count,
             "dtype": "float32", "crs": rasters.UTM, "transform": place, "SPARSE_OK": "TRUE",
             "BIGTIFF": "YES", "compress": "DEFLATE", **how}  # fmt: skip
    if how.get("interleave") == "pixel":
        about["dtype"] = "uint8"
    return rasterio.open(path, "w", **about)


def _empty(path: Path, width: int, height: int, **how) -> Path:
    with _new(path, width, height, **how):
        pass
    return path


def tables(folder: Path) -> Iterator[Path]:
    """Tables without end in one direction, or of no numbers."""
    rows = "".join(f"{102.4 + n * 1e-4},{27.2 + n * 1e-4},{n}\n" for n in range(30))
    texts = {
        "columns": ",".join(f"c{n}" for n in range(200_000)) + "\n" + "1," * 200_000 + "\n",
        "commas": "," * 3_000_000,
        "line": "lon,lat,vel" + "x" * 3_000_000,
        "quote": 'lon,lat,vel\n"' + rows * 200,
        "huge": "lon,lat,vel\n1e308,1e308,1e308\n-1e308,nan,inf\n" + rows,
        "digits": f"lon,lat,vel\n{'9' * 5000},27,1\n" + rows,
        "formula": "lon,lat,=cmd|' /C calc'!A0\n" + rows,
        "zero": "lon,lat,vel\n" + "\0" * 100_000,
        "rows": "lon,lat,vel\n" + ",\n" * 500_000,
    }
    for name, text in texts.items():
        path = folder / f"table-{name}.csv"
        path.write_text(text)
        yield path


def packed(folder: Path, address: str) -> Iterator[Path]:
    """Archives of the above, and of much of nothing."""
    inner = json.dumps(collection([polygon(ring(500, 1))]))
    link = links(polygon(ring(5, 1)), f"http://{address}/zip")["link-late"]
    for name, text in (("ring", inner), ("link", link)):
        path = folder / f"packed-{name}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("slides.geojson", text)
        yield path
    for name in ("endless", "generated"):
        path = folder / f"packed-{name}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(folder / f"db-{name}.gpkg", "slides.gpkg")
        yield path
    path = folder / "packed-many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for n in range(20_000):
            archive.writestr(f"{n}.tif", b"")
    yield path
    path = folder / "packed-bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("slides.geojson", b"[" * (240 << 20))
    yield path
