"""Providers to sign in at: the certified `oidc-provider` in Node.js, and a hostile one that lies on request."""

from __future__ import annotations

import hmac
import json
import shutil
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import ECKey

CLIENT: Final = "tiendoso"
SECRET: Final = "the secret of the client, kept in a file"
HERE: Final = Path(__file__).parent


@contextmanager
def certified(port: int, site: str, verified: tuple[str, ...]) -> Iterator[str]:
    """The real one, for one client at `site`; gives the issuer. `verified` are names whose mail address is proved."""
    client = {
        "client_id": CLIENT,
        "client_secret": SECRET,
        "redirect_uris": [f"{site}/dang-nhap/ve"],
        "post_logout_redirect_uris": [f"{site}/dang-nhap"],
    }
    given = json.dumps({"port": port, "client": client, "verified": verified})
    command = ["node", "provider.mjs", given]
    with subprocess.Popen(
        command, cwd=_installed(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as node:
        try:
            assert node.stdout is not None
            assert any(line == "ready\n" for line in node.stdout), "the provider did not start"
            yield f"http://127.0.0.1:{port}"
        finally:
            node.kill()


def _installed() -> Path:
    """The folder with the provider's packages, fetched once for each virtual environment and version."""
    wanted = (HERE / "package.json").read_text()
    folder = Path(sys.prefix) / "oidc-provider"
    done = folder / "done.json"
    if not done.exists() or done.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.copy(HERE / "package.json", folder)
        quiet = ["--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
        subprocess.run(["npm", "install", *quiet], cwd=folder, check=True, timeout=300)
        done.write_text(wanted)
    shutil.copy(HERE / "provider.mjs", folder)
    return folder


@dataclass
class Hostile:
    """A provider that signs what it is told to: `claims` replaces or (None) leaves out, `told` changes its metadata."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    asked: list[bytes] = field(default_factory=list)  # what came to the token endpoint
    nonce: str = ""
    sign: str = "ES256"
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "1"}))
    other_key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "1"}))

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/me",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["ES256"],
            **self.told,
        }

    def id_token(self) -> str:
        now = int(time.time())
        plain = {"iss": self.issuer, "sub": "1", "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": self.nonce}
        claims = {name: value for name, value in {**plain, **self.claims}.items() if value is not None}
        if self.sign == "none":
            return f"{_part({'alg': 'none'})}.{_part(claims)}."
        if self.sign == "HS256":  # signed with what everybody knows, as if it were a shared secret
            return _by_public_key(claims, self.key)
        return jwt.encode({"alg": "ES256", "kid": "1"}, claims, self.other_key if self.sign == "other" else self.key)

    def answer(self, path: str) -> Mapping[str, Any]:
        return {
            "/.well-known/openid-configuration": self.metadata,
            "/keys": lambda: {"keys": [self.key.as_dict(private=False)]},
            "/token": lambda: {"access_token": "x", "token_type": "Bearer", "id_token": self.id_token()},
            "/me": lambda: {"sub": "1", **self.userinfo},
        }[path]()


@contextmanager
def hostile() -> Iterator[Hostile]:
    provider = Hostile()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(provider.answer(self.path)).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            provider.asked.append(self.rfile.read(int(self.headers["content-length"])))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _part(value: Mapping[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _by_public_key(claims: Mapping[str, Any], key: ECKey) -> str:
    signed = f"{_part({'alg': 'HS256', 'kid': '1'})}.{_part(claims)}"
    digest = hmac.digest(key.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{urlsafe_b64encode(digest).rstrip(b'=').decode()}"
