"""Files made to do harm, uploaded in a real browser while somebody else looks at pages."""

import os

import pytest

from bench import attacks
from tests.browser import needed

pytestmark = [pytest.mark.browser, pytest.mark.sweep]

TOLD_S, OTHER_S = 5.0, 3.0


def test_each_ends_in_one_sentence_and_holds_nobody_up(real_data, monkeypatch):
    needed()
    folder = real_data / "attacks"
    if not folder.exists():
        pytest.skip(f"no attacks in {real_data}")
    monkeypatch.setenv("SLIDESCOPE_WORKSPACE", "")  # the measurement sets its own
    # The bounds are those of a machine that does nothing else.
    slow = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    found = attacks.measure(folder)["attacks"]
    assert len(found) == 8
    for name, each in found.items():
        assert each["told_s"] is not None, (name, each)
        # Of what can be read the name stands above the line.
        lines = 1 + (name == "bands8000.tif")
        assert "Traceback" not in each["words"] and len(each["words"].splitlines()) == lines
        assert each["told_s"] < TOLD_S * slow, (name, each)
        assert each["other_s"] < OTHER_S * slow, (name, each)
