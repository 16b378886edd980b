"""The command `factors`: correlation, collinearity and importance of a scene's factors."""

import argparse

from core.analysis import analysis, store
from core.factors import factor
from core.jobs.report import Report
from core.scene import store as scenes

HELP = "correlation (PPMCC), collinearity (VIF, TOL) and importance of a scene's factors"


def add_factors(commands) -> None:
    sub = commands.add_parser("factors", help=HELP, description=HELP)
    sub.add_argument("scene", metavar="SCENE")
    sub.add_argument(
        "--pixels",
        type=int,
        default=analysis.SAMPLE_PIXELS,
        help="size of the balanced sample for importance (default %(default)s)",
    )
    sub.add_argument("--seed", type=int, default=0, help="of the sample and the forests")
    sub.add_argument("--again", action="store_true", help="compute even if there is a result")
    sub.set_defaults(run=run, show=show, job_kind="factors", job_title=title)


def title(args: argparse.Namespace) -> str:
    return f"Factor statistics of {args.scene}"


def run(args: argparse.Namespace, report: Report) -> dict:
    """Return the stored analysis of this very scene, sample size and seed, or compute it."""
    scene = scenes.load(args.scene)
    stored = None if args.again else store.load(scene)
    if stored and _same(stored, args):
        return stored
    return analysis.analyse(scene, args.pixels, args.seed, report)


def _same(stored: dict, args: argparse.Namespace) -> bool:
    sampling = stored["sampling"]
    return not sampling or (sampling["asked"], sampling["seed"]) == (args.pixels, args.seed)


def show(result: dict) -> None:
    dropped = f"{100 * result['dropped_share']:.1f} %"
    made = " (synthetic)" if result["synthetic"] else ""
    print(f"{result['scene']}{made}: {result['n']} pixels, {dropped} dropped for missing data")
    for row in result["excluded"]:
        print(f"left out: {row['factor']} ({row['reason']})")
    print(f"\n{'factor':<18}{'VIF':>10}{'TOL':>10}")
    for row in result["collinearity"]:
        numbers = "".join(f"{_number(row[key]):>10}" for key in ("vif", "tol"))
        print(f"{_title(row['factor']):<18}{numbers}  {row.get('reason', '')}")
    _show_correlation(result["pearson"])
    _show_importance(result)


def _show_correlation(pearson: dict) -> None:
    print("\nPearson correlation")
    for i, name in enumerate(pearson["factors"]):
        print(f"{_title(name):<18}" + "".join(f"{_number(v):>8}" for v in pearson["matrix"][i]))


def _show_importance(result: dict) -> None:
    if result["importance_reason"]:
        print("\n" + result["importance_reason"])
    if not result["importance"]:
        return
    print(f"\n{'importance':<18}{'Gini':>16}{'permutation':>18}")
    for row in result["importance"]:
        pairs = "".join(f"{_pair(row[key]):>17}" for key in ("gini", "permutation"))
        note = "control" if row["control"] else "" if row["above_noise"] else "not above noise"
        print(f"{_title(row['factor']):<18}{pairs}  {note}")
    if result["auc"]:
        print(f"held-out AUC {_pair(result['auc'])}")


def _title(name: str) -> str:
    return factor(name).title


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _pair(value: dict | None) -> str:
    return "-" if value is None else f"{value['mean']:.3f} ± {value['sd']:.3f}"
