"""Whether a scene's rasters are as the import wrote them: asked before a network learns from it or
predicts it."""

from core import digests
from core.scene.store import Scene


def check_scene(scene: Scene) -> None:
    """Raise Damaged where they were changed since; they are hashed where size or time of change is
    not that which was noted."""
    cure = "import it again with --replace, or restore it from a backup"
    for path in (scene.stack_path, scene.mask_path):
        if path is not None:
            digests.check(path, f"scene '{scene.name}'", cure)
