"""Folders of separate tiles: Landslide4Sense's HDF5, and pairs of rasters."""

import json

import h5py
import numpy as np
import pytest
import rasterio

from core.__main__ import main
from core.errors import SlideScopeError
from core.jobs.report import silent
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


def picture(path, values: np.ndarray, **more) -> None:
    """Write (bands, rows, columns) as PNG, JPEG or TIFF, by the name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    driver = {".png": "PNG", ".jpg": "JPEG"}.get(path.suffix, "GTiff")
    colours = more.pop("colormap", None)
    bands, height, width = values.shape
    about = {"height": height, "width": width, "count": bands, "dtype": values.dtype} | more
    with rasterio.open(path, "w", driver=driver, **about) as target:
        target.write(values)
        if colours:
            target.write_colormap(1, colours)


def image(seed: int = 0, side=(SIDE, SIDE), bands: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 200, (bands, *side)).astype(np.uint8)


def slide(value: int = 1, side=(SIDE, SIDE), size: int = 8) -> np.ndarray:
    mask = np.zeros((1, *side), np.uint8)
    mask[:, 4 : 4 + size, 4 : 4 + size] = value
    return mask


def folder_of(base, masks: list[np.ndarray], ending: str = ".png", **more):
    """`images/n.png` and `masks/n<ending>`."""
    for n, mask in enumerate(masks):
        picture(base / "images" / f"{n}.png", image(n, mask.shape[1:]))
        picture(base / "masks" / f"{n}{ending}", mask, **more)
    return base


def refused(capsys, options: str) -> str:
    capsys.readouterr()
    assert main(["import", "tiles", *options.split()]) == 2
    return capsys.readouterr().err.strip().splitlines()[-1]


def landslides(scene: store.Scene) -> int:
    return int((scene.read_mask() == 1).sum())


def painted(colour, ground=(0, 0, 0), alpha: int | None = None) -> np.ndarray:
    """A mask of a coloured landslide on a ground, as RGB or RGBA."""
    inside = slide()[0] > 0
    bands = [np.where(inside, c, g) for c, g in zip(colour, ground)]
    bands += [] if alpha is None else [np.full(inside.shape, alpha)]
    return np.stack(bands).astype(np.uint8)


@pytest.mark.parametrize(
    "mask",
    [slide(1), slide(255), slide(7), painted((255, 255, 255)), painted((255, 0, 0)),
     painted((128, 0, 0)), painted((255, 255, 255), alpha=255), painted((1, 1, 1))],
    ids=["one", "255", "seven", "white", "red", "voc", "rgba", "ones"],
)  # fmt: skip
def test_masks_of_one_value_or_colour_mark_the_same(workspace, tmp_path, capsys, mask):
    scene = imported(capsys, f"--tile-folder {folder_of(tmp_path / 'd', [mask, mask])}")
    assert landslides(scene) == 128


def test_a_mask_drawn_on_a_transparent_sheet(workspace, tmp_path, capsys):
    drawn = painted((255, 0, 0), ground=(255, 0, 0), alpha=255)
    drawn[3] = np.where(slide()[0] > 0, 255, 0)
    scene = imported(capsys, f"--tile-folder {folder_of(tmp_path / 'd', [drawn])}")
    assert landslides(scene) == 64


def test_palettes_are_indices_in_masks_and_colours_in_images(workspace, tmp_path, capsys):
    folder = folder_of(tmp_path / "d", [slide()], colormap={0: (0, 0, 0), 1: (200, 0, 0)})
    picture(folder / "images" / "0.png", slide(), colormap={0: (10, 20, 30), 1: (40, 50, 60)})
    scene = imported(capsys, f"--tile-folder {folder}")
    assert landslides(scene) == 64
    assert scene.read(["blue", "red"])[4, 4].tolist() == [60, 40]
    odd = folder_of(tmp_path / "odd", [slide()], colormap={0: (255, 255, 255), 1: (0, 0, 0)})
    assert "in black and 0 in a colour" in refused(capsys, f"--tile-folder {odd} --replace")


def test_jpeg_masks_are_read_at_half_and_said(workspace, tmp_path, capsys):
    masks = [slide(255, (64, 64), 16), slide(255, (64, 64), 16)]
    scene = imported(capsys, f"--tile-folder {folder_of(tmp_path / 'd', masks, '.jpg')}")
    assert landslides(scene) == 512
    assert any("blurred by compression" in note for note in scene.notes)
    grey = folder_of(tmp_path / "grey", [slide(100, (64, 64), 13)], ".jpg", quality=20)
    assert "neither 0 nor 255" in refused(capsys, f"--tile-folder {grey} --replace")


def test_255_beside_another_value_means_not_mapped(workspace, tmp_path, capsys):
    mask = slide(1)
    mask[:, -4:] = 255
    scene = imported(capsys, f"--tile-folder {folder_of(tmp_path / 'd', [mask, slide(1)])}")
    assert landslides(scene) == 128
    assert np.isnan(scene.read(["red"])[:SIDE][-4:]).all()
    assert scene.factor("red").valid_share == pytest.approx(1 - 4 / (2 * SIDE))
    assert "Masks: 255 means not mapped; such pixels count as no data." in scene.notes
    mixed = folder_of(tmp_path / "mixed", [slide(1), slide(255)])
    said = refused(capsys, f"--tile-folder {mixed} --replace")
    assert "whether 255 is a landslide cannot be told" in said
    again = imported(capsys, f"--tile-folder {mixed} --nodata inventory=255 --replace")
    assert landslides(again) == 64, "the cure works for the very file"


def test_masks_that_tell_more_than_two_things_are_asked_about(workspace, tmp_path, capsys):
    three = slide(1)
    three[:, 20:24] = 2
    decimals = slide(1).astype(np.float32) * 0.7
    cases = {
        "three": ([three], ".png", "hold 0, 1, 2"),
        "decimals": ([decimals], ".tif", "a probability"),
        "red": ([painted((255, 0, 0), (255, 255, 255))], ".png", "drawn in red and white"),
        "dim": ([painted((0, 64, 0), (64, 0, 0))], ".png", "drawn in green and red"),
        "all": ([slide(1, size=28) | 1], ".png", "mark every pixel"),
    }
    for name, (masks, ending, told) in cases.items():
        folder = folder_of(tmp_path / name, masks, ending)
        assert told in refused(capsys, f"--tile-folder {folder}"), name
    late = [slide(1)] * 199 + [three]
    said = refused(capsys, f"--tile-folder {folder_of(tmp_path / 'late', late)}")
    assert "Mask '199.png' holds 2, the others hold 0, 1" in said


def test_inverted_masks_are_suspected_and_empty_ones_said(workspace, tmp_path, capsys):
    scene = imported(capsys, f"--tile-folder {folder_of(tmp_path / 'i', [1 - slide(1)])}")
    assert any("if they are the wrong way round" in note for note in scene.notes)
    empty = folder_of(tmp_path / "e", [slide(0)])
    scene = imported(capsys, f"--tile-folder {empty} --replace")
    assert scene.inventory is None
    assert any("mark no landslide" in note for note in scene.notes)


def test_transparency_of_images_is_no_factor(workspace, tmp_path, capsys):
    rgba = np.concatenate([image(), np.full((1, SIDE, SIDE), 255, np.uint8)])
    hidden = rgba.copy()
    hidden[3, :8] = 0
    folder = folder_of(tmp_path / "d", [slide(), slide()])
    picture(folder / "images" / "0.png", rgba)
    picture(folder / "images" / "1.png", hidden)
    scene = imported(capsys, f"--tile-folder {folder}")
    assert scene.factor_names == ("blue", "green", "red")
    assert np.isnan(scene.read(["red"])[SIDE : SIDE + 8]).all()
    many = rgba.copy()
    many[3] = image(5)[0]
    for n in (0, 1):
        picture(folder / "images" / f"{n}.png", many)
    options = f"--tile-folder {folder} --replace"
    assert "--bands red,green,blue,nir takes it as one" in refused(capsys, options)
    scene = imported(capsys, f"{options} --bands red,green,blue,nir")
    assert scene.read(["nir"])[:SIDE, :, 0].tolist() == many[3].tolist()
    scene = imported(capsys, f"{options} --bands red,green,blue")
    assert "nir" not in scene.factor_names and scene.factor("red").valid_share == 1
    plain = folder_of(tmp_path / "tif", [slide()])
    (plain / "images" / "0.png").unlink()
    picture(plain / "images" / "0.tif", rgba, photometric="minisblack", alpha="unspecified")
    scene = imported(capsys, f"--tile-folder {plain} --replace")
    assert scene.factor_names == ("blue", "green", "red")


def test_no_unit_is_claimed_unless_it_is_named(workspace, tmp_path, capsys):
    folder = folder_of(tmp_path / "d", [slide()])
    scene = imported(capsys, f"--tile-folder {folder}")
    assert {f.unit for f in scene.factors} == {""}
    assert any("values are kept as stored" in note for note in scene.notes)
    scene = imported(capsys, f"--tile-folder {folder} --unit red=reflectance --replace")
    assert scene.factor("red").unit == "reflectance × 10⁴" and scene.factor("blue").unit == ""
    assert scene.factor("red").maximum == 1e4 * image()[0].max()


@pytest.mark.parametrize("parts", [("TrainData", "ValidData"), ("train", "val", "test")])
def test_parts_are_kept_apart(workspace, tmp_path, capsys, parts):
    for part in parts:
        folder_of(tmp_path / "d" / part, [slide()])
    said = refused(capsys, f"--tile-folder {tmp_path / 'd'}")
    assert "kept apart" in said and "--test-scene" in said
    first = said.split("--tile-folder ")[1].split(";")[0]
    assert landslides(imported(capsys, f"--tile-folder {first}")) == 64


def test_parts_below_images_and_masks_are_kept_apart(workspace, tmp_path, capsys):
    for part, masks in (("train", "annotations"), ("validation", "annotations")):
        picture(tmp_path / "d" / "images" / part / "image_1.png", image())
        picture(tmp_path / "d" / masks / part / "mask_1.png", slide())
    said = refused(capsys, f"--tile-folder {tmp_path / 'd'}")
    assert "(train, validation)" in said
    first = said.split("--tile-folder ")[1].split(";")[0]
    assert landslides(imported(capsys, f"--tile-folder {first}")) == 64
    for part in ("train", "test"):
        picture(tmp_path / "e" / f"{part}_images" / "1.png", image())
        picture(tmp_path / "e" / f"{part}_masks" / "1.png", slide())
    said = refused(capsys, f"--tile-folder {tmp_path / 'e'}")
    one = tmp_path / "e" / "train_images"
    assert "kept apart" in said
    assert landslides(imported(capsys, f"--tile-folder {one} --replace")) == 64


def test_layouts_as_published(workspace, tmp_path, capsys):
    bijie = tmp_path / "Bijie-landslide-dataset" / "inner"
    for n, size in enumerate(((50, 70), (90, 61))):
        picture(bijie / "landslide" / "image" / f"df{n}.png", image(n, size))
        picture(bijie / "landslide" / "mask" / f"df{n}.png", slide(1, size))
        picture(bijie / "landslide" / "dem" / f"df{n}.png", image(n, size, 1))
        picture(bijie / "non-landslide" / "image" / f"zj{n}.png", image(n, size))
    scene = imported(capsys, f"--tile-folder {bijie.parent}")
    assert (scene.tile, scene.grid.shape, landslides(scene)) == (96, (4 * 96, 96), 128)
    said = " ".join(scene.notes)
    for told in ("lie in its folder 'inner'", "unread: dem", "2 tiles of 'non-landslide'"):
        assert told in said
    cas = folder_of(tmp_path / "Moxi", [slide(1)])
    picture(cas / "label" / "0.png", painted((255, 0, 0)))
    scene = imported(capsys, f"--tile-folder {cas} --replace")
    assert landslides(scene) == 64 and "unread: label" in " ".join(scene.notes)
    mixed = tmp_path / "mixed"
    for n in range(2):
        picture(mixed / f"{n}_sat.jpg", image(n))
        picture(mixed / f"{n}_mask.png", slide())
    picture(mixed / "0_sat.jpg", image())
    scene = imported(capsys, f"--tile-folder {mixed} --replace")
    assert landslides(scene) == 128 and "told apart by name" in " ".join(scene.notes)
    for name in ("Lombok", "Palu"):
        folder_of(tmp_path / "events" / name, [slide()])
    assert "2 folders of tiles (Lombok, Palu)" in refused(
        capsys, f"--tile-folder {tmp_path / 'events'}"
    )


def test_pictures_that_are_no_tiles_are_cut_into_such(workspace, tmp_path, capsys):
    wide = folder_of(tmp_path / "d", [slide(1, (300, 1100), 40)])
    scene = imported(capsys, f"--tile-folder {wide}")
    assert (scene.tile, scene.grid.shape[0]) == (256, 2 * 5 * 256)
    assert landslides(scene) == 1600
    shares = 300 * 1100 / (10 * 256 * 256)
    assert scene.factor("red").valid_share == pytest.approx(shares)
    first = scene.read(["red"])[:256, :256, 0]
    np.testing.assert_array_equal(first, image(0, (300, 1100))[0, :256, :256])
    assert any("are cut into tiles of 256 x 256" in note for note in scene.notes)
    scene = imported(capsys, f"--tile-folder {wide} --tiles 128 --replace")
    assert (scene.tile, landslides(scene)) == (128, 1600)


def test_pages_and_other_orders_of_axes(workspace, tmp_path, capsys):
    values = np.random.default_rng(0).random((SIDE, SIDE, 5), np.float32)
    for name, written in (("rows", values), ("bands", np.moveaxis(values, -1, 0))):
        folder = folder_of(tmp_path / name, [slide()])
        (folder / "images" / "0.png").unlink()
        pages(folder / "images" / "0.tif", written)
        scene = imported(capsys, f"--tile-folder {folder} --replace")
        assert scene.factor_names == tuple(f"band_{n}" for n in range(1, 6))
        np.testing.assert_allclose(scene.read(list(scene.factor_names)), values)
    turned = folder_of(tmp_path / "turned", [slide(1, (96, 96))])
    (turned / "images" / "0.png").unlink()
    axes = np.random.default_rng(0).random((96, 96, 4), np.float32)
    picture(turned / "images" / "0.tif", axes)
    scene = imported(capsys, f"--tile-folder {turned} --replace")
    np.testing.assert_allclose(scene.read(["red"])[..., 0], axes[..., 0])


def pages(path, values: np.ndarray) -> None:
    """Write a TIFF a page each of the first axis, the shape in its description."""
    for n, page in enumerate(values):
        more = {"APPEND_SUBDATASET": "YES"} if n else {}
        about = {"height": page.shape[0], "width": page.shape[1], "count": 1, "dtype": "float32"}
        with rasterio.open(path, "w", driver="GTiff", **about, **more) as target:
            if n == 0:
                said = json.dumps({"shape": list(values.shape)})
                target.update_tags(TIFFTAG_IMAGEDESCRIPTION=said)
            target.write(page, 1)


def test_names_that_leave_a_doubt_are_refused(workspace, tmp_path, capsys):
    twice = folder_of(tmp_path / "twice", [slide()])
    picture(twice / "masks" / "mask_0.png", slide())
    assert "have the same number or name" in refused(capsys, f"--tile-folder {twice}")
    size = folder_of(tmp_path / "size", [slide()])
    picture(size / "masks" / "0.png", slide(1, (40, 40)))
    assert "a mask has the pixels of its image" in refused(capsys, f"--tile-folder {size}")
    arrays = folder_of(tmp_path / "npy", [slide()])
    (arrays / "masks" / "0.png").rename(arrays / "masks" / "0.npy")
    said = refused(capsys, f"--tile-folder {arrays}")
    assert "holds no mask that SlideScope reads" in said and ".npy" in said
    both = folder_of(tmp_path / "b", [slide()])
    assert "names 'red' twice" in refused(capsys, f"--tile-folder {both} --bands red,red,nir")
    padded = folder_of(tmp_path / "padded", [slide(), slide()])
    for n in range(2):
        (padded / "masks" / f"{n}.png").rename(padded / "masks" / f"mask_00{n}.png")
    assert landslides(imported(capsys, f"--tile-folder {padded}")) == 128
    classes = tmp_path / "classes"
    picture(classes / "landslide" / "1.png", image())
    picture(classes / "non_landslide" / "1.png", image())
    assert "has no masks" in refused(capsys, f"--tile-folder {classes}")


def test_the_dry_run_says_what_the_import_says(workspace, tmp_path, capsys):
    folder = folder_of(tmp_path / "d", [slide(255, (64, 64), 16)], ".jpg")
    scene = imported(capsys, f"--tile-folder {folder}")
    assert main(f"import other --tile-folder {folder} --dry-run --json".split()) == 0
    told = json.loads(capsys.readouterr().out)
    assert [note for note in scene.notes if note not in told["notes"]] == []
    assert {row["factor"] for row in told["report"]} == {"red", "green", "blue", "inventory"}
    assert all(row["path"].startswith(str(folder)) for row in told["report"])


def test_values_that_mean_landslide_can_be_named(tmp_path):
    three = slide(1)
    three[:, 20:24] = 2
    folder = folder_of(tmp_path / "d", [three, slide(1)])
    for values, pixels in (((1.0,), 128), ((1.0, 2.0), 128 + 4 * SIDE), ("any", 128 + 4 * SIDE)):
        found = tile_folder.find(str(folder), wishes=tile_folder.Wishes(landslide=values))
        marked = tile_folder.write(found, tmp_path / f"{values}", "s", silent)
        with rasterio.open(tmp_path / f"{values}" / "s_mask.tif") as mask:
            assert mask.read().sum() == pixels and marked[2] == ()
    with pytest.raises(SlideScopeError, match="no mask looked at holds it, they hold 0, 1, 2"):
        tile_folder.find(str(folder), wishes=tile_folder.Wishes(landslide=(7.0,)))


def test_options_that_masks_do_not_take_are_refused(workspace, tmp_path, capsys):
    folder = folder_of(tmp_path / "d", [slide()])
    said = refused(capsys, f"--tile-folder {folder} --crs inventory=EPSG:32648")
    assert "--crs is given for the masks of a tile folder" in said
