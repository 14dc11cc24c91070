"""Original bytes and findings → the marked copy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePath

from etl.errors import Refused
from etl.findings import Finding, Severity
from etl.marked_copy.comments import remove_comments, write_comments
from etl.marked_copy.findings_sheet import NAME, Listed, findings_sheet, link_to
from etl.marked_copy.markup import Edits, Element, NotEditable, attribute, number, parse, prefix_at
from etl.marked_copy.package import STRICT, Package
from etl.marked_copy.plain_copy import named_for_excel, plain_copy
from etl.marked_copy.recognition import fingerprint, is_marked_copy, mark_text, without_marks
from etl.marked_copy.sheets import (
    Place,
    anchors,
    deselected,
    place_of,
    relate_legacy_drawing,
    restyle,
    scan,
)
from etl.marked_copy.styles import MINIMAL, Styles
from etl.model import Workbook

EDITED = frozenset({"xlsx", "xlsm"})
MAX_MARKED = 500
MAX_COMMENT = 1500
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
GRAVITY = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def marked_copy(
    original: bytes,
    kind: str,
    findings: Sequence[Finding],
    *,
    submission: str,
    file_name: str,
    workbook: Workbook | None = None,
) -> bytes:
    """The sender's workbook with its findings marked; an .xlsm stays one, all other kinds give an .xlsx.

    `workbook` is the original as read. It is needed for kinds other than xlsx and xlsm, and where a package is built
    too oddly to be edited; without it the copy cannot tell later whether its sender changed it. At most 500 cells
    are marked, errors first. Raises Refused if no copy can be made.
    """
    ordered = sorted(findings, key=lambda finding: GRAVITY[finding.severity])
    if kind in EDITED:
        typed = fingerprint(without_marks(workbook)) if workbook else ""
        try:
            return _Marking(original, ordered, submission, file_name, typed, _old_sheet(workbook)).result()
        except NotEditable as error:
            if workbook is None:
                raise Refused(Finding("file.unreadable", expected="cấu trúc bảng tính bất thường")) from error
    if workbook is None:
        raise ValueError(f"a marked copy of a file of kind {kind} is made from the workbook as read")
    copy, names = named_for_excel(without_marks(workbook))
    moved = [replace(finding, sheet=names.get(finding.sheet, finding.sheet)) for finding in ordered]
    return _Marking(plain_copy(copy), moved, submission, file_name, fingerprint(copy), None).result()


def marked_file_name(file_name: str, kind: str) -> str:
    """The name under which the copy is handed out."""
    return f"{PurePath(file_name).stem} - cần sửa.{'xlsm' if kind == 'xlsm' else 'xlsx'}"


def _old_sheet(workbook: Workbook | None) -> str | None:
    """The name of the sheet of findings of an earlier marking."""
    for sheet in workbook.sheets if workbook else ():
        if workbook and is_marked_copy(replace(workbook, sheets=(sheet,))):
            return sheet.name
    return None


@dataclass(frozen=True, slots=True)
class _Tab:
    """One sheet as the workbook part lists it; `part` is empty unless it is a worksheet."""

    name: str
    part: str
    hidden: bool


class _Marking:
    """One package on its way to being a marked copy."""

    def __init__(
        self, data: bytes, findings: Sequence[Finding], submission: str, file_name: str, typed: str, old: str | None
    ) -> None:
        self.package = Package(data)
        self.findings = findings
        self.submission = submission
        self.file_name = file_name
        self.mark = mark_text(submission, typed)
        self.old = old
        self.book_part = next(
            (relation.target for relation in self.package.related("", "officeDocument")), "xl/workbook.xml"
        )
        self.book = parse(self.package.read_xml(self.book_part))
        if self.book.name != "workbook" or not self._sheet_elements():
            raise NotEditable("no list of sheets")
        if "purl.oclc.org" in self.book.uri:
            self.package.relations_base = STRICT
        self.tabs = self._tabs()
        self.styles_part = self._styles_part()
        self.styles = Styles(self.package.read_xml(self.styles_part))

    def result(self) -> bytes:
        if self.old is not None:
            self.styles.unmark(restore=not self._saved_by_libreoffice())
            for tab in self.tabs:
                if tab.part:
                    remove_comments(self.package, tab.part)
        locations = self._mark_sheets()
        lines = [Listed(finding, locations.get((finding.sheet, finding.cell), "")) for finding in self.findings]
        for tab in self.tabs:
            if tab.part:
                self._write_changed(tab.part, deselected(self.package.read_xml(tab.part)))
        sheet = findings_sheet(
            lines, self.styles, self.book.uri, file_name=self.file_name, submission=self.submission, mark=self.mark
        )
        self._put_first(sheet)
        self._write_changed(self.styles_part, self.styles.result())
        return self.package.to_bytes()

    def _saved_by_libreoffice(self) -> bool:
        """LibreOffice writes a colour of its own choice where a solid fill has no use for one."""
        properties = self.package.related("", "extended-properties")
        return any(b"LibreOffice" in self.package.read(relation.target) for relation in properties)

    def _write_changed(self, part: str, data: bytes) -> None:
        if data != self.package.read_xml(part):
            self.package.write(part, data)

    # --- the workbook part ------------------------------------------------------------------------------------

    def _sheet_elements(self) -> list[Element]:
        sheets = self.book.find("sheets")
        return list(sheets.all("sheet")) if sheets else []

    def _tabs(self) -> list[_Tab]:
        relations = {relation.id: relation for relation in self.package.relations(self.book_part)}
        tabs = []
        for element in self._sheet_elements():
            id_ = next((value for key, value in element.attributes.items() if key.endswith("/relationships id")), "")
            relation = relations.get(id_)
            part = (
                relation.target if relation and relation.type.rpartition("/")[2] in {"worksheet", "chartsheet"} else ""
            )
            hidden = element.attributes.get("state", "visible") != "visible"
            tabs.append(_Tab(element.attributes.get("name", ""), part if self.package.has(part) else "", hidden))
        return tabs

    def _styles_part(self) -> str:
        for relation in self.package.related(self.book_part, "styles"):
            return relation.target
        name = self.package.free_name("xl/styles{}.xml")
        self.package.write(name, MINIMAL.format(uri=self.book.uri).encode())
        self.package.declare(name, STYLES_TYPE)
        self.package.relate(self.book_part, "styles", name)
        return name

    def _put_first(self, sheet: bytes) -> None:
        """The sheet of findings into its place; that of an earlier marking is written over where it stands."""
        data = self.package.read_xml(self.book_part)
        edits = Edits(data)
        position = 0
        earlier = [n for n, tab in enumerate(self.tabs) if tab.name == self.old and tab.part]
        if earlier:
            position = earlier[0]
            self.package.write(self.tabs[position].part, sheet)
            edits.set(self._sheet_elements()[position], state=None)
        else:
            self._add_sheet(edits, data, sheet)
            self._shift_names(edits)
        for view in self._below("bookViews", "workbookView"):
            first = None if position == 0 else view.attributes.get("firstSheet")
            edits.set(view, activeTab=position, firstSheet=first)
        self.package.write(self.book_part, edits.result())

    def _add_sheet(self, edits: Edits, data: bytes, sheet: bytes) -> None:
        part = self.package.free_name("xl/worksheets/sheet{}.xml")
        self.package.write(part, sheet)
        self.package.declare(part, SHEET_TYPE)
        relation = self.package.relate(self.book_part, "worksheet", part)
        elements = self._sheet_elements()
        ids = [number(element.attributes.get("sheetId")) for element in elements]
        prefix = prefix_at(data, self.book.start)
        tag = b'<%bsheet name="%b" sheetId="%d" xmlns:r="%b" r:id="%b"/>' % (
            prefix,
            attribute(self._free_name()),
            max(ids, default=0) + 1,
            self.package.relations_base.encode(),
            relation.encode(),
        )
        edits.insert(elements[0].start, tag)

    def _free_name(self) -> str:
        taken = {tab.name.casefold() for tab in self.tabs}
        names: Iterable[str] = (f"{NAME} ({n})" if n > 1 else NAME for n in range(1, 1000))
        return next(name for name in names if name.casefold() not in taken)

    def _shift_names(self, edits: Edits) -> None:
        """Names that belong to one sheet count sheets from the left, and so do print areas and titles."""
        for name in self._below("definedNames", "definedName"):
            if "localSheetId" in name.attributes:
                edits.set(name, localSheetId=number(name.attributes["localSheetId"]) + 1)

    def _below(self, container: str, name: str) -> list[Element]:
        element = self.book.find(container)
        return list(element.all(name)) if element else []

    # --- the marked cells -------------------------------------------------------------------------------------

    def _mark_sheets(self) -> dict[tuple[str, str], str]:
        """Mark what can be marked; the link to each (sheet, cell) that can be reached."""
        locations: dict[tuple[str, str], str] = {}
        chosen = self._chosen()
        for tab in self.tabs:
            if not tab.part or tab.name == self.old:
                continue
            for finding in self.findings:
                if finding.sheet == tab.name and not tab.hidden and place_of(finding.cell):
                    locations[(finding.sheet, finding.cell)] = link_to(tab.name, finding.cell)
            if tab.name in chosen:
                self._mark_sheet(tab.part, chosen.pop(tab.name))
        return locations

    def _chosen(self) -> dict[str, list[Finding]]:
        """The findings to be marked by sheet: those of the first 500 cells in the order of gravity."""
        cells: set[tuple[str, str]] = set()
        chosen: dict[str, list[Finding]] = {}
        for finding in self.findings:
            cell = (finding.sheet, finding.cell)
            if finding.severity is Severity.INFO or (len(cells) >= MAX_MARKED and cell not in cells):
                continue
            if place_of(finding.cell):
                cells.add(cell)
                chosen.setdefault(finding.sheet, []).append(finding)
        return chosen

    def _mark_sheet(self, sheet: str, findings: Sequence[Finding]) -> None:
        data = self.package.read_xml(sheet)
        where = {finding: place for finding in findings if (place := place_of(finding.cell))}
        shown_at = anchors(data, where.values())
        by_place: dict[Place, list[Finding]] = {}
        for finding, place in where.items():
            by_place.setdefault(shown_at[place], []).append(finding)
        part = scan(data, [row for row, _ in by_place])
        edits = Edits(data)
        restyle(part, edits, {place: self._style_of(marks) for place, marks in by_place.items()})
        words = {place: comment_text(marks) for place, marks in sorted(by_place.items())}
        relation = None
        with suppress(NotEditable):  # a drawing of an unknown make: the fill and the list must do
            relation = write_comments(self.package, sheet, part, words)
        if relation is not None:
            relate_legacy_drawing(part, edits, self.package.relations_base, relation)
        self.package.write(sheet, edits.result())

    def _style_of(self, findings: Sequence[Finding]) -> Callable[[int], int]:
        gravest = min((finding.severity for finding in findings), key=GRAVITY.__getitem__)
        return partial(_marked, self.styles, gravest)


def _marked(styles: Styles, severity: Severity, style: int) -> int:
    return styles.marked(style, severity)


def comment_text(findings: Iterable[Finding]) -> str:
    """What the comment on a cell says: one line for each finding, each with its cell."""
    lines = []
    for finding in dict.fromkeys(findings):
        start, message = f"Ô {finding.cell}:", finding.message_vi
        lines.append(message if message.startswith(start) else f"{start} {message}")
    words = "\n".join(dict.fromkeys(lines))
    return words if len(words) <= MAX_COMMENT else words[: MAX_COMMENT - 1] + "…"
