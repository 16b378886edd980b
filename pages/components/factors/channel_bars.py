"""What a trained network loses without a factor, beside the forest's Gini importance."""

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.factors import factor
from core.numerals import fixed
from pages.components.curves import BLUE, GREEN, GREY

SCORES = {"average_precision": "Average precision", "f1": "F1 at 0.5"}
ORANGE = "#E69F00"


def figure(result: dict, gini: list[dict] | None, score: str, height: int) -> go.Figure:
    """Two panels with one order of factors: Gini (where there is any) left, the network right."""
    names = order(result, gini)
    columns = 2 if gini else 1
    drawn = make_subplots(1, columns, shared_yaxes=True, horizontal_spacing=0.03)
    if gini:
        drawn.add_trace(_gini(gini, names), 1, 1)
        drawn.update_xaxes(title="random forest on pixels: Gini importance", col=1)
    for trace in _network(result, names, score):
        drawn.add_trace(trace, 1, columns)
    title = f"network on held-out tiles: {SCORES[score].lower()} lost"
    drawn.update_xaxes(title=title.replace("f1", "F1"), zeroline=True, col=columns)
    drawn.update_layout(
        height=height,
        margin={"l": 4, "r": 8, "t": 26, "b": 4},
        dragmode=False,
        bargap=0.3,
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom"},
    )
    drawn.update_xaxes(title_font_size=11, automargin=True, fixedrange=True)
    drawn.update_yaxes(automargin=True, fixedrange=True, categoryorder="array")
    drawn.update_yaxes(categoryarray=[factor(n).title for n in names])
    return drawn


def order(result: dict, gini: list[dict] | None) -> list[str]:
    """Factors from below to above: by Gini importance, else by what the network loses."""
    used = [row["factor"] for row in result["importance"]]
    if gini is None:
        lost = {row["factor"]: row["average_precision"]["mean"] for row in result["importance"]}
        return sorted(used, key=lost.get)
    ranked = sorted((r for r in gini if not r["control"]), key=lambda r: r["gini"]["mean"])
    names = [row["factor"] for row in ranked]
    return [n for n in used if n not in names][::-1] + names


def verdict(result: dict, score: str) -> str:
    """Return which factor the network needs most, and which it does not miss.

    >>> def row(name, mean):
    ...     return {"factor": name, "f1": {"mean": mean, "sd": 0.01}}
    >>> verdict({"importance": [row("slope", 0.2), row("aspect", 0.0)]}, "f1")
    'Needed most: Slope. Grey, not missed: Aspect.'
    """
    rows = result["importance"]
    needed = [r for r in rows if _needed(r[score])]
    idle = [factor(r["factor"]).title for r in rows if not _needed(r[score])]
    most = max(needed, key=lambda r: r[score]["mean"], default=None)
    said = f"Needed most: {factor(most['factor']).title}." if most else "No factor is missed."
    return f"{said} Grey, not missed: {', '.join(idle)}." if most and idle else said


def families(result: dict, score: str) -> str:
    """What the network loses where a family of factors is exchanged as one, so that none of them
    covers for another; empty where nobody measured it.

    >>> pair = {"mean": 0.214, "sd": 0.02}
    >>> families({"families": [{"title": "Motion", "factors": ["a", "b"], "f1": pair}]}, "f1")
    'Exchanged together, so that none covers for another: Motion (2 factors) 0.214 ± 0.020.'
    """
    rows = [
        f"{row['title']} ({len(row['factors'])} factors) {fixed(row[score]['mean'], 3)} ± "
        f"{fixed(row[score]['sd'], 3)}"
        for row in result.get("families", ())
    ]
    return (
        f"Exchanged together, so that none covers for another: {'; '.join(rows)}." if rows else ""
    )


def _needed(pair: dict) -> bool:
    """The loss is further from nothing than it scatters."""
    return pair["mean"] - pair["sd"] > 0


def _gini(rows: list[dict], names: list[str]) -> go.Bar:
    known = {row["factor"]: row["gini"] for row in rows}
    shown = [name for name in names if name in known]
    return go.Bar(
        x=[known[name]["mean"] for name in shown],
        y=[factor(name).title for name in shown],
        error_x={"array": [known[name]["sd"] for name in shown], "thickness": 1.5, "color": GREY},
        marker_color=BLUE,
        orientation="h",
        showlegend=False,
        hovertemplate="%{y}: %{x:.3f} ± %{error_x.array:.3f}<extra></extra>",
    )


def _network(result: dict, names: list[str], score: str) -> list:
    known = {row["factor"]: row for row in result["importance"]}
    shown = [name for name in names if name in known]
    pairs, titles = [known[n][score] for n in shown], [factor(n).title for n in shown]
    bars = go.Bar(
        x=[pair["mean"] for pair in pairs],
        y=titles,
        error_x={"array": [pair["sd"] for pair in pairs], "thickness": 1.5, "color": GREY},
        marker_color=[BLUE if _needed(pair) else GREY for pair in pairs],
        orientation="h",
        name="exchanged between tiles",
        hovertemplate="%{y}: %{x:.3f} ± %{error_x.array:.3f}<extra>exchanged</extra>",
    )
    mean = go.Scatter(
        x=[known[n]["at_mean"][score] for n in shown],
        y=titles,
        mode="markers",
        marker={"symbol": "diamond", "size": 9, "color": ORANGE, "line": {"width": 1}},
        name="held at its training mean",
        hovertemplate="%{y}: %{x:.3f}<extra>at its mean</extra>",
    )
    like = [known[n].get("conditional") for n in shown]
    if not all(like):
        return [bars, mean]
    return [bars, mean, _like([pair[score] for pair in like], titles)]


def _like(pairs: list[dict], titles: list[str]) -> go.Scatter:
    """What only the factor itself says: the loss between tiles that are alike in all others."""
    return go.Scatter(
        x=[pair["mean"] for pair in pairs],
        y=titles,
        error_x={"array": [pair["sd"] for pair in pairs], "thickness": 1, "color": GREY},
        mode="markers",
        marker={"symbol": "circle-open", "size": 9, "color": GREEN, "line": {"width": 2}},
        name="between tiles alike in all others",
        hovertemplate="%{y}: %{x:.3f} ± %{error_x.array:.3f}<extra>between like tiles</extra>",
    )
