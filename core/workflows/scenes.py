"""What is stored: `scenes`. Apart from the import, whose libraries take a second to load."""

from core.jobs.report import Report
from core.scene import store
from core.workflows import damaged
from core.workflows.requests import ScenesRequest


def listed(request: ScenesRequest, report: Report) -> dict:
    for broken in [damaged.scene(name) for name in request.delete]:
        broken.delete()
    if request.classes:
        from core.scene import class_looks  # here: a list needs no library of rasters

        name, factor, file = request.classes
        class_looks.read(store.load(name), factor, file)
    found = store.listing()
    return {
        "scenes": [_line(scene) for scene in found.items],
        "deleted": list(request.delete),
        "damaged": [each.to_json() for each in found.damaged],
    }


def _line(scene: store.Scene) -> dict:
    keys = ("scene", "kind", "width", "height", "crs", "factors", "landslide_share", "synthetic")
    described = describe(scene)
    return {key: described[key] for key in keys} | {"created": scene.created}


def describe(scene: store.Scene) -> dict:
    """The object that `import --json` prints."""
    grid, inventory = scene.grid, scene.inventory or {}
    return {
        "scene": scene.name,
        "kind": scene.kind,
        "width": grid.width,
        "height": grid.height,
        "crs": grid.crs,
        "resolution": grid.resolution[0],
        "tile": scene.tile,
        "factors": list(scene.factor_names),
        "details": [
            {
                "factor": f.name,
                "kind": f.kind,
                "unit": f.unit,
                "source": f.source,
                "valid_share": f.valid_share,
                "minimum": f.minimum,
                "maximum": f.maximum,
                "classes": len(f.legend) if f.legend else None,
            }
            for f in scene.factors
        ],
        "landslide_share": scene.landslide_share,
        "landslides": inventory.get("polygons"),
        "polygons_without_pixel": inventory.get("polygons_without_pixel"),
        "synthetic": scene.synthetic,
        "fingerprint": scene.fingerprint,
        "notes": list(scene.notes),
    }
