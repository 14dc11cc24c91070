"""A folder of reference data → one checked `Reference`; every fault is gathered with its file and line."""

from __future__ import annotations

import csv
import difflib
import hashlib
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from etl.errors import WrongReference
from etl.findings import WORDING
from etl.model import TaskState
from etl.periods import cadence, period_dates
from etl.reference.definitions import (
    OLD_COMMUNE_KINDS,
    QUALITY_FAMILIES,
    SLIDE_PARTS,
    Band,
    Column,
    Expected,
    Form,
    Indicator,
    Labels,
    Measure,
    Meeting,
    OrgUnit,
    PlannedPoint,
    Slide,
    Succession,
    Target,
    Task,
    Tile,
    UnitKind,
)
from etl.reference.lookup import Reference
from etl.reference.screens import Panel, Screen
from etl.vietnamese import name_key

_TABLES: dict[str, tuple[str, ...]] = {
    "unit_kinds.csv": (
        "kind", "name_vi", "name_en", "unit_group", "group_name_vi", "group_name_en", "position", "is_ranked",
    ),
    "org_units.csv": (
        "code", "name", "kind", "parent", "reporting_line", "valid_from", "valid_to", "basis", "official_code",
        "short_name",
    ),
    "aliases.csv": ("alias", "org_unit"),
    "succession.csv": ("old_org_unit", "old_name", "old_kind", "old_district", "new_org_unit", "share_kind"),
    "tiles.csv": ("province", "org_unit", "col", "row"),
    "targets.csv": ("indicator", "scope", "year", "value", "source_document"),
    "tasks.csv": (
        "assigned_in", "task", "title", "lead", "coordinating", "due_on", "due_precision", "programme",
    ),
    "meetings.csv": ("meeting", "name_vi", "name_en", "held_on", "known_at"),
    "holidays.csv": ("day", "name", "source"),
    "quality.csv": ("code", "family"),
    "bands.csv": ("indicator", "attention", "behind", "far_behind", "least_denominator", "source_document"),
    "slides.csv": ("slide", "kind", "unit_group", "indicator", "part"),
    "planned_path.csv": ("indicator", "scope", "quarter", "value", "source_document"),
}  # fmt: skip
_DEFINITIONS = ("forms/*.toml", "indicators/*.toml", "screens/*.toml")
_OPTIONAL = frozenset({"holidays.csv", "quality.csv", "bands.csv", "planned_path.csv", "slides.csv"})
_EVERY = "*"  # of bands.csv: every indicator without a line of its own
_LINK_WORD = re.compile(r"[a-z0-9-]+")
_QUARTER = re.compile(r"\d{4}-Q[1-4]")
_COLUMN_KEYS = {
    "indicator_rows": frozenset(
        ("number", "indicator", "indicator_name", "measure_unit", "numerator", "denominator", "percentage", "note")
    ),
    "task_rows": frozenset(
        (
            "number", "task", "title", "assigned_in", "lead", "coordinating", "due", "state", "completed_on",
            "progress", "result", "obstacle", "proposal",
        )
    ),
    "unit_rows": frozenset(("number", "org_unit", "official_code")),
}  # fmt: skip
_PRECISIONS = ("day", "month", "quarter", "half", "year", "recurring", "none")
_STATES = frozenset(
    [*TaskState, *(f"{state}_{time}" for state in TaskState for time in ("dung_han", "qua_han", "khong_han"))]
)
_TOML_KEYS = frozenset(
    (field.alias or name)
    for model in (Indicator, Form, Column, Measure, Labels, Expected, Screen, Panel)
    for name, field in model.model_fields.items()
)
Definition = TypeVar("Definition", bound=BaseModel)
Value = TypeVar("Value")
_Place = tuple[str | int, ...]


def load_reference(directory: Path) -> Reference:
    """Reads and cross-checks a folder of reference data.

    Raises `WrongReference` listing every fault, each as `file:line: what`.
    """
    files = _files(directory)
    loading = _Loading(files)
    reference = loading.reference(_hash(files))
    if loading.faults:
        faults = sorted(set(loading.faults))
        raise WrongReference(
            "\n".join(f"{directory / fault.file}:{fault.line}: {fault.what}" for fault in faults),
            f"{len(faults)} fault(s) in the reference data; nothing was loaded. Mend the lines named and start again.",
        )
    return reference


def marks(directory: Path) -> frozenset[tuple[str, int, int]]:
    """Name, moment of change and size of every file of reference data: other marks mean that one was edited."""
    looks = ((path, path.stat()) for path in _paths(directory))
    return frozenset((str(path), look.st_mtime_ns, look.st_size) for path, look in looks)


def _paths(directory: Path) -> list[Path]:
    return sorted(path for pattern in ("*.csv", *_DEFINITIONS) for path in directory.glob(pattern))


def _files(directory: Path) -> dict[str, bytes]:
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in _paths(directory)}


def _hash(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode())
        digest.update(files[name])
    return digest.hexdigest()


@dataclass(frozen=True, slots=True, order=True)
class _Fault:
    file: str
    line: int
    what: str


class _Row:
    """One line of a table; a value that cannot be read is a fault and comes back as None or 0."""

    __slots__ = ("_faults", "_values", "file", "line")

    def __init__(self, file: str, line: int, values: dict[str, str], faults: list[_Fault]) -> None:
        self.file, self.line, self._values, self._faults = file, line, values, faults

    def __getitem__(self, key: str) -> str:
        return self._values[key]

    def fault(self, what: str) -> None:
        self._faults.append(_Fault(self.file, self.line, what))

    def needed(self, key: str) -> str:
        if not self._values[key]:
            self.fault(f"{key} is empty")
        return self._values[key]

    def one_of(self, key: str, allowed: Collection[str], what: str) -> str:
        value = self._values[key]
        if value not in allowed:
            self.fault(f"unknown {what} {value!r} in {key}{_did_you_mean(value, allowed)}")
        return value

    def day(self, key: str) -> date | None:
        if not self._values[key]:
            return None
        return self._read(key, date.fromisoformat, "a date like 2026-03-19")

    def moment(self, key: str) -> datetime | None:
        moment = self._read(key, datetime.fromisoformat, "a time like 2026-03-18T17:00:00+07:00")
        if moment and moment.tzinfo is None:
            self.fault(f"{key} {self._values[key]!r} lacks its offset, e.g. +07:00")
        return moment

    def integer(self, key: str) -> int:
        return self._read(key, int, "a whole number") or 0

    def number(self, key: str) -> float:
        return self._read(key, float, "a number with a decimal point, like 614.025") or 0.0

    def flag(self, key: str) -> bool:
        return self.one_of(key, ("0", "1"), "value") == "1"

    def _read(self, key: str, read: Callable[[str], Value], what: str) -> Value | None:
        try:
            return read(self._values[key])
        except ValueError:
            self.fault(f"{key} {self._values[key]!r} is not {what}")
            return None


class _Loading:
    """The tables and definitions of one folder, in the order in which they refer to each other."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        self.faults: list[_Fault] = []
        self.texts: dict[str, str] = {}

    def reference(self, digest: str) -> Reference:
        self.kinds = self._unit_kinds()
        self.units = self._org_units()
        self.provinces = self._provinces()
        successions = self._successions()
        tiles = self._tiles()
        indicators = self._indicators()
        forms = self._forms(indicators)
        targets = self._targets(indicators)
        return Reference(
            hash=digest,
            org_units=self.units,
            unit_kinds=self.kinds,
            indicators=indicators,
            forms=forms,
            targets=targets,
            tasks=self._tasks(),
            successions=successions,
            meetings=self._meetings(),
            tiles=tiles,
            holidays=self._holidays(),
            names=self._names(),
            quality=self._quality(),
            screens=self._screens(indicators, forms),
            bands=self._bands(indicators),
            planned_path=self._planned_path(indicators, targets),
            slides=self._slides(indicators),
        )

    # reading

    def _fault(self, file: str, line: int, what: str) -> None:
        self.faults.append(_Fault(file, line, what))

    def _text(self, file: str) -> str | None:
        if file not in self.files:
            if file not in _OPTIONAL:
                self._fault(file, 1, "the file is missing")
            return None
        data = self.files[file]
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as wrong:
            self._fault(file, data.count(b"\n", 0, wrong.start) + 1, "the text is not UTF-8")
            return None

    def _rows(self, file: str) -> Iterator[_Row]:
        text = self._text(file)
        if text is None:
            return
        lines = csv.reader(text.splitlines(keepends=True), strict=True)
        columns = _TABLES[file]
        header: list[str] | None = None
        line = 0
        try:
            for values in lines:
                first_line, line = line + 1, lines.line_num
                if header is None:
                    header = values
                    if not self._is_header(file, header, columns):
                        return
                elif len(values) != len(header):
                    if values:
                        self._fault(file, first_line, f"{len(values)} values instead of {len(header)}")
                else:
                    row = dict(zip(header, (value.strip() for value in values), strict=True))
                    yield _Row(file, first_line, row, self.faults)
        except csv.Error as wrong:
            self._fault(file, lines.line_num, f"the line cannot be read: {wrong}")

    def _is_header(self, file: str, header: list[str], columns: tuple[str, ...]) -> bool:
        for name in header:
            if name not in columns:
                self._fault(file, 1, f"unknown column {name!r}{_did_you_mean(name, columns)}")
        for name in columns:
            if name not in header:
                self._fault(file, 1, f"column {name!r} is missing")
        if len(set(header)) < len(header):
            self._fault(file, 1, "a column stands twice")
        return sorted(header) == sorted(columns)

    def _once(self, row: _Row, seen: dict[Any, int], key: Any, shown: str) -> bool:
        if key in seen:
            row.fault(f"{shown} stands in line {seen[key]} already")
            return False
        seen[key] = row.line
        return True

    # tables

    def _unit_kinds(self) -> dict[str, UnitKind]:
        kinds: dict[str, UnitKind] = {}
        groups: dict[str, tuple[str, str]] = {}
        seen: dict[str, int] = {}
        for row in self._rows("unit_kinds.csv"):
            kind, group = row.needed("kind"), row.needed("unit_group")
            names = (row.needed("group_name_vi"), row.needed("group_name_en"))
            if groups.setdefault(group, names) != names:
                row.fault(f"group {group!r} bears other names in an earlier line")
            if self._once(row, seen, kind, f"kind {kind!r}"):
                kinds[kind] = UnitKind(
                    kind=kind,
                    name_vi=row.needed("name_vi"),
                    name_en=row.needed("name_en"),
                    unit_group=group,
                    group_name_vi=names[0],
                    group_name_en=names[1],
                    position=row.integer("position"),
                    is_ranked=row.flag("is_ranked"),
                )
        return kinds

    def _org_units(self) -> dict[str, OrgUnit]:
        units: dict[str, OrgUnit] = {}
        rows: dict[str, _Row] = {}
        seen: dict[str, int] = {}
        for row in self._rows("org_units.csv"):
            code = row.needed("code")
            row.one_of("kind", self.kinds, "kind")
            row.one_of("reporting_line", ("", "ubnd", "vptu"), "reporting line")
            valid_from, valid_to = row.day("valid_from"), row.day("valid_to")
            if valid_from and valid_to and valid_from > valid_to:
                row.fault(f"valid_from {valid_from} lies after valid_to {valid_to}")
            if self._once(row, seen, code, f"unit {code!r}"):
                rows[code] = row
                units[code] = OrgUnit(
                    code=code,
                    name=row.needed("name"),
                    kind=row["kind"],
                    parent=row["parent"],
                    reporting_line=row["reporting_line"],
                    valid_from=valid_from,
                    valid_to=valid_to,
                    basis=row["basis"],
                    official_code=row["official_code"],
                    short_name=row["short_name"] or row["name"],
                )
        for code, unit in units.items():
            if unit.parent:
                rows[code].one_of("parent", units, "unit")
        self._break_cycles(units, rows)
        return units

    def _break_cycles(self, units: dict[str, OrgUnit], rows: Mapping[str, _Row]) -> None:
        """Names each unit that stands under itself, and lifts it out so that the other checks can go on."""
        sound: set[str] = {""}
        for code in list(units):
            path: dict[str, None] = {}
            above = code
            while above in units and above not in sound and above not in path:
                path[above] = None
                above = units[above].parent
            if above in path:
                circle = list(path)[list(path).index(above) :]
                rows[above].fault(f"unit stands under itself: {' → '.join([*circle, above])}")
                del units[above]
            sound.update(path)

    def _provinces(self) -> dict[str, str]:
        """Unit → its province, "" for the country and where a parent is missing."""
        provinces: dict[str, str] = {}
        for code in self.units:
            above = code
            while above in self.units and self.units[above].kind != "province":
                above = self.units[above].parent
            provinces[code] = above if above in self.units else ""
        return provinces

    def _names(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """(province, name key) → units of that name; two at once is a fault, one after the other is not."""
        names: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        for code, unit in self.units.items():
            if unit.kind not in OLD_COMMUNE_KINDS:
                names[self._name_scope(code), name_key(unit.name)][code] = None
        for row in self._rows("aliases.csv"):
            alias, code = row.needed("alias"), row["org_unit"]
            if code not in self.units:
                row.one_of("org_unit", self.units, "unit")
                continue
            units = names[self._name_scope(code), name_key(alias)]
            for other in units:
                if other != code and self._exist_together(other, code):
                    row.fault(f"alias {alias!r} points at {code!r}, but {other!r} bears that name already")
            units[code] = None
        return {key: tuple(codes) for key, codes in names.items()}

    def _name_scope(self, code: str) -> str:
        """Names count inside a province; the country's and the provinces' own count everywhere."""
        return self.provinces[code]

    def _exist_together(self, one: str, other: str) -> bool:
        first, second = self.units[one], self.units[other]
        starts = max(first.valid_from or date.min, second.valid_from or date.min)
        return starts <= min(first.valid_to or date.max, second.valid_to or date.max)

    def _successions(self) -> tuple[Succession, ...]:
        successions = []
        seen: dict[tuple[str, str], int] = {}
        shares: dict[str, list[tuple[_Row, str]]] = defaultdict(list)
        for row in self._rows("succession.csv"):
            old = row.one_of("old_org_unit", self.units, "unit")
            new = row.one_of("new_org_unit", self.units, "unit")
            share = row.one_of("share_kind", ("whole", "part"), "share")
            if old in self.units and self.units[old].name != row["old_name"]:
                row.fault(f"unit {old!r} is called {self.units[old].name!r}, not {row['old_name']!r}")
            if old in self.units and self.units[old].valid_to is None:
                row.fault(f"unit {old!r} has a successor but no valid_to")
            shares[old].append((row, share))
            if self._once(row, seen, (old, new), f"{old!r} → {new!r}") and old in self.units and new in self.units:
                successions.append(Succession(old, row["old_name"], row["old_kind"], row["old_district"], new, share))
        for old, steps in shares.items():
            if len(steps) > 1 and any(share == "whole" for _, share in steps):
                steps[-1][0].fault(f"unit {old!r} cannot go whole into one unit and also into another")
        return tuple(successions)

    def _tiles(self) -> tuple[Tile, ...]:
        tiles = []
        units: dict[str, int] = {}
        places: dict[tuple[str, int, int], int] = {}
        for row in self._rows("tiles.csv"):
            unit, province = row.one_of("org_unit", self.units, "unit"), row["province"]
            if unit in self.units and self.provinces[unit] != province:
                row.fault(f"unit {unit!r} lies in province {self.provinces[unit]!r}, not {province!r}")
            place = (province, row.integer("col"), row.integer("row"))
            is_new = self._once(row, units, unit, f"unit {unit!r}")
            if self._once(row, places, place, f"column {place[1]}, row {place[2]} of {province!r}") and is_new:
                tiles.append(Tile(province, unit, place[1], place[2]))
        return tuple(tiles)

    def _targets(self, indicators: Mapping[str, Indicator]) -> tuple[Target, ...]:
        scopes = {"", *self.units, *self.kinds, *(kind.unit_group for kind in self.kinds.values())}
        targets = []
        seen: dict[tuple[str, str, int], int] = {}
        for row in self._rows("targets.csv"):
            indicator = row.one_of("indicator", indicators, "indicator")
            scope = row.one_of("scope", scopes, "scope")
            year, value = row.integer("year"), row.number("value")
            if year and not 2000 <= year <= 2100:
                row.fault(f"year {year} lies outside 2000–2100 (0 = no year named)")
            if self._once(row, seen, (indicator, scope, year), f"the target of {indicator} for {year}"):
                targets.append(Target(indicator, scope, year, value, row.needed("source_document")))
        return tuple(targets)

    def _tasks(self) -> dict[tuple[str, str], Task]:
        tasks: dict[tuple[str, str], Task] = {}
        seen: dict[tuple[str, str], int] = {}
        for row in self._rows("tasks.csv"):
            key = (row.needed("assigned_in"), row.needed("task"))
            lead = row.one_of("lead", self.units, "unit")
            coordinating = tuple(code.strip() for code in row["coordinating"].split(";") if code.strip())
            for code in coordinating:
                if code not in self.units:
                    row.fault(f"unknown unit {code!r} in coordinating{_did_you_mean(code, self.units)}")
            precision = row.one_of("due_precision", _PRECISIONS, "precision")
            due_on = row.day("due_on")
            if (due_on is None) != (precision in ("recurring", "none")):
                row.fault(f"due_on {row['due_on']!r} does not go with due_precision {precision!r}")
            if self._once(row, seen, key, f"task {key[1]!r} of {key[0]!r}"):
                tasks[key] = Task(*key, row.needed("title"), lead, coordinating, due_on, precision, row["programme"])
        return tasks

    def _meetings(self) -> tuple[Meeting, ...]:
        meetings = []
        seen: dict[str, int] = {}
        for row in self._rows("meetings.csv"):
            meeting, held_on, known_at = row.needed("meeting"), row.day("held_on"), row.moment("known_at")
            if held_on is None and not row["held_on"]:
                row.fault("held_on is empty")
            if self._once(row, seen, meeting, f"meeting {meeting!r}") and held_on and known_at:
                meetings.append(Meeting(meeting, row.needed("name_vi"), row.needed("name_en"), held_on, known_at))
        return tuple(meetings)

    def _holidays(self) -> frozenset[date]:
        days = (row.day("day") for row in self._rows("holidays.csv"))
        return frozenset(day for day in days if day)

    def _quality(self) -> dict[str, str]:
        families: dict[str, str] = {}
        seen: dict[str, int] = {}
        for row in self._rows("quality.csv"):
            code = row.one_of("code", WORDING, "finding")
            family = row.one_of("family", QUALITY_FAMILIES, "family")
            if self._once(row, seen, code, f"finding {code!r}"):
                families[code] = family
        return families

    def _bands(self, indicators: Mapping[str, Indicator]) -> dict[str, Band]:
        """The classes of every indicator: its own line, else that of `*`, else the usual ones."""
        found: dict[str, Band] = {}
        seen: dict[str, int] = {}
        for row in self._rows("bands.csv"):
            indicator = row.one_of("indicator", (_EVERY, *indicators), "indicator")
            band = Band(*(row.number(key) for key in ("attention", "behind", "far_behind", "least_denominator")))
            if not 0 <= band.attention < band.behind < band.far_behind:
                row.fault("attention, behind and far_behind do not rise from 0")
            if band.least_denominator < 0:
                row.fault(f"least_denominator {band.least_denominator:g} is negative")
            row.needed("source_document")
            if self._once(row, seen, indicator, f"the band of {indicator}"):
                found[indicator] = band
        usual = found.get(_EVERY, Band())
        return {indicator: found.get(indicator, usual) for indicator in indicators}

    def _planned_path(self, indicators: Mapping[str, Indicator], targets: Iterable[Target]) -> tuple[PlannedPoint, ...]:
        scopes = {"", *self.units, *self.kinds, *(kind.unit_group for kind in self.kinds.values())}
        last_year: dict[tuple[str, str], int] = {}
        for target in targets:
            key = (target.indicator, target.scope)
            last_year[key] = max(target.year, last_year.get(key, 0))
        points = []
        seen: dict[tuple[str, str, str], int] = {}
        for row in self._rows("planned_path.csv"):
            indicator = row.one_of("indicator", indicators, "indicator")
            scope = row.one_of("scope", scopes, "scope")
            quarter, value = row["quarter"], row.number("value") if row["value"] else None
            if not _QUARTER.fullmatch(quarter):
                row.fault(f"quarter {quarter!r} is not a quarter like 2026-Q1")
            elif last_year.get((indicator, scope), last_year.get((indicator, ""), 0)) < int(quarter[:4]):
                row.fault(
                    f"{indicator} has no target for {scope or 'all'} in {quarter[:4]} or later: the path ends nowhere"
                )
            if value is None and indicator in indicators and indicators[indicator].kind != "ratio":
                row.fault("value is empty, but only of a ratio is known what units had reached together")
            if self._once(row, seen, (indicator, scope, quarter), f"the path of {indicator} in {quarter}"):
                points.append(PlannedPoint(indicator, scope, quarter, value, row.needed("source_document")))
        return tuple(points)

    def _slides(self, indicators: Mapping[str, Indicator]) -> tuple[Slide, ...]:
        groups = {"", *(kind.unit_group for kind in self.kinds.values())}
        slides = []
        seen: dict[str, int] = {}
        for row in self._rows("slides.csv"):
            slide = row.needed("slide")
            if not _LINK_WORD.fullmatch(slide):
                row.fault(f"slide {slide!r} stands in links: only a-z, 0-9 and -")
            kind = row.one_of("kind", SLIDE_PARTS, "kind")
            part = row.one_of("part", SLIDE_PARTS.get(kind, (row["part"],)), "part")
            group = row.one_of("unit_group", groups, "unit group")
            indicator = row.one_of("indicator", ("", *indicators), "indicator")
            if self._once(row, seen, slide, f"slide {slide!r}"):
                slides.append(Slide(slide, kind, group, indicator, part))
        return tuple(slides)

    # definitions

    def _indicators(self) -> dict[str, Indicator]:
        found: dict[str, Indicator] = {}
        names: dict[str, str] = {}
        for file, indicator in self._definitions("indicators", Indicator):
            self._named_after(file, indicator.indicator, "indicator")
            other = names.setdefault(name_key(indicator.name_vi), indicator.indicator)
            if other != indicator.indicator:
                self._fault(file, _line_of(self.texts[file], ("name_vi",)), f"{other} bears the same name")
            if indicator.indicator in found:
                self._fault(file, 1, f"indicator {indicator.indicator!r} is defined in another file already")
            found[indicator.indicator] = indicator
        return dict(sorted(found.items(), key=lambda item: (item[1].position, item[0])))

    def _forms(self, indicators: Mapping[str, Indicator]) -> dict[str, Form]:
        forms: dict[str, Form] = {}
        codes: dict[str, str] = {}
        for file, form in self._definitions("forms", Form):
            self._named_after(file, form.form, "form")
            if form.form in forms:
                self._fault(file, 1, f"form {form.form!r} is defined in another file already")
            if codes.setdefault(form.code, file) != file:
                self._fault(file, _line_of(self.texts[file], ("code",)), f"{codes[form.code]} has code {form.code!r}")
            for location, what in _faults_of_form(form, indicators, self.units, self.kinds):
                self._fault(file, _line_of(self.texts[file], location), what)
            forms[form.form] = form
        return dict(sorted(forms.items(), key=lambda item: (item[1].code, item[0])))

    def _screens(self, indicators: Mapping[str, Indicator], forms: Mapping[str, Form]) -> dict[str, Screen]:
        screens: dict[str, Screen] = {}
        for file, screen in self._definitions("screens", Screen, needed=False):
            self._named_after(file, screen.screen, "screen")
            provinces = {"", *(code for code, unit in self.units.items() if unit.kind == "province")}
            if screen.province not in provinces:
                meant = _did_you_mean(screen.province, provinces)
                place = _line_of(self.texts[file], ("province",))
                self._fault(file, place, f"unknown province {screen.province!r} in province{meant}")
            for location, what in _faults_of_panels(screen, indicators, forms, self.units, self.kinds):
                self._fault(file, _line_of(self.texts[file], location), what)
            screens[screen.screen] = screen
        return screens

    def _named_after(self, file: str, name: str, key: str) -> None:
        if Path(file).stem != name:
            self._fault(file, _line_of(self.texts[file], (key,)), f"{key} {name!r} does not bear the name of its file")

    def _definitions(
        self, folder: str, model: type[Definition], *, needed: bool = True
    ) -> Iterator[tuple[str, Definition]]:
        names = [name for name in sorted(self.files) if name.startswith(f"{folder}/")]
        if not names and needed:
            self._fault(folder, 1, "the folder holds no definition")
        for file in names:
            text = self._text(file)
            if text is None:
                continue
            self.texts[file] = text
            try:
                yield file, model.model_validate(tomllib.loads(text))
            except tomllib.TOMLDecodeError as wrong:
                place = re.search(r"line (\d+)", str(wrong))
                self._fault(file, int(place[1]) if place else text.count("\n") + 1, f"not valid TOML: {wrong}")
            except ValidationError as wrong:
                for error in wrong.errors():
                    location = error["loc"]
                    self._fault(file, _line_of(text, location), _wording(error["type"], location, error["msg"]))


def _faults_of_form(
    form: Form, indicators: Mapping[str, Indicator], units: Mapping[str, OrgUnit], kinds: Mapping[str, UnitKind]
) -> Iterator[tuple[_Place, str]]:
    """What is wrong about a form beyond its own shape, each with its place in the file."""
    keys = _COLUMN_KEYS[form.shape]
    for number, column in enumerate(form.columns):
        if column.key not in keys:
            meant = _did_you_mean(column.key, keys)
            yield ("columns", number, "key"), f"unknown column {column.key!r} for shape {form.shape!r}{meant}"
        if (column.role == "choice") != bool(column.choices):
            yield ("columns", number, "role"), "role 'choice' and choices stand together"
    yield from _told_apart("columns", [(column.key, column.wordings) for column in form.columns])
    yield from _told_apart("measures", [(measure.key, measure.wordings) for measure in form.measures])
    if bool(form.measures) != (form.shape == "unit_rows"):
        yield ("shape",), "measures stand in a form of shape 'unit_rows', and only there"
    for state in form.states:
        if state not in _STATES:
            yield ("states", state), f"unknown state {state!r}{_did_you_mean(state, _STATES)}"
    for code in form.lead_indicators:
        if code not in indicators:
            yield ("lead_indicators",), f"unknown indicator {code!r}{_did_you_mean(code, indicators)}"
    if form.first_period and not _is_period(form.first_period):
        yield ("first_period",), f"{form.first_period!r} is not a period like 2026-Q1"
    yield from _faults_of_duties(form, indicators, units, kinds)


def _faults_of_duties(
    form: Form, indicators: Mapping[str, Indicator], units: Mapping[str, OrgUnit], kinds: Mapping[str, UnitKind]
) -> Iterator[tuple[_Place, str]]:
    rules: dict[str, tuple[int | None, int | None, int]] = {}
    for number, rule in enumerate(form.expected):
        if rules.setdefault(rule.cadence, rule.due_rule) != rule.due_rule:
            yield ("expected", number, "due_working_days"), f"another due day stands for {rule.cadence} already"
        for sender in rule.senders:
            if sender not in units and sender not in kinds:
                meant = _did_you_mean(sender, [*kinds, *units])
                yield ("expected", number, "from"), f"unknown unit or kind {sender!r}{meant}"
        for code in rule.indicators:
            if code not in indicators:
                yield ("expected", number, "indicators"), f"unknown indicator {code!r}{_did_you_mean(code, indicators)}"


def _faults_of_panels(
    screen: Screen,
    indicators: Mapping[str, Indicator],
    forms: Mapping[str, Form],
    units: Mapping[str, OrgUnit],
    kinds: Mapping[str, UnitKind],
) -> Iterator[tuple[_Place, str]]:
    """What a screen's panels name that there is not, each with its place in the file."""
    groups = {kind.unit_group for kind in kinds.values()}
    for number, panel in enumerate(screen.panels):
        named: tuple[tuple[str, tuple[str, ...], Collection[str], str], ...] = (
            ("unit_group", (panel.unit_group,), groups, "unit group"),
            ("indicator", (panel.indicator,), indicators, "indicator"),
            ("indicators", panel.indicators, indicators, "indicator"),
            ("form", (panel.form,), forms, "form"),
            ("lead", (panel.lead,), units, "unit"),
        )
        for key, codes, known, what in named:
            for code in codes:
                if code and code not in known:
                    yield ("panels", number, key), f"unknown {what} {code!r} in {key}{_did_you_mean(code, known)}"
        if panel.period and not (_is_period(panel.period) and cadence(panel.period) == "quarterly"):
            yield ("panels", number, "period"), f"{panel.period!r} is not a quarter like 2026-Q1"


def _told_apart(table: str, named: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[tuple[_Place, str]]:
    keys: dict[str, int] = {}
    wordings: dict[str, str] = {}
    for number, (key, texts) in enumerate(named):
        if keys.setdefault(key, number) != number:
            yield (table, number, "key"), f"key {key!r} stands twice"
        for text in texts:
            other = wordings.setdefault(name_key(text), key)
            if other != key:
                yield (table, number, "also"), f"wording {text!r} stands for {other!r} already"


def _is_period(text: str) -> bool:
    try:
        period_dates(text)
    except ValueError:
        return False
    return True


def _wording(kind: str, location: _Place, message: str) -> str:
    key = next((part for part in reversed(location) if isinstance(part, str)), "")
    if kind == "extra_forbidden":
        return f"unknown key {key!r}{_did_you_mean(key, _TOML_KEYS)}"
    if kind == "missing":
        return f"key {key!r} is missing"
    message = message.removeprefix("Value error, ")
    return f"{key}: {message}" if key else message


def _line_of(text: str, location: _Place) -> int:
    """The line of a TOML text where a key stands; of its table's header if the key is not there."""
    lines = text.splitlines()
    start = 0
    path = list(location)
    while len(path) > 1 and isinstance(path[0], str):
        number = path[1] if isinstance(path[1], int) else 0
        header = f"[[{path[0]}]]" if isinstance(path[1], int) else f"[{path[0]}]"
        places = [index for index, line in enumerate(lines, 1) if line.strip() == header]
        if number >= len(places):
            break
        start, path = places[number], path[2:] if isinstance(path[1], int) else path[1:]
    if path and isinstance(path[0], str):
        key = re.compile(rf"""\s*["']?{re.escape(path[0])}["']?\s*=""")
        for index in range(start, len(lines)):
            if lines[index].startswith("["):
                break
            if key.match(lines[index]):
                return index + 1
    return max(start, 1)


def _did_you_mean(value: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(value, sorted(known), n=1, cutoff=0.6) if value else []
    return f" (did you mean {close[0]!r}?)" if close else ""
