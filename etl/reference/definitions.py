"""What reference data is made of: units, indicators, forms, targets, tasks; checked each in itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Cadence = Literal["weekly", "monthly", "quarterly"]
CADENCES: tuple[Cadence, ...] = ("weekly", "monthly", "quarterly")  # from fine to coarse

# correct, complete, clean, alive, consistent, shared
QUALITY_FAMILIES = ("dung", "du", "sach", "song", "thong_nhat", "dung_chung")

OLD_COMMUNE_KINDS = frozenset({"old_xa", "old_phuong", "old_thi_tran"})


@dataclass(frozen=True, slots=True)
class OrgUnit:
    """A unit of the tree, valid from one day until another (None = open)."""

    code: str
    name: str
    kind: str
    parent: str
    reporting_line: str
    valid_from: date | None
    valid_to: date | None
    basis: str
    official_code: str
    short_name: str

    def is_valid(self, on: date | None) -> bool:
        """Whether the unit exists on that day; None asks for units without an end."""
        if on is None:
            return self.valid_to is None
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class UnitKind:
    """A kind of unit and the group within which its units are ranked and added up."""

    kind: str
    name_vi: str
    name_en: str
    unit_group: str
    group_name_vi: str
    group_name_en: str
    position: int
    is_ranked: bool


@dataclass(frozen=True, slots=True)
class Succession:
    """An old commune and the one it went into, whole or in part."""

    old_org_unit: str
    old_name: str
    old_kind: str
    old_district: str
    new_org_unit: str
    share_kind: str


@dataclass(frozen=True, slots=True)
class Tile:
    """The square of a commune on the tile map; column 0 is west, row 0 is north."""

    province: str
    org_unit: str
    col: int
    row: int


@dataclass(frozen=True, slots=True)
class Target:
    """What an indicator should be; scope is "" (all), a unit code, a kind or a unit group; year 0 = no year named."""

    indicator: str
    scope: str
    year: int
    value: float
    source_document: str


@dataclass(frozen=True, slots=True)
class Band:
    """How far short of its target a figure may fall in each class: points of per cent, else hundredths of the target.

    Short by up to `attention` it asks for attention, by more it is behind, beyond `behind` and `far_behind` in darker
    classes. Of a smaller denominator than `least_denominator` a ratio says little.
    """

    attention: float = 10
    behind: float = 25
    far_behind: float = 50
    least_denominator: float = 10


@dataclass(frozen=True, slots=True)
class PlannedPoint:
    """What was planned for the end of a quarter, scope as of a target; None = what had been reached by then.

    Between points, and from the last one to the targets of later years, the path is straight.
    """

    indicator: str
    scope: str
    period: str
    value: float | None
    source_document: str


@dataclass(frozen=True, slots=True)
class Task:
    """An assigned piece of work; a recurring one has no due day."""

    assigned_in: str
    task: str
    title: str
    lead: str
    coordinating: tuple[str, ...]
    due_on: date | None
    due_precision: str
    programme: str


@dataclass(frozen=True, slots=True)
class Meeting:
    """A review meeting; `known_at` is until when what had been received counts for its papers."""

    meeting: str
    name_vi: str
    name_en: str
    held_on: date
    known_at: datetime


# What a slide may show, and the parts of it; "" where there is but one.
SLIDE_PARTS: Mapping[str, tuple[str, ...]] = {
    "bullets": ("",),
    "ranking": ("top", "bottom", "near"),
    "map": ("target", "median"),
    "movers": ("",),
    "strip": ("",),
    "multiples": ("",),
    "tasks": ("all", "leads"),
    "missing": ("",),
}


@dataclass(frozen=True, slots=True)
class Slide:
    """One message of a meeting; an empty unit group or indicator is the one that is being looked at."""

    slide: str
    kind: str
    unit_group: str
    indicator: str
    part: str


class _Definition(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


_Words = Annotated[str, Field(min_length=1)]
_Wordings = Annotated[tuple[_Words, ...], Field(min_length=1)]


class Indicator(_Definition):
    """A named measure: factor × numerator / denominator, or a count, quantity or score in its numerator."""

    indicator: Annotated[str, Field(pattern=r"^[A-Z]{2,4}\d{2,3}$")]
    name_vi: _Words
    name_en: _Words
    topic: _Words
    position: int
    numerator: _Words
    denominator: str = ""
    measure_unit: _Words
    kind: Literal["ratio", "count", "quantity", "score"]
    factor: Annotated[float, Field(gt=0)]
    decimals: Annotated[int, Field(ge=0, le=6)]
    direction: Literal["higher", "lower"]
    value_type: Literal["in_period", "cumulative", "snapshot"]
    total_varies: bool = False  # the denominator may change from one period to the next without a word
    cadence: Cadence
    reporter: Literal["department", "commune", "both", "lead"]  # lead: only in the forms that name it
    source_document: _Words
    basis: Literal["source", "partial", "inference"]
    example: str = ""
    note: str = ""

    @property
    def code(self) -> str:
        return self.indicator

    @model_validator(mode="after")
    def _a_ratio_has_two_parts(self) -> Self:
        if self.kind == "ratio" and not self.denominator:
            raise ValueError("a ratio needs a denominator")
        return self


class Column(_Definition):
    """A column of a form: its key, the header the template writes, and every other wording that is recognised."""

    key: _Words
    header: _Words
    also: tuple[_Words, ...] = ()
    required: bool = False
    width: Annotated[float, Field(gt=0, le=200)] = 12
    role: Literal["number", "text", "date", "choice"] = "text"
    locked: bool = False
    choices: tuple[_Words, ...] = ()
    in_template: bool = True

    @property
    def wordings(self) -> tuple[str, ...]:
        return (self.header, *self.also)


class Measure(_Definition):
    """A sub-column under each indicator of a form whose rows are units."""

    key: Literal["numerator", "denominator", "percentage", "value"]
    header: _Words
    also: tuple[_Words, ...] = ()

    @property
    def wordings(self) -> tuple[str, ...]:
        return (self.header, *self.also)


class Labels(_Definition):
    """Every wording of the label cells above the table."""

    org_unit: _Wordings
    period: _Wordings
    as_of: _Wordings


class Expected(_Definition):
    """Who must send a form how often; `senders` (key `from`) are unit kinds or unit codes.

    Figures are cut off on `cut_off_day` of the period's last month, in a week on `weekday` (1 = Monday), and are due
    `due_working_days` later.
    """

    cadence: Cadence
    senders: Annotated[tuple[_Words, ...], Field(alias="from", min_length=1)]
    indicators: tuple[_Words, ...] = ()
    cut_off_day: Annotated[int, Field(ge=1, le=28)] | None = None
    weekday: Annotated[int, Field(ge=1, le=7)] | None = None
    due_working_days: Annotated[int, Field(ge=0, le=60)]

    @property
    def due_rule(self) -> tuple[int | None, int | None, int]:
        return self.cut_off_day, self.weekday, self.due_working_days

    @model_validator(mode="after")
    def _has_a_cut_off(self) -> Self:
        if (self.weekday is None) == (self.cadence == "weekly"):
            raise ValueError("weekday stands with cadence weekly, and only there")
        if (self.cut_off_day is None) == (self.cadence != "weekly"):
            raise ValueError("cut_off_day stands with every cadence but weekly")
        return self


class Form(_Definition):
    """A workbook layout: what its readers recognise and its template writes."""

    form: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    code: _Words
    name_vi: _Words
    name_en: _Words
    shape: Literal["indicator_rows", "task_rows", "unit_rows"]
    sheet: Annotated[str, Field(min_length=1, max_length=31)]
    rank: Annotated[int, Field(ge=1)]
    lead_indicators: tuple[_Words, ...] = ()
    titles: _Wordings
    first_period: str = ""
    labels: Labels
    states: dict[str, _Wordings] = {}
    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    measures: tuple[Measure, ...] = ()
    expected: tuple[Expected, ...] = ()

    @cached_property
    def column(self) -> Mapping[str, Column]:
        return {column.key: column for column in self.columns}
