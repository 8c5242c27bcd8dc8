"""The pages over HTTP, read as a browser reads them."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from fastapi.testclient import TestClient

PAGES = (
    "/",
    "/recherche",
    "/recherche?q=serre",
    "/recherche?q=introuvable",
    "/rapprochement",
    "/certifications/RNCP990001",
    "/certifications/RNCP990002",
    "/metiers/chef-de-serre",
    "/metiers/grainetier",
    "/certifications/RNCP000000",
    "/nulle-part",
)


def soup(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


def one(page: BeautifulSoup | Tag, selector: str) -> Tag:
    found = page.select(selector)
    assert len(found) == 1, f"{selector}: {len(found)} found"
    return found[0]


def words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_its_landmarks(client: TestClient, address: str) -> None:
    page = soup(client.get(address))
    assert one(page, "html")["lang"] == "fr"
    assert one(page, "a.skip")["href"] == f"#{one(page, 'main')['id']}"
    assert words(one(page, "h1"))
    assert words(one(page, "title")).startswith(words(one(page, "h1")))
    assert "1er mars 2026" in words(one(page, "body > footer"))
    assert "Registre fictif" in words(one(page, "body > footer"))
    assert one(page, "body > header nav")["aria-label"]


def test_search_leads_to_every_kind_of_answer(client: TestClient) -> None:
    page = soup(client.get("/recherche", params={"q": "serre"}))
    links = {words(a): a["href"] for a in page.select("main ol a")}
    assert links["Responsable de serre (exemple)"] == "/certifications/RNCP990001"
    assert links["Conduire une serre"] == "/certifications/RNCP990001#RNCP990001BC01"
    assert links["Chef de serre"] == "/metiers/chef-de-serre"
    assert "/certifications/RNCP990001#C1.1" in links.values()
