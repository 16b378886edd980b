"""Where an exported map comes from: the words in its tags, its tables and its report."""

import platform
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio

import core
from core import atomic
from core.learning.prediction import windows
from core.runs import run_files
from core.runs.store import MADE_OF, Run
from core.scene.store import Scene


@dataclass(frozen=True)
class Origin:
    """A prediction at a threshold. `weights` SHA-256 of the weights file, None where it cannot be
    said which weights made the map."""

    run: Run
    scene: Scene
    threshold: float
    weights: str | None
    when: str

    @property
    def folder(self) -> Path:
        return self.run.prediction(self.scene.name)

    @property
    def synthetic(self) -> bool:
        return self.scene.synthetic

    def tags(self) -> dict[str, str]:
        """GDAL metadata items; `SYNTHETIC` is there so that no copy loses it."""
        config = self.run.config
        items = {
            "RUN": self.run.id,
            "MODEL": config.model,
            "PRESET": config.preset,
            "DATASET": config.dataset,
            "SEED": config.seed,
            "SPLIT": config.split_words,
            "TRAINED_ON": config.scene,
            "SCENE": self.scene.name,
            "SCENE_FINGERPRINT": self.scene.fingerprint,
            "SYNTHETIC": "yes" if self.synthetic else "no",
            "LOOKS": self.run.flips(self.scene.name),
            "THRESHOLD": f"{self.threshold:g}",
            "MODEL_SHA256": self.weights or "unknown",
            "SOFTWARE": f"SlideScope {core.__version__}",
        }
        if config.joined:
            items |= {"JOINED": config.joined, "MEMBERS": ",".join(config.members)}
        return {name: str(value) for name, value in items.items()}


def origin(run: Run, scene: Scene, threshold: float) -> Origin:
    when = time.strftime("%Y-%m-%d %H:%M:%S")
    return Origin(run, scene, threshold, _weights(run, scene), when)


def _weights(run: Run, scene: Scene) -> str | None:
    """What the prediction noted; of an older one the hash of the file, unless that was trained on
    after the map was made."""
    folder, file = run.prediction(scene.name), run.path / "model" / "model.weights.h5"
    noted = atomic.read_json(folder / MADE_OF) or {}
    if noted.get("weights"):
        return noted["weights"]
    if not file.exists() or file.stat().st_mtime > (folder / run_files.PROBABILITY).stat().st_mtime:
        return None
    return windows.sha256(file).hex()


def software() -> str:
    """The same in one line.

    >>> software().split()[0]
    'SlideScope'
    """
    return ", ".join(f"{name} {version}" for name, version in versions().items())


def versions() -> dict[str, str]:
    """Software that made the export, by name."""
    return {
        "SlideScope": core.__version__,
        "Python": f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}",
        "GDAL": rasterio.__gdal_version__,
        "rasterio": rasterio.__version__,
        "NumPy": np.__version__,
        "system": f"{platform.system()} {platform.machine()}",
    }
