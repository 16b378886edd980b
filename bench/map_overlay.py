"""What a map with folium's ImageOverlay does on a new threshold: a new picture of the whole scene.

The picture is made of the same 8-bit probabilities and the same colours as ours; that it is
stretched into its bounding box, and so lies wrong by up to kilometres, costs it nothing here.
"""

import time
from collections.abc import Iterator

import folium
import numpy as np
import rasterio

from core.display import bins
from core.maps import colours, comparison, layers
from core.runs import store as runs
from core.scene.store import Scene

THRESHOLDS = (0.3, 0.5, 0.7, 0.4, 0.6)
PAGE = "maps/overlay/page.html"  # so that ../../maps/leaflet is our Leaflet


def answers(server: str, page, scene: Scene) -> list[float]:
    """Milliseconds from a threshold to the painted frame, once for each threshold."""
    run = next(run for run in runs.runs() if run.config.scene == scene.name)
    with rasterio.open(run.prediction() / "probability.tif") as source:
        shown = bins.to_display(source.read(1))
    return list(_answers(server, page, scene, shown))


def _answers(server: str, page, scene: Scene, shown: np.ndarray) -> Iterator[float]:
    html = {}
    page.route(
        f"{server}/{PAGE}", lambda route: route.fulfill(body=html["now"], content_type="text/html")
    )
    for threshold in THRESHOLDS:
        start = time.perf_counter()
        html["now"] = _map(scene, shown, threshold).get_root().render()
        page.goto(f"{server}/{PAGE}")
        image = page.locator("img.leaflet-image-layer")
        image.wait_for()
        image.evaluate(
            "async (e) => { await e.decode();"
            " await new Promise((d) => requestAnimationFrame(() => requestAnimationFrame(d))); }"
        )
        yield 1000 * (time.perf_counter() - start)


def _map(scene: Scene, shown: np.ndarray, threshold: float) -> folium.Map:
    value = layers.prepared(scene)
    made = comparison.OfflineMap(tiles=None, attribution_control=False)
    made.fit_bounds(value["bounds"])
    folium.raster_layers.ImageOverlay(_table(threshold)[shown], value["bounds"]).add_to(made)
    return made


def _table(threshold: float) -> np.ndarray:
    """uint8 (256, 4): colours of display values, transparent below the threshold."""
    packed = bytes.fromhex(colours.packed(colours.PROBABILITY))
    ramp = np.frombuffer(packed, np.uint8).reshape(-1, 3)
    table = np.zeros((256, 4), np.uint8)
    used = np.arange(bins.first_bin(threshold), bins.BINS)
    table[used + 1, :3] = ramp[np.round((used + 0.5) / bins.BINS * 255).astype(int)]
    table[used + 1, 3] = 255
    return table
