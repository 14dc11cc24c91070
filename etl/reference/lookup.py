"""All reference data of an installation as one object, asked for units, names and duties."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from etl.periods import cadence as cadence_of
from etl.periods import due_day, period_dates
from etl.reference.definitions import (
    CADENCES,
    OLD_COMMUNE_KINDS,
    Band,
    Form,
    Indicator,
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
from etl.reference.screens import Screen
from etl.vietnamese import clean, name_key, plain_key


@dataclass(frozen=True, slots=True)
class UnitMatch:
    """What a name stands for: a unit valid on the day asked for, or an abolished one with its successors, or nothing.

    `nearest` holds names for a human to choose from; nothing is ever taken from it.
    """

    org_unit: str | None = None
    abolished: OrgUnit | None = None
    successors: tuple[OrgUnit, ...] = ()
    suggest: Callable[[], tuple[str, ...]] = field(default=tuple, compare=False, repr=False)

    @property
    def nearest(self) -> tuple[str, ...]:
        return self.suggest()


_INDICATOR_CODE = re.compile(r"^\W*([A-Za-z]{2,4})[\s._-]*(\d{1,3})(?!\d)")
_DOCUMENT_NUMBER = re.compile(r"\d+\s*[-/]\s*[A-ZĐ]+(?:[-/][A-ZĐ0-9]+)*", re.IGNORECASE)
_OLD_TYPES = (
    ("ủy ban nhân dân ", ""),
    ("ubnd ", ""),
    ("x ", "xã "),
    ("p ", "phường "),
    ("tt ", "thị trấn "),
    ("h ", "huyện "),
    ("tx ", "thị xã "),
    ("tp ", "thành phố "),
)
_PARTS = re.compile(r"\s*[,;()\n]\s*|\s+[-–—]\s+|\s+(?=(?:huyện|thị xã|thành phố|tp\.?|tx\.?|h\.)\s)", re.IGNORECASE)


@dataclass(frozen=True)
class Reference:
    """All reference data of an installation, checked; `hash` changes with any byte of it."""

    hash: str
    org_units: Mapping[str, OrgUnit]
    unit_kinds: Mapping[str, UnitKind]
    indicators: Mapping[str, Indicator]
    forms: Mapping[str, Form]
    targets: tuple[Target, ...]
    tasks: Mapping[tuple[str, str], Task]
    successions: tuple[Succession, ...]
    meetings: tuple[Meeting, ...]
    tiles: tuple[Tile, ...]
    holidays: frozenset[date]
    names: Mapping[tuple[str, str], tuple[str, ...]] = field(repr=False)  # (province, name key) → units
    quality: Mapping[str, str] = field(default_factory=dict)  # finding code → family of data quality
    bands: Mapping[str, Band] = field(default_factory=dict)  # every indicator → its classes
    planned_path: tuple[PlannedPoint, ...] = ()
    slides: tuple[Slide, ...] = ()  # in the order of the meeting
    screens: Mapping[str, Screen] = field(default_factory=dict)

    # the tree

    def ancestors(self, org_unit: str) -> tuple[str, ...]:
        """The units above, nearest first."""
        above = []
        parent = self.org_units[org_unit].parent
        while parent:
            above.append(parent)
            parent = self.org_units[parent].parent
        return tuple(above)

    def units_below(self, org_unit: str) -> frozenset[str]:
        """The unit itself, those below it, and the old ones that went whole into one of them: what it may send for."""
        below = {code for code in self.org_units if org_unit == code or org_unit in self.ancestors(code)}
        whole = (step for step in self.successions if step.share_kind == "whole")
        return frozenset(below).union(step.old_org_unit for step in whole if step.new_org_unit in below)

    def province_of(self, org_unit: str) -> str:
        """The province a unit belongs to (a province's is itself); "" for the country."""
        for code in (org_unit, *self.ancestors(org_unit)):
            if self.org_units[code].kind == "province":
                return code
        return ""

    def unit_group(self, org_unit: str) -> str:
        """commune, department, party, area or old: the group within which the unit is compared."""
        return self.unit_kinds[self.org_units[org_unit].kind].unit_group

    @cached_property
    def provinces(self) -> tuple[str, ...]:
        return tuple(code for code, unit in self.org_units.items() if unit.kind == "province")

    @cached_property
    def _successors(self) -> Mapping[str, tuple[str, ...]]:
        """Old commune or district → the communes of today that its territory went into."""
        new: dict[str, dict[str, None]] = defaultdict(dict)
        for step in self.successions:
            new[step.old_org_unit][step.new_org_unit] = None
            new[self.org_units[step.old_org_unit].parent][step.new_org_unit] = None
        return {old: tuple(codes) for old, codes in new.items()}

    def successors(self, org_unit: str) -> tuple[OrgUnit, ...]:
        """The communes of today that an abolished commune or district went into."""
        return tuple(self.org_units[code] for code in self._successors.get(org_unit, ()))

    # names

    def find_org_unit(self, text: str, province: str, on: date | None) -> UnitMatch:
        """The unit that a whole name, alias or code stands for inside a province on a day (None: today's units).

        A province named in the text itself goes before `province`. Text without any mark may match names by their
        letters where only one does. Nothing is guessed from likeness.
        """
        text = clean(text)
        if unit := self._by_code(text, on):
            return self._answer(unit, on)
        bare, province = self._without_province(text, province)
        codes: Iterable[str] = ()
        for candidate in dict.fromkeys((text, bare, _with_full_type(bare))):
            key = name_key(candidate)
            codes = self.names.get((province, key)) or self.names.get(("", key)) or ()
            if not codes and candidate.isascii():
                codes = self._by_letters.get((province, plain_key(key)), ())
            if codes:
                break
        units = [self.org_units[code] for code in codes]
        valid = [unit for unit in units if unit.is_valid(on)]
        if len(valid) == 1:
            return UnitMatch(valid[0].code)
        if not valid:
            old = self._old_commune(bare, province)
            ended = [unit for unit in [*units, *([old] if old else [])] if unit.valid_to]
            if len(ended) == 1:
                return self._answer(ended[0], on)
        return UnitMatch(suggest=lambda: self._nearest_units(bare, province, on))

    def _by_code(self, text: str, on: date | None) -> OrgUnit | None:
        unit = self.org_units.get(text) or self.org_units.get(text.upper())
        candidates = [unit] if unit else []
        candidates += [self.org_units[code] for code in self._by_official_code.get(text, ())]
        return next((unit for unit in candidates if unit.is_valid(on)), candidates[0] if candidates else None)

    def _answer(self, unit: OrgUnit, on: date | None) -> UnitMatch:
        if unit.is_valid(on):
            return UnitMatch(unit.code)
        if unit.valid_to and (on is None or unit.valid_to < on):
            return UnitMatch(abolished=unit, successors=self.successors(unit.code))
        return UnitMatch()

    @cached_property
    def _by_official_code(self) -> Mapping[str, tuple[str, ...]]:
        codes: dict[str, tuple[str, ...]] = defaultdict(tuple)
        for code, unit in self.org_units.items():
            if unit.official_code and unit.official_code != code:
                codes[unit.official_code] += (code,)
        return codes

    @cached_property
    def _by_letters(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """Names without marks; those that two units share are kept with both, so that they match neither."""
        letters: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        for (province, key), codes in self.names.items():
            letters[province, plain_key(key)].update(dict.fromkeys(codes))
        return {key: tuple(codes) for key, codes in letters.items()}

    @cached_property
    def _province_names(self) -> Mapping[str, str]:
        """Names that stand for one province wherever they are said; "UBND tỉnh" is none, every province has one."""
        codes: dict[str, dict[str, None]] = defaultdict(dict)
        for (_, key), units in self.names.items():
            codes[key].update(dict.fromkeys(units))
        return {key: code for key, (code, *others) in codes.items() if not others and code in self.provinces}

    def _without_province(self, text: str, province: str) -> tuple[str, str]:
        """The name without a province named behind it ("Xã X, tỉnh Thanh Hóa"), and the province that holds."""
        key = name_key(text)
        if key in self._province_names:
            return text, self._province_names[key]
        for code in self.provinces:
            full = name_key(self.org_units[code].name)
            if key.endswith(f" {full}"):
                words = text.split()[: -len(full.split())]
                return " ".join(words).rstrip(" ,;-–("), code
        parts = [part for part in _PARTS.split(text) if part]
        named = self._province_names.get(name_key(parts[-1])) if len(parts) > 1 else None
        if named:
            return text[: text.rindex(parts[-1])].rstrip(" ,;-–("), named
        return text, province

    @cached_property
    def _old_communes(self) -> Mapping[tuple[str, str], tuple[OrgUnit, ...]]:
        """(province, name key) → old communes of that name; districts tell them apart."""
        units: dict[tuple[str, str], tuple[OrgUnit, ...]] = defaultdict(tuple)
        for unit in self.org_units.values():
            if unit.kind in OLD_COMMUNE_KINDS:
                units[self.province_of(unit.code), name_key(unit.name)] += (unit,)
        return units

    def _old_commune(self, text: str, province: str) -> OrgUnit | None:
        """The old commune of that name: told by its district in the same text, or the only one of the province."""
        parts = [_with_full_type(part) for part in _PARTS.split(text) if part]
        if not parts:
            return None
        units = self._old_communes.get((province, parts[0]), ())
        if len(parts) > 1:
            units = tuple(unit for unit in units if name_key(self.org_units[unit.parent].name) in parts[1:])
        return units[0] if len(units) == 1 else None

    def _nearest_units(self, text: str, province: str, on: date | None) -> tuple[str, ...]:
        names = {
            plain_key(unit.name): unit.name
            for code, unit in self.org_units.items()
            if unit.is_valid(on) and (self.province_of(code) or province) == province
        }
        return _nearest(_with_full_type(text), names)

    def find_provinces_in(self, text: str) -> tuple[str, ...]:
        """The provinces named anywhere in a free text; a commune that bears a province's name is not one."""
        text = clean(text)
        by_letters = text.isascii()
        key = name_key(text.replace("_", " "))
        found = []
        for code in self.provinces:
            name = name_key(self.org_units[code].short_name)
            pattern = plain_key(name).replace(" ", " ?") if by_letters else re.escape(name)
            excluded = "xa |phuong " if by_letters else "xã |phường "
            guard = "".join(f"(?<!{word})" for word in excluded.split("|"))
            if re.search(rf"{guard}(?<!\w){pattern}(?!\w)", plain_key(key) if by_letters else key):
                found.append(code)
        return tuple(found)

    # indicators and tasks

    @cached_property
    def _indicator_names(self) -> Mapping[str, Indicator]:
        return {name_key(indicator.name_vi): indicator for indicator in self.indicators.values()}

    def find_indicator(self, text: str) -> Indicator | None:
        """By its code, alone or in front ("VB01", "vb 1", "VB01 Tỷ lệ …"), or by its whole name."""
        text = clean(text)
        if match := _INDICATOR_CODE.match(text):
            return self.indicators.get(f"{match[1].upper()}{int(match[2]):02}")
        key = name_key(text)
        return self._indicator_names.get(key) or self._indicator_names.get(re.sub(r"\s*\([^()]*\)$", "", key))

    def nearest_indicators(self, text: str) -> tuple[str, ...]:
        """Up to three indicators ("VB01 Tỷ lệ …") whose code or name looks alike, for a human to choose from."""
        names: dict[str, str] = {}
        for code, indicator in self.indicators.items():
            shown = f"{code} {indicator.name_vi}"
            names[code.casefold()] = names[plain_key(indicator.name_vi)] = shown
        return _nearest(text, names)

    def find_task(self, assigned_in: str, task: str) -> Task | None:
        """The listed task of that code in the document named; the document is told by its number, not its date."""
        number = _document_number(assigned_in)
        key = name_key(task)
        return self._task_index.get((number, key))

    @cached_property
    def _task_index(self) -> Mapping[tuple[str, str], Task]:
        return {(_document_number(task.assigned_in), name_key(task.task)): task for task in self.tasks.values()}

    # who must send what

    def expected_units(self, form: str, cadence: str, on: date | None = None) -> tuple[OrgUnit, ...]:
        """The units that must send a form this often, of those that exist on the day."""
        senders = {sender for rule in self.forms[form].expected if rule.cadence == cadence for sender in rule.senders}
        return tuple(
            unit
            for code, unit in self.org_units.items()
            if (code in senders or unit.kind in senders) and unit.is_valid(on)
        )

    def expected(self, form: str, period: str) -> tuple[str, ...]:
        """The units that must send the form for the period: the form's senders that exist at its end."""
        first_period = self.forms[form].first_period
        if first_period and period_dates(period)[0] < period_dates(first_period)[0]:
            return ()
        return tuple(unit.code for unit in self.expected_units(form, cadence_of(period), period_dates(period)[1]))

    def due_on(self, form: str, period: str) -> date | None:
        """The last day in time for a form of a period; None if nobody must send it in this cadence."""
        for rule in self.forms[form].expected:
            if rule.cadence == cadence_of(period):
                return due_day(
                    period,
                    cut_off_day=rule.cut_off_day or 14,
                    weekday=None if rule.weekday is None else rule.weekday - 1,
                    working_days=rule.due_working_days,
                    holidays=self.holidays,
                )
        return None

    def indicators_expected(self, form: str, org_unit: str, cadence: str) -> tuple[str, ...]:
        """The indicators a unit must give in a form of this cadence, in the order of the catalogue.

        Unless the form lists them: those the unit reports at all, each in the finest cadence the unit sends that is
        not finer than the indicator's own.
        """
        definition, unit = self.forms[form], self.org_units[org_unit]
        rules = [rule for rule in definition.expected if org_unit in rule.senders or unit.kind in rule.senders]
        own = next((rule for rule in rules if rule.cadence == cadence), None)
        if own is None or definition.shape == "task_rows":
            return ()
        if own.indicators:
            return tuple(code for code in self.indicators if code in own.indicators)
        reporter = "commune" if self.unit_group(org_unit) == "commune" else "department"
        sent = [CADENCES.index(rule.cadence) for rule in rules]
        return tuple(
            code
            for code, indicator in self.indicators.items()
            if indicator.reporter in (reporter, "both")
            and CADENCES.index(own.cadence) == _sent_in(CADENCES.index(indicator.cadence), sent)
        )


def _sent_in(cadence: int, sent: Iterable[int]) -> int:
    """The finest of the cadences sent that is not finer than the indicator's; else the coarsest sent."""
    return min((other for other in sent if other >= cadence), default=max(sent))


def _with_full_type(text: str) -> str:
    """Name key of a unit without the agency in front and with its type word spelled out: `UBND x. Như Xuân`."""
    key = name_key(text)
    for short, full in _OLD_TYPES:
        if key.startswith(short):
            key = full + key.removeprefix(short)
    return key


def _document_number(text: str) -> str:
    """The number of a document ("Kế hoạch 266-KH/TU ngày 26/4/2025" → "266-kh/tu"), else the key of the whole text."""
    match = _DOCUMENT_NUMBER.search(clean(text))
    return re.sub(r"\s+", "", match[0]).casefold() if match else name_key(text)


def _nearest(text: str, names: Mapping[str, str], count: int = 3) -> tuple[str, ...]:
    close = difflib.get_close_matches(plain_key(text), list(names), n=2 * count, cutoff=0.6)
    return tuple(dict.fromkeys(names[key] for key in close))[:count]
