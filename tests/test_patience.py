"""A connection that does not get to the point is closed; one that does is not."""

import socket
import threading
import time

import pytest
import uvicorn
from uvicorn.protocols.http import auto

from core.serving import patience


class Quick(patience.Patient):
    head_s, piece_s, least = 1.5, 1.5, 100


async def application(scope, receive, send):
    length = 0
    while scope["type"] == "http":
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(length).encode()})


@pytest.fixture(scope="module")
def port():
    protocol = type("Patiently", (Quick, auto.AutoHTTPProtocol), {})
    config = uvicorn.Config(application, port=0, http=protocol, lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(10)


def dribble(port: int, pieces: list[bytes], pause: float) -> bytes:
    """What comes back for pieces sent one after another; empty where the line is cut."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        try:
            for piece in pieces:
                line.sendall(piece)
                time.sleep(pause)
            came = b""
            while part := line.recv(4000):
                came += part
            return came
        except ConnectionError:
            return b""


HEAD = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n"


@pytest.mark.parametrize(
    "pieces",
    [
        [b"G"],
        [b"GET / HTTP/1.1\r\n", *[b"X: y\r\n"] * 12],
        [HEAD, *[b"x"] * 16],
    ],
    ids=("silent", "head", "body"),
)
def test_a_connection_that_dribbles_is_closed(port, pieces):
    assert dribble(port, pieces, 0.25) == b""


def test_one_that_says_what_it_wants_is_answered_however_long_it_takes(port):
    assert b"200 OK" in dribble(
        port, [b"GET / HTTP/1.1\r\nConnection: close\r\nHost: a\r\n\r\n"], 0
    )
    # A body of 1,000 bytes in 2 s: longer than one wait, and never slower than it may be.
    assert b"\r\n1000\r\n" in dribble(port, [HEAD, *[b"x" * 200] * 5], 0.4)


def test_the_server_uses_it(monkeypatch):
    monkeypatch.setattr(auto, "AutoHTTPProtocol", auto.AutoHTTPProtocol)
    patience.install()
    assert issubclass(auto.AutoHTTPProtocol, patience.Patient)
    again = auto.AutoHTTPProtocol
    patience.install()
    assert auto.AutoHTTPProtocol is again
