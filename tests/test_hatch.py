"""What the radar does not see is hatched wherever visibility is shown."""

import numpy as np
import rasterio

from core.maps import card, colours, frontend
from core.maps.layers import Layer
from core.scene.insar import visibility

CLASSES = tuple((n, visibility.LEGEND[str(n)]) for n in (1, 2, 3, 4))


def test_the_classes_that_are_not_visible_are_hatched_and_say_so():
    assert colours.values("visibility", CLASSES) == (3, 4)
    assert colours.values("lithology", CLASSES) == ()
    assert all("not visible" in word for value, word in CLASSES if value in (3, 4))


def test_classes_that_do_not_occur_shift_nothing():
    """A legend's display values are its order: only what is in it can be hatched."""
    assert colours.values("visibility", ((1, "visible"), (2, visibility.LEGEND["4"]))) == (2,)


def test_a_picture_has_lines_where_nothing_is_seen():
    layer = Layer("visibility", "", "categorical", "", "", "categories", classes=CLASSES)
    hatched = Layer(**{**layer.to_json(), "hatched": (3, 4)})
    values = np.repeat(np.array([[1, 3]], np.uint8), 16, axis=1).repeat(16, axis=0)

    def drawn(layer: Layer) -> np.ndarray:
        with (
            rasterio.MemoryFile(card.png(values, layer)) as memory,
            memory.open() as source,
        ):
            table = source.colormap(1)
            return np.array([[table[v][:3] for v in row] for row in source.read(1)])

    plain, lined = drawn(layer), drawn(hatched)
    changed = (plain != lined).any(axis=-1)
    assert not changed[:, :16].any()
    np.testing.assert_array_equal(changed[:, 16:], colours.lines((16, 32))[:, 16:])
    assert (lined[changed] == colours.INK).all()


def test_the_browser_draws_the_same_lines():
    script = frontend.FILES["hatch.js"].decode()
    ink = ", ".join(map(str, colours.INK))
    assert f"period: {colours.PERIOD}, line: {colours.LINE}, ink: [{ink}]" in script
