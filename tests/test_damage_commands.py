"""Every command that can meet a damaged file answers in a sentence: every kind of file, damaged in
every way by `make test-faults`, some of them by `make test`."""

import pytest

from core.errors import SlideScopeError
from core.jobs import store as jobs
from core.learning.networks import network
from core.learning.training import training
from tests.test_damage import (  # noqa: F401
    CASES,
    HEALTHY,
    HURT,
    ONCE,
    SWEEP,
    Said,
    _named,
    command,
    damage,
    full,
    hurt,
)

HERE = "Networks are not computed here: everything before has been read."
OF_RUN = (
    ("evaluate", HURT, "--objects", "--area", "all"),
    ("review", "tiny", "--run", HURT),
    ("pack", HURT, "--out", "OUT/network.zip"),
    ("predict", HURT),
    ("predict", f"{HURT},{HEALTHY}"),
    ("channels", HURT),
    ("attention", HURT, "--tile", "1"),
    ("train", "--resume", HURT),
    ("export", HURT, "--out", "OUT/exported"),
    ("profile", "tiny", "--line", "27.27,102.38", "27.26,102.4", "--run", HURT),
    ("runs", "--pin", HURT),
    ("runs", "--note", HURT, "a note"),
    ("backup", HURT, "OUT/kept.zip"),
    ("verify",),
)
OF_SCENE = (
    ("factors", "other", "--pixels", "200"),
    ("train", "other", "--model", "unet", "--preset", "quick"),
    ("kfold", "other", "--model", "unet", "--preset", "quick", "--folds", "2"),
    ("experiment", "other", "--preset", "quick", "--dry-run"),
    ("predict", HURT, "--scene", "other"),
    ("review", "other"),
    ("mask", "other"),
    ("displacement", "other"),
    ("profile", "other", "--line", "27.27,102.38", "27.26,102.4"),
    ("export", HURT, "--scene", "other", "--out", "OUT/exported"),
    ("sample", "--size", "9", "--import", "other"),
    ("backup", "other", "OUT/kept.zip"),
)
OF_OTHERS = (
    ("train", "tiny", "--model", "unet", "--preset", "quick", "--dataset", "some"),
    ("kfold", "tiny", "--model", "unet", "--preset", "quick", "--folds", "2"),
    ("experiment", "tiny", "--preset", "quick", "--dry-run"),
    ("experiment", "--resume", "tiny-paired"),
    ("review", "tiny", "--version", "--author", "R. Roe"),
    ("review", "tiny", "--export", "OUT/review"),
    ("export", HURT, "--out", "WORKSPACE/exports/tiny/some"),
    ("models",),
    ("scenes",),
    ("clean",),
    ("audit",),
    ("verify",),
)

# A second each: some with every kind of item.
ASKED = [pytest.param(*case, marks=() if case in ONCE[2::3] else SWEEP) for case in CASES]


@pytest.fixture
def asks(monkeypatch, hurt, tmp_path):  # noqa: F811
    """Asks for commands without their networks; the workspace is the test's own."""

    def refuse(*any_, **more):
        raise SlideScopeError(HERE)

    monkeypatch.setattr(network, "load", refuse)
    monkeypatch.setattr(network, "keras", refuse)
    monkeypatch.setattr(training, "train", refuse)
    monkeypatch.setattr(jobs, "start", refuse)  # a member of an experiment trains in its own
    places = {"OUT": str(tmp_path), "WORKSPACE": str(hurt)}

    def ask(*words: str):
        for name, place in places.items():
            words = tuple(word.replace(name, place) for word in words)
        return command(*words)

    return ask


def answered(asked: Said) -> bool:
    """With a result (status 1: `verify` has found something), or in a sentence."""
    told = (asked.error.strip().splitlines() or [""])[-1]
    if asked.status == 2:
        return told.endswith(".") and "Traceback" not in asked.error
    return asked.status in (0, 1) and bool(asked.result)


def of(file: str):
    if file.startswith("runs/"):
        return OF_RUN
    return OF_SCENE if file.startswith("scenes/") else OF_OTHERS


@pytest.mark.parametrize(("file", "way"), ASKED, ids=_named)
def test_every_command_answers_in_a_sentence(asks, hurt, file, way):  # noqa: F811
    damage(hurt / file, way)
    wrong = []
    for words in of(file):
        asked = asks(*words)
        if not answered(asked):
            wrong.append(f"{' '.join(words)}: {asked.status}, {asked.error[-600:]}")
    assert not wrong
