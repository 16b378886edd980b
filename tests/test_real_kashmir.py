"""The Kashmir scene, real data that others published (see the data folder's README)."""

import json

import numpy as np
import pytest

from core.__main__ import main
from core.scene import store


def test_kashmir_is_imported_as_its_publishers_describe_it(workspace, real_data, capsys):
    folder = real_data / "kashmir"
    dem = str(folder / "AW3D30.tif")
    command = ["import", "kashmir", "--elevation", dem, "--like", dem, "--json"]
    command += ["--lithology", str(folder / "Geology.tif")]
    command += ["--factor", f"landcover={folder / 'Landcover.tif'}", "--categorical", "landcover"]
    command += ["--inventory", str(folder / "landslides.shp")]
    assert main(command) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["width"], result["height"]) == (826, 987)
    assert result["landslide_share"] == pytest.approx(0.0122, abs=0.0001)
    assert result["landslides"] == 3819
    assert result["polygons_without_pixel"] / 3819 == pytest.approx(0.28, abs=0.01)
    scene = store.load("kashmir")
    assert len(scene.factor("lithology").legend) == 9
    assert len(scene.factor("landcover").legend) == 11
    # Bounds that are fractions of a millimetre apart cost no pixel and no resampling.
    values = scene.read(["elevation", "lithology", "landcover"])
    assert np.isfinite(values).all()
    assert not scene.synthetic


def test_the_default_grid_of_kashmir_is_that_of_its_elevation(workspace, real_data, capsys):
    folder = real_data / "kashmir"
    command = ["import", "k", "--elevation", str(folder / "AW3D30.tif"), "--dry-run", "--json"]
    assert main([*command, "--lithology", str(folder / "Geology.tif")]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert (plan["width"], plan["height"]) == (826, 987)
    assert {step["done"] for step in plan["plan"][4:]} == {"copied pixel by pixel"}
    assert "28.55 m" in plan["notes"][0]
