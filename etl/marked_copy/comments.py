"""Comments on cells: the comments part and the VML drawing that shows them, new or added to the sender's own."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from etl.marked_copy.markup import Edits, Element, NotEditable, cell_text, number, parse, prefix_at
from etl.marked_copy.package import Package
from etl.marked_copy.sheets import Place, SheetPart, address_of, place_of

AUTHOR = "Tiến Độ Số"
ADDED = f"[{AUTHOR}] "
COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"

BOX_PX, LINE_PX, LINE_LETTERS, MAX_LINES = 320, 17, 44, 22
SHAPES_PER_BLOCK = 1024
EMPTY_COMMENTS = '<?xml version="1.0" encoding="UTF-8"?>\n<comments xmlns="{uri}"><authors/><commentList/></comments>'
EMPTY_VML = (
    b'<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    b'xmlns:x="urn:schemas-microsoft-com:office:excel">'
    b'<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data=""/></o:shapelayout></xml>'
)
SHAPE_TYPE = (
    b'<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    b'<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
SHAPE = (
    '<v:shape id="_x0000_s{id}" type="#_x0000_t202" style="position:absolute;width:{width:.0f}pt;height:{height:.0f}pt;'
    'z-index:{z};visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
    '<v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
BEGINS = re.compile(r"\s*Ô [A-Z]{1,3}[0-9]{1,7}(:[A-Z]{1,3}[0-9]{1,7})?: ")
A_SHAPE = re.compile(rb"<v:shape\s.*?</v:shape\s*>", re.DOTALL)
IDMAP = re.compile(rb"(<o:idmap\b[^>]*?\bdata\s*=\s*[\"'])([0-9, ]*)([\"'])")
SHAPE_ID = re.compile(rb"_x0000_s([0-9]{1,9})")


def write_comments(package: Package, sheet: str, part: SheetPart, words: Mapping[Place, str]) -> str | None:
    """Put `words` as comments on the cells of a worksheet part.

    The id of the relationship to a new VML drawing, None if the sheet keeps the one it has. A threaded comment is
    left alone; a sender's own comment is kept, ours stands below it. Raises NotEditable before anything is written.
    """
    name = next((relation.target for relation in package.related(sheet, "comments")), None)
    old = package.read_xml(name) if name else EMPTY_COMMENTS.format(uri=part.uri).encode()
    data, new, extended = _with_comments(old, words)
    vml = _vml_of(package, sheet, part)
    drawing = _taller(package.read(vml) if vml else EMPTY_VML, {place: words[place] for place in extended})
    drawing = _with_shapes(drawing, _free_block(package), part, {place: words[place] for place in new})
    if name is None:
        name = package.free_name("xl/comments{}.xml")
        package.declare(name, COMMENTS_TYPE)
        package.relate(sheet, "comments", name)
    package.write(name, data)
    relation = None
    if vml is None:
        vml = package.free_name("xl/drawings/vmlDrawing{}.vml")
        package.declare_extension("vml", VML_TYPE)
        relation = package.relate(sheet, "vmlDrawing", vml)
    package.write(vml, drawing)
    return relation


def remove_comments(package: Package, sheet: str) -> None:
    """Take our comments of an earlier marking off a sheet."""
    for relation in package.related(sheet, "comments"):
        data = package.read_xml(relation.target)
        cleaned, places = _without_ours(data)
        if cleaned == data:
            continue
        package.write(relation.target, cleaned)
        for drawing in package.related(sheet, "vmlDrawing"):
            package.write(drawing.target, _without_shapes(package.read(drawing.target), places))


# --- the comments part ----------------------------------------------------------------------------------------


def _with_comments(data: bytes, words: Mapping[Place, str]) -> tuple[bytes, list[Place], list[Place]]:
    """The part with our words, the places of new comments and those of comments that we added to."""
    root = parse(data)
    authors, comments = root.find("authors"), root.find("commentList")
    if authors is None or comments is None:
        raise NotEditable("a comments part without its lists")
    names = [author.text for author in authors.all("author")]
    p = prefix_at(data, root.start)
    edits = Edits(data)
    if AUTHOR not in names:
        edits.append(authors, b"<%bauthor>%b</%bauthor>" % (p, cell_text(AUTHOR), p))
    ours = names.index(AUTHOR) if AUTHOR in names else len(names)
    there = {place_of(comment.attributes.get("ref", "")): comment for comment in comments.all("comment")}
    new, extended, content = [], [], []
    for place, text in words.items():
        comment = there.get(place)
        if comment is None:
            new.append(place)
            content.append(_comment(p, place, ours, text))
        elif not _is_threaded(comment, names):
            extended.append(place)
            _extend(edits, data, comment, text)
    if content:
        edits.append(comments, b"".join(content))
    return edits.result(), new, extended


def _comment(p: bytes, place: Place, author: int, text: str) -> bytes:
    ref = address_of(place).encode()
    return b'<%bcomment ref="%b" authorId="%d"><%btext>%b</%btext></%bcomment>' % (
        p,
        ref,
        author,
        p,
        _run(p, text),
        p,
        p,
    )


def _run(p: bytes, text: str) -> bytes:
    return (
        b'<%br><%brPr><%bsz val="10"/><%bcolor rgb="FF000000"/><%brFont val="Tahoma"/></%brPr>'
        b'<%bt xml:space="preserve">%b</%bt></%br>'
    ) % (p, p, p, p, p, p, p, cell_text(text), p, p)


def _is_threaded(comment: Element, authors: list[str]) -> bool:
    author = number(comment.attributes.get("authorId"))
    return author < len(authors) and authors[author].startswith("tc=")


def _extend(edits: Edits, data: bytes, comment: Element, text: str) -> None:
    body = comment.find("text")
    if body is None:
        raise NotEditable("a comment without text")
    p = prefix_at(data, comment.start)
    ours = _run(p, f"\n{ADDED}{text}")
    plain = body.find("t")
    if plain is not None:  # plain text and runs do not stand side by side
        edits.insert(plain.start, b"<%br>" % p)
        edits.insert(plain.end, b"</%br>" % p)
    last = next((child for child in body.children if child.name in {"rPh", "phoneticPr"}), None)
    if last is None:
        edits.append(body, ours)
    else:
        edits.insert(last.start, ours)


def _without_ours(data: bytes) -> tuple[bytes, set[Place | None]]:
    root = parse(data)
    authors, comments = root.find("authors"), root.find("commentList")
    if authors is None or comments is None:
        return data, set()
    names = {str(number): author.text for number, author in enumerate(authors.all("author"))}
    edits, places = Edits(data), set()
    for comment in comments.all("comment"):
        body = comment.find("text") or comment
        if _is_ours(names.get(comment.attributes.get("authorId", ""), ""), body):
            places.add(place_of(comment.attributes.get("ref", "")))
            edits.replace(comment.start, comment.end, b"")
            continue
        for run in body.all("r"):
            if _text(run).lstrip().startswith(ADDED.strip()):
                edits.replace(run.start, run.end, b"")
    return edits.result(), places


def _is_ours(author: str, body: Element) -> bool:
    """By its author; LibreOffice forgets authors, and then by the way it begins."""
    words = "".join(map(_text, body.all("r"))) or _text(body)
    return author == AUTHOR or (not author.strip() and BEGINS.match(words) is not None)


def _text(element: Element) -> str:
    return "".join(child.text for child in element.all("t"))


# --- the VML drawing ------------------------------------------------------------------------------------------


def _vml_of(package: Package, sheet: str, part: SheetPart) -> str | None:
    wanted = part.legacy_drawing()
    return next((relation.target for relation in package.relations(sheet) if relation.id == wanted), None)


def _free_block(package: Package) -> int:
    """A number for a block of shape ids that no drawing of the package uses."""
    taken = {0}
    for name in package.names():
        if name.lower().endswith(".vml") or "/drawings/drawing" in name.lower():
            data = package.read(name)
            taken |= {int(number) // SHAPES_PER_BLOCK for number in SHAPE_ID.findall(data)}
            for found in IDMAP.findall(data):
                taken |= {int(number) for number in re.findall(rb"[0-9]{1,6}", found[1])}
    return max(taken) + 1


def _with_shapes(vml: bytes, block: int, part: SheetPart, words: Mapping[Place, str]) -> bytes:
    """The drawing with a hidden box for each place; Excel's VML is not always XML, so it is not parsed."""
    if not words:
        return vml
    end = vml.rfind(b"</xml>")
    if end < 0 or b"xmlns:v=" not in vml or b"xmlns:x=" not in vml or b"xmlns:o=" not in vml:
        raise NotEditable("a drawing of an unknown make")
    shapes = b"".join(
        _shape(part, place, text, block * SHAPES_PER_BLOCK + number, number)
        for number, (place, text) in enumerate(words.items(), 1)
    )
    kind = b"" if re.search(rb"<v:shapetype\b[^>]*_x0000_t202[\"']", vml) else SHAPE_TYPE
    vml = vml[:end] + kind + shapes + vml[end:]
    numbers = b"%d" % block
    return IDMAP.sub(lambda m: m[1] + (m[2].rstrip(b", ") + b"," + numbers).lstrip(b",") + m[3], vml, count=1)


def _shape(part: SheetPart, place: Place, text: str, number: int, z: int) -> bytes:
    row, column = place
    height = _lines(text) * LINE_PX + 10
    right, right_rest = _beyond(part.width, column + 1, 15 + BOX_PX)
    top = max(1, row - 1)
    bottom, bottom_rest = _beyond(part.height, top, 4 + height)
    anchor = f"{column}, 15, {top - 1}, 4, {right - 1}, {right_rest}, {bottom - 1}, {bottom_rest}"
    return SHAPE.format(
        id=number, width=BOX_PX * 0.75, height=height * 0.75, z=z, anchor=anchor, row=row - 1, column=column - 1
    ).encode()


def _beyond(size: Callable[[int], int], first: int, px: int) -> tuple[int, int]:
    """The row or column in which `px` pixels from the start of `first` end, and how far in it."""
    for place in range(first, first + 200):
        extent = size(place)
        if px < extent:
            return place, px
        px -= extent
    return first + 200, 0


def _lines(text: str) -> int:
    return min(MAX_LINES, sum(max(1, math.ceil(len(line) / LINE_LETTERS)) for line in text.split("\n")) + 1)


def _note_at(shape: bytes) -> Place | None:
    row, column = re.search(rb"<x:Row>\s*(\d{1,7})", shape), re.search(rb"<x:Column>\s*(\d{1,5})", shape)
    if not (row and column and re.search(rb"ObjectType\s*=\s*[\"']Note[\"']", shape)):
        return None
    return int(row[1]) + 1, int(column[1]) + 1


def _without_shapes(vml: bytes, places: set[Place | None]) -> bytes:
    return A_SHAPE.sub(lambda match: b"" if _note_at(match[0]) in places - {None} else match[0], vml)


def _taller(vml: bytes, words: Mapping[Place, str]) -> bytes:
    """The sender's own comment boxes with room for our lines below theirs."""

    def grown(match: re.Match[bytes]) -> bytes:
        text = words.get(_note_at(match[0]) or (0, 0))
        anchor = re.search(rb"<x:Anchor>([^<]*)</x:Anchor>", match[0])
        numbers = re.findall(rb"\d{1,7}", anchor[1]) if anchor else []
        if text is None or anchor is None or len(numbers) != 8:
            return match[0]
        numbers[6] = b"%d" % (int(numbers[6]) + _lines(text))
        return match[0][: anchor.start(1)] + b", ".join(numbers) + match[0][anchor.end(1) :]

    return A_SHAPE.sub(grown, vml) if words else vml
