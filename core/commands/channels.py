"""`channels` and `attention`: what a trained network looks at."""

import argparse

from core.errors import SlideScopeError
from core.factors import factor
from core.jobs.report import Report
from core.runs import store as runs
from core.runs.truth import scene_of

CHANNELS = "permutation importance of a network's factors on held-out tiles, and CBAM's gates"
ATTENTION = "CBAM's channel weights and spatial maps of one tile"
# As in core.learning.channel_importance, which a waiting worker need not import.
REPEATS, TILES = 5, 96


def add_channels(commands) -> None:
    sub = commands.add_parser("channels", help=CHANNELS, description=CHANNELS)
    sub.add_argument("run_id", metavar="RUN")
    sub.add_argument("--repeats", type=int, default=REPEATS, help="default %(default)s")
    sub.add_argument(
        "--tiles", type=int, default=TILES, help="held-out tiles at most (default %(default)s)"
    )
    sub.add_argument("--seed", type=int, default=0, help="of the sample and the exchanges")
    title = {"job_title": lambda args: f"Channel view of {args.run_id}"}
    sub.set_defaults(run=channels, show=show_channels, job_kind="channels", **title)


def channels(args: argparse.Namespace, report: Report) -> dict:
    from core.learning import channel_view

    run = runs.load(args.run_id)
    runs.check_network(run)
    return channel_view.measure(run, args.repeats, args.tiles, args.seed, report)


def show_channels(result: dict) -> None:
    kind = "synthetic scene, " if result["synthetic"] else ""
    of = f"{result['tiles']} of {result['tiles_held_out']} {result['area_words']}"
    print(f"{kind}{of}, {result['split']} split, {result['repeats']} repeats")
    base = result["baseline"]
    print(f"average precision {base['average_precision']:.4f}, F1 at 0.5 {base['f1']:.4f}")
    print(f"\n{'lost when exchanged':<20}{'AP':>18}{'F1':>18}{'AP at mean':>12}")
    ranked = sorted(result["importance"], key=lambda row: -row["average_precision"]["mean"])
    for row in ranked:
        pairs = "".join(f"{_pair(row[key]):>18}" for key in ("average_precision", "f1"))
        at_mean = row["at_mean"]["average_precision"]
        print(f"{factor(row['factor']).title:<20}{pairs}{at_mean:>12.4f}")
    if result["attention"]:
        print(f"\nCBAM's gates of {result['attention']['tiles']} tiles stored.")


def add_attention(commands) -> None:
    sub = commands.add_parser("attention", help=ATTENTION, description=ATTENTION)
    sub.add_argument("run_id", metavar="RUN")
    sub.add_argument("--scene", help="another scene with the same factors (default: its own)")
    sub.add_argument("--tile", type=int, help="number of the tile, row by row from 0")
    sub.add_argument("--x", type=int, help="with --y, a pixel of the tile instead: its column")
    sub.add_argument("--y", type=int, help="its row")
    title = {"job_title": lambda args: f"Attention of {args.run_id}"}
    sub.set_defaults(run=attend, show=show_attention, job_kind="attention", **title)


def attend(args: argparse.Namespace, report: Report) -> dict:
    from core.learning import attention

    run = runs.load(args.run_id)
    runs.check_network(run)
    attention.check_gates(run)
    scene = scene_of(run, args.scene)
    tile = args.tile
    if tile is None:
        if args.x is None or args.y is None:
            raise SlideScopeError(
                "No tile given: attention is of one tile; add --tile N, or --x and --y of a pixel."
            )
        tile = attention.tile_at(scene, args.x, args.y)
    return attention.compute_tile(run, scene, tile, report)


def show_attention(result: dict) -> None:
    print(f"tile {result['tile']} of {result['scene']}, centre pixel {result['x']}, {result['y']}")
    for gate, found in result["gates"].items():
        side = f"{found['space_px']} px"
        channel = f"{found['channel_mean']:.3f} ± {found['channel_sd']:.3f}"
        space = f"{found['space_mean']:.3f} ± {found['space_sd']:.3f}"
        print(f"  {gate}: {found['channels']} channels {channel}; {side} map {space}")
    print(result["file"])


def _pair(value: dict) -> str:
    return f"{value['mean']:.4f} ± {value['sd']:.4f}"
