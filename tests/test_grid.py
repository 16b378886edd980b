"""Choosing the grid of a scene."""

from pathlib import Path

import pytest
from rasterio.crs import CRS
from rasterio.transform import Affine

from core.errors import SlideScopeError
from core.scene.files.raster import Raster
from core.scene.files.source import Source
from core.scene.plan import layout
from core.scene.plan.request import ImportRequest

X, Y = 240000.0, 3020000.0


def raster(name="dem", cell=12.5, size=(200, 300), origin=(X, Y), crs="EPSG:32648", transform=None):
    """A raster as its header says, without a file."""
    return Raster(
        path=Path(f"{name}.tif"),
        band=1,
        width=size[1],
        height=size[0],
        crs=CRS.from_user_input(crs) if crs else None,
        transform=transform or Affine(cell, 0, origin[0], 0, -cell, origin[1]),
        dtype="float32",
        nodata=None,
        unscale=(1.0, 0.0),
        synthetic=False,
    )


def choose(like=None, resolution=None, tiles=None, **files):
    request = ImportRequest(
        "x", {n: (Source(n),) for n in files}, resolution=resolution, tiles=tiles
    )
    return layout.choose(request.grid, {name: (file,) for name, file in files.items()}, like)


def test_the_grid_is_that_of_a_12_5_m_elevation():
    chosen = choose(red=raster("red", 10, (250, 375)), elevation=raster())
    assert chosen.grid.transform == (12.5, 0, X, 0, -12.5, Y)
    assert chosen.grid.shape == (200, 300)
    assert chosen.notes == ()


def test_coarser_elevation_keeps_its_pixels_and_says_so():
    chosen = choose(red=raster("red", 10, (600, 600)), elevation=raster(cell=30))
    assert chosen.grid.resolution == (30, 30)
    assert chosen.grid.shape == (200, 200)
    assert "30.00 m" in chosen.notes[0]


def test_finer_elevation_becomes_12_5_m_on_its_origin():
    chosen = choose(elevation=raster(cell=2, size=(1001, 1001), origin=(X + 1, Y)))
    assert chosen.grid.transform == (12.5, 0, X + 1, 0, -12.5, Y)
    assert chosen.grid.shape == (160, 160)


def test_resolution_is_the_users_choice():
    assert choose(elevation=raster(cell=30), resolution=20).grid.resolution == (20, 20)


def test_the_extent_is_what_the_rasters_share_deformation_excepted():
    small = raster("red", size=(100, 100), origin=(X + 125, Y - 250))
    chosen = choose(elevation=raster(), red=small, deformation=raster("d", size=(30, 30)))
    assert chosen.grid.bounds == small.bounds
    assert choose(elevation=raster(), deformation=raster("d", size=(5, 5))).grid.shape == (200, 300)


def test_origins_a_fraction_of_a_millimetre_apart_lose_no_pixel():
    off = raster("rock", 28.554923, (987, 826), (X - 4e-5, Y - 4e-5))
    dem = raster("dem", 28.554923494, (987, 826))
    assert choose(elevation=dem, lithology=off).grid.shape == (987, 826)


def test_geographic_elevation_comes_into_the_utm_zone_of_its_centre():
    degrees = raster(cell=0.001, size=(500, 500), origin=(73.0, 34.5), crs="EPSG:4326")
    chosen = choose(elevation=degrees)
    assert chosen.grid.crs == "EPSG:32643"
    assert 90 < chosen.grid.resolution[0] < 115


def test_like_takes_a_grid_over_as_it_is():
    grid = choose(like=raster("g", 25, (40, 50)), elevation=raster()).grid
    assert grid.transform == (25, 0, X, 0, -25, Y) and grid.shape == (40, 50)


def test_rasters_without_coordinates_share_their_pixel_grid():
    plain = raster(crs=None, transform=Affine.identity())
    chosen = choose(red=plain, green=plain)
    assert chosen.grid.crs is None and chosen.grid.shape == (200, 300)
    assert "plain pixel grid" in chosen.notes[0]


def test_a_tile_scene_is_a_strip_of_tiles():
    strip = raster(crs=None, size=(384, 128), transform=Affine.identity())
    chosen = choose(red=strip, tiles=128)
    assert (chosen.kind, chosen.tile, chosen.grid.shape) == ("tiles", 128, (384, 128))


REFUSED = (
    (
        {"elevation": raster(), "red": raster("red", origin=(X + 1e5, Y))},
        "No overlap: red .*red.tif.* does not overlap the other rasters",
    ),
    (
        {"elevation": raster(), "deformation": raster("d", origin=(X, Y + 1e5))},
        "No overlap: deformation",
    ),
    ({"elevation": raster(), "red": raster("red", crs=None)}, "has no coordinate reference system"),
    ({"red": raster(crs=None), "resolution": 10}, "--resolution needs a coordinate"),
    (
        {"red": raster(crs=None), "green": raster(crs=None, size=(9, 9))},
        "must share one pixel grid",
    ),
    ({"elevation": raster(size=(100_000, 100_000))}, "10000 million pixels: the limit is 1000"),
    (
        {"elevation": raster(cell=0.5, size=(360, 720), origin=(-180, 90), crs="EPSG:4326")},
        "reaches 360 x 180 degrees",
    ),
    ({"red": raster(crs=None, size=(100, 128)), "tiles": 128}, "tiles one below the other"),
    (
        {"elevation": raster(), "like": raster(transform=Affine(12, 3, X, 3, -12, Y))},
        "rotated or upside down",
    ),
    ({"elevation": raster(size=(3, 3), cell=1)}, "less than one pixel"),
)


@pytest.mark.parametrize(("asked", "sentence"), REFUSED)
def test_what_makes_no_grid_is_said_in_one_sentence(asked, sentence):
    with pytest.raises(SlideScopeError, match=sentence):
        choose(**asked)
