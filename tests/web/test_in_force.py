"""What is no longer in force is told apart, and can be left out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from fastapi.testclient import TestClient

from kb.model import BlockCoverage, MatchReport, SearchReport, SearchResult, Standing
from tests.web.conftest import HELD_5, PAST_4, REPORT, TASKS
from tests.web.reading import one, words
from web import report, views
from web.language import language

if TYPE_CHECKING:
    from tests.web.conftest import FakeService

FRAME = views.Frame(language("fr"), None, None)
PAST = "n’est plus en vigueur"


def read(answer: Any) -> BeautifulSoup:
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def ticked(page: BeautifulSoup) -> bool:
    box = one(page, "main input[name=en_vigueur]")
    assert (box["type"], box["value"]) == ("checkbox", "1")
    assert words(one(page, f"label[for='{box['id']}']")) == "Seulement ce qui est en vigueur"
    return box.has_attr("checked")


# ---- views ----


@pytest.mark.parametrize(
    ("identifier", "kind", "standing", "facts", "past"),
    [
        ("rncp:RNCP990021", "certification", HELD_5, "RNCP990021, niveau 5, en vigueur", None),
        ("rncp:RNCP990011", "certification", PAST_4, "RNCP990011, niveau 4", PAST),
        ("rs:RS9901", "certification", Standing(active=False), "RS9901", PAST),
        ("rs:RS9901", "certification", Standing(), "RS9901", None),
        ("titre:serriste", "certification", Standing(), "", None),
        ("rncp:RNCP990011BC02", "block", PAST_4, "RNCP990011BC02, niveau 4", PAST),
        ("titre:serriste/BC02", "block", Standing(), "BC02", None),
        ("rncp:RNCP990011/C1@RNCP990011BC02", "competency", PAST_4, "RNCP990011, niveau 4", PAST),
        ("rome:A1414/mission/0a1b", "mission", Standing(), "A1414", None),
        ("rome:A1414", "job", Standing(), "", None),
        ("job:serriste", "job", Standing(), "", None),
        ("job:serriste/mission/0a1b", "mission", Standing(), "", None),
        ("formacode:21002", "term", Standing(), "", None),
    ],
)
def test_a_result_tells_what_tells_it_apart(
    identifier: str, kind: str, standing: Standing, facts: str, past: str | None
) -> None:
    result = SearchResult(identifier, kind, "Serriste", 0.5, (), standing)
    view = views.search(FRAME, "serriste", SearchReport((), (result,)), in_force=False)
    hit = view.groups[0].hits[0]
    assert (", ".join(hit.facts), hit.past) == (facts, past)


def test_a_sheet_without_a_title_tells_its_number_once() -> None:
    result = SearchResult("rncp:RNCP990011", "certification", "RNCP990011", 0.5, (), PAST_4)
    view = views.search(FRAME, "serriste", SearchReport((), (result,)), in_force=False)
    assert view.groups[0].hits[0].facts == ("niveau 4",)


def mixed() -> MatchReport:
    """One task that an old certification and one of unknown state meet too."""
    task = REPORT.tasks[0]
    first, second, third = task.matches
    matches = (
        first,
        replace(second, certification="RNCP990002", standing=PAST_4),
        replace(third, certification="RNCP990003"),
    )
    old = BlockCoverage("RNCP990002BC01", "Semer", "RNCP990002", TASKS[:1], 0.5, standing=PAST_4)
    unknown = BlockCoverage("RNCP990003BC01", "Vendre", "RNCP990003", TASKS[:1], 0.5)
    return replace(
        REPORT,
        tasks=(replace(task, matches=matches), *REPORT.tasks[1:]),
        blocks=(*REPORT.blocks, old, unknown),
    )


def test_a_report_tells_what_is_no_longer_in_force() -> None:
    view = report.report(FRAME, mixed(), in_force=False)
    assert [(row.level, row.past) for row in view.certifications] == [
        ("niveau 5", None),
        ("niveau 4", PAST),
    ]
    assert [(row.level, row.past) for row in view.blocks] == [
        (None, None),
        (None, PAST),
        (None, None),
    ]
    task = view.tasks[0]
    assert [(each.certification.text, each.past) for each in (*task.shown, *task.more)] == [
        ("RNCP990001", None),
        ("RNCP990002", PAST),
        ("RNCP990003", None),
    ]


# ---- the search page ----


def hits(page: BeautifulSoup) -> list[tuple[str, str]]:
    found = []
    for item in page.select("ol.hits > li"):
        context = item.select_one(".context")
        found.append((words(one(item, "a")), words(context) if context else ""))
    return found


def test_versions_of_one_title_are_told_apart(client: TestClient, service: FakeService) -> None:
    page = read(client.get("/recherche", params={"q": "pépinière"}))
    assert service.in_force == [False]
    assert not ticked(page)
    assert hits(page) == [
        ("Pépiniériste", "RNCP990021 · niveau 5 · en vigueur"),
        ("Pépiniériste", f"RNCP990011 · niveau 4 {PAST}"),
        ("Pépiniériste", ""),
        ("Bouturer", f"RNCP990011BC02 · niveau 4 {PAST}"),
    ]
    english = read(client.get("/recherche", params={"q": "pépinière", "lang": "en"}))
    assert hits(english)[1] == ("Pépiniériste", "RNCP990011 · level 4 no longer in force")
    assert one(english, "ol.hits > li:nth-child(2) .context")["lang"] == "en"


def test_what_is_no_longer_in_force_is_left_out(client: TestClient, service: FakeService) -> None:
    page = read(client.get("/recherche", params={"q": "pépinière", "en_vigueur": "1"}))
    assert service.in_force == [True]
    assert ticked(page)
    assert len(hits(page)) == 2
    assert not page.select(".past")


def test_the_links_of_a_search_keep_it(client: TestClient, service: FakeService) -> None:
    page = read(client.get("/recherche", params={"q": "pépinière", "en_vigueur": "1"}))
    also = one(page, "ul.also a")["href"]
    assert also == "/recherche?q=culture%20de%20plants&en_vigueur=1"
    switch = str(one(page, "header a[hreflang=en]")["href"])
    client.get(switch)
    assert service.asked == [("search", "pépinière")] * 2
    assert service.in_force == [True, True]


def test_a_search_that_finds_nothing_offers_everything(
    client: TestClient, service: FakeService
) -> None:
    page = read(client.get("/recherche", params={"q": "introuvable", "en_vigueur": "1"}))
    wider = one(page, ".notice a")
    assert words(wider) == "Chercher aussi ce qui n’est plus en vigueur"
    page = read(client.get(str(wider["href"])))
    assert not page.select(".notice a")
    assert service.asked == [("search", "introuvable")] * 2
    assert service.in_force == [True, False]


def test_another_value_is_refused(client: TestClient, service: FakeService) -> None:
    answer = client.get("/recherche", params={"q": "pépinière", "en_vigueur": "oui ?"})
    assert answer.status_code == 422
    assert service.asked == []


# ---- the match page ----


def send(client: TestClient, text: str, **fields: str) -> Any:
    return client.post(
        "/rapprochement", data={"texte": text, **fields}, files={"fichier": ("", b"")}
    )


def test_the_empty_form_asks_for_what_is_in_force(client: TestClient) -> None:
    assert ticked(read(client.get("/rapprochement")))
    home = read(client.get("/"))
    boxes = home.select("main input[name=en_vigueur]")
    assert [box.has_attr("checked") for box in boxes] == [False, True]


def test_a_match_of_everything_tells_what_is_no_longer_in_force(
    client: TestClient, service: FakeService
) -> None:
    service.report = mixed()
    page = read(send(client, "Une serre"))
    assert service.in_force == [False]
    assert words(one(page, ".lead")).endswith(
        "Tout a été compté, même ce qui n’est plus en vigueur."
    )
    rows = [words(th) for th in page.select("#certifications ~ div tbody th")]
    assert rows[0] == "RNCP990001 niveau 5 Responsable de serre (exemple)"
    assert rows[1] == f"RNCP990002 niveau 4 {PAST} non publié"
    assert [bool(row.select(".past")) for row in page.select("#blocs ~ div tbody tr")] == [
        False,
        True,
        False,
    ]
    labels = [words(div) for div in page.select("article .evidence > div:nth-child(2) > .label")]
    assert [label.endswith(PAST) for label in labels] == [False, True, False]


def test_a_match_of_what_is_in_force(client: TestClient, service: FakeService) -> None:
    page = read(send(client, "Une serre", en_vigueur="1"))
    assert service.in_force == [True]
    assert words(one(page, ".lead")).endswith("Ce qui n’est plus en vigueur a été laissé de côté.")
    assert len(page.select("#certifications ~ div tbody tr")) == 1
    assert not page.select(".past")


@pytest.mark.parametrize("fields", [{}, {"en_vigueur": "1"}])
def test_a_form_to_correct_stands_as_it_was_sent(
    client: TestClient, fields: dict[str, str]
) -> None:
    answer = send(client, "pain", **fields)
    assert answer.status_code == 422
    assert ticked(BeautifulSoup(answer.text, "html.parser")) == bool(fields)
