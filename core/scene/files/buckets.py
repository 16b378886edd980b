"""Rasters of object storage, `/vsis3/BUCKET/KEY.tif`, of the buckets that the operator names in
SLIDESCOPE_BUCKETS.

GDAL copies them in a process of its own (`bucket_copy.py`), the only one in which it may call
anywhere; everything else opens the copy, as any file, and workers find it in the workspace.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import disk, offline, paths
from core.errors import SlideScopeError
from core.jobs.report import Report

NAMED = "SLIDESCOPE_BUCKETS"
PREFIX = "/vsis3/"
ENDINGS = (".tif", ".tiff")
# A raster of 30,000 x 30,000 pixels over a slow line.
LONGEST_S = 6 * 3600
_PLACE = re.compile(r"/vsis3/(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(?P<key>[^\x00]+)")
_COPY = Path(__file__).with_name("bucket_copy.py")


@dataclass(frozen=True)
class BucketFile:
    """A raster in a bucket, by its place as GDAL writes it."""

    place: str
    bucket: str

    @property
    def name(self) -> str:
        return self.place.rpartition("/")[2]


def named() -> tuple[str, ...]:
    """The buckets that may be read."""
    return tuple(name.strip() for name in os.environ.get(NAMED, "").split(",") if name.strip())


def is_place(text: object) -> bool:
    return isinstance(text, str) and text.startswith(PREFIX)


def checked(text: str) -> BucketFile:
    """What a text names; a SlideScopeError where it may not be read."""
    parts = _PLACE.fullmatch(text)
    if parts is None or ".." in text:
        raise SlideScopeError(
            f"'{text}' is no raster of a bucket: write /vsis3/BUCKET/FOLDER/FILE.tif."
        )
    found = BucketFile(text, parts["bucket"])
    if found.bucket not in named():
        raise SlideScopeError(
            f"'{text}' lies in bucket '{found.bucket}', which may not be read: the operator names "
            f"buckets in {NAMED} ({', '.join(named()) or 'none so far'}); or copy the file into a "
            "folder."
        )
    if not found.name.lower().endswith(ENDINGS):
        raise SlideScopeError(
            f"'{found.name}' in bucket '{found.bucket}' is no GeoTIFF: of a bucket only .tif is "
            "read; copy other files into a folder."
        )
    return found


@dataclass(frozen=True)
class Brought:
    """`request` as plain values, with copies in place of what lies in buckets; `places` of these
    by the path of their copy."""

    request: dict[str, Any]
    places: dict[str, str]

    def told(self, said: Any) -> Any:
        """What is said of the copies, said of what they are copies of."""
        if not self.places:
            return said
        if isinstance(said, dict):
            return {name: self.told(each) for name, each in said.items()}
        if isinstance(said, list):
            return [self.told(each) for each in said]
        return self.places.get(said, said) if isinstance(said, str) else said


@contextmanager
def brought(request: dict[str, Any], report: Report) -> Iterator[Brought]:
    """What a request names in buckets, fetched; the copies lie in the workspace's cache until the
    end. Raises a SlideScopeError where one cannot be had."""
    places = sorted(set(_places(request)))
    if not places:
        yield Brought(request, {})
        return
    files = [checked(place) for place in places]
    beside = paths.cache_folder()
    beside.mkdir(parents=True, exist_ok=True)
    with disk.scratch("buckets-", beside) as folder:
        copies = {}
        for number, each in enumerate(files):
            report(f"fetching {each.name} from bucket {each.bucket}", number / len(files))
            # Names need not differ between folders of a bucket.
            target = folder / str(number) / each.name
            target.parent.mkdir()
            _copy(each, target)
            copies[each.place] = str(target)
        yield Brought(_replaced(request, copies), {copy: place for place, copy in copies.items()})


def _places(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if is_place(value.get("path")):
            yield value["path"]
        value = list(value.values())
    if isinstance(value, list | tuple):
        for each in value:
            yield from _places(each)


def _replaced(value: Any, copies: dict[str, str]) -> Any:
    if isinstance(value, list | tuple):
        return [_replaced(each, copies) for each in value]
    if not isinstance(value, dict):
        return value
    found = {name: _replaced(each, copies) for name, each in value.items()}
    place = value.get("path")
    if place in copies:
        # Reports go on to call it by its place.
        found |= {"path": copies[place], "label": found.get("label") or place}
    return found


def _copy(found: BucketFile, target: Path) -> None:
    command = [sys.executable, "-I", str(_COPY), found.place, str(target)]
    # What keeps every other process of ours from calling anywhere.
    environment = {n: v for n, v in os.environ.items() if n not in offline.SETTINGS}
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SlideScopeError(
            f"'{found.place}' did not arrive within {LONGEST_S // 3600} hours: check the line to "
            "the storage, or copy the file into a folder."
        ) from error
    if done.returncode or not target.is_file():
        why = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
        raise SlideScopeError(
            f"'{found.place}' could not be read ({why[:200]}): check its name, and the keys and "
            "endpoint that GDAL reads from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
            "AWS_S3_ENDPOINT."
        )
