"""Charts of the evidence of one factor's classes."""

from collections.abc import Sequence

import plotly.graph_objects as go

from core.factors import factor
from pages.components.curves import GREY

INSIDE, LINE = "#D55E00", "#0072B2"
FIGURES = {
    "frequency_ratio": "Frequency ratio",
    "share": "Landslide share",
    "contrast": "Contrast",
    "studentised": "Studentised",
}
# Beyond it a studentised contrast is significant at 5 %.
SIGNIFICANT = 1.96


def response(table: dict, height: int, span: Sequence[float] = ()) -> go.Figure:
    """Frequency ratio over the factor's values, those of `span`; bars where classes have no place
    on an axis."""
    if "low" not in table["classes"][0]:
        drawn = bars(table, "frequency_ratio", height)
        return drawn.update_layout(title_text="Response: frequency ratio by class")
    rows = table["classes"]
    x = [row["low"] for row in rows] + [rows[-1]["high"]]
    y = [row["frequency_ratio"] for row in rows]
    line = {"shape": "hv", "color": LINE, "width": 2}
    drawn = go.Figure(go.Scatter(x=x, y=[*y, y[-1]], mode="lines", line=line, fill="tozeroy"))
    drawn.update_traces(fillcolor="rgba(0,114,178,0.15)")
    drawn.update_traces(hovertemplate="from %{x:.4g}: %{y:.2f}<extra></extra>")
    drawn.add_hline(1, line={"dash": "dash", "width": 1.5, "color": GREY})
    title = f"Response: frequency ratio, {len(rows)} classes"
    if len(span):
        drawn.update_xaxes(range=[span[0], span[-1]])
    return style(drawn, title, axis(table["factor"], table["unit"]), "frequency ratio", height)


def bars(table: dict, figure: str, height: int) -> go.Figure:
    """A bar a class of `figure`, with the line that says whether it matters."""
    rows, share = table["classes"], figure == "share"
    values = [row[figure] for row in rows]
    drawn = go.Figure(
        go.Bar(
            x=[row["label"] for row in rows],
            y=[100 * v for v in values] if share else values,
            customdata=[row["pixels"] for row in rows],
            marker_color=INSIDE if share else LINE,
            hovertemplate="%{x}: %{y:.3g} (%{customdata} pixels)<extra></extra>",
        )
    )
    for at in _lines(rows, figure):
        drawn.add_hline(at, line={"dash": "dash", "width": 1.5, "color": GREY})
    name = FIGURES[figure]
    words = "% landslide" if share else name.lower()
    title = f"{name} by class"
    return style(drawn, title, axis(table["factor"], table["unit"]), words, height)


def _lines(rows: list[dict], figure: str) -> list[float]:
    """Where a class is as the area on average; where a contrast is significant."""
    if figure == "share":
        pixels = sum(row["pixels"] for row in rows) or 1
        return [100 * sum(row["landslide_pixels"] for row in rows) / pixels]
    return {"frequency_ratio": [1.0], "studentised": [-SIGNIFICANT, SIGNIFICANT]}.get(figure, [])


def axis(name: str, unit: str) -> str:
    return f"{factor(name).title}{f' ({unit})' if unit else ''}"


def style(drawn: go.Figure, title: str, x: str, y: str, height: int) -> go.Figure:
    # One call: each looks the whole chart over again.
    drawn.update_layout(
        title={"text": title, "font": {"size": 14}},
        height=height,
        margin={"l": 8, "r": 8, "t": 48, "b": 8},
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom"},
        xaxis={"title": {"text": x}, "automargin": True},
        yaxis={"title": {"text": y}, "automargin": True},
    )
    return drawn
