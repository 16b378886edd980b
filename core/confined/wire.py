"""How a child and whoever asks it speak: a length, then as many bytes."""

import json
import struct
from typing import IO, Any

LENGTH = struct.Struct("!Q")
TOO_LONG = b'{"ended": "output"}'


def received(pipe: IO[bytes], most: int = 1 << 62) -> bytes | None:
    """The next message; None at the end, and for one that says it is longer than `most` bytes, as
    whoever sends it is not what it was."""
    head = pipe.read(LENGTH.size)
    length = LENGTH.unpack(head)[0] if len(head) == LENGTH.size else most + 1
    return pipe.read(length) if length <= most else None


def send(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(LENGTH.pack(len(message)) + message)
    pipe.flush()


def answer(pipe: IO[bytes], value: dict[str, Any], most: int = 1 << 20) -> None:
    """Send a value as JSON, of at most so many bytes; a longer one is not sent, which is said."""
    text = json.dumps(value).encode()
    send(pipe, text if len(text) <= most else TOO_LONG)
