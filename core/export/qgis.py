"""A QGIS project that opens the exported layers styled, wherever the folder is moved to."""

from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

from rasterio.crs import CRS

from core.export import rasters, styles
from core.export.polygons import GEOPACKAGE
from core.export.provenance import Origin
from core.language.translation import tr
from core.learning.prediction.outlining import LAYER
from core.scene.grid import Grid

PROJECT = "map.qgs"
POLYGONS = "landslides"
TITLES = {
    rasters.PROBABILITY: "Landslide probability",
    rasters.MASK: "Predicted mask, p ≥ {threshold:g}",
    rasters.UNCERTAINTY: "Uncertainty (standard deviation)",
    POLYGONS: "Predicted landslides, p ≥ {threshold:g}",
}
# What is switched off at first: it would hide what lies below.
HIDDEN = (rasters.MASK, rasters.UNCERTAINTY)


def write(origin: Origin, names: tuple[str, ...], folder: Path) -> None:
    """Write map.qgs with the layers `names`, the topmost first; paths in it are relative."""
    title = f"{origin.run.title}: {origin.scene.name}"
    title += tr(", synthetic scene") if origin.synthetic else ""
    root = Element("qgis", {"version": styles.QGIS, "projectname": title})
    SubElement(root, "title").text = title
    grid = origin.scene.grid
    if grid.crs:
        SubElement(root, "projectCrs").append(_system(grid))
    tree = SubElement(root, "layer-tree-group")
    layers = SubElement(root, "projectlayers")
    order = SubElement(root, "layerorder")
    for name in names:
        _tree_layer(tree, name, origin)
        layers.append(_layer(name, origin))
        SubElement(order, "layer", {"id": _id(name)})
    _canvas(root, grid)
    properties = SubElement(root, "properties")
    paths = SubElement(properties, "Paths")
    SubElement(paths, "Absolute", {"type": "bool"}).text = "false"
    if grid.crs:
        # Without it QGIS leaves the project's reference system unread.
        projected = SubElement(properties, "SpatialRefSys")
        SubElement(projected, "ProjectionsEnabled", {"type": "int"}).text = "1"
    styles.save(root, folder / PROJECT)


def _id(name: str) -> str:
    """Of a layer in the project: QGIS gives an id of up to ten letters a new one."""
    return f"slidescope-{name}"


def _title(name: str, origin: Origin) -> str:
    return tr(TITLES[name]).format(threshold=origin.threshold)


def _source(name: str) -> tuple[str, str]:
    """(data source, provider)."""
    if name == POLYGONS:
        return f"./{GEOPACKAGE}|layername={LAYER}", "ogr"
    return f"./{name}.tif", "gdal"


def _tree_layer(tree: Element, name: str, origin: Origin) -> None:
    source, provider = _source(name)
    checked = "Qt::Unchecked" if name in HIDDEN else "Qt::Checked"
    about = {
        "id": _id(name),
        "name": _title(name, origin),
        "source": source,
        "providerKey": provider,
    }
    SubElement(tree, "layer-tree-layer", about | {"checked": checked, "expanded": "0"})


def _layer(name: str, origin: Origin) -> Element:
    source, provider = _source(name)
    vector = name == POLYGONS
    kind = {"type": "vector", "geometry": "Polygon"} if vector else {"type": "raster"}
    layer = Element("maplayer", {**kind, "autoRefreshEnabled": "0"})
    SubElement(layer, "id").text = _id(name)
    SubElement(layer, "datasource").text = source
    SubElement(layer, "layername").text = _title(name, origin)
    if origin.scene.grid.crs:
        SubElement(layer, "srs").append(_system(origin.scene.grid))
    about = {"encoding": "UTF-8"} if vector else {}
    SubElement(layer, "provider", about).text = provider
    layer.extend(styles.elements(name))
    return layer


def _system(grid: Grid) -> Element:
    """The reference system by its well-known text, and by its number where it has one."""
    crs = CRS.from_user_input(grid.crs)
    system = Element("spatialrefsys", {"nativeFormat": "Wkt"})
    SubElement(system, "wkt").text = crs.to_wkt()
    code = crs.to_epsg()
    if code:
        SubElement(system, "srid").text = str(code)
        SubElement(system, "authid").text = f"EPSG:{code}"
    return system


def _canvas(root: Element, grid: Grid) -> None:
    canvas = SubElement(root, "mapcanvas", {"name": "theMapCanvas", "annotationsVisible": "1"})
    SubElement(canvas, "units").text = "meters" if grid.is_projected else "unknown"
    extent = SubElement(canvas, "extent")
    for name, value in zip(("xmin", "ymin", "xmax", "ymax"), grid.bounds):
        SubElement(extent, name).text = repr(value)
    SubElement(canvas, "rotation").text = "0"
    if grid.crs:
        SubElement(canvas, "destinationsrs").append(_system(grid))
