"""Landsat: how stored numbers become reflectance or temperature, by the product's name.

Collection 2 Level 2 (USGS, "Landsat Collection 2 Level-2 Science Products"): surface reflectance =
number x .0000275 - .2, surface temperature in K = number x .00341802 + 149. Level 1: reflectance at
the top of the atmosphere = number x .00002 - .1, over the sine of the sun's elevation. Collection 1
stored reflectance x 10,000. 0 is no data.
"""

import re
from dataclasses import dataclass

_BAND = re.compile(
    r"(L[COTEM]0\d)_(L\w{3})_\d{6}_\d{8}_\d{8}_(\d\d)_\w\w_(?:(SR|ST)_)?B(\d{1,2})", re.IGNORECASE
)
# Band number -> factor, of OLI (Landsat 8 and 9) and of TM and ETM+ (4 to 7).
_OLI = {2: "blue", 3: "green", 4: "red", 5: "nir"}
_TM = {1: "blue", 2: "green", 3: "red", 4: "nir"}


@dataclass(frozen=True)
class Scaling:
    """`scale` and `offset` bring numbers to reflectance x 10,000, or to kelvins for `thermal`
    bands; `band`: the factor that the band is, None for others; `told` says what is done."""

    scale: float
    offset: float
    band: str | None
    thermal: bool
    told: str


def scaling(stem: str) -> Scaling | None:
    """The scaling of a band file of that name; None for other files.

    >>> found = scaling("LC08_L2SP_130038_20220101_20220123_02_T1_SR_B4")
    >>> found.band, round(found.scale * 10909 + found.offset)
    ('red', 1000)
    >>> round(scaling("LC09_L2SP_130038_20220101_20220123_02_T1_ST_B10").offset), scaling("B4")
    (149, None)
    """
    found = _BAND.fullmatch(stem)
    if found is None:
        return None
    sensor, _, collection, product, number = found.groups()
    bands = _OLI if sensor[-1] in "89" else _TM
    band = bands.get(int(number))
    if product and product.upper() == "ST":
        return Scaling(0.00341802, 149.0, None, True, "temperature in K = number x .00341802 + 149")
    if product:
        if collection == "01":
            return Scaling(1.0, 0.0, band, False, "reflectance x 10,000 as it is (Collection 1)")
        told = "reflectance = number x .0000275 - .2 (Collection 2, Level 2)"
        return Scaling(0.275, -2000.0, band, False, told)
    if band is None:
        return None
    told = (
        "reflectance at the top of the atmosphere = number x .00002 - .1 (Level 1), the sun's "
        "elevation left out; Level 2 (SR) is better"
    )
    return Scaling(0.2, -1000.0, band, False, told)
