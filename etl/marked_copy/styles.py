"""styles.xml with looks added: a cell's own look with another fill, and the looks of the sheet of findings."""

from __future__ import annotations

from dataclasses import dataclass

from etl.findings import Severity
from etl.marked_copy.markup import Edits, Element, NotEditable, attribute, number, parse, prefix_at, with_attributes

FILLS = {Severity.ERROR: "FFF8D0D4", Severity.WARNING: "FFFDEBC8"}
MINIMAL = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<styleSheet xmlns="{uri}">'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
EMPTY_XF = 'xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
NO_FILL = b'indexed="64"'


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell of our own sheet looks; colours as ARGB, `size` in points."""

    size: int = 11
    bold: bool = False
    italic: bool = False
    underline: bool = False
    colour: str = "FF000000"
    fill: str = ""
    border: bool = False
    align: str = "left"
    wrap: bool = True


class Styles:
    """One styles part in the making; style numbers are those of cells (`s="…"`)."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._root = parse(data)
        self._prefix = prefix_at(data, self._root.start)
        self._fill_elements = list(self._list("fills").all("fill"))
        self._xf_elements = list(self._list("cellXfs").all("xf"))
        self._new: dict[str, list[bytes]] = {"fonts": [], "fills": [], "borders": [], "cellXfs": []}
        self._marked: dict[tuple[int, Severity], int] = {}
        self._fills: dict[tuple[bytes, bytes], int] = {}
        self._looks: dict[Look, int] = {}
        self._unmarked: dict[int, int] = {}
        self._border_number: int | None = None

    def _list(self, name: str) -> Element:
        element = self._root.find(name)
        if element is None:
            raise NotEditable(f"the styles lack {name}")
        return element

    def _add(self, name: str, content: bytes) -> int:
        """A new entry of a list; its number."""
        self._new[name].append(content)
        return len(self._list(name).children) + len(self._new[name]) - 1

    def _tag(self, name: str) -> bytes:
        return self._prefix + name.encode()

    # --- cells of the sender ----------------------------------------------------------------------------------

    def marked(self, style: int, severity: Severity) -> int:
        """The number of `style` with the fill of `severity` and all else as it was."""
        key = (style if 0 <= style < len(self._xf_elements) else 0, severity)
        if key not in self._marked:
            self._marked[key] = self._add("cellXfs", self._clone(*key))
        return self._marked[key]

    def _clone(self, style: int, severity: Severity) -> bytes:
        if not self._xf_elements:
            xf, below = b"<" + self._tag(EMPTY_XF), NO_FILL
            end = len(xf)
        else:
            element = self._xf_elements[style]
            xf, end = self.data[element.start : element.end], element.inner - element.start
            below = self._colour_below(self._unmarked.get(style, number(element.attributes.get("fillId"))))
        fill = self._solid(b'rgb="' + FILLS[severity].encode() + b'"', below)
        return with_attributes(xf[:end], {"fillId": fill, "applyFill": 1}) + xf[end:]

    def _colour_below(self, fill: int) -> bytes:
        """The attributes of the colour a fill shows; a solid fill's unseen second colour keeps it for later."""
        old = len(self._fill_elements)
        if fill >= old:
            return next((colour for (colour, _), number in self._fills.items() if number == fill), NO_FILL)
        pattern = self._fill_elements[fill].find("patternFill")
        if pattern is None or pattern.attributes.get("patternType") != "solid":
            return NO_FILL
        colour = pattern.find("fgColor")
        if colour is None or not colour.attributes:
            return NO_FILL
        return _written(colour)

    def _solid(self, colour: bytes, below: bytes) -> int:
        if (colour, below) not in self._fills:
            tags = [self._tag(name) for name in ("fill", "patternFill", "fgColor", "bgColor")]
            content = b'<%b><%b patternType="solid"><%b %b/><%b %b/></%b></%b>' % (
                *tags[:3],
                colour,
                tags[3],
                below,
                tags[1],
                tags[0],
            )
            self._fills[(colour, below)] = self._add("fills", content)
        return self._fills[(colour, below)]

    def unmark(self, restore: bool) -> None:
        """Take the fill off every look that an earlier marking made: all its cells lose the mark at once.

        With `restore` the fill below comes back; without, there is none (some programs write anything there).
        """
        ours = {number: below for number, fill in enumerate(self._fill_elements) if (below := _below(fill)) is not None}
        for style, element in enumerate(self._xf_elements):
            below = ours.get(number(element.attributes.get("fillId")))
            if below is not None:
                self._unmarked[style] = 0 if below == b"" or not restore else self._solid(below, NO_FILL)

    # --- cells of our own sheet -------------------------------------------------------------------------------

    def look(self, look: Look) -> int:
        """The number of a style that looks so."""
        if look not in self._looks:
            self._looks[look] = self._add("cellXfs", self._made(look))
        return self._looks[look]

    def _made(self, look: Look) -> bytes:
        p = self._prefix.decode()
        flags = "".join(f"<{p}{name}/>" for name, on in (("b", look.bold), ("i", look.italic)) if on)
        underline = f"<{p}u/>" if look.underline else ""
        font = self._add(
            "fonts",
            f'<{p}font>{flags}{underline}<{p}sz val="{look.size}"/><{p}color rgb="{look.colour}"/>'
            f'<{p}name val="Times New Roman"/><{p}family val="1"/></{p}font>'.encode(),
        )
        fill = self._solid(b'rgb="' + look.fill.encode() + b'"', NO_FILL) if look.fill else 0
        border = self._border() if look.border else 0
        wrap = ' wrapText="1"' if look.wrap else ""
        return (
            f'<{p}xf numFmtId="0" fontId="{font}" fillId="{fill}" borderId="{border}" applyFont="1" applyFill="1" '
            f'applyBorder="1" applyAlignment="1"><{p}alignment horizontal="{look.align}" vertical="top"{wrap}/></{p}xf>'
        ).encode()

    def _border(self) -> int:
        if self._border_number is not None:
            return self._border_number
        p = self._prefix.decode()
        sides = "".join(
            f'<{p}{side} style="thin"><{p}color rgb="FFBFBFBF"/></{p}{side}>'
            for side in ("left", "right", "top", "bottom")
        )
        self._border_number = self._add("borders", f"<{p}border>{sides}<{p}diagonal/></{p}border>".encode())
        return self._border_number

    # --- the whole --------------------------------------------------------------------------------------------

    def result(self) -> bytes:
        edits = Edits(self.data)
        for style, fill in self._unmarked.items():
            edits.set(self._xf_elements[style], fillId=fill)
        for name, added in self._new.items():
            if added:
                container = self._list(name)
                edits.append(container, b"".join(added), count=len(container.children) + len(added))
        return edits.result()


def _below(fill: Element) -> bytes | None:
    """For a fill of ours the colour it covers, empty for none; None for any other fill."""
    pattern = fill.find("patternFill")
    colour = pattern.find("fgColor") if pattern is not None else None
    if pattern is None or colour is None or colour.attributes.get("rgb", "").upper() not in FILLS.values():
        return None
    below = pattern.find("bgColor")
    if below is None or below.attributes.get("indexed") == "64":
        return b""
    return _written(below)


def _written(colour: Element) -> bytes:
    return b" ".join(
        name.encode() + b'="' + attribute(value) + b'"'
        for name, value in colour.attributes.items()
        if name in {"rgb", "theme", "tint", "indexed"}
    )
