"""HTML, PDF, DOCX and plain text into clean lines that know their place in the source."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import charset_normalizer

from kb.errors import BinaryDocument, DocumentTooLarge, EmptyDocument, UnreadableDocument
from kb.model import Document

if TYPE_CHECKING:
    from bs4 import Tag

MAX_TEXT_BYTES = 20 * 2**20
"""A single page, sheet or CV never has more text than this; a register export is read as XML."""

BULLETS = "•●▪▫■□◦‣⁃∙·*➢➤►▶✓✔➔→⇒❖✦"
_BULLET = re.compile(rf"^\s*(?:[{re.escape(BULLETS)}]|[-–—](?=\s))\s*")
# Blanks that are not U+0020: no-break, narrow, thin and other typographic blanks, tabs excepted.
_BLANKS = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
_BLOCKS = set(
    re.findall(
        r"\w+",
        """address article aside blockquote body dd div dl dt fieldset figcaption figure footer form
        h1 h2 h3 h4 h5 h6 header hr html li main nav ol option p pre section summary table tbody td
        tfoot th thead tr ul br button""",
    )
)
_SILENT = {"script", "style", "noscript", "template", "svg", "head", "iframe", "object", "canvas"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, cleaned (NFC, plain blanks, ends stripped), never empty.

    number: 1-based line of the source text; for HTML of its markup; for PDF within its page.
    page: PDF page, 1-based. heading: 1 to 6 for a marked heading (HTML h1-h6, DOCX style).
    bullet: the line bore a list mark, removed from `text`. cells: a table row's cells, kept
    apart ("" for an empty one; of plain text, those at the end fall away); `text` then joins them
    with a tab. indent: leading blanks.
    """

    text: str
    number: int
    page: int | None = None
    heading: int | None = None
    bullet: bool = False
    cells: tuple[str, ...] | None = None
    indent: int = 0

    @property
    def place(self) -> str:
        return f"page {self.page} line {self.number}" if self.page else f"line {self.number}"


def clean(text: str) -> str:
    """NFC, typographic blanks to plain ones, invisible characters dropped; runs of blanks stay."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFC", text)
    # Of what is printable only U+0020 is a blank, and nothing is invisible.
    return text if text.isprintable() else _INVISIBLE.sub("", _BLANKS.sub(" ", text))


def squeeze(text: str) -> str:
    """`clean`, with every run of blanks and line ends made one blank."""
    return " ".join(clean(text).split())


def format_of(document: Document) -> str:
    """ "pdf", "docx", "zip", "xml", "html" or "text", by content, never by name.

    Raises:
        EmptyDocument: no byte but blanks. BinaryDocument: none of these.
    """
    head = document.content[:4096]
    blank = b"\0 \t\r\n\xef\xbb\xbf"
    # The head first: stripping a whole export would copy it.
    if not head.strip(blank) and not document.content.strip(blank):
        raise EmptyDocument(
            f"{document.name} is empty", "Save the document again and check that it opens."
        )
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return "docx" if _is_docx(document) else "zip"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")) or (
        start.startswith(b"<") and re.search(rb"<(?:body|div|p|table|h1|ul|section|main)\b", start)
    ):
        return "html"
    if start.startswith(b"<?xml"):
        return "html" if b"<html" in start else "xml"
    if re.match(rb"<(?!html|p\b|div\b)[a-z_]+[ />]", start):
        return "xml"
    if not head.startswith((b"\xff\xfe", b"\xfe\xff")) and _looks_binary(head):
        raise BinaryDocument(
            f"{document.name} is binary, not a text, HTML, XML, PDF or DOCX document",
            "Export the document as PDF, DOCX, HTML or plain text.",
        )
    return "text"


def decode(document: Document) -> str:
    """The document's text: by its mark or declaration, else UTF-8, else the likeliest of
    cp1252 and ISO-8859-15. Line ends are `\\n`.

    Raises:
        DocumentTooLarge: over MAX_TEXT_BYTES.
    """
    content = document.content
    if len(content) > MAX_TEXT_BYTES:
        raise DocumentTooLarge(
            f"{document.name} has {len(content) / 2**20:.0f} MB of text; a page, sheet or CV has "
            f"{MAX_TEXT_BYTES // 2**20} MB at most",
            "Split it into one file per document.",
        )
    return _decode(content).replace("\r\n", "\n").replace("\r", "\n")


def _decode(content: bytes) -> str:
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as fault:
        # A file cut in the middle of its last character, or with one bad byte, is still UTF-8.
        wrong = content.decode("utf-8", errors="replace").count("\ufffd")
        if wrong <= 1 + len(content) // 10_000 and fault.start > 0:
            return content.decode("utf-8", errors="replace").rstrip("\ufffd")
    declared = re.search(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([\w-]+)", content[:2048])
    if declared:
        try:
            return content.decode(declared.group(1).decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            pass
    # The two differ in eight characters: in French, 0xA4 (euro), 0xBC, 0xBD (oe) speak for
    # ISO-8859-15; any of 0x80-0x9F (quotes, dashes, euro, oe) is printable in cp1252 only.
    if re.search(rb"[\x80-\x9f]", content):
        return content.decode("cp1252", errors="replace")
    if re.search(rb"[\xa4\xbc\xbd]", content):
        return content.decode("iso-8859-15")
    best = charset_normalizer.from_bytes(
        content[:100_000], cp_isolation=["cp1252", "iso-8859-15"]
    ).best()
    return content.decode(best.encoding if best else "cp1252", errors="replace")


def read_lines(document: Document) -> list[Line]:
    """All lines of a document that bear text, in reading order.

    Raises:
        EmptyDocument, BinaryDocument, DocumentTooLarge: see `format_of` and `decode`.
        UnreadableDocument: a protected or damaged PDF or DOCX, a PDF without text, an archive.
    """
    kind = format_of(document)
    match kind:
        case "pdf":
            lines = list(_pdf_lines(document))
        case "docx":
            lines = list(_docx_lines(document))
        case "html":
            lines = list(_html_lines(decode(document)))
        case "text" | "xml":
            lines = list(text_lines(decode(document)))
        case _:
            raise UnreadableDocument(
                f"{document.name} is an archive",
                "Unpack it and give the files that are in it.",
            )
    if not lines:
        raise EmptyDocument(
            f"{document.name} holds no text", "Save the document again and check that it opens."
        )
    return lines


def text_lines(text: str, first: int = 1) -> Iterator[Line]:
    """Lines of plain text; `first` is the number of the first one. A tab parts cells."""
    for number, raw in enumerate(text.split("\n"), first):
        yield from _line(clean(raw).rstrip(), number)


def _line(raw: str, number: int, page: int | None = None) -> Iterator[Line]:
    body = raw.strip()
    if not body:
        return
    bulleted = _BULLET.match(body)
    text = body[bulleted.end() :].strip() if bulleted else body
    if not text:
        text, bulleted = body, None  # a lone dash is a value ("not published"), not a bullet
    yield Line(
        text=text,
        number=number,
        page=page,
        bullet=bulleted is not None,
        cells=tuple(cell.strip() for cell in raw.split("\t")) if "\t" in raw.strip() else None,
        indent=len(raw) - len(raw.lstrip()),
    )


def _html_lines(markup: str) -> Iterator[Line]:
    """Block elements become lines, table rows keep their cells. Hidden parts are left out."""
    from bs4 import BeautifulSoup

    yield from _walk(BeautifulSoup(markup, "html.parser"))


def _walk(root: Tag) -> Iterator[Line]:
    from bs4 import Tag
    from bs4.element import Comment, Doctype, NavigableString

    gathered: list[str] = []
    start = 0

    def flush(heading: int | None = None, bullet: bool = False) -> Iterator[Line]:
        text = squeeze("".join(gathered))
        gathered.clear()
        if text:
            for line in _line(text, start):
                yield Line(line.text, start, heading=heading, bullet=bullet or line.bullet)

    def heading_of(tag: Tag) -> int | None:
        return int(tag.name[1]) if re.fullmatch(r"h[1-6]", tag.name) else None

    def visit(tag: Tag, heading: int | None, bullet: bool) -> Iterator[Line]:
        nonlocal start
        for child in tag.children:
            if isinstance(child, Comment | Doctype):
                continue
            if isinstance(child, NavigableString):
                if not gathered or not "".join(gathered).strip():
                    start = getattr(child.parent, "sourceline", None) or start
                gathered.append(str(child))
                continue
            if not isinstance(child, Tag) or child.name in _SILENT or child.has_attr("hidden"):
                continue
            if child.name not in _BLOCKS:
                yield from visit(child, heading, bullet)
                continue
            yield from flush(heading, bullet)
            start = child.sourceline or start
            if child.name == "tr" and not child.find(["table", "h1", "h2", "h3"]):
                yield from _row(child)
            else:
                yield from visit(child, heading_of(child) or heading, child.name == "li" or bullet)
                yield from flush(heading_of(child) or heading, child.name == "li" or bullet)
                bullet = bullet and child.name == "br"

    yield from visit(root, None, False)
    yield from flush()


def _row(row: Tag) -> Iterator[Line]:
    cells = []
    for cell in row.find_all(["td", "th"], recursive=False):
        # A cell may hold paragraphs and lists: their lines stay apart within it.
        cells.append("\n".join(("• " if x.bullet else "") + x.text for x in _walk(cell)))
    if any(cells):
        yield Line("\t".join(cells), row.sourceline or 0, cells=tuple(cells))


def _pdf_lines(document: Document) -> Iterator[Line]:
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfplumber.utils.exceptions import PdfminerException

    try:
        with pdfplumber.open(io.BytesIO(document.content)) as pdf:
            found = False
            for number, page in enumerate(pdf.pages, 1):
                text = page.extract_text(x_tolerance=1.5) or ""
                page.close()
                for row, raw in enumerate(text.split("\n"), 1):
                    for line in _line(clean(raw), row, number):
                        found = True
                        yield line
    except PdfminerException as error:
        if any(isinstance(cause, PDFPasswordIncorrect) for cause in error.args):
            raise UnreadableDocument(
                f"{document.name} is protected by a password",
                "Save it without a password and try again.",
            ) from error
        fault = type(error.args[0] if error.args else error).__name__
        raise UnreadableDocument(
            f"{document.name} is a damaged PDF ({fault})",
            "Export the document as PDF again, or as text.",
        ) from error
    if not found:
        raise UnreadableDocument(
            f"{document.name} is a PDF without text (scanned pages)",
            "Run a text recognition (OCR) on it, or give its text.",
        )


def _is_docx(document: Document) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(document.content)) as archive:
            return "word/document.xml" in archive.namelist()
    except zipfile.BadZipFile:
        return False


def _docx_lines(document: Document) -> Iterator[Line]:
    import docx
    from docx.table import Table

    with zipfile.ZipFile(io.BytesIO(document.content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > 10 * MAX_TEXT_BYTES:
            raise DocumentTooLarge(
                f"{document.name} unpacks to over {10 * MAX_TEXT_BYTES // 2**20} MB",
                "Save the document without its pictures, or as text.",
            )
    try:
        opened = docx.Document(io.BytesIO(document.content))
    except Exception as error:  # python-docx raises whatever its XML and ZIP readers raise
        raise UnreadableDocument(
            f"{document.name} is a damaged DOCX ({type(error).__name__})",
            "Open and save it again with a word processor, or export it as PDF.",
        ) from error
    number = 0
    for part in opened.iter_inner_content():
        if isinstance(part, Table):
            for row in part.rows:
                number += 1
                cells = tuple(clean(cell.text).strip() for cell in row.cells)
                if any(cells):
                    yield Line("\t".join(cells), number, cells=cells)
            continue
        style = (part.style.name if part.style is not None else "") or ""
        level = re.fullmatch(r"(?:Heading|Titre) ([1-6])", style)
        for raw in part.text.split("\n"):
            number += 1
            for line in _line(clean(raw), number):
                yield Line(
                    line.text,
                    number,
                    heading=int(level.group(1)) if level else None,
                    bullet=line.bullet or style.startswith("List"),
                )


def _looks_binary(head: bytes) -> bool:
    control = sum(byte < 9 or 13 < byte < 32 for byte in head)
    return b"\0" in head or control > len(head) // 50
