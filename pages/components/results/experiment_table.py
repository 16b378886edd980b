"""The table of a paired experiment: arms, gains with interval and p, landslides gained and lost."""

from collections.abc import Sequence

import streamlit as st

from core.language.translation import tr
from core.numerals import NONE, fixed
from core.runs.tables import METRICS
from pages.components import plain
from pages.components.results import metric_table


def show(found: dict) -> None:
    """Draw what an experiment found; `found` is its table as `core.experiments.table` has it."""
    found = {**found, **{name: _titled(found[name]) for name in ("table", "gains")}}
    with st.container(key="metrics-experiment-arms"):
        st.markdown(tr(_arms(found["table"])))
    st.caption(plain.sentence(caption(found)))
    with st.container(key="metrics-experiment-gains"):
        for gain in found["gains"]:
            st.markdown(tr(_gain(gain)))
    counted = [gain for gain in found["gains"] if gain["mcnemar"]]
    if counted:
        with st.container(key="metrics-experiment-objects"):
            st.markdown(tr(_objects(counted)))
    _links(found)
    sentences = [*found["warnings"], *found["notes"]]
    sentences += [f"Failed: {member}: {why}" for member, why in found["failed"].items()]
    numbered = (f"{n}. {plain.sentence(said)}" for n, said in enumerate(sentences, start=1))
    st.caption(tr("\n".join(numbered)))


def _titled(rows: Sequence[dict]) -> list[dict]:
    return [{**row, "title": plain.sentence(row["title"])} for row in rows]


def caption(found: dict) -> str:
    """Scene, area, split, threshold, seeds: what every figure of the table was measured on."""
    kind = "synthetic scene" if found["synthetic"] else "scene"
    seeds = max(len(row["seeds"]) for row in found["table"])
    return (
        f"Ours, {kind} {found['test_scene']}: {found['test_tiles']} {found['area_words']} in "
        f"{found['test_blocks']} blocks, {found['split']} split, threshold "
        f"{found['threshold']:g}, landslide prevalence {100 * found['prevalence']:.2f} %; preset "
        f"{found['preset']}; mean ± standard deviation over {seeds} seed{'s' * (seeds > 1)}."
        f"{_small(found)}"
    )


def _small(found: dict) -> str:
    known = found["table"][0]["f1"].get("interval")
    return " Small: 90 % interval of the mean, bootstrap over the blocks." if known else ""


def _arms(rows: Sequence[dict]) -> str:
    """A row an arm; the best mean of a column is bold."""
    tops = {n: max(row[n]["mean"] for row in rows) if len(rows) > 1 else None for n in METRICS}
    lines = _head("")
    for row in rows:
        cells = [_spread(row[name], tops[name]) for name in METRICS]
        lines.append(_line(row["title"], cells))
    return "\n".join(lines)


def _spread(value: dict, top: float | None) -> str:
    mean = fixed(value["mean"], 3)
    mean = f"**{mean}**" if value["mean"] == top else mean
    spread = "" if value["sd"] is None else f" ± {value['sd']:.3f}"
    # Tables of earlier versions have none.
    return f"{mean}{spread} {metric_table.small(value.get('interval'))}".rstrip()


def _gain(gain: dict) -> str:
    """What one arm adds to another: points, percent and, where enough was run, interval and p."""
    values = [gain["metrics"].get(name, {}) for name in METRICS]
    lines = _head(gain["title"])
    lines.append(_line("Gain, points", [fixed(v.get("points"), 2, signed=True) for v in values]))
    lines.append(_line("Gain, %", [fixed(v.get("percent"), 1, signed=True) for v in values]))
    if gain["enough"]:
        lines.append(_line("95 % interval, points", [_interval(v) for v in values]))
        lines.append(_line("p", [_p(v["p"]) for v in values]))
        # Tables of earlier versions have none.
        if any(v.get("p_holm") != v["p"] for v in values if "p_holm" in v):
            lines.append(_line("p, Holm", [_p(v.get("p_holm")) for v in values]))
    return "\n".join(lines)


def _objects(gains: Sequence[dict]) -> str:
    titles = ["Of", "found by both", "gained", "lost", "missed by both", "McNemar p"]
    holm = len(gains) > 1 and any("p_holm" in gain["mcnemar"] for gain in gains)
    titles += ["Holm"] * holm
    lines = [_line("Landslides detected", titles), "|:--|" + "--:|" * len(titles)]
    for gain in gains:
        counts = gain["mcnemar"]
        cells = [str(counts[n]) for n in ("objects", "both", "gained", "lost", "neither")]
        cells += [_p(counts["p"]), *[_p(counts.get("p_holm"))] * holm]
        lines.append(_line(gain["title"], cells))
    return "\n".join(lines)


def _links(found: dict) -> None:
    with st.container(horizontal=True):
        for gain in found["gains"]:
            if not gain["seeds"]:
                continue
            layer = f"change:{found['experiment']}:{gain['id']}"
            st.page_link(
                "pages/compare.py",
                label=tr(f":primary[On the map: {gain['title']}]"),
                query_params={"scene": found["test_scene"], "right": layer},
            )


def _head(label: str) -> list[str]:
    titled = f"**{label}**" if label else ""
    return [_line(titled, list(METRICS.values())), "|:--|" + "--:|" * len(METRICS)]


def _line(label: str, cells: Sequence[str]) -> str:
    return f"| {label} | " + " | ".join(cells) + " |"


def _interval(value: dict) -> str:
    return " … ".join(fixed(end, 1, signed=True) for end in value["interval_points"])


def _p(value: float | None) -> str:
    """
    >>> _p(0.0123), _p(0.00005), _p(None)
    ('0.012', '< 0.001', '–')
    """
    if value is None:
        return NONE
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
