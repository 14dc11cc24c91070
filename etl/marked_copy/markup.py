"""Small edits in XML bytes: expat says where things stand, all other bytes stay as they were."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

TAG = re.compile(rb"<[^\s/>]+(?:\s+[^\s=]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*\s*/?>")
ATTRIBUTE = re.compile(rb"(\s+)([^\s=]+)\s*=\s*(?:\"[^\"]*\"|'[^']*')")
PREFIX = re.compile(rb"<([^\s/>:]+:)?")
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
SEPARATOR = " "


class NotEditable(Exception):
    """The package is not built as expected; its parts cannot be edited safely."""


@dataclass(slots=True)
class Element:
    """One element and where it stands in the bytes: `start`..`inner` is its start tag, `close`..`end` its end tag.

    An empty-element tag has `inner == close == end`. Attributes of namespaces bear `uri name` as their name.
    """

    uri: str
    name: str
    attributes: dict[str, str]
    start: int
    inner: int
    close: int = 0
    end: int = 0
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def find(self, name: str) -> Element | None:
        """The first child of that name in the namespace of this element."""
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[Element]:
        return (child for child in self.children if child.name == name and child.uri == self.uri)


def parse(data: bytes) -> Element:
    """The tree of one part with the place of every element. Raises NotEditable."""
    stack: list[Element] = []
    roots: list[Element] = []

    def start(name: str, attributes: dict[str, str], offset: int) -> None:
        uri, _, local = name.rpartition(SEPARATOR)
        element = Element(uri, local, attributes, offset, offset + len(tag_at(data, offset)))
        (stack[-1].children if stack else roots).append(element)
        stack.append(element)

    def end(_name: str, offset: int) -> None:
        element = stack.pop()
        if data.endswith(b"/>", element.start, element.inner):
            element.close = element.end = element.inner
        else:
            element.close, element.end = offset, data.index(b">", offset) + 1

    def text(content: str) -> None:
        stack[-1].text += content

    walk(data, start, end, text)
    return roots[0]


def walk(
    data: bytes,
    start: Callable[[str, dict[str, str], int], None],
    end: Callable[[str, int], None],
    text: Callable[[str], None] | None = None,
) -> None:
    """Calls `start(name, attributes, offset)` and `end(name, offset)`; names are `uri local`. Raises NotEditable.

    The end of an empty-element tag is told with the offset just after it.
    """
    parser = expat.ParserCreate(namespace_separator=SEPARATOR)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.StartElementHandler = lambda name, attributes: start(name, attributes, parser.CurrentByteIndex)
    parser.EndElementHandler = lambda name: end(name, parser.CurrentByteIndex)
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise NotEditable(str(error)) from error


def _no_doctype(*_: object) -> None:
    raise NotEditable("a part declares a document type")


def tag_at(data: bytes, start: int) -> bytes:
    """The start tag that begins at `start`."""
    match = TAG.match(data, start)
    if match is None:
        raise NotEditable(f"no tag at {start}")
    return match[0]


def prefix_at(data: bytes, start: int) -> bytes:
    """The prefix with its colon of the tag at `start`, or nothing."""
    match = PREFIX.match(data, start)
    return (match[1] or b"") if match else b""


class Edits:
    """Replacements to be made in one part, noted in any order."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._noted: list[tuple[int, int, bytes]] = []

    def insert(self, at: int, content: bytes) -> None:
        self._noted.append((at, at, content))

    def replace(self, start: int, end: int, content: bytes) -> None:
        self._noted.append((start, end, content))

    def set(self, element: Element, **attributes: object) -> None:
        """Give the start tag of `element` these attributes; None takes one away."""
        self.replace(
            element.start, element.inner, with_attributes(self.data[element.start : element.inner], attributes)
        )

    def append(self, element: Element, content: bytes, **attributes: object) -> None:
        """Put `content` behind the last child of `element`, and set attributes on the way."""
        tag = with_attributes(self.data[element.start : element.inner], attributes)
        if tag.endswith(b"/>"):
            self.replace(element.start, element.inner, opened(tag, content))
            return
        if attributes:
            self.replace(element.start, element.inner, tag)
        self.insert(element.close, content)

    def result(self) -> bytes:
        parts: list[bytes] = []
        place = 0
        for start, end, content in sorted(self._noted, key=lambda edit: edit[:2]):
            if start < place:
                raise NotEditable("two edits overlap")
            parts += (self.data[place:start], content)
            place = end
        return b"".join((*parts, self.data[place:]))


def opened(tag: bytes, content: bytes) -> bytes:
    """An empty-element tag as an element with content."""
    name = re.match(rb"<([^\s/>]+)", tag)
    assert name is not None
    return tag.removesuffix(b"/>").rstrip() + b">" + content + b"</" + name[1] + b">"


def with_attributes(tag: bytes, attributes: Mapping[str, object]) -> bytes:
    """A start tag with attributes (of no namespace) set, or taken away where the value is None."""
    missing = {name: value for name, value in attributes.items() if value is not None}

    def changed(match: re.Match[bytes]) -> bytes:
        name = match[2].decode("utf-8", "replace")
        if name not in attributes:
            return match[0]
        value = missing.pop(name, None)
        return b"" if value is None else match[1] + match[2] + _quoted(value)

    tag = ATTRIBUTE.sub(changed, tag)
    added = b"".join(b" " + name.encode() + _quoted(value) for name, value in missing.items())
    closing = 2 if tag.endswith(b"/>") else 1
    return tag[:-closing] + added + tag[-closing:]


def _quoted(value: object) -> bytes:
    return b'="' + attribute(str(value)) + b'"'


def text(content: str) -> bytes:
    """Text between tags, in ASCII: it fits into a part of any encoding. What XML cannot hold becomes a blank."""
    cleaned = ILLEGAL.sub(" ", content).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return cleaned.replace("\r\n", "\n").replace("\r", "\n").encode("ascii", "xmlcharrefreplace")


def attribute(content: str) -> bytes:
    """The value of an attribute between double quotes."""
    return text(content).replace(b'"', b"&quot;").replace(b"\n", b"&#10;").replace(b"\t", b"&#9;")


def cell_text(content: str) -> bytes:
    """Text of a cell or comment: what looks like Excel's own escape (`_x000D_`) is kept literal."""
    return text(LOOKS_ESCAPED.sub("_x005F_", content))


def number(content: str | None) -> int:
    """A count or index as written in an attribute; 0 for anything else."""
    return int(content) if content and len(content) < 10 and content.isdecimal() else 0
