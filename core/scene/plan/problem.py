"""What looks wrong about an input, in words, with what would cure it."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Problem:
    """`told` says what is wrong, without a full stop. `option` = `value` cures it and `does` says
    how; where there is no such cure `advice`, which goes on after `told`, may name a way.

    >>> Problem("it ends at 1", option="unit", value="radians", does="reads it").sentence("slope")
    'it ends at 1: --unit slope=radians reads it.'
    """

    told: str
    advice: str = ""
    option: str | None = None
    value: str = ""
    does: str = ""

    def sentence(self, key: str) -> str:
        """The whole for the command line; `key` names the file there."""
        if self.option:
            return f"{self.told}: --{self.option} {key}={self.value} {self.does}."
        return f"{self.told}{self.advice}."

    def to_json(self) -> dict:
        return asdict(self)
