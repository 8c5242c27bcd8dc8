"""What people ask of a register, from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import web.cli
from kb.config import Settings
from kb.errors import PasserelleError
from kb.store import Store
from web.app import create_app
from web.cli import app
from web.service import Service

Run = Callable[..., Any]
SCHOOL, PARTNER, OTHER = "00011122200006", "00022233300007", "00044455500007"


def fiche(number: str, title: str, active: str = "Oui", more: str = "") -> str:
    return f"""<FICHE><NUMERO_FICHE>{number}</NUMERO_FICHE><INTITULE>{title}</INTITULE>
<ACTIF>{active}</ACTIF><NOMENCLATURE_EUROPE><NIVEAU>NIV5</NIVEAU></NOMENCLATURE_EUROPE>
<DATE_FIN_ENREGISTREMENT>31/08/2028</DATE_FIN_ENREGISTREMENT>
<CODES_NSF><NSF><CODE>213</CODE><LIBELLE>Forêts</LIBELLE></NSF></CODES_NSF>
<CODES_ROME><ROME><CODE>A1205</CODE><LIBELLE>Sylviculture</LIBELLE></ROME></CODES_ROME>
<CERTIFICATEURS><CERTIFICATEUR><SIRET_CERTIFICATEUR>{SCHOOL}</SIRET_CERTIFICATEUR>
<NOM_CERTIFICATEUR>École fictive des bois</NOM_CERTIFICATEUR></CERTIFICATEUR></CERTIFICATEURS>
{more}</FICHE>"""


def block(number: str, *competences: str) -> str:
    return f"""<BLOCS_COMPETENCES><BLOC_COMPETENCES><CODE>{number}BC01</CODE>
<LIBELLE>Conduire un chantier</LIBELLE><LISTE_COMPETENCES>{"  - ".join(("", *competences))}
</LISTE_COMPETENCES></BLOC_COMPETENCES></BLOCS_COMPETENCES>"""


MARKS = "Marquer les arbres à abattre avant le chantier"
PATHS = "Tracer les chemins de débardage sur un plan"
PARTNERS = f"""<PARTENAIRES><PARTENAIRE><NOM_PARTENAIRE>Atelier fictif</NOM_PARTENAIRE>
<SIRET_PARTENAIRE>{PARTNER}</SIRET_PARTENAIRE>
<HABILITATION_PARTENAIRE>HABILITATION_FORMER</HABILITATION_PARTENAIRE>
<ETAT_HABILITATION>Actif</ETAT_HABILITATION></PARTENAIRE></PARTENAIRES>"""
EQUIVALENT = """<CORRESPONDANCES><CORRESPONDANCE>
<SOURCE><BLOC_COMPETENCES><CODE>RNCP99702BC01</CODE></BLOC_COMPETENCES></SOURCE>
<DESTINATION><NUMERO_FICHE>RNCP99701</NUMERO_FICHE>
<BLOC_COMPETENCES><CODE>RNCP99701BC01</CODE></BLOC_COMPETENCES></DESTINATION>
</CORRESPONDANCE></CORRESPONDANCES>"""
REPLACES = """<ANCIENNES_CERTIFICATIONS><ANCIENNE_CERTIFICATION>
<ID_FICHE_ANCIENNE_CERTIFICATION>RNCP99701</ID_FICHE_ANCIENNE_CERTIFICATION>
</ANCIENNE_CERTIFICATION></ANCIENNES_CERTIFICATIONS>"""
FIRST = fiche("RNCP99701", "Chef de chantier forestier", "Oui", block("RNCP99701", MARKS, PATHS))
SECOND = fiche(
    "RNCP99702", "Conducteur de chantier forestier", "Oui",
    block("RNCP99702", MARKS, PATHS) + PARTNERS + EQUIVALENT + REPLACES,
)  # fmt: skip


class Answer:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A knowledge base of two days: on the second a sheet has ended and two are new."""
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "home"))

    def call(*arguments: str) -> Answer:
        result = CliRunner().invoke(app, [str(each) for each in arguments])
        if isinstance(result.exception, PasserelleError):
            return Answer(1, result.stdout, web.cli.one_line(result.exception))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        return Answer(result.exit_code, result.stdout, result.stderr)

    ended = FIRST.replace("<ACTIF>Oui", "<ACTIF>Non").replace("Chef de", "Cheffe de")
    for day, fiches in (("2026-03-01", [FIRST]), ("2026-03-02", [ended, SECOND])):
        path = tmp_path / f"export_fiches_RNCP_V4_1_{day}.xml"
        path.write_text(f"<FICHES>{''.join(fiches)}</FICHES>", "utf-8")
        assert call("ingest", str(path)).code == 0
    return call


def test_what_replaces_a_sheet_and_which_blocks_are_equivalent(run: Run) -> None:
    told = run("register", "rncp99701", "--on", "2026-03-05", "--json").json
    assert (told["number"], told["on"]) == ("RNCP99701", "2026-03-05")
    assert told["validity"] == {
        "active": False, "because": "history", "open_until": "2028-08-31",
        "awarded": None, "awarded_until": None, "as_of": "2026-03-02",
        "closed_since": "2026-03-02",
    }  # fmt: skip
    assert told["succession"]["in_force"] == ["RNCP99702"]
    assert [s["replaced_by"] for s in told["succession"]["steps"]] == [["RNCP99702"], []]
    assert told["equivalences"] == [
        {"blocks": ["RNCP99701BC01"], "to": "RNCP99702", "to_blocks": ["RNCP99702BC01"],
         "stated_by": "other", "held": True, "official": True}
    ]  # fmt: skip
    (near,) = told["near_duplicates"]
    assert (near["to_block"], near["score"], near["computed"]) == ("RNCP99702BC01", 1.0, True)
    assert near["also_official"]
    assert told["accreditation"] is None
    before = run("register", "RNCP99701", "--on", "01/03/2026", "--json").json
    assert before["validity"]["active"] is True


def test_what_an_establishment_may_do(run: Run) -> None:
    def may(siret: str) -> tuple[Any, ...]:
        told = run("register", "RNCP99702", "--on", "2026-03-05", "--siret", siret, "--json").json
        each = told["accreditation"]
        return each["capacity"], each["train"], each["assess"], each["because"], each["since"]

    assert may(PARTNER) == ("partner", True, False, "accredited", None)
    assert may(SCHOOL) == ("certifier", True, True, "certifier", None)
    assert may(OTHER) == (None, False, False, "not_listed", None)
    listed = run("register", "--siret", SCHOOL, "--on", "2026-03-05", "--json").json
    assert [(c["number"], c["active"]) for c in listed["certifications"]] == [
        ("RNCP99701", False), ("RNCP99702", True),
    ]  # fmt: skip
    assert run("register", "--siret", OTHER, "--json").json["certifications"] == []


def test_register_in_words(run: Run) -> None:
    told = run("register", "RNCP99701", "--on", "2026-03-05", "--siret", PARTNER).out
    for part in (
        "active: no",
        "no longer, deactivated on 2026-03-02",
        "in force: RNCP99702",
        "may train: no",
        "computed, not official",
    ):
        assert part in told
    assert "RNCP99702" in run("register", "--siret", PARTNER).out
    assert "No certification" in run("register", "--siret", OTHER).out
    assert "awards the certification" in run("register", "RNCP99702", "--siret", SCHOOL).out


def test_the_day_asked_about_is_today_unless_told(run: Run) -> None:
    assert run("register", "RNCP99702", "--json").json["on"] == date.today().isoformat()


def test_changes_since_a_day(run: Run) -> None:
    told = run("changes", "--since", "2026-03-02", "--json").json
    assert told["since"] == "2026-03-02"
    assert [(c["day"], c["entity"], c["kind"], c["field"]) for c in told["changes"]] == [
        ("2026-03-02", "rncp:RNCP99701", "deactivated", None),
        ("2026-03-02", "rncp:RNCP99701", "changed", "title"),
        ("2026-03-02", "rncp:RNCP99702", "created", None),
    ]
    assert told["changes"][1]["before"] == "Chef de chantier forestier"
    assert run("changes", "--since", "2026-03-03", "--json").json["changes"] == []
    assert "Nothing changed" in run("changes", "--since", "2026-03-03").out
    assert "Chef de chantier" in run("changes", "--since", "2026-03-02").out


@pytest.mark.parametrize(
    ("option", "fits", "fits_not"),
    [
        ("--nsf", "213", "312"),
        ("--rome", "A1205", "A1206"),
        ("--level", "5", "6"),
        ("--certifier", "école FICTIVE", "ministère"),
        ("--certifier", SCHOOL, PARTNER),
    ],
)
def test_changes_of_some_certifications(run: Run, option: str, fits: str, fits_not: str) -> None:
    def count(value: str) -> int:
        return len(run("changes", "--since", "2026-01-01", option, value, "--json").json["changes"])

    assert (count(fits), count(fits_not)) == (3, 0)


def test_the_history_of_one_sheet(run: Run) -> None:
    told = run("show", "RNCP99701", "--history", "--json").json
    assert [(e["day"], e["kind"]) for e in told["history"]] == [
        ("2026-03-02", "deactivated"),
        ("2026-03-02", "changed"),
        ("2028-08-31", "registration_ends"),
    ]
    assert "registration ends" in run("show", "RNCP99701", "--history").out
    of_one = run("changes", "--id", "RNCP99702", "--json").json["changes"]
    assert [c["kind"] for c in of_one] == ["created"]


@pytest.mark.usefixtures("run")
def test_the_page_of_a_sheet_tells_the_same() -> None:
    settings = Settings.from_environment()
    service = Service(settings, Store.open(settings), web.cli.read_upload)
    with TestClient(create_app(service)) as client:
        page = BeautifulSoup(client.get("/certifications/RNCP99701").text, "html.parser")
    (section,) = page.select("section:has(#registre)")
    steps = [step.select("a")[0]["href"] for step in section.select("ol.chain > li")]
    assert steps == ["/certifications/RNCP99701", "/certifications/RNCP99702"]
    (official,) = section.select("ul.equivalences > li")
    assert [a["href"] for a in official.select("a")] == [
        "/certifications/RNCP99701#RNCP99701BC01",
        "/certifications/RNCP99702",
        "/certifications/RNCP99702#RNCP99702BC01",
    ]
    assert len(section.select("details.near li")) == 1
    assert len(section.select("details.events tbody tr")) == 3


def test_a_sentence_of_which_one_word_differs_is_nearly_the_same(run: Run, tmp_path: Path) -> None:
    third = fiche("RNCP99703", "Forestier", "Oui", block("RNCP99703", MARKS, f"{PATHS} daté"))
    path = tmp_path / "export_fiches_RNCP_V4_1_2026-03-03.xml"
    path.write_text(f"<FICHES>{third}</FICHES>", "utf-8")
    assert run("ingest", str(path)).code == 0
    told = run("register", "RNCP99703", "--json").json["near_duplicates"]
    assert [(n["to"], n["same"], n["also_official"]) for n in told] == [
        ("RNCP99701", 1, False),
        ("RNCP99702", 1, False),
    ]
    assert all(0.9 < n["score"] < 1 for n in told)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("changes",), "--since"),
        (("changes", "--since", "hier"), "no day"),
        (("changes", "--since", "2026-02-30"), "no day"),
        (("changes", "--since", "2026-01-01", "--nsf", "bois"), "--nsf"),
        (("changes", "--since", "2026-01-01", "--rome", "12"), "--rome"),
        (("changes", "--since", "2026-01-01", "--level", "9"), "--level"),
        (("changes", "--since", "2026-01-01", "--certifier", "12345678901234"), "SIRET"),
        (("changes", "--id", "RNCP99799"), "RNCP99799"),
        (("register",), "--siret"),
        (("register", "RNCP99799"), "RNCP99799"),
        (("register", "RNCP99701", "--on", "demain"), "--on"),
        (("register", "RNCP99701", "--siret", "123"), "14 digits"),
        (("register", "--siret", "12345678901234"), "SIRET"),
        (("show", "RNCP99799", "--history"), "RNCP99799"),
    ],
)
def test_what_cannot_be_answered_is_told_in_one_line(
    run: Run, arguments: tuple[str, ...], says: str
) -> None:
    answer = run(*arguments)
    assert answer.code == 1
    assert answer.out == ""
    assert says in answer.err
    assert len(answer.err.strip().splitlines()) == 1
