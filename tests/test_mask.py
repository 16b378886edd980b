"""Another mask for a rate that is there: the same as if the import had asked for it."""

import json
from dataclasses import replace

import numpy as np
import pytest
import rasterio

from core.errors import SlideScopeError
from core.jobs.report import silent
from core.scene import origin, store
from core.scene.sbas import mask, outcome
from core.scene.sbas.request import MaskRequest
from core.scene.sbas.settings import MaskSettings
from core.workflows import importing, masking
from tests import moved as made
from tests.moved import moved, own_moved  # noqa: F401


def rate(scene: store.Scene) -> np.ndarray:
    with rasterio.open(scene.path / origin.FOLDER / "deformation.tif") as file:
        return file.read(1)


@pytest.fixture
def grounds(moved) -> mask.Grounds:  # noqa: F811
    folder = moved.path / origin.FOLDER
    return mask.read(folder, outcome.read(folder))


def test_the_import_s_own_mask_keeps_what_the_import_kept(moved, grounds):  # noqa: F811
    found = outcome.read(moved.path / origin.FOLDER)
    kept = grounds.kept(mask.of(found.settings))
    np.testing.assert_array_equal(kept, np.isfinite(rate(moved)))
    assert mask.figures(grounds, kept, found).items() <= found.figures.items()
    assert grounds.share(mask.of(found.settings)) == pytest.approx(
        found.figures["share_kept"], abs=1e-4
    )


def test_a_stricter_mask_keeps_less(grounds):
    shares = [grounds.share(MaskSettings(max_rate_error=e)) for e in (None, 1.0, 0.0)]
    assert shares[0] >= shares[1] > shares[2]
    middle = float(np.nanmedian(grounds.error))
    assert grounds.share(MaskSettings(max_rate_error=middle)) == pytest.approx(0.5, abs=0.05)
    counts, edges = grounds.by_temporal_coherence()
    assert counts.sum() == grounds.ground and len(edges) == 51


def test_a_mask_makes_the_scene_that_an_import_with_it_makes(own_moved, tmp_path):  # noqa: F811
    folder = own_moved.path / origin.FOLDER
    limit = float(np.nanmedian(mask.read(folder, outcome.read(folder)).error))
    before = rate(own_moved)
    told = masking.run(MaskRequest(scene=made.NAME, max_rate_error=limit), silent)
    after = store.load(made.NAME)
    kept = np.isfinite(rate(after))
    assert 0.3 < told["share_kept"] < 0.7
    np.testing.assert_array_equal(rate(after)[kept], before[kept])
    assert after.fingerprint != own_moved.fingerprint
    assert any("error up to" in note for note in after.notes)
    assert outcome.read(after.path / origin.FOLDER).settings["max_rate_error"] == limit

    (tmp_path / "files").mkdir()
    asked = made.request(made.files(tmp_path / "files"), max_rate_error=limit, replace=True)
    again = importing.store_scene(asked, silent)
    assert again.fingerprint == after.fingerprint


def test_the_way_back_gives_the_scene_before(own_moved):  # noqa: F811
    masking.run(MaskRequest(scene=made.NAME, min_pairs=1.0, max_rate_error=0.5), silent)
    masking.run(MaskRequest(scene=made.NAME), silent)
    after = store.load(made.NAME)
    assert after.fingerprint == own_moved.fingerprint
    assert sum(note.startswith("Mask of the rate") for note in after.notes) == 1


def test_versions_of_the_inventory_stay(own_moved):  # noqa: F811
    second = own_moved.path / "inventory" / "2"
    second.mkdir()
    (second / "version.json").write_text(json.dumps({"version": 2}))
    masking.run(MaskRequest(scene=made.NAME, max_rate_error=0.5), silent)
    assert (store.load(made.NAME).path / "inventory" / "2" / "version.json").is_file()


def test_a_mask_that_keeps_nothing_leaves_the_scene_alone(own_moved):  # noqa: F811
    with pytest.raises(SlideScopeError, match=r"No pixel has .*error up to 0 mm/yr"):
        masking.run(MaskRequest(scene=made.NAME, max_rate_error=0.0), silent)
    assert store.load(made.NAME).created == own_moved.created


def test_a_scene_of_another_rate_is_refused(tiny_scene):
    with pytest.raises(SlideScopeError, match="has no rate of interferograms"):
        masking.run(MaskRequest(scene=tiny_scene.name), silent)


def test_the_request_is_a_command():
    asked = MaskRequest(scene="a", max_rate_error=4.0)
    assert asked.argv() == ["mask", "a", "--max-rate-error", "4.0"]
    assert replace(asked, max_rate_error=None).argv() == ["mask", "a"]
