"""What is done of a stack so far, block by block, so that a stop or a kill loses one block."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

from core import atomic
from core.scene.sbas.work import Work

# Raised whenever blocks of an older version are no longer those of this one.
VERSION = 1
MARK = "inputs.json"
# The settings that a block follows; the others come in afterwards.
OF_A_BLOCK = ("cycles", "weights", "gaps", "annual")


class Partial:
    """The finished blocks in a folder; those of other inputs or settings are thrown away."""

    def __init__(self, folder: Path, fingerprint: str):
        self.folder = folder
        mark = folder / MARK
        if atomic.read_json(mark) != fingerprint:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            atomic.write_json(mark, fingerprint)

    def has(self, rows: slice) -> bool:
        return self._path(rows, "layers").exists()

    def keep(self, rows: slice, layers: Mapping[str, np.ndarray], series: np.ndarray) -> None:
        """Keep a block: `layers` (rows, W) each, `series` (N, rows, W) or empty."""
        if series.size:
            self._write(rows, "series", series)
        # Last: with it the block is there.
        self._write(rows, "layers", np.stack(list(layers.values())))

    def layers(self, rows: slice) -> np.ndarray:
        return np.load(self._path(rows, "layers"))

    def series(self, rows: slice) -> np.ndarray:
        return np.load(self._path(rows, "series"), mmap_mode="r")

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, rows: slice, what: str) -> Path:
        return self.folder / f"{rows.start:06d}-{rows.stop:06d}.{what}.npy"

    def _write(self, rows: slice, what: str, values: np.ndarray) -> None:
        path = self._path(rows, what)
        with atomic.whole_file(path) as temporary, temporary.open("wb") as out:
            np.save(out, np.ascontiguousarray(values, np.float32))


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
