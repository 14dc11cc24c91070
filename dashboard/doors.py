"""Every address of the server and what it takes to be let in there; an address that is not listed is no address.

The paths are those of the routes they stand for, in the same words: a test holds one list against the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from re import Pattern
from typing import Final

from starlette.routing import compile_path

from etl.access import Action, Principal, Role, may, pages_for


class Need(StrEnum):
    """What is needed where it is not a single right."""

    NOTHING = "nothing"  # for whoever asks, signed in or not
    SIGNED_IN = "signed in"
    OPERATORS = "operators"  # the right to operations, or a programme on this very machine
    PAGES = "pages"  # some page of the dashboard
    NEVER = "never"  # for nobody


READ: Final = frozenset({"GET", "HEAD"})
FORM: Final = frozenset({"GET", "HEAD", "POST"})
SOCKET: Final = "WEBSOCKET"


@dataclass(frozen=True, slots=True)
class Door:
    """One address: its path, the methods it answers, and what is needed."""

    path: str
    need: Need | Action
    methods: frozenset[str] = READ
    is_download: bool = False  # written into the audit log where an answer is given
    pattern: Pattern[str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pattern", compile_path(self.path)[0])

    def opens_to(self, principal: Principal | None, parts: Mapping[str, str], *, is_here: bool = False) -> bool:
        """Whether somebody (None = not signed in) may enter; `parts` are the words in the holes of the path.

        `is_here` tells that the request was made on this machine and by no proxy.
        """
        if self.need is Need.OPERATORS:
            return is_here or (principal is not None and may(principal, Action.OPERATIONS))
        if self.need is Need.NOTHING or self.need is Need.NEVER or principal is None:
            return self.need is Need.NOTHING
        if self.need is Need.SIGNED_IN:
            return principal.role not in (Role.WALL, Role.PUBLIC)
        if self.need is Need.PAGES:
            return bool(pages_for(principal))
        if self.need is Action.VIEW:
            return parts["page"] in pages_for(principal)
        if self.need is Action.SCREEN and self.path.startswith("/man-hinh/{name}"):
            return may(principal, self.need, owner=parts["name"])
        return may(principal, self.need)


SCREEN: Final = "/man-hinh/{name}"
UPLOAD: Final = "/_stcore/upload_file/{session_id}/{file_id}"
MEDIA: Final = "/media/{file_id:path}"
STREAM: Final = "/_stcore/stream"
API: Final = "/api/v1"

DOORS: Final[tuple[Door, ...]] = (
    Door("/healthz", Need.NOTHING),
    Door("/readyz", Need.OPERATORS),
    Door("/metrics", Need.OPERATORS),
    Door("/dang-nhap", Need.NOTHING, FORM),
    Door("/dang-nhap/di", Need.NOTHING),
    Door("/dang-nhap/ve", Need.NOTHING),
    Door("/dang-xuat", Need.NOTHING, FORM),
    Door("/mat-khau", Need.SIGNED_IN, FORM),
    # pages and what belongs to them
    Door("/", Need.PAGES),
    Door("/tong_quan", Need.PAGES),
    Door("/shell.js", Need.PAGES),
    Door("/favicon.png", Need.PAGES),
    Door("/static/{path:path}", Need.PAGES),
    Door("/_stcore/health", Need.PAGES, READ | {"OPTIONS"}),
    Door("/_stcore/host-config", Need.PAGES),
    Door(STREAM, Need.PAGES, frozenset({SOCKET})),
    Door(MEDIA, Need.PAGES, READ | {"OPTIONS"}, is_download=True),
    Door("/component/{path:path}", Need.PAGES, READ | {"OPTIONS"}),
    Door("/_stcore/bidi-components/{path:path}", Need.PAGES, READ | {"OPTIONS"}),
    Door(UPLOAD, Action.UPLOAD, frozenset({"PUT", "DELETE", "OPTIONS"})),
    Door("/_stcore/metrics", Action.OPERATIONS, READ | {"OPTIONS"}),
    # submissions
    Door("/phieu/{submission}.json", Action.RECEIPT),
    Door("/phieu/{submission}", Action.RECEIPT),
    Door("/tep-goc/{submission}", Action.ORIGINAL, is_download=True),
    Door("/ban-danh-dau/{submission}", Action.MARKED_COPY, is_download=True),
    # wall screens
    Door("/man-hinh/-/{name}", Action.SCREEN),
    Door(SCREEN, Action.SCREEN),
    Door(f"{SCREEN}/du-lieu", Action.SCREEN),
    # tables for other systems
    Door(f"{API}/openapi.json", Action.API),
    Door(f"{API}/progress", Action.API, frozenset({"GET"}), is_download=True),
    Door(f"{API}/tasks", Action.API, frozenset({"GET"}), is_download=True),
    Door(f"{API}/completeness", Action.API, frozenset({"GET"}), is_download=True),
    Door(f"{API}/units", Action.API, frozenset({"GET"}), is_download=True),
    Door(f"{API}/indicators", Action.API, frozenset({"GET"}), is_download=True),
    # Streamlit's own ways to sign in and for programmes to use a page: not used here
    Door("/auth/login", Need.NEVER),
    Door("/auth/logout", Need.NEVER),
    Door("/oauth2callback", Need.NEVER),
    Door("/_stcore/agent/interact", Need.NEVER),
    Door("/_stcore/agent/openapi.json", Need.NEVER),
    Door("/_stcore/agent/mcp", Need.NEVER),
    # a page by its name, last: nothing else has one word alone
    Door("/{page}", Action.VIEW),
)


def door_of(method: str, path: str) -> tuple[Door, dict[str, str]] | None:
    """The door at an address, and the words in the holes of its path; None if there is none."""
    for door in DOORS:
        match = door.pattern.match(path)
        if match is not None and method in door.methods:
            return door, match.groupdict()
    return None


def is_known(path: str) -> bool:
    """Whether something lies at an address, if only for another method."""
    return any(door.pattern.match(path) for door in DOORS if door.need not in (Need.NEVER, Action.VIEW))
