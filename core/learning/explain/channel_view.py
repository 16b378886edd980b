"""The channel view of a run: importance of its factors, and CBAM's gates where it has them."""

from typing import Any

import numpy as np

from core.jobs.report import Report, part, silent
from core.learning.explain import attention, channel_importance, effects
from core.learning.networks import network
from core.learning.networks.network import ModelCard
from core.learning.request import ChannelsRequest
from core.learning.scores import heldout
from core.learning.scores.heldout import HeldOut
from core.runs import channels as store
from core.runs.store import Run

GATES_SHARE, EFFECTS_SHARE = 0.2, 0.4


def measure(run: Run, asked: ChannelsRequest, report: Report = silent) -> dict:
    """Measure, store in channels.json and return the channel view of `run`.

    At most `asked.tiles` held-out tiles are used, all where there are no more.
    """
    channel_importance.check(asked.repeats, asked.tiles)
    held = heldout.held_out(run)
    report("Loading the network", None, run=run.id)
    built, card = network.load(run.path / "model")
    network.check_scene(card, held.scene)
    tiles = heldout.sample(held.tiles, heldout.with_landslide(held), asked.tiles, asked.seed)
    result = look(run, held, tiles, (built, card), asked, report)
    store.save(run, result)
    return result


def look(
    run: Run,
    held: HeldOut,
    tiles: np.ndarray,
    loaded: tuple[Any, ModelCard],
    asked: ChannelsRequest,
    report: Report = silent,
) -> dict:
    """Return the channel view on `tiles` of a loaded network; store its gates.

    Keys: where it was measured
    (run, scene, synthetic, area_words, split, tiles, tiles_held_out, landslide_tiles, repeats,
    seed, threshold, method), those of `channel_importance.importance`, effects (of
    `effects.curves`, None where not asked for), and attention {tiles: how many have their gates
    stored, held_out: which of them are held out, example: the one with most landslide}, None for a
    network without gates.
    """
    built, card = loaded
    stack = channel_importance.read(held.feed(card), tiles)
    landslides = (stack.reference == 1).sum(axis=(1, 2))
    gated = attention.has_gates(run)
    rest = 1 - GATES_SHARE if gated else 1.0
    before = rest * (1 - EFFECTS_SHARE) if asked.effects else rest
    found = channel_importance.importance(
        built, stack, asked.repeats, asked.seed, part(report, 0.0, before), asked.conditional
    )
    curves = None
    if asked.effects:
        curves = effects.curves(built, stack, report=part(report, before, rest))
    gates = None
    if gated:
        numbers = attention.chosen_tiles(held.scene, held.tiles)
        attention.compute(run, loaded, held.scene, numbers, part(report, rest, 1.0))
        gates = {
            "tiles": len(numbers),
            "held_out": np.intersect1d(numbers, held.tiles).tolist(),
            "example": int(tiles[landslides.argmax()]),
        }
    return {
        "run": run.id,
        "scene": held.scene.name,
        "synthetic": held.scene.synthetic,
        "area_words": held.words,
        "split": run.config.split,
        "tiles": len(tiles),
        "tiles_held_out": len(held.tiles),
        "landslide_tiles": int((landslides > 0).sum()),
        "repeats": asked.repeats,
        "seed": asked.seed,
        "threshold": channel_importance.THRESHOLD,
        "method": channel_importance.METHOD,
        **found,
        "effects": curves,
        "attention": gates,
    }
