"""What a build reads besides pyproject.toml: the dependencies, from requirements.txt, where each
has its floor and the reason for it."""

from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface


class Requirements(MetadataHookInterface):
    """Dependencies as requirements.txt has them, without the comments."""

    def update(self, metadata: dict) -> None:
        text = (Path(self.root) / "requirements.txt").read_text(encoding="utf-8")
        lines = (line.partition("#")[0].strip() for line in text.splitlines())
        metadata["dependencies"] = [line for line in lines if line]
