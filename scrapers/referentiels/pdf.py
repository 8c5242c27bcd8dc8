"""The ruled tables of a PDF as rows with cells, in reading order with the text around them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kb.model import Document
from scrapers.lines import Line, clean, text_lines

if TYPE_CHECKING:
    from pdfplumber.page import Page


def ruled_lines(document: Document) -> list[Line]:
    """Lines of a PDF that `scrapers.lines.read_lines` accepts; the rows of its ruled tables keep
    their cells, "" for an empty or spanned one. Numbers count lines and rows within a page."""
    import pdfplumber

    found: list[Line] = []
    with pdfplumber.open(io.BytesIO(document.content)) as pdf:
        for number, page in enumerate(pdf.pages, 1):
            found += _page_lines(page, number)
            page.close()
    return found


def _under(above: list[str], below: list[str]) -> list[str]:
    return ["\n".join(filter(None, pair)) for pair in zip(above, below, strict=True)]


def _page_lines(page: Page, number: int) -> Iterator[Line]:
    tables = page.find_tables()
    pieces: list[tuple[float, Line]] = []
    for table in tables:
        rows: list[tuple[float, list[str]]] = []
        for row, cells in zip(table.rows, table.extract(x_tolerance=1.5), strict=True):
            texts = [clean(cell or "").strip() for cell in cells]
            if rows and cells[-1] is None and any(texts[1:]):
                # The last column, what the row is judged by, spans it and the row before: one row.
                rows[-1] = (rows[-1][0], _under(rows[-1][1], texts))
            elif any(texts):
                rows.append((row.bbox[1], texts))
        pieces += [(y, Line("\t".join(x), 0, number, cells=tuple(x))) for y, x in rows]
    boxes = [table.bbox for table in tables]

    def outside(thing: dict[str, Any]) -> bool:
        x, y = (thing["x0"] + thing["x1"]) / 2, (thing["top"] + thing["bottom"]) / 2
        return not any(a <= x <= c and b <= y <= d for a, b, c, d in boxes)

    around = page.filter(outside) if boxes else page
    for words in around.extract_text_lines(x_tolerance=1.5, return_chars=False):
        pieces += [(words["top"], line) for line in text_lines(words["text"])]
    for row_number, (_, line) in enumerate(sorted(pieces, key=lambda piece: piece[0]), 1):
        yield Line(
            line.text,
            row_number,
            page=number,
            bullet=line.bullet,
            cells=line.cells,
            indent=line.indent,
        )
