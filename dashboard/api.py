"""The tables of the dashboard over HTTP for other systems: JSON, CSV or Parquet, in pages, described by OpenAPI.

Parameters bear the names that they have in the URLs of the pages. An answer changes only with the warehouse, so its
ETag is made of the warehouse's version and the question; whoever asks again with it is answered 304 without a query.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote, urlencode

import polars as pl
from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, create_model
from starlette.exceptions import HTTPException

from dashboard import filters, scopes, visitor
from dashboard.text import WORDS
from etl import as_of, export, periods
from etl.settings import Settings
from etl.vietnamese import search_key
from sql import queries, statement, warehouse
from sql.queries import Scope

PATH: Final = "/api/v1"
MOST_ROWS: Final = 10_000
FEW: Final = 20  # values that a refusal can list
REPORTING_LINES: Final = ("ubnd", "vptu")
_IN_URL: Final = "%/:=&?+!$,;@()*~#[]'"  # what an address may hold as it is
MEDIA_TYPES: Final = {
    "json": "application/json",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
}

Rows = tuple[pl.DataFrame, int]  # the rows of one page, and how many there are in all


# ---------------------------------------------------------------- what is asked


def _names(field: str) -> Any:
    """The name of a field in the URLs of the pages."""
    return filters.PARAMETERS[field]


class Asked(BaseModel):
    """What every table can be asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    province: str = Field(
        "", alias=_names("province"), max_length=20, description="Mã tỉnh, ví dụ 38; để trống = tỉnh nhà · province"
    )
    moment: str = Field(
        "",
        alias=_names("moment"),
        max_length=40,
        description="Xem như đã biết vào một ngày (2026-03-18) hay một cuộc họp · as known at a day or meeting",
    )
    limit: int = Field(1_000, ge=1, le=MOST_ROWS, description="Số dòng nhiều nhất · most rows of an answer")
    offset: int = Field(0, ge=0, le=10**9, description="Bỏ qua bấy nhiêu dòng đầu · rows left out first")
    format: Literal["json", "csv", "parquet"] | None = Field(
        None, description="Dạng trả lời; không ghi thì theo Accept, rồi json · form of the answer"
    )


Codes = Annotated[list[str], Field(max_length=500)]


class ProgressAsked(Asked):
    """Which figures."""

    indicators: Codes = Field(
        [], alias=_names("indicator"), description="Mã chỉ tiêu, nhiều mã: lặp lại hoặc cách bằng dấu phẩy · indicators"
    )
    units: Codes = Field([], alias=_names("org_unit"), description="Mã đơn vị · units")
    unit_groups: Codes = Field(
        [], alias=_names("unit_group"), description="Khối đơn vị: commune, department … · groups"
    )
    reporting_lines: Codes = Field([], alias="tuyen", description="Tuyến báo cáo: ubnd, vptu · reporting lines")
    periods: Codes = Field([], alias=_names("period"), description="Quý, ví dụ 2026-Q2 · quarters")


class TasksAsked(Asked):
    """Which tasks, and when."""

    period: str = Field("", alias=_names("period"), max_length=20, description="Quý; để trống = quý mới nhất · quarter")
    lead: str = Field("", alias="chu-tri", max_length=40, description="Mã cơ quan chủ trì · lead unit")


class CompletenessAsked(Asked):
    """Which reports that were due."""

    period: str = Field("", alias="ky", max_length=20, description="Kỳ: 2026-Q2, 2026-03, 2026-W12 · period")
    form: str = Field("", alias="bieu", max_length=40, description="Mã biểu mẫu · form")


class UnitsAsked(Asked):
    """Which units."""

    unit_groups: Codes = Field([], alias=_names("unit_group"), description="Khối đơn vị · groups")
    reporting_lines: Codes = Field([], alias="tuyen", description="Tuyến báo cáo: ubnd, vptu · reporting lines")
    sought: str = Field(
        "",
        alias=filters.SEARCH,
        max_length=100,
        description="Tìm theo tên, không cần dấu, kể cả tên xã cũ · name, without marks, also one before the merger",
    )


class IndicatorsAsked(Asked):
    """Which indicators."""

    sought: str = Field("", alias=filters.SEARCH, max_length=100, description="Tìm theo tên, không cần dấu · name")


# ---------------------------------------------------------------- what is answered


class Figure(BaseModel):
    """Indicator × unit × quarter. A text that is not there is empty, a number or day that is not there is null."""

    province: str
    unit_group: str
    kind: str
    reporting_line: str
    indicator: str
    indicator_name_vi: str
    indicator_name_en: str
    measure_unit: str
    decimals: int
    direction: str = Field(description="higher, lower: chiều tốt · which one is better")
    org_unit: str
    org_unit_name: str
    period: str
    numerator: float | None
    denominator: float | None
    value: float | None = Field(description="theo đơn vị tính của chỉ tiêu · in the indicator's measure unit")
    value_to: float | None = Field(description="đầu trên của khoảng (qualifier = range) · upper end of a range")
    qualifier: str = Field(description="'' (chính xác), gt, ge, lt, le, approx, range")
    status: str = Field(description="reported, not_reported, not_due, not_applicable, no_activity")
    standing: str = Field(description="met, attention, behind, no_target, no_value, hoặc như status · or as status")
    as_of: date | None
    part_count_found: int | None
    part_count_expected: int | None
    is_percent_only: bool
    target: float | None
    target_year: int | None
    target_source: str
    gap: float | None = Field(description="dương = tốt hơn chỉ tiêu giao · positive = better than the target")
    is_met: bool | None
    planned_value: float | None = Field(description="theo lộ trình đến chỉ tiêu giao · on the planned path")
    median_value: float | None = Field(description="trung vị của khối đơn vị · median of like units")
    previous_value: float | None
    change: float | None
    rank: int | None
    ranked_count: int
    submission: str
    form: str
    sheet: str
    cell: str
    shown: str = Field(description="chữ trong ô của tệp gốc · the text of the cell it was read from")


class Task(BaseModel):
    """A task as it stood in a quarter."""

    province: str
    period: str
    task_key: str
    task: str
    title: str
    assigned_in: str
    programme: str
    lead: str
    lead_name: str
    coordinating: list[str]
    due_on: date | None
    due_precision: str
    due_text: str
    status: str
    days_overdue: int | None
    is_due_in_quarter: bool | None
    completed_on: date | None
    progress_pct: float | None
    result: str
    obstacle: str
    proposal: str
    sender: str
    sender_name: str
    as_of: date | None
    received_at: datetime | None
    submission: str
    sheet: str
    cell: str
    shown: str


class Due(BaseModel):
    """Form × unit × period: what was due, whether and when it came."""

    province: str
    form: str
    form_code: str
    cadence: str
    period: str
    unit_group: str
    reporting_line: str
    org_unit: str
    org_unit_name: str
    due_on: date | None
    received_at: datetime | None
    is_received: bool
    is_on_time: bool
    is_late: bool
    is_due: bool
    rejected_count: int
    cells_expected: int | None
    cells_filled: int | None
    submission: str


class Unit(BaseModel):
    """A unit, abolished ones too."""

    org_unit: str
    name: str
    short_name: str
    kind: str
    kind_name_vi: str
    kind_name_en: str
    unit_group: str
    parent: str
    reporting_line: str
    valid_from: date | None
    valid_to: date | None
    is_in_force: bool
    official_code: str
    old_names: str = Field(description="tên cũ đã khớp khi tìm · names before the merger that the search met")


class Indicator(BaseModel):
    """A line of the catalogue of indicators."""

    indicator: str
    name_vi: str
    name_en: str
    topic: str
    numerator_name: str
    denominator_name: str
    measure_unit: str
    kind: str
    factor: float
    direction: str
    value_type: str
    cadence: str
    reporter: str
    source_document: str
    note: str
    decimals: int
    position: int


class Page(BaseModel):
    """A page of rows, and where the next one is."""

    total: int = Field(description="số dòng tất cả · rows in all")
    limit: int
    offset: int
    next: str | None = Field(description="địa chỉ trang sau · address of the next page")
    as_of: date | None = Field(description="số liệu tính đến ngày · figures as of")
    version: str = Field(description="phiên bản kho số liệu · version of the warehouse")
    citation: str = Field(description="dòng trích dẫn · line to cite")
    link: str = Field(description="địa chỉ của chính câu trả lời này · address of this very answer")
    is_demo: bool = Field(description="số liệu minh họa · demonstration data")


class Problem(BaseModel):
    """Why there is no answer."""

    status: int
    parameter: str = Field(description="tham số không hiểu được, '' nếu không do tham số nào · parameter at fault")
    detail: str
    detail_en: str
    known: list[str] = Field(description="các giá trị có thể dùng, nếu ít · values there are, if few")


class Refused(Exception):
    """A question that cannot be answered, with the words for it."""

    def __init__(self, status: int, word: str, parameter: str = "", known: Iterable[str] = (), **values: str) -> None:
        super().__init__(word)
        self.status = status
        listed = sorted(known)
        vi, en = (words.format(**values) if values else words for words in WORDS[word])
        self.problem = Problem(
            status=status, parameter=parameter, detail=vi, detail_en=en, known=listed if len(listed) <= FEW else []
        )


# ---------------------------------------------------------------- the application


def application(settings: Settings) -> FastAPI:
    """The API of one installation, to be mounted at `PATH`."""
    app = FastAPI(
        title="Tiến Độ Số",
        version="1",
        description=(
            "Số liệu tiến độ chuyển đổi số như trên các trang: chỉ tiêu, nhiệm vụ, tình hình nộp báo cáo, đơn vị, "
            "danh mục. Tham số mang tên như trên địa chỉ của trang. Mỗi câu trả lời có ETag; hỏi lại với If-None-Match "
            "được 304.\n\n"
            "The figures of the dashboard as JSON, CSV or Parquet."
        ),
        servers=[{"url": PATH}],
        root_path_in_servers=False,
        docs_url=None,  # both would load their scripts from the Internet
        redoc_url=None,
    )
    _describe_failures(app)

    @app.get("/progress", **_described("Số liệu chỉ tiêu theo đơn vị và quý · figures", Figure))
    def progress(request: Request, asked: Annotated[ProgressAsked, Query()]) -> Response:
        scope = scope_of(request, settings, asked.moment)
        return _answer(request, settings, scope, asked, Figure, "explore", lambda: _progress(settings, scope, asked))

    @app.get("/tasks", **_described("Nhiệm vụ trong một quý · tasks", Task))
    def tasks(request: Request, asked: Annotated[TasksAsked, Query()]) -> Response:
        scope = scope_of(request, settings, asked.moment)
        return _answer(request, settings, scope, asked, Task, "tasks", lambda: _tasks(settings, scope, asked))

    @app.get("/completeness", **_described("Tình hình nộp báo cáo · reports due and received", Due))
    def completeness(request: Request, asked: Annotated[CompletenessAsked, Query()]) -> Response:
        scope = scope_of(request, settings, asked.moment)
        return _answer(request, settings, scope, asked, Due, "completeness", lambda: _due(settings, scope, asked))

    @app.get("/units", **_described("Đơn vị · units", Unit))
    def units(request: Request, asked: Annotated[UnitsAsked, Query()]) -> Response:
        scope = scope_of(request, settings, asked.moment)
        return _answer(request, settings, scope, asked, Unit, "org_units", lambda: _units(settings, scope, asked))

    @app.get("/indicators", **_described("Danh mục chỉ tiêu · catalogue of indicators", Indicator))
    def indicators(request: Request, asked: Annotated[IndicatorsAsked, Query()]) -> Response:
        scope = scope_of(request, settings, asked.moment)
        return _answer(request, settings, scope, asked, Indicator, "indicators", lambda: _indicators(scope, asked))

    return app


def scope_of(request: Request, settings: Settings, moment: str) -> Scope:
    """What an asker may see of the present warehouse, or of that of a moment."""
    path = warehouse.current(settings.warehouse)
    if path is None:
        raise Refused(503, "api.no_warehouse")
    scope = scopes.scope_of(visitor.of_request(request), settings, path)
    if not moment:
        return scope
    found = filters.find_moment(scope, moment)
    if found is None:
        meetings = queries.meetings(scope)["meeting"].to_list()
        raise Refused(400, "api.unknown", filters.PARAMETERS["moment"], meetings, value=moment[:60])
    past = warehouse.as_of(settings.warehouse, as_of.moment_key(found.at))
    if past is None:
        raise Refused(404, "api.not_built", filters.PARAMETERS["moment"])
    return scope.at(past)


def _described(summary: str, row: type[BaseModel]) -> dict[str, Any]:
    """What the OpenAPI description says about one table."""
    page = create_model(f"{row.__name__}Page", __base__=Page, data=(list[row], ...))  # type: ignore[valid-type]
    headers = {
        "ETag": {"description": "phiên bản của câu trả lời", "schema": {"type": "string"}},
        "X-Total-Count": {"description": "số dòng tất cả", "schema": {"type": "integer"}},
        "Link": {"description": 'chính nó, rel="self"; trang sau, rel="next"', "schema": {"type": "string"}},
        "X-Citation": {"description": "dòng trích dẫn (UTF-8, mã hóa phần trăm)", "schema": {"type": "string"}},
        "X-Warehouse-Version": {"description": "phiên bản kho số liệu", "schema": {"type": "string"}},
    }
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {
        "summary": summary,
        "description": row.__doc__,
        "response_model": None,
        "responses": {
            200: {
                "model": page,
                "headers": headers,
                "description": "Một trang số liệu",
                "content": {MEDIA_TYPES["csv"]: {"schema": {"type": "string"}}, MEDIA_TYPES["parquet"]: binary},
            },
            304: {"description": "Không có gì mới"},
            400: {"model": Problem, "description": "Giá trị không có trong kho số liệu"},
            404: {"model": Problem, "description": "Thời điểm chưa được dựng"},
            406: {"model": Problem, "description": "Không có dạng mà Accept đòi"},
            422: {"model": Problem, "description": "Tham số sai hoặc không có"},
            503: {"model": Problem, "description": "Chưa có kho số liệu"},
        },
    }


def _describe_failures(app: FastAPI) -> None:
    """Failures are answered in one shape and in both languages."""

    @app.exception_handler(Refused)
    async def refused(_request: Request, refusal: Refused) -> Response:
        headers = {"cache-control": "no-store"} | ({"retry-after": "60"} if refusal.status == 503 else {})
        return JSONResponse(refusal.problem.model_dump(), refusal.status, headers)

    @app.exception_handler(FileNotFoundError)
    async def swept(request: Request, _error: FileNotFoundError) -> Response:
        """A version was swept away between being found and being asked."""
        return await refused(request, Refused(503, "api.no_warehouse"))

    @app.exception_handler(RequestValidationError)
    async def misunderstood(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        parameter = str(first["loc"][1]) if len(first["loc"]) > 1 else ""
        word = "api.no_parameter" if first["type"] == "extra_forbidden" else "api.misunderstood"
        return await refused(request, Refused(422, word, parameter[:60], name=parameter[:60]))

    @app.exception_handler(HTTPException)
    async def not_here(request: Request, error: HTTPException) -> Response:
        answer = await refused(request, Refused(error.status_code, "api.not_here"))
        answer.headers.update(error.headers or {})
        return answer


# ---------------------------------------------------------------- one table each


def _progress(settings: Settings, scope: Scope, asked: ProgressAsked) -> Rows:
    province = _province(settings, scope, asked)
    units = queries.org_units(scope, province=province)
    narrowed: dict[str, Any] = {
        "province": province,
        "indicators": _codes(asked.indicators, _names("indicator"), queries.indicators(scope)["indicator"]),
        "units": _codes(asked.units, _names("org_unit"), units["org_unit"]),
        "unit_groups": _codes(asked.unit_groups, _names("unit_group"), units["unit_group"]),
        "reporting_lines": _codes(asked.reporting_lines, "tuyen", REPORTING_LINES),
        "periods": _quarters(asked.periods),
    }
    rows = queries.explore(scope, limit=asked.limit, offset=asked.offset, **narrowed)
    counted = queries.explore(scope, limit=1, **narrowed) if rows.is_empty() and asked.offset else rows
    return rows, int(counted["line_count"][0]) if counted.height else 0


def _tasks(settings: Settings, scope: Scope, asked: TasksAsked) -> Rows:
    province = _province(settings, scope, asked)
    quarters = queries.quarters(scope, province=province)["period"].to_list()
    period = asked.period or "".join(quarters[:1])
    _quarters([asked.period])
    leads = queries.org_units(scope, province=province)["org_unit"]
    lead = _codes([asked.lead], "chu-tri", leads)
    return _slice(queries.tasks(scope, province=province, period=period, lead=lead[0] if lead else None), asked)


def _due(settings: Settings, scope: Scope, asked: CompletenessAsked) -> Rows:
    province = _province(settings, scope, asked)
    if asked.period:
        _known_period(asked.period, "ky")
    form = _codes([asked.form], "bieu", queries.completeness(scope, province=province)["form"].unique())
    rows = queries.completeness(scope, province=province, period=asked.period or None, form=form[0] if form else None)
    return _slice(rows, asked)


def _units(settings: Settings, scope: Scope, asked: UnitsAsked) -> Rows:
    province = _province(settings, scope, asked)
    rows = queries.org_units(scope, province=province)
    groups = _codes(asked.unit_groups, _names("unit_group"), rows["unit_group"])
    lines = _codes(asked.reporting_lines, "tuyen", REPORTING_LINES)
    rows = rows.with_columns(old_names=pl.lit("")) if not asked.sought else _sought(scope, province, asked.sought, rows)
    if groups:
        rows = rows.filter(pl.col("unit_group").is_in(groups))
    if lines:
        rows = rows.filter(pl.col("reporting_line").is_in(lines))
    return _slice(rows, asked)


def _sought(scope: Scope, province: str, sought: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The units found by a name, the nearest match first."""
    words = tuple(search_key(sought).split())
    found = queries.find_units(scope, province=province, words=words or None)
    return found.select("org_unit", "old_names").join(rows, on="org_unit", how="inner", maintain_order="left")


def _indicators(scope: Scope, asked: IndicatorsAsked) -> Rows:
    rows = queries.indicators(scope)
    for word in search_key(asked.sought).split():
        carried = pl.concat_str("search_key", pl.col("indicator").str.to_lowercase(), separator=" ")
        rows = rows.filter(carried.str.contains(word, literal=True))
    return _slice(rows, asked)


def _slice(rows: pl.DataFrame, asked: Asked) -> Rows:
    return rows.slice(asked.offset, asked.limit), rows.height


def _province(settings: Settings, scope: Scope, asked: Asked) -> str:
    known = queries.provinces(scope)["org_unit"]
    return (_codes([asked.province], _names("province"), known) or (settings.home_province,))[0]


def _codes(given: Sequence[str], parameter: str, known: Iterable[str]) -> tuple[str, ...] | None:
    """The codes given, one by one or with commas between; None if there are none. An unknown one is refused."""
    codes = tuple(dict.fromkeys(code for part in given for code in part.split(",") if code))
    unknown = [code for code in codes if code not in set(known)]
    if unknown:
        raise Refused(400, "api.unknown", parameter, set(known), value=unknown[0][:60])
    return codes or None


def _quarters(given: Sequence[str]) -> tuple[str, ...] | None:
    codes = tuple(dict.fromkeys(code for part in given for code in part.split(",") if code))
    for code in codes:
        if _known_period(code, _names("period")) != "quarterly":
            raise Refused(400, "api.no_quarter", _names("period"), value=code[:60])
    return codes or None


def _known_period(code: str, parameter: str) -> str:
    """Its cadence."""
    try:
        return periods.cadence(code)
    except ValueError:
        raise Refused(400, "api.no_period", parameter, value=code[:60]) from None


# ---------------------------------------------------------------- one answer


def _answer(
    request: Request,
    settings: Settings,
    scope: Scope,
    asked: Asked,
    row: type[BaseModel],
    question: str,
    ask: Callable[[], Rows],
) -> Response:
    """The rows in the form wanted, or 304 where the asker has them already."""
    file_format = asked.format or _accepted(request.headers.get("accept", ""))
    etag = _etag(settings, scope, request, question, file_format)
    headers = {
        "etag": etag,
        "cache-control": "private, no-cache",
        "vary": "accept",
        "x-content-type-options": "nosniff",
    }
    if _is_held(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    rows, total = ask()
    rows = rows.select(list(row.model_fields)).with_columns(pl.col(pl.Datetime).dt.replace_time_zone("UTC"))
    following = _next(request, asked, total)
    state = queries.build_state(scope).row(0, named=True)
    about = _about(scope, state, question, quote(str(request.url), safe=_IN_URL))
    links = [f'<{about.link}>; rel="self"', *([f'<{following}>; rel="next"'] if following else [])]
    headers |= {"x-total-count": str(total), "link": ", ".join(links)}
    headers |= {"x-citation": quote(about.citation, safe=" ,:/"), "x-warehouse-version": about.version}
    if file_format == "json":
        page = {
            "total": total,
            "limit": asked.limit,
            "offset": asked.offset,
            "next": following,
            "as_of": str(state["latest_as_of"] or state["as_of"]),
            "version": about.version,
            "citation": about.citation,
            "link": about.link,
            "is_demo": state["is_demo"],
        }
        data = _with_rows(page, rows)
    else:
        data = export.write(rows, file_format, about)
        headers["content-disposition"] = f'attachment; filename="{question}.{file_format}"'
    return Response(data, media_type=MEDIA_TYPES[file_format], headers=headers)


def _about(scope: Scope, state: dict[str, Any], title: str, link: str) -> export.About:
    day = f"{state['latest_as_of'] or state['as_of']:%d/%m/%Y}"
    source = WORDS["explore.source"][0]
    return export.About(title, as_of=day, source=source, version=scope.warehouse.stem, link=link)


def _with_rows(page: dict[str, Any], rows: pl.DataFrame) -> bytes:
    """The page with its rows, which are written by the column and not one by one."""
    moments = [name for name, dtype in rows.schema.items() if isinstance(dtype, pl.Datetime)]
    written = rows.with_columns(pl.col(name).dt.strftime("%Y-%m-%dT%H:%M:%SZ") for name in moments).write_json()
    return json.dumps(page, ensure_ascii=False).encode()[:-1] + b', "data": ' + written.encode() + b"}"


def _next(request: Request, asked: Asked, total: int) -> str | None:
    following = asked.offset + asked.limit
    if following >= total:
        return None
    given = [(name, value) for name, value in request.query_params.multi_items() if name not in ("offset", "limit")]
    wanted = [*given, ("limit", str(asked.limit)), ("offset", str(following))]
    return f"{request.url.path}?{urlencode(wanted)}"


def _etag(settings: Settings, scope: Scope, request: Request, question: str, file_format: str) -> str:
    """Weak, as the same rows may be sent compressed."""
    held = sorted(request.query_params.multi_items())
    seen = [None if one is None else sorted(one) for one in (scope.org_units, scope.indicators)]
    version, asked = warehouse.version(scope.warehouse), (settings.home_province, statement(question), held)
    told = (version, seen, scope.aggregates, asked, file_format)
    return f'W/"{sha256(repr(told).encode()).hexdigest()[:32]}"'


def _is_held(if_none_match: str, etag: str) -> bool:
    held = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return "*" in held or etag.removeprefix("W/") in held


def _accepted(accept: str) -> str:
    """The form that an Accept header prefers; json without one or where all are as good."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept.split(",")):
        kind, *options = (word.strip().lower() for word in part.split(";"))
        weight = next((_weight(option[2:]) for option in options if option.startswith("q=")), 1.0)
        for file_format, media_type in MEDIA_TYPES.items():
            if weight > 0 and kind in ("", "*/*", media_type, f"{media_type.partition('/')[0]}/*"):
                ranked.append((-weight, place, file_format))
    if not ranked:
        raise Refused(406, "api.not_acceptable", known=MEDIA_TYPES.values())
    return min(ranked, key=lambda rank: rank[:2])[2]


def _weight(written: str) -> float:
    try:
        return float(written)
    except ValueError:
        return 0.0
