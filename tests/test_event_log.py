"""The TensorBoard log: records as TensorFlow writes them, every epoch once."""

import struct

import pytest

from core.learning.training import checkpoint

ROWS = [{"epoch": e, "loss": 1 / e, "val_loss": 2 / e, "ended": 1e9 + e} for e in (1, 2, 3)]


def records(path) -> list[bytes]:
    """The messages of an event file, their checksums verified."""
    data, found = path.read_bytes(), []
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        message, data = data[12 : 12 + length], data[16 + length :]
        found.append(message)
    return found


def test_an_epoch_is_the_message_that_tensorflow_would_write(tmp_path):
    # tf.compat.v1.Event(wall_time=1e9 + 1, step=1, summary=...).SerializeToString(), without
    # the log's own tags.
    first = records(checkpoint.write(tmp_path, ROWS[:1]))
    assert first[0] == b"\x1a\x0dbrain.Event:2"
    loss = b"\x0a\x0dloss/training\x15" + struct.pack("<f", 1.0)
    validation = b"\x0a\x0floss/validation\x15" + struct.pack("<f", 2.0)
    summary = b"".join(b"\x0a" + bytes([len(v)]) + v for v in (loss, validation))
    head = b"\x09" + struct.pack("<d", 1e9 + 1) + b"\x10\x01"
    assert first[1] == head + b"\x2a" + bytes([len(summary)]) + summary


def test_a_checksum_is_the_one_of_the_format(tmp_path):
    # Masked CRC-32C (RFC 3720) of the length and of the message, computed by other code.
    data = checkpoint.write(tmp_path, []).read_bytes()
    assert data[:8] == struct.pack("<Q", 15)
    assert (data[8:12], data[-4:]) == (b"mS+\t", b"\xfc\x98Q)")


def test_an_epoch_is_added_to_what_is_there(tmp_path):
    path = checkpoint.write(tmp_path, ROWS[:2])
    before, inode = path.read_bytes(), path.stat().st_ino
    checkpoint.write(tmp_path, ROWS)
    assert path.read_bytes().startswith(before)
    assert path.stat().st_ino == inode
    assert len(records(path)) == 4
    checkpoint.write(tmp_path, ROWS)
    assert len(records(path)) == 4


@pytest.mark.parametrize("broken", [b"", b"half a log of something else"])
def test_a_broken_log_is_written_again(tmp_path, broken):
    (tmp_path / checkpoint.FILE).write_bytes(broken)
    assert len(records(checkpoint.write(tmp_path, ROWS))) == 4


def test_a_record_that_a_kill_cut_is_finished(tmp_path):
    path = checkpoint.write(tmp_path, ROWS)
    whole = path.read_bytes()
    path.write_bytes(whole[:-7])
    checkpoint.write(tmp_path, ROWS)
    assert path.read_bytes() == whole


def test_a_run_that_starts_over_starts_its_log_over(tmp_path):
    checkpoint.write(tmp_path, ROWS)
    other = [{**row, "loss": 0.25} for row in ROWS]
    assert len(records(checkpoint.write(tmp_path, other))) == 4
