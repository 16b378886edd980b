"""How long a connection may take to say what it wants: one that dribbles is closed.

The server (uvicorn) waits without end for the rest of a request's head and of its body; a few
hundred such connections hold all that it can. Its protocol is given a clock.
"""

import asyncio
from typing import Any

# From a connection, or the first byte of a further request, to the end of the request's head.
HEAD_S = 20.0
# A body (an upload) comes at LEAST bytes at the least in each PIECE_S.
PIECE_S, LEAST = 30.0, 32 * 1024


class Patient:
    """Comes before one of uvicorn's protocols among the bases of a class."""

    head_s, piece_s, least = HEAD_S, PIECE_S, LEAST
    _clock: asyncio.TimerHandle | None = None
    _came = 0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)  # type: ignore[misc]
        self._wait(self.head_s)

    def data_received(self, data: bytes) -> None:
        before = self._state()
        super().data_received(data)  # type: ignore[misc]
        self._came += len(data)
        now = self._state()
        # More of the same does not begin the wait anew.
        if now == "answering":
            self._wait(None)
        elif now != before or self._clock is None:
            self._wait(self.head_s if now == "head" else self.piece_s)

    def connection_lost(self, error: Exception | None) -> None:
        self._wait(None)
        super().connection_lost(error)  # type: ignore[misc]

    def _state(self) -> str:
        """What the connection is about: its head, its body, or our answer."""
        own: Any = self
        if own.transport.get_protocol() not in (None, self):
            return "answering"  # it is a websocket now, with a clock of its own
        cycle = own.cycle
        if cycle is None or cycle.response_complete:
            return "head"
        return "body" if cycle.more_body else "answering"

    def _wait(self, seconds: float | None) -> None:
        if self._clock is not None:
            self._clock.cancel()
        own: Any = self
        self._came = 0
        self._clock = None if seconds is None else own.loop.call_later(seconds, self._look)

    def _look(self) -> None:
        own: Any = self
        state = self._state()
        if state == "body" and self._came >= self.least:
            self._wait(self.piece_s)
        elif state != "answering" and not own.transport.is_closing():
            own.transport.abort()


def patient(protocol: type) -> type:
    """The protocol with a clock."""
    return type(f"Patient{protocol.__name__}", (Patient, protocol), {})


def install() -> None:
    """Have the server of this process use it; called before the server is made."""
    from uvicorn.protocols.http import auto  # here: a command needs no server

    if not issubclass(auto.AutoHTTPProtocol, Patient):
        auto.AutoHTTPProtocol = patient(auto.AutoHTTPProtocol)
