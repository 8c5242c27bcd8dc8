"""The fiches of an open-data export, one by one, from XML or from the zip it comes in.

The export is cut at the boundaries of its fiches and each is parsed alone: memory stays flat, and
one fiche that is not well-formed costs only itself. Nothing outside the bytes is ever read.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from kb.errors import IncompleteDocument, UnreadableDocument, UnsafeDocument
from kb.model import Document, Remark
from scrapers.archives import MARK, OF_TABLES, opened
from scrapers.lines import format_of

if TYPE_CHECKING:
    from lxml.etree import XMLParser, _Element

_CHUNK = 2**20
MAX_FICHE_BYTES = 64 * 2**20
"""A single fiche has less; more means that the export's end tags are lost."""
_START = re.compile(rb"<FICHE(?=[\s>])")
_END = b"</FICHE>"
_OPENED, _CLOSED = re.compile(rb"<FICHES(?=[\s>])"), b"</FICHES>"
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
                with archive, archive.open(member) as inside:
                    head = inside.read(8192)
            case _:
                return False
    except (UnsafeDocument, UnreadableDocument, zipfile.BadZipFile, zlib.error, OSError):
        return False
    except (NotImplementedError, RuntimeError, EOFError):  # a method or a key we do not have
        return False
    return not head.startswith(MARK) and _EXPORT.search(head) is not None


def fiches(document: Document) -> Iterator[_Element | Remark]:
    """The FICHE elements, in order; a Remark for each that is not well-formed.

    Raises:
        UnsafeDocument: a document type or entity declared; an archive, as `archives.opened` says.
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
        if not piece:
            yield Remark(f"line {line}", _CUT)
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
            told = _NUMBER.search(piece)
            name = f"FICHE {told[1].decode()}" if told else f"fiche {number} of the export"
            # A sheet that was cut out of its export no longer knows its line there.
            place = f"{name}, its line {at}" if "#" in document.address else f"line {at}"
            yield Remark(place, f"{name} is not well-formed ({cause}); it was left out")
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


_CUT = "the export ends here without </FICHES>: what came after was cut off"


def sheets(document: Document, *, whole: bool = False) -> Iterator[tuple[str, Document] | Remark]:
    """(number, its own bytes as a document) of each fiche, unparsed; a Remark for one without.

    Args:
        whole: refuse, at its end, an export that was cut off; else a Remark tells it.
    Raises:
        As `fiches`. IncompleteDocument: see `whole`.
    """
    declaration = b""
    found = False
    ended = True
    for line, piece, ended in _pieces(document):  # noqa: B007
        if line == 0:
            declared = _ENCODING.search(piece)
            if declared and declared[1].lower() not in (b"utf-8", b"utf8"):
                declaration = b'<?xml version="1.0" encoding="%s"?>\n' % declared[1]
            continue
        if not piece:
            yield Remark(f"line {line}", _CUT)
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
    if whole and not ended:
        raise IncompleteDocument(
            f"{document.name} was cut off: it ends in line {line} without </FICHES>",
            "The register that is held stays as it was. Download the export again.",
        )


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
    """(0, what stands before the first fiche), then (first line, bytes, has its end) of each; in
    the end (last line, no byte, False) where the list of fiches has none."""
    buffer = bytearray()
    line = 1
    begun = listed = False
    for chunk in _chunks(document):
        buffer += chunk
        at = 0
        while start := _START.search(buffer, at):
            if not begun:
                _refuse_declarations(bytes(buffer[: start.start()]), document)
                yield 0, bytes(buffer[: start.start()]), True
                begun, listed = True, _OPENED.search(buffer, 0, start.start()) is not None
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
    elif listed and _CLOSED not in buffer:
        yield line, b"", False


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
    try:
        with archive, archive.open(member) as inside:
            chunk = inside.read(_CHUNK)
            if chunk.startswith(MARK):
                raise UnreadableDocument(
                    f"{document.name} holds another archive, {member.filename!r}",
                    "Unpack it and give the archive that is in it.",
                )
            while chunk:
                yield chunk
                chunk = inside.read(_CHUNK)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise UnreadableDocument(
            f"{document.name} is a damaged or protected archive ({error})",
            "Download it again, or unpack it and give the XML.",
        ) from error


def _member(document: Document) -> tuple[zipfile.ZipFile, zipfile.ZipInfo]:
    archive, files = opened(document)
    if len(files) != 1:
        raise UnreadableDocument(
            f"{document.name} holds {len(files)} files where an export holds one",
            f"Unpack it and give the XML files one by one; {OF_TABLES}",
        )
    return archive, files[0]
