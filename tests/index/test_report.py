"""The page of an evaluation: its numbers, its texts, and what a browser makes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bs4 import BeautifulSoup, Tag

from index.evaluate import plots
from index.evaluate.metrics import NAMES, Judged, difference, judge, means, summary
from index.evaluate.naming import FIGURES, WHAT
from index.evaluate.report import page, this_machine
from index.evaluate.results import Measured, Named, Question
from index.evaluate.run import OWN, RANKED
from index.evaluate.segments import segments
from tests.index.conftest import CountingEncoder

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = Path("/usr/bin/chromium")
MADE = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
HOSTILE = '</style><script>alert("x")</script> & <b>gras</b>'


def question(rank: int, number: int, **groups: str) -> Question:
    ranked = np.roll(np.arange(100), rank - 1)
    right = (Named("RNCP99001", "Métier du bureau"),) * (1 + number % 5)
    return Question(
        f"question {number} {HOSTILE}",
        judge(f"q{number}", ranked, {0}),
        Named("RNCP99002", HOSTILE),
        right,
        groups,
    )


def ranked_task(task: str, questions: list[Question], **more: Any) -> Measured:
    judged = [each.judged for each in questions]
    worse = [Judged(j.key, j.first, j.rank + 1, 0.0, 0.0) for j in judged]
    figures = {
        **summary(judged),
        "texts_per_s": 12_345.6,
        "halves": {"choice": means(judged[::2]), "kept": means(judged[1::2])},
        "encoder": means(judged),
        "baselines": {"bm25": means(worse), "random": means(worse)},
        "over_bm25": difference(judged, worse),
        **more,
    }
    return Measured(task, "x", figures, "labels", tuple(questions))


def questions() -> list[Question]:
    """70 with the best right entry at ranks 1 to 70, of three domains and a rare one."""
    return [
        question(
            rank,
            rank,
            **{"ROME domain": "Z" if rank > 67 else "MKA"[rank % 3], "level": str(3 + rank % 2)},
        )
        for rank in range(1, 71)
    ]


CALIBRATION = {
    "n": 100,
    "area_under_curve": 0.8,
    "calibration_error": 0.04,
    "covers_precision": 0.9,
    "covers_recall": 0.3,
    "ci": {"area_under_curve": [0.7, 0.9], "covers_precision": [0.8, 1.0]},
    "reliability": [
        {"from": 0.0, "to": 0.1, "n": 60, "told": 0.05, "found": 0.1, "ci": [0.04, 0.2]},
        {"from": 0.9, "to": 1.0, "n": 40, "told": 0.95, "found": 0.9, "ci": [0.77, 0.96]},
    ],
    "cuts": {"unclear": 0.4, "covers": 0.7},
    "bands": {"covers": {"fits": 36, "partly": 3, "does_not": 1}},
    "fields": {"food": {"n": 50, "area_under_curve": 0.7}},
}


@pytest.fixture(scope="module")
def measured() -> list[Measured]:
    return [
        ranked_task("T3", questions()),
        ranked_task("T6", []),
        Measured("segments", "characters", segments(), "labels"),
        Measured("calibration", "pairs", CALIBRATION, "labels"),
    ]


@pytest.fixture(scope="module")
def written(measured: list[Measured], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    floors = folder / "floors.json"
    entry = {"labels": "labels", "floors": {"ndcg10": 0.9, "mrr": 0.01}, "goals": {"mrr": 0.5}}
    other = {"labels": "old", "floors": {"area_under_curve": 0.9}, "goals": {"covers_recall": 0.2}}
    floors.write_text(json.dumps({"T3/x": entry, "calibration/pairs": other}), "utf-8")
    path = folder / "report.html"
    machine = {"Machine": f"invented, 2 cores {HOSTILE}"}
    path.write_text(page(measured, CountingEncoder(), MADE, machine, floors), "utf-8")
    return path


@pytest.fixture(scope="module")
def soup(written: Path) -> BeautifulSoup:
    return BeautifulSoup(written.read_text("utf-8"), "html.parser")


def words(tag: Tag | None) -> str:
    assert tag is not None
    return " ".join(tag.get_text(" ").split())


def table(soup: BeautifulSoup, selector: str) -> list[list[str]]:
    found = soup.select_one(selector)
    assert found is not None, selector
    return [[words(cell) for cell in row.select("th, td")] for row in found.select("tbody tr")]


def test_the_head_says_when_what_and_where(soup: BeautifulSoup) -> None:
    facts = {words(f.dt): words(f.dd) for f in soup.select(".facts div")}
    assert facts["Measured"] == "2026-11-22 04:00 UTC"
    assert facts["Model"] == "counting"
    assert facts["Revision"] == "1"
    assert facts["Machine"].startswith("invented, 2 cores")
    assert re.search(r"\d cores?$", this_machine()["Machine"])


def test_all_tasks_stand_in_one_table(soup: BeautifulSoup, measured: list[Measured]) -> None:
    (t3, none) = table(soup, "#tasks table")
    figures = measured[0].figures
    assert t3[0].startswith("T3 x")
    assert t3[1].startswith(f"{figures['ndcg10']:.3f} nDCG at 10")
    low, high = figures["ci"]["ndcg10"]
    assert f"{low:.3f}–{high:.3f}" in t3[1]
    assert t3[3] == "0.000"
    assert t3[5] == f"{figures['encoder']['ndcg10']:.3f}"
    assert t3[6].startswith(f"+{figures['over_bm25']['ndcg10']['mean']:.3f} (")
    assert t3[7] == "0.900"
    assert none[1].startswith("– right in the first five")
    assert "T6 x" in words(soup.select_one("#t6-x h2"))


def test_floors_and_goals_say_what_follows(soup: BeautifulSoup) -> None:
    verdicts = {(row[0], row[1]): row[-1] for row in table(soup, "#floors table")}
    assert verdicts == {
        ("T3 x", "nDCG at 10"): "fallen",
        ("T3 x", "MRR"): "goal not met",
        ("calibration pairs", "area under the curve"): "not comparable: measured on other labels",
        ("calibration pairs", "recall of “covers”"): "not comparable: measured on other labels",
    }
    assert "1 figure below the floor." in words(soup.select_one("#floors p"))
    assert words(soup.select_one("tr.fallen td")) == "nDCG at 10"


def test_the_worst_fifty_are_folded_and_begin_with_the_worst(soup: BeautifulSoup) -> None:
    worst = soup.select_one("#t3-x details.worst")
    assert worst is not None
    assert not worst.has_attr("open")
    assert words(worst.summary) == "The worst 50 of 70 questions"
    rows = table(soup, "#t3-x details.worst table")
    assert [int(row[0]) for row in rows] == list(range(70, 20, -1))
    assert rows[0][1].startswith("question 70")
    assert rows[1][3].count("RNCP99001") == 3
    assert rows[1][3].endswith("and 2 more")
    assert "more" not in rows[0][3]


def test_scores_by_group_hold_every_question(soup: BeautifulSoup) -> None:
    domains, levels = soup.select("#t3-x .beside h3")
    assert (words(domains), words(levels)) == ("By ROME domain", "By level")
    names, counts = [], 0
    for row in domains.find_next("table").select("tbody tr"):  # type: ignore[union-attr]
        names.append(words(row.select_one("th > span")))
        counts += int(words(row.select_one(".note")).split()[0])
    assert names[0].startswith("A Agriculture")
    assert names[-1] == "others (1)"
    assert counts == 70
    few = domains.find_next("table").select("tbody tr")[-1]  # type: ignore[union-attr]
    assert words(few.select_one("td.ends")) == ""


def test_ranks_add_up(soup: BeautifulSoup) -> None:
    ranks = table(soup, "#t3-x .bars")
    assert [row[0].split(" ", 1)[0] for row in ranks] == ["1", "2", "6", "11", "51"]
    assert sum(int(re.findall(r"(\d+) question", row[0])[0]) for row in ranks) == 70


def test_the_diagram_has_its_numbers_in_a_table_too(soup: BeautifulSoup) -> None:
    diagram = soup.select_one("#calibration-pairs svg.diagram")
    assert diagram is not None
    assert diagram["role"] == "img"
    assert len(diagram.select("circle.found")) == len(diagram.select("rect.bar")) == 2
    assert table(soup, "#calibration-pairs .bins") == [
        ["0.0–0.1", "60", "0.050", "0.100", "0.040–0.200"],
        ["0.9–1.0", "40", "0.950", "0.900", "0.770–0.960"],
    ]


def test_texts_stay_texts(soup: BeautifulSoup) -> None:
    assert soup.find_all("script") == []
    assert soup.find_all("b") == []
    assert HOSTILE in soup.select("#t3-x details.worst th[lang=fr]")[1].get_text()
    assert len(soup.find_all("style")) == 1


def test_nothing_is_loaded_from_elsewhere(soup: BeautifulSoup, written: Path) -> None:
    assert soup.select("link, img, iframe, object, [src], [style]") == []
    for link in soup.select("a[href]"):
        assert soup.find(id=str(link["href"]).removeprefix("#")) is not None
    assert "url(" not in written.read_text("utf-8")
    assert "@import" not in written.read_text("utf-8")


def test_every_task_is_described() -> None:
    for task in (*RANKED, *OWN):
        one = (
            ranked_task(task, questions()[:6])
            if task in RANKED
            else Measured(task, "x", segments() if task == "segments" else CALIBRATION, "a")
        )
        found = BeautifulSoup(page([one], CountingEncoder(), MADE, {}), "html.parser")
        assert len(found.select("main > section")) >= 1, task
    assert {what.main for what in WHAT.values()} < set(NAMES) < set(FIGURES)


def test_a_strip_puts_values_in_their_place() -> None:
    drawn = BeautifulSoup(plots.strip(0.5, (0.25, 0.75), {"floor": 0.0, "bm25": 7.0}), "xml")
    assert drawn.find("circle", {"class": "found"})["cx"] == "80.0"  # type: ignore[index]
    interval = drawn.find("rect", {"class": "interval"})
    assert (interval["x"], interval["width"]) == ("42.5", "75.0")  # type: ignore[index]
    assert drawn.find("path", {"class": "floor"})["d"].startswith("M5.0 ")  # type: ignore[index]
    assert drawn.find("path", {"class": "other"})["d"].startswith("M155.0 ")  # type: ignore[index]


def test_the_page_has_the_colours_of_the_pages() -> None:
    def colours(path: Path) -> list[dict[str, str]]:
        blocks = re.findall(r":root \{(.*?)\}", path.read_text("utf-8"), re.DOTALL)
        return [dict(re.findall(r"--([\w-]+): (#\w+);", block)) for block in blocks]

    ours = colours(ROOT / "index" / "evaluate" / "page" / "style.css")
    theirs = colours(ROOT / "web" / "static" / "style.css")
    assert len(ours) == len(theirs) == 2
    for one, other in zip(ours, theirs, strict=True):
        assert set(one) <= set(other)
        assert one == {name: other[name] for name in one}


@pytest.fixture(params=[(360, "dark"), (1280, "light")], ids=["narrow-dark", "wide"])
def opened(written: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM}; install Debian's package chromium")
    from playwright.sync_api import sync_playwright

    width, scheme = request.param
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        told: list[str] = []
        tab.on("console", lambda message: told.append(message.text))
        tab.goto(written.as_uri())
        yield tab
        assert told == []
        browser.close()


@pytest.mark.browser
def test_in_a_browser_nothing_is_wider_than_the_window_and_keys_open_what_is_folded(
    opened: Any,
) -> None:
    worst = opened.locator("details.worst")
    assert not worst.locator("table").is_visible()
    worst.locator("summary").focus()
    opened.keyboard.press("Enter")
    assert worst.locator("table").is_visible()
    width = opened.evaluate("document.documentElement.scrollWidth")
    assert width <= opened.evaluate("document.documentElement.clientWidth")
    opened.evaluate("window.scrollTo(0, 0); document.activeElement.blur()")
    opened.reload()
    opened.keyboard.press("Tab")
    assert opened.locator(":focus").get_attribute("class") == "skip"
