"""Take the pictures of docs/ anew, from a prepared workspace with the synthetic sample.

    python bench/screenshots.py [--workspace DIR] [--out docs] [--only NAME ...]

The workspace needs the scene `sample`, its factor statistics (for factors.png) and two runs on it,
FCADenseNet on RS and on RS-DR: what `python -m core prepare` makes. In a headless browser of 1280 x
720 without a network. Nothing is written into the workspace but the server's log. The last line is
one JSON object {picture: bytes}.
"""

import argparse
import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from PIL import Image

from bench import browser
from core import paths

SCENE = "sample"
LIMIT = 400_000  # bytes a picture
FLAT = 6  # colours
SETTLE_MS = 1500
PATIENCE_MS = 240_000
Pictures = dict[str, Callable]
# Every layer of every map of the frame has its tiles.
LOADED = """() => {
  if (!window.slidescope || !slidescope.started) return false;
  const { sheets, slots } = slidescope.views;
  const places = [...sheets.map((sheet) => sheet.base), ...Object.values(slots)];
  return places.every(({ current }) => !current || !current.isLoading());
}"""


def compare(page, server: str, **view: str):
    """Open Compare with a view as its address holds it; return the map's frame."""
    query = "&".join(f"{name}={value}" for name, value in {"scene": SCENE, **view}.items())
    page.goto(f"{server}/map-compare?{query}")
    page.locator('[data-testid="stMetric"]').nth(5).wait_for()
    frame = browser.wait_until(page, lambda: map_of(page), "map frame", PATIENCE_MS / 1000)
    frame.wait_for_function(LOADED)
    return frame


def map_of(page):
    """The frame that the map lives in, None on another page."""
    return next((f for f in page.frames if "st_folium" in f.url), None)


def swipe(page, server: str) -> None:
    """RS against RS-DR, the scores open."""
    frame = compare(page, server)
    frame.get_by_role("button", name="Scores and curves").click()
    # Its longest landslides: what a probability looks like is seen from near.
    frame.evaluate("void slidescope.map.zoomIn(0.75, { animate: false })")


def grid(page, server: str) -> None:
    """Four linked maps: both sides, what the second gained, the deformation rate."""
    frame = compare(page, server, mode="grid", third="gained", fourth="deformation")
    frame.evaluate("void slidescope.map.zoomIn(1.25, { animate: false })")


def errors(page, server: str) -> None:
    """Hits, false alarms and misses of both sides on the true-colour picture."""
    view = {"as_left": "errors", "as_right": "errors", "base": "true-colour", "outlines": "0"}
    frame = compare(page, server, **view)
    frame.evaluate("void slidescope.map.zoomIn(1, { animate: false })")


def choose(page, row: int = 0) -> None:
    """Tick a row of the drawer's table, which is drawn on a canvas."""
    table = page.locator(".st-key-compare_drawer [data-testid='stDataFrame']").first
    table.locator("canvas").first.wait_for()
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    page.wait_for_timeout(800)
    box = table.bounding_box()
    page.mouse.click(box["x"] + 14, box["y"] + 52 + 35 * row)


def objects(page, server: str) -> None:
    """A missed landslide and what its factors say."""
    frame = compare(page, server)
    page.get_by_role("radio", name="Objects").click()
    page.locator(".st-key-compare_drawer table").wait_for()
    choose(page)
    frame.wait_for_function("() => Boolean(slidescope.mark)")
    page.locator(".st-key-compare_drawer .js-plotly-plot").wait_for()


def review(page, server: str) -> None:
    """A false object whose outline is being edited."""
    frame = compare(page, server)
    page.get_by_role("radio", name="Review").click()
    page.locator(".st-key-compare_drawer").get_by_text("false objects").wait_for()
    choose(page)
    page.get_by_role("button", name="Edit on the map").click()
    frame.locator(".ss-corner").first.wait_for()


def factors(page, server: str) -> None:
    """Correlation, collinearity and importance."""
    page.goto(f"{server}/relevance?scene={SCENE}")
    page.locator(".js-plotly-plot").nth(1).wait_for()


PICTURES: Pictures = {
    "compare": swipe,
    "compare-grid": grid,
    "compare-errors": errors,
    "compare-objects": objects,
    "compare-review": review,
    "factors": factors,
}


def packed(shot: bytes) -> bytes:
    """The picture as a PNG below the limit, where need be with coarser steps of every colour but
    the flat ones of the page: a palette would lose the rare ones, which are the landslides. Light
    and tint have steps of their own, so that grey stays grey and paper stays paper."""
    image = np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(np.int32)
    codes = image @ np.array([1 << 16, 1 << 8, 1])
    values, counts = np.unique(codes, return_counts=True)
    flat = np.isin(codes, values[np.argsort(counts)[-FLAT:]])[..., None]
    light = image.mean(axis=2, keepdims=True)
    for step in (1, 2, 8, 16, 24):
        data = io.BytesIO()
        tint = max(1, step // 2)
        coarse = np.round(light / step) * step + np.round((image - light) / tint) * tint
        shown = image if step == 1 else np.where(flat, image, coarse).clip(0, 255)
        Image.fromarray(shown.astype(np.uint8)).save(data, "PNG", optimize=True)
        if len(data.getvalue()) < LIMIT:
            break
    return data.getvalue()


def take(page, server: str, name: str, out: Path) -> int:
    """Take one picture, return its size in bytes."""
    PICTURES[name](page, server)
    page.mouse.move(4, 4)
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    if frame := map_of(page):
        frame.wait_for_function(LOADED)
    page.wait_for_timeout(SETTLE_MS)
    data = packed(page.screenshot())
    (out / f"{name}.png").write_bytes(data)
    return len(data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workspace", type=Path, default=None)
    parser.add_argument("--out", type=Path, default=paths.PROJECT / "docs")
    parser.add_argument("--only", nargs="+", choices=PICTURES, default=list(PICTURES))
    wish = parser.parse_args()
    workspace = (wish.workspace or paths.workspace()).resolve()
    os.environ["SLIDESCOPE_WORKSPACE"] = str(workspace)
    wish.out.mkdir(parents=True, exist_ok=True)
    sizes = {}
    with browser.serving(workspace) as server, browser.opened() as page:
        page.set_default_timeout(PATIENCE_MS)
        for name in wish.only:
            sizes[f"{name}.png"] = take(page, server, name, wish.out)
            print(name, sizes[f"{name}.png"], flush=True)
        outside = page.outside
    print(json.dumps(sizes))
    too_large = [name for name, size in sizes.items() if size > LIMIT]
    if outside or too_large:
        sys.exit(f"requests left the machine: {outside}; over {LIMIT} bytes: {too_large}")


if __name__ == "__main__":
    main()
