"""Display rasters that stay open between tiles: opening one takes longer than reading a tile.

A data set of GDAL belongs to one thread, so each thread keeps its own few. What was written anew
is opened anew; what was deleted goes when others take its place.
"""

import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import rasterio
from rasterio.io import DatasetReader

KEPT = 12  # a thread
# Windows does not let an open file be deleted or replaced.
KEEPS = os.name != "nt"


class _Kept(threading.local):
    def __init__(self):
        self.sources: OrderedDict[tuple[Path, int], DatasetReader] = OrderedDict()


_kept = _Kept()


@contextmanager
def source(path: Path, modified: int) -> Iterator[DatasetReader]:
    """The GeoTIFF at `path` as it was `modified` (st_mtime_ns), open for reading."""
    if not KEEPS:
        with rasterio.open(path, driver="GTiff") as found:
            yield found
        return
    sources, key = _kept.sources, (path, modified)
    found = sources.pop(key, None) or rasterio.open(path, driver="GTiff")
    try:
        yield found
    except BaseException:
        found.close()
        raise
    sources[key] = found  # the last used stands last
    if len(sources) > KEPT:
        sources.popitem(last=False)[1].close()
