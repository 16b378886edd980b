"""The geometry that a stack's product brings is what `--orbit` takes."""

import h5py
import numpy as np
import pytest
import rasterio

from core.errors import SlideScopeError
from core.scene.insar import orbit
from core.scene.insar.geometry import line_of_sight
from core.scene.interferograms import geometry
from core.scene.interferograms.finding import find
from core.scene.interferograms.stack import open_stack
from tests import interferogram_files as files

# An incidence that grows across the swath, a heading that turns a little; descending.
COLUMNS, ROWS = np.meshgrid(np.arange(files.WIDTH), np.arange(files.HEIGHT))
INCIDENCE, HEADING = 33 + 0.3 * COLUMNS, -169.6 + 0.02 * ROWS
HEADINGS = (-12.0, -169.6, -90.0, 0.0, 45.0)


@pytest.mark.parametrize("heading", HEADINGS)
@pytest.mark.parametrize("look", orbit.LOOKS)
def test_every_products_angles_give_the_same_line_of_sight(heading, look):
    east, north, up = line_of_sight(INCIDENCE, heading, look)
    theta, phi = np.arcsin(up), np.arctan2(north, east)
    azimuth = np.degrees(np.arctan2(-east, north))  # anticlockwise from north
    for angles in (
        geometry.from_theta_phi(theta, phi, look),
        geometry.from_unit_vector(east, north, up, look),
        geometry.from_azimuth(INCIDENCE, azimuth, look),
    ):
        np.testing.assert_allclose(line_of_sight(*angles, look), (east, north, up), atol=1e-12)
        assert (angles[1] > -270).all() and (angles[1] <= 90).all()


def with_lv(folder, rows_below: int = 0):
    """HyP3's two files beside each pair; `rows_below`: they begin that many rows lower."""
    files.hyp3(folder)
    east, north, up = line_of_sight(INCIDENCE, HEADING)
    place = files.UTM * files.Affine.translation(0, rows_below)
    for path in list(folder.glob("*/*_unw_phase.tif")):
        for name, values in (("theta", np.arcsin(up)), ("phi", np.arctan2(north, east))):
            values = values.astype(np.float32)[rows_below:]
            values[-1] = 0
            other = path.with_name(path.name.replace("unw_phase", f"lv_{name}"))
            files.write(other, values, place)
    return folder


def read(path) -> np.ndarray:
    with rasterio.open(path) as file:
        return file.read(1)


def test_hyp3s_files_become_rasters_on_the_stacks_grid(tmp_path):
    folder = with_lv(tmp_path / "stack", rows_below=2)
    with open_stack(find(folder)) as stack:
        made = geometry.orbit(stack, tmp_path)
        grid = stack.grid
    incidence, heading = read(made.incidence.path), read(made.heading.path)
    assert incidence.shape == grid.shape and orbit.parse(str(made)) == made
    np.testing.assert_allclose(incidence[2:-1], INCIDENCE[2:-1], atol=1e-4)
    np.testing.assert_allclose(heading[2:-1], HEADING[2:-1], atol=1e-4)
    # Where the files do not reach, and where they hold 0, there is no geometry.
    assert np.isnan(incidence[:2]).all() and np.isnan(incidence[-1]).all()


def test_licsars_unit_vector_becomes_rasters(tmp_path):
    with open_stack(find(files.licsar(tmp_path / "stack"))) as stack:
        made = geometry.orbit(stack, tmp_path)
    sight = line_of_sight(read(made.incidence.path)[5, 5], read(made.heading.path)[5, 5])
    length = np.sqrt(0.62**2 + 0.11**2 + 0.777**2)
    np.testing.assert_allclose(sight, np.array([0.62, -0.11, 0.777]) / length, atol=1e-6)


def test_mintpys_geometry_is_read_beside_its_stack(tmp_path):
    path = files.mintpy(tmp_path / "in" / "ifgramStack.h5")
    with h5py.File(path.with_name("geometryGeo.h5"), "w") as file:
        file["incidenceAngle"] = INCIDENCE.astype(np.float32)
        file["azimuthAngle"] = (-(HEADING - 90)).astype(np.float32)
    with open_stack(find(path)) as stack:
        made = geometry.orbit(stack, tmp_path)
    np.testing.assert_allclose(read(made.heading.path), HEADING, atol=1e-4)


def test_without_files_of_geometry_side_cars_give_numbers(tmp_path):
    folder = files.licsar(tmp_path)
    for path in folder.glob("GEOC/*.geo.?.tif"):
        path.unlink()
    with open_stack(find(folder)) as stack:
        made = geometry.orbit(stack, tmp_path)
    assert (made.incidence, made.heading) == (39.2, -169.6)


def test_without_anything_there_is_no_geometry(tmp_path):
    with open_stack(find(files.pyrate(tmp_path))) as stack:
        assert geometry.orbit(stack, tmp_path) is None  # an incidence, but no heading
    assert not list(tmp_path.glob("incidence*"))


def test_angles_in_degrees_are_refused(tmp_path):
    folder = files.hyp3(tmp_path / "stack")
    for path in list(folder.glob("*/*_unw_phase.tif")):
        for name, value in (("theta", 50.0), ("phi", -12.0)):
            values = np.full((files.HEIGHT, files.WIDTH), value, np.float32)
            files.write(path.with_name(path.name.replace("unw_phase", f"lv_{name}")), values)
    with (
        open_stack(find(folder)) as stack,
        pytest.raises(SlideScopeError, match="between 0 and 90"),
    ):
        geometry.orbit(stack, tmp_path)
    assert not list(tmp_path.glob("*.tif"))
