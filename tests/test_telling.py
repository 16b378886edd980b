"""The demo opens Compare at the largest landslide that one side finds and the other misses."""

from core.maps import bookmark, telling
from core.maps.place import pixel
from core.maps.sides import first_pair, sides_of
from core.objects import score
from tests import tiny

THRESHOLDS = (0.6, 0.8, 0.9, 0.95)


def pair(scene):
    known = sides_of(scene)
    return [known[side] for side in first_pair(known)]


def test_it_is_the_largest_that_right_finds_and_left_misses(tiny_scene, tiny_runs):
    left, right = pair(tiny_scene)
    some = 0
    for threshold in THRESHOLDS:
        one, other = (
            score.of_run(side.run, tiny_scene, "test", threshold) for side in (left, right)
        )
        missed = {o.key for o in one.missed}
        gained = [o.pixels for o in other.landslides if o.hit and o.key in missed]
        found = telling.landslide(tiny_scene, left, right, threshold)
        assert (found.pixels if found else None) == max(gained, default=None)
        some += bool(gained)
    assert some  # else nothing was looked at
    assert telling.landslide(tiny_scene, right, right, THRESHOLDS[0]) is None


def test_the_address_shows_it_over_the_handle_of_the_swipe(tiny_scene, tiny_runs, monkeypatch):
    left, right = pair(tiny_scene)
    (item,) = score.of_run(right.run, tiny_scene, "test", 0.5).landslides[:1]
    monkeypatch.setattr(telling, "landslide", lambda *_: item)
    asked = telling.view(tiny_scene)
    assert (asked["left"], asked["right"], asked["threshold"]) == (left.id, right.id, "0.5")
    lat, lng, zoom = bookmark.read(asked, 0.5).at
    row, column = pixel(tiny_scene, lat + telling.ABOVE_PX * telling.degrees(zoom, lat), lng)
    assert item.box[0] <= row < item.box[2] and item.box[1] <= column < item.box[3]


def test_without_such_a_landslide_or_a_run_the_map_opens_as_it_does(tiny_scene):
    assert telling.view(tiny_scene) == {}
    tiny.run(tiny_scene, "rs-dr", skill=4.0)
    assert set(telling.view(tiny_scene)) == {"left", "right", "threshold"}
