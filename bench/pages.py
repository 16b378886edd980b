"""How long do the pages take, and the lists on the command line, with a full workspace?

    python bench/pages.py [--runs 1000 --scenes 50] [--workspace DIR] [--repeats 10] [--reruns 1000]
                          [--parts commands server browser] [--limit 300]

With `--runs`, a workspace of so many runs, scenes, jobs and experiments is made
(`tests.full_workspace`); else DIR is measured (the workspace by default). Every page is opened by
its address in a headless browser of 1280 x 720 without a network, and by the navigation from the
page before; the first round warms up and is left out. Beside it what the server alone needs to draw
each page, in a session without a browser, which then draws all pages `--reruns` times in turn: its
memory at the end against that after a tenth of them.

The last line is one JSON object {p95_s: {page: s}, switch_p95_s, rounds, server_p95_s,
server_cpu_s, runs_json_s: {cold, warm, cpu}, scenes_json_s, evaluate_json_s, memory_mb,
memory_growth_mb, load}. No round of pages is begun after `--limit` seconds of a part: a slow
machine measures fewer (`rounds`), and comes to the end.
`cold`: the first call, with no list of readings kept; the memory that the system keeps of files is
not emptied. On a machine that others use, compare processor seconds (`cpu`, the median).
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import psutil

from bench import browser
from bench.session import session
from core import paths, seen
from tests import full_workspace

PAGES = {  # end of the address: title in the navigation
    "start": "Overview",
    "scene-setup": "Scene",
    "relevance": "Factors",
    "learn": "Training",
    "map-compare": "Compare",
    "results-table": "Results",
}
PARTS = ("commands", "server", "browser")
REST_S = 0.5  # between two pages: nobody clicks while the first is still being drawn
SETTLED = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  const frame = document.querySelector('[data-testid="stMain"] iframe');
  return app && app.dataset.testScriptState === "notRunning" && (!MAP || Boolean(frame))
    && document.querySelector('[data-testid="stMain"]').innerText.length > 40;
}"""


def settled(page, name: str) -> None:
    """Wait until the page is drawn: the server has nothing more to say; of Compare, the map too."""
    page.wait_for_function(SETTLED.replace("MAP", str(name == "map-compare").lower()), polling=20)
    if name == "map-compare":
        browser.map_frame(page)


def opened(page, address: str, name: str, scene: str) -> float:
    time.sleep(REST_S)
    begun = time.perf_counter()
    page.goto(f"{address}/{name}?scene={scene}", wait_until="commit")
    settled(page, name)
    return time.perf_counter() - begun


def switched(page, name: str) -> float:
    time.sleep(REST_S)
    begun = time.perf_counter()
    page.get_by_test_id("stTopNavLink").filter(has_text=PAGES[name]).first.click()
    page.wait_for_url(f"**/{'' if name == 'start' else name}*")
    settled(page, name)
    return time.perf_counter() - begun


def in_browser(address: str, scene: str, repeats: int, limit: float) -> dict:
    found: dict[str, dict[str, list[float]]] = {"p95_s": {}, "switch_p95_s": {}}
    rounds = 0
    with browser.opened() as page:
        for number in in_time(repeats + 1, limit):
            rounds = number
            opens = {name: opened(page, address, name, scene) for name in PAGES}
            switches = {name: switched(page, name) for name in PAGES}
            print(number, _shown(opens), _shown(switches), flush=True)
            if number:
                for kind, seconds in (("p95_s", opens), ("switch_p95_s", switches)):
                    for name, each in seconds.items():
                        found[kind].setdefault(name, []).append(each)
    percentiles = {
        kind: {name: _p95(each) for name, each in kinds.items()} for kind, kinds in found.items()
    }
    return {**percentiles, "rounds": rounds}


def in_time(rounds: int, limit: float) -> Iterator[int]:
    """The numbers of the rounds while there is time; the first warms up, the second counts."""
    end = time.monotonic() + limit
    for number in range(rounds):
        if number > 1 and time.monotonic() > end:
            print(f"{limit:.0f} s are over: {number - 1} rounds were measured", flush=True)
            return
        yield number


def of_server(address: str, scene: str, wish: argparse.Namespace, server: psutil.Process) -> dict:
    """What the server alone needs, and whether it grows."""
    repeats = wish.repeats
    seconds: dict[str, list[float]] = {name: [] for name in PAGES}
    used: dict[str, list[float]] = {name: [] for name in PAGES}
    memory = []
    with session(address) as tab:
        tab.draw()
        for number in in_time(max(repeats + 1, wish.reruns // len(PAGES)), wish.limit):
            for name in PAGES:
                before = sum(server.cpu_times()[:2])
                took = tab.draw("" if name == "start" else name, f"scene={scene}")
                if 0 < number <= repeats:
                    seconds[name].append(took)
                    used[name].append(sum(server.cpu_times()[:2]) - before)
            memory.append(server.memory_info().rss / 2**20)
            if number % 20 == 0:
                print(f"{number * len(PAGES)} pages drawn, {memory[-1]:.0f} MB", flush=True)
    return {
        "server_p95_s": {name: _p95(each) for name, each in seconds.items()},
        "server_cpu_s": {name: round(float(np.median(s)), 2) for name, s in used.items()},
        "memory_mb": round(memory[-1], 1),
        "memory_growth_mb": round(memory[-1] - memory[len(memory) // 10], 1),
        "pages_drawn": len(memory) * len(PAGES),
    }


def command(workspace: Path, repeats: int, *words: str) -> dict[str, float]:
    """Seconds of a command: the first with nothing remembered, then the median of some more."""
    (workspace / "cache" / seen.FILE).unlink(missing_ok=True)
    clock, used = [], []
    for _ in range(repeats + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begun = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "core", *words, "--json"],
            cwd=paths.PROJECT,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        clock.append(time.perf_counter() - begun)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    warm, cpu = np.median(clock[1:]), np.median(used[1:])
    return {"cold": round(clock[0], 2), "warm": round(float(warm), 2), "cpu": round(float(cpu), 2)}


def _p95(seconds: list[float]) -> float:
    return round(float(np.quantile(seconds, 0.95)), 2)


def _shown(seconds: dict[str, float]) -> str:
    return " ".join(f"{name} {each:.2f}" for name, each in seconds.items())


def measure(workspace: Path, wish: argparse.Namespace) -> dict:
    from core.runs import store as runs
    from core.scene import store as scenes

    measured = [run for run in runs.runs() if run.metrics()]
    names = scenes.names()
    if not names:
        raise SystemExit(f"No scene in {workspace}: prepare the sample first, or give --runs.")
    scene = full_workspace.scene_name(0) if wish.runs else names[-1]
    found: dict = {}
    commands = {"runs_json_s": ["runs"], "scenes_json_s": ["scenes"]}
    if measured:
        commands["evaluate_json_s"] = ["evaluate", measured[0].id]
    for name, words in commands.items() if "commands" in wish.parts else ():
        found[name] = command(workspace, min(wish.repeats, 5), *words)
        print(name, found[name], flush=True)
    with browser.serving(workspace) as address:
        (server,) = psutil.Process().children()
        if "server" in wish.parts:
            found |= of_server(address, scene, wish, server)
        if "browser" in wish.parts:
            found |= in_browser(address, scene, wish.repeats, wish.limit)
    sizes = {"runs": len(runs.runs()), "scenes": len(names), "scene": scene}
    return {**sizes, **found, "load": round(os.getloadavg()[0], 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=0, help="make a workspace of so many runs")
    parser.add_argument("--scenes", type=int, default=50)
    parser.add_argument("--workspace", type=Path, default=None)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--reruns", type=int, default=1000, help="pages drawn to watch the memory")
    parser.add_argument("--limit", type=float, default=300, help="seconds of a part")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    wish = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        workspace = (wish.workspace or (Path(made) if wish.runs else paths.workspace())).resolve()
        os.environ["SLIDESCOPE_WORKSPACE"] = str(workspace)
        if wish.runs and not (workspace / "runs").exists():
            size = full_workspace.Size(wish.runs, wish.scenes, wish.runs, wish.scenes)
            full_workspace.make(workspace, size)
        print(json.dumps(measure(workspace, wish)), flush=True)


if __name__ == "__main__":
    main()
