"""The pixel baseline is the same whichever run on the same tiles it is fitted for."""

import numpy as np

from core import paths
from core.learning import split
from core.learning.scores import baseline
from tests import tiny


def test_it_does_not_depend_on_the_seed_of_the_run(tiny_scene):
    counts = []
    for seed in (0, 5):
        run = tiny.run(tiny_scene, "rs-dr", 3.0, seed=seed)
        parts = split.load(run.path / "split.json")
        folder = baseline.fit_and_count(run, [(tiny_scene, parts)])
        with np.load(folder / "counts.npz") as stored:
            counts.append(stored["counts"])
        for kept in (paths.workspace() / "cache").glob("baseline-*"):
            kept.unlink()
    assert np.array_equal(*counts)
    assert counts[0].sum() > 0
