"""Does a file made to do harm end in one sentence, and do other people's pages answer meanwhile?

    python bench/attacks.py [--folder ../shared/data/attacks] [--only WORDS]

Each file of the folder is uploaded in a browser, as anybody would: rasters and polygons on the
Scene page, a network's parts within the zip of a shipped one on Training. Another visitor opens
page after page until the sentence stands there. The last line is one JSON object
{attacks: {file: {told_s, words, other_s, child_cpu_s, load}}, harmless_s, alone_s}: by the clock,
seconds to the sentence (null: none within two minutes; `words` is then what the page says) and the
longest that the other visitor waited for a page; processor seconds of what the server started to
look at the file, which others on the machine do not change; the machine's load at the time.
`harmless_s` is what a raster takes that means no harm, `alone_s` the longest wait for a page
without any attack, everything loaded.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import browser, pages
from core import paths
from tests import rasters, tiny

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "attacks"
NETWORK, PATIENCE_S = "sample-unet-rs-dr-shipped", 120
OTHERS = ("learn", "results-table", "start")
ENDINGS = (".tif", ".gpkg", ".geojson")
# What stands on the page in the end; of many bands, that they are to be chosen from.
SAID = "[data-testid=stAlert], [data-testid=stMarkdown], [data-testid=stCaptionContainer]"
LASTLY = r"NAME.* (?:is refused|has|names)\b|NAME\S*\s+(?:[\d\s]+bands, )?[\d\s]+ ×|"
LASTLY += r"Load NAME\S*: |Loaded as "
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
    begun = _children()
    if path.suffix == ".zip":
        _load(page, address, path)
    else:
        _import(page, address, path)
    waits, end = [], time.monotonic() + PATIENCE_S
    while not (told := page.evaluate("window.told")) and time.monotonic() < end:
        waits.append(pages.opened(other, address, OTHERS[len(waits) % len(OTHERS)], "tiny"))
    waits = waits or [pages.opened(other, address, OTHERS[0], "tiny")]
    return {
        "told_s": round(told["seconds"], 2) if told else None,
        "words": told["words"] if told else page.get_by_test_id("stMain").inner_text(),
        "other_s": round(max(waits), 2),
        "child_cpu_s": round(_children() - begun, 2),
        "load": round(os.getloadavg()[0], 1),
    }


def _import(page, address: str, path: Path) -> None:
    page.goto(f"{address}/scene-setup")
    pages.settled(page, "")
    page.get_by_test_id("stButtonGroup").get_by_text("Import", exact=True).click()
    # The view that is left has an uploader too, of a legend.
    chooser = page.locator(".st-key-import_upload_0 input[type=file]")
    chooser.wait_for(state="attached")
    page.evaluate(TOLD, [SAID, LASTLY.replace("NAME", re.escape(path.stem))])
    chooser.set_input_files(path)


def _load(page, address: str, path: Path) -> None:
    page.goto(f"{address}/learn")
    pages.settled(page, "")
    page.get_by_text("Load a network", exact=True).click()
    chooser = page.locator(".st-key-load_files_0 input[type=file]")
    chooser.wait_for(state="attached")
    page.evaluate(TOLD, [SAID, LASTLY.replace("NAME", re.escape(path.stem))])
    chooser.set_input_files(path)
    page.get_by_role("button", name="Load", exact=True).click()


def _children() -> float:
    """Processor seconds of all that the server started, at work or ended."""
    (server,) = (each for each in psutil.Process().children() if "streamlit" in each.cmdline())
    ended = server.cpu_times()
    seconds = ended.children_user + ended.children_system
    for each in server.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            seconds += sum(each.cpu_times()[:4])
    return seconds


def measure(folder: Path, only: str = "") -> dict:
    """Attack a server of one's own with every file of the folder, or those of that name."""
    with tempfile.TemporaryDirectory(prefix="slidescope-attacks-") as place:
        workspace, made = Path(place) / "workspace", Path(place) / "files"
        made.mkdir()
        os.environ["SLIDESCOPE_WORKSPACE"] = str(workspace)
        tiny.run(tiny.scene(), "rs", skill=3.0)
        harmless = made / "harmless.tif"
        rasters.write(harmless, rasters.ramp(64, 64, 12.5))
        with (
            browser.serving(workspace) as address,
            browser.launched() as chromium,
            browser.page_of(chromium) as page,
            browser.page_of(chromium) as other,
        ):
            for name in (*OTHERS, "scene-setup", *OTHERS):
                pages.opened(other, address, name, "tiny")
            alone = max(pages.opened(other, address, name, "tiny") for name in OTHERS)
            usual = attack(page, other, address, harmless)["told_s"]
            found = {}
            for path in (path for path in files(folder, made) if only in path.name):
                found[path.name] = attack(page, other, address, path)
                print(path.name, found[path.name], flush=True)
    return {"attacks": found, "harmless_s": usual, "alone_s": round(alone, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--only", default="", help="files whose name has these words")
    asked = parser.parse_args()
    print(json.dumps(measure(asked.folder, asked.only)))


if __name__ == "__main__":
    main()
