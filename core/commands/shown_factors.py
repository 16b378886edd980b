"""What `factors` prints for people."""

from core.factors import factor


def show_factors(result: dict) -> None:
    dropped = f"{100 * result['dropped_share']:.1f} %"
    made = " (synthetic)" if result["synthetic"] else ""
    print(f"{result['scene']}{made}: {result['n']} pixels, {dropped} dropped for missing data")
    print(f"area: {result['area']['words']}")
    for row in result["excluded"]:
        print(f"left out: {row['factor']} ({row['reason']})")
    shown = result["coding"][result["coding"]["shown"]]
    _show_collinearity(shown["collinearity"])
    for row in shown["warnings"]:
        print(row["sentence"])
    _show_matrix(shown["correlation"], f"Correlation, {result['coding']['shown']} coding")
    print(result["coding"]["difference"])
    _show_significance(result.get("significance"))
    _show_importance(result)
    _show_evidence(result["evidence"])
    _show_strata(result.get("strata"))
    _show_what_if(result)


def _show_collinearity(rows: list[dict]) -> None:
    print(f"\n{'factor':<18}{'VIF':>10}{'TOL':>10}")
    for row in rows:
        numbers = "".join(f"{_number(row[key]):>10}" for key in ("vif", "tol"))
        print(f"{_title(row['factor']):<18}{numbers}  {row.get('reason', '')}")


def _show_matrix(correlation: dict, title: str) -> None:
    print(f"\n{title}")
    for i, name in enumerate(correlation["factors"]):
        print(f"{_title(name):<18}" + "".join(f"{_number(v):>8}" for v in correlation["matrix"][i]))


def _show_significance(found: dict | None) -> None:
    if not found:
        return
    print(f"\nSignificance on {found['pixels']} pixels, {found['step_px']} px apart")
    for row in found["pairs"]:
        figures = "".join(f"{_number(row[key]):>10}" for key in ("r", "effective_n", "p_holm"))
        print(f"{_title(row['a']) + ', ' + _title(row['b']):<36}{figures}")


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


def _show_evidence(found: dict | None) -> None:
    if not found:
        return
    print(f"\nEvidence per class, {found['landslides']} landslides")
    for table in found["factors"]:
        gain, auc = f"{table['information_gain']:.4f}", _number(table["auc"])
        said = f"information gain {gain}, AUC {auc}{_beside(table['control'])}"
        print(f"{table['rank']}. {_title(table['factor'])}: {said}")
        for row in table["classes"]:
            keys = ("frequency_ratio", "contrast", "studentised", "chance_p")
            figures = "".join(f"{_number(row[key]):>10}" for key in keys)
            print(f"   {row['label']:<28}{100 * row['share']:>9.3f} %{figures}")


def _beside(control: dict | None) -> str:
    """What the inventory has where it is moved elsewhere, after a factor's own figures."""
    if not control or control["above_chance"] is None:
        return ""
    moved = control["information_gain"]
    said = f"; moved elsewhere {moved['mean']:.4f}, p {moved['p']:.3f}"
    return said + ("" if control["above_chance"] else ", no better than chance")


def _show_strata(found: dict | None) -> None:
    if not found:
        return
    print(f"\nEach class of {_title(found['factor'])} by itself")
    for stratum in found["strata"]:
        share = stratum["landslide_share"]
        slides = "" if share is None else f", {100 * share:.3f} % landslide"
        note = stratum["reason"] or f"{stratum['n']} pixels{slides}"
        print(f"{stratum['label']}: {note}")
        for row in stratum["factors"]:
            keys = ("vif", "information_gain", "auc")
            print(
                f"   {_title(row['factor']):<18}" + "".join(f"{_number(row[k]):>10}" for k in keys)
            )


def _show_what_if(result: dict) -> None:
    found = result.get("what_if")
    if found:
        print(f"\nWithout {', '.join(_title(name) for name in found['without'])}")
        _show_collinearity(found["collinearity"])
        for row in found["warnings"]:
            print(row["sentence"])
    if "dataset" in result:
        saved = result["dataset"]
        print(f"\nDataset {saved['name']}: {', '.join(saved['factors'])}")
    if "report" in result:
        print(f"\nReport: {result['report']}")


def _title(name: str) -> str:
    return factor(name).title


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _pair(value: dict | None) -> str:
    return "-" if value is None else f"{value['mean']:.3f} ± {value['sd']:.3f}"
