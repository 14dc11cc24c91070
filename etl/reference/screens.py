"""What a wall screen shows: where it hangs, and its panels one after the other; checked each in itself."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

PanelKind = Literal["headline", "ranking", "tiles", "tasks", "missing", "overdue"]

# Which keys a panel of a kind needs, and which it may have; every other is a fault.
_NEEDED: dict[str, frozenset[str]] = {
    "headline": frozenset({"unit_group", "indicators"}),
    "ranking": frozenset({"unit_group", "indicator"}),
    "tiles": frozenset({"indicator"}),
    "tasks": frozenset(),
    "missing": frozenset({"form"}),
    "overdue": frozenset(),
}
_ALLOWED: dict[str, frozenset[str]] = {
    "ranking": frozenset({"part"}),
    "missing": frozenset({"unit_group"}),
    "overdue": frozenset({"lead"}),
}
_EVERYWHERE = frozenset({"panel", "seconds", "hours", "period", "pages"})
_VIETNAM = timezone(timedelta(hours=7))
MOST_CARDS = 4

Hours = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
_Words = Annotated[str, Field(min_length=1)]
_Shortest = 0.1  # seconds; walls change in tens of them, endurance tests in tenths


class _Definition(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Panel(_Definition):
    """One picture of a screen. `period` "" = the newest quarter with most of its figures; `pages` for long lists."""

    panel: PanelKind
    seconds: Annotated[float, Field(ge=_Shortest, le=3600)] = 20
    hours: Hours = "00:00-24:00"
    period: str = ""
    pages: Annotated[int, Field(ge=1, le=20)] = 1
    unit_group: str = ""
    indicator: str = ""
    indicators: Annotated[tuple[_Words, ...], Field(max_length=MOST_CARDS)] = ()
    part: Literal["top", "bottom", "both"] = "both"
    form: str = ""
    lead: str = ""

    @model_validator(mode="after")
    def _has_the_keys_of_its_kind(self) -> Self:
        needed = _NEEDED[self.panel]
        given = self.model_fields_set - _EVERYWHERE
        if missing := sorted(key for key in needed if not getattr(self, key)):
            raise ValueError(f"a panel {self.panel!r} needs {', '.join(missing)}")
        if foreign := sorted(given - needed - _ALLOWED.get(self.panel, frozenset())):
            raise ValueError(f"a panel {self.panel!r} has no {', '.join(foreign)}")
        return self


class Screen(_Definition):
    """A wall screen: its size and the farthest viewer settle the height of letters, `panels` what is shown.

    It asks for news every `refresh_seconds`. Its picture turns grey once the server has been silent for
    `old_after_minutes`, or has nothing built within `old_build_after_hours` (a build follows every new day).
    """

    screen: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    name_vi: _Words
    name_en: _Words
    province: str = ""
    language: Literal["vi", "en"] = "vi"
    diagonal_inches: Annotated[float, Field(ge=10, le=1000)] = 55
    viewing_metres: Annotated[float, Field(ge=0.5, le=100)] = 4
    refresh_seconds: Annotated[float, Field(ge=_Shortest, le=3600)] = 15
    old_after_minutes: Annotated[float, Field(gt=0, le=7 * 24 * 60)] = 10
    old_build_after_hours: Annotated[float, Field(gt=0, le=90 * 24)] = 36
    hours: Hours = "00:00-24:00"
    panels: Annotated[tuple[Panel, ...], Field(min_length=1, max_length=40)]


def minutes_of(hours: str) -> tuple[int, int]:
    """`22:00-06:30` → minutes of the day (1320, 390); an end before its start lies on the next day."""
    start, end = (60 * int(time[:2]) + int(time[3:]) for time in hours.split("-"))
    return start, end


def is_within(hours: str, at: datetime) -> bool:
    """Whether a moment lies in these hours of a Vietnamese day, the end not included."""
    local = at.astimezone(_VIETNAM)
    minute, (start, end) = 60 * local.hour + local.minute, minutes_of(hours)
    return start <= minute < end if start < end else minute >= start or minute < end
