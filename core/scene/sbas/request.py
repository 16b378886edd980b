"""What somebody asks of a rate that is there."""

from dataclasses import MISSING, dataclass
from typing import ClassVar

from core.request import Request, option
from core.scene.sbas.settings import MaskSettings


@dataclass(frozen=True)
class MaskRequest(MaskSettings, Request):
    """Another mask for a scene's rate of interferograms, without a new inversion."""

    ACTION: ClassVar[str] = "mask"
    # To the pages it is an import: the scene is written anew.
    KIND: ClassVar[str] = "import"

    scene: str = option("name of the scene", MISSING, place=True, metavar="SCENE")

    @property
    def title(self) -> str:
        return f"Mask the rate of {self.scene}"
