"""The open data as it may come: archives, broken fiches, harmful documents."""

from __future__ import annotations

import io
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from kb.errors import (
    ImplausibleExport,
    IncompleteDocument,
    PasserelleError,
    UnreadableDocument,
    UnsafeDocument,
)
from kb.model import Certification, Document, Record, Remark
from kb.plausible import plausible
from kb.store import Counts
from scrapers import archives
from scrapers.discovery import choose_source
from scrapers.registers import fiches
from scrapers.sources import rncp_xml

PAGE = (Path(__file__).parent.parent / "fixtures" / "rncp_xml" / "rncp" / "page.xml").read_bytes()


def read(content: bytes) -> list[Record]:
    return list(rncp_xml.parse(Document(content, "export.xml")))


def export(*inside: str) -> bytes:
    body = "\n".join(f"<FICHE>{each}</FICHE>" for each in inside)
    return f"<?xml version='1.0' encoding='UTF-8'?>\n<FICHES>\n{body}\n</FICHES>".encode()


def sheet(inside: str) -> Certification:
    (record,) = read(export(f"<NUMERO_FICHE>RNCP990001</NUMERO_FICHE>{inside}"))
    assert isinstance(record, Certification)
    return record


def remarks(inside: str) -> list[str]:
    return [each.text for each in sheet(inside).warnings]


def archive(packing: int = zipfile.ZIP_DEFLATED, /, **files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", packing) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return held.getvalue()


def test_a_zip_gives_what_its_xml_gives() -> None:
    zipped = Document(archive(**{"export.xml": PAGE}), "export.zip")
    assert choose_source(zipped).NAME == "rncp_xml"
    assert list(rncp_xml.parse(zipped)) == read(PAGE)
    assert rncp_xml.size(zipped) == rncp_xml.size(Document(PAGE, "export.xml")) == len(PAGE)


@pytest.mark.parametrize("size", [1, 7, 100, 1000])
def test_fiches_may_end_anywhere_in_a_chunk(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    whole = read(PAGE + b"\n")
    monkeypatch.setattr(fiches, "_CHUNK", size)
    assert read(PAGE + b"\n") == whole


def test_an_export_in_another_encoding() -> None:
    text = export("<NUMERO_FICHE>RS9901</NUMERO_FICHE><INTITULE>Créer</INTITULE>").decode()
    (record,) = read(text.replace("UTF-8", "ISO-8859-1").encode("latin-1"))
    assert isinstance(record, Certification)
    assert record.title == "Créer"


def test_a_broken_fiche_costs_only_itself_and_says_where() -> None:
    content = export(
        "\n<NUMERO_FICHE>RS9901</NUMERO_FICHE>\n<INTITULE>Un</INTITULE>\n",
        "\n<NUMERO_FICHE>RS9902</NUMERO_FICHE>\n<INTITULE>Deux</INTITUL>\n",
        "\n<NUMERO_FICHE>RS9903</NUMERO_FICHE>\n<INTITULE>Trois</INTITULE>\n",
    )
    first, broken, third = read(content)
    assert isinstance(first, Certification)
    assert isinstance(third, Certification)
    assert (first.number, third.number) == ("RS9901", "RS9903")
    assert isinstance(broken, Remark)
    assert content.split(b"\n")[int(str(broken.place).removeprefix("line ")) - 1].endswith(
        b"</INTITUL>"
    )


def test_a_broken_sheet_that_was_cut_out_says_which_it_is() -> None:
    content = export("<NUMERO_FICHE>RNCP990007</NUMERO_FICHE><INTITULE>a & b</INTITULE>")
    ((number, part),) = rncp_xml.parts(Document(content, "export.xml"))  # type: ignore[misc]
    (told,) = rncp_xml.parse(part)
    assert number == "RNCP990007"
    assert isinstance(told, Remark)
    assert told.place == "FICHE RNCP990007, its line 1"


def test_a_fiche_without_end_does_not_take_the_next_along() -> None:
    content = export(
        "<NUMERO_FICHE>RS9901</NUMERO_FICHE>", "<NUMERO_FICHE>RS9902</NUMERO_FICHE>"
    ).replace(b"</FICHE>", b"", 1)
    broken, second = read(content)
    assert isinstance(broken, Remark)
    assert "no end tag" in broken.text
    assert isinstance(second, Certification)
    assert second.number == "RS9902"


def test_an_undeclared_entity_breaks_its_fiche_only() -> None:
    found = read(
        export("<NUMERO_FICHE>RS9901</NUMERO_FICHE><INTITULE>&x;</INTITULE>")
        + export("<NUMERO_FICHE>RS9902</NUMERO_FICHE>")
    )
    assert [type(each) for each in found] == [Remark, Certification]


BOMB = (
    "<?xml version='1.0'?><!DOCTYPE FICHES [<!ENTITY a 'aaaaaaaaaa'>"
    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
    + "]><FICHES><FICHE><NUMERO_FICHE>RNCP990001</NUMERO_FICHE>"
    "<INTITULE>&a9;</INTITULE></FICHE></FICHES>"
).encode()


@pytest.mark.parametrize(
    "content",
    [
        BOMB,
        b"<?xml version='1.0'?><!DOCTYPE FICHES SYSTEM 'http://x.example/x.dtd'><FICHES/>",
        b"<?xml version='1.0'?>\n<!doctype FICHES>"
        + b" " * 10
        + b"<FICHES><FICHE></FICHE></FICHES>",
        archive(**{"export.xml": BOMB}),
        archive(**{"../../export.xml": PAGE}),
        archive(**{"/tmp/export.xml": PAGE}),
        archive(**{"..\\export.xml": PAGE}),
        archive(**{"C:export.xml": PAGE}),
        archive(**{"export.xml": PAGE[:300] + b" " * 32 * 2**20}),
    ],
    ids=["bomb", "dtd", "doctype", "zipped", "climbs", "root", "backslash", "drive", "ratio"],
)
def test_harmful_documents_are_refused(content: bytes) -> None:
    with pytest.raises(UnsafeDocument):
        read(content)


@pytest.mark.parametrize(
    "content",
    [
        archive(**{"one.xml": PAGE, "two.xml": PAGE}),
        archive(**{"export.xml": PAGE})[:-40],
        b"PK\x03\x04 and nothing more",
    ],
)
def test_archives_that_cannot_be_read(content: bytes) -> None:
    document = Document(content, "export.zip")
    assert rncp_xml.recognise(document) == 0
    with pytest.raises(UnreadableDocument):
        list(rncp_xml.parse(document))


def test_damage_within_an_archive() -> None:
    content = bytearray(archive(**{"export.xml": PAGE * 20}))
    content[200:240] = bytes(40)
    with pytest.raises(UnreadableDocument):
        read(bytes(content))


@pytest.mark.parametrize("at", [b"<FICHE>", b"<INTITULE>"], ids=["between", "within"])
def test_an_export_that_was_cut_is_told_and_refused_where_it_must_be_whole(at: bytes) -> None:
    inside = "<NUMERO_FICHE>RNCP99000{}</NUMERO_FICHE><INTITULE>Un</INTITULE>"
    two = export(inside.format(1), inside.format(2))
    cut = Document(archive(**{"export.xml": two[: two.rindex(at)]}), "export.zip")
    *_, last = rncp_xml.parse(cut)
    assert isinstance(last, Remark)
    assert list(rncp_xml.parts(cut))
    with pytest.raises(IncompleteDocument, match="cut off"):
        list(rncp_xml.parts(cut, whole=True))
    assert list(rncp_xml.parts(Document(PAGE, "export.xml"), whole=True))


def test_an_archive_in_an_archive_and_one_with_a_password_are_told() -> None:
    inner = archive(**{"export.xml": PAGE})
    with pytest.raises(UnreadableDocument, match="another archive"):
        read(archive(zipfile.ZIP_STORED, **{"export.zip": inner}))
    locked = bytearray(inner)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.find(mark) + flags] |= 1
    with pytest.raises(UnreadableDocument, match="password"):
        read(bytes(locked))


def test_an_archive_that_unpacks_to_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_BYTES", 1000)
    with pytest.raises(UnsafeDocument, match="GB"):
        read(archive(**{"export.xml": PAGE}))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (archive(**{"../../export.xml": PAGE}), "leaves its folder"),
        (archive(**{"one.xml": PAGE, "two.xml": PAGE}), "holds one.xml, two.xml"),
        (archive(**{"export.xml": PAGE})[:-40], "damaged"),
    ],
)
def test_an_archive_of_no_kind_is_told_what_is_wrong_with_it(content: bytes, says: str) -> None:
    with pytest.raises(PasserelleError, match=says):
        choose_source(Document(content, "export.zip"))


def test_a_fiche_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fiches, "MAX_FICHE_BYTES", 1000)
    monkeypatch.setattr(fiches, "_CHUNK", 500)
    with pytest.raises(UnreadableDocument, match="no end of fiche"):
        read(b"<FICHES><FICHE>" + b"x" * 5000)


def test_an_export_of_nothing() -> None:
    with pytest.raises(IncompleteDocument):
        read(b"<?xml version='1.0'?><FICHES></FICHES>")


@pytest.mark.parametrize(
    "content", [b"<?xml version='1.0'?><ROME/>", b"<html><body>FICHE</body></html>", b"FICHE"]
)
def test_what_is_no_export(content: bytes) -> None:
    assert rncp_xml.recognise(Document(content, "x")) == 0


def test_the_first_of_a_repeated_tag_is_read() -> None:
    found = sheet("<INTITULE>Un</INTITULE><INTITULE>Deux</INTITULE>")
    assert found.title == "Un"
    assert any("INTITULE occurs 2 times" in each.text for each in found.warnings)


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        ("<DUREE_ENREGISTREMENT>cinq</DUREE_ENREGISTREMENT>", "no whole number"),
        (
            "<ANNEES_PROMOTIONS_NIVEAU><ANNEE>23</ANNEE></ANNEES_PROMOTIONS_NIVEAU>",
            "is no year",
        ),
        ("<CODES_NSF><NSF><LIBELLE>Vente</LIBELLE></NSF></CODES_NSF>", "without CODE"),
        ("<ABREGE><LIBELLE>Titre</LIBELLE></ABREGE>", "has no code"),
        (
            "<BLOCS_COMPETENCES><BLOC_COMPETENCES><LIBELLE>x</LIBELLE></BLOC_COMPETENCES>"
            "</BLOCS_COMPETENCES>",
            "a block without CODE",
        ),
        (
            "<BLOCS_COMPETENCES><BLOC_COMPETENCES><CODE>RNCP990002BC01</CODE></BLOC_COMPETENCES>"
            "</BLOCS_COMPETENCES>",
            "is not of this sheet",
        ),
        (
            "<CERTIFICATEURS><CERTIFICATEUR><SIRET_CERTIFICATEUR>1</SIRET_CERTIFICATEUR>"
            "</CERTIFICATEUR></CERTIFICATEURS>",
            "certifier without a name",
        ),
        (
            "<PARTENAIRES><PARTENAIRE><SIRET_PARTENAIRE>1</SIRET_PARTENAIRE></PARTENAIRE>"
            "</PARTENAIRES>",
            "partner without a name",
        ),
        (
            "<STATISTIQUES_PROMOTIONS><STATISTIQUES_PROMOTION><NOMBRE_CERTIFIES>3"
            "</NOMBRE_CERTIFIES></STATISTIQUES_PROMOTION></STATISTIQUES_PROMOTIONS>",
            "has the year ''",
        ),
    ],
)
def test_faults_within_a_fiche_are_told(inside: str, says: str) -> None:
    assert any(says in text for text in remarks(inside))


def test_a_number_of_another_form_is_told_and_kept() -> None:
    (record,) = read(export("<NUMERO_FICHE>X12</NUMERO_FICHE>"))
    assert isinstance(record, Certification)
    assert record.number == "X12"
    assert any("neither RNCPn nor RSn" in each.text for each in record.warnings)


def test_html_entities_left_in_a_text_are_opened() -> None:
    assert sheet("<INTITULE><![CDATA[Eau &amp; gaz]]></INTITULE>").title == "Eau & gaz"


def test_memory_stays_flat_and_records_come_one_by_one() -> None:
    inside = PAGE[PAGE.index(b"<FICHE>") : PAGE.index(b"</FICHES>")]
    content = b"<FICHES>" + inside * 80 + b"</FICHES>"
    started = time.perf_counter()
    tracemalloc.start()
    records = rncp_xml.parse(Document(content, "export.xml"))
    next(records)
    first = time.perf_counter() - started
    count = 1 + sum(1 for _ in records)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 80
    assert peak < 16 * 2**20
    assert first < (time.perf_counter() - started) / 4


def test_a_whole_register_is_expected_and_half_of_one_is_not() -> None:
    whole = {"rncp": Counts(24_353, 5_572), "rs": Counts(6_122, 1_417)}
    plausible({}, whole, rncp_xml.EXPECTED_OF)
    for register, counts in whole.items():
        half = Counts(counts.sheets // 2, counts.active // 2)
        with pytest.raises(ImplausibleExport):
            plausible({}, {register: half}, rncp_xml.EXPECTED_OF)
