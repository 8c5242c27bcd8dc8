"""Figures that others publish of a diploma, as the sheets of its title tell them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from kb.config import Settings
from kb.errors import NotFound
from kb.identity import insertion_id
from kb.model import Certification, Code, CohortStatistics, Document, Record
from kb.store import Store
from scrapers.sources import insertion
from web.app import create_app
from web.cli import app, read_upload
from web.service import Service

PAGE = Path(__file__).parent.parent / "fixtures" / "insertion" / "trainings" / "page.json"
CAP = Code("CAP", "Certificat d'aptitude professionnelle")
MENTION = Code("MC", "Mention complémentaire")
SHEETS: list[Record] = [
    Certification(
        "RNCP99401",
        "Gardien de phare",
        level=3,
        abbreviation=CAP,
        statistics=(CohortStatistics(2024, certified=12),),
    ),
    Certification("RNCP99402", "Veille côtière", level=3, abbreviation=MENTION),
    Certification("RNCP99403", "Veille côtière", level=4, abbreviation=MENTION),
    Certification("RNCP99404", "Gardien de phare", level=3),
]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path))
    opened = Store.open(Settings.from_environment())
    opened.ingest(
        Document(b"sheets", "sheets.xml"), SHEETS, source="rncp_xml", authority=0, publisher="R"
    )
    document = Document(PAGE.read_bytes(), "https://example.org/inser.json", date(2026, 2, 1))
    opened.ingest(
        document,
        insertion.parse(document),
        source=insertion.NAME,
        authority=insertion.AUTHORITY,
        publisher=insertion.PUBLISHER,
    )
    return opened


def test_sheets_of_its_title_kind_and_level_have_the_figures(store: Store) -> None:
    found = store.insertion(store.certification("RNCP99401").record)
    assert found is not None
    assert [(each.region, each.employed_12m) for each in found.record.figures] == [
        (None, 45.7),
        ("BRETAGNE", 50.0),
    ]
    both = store.insertion(store.certification("RNCP99402").record)
    assert both is not None
    assert {each.of for each in both.record.figures} == {"MC5 veille cotiere", "MC3 veille cotiere"}
    assert store.insertion(store.certification("RNCP99403").record) is None, "of another level"
    assert store.insertion(store.certification("RNCP99404").record) is None, "of unknown kind"


def test_they_are_no_certification_and_are_not_searched(store: Store) -> None:
    assert store.entry("insertion:cap/gardien-de-phare").record.title == "gardien de phare"
    with pytest.raises(NotFound):
        store.certification("insertion:cap/gardien-de-phare")
    assert store.summary().certifications == len(SHEETS)
    assert not any(passage.entity.startswith("insertion:") for passage in store.passages())


@pytest.mark.parametrize(
    ("diploma", "title", "level", "key"),
    [
        ("CAP", "Équipier de quai", None, "insertion:cap/equipier-de-quai"),
        ("Certificat d'aptitude professionnelle", "Quai : bac", 3, "insertion:cap/quai-bac"),
        ("Brevet de technicien supérieur", "Quais", 5, "insertion:bts/quais"),
        ("Certificat de spécialisation", "Quais", 4, "insertion:mc4/quais"),
        ("Mention complémentaire", "Quais", None, None),
        ("Titre professionnel", "Quais", 4, None),
        (None, "Quais", 4, None),
        ("CAP", None, 3, None),
    ],
)  # fmt: skip
def test_the_key_of_a_diploma(
    diploma: str | None, title: str | None, level: int | None, key: str | None
) -> None:
    assert insertion_id(diploma, title, level) == key


def test_show_and_the_page_tell_them_with_their_source(store: Store) -> None:
    result = CliRunner().invoke(app, ["show", "RNCP99401", "--json"])
    told = json.loads(result.stdout)["insertion"]
    assert told["figures"][0]["employed_24m"] == 50.0
    assert told["documents"][0]["publisher"] == insertion.PUBLISHER
    assert "BRETAGNE" in CliRunner().invoke(app, ["show", "RNCP99401"]).stdout
    service = Service(Settings.from_environment(), store, read_upload)
    service.refresh()
    client = TestClient(create_app(service, max_upload_bytes=1000))
    page = BeautifulSoup(client.get("/certifications/RNCP99401").text, "html.parser")
    heading = page.select_one("#insertion")
    assert heading is not None
    assert insertion.PUBLISHER in heading.get_text()
    cells = [
        [cell.get_text(strip=True) for cell in row.find_all(["th", "td"])]
        for row in heading.find_next("table").select("tbody tr")  # type: ignore[union-attr]
    ]
    assert cells == [
        ["France", "45,7\xa0%", "50\xa0%", "30\xa0%", "12 sur 40"],
        ["BRETAGNE", "50\xa0%", "non publié", "25\xa0%", "2 sur 6"],
    ]
    caption = heading.find_next("caption")
    assert caption is not None
    assert "CAP gardien de phare" in caption.get_text()
    mention = BeautifulSoup(client.get("/certifications/RNCP99402").text, "html.parser")
    assert [th.get_text() for th in mention.select("#insertion ~ details tbody th")] == [
        "France – MC5 veille cotiere",
        "France – MC3 veille cotiere",
    ]
    source = heading.find_next("a")
    assert source is not None
    assert source["href"] == "https://example.org/inser.json"
    assert not BeautifulSoup(client.get("/certifications/RNCP99404").text, "html.parser").select(
        "#insertion"
    )
