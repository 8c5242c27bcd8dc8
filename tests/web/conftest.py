"""A small knowledge base in our own words, and a service that answers from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol, TypeVar

import pytest
from fastapi.testclient import TestClient

from kb.compare import Comparison, compare
from kb.errors import NoTask, NotFound, UnreadableDocument
from kb.merge import Difference, Entry, Origin
from kb.model import (
    AccessRoute,
    Accreditation,
    Activity,
    BlockCoverage,
    Career,
    Certification,
    CertificationCoverage,
    Code,
    CohortStatistics,
    Competency,
    Correspondence,
    ExamRule,
    Hours,
    Job,
    JobMove,
    MacroCompetency,
    Match,
    MatchedTask,
    MatchReport,
    Module,
    Organisation,
    OtherNames,
    Points,
    Prerequisites,
    Remark,
    Salary,
    SearchReport,
    SearchResult,
    Section,
    SkillBlock,
    Standing,
    Task,
    Territories,
)
from kb.register import (
    Dossier,
    Equivalence,
    NearDuplicate,
    Step,
    Succession,
    Validity,
)
from kb.store import Summary
from kb.timeline import Event
from web.app import create_app

ORIGIN = Origin(
    "a" * 64,
    "rncp_page",
    "https://fiches.example/RNCP990001",
    "Registre fictif",
    1,
    date(2026, 3, 1),
)
LOCAL = Origin("b" * 64, "referentiel", "/home/someone/private/ref.txt", "École fictive", 2, None)
ID = "rncp:RNCP990001"

COMPETENCIES = (
    Competency(
        "Planifier les arrosages d’une serre en tenant compte de la météo",
        code="C1.1",
        block="RNCP990001BC01",
        activity="A1",
        group="Conduire la serre",
        criteria=("Le plan tient compte de trois jours de prévisions",),
        id=f"{ID}/C1.1",
    ),
    Competency(
        "Relever la température <et> l’humidité chaque jour",
        code="C1.2",
        block="RNCP990001BC01",
        group="Conduire la serre",
        id=f"{ID}/C1.2",
    ),
    Competency(
        "Tenir le registre des ventes de plants",
        code="C2.1",
        block="RNCP990001BC02",
        id=f"{ID}/C2.1",
    ),
)

CERTIFICATION = Certification(
    number="RNCP990001",
    title="Responsable de serre (exemple)",
    level=5,
    active=True,
    registration_end=date(2029, 9, 1),
    certifiers=(
        Organisation("École fictive des serres", "00011122233344", "EFS", "www.efs.example"),
    ),
    nsf=(Code("211", "Productions végétales"),),
    formacodes=(Code("21002", "Serre"),),
    rome=(Code("A1414", "Horticulture et maraîchage"),),
    objectives="Former des responsables de serre.\nLe métier évolue.",
    activities=(Activity("Conduite de la serre", "A1"),),
    competencies=COMPETENCIES,
    blocks=(
        SkillBlock(
            "RNCP990001BC01",
            "Conduire une serre",
            (f"{ID}/C1.1", f"{ID}/C1.2"),
            ("Mise en situation de quatre heures",),
            overall="Conduire la serre toute l’année",
            block_exam_points=120,
        ),
        SkillBlock("RNCP990001BC02", "Vendre la production", (f"{ID}/C2.1",)),
    ),
    assessments=("Dossier professionnel",),
    sectors=("Horticulture",),
    job_titles=("Chef de serre", "Responsable de culture"),
    access_routes=(
        AccessRoute("school", open=True),
        AccessRoute("vae", open=True, jury="Trois professionnels", inferred=True),
        AccessRoute("individual", open=False),
    ),
    territories=Territories(nouvelle_caledonie=False),
    prerequisites=Prerequisites(entry="Niveau 4"),
    statistics=(
        CohortStatistics(2024, 1250, 0, 100, 42.5, None),
        CohortStatistics(2023, None, None, None, None, None),
    ),
    replaces=("RNCP980001",),
    correspondences=(Correspondence("RNCP990002", ("RNCP990001BC01",), ()),),
    partners=tuple(
        Accreditation(f"Lycée fictif {n}", None, "train", "active", date(2025, 1, 1))
        for n in range(1, 21)
    ),
    modules=(Module("Irrigation", "M1", 52.5, 40, "RNCP990001BC01"),),
    hours=Hours(588, 343, 931),
    points=Points({"RNCP990001BC01": 250}, 300, 450, 250, 1000),
    exam_rules=(ExamRule("pass", "Une moyenne de 10 sur 20 est demandée."),),
    duration_years=3,
    warnings=(Remark("line 12", "unknown heading 'Divers'"),),
)

_SOLD, _SOWN = "Tenir le registre des ventes de plants", "Semer en pépinière"
NEIGHBOUR = Certification(
    number="RNCP990003",
    title="Vendeur en pépinière (exemple)",
    level=4,
    competencies=(
        Competency(_SOLD, code="V1", block="RNCP990003BC01", id="rncp:RNCP990003/V1"),
        Competency(_SOWN, code="V2", block="RNCP990003BC01", id="rncp:RNCP990003/V2"),
    ),
    blocks=(SkillBlock("RNCP990003BC01", "Vendre", ("rncp:RNCP990003/V1", "rncp:RNCP990003/V2")),),
)

SALES = (Task("Tenir l’étal", "Au marché"), Task("Rendre la monnaie", "Au marché"))
JOB = Job(
    title="Chef de serre",
    family="Agriculture",
    other_names=OtherNames(("Responsable de serre",), ("Greenhouse manager",)),
    purpose="Faire vivre la serre.",
    missions=(
        Task("Il fixe le calendrier des semis.", "Préparer la saison"),
        Task("Vendre"),
        *SALES,
    ),
    macro_competencies=(
        MacroCompetency("Organiser", ("Suivre un plan", "Faire un plan"), 2, "Plan d’une saison"),
        MacroCompetency("Vendre"),
    ),
    skills=("Botanique",),
    qualities=("Patience",),
    salaries=(
        Salary("de 28 000 à 34 000 € par an", "débutant", 28000, 34000, "EUR", "year", 2025),
        Salary("selon l’expérience"),
    ),
    moves=(JobMove("Paysagiste", "to", "near", "Registre fictif"), JobMove("Grainetier")),
    rome=(Code("A1414", "Horticulture et maraîchage"),),
    context=(Section("En plein air ou sous abri."),),
    internal_relations=("Direction",),
)

HELD_5, PAST_4 = Standing(active=True, level=5), Standing(active=False, level=4)
TASKS = ("Planifier les arrosages de la serre", "Cuire le pain")
REPORT = MatchReport(
    tasks=(
        MatchedTask(
            TASKS[0],
            0,
            35,
            tuple(
                Match(c.id or "", c.text, c.block, "RNCP990001", score, None, (0, 23), (0, 9))
                for c, score in zip(COMPETENCIES, (0.91, 0.5, 0.25), strict=True)
            ),
        ),
        MatchedTask(TASKS[1], 36, 49),
    ),
    blocks=(
        BlockCoverage(
            "RNCP990001BC01",
            "Conduire une serre",
            "RNCP990001",
            (TASKS[0],),
            0.5,
            standing=HELD_5,
        ),
    ),
    certifications=(
        CertificationCoverage(
            "RNCP990001", "Responsable de serre (exemple)", (TASKS[0],), 0.5, standing=HELD_5
        ),
        CertificationCoverage("RNCP990002", None, (TASKS[0],), 0.5, standing=PAST_4),
    ),
    careers=(
        Career(
            "job:chef-de-serre",
            "Chef de serre",
            0.75,
            ("Préparer la saison",),
            ("Vendre",),
            (JobMove("Paysagiste", "to", "near", "Registre fictif"), JobMove("Grainetier")),
        ),
    ),
    uncovered=(TASKS[1],),
)

RESULTS = (
    SearchResult(ID, "certification", "Responsable de serre (exemple)", 0.9, ("serre",), HELD_5),
    SearchResult(
        "rncp:RNCP990001BC01", "block", "Conduire une serre", 0.8, ("serre", "serre"), HELD_5
    ),
    SearchResult(f"{ID}/C1.1", "competency", COMPETENCIES[0].text, 0.7, ("serre",), HELD_5),
    SearchResult("job:chef-de-serre", "job", "Chef de serre", 0.6),
)
# One title in several versions, a block of an old one, and a sheet that does not tell its state.
VERSIONS = (
    SearchResult("rncp:RNCP990021", "certification", "Pépiniériste", 0.9, standing=HELD_5),
    SearchResult("rncp:RNCP990011", "certification", "Pépiniériste", 0.9, standing=PAST_4),
    SearchResult("titre:pepinieriste", "certification", "Pépiniériste", 0.8),
    SearchResult("rncp:RNCP990011BC02", "block", "Bouturer", 0.7, standing=PAST_4),
)

DAY = date(2026, 3, 5)
DOSSIER = Dossier(
    id=ID,
    number="RNCP990001",
    title="Responsable de serre (exemple)",
    on=DAY,
    validity=Validity(False, "history", date(2029, 9, 1), True, None, date(2026, 3, 1)),
    succession=Succession(
        steps=(
            Step("RNCP990001", "Responsable de serre", True, False, None, ("RNCP990003",)),
            Step("RNCP990003", "Cheffe de serre", True, True, None, ("RNCP990009",)),
            Step("RNCP990009", None, False, None, None, ()),
        ),
        in_force=("RNCP990003",),
        outside=("RNCP990009",),
        cycle=(),
    ),
    equivalences=(
        Equivalence(("RNCP990001BC01",), "RNCP990002", (), "this", True),
        Equivalence(("RNCP990001BC02",), "RNCP990008", ("RNCP990008BC01",), "other", False),
    ),
    near_duplicates=(NearDuplicate("RNCP990001BC02", "RS9904", None, 0.75, 3, False),),
)
EVENTS = (
    Event(date(2026, 2, 1), "in_effect"),
    Event(date(2026, 3, 1), "deactivated"),
    Event(date(2026, 3, 1), "changed", "title", "Serriste", "Responsable de serre"),
    Event(
        date(2026, 3, 1), "changed", "competencies.RNCP990001BC02", None,
        "Tenir le registre des ventes de plants",
    ),
)  # fmt: skip

HELD = Summary(3, 2, 1, 3, ("Registre fictif", "École fictive"), date(2026, 3, 1))


class _Standing(Protocol):
    @property
    def standing(self) -> Standing: ...


S = TypeVar("S", bound=_Standing)


def _counted(all_: tuple[S, ...], in_force: bool) -> tuple[S, ...]:
    return tuple(each for each in all_ if not in_force or each.standing.active is not False)


@dataclass
class FakeService:
    """Answers from the records above, and remembers what it was asked.

    in_force: whether each search and each match was for what is in force only.
    """

    asked: list[tuple[str, str]] = field(default_factory=list)
    in_force: list[bool] = field(default_factory=list)
    report: MatchReport = REPORT
    fault: Exception | None = None
    held: Summary = HELD

    def _ask(self, what: str, value: str) -> None:
        self.asked.append((what, value))
        if self.fault is not None:
            raise self.fault

    def search(self, text: str, limit: int, in_force: bool) -> SearchReport:
        self._ask("search", text)
        self.in_force.append(in_force)
        if text.startswith("pépinière"):
            return SearchReport((text, "culture de plants"), _counted(VERSIONS, in_force))
        if text == "sere":
            return SearchReport(("serre", "culture sous abri", "maraîchage"), RESULTS[:limit])
        return SearchReport((text,), RESULTS[:limit] if "serre" in text else ())

    def match(self, text: str, in_force: bool) -> MatchReport:
        self._ask("match", text)
        self.in_force.append(in_force)
        if "serre" not in text:
            raise NoTask("no task", "Write the duties.")
        return replace(
            self.report,
            blocks=_counted(self.report.blocks, in_force),
            certifications=_counted(self.report.certifications, in_force),
        )

    def certification(self, key: str) -> Entry[Certification]:
        self._ask("certification", key)
        if key == "RNCP990001":
            lost = Difference("level", 5, 6, LOCAL, "line 3")
            return Entry(ID, CERTIFICATION, (ORIGIN, LOCAL), (lost,))
        if key == "RNCP990002":
            bare = Certification(number="RNCP990002")
            return Entry("rncp:RNCP990002", bare, (ORIGIN,))
        if key == "RNCP990003":
            return Entry("rncp:RNCP990003", NEIGHBOUR, (ORIGIN,))
        raise NotFound(f"no {key}", "Search.")

    def register(self, key: str) -> Dossier:
        self._ask("register", key)
        if key == ID:
            return DOSSIER
        return Dossier(key, "RNCP990002", None, DAY, None, Succession((), (), (), ()), (), ())

    def history(self, key: str) -> tuple[Event, ...]:
        self._ask("history", key)
        return EVENTS if key == ID else ()

    def job(self, key: str) -> Entry[Job]:
        self._ask("job", key)
        if key == "chef-de-serre":
            return Entry("job:chef-de-serre", JOB, (ORIGIN,))
        if key == "grainetier":
            return Entry("job:grainetier", Job("Grainetier"), (LOCAL,))
        raise NotFound(f"no {key}", "Search.")

    def compare(self, one: str, other: str) -> Comparison:
        self._ask("compare", f"{one} {other}")
        left, right = self.certification(one).record, self.certification(other).record
        # Word for word: 1 for the same sentence, else 0.
        table = [[float(x.text == y.text) for y in right.competencies] for x in left.competencies]
        return compare(left, right, table, at_least=0.5)

    def read_upload(self, filename: str, content: bytes) -> str:
        self._ask("read_upload", filename)
        if content.startswith(b"%PDF"):
            raise UnreadableDocument(f"{filename} is damaged", "Export it again.")
        return content.decode()

    def summary(self) -> Summary:
        return self.held


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def empty_service() -> FakeService:
    return FakeService(held=replace(HELD, documents=0, certifications=0, dated=None))


@pytest.fixture
def client(service: FakeService) -> Iterator[TestClient]:
    app = create_app(service, max_upload_bytes=4 * 2**20)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
