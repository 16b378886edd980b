"""Trainings queue for the device: one at a time, in the order in which they came."""

import os
import subprocess
import sys
import threading
import time

import pytest

from core.jobs.report import JobStopped
from core.learning.networks import turn


@pytest.fixture
def held(workspace, monkeypatch):
    """The device, which a training has; whoever waits looks often."""
    monkeypatch.setattr(turn, "POLL_S", 0.02)
    with turn.lease() as lease:
        yield lease


def queue() -> list[str]:
    return sorted(os.listdir(turn.queue())) if turn.queue().exists() else []


def wait_until(condition) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_trainings_take_their_turn_in_the_order_in_which_they_came(held):
    order, states = [], []

    def train(number: int) -> None:
        lock = turn.wait(lambda stage, fraction, state: states.append((stage, state)))
        order.append(number)
        time.sleep(0.1)
        lock.release()

    waiting = []
    for number in range(4):
        waiting.append(threading.Thread(target=train, args=(number,)))
        waiting[-1].start()
        wait_until(lambda: len(queue()) == len(waiting))
    held.release()
    for each in waiting:
        each.join()
    assert order == [0, 1, 2, 3]
    assert set(states) == {("Waiting for the training before this one", "queued")}
    assert queue() == []


def test_one_that_is_stopped_while_it_waits_leaves_the_queue(held):
    def stopped(stage, fraction, state):
        raise JobStopped

    with pytest.raises(JobStopped):
        turn.wait(stopped)
    assert queue() == []


def test_one_that_was_killed_while_it_waited_keeps_nobody_waiting(held):
    code = (
        "from core.learning.networks import turn\nturn.wait(lambda *a, **k: print('.', flush=True))"
    )
    killed = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert killed.stdout.read(1) == b"."
    killed.kill()
    killed.wait()
    assert len(queue()) == 1
    held.release()
    turn.wait(lambda *a, **k: None).release()
    assert queue() == []
