"""The command `factors`: what the factors of a scene say, alone, together and about landslides."""

import argparse
from pathlib import Path

from core import atomic
from core.analysis import analysis, store
from core.analysis.areas import area_text
from core.analysis.areas.area import Area
from core.analysis.evidence.breaks import METHODS
from core.analysis.evidence.classing import Classing, parse_own
from core.analysis.evidence.evidence_table import tables
from core.analysis.one_pass.coding import CODINGS
from core.analysis.relations import pairs, pvalues, strata, strata_store
from core.analysis.relations.whatif import remaining, what_if
from core.commands import factors_shown
from core.errors import SlideScopeError
from core.jobs.report import Report, part
from core.scene import datasets
from core.scene import store as scenes

HELP = "correlation (PPMCC), collinearity (VIF, TOL), importance and evidence of a scene's factors"
AREA_HELP = f"only these pixels, several at once: all have to hold; {area_text.KINDS}"


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
    sub.add_argument("--area", action="append", default=[], metavar="AREA", help=AREA_HELP)
    sub.add_argument("--drop-column", action="store_true", help="forests without each factor too")
    sub.add_argument("--significance", action="store_true", help="p-values on a grid of pixels")
    sub.add_argument(
        "--by", metavar="FACTOR", help="each class of this factor by itself, as one table"
    )
    sub.add_argument("--coding", choices=CODINGS, default="paper", help="what is shown first")
    _add_evidence(sub)
    _add_subset(sub)
    sub.add_argument("--report", metavar="FILE.html", help="write the whole audit as one page")
    sub.set_defaults(run=run, show=factors_shown.show, job_kind="factors", job_title=title)


def _add_evidence(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--breaks", choices=METHODS, default="quantile", help="of numeric factors")
    sub.add_argument("--classes", type=int, default=10, help="of numeric factors (default 10)")
    sub.add_argument(
        "--breaks-of",
        action="append",
        default=[],
        metavar="FACTOR=A,B,...",
        help="your own class breaks of a factor, in its unit",
    )


def _add_subset(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--without", default="", metavar="A,B", help="what if these were left out?")
    sub.add_argument(
        "--save-dataset", metavar="NAME", help="store the factors left, for `train --dataset NAME`"
    )


def title(args: argparse.Namespace) -> str:
    words = f", {' and '.join(args.area)}" if args.area else ""
    return f"Factor statistics of {args.scene}{words}"


def run(args: argparse.Namespace, report: Report) -> dict:
    """Return the stored analysis of this very scene, area, sample size and seed, or compute it;
    with what else was asked for."""
    scene = scenes.load(args.scene)
    area = area_text.parse(scene, args.area)
    _check(scene, args)
    stored = None if args.again else store.open_stored(scene, area)
    if stored is None or not _same(stored.result, args):
        share = part(report, 0, 0.8 if args.significance else 1)
        about = {"area": area, "drop_column": args.drop_column}
        analysis.analyse(scene, args.pixels, args.seed, share, **about)
        stored = store.open_stored(scene, area)
    return _with_wishes(scene, area, stored, args, part(report, 0.8, 1))


def _check(scene: scenes.Scene, args: argparse.Namespace) -> None:
    """Refuse what can be refused before minutes are spent."""
    analysis.check_pixels(args.pixels)
    _classing(scene, args)
    remaining(scene.factor_names, _without(args))
    if args.by:
        strata.check(scene, args.by)
    if args.report and not Path(args.report).resolve().parent.is_dir():
        raise SlideScopeError(
            f"There is no folder for the report '{args.report}': it is written into one that "
            "exists; make it or give another path."
        )


def _same(stored: dict, args: argparse.Namespace) -> bool:
    sampling = stored["sampling"]
    if not sampling:
        return True
    enough = sampling["drop_column_forests"] or not args.drop_column
    return bool(enough) and (sampling["asked"], sampling["seed"]) == (args.pixels, args.seed)


def _with_wishes(scene, area: Area, stored: store.Stored, args, report: Report) -> dict:
    result = {**stored.result, "coding": {"shown": args.coding, **stored.result["coding"]}}
    classing = _classing(scene, args)
    if result["evidence"] and classing != Classing():
        factors = [scene.factor(name) for name in stored.histograms]
        landslides = result["evidence"]["landslides"]
        result["evidence"] = tables(factors, stored.histograms, landslides, classing)
    if args.significance:
        found = None if args.again else pvalues.load(scene, area)
        result["significance"] = found or pairs.compute(scene, result, area, report)
    if args.by:
        kept = None if args.again else strata_store.load(scene, args.by, area)
        result["strata"] = kept or strata.compute(scene, args.by, area, report)
    if _without(args):
        result["what_if"] = what_if(stored, _without(args), args.coding)
    if args.save_dataset:
        left = remaining(scene.factor_names, _without(args))
        result["dataset"] = datasets.save(scene, args.save_dataset, left)
    if args.report:
        result["report"] = _write_report(scene, result, Path(args.report))
    return result


def _classing(scene: scenes.Scene, args: argparse.Namespace) -> Classing:
    return Classing(args.breaks, args.classes, parse_own(args.breaks_of, scene.factor_names))


def _without(args: argparse.Namespace) -> list[str]:
    return [name.strip() for name in args.without.split(",") if name.strip()]


def _write_report(scene: scenes.Scene, result: dict, path: Path) -> str:
    from core.export import audit  # here: it draws in what exports need

    path = path.resolve()
    atomic.write_text(path, audit.document(scene, result))
    return str(path)
