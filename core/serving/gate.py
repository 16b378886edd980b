"""The gate before everything the server answers, whoever answers it: pages, the websocket, uploads,
media, health and our own routes (ASGI middleware, outermost)."""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import HTTPConnection

from core import access, quotas
from core.access import Actor, Refused
from core.errors import SlideScopeError
from core.serving import headers, hosts
from core.serving.hosts import Hosts

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOKING = ("GET", "HEAD", "OPTIONS")
# What of Streamlit's own doors stays open; its metrics and its interface for agents do not.
CORE = ("health", "host-config", "stream", "upload_file", "bidi-components")
# What shows or takes something of a workspace, or is needed by nobody who is not let in.
GUARDED = ("media", "component", "app", "_stcore/upload_file", "_stcore/bidi-components")
STRANGER = "Nobody is signed in: open SlideScope's first page and sign in, then ask again."


@dataclass(frozen=True)
class Rules:
    """What a gate goes by. `ours` is the first part of our own routes, `base` the server's
    `baseUrlPath`, `inline` stands for the scripts in Streamlit's page; `who` finds whoever asks by
    their cookies and is None where nobody has to sign in."""

    ours: str
    hosts: Hosts = field(default_factory=Hosts)
    base: str = ""
    inline: str = ""
    who: Callable[[dict[str, str]], Actor | None] | None = None


class Gate:
    """Answers 403 and one sentence in the place of the application, or lets through."""

    def __init__(self, app: Application, rules: Rules):
        self._app, self._rules = app, rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        path = self._path(scope)
        try:
            self._check(scope, path)
        except SlideScopeError as error:
            return await _refuse(scope, send, str(error), self._headers(path))
        if path[:1] == ("_stcore",) and path[1:2] not in {(name,) for name in CORE}:
            return await _refuse(scope, send, "Nothing is here.", self._headers(path), 404)
        await self._app(scope, receive, self._telling(send, path))

    def _path(self, scope: Scope) -> tuple[str, ...]:
        """Its parts below the base path."""
        parts = tuple(part for part in scope["path"].split("/") if part)
        base = tuple(part for part in self._rules.base.split("/") if part)
        return parts[len(base) :] if parts[: len(base)] == base else parts

    def _check(self, scope: Scope, path: tuple[str, ...]) -> None:
        """Raise unless the request is one of this server's own pages, by somebody who may."""
        host = _one(scope, b"host")
        if not self._rules.hosts.allow(host):
            raise Refused(
                f"This server does not answer to the name '{_said(host)}': open it by a name it "
                f"has; whoever runs it adds names in {hosts.VARIABLE}."
            )
        changing = scope["type"] == "http" and scope["method"] not in LOOKING
        if (changing or scope["type"] == "websocket") and not self._own_origin(scope, host):
            raise Refused(
                f"The page that asks is of '{_said(_one(scope, b'origin'))}', not of this server "
                f"('{_said(host)}'): only its own pages may."
            )
        actor = self._let_in(scope, path)
        if changing:
            with access.asking(actor or access.actor()):
                access.need(access.EDITOR, "an upload")
            if scope["method"] == "PUT":
                quotas.check_memory(_length(scope))

    def _own_origin(self, scope: Scope, host: str) -> bool:
        """A browser always says the origin; what is no browser has no visitor to speak for."""
        origins = _all(scope, b"origin")
        return not origins or (len(origins) == 1 and hosts.same(origins[0], host))

    def _let_in(self, scope: Scope, path: tuple[str, ...]) -> Actor | None:
        if self._rules.who is None:
            return None
        found = self._rules.who(HTTPConnection(scope).cookies)
        if found is None and self._guarded(path):
            raise Refused(STRANGER)
        return found or Actor("nobody")

    def _guarded(self, path: tuple[str, ...]) -> bool:
        opening = (path[0] if path else "", "/".join(path[:2]))
        return any(each in (self._rules.ours, *GUARDED) for each in opening)

    def _headers(self, path: tuple[str, ...]) -> list[tuple[bytes, bytes]]:
        told = headers.of(path, self._rules.ours, self._rules.inline)
        return [(name.lower().encode(), value.encode()) for name, value in told.items()]

    def _telling(self, send: Send, path: tuple[str, ...]) -> Send:
        """`send` that adds our headers to the answer's own."""
        ours = self._headers(path)
        named = {name for name, _ in ours}

        async def telling(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                theirs = [(n, v) for n, v in message.get("headers", ()) if n.lower() not in named]
                message = {**message, "headers": [*theirs, *ours]}
            await send(message)

        return telling


async def _refuse(
    scope: Scope, send: Send, sentence: str, told: list[tuple[bytes, bytes]], status: int = 403
) -> None:
    kind = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    before = "" if scope["type"] == "http" else "websocket."
    if before and "websocket.http.response" not in scope.get("extensions", {}):
        return await send({"type": "websocket.close", "code": 1008})
    start = {"type": f"{before}http.response.start", "status": status, "headers": [*kind, *told]}
    await send(start)
    await send({"type": f"{before}http.response.body", "body": f"{sentence}\n".encode()})


def _all(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


def _one(scope: Scope, name: bytes) -> str:
    """The header's value, empty where it is missing or said twice."""
    found = _all(scope, name)
    return found[0] if len(found) == 1 else ""


def _length(scope: Scope) -> int:
    """Bytes of the body as they are told, as many as there may be where they are not."""
    told = _one(scope, b"content-length")
    most = int(min(quotas.FILE.most, 2 * quotas.FILE.usual) * quotas.MB)
    return min(int(told), most) if told.isdecimal() and len(told) < 16 else most


def _said(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text[:80])
