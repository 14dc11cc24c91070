"""Who may do what, held against the roles as they are told in words."""

from __future__ import annotations

import pytest

from dashboard.app import PAGES
from etl.access import LOCAL, Action, Principal, Reach, Role, may, pages_for, reach, rights

VIEWER = Principal("an", Role.VIEWER)
ANALYST = Principal("binh", Role.ANALYST)
SUBMITTER = Principal("cuong", Role.SUBMITTER, org_unit="14797")
STEWARD = Principal("dung", Role.STEWARD)
WALL = Principal("tuong", Role.WALL, screen="ioc")
PUBLIC = Principal("public", Role.PUBLIC)
EVERYBODY = (VIEWER, ANALYST, SUBMITTER, STEWARD, LOCAL, WALL, PUBLIC)


def test_every_page_has_its_rights() -> None:
    assert {page.url_path for page in PAGES} <= {page for action, page in rights() if action is Action.VIEW}


def test_who_sees_which_pages() -> None:
    assert "nop_bao_cao" not in pages_for(VIEWER)
    assert "khai_thac" not in pages_for(VIEWER)
    assert "khai_thac" in pages_for(ANALYST)
    assert {"nop_bao_cao", "bao_cao"} <= set(pages_for(SUBMITTER))
    assert pages_for(WALL) == ()
    assert set(pages_for(PUBLIC)) == {"tong_quan", "chi_tieu"}
    assert [who.role for who in EVERYBODY if "van_hanh" in pages_for(who)] == [Role.ADMIN]
    assert pages_for(STEWARD)[0] == "tong_quan"


@pytest.mark.parametrize(
    ("action", "roles"),
    [
        (Action.EXPORT, "analyst submitter steward admin"),
        (Action.API, "analyst steward admin"),
        (Action.UPLOAD, "submitter steward admin"),
        (Action.RECEIPT, "analyst submitter steward admin"),
        (Action.WITHDRAW, "submitter steward admin"),
        (Action.REFERENCE, "steward admin"),
        (Action.MEETINGS, "steward admin"),
        (Action.SCREEN, "viewer analyst steward admin wall"),
        (Action.ACCOUNTS, "admin"),
        (Action.OPERATIONS, "admin"),
        (Action.AUDIT, "admin"),
    ],
)
def test_which_roles_may_do_it(action: Action, roles: str) -> None:
    assert {who.role.value for who in EVERYBODY if may(who, action)} == set(roles.split())


def test_a_submitter_reaches_its_own_unit_and_those_below_alone() -> None:
    assert may(SUBMITTER, Action.WITHDRAW, owner="14797")
    assert may(SUBMITTER, Action.WITHDRAW, owner="14797.1", own={"14797.1"})
    assert not may(SUBMITTER, Action.WITHDRAW, owner="14798", own={"14797.1"})
    assert not may(SUBMITTER, Action.RECEIPT, owner="")
    assert may(STEWARD, Action.RECEIPT, owner="")


def test_a_wall_sees_its_own_screen_alone() -> None:
    assert may(WALL, Action.SCREEN, owner="ioc")
    assert not may(WALL, Action.SCREEN, owner="phong-hop")
    assert [action for action in Action if may(WALL, action)] == [Action.SCREEN]


def test_who_is_bound_to_a_unit_reaches_no_further_whatever_the_role() -> None:
    bound = Principal("ioc", Role.ANALYST, org_unit="38.KHCN")
    assert reach(bound, Action.API) is Reach.OWN
    assert reach(bound, Action.VIEW, "tong_quan") is Reach.OWN
    assert not may(bound, Action.API, owner="38.TC")


def test_an_unknown_page_is_for_nobody() -> None:
    assert not any(may(who, Action.VIEW, "no_such_page") for who in EVERYBODY)


@pytest.mark.parametrize("role", [Role.SUBMITTER, Role.WALL])
def test_who_must_be_bound_cannot_be_without(role: Role) -> None:
    with pytest.raises(ValueError, match="has no"):
        Principal("x", role)
