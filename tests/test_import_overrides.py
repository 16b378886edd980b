"""Every decision of the alignment report can be taken otherwise, for a factor or one file of it."""

import json

import geopandas as gpd
import numpy as np
import pytest
from shapely import Point, box

from core.__main__ import main
from core.scene.plan import overrides
from core.scene.plan.override import Override
from tests import rasters
from tests.small_import import imported, refused

SIZE = 60
STEEP = np.repeat(
    np.arange(SIZE, dtype=np.float32)[None] * 12.5, SIZE, axis=0
)  # 45 degrees, to west


@pytest.fixture
def folder(workspace, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows, columns = np.mgrid[:SIZE, :SIZE]
    rasters.write(tmp_path / "dem.tif", (1500 + 9 * rows + 4 * columns).astype(np.float32))
    return tmp_path


def full(value: float, dtype="float32") -> np.ndarray:
    return np.full((SIZE, SIZE), value, dtype)


def test_scale_and_offset_are_overridden(folder, capsys):
    rasters.write(folder / "x.tif", full(40), scale=(2.0, 1.0))
    assert imported("--factor x=x.tif", capsys).read(["x"]).max() == 81
    assert imported("--factor x=x.tif --scale x=0.5,-3", capsys).read(["x"]).max() == 17


def test_gaps_are_filled_where_it_is_asked_for(folder, capsys):
    holed = full(5)
    holed[:7] = np.nan
    rasters.write(folder / "x.tif", holed)
    scene = imported("--factor x=x.tif --fill x=2.5", capsys)
    assert (scene.read(["x"])[:7] == 2.5).all() and scene.factor("x").valid_share == 1
    assert any("gaps are filled with 2.5" in note for note in scene.notes)


def test_a_rate_that_was_not_measured_is_never_filled(folder, capsys):
    rasters.write(folder / "v.tif", full(-4))
    told = refused("--deformation v.tif --fill deformation=0", capsys)
    assert "must not be taken for stable ground" in told


@pytest.mark.parametrize(
    "asked", ["--sign deformation=away", "--orbit incidence=39,heading=-12,positive=away"]
)
def test_rates_are_stored_positive_towards_the_satellite(folder, capsys, asked):
    rasters.write(folder / "v.tif", full(-40))
    scene = imported(f"--deformation v.tif {asked}", capsys)
    assert scene.read(["deformation"]).min() == 40
    assert any("they are turned round" in note for note in scene.notes)


def test_two_signs_that_differ_are_refused(folder, capsys):
    rasters.write(folder / "v.tif", full(-40))
    asked = "--sign deformation=towards --orbit incidence=39,heading=-12,positive=away"
    assert "contradict each other" in refused(f"--deformation v.tif {asked}", capsys)


def test_one_file_of_a_mosaic_is_decided_on_alone(folder, capsys):
    west, east = full(100), full(7)
    west[:, 30:] = 0
    rasters.write(folder / "a.tif", west)
    rasters.write(folder / "b.tif", east)
    scene = imported("--red a.tif,b.tif --nodata red:1=0 --scale red:2=10", capsys)
    assert scene.read(["red"])[0, [0, 29, 30, 59], 0].tolist() == [100, 100, 70, 70]
    capsys.readouterr()
    line = "import new --elevation dem.tif --red a.tif,b.tif --nodata red:1=0 --dry-run --json"
    assert main(line.split()) == 0
    rows = json.loads(capsys.readouterr().out)["report"]
    assert [(r["key"], r["decided"]) for r in rows if r["factor"] == "red"] == [
        ("red:1", {"nodata": "0"}),
        ("red:2", {}),
    ]


BAD = {
    "--nodata red:3=0": "counted from 1",
    "--kernel red:1=average": "holds for all files",
    "--sign red=away": "only a rate along the line of sight",
    "--scale red=0": "a factor that is not 0",
    "--fill red=x": "is no number",
}


@pytest.mark.parametrize("options", BAD)
def test_a_decision_that_makes_no_sense_is_one_sentence(folder, capsys, options):
    rasters.write(folder / "r.tif", full(7, "uint16"))
    assert BAD[options] in refused(f"--red r.tif,r.tif {options}", capsys)


def test_decisions_go_through_the_command_line_unchanged():
    given = {
        "red:2": Override(nodata=None, scale=(0.1, -5.0)),
        "v": Override(sign="away", fill=1.0),
    }
    lists: dict[str, list[str]] = {}
    for text in overrides.to_argv(given):
        option, _, rest = text[2:].partition("=")
        lists.setdefault(option, []).append(rest)
    assert overrides.parse(lists) == given


def test_polygons_without_a_reference_system_are_placed(folder, capsys):
    slide = box(rasters.X + 100, rasters.Y - 300, rasters.X + 300, rasters.Y - 100)
    rasters.write_polygons(folder / "s.gpkg", [slide], crs=None)
    assert "no coordinate reference system" in refused("--inventory s.gpkg", capsys)
    scene = imported(f"--inventory s.gpkg --crs inventory={rasters.UTM}", capsys)
    assert scene.inventory["polygons"] == 1


def test_a_mask_rasters_no_data_value_is_decided_on(folder, capsys):
    mask = np.zeros((SIZE, SIZE), np.uint8)
    mask[5:10, 5:10], mask[20:] = 1, 255
    rasters.write(folder / "m.tif", mask)
    share = imported("--inventory m.tif --nodata inventory=255", capsys).landslide_share
    assert share == pytest.approx(25 / SIZE**2)


def points(path, **fields) -> str:
    count = len(next(iter(fields.values())))
    places = [Point(rasters.X + 300 + 12.5 * i, rasters.Y - 300) for i in range(count)]
    gpd.GeoDataFrame(fields, geometry=places, crs=rasters.UTM).to_file(path)
    return path.name


@pytest.mark.parametrize("name", ["ps.gpkg", "ps.shp", "ps.geojson"])
def test_points_of_a_vector_file_become_a_rate(folder, capsys, name):
    points(folder / name, height=[900, 901], mean_vel=[-8.0, -8.0])
    scene = imported(f"--deformation {name}", capsys)
    assert scene.read(["deformation"])[24, 24, 0] == pytest.approx(-8)
    assert any(f"2 points of '{name}', column 'mean_vel'" in note for note in scene.notes)


def test_the_attribute_of_points_is_named_or_guessed_with_a_warning(folder, capsys):
    name = points(folder / "ps.gpkg", coherence=[0.9, 0.8], vel_mm_a=[-8.0, -8.0], up=[5.0, 5.0])
    guessed = imported(f"--deformation {name}", capsys)
    assert guessed.read(["deformation"])[24, 24, 0] == pytest.approx(-8)
    assert any("which its name only suggests" in note for note in guessed.notes)
    named = imported(f"--deformation {name}:up", capsys)
    assert named.read(["deformation"])[24, 24, 0] == pytest.approx(5)
    assert "no column 'no'" in refused(f"--deformation {name}:no", capsys)


def test_points_that_cannot_be_what_is_asked_for(folder, capsys):
    name = points(folder / "ps.gpkg", a=[1.0, 2.0], b=[1.0, 2.0])
    assert "no column that looks like a rate" in refused(f"--deformation {name}", capsys)
    assert "points stands alone" in refused(f"--lithology {name}", capsys)


def test_the_second_orbit_may_be_points_and_has_its_own_decisions(folder, capsys):
    rasters.write(folder / "v.tif", full(-10))
    name = points(folder / "ps.gpkg", vel=[-0.01] * 4)
    line = "--deformation v.tif --add up_rate --orbit incidence=39,heading=-12"
    line += f" --second {name} --second-orbit incidence=39,heading=-168 --unit second=m/yr"
    scene = imported(line, capsys)
    # Both see -10 mm/yr: it goes down, by 10 / cos 39 nearly.
    assert scene.read(["up_rate"])[24, 24, 0] == pytest.approx(-12.9, abs=0.1)
    assert any("motion to the north is taken as 0" in note for note in scene.notes)


def test_no_rate_is_kept_where_the_radar_sees_nothing(folder, capsys):
    # Flying north the satellite stands in the west; slopes of 45 degrees facing it are in layover
    # at an incidence of 30.
    rasters.write(folder / "steep.tif", STEEP)
    rasters.write(folder / "v.tif", full(0))
    line = "--deformation v.tif --add visibility,uphill --orbit incidence=30,heading=0"
    capsys.readouterr()
    # A rate that is known nowhere is refused, so a part of the scene is flat.
    half = STEEP.copy()
    half[30:] = np.abs(half[30:] - 400) / 4
    rasters.write(folder / "steep.tif", half)
    scene = imported(f"{line} --unit deformation=mm/yr", capsys, dem="steep.tif")
    rate, code, flag = np.moveaxis(scene.read(["deformation", "visibility", "uphill"]), -1, 0)
    assert (code[5:25, 5:55] == 3).all() and np.isnan(rate[5:25, 5:55]).all()
    assert np.isfinite(rate[35:55, 5:20]).all()
    assert (flag[5:25, 5:55] == 3).all(), "not visible is not stable"
    assert any("does not mean stable ground" in note for note in scene.notes)
