"""Eight clients at once that ask the server for tiles of the map, one after the other."""

import http.client
import math
import random
import time
from concurrent.futures import ProcessPoolExecutor
from urllib.parse import urlsplit

from core.maps import layers
from core.scene import store as scenes

# Of every scene equally many different tiles: the smallest has but some more.
CLIENTS, TILES, DIFFERENT = 8, 150, 160


def ask(server: str, scene_name: str) -> list[float]:
    """Milliseconds of every answer; the first tenth of each client is not counted."""
    addresses = _addresses(scene_name)
    asked = [random.Random(n).choices(addresses, k=TILES) for n in range(CLIENTS)]
    with ProcessPoolExecutor(CLIENTS) as pool:
        found = pool.map(_client, [server] * CLIENTS, asked)
        return [ms for times in found for ms in times[TILES // 10 :]]


def _client(server: str, addresses: list[str]) -> list[float]:
    line = http.client.HTTPConnection(urlsplit(server).netloc)
    times = []
    for address in addresses:
        start = time.perf_counter()
        line.request("GET", address)
        answer = line.getresponse()
        body = answer.read()
        times.append(1000 * (time.perf_counter() - start))
        whole = len(body) == 65536 or body[:4] == b"\x89PNG"
        assert answer.status == 200 and whole, (address, answer.status)
    return times


def _addresses(scene_name: str) -> list[str]:
    """`DIFFERENT` tiles of all layers, from the raster's own zoom level to three above it."""
    scene = scenes.load(scene_name)
    value = layers.prepared(scene)
    shown = [*layers.prediction_layers(scene), *layers.scene_layers(scene)]
    (south, west), (north, east) = value["bounds"]
    draw = random.Random(0)
    found = set()
    while len(found) < DIFFERENT:
        zoom = draw.randint(value["zoom"] - 3, value["zoom"])
        # Not at the very rim, where the warped scene has corners without data.
        at = [
            low + draw.uniform(0.1, 0.9) * (high - low)
            for low, high in ((west, east), (south, north))
        ]
        x, y = _tile(*at, zoom)
        found.add("/" + draw.choice(shown).url.format(z=zoom, x=x, y=y))
    return sorted(found)


def _tile(lng: float, lat: float, zoom: int) -> tuple[int, int]:
    """Column and row of the web map's tile at a place."""
    across = (lng + 180) / 360
    down = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int(across * 2**zoom), int(down * 2**zoom)
