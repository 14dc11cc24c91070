"""Tables that Streamlit's own cannot draw: cells that are marks, long words in full; rows in, HTML out, all escaped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, Final

import polars as pl

from dashboard import text, theme
from dashboard.text import t
from etl.receipt import what_to_do

Row = Mapping[str, Any]

STYLE: Final = f"""<style>
.matrix {{width: fit-content; max-width: 100%; max-height: 37.333rem; overflow: auto; border: 1px solid {theme.GRID}}}
.matrix table {{border-collapse: separate; border-spacing: 0; font-size: 0.867rem; line-height: 1.35}}
.matrix th, .matrix td {{padding: 2px 0.533rem; border: 0 solid {theme.GRID}; border-width: 0 1px 1px 0;
  text-align: center;
  white-space: nowrap}}
.matrix thead {{position: sticky; top: 0; z-index: 1}}
.matrix thead th {{background: {theme.PANEL}; font-weight: 600; line-height: 1.2}}
.matrix thead tr + tr th {{font-weight: 400; color: {theme.MUTED}}}
.matrix .name {{text-align: left; font-weight: 400}}
.matrix .total {{text-align: right; font-variant-numeric: tabular-nums}}
.matrix.lines {{width: 100%; max-height: 29.333rem}}
.matrix.lines table {{width: 100%}}
.matrix.lines th, .matrix.lines td {{text-align: left; vertical-align: top; white-space: normal;
  overflow-wrap: anywhere}}
.matrix.lines.whole {{max-height: none}}
.matrix.lines.whole :is(th, td) {{overflow-wrap: break-word}}
.matrix.lines.whole th[scope="row"] {{font-weight: 400}}
.matrix.lines.whole a {{text-decoration: underline; color: {theme.GOOD}; line-height: 1.35; min-height: 24px}}
.matrix.lines .total {{text-align: right; white-space: nowrap}}
.matrix.lines .place {{white-space: nowrap}}
.matrix.lines i {{color: {theme.MUTED}}}
.matrix a {{color: inherit; text-decoration: none; display: block; min-height: 24px; line-height: 24px}}
.matrix a:hover {{text-decoration: underline}}
</style>"""


def linked(
    columns: Mapping[str, Sequence[str]], links: Sequence[str], cells: Mapping[tuple[int, str], str], most: int
) -> str:
    """Columns of words, empty ones left out, as a table of at most so many rows; `links` are of the first column."""
    shown = {title: list(words) for title, words in columns.items() if any(words)}
    figures = {title for title, words in shown.items() if all(map(_is_figure, words))}
    count = max(map(len, shown.values()), default=0)
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in shown)
    lines = []
    for place in range(min(count, most)):
        row = []
        for number, (title, words) in enumerate(shown.items()):
            target = cells.get((place, title), "") or (links[place] if number == 0 and place < len(links) else "")
            word = escape(words[place].strip("\u2007"))
            inside = f'<a class="here" href="{escape(target)}">{word or "—"}</a>' if target else word
            kind = ' class="total"' if title in figures else ""
            row.append(f'<th scope="row">{inside}</th>' if number == 0 else f"<td{kind}>{inside}</td>")
        lines.append(f"<tr>{''.join(row)}</tr>")
    more = (
        f"<p>{escape(t('table.more', shown=text.number(most), count=text.number(count)))}</p>" if count > most else ""
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    return f'{STYLE}<div class="matrix lines whole">{table}</div>{more}'


def _is_figure(words: str) -> bool:
    bare = words.lstrip("\u2007<>≤≥≈−\u00a0")
    return not bare or (bare[0].isdigit() and bare.count("/") < 2 and len(bare) < 24)


SEVERITIES: Final = ("error", "warning", "info")


def findings(rows: Sequence[Row]) -> str:
    """Findings, errors first: severity, cell, what stood there, what it is and what to do about it."""
    lines = []
    for row in sorted(rows, key=lambda row: SEVERITIES.index(row["severity"])):
        message = text.name(row, "message")
        advice = what_to_do(row["code"], row["severity"], message, text.language())
        said = escape(message) + (f"<br><i>{escape(advice)}</i>" if advice else "")
        place = escape("!".join(filter(None, (row["sheet"], row["cell"]))))
        lines.append(
            f'<tr><td class="place">{escape(t("severity." + row["severity"]))}</td><td class="place">{place}</td>'
            f"<td>{escape(row['shown'])}</td><td>{said}</td></tr>"
        )
    titles = (t("severity"), t("cell"), t("source.shown"), t("finding.to_do"))
    head = "".join(f"<th>{escape(title)}</th>" for title in titles)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    return f'{STYLE}<div class="matrix lines">{table}</div>'


def state_of(row: Row) -> str:
    """What became of one expected report: a key of `theme.REPORT_MARKS`."""
    if row["is_received"]:
        return "late" if row["is_late"] else "on_time"
    if row["rejected_count"]:
        return "returned"
    return "missing" if row["is_due"] else "not_due"


def ordered(rows: pl.DataFrame, period: str) -> list[str]:
    """The units of a form: those whose report of `period` is missing first, then by how many are, then by name."""
    marks = list(theme.REPORT_MARKS)
    place: dict[str, tuple[int, int, str]] = {}
    for row in rows.iter_rows(named=True):
        unit, state = row["org_unit"], state_of(row)
        worst, missing, name = place.get(unit, (len(marks), 0, row["sort_key"] or ""))
        worst = marks.index(state) if row["period"] == period else worst
        place[unit] = (worst, missing - (state in {"missing", "returned"}), name)
    return sorted(place, key=place.__getitem__)


def submissions(rows: pl.DataFrame, columns: Sequence[str], link: Callable[[str], str]) -> str:
    """Unit × period of one form: tick, late, returned, missing, not due; totals on top, each unit's at the end.

    `link` gives the address of a submission's receipt.
    """
    held = {(row["org_unit"], row["period"]): row for row in rows.iter_rows(named=True)}
    labels = {row["period"]: text.name(row, "period_label") for row in held.values()}
    has_cells = any(row["cells_expected"] for row in held.values())
    lines = []
    for unit in ordered(rows, columns[-1]):
        own = [held.get((unit, period)) for period in columns]
        first = next(row for row in own if row is not None)
        cells = "".join(_mark(row, link) for row in own)
        ends = _unit_totals(own, has_cells)
        lines.append(f'<tr><th class="name">{escape(first["org_unit_name"])}</th>{cells}{ends}</tr>')
    head = "".join(f"<th>{_two_lines(labels.get(period, period))}</th>" for period in columns)
    cells_head = f"<th>{escape(t('due.cells'))}</th>" if has_cells else ""
    every = [[row for row in held.values() if row["period"] == period] for period in columns]
    return (
        f'{STYLE}<div class="matrix"><table><thead><tr><th class="name">{escape(t("unit"))}</th>{head}'
        f"<th>{escape(t('due.received'))}</th>{cells_head}</tr>"
        f"{_totals(t('due.received'), every, 'is_received', has_cells)}"
        f"{_totals(t('due.in_time'), every, 'is_on_time', has_cells)}"
        f"</thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _two_lines(label: str) -> str:
    return escape(label).replace("/", "<br>", 1)


def _mark(row: Row | None, link: Callable[[str], str]) -> str:
    if row is None:
        return "<td></td>"
    mark = theme.REPORT_MARKS[state_of(row)]
    words = [t(mark.word)]
    if row["received_at"] is not None:
        words.append(text.moment(row["received_at"]))
    if row["due_on"] is not None:
        words.append(t("report.due", day=text.day(row["due_on"])))
    inside = escape(mark.shape)
    if row["submission"]:
        inside = f'<a href="{escape(link(row["submission"]))}" target="_self">{inside}</a>'
    return (
        f'<td style="background:{mark.colour};color:{mark.ink}" title="{escape(" · ".join(words))}" '
        f'aria-label="{escape(words[0])}">{inside}</td>'
    )


def _unit_totals(own: Sequence[Row | None], has_cells: bool) -> str:
    rows = [row for row in own if row is not None]
    received = text.fraction(sum(row["is_received"] for row in rows), len(rows))
    wanted = [row for row in rows if row["cells_expected"] and (row["is_due"] or row["is_received"])]
    cells = text.fraction(sum(row["cells_filled"] or 0 for row in wanted), sum(row["cells_expected"] for row in wanted))
    of_cells = f'<td class="total">{cells if wanted else ""}</td>' if has_cells else ""
    return f'<td class="total">{received}</td>{of_cells}'


def _totals(label: str, every: Sequence[Sequence[Row]], counted: str, has_cells: bool) -> str:
    cells = "".join(f"<th>{text.fraction(sum(row[counted] for row in rows), len(rows))}</th>" for rows in every)
    counts = text.fraction(sum(row[counted] for rows in every for row in rows), sum(map(len, every)))
    end = "<th></th>" if has_cells else ""
    return f'<tr><th class="name">{escape(label)}</th>{cells}<th class="total">{counts}</th>{end}</tr>'


def quality(rows: pl.DataFrame, columns: Sequence[str]) -> str:
    """Family of data quality × quarter of one group of units: per cent of what could be right, coloured by class."""
    held = {(row["family"], row["period"]): row for row in rows.iter_rows(named=True)}
    labels = {row["period"]: text.name(row, "period_label") for row in held.values()}
    lines = []
    for family in dict.fromkeys(row["family"] for row in rows.sort("position").iter_rows(named=True)):
        cells = "".join(_share(held.get((family, period))) for period in columns)
        lines.append(f'<tr><th class="name">{escape(t("quality." + family))}</th>{cells}</tr>')
    head = "".join(f"<th>{_two_lines(labels.get(period, period))}</th>" for period in columns)
    return (
        f'{STYLE}<div class="matrix"><table><thead><tr><th class="name">{escape(t("quality.family"))}</th>{head}</tr>'
        f"</thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def share(measure: float) -> str:
    """A per cent with one decimal, and 100 only where nothing is amiss: 5189/5190 → 99,9."""
    return text.number(measure if measure >= 100 else min(measure, 99.9), 1)


def _share(row: Row | None) -> str:
    if row is None or row["measure"] is None:
        return "<td>–</td>"
    fill, ink = next((fill, ink) for lowest, fill, ink in theme.QUALITY_CLASSES if row["measure"] >= lowest)
    counted = escape(text.fraction(row["numerator"], row["denominator"]))
    return f'<td style="background:{fill};color:{ink}" title="{counted}">{share(row["measure"])}</td>'
