"""The paired table: every arm's metrics over the seeds, and what one arm adds to another."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from core import paper
from core.errors import SlideScopeError
from core.experiments import statistics
from core.experiments.arms import Arm, Pair, pairs
from core.experiments.request import ExperimentRequest
from core.learning.prediction import products
from core.learning.scores import intervals, metrics
from core.learning.split import blocks_of
from core.learning.tiles.tiling import Tiling, tiling_of
from core.objects import detection
from core.runs import run_files
from core.runs.measured import scene_of
from core.runs.store import Run
from core.scene.store import Scene


@dataclass(frozen=True)
class Part:
    """Test `tiles` by number and the block (0 .. `count` - 1) of each of them."""

    tiling: Tiling
    tiles: np.ndarray
    block: np.ndarray
    label: int = metrics.TEST

    @property
    def count(self) -> int:
        return int(self.block.max()) + 1 if len(self.block) else 0

    @property
    def inside(self) -> np.ndarray:
        """bool (tiles of the scene,)."""
        return np.isin(np.arange(len(self.tiling)), self.tiles)

    def sums(self, counts: np.ndarray) -> np.ndarray:
        """Return int64 (blocks, 200, 2) of counts (tiles of the scene, 200, 2)."""
        found = np.zeros((self.count, *counts.shape[1:]), np.int64)
        np.add.at(found, self.block, counts[self.tiles])
        return found


THRESHOLD = products.THRESHOLD
SYNTHETIC = (
    "The scene is synthetic: how many of its landslides only the deformation rate shows was chosen "
    "by its generator, so a gain proves that the software finds it, not how large it is anywhere."
)
MAJORITY = (
    "McNemar counts an object as detected where more than half of the seeds detect it; a tie is "
    "a miss."
)

# Measured runs of an experiment by arm, then by seed.
Measured = Mapping[Arm, Mapping[int, Run]]


@dataclass(frozen=True)
class Scores:
    """Counts int (seeds, blocks, 200, 2) of an arm for `seeds`."""

    seeds: tuple[int, ...]
    counts: np.ndarray


def table(request: ExperimentRequest, measured: Measured) -> dict:
    """Return the paired table as plain values.

    Keys: scene, synthetic, preset, split, threshold, area_words, test_tiles, test_blocks,
    prevalence, table (a row an arm), gains (one a pair), notes and warnings (sentences).
    """
    first = _first(measured)
    scene = scene_of(first)
    part = part_of(first, scene)
    scores = {arm: _scores(runs, part) for arm, runs in measured.items() if runs}
    found = corrected([_gain(pair, measured, scores, scene, part) for pair in pairs(tuple(scores))])
    landslide, pixels = _prevalence(scores)
    own = first.test_scene == first.config.scene
    return {
        "scene": request.scene,
        "test_scene": scene.name,
        "synthetic": scene.synthetic,
        "preset": request.preset,
        "split": first.config.split,
        "threshold": THRESHOLD,
        "area_words": "held-out tiles" if own else "whole scene, none of it seen in training",
        "test_tiles": len(part.tiles),
        "test_blocks": part.count,
        "prevalence": landslide / pixels if pixels else 0.0,
        "table": [_row(arm, measured[arm], scores[arm]) for arm in scores],
        "gains": found,
        "notes": _notes(found, part, request),
        "warnings": _warnings(found, scene.synthetic),
    }


def paths_of(runs: Sequence[Run]) -> tuple:
    """Probability rasters of runs, on the scene that each is tested on."""
    return tuple(run.prediction() / run_files.PROBABILITY for run in runs)


def common(pair: Pair, measured: Measured) -> tuple[int, ...]:
    """Seeds that both arms of a pair were measured with."""
    before, after = (measured.get(arm, {}) for arm in (pair.before, pair.after))
    return tuple(sorted(set(before) & set(after)))


def _first(measured: Measured) -> Run:
    return next(run for runs in measured.values() for run in runs.values())


def _scores(runs: Mapping[int, Run], part: Part) -> Scores:
    counts = []
    for run in runs.values():
        counted, labels = products.load_counts(run.prediction())
        if not np.array_equal(np.flatnonzero(labels == part.label), part.tiles):
            raise SlideScopeError(
                f"Run '{run.id}' was tested on other tiles than the first of this experiment: a "
                "pair needs the same ones; start the experiment anew."
            )
        counts.append(part.sums(counted))
    return Scores(tuple(runs), np.stack(counts))


def _row(arm: Arm, runs: Mapping[int, Run], scores: Scores) -> dict:
    values = statistics.measures(scores.counts.sum(axis=1), THRESHOLD)
    sure = intervals.of_mean(scores.counts, THRESHOLD) or {}
    found = {
        name: {
            "mean": float(v.mean()),
            "sd": statistics.spread(v),
            "values": v.tolist(),
            "interval": list(sure[name]) if name in sure else None,
        }
        for name, v in values.items()
    }
    about = {"arm": arm.key, "title": arm.title, "model": arm.model, "dataset": arm.dataset}
    return {**about, "seeds": list(scores.seeds), "runs": [r.id for r in runs.values()], **found}


def _gain(pair: Pair, measured: Measured, scores: dict[Arm, Scores], scene, part: Part) -> dict:
    seeds = common(pair, measured)
    about = {"id": pair.id, "title": pair.title, "of_deformation": pair.of_deformation}
    about |= {"from": pair.before.key, "to": pair.after.key, "seeds": list(seeds)}
    if not seeds:
        return {**about, "metrics": {}, "mcnemar": None, "enough": False, "why": _NO_SEED}
    before, after = (_picked(scores[arm], seeds) for arm in (pair.before, pair.after))
    found = statistics.gains(before, after, THRESHOLD)
    why = statistics.too_little(part.count, len(seeds))
    one, other = (
        detection.detections(
            scene, paths_of([measured[arm][s] for s in seeds]), part.tiling, part.inside, THRESHOLD
        )
        for arm in (pair.before, pair.after)
    )
    majorities = statistics.majority(one), statistics.majority(other)
    return {
        **about,
        "metrics": {name: _values(gain) for name, gain in found.items()},
        "mcnemar": _mcnemar(*majorities, enough=why is None),
        "enough": why is None,
        "why": why,
    }


_NO_SEED = "Nothing to compare: no seed was measured in both arms."


def _picked(scores: Scores, seeds: Sequence[int]) -> np.ndarray:
    return scores.counts[[scores.seeds.index(seed) for seed in seeds]]


def _values(gain: statistics.Gain) -> dict:
    ends = None
    if gain.low is not None and gain.high is not None:
        ends = [100 * gain.low, 100 * gain.high]
    return {
        **asdict(gain),
        "points": gain.points,
        "percent": gain.percent,
        "interval_points": ends,
    }


def corrected(gains: Sequence[dict]) -> list[dict]:
    """Gains with `p_holm` beside every p, corrected over the pairs, in each metric and in
    McNemar's test apart."""
    names = dict.fromkeys(name for gain in gains for name in gain["metrics"])
    holm = {n: statistics.holm([g["metrics"].get(n, {}).get("p") for g in gains]) for n in names}
    objects = statistics.holm([gain["mcnemar"] and gain["mcnemar"]["p"] for gain in gains])
    found = []
    for number, gain in enumerate(gains):
        rows = {
            name: {**value, "p_holm": holm[name][number]} for name, value in gain["metrics"].items()
        }
        counted = gain["mcnemar"] and {**gain["mcnemar"], "p_holm": objects[number]}
        found.append({**gain, "metrics": rows, "mcnemar": counted})
    return found


def _mcnemar(before: np.ndarray, after: np.ndarray, enough: bool) -> dict:
    gained, lost = int((after & ~before).sum()), int((before & ~after).sum())
    return {
        "objects": len(before),
        "both": int((before & after).sum()),
        "gained": gained,
        "lost": lost,
        "neither": int((~before & ~after).sum()),
        "p": statistics.mcnemar(gained, lost) if enough else None,
    }


def _prevalence(scores: dict[Arm, Scores]) -> tuple[int, int]:
    counts = next(iter(scores.values())).counts[0]
    return int(counts[..., 1].sum()), int(counts.sum())


def _notes(gains: Sequence[dict], part: Part, request: ExperimentRequest) -> list[str]:
    found = dict.fromkeys(gain["why"] for gain in gains if gain["why"])
    if len(gains) > 1 and any(gain["enough"] for gain in gains):
        found[
            f"Holm: p corrected for the {len(gains)} pairs, in each metric apart; not for the "
            "number of metrics: say before which one counts."
        ] = None
    share = f"{100 * detection.DETECTED_SHARE:.0f} %"
    found[
        f"A landslide is detected when at least {share} of its pixels are predicted; only those "
        "that lie in the test tiles as a whole count."
    ] = None
    if request.seeds > 1:
        found[MAJORITY] = None
    return list(found)


def _warnings(gains: Sequence[dict], synthetic: bool) -> list[str]:
    circular = any(gain["of_deformation"] for gain in gains)
    return [paper.CIRCULARITY] * circular + [SYNTHETIC] * synthetic


def part_of(run: Run, scene: Scene) -> Part:
    """Return the test part of a measured run on the scene it is tested on."""
    _, labels = products.load_counts(run.prediction())
    tiles = np.flatnonzero(labels == metrics.TEST)
    tiling = tiling_of(scene)
    return Part(tiling, tiles, blocks_of(tiling, tiles, scene.kind))
