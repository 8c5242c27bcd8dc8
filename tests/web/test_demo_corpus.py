"""The demo corpus: its size, that it is invented, and that every document is read as written.

The counts below were made by hand from the documents, not by the parsers.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree

from kb.identity import job_key, text_key
from kb.model import Certification, Document, Job
from scrapers.discovery import choose_source
from scrapers.lines import read_lines

DEMO = Path(__file__).resolve().parents[2] / "web" / "demo"
SOURCES = {
    "register.xml": "rncp_xml",
    "referentiel_rncp99003.txt": "referentiel",
    "pages/rncp99002_office_manager.txt": "rncp_page",
    "pages/rncp99006_technicien_support.html": "rncp_page",
    "pages/rncp99012_technicien_logistique.html": "rncp_page",
    "jobs/assistant_de_gestion.txt": "opiiec",
    "jobs/chef_d_equipe_logistique.txt": "opiiec",
    "jobs/developpeur_d_applications.txt": "opiiec",
    "jobs/technicien_support_informatique.txt": "opiiec",
    "jobs/auxiliaire_de_vie.txt": "article",
    "jobs/boulanger.txt": "article",
    "jobs/office_manager.html": "article",
    "jobs/responsable_de_secteur.html": "article",
}
COMPETENCIES = {  # per block, in order
    "RNCP99001": [6, 6, 5, 5],
    "RNCP99002": [6, 5, 6, 5],
    "RNCP99003": [6, 6, 5, 5],
    "RNCP99004": [6, 6, 5],
    "RNCP99005": [6, 6, 5, 5],
    "RNCP99006": [6, 6, 5, 5],
    "RNCP99007": [6, 6, 6, 5],
    "RNCP99008": [6, 5, 6, 5],
    "RNCP99009": [6, 7, 6, 5],
    "RNCP99010": [5, 6, 5, 5],
    "RNCP99011": [7, 6, 5],
    "RNCP99012": [6, 5, 6, 5],
}
LEVELS = {
    "RNCP99001": 5,
    "RNCP99002": 6,
    "RNCP99003": None,  # a référentiel does not say it
    "RNCP99004": 5,
    "RNCP99005": 6,
    "RNCP99006": 5,
    "RNCP99007": 3,
    "RNCP99008": 5,
    "RNCP99009": 3,
    "RNCP99010": 4,
    "RNCP99011": 3,
    "RNCP99012": 5,
}
MISSIONS = {
    "Assistant de gestion": 4,
    "Auxiliaire de vie": 6,
    "Boulanger": 6,
    "Chef d'équipe logistique": 4,
    "Développeur d'applications": 4,
    "Office manager": 7,
    "Responsable de secteur": 5,
    "Technicien support informatique": 4,
}
LISTINGS = {  # ways of listing a block's competences, as the open data shows them
    "dashes": r"(?:^|  )- \w",
    "stars": r"(?:^|  )\* \w",
    "round bullets": r"(?:^|  )• \w",
    "groups with numbered items": r"\b1\.1 \w.{5,80}? {2,}1\.1\.1 \w",
    "A1C1. with a blank": r"A1C1\. \w|A1C3\. \w",
    "A1C2. without a blank": r"A\dC\d\.\w",
    "C1 -": r"(?:^|  )C1 - \w",
    "two blanks, no dash": r"[^\s.;-] {2}[A-ZÀ-Ý]",
    "four blanks, no dash": r"[^\s-] {4}[A-ZÀ-Ý]",
    "eight blanks, no dash": r"[^\s-] {8}[A-ZÀ-Ý]",
    "a wrapped line": r"[a-zà-ÿ'] {2,3}[a-zà-ÿ]",
    "a heading that covers items": r" : {4}[A-ZÀ-Ý]",
}


def document(name: str) -> Document:
    return Document((DEMO / name).read_bytes(), name)


@cache
def records(name: str) -> tuple[object, ...]:
    read = document(name)
    return tuple(choose_source(read).parse(read))


@cache
def certifications() -> dict[str, Certification]:
    found = [
        record for name in SOURCES for record in records(name) if isinstance(record, Certification)
    ]
    numbers = [str(each.number) for each in found]
    assert len(set(numbers)) == len(numbers)
    return dict(zip(numbers, found, strict=True))


def jobs() -> dict[str, Job]:
    found = [r for name in SOURCES for r in records(name) if isinstance(r, Job)]
    return {each.title: each for each in found}


@cache
def texts() -> dict[str, str]:
    """Every document's text, as a reader sees it (the register's as it stands)."""
    found = {}
    for path in sorted(DEMO.rglob("*")):
        if path.is_file() and path.suffix != ".md":
            name = str(path.relative_to(DEMO))
            found[name] = (
                path.read_text("utf-8")
                if path.suffix in {".xml", ".txt", ".html"}
                else "\n".join(line.text for line in read_lines(document(name)))
            )
    return found


def lists() -> dict[str, str]:
    """Block code -> its list of competences in the register, blanks and all."""
    root = etree.fromstring((DEMO / "register.xml").read_bytes())
    return {
        block.findtext("CODE", ""): block.findtext("LISTE_COMPETENCES", "")
        for block in root.iter("BLOC_COMPETENCES")
        if block.find("LISTE_COMPETENCES") is not None
    }


def test_size() -> None:
    assert sum(number.startswith("RNCP") for number in certifications()) >= 12
    assert sum(len(blocks) for blocks in COMPETENCIES.values()) >= 45
    assert sum(sum(blocks) for blocks in COMPETENCIES.values()) >= 250
    assert len(jobs()) == 8
    assert len(list((DEMO / "offers").iterdir())) == 6
    assert len(list((DEMO / "cvs").iterdir())) == 4


def test_every_document_to_ingest_is_listed() -> None:
    ingested = {
        str(path.relative_to(DEMO))
        for path in DEMO.rglob("*.*")
        if path.suffix != ".md" and path.parent.name not in {"offers", "cvs"}
    }
    assert ingested == set(SOURCES)


@pytest.mark.parametrize(("name", "source"), SOURCES.items())
def test_recognised(name: str, source: str) -> None:
    assert source == choose_source(document(name)).NAME


@pytest.mark.parametrize("number", COMPETENCIES)
def test_competences_as_written(number: str) -> None:
    sheet = certifications()[number]
    by_block = Counter(each.block for each in sheet.competencies)
    assert [by_block[block.code] for block in sheet.blocks] == COMPETENCIES[number]
    assert sum(by_block.values()) == sum(COMPETENCIES[number])
    assert sheet.level == LEVELS[number]
    assert sheet.title
    assert all(block.title and block.assessments for block in sheet.blocks)


def test_specific_register() -> None:
    sheet = certifications()["RS99101"]
    assert [each.code for each in sheet.competencies] == ["C1", "C2", "C3", "C4", "C5", "C6"]
    assert sheet.blocks == ()
    assert sheet.level is None


def test_codes_and_groups_stay_apart_from_the_text() -> None:
    sheets = certifications()
    assert [x.code for x in sheets["RNCP99008"].competencies][:7] == [
        "A1C1",
        "A1C2",
        "A1C3",
        "A1C4",
        "A1C5",
        "A1C6",
        "A2C1",
    ]
    fournil = sheets["RNCP99010"].competencies
    assert fournil[0].code == "1.1.1"
    assert fournil[0].group is not None
    assert fournil[0].group.endswith("Planifier les fabrications")
    assert len({x.group for x in fournil}) == 8
    assert {x.group for x in sheets["RNCP99005"].competencies if x.group} == {
        "Comprendre le besoin",
        "Dessiner la solution",
        "Vérifier l'application",
        "Livrer en continu",
    }
    wrapped = [x.text for x in sheets["RNCP99009"].competencies if "consistance" in x.text]
    assert wrapped == ["Conduire un pétrin et juger de la consistance de la pâte"]


@pytest.mark.parametrize("way", LISTINGS)
def test_ways_of_listing(way: str) -> None:
    assert any(re.search(LISTINGS[way], text) for text in lists().values())


def test_ways_of_listing_outside_the_register() -> None:
    read = texts()
    assert re.search(r"<p>C\.1\.1\.1 \w", read["referentiel_rncp99003.txt"])
    assert "<li>" in read["pages/rncp99006_technicien_support.html"]
    assert "<br />" in read["pages/rncp99006_technicien_support.html"]
    plain = read["pages/rncp99002_office_manager.txt"].splitlines()
    assert sum(line.endswith(".") and ", afin " in line for line in plain) >= 2 * 21


def test_no_competency_twice() -> None:
    keys = Counter(
        text_key(each.text) for sheet in certifications().values() for each in sheet.competencies
    )
    assert [key for key, times in keys.items() if times > 1] == []


def test_page_in_html() -> None:
    sheet = certifications()["RNCP99012"]
    assert [route.open for route in sheet.access_routes] == [False, True, True, True, False, True]
    assert not any(route.inferred for route in sheet.access_routes)
    assert all(bool(route.jury) == route.open for route in sheet.access_routes)
    assert sheet.territories.nouvelle_caledonie is True
    assert sheet.territories.polynesie_francaise is False
    assert [each.insertion_6m_overall for each in sheet.statistics] == [90, 88, None]
    roles = [each.role for each in certifications()["RNCP99006"].partners]
    assert roles == ["train", "assess"]


def test_reference_document_adds_up() -> None:
    sheet = certifications()["RNCP99003"]
    assert len(sheet.activities) == 10
    assert len(sheet.modules) == 15
    assert sum(module.hours or 0 for module in sheet.modules) == 490
    assert (sheet.hours.taught, sheet.hours.other, sheet.hours.total) == (490, 210, 700)
    assert (sheet.points.continuous, sheet.points.block_exams) == (320, 480)
    assert (sheet.points.professional, sheet.points.total) == (200, 1000)
    assert all(each.criteria and each.activity for each in sheet.competencies)
    rules = {each.rule for each in sheet.exam_rules}
    assert {"pass", "block_minimum", "professional_minimum", "keep_blocks", "resit"} <= rules


def test_register_relations() -> None:
    sheets = certifications()
    assert [x.to for x in sheets["RNCP99005"].correspondences] == [
        "RNCP99004",
        "RNCP99905",
        "RNCP99905",
    ]
    assert sheets["RNCP99005"].correspondences[1].from_blocks == ()
    assert sheets["RNCP99007"].correspondences[0].to_blocks == ()
    assert sheets["RNCP99011"].active is False
    assert sheets["RNCP99011"].replaced_by == ("RNCP99913",)
    assert sheets["RNCP99001"].replaces == ("RNCP99901",)
    assert [x.state for x in sheets["RNCP99004"].partners] == [
        "active",
        "active",
        "removed",
        "active",
    ]
    assert sheets["RNCP99001"].statistics[2].insertion_6m_overall is None


def test_jobs_as_written() -> None:
    assert {title: len(job.missions) for title, job in jobs().items()} == MISSIONS


def test_jobs_name_each_other() -> None:
    known = {job_key(title) for title in MISSIONS}
    moves = {(job_key(title), job_key(x.title)) for title, job in jobs().items() for x in job.moves}
    linked = {side for move in moves if move[1] in known for side in move}
    assert known - linked == {job_key("Boulanger")}


def test_job_sheets_have_levels_and_articles_have_salaries() -> None:
    for name, source in SOURCES.items():
        for job in (r for r in records(name) if isinstance(r, Job)):
            if source == "opiiec":
                assert 5 <= len(job.macro_competencies) <= 12
                assert all(len(x.levels) in (0, 4) for x in job.macro_competencies)
            else:
                assert len(job.skills) >= 3
                assert len(job.qualities) >= 3
                assert len(job.salaries) >= 2


@pytest.mark.parametrize("name", texts())
def test_marked_as_an_example(name: str) -> None:
    assert re.search(r"d'exemple", texts()[name])


def test_every_sheet_says_that_it_is_invented() -> None:
    for number, sheet in certifications().items():
        if number != "RNCP99003":  # the référentiel says it in its first lines
            assert (sheet.objectives or "").startswith("Exemple fictif.")


def test_numbers_are_out_of_the_registers_range() -> None:
    numbers = {x for text in texts().values() for x in re.findall(r"\b(?:RNCP|RS)\d+", text)}
    assert len(numbers) >= 13
    assert [x for x in numbers if not re.fullmatch(r"(?:RNCP|RS)99\d{3}", x)] == []


def test_sirets_are_invented_and_well_formed() -> None:
    sirets = {x for text in texts().values() for x in re.findall(r"\b\d{14}\b", text)}
    assert len(sirets) >= 12
    for siret in sirets:
        assert siret.startswith("000000")
        assert _luhn(siret)
        assert _luhn(siret[:9])


def test_addresses_lead_nowhere() -> None:
    hosts = {
        host
        for text in texts().values()
        for host in re.findall(r"(?:https?://|@)([\w.-]+\.[a-z]{2,})", text)
    }
    assert hosts
    assert [host for host in hosts if not host.endswith(".example")] == []


def _luhn(digits: str) -> bool:
    doubled = [int(x) * (2 if i % 2 else 1) for i, x in enumerate(reversed(digits))]
    return sum(x // 10 + x % 10 for x in doubled) % 10 == 0


def test_offers_hold_what_certifications_do_not_cover() -> None:
    offer = texts()["offers/administration_office_manager.txt"]
    sections = [
        offer.index(x) for x in ("L'entreprise", "Vos missions", "Votre profil", "postuler")
    ]
    assert all(one < other for one, other in pairwise(sections))
    assert "(H/F)" in offer
    assert "potager" in offer
