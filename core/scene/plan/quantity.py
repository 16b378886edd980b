"""What the numbers of an InSAR product are: a rate, or what comes on the way to one.

Told by what the file declares (MintPy's FILE_TYPE, units, names of variables, bands and columns)
and by its name (HyP3, LiCSAR, LiCSBAS, OPERA, ARIA, ISCE, GMTSAR, SNAP, SARscape); by values only
where these leave no doubt.
"""

import re
from dataclasses import dataclass

import numpy as np

from core.errors import SlideScopeError
from core.scene.files.raster import Raster
from core.scene.plan import units

RATE, DISPLACEMENT = "rate", "displacement"
UNWRAPPED, WRAPPED, PHASE = "unwrapped phase", "wrapped phase", "phase"
COHERENCE, ANGLE, AMPLITUDE = "coherence", "viewing geometry", "amplitude"
PICTURE = "picture"
HEIGHT, QUALITY, COMPONENTS, MASK = "height", "quality of a rate", "connected components", "mask"

# The first that a name's words hold wins; words stand between underscores.
_WORDS = (
    (QUALITY, r"v?std|stdev|stddev|sigma|rmse|uncertainty|residue|intercept|variance|acceleration"),
    (QUALITY, r"n_unw|n_gap|n_ifg_err|n_loop_err|resid_rms|mask_pixels|num_\w*"),
    (
        RATE,
        r"vel|velo|velocity|velocities|velocitymap|vlos|v_los|rate|rates|vel_?\w*|\w*_?mean_vel",
    ),
    (UNWRAPPED, r"unw|unwrapped|unwrap|unwrap_ll|unwrapping|upha|unwphase|unwrapphase|uw_phase"),
    (WRAPPED, r"wrapped|wrapped_phase|diff_pha|diff_unfiltered_pha|ifg|ifgram|interferogram"),
    (WRAPPED, r"fint|dint|phasefilt|phase_ifg|wrp|filt_fine|int_phase"),
    (PHASE, r"phase|pha|ph"),
    (COMPONENTS, r"conncomp|conn_comp|connected_components?(_labels)?|connectedcomponents?|ccl"),
    (COHERENCE, r"coh|coherence|coher|tcoh|temporalcoherence|avgspatialcoh|corr|cor|correlation"),
    (COHERENCE, r"geo_cc|coh_avg|phsig|\w+_coh"),
    (
        ANGLE,
        r"lv_theta|lv_phi|inc|inc_map(_ell)?|incidence|incidence_angle|look_angle|azimuth_angle",
    ),
    (ANGLE, r"geo_[enu]|[enu]_geo|los_[enu]|unit_vector|look_vector|perpendicular_baseline|bperp"),
    (MASK, r"water_?mask|mask|shadow_?mask|layover_?shadow|ls_map|recommended_mask"),
    (AMPLITUDE, r"amp|amplitude|mli|intensity|sigma0|gamma0|beta0|backscatter|slc|rtc"),
    (DISPLACEMENT, r"disp|displacement|displacements|los_disp|vert_disp|cum|cumulative|cumdisp"),
    (DISPLACEMENT, r"timeseries|time_series|short_wavelength_displacement|cum_\w*"),
    (HEIGHT, r"dem|dtm|dsm|hgt|height|elevation|elev|srtm|topo"),
)
_COMPILED = tuple((kind, re.compile(rf"(?<![^_])(?:{words})(?![^_])")) for kind, words in _WORDS)
_CHINESE = (
    (QUALITY, "标准差|中误差|精度"),
    (RATE, "速率|速度"),
    (UNWRAPPED, "解缠"),
    (PHASE, "相位|干涉图"),
    (COHERENCE, "相干"),
    (ANGLE, "入射角|视角"),
    (AMPLITUDE, "振幅|强度图|后向散射"),
    (DISPLACEMENT, "位移|累[积计]|形变量|沉降量"),
    (HEIGHT, "高程"),
)
_FILE_TYPES = {
    "timeseries": DISPLACEMENT,
    "giantTimeseries": DISPLACEMENT,
    "HDFEOS": DISPLACEMENT,
    "ifgramStack": PHASE,
    "unwrapPhase": UNWRAPPED,
    "wrapPhase": WRAPPED,
    "temporalCoherence": COHERENCE,
    "spatialCoherence": COHERENCE,
    "coherence": COHERENCE,
    "geometry": ANGLE,
    "mask": MASK,
    "waterMask": MASK,
    "connectComponent": COMPONENTS,
}
# Dimension of a declared unit that no rate has -> what the numbers are then.
_RADIANS, _DEGREES = ("rad", "radian", "radians"), ("deg", "degree", "degrees", "°")
_LENGTHS = ("m", "mm", "cm", "km", "dm", "ft", "in")
_PLAIN = ("", "1", "none", "unitless", "dimensionless", "-", "n/a", "unknown", "percent", "%")


@dataclass(frozen=True)
class Quantity:
    """`kind`: one of the above; `evidence`: how it is known, in words."""

    kind: str
    evidence: str


def words(text: str) -> str:
    """The words of a name in small letters, between underscores.

    >>> words("temporalCoherence.geo"), words("S1_VVP012_unw_phase")
    ('temporal_coherence_geo', 's1_vvp012_unw_phase')
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])|(?<=[a-z]{2})(?=[A-Z])", "_", text)
    return re.sub(r"[\W_]+", "_", apart).strip("_").lower()


def named(text: str) -> str | None:
    """The kind that a name speaks of.

    >>> named("S1AA_x_unw_phase"), named("20190610_20190622.geo.cc"), named("velocityStd")
    ('unwrapped phase', 'coherence', 'quality of a rate')
    >>> named("vel_coh07"), named("mean_velocity"), named("insar") is None
    ('rate', 'rate', True)
    """
    plain = words(text)
    for kind, pattern in _COMPILED:
        if pattern.search(plain):
            return kind
    return next((kind for kind, found in _CHINESE if re.search(found, text)), None)


def of_raster(raster: Raster) -> Quantity | None:
    """What a raster says that its numbers are; None where it says nothing of the kind."""
    for text, what in (
        (raster.part or "", "the name of its variable"),
        (raster.tag("standard_name", "long_name"), "its description"),
        (raster.described, "its band's name"),
    ):
        kind = named(text.rpartition("/")[2]) if text else None
        if kind and not (kind == RATE and raster.tag("FILE_TYPE") in _FILE_TYPES):
            return Quantity(kind, f"{what} '{text.strip()[:60]}'")
    kind = _FILE_TYPES.get(raster.tag("FILE_TYPE"))
    if kind:
        return Quantity(kind, f"its FILE_TYPE '{raster.tag('FILE_TYPE')}'")
    kind = named(raster.stem)
    return Quantity(kind, "its name") if kind else None


def of_unit(text: str) -> Quantity | None:
    """What a declared unit tells.

    >>> of_unit("m").kind, of_unit("radian").kind, of_unit("mm/yr").kind, of_unit("1")
    ('displacement', 'phase', 'rate', None)
    """
    plain = text.strip().lower()
    evidence = f"its unit '{text.strip()}'"
    if plain in _PLAIN:
        return None
    if units.rate(plain):
        return Quantity(RATE, evidence)
    if plain in _RADIANS:
        return Quantity(PHASE, evidence)
    if plain in _DEGREES:
        return Quantity(ANGLE, evidence)
    if (units.named("elevation", plain) or plain) in _LENGTHS:
        return Quantity(DISPLACEMENT, evidence)
    return Quantity("", evidence)


def of_values(values: np.ndarray) -> Quantity | None:
    """What no rate looks like: a coherence, a wrapped phase, codes.

    >>> of_values(np.linspace(-np.pi, np.pi, 5000)).kind, of_values(np.linspace(-20, 5, 5000))
    ('wrapped phase', None)
    """
    if values.size < MOST_CODES**2:
        return None
    low, high = float(values.min()), float(values.max())
    span = f"its values, {low:.3g} to {high:.3g}"
    if low < high and (values == np.round(values)).all() and low >= 0:
        found = np.unique(values)
        if len(found) <= MOST_CODES and high <= 255:
            return Quantity(MASK, f"its values, only {', '.join(f'{v:g}' for v in found)}")
    if 3 < high < 3.1417 and -3.1417 < low < -3:
        return Quantity(WRAPPED, span)
    if low >= 0 and 0.5 < high <= 1.0001 and np.quantile(values, 0.99) > 0.3:
        return Quantity(COHERENCE, span)
    return None


MOST_CODES = 8
_WHAT = {
    DISPLACEMENT: "a displacement, from one date to another",
    UNWRAPPED: "the unwrapped phase of an interferogram",
    WRAPPED: "the wrapped phase of an interferogram",
    PHASE: "the phase of an interferogram",
    COHERENCE: "a coherence",
    ANGLE: "an angle or vector of the radar's view",
    AMPLITUDE: "an amplitude or backscatter",
    HEIGHT: "heights",
    QUALITY: "how good a rate is",
    COMPONENTS: "numbers of connected components",
    MASK: "a mask or codes",
    PICTURE: "a picture of a map",
}
_STACK = (
    "one interferogram is not a rate: give the folder of all unwrapped phases as a stack, or the "
    "velocity that a time-series program (MintPy, LiCSBAS, StaMPS) made of it"
)
_NEXT = {
    DISPLACEMENT: "give the velocity of the series (MintPy: timeseries2velocity.py), or divide by "
    "the years between its dates",
    UNWRAPPED: _STACK,
    WRAPPED: _STACK,
    PHASE: _STACK,
    ANGLE: "give the rate here, and this in --orbit incidence=FILE,heading=FILE",
    HEIGHT: "give it as --elevation, and the rate here",
}


def check_rate(name: str, file: str, found: Quantity | None) -> None:
    """Refuse as a rate what is none, with the next step."""
    if found is None or found.kind == RATE:
        return
    evidence = f"by {found.evidence}"
    if not found.kind:
        raise SlideScopeError(
            f"'{file}' is in a unit that is none of a rate, {evidence}: rates come in "
            f"{', '.join(units.RATES)}; name one of these with --unit {name}=..., or bring it to "
            f"one with --scale {name}=TIMES besides."
        )
    step = _NEXT.get(found.kind, "give the rate itself")
    raise SlideScopeError(
        f"'{file}' holds {_WHAT[found.kind]} ({evidence}), which is no rate of deformation: "
        f"{step}; if its numbers are rates all the same, say so with --unit {name}=mm/yr, cm/yr or "
        "m/yr."
    )


def unit_of_name(raster: Raster) -> str | None:
    """The unit of a rate in the name of a band, a variable or the file."""
    return next(
        (u for t in (raster.described, raster.part, raster.stem) if (u := rate_of(t))), None
    )


def rate_of(text: str | None) -> str | None:
    """
    >>> rate_of("vel_cm_yr"), rate_of("vel_mm"), rate_of("cum_mm"), rate_of("vel_m")
    ('cm/yr', 'mm/yr', None, None)
    """
    if not text:
        return None
    length = re.search(r"(?<![^_])(mm|cm)(?![^_])", words(text))
    if length and named(text) == RATE:
        return units.rate_in(text) or f"{length[1]}/yr"
    return units.rate_in(text)


def sideways(text: str) -> str | None:
    """The direction, if a name speaks of another than the line of sight.

    >>> sideways("hor_mm_day"), sideways("vert_vel"), sideways("vel_los") is None
    ('horizontal', 'vertical', True)
    """
    found = f"_{words(text)}_"
    for direction, known in (
        ("horizontal", "hor|horizontal|horz|ew|east|east_west|ns|north|ve|vn"),
        ("vertical", "vert|vertical|up|ud|vu|vz"),
        ("down the slope", "v_slope|vslope|slope_vel|downslope"),
    ):
        if re.search(rf"_(?:{known})_", found) or (
            {"horizontal": "水平", "vertical": "垂直", "down the slope": "坡向"}[direction] in text
        ):
            return direction
    return None
