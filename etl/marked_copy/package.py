"""The parts of an OOXML package: read, changed, related to one another, written back; the others stay as they are."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from dataclasses import dataclass

from etl.marked_copy.markup import Edits, NotEditable, attribute, parse, prefix_at
from etl.workbook.guard import check_directory

TYPES = "[Content_Types].xml"
PACKAGE_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
TRANSITIONAL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
ENCODING = re.compile(r"^(<\?xml[^>]*?)\s+encoding\s*=\s*(?:\"[^\"]*\"|'[^']*')")


@dataclass(frozen=True, slots=True)
class Relation:
    """One relationship of a part; `target` is a part's name, or an address outside."""

    id: str
    type: str
    target: str
    external: bool


class Package:
    """One package in the making. Raises Refused for a dangerous zip directory, NotEditable for a damaged one."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError) as error:
            raise NotEditable(str(error)) from error
        check_directory(self._zip, len(data))
        self._names = {info.filename.casefold(): info.filename for info in self._zip.infolist() if not info.is_dir()}
        self._changed: dict[str, bytes] = {}
        self.relations_base = TRANSITIONAL

    def names(self) -> list[str]:
        return list(self._names.values())

    def has(self, name: str) -> bool:
        return name.casefold() in self._names

    def read(self, name: str) -> bytes:
        """The bytes of a part as they are now; names differ in no more than case. Raises NotEditable."""
        stored = self._names.get(name.casefold())
        if stored is None:
            raise NotEditable(f"part {name} is missing")
        if stored in self._changed:
            return self._changed[stored]
        try:
            return self._zip.read(stored)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise NotEditable(str(error)) from error

    def read_xml(self, name: str) -> bytes:
        """A part in an encoding of which ASCII is a part: UTF-16 becomes UTF-8."""
        data = self.read(name)
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            content = data.decode("utf-16", "replace")
        elif data.startswith((b"<\x00", b"\x00<")):
            content = data.decode("utf-16-le" if data.startswith(b"<") else "utf-16-be", "replace")
        else:
            return data
        return ENCODING.sub(r'\1 encoding="UTF-8"', content).encode()

    def write(self, name: str, data: bytes) -> None:
        stored = self._names.setdefault(name.casefold(), name)
        self._changed[stored] = data

    def free_name(self, pattern: str) -> str:
        """The first name of `pattern` (with a place for a number) that no part bears."""
        return next(name for n in range(1, 10_000) if not self.has(name := pattern.format(n)))

    # --- relationships ----------------------------------------------------------------------------------------

    def relations(self, part: str) -> list[Relation]:
        """The relationships of a part, of the package itself for the empty name."""
        name = _relations_of(part)
        if not self.has(name):
            return []
        relations = []
        for element in parse(self.read_xml(name)).all("Relationship"):
            get = element.attributes.get
            external = get("TargetMode", "Internal") == "External"
            target = get("Target", "") if external else _resolved(part, get("Target", ""))
            relations.append(Relation(get("Id", ""), get("Type", ""), target, external))
        return relations

    def related(self, part: str, kind: str) -> list[Relation]:
        """The internal relationships of a part whose type ends in `/kind`."""
        return [
            relation
            for relation in self.relations(part)
            if relation.type.endswith(f"/{kind}") and not relation.external
        ]

    def relate(self, part: str, kind: str, target: str) -> str:
        """Relate `part` to `target`; the new id."""
        name = _relations_of(part)
        if not self.has(name):
            self.write(
                name, f'<?xml version="1.0" encoding="UTF-8"?>\n<Relationships xmlns="{PACKAGE_RELATIONS}"/>'.encode()
            )
        taken = {relation.id for relation in self.relations(part)}
        new = next(candidate for n in range(1, 100_000) if (candidate := f"rIdMark{n}") not in taken)
        relative = posixpath.relpath(target, posixpath.dirname(part) or ".")
        self._append(
            name,
            f'Relationship Id="{new}" Type="{self.relations_base}/{kind}" Target="'.encode()
            + attribute(relative)
            + b'"',
        )
        return new

    # --- content types ----------------------------------------------------------------------------------------

    def declare(self, part: str, content_type: str) -> None:
        """Say of what type a new part is."""
        self._append(TYPES, f'Override PartName="/{part}" ContentType="{content_type}"'.encode())

    def declare_extension(self, extension: str, content_type: str) -> None:
        """Say of what type all parts with this extension are, unless it is said already."""
        root = parse(self.read_xml(TYPES))
        if extension not in {element.attributes.get("Extension", "").lower() for element in root.all("Default")}:
            self._append(TYPES, f'Default Extension="{extension}" ContentType="{content_type}"'.encode())

    def _append(self, name: str, tag: bytes) -> None:
        data = self.read_xml(name)
        root = parse(data)
        edits = Edits(data)
        edits.append(root, b"<" + prefix_at(data, root.start) + tag + b"/>")
        self.write(name, edits.result())

    # --- the whole --------------------------------------------------------------------------------------------

    def to_bytes(self) -> bytes:
        """The package with its parts in their old order, new ones behind. Raises NotEditable."""
        target = io.BytesIO()
        stored = set()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
            for info in self._zip.infolist():
                stored.add(info.filename)
                new = zipfile.ZipInfo(info.filename, info.date_time)
                new.compress_type = info.compress_type
                new.external_attr = info.external_attr
                packed.writestr(new, b"" if info.is_dir() else self.read(info.filename))
            for name, data in self._changed.items():
                if name not in stored:
                    new = zipfile.ZipInfo(name)
                    new.compress_type = zipfile.ZIP_DEFLATED
                    packed.writestr(new, data)
        return target.getvalue()


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _resolved(part: str, target: str) -> str:
    """The name of the part that `target`, as written in the relationships of `part`, means."""
    target = target.replace("\\", "/")
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), target))
