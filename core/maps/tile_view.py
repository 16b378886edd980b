"""Pictures of one tile: the ground, the prediction, and what CBAM's spatial gates let through."""

from dataclasses import dataclass

import numpy as np
import rasterio

from core.display import bins, stretch
from core.factors import BANDS, DEFORMATION, ELEVATION
from core.learning.tiles.tiling import read_mask, read_tile, tiling_of
from core.maps import colours, still
from core.numerals import fixed
from core.runs.channels import TileGates
from core.scene.store import Scene

SIDE = 256
# No factor's own map: a gate is no elevation and no probability.
GATE_COLOURS = "crameri:devon"
TRUE_COLOUR = BANDS[2::-1]


@dataclass(frozen=True)
class Picture:
    """`image` uint8 (256, 256, 3) and what it shows."""

    title: str
    note: str
    image: np.ndarray


def ground(scene: Scene, tile: int) -> list[Picture]:
    """True colour, hillshade and deformation rate, as far as the scene has them; the reference
    outlined."""
    tiling = tiling_of(scene)
    found = []
    if set(TRUE_COLOUR) <= set(scene.factor_names):
        values = read_tile(scene, tiling, tile, TRUE_COLOUR)
        found.append(("True colour", "", _true_colour(scene, values)))
    if ELEVATION in scene.factor_names:
        elevation = read_tile(scene, tiling, tile, (ELEVATION,))[..., 0]
        lit = still.on_paper(stretch.shade(elevation, stretch.pixel_metres(scene.grid)))
        found.append(("Hillshade", "", lit))
    if scene.has_deformation:
        rate = read_tile(scene, tiling, tile, (DEFORMATION,))[..., 0]
        item = scene.factor(DEFORMATION)
        scale = stretch.of(item)
        note = f"±{scale.hi:.0f} {item.unit}"
        shown = _coloured(scale.to_display(rate), 255, item.known.colours)
        found.append(("Deformation", note, shown))
    mask = _reference(scene, tile)
    return [Picture(title, note, _finish(image, mask)) for title, note, image in found]


def probability(scene: Scene, gates: TileGates) -> Picture:
    """The tile predicted alone, the reference outlined."""
    image = _coloured(gates.probability, bins.BINS, colours.PROBABILITY)
    return Picture("Probability", "0–1", _finish(image, _reference(scene, gates.tile)))


def spaces(scene: Scene, gates: TileGates) -> list[Picture]:
    """The spatial maps, each stretched over its own range, which its note gives."""
    mask = _reference(scene, gates.tile)
    found = []
    for gate, values in gates.space.items():
        low, high = float(values.min()), float(values.max())
        grey = (values - low) / max(high - low, 1e-6)
        image = _coloured(1 + np.rint(254 * grey), 255, GATE_COLOURS)
        note = f"{fixed(low, 2)}–{fixed(high, 2)}"
        found.append(Picture(gate_title(gate), note, _finish(image, mask)))
    return found


def gate_title(gate: str) -> str:
    """
    >>> gate_title("skip1")
    'Skip 1'
    """
    word = gate.rstrip("0123456789")
    return f"{word.capitalize()} {gate[len(word) :]}"


def png(image: np.ndarray) -> bytes:
    """Return uint8 (height, width, 3) as a PNG."""
    height, width, _ = image.shape
    how = {"driver": "PNG", "width": width, "height": height, "count": 3, "dtype": "uint8"}
    with rasterio.MemoryFile() as memory:
        with memory.open(**how) as target:
            target.write(np.moveaxis(image, -1, 0))
        return memory.read()


def _true_colour(scene: Scene, values: np.ndarray) -> np.ndarray:
    """Stretched between the scene's display quantiles, so that tiles can be compared."""
    scales = [stretch.of(scene.factor(name)) for name in TRUE_COLOUR]
    shown = [scale.to_display(values[..., i]) for i, scale in enumerate(scales)]
    image = np.stack(shown, axis=-1).astype(np.float32)
    return np.where(np.isfinite(values).all(axis=-1, keepdims=True), image, still.PAPER)


def _coloured(display: np.ndarray, top: int, table: str) -> np.ndarray:
    """float32 (height, width, 3) of display values 1..top; 0, no data, is paper."""
    ramp = [tuple(bytes.fromhex(c[1:])) for c in colours.table(table)]
    at = np.clip((display.astype(np.float32) - 1) / (top - 1) * 255, 0, 255).round().astype(int)
    image = np.array(ramp, np.float32)[at]
    return np.where((display > 0)[..., None], image, still.PAPER)


def _reference(scene: Scene, tile: int) -> np.ndarray | None:
    if scene.mask_path is None:
        return None
    return read_mask(scene, tiling_of(scene), tile) == 1


def _finish(image: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """Enlarge to 256 px without blurring, draw the reference's outline."""
    image = _enlarged(image)
    if mask is not None and mask.any():
        image = still.outlined(image, _enlarged(mask))
    return image.round().astype(np.uint8)


def _enlarged(image: np.ndarray) -> np.ndarray:
    """Nearest pixels, so that a deep gate shows its true resolution."""
    at = np.arange(SIDE) * len(image) // SIDE
    return image[at][:, at]
