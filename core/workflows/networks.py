"""Networks as such: what there is, carried away and brought back, looked into (`models`, `pack`,
`load`, `channels`, `applicability`, `attention`)."""

from pathlib import Path

from core.errors import SlideScopeError
from core.jobs.report import Report
from core.learning.request import (
    ApplicabilityRequest,
    AttentionRequest,
    ChannelsRequest,
    LoadRequest,
    PackRequest,
)
from core.runs import store as runs
from core.workflows.requests import ModelsRequest
from models import catalogue


def list_models(request: ModelsRequest, report: Report) -> dict:
    return {
        "channels": request.channels,
        "tile": 128,
        "models": catalogue.describe_all(request.channels),
    }


def pack(request: PackRequest, report: Report) -> dict:
    from core.learning.networks import bundle

    run = runs.load(request.run_id)
    return bundle.pack(run, Path(request.out or f"{run.id}.zip").expanduser())


def load(request: LoadRequest, report: Report) -> dict:
    from core.learning.networks import loading

    return loading.load(Path(request.file).expanduser(), request.name, report)


def channels(request: ChannelsRequest, report: Report) -> dict:
    from core.learning.explain import channel_view

    run = runs.load(request.run_id)
    runs.check_network(run)
    return channel_view.measure(run, request, report)


def applicability(request: ApplicabilityRequest, report: Report) -> dict:
    from core.learning.explain import applicability as area
    from core.learning.scores import inside
    from core.runs.measured import scene_of

    run = runs.load(request.run_id)
    scene = scene_of(run, request.scene)
    found = area.measure(run, scene, request.points, request.seed, report)
    if scene.inventory:
        found["scores"] = inside.scores(run, scene.name)
    return found


def attend(request: AttentionRequest, report: Report) -> dict:
    from core.learning.explain import attention
    from core.runs.measured import scene_of

    run = runs.load(request.run_id)
    runs.check_network(run)
    attention.check_gates(run)
    scene = scene_of(run, request.scene)
    tile = request.tile
    if tile is None:
        if request.x is None or request.y is None:
            raise SlideScopeError(
                "No tile given: attention is of one tile; add --tile N, or --x and --y of a pixel."
            )
        tile = attention.tile_at(scene, request.x, request.y)
    return attention.compute_tile(run, scene, tile, report)
