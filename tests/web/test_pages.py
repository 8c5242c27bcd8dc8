"""The pages over HTTP, read as a browser reads them."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from fastapi.testclient import TestClient

import kb.errors
from tests.web.reading import one, words
from web.app import create_app

if TYPE_CHECKING:
    from tests.web.conftest import FakeService

ERRORS = {
    kind.__name__: kind("level", "SECRET", "SECRET")
    if kind is kb.errors.InvalidRecord
    else kind("SECRET what", "SECRET step")
    for kind in vars(kb.errors).values()
    if isinstance(kind, type) and issubclass(kind, kb.errors.PasserelleError)
}

PAGES = (
    "/",
    "/recherche",
    "/recherche?q=serre",
    "/recherche?q=sere",
    "/recherche?q=introuvable",
    "/recherche?q=introuvable&en_vigueur=1",
    "/recherche?q=pépinière",
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
    excerpts = [[words(li) for li in ul.select("li")] for ul in page.select("ul.excerpts")]
    assert excerpts == [["serre"]] * 3


def test_search_tells_how_it_was_read(client: TestClient) -> None:
    page = soup(client.get("/recherche", params={"q": "sere"}))
    assert [words(p) for p in page.select("p.meta")] == ["Lu comme « serre »", "Lu aussi comme :"]
    links = {words(a): a["href"] for a in page.select("ul.also a")}
    assert links == {
        "culture sous abri": "/recherche?q=culture%20sous%20abri",
        "maraîchage": "/recherche?q=mara%C3%AEchage",
    }
    english = soup(client.get("/recherche", params={"q": "sere", "lang": "en"}))
    assert words(english.select("p.meta")[1]) == "Also read as:"
    as_typed = soup(client.get("/recherche", params={"q": " serre "}))
    assert not as_typed.select("p.meta, ul.also")


def test_search_that_finds_nothing_says_what_to_do(client: TestClient) -> None:
    page = soup(client.get("/recherche", params={"q": "introuvable"}))
    assert words(one(page, "p.count")).startswith("0 résultat ")
    assert "autres mots" in words(one(page, ".notice"))
    assert one(page, "input#q")["value"] == "introuvable"


def test_blank_search_asks_nothing(client: TestClient, service: FakeService) -> None:
    assert client.get("/recherche", params={"q": "  "}).status_code == 200
    assert service.asked == []


def send(client: TestClient, text: str = "", file: tuple[str, bytes] = ("", b"")) -> Any:
    return client.post("/rapprochement", data={"texte": text}, files={"fichier": file})


def test_match_shows_evidence_blocks_gaps_and_careers(
    client: TestClient, service: FakeService
) -> None:
    answer = send(client, "Planifier la serre\r\nCuire le pain")
    assert service.asked == [("match", "Planifier la serre\nCuire le pain")]
    assert answer.headers["cache-control"] == "no-store"
    page = soup(answer)
    tasks = page.select("article.task")
    assert [words(one(t, "h3")) for t in tasks] == [
        "1. Planifier les arrosages de la serre",
        "2. Cuire le pain",
    ]
    query, competency = tasks[0].select(".evidence")[0].select("mark")
    assert (query.get_text(), competency.get_text()) == ("Planifier les arrosages", "Planifier")
    assert words(one(tasks[0], "details > summary")) == "1 autre compétence"
    assert [words(li) for li in page.select(".gaps li")] == ["Cuire le pain"]
    block = one(page, "#blocs ~ div table tbody tr")
    assert "RNCP990001BC01" in words(block)
    assert one(block, "meter")["value"] == "0.5"
    assert "50 %" in words(block)
    shared, missing = page.select("section:has(#carrieres) .pair > div")
    assert "Préparer la saison" in words(shared)
    assert "Vendre" in words(missing)
    links = {a["href"] for a in page.select("main a")}
    assert "/comparaison?a=RNCP990001&b=RNCP990002" in links
    assert "/metiers/chef-de-serre" in links


def test_a_file_goes_before_the_text(client: TestClient, service: FakeService) -> None:
    answer = send(client, "texte", ("cv.txt", "Gérer une serre".encode()))
    assert answer.status_code == 200
    assert service.asked == [("read_upload", "cv.txt"), ("match", "Gérer une serre")]


def test_an_upload_is_never_written(
    client: TestClient, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    spooled = []
    start = tempfile.SpooledTemporaryFile.__init__

    def remember(self: Any, *args: Any, **values: Any) -> None:
        start(self, *args, **values)
        spooled.append(self)

    def forbidden(*_: Any, **__: Any) -> None:
        raise AssertionError("a temporary file on disk")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "__init__", remember)
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", forbidden)
    monkeypatch.setattr(tempfile, "TemporaryFile", forbidden)
    # Three megabytes: past the size at which Starlette's own parser turns to the disk.
    answer = send(client, file=("cv.txt", b"serre " * 500_000))
    assert answer.status_code == 200
    assert service.asked[-1] == ("match", "serre " * 500_000)
    assert len(spooled) == 1


@pytest.mark.parametrize(
    ("text", "file", "status", "heading"),
    [
        ("", ("", b""), 422, "Rien à lire"),
        ("  \n ", ("", b""), 422, "Rien à lire"),
        ("pain", ("", b""), 422, "Aucune tâche reconnue"),
        ("", ("cv.pdf", b"%PDF-1.4"), 422, "Fichier illisible"),
        ("", ("cv.txt", b"x" * 5 * 2**20), 413, "Document trop volumineux"),
        ("x" * 5 * 2**20, ("", b""), 413, "Document trop volumineux"),
        ("", ("cv.txt", b"x" * 40 * 2**20), 413, "Document trop volumineux"),
    ],
)
def test_what_cannot_be_matched_is_told_with_the_form(
    client: TestClient, text: str, file: tuple[str, bytes], status: int, heading: str
) -> None:
    answer = send(client, text, file)
    assert answer.status_code == status
    page = soup(answer)
    assert words(one(page, "h1")) == heading
    assert len(one(page, "[role=alert]").select("p")) == 2
    kept = text if len(text) < 100 else ""
    assert one(page, "textarea").get_text().strip() == kept.strip()


def test_a_form_of_another_kind_is_refused(client: TestClient) -> None:
    assert client.post("/rapprochement", data={"texte": "serre"}).status_code == 415
    headers = {"content-type": "multipart/form-data"}
    assert client.post("/rapprochement", content=b"x", headers=headers).status_code == 400


def test_sheet_shows_what_is_published_and_what_is_not(client: TestClient) -> None:
    page = soup(client.get("/certifications/RNCP990001"))
    facts = {words(d.dt): words(d.dd) for d in page.select("dl.facts > div")}  # type: ignore[arg-type]
    assert facts["Niveau"] == "Niveau 5"
    assert facts["Enregistrée jusqu’au"] == "1er septembre 2029"
    assert facts["Inscrite au cadre de la Polynésie française"] == "non publié"
    assert facts["Inscrite au cadre de la Nouvelle-Calédonie"] == "Non"
    assert facts["Total"] == "1 000"
    block = one(page, "#RNCP990001BC01")
    assert [words(one(li, "code")) for li in block.select("ol.competencies > li")] == [
        "C1.1",
        "C1.2",
    ]
    assert "<et>" in words(one(block, "[id='C1.2']"))
    assert "trois jours de prévisions" in words(one(block, "details.criteria li"))
    routes = {
        words(r.th): [words(d) for d in r.select("td")]  # type: ignore[arg-type]
        for r in page.select("section:has(#acces) tbody tr")
    }
    assert len(routes) == 6
    assert routes["Apprentissage"] == ["non publié", "non publié"]
    assert routes["Validation des acquis de l’expérience (VAE)"] == [
        "Oui déduit",
        "Trois professionnels",
    ]
    assert routes["Candidature individuelle"][0] == "Non"
    years = [
        [words(cell) for cell in row.select("th, td")]
        for row in page.select("section:has(#statistiques) tbody tr")
    ]
    assert years[0] == ["2024", "1 250", "0", "100 %", "42,5 %", "non publié"]
    assert years[1][1:] == ["non publié"] * 5
    partners = one(page, "section:has(#liens) details")
    assert not partners.has_attr("open")
    assert words(one(partners, "summary")) == "20 partenaires"
    assert len(partners.select("tbody tr")) == 20


def test_sheet_tells_its_sources_without_paths_of_the_machine(client: TestClient) -> None:
    answer = client.get("/certifications/RNCP990001")
    section = one(soup(answer), "section:has(#provenance)")
    sources = [words(li) for li in section.select("ul.sources > li")]
    assert "1er mars 2026" in sources[0]
    assert "ref.txt" in sources[1]
    assert "someone" not in answer.text
    assert one(section, "a")["href"] == "https://fiches.example/RNCP990001"
    row = one(section, "tbody tr")
    assert [words(cell) for cell in row.select("th, td")] == ["Niveau", "5", "6", "École fictive"]


def test_job_sheet(client: TestClient) -> None:
    page = soup(client.get("/metiers/chef-de-serre"))
    missions = one(page, "section:has(#missions)")
    assert [words(h) for h in missions.select("h3")] == ["Préparer la saison", "Au marché"]
    assert [words(li) for li in missions.select("h3 ~ ul li")] == [
        "Vendre",
        "Tenir l’étal",
        "Rendre la monnaie",
    ]
    organise, sell = page.select("article.block")
    assert words(one(organise, "li.expected")) == "Niveau 2 Faire un plan"
    assert "non publié" in words(one(sell, "p.meta"))
    salaries = [
        [words(cell) for cell in row.select("th, td")]
        for row in page.select("section:has(#salaires) tbody tr")
    ]
    assert salaries[0][:5] == ["débutant", "28 000 €", "34 000 €", "par an", "2025"]
    assert salaries[1][:5] == ["Tous profils", *["non publié"] * 4]
    moves = [
        [words(cell) for cell in row.select("th, td")]
        for row in page.select("section:has(#mobilites) tbody tr")
    ]
    assert moves[1] == ["Grainetier", "non publié", "non publié", "non publié"]


def test_comparison_block_by_block(client: TestClient, service: FakeService) -> None:
    page = soup(client.get("/comparaison", params={"a": " RNCP990001 ", "b": "RNCP990003"}))
    assert service.asked[0] == ("compare", "RNCP990001 RNCP990003")
    alone, beside = page.select("table.pairs")
    assert "Pas de bloc en regard" in words(one(alone, "thead"))
    rows = [[words(cell) for cell in row.select("td")] for row in beside.select("tbody tr")]
    assert rows[0] == [
        "C2.1 Tenir le registre des ventes de plants",
        "V1 Tenir le registre des ventes de plants",
        "100 %",
    ]
    assert rows[1] == ["sans équivalent", "V2 Semer en pépinière", "–"]


def test_comparison_waits_for_both(client: TestClient, service: FakeService) -> None:
    page = soup(client.get("/comparaison", params={"a": "RNCP990001"}))
    assert one(page, "input#a")["value"] == "RNCP990001"
    assert service.asked == []
    assert client.get("/comparaison?a=RNCP990001&b=RNCP0").status_code == 404


@pytest.mark.parametrize("address", ["/nulle-part", "/certifications/RNCP0", "/metiers/aucun"])
def test_unknown_addresses(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert words(one(soup(answer), "h1")) == "Page introuvable"
    assert one(soup(answer), "form[role=search]")


def test_too_long_a_search(client: TestClient) -> None:
    answer = client.get("/recherche", params={"q": "x" * 501})
    assert answer.status_code == 422
    assert words(one(soup(answer), "h1")) == "Demande incomprise"


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", sorted(ERRORS), ids=str)
def test_every_error_has_words_in_both_languages(
    client: TestClient, service: FakeService, kind: str, language: str
) -> None:
    service.fault = ERRORS[kind]
    answer = client.get("/recherche", params={"q": "x", "lang": language})
    assert answer.status_code in (404, 413, 415, 422, 500, 503)
    page = soup(answer)
    assert one(page, "html")["lang"] == language
    # The technical words stay in the log.
    assert "SECRET" not in answer.text


def test_a_fault_of_ours_is_a_page_too(client: TestClient, service: FakeService) -> None:
    service.fault = RuntimeError("SECRET")
    answer = client.get("/recherche", params={"q": "x"})
    assert answer.status_code == 500
    assert "SECRET" not in answer.text
    assert words(one(soup(answer), "h1")) == "Erreur"
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")


@pytest.mark.parametrize("address", ["/", "/nulle-part", "/static/style.css", "/health"])
def test_security_headers(client: TestClient, address: str) -> None:
    headers = client.get(address).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("address", [*PAGES, "/comparaison?a=RNCP990001&b=RNCP990003"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_script_no_inline_style_every_field_labelled(
    client: TestClient, address: str, language: str
) -> None:
    page = soup(client.get(address, headers={"accept-language": language}))
    assert one(page, "html")["lang"] == language
    assert not page.select("script, style, [style], [onclick]")
    for field in page.select("input:not([type=hidden]), textarea"):
        assert words(one(page, f"label[for='{field['id']}']"))
    for table in page.select("table"):
        assert words(one(table, "caption"))
        assert all(th.get("scope") for th in table.select("th"))
    ids = [tag["id"] for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))
    for link in page.select("a[href^='#']"):
        assert str(link["href"])[1:] in ids


def test_language_by_address_is_kept(client: TestClient) -> None:
    page = soup(client.get("/recherche?q=serre"))
    switch = one(page, "header a[hreflang=en]")
    english = soup(client.get(str(switch["href"])))
    assert one(english, "html")["lang"] == "en"
    assert words(one(english, "p.count")).startswith("4 results")
    assert one(soup(client.get("/")), "html")["lang"] == "en"
    assert one(soup(client.get("/?lang=fr")), "html")["lang"] == "fr"


def test_empty_knowledge_base_says_what_to_do(empty_service: FakeService) -> None:
    page = soup(TestClient(create_app(empty_service)).get("/"))
    assert "passerelle ingest" in words(one(page, ".notice"))


def test_health(client: TestClient, empty_service: FakeService) -> None:
    assert client.get("/health").json() == {
        "status": "ok",
        "documents": 3,
        "certifications": 2,
        "jobs": 1,
    }
    assert TestClient(create_app(empty_service)).get("/health").json()["status"] == "empty"
