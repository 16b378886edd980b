"""The tables of a paper on a scene: 2, 3 and 4, the paper's and ours, and the factors'."""

from collections.abc import Sequence

from core import paper
from core.analysis import store as analyses
from core.factors import factor
from core.language.joining import comma
from core.language.translation import Own, message, tr
from core.manuscript import factor_tables, table_notes
from core.manuscript.table import Cell, Column, Table
from core.numerals import fixed, interval, whole
from core.runs import store as runs
from core.runs import tables
from core.runs.store import Run
from core.runs.tables import METRICS, Gain, Row
from core.scene.store import Scene

PAPER, OURS = "Paper", "Ours"
QUOTED = f"Paper: {paper.AREA_WORDS}."


def every(scene: Scene) -> list[Table]:
    """All tables that there is something to print in, in the reader's language."""
    measured = [run for run in runs.runs(scene.name) if run.metrics()]
    newest = tables.newest(measured)
    analysis = analyses.load(scene)
    found = [collinearity(scene, analysis), models(scene, newest)]
    if tables.dataset_of(scene, newest) != "rs":
        found.append(datasets(scene, newest))
    found += factor_tables.every(scene, analysis) if analysis else []
    return [table.translated() for table in found]


def collinearity(scene: Scene, analysis: dict | None) -> Table:
    """Table 2."""
    ours = {}
    if analysis:
        found = analyses.view(analysis, causative=True)["collinearity"]
        ours = {row["factor"]: (row["vif"], row["tol"]) for row in found}
    rows = tuple(
        (factor(name).title, *printed, *ours.get(name, (None, None)))
        for name, printed in paper.TABLE_2.items()
    )
    head = [f"{whose}, {what}" for whose in (PAPER, OURS) for what in ("VIF", "TOL")]
    columns = (Column("Factor"), *(Column(title, 3) for title in head))
    notes = (QUOTED, basis(scene, analysis), *paper.NOTES_2)
    title = "Table 2. Collinearity of the six causative factors"
    return Table("table-2", title, columns, rows, notes)


def basis(scene: Scene, analysis: dict | None) -> str:
    """On which pixels our figures of the factors stand."""
    if not analysis:
        return f"Ours: the factors of scene {scene.name} have not been analysed yet."
    kind = ", a synthetic scene" if scene.synthetic else ""
    return f"Ours: the {whole(analysis['n'])} pixels of {scene.name}{kind}, with data in all."


def models(scene: Scene, newest: dict[tuple[str, str], Run]) -> Table:
    """Table 3: the models on RS-DR, or on RS where there is no deformation."""
    on = tables.dataset_of(scene, newest)
    used = [run for (_, dataset), run in newest.items() if dataset == on]
    theirs, ours = tables.paper_models(), tables.our_models(newest, on)
    title = f"Table 3. The four models on {on.upper()}"
    gains = tables.attention_gain(theirs), tables.attention_gain(ours)
    notes = _notes(scene, paper.NOTES_3, used)
    return _scored("table-3", title, "Model", (theirs, ours), gains, "Over FC_DenseNet", notes)


def datasets(scene: Scene, newest: dict[tuple[str, str], Run]) -> Table:
    """Table 4: FCADenseNet on RS and RS-DR."""
    used = [run for (model, _), run in newest.items() if model == paper.TABLE_4_MODEL]
    theirs, ours = tables.paper_datasets(), tables.our_datasets(newest)
    title = "Table 4. FCADenseNet without and with the deformation rate"
    gains = tables.gain(theirs), tables.gain(ours)
    notes = _notes(scene, paper.NOTES_4, used)
    return _scored("table-4", title, "Dataset", (theirs, ours), gains, "Gain", notes)


def _notes(scene: Scene, theirs: Sequence[str], used: Sequence[Run]) -> tuple[str, ...]:
    ours = table_notes.caption(scene, used, table_notes.OWN_ROWS)
    return QUOTED, ours, *table_notes.notes(theirs, used)


def _scored(
    name: str,
    title: str,
    what: str,
    sides: tuple[Sequence[Row], Sequence[Row]],
    gains: tuple[Gain | None, Gain | None],
    gained: str,
    notes: tuple[str, ...],
) -> Table:
    """The paper's rows and ours, the best value of a side's column bold, intervals below."""
    rows: list[tuple[Cell, ...]] = []
    bold: set[tuple[int, int]] = set()
    for whose, side, gain in zip((PAPER, OURS), sides, gains):
        tops = {metric: tables.best(side, metric) for metric in METRICS}
        for row in side:
            values = [row.values.get(metric) for metric in METRICS]
            won = enumerate(zip(values, METRICS), 2)
            best = {n for n, (v, m) in won if v is not None and v == tops[m] and not row.beside}
            bold |= {(len(rows), column) for column in best}
            label = Own(f"{tr(row.label)} ({row.named})") if row.named else row.label
            rows.append((whose, label, *values))
            if row.intervals:
                ends = [row.intervals.get(metric) for metric in METRICS]
                rows.append(
                    ("", message("90 % interval"), *(_interval(e) if e else "" for e in ends))
                )
        if gain:
            points = [_signed(gain.points.get(metric), 2) for metric in METRICS]
            percents = [_signed(gain.percent.get(metric), 1) for metric in METRICS]
            rows += [
                (whose, f"{gained}, points", *points),
                (whose, Own(f"{tr(gained)}{comma()}%"), *percents),
            ]
    columns = (Column(""), Column(what), *(Column(title, 4) for title in METRICS.values()))
    return Table(name, title, columns, tuple(rows), notes, frozenset(bold))


def _interval(ends: Sequence[float]) -> str:
    """Without the sign that keeps a line of a page together."""
    return interval(ends).replace("\u2060", "")


def _signed(value: float | None, decimals: int) -> str:
    """
    >>> _signed(-0.712, 2), _signed(None, 1)
    ('−0.71', '–')
    """
    return fixed(value, decimals, signed=True)
