"""What looks wrong about an input, each with what to do about it."""

from collections.abc import Iterator

import numpy as np

from core.factors import OPTICAL
from core.scene.files.raster import AS_STORED, Raster
from core.scene.files.sampling import Sample
from core.scene.plan import voids
from core.scene.plan.overrides import INVENTORY
from core.scene.plan.units import Problem

MEASURED = ("elevation", "slope", "curvature", *OPTICAL)
INDICES = ("ndvi", "evi", "ndwi", "mndwi", "savi", "ndbi", "ndmi", "nbr", "msavi")


def problems(name: str, kind: str, raster: Raster, sample: Sample, overlap: float) -> list[Problem]:
    """All of them, for a raster file of factor `name`; `overlap` is its share of the grid."""
    voids_of = [] if name == INVENTORY else voids.hidden(name, sample.raw)
    framed = sample.frame == 0 and (raster.nodata is None or name in OPTICAL)
    found = [
        *_place(name, raster, overlap),
        # Zeros in the corners are a frame rather than a value apart.
        *hidden_nodata(name, [v for v in voids_of if v[0] or not framed]),
        *_frame(name, raster, sample, voids_of),
        *_classes(name, kind, raster, sample),
    ]
    known = sample.values
    if voids_of and known.size == sample.raw.size:
        # What is to be left out says nothing about unit and range.
        known = known[~np.isin(sample.raw, [value for value, _ in voids_of])]
    # What nobody has named a unit for has no range to keep to.
    if raster.unit != AS_STORED:
        found += _picture(name, raster, sample.raw)
        found += _range(name, known) if known.size else []
    return found


def _place(name: str, raster: Raster, overlap: float) -> Iterator[Problem]:
    if raster.degrees and raster.crs is None:
        yield Problem(
            f"{name} lies on latitude and longitude but names no reference system",
            option="crs",
            value="EPSG:4326",
            does="places it on the earth",
        )
    if raster.rotated:
        yield Problem(f"{name} is rotated: it is turned north-up, which resamples it")
    elif raster.transform.e > 0 and raster.crs is not None:
        yield Problem(f"{name} is upside down (its first row is in the south): it is turned over")
    if raster.transform.a < 0 and not raster.rotated:
        yield Problem(f"{name} is mirrored (its first column is in the east): it is turned over")
    if overlap < 0.5:
        yield Problem(
            f"{name} covers {100 * overlap:.0f} % of the grid",
            ": check that x and y are not swapped and its coordinate reference system",
        )


def hidden_nodata(name: str, found: list[tuple[float, float]]) -> Iterator[Problem]:
    """Of values that `core.scene.plan.voids` found."""
    for value, share in found:
        yield Problem(
            f"{name} holds {value:g} in {100 * share:.1f} % of its pixels, which looks like "
            "undeclared no data",
            option="nodata",
            value=f"{value:g}" if float(f"{value:g}") == value else repr(value),
            does="leaves them out",
        )


def _frame(
    name: str, raster: Raster, sample: Sample, found: list[tuple[float, float]]
) -> Iterator[Problem]:
    raw, frame = sample.raw, sample.frame
    if not raw.size:
        yield Problem(f"{name} holds no data in the pixels looked at", ": check its no-data value")
        return
    still = voids.still(name, raw, raster.nodata)
    if still:
        yield Problem(
            f"{name} is exactly 0 in {100 * still:.1f} % of its pixels, as where nothing was "
            "measured",
            option="nodata",
            value="0",
            does="leaves them out",
        )
    share = float((raw == frame).mean()) if frame is not None else 0.0
    told = (still and frame == 0) or (frame and any(value == frame for value, _ in found))
    # The sea is 0 where another value is declared.
    open_ = raster.nodata is None or (name in OPTICAL and raster.nodata != frame)
    if frame is None or told or not 0 < share < 1 or not open_ or name == INVENTORY:
        return
    words = "zeros" if frame == 0 else f"{frame:g}"
    yield Problem(
        f"{name} is framed by {words} ({100 * share:.1f} % of its pixels) and declares no "
        "no-data value" + (" for it" if raster.nodata is not None else ""),
        option="nodata",
        value=f"{frame:g}",
        does="leaves them out",
    )


def _picture(name: str, raster: Raster, raw: np.ndarray) -> Iterator[Problem]:
    """Eight bits that are used from end to end are brightness, not a measurement."""
    if raster.dtype != "uint8" or name not in MEASURED or raster.unscale != (1.0, 0.0):
        return
    if raw.size and raw.max() >= 250 and raw.min() <= 5:
        yield Problem(
            f"{name} fills the 8 bits from {raw.min():g} to {raw.max():g}, as the brightness of a "
            "picture does",
            ": give the raster of the measurements, or their --scale",
        )


def _index(name: str, low: float, high: float) -> Iterator[Problem]:
    if name.lower() in INDICES and 100 < max(-low, high) <= 10_500:
        yield Problem(
            f"{name} reaches from {low:.4g} to {high:.4g}, and an index lies between -1 and 1",
            option="scale",
            value="0.0001",
            does="takes it as stored times 10,000",
        )


def _classes(name: str, kind: str, raster: Raster, sample: Sample) -> Iterator[Problem]:
    floats = raster.dtype.startswith("float")
    if kind == "categorical" and floats:
        whole = (sample.raw == np.round(sample.raw)).all()
        what = "class codes as decimals" if whole else "decimals where class codes are whole"
        yield Problem(
            f"{name} holds {what}", ": check that it is the map of classes and not a picture of it"
        )
    if kind != "categorical" and sample.palette:
        yield Problem(
            f"{name} has a colour table: its values are codes or colours, not measurements",
            f"; add --categorical {name} if they are classes",
        )


def _range(name: str, values: np.ndarray) -> Iterator[Problem]:
    low, high = float(values.min()), float(values.max())
    yield from _index(name, low, high)
    if name == "slope":
        yield from _slope(low, high, float(np.median(values)))
    if name == "aspect":
        # -1 is what some software writes for flat ground.
        flat = float((values == -1).mean())
        if flat:
            yield Problem(
                f"aspect is -1 in {100 * flat:.1f} % of its pixels, which stands for flat ground: "
                "it counts as no data there"
            )
        outside = float(((values != -1) & ((values < 0) | (values > 360))).mean())
        if outside:
            yield Problem(
                f"aspect leaves 0 to 360 in {100 * outside:.1f} % of its pixels ({low:.4g} to "
                f"{high:.4g}): these count as no data"
            )
        if 0 < high < 6.3:
            yield _as_if("aspect", high, "radians")
    if name in OPTICAL and np.quantile(values, 0.99) <= 2 and high > 0:
        yield Problem(
            f"{name} ends at {high:.4g}, and reflectance is stored times 10,000 here",
            option="unit",
            value="reflectance",
            does="multiplies it",
        )
    if name in OPTICAL and low < -2000:
        yield Problem(f"{name} falls to {low:.4g}", ": check its no-data value, offset and scale")
    if name == "elevation" and (high > 9000 or low < -500):
        yield _heights(low, high)
    yield from rates(name, values)


def rates(name: str, values: np.ndarray) -> Iterator[Problem]:
    """What is odd about rates in mm/yr."""
    low, high = float(values.min()), float(values.max())
    if name in ("deformation", "second") and max(-low, high) > 2000:
        yield Problem(
            f"{name} reaches from {low:.4g} to {high:.4g} mm/yr: no InSAR follows metres a year",
            "; check its unit and no-data value",
        )


def _slope(low: float, high: float, middle: float) -> Iterator[Problem]:
    if high > 90:
        # Half of a scene is hardly ever steeper than 100 % (45 degrees).
        percent = middle <= 100
        others = "decidegrees" if percent else "percent"
        yield Problem(
            f"slope reaches {high:.4g} and degrees end at 90 (or it is in {others})",
            option="unit",
            value="percent" if percent else "decidegrees",
            does="turns it into degrees" if percent else "takes it as tenths of degrees",
        )
    if low < 0:
        yield Problem(
            f"slope falls to {low:.4g}: a slope is not negative", "; check the no-data value"
        )
    if 0 < high < 1.6:
        yield _as_if("slope", high, "radians")


def _as_if(name: str, high: float, unit: str) -> Problem:
    return Problem(
        f"{name} ends at {high:.4g}, as if it were in {unit}",
        option="unit",
        value=unit,
        does="turns it into degrees",
    )


def _heights(low: float, high: float) -> Problem:
    told = f"elevation reaches from {low:.4g} to {high:.4g} m (check its no-data value)"
    if high < 30000:
        told = told.replace(")", ", or whether it is in feet or dm)")
        return Problem(told, option="unit", value="ft", does="takes it as feet")
    return Problem(told)
