"""How long the scale bar is."""

STEPS = (1.0, 2.0, 5.0)


def length(width: float, share: float = 0.3) -> float:
    """The longest of 1, 2, 5, 10 ... metres that is at most `share` of the map's width.

    >>> length(12_800.0), length(500.0), length(7.0)
    (2000.0, 100.0, 2.0)
    """
    step = 10.0**-3
    found = step
    while step <= width:
        found = max([found, *(n * step for n in STEPS if n * step <= share * width)])
        step *= 10
    return found


def words(metres: float) -> str:
    """
    >>> words(2000.0), words(500.0), words(0.5)
    ('2 km', '500 m', '0.5 m')
    """
    return f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
