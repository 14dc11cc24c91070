"""From who somebody is to the rows that may be seen: the one place where a principal becomes a Scope."""

from __future__ import annotations

from pathlib import Path

from etl.access import Principal, Role
from etl.settings import Settings
from sql import queries, warehouse
from sql.queries import Scope


def scope_of(principal: Principal, settings: Settings, path: Path) -> Scope:
    """What somebody may see of the warehouse at `path`; whose rows are whose is told by the one published now."""
    if principal.org_unit:
        return Scope(path, own_units(principal, settings), aggregates=True)
    if principal.role is Role.PUBLIC:
        return Scope(path, indicators=frozenset(settings.public_indicators), aggregates=True)
    if principal.role is Role.WALL:  # its pictures are drawn for the screen, not for who looks at it
        return Scope(path, frozenset())
    return Scope.all(path)


def own_units(principal: Principal, settings: Settings) -> frozenset[str]:
    """The unit somebody is bound to with all below it; empty for who is bound to none."""
    current = warehouse.current(settings.warehouse)
    if not principal.org_unit or current is None:
        return frozenset({principal.org_unit} - {""})
    below = queries.units_below(Scope.all(current), org_unit=principal.org_unit)
    return frozenset({principal.org_unit, *below["org_unit"]})
