"""The landslide that tells most about a comparison: found on the right, missed on the left."""

import math

from core.learning.scores import operating_point
from core.maps import headline, layers, measured, place
from core.maps.sides import Side, first_pair, sides_of
from core.objects.found import find
from core.objects.object import Object
from core.scene.store import Scene

# Over the middle of the map, where the swipe's knob lies.
ABOVE_PX = 80


def landslide(scene: Scene, left: Side, right: Side, threshold: float) -> Object | None:
    """The largest landslide on the tiles of both sides' scores that the right one finds and the
    left one misses; None where there is none, or no two predictions."""
    files = [(side, headline.map_of(side)) for side in (left, right)]
    if left.id == right.id or not all(file for _, file in files):
        return None
    inside = measured.tiles((left, right), scene, "test")
    one, other = (
        {o.key: o for o in find(headline.ground(side, scene), file, inside, threshold).landslides}
        for side, file in files
        if file is not None
    )
    gained = [o for key, o in other.items() if o.hit and key in one and not one[key].hit]
    return max(gained, key=lambda o: (o.pixels, o.key), default=None)


def view(scene: Scene) -> dict[str, str]:
    """The address of Compare at the most telling landslide of the usual pair, at the threshold it
    opens at; without one it opens as it does."""
    known = sides_of(scene)
    left, right = (known[side] for side in first_pair(known))
    if right.run is None:
        return {}
    threshold = operating_point.start(right.run).threshold
    asked = {"left": left.id, "right": right.id, "threshold": f"{threshold:g}"}
    found = landslide(scene, left, right, threshold)
    if found is None:
        return asked
    (south, west), (north, east) = place.bounds(scene, found.box)
    prepared = layers.prepared(scene)
    zoom = prepared["zoom"] if prepared["georeferenced"] else 1
    middle = (south + north) / 2
    step = degrees(zoom, middle) if prepared["georeferenced"] else 1 / 2**zoom
    lat = middle - ABOVE_PX * step
    return {**asked, "at": f"{lat:.5f},{(west + east) / 2:.5f},{zoom}"}


def degrees(zoom: float, latitude: float) -> float:
    """Degrees of latitude of a pixel of the screen.

    >>> degrees(0, 0)
    1.40625
    """
    return 360 / 256 / 2**zoom * math.cos(math.radians(latitude))
