"""What a grid sample of the pixels says about every pair of factors: significance and rank.

On demand, and stored beside the analysis: it reads the factors once more. p-values belong to
Pearson's coefficient of the factors as plain numbers (`paper` coding); the measure that suits the
kinds of the two factors stands beside it.
"""

import numpy as np
from rasterio.windows import Window

from core.analysis.areas.area import WHOLE, Area, reader
from core.analysis.one_pass.coding import measure
from core.analysis.relations import association, pvalues
from core.analysis.relations.significance import GridSample
from core.errors import SlideScopeError
from core.jobs.report import Report, part, silent
from core.scene.store import BLOCK, Scene, SceneFactor

# More pixels would bring no more: neighbours repeat each other.
MOST_PIXELS = 10_000
# A sparse area lies on a grid with many empty places; its transforms still have to fit.
MOST_PLACES = 250_000
METHOD = (
    "Pearson's coefficient on a regular grid of pixels, p-values by Dutilleul's modified t-test "
    "(1993), adjusted for the number of pairs by Holm's method (1979)."
)


def compute(scene: Scene, analysis: dict, area: Area = WHOLE, report: Report = silent) -> dict:
    """Compute, store and return the significance of every pair of factors in `analysis`.

    {pixels, step_px, spacing_m, method, p_reason, pairs: [{a, b, r, effective_n, p, p_holm,
    p_pixels, spearman, measure, value}]}; `p_pixels` is what the plain t-test would have made of
    the same pixels.
    """
    names = analysis["pearson"]["factors"]
    factors = [scene.factor(name) for name in names]
    step, values = sample(scene, names, area, analysis["area"]["pixels"], part(report, 0, 0.7))
    across, down = scene.grid.resolution
    spacing = step * down, step * across
    alone = scene.kind == "tiles"
    grid = None if alone else GridSample(values, spacing)
    flat = values[:, np.isfinite(values).all(axis=0)]
    if flat.shape[1] < 4:
        raise SlideScopeError(
            f"The grid sample of '{area.words}' has {flat.shape[1]} pixels with data in all "
            "factors: a correlation needs four; choose a larger area."
        )
    pairs = []
    for i in range(len(names)):
        report("testing correlations", 0.7 + 0.3 * i / len(names))
        pairs += [_pair(factors, flat, grid, j, i) for j in range(i)]
    result = {
        "pixels": flat.shape[1],
        "step_px": step,
        "spacing_m": spacing[0] if scene.grid.is_projected else None,
        "method": METHOD,
        "p_reason": "Tiles have no place: no distance between their pixels." if alone else "",
        "pairs": pvalues.holm(pairs),
    }
    pvalues.save(scene, result, area)
    return result


def sample(
    scene: Scene, names, area: Area, pixels: int, report: Report = silent
) -> tuple[int, np.ndarray]:
    """Return (step, values float32 (factors, rows, columns)): every step-th pixel in both
    directions, NaN outside the area, at most `MOST_PIXELS` of the area's `pixels`."""
    places = scene.grid.width * scene.grid.height
    step = max(1, _root_up(pixels / MOST_PIXELS), _root_up(places / MOST_PLACES))
    while True:
        values = _every(scene, names, area, step, report)
        if np.isfinite(values).all(axis=0).sum() <= MOST_PIXELS:
            return step, values
        step += 1


def _root_up(ratio: float) -> int:
    return int(np.ceil(np.sqrt(ratio)))


def _every(scene: Scene, names, area: Area, step: int, report: Report) -> np.ndarray:
    """Read block row by block row, so that each block is decoded once."""
    first, height, found = step // 2, scene.grid.height, []
    for top in range(0, height, BLOCK):
        report("reading a grid of pixels", top / height)
        window = Window(0, top, scene.grid.width, min(BLOCK, height - top))
        rows = np.arange(first + -(-(top - first) // step) * step, top + window.height, step) - top
        rows = rows[rows >= 0]
        if not len(rows) or not area.touches(scene, window):
            found.append(np.full((len(names), len(rows), scene.grid.width), np.nan, np.float32))
            continue
        values = np.moveaxis(scene.read(names, window), -1, 0)
        if area.parts:
            here = area.mask(scene, window, reader(scene, names, values, window))
            values = np.where(here, values, np.nan)
        found.append(values[:, rows])
    return np.concatenate(found, axis=1)[:, :, first::step]


def _pair(factors: list[SceneFactor], flat: np.ndarray, grid: GridSample | None, a, b) -> dict:
    x, y = flat[a].astype(float), flat[b].astype(float)
    found = grid.test(a, b) if grid else None
    varies = np.ptp(x) > 0 and np.ptp(y) > 0
    r = float(np.corrcoef(x, y)[0, 1]) if varies else None
    return {
        "a": factors[a].name,
        "b": factors[b].name,
        "r": r,
        "effective_n": found.effective_n if found and varies else None,
        "p": found.p if found and varies else None,
        "p_pixels": _plain_p(x, y) if varies else None,
        "spearman": _number(association.spearman(x, y)),
        "measure": measure(factors[a], factors[b]),
        "value": _number(_suiting(factors[a], factors[b], x, y)),
    }


def _suiting(one: SceneFactor, other: SceneFactor, x: np.ndarray, y: np.ndarray) -> float:
    """The measure that suits the kinds of two factors."""
    if "categorical" in (one.kind, other.kind) and one.kind != "categorical":
        one, other, x, y = other, one, y, x
    if one.kind == "categorical":
        if other.kind == "categorical":
            return association.cramers_v(x, y)
        if other.kind == "circular":
            return association.circular_ratio(x, y)
        return association.correlation_ratio(x, y)
    if one.kind == other.kind == "circular":
        return association.circular_circular(x, y)
    if one.kind == "circular":
        return association.circular_linear(x, y)
    if other.kind == "circular":
        return association.circular_linear(y, x)
    return float(np.corrcoef(x, y)[0, 1]) if np.ptp(x) and np.ptp(y) else float("nan")


def _plain_p(x: np.ndarray, y: np.ndarray) -> float:
    from scipy import stats

    return float(stats.pearsonr(x, y).pvalue)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else value
