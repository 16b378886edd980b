"""`models`: what can be trained, how large it is and what a tile costs."""

import argparse

from core.errors import SlideScopeError
from models import catalogue


def add_models(commands) -> None:
    sub = commands.add_parser("models", help="presets, trainable parameters, GFLOP per tile")
    sub.add_argument("--channels", type=int, default=10, help="input channels (default 10)")
    sub.set_defaults(run=list_models, show=show_models)


def list_models(args: argparse.Namespace, report) -> dict:
    if args.channels < 1:
        raise SlideScopeError(f"A network needs an input: --channels {args.channels}, at least 1.")
    return {"channels": args.channels, "tile": 128, "models": catalogue.describe_all(args.channels)}


def show_models(result: dict) -> None:
    print(f"{'model':12} {'preset':8} {'parameters':>12} {'GFLOP':>8}")
    for row in result["models"]:
        size = f"{row['trainable_parameters']:12,}"
        print(f"{row['model']:12} {row['preset']:8} {size} {row['gflop']:8.2f}")
