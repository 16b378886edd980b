"""What is asked of a place, and whether it gives what one process gives."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio

from tests import interferogram_files, rasters

ROOT = Path(__file__).resolve().parents[2]
SIZE = 900
LATER_S = 900


@dataclass(frozen=True)
class Place:
    """Where actions run: the word of --on, what stands before a command there, and what ends a
    worker by SIGKILL, given the file that says who works. `again`: where nobody takes its place,
    the action ends in a sentence, and the same command goes on from there."""

    on: str
    prefix: tuple[str, ...]
    kill: Callable[[dict], None]
    again: bool = False


def prepare(workspace: Path) -> None:
    """A scene, and runs with networks, made here."""
    os.environ["SLIDESCOPE_WORKSPACE"] = str(workspace)
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:SIZE, :SIZE]
    dem = 1500 + 40 * np.sin(rows / 30) + 30 * np.cos(columns / 40) + rng.random((SIZE, SIZE))
    spots = (np.hypot(rows % 150 - 75, columns % 150 - 75) < 22).astype(np.uint8)
    files = {"dem": dem.astype(np.float32), "mask": spots}
    files["nir"] = (2000 - 900.0 * spots + 90 * rng.random((SIZE, SIZE))).astype(np.float32)
    for name, values in files.items():
        rasters.write(workspace / f"{name}.tif", values)
    interferogram_files.hyp3(workspace / "pairs")
    _command(("import", "first", *_files(workspace)), ())


def _files(folder: Path) -> tuple[str, ...]:
    names = {"--elevation": "dem", "--factor": "nir", "--inventory": "mask"}
    return tuple(
        word
        for flag, name in names.items()
        for word in (flag, f"{'nir=' if name == 'nir' else ''}{folder / name}.tif")
    )


def _command(words: tuple[str, ...], prefix: tuple[str, ...], during=None) -> dict:
    """What an action prints; `during` is called with the process while it runs."""
    process = subprocess.Popen(
        [*prefix, sys.executable, "-m", "tests.cluster.head", *words, "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if during:
        during(process)
    out, said = process.communicate(timeout=LATER_S)
    if process.returncode:
        raise AssertionError(f"{' '.join(words)} ended with {process.returncode}: {said[-1500:]}")
    return json.loads(out.splitlines()[-1])


def compared(workspace: Path, place: Place, wanted: tuple[str, ...] = ()) -> Iterator[str]:
    """A line an action (of those `wanted`): the same as here, with and without a worker that is
    killed."""
    acts = (_factors, _import, _rate, _experiment, _predict, _kfold)
    for name, act in ((act.__name__[1:], act) for act in acts):
        # A map needs the network that the experiment trains.
        if wanted and name not in wanted and (name, wanted) != ("experiment", ("predict",)):
            continue
        expected = act(workspace, "local", (), None)
        for how, kill in (("", None), (", a worker killed", place.kill)):
            if kill and place.again and name in ("experiment", "kfold"):
                continue  # its training outlives the task, and another would be begun beside it
            started, killed = time.monotonic(), []
            during = _killing(workspace, kill, killed) if kill else None
            try:
                found = act(workspace, place.on, place.prefix, during)
                if kill and place.again:
                    yield f"FAILED {name}{how}: it did not say so"
                    continue
            except AssertionError as error:
                if not (kill and place.again and "kept" in str(error)):
                    yield f"FAILED {name}{how}: {error}"
                    continue
                how = f"{how} and the same command once more"
                found = act(workspace, place.on, place.prefix, None)
            verdict = "the same" if found == expected else "FAILED, not the same"
            if kill and not killed:
                verdict = "FAILED, no worker was found to kill"
            seconds = time.monotonic() - started
            yield (
                f"{verdict}: {name}{how} ({seconds:.0f} s)"
                if verdict[0] == "t"
                else (f"{verdict}: {name}{how}")
            )


def _killing(workspace: Path, kill, killed: list):
    def during(process: subprocess.Popen) -> None:
        while process.poll() is None and not killed:
            for path in workspace.glob("cache/cluster/*/running/*.json"):
                try:
                    at = json.loads(path.read_text(encoding="utf-8"))
                except (OSError, ValueError):
                    continue
                kill(at)
                killed.append(at)
                break
            time.sleep(0.05)

    return during


def _factors(workspace: Path, on: str, prefix, during) -> dict:
    return _command(("factors", "first", "--again", "--on", on), prefix, during)


def _import(workspace: Path, on: str, prefix, during) -> dict:
    words = ("import", "second", "--replace", *_files(workspace), "--on", on)
    found = _command(words, prefix, during)
    folder = workspace / "scenes" / "second"
    layers = {p.name: hash(p.read_bytes()) for p in sorted((folder / "display").glob("*.tif"))}
    with rasterio.open(folder / "stack.tif") as stack:
        values = hash(stack.read().tobytes())
    return {**found, "seconds": None, "created": None, "layers": layers, "values": values}


def _rate(workspace: Path, on: str, prefix, during) -> dict:
    """A deformation rate of interferograms."""
    words = ("import", "rates", "--replace", "--deformation", str(workspace / "pairs"), "--series")
    found = _command((*words, "--on", on), prefix, during)
    folder = workspace / "scenes" / "rates" / "sbas"
    made = {p.name: hash(p.read_bytes()) for p in sorted(folder.iterdir()) if p.suffix != ".json"}
    return {**found, "seconds": None, "created": None, "layers": made}


def _experiment(workspace: Path, on: str, prefix, during) -> dict:
    asked = ("--arms", "unet:rs,fcn:rs", "--seeds", "1", "--preset", "quick", "--epochs", "1")
    # Runs of the same configuration would be used again.
    for run in workspace.glob("runs/first-*"):
        _command(("runs", "--delete", run.name), ())
    found = _command(("experiment", "first", *asked, "--on", on), prefix, during)
    rows = [{**row, "runs": None} for row in found["table"]]
    maps = {}
    for run in workspace.glob("runs/first-*"):
        with rasterio.open(run / "predictions" / "first" / "probability.tif") as source:
            maps[run.name.rsplit("-", 3)[0]] = hash(source.read(1).tobytes())
    return {**found, "experiment": None, "table": rows, "maps": maps}


def _kfold(workspace: Path, on: str, prefix, during) -> dict:
    asked = ("--model", "unet", "--dataset", "rs", "--preset", "quick", "--epochs", "1")
    # Folds that are there would be used again.
    for run in workspace.glob("runs/first-*"):
        _command(("runs", "--delete", run.name), ())
    found = _command(("kfold", "first", *asked, "--folds", "3", "--on", on), prefix, during)
    folds = [{**each, "run": None} for each in found["folds"]]
    return {**found, "folds": folds, "runs": len(found["runs"]), "run": None}


def _predict(workspace: Path, on: str, prefix, during) -> dict:
    run = sorted(workspace.glob("runs/first-unet-*"))[0]
    found = _command(("predict", run.name, "--on", on), prefix, during)
    folder = run / "predictions" / "first"
    outlines = gpd.read_file(folder / "landslides.gpkg")
    with rasterio.open(folder / "probability.tif") as source:
        values = hash(source.read(1).tobytes())
    shapes = hash(tuple(outlines.geometry.to_wkb()))
    return {**found, "seconds": None, "values": values, "outlines": shapes}
