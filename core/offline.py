"""No file makes this software call anywhere: what GDAL, PROJ and curl are told before they are
loaded.

A child that looks at files cannot call at all (`core.confined.sandbox`); this holds where that does
not, on other systems and in a process that has its network for other reasons.
"""

import os
from collections.abc import Mapping

# No port 0 can be listened on: a request through this proxy ends before it begins.
_NOWHERE = "http://127.0.0.1:0"
SETTINGS = {
    "GDAL_HTTP_PROXY": _NOWHERE,
    "GDAL_HTTPS_PROXY": _NOWHERE,
    "GDAL_HTTP_TIMEOUT": "1",
    "GDAL_HTTP_CONNECTTIMEOUT": "1",
    "GDAL_HTTP_MAX_RETRY": "0",
    # None ends so.
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".no-such-ending",
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "PROJ_NETWORK": "OFF",
}


def environment(of: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process that needs no network at all."""
    kept = {n: v for n, v in of.items() if n.lower() not in ("no_proxy", "all_proxy")}
    return {**kept, **SETTINGS}


def fix() -> None:
    """Tell this process; libraries read it when they are loaded."""
    os.environ.update(SETTINGS)


fix()
