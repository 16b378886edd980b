"""What a child is doing, in words that a refusal can use."""

from collections.abc import Callable

_tell: list[Callable[[str], None]] = []


def doing(words: str) -> None:
    """Note what is done now; outside a child this does nothing."""
    for tell in _tell:
        tell(words)


def tell_by(tell: Callable[[str], None]) -> None:
    """Have `doing` call this."""
    _tell[:] = [tell]
