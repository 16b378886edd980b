"""One holder at a time, whoever dies, sleeps or comes at once."""

import json
import os
import subprocess
import sys
import threading
import time

import pytest

from core import clock, hosts, leases, paths
from core.leases import Lease

ELSEWHERE = hosts.Host("node7", "another-boot", "4026531836")
# Enters again and again, notes when it went in and out; a third of them dies while inside.
WORKER = """
import os, random, sys, time
from core import leases
path, log, number, dies = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] == "dies"
random.seed(number)
def note(word):
    with open(log, "ab", buffering=0) as file:
        file.write(f"{time.monotonic_ns()} {word} {number}\\n".encode())
for turn in range(12):
    with leases.Lease(path, timeout=60):
        note("in")
        time.sleep(random.random() / 200)
        if dies and turn == 5:
            note("out")
            os._exit(9)
        note("out")
"""


def of_elsewhere(path, silent_s: float = 0.0, token: str = "0123abcd"):
    """A lease that a process of another host holds, or held."""
    said = {"token": token, "host": ELSEWHERE.to_json(), "pid": 1, "started": "another-boot:5"}
    path.write_text(json.dumps(said))
    then = clock.now(path.parent) - silent_s
    os.utime(path, (then, then))
    return path


def most_inside(log) -> int:
    """How many were inside at once."""
    inside = most = 0
    for line in sorted(log.read_text().splitlines(), key=lambda line: int(line.split()[0])):
        inside += 1 if " in " in line else -1
        most = max(most, inside)
    return most


def raced(tmp_path, processes: int) -> list[int]:
    """Exit statuses of processes of which every third dies while it holds the lease."""
    asked = [sys.executable, "-c", WORKER, tmp_path / "x.lease", tmp_path / "log"]
    dies = ["dies" if number % 3 == 0 else "lives" for number in range(processes)]
    started = [subprocess.Popen([*asked, str(n), each]) for n, each in enumerate(dies)]
    return [each.wait(timeout=120) for each in started]


def test_of_many_processes_one_is_inside_at_a_time_though_some_die_there(tmp_path):
    ended = raced(tmp_path, 9)
    assert ended == [9, 0, 0, 9, 0, 0, 9, 0, 0]
    lines = (tmp_path / "log").read_text().splitlines()
    assert len(lines) == 2 * (6 * 12 + 3 * 6)
    assert most_inside(tmp_path / "log") == 1
    with Lease(tmp_path / "x.lease", timeout=5):  # whoever was last may have died there
        assert sorted(os.listdir(tmp_path)) == ["log", "x.lease"]


def test_of_many_threads_one_is_inside_at_a_time(tmp_path):
    inside, most = [], []

    def work() -> None:
        for _ in range(10):
            with Lease(tmp_path / "x.lease"):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(most) == 60 and set(most) == {1}


def test_an_expired_lease_of_another_host_is_taken_over_by_one_of_many(tmp_path):
    path = of_elsewhere(tmp_path / "x.lease", leases.EXPIRES_S + 1)
    taken, ready = [], threading.Barrier(12)

    def take() -> None:
        ready.wait()
        taken.append(leases.take_away(path, "0123abcd"))

    threads = [threading.Thread(target=take) for _ in range(12)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(taken) == [False] * 11 + [True]
    assert os.listdir(tmp_path) == []


def test_who_thought_it_expired_takes_nothing_from_who_has_it_now(tmp_path):
    path = of_elsewhere(tmp_path / "x.lease", leases.EXPIRES_S + 1)
    with Lease(path) as mine:
        assert not leases.take_away(path, "0123abcd")
        assert mine.beat()


def test_a_lease_of_another_host_is_waited_for_until_it_expires(tmp_path):
    path = of_elsewhere(tmp_path / "x.lease", leases.EXPIRES_S - 0.5)
    with pytest.raises(
        leases.Busy, match=r"process 1 on host 'node7', last sign of life \d+ s ago"
    ):
        Lease(path).acquire(timeout=0.1)
    with Lease(path, timeout=20):
        assert leases.holder(path).host == hosts.here()


def test_one_who_died_while_taking_over_keeps_nobody_out(tmp_path):
    path = of_elsewhere(tmp_path / "x.lease", leases.EXPIRES_S + 1)
    mark = tmp_path / ".x.lease.0.0123abcd"
    mark.touch()
    assert not leases.take_away(path, "0123abcd")
    then = time.time() - leases.EXPIRES_S - 1
    os.utime(mark, (then, then))
    with Lease(path, timeout=5):
        assert os.listdir(tmp_path) == ["x.lease"]


def test_the_clock_of_a_host_does_not_matter(tmp_path, monkeypatch):
    path = of_elsewhere(tmp_path / "x.lease")
    real = time.time
    for wrong in (-1e6, 1e6):
        monkeypatch.setattr(time, "time", lambda wrong=wrong: real() + wrong)
        assert leases.holder(path).silent_s < 5


def test_a_holder_whose_process_is_gone_is_not_waited_for(tmp_path):
    code = (
        "import sys, os; from core import leases; leases.Lease(sys.argv[1]).acquire(); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path / "x.lease"], check=True)
    assert leases.holder(tmp_path / "x.lease").gone
    begun = time.monotonic()
    with Lease(tmp_path / "x.lease"):
        assert time.monotonic() - begun < 5


def test_a_living_process_of_this_host_keeps_its_lease_however_silent_it_is(tmp_path):
    with Lease(tmp_path / "x.lease") as lease:
        os.utime(lease.path, (1, 1))
        assert not leases.holder(lease.path).gone


def test_a_lease_is_kept_young_by_a_thread_and_says_so_when_it_is_lost(tmp_path, monkeypatch):
    monkeypatch.setattr(leases, "BEAT_S", 0.05)
    lost = threading.Event()
    lease = Lease(tmp_path / "x.lease", lost=lost.set).acquire()
    os.utime(lease.path, (1, 1))
    end = time.monotonic() + 10
    while clock.written(lease.path) == 1 and time.monotonic() < end:
        time.sleep(0.02)
    assert leases.holder(lease.path).silent_s < 5 and not lost.is_set()
    of_elsewhere(lease.path, token="fedcba98")
    assert lost.wait(10)
    lease.release()
    assert leases.holder(lease.path).token == "fedcba98"


def test_without_hard_links_a_lease_is_still_of_one(tmp_path, monkeypatch):
    def refused(*_args, **_more):
        raise PermissionError(1, "no hard links here")

    monkeypatch.setattr(os, "link", refused)
    with Lease(tmp_path / "x.lease"), pytest.raises(leases.Busy):
        Lease(tmp_path / "x.lease").acquire(timeout=0.05)
    assert os.listdir(tmp_path) == []


def test_leases_of_the_workspace_have_names_that_fit(workspace):
    with leases.of("run", "x" * 250) as lease:
        assert lease.path.parent == paths.locks_folder() and len(lease.path.name) < 100
