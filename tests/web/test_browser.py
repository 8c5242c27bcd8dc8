"""Every page in a real browser, by keyboard and without JavaScript."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from web.app import create_app

if TYPE_CHECKING:
    from tests.web.conftest import FakeService

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
LIMIT = 2**20
# What the eye cannot do without: nothing wider than the window, everything said by its colour
# readable. Contrast as WCAG 2 defines it, of each text on the nearest opaque background.
LOW_CONTRAST = """() => {
  const rgb = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => { const f = v => (v /= 255) <= .03928 ? v / 12.92
    : ((v + .055) / 1.055) ** 2.4; return .2126 * f(r) + .7152 * f(g) + .0722 * f(b); };
  const ground = e => { for (; e; e = e.parentElement) {
    const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] === 1) return c; }
    return [255, 255, 255]; };
  const poor = [];
  for (const e of document.body.querySelectorAll('*')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) poor.push(e.outerHTML.slice(0, 120));
  }
  return poor;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM}; install Debian's package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def address(service: FakeService) -> Iterator[str]:
    """A server of its own on a free port."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    app = create_app(service, max_upload_bytes=LIMIT)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=20)
    listener.close()


@pytest.fixture(params=[(360, "light"), (1280, "dark")], ids=["narrow", "wide-dark"])
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, scheme = request.param
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        locale="fr-FR",
        java_script_enabled=False,
    )
    yield context.new_page()
    context.close()


def check(page: Page) -> None:
    """One heading, no sideways scrolling of the page, and words one can read."""
    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang") == "fr"
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.evaluate("document.documentElement.clientWidth")
    assert page.evaluate(LOW_CONTRAST) == []


def test_home(page: Page) -> None:
    page.goto("/")
    check(page)
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("class") == "skip"
    assert page.locator("a.skip").bounding_box()["x"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_search_by_keyboard(page: Page) -> None:
    page.goto("/")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.locator(":focus").get_attribute("id") == "q":
            break
    page.keyboard.type("serre")
    page.keyboard.press("Enter")
    page.wait_for_url("**/recherche?q=serre")
    check(page)
    page.get_by_role("link", name="Responsable de serre (exemple)").click()
    page.wait_for_url("**/certifications/RNCP990001")


def test_search_by_other_words(page: Page) -> None:
    page.goto("/recherche?q=sere")
    check(page)
    page.get_by_role("list", name="Lu aussi comme").get_by_role("link").last.press("Enter")
    page.wait_for_url("**/recherche?q=mara%C3%AEchage")


def test_what_is_in_force_by_keyboard(page: Page) -> None:
    page.goto("/recherche?q=pépinière")
    check(page)
    page.get_by_label("Certification, bloc, compétence ou métier").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**&en_vigueur=1")
    check(page)
    assert page.get_by_label("Seulement ce qui est en vigueur").is_checked()
    page.get_by_role("list", name="Lu aussi comme").get_by_role("link").press("Enter")
    page.wait_for_url("**/recherche?q=culture%20de%20plants&en_vigueur=1")


def test_search_without_result(page: Page) -> None:
    page.goto("/recherche?q=introuvable")
    check(page)
    assert page.locator(".notice").is_visible()


def test_match_of_a_text(page: Page) -> None:
    page.goto("/rapprochement")
    check(page)
    page.get_by_label("Collez le texte").fill("Planifier les arrosages de la serre\nCuire le pain")
    page.get_by_label("Seulement ce qui est en vigueur").uncheck()
    page.get_by_role("button", name="Rapprocher").click()
    check(page)
    assert page.locator(".past").all_inner_texts() == ["n’est plus en vigueur"]
    assert page.locator("article.task").count() == 2
    assert page.locator("article.task mark").first.inner_text() == "Planifier les arrosages"
    more = page.locator("article.task details").first
    assert not more.locator(".evidence").is_visible()
    more.locator("summary").click()
    assert more.locator(".evidence").is_visible()


def test_match_of_a_file(page: Page, service: FakeService) -> None:
    page.goto("/rapprochement")
    cv = {"name": "cv.txt", "mimeType": "text/plain", "buffer": b"Une serre"}
    page.get_by_label("Ou choisissez un fichier").set_input_files(cv)  # type: ignore[arg-type]
    page.get_by_role("button", name="Rapprocher").click()
    assert page.locator("h1").inner_text() == "Résultat du rapprochement"
    assert service.in_force == [True]
    assert service.asked == [("read_upload", "cv.txt"), ("match", "Une serre")]


@pytest.mark.parametrize(
    ("content", "heading"),
    [
        (b"%PDF-1.4", "Fichier illisible"),
        (b"x" * 3 * LIMIT, "Document trop volumineux"),
        (b"pain", "Aucune tâche reconnue"),
    ],
    ids=["unreadable", "too large", "no task"],
)
def test_a_file_that_does_not_do(page: Page, content: bytes, heading: str) -> None:
    page.goto("/rapprochement")
    cv = {"name": "cv.pdf", "mimeType": "application/pdf", "buffer": content}
    page.get_by_label("Ou choisissez un fichier").set_input_files(cv)  # type: ignore[arg-type]
    page.get_by_role("button", name="Rapprocher").click()
    assert page.locator("h1").inner_text() == heading
    check(page)
    assert page.get_by_role("button", name="Rapprocher").is_visible()


def test_empty_form(page: Page) -> None:
    page.goto("/rapprochement")
    page.get_by_role("button", name="Rapprocher").click()
    assert page.locator("h1").inner_text() == "Rien à lire"
    check(page)


def test_certification(page: Page) -> None:
    page.goto("/certifications/RNCP990001")
    check(page)
    page.get_by_role("link", name="Statistiques").click()
    assert page.locator("#statistiques").is_visible()
    partners = page.locator("details:has(> summary:text('20 partenaires'))")
    assert not partners.locator("table").is_visible()
    partners.locator("> summary").click()
    assert partners.locator("table").is_visible()
    check(page)
    page.get_by_label("Avec la certification").fill("RNCP990003")
    page.get_by_role("button", name="Comparer").click()
    page.wait_for_url("**/comparaison?a=RNCP990001&b=RNCP990003")


def test_certification_that_says_little(page: Page) -> None:
    page.goto("/certifications/RNCP990002")
    check(page)
    assert page.get_by_text("non publié").count() > 10


def test_job(page: Page) -> None:
    page.goto("/metiers/chef-de-serre")
    check(page)
    assert page.locator("li.expected").inner_text() == "Niveau 2 Faire un plan"


def test_comparison(page: Page) -> None:
    page.goto("/comparaison?a=RNCP990001&b=RNCP990003")
    check(page)
    assert page.locator("table.pairs").count() == 2


def test_unknown_page(page: Page) -> None:
    answer = page.goto("/certifications/RNCP0")
    assert answer is not None
    assert answer.status == 404
    check(page)


def test_language(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("link", name="Compare").click()
    assert page.locator("h1").inner_text() == "Compare two certifications"


def test_nothing_is_asked_of_another_host(browser: Browser, address: str) -> None:
    """With scripts allowed: no request leaves the server, and nothing is in its console."""
    context = browser.new_context(base_url=address, locale="fr-FR")
    page = context.new_page()
    hosts: set[str] = set()
    told: list[str] = []
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    for path in ("/", "/recherche?q=serre", "/certifications/RNCP990001", "/metiers/grainetier"):
        page.goto(path)
    context.close()
    assert hosts == {address.split("/")[2]}
    assert told == []
