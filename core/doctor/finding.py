"""One thing that was looked at: what, its value, whether it will do and how it is mended."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """`mend` says how, where it is not ok; without what is not `needed` the product works, too."""

    group: str
    what: str
    value: str
    ok: bool = True
    mend: str = ""
    needed: bool = True

    @property
    def failed(self) -> bool:
        return self.needed and not self.ok

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "mend": "" if self.ok else self.mend}

    def line(self) -> str:
        """
        >>> Finding("machine", "memory", "24 GB").line()
        'memory                24 GB: ok'
        >>> Finding("machine", "port 8501", "taken", False, "Use --port.", needed=False).line()
        'port 8501             taken: optional. Use --port.'
        """
        found = f"{self.what:<22}{self.value}"
        state = "TO MEND" if self.needed else "optional"
        return f"{found}: ok" if self.ok else f"{found}: {state}. {self.mend}"


Check = Callable[[], Iterator[Finding]]


def guarded(group: str, what: str, check: Check) -> list[Finding]:
    """What a check finds; a check that cannot be made is a finding itself."""
    found = []
    try:
        for each in check():
            found.append(each)
    except Exception as error:
        told = f"could not be looked at ({type(error).__name__}: {error})"
        found.append(Finding(group, what, told, False, "Mend what is named above first."))
    return found
