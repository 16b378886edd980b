"""What is decided about rates along the line of sight: which way is positive, for each orbit."""

from dataclasses import replace

from core.errors import SlideScopeError
from core.factors import DEFORMATION
from core.scene.plan.overrides import SECOND, Override
from core.scene.plan.request import ImportRequest


def settled(request: ImportRequest) -> ImportRequest:
    """Return the request with the orbits' signs among its overrides.

    Rates are stored positive towards the satellite, whatever their files say. The second orbit's
    rate is read as the first's (unit, scale, no-data value) where nothing else is decided.
    """
    overrides = dict(request.overrides)
    first = overrides.get(DEFORMATION, Override())
    if request.second:
        own = overrides.get(SECOND, Override())
        inherited = first.without(("sign", "crs", "kernel"))
        overrides[SECOND] = replace(inherited, **_differing(own))
    for name, orbit in ((DEFORMATION, request.orbit), (SECOND, request.second_orbit)):
        if orbit is None or orbit.positive == "towards":
            continue
        old = overrides.get(name, Override())
        if old.sign == "towards":
            raise SlideScopeError(
                f"--sign {name}=towards and its orbit's positive=away contradict each other: a "
                "positive rate means one of them; leave the wrong one out."
            )
        overrides[name] = replace(old, sign="away")
    if DEFORMATION not in request.factors:
        overrides.pop(DEFORMATION, None)
    return replace(request, overrides=overrides)


def _differing(own: Override) -> dict:
    return {name: getattr(own, name) for name in own.given()}
