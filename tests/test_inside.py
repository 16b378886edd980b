"""Private names of Keras and rasterio stand in one file each, and still mean what they meant."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FENCED = {
    "_flatten_layers": "models/keras_inside.py",
    "_inbound_nodes": "models/keras_inside.py",
    "rasterio._err": "core/scene/files/gdal_errors.py",
    "PagesManager": "app.py",
}


@pytest.mark.parametrize("name", FENCED)
def test_a_private_name_stands_in_one_file(name):
    places = [f for top in ("core", "models", "pages", "bench") for f in (ROOT / top).rglob("*.py")]
    found = {str(f.relative_to(ROOT)) for f in [*places, ROOT / "app.py"] if name in f.read_text()}
    assert found == {FENCED[name]}


def test_keras_still_tells_layers_and_calls():
    from core.learning.networks import network
    from models import keras_inside

    keras = network.keras()
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="inner")])
    given = keras.Input((4,))
    outer = keras.Model(given, keras.layers.Dense(2, name="outer")(inner(given)))
    version = f"Keras {keras.__version__}"
    names = [layer.name for layer in keras_inside.flat_layers(outer)]
    assert {"inner", "outer"} <= set(names), version
    calls = keras_inside.calls_of(outer.get_layer("outer"))
    assert [len(call.input_tensors) for call in calls] == [1], version


def test_rasterio_still_raises_what_we_catch(tmp_path):
    import rasterio
    from rasterio.warp import transform_bounds

    from core.scene.files.gdal_errors import GDAL_ERRORS

    broken = 'LOCAL_CS["nowhere",UNIT["metre",1]]'
    with pytest.raises(GDAL_ERRORS):
        transform_bounds(broken, "EPSG:4326", 0, 0, 1, 1)
    (tmp_path / "a.tif").write_bytes(b"II*\x00no raster")
    with pytest.raises(GDAL_ERRORS):
        rasterio.open(tmp_path / "a.tif")
