"""Map tiles, outlines and assets on Streamlit's own port."""

import gzip
import os
from asyncio import get_running_loop
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, wraps
from pathlib import Path

import numpy as np
import rasterio
from rasterio.errors import RasterioError
from rasterio.windows import Window
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from xstatic.pkg import leaflet

from core import numerals
from core.errors import Damaged, InvalidName, NotFound, SlideScopeError
from core.language import reader
from core.language.translation import tr
from core.learning.scores import metrics
from core.maps import asked, changes, frontend, headline, layers, search, tiles
from core.maps.place import pixel
from core.runs import run_files
from core.runs import store as runs
from core.scene import store as scenes
from core.scene.store import Scene, SceneFactor

MOST_RUNS = 16
Answer = Callable[[Request], Awaitable[Response]]

LEAFLET = Path(leaflet.BASE_DIR)
# Few: more would wait for each other, and each keeps files open (`core.maps.tiles`).
READERS = ThreadPoolExecutor(max(2, os.cpu_count() or 2), "tiles")
HERE = ("127.0.0.1", "::1")
OF_RUN = {
    *("probability", layers.UNCERTAINTY, layers.APPLICABILITY, layers.BASELINE, layers.SPLIT),
}
FOREVER = "private, max-age=31536000, immutable"


def routes(base: str) -> list[Route | Mount]:
    """Routes under `base`, the server's `baseUrlPath` ('' or such as 'slides')."""
    root = f"/{base.strip('/')}" if base.strip("/") else ""
    root = f"{root}/{layers.PREFIX}"
    numbers = "{z}/{x}/{y}"
    return [
        Route(f"{root}/tiles/scene/{{scene}}/{{layer}}/{numbers}", scene_tile),
        Route(f"{root}/tiles/run/{{run}}/{{scene}}/{{layer}}/{numbers}", run_tile),
        Route(f"{root}/tiles/experiment/{{experiment}}/{{layer}}/{numbers}", change_tile),
        Route(f"{root}/values/{{scene}}.json", point_values),
        Route(f"{root}/search/{{scene}}.json", found_place),
        Route(f"{root}/headline/{{scene}}.json", headline_figures),
        Route(f"{root}/outlines/{{scene}}.json", outlines),
        Mount(f"{root}/leaflet", StaticFiles(directory=LEAFLET)),
        Route(f"{root}/assets/{{version}}/{{name}}", asset),
    ]


def spoken(answer: Answer) -> Answer:
    """Answer in the ?language= that the map speaks; in English where it is none of ours."""

    @wraps(answer)
    async def told(request: Request) -> Response:
        language = request.query_params.get("language", "")
        with reader.speaking(language if language in reader.LANGUAGES else reader.ENGLISH):
            return await answer(request)

    return told


async def asset(request: Request) -> Response:
    """A script or style of the map; one of another version is none of ours."""
    name = request.path_params["name"]
    if request.path_params["version"] != frontend.VERSION or name not in frontend.FILES:
        return Response(status_code=404)
    kind = frontend.TYPES[Path(name).suffix]
    return Response(frontend.FILES[name], media_type=kind, headers={"Cache-Control": FOREVER})


async def scene_tile(request: Request) -> Response:
    """One tile of a scene's layer."""
    ids = request.path_params
    return await _answer(request, lambda: layers.scene_rasters(ids["scene"], ids["layer"]))


async def run_tile(request: Request) -> Response:
    """One tile of a run's probability, uncertainty or applicability, of its pixel baseline's, or of
    its split."""
    ids = request.path_params
    if ids["layer"] not in OF_RUN:
        return Response(status_code=404)
    return await _answer(
        request, lambda: (layers.run_raster(ids["run"], ids["scene"], ids["layer"]),)
    )


async def change_tile(request: Request) -> Response:
    """One tile of the gained and lost pixels of a pair of an experiment."""
    ids = request.path_params
    return await _answer(request, lambda: (changes.file_of(ids["experiment"], ids["layer"]),))


async def outlines(request: Request) -> Response:
    """The reference inventory of a scene as GeoJSON."""
    try:
        file = layers.outlines_file(request.path_params["scene"])
    except SlideScopeError as error:
        return _refused(error)
    if not file.is_file():
        return Response(status_code=404)
    return FileResponse(file, media_type="application/geo+json", headers=_caching(request))


@spoken
async def point_values(request: Request) -> Response:
    """What lies at ?lat=&lng= of a scene, with the probabilities of every ?run=; 204 outside."""
    try:
        lat, lng = asked.place_of(request.query_params)
        scene = scenes.load(request.path_params["scene"])
    except SlideScopeError as error:
        return _refused(error)
    wanted = request.query_params.getlist("run")
    found = await run_in_threadpool(_at, scene, lat, lng, wanted)
    return Response(status_code=204) if found is None else JSONResponse(found)


@spoken
async def found_place(request: Request) -> Response:
    """{lat, lng} on the map of what ?text= says; 400 and a sentence where that is no place of the
    scene."""
    try:
        scene = scenes.load(request.path_params["scene"])
        text = request.query_params.get("text", "")
        lat, lng = await run_in_threadpool(search.find, scene, text)
    except SlideScopeError as error:
        return _refused(error)
    return JSONResponse({"lat": lat, "lng": lng})


@spoken
async def headline_figures(request: Request) -> Response:
    """What ?left= and ?right= of a scene find and mark in ?area= at every threshold, or, with
    ?threshold=, their false alarms at it; 404 where there is no such pair any more."""
    asked = request.query_params
    try:
        scene = scenes.load(request.path_params["scene"])
        pair = (scene, asked["left"], asked["right"], asked["area"])
        if "threshold" not in asked:
            return JSONResponse(await run_in_threadpool(headline.figures, *pair))
        threshold = float(asked["threshold"])
        metrics.check_threshold(threshold)
        return JSONResponse(await run_in_threadpool(headline.false_alarms, *pair, threshold))
    except (SlideScopeError, KeyError, ValueError, OSError, RasterioError):
        return Response(status_code=404)  # deleted or damaged this moment: the page says it


def _at(scene: scenes.Scene, lat: float, lng: float, wanted: list[str]) -> dict | None:
    place = pixel(scene, lat, lng)
    if place is None:
        return None
    row, column = place
    return {"row": row, "column": column, "values": values(scene, row, column, wanted)}


async def _answer(request: Request, find_files: Callable[[], tuple[Path, ...]]) -> Response:
    """400 for what cannot be a tile or a name, 404 for an id that is none, 204 outside the raster,
    else the tile."""
    try:
        z, x, y = asked.tile_of(*(request.path_params[axis] for axis in "zxy"))
        files = find_files()
    except SlideScopeError as error:
        return _refused(error)
    if not all(file.is_file() for file in files):
        return Response(status_code=404)
    try:
        content = await get_running_loop().run_in_executor(READERS, tiles.tile, files, z, x, y)
    except (OSError, RasterioError):  # deleted this moment, or damaged
        return Response(status_code=404)
    if content is None:
        return Response(status_code=204, headers=_caching(request))
    if len(files) > 1:
        return Response(content, media_type="image/png", headers=_caching(request))
    return await _values(content, request)


def _refused(error: SlideScopeError) -> Response:
    """404 for what is not there (any more), 400 and the sentence for what cannot be asked for."""
    if isinstance(error, NotFound | Damaged) and not isinstance(error, InvalidName):
        return Response(status_code=404)
    return PlainTextResponse(f"{tr(str(error))}\n", status_code=400)


async def _values(content: bytes, request: Request) -> Response:
    """Packed only for viewers elsewhere: on this machine packing would be most of the time."""
    headers = _caching(request)
    far = request.client is not None and request.client.host not in HERE
    if far and "gzip" in request.headers.get("accept-encoding", ""):
        content = await run_in_threadpool(gzip.compress, content, 1)
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type="application/octet-stream", headers=headers)


def _caching(request: Request) -> dict[str, str]:
    """An address with a version never changes its content; one without may."""
    return {"Cache-Control": FOREVER if "v" in request.query_params else "no-cache"}


def values(scene: Scene, row: int, column: int, run_ids: Sequence[str]) -> list[dict[str, str]]:
    """Return {title, text} of every factor, of the reference and of each run's probability."""
    stack = _read(scene.stack_path, scene.stack_path.stat().st_mtime_ns, row, column)
    found = [
        {"title": tr(item.known.title), "text": _words(item, value)}
        for item, value in zip(scene.factors, stack)
    ]
    if scene.mask_path is not None:
        mask = _read(scene.mask_path, scene.mask_path.stat().st_mtime_ns, row, column)
        text = tr("landslide") if mask[0] == 1 else tr("no landslide")
        found.append({"title": tr("Reference"), "text": text})
    return found + _probabilities(scene, row, column, run_ids)


def _probabilities(scene: Scene, row: int, column: int, run_ids: Sequence[str]) -> list[dict]:
    found = []
    for run_id in run_ids[:MOST_RUNS]:
        try:
            run = runs.load(run_id)
        except (NotFound, Damaged):
            continue  # deleted meanwhile
        file = run.prediction(scene.name) / run_files.PROBABILITY
        if file.exists() and not run.outdated(scene.name, scene.fingerprint):
            value = _read(file, file.stat().st_mtime_ns, row, column)[0]
            text = f"p {value:.3f}" if np.isfinite(value) else tr("no data")
            found.append({"title": tr(run.title), "text": text})
    return found


@lru_cache(maxsize=4096)
def _read(path: Path, _modified: int, row: int, column: int) -> tuple[float, ...]:
    with rasterio.open(path, driver="GTiff") as source:
        return tuple(source.read(window=Window(column, row, 1, 1))[:, 0, 0].tolist())


def _words(item: SceneFactor, value: float) -> str:
    if not np.isfinite(value):
        return tr("no data")
    if item.kind == "categorical":
        return tr(item.called.get(f"{value:.0f}", f"class {value:g}"))
    text = numerals.number(value, (item.maximum or 0) - (item.minimum or 0))
    return f"{text} {tr(item.unit)}" if item.unit else text
