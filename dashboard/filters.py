"""What is being looked at: the URL's query parameters and one frozen Selection, and the widgets that change them.

The URL is the only place where a choice lives: a widget writes it there, a run reads it from there, and links between
pages carry it along, so a pasted link opens the same view. (Streamlit's `bind="query-params"` writes labels instead of
codes and drops a value that equals today's default, so its links would not survive a renamed unit or a new quarter.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from typing import Any, Final

import polars as pl
import streamlit as st

from dashboard import scopes, screen, text, visitor
from dashboard.text import t
from etl import as_of, periods
from etl.access import Action, Principal, may, pages_for
from etl.settings import Settings
from etl.vietnamese import plain_key, search_key
from sql import queries, warehouse
from sql.queries import Scope

# Names in the URL; links out there carry them, so they never change.
PARAMETERS: Final[dict[str, str]] = {
    "province": "tinh",
    "unit_group": "loai",
    "org_unit": "don-vi",
    "period": "quy",
    "indicator": "chi-tieu",
    "moment": "thoi-diem",
    "language": "lang",
}
SEARCH: Final = "tim"
SLIDE: Final = "trang"  # the slide that is shown
RETURNS: Final = "trinh-chieu"  # the slide that Esc returns to from another page
BESIDE: Final = "so-voi"
BOUNDARIES: Final = "dia-gioi"
PART: Final = "xep-hang"  # the last of a ranking or those nearest to the target
LIST_PAGE: Final = "trang-so"  # which page of a long list; stays on its page
TABLE: Final = "bang"  # the chart whose table is open
SOURCE: Final = "nguon"  # the figure whose source is open
RECEIPT: Final = "phieu"  # the submission whose receipt is open; stays on its page
_OPEN_HERE: Final = (RECEIPT, LIST_PAGE, TABLE, SOURCE)
ANOTHER_DAY: Final = "ngay-khac"
BY_DAY: Final = "moment-by-day"
DAY: Final = "ngay"
NO_DAY: Final = "moment-no-day"
LOOK_EVERY: Final = 2.0  # seconds
MOST_REQUESTS: Final = 20  # moments waiting to be built
_DEPENDENTS: Final = {"province": ("unit_group", "org_unit", "period"), "unit_group": (), "period": ()}
_FEW: Final = ("unit_group", "language")  # fields with so few values that all are shown at once
_WIDTHS: Final[dict[str, Any]] = {"period": 160, "unit_group": "content", "language": "content"}
_NOT_COMPARED: Final = ("area", "old")

Options = Mapping[str, str]  # value → label, in the order of the list


@dataclass(frozen=True, slots=True)
class Selection:
    """What is being looked at, by code; '' = nothing to choose from (or, while wished for: not said)."""

    province: str = ""
    unit_group: str = ""
    org_unit: str = ""
    period: str = ""
    indicator: str = ""
    language: str = ""
    moment: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value in the URL that there is not: the field, the value, and the label of what is shown instead."""

    field: str
    value: str
    shown: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in the past whose knowledge is looked at: its name in the URL, the moment itself (UTC), and in words."""

    value: str
    at: datetime
    name: str
    held_on: date | None = None  # of a meeting


@dataclass(frozen=True)
class View:
    """One run of a page: the warehouse asked, what is selected, what could be, and the row of `build_state`.

    `moment` is set where the warehouse is one of the past; `present` is always the one published now. Without a
    `principal` nobody known looks, who may do nothing else.
    """

    settings: Settings
    scope: Scope
    selection: Selection
    options: Mapping[str, Options]
    unknown: tuple[Unknown, ...]
    build: Mapping[str, Any]
    moment: Moment | None = None
    present: Scope | None = None
    principal: Principal | None = None

    def may(self, action: Action) -> bool:
        """Whether the visitor has a right, at least to what is their own."""
        return self.principal is not None and may(self.principal, action)

    def opens(self, page: str) -> bool:
        """Whether the visitor may see a page, named by the stem of its file."""
        return self.principal is not None and page in pages_for(self.principal)

    def label(self, field: str) -> str:
        """The words for what is selected in a field."""
        value = str(getattr(self.selection, field))
        return self.options.get(field, {}).get(value, value)


def from_parameters(parameters: Mapping[str, str]) -> Selection:
    """What the URL wishes to see; parameters that are not ours are left alone."""
    return Selection(**{field: parameters.get(name, "") for field, name in PARAMETERS.items()})


def to_parameters(selection: Selection) -> dict[str, str]:
    """The query parameters that restore a selection."""
    wished = {PARAMETERS[field.name]: str(getattr(selection, field.name)) for field in fields(selection)}
    return {name: value for name, value in wished.items() if value}


def settle(field: str, wished: str, options: Options, default: str) -> tuple[str, Unknown | None]:
    """The wished value if there is such a one, else the default; the second is set if a wish could not be met."""
    if wished in options:
        return wished, None
    settled = default if default in options else next(iter(options), "")
    return settled, Unknown(field, wished, options.get(settled, t("none"))) if wished else None


# ---------------------------------------------------------------- opening a page


def start_language(parameters: Mapping[str, str]) -> None:
    """Set the language of this run from the URL."""
    text.use(settle("language", from_parameters(parameters).language, dict.fromkeys(text.LANGUAGES, ""), "vi")[0])


def open_warehouse() -> tuple[Settings, Scope | None]:
    """The settings, and what the visitor may see of the published warehouse; None while nothing is published."""
    settings = Settings()
    path = warehouse.current(settings.warehouse)
    return settings, scopes.scope_of(visitor.principal(), settings, path) if path is not None else None


def tell_fault() -> None:
    """Says calmly above the page that the newest figures cannot be read and which ones are shown instead."""
    found = warehouse.published(Settings().warehouse)
    if found.fault and found.warehouse is not None:
        built = queries.build_state(Scope(found.warehouse, frozenset()))["built_at"].item()
        st.warning(t("fallback", built=text.moment(built)), icon=":material/history:")


def tell_stale() -> None:
    """Reminds that nothing new has come for long; not of illustrative data, which nobody sends."""
    settings, scope = open_warehouse()
    if scope is None:
        return
    build = queries.build_state(scope).row(0, named=True)
    if build["latest_received_at"] is None or build["is_demo"]:
        return
    days = (datetime.now(UTC).replace(tzinfo=None) - build["latest_received_at"]).days
    if days >= settings.stale_after_days:
        st.warning(t("operations.stale", days=days), icon=":material/schedule:")


def open_view(*, needs_figures: bool = True, newest: bool = False, present: bool = False) -> View:
    """What this run looks at, from the URL; ends the run with a calm sentence if there is nothing to look at.

    Unless the URL names a quarter it is the last one with most of its figures, or with `newest` the newest. A page
    that is about the `present` looks there whatever moment the URL names.
    """
    parameters = st.query_params.to_dict()
    start_language(parameters)
    settings, scope = open_warehouse()
    if scope is None:
        is_broken = bool(warehouse.published(settings.warehouse).fault)
        st.info(t("rebuilding" if is_broken else "no_warehouse"), icon=":material/hourglass_empty:")
        st.stop()
    wished = from_parameters(parameters)
    moment = None if present else find_moment(scope, wished.moment)
    past = _open_past(settings, scope, moment) if moment is not None else None
    view = read(settings, past or scope, wished, newest=newest)
    if wished.moment and moment is None and not present:
        view = replace(view, unknown=(*view.unknown, Unknown("moment", wished.moment, t("moment.present"))))
    view = replace(view, moment=moment, present=scope, principal=visitor.principal())
    if needs_figures and not view.selection.period:
        st.info(t("no_data"), icon=":material/hourglass_empty:")
        st.stop()
    return view


def read(settings: Settings, scope: Scope, wished: Selection, *, newest: bool = False) -> View:
    """Settle every wish against what the warehouse holds, each field within those before it."""
    options: dict[str, Options] = {}
    settled, unknown = Selection(), []

    def choose(field: str, choices: Options, default: str) -> None:
        nonlocal settled
        options[field] = choices
        value, missed = settle(field, getattr(wished, field), choices, default)
        settled = replace(settled, **{field: value})
        if missed is not None:
            unknown.append(missed)

    choose("language", _languages(), "vi")
    choose("province", _provinces(scope), settings.home_province)
    choose("unit_group", *_unit_groups(scope, settled.province))
    quarters = queries.quarters(scope, province=settled.province)
    choose("period", _labels(quarters, "period", "label"), "" if newest else _settled_quarter(scope, settled))
    choose("org_unit", _org_units(scope, settled, quarters), "")
    choose("indicator", *_indicators(scope, settled))
    settled = replace(settled, moment=wished.moment)
    build = next(queries.build_state(scope).iter_rows(named=True), {})
    return View(settings, scope, settled, options, tuple(unknown), build)


def find_moment(scope: Scope, wished: str) -> Moment | None:
    """The moment that a word of the URL stands for: a meeting's code, or a day that has passed; None for any other."""
    for row in queries.meetings(scope).iter_rows(named=True):
        if row["meeting"] == wished and row["known_at"].replace(tzinfo=UTC) < datetime.now(UTC):
            return Moment(wished, row["known_at"].replace(tzinfo=UTC), text.name(row, "name"), row["held_on"])
    try:
        at = as_of.moment_of(wished)
    except ValueError:
        return None
    return Moment(wished, at, "") if at < datetime.now(UTC) else None


def past_of(view: View, moment: Moment) -> Scope:
    """What was known at a moment, beside the present; until that has been built the run ends with a calm sentence."""
    return _open_past(view.settings, view.present or view.scope, moment)


def _open_past(settings: Settings, present: Scope, moment: Moment) -> Scope:
    path = warehouse.as_of(settings.warehouse, as_of.moment_key(moment.at))
    if path is None:
        if len(as_of.requested(settings)) < MOST_REQUESTS:
            as_of.request_as_of(settings, moment.at)
        st.fragment(_await_past, run_every=LOOK_EVERY)(settings, moment, text.language())
        if PARAMETERS["moment"] in st.query_params:
            st.button(t("moment.back"), icon=":material/update:", on_click=forget, args=(PARAMETERS["moment"],))
        st.stop()
    return present.at(path)


def _await_past(settings: Settings, moment: Moment, language: str) -> None:
    text.use(language)  # a fragment runs again on its own, outside the page's run
    if warehouse.as_of(settings.warehouse, as_of.moment_key(moment.at)) is not None:
        st.rerun()
    st.info(t("moment.waiting", moment=text.moment(moment.at)), icon=":material/hourglass_top:")


def _labels(rows: pl.DataFrame, key: str, label: str) -> dict[str, str]:
    return {row[key]: text.name(row, label) for row in rows.iter_rows(named=True)}


def _languages() -> dict[str, str]:
    return {code: t(f"language.{code}") for code in text.LANGUAGES}


def _provinces(scope: Scope) -> dict[str, str]:
    rows = queries.provinces(scope)
    return dict(rows.filter(pl.col("submission_count") > 0).select("org_unit", "name").iter_rows())


def _unit_groups(scope: Scope, province: str) -> tuple[dict[str, str], str]:
    """The groups that are compared; the default is the largest, or that of one's own units."""
    rows = queries.unit_groups(scope, province=province)
    rows = rows.filter(~pl.col("unit_group").is_in(_NOT_COMPARED) & (pl.col("unit_count") > 0))
    counts = dict(rows.select("unit_group", "unit_count").iter_rows())
    if scope.org_units is not None:
        own = queries.org_units(scope, province=province)["unit_group"].to_list()
        counts = {group: own.count(group) for group in counts}
    return _labels(rows, "unit_group", "group_name"), max(counts, key=counts.__getitem__, default="")


def _settled_quarter(scope: Scope, selection: Selection) -> str:
    """The newest quarter with at least half as many reported figures of a group as its fullest one; '' if none has."""
    rows = queries.rollup(scope, province=selection.province, unit_group=selection.unit_group or None)
    counts = rows.group_by("period", "start_on").agg(pl.col("unit_count_reported").sum().alias("reported"))
    full = counts.filter((pl.col("reported") > 0) & (pl.col("reported") * 2 >= pl.col("reported").max()))
    return "".join(full.sort("start_on", descending=True)["period"].to_list()[:1])


def _org_units(scope: Scope, selection: Selection, quarters: pl.DataFrame) -> dict[str, str]:
    """The units in force in the selected quarter; those of the selected group first."""
    rows = queries.org_units(scope, province=selection.province)
    chosen = quarters.filter(pl.col("period") == selection.period)
    if not chosen.is_empty():
        start, end = chosen["start_on"][0], chosen["end_on"][0]
        rows = rows.filter(
            pl.col("valid_from").fill_null(date.min).le(end) & pl.col("valid_to").fill_null(date.max).ge(start)
        )
    rows = rows.filter(pl.col("unit_group") != "area")
    first = pl.col("unit_group") != selection.unit_group
    return dict(rows.sort(first, "unit_group", "sort_key").select("org_unit", "name").iter_rows())


def _indicators(scope: Scope, selection: Selection) -> tuple[dict[str, str], str]:
    """The whole catalogue; the default is the first of those that most units of the group reported."""
    catalogue = queries.indicators(scope)
    labels = {
        row["indicator"]: f"{row['indicator']} · {text.name(row, 'name')}" for row in catalogue.iter_rows(named=True)
    }
    rows = queries.rollup(
        scope, province=selection.province, unit_group=selection.unit_group or None, period=selection.period or None
    )
    if rows.is_empty():
        return labels, ""
    order = {indicator: place for place, indicator in enumerate(labels)}
    best = min(
        rows.select("indicator", "unit_count_reported").iter_rows(),
        key=lambda row: (-(row[1] or 0), order.get(row[0], len(order))),
    )
    return labels, str(best[0])


# ---------------------------------------------------------------- widgets


def draw(view: View, *chosen: str) -> None:
    """A row of pickers for these fields."""
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        for field in chosen:
            pick(view, field)


def _pick(field: str, options: Options, value: str) -> None:
    name = PARAMETERS[field]
    key = _key(name, value)
    kept: Any = {"key": key, "on_change": _keep, "args": (name, key, _DEPENDENTS.get(field, ()))}
    width = _WIDTHS.get(field, "stretch")
    label, width = t(f"field.{field}"), screen.wide(width) if isinstance(width, int) else width
    if field in _FEW:
        st.segmented_control(label, list(options), format_func=options.__getitem__, required=True, width=width, **kept)
    else:
        st.selectbox(label, list(options), format_func=options.__getitem__, width=width, **kept)


def pick(view: View, field: str) -> None:
    """One picker for a field of the selection; a change goes to the URL and starts the next run."""
    _pick(field, view.options[field], str(getattr(view.selection, field)))


def pick_unit(view: View) -> View:
    """A search without marks, and the unit among those it finds; the view of the unit chosen."""
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        key = _key(SEARCH, st.query_params.get(SEARCH, ""))
        sought = st.text_input(t("field.search"), key=key, width=screen.wide(280), on_change=_keep, args=(SEARCH, key))
        units = view.options["org_unit"]
        found = find_units(units, sought or "", _named_before(view, sought or ""))
        _pick("org_unit", found or units, chosen := settle("org_unit", view.selection.org_unit, found or units, "")[0])
        pick(view, "period")
    if sought and not found:
        st.info(t("unit.no_match", text=sought[:60]))
    return replace(view, selection=replace(view.selection, org_unit=chosen))


def find_units(units: Options, sought: str, before: Options | None = None) -> dict[str, str]:
    """The units whose name holds the words sought, marks, case and spelling of tones aside; all if none are sought.

    After them those that go by another name today: `before` has the names they are found by.
    """
    words = plain_key(sought).split()
    found = {code: name for code, name in units.items() if all(word in plain_key(name) for word in words)}
    once = {code: names for code, names in (before or {}).items() if code in units and code not in found}
    return found | {code: f"{units[code]} ← {names[:60]}" for code, names in once.items()}


def _named_before(view: View | None, sought: str) -> dict[str, str]:
    """The units that a name before the merger leads to: code → those names."""
    words = tuple(search_key(sought).split())
    if view is None or not words:
        return {}
    rows = queries.find_units(view.scope, province=view.selection.province, words=words)
    return {row["org_unit"]: row["old_names"] for row in rows.iter_rows(named=True) if row["old_names"]}


def pick_frame() -> None:
    """What the frame offers on every page: the province where there are several, the moment, and the language."""
    settings, scope = open_warehouse()
    provinces = _provinces(scope) if scope is not None else {}
    if len(provinces) > 1:
        wished = from_parameters(st.query_params.to_dict()).province
        _pick("province", provinces, settle("province", wished, provinces, settings.home_province)[0])
    if scope is not None:
        _pick_moment(scope)
    _pick("language", _languages(), text.language())


def _pick_moment(scope: Scope) -> None:
    """Present figures, what a meeting saw, or what was known at the end of a day that is typed in."""
    name = PARAMETERS["moment"]
    value = st.query_params.get(name, "")
    moment = find_moment(scope, value) if value else None
    held = {
        row["meeting"]: f"{text.day(row['held_on'])} · {text.name(row, 'name')}"
        for row in queries.meetings(scope).iter_rows(named=True)
        if row["known_at"].replace(tzinfo=UTC) < datetime.now(UTC)
    }
    choices = {"": t("moment.present"), **held, ANOTHER_DAY: t("moment.another")}
    by_day = moment is not None and value not in held
    chosen = ANOTHER_DAY if by_day or st.session_state.get(BY_DAY) else value if value in held else ""
    key = _key(name, chosen)
    st.selectbox(
        t("field.moment"), list(choices), format_func=choices.__getitem__, key=key, on_change=_keep_moment, args=(key,)
    )
    if chosen == ANOTHER_DAY:
        day = _key(DAY, text.day(moment.at.astimezone(text.VIETNAM).date()) if moment is not None and by_day else "")
        st.text_input(t("moment.day"), key=day, placeholder="18/03/2026", on_change=_keep_day, args=(day,))
        if st.session_state.pop(NO_DAY, False):
            st.caption(f":red[{t('moment.no_day')}]")


def _keep_moment(key: str) -> None:
    chosen = st.session_state[key]
    st.session_state[BY_DAY] = chosen == ANOTHER_DAY
    st.query_params.pop(PARAMETERS["moment"], None)
    if chosen and chosen != ANOTHER_DAY:
        st.query_params[PARAMETERS["moment"]] = chosen


def _keep_day(key: str) -> None:
    day = periods.parse_date(st.session_state[key])
    if day is None or day >= datetime.now(text.VIETNAM).date():
        st.session_state[NO_DAY] = True
    else:
        st.session_state[BY_DAY] = False
        st.query_params[PARAMETERS["moment"]] = day.isoformat()


def pick_one(name: str, label: str, options: Options, default: str, width: Any = "stretch") -> str:
    """A picker of one page's own that always has a value, kept in the URL under `name`; '' without options."""
    value = settle(name, st.query_params.get(name, ""), options, default)[0]
    key = _key(name, value)
    chosen = st.selectbox(
        label, list(options), format_func=options.__getitem__, key=key, width=width, on_change=_keep, args=(name, key)
    )
    return str(chosen or "")


def chosen_side(name: str, options: Options, default: str) -> str:
    """What `pick_side` holds, for use before it is drawn."""
    return settle(name, st.query_params.get(name, ""), options, default)[0]


def pick_side(name: str, label: str, options: Options, default: str) -> str:
    """One of a few values side by side, kept in the URL under `name`."""
    value = chosen_side(name, options, default)
    key = _key(name, value)
    kept: Any = {"key": key, "on_change": _keep, "args": (name, key)}
    chosen = st.segmented_control(
        label, list(options), format_func=options.__getitem__, required=True, width="content", **kept
    )
    return str(chosen or value)


def search_unit(view: View | None, units: Options) -> Options:
    """A search without marks, by names before the merger too if there is a `view`; what it finds, or all of them."""
    key = _key(SEARCH, st.query_params.get(SEARCH, ""))
    sought = st.text_input(t("field.search"), key=key, width=screen.wide(210), on_change=_keep, args=(SEARCH, key))
    return find_units(units, sought or "", _named_before(view, sought or "")) or units


def pick_extra(name: str, label: str, options: Options, width: Any = "stretch") -> str:
    """A picker of one page's own, kept in the URL under `name`; '' = all."""
    choices = {"": t("all"), **options}
    wished = st.query_params.get(name, "")
    key = _key(name, wished if wished in choices else "")
    value = st.selectbox(
        label, list(choices), format_func=choices.__getitem__, key=key, width=width, on_change=_keep, args=(name, key)
    )
    return str(value or "")


def page_wished(pages: int) -> int:
    """The page of a long list that the URL names, of 1 … `pages`."""
    wished = st.query_params.get(LIST_PAGE, "")
    return min(max(1, int(wished)), max(1, pages)) if wished.isdecimal() and len(wished) < 8 else 1


def turn_pages(pages: int) -> None:
    """Turn the pages of a long list."""
    now = page_wished(pages)
    key = f"pick-{LIST_PAGE}-{now}"
    st.pagination(
        pages, default=now, key=key, on_change=lambda: st.query_params.update({LIST_PAGE: str(st.session_state[key])})
    )


def link_parameters() -> dict[str, str]:
    """The query parameters of a link to another page: all that the URL holds, but for what is open on this one."""
    return {name: value for name, value in st.query_params.to_dict().items() if name not in _OPEN_HERE}


def forget(name: str) -> None:
    """Take one of a page's own parameters out of the URL."""
    st.query_params.pop(name, None)


def _key(name: str, value: str) -> str:
    """The key of a picker, its value set to what the URL says (it may have changed by a link or the back button)."""
    key = f"pick-{name}"
    st.session_state[key] = value
    return key


def _keep(name: str, key: str, dependents: Sequence[str] = ()) -> None:
    st.query_params.pop(LIST_PAGE, None)
    value = st.session_state[key]
    if value:
        st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]
    for field in dependents:
        st.query_params.pop(PARAMETERS[field], None)
