"""Draw the figures of docs/paper.md anew, from a prepared workspace with the synthetic sample.

    python bench/paper_figure.py [--language zh] [--out docs/paper-figure.png]

The workspace needs the scene `sample` and a map of it: what `python -m core prepare` makes. The
last line is one JSON object: bytes of the picture, its size in pixels, seconds.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PIL import Image

from core import paths
from core.jobs.report import silent
from core.manuscript.request import FigureRequest
from core.request import LANGUAGES
from core.workflows import run

PANELS = ("reference", "probability", "errors", "elevation", "slope", "lithology")
# A part with many landslides; the whole scene is the inset.
PART = (102.5, 27.145, 102.6, 27.235)
STEP = 8  # of light: a picture of a page, not of a print


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    parser.add_argument("--out", type=Path, help="default: docs/paper-figure.png, -zh.png")
    wish = parser.parse_args()
    more = "" if wish.language == "en" else f"-{wish.language}"
    target = wish.out or paths.PROJECT / "docs" / f"paper-figure{more}.png"
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figure"
        how = {"dpi": 120, "extent": PART, "language": wish.language}
        request = FigureRequest("sample", PANELS, str(out), ("png",), **how)
        run(request, silent)
        seconds = time.perf_counter() - began
        with Image.open(out / "figure.png") as image:
            shown = image.convert("RGB")
    shown.point(lambda light: min(255, round(light / STEP) * STEP)).save(target, optimize=True)
    size = target.stat().st_size
    print(json.dumps({"bytes": size, "pixels": shown.size, "seconds": round(seconds, 1)}))


if __name__ == "__main__":
    main()
