"""The command line, one file a noun; also the background worker.

A command file has `add_<command>(commands)`, which adds a parser and sets its defaults:
`run(args, report) -> dict` (the object `--json` prints), `show(result)` (the same for people) and,
for a long action, `job_kind` and `job_title(args)`.
"""

from collections.abc import Callable
from importlib import import_module

FILES = {  # command: its file, in the order of the help
    "sample": "sample",
    "import": "scenes",
    "scenes": "scene_list",
    "factors": "factors",
    "models": "models",
    "train": "train",
    "kfold": "kfold",
    "predict": "predict",
    "pack": "weights",
    "load": "weights",
    "evaluate": "evaluate",
    "review": "review",
    "channels": "channels",
    "attention": "channels",
    "experiment": "experiment",
    "export": "export",
    "runs": "runs",
    "prepare": "prepare",
    "serve": "serve",
}

# What each is for: here as well, so that `--help` lists them without importing them all.
HELP = {
    "sample": "write the synthetic watershed's rasters and polygons, and import them if asked to",
    "import": "put factor rasters on one grid and store the scene",
    "scenes": "list the stored scenes",
    "factors": "correlation (PPMCC), collinearity (VIF, TOL), importance and evidence of a scene's "
    "factors",
    "models": "presets, trainable parameters, GFLOP per tile",
    "train": "train a network, predict its scene and measure it",
    "kfold": "train and measure every fold of a scene's blocks",
    "predict": "probability.tif, mask.tif, landslides.gpkg",
    "pack": "a run's network as one zip",
    "load": "keep a network from a file as a run",
    "evaluate": "Pre, Rec, F1, Kappa, MIoU of a prediction",
    "review": "false objects that may be unmapped landslides: list, accept, reject, undo, new "
    "version",
    "channels": "permutation importance of a network's factors on held-out tiles, and CBAM's gates",
    "attention": "CBAM's channel weights and spatial maps of one tile",
    "experiment": "train networks on RS and RS-DR alike, and say what one has over the other",
    "export": "COG, GeoPackage, QGIS project and report of a map",
    "runs": "every run and its state; --pin, --unpin, --note, --delete change runs",
    "prepare": "the synthetic sample scene, ready to look at",
    "serve": "serve the app at http://localhost:8501",
}


def adders(command: str | None = None) -> list[Callable]:
    """The `add_<command>` of one command, or of all when it names none.

    A file is imported with its libraries when it is asked for: all of them take seconds.
    """
    wanted = [command] if command in FILES else FILES
    return [
        getattr(import_module(f"core.commands.{FILES[name]}"), f"add_{name}") for name in wanted
    ]
