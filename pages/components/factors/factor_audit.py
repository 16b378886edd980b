"""What the views of the Factors page are given."""

from dataclasses import dataclass

from core.analysis.areas.area import Area
from core.analysis.store import Stored
from core.scene.store import Scene


@dataclass(frozen=True)
class Audit:
    """`stored` of all factors in `area`, given as `texts`; `shown`: of the factors chosen."""

    scene: Scene
    area: Area
    texts: tuple[str, ...]
    stored: Stored
    shown: dict

    @property
    def names(self) -> list[str]:
        """The factors chosen."""
        return self.shown["pearson"]["factors"]

    @property
    def can_drop(self) -> bool:
        """Whether drop-column importance could be measured."""
        return bool(self.stored.result["auc"])

    def file(self, table: str) -> str:
        """Name of a table's file."""
        return f"{self.scene.name}-{table}{'-area' if self.texts else ''}.csv"
