"""Hand in a report: the blank form, the reading before sending, the receipt, one's earlier reports, withdrawing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import polars as pl
import streamlit as st

from dashboard import filters, guide, intake, panels, readings, screen, sources, text, visitor
from dashboard.filters import View
from dashboard.intake import Checked, Intake
from dashboard.sources import plain
from dashboard.text import t
from etl import periods
from etl.access import LOCAL, Action
from etl.errors import HouseError
from etl.findings import Finding
from etl.model import Outcome, Receipt
from etl.reference import Form, OrgUnit
from etl.vietnamese import sort_key
from sql import queries

Row = Mapping[str, Any]

SENT: Final = "da-gui"  # the arrival whose receipt is waited for; stays on this page
FEW: Final = 12  # units that need no search
LOOK_EVERY: Final = 1.5  # seconds
PATIENCE: Final = 60  # seconds after which the page says that the watcher may be at rest
UNIT_PAGE: Final = Path(__file__).with_name("don_vi.py")
GROUPS: Final = ("department", "party", "commune", "area")
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

SECRET: Final = Finding("submission.secret")

# ---------------------------------------------------------------- 1: the blank form


def choose(desk: Intake, view: View | None) -> tuple[Form, OrgUnit, str]:
    """Unit, form and period, kept in the URL."""
    province = view.selection.province if view is not None else ""
    units = units_of(desk, province or desk.settings.home_province)
    if WHO.org_unit:
        below = desk.own_units(WHO)
        units = {code: name for code, name in units.items() if code in below} or {WHO.org_unit: WHO.name}
    wished = st.query_params.get(filters.PARAMETERS["org_unit"], "") or WHO.org_unit
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        found = filters.search_unit(view, units) if len(units) > FEW else units
        unit = desk.reference.org_units[filters.pick_one("don-vi", t("field.org_unit"), found, wished)]
        forms = {key: f"{form.code} · {text.name(named(form), 'name')}" for key, form in desk.reference.forms.items()}
        own = [key for key, form in desk.reference.forms.items() if must_send(form, unit)]
        form = desk.reference.forms[filters.pick_one("bieu", t("field.form"), forms, "".join(own[:1]))]
        due = desk.periods(form, unit, intake.today())
        labels = {period: periods.label(period, text.language()) for period in due}
        period = filters.pick_one("ky", t("source.period"), labels, "", 190)
    return form, unit, period


def units_of(desk: Intake, province: str) -> dict[str, str]:
    """The units of a province that exist today, by group and name."""
    reference = desk.reference
    found = [
        unit
        for unit in reference.org_units.values()
        if unit.is_valid(None) and reference.province_of(unit.code) == province and unit.kind != "country"
    ]
    found.sort(
        key=lambda unit: (GROUPS.index(reference.unit_group(unit.code)), unit.kind != "department", sort_key(unit.name))
    )
    return {unit.code: unit.name for unit in found}


def must_send(form: Form, unit: OrgUnit) -> bool:
    return any(unit.kind in rule.senders or unit.code in rule.senders for rule in form.expected)


def named(form: Form) -> Row:
    return {"name_vi": form.name_vi, "name_en": form.name_en}


def offer_template(desk: Intake, form: Form, unit: OrgUnit, period: str) -> None:
    """The form with unit, period and codes filled in, and until when it is due."""
    st.markdown(f"**{t('submit.step.form')}**")
    due = desk.reference.due_on(form.form, period) if must_send(form, unit) else None
    if due is None:
        st.caption(t("submit.not_expected"))
    else:
        st.caption(plain(" · ".join((t("report.due", day=text.day(due)), left(due)))))
    st.download_button(
        t("submit.template"),
        data=partial(desk.template, form.form, unit.code, period),
        file_name=intake.plain_name(f"{unit.name}_{form.code}_{periods.label(period)}.xlsx".replace("/", "-")),
        mime=XLSX,
        icon=":material/download:",
        on_click="ignore",
    )
    st.caption(t("submit.template.note"))
    guide.offer("clerk")


def left(due: Any) -> str:
    """How many days are left, or how many it is late."""
    days = (due - intake.today()).days
    if days == 0:
        return t("due.today")
    return t("due.left", days=days) if days > 0 else t("due.late", days=-days)


# ---------------------------------------------------------------- 2: a file, and what would be read of it


def drop(desk: Intake) -> Checked | None:
    """The field for a file, and its reading; read once per file."""
    st.markdown(f"**{t('submit.step.file')}**")
    turn = st.session_state.setdefault("submit-turn", 0)
    given = st.file_uploader(
        t("submit.step.file"),
        key=f"submit-file-{turn}",
        max_upload_size=desk.settings.max_file_mb,
        label_visibility="collapsed",
    )
    st.caption(t("submit.file.note"))
    if given is None:
        st.session_state.pop("submit-checked", None)
        if st.session_state.pop("submit-secret", False):
            st.error(text.name({"m_vi": SECRET.message_vi, "m_en": SECRET.message_en}, "m"))
        return None
    kept = st.session_state.get("submit-checked")
    if kept is None or kept[0] != given.file_id:
        with st.spinner(t("submit.reading")):
            kept = st.session_state["submit-checked"] = (given.file_id, desk.check(given.getvalue(), given.name, WHO))
    checked: Checked = kept[1]
    if checked.is_secret:
        forget_file()
        st.session_state["submit-secret"] = True
        st.rerun()
    return checked


def show_reading(desk: Intake, view: View | None, checked: Checked, unit: OrgUnit, period: str) -> None:
    """What would become of the file, the way on (send, or take the marked copy home), and what was read of it."""
    st.subheader(t("submit.before", name=plain(checked.file_name)))
    if checked.earlier:
        st.info(t("submit.duplicate"), icon=":material/content_copy:")
        readings.links(checked.earlier, "accepted")
    else:
        for receipt in checked.receipts:
            foretell(desk, view, receipt, unit, period)
        if checked.is_worth_sending:
            offer_sending(desk, checked)
    for receipt in checked.receipts:
        show_rows(desk, receipt)


def foretell(desk: Intake, view: View | None, receipt: Receipt, unit: OrgUnit, period: str) -> None:
    """Whether a form found in the file would be accepted, and what about it may surprise."""
    content = receipt.content
    is_good = receipt.outcome is Outcome.ACCEPTED
    words = t("submit.would_accept" if is_good else "submit.would_return")
    (st.success if is_good else st.error)("  \n".join(filter(None, (words, plain(described(desk, receipt))))))
    sender = desk.reference.org_units.get(content.org_unit)
    if sender is not None and (sender.code != unit.code or content.period != period):
        chosen = f"{unit.name}, {periods.label(period, text.language())}"
        st.warning(t("submit.other", chosen=plain(chosen)), icon=":material/help:")
    replaced = standing(view, receipt)
    if replaced is not None and is_good:
        moment = text.moment(replaced["received_at"])
        st.info(t("submit.replaces", moment=moment), icon=":material/published_with_changes:")


def described(desk: Intake, receipt: Receipt) -> str:
    """Form, sender, period, as-of date and number of rows in one line."""
    content = receipt.content
    form, sender = desk.reference.forms.get(content.form), desk.reference.org_units.get(content.org_unit)
    facts = (
        form.code if form else "",
        sender.name if sender else "",
        periods.label(content.period, text.language()) if content.period else "",
        t("as_of", day=text.day(content.as_of)) if content.as_of else "",
        t("submit.figures", count=len(content.observations)) if content.observations else "",
        t("submit.tasks", count=len(content.tasks)) if content.tasks else "",
    )
    return " · ".join(fact for fact in facts if fact)


def show_rows(desk: Intake, receipt: Receipt) -> None:
    """The findings about one form of the file, and what was read of it side by side with the cells."""
    content = receipt.content
    with st.container(border=True):
        st.markdown(f"**{plain(described(desk, receipt))}**")
        readings.findings([finding.as_dict() for finding in content.findings])
        observations, tasks = intake.rows_of(receipt)
        if observations or tasks:
            st.markdown(f"**{t('report.read_rows')}**")
        if observations:
            readings.observations(readings.named_observations(desk.reference, observations, content.org_unit))
        if tasks:
            readings.task_reports(readings.named_tasks(desk.reference, tasks))


def standing(view: View | None, receipt: Receipt) -> Row | None:
    """The submission that counts now and would be replaced."""
    content = receipt.content
    if view is None or not content.org_unit:
        return None
    rows = queries.submissions(
        view.scope, form=content.form, period=content.period, org_unit=content.org_unit, outcome="accepted"
    )
    return next(rows.filter(pl.col("is_current")).iter_rows(named=True), None)


def offer_sending(desk: Intake, checked: Checked) -> None:
    fault = st.session_state.pop("submit-fault", "")
    if fault:
        st.error(fault)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if WHO == LOCAL:
            help_text = t("submit.sender.help")
            st.text_input(
                t("submit.sender"), key="submit-sender", max_chars=200, width=screen.wide(380), help=help_text
            )
        st.button(
            t("submit.send") if checked.is_acceptable else t("submit.send_anyway"),
            type="primary" if checked.is_acceptable else "secondary",
            icon=":material/send:",
            on_click=send,
            args=(desk, checked),
        )
        if not checked.is_acceptable:
            marked = marked_copy(desk, checked)
            if marked is not None:
                st.download_button(
                    t("receipt.marked"),
                    data=marked[1],
                    file_name=marked[0],
                    type="primary",
                    icon=":material/edit_document:",
                    on_click="ignore",
                )
    st.caption(t("submit.look" if checked.is_acceptable else "submit.mend_first"))


def marked_copy(desk: Intake, checked: Checked) -> tuple[str, bytes] | None:
    """The marked copy of the file at hand, made once."""
    kept = st.session_state.get("submit-marked")
    if kept is None or kept[0] is not checked:
        kept = st.session_state["submit-marked"] = (checked, desk.mark(checked))
    marked: tuple[str, bytes] | None = kept[1]
    return marked


def sender() -> str:
    """Who sends: who is signed in, or the name typed where nobody need be."""
    return WHO.name if WHO != LOCAL else str(st.session_state.get("submit-sender", ""))


def send(desk: Intake, checked: Checked) -> None:
    try:
        st.query_params[SENT] = desk.send(checked.data, checked.file_name, sender(), WHO)
    except (HouseError, OSError):
        st.session_state["submit-fault"] = t("submit.not_sent")
        return
    forget_file()


def forget_file() -> None:
    """Take the file at hand, and what was read of it, out of this session."""
    for name in ("submit-checked", "submit-marked"):
        st.session_state.pop(name, None)
    st.session_state["submit-turn"] += 1


# ---------------------------------------------------------------- 3: the receipt


def show_sent(desk: Intake, arrival: str) -> None:
    """The receipt of what was sent, or calm words while it is waited for."""
    answers = desk.answers(arrival, WHO)
    with st.container(border=True):
        if answers:
            for record in answers:
                show_answer(desk, record)
            st.button(t("submit.next"), icon=":material/add:", on_click=filters.forget, args=(SENT,))
        elif desk.is_waiting(arrival, WHO):
            st.fragment(wait, run_every=LOOK_EVERY)(desk, arrival, text.language())
        else:
            st.info(t("report.no_receipt"))
            st.button(t("submit.next"), on_click=filters.forget, args=(SENT,))


def wait(desk: Intake, arrival: str, language: str) -> None:
    text.use(language)  # a fragment runs again on its own, outside the page's run
    if desk.answers(arrival, WHO) or not desk.is_waiting(arrival, WHO):
        st.rerun()
    since = datetime.strptime(arrival[:22], "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)
    seconds = (datetime.now(UTC) - since).total_seconds()
    st.info(t("submit.waiting", moment=text.moment(since)), icon=":material/hourglass_top:")
    st.caption(t("submit.waiting.long" if seconds > PATIENCE else "submit.waiting.note"))


def show_answer(desk: Intake, record: Row) -> None:
    form, unit = desk.reference.forms.get(record["form"]), desk.reference.org_units.get(record["org_unit"])
    facts = (
        form.code if form else "",
        unit.name if unit else "",
        periods.label(record["period"], text.language()) if record["period"] else "",
        record["file_name"],
    )
    outcome = record["outcome"]
    shown = {"accepted": st.success, "rejected": st.error}.get(outcome, st.info)
    shown(f"**{t('outcome.' + outcome)}** · {plain(' · '.join(fact for fact in facts if fact))}")
    st.caption(f"{t('report.number')}: {record['submission']} · {text.moment(moment_of(record))}")
    readings.links(record["submission"], outcome, [finding["code"] for finding in record["findings"]])
    readings.findings(record["findings"])
    if outcome == "accepted" and unit is not None:
        st.caption(t("submit.soon"))
        quarter = periods.quarter_containing(record["period"])
        parameters = filters.link_parameters() | {"don-vi": unit.code} | ({"quy": quarter} if quarter else {})
        parameters.pop(SENT, None)
        st.page_link(UNIT_PAGE, label=t("submit.see"), icon=":material/apartment:", query_params=parameters)


def moment_of(record: Row) -> datetime:
    return datetime.fromisoformat(record["received_at"])


# ---------------------------------------------------------------- earlier reports


def history(view: View, unit: OrgUnit) -> None:
    """What a unit has sent so far; a row opens its receipt."""
    st.subheader(t("submit.history", unit=plain(unit.name)))
    # What was returned for naming no unit, or one that is not theirs, was still sent by those who are signed in.
    sent = queries.submissions(view.scope, org_unit=None if WHO.org_unit == unit.code else unit.code)
    rows = list(sent.iter_rows(named=True))
    if not rows:
        st.caption(t("submit.history.none"))
        return
    st.caption(t("submit.history.note"))
    columns = {
        t("report.received_at"): [text.moment(row["received_at"]) for row in rows],
        t("report.form"): [row["form_code"] for row in rows],
        t("report.period"): [text.name(row, "period_label") for row in rows],
        t("report.outcome"): [readings.state(row) for row in rows],
        t("report.errors"): sources.numbers([text.number(row["error_count"] or None) for row in rows]),
        t("report.warnings"): sources.numbers([text.number(row["warning_count"] or None) for row in rows]),
        t("source.sender"): [row["sender"] for row in rows],
        t("report.file"): [row["file_name"] for row in rows],
    }
    sources.link_table(columns, [row["submission"] for row in rows], "submit-history", filters.RECEIPT)


def show_receipt_of(desk: Intake, submission: str) -> None:
    """One earlier report: receipt, rows beside their cells, and the way to take it back."""
    st.button(t("report.close"), icon=":material/arrow_back:", on_click=filters.forget, args=(filters.RECEIPT,))
    record = desk.record(submission, WHO)
    if record is None:
        st.info(t("report.no_receipt"))
        return
    with st.container(border=True):
        show_answer(desk, record)
    if record["outcome"] == Outcome.ACCEPTED and desk.record(submission, WHO, Action.WITHDRAW) is not None:
        withdraw(desk, record)
    observations, tasks = desk.rows_read(record)
    st.markdown(f"**{t('report.read_rows')}**")
    if observations:
        readings.observations(readings.named_observations(desk.reference, observations, record["org_unit"]))
    if tasks:
        readings.task_reports(readings.named_tasks(desk.reference, tasks))
    if not observations and not tasks:
        st.caption(t("report.no_rows"))


def withdraw(desk: Intake, record: Row) -> None:
    """Taking a report back, with a reason; it stays in the archive."""
    submission = record["submission"]
    done = desk.withdrawal(submission)
    if done is not None:
        moment = text.moment(datetime.fromisoformat(done["at"]))
        st.info(t("withdraw.done", moment=moment, by=plain(done["by"] or "—"), reason=plain(done["reason"])))
        return
    if desk.is_withdrawal_waiting(submission):
        st.fragment(wait_for_withdrawal, run_every=LOOK_EVERY)(desk, submission, text.language())
        return
    with st.expander(t("withdraw"), icon=":material/undo:"):
        st.caption(t("withdraw.note"))
        reason = st.text_area(t("withdraw.reason"), max_chars=1000, key="withdraw-reason", height=80)
        if WHO == LOCAL:
            st.text_input(t("submit.sender"), max_chars=200, key="submit-sender", width=screen.wide(380))
        by = sender()
        if st.button(t("withdraw.do"), icon=":material/undo:"):
            if len(reason.strip()) < 5 or not by.strip():
                st.warning(t("withdraw.incomplete"))
            else:
                desk.request_withdrawal(submission, reason, by, WHO)
                st.rerun()


def wait_for_withdrawal(desk: Intake, submission: str, language: str) -> None:
    text.use(language)
    if not desk.is_withdrawal_waiting(submission):
        st.rerun()
    st.info(t("withdraw.waiting"), icon=":material/hourglass_top:")


# ---------------------------------------------------------------- the page

filters.start_language(st.query_params.to_dict())
WHO: Final = visitor.principal()
settings, scope = filters.open_warehouse()
desk = intake.open_intake(settings)
view = filters.open_view(needs_figures=False, present=True) if scope is not None else None
if view is not None:
    panels.head(view, t("page.nop_bao_cao"), "org_unit", whole_page=False)
else:
    st.title(t("page.nop_bao_cao"))
    st.info(t("no_warehouse"), icon=":material/hourglass_empty:")
if desk is None:
    st.stop()

opened = st.query_params.get(filters.RECEIPT, "")
arrival = st.query_params.get(SENT, "")
if opened:
    show_receipt_of(desk, opened)
else:
    form, unit, period = choose(desk, view)
    first, second = st.columns([1, 1.5], gap="small")
    with first, st.container(border=True, height="stretch"):
        offer_template(desk, form, unit, period)
    with second, st.container(border=True, height="stretch"):
        checked = drop(desk)
    if arrival and checked is None:
        show_sent(desk, arrival)
    if checked is not None:
        show_reading(desk, view, checked, unit, period)
    elif view is not None:
        history(view, unit)
