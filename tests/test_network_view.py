"""The network of a stack as pages draw it."""

from dataclasses import replace

import pytest

from core.jobs.report import silent
from core.scene import origin
from core.scene.sbas import network_view, outcome
from core.workflows import importing
from pages.components import network_chart
from tests import moved as made
from tests.interferogram_files import METRES, PAIRS
from tests.moved import moved  # noqa: F401


@pytest.fixture(scope="module")
def dry(tmp_path_factory) -> dict:
    folder = tmp_path_factory.mktemp("dry")
    asked = made.request(made.files(folder), dry_run=True, drop=("20210109_20210121",))
    return importing.run(asked, silent)["stack"]


def test_dates_lie_where_their_baselines_put_them(moved):  # noqa: F811
    view = network_view.of_outcome(outcome.read(moved.path / origin.FOLDER))
    apart = [m - view.metres[0] for m in view.metres]
    assert apart == pytest.approx([m - METRES[0] for m in METRES], abs=0.1)
    assert view.known and len(view.used) == len(PAIRS)
    assert view.islands == (tuple(range(len(METRES))),)


def test_what_the_user_leaves_out_is_dashed(dry):
    view = network_view.of_report(dry)
    assert (len(view.edges), len(view.used)) == (len(PAIRS), len(PAIRS) - 1)
    (gone,) = [edge for edge in view.edges if edge.left_out]
    assert gone.name == "20210109_20210121" and "--drop" in gone.left_out
    drawn = network_chart.figure(view)
    dashed = [trace for trace in drawn.data if trace.line and trace.line.dash == "dash"]
    assert [trace.x for trace in dashed] == [("2021-01-09", "2021-01-21", None)]
    assert view.table()["Pair"][-1] == gone.name


def test_islands_are_outlined(dry):
    view = network_view.of_report(dry)
    assert not network_chart.figure(view).layout.shapes
    torn = replace(view, islands=((0, 1, 2), (3, 4, 5)))
    assert len(network_chart.figure(torn).layout.shapes) == 2


def test_pairs_are_coloured_by_coherence(dry):
    view = network_view.of_report(dry)
    colours = {
        trace.line.color for trace in network_chart.figure(view).data if trace.name == "pairs"
    }
    assert colours == {network_chart.SHADES[4]}  # .7
    without = replace(view, edges=tuple(replace(e, coherence=None) for e in view.edges))
    colours = {t.line.color for t in network_chart.figure(without).data if t.name == "pairs"}
    assert colours == {network_chart.GREY}
