"""Occupations and regulated occupations, as `show` and the pages tell them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from kb.config import Settings
from kb.model import Certification, Code, Competency, Document, Job, JobMove, Record, Task, Term
from kb.store import Store
from web.app import create_app
from web.cli import app, read_upload
from web.service import Service

NEWER: list[Record] = [
    Job(
        "Gardien / Gardienne de phare",
        code="N9901",
        nomenclature="rome",
        parent=Code("N9901"),
        regulated=False,
        missions=(Task("Allumer la lampe du phare"),),
        moves=(JobMove("N9903", "to", target="rome:N9903", evolution=True),),
    ),
    Job(
        "Pilote de baie",
        code="N9903",
        nomenclature="rome",
        parent=Code("N9901"),
        regulated=True,
        access="Un brevet de pilote est exigé.",
    ),
    Term("formacode", "99001", "descriptor", "Signaux maritimes", ("balisage côtier",)),
    Certification(
        "RNCP99001",
        "Veille maritime",
        rome=(Code("N9901", "Garde de phare"),),
        formacodes=(Code("98001", "Balisage côtier"), Code("99001", "Signaux maritimes")),
    ),
]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path))
    settings = Settings.from_environment()
    store = Store.open(settings)
    by: dict[str, Any] = {"source": "rome4", "authority": 0, "publisher": "France Travail"}
    store.ingest(Document(b"newer", "newer.csv"), NEWER, **by)
    Service(settings, store, read_upload).refresh()
    return settings


def shown(identifier: str) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["show", identifier, "--json"])
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


@pytest.mark.usefixtures("settings")
def test_show_tells_what_is_regulated_and_what_is_newer() -> None:
    assert shown("RNCP99001")["regulated_occupations"] == [
        {
            "code": "N9903",
            "label": "Pilote de baie",
            "text": "Un brevet de pilote est exigé.",
            "via": "N9901",
        }
    ]
    older = shown("rome:N9901")
    assert (older["regulated"], older["moves"][0]["title"]) == (False, "Pilote de baie")
    assert older["newer_codes"] == [{"id": "rome:N9903", "title": "Pilote de baie"}]
    newer = shown("rome:n9903")
    assert newer["regulated"] is True
    assert newer["parent"] == {"code": "N9901", "label": "Gardien / Gardienne de phare"}
    assert shown("formacode:99001")["title"] == "Signaux maritimes"


@pytest.mark.usefixtures("settings")
def test_the_register_command_tells_what_is_regulated() -> None:
    told = CliRunner().invoke(app, ["register", "RNCP99001"]).stdout
    assert "N9903  Pilote de baie (cut from N9901)" in told


def test_search_finds_occupations_and_descriptors(settings: Settings) -> None:
    service = Service(settings, Store.open(settings), read_upload)
    assert service.search("pilote de baie").results[0].id == "rome:N9903"
    assert service.search("balisage côtier").results[0].id == "formacode:99001"
    by_code = [result.id for result in service.search("n9901").results]
    assert by_code == ["rome:N9901", "rncp:RNCP99001", "rome:N9903"]


def test_careers_take_in_occupations(settings: Settings) -> None:
    service = Service(settings, Store.open(settings), read_upload)
    competency = Competency("Allumer la lampe du phare")
    sheet: list[Record] = [Certification("RNCP99002", "Feux", competencies=(competency,))]
    by: dict[str, Any] = {"source": "rncp_xml", "authority": 0, "publisher": "Registre"}
    Store.open(settings).ingest(Document(b"feux", "feux.xml"), sheet, **by)
    service.refresh()
    (career, *_) = service.match("- Allumer la lampe du phare").careers
    assert (career.id, career.missing) == ("rome:N9901", ())
    assert [(move.title, move.evolution) for move in career.moves] == [("Pilote de baie", True)]


def test_pages_of_an_occupation_and_of_its_certification(settings: Settings) -> None:
    service = Service(settings, Store.open(settings), read_upload)
    client = TestClient(create_app(service, max_upload_bytes=1000))

    def page(address: str) -> BeautifulSoup:
        answer = client.get(address)
        assert answer.status_code == 200, address
        return BeautifulSoup(answer.text, "html.parser")

    job = page("/metiers/rome:N9903")
    facts = {
        dt.get_text(strip=True): dt.find_next("dd").get_text(strip=True)
        for dt in job.find_all("dt")
    }
    assert facts["Emploi réglementé"] == "Oui"
    assert facts["Code"] == "ROME N9903"
    sheet = page("/certifications/RNCP99001")
    heading = sheet.find("h3", string="Emplois réglementés auxquels elle mène")
    assert heading is not None
    assert "N9903" in heading.find_next("ul").get_text()
    told = sheet.get_text()
    assert "Balisage côtier (aujourd’hui 99001 Signaux maritimes)" in told
    assert shown("RNCP99001")["newer_formacodes"]["98001"]["code"] == "99001"
    found = page("/recherche?q=balisage+côtier")
    assert found.find(string="Autres nomenclatures")
