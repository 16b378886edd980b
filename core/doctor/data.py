"""What the libraries bring besides code: GDAL's drivers, PROJ's data, the pages' fonts; and the
browser that tests drive."""

import os
import shutil
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from core.doctor.finding import Finding
from core.doctor.probing import Answer

GROUP = "data"
# The three families of the theme, which the pages are set in; the map's labels too.
FONTS = ("SourceSans", "SourceSerif", "SourceCode")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
MOVED_BY = ("PROJ_DATA", "PROJ_LIB", "GDAL_DATA", "GDAL_DRIVER_PATH")
NAMED = "Mend the libraries named above first."


def drivers(answers: Mapping[str, Answer]) -> Iterator[Finding]:
    answer = answers.get("drivers", Answer())
    if answer.error:
        yield Finding(GROUP, "GDAL drivers", f"not known ({answer.error})", False, NAMED)
        return
    missing = answer.value or []
    cure = (
        "rasterio and pyogrio were built without them: install their wheels anew, "
        "`python -m pip install --force-reinstall --no-deps --only-binary :all: rasterio pyogrio`."
    )
    value = f"{', '.join(missing)} missing" if missing else "all that are used"
    yield Finding(GROUP, "GDAL drivers", value, not missing, cure)


def proj(answers: Mapping[str, Answer]) -> Iterator[Finding]:
    answer = answers.get("proj", Answer())
    if not answer.error:
        yield Finding(GROUP, "PROJ data", str(answer.value))
        return
    moved = [f"{name}={os.environ[name]}" for name in MOVED_BY if os.environ.get(name)]
    cure = (
        f"{', '.join(moved)} leads to other data than the libraries bring: unset it."
        if moved
        else "Install pyproj and rasterio anew: `python -m pip install --force-reinstall --no-deps "
        "pyproj rasterio`."
    )
    yield Finding(GROUP, "PROJ data", answer.error, False, cure)


def fonts() -> Iterator[Finding]:
    """Streamlit ships them: nothing is fetched."""
    try:
        files = metadata.files("streamlit") or []
    except metadata.PackageNotFoundError:
        yield Finding(GROUP, "fonts", "not known (no streamlit)", False, NAMED)
        return
    there = [f for f in files if f.suffix == ".woff2" and Path(str(f.locate())).exists()]
    missing = [name for name in FONTS if not any(name in f.name for f in there)]
    cure = "Install it anew: `python -m pip install --force-reinstall --no-deps streamlit`."
    value = f"{', '.join(missing)} missing in streamlit" if missing else f"{', '.join(FONTS)}"
    yield Finding(GROUP, "fonts", value, not missing, cure)


def browser() -> Iterator[Finding]:
    named = os.environ.get("CHROME_BIN")
    found = next(filter(None, (named, *map(shutil.which, BROWSERS))), None)
    cure = "Browser tests are skipped; for them: `apt install chromium`."
    yield Finding(GROUP, "browser for tests", found or "none", bool(found), cure, needed=False)
