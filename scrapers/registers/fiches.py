"""The fiches of an open-data export, one by one, from XML or from the zip it comes in.

The export is cut at the boundaries of its fiches and each is parsed alone: memory stays flat, and
one fiche that is not well-formed costs only itself. Nothing outside the bytes is ever read.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from kb.errors import IncompleteDocument, UnreadableDocument, UnsafeDocument
from kb.model import Document, Remark
from scrapers.lines import format_of

if TYPE_CHECKING:
    from lxml.etree import XMLParser, _Element

_CHUNK = 2**20
MAX_FICHE_BYTES = 64 * 2**20
"""A single fiche has less; more means that the export's end tags are lost."""
MAX_RATIO = 200
"""Unpacked over packed size. Exports unpack to some ten times their size, bombs to thousands."""
_SLACK = 2**20  # small archives may well exceed the ratio
_START = re.compile(rb"<FICHE(?=[\s>])")
_END = b"</FICHE>"
_EXPORT = re.compile(rb"<FICHES?(?=[\s>])")
_ENCODING = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([\w.-]+)[\"']")
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def is_export(document: Document) -> bool:
    """The bytes, or the only file of the archive, begin like an export. Raises nothing."""
    try:
        match format_of(document):
            case "xml":
                head = document.content[:8192]
            case "zip":
                archive, member = _member(document)
                with archive, archive.open(member) as opened:
                    head = opened.read(8192)
            case _:
                return False
    except (UnsafeDocument, UnreadableDocument, zipfile.BadZipFile, zlib.error, OSError):
        return False
    except (NotImplementedError, RuntimeError, EOFError):  # a method or a key we do not have
        return False
    return _EXPORT.search(head) is not None


def fiches(document: Document) -> Iterator[_Element | Remark]:
    """The FICHE elements, in order; a Remark for each that is not well-formed.

    Raises:
        UnsafeDocument: a document type or entity declared, an archive that climbs out of its
            folder or unpacks to over MAX_RATIO times its size.
        UnreadableDocument: a damaged archive, or not one file in it; a fiche without end.
        IncompleteDocument: no fiche at all.
    """
    from lxml import etree

    encoding = "utf-8"
    number = 0
    for line, piece, whole in _pieces(document):
        if line == 0:
            declared = _ENCODING.search(piece)
            encoding = declared[1].decode() if declared else "utf-8"
            continue
        number += 1
        try:
            if not whole:
                raise etree.XMLSyntaxError("it has no end tag", 0, 1, 1)
            yield etree.fromstring(piece, _parser(encoding))
        except etree.XMLSyntaxError as error:
            at = line + max((error.lineno or 1) - 1, 0)
            # libxml2 counts from the fiche's first line, within its message too.
            cause = re.sub(r",? line \d+(?:, column \d+)?", "", error.msg or "unknown")
            yield Remark(
                f"line {at}",
                f"fiche {number} of the export is not well-formed ({cause}); it was left out",
            )
    if not number:
        raise _no_fiche(document)


@cache
def _parser(encoding: str) -> XMLParser:
    from lxml import etree

    return etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


_NUMBER = re.compile(rb"<NUMERO_FICHE>\s*(?:<!\[CDATA\[)?\s*([A-Za-z]+\d+)\s*(?:\]\]>\s*)?<")


def sheets(document: Document) -> Iterator[tuple[str, Document] | Remark]:
    """(number, its own bytes as a document) of each fiche, unparsed; a Remark for one without.

    Raises:
        As `fiches`.
    """
    declaration = b""
    found = False
    for line, piece, _ in _pieces(document):
        if line == 0:
            declared = _ENCODING.search(piece)
            if declared and declared[1].lower() not in (b"utf-8", b"utf8"):
                declaration = b'<?xml version="1.0" encoding="%s"?>\n' % declared[1]
            continue
        found = True
        number = _NUMBER.search(piece)
        if number is None:
            yield Remark(f"line {line}", "a fiche without NUMERO_FICHE was left out")
            continue
        key = number[1].decode("ascii")
        address = f"{document.address}#{key}"
        yield key, Document(declaration + piece, address, document.dated)
    if not found:
        raise _no_fiche(document)


def unpacked_size(document: Document) -> int:
    """Bytes of the XML, as the archive tells them.

    Raises:
        UnsafeDocument, UnreadableDocument: as `fiches`.
    """
    if format_of(document) != "zip":
        return len(document.content)
    archive, member = _member(document)
    with archive:
        return member.file_size


def _no_fiche(document: Document) -> IncompleteDocument:
    return IncompleteDocument(
        f"{document.name} holds no FICHE; it may be cut off",
        "Download the export again, or name its kind with --source.",
    )


def _pieces(document: Document) -> Iterator[tuple[int, bytes, bool]]:
    """(0, what stands before the first fiche), then (first line, bytes, has its end) of each."""
    buffer = bytearray()
    line = 1
    begun = False
    for chunk in _chunks(document):
        buffer += chunk
        at = 0
        while start := _START.search(buffer, at):
            if not begun:
                _refuse_declarations(bytes(buffer[: start.start()]), document)
                yield 0, bytes(buffer[: start.start()]), True
                begun = True
            end = buffer.find(_END, start.end())
            again = _START.search(buffer, start.end(), end if end >= 0 else len(buffer))
            if end < 0 and again is None:
                break
            stop = again.start() if again else end + len(_END)
            line += buffer.count(b"\n", at, start.start())
            piece = bytes(buffer[start.start() : stop])
            yield line, piece, again is None
            line += piece.count(b"\n")
            at = stop
        del buffer[:at]
        if len(buffer) > MAX_FICHE_BYTES:
            raise UnreadableDocument(
                f"{document.name} has no end of fiche for {MAX_FICHE_BYTES // 2**20} MB after line "
                f"{line}",
                "Download the export again.",
            )
        if not begun:
            _refuse_declarations(bytes(buffer), document)
    rest = _START.search(buffer)
    if rest:
        line += buffer.count(b"\n", 0, rest.start())
        yield line, bytes(buffer[rest.start() :]), False


def _refuse_declarations(head: bytes, document: Document) -> None:
    if _DECLARATION.search(head):
        raise UnsafeDocument(
            f"{document.name} declares a document type or entities, which no export does",
            "Download the export again from the register's own data set.",
        )


def _chunks(document: Document) -> Iterator[bytes]:
    if format_of(document) != "zip":
        for start in range(0, len(document.content), _CHUNK):
            yield document.content[start : start + _CHUNK]
        return
    archive, member = _member(document)
    total = 0
    try:
        with archive, archive.open(member) as opened:
            while chunk := opened.read(_CHUNK):
                total += len(chunk)
                if total > MAX_RATIO * len(document.content) + _SLACK:
                    raise UnsafeDocument(
                        f"{document.name} unpacks to over {MAX_RATIO} times its size",
                        "Unpack it by hand and look at what it holds.",
                    )
                yield chunk
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise UnreadableDocument(
            f"{document.name} is a damaged or protected archive ({error})",
            "Download it again, or unpack it and give the XML.",
        ) from error


def _member(document: Document) -> tuple[zipfile.ZipFile, zipfile.ZipInfo]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(document.content))
    except zipfile.BadZipFile as error:
        raise UnreadableDocument(
            f"{document.name} is a damaged archive ({error})", "Download it again."
        ) from error
    files = [each for each in archive.infolist() if not each.is_dir()]
    for each in files:
        path = PurePosixPath(each.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in each.filename:
            raise UnsafeDocument(
                f"{document.name} holds a path that leaves its folder: {each.filename!r}",
                "Do not unpack it; download the export from the register's own data set.",
            )
    if len(files) != 1:
        raise UnreadableDocument(
            f"{document.name} holds {len(files)} files where an export holds one",
            "Unpack it and give the XML files one by one.",
        )
    return archive, files[0]
