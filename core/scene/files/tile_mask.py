"""What the numbers and colours of tile masks mean: landslide, none, not mapped.

Masks come as 0 and 1, 0 and 255, black and a colour, indices of a palette, and as JPEG, which
blurs them. What a folder's masks mean is decided once, from a sample of all of them; a mask that
holds something else is refused by name.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from rasterio.windows import Window

from core.errors import SlideScopeError
from core.scene.files import sampling
from core.scene.files.tile_picture import Picture, opened

SAMPLE = 64
# Blurred masks: what lies within these is 0 and 255.
DARK, BRIGHT, HALF = 32, 224, 128
COLOURS = ("black", "blue", "green", "cyan", "red", "magenta", "yellow", "white")
UNMAPPED = 255.0
ANY, LEAST = "any", 1e-6


@dataclass(frozen=True)
class MaskRule:
    """`landslide` values and `ignored` ones (not mapped); with `threshold` what reaches it is
    landslide. `expected` are the values that the sample held; `notes` say what was decided."""

    landslide: frozenset[float] = frozenset()
    ignored: frozenset[float] = frozenset()
    threshold: float | None = None
    expected: frozenset[float] = frozenset()
    notes: tuple[str, ...] = ()

    def read(self, picture: Picture, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return bool (rows, columns): landslide, and not mapped."""
        values = flat(picture, window)
        unknown = np.isnan(values)
        if self.threshold is not None:
            unknown = unknown | np.isin(values, list(self.ignored))
            return (np.nan_to_num(values) >= self.threshold) & ~unknown, unknown
        held = np.unique(values[~unknown])
        odd = [v for v in held.tolist() if v not in self.expected]
        if odd:
            known = ", ".join(f"{v:g}" for v in sorted(self.expected))
            raise SlideScopeError(
                f"Mask '{picture.path.name}' holds {odd[0]:g}, the others hold {known}: what it "
                f"means cannot be told; say which values are landslides with --landslide-value, "
                f"or leave the value out with --nodata inventory={odd[0]:g}."
            )
        return np.isin(values, list(self.landslide)), unknown | np.isin(values, list(self.ignored))


@dataclass
class Held:
    """What a sample of masks holds: pixels by value, in which masks, and what blurred them."""

    pixels: Counter = field(default_factory=Counter)
    values: list[frozenset[float]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    colours: Counter = field(default_factory=Counter)
    lossy: bool = False
    palette: dict[int, tuple[int, ...]] | None = None


def decide(
    masks: Sequence[Path], ignored: Iterable[float] = (), landslide: Iterable[float] | str = ()
) -> MaskRule:
    """Settle what masks mean; `ignored` and `landslide` are values that the user names, ANY of the
    latter all above 0."""
    held = _held(_spread(masks))
    left = frozenset(ignored)
    if landslide == ANY:
        note = "Landslides are where the masks hold any value above 0, as asked."
        return MaskRule(ignored=left, threshold=LEAST, notes=(note,))
    asked = frozenset(float(value) for value in landslide)
    values = frozenset(held.pixels)
    if asked:
        return _asked(held, values, asked, left)
    _check_whole(held, values)
    _check_colours(held)
    if _blurred(held, values - left):
        note = (
            f"The masks are blurred by compression (values besides 0 and 255): {HALF} and more is "
            "taken as landslide."
        )
        return MaskRule(threshold=HALF, notes=(note,))
    return _plain(held, values, left)


def flat(picture: Picture, window: Window) -> np.ndarray:
    """One number a pixel, float32 (rows, columns): the band, or the strongest of the colours; NaN
    where the file declares no data."""
    values = _painted(picture, window)
    if len(values) not in (1, 3):
        raise SlideScopeError(
            f"Mask '{picture.path.name}' has {len(values)} bands: a mask has one, or three of a "
            "colour; write it as one band with 0 elsewhere and 1 on landslides."
        )
    one = values.max(axis=0)
    if picture.nodata not in (None, 0):
        one = np.where(picture.valid(window)[0], one, np.nan)
    return one


def _painted(picture: Picture, window: Window) -> np.ndarray:
    """The bands without that of transparency, 0 where nothing is drawn."""
    values = picture.read(window)
    alpha = picture.alpha if picture.alpha is not None else 3 if len(values) == 4 else None
    if alpha is None:
        return values
    drawn = values[alpha] > 0
    # Landslides drawn on a sheet of glass: where nothing is drawn there are none.
    return np.delete(values, alpha, axis=0) * drawn


def _held(masks: Sequence[Path]) -> Held:
    held = Held()
    for path in masks:
        with opened(path) as picture:
            rows, columns = picture.size
            found: Counter = Counter()
            for window in sampling.spread(rows, columns, sampling.SIDE, sampling.WINDOWS):
                values = flat(picture, window)
                held.colours.update(_colours(picture, window))
                codes, counts = np.unique(values[np.isfinite(values)], return_counts=True)
                found.update(dict(zip(codes.tolist(), counts.tolist())))
            held.lossy |= picture.lossy
            held.palette = held.palette or picture.palette
            held.pixels.update(found)
            held.values.append(frozenset(found))
            held.names.append(path.name)
    return held


def _colours(picture: Picture, window: Window) -> dict[int, int]:
    """Pixels by the corner of the colour cube that they are near; nothing of one band."""
    values = _painted(picture, window)
    if len(values) != 3:
        return {}
    # What compression leaves in black has no colour.
    brightest = values.max(axis=0)
    lit = brightest > (48 if picture.lossy else 0)
    strong = (2 * values >= brightest) & lit
    codes = (strong * np.array([4, 2, 1])[:, None, None]).sum(axis=0)
    found, counts = np.unique(codes, return_counts=True)
    return dict(zip(found.tolist(), counts.tolist()))


def _spread(masks: Sequence[Path]) -> list[Path]:
    step = max(1, -(-len(masks) // SAMPLE))
    return list(masks[::step])


def _asked(held: Held, values: frozenset, asked: frozenset, left: frozenset) -> MaskRule:
    if not asked & values:
        raise SlideScopeError(
            f"--landslide-value {_listed(asked)}: no mask looked at holds it, they hold "
            f"{_listed(values)}; name one of these."
        )
    if UNMAPPED in values - asked and len(values) > 2:
        left |= {UNMAPPED}
    note = f"Landslides are where the masks hold {_listed(asked)}, as asked{_left_out(left)}."
    return MaskRule(asked, left, None, values | asked | left, (note,))


def _plain(held: Held, values: frozenset, left: frozenset) -> MaskRule:
    """0 and one other value; with one more that says "not mapped"."""
    negative = frozenset(v for v in values if v < 0)
    rest = values - {0.0} - left - negative
    if len(rest) == 2 and UNMAPPED in rest and 0.0 in values:
        (other,) = rest - {UNMAPPED}
        together = any({other, UNMAPPED} <= v for v in held.values)
        if not together:
            raise SlideScopeError(
                f"Some masks hold 0 and {other:g}, others 0 and 255: whether 255 is a landslide "
                "cannot be told; say so with --nodata inventory=255 if it means not mapped, or "
                f"--landslide-value {other:g},255."
            )
        left, rest = left | {UNMAPPED}, rest - {UNMAPPED}
    if len(rest) > 1 or (rest and 0.0 not in values and len(values) > 1 and not left):
        raise SlideScopeError(
            f"The masks hold {_listed(values)} ('{held.names[0]}' and others): which of them is "
            f"landslide cannot be told; name it, for example --landslide-value {min(rest):g}."
        )
    left |= negative
    _check_palette(held, rest)
    gone = left & values
    notes = (f"Masks: {_listed(gone)} means not mapped; such pixels count as no data.",)
    expected = frozenset((0.0, *rest, *left))
    return MaskRule(rest, left, None, expected, notes if gone else ())


def _check_palette(held: Held, landslide: frozenset) -> None:
    """Refuse a palette whose colours say the opposite of its numbers."""
    if not held.palette or len(landslide) != 1:
        return
    (code,) = landslide
    ground, slide = held.palette.get(0), held.palette.get(int(code))
    if ground and slide and max(slide[:3]) < DARK <= max(ground[:3]):
        raise SlideScopeError(
            f"The masks draw number {code:g} in black and 0 in a colour: which of them is "
            f"landslide cannot be told; say so with --landslide-value {code:g}, or "
            "--landslide-value 0."
        )


def _check_whole(held: Held, values: frozenset) -> None:
    """Refuse what is no mask: probabilities, measurements."""
    odd = sorted(v for v in values if v != round(v))
    if odd:
        what = "a probability" if min(values) >= 0 and max(values) <= 1 else "a measurement"
        raise SlideScopeError(
            f"The masks hold {odd[0]:.3g}, which is {what} and no mask: write 0 elsewhere and 1 on "
            "landslides, for example where it reaches .5."
        )


def _check_colours(held: Held) -> None:
    """Refuse masks that tell more than two things by colour."""
    every = sum(held.colours.values())
    # A seam between two colours may blur into a third.
    least = (0.02 if held.lossy else 0.002) * every
    used = [code for code, n in held.colours.items() if n > least]
    if not used or set(used) <= {0} or (len(used) == 1) or (len(used) == 2 and 0 in used):
        return
    names = " and ".join(COLOURS[code] for code in sorted(used))
    raise SlideScopeError(
        f"The masks are drawn in {names}: which colour is landslide cannot be told; write them as "
        "one band with 0 elsewhere and 1 on landslides."
    )


def _blurred(held: Held, values: frozenset) -> bool:
    """Whether nearly all pixels are near 0 or 255 and some between: JPEG, or smoothed edges."""
    if len(values) <= 2 or (len(values) == 3 and not held.lossy):
        return False
    total = sum(held.pixels.values())
    ends = sum(n for v, n in held.pixels.items() if v < DARK or v >= BRIGHT)
    dark = any(v < DARK for v in values)
    if min(values) >= 0 and max(values) >= BRIGHT and dark and ends >= 0.9 * total:
        return True
    if held.lossy:
        raise SlideScopeError(
            f"The masks are JPEG and hold {len(values)} values up to {max(values):g}, neither 0 "
            "nor 255: compression has blurred what they meant; export them as PNG with 0 elsewhere "
            "and 1 on landslides."
        )
    return False


def _left_out(left: frozenset) -> str:
    return f"; {_listed(left)} means not mapped" if left else ""


def _listed(values: Iterable[float]) -> str:
    every = sorted(values)
    return ", ".join(f"{v:g}" for v in every[:6]) + (", ..." if len(every) > 6 else "")
