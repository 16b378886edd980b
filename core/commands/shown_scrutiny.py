"""What `evaluate --reviewers` prints for people."""

from core.learning.scores.intervals import CONFIDENCE
from core.numerals import percent, whole


def show(found: dict) -> None:
    """Print rates, classes, Boyce index and calibration of `core.learning.scores.scrutiny`."""
    print(f"\nFor reviewers: {found['area_words']}, {whole(found['pixels'])} pixels")
    for rate in found["rates"]:
        ends = _ends((rate["intervals"] or {}).get("rate_auc"))
        print(f"  AUC of the {rate['words']}: {_figure(rate['rate_auc'])}{ends}")
        print(f"    its ROC curve: {_figure(rate['roc_auc'])}")
    _show_classes(found["classes"])
    print(f"  continuous Boyce index: {_figure(found['boyce']['index'])}")
    _show_brier(found["brier"], found["recalibration"])
    if any(rate["intervals"] for rate in found["rates"]):
        print(f"  [ ] is the {100 * CONFIDENCE:.0f} % interval, bootstrap over blocks of tiles.")


def show_outlines(found: dict) -> None:
    """Print what the scores become where the outlines are moved, eroded and grown."""
    size = f" of {found['metres']:g} m" if found["metres"] else ""
    print(f"Outlines moved by pixels{size}: lowest and highest F1 of eight directions")
    print(f"  as mapped     {found['mapped']['f1']:.4f}")
    for row in found["rows"]:
        low, high = row["shifted"]["f1"]
        eroded = "nothing left" if row["eroded"] is None else f"{row['eroded']['f1']:.4f}"
        print(
            f"  by {row['by']}: shifted {low:.4f} to {high:.4f}, eroded {eroded}, grown "
            f"{row['grown']['f1']:.4f}"
        )


def _show_classes(found: dict) -> None:
    print(f"  {'p':13}{'of area':>12}{'of landslides':>15}{'ratio':>9}")
    for row in found["rows"]:
        step = f"{row['low']:.3f}-{row['high']:.3f}"
        ratio = _figure(row["frequency_ratio"], 2)
        shares = percent(row["area_share"]), percent(row["landslide_share"])
        print(f"  {step:13}{shares[0]:>12}{shares[1]:>15}{ratio:>9}")


def _show_brier(brier: dict, recalibration: dict) -> None:
    print(
        f"  Brier score: {brier['brier']:.5f}{_ends(brier['interval'])}, skill "
        f"{_figure(brier['skill'])} over saying the prevalence everywhere"
    )
    before, after = recalibration["before"], recalibration["after"]
    if after is None:
        print(f"  No isotonic recalibration: {recalibration['why']}")
        return
    print(
        f"  after isotonic recalibration on the validation tiles: {after['brier']:.5f}, "
        f"calibration error {before['ece']:.5f} -> {after['ece']:.5f}"
    )


def _figure(value: float | None, decimals: int = 4) -> str:
    return "none" if value is None else f"{value:.{decimals}f}"


def _ends(interval: list[float] | None) -> str:
    return "" if interval is None else f"  [{interval[0]:.4f}, {interval[1]:.4f}]"
