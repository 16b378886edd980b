"""How long does the Factors page take to open, and to follow a chip that is switched?

    python bench/factors_page.py [--workspace DIR] [--scene sample] [--repeats 5]

The workspace needs the scene and its stored statistics (`python -m core factors SCENE`). In a
headless browser of 1280 x 720 without a network, a new session each time, of a browser and a server
that have shown the page once.

    open_s     from the address to all charts of the first view drawn: heatmap, VIF table,
               importance bars, map, histogram and response curve
    toggle_s   from the click on a chip to another picture of each panel, and until the server has
               nothing more to say (settled)

Medians; the last line is one JSON object {open_s, toggle_s: {heatmap, vif, bars, settled}, ...}.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import browser
from core import paths

CHARTS = 4
# What a panel shows, as one text; null while it has nothing to show.
PANELS = """
  const titles = (chart) => {
    const plot = document.querySelector(`[class*="st-key-${chart}"] .js-plotly-plot`);
    return plot && [...plot.querySelectorAll('.ytick text')].map((t) => t.textContent).join();
  };
  const panels = {
    heatmap: () => titles('heatmap'),
    vif: () => [...document.querySelectorAll('.vif tbody tr')].map((r) => r.textContent).join(),
    bars: () => titles('bars-'),
  };
  const settled = () => Boolean(
    document.querySelector('[data-testid="stApp"][data-test-script-state="notRunning"]'));
"""
DRAWN = f"""() => {{ {PANELS}
  const charts = [...document.querySelectorAll('.js-plotly-plot .main-svg .xtick')];
  const drawn = new Set(charts.map((tick) => tick.closest('.js-plotly-plot')));
  return settled() && drawn.size >= {CHARTS} && Object.values(panels).every((read) => read());
}}"""
# Seconds from the next press to another picture of each panel, looked at with every frame.
FOLLOW = f"""() => {{ {PANELS}
  const before = Object.fromEntries(Object.entries(panels).map(([name, read]) => [name, read()]));
  window.followed = new Promise((done) => {{
    document.addEventListener('pointerdown', (event) => {{
      const begun = event.timeStamp, found = {{}};
      const look = () => {{
        const now = (performance.now() - begun) / 1000;
        for (const [name, read] of Object.entries(panels)) {{
          if (!(name in found) && read() && read() !== before[name]) found[name] = now;
        }}
        const all = Object.keys(found).length === Object.keys(panels).length;
        if (all && settled()) done({{ ...found, settled: now }});
        else if (now > 30) done(found);
        else requestAnimationFrame(look);
      }};
      requestAnimationFrame(look);
    }}, {{ once: true, capture: true }});
  }});
}}"""


def open_s(page, address: str) -> float:
    """Seconds from the address to the whole first view."""
    page.goto(address, wait_until="commit")
    page.wait_for_function(DRAWN, polling=20)
    return page.evaluate("performance.now() / 1000")


def toggle_s(page, chip: str) -> dict[str, float]:
    """Seconds from a click on a chip to each panel's next picture."""
    page.wait_for_timeout(500)
    page.evaluate(FOLLOW)
    page.get_by_test_id("stButtonGroup").get_by_role("button", name=chip, exact=True).click()
    return page.evaluate("window.followed")


def measure(page, address: str, repeats: int) -> dict:
    opened, toggled = [], []
    for number in range(repeats + 1):
        seconds = open_s(page, address)
        switched = [toggle_s(page, "Slope") for _ in range(2)]  # off and on again
        print(f"{number}: opened in {seconds:.2f} s, {switched}", flush=True)
        if number:  # the first one loads the server's libraries
            opened.append(seconds)
            toggled += switched
    panels = {name: [t[name] for t in toggled] for name in toggled[0]}
    return {
        "open_s": round(median(opened), 2),
        "toggle_s": {name: round(median(found), 2) for name, found in panels.items()},
        "open_range_s": _range(opened),
        "toggle_range_s": {name: _range(found) for name, found in panels.items()},
        "repeats": repeats,
    }


def _range(found: list[float]) -> list[float]:
    return [round(min(found), 2), round(max(found), 2)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workspace", type=Path, default=None)
    parser.add_argument("--scene", default="sample")
    parser.add_argument("--repeats", type=int, default=5)
    wish = parser.parse_args()
    workspace = (wish.workspace or paths.workspace()).resolve()
    os.environ["SLIDESCOPE_WORKSPACE"] = str(workspace)
    with browser.serving(workspace) as server, browser.opened() as page:
        address = f"{server}/relevance?scene={wish.scene}"
        print(json.dumps(measure(page, address, wish.repeats)), flush=True)


if __name__ == "__main__":
    main()
