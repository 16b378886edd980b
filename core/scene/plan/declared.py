"""The unit of a file: given, declared in its metadata or its name, or guessed by size."""

from dataclasses import replace

from core.errors import SlideScopeError
from core.factors import DEFORMATION, ELEVATION, OPTICAL
from core.scene.files import sampling
from core.scene.files.points import Points
from core.scene.files.raster import AS_STORED, Raster
from core.scene.plan import quantity, units
from core.scene.plan.override import Override
from core.scene.plan.overrides import SECOND
from core.scene.plan.units import HEADING, INCIDENCE, Unit

RATES = (DEFORMATION, SECOND)

# Words of a file's name that say its unit; the first that is there counts.
_NAMED: dict[str, dict[str, tuple[str, ...]]] = {
    "slope": {
        "percent": ("percent", "pct", "perc", "prct"),
        "radians": ("rad", "radian", "radians"),
        "decidegrees": ("decideg", "decidegree", "decidegrees"),
        "degrees": ("deg", "degree", "degrees"),
    },
    "aspect": {"radians": ("rad", "radian", "radians"), "degrees": ("deg", "degree", "degrees")},
    ELEVATION: {"ft": ("ft", "feet", "foot"), "cm": ("cm",), "dm": ("dm",)},
}
_CHINESE = {"slope": {"percent": "百分", "radians": "弧度"}}
_SILENT = ("", "1", "none", "unitless", "dimensionless", "-", "unknown")


def unit(name: str, raster: Raster, override: Override) -> tuple[Unit, list[str]]:
    """The unit of a raster file of factor `name`, and sentences about where it is known from.

    A rate's file that says it is something else is refused.
    """
    said = raster.unit or raster.tag("UNIT", "UNITS", "DATA_UNITS", "unit_of_measure")
    if override.unit:
        return units.given(name, override.unit), _against(name, raster, said, override.unit)
    if raster.unit == AS_STORED:
        return units.not_named(), []
    if name in RATES:
        return _rate(name, raster, said)
    known = units.declared(name, said)
    if known:
        return known, []
    if _is_share(name, raster):
        return units.made(name, "reflectance", "declared"), [
            f"{name}: '{raster.label}' holds reflectance by its scale: it is stored times 10,000."
        ]
    found = _of_name(name, raster)
    if found:
        told = f"{name}: the name of '{raster.label}' says {found}: its values are taken as that"
        return units.made(name, found, "declared"), [
            f"{told}; if they are not, give --unit {name}=..."
        ]
    if said.strip().lower() in _SILENT or name not in units.KNOWN:
        return units.usual(name), []
    usual = units.usual(name)
    return usual, [
        f"{name}: '{raster.label}' names the unit '{said.strip()[:40]}', which {name} does not "
        f"come in: it is taken as {usual.name}; name another with --unit {name}=..."
    ]


def _is_share(name: str, raster: Raster) -> bool:
    """Whether a band's declared scale makes shares of its numbers."""
    scale, offset = raster.unscale
    return name in OPTICAL and 0 < scale <= 1e-3 and abs(offset) <= 1


def _against(name: str, raster: Raster, said: str, asked: str) -> list[str]:
    """Say where a user decides against what the file names."""
    known = units.named(name, said) if said else None
    if name in RATES:
        found = quantity.of_unit(said) or quantity.of_raster(raster)
        if found and found.kind != quantity.RATE:
            return [
                f"{name}: '{raster.label}' is no rate by {found.evidence}, but taken as one in "
                f"{asked}, as asked."
            ]
    if known and known != units.named(name, asked):
        return [f"{name}: '{raster.label}' names {known}, but is taken as {asked}, as asked."]
    return []


def _of_name(name: str, raster: Raster) -> str | None:
    text = f"{raster.described} {raster.part or ''} {raster.stem}"
    found = quantity.words(text).split("_")
    chinese = _CHINESE.get(name, {})
    for known, spoken in _NAMED.get(name, {}).items():
        if any(word in found for word in spoken):
            return known
    return next((u for u, said in chinese.items() if said in text), None)


def _rate(name: str, raster: Raster, said: str) -> tuple[Unit, list[str]]:
    file, named, told = raster.label, quantity.of_raster(raster), quantity.of_unit(said)
    found = named
    # A name that says more goes before a unit, which may be that of the whole file.
    if found and found.kind == quantity.DISPLACEMENT and told and told.kind == quantity.RATE:
        found = told
    found = found if found and found.kind != quantity.RATE else told
    if found and found.kind == quantity.DISPLACEMENT and said and f"'{said}'" not in found.evidence:
        found = replace(found, evidence=f"{found.evidence} and its unit '{said}'")
    quantity.check_rate(name, file, found)
    notes = _direction(name, f"{raster.described} {raster.stem}")
    declared = units.declared(name, said)
    if declared:
        return declared, notes
    spoken = quantity.unit_of_name(raster)
    if spoken:
        notes.append(f"{name}: '{file}' says in its name that it is in {spoken}.")
        return units.made(name, spoken, "declared"), notes
    values = sampling.take(raster).values
    if raster.dtype == "uint8" and raster.unscale == (1.0, 0.0) and values.size:
        told_by = f"its 8 bits, {values.min():g} to {values.max():g}"
        quantity.check_rate(name, file, quantity.Quantity(quantity.PICTURE, told_by))
    if named is None:
        quantity.check_rate(name, file, quantity.of_values(values))
    return units.guess_rate(values, raster.path.name, name), notes


def _direction(name: str, text: str) -> list[str]:
    found = quantity.sideways(text)
    if found is None:
        return []
    return [
        f"{name}: by its name the rate is {found}, not along the line of sight: that is right as a "
        "factor, but not for what is derived with --orbit."
    ]


def of_points(name: str, found: Points, override: Override) -> tuple[Unit, list[str]]:
    """The unit of a table's column, and sentences; a column that is no rate is refused."""
    spoken = quantity.rate_of(found.column)
    if override.unit:
        given = units.given(name, override.unit)
        if spoken and name in RATES and spoken != given.name:
            told = f"{name}: column '{found.column}' says {spoken}, but is taken as {given.name}"
            return given, [f"{told}, as asked."]
        return given, []
    if name not in RATES:
        return units.usual(name), []
    kind = None if spoken else quantity.named(found.column)
    file, notes = found.path.name, _direction(name, found.column)
    if kind:
        said = quantity.Quantity(kind, f"the name of column '{found.column}'")
        quantity.check_rate(name, file, said)
    if spoken:
        unit = units.made(name, spoken, "declared")
        if unit.times == 1:
            return unit, notes
        told = f"{name}: column '{found.column}' of '{file}' says that it is in {spoken}"
        return unit, [*notes, f"{told}: it is brought to mm/yr."]
    return units.guess_rate(found.values, file, name), notes


def angle(
    which: str, key: str, raster: Raster, asked: str | None, look: str
) -> tuple[Unit, list[str]]:
    """The unit of a raster of an orbit's `which` angle (incidence or heading), and sentences;
    `key` is what options call it."""
    if asked:
        return _looking(units.given(which, asked), look), []
    found = _angle_by_name(which, key, raster)
    if found is None:
        known = units.declared(which, raster.unit or raster.tag("UNIT", "units"))
        if known and known.name == "radians":
            return known, _turned(which, key, raster, "radians", "its unit")
        found = _angle_by_values(which, key, raster)
        return (units.made(which, found, "guessed") if found else units.usual(which)), (
            _turned(which, key, raster, found, "its values") if found else []
        )
    unit = _looking(units.made(which, found, "declared"), look)
    return unit, _turned(which, key, raster, found, "its name")


def _looking(unit: Unit, look: str) -> Unit:
    """Seen from an antenna that looks to the left, the satellite is on the other side."""
    if look == "left" and unit.name in ("lv_phi", "azimuth"):
        return Unit(unit.name, unit.times, unit.how, unit.warning, unit.plus - 180, unit.form)
    return unit


_MEANING = {
    "cosine": "the cosine of the angle (the upward part of the look vector)",
    "radians": "radians",
    "lv_theta": "radians above the horizon, as HyP3's lv_theta",
    "lv_phi": "radians from the east towards the satellite, as HyP3's lv_phi",
    "azimuth": "degrees from the north over the west towards the satellite, as MintPy and ISCE",
}


def _turned(which: str, key: str, raster: Raster, found: str, evidence: str) -> list[str]:
    return [
        f"{key}: by {evidence} '{raster.label}' is in {_MEANING[found]}; it is turned into "
        f"{'degrees from the vertical' if which == INCIDENCE else 'the direction of flight'}; if "
        f"it is not, give --unit {key}=degrees."
    ]


def _angle_by_name(which: str, key: str, raster: Raster) -> str | None:
    name = quantity.words(f"{raster.part or ''} {raster.described} {raster.stem}")
    parts = f"_{name}_"
    wrong = {
        INCIDENCE: ("_lv_phi_", "_azimuth_angle_", "_geo_e_", "_e_geo_", "_geo_n_", "_n_geo_"),
        HEADING: ("_lv_theta_", "_incidence_", "_geo_u_", "_u_geo_", "_geo_e_", "_e_geo_"),
    }[which]
    local = which == INCIDENCE and "_inc_map_" in parts and "_inc_map_ell_" not in parts
    if local or any(word in parts for word in wrong):
        right = (
            "lv_theta or inc_map_ell (HyP3), U.geo.tif (LiCSAR), incidenceAngle (MintPy)"
            if which == INCIDENCE
            else "lv_phi (HyP3), azimuthAngle (MintPy), or the heading as a number"
        )
        what = "the local angle against the slope" if local else "another angle or component"
        raise SlideScopeError(
            f"'{raster.label}' is {what} by its name, not the {which}: give {right}, or say what "
            f"it is with --unit {key}=degrees."
        )
    if which == HEADING:
        return next(
            (u for u, word in (("lv_phi", "lv_phi"), ("azimuth", "azimuth_angle")) if word in name),
            None,
        )
    if "lv_theta" in name:
        return "lv_theta"
    if "inc_map_ell" in name:
        return "radians"
    cosine = ("_geo_u_", "_u_geo_", "_cos_", "_cosine_", "_los_u_", "_los_up_")
    return "cosine" if parts == "_u_" or any(word in parts for word in cosine) else None


def _angle_by_values(which: str, key: str, raster: Raster) -> str | None:
    """A unit other than degrees that the values leave no doubt about; ask where they do."""
    values = sampling.take(raster).values
    if not values.size:
        return None
    low, high = (float(v) for v in (values.min(), values.max()))
    if which == HEADING:
        if max(-low, high) > 6.2832:
            return None
        raise _asked(which, key, raster, low, high, "degrees or radians")
    if high > 1.6:
        middle = float(abs(values).mean())
        if 5 <= middle <= 85 and low > -1:
            return None
        raise _asked(which, key, raster, low, high, "degrees, radians or lv_theta")
    # Radars look at 15 to 60 degrees: .26 to 1.05 radians, cosines of .5 to .97.
    if low > 0 and high > 1.0001:
        return "radians"
    if 0.2 < low < 0.45:
        return "radians"
    raise _asked(which, key, raster, low, high, "cosine, radians or lv_theta")


def _asked(
    which: str, key: str, raster: Raster, low: float, high: float, choices: str
) -> SlideScopeError:
    return SlideScopeError(
        f"'{raster.label}' is given as {which} and reaches from {low:.4g} to {high:.4g}, which are "
        f"not plainly degrees: say what it is in with --unit {key}=... ({choices})."
    )
