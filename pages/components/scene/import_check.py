"""Step 4 of the import: the report on every input, and what the user decides otherwise."""

from dataclasses import replace
from pathlib import Path

import streamlit as st

from core import numerals
from core.language.translation import tr
from core.request import options
from core.scene.plan import given, report_table
from core.scene.plan.assignment import Assignment, keys
from core.scene.plan.request import ImportRequest
from core.workflows import spoken
from pages.components import plain
from pages.components.language import Later
from pages.components.scene import decisions, stack_report
from pages.components.scene.rate_settings import MASK

_START = {name: options(ImportRequest)[name].default for name in MASK}


def show(request: ImportRequest, assignments: list[Assignment]) -> None:
    """Show what the import would do, input by input; raise what stands against it."""
    named = [s.path for sources in request.factors.values() for s in sources]
    written = tuple(Path(p).stat().st_mtime_ns for p in named if Path(p).exists())
    stack = any(a.row.kind == "stack" and a.use for a in assignments)
    # What is kept of the pixels changes nothing before there are any.
    asked = replace(request, **_START) if stack else request
    plan = (_looked_at if stack else _plan)(asked, written, str(request.overrides))
    _summary(plan)
    if "stack" in plan:
        stack_report.show(plan["stack"])
    files = keys(assignments)
    for row in plan["report"]:
        for problem in row["problems"]:
            _problem(row, problem, files.get(row["key"]))
    columns = report_table.columns(plan["report"])
    st.dataframe(
        {
            tr(title): [spoken.on_page(tr(said)) for said in cells]
            for title, cells in columns.items()
        },
        hide_index=True,
        column_config={
            tr("What is done"): st.column_config.TextColumn(width=270),
            tr("Look out"): st.column_config.TextColumn(width=170),
        },
    )
    notes = [*plan["notes"], *(_derived(plan))]
    if notes:
        with st.expander(tr(f"Notes ({len(notes)})")):
            for note in notes:
                st.caption(plain.sentence(note))


def undoable(assignments: list[Assignment]) -> None:
    """List what is decided, each with a way back."""
    seen = set()
    for item in keys(assignments).values():
        for whom in (item.row.key, item.factor):
            for option, text in decisions.about(whom).given().items():
                if (whom, option) in seen:
                    continue
                seen.add((whom, option))
                name = item.row.name if whom == item.row.key else item.factor
                told, back = _line()
                told.markdown(
                    tr(f"{plain.words(name)}, by you: {report_table.decision(option, text)}")
                )
                back.button(
                    tr("Undo"),
                    key=f"undo:{option}:{whom}",
                    on_click=decisions.undo,
                    args=(whom, option),
                )


def _summary(plan: dict) -> None:
    system = plan["crs"] or "no coordinate reference system"
    width, height = numerals.whole(plan["width"]), numerals.whole(plan["height"])
    size = f"{width} × {height} pixels"
    if plan["crs"]:
        size = f"{width} × {height} pixels of {plan['resolution']:.4g} m"
    system = system if len(system) < 40 else "own coordinate reference system"
    st.markdown(tr(f"**{size}**, {system}, {len(plan['factors'])} factors."))


def _line() -> list:
    return st.columns([5, 1.6], vertical_alignment="center")


def _problem(row: dict, problem: dict, item: Assignment | None) -> None:
    """A sentence, and a button where one decision mends it."""
    told, cure = _line()
    file = report_table.file_of(row)
    named = "" if problem["told"].startswith(f"'{file}'") else f"{file}: "
    told.warning(plain.sentence(f"{named}{problem['told']}."))
    if problem["option"] and item:
        whom = decisions.owner(problem["option"], item.row.key, item.factor)
        cure.button(
            tr(report_table.cure(problem)),
            key=f"cure:{problem['option']}:{whom}",
            help=tr(f"This {problem['does']}."),
            on_click=decisions.put,
            args=(whom, problem["option"], problem["value"]),
            width="stretch",
        )


def _derived(plan: dict) -> list[str]:
    files = {row["factor"] for row in plan["report"]}
    steps = [step for step in plan["plan"] if step["factor"] not in files]
    return [f"{step['factor']}: {step['source']}; {step['done']}." for step in steps]


@st.cache_data(max_entries=32, show_spinner=Later("Checking"))
def _plan(request: ImportRequest, written: tuple[int, ...], decided: str) -> dict:
    """`written` makes the cache forget files that have changed, `decided` tells decisions apart."""
    return given.report(request)


@st.cache_data(max_entries=32, show_spinner=Later("Looking at the interferograms"))
def _looked_at(request: ImportRequest, written: tuple[int, ...], decided: str) -> dict:
    from core.workflows import importing  # here: it draws in what an inversion needs

    given.check(request)
    return given.by_child(importing.looked_at, request)
