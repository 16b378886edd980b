"""What looks wrong about an input, each with what to do about it."""

from collections.abc import Iterator

import numpy as np

from core.factors import BANDS
from core.scene.files.raster import AS_STORED, Raster
from core.scene.files.sampling import Sample
from core.scene.plan.units import Problem

# Values that software writes for "no data" and sometimes does not declare.
USUAL_NODATA = (65535, 32767, -32768, -9999, -99999, -999, 255, 1e20, -3.4028234663852886e38)


def problems(name: str, kind: str, raster: Raster, sample: Sample, overlap: float) -> list[Problem]:
    """All of them, for a raster file of factor `name`; `overlap` is its share of the grid."""
    found = [
        *_place(name, raster, overlap),
        *_hidden_nodata(name, raster, sample),
        *_classes(name, kind, raster, sample),
    ]
    # What nobody has named a unit for has no range to keep to.
    if sample.values.size and raster.unit != AS_STORED:
        found += _range(name, sample.values)
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


def _hidden_nodata(name: str, raster: Raster, sample: Sample) -> Iterator[Problem]:
    raw = sample.raw
    if not raw.size:
        yield Problem(f"{name} holds no data in the pixels looked at", ": check its no-data value")
        return
    for value in USUAL_NODATA:
        share = float(np.isclose(raw, value, rtol=1e-6, atol=0).mean())
        if share and _apart(raw, value):
            yield Problem(
                f"{name} holds {value:g} in {100 * share:.1f} % of its pixels, which looks like "
                "undeclared no data",
                option="nodata",
                value=f"{value:g}" if float(f"{value:g}") == value else repr(value),
                does="leaves them out",
            )
    zeros = float((raw == 0).mean())
    if sample.zero_corners >= 2 and raster.nodata is None and zeros < 1:
        yield Problem(
            f"{name} is framed by zeros ({100 * zeros:.1f} % of its pixels) and declares no "
            "no-data value",
            option="nodata",
            value="0",
            does="leaves them out",
        )


def _apart(raw: np.ndarray, value: float) -> bool:
    """Whether the value is at an end of the range, far from all others."""
    others = raw[~np.isclose(raw, value, rtol=1e-6, atol=0)]
    if not others.size:
        return True
    low, high = others.min(), others.max()
    gap = low - value if value < low else value - high
    return gap > 0.5 * max(high - low, 1.0)


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
    if name == "slope":
        yield from _slope(low, high)
    if name == "aspect":
        # -1 is what some software writes for flat ground.
        outside = float(((values != -1) & ((values < 0) | (values > 360))).mean())
        if outside:
            yield Problem(
                f"aspect leaves 0 to 360 in {100 * outside:.1f} % of its pixels ({low:.4g} to "
                f"{high:.4g}): these count as no data"
            )
        if 0 < high < 6.3:
            yield _as_if("aspect", high, "radians")
    if name in BANDS and np.quantile(values, 0.99) <= 2 and high > 0:
        yield Problem(
            f"{name} ends at {high:.4g}, and reflectance is stored times 10,000 here",
            option="unit",
            value="reflectance",
            does="multiplies it",
        )
    if name in BANDS and low < -2000:
        yield Problem(f"{name} falls to {low:.4g}", ": check its no-data value, offset and scale")
    if name == "elevation" and (high > 9000 or low < -500):
        yield _heights(low, high)
    if name == "deformation" and max(-low, high) > 2000:
        yield Problem(
            f"deformation reaches from {low:.4g} to {high:.4g} mm/yr: no InSAR follows metres a "
            "year",
            "; check its unit and no-data value",
        )


def _slope(low: float, high: float) -> Iterator[Problem]:
    if high > 90:
        yield Problem(
            f"slope reaches {high:.4g} and degrees end at 90 (if it is in percent, convert it "
            "first)",
            option="unit",
            value="decidegrees",
            does="takes it as tenths of degrees",
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
        return Problem(told, option="unit", value="ft", does="takes it as feet")
    return Problem(told)
