"""Streamlit's side of the gate: the one file that knows how its server is put together.

Streamlit 1.66 and 1.67 serve with Starlette: what `st.App(middleware=...)` takes stands before
everything it answers, its own routes and the websocket too (`tests/test_gate.py` asks every one).
"""

import hashlib
import re
from base64 import b64encode
from functools import cache
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from core.maps import layers
from core.serving import hosts
from core.serving.gate import Gate, Rules

INDEX = Path(st.__file__).parent / "static" / "index.html"


def gate(base: str) -> Middleware:
    """What `st.App` puts before everything else."""
    rules = Rules(layers.PREFIX, hosts.known(), base, inline_scripts())
    return Middleware(Gate, rules)


@cache
def inline_scripts() -> str:
    """The scripts in the text of Streamlit's page, as a policy names them: by their digests."""
    found = re.findall(r"<script>(.*?)</script>", INDEX.read_text(encoding="utf-8"), re.DOTALL)
    digests = (hashlib.sha256(script.encode()).digest() for script in found)
    return " ".join(f"'sha256-{b64encode(digest).decode()}'" for digest in digests)
