"""The whole command line of `import`: any file, option and value ends in exit 0, or in exit 2 and
one sentence. What is drawn comes from the parser that the request makes, new options with it."""

import argparse
import re
import warnings
from collections.abc import Iterator

import numpy as np
import pytest

from core.__main__ import main
from core.commands import parser
from core.scene import store
from tests import zoo

DRAWS = 160
SEED = 20261129
ROLES = (
    "--elevation {}",
    "--factor x={}",
    "--elevation dem.tif --deformation {}",
    "--elevation dem.tif --inventory {}",
    "--elevation dem.tif --lithology {}",
    "--elevation dem.tif --like {}",
    "--elevation dem.tif --deformation rate.tif --add v_slope --orbit incidence={},heading=-170",
    "--elevation dem.tif --deformation rate.tif --add up_rate --orbit incidence=39,heading=-170 "
    "--second {} --second-orbit incidence=39,heading=-10",
    "--tile-folder {}",
    "--elevation dem.tif --inventory slides.gpkg --crs inventory={}",
)
NAMES = ("elevation", "deformation", "x", "red", "inventory", "second", "elevation:2", "nosuch", "")
NUMBERS = (
    "0",
    "1",
    "-1",
    "12.5",
    "30",
    "1e30",
    "nan",
    "inf",
    "-9999",
    "255",
    "0x10",
    "１２",
    "1,5",
)
WORDS = (
    *("", " ", "none", "m/yr", "percent", "reflectance", "towards", "away", "nearest", "bilinear"),
    *("EPSG:32648", "EPSG:4326", "EPSG:3857", "EPSG:5773", "EPSG:0", "+proj=longlat", "gbk"),
    *("tri,tpi", "v_slope", "visibility,uphill", "slope", "*.tif", "**/*", "~", "/", "../..", "%s"),
    *("https://example.org/a.tif", "/vsizip/maps.zip/inner/dem.tif", "\x00", "名", "a" * 5000),
    *(
        "maps.zip:inner/dem.tif",
        "maps.zip:slides.shp",
        "dem.tif:2",
        "dem.tif:x",
        "dem.tif,rate.tif",
    ),
    *("layers.gpkg:second", "slides.gpkg:kind", "points.csv:vel", "points.csv:none", "grid.nc:z"),
    *("velocity.h5:velocity:1", "several.h5:g/b:9", "{}", "<xml/>", "=", ":", ",", "x=y=z"),
)
GEOMETRY = (
    *("incidence=39,heading=-170", "incidence=39,heading=-170,look=left,positive=away"),
    *(
        "incidence=incidence.tif,heading=-170",
        "incidence=-5,heading=999",
        "incidence=nan,heading=0",
    ),
    *("incidence=39", "heading=1,heading=2", "incidence=39,heading=-170,look=up", "39,-170"),
)
# What each option of NAME=VALUE takes; others are drawn from everything.
FITS = {
    "nodata": (*NUMBERS, "none"),
    "unit": ("m", "ft", "m/yr", "percent", "radians", "reflectance"),
    "scale": ("2", "0.1,-5", "0", "1e-300"),
    "sign": ("towards", "away"),
    "crs": ("EPSG:32648", "EPSG:4326", "EPSG:3857", "system.prj", "EPSG:4490", "EPSG:2326"),
    "kernel": ("nearest", "bilinear", "cubic", "average", "mode"),
    "fill": NUMBERS,
}
EXTRAS = (
    ("--deformation", "deformation", "rate.tif"),
    ("--deformation", "deformation", "points.csv"),
    ("--inventory", "inventory", "slides.gpkg"),
    ("--inventory", "inventory", "mask.tif"),
    ("--lithology", "lithology", "rocks.geojson"),
    ("--orbit", "deformation", GEOMETRY[0]),
)
SWEEP = pytest.mark.sweep
LAST_RESORT = re.compile(r"Traceback|Error:|Error\(|0x[0-9a-f]{6,}|<[a-z_]+ object|\bNone\b|\\n")


@pytest.fixture(scope="module")
def animals(tmp_path_factory) -> tuple:
    folder = tmp_path_factory.mktemp("zoo") / "files"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return folder, zoo.build(folder)


@pytest.fixture
def within(animals, workspace, monkeypatch) -> list[str]:
    monkeypatch.chdir(animals[0])
    return animals[1]


def ended(argv: list[str], capfd) -> str | None:
    """What is wrong about the end of a command; None: nothing."""
    capfd.readouterr()
    try:
        status = main(argv)
    except SystemExit as stop:
        status = stop.code
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    said = [
        line for line in capfd.readouterr().err.replace("\r", "\n").splitlines() if line.strip()
    ]
    said = [line for line in said if not re.match(r"\s*\d+ % ", line)]
    if status == 0:
        return None
    if status != 2:
        return f"exit {status}"
    if not said:
        return "no word about it"
    if said[0].startswith("usage:"):
        return None if len(said[-1]) < 8000 else "a long usage"
    if len(said) > 1:
        return f"{len(said)} lines: {said}"
    told = LAST_RESORT.search(said[0])
    return f"raw words '{told.group()}' in: {said[0]}" if told else None


LOUD = ("help", "verbose")


def options() -> list[argparse.Action]:
    """Every option of `import`, from the parser that its request makes; one asks for many lines."""
    commands = next(
        a for a in parser("import")._actions if isinstance(a, argparse._SubParsersAction)
    )
    return [
        a for a in commands.choices["import"]._actions if a.option_strings and a.dest not in LOUD
    ]


def draws(files: list[str], count: int, seed: int) -> Iterator[list[str]]:
    rng = np.random.default_rng(seed)
    known = options()

    def pick(values):
        return values[int(rng.integers(len(values)))]

    def value(action: argparse.Action, given: list[str]) -> str:
        kind = f"{action.metavar}"
        lot = rng.random()
        if action.type in (int, float) and lot < 0.8:
            return pick(NUMBERS)
        if "GEOMETRY" in kind and lot < 0.8:
            return pick(GEOMETRY)
        pool = pick((files, files, NUMBERS, WORDS))
        if not kind.startswith("NAME="):
            return pick(files if lot < 0.5 else pool)
        # Mostly of what is there, and mostly what its kind of option takes.
        name = pick(given) if lot < 0.75 else pick(NAMES)
        fits = FITS.get(action.dest, pool)
        return f"{name}={pick(fits if rng.random() < 0.7 else pool)}" if lot < 0.95 else pick(pool)

    for _ in range(count):
        argv = ["import", "fuzz", "--replace"] if rng.random() < 0.97 else ["import", pick(WORDS)]
        given = ["elevation"]
        if rng.random() < 0.9:
            argv += ["--elevation", "dem.tif" if rng.random() < 0.9 else pick(files)]
        for flag, name, file in EXTRAS:
            if rng.random() < 0.3:
                argv, given = [*argv, flag, file], [*given, name]
        for _ in range(int(rng.integers(1, 4))):
            action = pick(known)
            flag = pick(action.option_strings)
            argv.append(flag if action.nargs == 0 else f"{flag}={value(action, given)}")
        if rng.random() < 0.5:
            argv.append("--dry-run")
        yield argv


def test_every_option_of_the_request_is_drawn_from(within):
    flags = {flag for action in options() for flag in action.option_strings}
    assert {"--elevation", "--nodata", "--orbit", "--tile-folder", "--crs", "--tiles"} <= flags
    drawn = {word.partition("=")[0] for argv in draws(within, DRAWS, SEED) for word in argv}
    assert len(flags - drawn) <= 2


@pytest.mark.parametrize("share", [4, pytest.param(1, marks=SWEEP)])
@pytest.mark.parametrize("role", ROLES)
def test_any_file_in_any_role(within, capfd, role, share):
    """Of every four files one in each role, in another role another; in a sweep all."""
    wrong = {}
    for name in within[ROLES.index(role) % share :: share]:
        argv = ["import", "fuzz", *(word.format(name) for word in role.split()), "--dry-run"]
        if told := ended(argv, capfd):
            wrong[name] = told
    assert wrong == {}


@pytest.mark.parametrize("part", [0, *(pytest.param(n, marks=SWEEP) for n in (1, 2, 3))])
def test_any_option_and_value(within, capfd, part):
    wrong = {}
    for argv in draws(within, DRAWS // 4, SEED + part):
        if told := ended(argv, capfd):
            wrong[" ".join(argv)[:300]] = told[:500]
    assert wrong == {}
    assert set(store.names()) <= {"fuzz", "none", "slope", "percent", "towards", "away", "nearest",
                                  "bilinear", "reflectance", "gbk", "v_slope", "名"}  # fmt: skip


def test_a_dry_run_of_points_is_told_to_people(within, capfd):
    asked = "import s --elevation dem.tif --deformation points.csv --dry-run"
    assert main(asked.split()) == 0
    told = capfd.readouterr().out
    assert "30 points, column 'vel'" in told and "inverse distance" in told


def test_a_reference_system_from_a_prj_file(within, capfd):
    placed = "import s --elevation dem.tif --inventory placeless.shp --crs inventory"
    assert main(f"{placed}=system.prj --json".split()) == 0
    assert '"landslides": 3' in capfd.readouterr().out
    for text, told in (
        ("broken.prj", "holds no coordinate reference system"),
        ("missing.prj", "is no file on this machine"),
        ("EPSG:5773", "a system of heights"),
        ("EPSG:4978", "a geocentric system"),
    ):
        assert main(f"{placed}={text} --replace".split()) == 2
        assert told in capfd.readouterr().err.strip().splitlines()[-1]


def test_a_raster_without_a_place_is_refused_before_the_import(within, capfd):
    for option, told in (
        ("--inventory nowhere.tif --landslide-value any", "name it with --crs inventory=EPSG:n"),
        (
            "--deformation rate.tif --add v_slope --orbit incidence=envi.dat,heading=-170"
            " --unit incidence=degrees",
            "The incidence 'envi.dat' lacks",
        ),
        ("--inventory placeless.shp", "has no coordinate reference system"),
    ):
        for more in ("--dry-run", "--replace"):
            assert main(f"import s --elevation dem.tif {option} {more}".split()) == 2
            assert told in capfd.readouterr().err.strip().splitlines()[-1]
