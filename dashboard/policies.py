"""What every answer tells the browser to refuse, and whether a request comes from a page of ours."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Scope, Send

from etl.settings import Settings, is_loopback

INDEX: Final = Path(streamlit.__file__).with_name("static") / "index.html"
SCREENS: Final = "/man-hinh/"
KEPT: Final = ("/static/", "/shell.js", "/man-hinh/-/")  # nothing personal: browsers may keep it
ONE_YEAR: Final = 31_536_000


def with_headers(send: Send, path: str, settings: Settings, is_secure: bool) -> Send:
    """Sends with what makes browsers careful; a policy that a route has set itself is kept."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("x-content-type-options", "nosniff")
            headers.setdefault("referrer-policy", "same-origin")
            headers.setdefault("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
            headers["content-security-policy"] = _framed(
                headers.get("content-security-policy") or pages(), path, settings
            )
            if not path.startswith(SCREENS):
                headers.setdefault("x-frame-options", "DENY")
                headers.setdefault("cross-origin-opener-policy", "same-origin")
            if not path.startswith(KEPT):
                _keep_private(headers)
            if is_secure:
                headers.setdefault("strict-transport-security", f"max-age={ONE_YEAR}")
                message["headers"] = [_secured(name, value) for name, value in message["headers"]]
        await send(message)

    return sending


def _keep_private(headers: MutableHeaders) -> None:
    """Whatever may be personal is not kept; an answer that is asked for again with its tag may be, unshared."""
    if "etag" not in headers:
        headers["cache-control"] = "no-store"
    elif "no-" not in headers.get("cache-control", ""):
        headers["cache-control"] = "private, no-cache"


def _secured(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    is_open = name.lower() == b"set-cookie" and b"; secure" not in value.lower()
    return name, value + b"; Secure" if is_open else value


@cache
def pages() -> str:
    """The policy that Streamlit's pages work under: scripts of ours alone, and nothing from elsewhere."""
    written = INDEX.read_text(encoding="utf-8")
    own = [part.partition("</script>")[0] for part in written.split("<script>")[1:]]  # those that stand in the page
    hashes = " ".join(f"'sha256-{b64encode(sha256(part.encode()).digest()).decode()}'" for part in own)
    return (
        f"default-src 'self'; script-src 'self' blob: {hashes}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'"
    )


def _framed(policy: str, path: str, settings: Settings) -> str:
    """The policy with who may show the page inside theirs: nobody, but for wall screens those on the list."""
    parts = [part.strip() for part in policy.split(";") if not part.strip().startswith("frame-ancestors")]
    who = f"'self' {settings.frame_ancestors}".strip() if path.startswith(SCREENS) else "'none'"
    return "; ".join([*filter(None, parts), f"frame-ancestors {who}"])


def is_secure(scope: Scope, settings: Settings) -> bool:
    """Whether the browser speaks TLS, to us or to the proxy in front."""
    return scope["scheme"] in ("https", "wss") or settings.public_url.startswith("https://")


def is_host_known(scope: Scope, settings: Settings) -> bool:
    """Whether the request names this server: a foreign name that resolves to us would make its pages ours."""
    name = urlsplit(f"//{Headers(scope=scope).get('host', '')}").hostname or ""
    return name in {known.lower() for known in settings.host_names}


def is_from_here(scope: Scope) -> bool:
    """Whether a programme on this machine asks, and no proxy for somebody else."""
    headers = Headers(scope=scope)
    is_passed_on = any(name in headers for name in ("forwarded", "x-forwarded-for", "x-real-ip", "via"))
    return not is_passed_on and scope.get("client") is not None and is_loopback(scope["client"][0])


def is_own_origin(scope: Scope, settings: Settings, *, is_required: bool = False) -> bool:
    """Whether a request was made by a page of ours; browsers say so in Origin, of which programmes may send none."""
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    if origin is None:
        return not is_required
    return urlsplit(origin).netloc in {headers.get("host", "-"), urlsplit(settings.public_url).netloc or "-"}
