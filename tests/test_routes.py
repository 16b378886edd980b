"""The server answers tiles and assets, and nothing else."""

import asyncio
import gzip
import json
from dataclasses import dataclass, field
from urllib.parse import unquote

import pytest
from starlette.applications import Starlette

from core.maps import frontend
from core.maps.routes import routes
from core.scene import store
from tests.test_tiles import tile_of


@dataclass
class Answer:
    status_code: int = 0
    headers: dict = field(default_factory=dict)
    content: bytes = b""

    @property
    def text(self):
        return self.content.decode()


class Client:
    """Asks an ASGI application as its server would; Starlette's own client needs another HTTP
    package."""

    def __init__(self, base=""):
        self._app = Starlette(routes=routes(base))

    def get(self, address, client=None, headers=()):
        path, _, query = address.partition("?")
        scope = {
            "type": "http",
            "method": "GET",
            "path": unquote(path),
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": list(headers),
            "client": client,
        }
        answer = Answer()

        async def receive():
            await asyncio.Event().wait()  # a client that stays on the line

        async def send(message):
            if message["type"] == "http.response.start":
                answer.status_code = message["status"]
                answer.headers = {k.decode(): v.decode() for k, v in message["headers"]}
            else:
                answer.content += message.get("body", b"")

        asyncio.run(self._app(scope, receive, send))
        return answer


@pytest.fixture
def server():
    return Client()


def tile(scene, layer, z=14, dx=0):
    x, y, _, _ = tile_of(scene, 90, 300, z)
    return f"/maps/tiles/scene/{scene.name}/{layer}/{z}/{x + dx}/{y}"


def test_tile_of_a_factor(server, tiny_scene):
    answer = server.get(tile(tiny_scene, "slope"))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    assert len(answer.content) == 256 * 256


def test_values_are_packed_for_a_viewer_elsewhere_alone(server, tiny_scene):
    address, accepts = tile(tiny_scene, "slope"), [(b"accept-encoding", b"gzip, br")]
    here = server.get(address, client=("127.0.0.1", 1), headers=accepts)
    far = server.get(address, client=("192.0.2.7", 1), headers=accepts)
    assert "content-encoding" not in here.headers and len(here.content) == 256 * 256
    assert far.headers["content-encoding"] == "gzip" and len(far.content) < 256 * 256
    assert gzip.decompress(far.content) == here.content
    assert server.get(address, client=("192.0.2.7", 1)).content == here.content


def test_tile_of_a_run(server, tiny_runs):
    path = tile_of(store.load("tiny"), 90, 300, 14)
    run = tiny_runs[0].id
    address = f"/maps/tiles/run/{run}/tiny/probability/14/{path[0]}/{path[1]}"
    assert server.get(address).status_code == 200
    assert server.get(address.replace("probability", "mask")).status_code == 404
    assert server.get(address.replace("probability", "baseline_rf")).status_code == 404
    assert server.get(address.replace("/tiny/", "/other/")).status_code == 404


def test_outside_is_empty(server, tiny_scene):
    answer = server.get(tile(tiny_scene, "slope", dx=50))
    assert answer.status_code == 204 and answer.content == b""


@pytest.mark.parametrize(
    "address",
    [
        "/maps/tiles/scene/none/slope/14/0/0",
        "/maps/tiles/scene/tiny/none/14/0/0",
        "/maps/tiles/scene/tiny/true-colour/14/0/0",
        "/maps/tiles/scene/..%2ftiny/slope/14/0/0",
        "/maps/tiles/scene/tiny/..%2f..%2fstack/14/0/0",
        "/maps/outlines/none.json",
        "/maps/assets/..%2froutes.py",
        f"/maps/{frontend.path('..%2froutes.py')}",
        f"/maps/{frontend.path('none.js')}",
        "/maps/assets/older/compare.js",
        "/maps/leaflet/..%2f__init__.py",
    ],
)
def test_what_is_no_id_is_not_found(server, tiny_scene, address):
    assert server.get(address).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/maps/tiles/scene/tiny/slope/99/0/0",
        "/maps/tiles/scene/tiny/slope/14/a/0",
        "/maps/tiles/scene/tiny/slope/14/0/0.jpg",
        "/maps/tiles/scene/.hidden/slope/14/0/0",
        "/maps/tiles/run/../tiny/probability/14/0/0",
        "/maps/tiles/run/%2e%2e/tiny/probability/14/0/0",
        "/maps/outlines/%2e%2e.json",
    ],
)
def test_what_can_be_no_tile_and_no_name_is_refused(server, tiny_scene, address):
    answer = server.get(address)
    assert answer.status_code == 400 and answer.text.count("\n") == 1


def test_a_version_may_be_kept_forever(server, tiny_scene):
    assert "immutable" in server.get(tile(tiny_scene, "slope") + "?v=1").headers["cache-control"]
    assert server.get(tile(tiny_scene, "slope")).headers["cache-control"] == "no-cache"


def test_outlines_are_geojson(server, tiny_scene):
    answer = server.get("/maps/outlines/tiny.json")
    assert answer.headers["content-type"] == "application/geo+json"
    assert json.loads(answer.content)["type"] == "FeatureCollection"


def test_leaflet_and_our_scripts_are_served(server):
    assert "Leaflet 1.9.3" in server.get("/maps/leaflet/leaflet.js").text[:200]
    for name, content in frontend.FILES.items():
        answer = server.get(f"/maps/{frontend.path(name)}")
        assert answer.content == content
        assert "immutable" in answer.headers["cache-control"]
        kind = "text/javascript" if name.endswith(".js") else "text/css"
        assert answer.headers["content-type"].startswith(kind)


@pytest.mark.parametrize("base", ["slides", "/slides/", "slides/"])
def test_base_path_comes_first(base):
    served = Client(base)
    assert served.get("/slides/maps/leaflet/leaflet.js").status_code == 200
    assert served.get("/maps/leaflet/leaflet.js").status_code == 404


ODD = ("9" * 400, "9" * 5000, "1e308", "nan", "-1", "1.5", "٣", "0x1", "%20", "%00")


@pytest.mark.parametrize("value", ODD)
def test_numbers_that_are_no_tile_are_refused_in_a_sentence(server, value):
    for z, x, y in ((value, 0, 0), (0, value, 0), (0, 0, value)):
        answer = server.get(f"/maps/tiles/scene/tiny/elevation/{z}/{x}/{y}")
        assert answer.status_code == 400
        assert answer.text.startswith("No tile '") and answer.text.count("\n") == 1
        assert len(answer.text) < 300


@pytest.mark.parametrize("value", ("", "nan", "inf", "-inf", "1e308", "9" * 400, "9" * 5000, "x"))
def test_a_place_that_is_none_is_refused_in_a_sentence(server, tiny_scene, value):
    for query in (f"lat={value}&lng=102", f"lat=27&lng={value}", f"lng={value}"):
        answer = server.get(f"/maps/values/tiny.json?{query}")
        assert answer.status_code == 400 and answer.text.startswith("No place at lat ")
    assert server.get("/maps/values/tiny.json?lat=-1e9&lng=1e9").status_code == 204


@pytest.mark.parametrize("name", ("..", "...", "-x", "x" * 3000, "a b", "con "))
def test_what_can_be_no_name_is_refused_in_a_sentence(server, name):
    for address in (f"values/{name}.json?lat=1&lng=1", f"tiles/scene/{name}/elevation/0/0/0",
                    f"outlines/{name}.json"):  # fmt: skip
        answer = server.get(f"/maps/{address}")
        assert answer.status_code == 400 and answer.text.startswith("Invalid name '")
