"""Folders of separate tiles: Landslide4Sense's HDF5, and pairs of rasters."""

import json

import h5py
import numpy as np
import pytest

from core.__main__ import main
from core.scene import store
from core.scene.files import tile_folder
from tests import rasters

SIDE = 32


def landslide4sense(folder, count: int = 11):
    """`img/image_n.h5` (rows, columns, 14) and `mask/mask_n.h5`; tile n holds n everywhere."""
    for part in ("img", "mask"):
        (folder / part).mkdir(parents=True)
    for n in range(1, count + 1):
        with h5py.File(folder / "img" / f"image_{n}.h5", "w") as file:
            file["img"] = np.full((SIDE, SIDE, 14), n) + np.arange(14) / 100
        with h5py.File(folder / "mask" / f"mask_{n}.h5", "w") as file:
            file["mask"] = np.eye(SIDE, dtype=np.uint8) * (n % 2)
    return folder


def imported(capsys, options: str) -> store.Scene:
    capsys.readouterr()
    assert main(f"import tiles {options} --json".split()) == 0, capsys.readouterr().err
    return store.load(json.loads(capsys.readouterr().out)["scene"])


def test_landslide4sense_becomes_a_tile_scene(workspace, tmp_path, capsys):
    scene = imported(capsys, f"--tile-folder {landslide4sense(tmp_path / 'l4s')}")
    assert (scene.kind, scene.tile, scene.grid.shape) == ("tiles", SIDE, (11 * SIDE, SIDE))
    assert set(scene.factor_names) == set(tile_folder.LANDSLIDE4SENSE)
    assert scene.factor("red").source == "l4s.tif (band 4)"
    # By number, not by spelling: 2 comes before 10.
    tiles = scene.read(["coastal", "elevation"])[::SIDE, 0]
    np.testing.assert_allclose(tiles[:, 0], np.arange(1, 12))
    np.testing.assert_allclose(tiles[:, 1], np.arange(1, 12) + 0.13, rtol=1e-6)
    assert scene.read_mask()[:SIDE].sum() == SIDE and scene.read_mask()[SIDE : 2 * SIDE].sum() == 0


def test_pairs_of_rasters_become_a_tile_scene(workspace, tmp_path, capsys):
    for part in ("images", "masks"):
        (tmp_path / "d" / part).mkdir(parents=True)
    for name, value in (("west", 10), ("east", 20)):
        image = np.full((3, SIDE, SIDE), value, np.uint8)
        rasters.write(tmp_path / "d" / "images" / f"{name}.tif", image)
        mask = np.zeros((SIDE, SIDE), np.uint8)
        mask[:4] = 255
        rasters.write(tmp_path / "d" / "masks" / f"{name}_mask.tif", mask)
    scene = imported(capsys, f"--tile-folder {tmp_path / 'd'} --bands nir,red,green")
    assert scene.factor_names == ("green", "red", "nir")
    assert scene.read(["red"])[::SIDE, 0, 0].tolist() == [20, 10]
    assert scene.landslide_share == pytest.approx(4 / SIDE)


def test_what_is_wrong_with_a_tile_folder_is_said(workspace, tmp_path, capsys):
    good = landslide4sense(tmp_path / "good", 2)
    lonely = landslide4sense(tmp_path / "lonely", 3)
    (lonely / "mask" / "mask_2.h5").unlink()
    odd = landslide4sense(tmp_path / "odd", 2)
    with h5py.File(odd / "img" / "image_2.h5", "w") as file:
        file["img"] = np.zeros((SIDE, SIDE, 3))
    cut = landslide4sense(tmp_path / "cut", 2)
    (cut / "img" / "image_2.h5").write_bytes(b"\x89HDF\r\n\x1a\n and no more")
    (tmp_path / "none").mkdir()
    for options, told in (
        (f"--tile-folder {tmp_path / 'none'}", "holds no tiles"),
        (f"--tile-folder {tmp_path / 'missing'}", "is no folder"),
        (f"--tile-folder {lonely}", "'2' has no partner"),
        (f"--tile-folder {odd}", "'image_2.h5' has 3 bands"),
        (f"--tile-folder {cut}", "damaged, cut off"),
        (f"--tile-folder {good} --bands red", "--bands names 1 bands"),
        (f"--tile-folder {good} --tiles 32", "brings its own"),
    ):
        assert main(f"import tiles {options}".split()) == 2
        assert told in capsys.readouterr().err.strip().splitlines()[-1]
    assert store.names() == []
