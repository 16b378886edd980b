"""The TensorBoard log of a run, written without TensorBoard.

An event file is a sequence of records (length, checksum, message, checksum) whose message is the
protocol buffer `tensorflow.Event`; the few fields a curve needs are written here by hand, so that
the log is there on every Keras backend. What it holds follows from the rows of the history alone:
a log that a kill left behind is the beginning of the right one, and is gone on with.
"""

import struct
from collections.abc import Sequence
from pathlib import Path

from core import atomic

# TensorBoard reads every file with `tfevents` in its name.
FILE = "events.out.tfevents.0.slidescope"
TAGS = {
    "loss": "loss/training",
    "val_loss": "loss/validation",
    "val_f1": "validation/F1",
    "val_iou": "validation/landslide IoU",
    "val_ap": "validation/average precision",
    "learning_rate": "learning rate",
}
CASTAGNOLI = 0x82F63B78


def write(folder: Path, rows: Sequence[dict[str, float]]) -> Path:
    """Make the log in `folder` say `rows`, every epoch once; return the file.

    What is there already is left, so that a TensorBoard that is open goes on reading.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    wanted = b"".join([_record(_version()), *(_record(_epoch(row)) for row in rows)])
    there = path.read_bytes() if path.exists() else b""
    if there and wanted.startswith(there):
        with open(path, "ab") as file:
            file.write(wanted[len(there) :])
    else:
        with atomic.whole_file(path) as temporary:
            temporary.write_bytes(wanted)
    return path


def crc32c(data: bytes) -> int:
    """The checksum of RFC 3720 (Castagnoli).

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    value = 0xFFFFFFFF
    for byte in data:
        value = TABLE[(value ^ byte) & 0xFF] ^ (value >> 8)
    return value ^ 0xFFFFFFFF


def _table_entry(value: int) -> int:
    for _ in range(8):
        value = (value >> 1) ^ (CASTAGNOLI if value & 1 else 0)
    return value


TABLE = [_table_entry(byte) for byte in range(256)]


def _record(message: bytes) -> bytes:
    length = struct.pack("<Q", len(message))
    return length + _masked(length) + message + _masked(message)


def _masked(data: bytes) -> bytes:
    """Rotated and shifted, because checksums of data that holds checksums are weak."""
    crc = crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def _version() -> bytes:
    return _double(1, 0.0) + _bytes(3, b"brain.Event:2")


def _epoch(row: dict[str, float]) -> bytes:
    """Event {wall_time 1, step 2, summary 5 {value 1 {tag 1, simple_value 2}}}."""
    values = [
        _bytes(1, _bytes(1, tag.encode()) + _float(2, row[name]))
        for name, tag in TAGS.items()
        if name in row
    ]
    when, step = _double(1, row.get("ended", 0.0)), _varint(2, int(row["epoch"]))
    return when + step + _bytes(5, b"".join(values))


def _double(field: int, value: float) -> bytes:
    return bytes([field << 3 | 1]) + struct.pack("<d", value)


def _float(field: int, value: float) -> bytes:
    return bytes([field << 3 | 5]) + struct.pack("<f", value)


def _bytes(field: int, value: bytes) -> bytes:
    return bytes([field << 3 | 2]) + _number(len(value)) + value


def _varint(field: int, value: int) -> bytes:
    return bytes([field << 3]) + _number(value)


def _number(value: int) -> bytes:
    """
    >>> _number(300)
    b'\\xac\\x02'
    """
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + _number(rest) if rest else bytes([low])
