"""Take the picture of a Chinese report for docs/export.md anew, from a prepared workspace with the
synthetic sample.

    python bench/paper_report.py [--language zh] [--out docs/report-zh.png]

The workspace needs the scene `sample` and a map of it: what `python -m core prepare` makes. The
last line is one JSON object: bytes of the picture, its size in pixels.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PIL import Image

from bench import browser, screenshots
from core import paths
from core.export import report, store
from core.jobs.report import silent
from core.request import LANGUAGES
from core.scene import store as scenes
from core.workflows import run
from core.workflows.requests import ExportRequest

WIDTH = 840
SECTIONS = 2  # with heads of their own, after the map


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--language", choices=LANGUAGES, default="zh")
    parser.add_argument("--out", type=Path, default=paths.PROJECT / "docs" / "report-zh.png")
    wish = parser.parse_args()
    newest = store.candidates(scenes.load("sample"))[0]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "export"
        run(ExportRequest(newest.id, str(out), scene="sample", language=wish.language), silent)
        taken = _picture(out / report.FILE)
    wish.out.write_bytes(screenshots.packed(taken))
    with Image.open(wish.out) as image:
        print(json.dumps({"bytes": wish.out.stat().st_size, "pixels": image.size}))


def _picture(file: Path) -> bytes:
    """The report from its title to the end of its first sections."""
    with browser.opened(WIDTH, 800) as page:
        page.goto(file.as_uri())
        last = page.locator("h2").nth(SECTIONS).bounding_box()
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": round(last["y"]) - 12}
        return page.screenshot(full_page=True, clip=clip)


if __name__ == "__main__":
    main()
