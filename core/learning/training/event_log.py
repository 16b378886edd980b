"""The TensorBoard log of a run.

tensorboardX writes the records, so that the log is there on every Keras backend. What it holds
follows from the rows of the history alone: a log that a kill left behind is the beginning of the
right one, and is gone on with.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from core import atomic

# TensorBoard reads every file with `tfevents` in its name.
FILE = "events.out.tfevents.0.slidescope"
VERSION = "brain.Event:2"
TAGS = {
    "loss": "loss/training",
    "val_loss": "loss/validation",
    "val_f1": "validation/F1",
    "val_iou": "validation/landslide IoU",
    "val_ap": "validation/average precision",
    "learning_rate": "learning rate",
}


def write(folder: Path, rows: Sequence[dict[str, float]]) -> Path:
    """Make the log in `folder` say `rows`, every epoch once; return the file.

    What is there already is left, so that a TensorBoard that is open goes on reading.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, wanted = folder / FILE, _records(rows)
    there = path.read_bytes() if path.exists() else b""
    if there and wanted.startswith(there):
        with open(path, "ab") as file:
            file.write(wanted[len(there) :])
    else:
        with atomic.whole_file(path) as temporary:
            temporary.write_bytes(wanted)
    return path


def _records(rows: Sequence[dict[str, float]]) -> bytes:
    """The whole file as it has to be."""
    from tensorboardX import RecordWriter  # here: a waiting server need not load it
    from tensorboardX.proto.event_pb2 import Event

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        writer = RecordWriter(str(path))
        events = [Event(wall_time=0.0, file_version=VERSION), *map(_epoch, rows)]
        for event in events:
            writer.write(event.SerializeToString())
        writer.close()
        return path.read_bytes()


def _epoch(row: dict[str, float]):
    from tensorboardX.proto.event_pb2 import Event
    from tensorboardX.proto.summary_pb2 import Summary

    values = [
        Summary.Value(tag=tag, simple_value=row[name]) for name, tag in TAGS.items() if name in row
    ]
    about = {"wall_time": row.get("ended", 0.0), "step": int(row["epoch"])}
    return Event(**about, summary=Summary(value=values))
