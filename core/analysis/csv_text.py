"""Rows as CSV text."""

import csv
import io
from collections.abc import Iterable, Sequence


def text(header: Sequence[str], rows: Iterable[Sequence]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue()
