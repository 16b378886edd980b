"""Streamlit's side of the gate: the one file that knows how its server is put together.

Streamlit 1.66 and 1.67 serve with Starlette: what `st.App(middleware=...)` takes stands before
everything it answers, its own routes and the websocket too (`tests/test_gate.py` asks every one).
Who has signed in (`st.login`) stands in a signed cookie and, for a page's script, in its context.
"""

import hashlib
import json
import os
import re
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from streamlit import auth_util
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.web.server.starlette import starlette_websocket
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from core import access, paths
from core.access import ADMIN, Actor
from core.errors import SlideScopeError
from core.maps import layers
from core.serving import hosts, patience, roles
from core.serving.gate import Gate, Rules
from pages.components import address, chart, language

INDEX = Path(st.__file__).parent / "static" / "index.html"
STRANGER = Actor("nobody")


def gate(base: str) -> Middleware:
    """What `st.App` puts before everything else; ends the server with a sentence where what the
    operator set cannot be meant."""
    patience.install()
    try:
        login = has_login()
        known = hosts.known()
        roles.known()
    except SlideScopeError as error:
        raise SystemExit(str(error)) from None
    if login or not hosts.is_loopback(st.get_option("server.address") or "0.0.0.0"):
        os.environ[paths.OTHERS] = "1"
    access.found_by(asking)
    return Middleware(
        Gate, Rules(layers.PREFIX, known, base, inline_scripts(), by_cookies if login else None)
    )


def has_login() -> bool:
    """Whether the operator has set up a provider that people sign in with."""
    if not auth_util.get_secrets_auth_section():
        return False
    if not auth_util.is_authlib_installed():
        raise SlideScopeError(
            "Sign-in is set up ([auth] in secrets.toml) and its library is missing: install it "
            "with `pip install -r requirements-login.txt`, or take [auth] out."
        )
    return True


def asking() -> Actor | None:
    """Whoever is behind the script that runs just now; None where this is no server."""
    context = get_script_run_ctx(suppress_warning=True)
    if signs_in():
        claims = context.user_info if context else {}
        return _actor(claims) or STRANGER
    address = st.context.ip_address if context else None
    return Actor(f"somebody at {address}", ADMIN) if address else None


def let_in() -> Actor | None:
    """Whoever has signed in and has a role; also who needs not sign in."""
    if not signs_in():
        return access.actor()
    context = get_script_run_ctx(suppress_warning=True)
    return _actor(context.user_info) if context else None


@cache
def signs_in() -> bool:
    """Whether people sign in here."""
    return bool(auth_util.get_secrets_auth_section())


def by_cookies(cookies: dict[str, str]) -> Actor | None:
    """Whoever a request's cookie was signed for."""
    found = starlette_websocket._get_signed_cookie_with_chunks(cookies, USER_COOKIE_NAME)
    try:
        claims = json.loads(found) if found else {}
    except ValueError:
        return None
    return _actor(claims)


def _actor(claims: Mapping[str, Any]) -> Actor | None:
    return roles.known().actor(claims) if claims.get("is_logged_in") else None


@cache
def inline_scripts() -> str:
    """The scripts in the text of Streamlit's page and our own, as a policy names them: by their
    digests."""
    found = re.findall(r"<script>(.*?)</script>", INDEX.read_text(encoding="utf-8"), re.DOTALL)
    every = (*found, address.script(), chart.script(), language.script())
    digests = (hashlib.sha256(script.encode()).digest() for script in every)
    return " ".join(f"'sha256-{b64encode(digest).decode()}'" for digest in digests)
