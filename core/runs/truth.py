"""What a run is measured against: the inventory's version that it was trained on."""

from core.runs.store import Run
from core.scene import store as scenes
from core.scene import versions
from core.scene.store import IMPORTED, Scene


def version_of(run: Run, scene: str) -> int:
    """The inventory version that `run` is measured against on `scene`: on its own the one it was
    trained on, elsewhere (a network that was brought is at home nowhere) the imported one."""
    version = None if run.loaded else run.config.version_of(scene)
    return IMPORTED if version is None else version


def scene_of(run: Run, name: str | None = None, version: int | None = None) -> Scene:
    """Return scene `name` (default: the one the run is tested on) at inventory `version`, by
    default the one of `version_of`."""
    scene = scenes.load(name or run.test_scene)
    if version is None and not scene.inventory:
        return scene
    return versions.at(scene, version or version_of(run, scene.name))
