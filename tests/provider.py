"""A small OpenID Connect provider on this machine: whoever is named signs in without a word."""

import base64
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "slidescope", "a-secret-of-the-test"


class Provider(ThreadingHTTPServer):
    """`claims` are those of the next who signs in."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answers)
        self.key = RSAKey.generate_key(2048, {"kid": "of-the-test", "use": "sig"})
        self.claims: dict[str, Any] = {}
        self.asked: dict[str, dict] = {}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def token(self, nonce: str | None) -> str:
        now = int(time.time())
        about = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 600}
        about |= {"nonce": nonce} if nonce else {}
        header = {"alg": "RS256", "kid": "of-the-test"}
        return jwt.encode(header, {**about, **self.claims}, self.key)


class _Answers(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        path, asked = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if path == "/.well-known/openid-configuration":
            here = self.server.address
            self._json(
                {
                    "issuer": here,
                    "authorization_endpoint": f"{here}/authorize",
                    "token_endpoint": f"{here}/token",
                    "jwks_uri": f"{here}/jwks",
                    "id_token_signing_alg_values_supported": ["RS256"],
                    "code_challenge_methods_supported": ["S256"],
                }
            )
        elif path == "/jwks":
            self._json({"keys": [self.server.key.as_dict(private=False)]})
        elif path == "/authorize":
            code = secrets.token_hex(8)
            self.server.asked[code] = {name: values[0] for name, values in asked.items()}
            back = {"code": code, "state": asked["state"][0]}
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri'][0]}?{urlencode(back)}")
            self.end_headers()

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        sent = parse_qs(self.rfile.read(length).decode())
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self.server.asked.pop(sent["code"][0], None)
        if asked is None or self.headers.get("Authorization") != f"Basic {basic}":
            self.send_error(400)
            return
        token = self.server.token(asked.get("nonce"))
        self._json({"access_token": "of-the-test", "token_type": "Bearer", "id_token": token})

    def _json(self, value: dict) -> None:
        text = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def provider() -> Iterator[Provider]:
    server = Provider()
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def secrets_of(server: Provider, address: str) -> str:
    """secrets.toml of a SlideScope at `address` that people sign in to with this provider."""
    return (
        "[auth]\n"
        f'redirect_uri = "{address}/oauth2callback"\n'
        f'cookie_secret = "{secrets.token_hex(16)}"\n'
        f'client_id = "{CLIENT}"\n'
        f'client_secret = "{SECRET}"\n'
        f'server_metadata_url = "{server.address}/.well-known/openid-configuration"\n'
    )
