"""Who may do what: roles, and the rights they have, read from `rights.csv` and answered here alone.

A right is given for everything (`all`), for one's own things (`own`: a submitter's unit and those below it, a wall's
screen) or not at all. The file ships with the programme; an installation does not change it.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

RIGHTS: Final = Path(__file__).with_name("rights.csv")


class Role(StrEnum):
    """What somebody is here for."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    SUBMITTER = "submitter"
    STEWARD = "steward"
    ADMIN = "admin"
    WALL = "wall"
    PUBLIC = "public"


class Action(StrEnum):
    """What can be done; VIEW stands in the file once for each page."""

    VIEW = "view"  # see a page
    EXPORT = "export"  # take tables along as files
    API = "api"  # ask for tables over HTTP
    UPLOAD = "upload"  # have a workbook read and send it
    RECEIPT = "receipt"  # see what was answered to a submission, and its findings
    ORIGINAL = "original"  # fetch a file as it was received
    MARKED_COPY = "marked_copy"  # fetch a file with its findings marked
    WITHDRAW = "withdraw"  # take a submission back
    REFERENCE = "reference"  # change reference data
    MEETINGS = "meetings"  # name meetings, prepare their views
    SCREEN = "screen"  # look at a wall screen
    ACCOUNTS = "accounts"  # accounts and tokens
    OPERATIONS = "operations"  # metrics, the page for operators, what acts on the server itself
    AUDIT = "audit"  # read the audit log


class Reach(StrEnum):
    """How far a right goes."""

    NONE = ""
    OWN = "own"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody (or a screen, or a programme) who asks for something.

    `org_unit` binds to a unit and those below it: always set for a submitter, possible for an analyst's token. `screen`
    is the one screen of a wall. `id` names the way in for the audit log: `user:<name>`, `token:<id>`, `local`.
    """

    name: str
    role: Role
    org_unit: str = ""
    screen: str = ""
    id: str = ""

    def __post_init__(self) -> None:
        if self.role is Role.SUBMITTER and not self.org_unit:
            raise ValueError(f"the submitter {self.name} has no unit")
        if self.role is Role.WALL and not self.screen:
            raise ValueError(f"the wall {self.name} has no screen")


PUBLIC: Final = Principal("public", Role.PUBLIC, id="public")  # whoever comes without a name, where that is allowed
LOCAL: Final = Principal("local", Role.ADMIN, id="local")  # whoever sits at the machine while sign-in is off


def reach(principal: Principal, action: Action, page: str = "") -> Reach:
    """How far a principal may do something (for VIEW: on a page, by the stem of its file)."""
    given = rights().get((action, page), {}).get(principal.role, Reach.NONE)
    return Reach.OWN if given is Reach.ALL and principal.org_unit else given


def may(
    principal: Principal, action: Action, page: str = "", *, owner: str | None = None, own: Collection[str] = ()
) -> bool:
    """Whether a principal may do something: at all, or with `owner` on what belongs to that unit or is that screen.

    `own` are the units that count as the principal's beside its own one, that is those below it. What belongs to
    nobody known (`owner=""`) is only for those who may do it to everything.
    """
    given = reach(principal, action, page)
    if owner is None or given is not Reach.OWN:
        return given is not Reach.NONE
    return owner != "" and (
        owner == (principal.screen if action is Action.SCREEN else principal.org_unit) or owner in own
    )


def pages_for(principal: Principal) -> tuple[str, ...]:
    """The pages a principal may see, by the stem of their file, in the order of `rights.csv`."""
    return tuple(page for action, page in rights() if action is Action.VIEW and may(principal, action, page))


@cache
def rights() -> Mapping[tuple[Action, str], Mapping[Role, Reach]]:
    """(action, page) → role → reach. Raises ValueError, with the line, for a file that is not whole."""
    read: dict[tuple[Action, str], Mapping[Role, Reach]] = {}
    with RIGHTS.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream)
        if rows.fieldnames != ["action", "page", *Role]:
            raise ValueError(f"{RIGHTS.name}: the columns must be action, page, {', '.join(Role)}")
        for row in rows:
            try:
                key = Action(row["action"]), row["page"]
                if key in read or (key[0] is Action.VIEW) != bool(row["page"]):
                    raise ValueError("given twice, or a page where none belongs")
                read[key] = {role: Reach(row[role]) for role in Role}
            except ValueError as wrong:
                raise ValueError(f"{RIGHTS.name}, line {rows.line_num}: {wrong}") from wrong
    missing = set(Action) - {action for action, _ in read}
    if missing:
        raise ValueError(f"{RIGHTS.name} says nothing of {', '.join(sorted(missing))}")
    return read
