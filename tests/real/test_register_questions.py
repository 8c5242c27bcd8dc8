"""What people ask of the register, on the fiches as they are; held against the XML's own tags."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kb.register import Dossier, dossier
from kb.store import Store
from web.cli import app

pytestmark = pytest.mark.real

EXPORTS = ("export_fiches_RNCP_V4_1_2026-08-16.xml", "export_fiches_RS_V4_1_2026-08-16.xml")
DAY = date(2026, 8, 16)
WITH_CORRESPONDENCES = {"RNCP40344": 8, "RNCP37674": 3, "RNCP37873": 2}
UNLISTED = "00044455500007"  # passes Luhn, belongs to nobody


@pytest.fixture(scope="module")
def home(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    environment = {"PASSERELLE_HOME": str(folder)}
    files = [str(real_data / "data" / "rncp_xml" / name) for name in EXPORTS]
    assert CliRunner(env=environment).invoke(app, ["ingest", *files]).exit_code == 0
    return folder


@pytest.fixture(scope="module")
def store(home: Path) -> Store:
    return Store(f"sqlite:///{home / 'passerelle.db'}")


@pytest.fixture(scope="module")
def tags(real_data: Path) -> dict[str, ET.Element]:
    return {
        fiche.findtext("NUMERO_FICHE", ""): fiche
        for name in EXPORTS
        for fiche in ET.parse(real_data / "data" / "rncp_xml" / name).getroot().iter("FICHE")
    }


@pytest.fixture(scope="module")
def ask(home: Path) -> Callable[..., Any]:
    def call(*arguments: str) -> Any:
        done = CliRunner(env={"PASSERELLE_HOME": str(home)}).invoke(app, [*arguments, "--json"])
        assert done.exit_code == 0, done.exception
        return json.loads(done.stdout)

    return call


Stated = set[tuple[frozenset[str], str, frozenset[str]]]


def stated_by(fiche: ET.Element) -> Stated:
    def codes(each: ET.Element, side: str) -> frozenset[str]:
        return frozenset(c.text or "" for c in each.findall(f"{side}/BLOC_COMPETENCES/CODE"))

    return {
        (codes(c, "SOURCE"), c.findtext("DESTINATION/NUMERO_FICHE", ""), codes(c, "DESTINATION"))
        for c in fiche.findall("CORRESPONDANCES/CORRESPONDANCE")
    }


def told(answer: Dossier) -> Stated:
    return {(frozenset(e.blocks), e.to, frozenset(e.to_blocks)) for e in answer.equivalences}


@pytest.mark.parametrize(("number", "count"), WITH_CORRESPONDENCES.items())
def test_correspondences_are_those_of_the_xml(
    store: Store, tags: dict[str, ET.Element], number: str, count: int
) -> None:
    stated = stated_by(tags[number])
    assert len(stated) == count
    answer = dossier(store, number, DAY)
    assert told(answer) == stated
    assert {e.stated_by for e in answer.equivalences} == {"this"}


def test_correspondences_are_told_the_other_way_round(
    store: Store, tags: dict[str, ET.Element]
) -> None:
    backwards: dict[str, Stated] = {}
    for number in WITH_CORRESPONDENCES:
        for ours, other, theirs in stated_by(tags[number]):
            backwards.setdefault(other, set()).add((theirs, number, ours))
    assert sorted(backwards) == ["RNCP31114", "RNCP31678", "RNCP37507", "RNCP37982"]
    for other, stated in backwards.items():
        answer = dossier(store, other, DAY)
        assert told(answer) == stated
        assert answer.validity is None, "only named by others"
        assert {e.stated_by for e in answer.equivalences} == {"other"}


def test_no_other_fiche_has_correspondences(store: Store, tags: dict[str, ET.Element]) -> None:
    for number in tags:
        has = bool(dossier(store, number, DAY).equivalences)
        assert has == (number in WITH_CORRESPONDENCES)


@pytest.mark.parametrize("number", ["RNCP40344", "RNCP37674", "RNCP37873", "RS5719"])
def test_a_partner_may_do_what_the_fiche_says_and_another_may_not(
    store: Store, tags: dict[str, ET.Element], number: str
) -> None:
    certifiers = {e.text for e in tags[number].iter("SIRET_CERTIFICATEUR")}
    rows = [
        (row.findtext("SIRET_PARTENAIRE", ""), row.findtext("HABILITATION_PARTENAIRE"))
        for row in tags[number].findall("PARTENAIRES/PARTENAIRE")
    ]
    roles: dict[str, set[str | None]] = {}
    for siret, role in rows:
        roles.setdefault(siret, set()).add(role)
    chosen = [siret for siret in roles if siret not in certifiers]
    assert len(chosen) > 20
    for siret in (chosen[0], chosen[-1]):
        answer = dossier(store, number, DAY, siret).accreditation
        assert answer is not None
        assert (answer.capacity, answer.train) == ("partner", True)
        assert answer.assess == ("HABILITATION_ORGA_FORM" in roles[siret])
        assert f"rncp:{number}".replace("rncp:RS", "rs:RS") in store.of_siret(siret)
    stranger = dossier(store, number, DAY, UNLISTED).accreditation
    assert stranger is not None
    assert (stranger.train, stranger.assess, stranger.because) == (False, False, "not_listed")


def test_since_when_is_known_only_where_it_is_published(
    store: Store, tags: dict[str, ET.Element]
) -> None:
    dated = {True: 0, False: 0}
    for row in tags["RNCP37674"].findall("PARTENAIRES/PARTENAIRE")[:40]:
        siret, day = row.findtext("SIRET_PARTENAIRE", ""), row.findtext("DATE_ACTIF")
        answer = dossier(store, "RNCP37674", DAY, siret).accreditation
        assert answer is not None
        dated[answer.since is not None] += 1
        assert (answer.since is not None) == (day is not None)
    assert dated[False] > 0


def test_certifiers_may_do_both(ask: Callable[..., Any], tags: dict[str, ET.Element]) -> None:
    siret = tags["RNCP40344"].findtext("CERTIFICATEURS/CERTIFICATEUR/SIRET_CERTIFICATEUR", "")
    answer = ask("register", "RNCP40344", "--siret", siret)["accreditation"]
    assert (answer["capacity"], answer["train"], answer["assess"]) == ("certifier", True, True)


def test_in_force_and_replaced(ask: Callable[..., Any]) -> None:
    on = ("--on", "2026-08-16")
    old = ask("register", "RS5000", *on)
    assert old["validity"]["active"] is False
    assert old["succession"]["in_force"] == ["RS6604"]
    gone = ask("register", "RNCP34762", *on)
    assert gone["succession"]["in_force"] == []
    assert gone["succession"]["outside"] == ["RNCP39568"]
    still = ask("register", "RNCP35809", *on)
    assert still["validity"]["active"] is True
    assert still["validity"]["open_until"] == "2026-08-31"
    assert still["succession"]["in_force"] == ["RNCP35809"]
    assert ask("register", "RNCP35809", "--on", "2026-09-01")["succession"]["in_force"] == []
    awarded = ask("register", "RNCP40344", "--on", "2030-01-01")["validity"]
    assert (awarded["active"], awarded["awarded"], awarded["awarded_until"]) == (
        False, True, "2032-03-28",
    )  # fmt: skip


def test_a_changed_fiche_is_told_down_to_the_competence(
    real_data: Path, home: Path, tmp_path: Path
) -> None:
    shutil.copytree(home, tmp_path / "home")
    source = (real_data / "data" / "rncp_xml" / EXPORTS[0]).read_text("utf-8")
    word = "Valider une solution technique"
    # The blocks' lists wrap it with a run of blanks.
    changed = re.sub(r"(Valider\s+une\s+solution\s+technique)\b", r"\1 choisie", source)
    assert changed != source
    later = tmp_path / EXPORTS[0].replace("08-16", "08-17")
    later.write_text(changed, "utf-8")
    runner = CliRunner(env={"PASSERELLE_HOME": str(tmp_path / "home")})
    assert runner.invoke(app, ["ingest", str(later)]).exit_code == 0
    done = runner.invoke(app, ["changes", "--since", "2026-08-17", "--json"])
    changes = json.loads(done.stdout)["changes"]
    assert {c["entity"] for c in changes} == {"rncp:RNCP35809"}
    (one,) = [c for c in changes if c["field"].startswith("competencies.")]
    assert (one["before"], one["after"]) == (word, f"{word} choisie")
