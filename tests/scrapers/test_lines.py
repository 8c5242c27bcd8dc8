"""Lines of every format, in every encoding, and clear errors for what cannot be read."""

from __future__ import annotations

import io
import zipfile

import docx
import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from kb.errors import BinaryDocument, DocumentTooLarge, EmptyDocument, UnreadableDocument
from kb.model import Document
from scrapers.lines import Line, clean, decode, format_of, read_lines, squeeze

FRENCH = "L'œuvre coûte 5 € à l’élève : « déjà vu »"


def given(content: bytes | str, name: str = "page") -> Document:
    return Document(content.encode() if isinstance(content, str) else content, f"/x/{name}")


def texts(content: bytes | str) -> list[str]:
    return [line.text for line in read_lines(given(content))]


def pdf(*pages: list[str], password: str | None = None) -> bytes:
    buffer = io.BytesIO()
    encryption = StandardEncryption(password) if password else None
    canvas = Canvas(buffer, encrypt=encryption)
    for page in pages:
        for row, text in enumerate(page):
            canvas.drawString(72, 720 - 20 * row, text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_french_is_read_in_each_encoding(encoding: str) -> None:
    assert decode(given(FRENCH.encode(encoding))) == FRENCH


def test_iso_8859_15_is_told_from_cp1252_by_the_euro_and_the_ligature() -> None:
    text = "L'œuvre coûte 5 € à l'élève, ni plus ni moins"
    assert decode(given(text.encode("iso-8859-15"))) == text


def test_latin_text_without_telling_characters_is_french_all_the_same() -> None:
    text = "La qualité des entretiens menés auprès des élèves âgés"
    assert decode(given(text.encode("iso-8859-15"))) == text


def test_a_declared_encoding_is_believed() -> None:
    markup = '<html><head><meta charset="iso-8859-2"></head><body><p>Łódź</p></body></html>'
    assert texts(markup.encode("iso-8859-2")) == ["Łódź"]


def test_utf8_cut_within_its_last_character_stays_utf8() -> None:
    assert decode(given("Épreuve écrite d'été é".encode()[:-1])) == "Épreuve écrite d'été "


def test_clean_composes_and_makes_blanks_plain() -> None:
    assert clean("e\u0301te\u0301\u00a0:\u202f10\u200b \u00ad%") == "été : 10 %"
    assert squeeze("  un \n\t deux\u00a0 trois ") == "un deux trois"


def test_lines_of_text_know_their_number_bullet_indent_and_cells() -> None:
    lines = read_lines(given("Titre\r\n\r\n  • un\r\n - deux\r\na\tb\t\r\n-\r\n"))
    assert lines == [
        Line("Titre", 1),
        Line("un", 3, bullet=True, indent=2),
        Line("deux", 4, bullet=True, indent=1),
        Line("a\tb", 5, cells=("a", "b")),
        Line("-", 6),
    ]
    assert lines[1].place == "line 3"


def test_a_dash_within_a_word_or_a_figure_is_no_bullet() -> None:
    assert texts("-5 degrés\n–\nporte-avions") == ["-5 degrés", "–", "porte-avions"]


def test_html_gives_blocks_headings_items_and_rows() -> None:
    markup = """<!doctype html><html><head><title>t</title><style>p{}</style></head><body>
    <nav>Menu</nav><h2>Le <em>métier</em></h2><p>un<br>deux</p><!-- rien -->
    <ul><li>item <b>gras</b></li><li><p>autre</p></li></ul><script>var x;</script>
    <table><tr><th>Voie</th><th>Oui</th></tr><tr><td><p>par VAE</p></td><td></td></tr></table>
    fin<div hidden>secret</div></body></html>"""
    lines = read_lines(given(markup))
    assert [(x.text, x.heading, x.bullet, x.cells) for x in lines] == [
        ("Menu", None, False, None),
        ("Le métier", 2, False, None),
        ("un", None, False, None),
        ("deux", None, False, None),
        ("item gras", None, True, None),
        ("autre", None, True, None),
        ("Voie\tOui", None, False, ("Voie", "Oui")),
        ("par VAE\t", None, False, ("par VAE", "")),
        ("fin", None, False, None),
    ]
    assert lines[1].number == 2


def test_cells_keep_their_own_lines() -> None:
    markup = "<table><tr><td><ul><li>un</li><li>deux</li></ul></td><td>x</td></tr></table>"
    (row,) = read_lines(given(f"<html><body>{markup}</body></html>"))
    assert row.cells == ("• un\n• deux", "x")


def test_pdf_lines_know_their_page() -> None:
    lines = read_lines(given(pdf(["Titre", "- une ligne"], ["Fin"])))
    assert [(x.text, x.page, x.number, x.bullet) for x in lines] == [
        ("Titre", 1, 1, False),
        ("une ligne", 1, 2, True),
        ("Fin", 2, 1, False),
    ]
    assert lines[2].place == "page 2 line 1"


def test_docx_gives_headings_lists_and_tables() -> None:
    made = docx.Document()
    made.add_heading("Expérience", level=1)
    made.add_paragraph("Accueil des clients", style="List Bullet")
    table = made.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "2020", "Gardien"
    buffer = io.BytesIO()
    made.save(buffer)
    lines = read_lines(given(buffer.getvalue()))
    assert [(x.text, x.heading, x.bullet, x.cells) for x in lines] == [
        ("Expérience", 1, False, None),
        ("Accueil des clients", None, True, None),
        ("2020\tGardien", None, False, ("2020", "Gardien")),
    ]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.4 x", "pdf"),
        (b"\xef\xbb\xbf<!DOCTYPE html><p>", "html"),
        (b"<div><p>fragment</p></div>", "html"),
        (b"<?xml version='1.0'?><FICHES/>", "xml"),
        (b"<FICHES><FICHE/></FICHES>", "xml"),
        ("élève < 5 ans".encode(), "text"),
        ("é".encode("utf-16"), "text"),
    ],
)
def test_the_format_is_told_by_content(content: bytes, kind: str) -> None:
    assert format_of(given(content)) == kind


def test_an_archive_is_told_and_refused_as_lines() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "x")
    assert format_of(given(buffer.getvalue())) == "zip"
    with pytest.raises(UnreadableDocument, match="archive"):
        read_lines(given(buffer.getvalue()))


@pytest.mark.parametrize(
    ("content", "error", "says"),
    [
        (b"", EmptyDocument, "empty"),
        (b" \r\n\t ", EmptyDocument, "empty"),
        (b"<html><body><script>x</script></body></html>", EmptyDocument, "no text"),
        (bytes(range(256)) * 8, BinaryDocument, "binary"),
        (b"\x7fELF" + b"\0" * 64, BinaryDocument, "binary"),
        (b"a" * (21 * 2**20), DocumentTooLarge, "21 MB"),
        (b"%PDF-1.7\n" + b"\x80garbage" * 50, UnreadableDocument, "damaged"),
        (pdf([]), UnreadableDocument, "without text"),
        (pdf(["secret"], password="x"), UnreadableDocument, "password"),
    ],
)
def test_what_cannot_be_read_says_what_and_what_to_do(
    content: bytes, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says) as raised:
        read_lines(given(content, "cv.pdf"))
    assert "cv.pdf" in str(raised.value)
    assert "\n" in str(raised.value), "no next step"


def test_a_damaged_docx_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "<broken")
    with pytest.raises(UnreadableDocument, match="damaged DOCX"):
        read_lines(given(buffer.getvalue()))


def test_a_docx_that_unpacks_to_far_more_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", "<w/>")
        with archive.open("word/media", "w") as entry:
            for _ in range(210):
                entry.write(bytes(2**20))
    with pytest.raises(DocumentTooLarge, match="unpacks"):
        read_lines(given(buffer.getvalue()))
