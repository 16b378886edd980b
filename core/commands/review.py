"""`review`: false objects that may be landslides; who decided what about them."""

import argparse
import getpass
from dataclasses import asdict
from pathlib import Path

from core.errors import SlideScopeError
from core.jobs.report import Report
from core.review import decisions, export, reviewing
from core.review.queue import Asked, queue
from core.runs import store as runs
from core.runs.truth import scene_of
from core.scene import store as scenes
from core.scene import versions

HELP = "false objects that may be unmapped landslides: list, accept, reject, undo, new version"


def add_review(commands) -> None:
    sub = commands.add_parser("review", help=HELP, description=HELP)
    sub.add_argument("scene", metavar="SCENE")
    sub.add_argument("--run", dest="run_id", help="whose map (default: the newest of the scene)")
    sub.add_argument("--threshold", type=float, default=0.5)
    sub.add_argument("--area", default="all", help="all (default), test, validation or train")
    sub.add_argument("--limit", type=int, default=20, help="how many to list (default 20)")
    sub.add_argument("--author", help="who decides (default: this system's user)")
    what = sub.add_mutually_exclusive_group()
    what.add_argument("--accept", metavar="ID", help="it is a landslide")
    what.add_argument("--reject", metavar="ID", help="it is none")
    what.add_argument("--remark", metavar="ID", help="only keep the --comment about it")
    last = {"nargs": "?", "const": "", "metavar": "DECISION"}
    what.add_argument("--undo", **last, help="take back a decision (default: the author's last)")
    what.add_argument(
        "--version", action="store_true", help="burn accepted outlines into a new inventory version"
    )
    what.add_argument("--export", metavar="DIR", help="inventory and decisions as GeoPackage")
    sub.add_argument("--comment", default="", help="with --accept, --reject or --remark")
    sub.add_argument("--grow", type=int, default=0, help="accept PX pixels wider (-PX: narrower)")
    sub.add_argument("--outline", default="", help="accept with this WKT or GeoJSON (text or file)")
    sub.add_argument("--inventory-version", type=int, help="version to list against or to export")
    sub.set_defaults(run=review, show=show)


def review(args: argparse.Namespace, report: Report) -> dict:
    scene = scenes.load(args.scene)
    reviewing.check_inventory(scene)
    author = _user() if args.author is None else args.author
    if args.undo is not None:
        return {"decision": asdict(reviewing.undo(scene, author, args.undo or None))}
    if args.version:
        return {"made": reviewing.make_version(scene, author)}
    if args.export:
        return {"export": export.write(scene, Path(args.export), args.inventory_version)}
    asked = _asked(args, scene)
    if args.accept:
        more = {"grow": args.grow, "drawn": _text(args.outline)}
        made = reviewing.accept(asked, args.accept, author, args.comment, **more)
        return {"decision": asdict(made)}
    if args.reject:
        return {"decision": asdict(reviewing.reject(asked, args.reject, author, args.comment))}
    if args.remark:
        return {"decision": asdict(reviewing.remark(asked, args.remark, author, args.comment))}
    return _listed(asked, args.limit)


def _asked(args: argparse.Namespace, scene: scenes.Scene) -> Asked:
    if args.run_id:
        run = runs.load(args.run_id)
    else:
        known = [r for r in runs.runs() if r.predicted(scene.name)]
        if not known:
            raise SlideScopeError(
                f"No run has a map of scene '{scene.name}': a review needs a predicted map; train "
                "or predict first."
            )
        run = known[0]
    at = scene_of(run, scene.name, args.inventory_version)
    return Asked(run, at, args.threshold, args.area)


def _listed(asked: Asked, limit: int) -> dict:
    found = queue(asked)
    return {
        "scene": asked.scene.name,
        "run": asked.run.id,
        "threshold": asked.threshold,
        "area": asked.area,
        "inventory_version": asked.scene.inventory["version"],
        "versions": versions.numbers(asked.scene),
        "candidates": len(found),
        "open": sum(each.state == "open" for each in found),
        "queue": [each.to_json() for each in found[: max(0, limit)]],
        "decisions": [asdict(each) for each in decisions.read(asked.scene.name)],
    }


def _user() -> str:
    try:
        return getpass.getuser()
    except OSError:
        return ""


def _text(outline: str) -> str:
    """The outline itself: what is typed, or what a file of that name holds."""
    try:
        path = Path(outline)
        return path.read_text(encoding="utf-8") if outline and path.is_file() else outline
    except (OSError, UnicodeDecodeError):
        return outline


def show(result: dict) -> None:
    if "decision" in result:
        made = result["decision"]
        what = f"{made['action']} {made['item'] or ''}".strip()
        print(f"{made['id']}: {what} by {made['author']}, {made['time']}")
    elif "made" in result:
        made = result["made"]
        print(
            f"Inventory version {made['version']}: {made['polygons']} landslides, "
            f"{len(made['decisions'])} of them from the review."
        )
        if made["left_out"]:
            print(f"Accepted outlines that do not lie in this scene, left out: {made['left_out']}.")
    elif "export" in result:
        made = result["export"]
        print(f"{', '.join(made['files'])} in {made['folder']}")
    else:
        _show_queue(result)


def _show_queue(result: dict) -> None:
    print(
        f"{result['candidates']} false objects at p >= {result['threshold']:g}, {result['open']} "
        f"open; run {result['run']}, inventory version {result['inventory_version']}"
    )
    print(f"{'id':14}{'state':10}{'rank':>8}{'p':>7}{'mm/yr':>8}{'pixels':>8}")
    for row in result["queue"]:
        moved = "–" if row["deformation"] is None else f"{row['deformation']:.1f}"
        print(
            f"{row['key']:14}{row['state']:10}{row['rank']:8.2f}{row['probability']:7.3f}"
            f"{moved:>8}{row['pixels']:8}"
        )
