"""Work on a file in a process of its own that is ended when it takes too much."""

import io
import os
import socket
import time

import psutil
import pytest

from core import confined
from core.confined import progress, wire
from core.confined.allowance import Allowance
from core.errors import Damaged, NotFound, SlideScopeError

# On a busy machine half a second of processor time may take many.
WAITING = Allowance(seconds=0.5, wall_s=300)
LITTLE = Allowance(seconds=0.5, wall_s=3, memory=64 << 20, output=1000)


def for_ever():
    progress.doing("counting")
    while True:
        pass


def asleep():
    time.sleep(60)


def greedy():
    return len(bytearray(400 << 20))


def long():
    return "x" * 2000


def dying():
    os._exit(7)


def wrong():
    raise NotFound("No file 'a': give another.")


def surprised():
    return [][0]


def doubled(number):
    return 2 * number


def whereabouts():
    return os.getpid(), os.getcwd(), os.environ.get("SLIDESCOPE_WORKSPACE")


def sockets():
    found = []
    for kind in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):
        try:
            socket.socket(kind).close()
            found.append(True)
        except OSError:
            found.append(False)
    return found


@pytest.mark.parametrize(
    ("work", "told"),
    [
        (for_ever, r"counting took more than 0\.5 s of processor time"),
        (asleep, "did not end within 3 s"),
        (greedy, r"took more than 0\.1 GB of memory"),
        (long, "takes too long to tell"),
        (dying, "ended the process"),
    ],
)
def test_what_takes_more_than_it_may_is_ended_and_refused_in_a_sentence(work, told):
    with pytest.raises(SlideScopeError, match=told) as refused:
        confined.call(work, about="'a.tif'", allowed=WAITING if work is for_ever else LITTLE)
    assert str(refused.value).startswith("'a.tif' is refused: ")


def test_a_result_and_our_own_errors_come_back_and_the_child_is_used_again():
    assert confined.call(doubled, 21, about="'a'") == 42
    with pytest.raises(NotFound, match="No file 'a': give another"):
        confined.call(wrong, about="'a'")
    with pytest.raises(Damaged, match=r"'a' cannot be read \(IndexError in what it holds\)"):
        confined.call(surprised, about="'a'")
    first = confined.call(whereabouts, about="'a'")
    assert confined.call(whereabouts, about="'a'")[0] == first[0] != os.getpid()


def test_an_answer_that_says_to_be_endless_is_not_waited_for():
    pipe = io.BytesIO(wire.LENGTH.pack(1 << 60) + b"x" * 100)
    assert wire.received(pipe, 1 << 20) is None
    assert wire.received(io.BytesIO(wire.LENGTH.pack(2) + b"{}"), 2) == b"{}"


def test_a_child_works_in_the_same_folder_and_workspace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLIDESCOPE_WORKSPACE", str(tmp_path / "w"))
    assert confined.call(whereabouts, about="'a'")[1:] == [str(tmp_path), str(tmp_path / "w")]


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="the kernel of Linux keeps it to that")
def test_a_child_has_no_network():
    assert confined.call(sockets, about="'a'") == [False, False, True]


def test_whoever_waits_may_stop_and_the_child_is_gone():
    class Stopped(Exception):
        pass

    def tick():
        raise Stopped

    children = {p.pid for p in psutil.Process().children()}
    with pytest.raises(Stopped):
        confined.call(asleep, about="'a'", tick=tick)
    assert {p.pid for p in psutil.Process().children()} <= children


def test_larger_files_may_take_more():
    small, large = confined.of_bytes(0), confined.of_bytes(500 << 20)
    assert small.seconds < 3 and large.seconds > 60
    assert large.memory > small.memory
