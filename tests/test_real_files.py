"""Every file of the real data goes through import: a right scene, or one sentence.

Skipped where the data is absent (see the data folder's README).
"""

import re
import time
from pathlib import Path

import numpy as np
import pytest

from core.__main__ import main as command
from core.errors import SlideScopeError
from core.jobs.report import silent
from core.scene import store
from core.scene.files.source import parse_sources
from core.scene.importing import import_scene
from core.scene.plan.request import ImportRequest

SECONDS = 20

# What is given as a factor -> shape of the scene, a pixel (row, column) and its value.
RIGHT = {
    "awkward/pypi__zeros_no_geo_int16_7x3.tif": ((3, 7), (1, 3), 0.0),
    "awkward/rasterio__N10W110.hgt.zip": ((1212, 1199), (606, 607), 0.0),
    "awkward/rasterio__float_raster_with_extra_nodata.tif": ((22, 28), (6, 15), 0.0),
    "awkward/rasterio__float_raster_with_nodata.tif": ((12, 13), (3, 12), 0.0),
    "awkward/rasterio__alpha.tif:1": ((391, 391), (376, 69), 122.6535),
    "awkward/rasterio__rgb-byte-tenth.tif:1": ((71, 79), (35, 37), 39.0),
    "awkward/rasterio__two-subs.h5:data": ((3, 3), (1, 1), 0.93466),
    "awkward/riotiler__blue.tif": ((259, 255), (129, 121), 17705.0),
    "awkward/riotiler__clp.tif:1": ((256, 256), (83, 205), 249.0),
    "awkward/riotiler__cog_ovr.tif": ((2667, 2658), (1333, 1329), 1.0),
    "awkward/riotiler__cog_rgb.tif:1": ((2, 4), (1, 0), 96.3471),
    # Scale .0001 and offset 1000 are applied.
    "awkward/riotiler__cog_tags.tif": ((256, 256), (127, 255), 1000.3183),
    "awkward/riotiler__green.tif": ((259, 255), (129, 119), 9853.0),
    "awkward/riotiler__lowres.tif": ((130, 128), (65, 34), 9510.0),
    "awkward/riotiler__red_nostats.tif": ((259, 255), (129, 119), 8732.0),
    # Rotated by 33 degrees, turned north-up.
    "awkward/rioxarray__2d_test.tif": ((13, 13), (6, 3), 0.19528),
    "awkward/rioxarray__MODIS_ARRAY.nc": ((200, 200), (100, 6), 411.0),
    "awkward/rioxarray__MODIS_ARRAY_UTM_GDAL361.nc": ((119, 257), (59, 123), 401.0),
    "awkward/rioxarray__PLANET_SCOPE_3D.nc:blue:1": ((2, 2), (1, 0), 3.90655),
    "awkward/rioxarray__clip_bbox__out_of_bounds.tif": ((10, 10), (5, 0), 178.0),
    "awkward/rioxarray__nonstandard_dim.nc": ((11, 10), (4, 0), 293.98685),
    "awkward/rioxarray__sentinel_2_L1C_utm.nc:red": ((8, 9), (4, 0), 315.32956),
    "awkward/rioxarray__veris_interpolate.nc:Slope": ((50, 35), (25, 0), 5.5542),
    "kashmir/AW3D30.tif": ((987, 826), (493, 412), 1708.3181),
    "kashmir/Geology.tif": ((987, 826), (493, 412), 19.0),
    # The grid is in the attributes, zeros are no data.
    "kirishima/velocity.h5:velocity": ((590, 506), (294, 358), -0.000726331),
    "kirishima/temporalCoherence.h5": ((590, 506), (294, 349), 0.98435),
    "kirishima/height.tif": ((590, 506), (295, 239), 1473.1094),
    "sbas_cropA/cropA_T005A_dem.tif": ((62, 97), (31, 0), 2258.4424),
    "sbas_cropA/cropA_20180106-20180130_VV_8rlks_eqa_unw.tif": ((62, 97), (30, 59), 9.98821),
    "mmls2/val_rgb.tif:1": ((8448, 128), (4224, 0), 114.0),
    "mmls2/val_slope_decideg.tif": ((8448, 128), (4224, 0), 14.0),
}

# What is given -> what the sentence says.
REFUSED = {
    "awkward/pypi__LS8_OLI_TIRS_NBAR_P54_GANBAR01-015_101_078_20141012_B1.tif": "holds nothing",
    "awkward/pypi__all_nodata.tif": "holds nothing",
    "awkward/rasterio__all-nodata.tif:1": "holds nothing",
    "awkward/pypi__multi_doc.nc": "it has a, b, dataset; choose one, as pypi__multi_doc.nc:a",
    "awkward/rasterio__RGB.byte.gcp.vrt": "is a VRT",
    "awkward/rasterio__goes.tif:1": "reaches beyond the earth",
    "awkward/rasterio__red.tif:1": "no UTM zone holds more than 12 degrees",
    "awkward/rasterio__two-subs.h5": "it has data, data2; choose one",
    "awkward/riotiler__inverted_lat.tif": "reaches 360 x 180 degrees",
    "awkward/riotiler__clp.tif:3": "no band 3",
    "awkward/rioxarray__MODIS_POINT.nc": "no geotransform",
    "awkward/rioxarray__test_rpcs.tif": "rational polynomials",
    "awkward/rioxarray__unicode.nc": "no geotransform",
    "kirishima/velocity.h5": "it has velocity, velocityStd; choose one",
    "sbas_cropA/20180106-20180130_VV_8rlks_base.par": "not a raster that SlideScope reads",
}


def imported(text: str, name: str = "a") -> store.Scene:
    request = ImportRequest(name, {"x": parse_sources(text)})
    with store.create(name, replace_old=True) as folder:
        import_scene(request, folder, silent)
    return store.load(name)


@pytest.mark.parametrize("text", RIGHT)
def test_a_real_file_becomes_a_right_scene(workspace, real_data, text):
    shape, place, value = RIGHT[text]
    scene = imported(str(real_data / text))
    assert scene.grid.shape == shape
    assert scene.read()[(*place, 0)] == pytest.approx(value, rel=1e-4)


@pytest.mark.parametrize("text", REFUSED)
def test_a_file_that_cannot_be_a_factor_is_one_sentence(workspace, real_data, capsys, text):
    assert command(["import", "a", "--factor", f"x={real_data / text}"]) == 2
    told = capsys.readouterr().err.strip().splitlines()[-1]
    assert REFUSED[text] in told and told.endswith("."), told


def walked(real_data: Path) -> list[Path]:
    """Every file, of the many large strips of tiles only the validation part; none of those that
    were made to take a machine down (`attacks`: one of them does, by its memory)."""
    every = sorted(p for p in real_data.rglob("*") if p.is_file())
    tame = [p for p in every if "attacks" not in p.relative_to(real_data).parts]
    return [p for p in tame if not p.name.startswith("train_")]


def ending(text: str) -> str:
    """Import a file; where a part or a band must be chosen, the first one; return how it ends."""
    try:
        scene = imported(text)
        assert np.isfinite(scene.read()).any()
        return "scene"
    except SlideScopeError as error:
        told = str(error)
    choice = re.search(r"(?:choose one|say which one), as [^:]+:(.+?)(?: to .*)?\.$", told)
    known = choice and not text.endswith(f":{choice[1]}")
    return ending(f"{text}:{choice[1].rpartition(':')[2]}") if known else told


def test_every_file_ends_in_a_scene_or_in_one_sentence(workspace, real_data):
    scenes = 0
    for path in walked(real_data):
        start = time.process_time()
        found = ending(str(path))
        scenes += found == "scene"
        assert found == "scene" or found.endswith("."), (path.name, found)
        assert "\n" not in found, path.name
        # Time of the processor: another program's work does not count.
        assert time.process_time() - start < SECONDS, path.name
    assert scenes > 90, "most files are good ones"
