"""Does a file made to do harm end in one sentence, and do other people's pages answer meanwhile?

    python bench/attacks.py [--folder ../shared/data/attacks]

Each file of the folder is uploaded in a browser, as anybody would: rasters and polygons on the
Scene page, a network's parts within the zip of a shipped one on Training. Another visitor opens
page after page until the sentence stands there. The last line is one JSON object
{attacks: {file: {told_s, words, other_s}}, alone_s, load}: by the clock, seconds to the sentence
and the longest that the other visitor waited for a page; `alone_s`: the longest without any
attack, everything loaded.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import time
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import browser, pages
from core import paths
from tests import tiny

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "attacks"
NETWORK, PATIENCE_S = "sample-unet-rs-dr-shipped", 120
OTHERS = ("learn", "results-table", "start")
ENDINGS = (".tif", ".gpkg", ".geojson")
# What stands on the page in the end; of many bands, that they are to be chosen from.
SAID = "[data-testid=stAlert], [data-testid=stMarkdown], [data-testid=stCaptionContainer]"
LASTLY = r"NAME.* (?:is refused|has|names) |NAME\S*\s+[\d\s]+bands,|[Ll]oad network.*: |Loaded as "
TOLD = """([selector, pattern]) => {
  const begun = performance.now();
  window.told = null;
  const look = () => {
    const found = [...document.querySelectorAll(selector)]
      .map((element) => element.innerText.trim()).find((text) => new RegExp(pattern).test(text));
    if (!found || window.told) return;
    window.told = { seconds: (performance.now() - begun) / 1000, words: found };
  };
  new MutationObserver(look).observe(document.body,
    { subtree: true, childList: true, characterData: true });
}"""


def files(folder: Path, into: Path) -> list[Path]:
    """What is uploaded: the folder's own files, and zips with a part of a network put in place."""
    found = [path for path in sorted(folder.iterdir()) if path.suffix in ENDINGS]
    names = {p.name.rsplit("-", 1)[0] for p in folder.glob("pack-*.json")}
    return found + [_packed(folder, name, into) for name in sorted(names)]


def _packed(folder: Path, name: str, into: Path) -> Path:
    out = into / f"{name}.zip"
    with zipfile.ZipFile(out, "w") as file:
        file.write(paths.PRETRAINED / NETWORK / "model" / "model.weights.h5", "model.weights.h5")
        for part in ("model.json", "config.json"):
            file.write(folder / f"{name}-{part}", part)
    return out


def attack(page, other, address: str, path: Path) -> dict:
    """Upload one file, open pages as the other visitor until it is answered."""
    network = path.suffix == ".zip"
    page.goto(f"{address}/{'learn' if network else 'scene-setup'}")
    pages.settled(page, "")
    if network:
        page.get_by_text("Load a network", exact=True).click()
    else:
        page.get_by_test_id("stButtonGroup").get_by_text("Import", exact=True).click()
    chooser = page.locator("input[type=file]")
    chooser = chooser.last if network else chooser.first
    chooser.wait_for(state="attached")
    pattern = LASTLY.replace("NAME", re.escape(path.stem))
    page.evaluate(TOLD, [SAID, pattern])
    chooser.set_input_files(path)
    if network:
        page.get_by_role("button", name="Load", exact=True).click()
    waits, end = [], time.monotonic() + PATIENCE_S
    while not (told := page.evaluate("window.told")):
        waits.append(pages.opened(other, address, OTHERS[len(waits) % len(OTHERS)], "tiny"))
        if time.monotonic() > end:
            raise TimeoutError(f"{path.name}: no sentence within {PATIENCE_S} s")
    waits = waits or [pages.opened(other, address, OTHERS[0], "tiny")]
    return {
        "told_s": round(told["seconds"], 2),
        "words": told["words"],
        "other_s": round(max(waits), 2),
    }


def measure(folder: Path) -> dict:
    """Attack a server of one's own with every file of the folder."""
    with tempfile.TemporaryDirectory(prefix="slidescope-attacks-") as place:
        workspace, made = Path(place) / "workspace", Path(place) / "files"
        made.mkdir()
        os.environ["SLIDESCOPE_WORKSPACE"] = str(workspace)
        tiny.run(tiny.scene(), "rs", skill=3.0)
        with (
            browser.serving(workspace) as address,
            browser.launched() as chromium,
            browser.page_of(chromium) as page,
            browser.page_of(chromium) as other,
        ):
            for name in (*OTHERS, "scene-setup", *OTHERS):
                pages.opened(other, address, name, "tiny")
            alone = max(pages.opened(other, address, name, "tiny") for name in OTHERS)
            found = {}
            for path in files(folder, made):
                found[path.name] = attack(page, other, address, path)
                print(path.name, found[path.name], flush=True)
    return {"attacks": found, "alone_s": round(alone, 2), "load": os.getloadavg()[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=FOLDER)
    print(json.dumps(measure(parser.parse_args().folder)))


if __name__ == "__main__":
    main()
