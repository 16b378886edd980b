"""What is done of a stack so far, block by block, so that a stop or a kill loses one block."""

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from core import atomic
from core.scene.sbas.work import Work

# Raised whenever blocks of an older version are no longer those of this one.
VERSION = 1
MARK = "inputs.json"
# The settings that a block follows; the others come in afterwards.
OF_A_BLOCK = ("cycles", "weights", "gaps", "annual")
LAYERS, SERIES, PHASE, COHERENCE = "layers", "series", "phase", "coherence"


@dataclass(frozen=True)
class Block:
    """What a block of rows keeps: float32 `layers` (L, rows, W) and `series` (N, rows, W) in mm;
    of pixels whose pairs fall into islands `phase` float32 and `coherence` float16 (K, G), as they
    are inverted once more when the datum is known. What is not wanted is empty."""

    layers: np.ndarray
    series: np.ndarray
    phase: np.ndarray
    coherence: np.ndarray


class Partial:
    """The finished blocks in a folder; those of other inputs or settings are thrown away by whoever
    asks for the inversion, not by one of its workers (`begins` False)."""

    def __init__(self, folder: Path, fingerprint: str, begins: bool = True):
        self.folder, self.inputs = folder, fingerprint
        mark = folder / MARK
        if begins and atomic.read_json(mark) != fingerprint:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            atomic.write_json(mark, fingerprint)

    def has(self, rows: slice) -> bool:
        return self._path(rows, LAYERS).exists()

    def keep(self, rows: slice, block: Block) -> None:
        """Keep a block of rows."""
        for name in (SERIES, PHASE, COHERENCE):
            if (values := getattr(block, name)).size:
                self._write(rows, name, values)
        # Last: with it the block is there.
        self._write(rows, LAYERS, block.layers)

    def layers(self, rows: slice) -> np.ndarray:
        """(L, rows, W)."""
        return np.load(self._path(rows, LAYERS))

    def series(self, rows: slice) -> np.ndarray:
        """(N, rows, W), not read before it is asked for."""
        return np.load(self._path(rows, SERIES), mmap_mode="r")

    def gapped(self, rows: slice) -> tuple[np.ndarray, np.ndarray | None] | None:
        """Phase and coherence (K, G) of the pixels that `Block` keeps them of."""
        if not self._path(rows, PHASE).exists():
            return None
        known = self._path(rows, COHERENCE)
        coherence = np.load(known).astype(np.float32) if known.exists() else None
        return np.load(self._path(rows, PHASE)), coherence

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, rows: slice, what: str) -> Path:
        return self.folder / f"{rows.start:06d}-{rows.stop:06d}.{what}.npy"

    def _write(self, rows: slice, what: str, values: np.ndarray) -> None:
        path = self._path(rows, what)
        with atomic.whole_file(path) as temporary, temporary.open("wb") as out:
            np.save(out, np.ascontiguousarray(values))


def fingerprint(work: Work) -> str:
    """What the blocks depend on, as a hash: settings, network, grid, and the phases of a sample of
    pixels, which tell one set of files from another."""
    stack, found, settings = work.stack, work.found, work.settings
    chosen = {name: value for name, value in asdict(settings).items() if name in OF_A_BLOCK}
    words = [VERSION, chosen, work.wants_series, stack.grid.to_json(), stack.wavelength_m]
    words += [[pair.name for pair in found.pairs], found.kept.tolist()]
    words += [stack.has_coherence.tolist(), [pair.coherence for pair in found.pairs]]
    hashed = hashlib.sha256(json.dumps(words).encode())
    hashed.update(work.zero.tobytes())
    hashed.update(np.ascontiguousarray(found.sample).tobytes())
    return hashed.hexdigest()
