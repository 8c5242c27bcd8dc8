"""The vocabulary. One English term each; the French legal term is in its docstring.

Every value here is what a document says, or unknown: `None` is unknown (not published, lost, or
not decidable from the document), an empty tuple is "none". Nothing is guessed; what is inferred
is marked `inferred`. `place` says where in the document a statement stands ("line 12",
"page 3 line 4", "FICHE RNCP99001/ACTIVITES_VISEES"); `None` only for values made by hand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Set
from dataclasses import dataclass, field
from datetime import date

from kb.errors import InvalidRecord

LEVELS = range(3, 9)  # levels that registered certifications bear, French framework of 2019


@dataclass(frozen=True, slots=True)
class Document:
    """What was read: bytes as they came, and where they came from.

    address: path or URL. dated: the day of publication if the source says one, else of retrieval.
    """

    content: bytes = field(repr=False)
    address: str
    dated: date | None = None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def name(self) -> str:
        """Last part of the address, for messages."""
        return self.address.rstrip("/").rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a reader must know about a document: a missing heading, a contradiction."""

    place: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a nomenclature (NSF, Formacode, ROME, CCN) with its published label."""

    code: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Organisation:
    """Certificateur: who awards a certification. `siret`: 14 digits, None when not published."""

    name: str
    siret: str | None = None
    trade_name: str | None = None
    website: str | None = None


@dataclass(frozen=True, slots=True)
class Accreditation:
    """Habilitation d'un partenaire: who may train for a certification, assess it, or both.

    role: "train", "assess" or "train_and_assess". state: "active", "inactive" or "removed".
    since: first day, unpublished (None) for most.
    """

    name: str
    siret: str | None = None
    role: str | None = None
    state: str | None = None
    since: date | None = None

    def __post_init__(self) -> None:
        _one_of("role", self.role, _ROLES)
        _one_of("state", self.state, _PARTNER_STATES)


# Made once: a register names hundreds of thousands of partners.
_ROLES = frozenset(("train", "assess", "train_and_assess", None))
_PARTNER_STATES = frozenset(("active", "inactive", "removed", None))


@dataclass(frozen=True, slots=True)
class Activity:
    """Activité visée. description: its conditions, where the document tells them apart."""

    text: str
    code: str | None = None
    place: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Competency:
    """Compétence: what a person can do, as one statement.

    code: as published ("C.1.1.1"), apart from the text. group: the heading it stands under.
    block: code of its bloc; None for a certification without blocks. activity: code of its
    activity. criteria: critères d'évaluation tied to it. id: given by `kb.identity`.
    description: what a sheet of its own says of it (process, context, know-how).
    """

    text: str
    code: str | None = None
    group: str | None = None
    block: str | None = None
    activity: str | None = None
    criteria: tuple[str, ...] = ()
    id: str | None = None
    place: str | None = None
    description: str | None = None

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise InvalidRecord("competency text", self.text, "expected words")


@dataclass(frozen=True, slots=True)
class SkillBlock:
    """Bloc de compétences: a part of a certification that one can earn separately.

    competencies: ids of its competencies, in order, given by `kb.identity`.
    overall: the block's overall competence (compétence globale) when the document states one.
    block_exam_points: points of the block's examinations, None when not published.
    """

    code: str
    title: str | None = None
    competencies: tuple[str, ...] = ()
    assessments: tuple[str, ...] = ()
    overall: str | None = None
    block_exam_points: float | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class AccessRoute:
    """Voie d'accès. open: None when the document does not decide it.

    route: "school", "apprenticeship", "continuing_education", "professionalisation",
    "individual" or "vae". inferred: `open` follows from a jury, not from a published mark.
    """

    route: str
    open: bool | None = None
    jury: str | None = None
    inferred: bool = False

    def __post_init__(self) -> None:
        _one_of("route", self.route, set(ACCESS_ROUTES))


ACCESS_ROUTES = (
    "school",
    "apprenticeship",
    "continuing_education",
    "professionalisation",
    "individual",
    "vae",
)


@dataclass(frozen=True, slots=True)
class Territories:
    """Inscription au cadre de la Nouvelle-Calédonie, de la Polynésie française."""

    nouvelle_caledonie: bool | None = None
    polynesie_francaise: bool | None = None


@dataclass(frozen=True, slots=True)
class Prerequisites:
    """Prérequis à l'entrée en formation, à la validation; distincts par bloc."""

    entry: str | None = None
    validation: str | None = None
    by_block: str | None = None


@dataclass(frozen=True, slots=True)
class CohortStatistics:
    """Statistiques d'une promotion. Rates in percent, 0 to 100; None: not published."""

    year: int
    certified: int | None = None
    certified_vae: int | None = None
    insertion_6m_overall: float | None = None
    insertion_6m_job: float | None = None
    insertion_2y_job: float | None = None

    def __post_init__(self) -> None:
        for name in ("insertion_6m_overall", "insertion_6m_job", "insertion_2y_job"):
            rate = getattr(self, name)
            if rate is not None and not 0 <= rate <= 100:
                raise InvalidRecord(name, rate, "expected 0 to 100 percent, or None")


@dataclass(frozen=True, slots=True)
class Correspondence:
    """Correspondance officielle: holders of these blocks hold those of another certification.

    from_blocks: codes of this certification's blocks, () when the register leaves them out.
    to: number of the other certification. to_blocks: its blocks, () when left out.
    """

    to: str
    from_blocks: tuple[str, ...] = ()
    to_blocks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Module:
    """Module de formation. hours: decimal hours (52h30 is 52.5). continuous_points: contrôle
    continu. block: code of the block it prepares."""

    title: str
    code: str | None = None
    hours: float | None = None
    continuous_points: float | None = None
    block: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """Volumes horaires. taught: the modules; other: the rest; total: published or their sum."""

    taught: float | None = None
    other: float | None = None
    total: float | None = None


@dataclass(frozen=True, slots=True)
class Points:
    """Barème. by_block: block code -> points; continuous + block_exams + professional = total."""

    by_block: dict[str, float] = field(default_factory=dict)
    continuous: float | None = None
    block_exams: float | None = None
    professional: float | None = None
    total: float | None = None


@dataclass(frozen=True, slots=True)
class ExamRule:
    """Règle d'examen. rule: a short name ("pass", "resit"…); text: as published."""

    rule: str
    text: str
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Certification:
    """One certification (fiche RNCP ou RS), as one document states it, or merged from several.

    number: the register's own key, never cleaned; None when the document does not say it.
    title: None when the document does not give it. level: 3 to 8, None: "Sans niveau" or unknown.
    attested: 'Compétences attestées' as one text. job_titles: types d'emplois accessibles.
    places: field name -> place of its statement. territories and others: see their classes.
    """

    number: str | None = None
    title: str | None = None
    level: int | None = None
    active: bool | None = None
    registration_end: date | None = None
    certifiers: tuple[Organisation, ...] = ()
    nsf: tuple[Code, ...] = ()
    formacodes: tuple[Code, ...] = ()
    rome: tuple[Code, ...] = ()
    objectives: str | None = None
    activities: tuple[Activity, ...] = ()
    attested: str | None = None
    competencies: tuple[Competency, ...] = ()
    blocks: tuple[SkillBlock, ...] = ()
    assessments: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    job_titles: tuple[str, ...] = ()
    access_routes: tuple[AccessRoute, ...] = ()
    territories: Territories = Territories()
    prerequisites: Prerequisites = Prerequisites()
    statistics: tuple[CohortStatistics, ...] = ()
    replaces: tuple[str, ...] = ()
    replaced_by: tuple[str, ...] = ()
    correspondences: tuple[Correspondence, ...] = ()
    partners: tuple[Accreditation, ...] = ()
    modules: tuple[Module, ...] = ()
    hours: Hours = Hours()
    points: Points = Points()
    exam_rules: tuple[ExamRule, ...] = ()
    # What the register's data adds to its page.
    abbreviation: Code | None = None  # ABREGE: the diploma's short name
    state: str | None = None  # ETAT_FICHE, as published
    registration_kind: str | None = None  # TYPE_ENREGISTREMENT, as published
    decision_date: date | None = None
    effect_date: date | None = None
    publication_date: date | None = None
    delivery_limit: date | None = None  # last day to award it to those who entered in time
    duration_years: int | None = None
    partial_validation: bool | None = None
    accreditation_text: str | None = None  # what the page says when no partner is listed
    acquisition: str | None = None  # modalités d'acquisition par capitalisation des blocs
    collective_agreements: tuple[Code, ...] = ()  # CCN, IDCC
    fast_growing_years: tuple[int, ...] = ()  # ANNEES_PROMOTIONS_NIVEAU
    regulation: str | None = None
    legal_texts: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    places: dict[str, str] = field(default_factory=dict)
    warnings: tuple[Remark, ...] = ()

    def __post_init__(self) -> None:
        if self.level is not None and self.level not in LEVELS:
            raise InvalidRecord("level", self.level, "expected 3 to 8, or None")
        if self.number is None and self.title is None:
            raise InvalidRecord("number", None, "expected a number or a title")


@dataclass(frozen=True, slots=True)
class Task:
    """Mission: a duty of a job. title: its heading, when it has one."""

    text: str
    title: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class MacroCompetency:
    """Macro-compétence: up to four cumulative levels, the first being level 1.

    levels: () when the document lost them. expected: niveau attendu, 1 to 4, None when missing.
    """

    title: str
    levels: tuple[str, ...] = ()
    expected: int | None = None
    example: str | None = None
    place: str | None = None

    def __post_init__(self) -> None:
        if self.expected is not None and self.expected not in range(1, 5):
            raise InvalidRecord("expected level", self.expected, "expected 1 to 4, or None")


@dataclass(frozen=True, slots=True)
class Salary:
    """A salary statement. period: "month", "year" or "hour"; year: of the figures, when said.

    experience: as said ("débutant"), None when the statement is about everybody. Amounts gross
    unless the text says otherwise.
    """

    text: str
    experience: str | None = None
    min: float | None = None
    max: float | None = None
    currency: str = "EUR"
    period: str | None = None
    year: int | None = None
    place: str | None = None

    def __post_init__(self) -> None:
        _one_of("period", self.period, {"hour", "month", "year", None})


@dataclass(frozen=True, slots=True)
class JobMove:
    """Mobilité to or from a neighbouring job.

    direction: "to", "from" or None (unknown). distance: "near", "medium", "far" or None.
    published_by: who says so; given by the store from the document. target: identifier of the
    job, where a nomenclature names it; `title` is its code until the job's sheet is known.
    evolution: published as a step forward, not as a neighbouring job. from_name, to_name: the
    appellations that the move is limited to; their labels are filled in by the store.
    """

    title: str
    direction: str | None = None
    distance: str | None = None
    published_by: str | None = None
    place: str | None = None
    target: str | None = None
    evolution: bool = False
    from_name: Code | None = None
    to_name: Code | None = None

    def __post_init__(self) -> None:
        _one_of("direction", self.direction, {"to", "from", None})
        _one_of("distance", self.distance, {"near", "medium", "far", None})


@dataclass(frozen=True, slots=True)
class OtherNames:
    """Autres appellations, by language. Never a reason to merge two jobs."""

    fr: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A titled text of a job sheet: context, working conditions."""

    text: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """What an occupation involves, by its code in the nomenclature (item d'une fiche ROME).

    kind: "activity", "knowledge" or "context". label: filled in by the store from the `Term`
    with this code; None while no table words it.
    """

    kind: str
    code: str
    label: str | None = None

    def __post_init__(self) -> None:
        _one_of("kind", self.kind, {"activity", "knowledge", "context"})


@dataclass(frozen=True, slots=True)
class Job:
    """Métier, as one document describes it, or merged from several.

    title: the published main title; of a table that names the job by its code alone, the code.
    code: the official code that names this very job (a ROME sheet's own code), not the codes it
    is filed under (`rome`). nomenclature: "rome" or "esco" where `code` is the job's identifier
    there: such a job (an occupation) is never one with a job of the same title.
    purpose: finalité du métier. certifications: as named by the document. access: how one comes
    to it (diplomas, experience, permits). parent: the older code that this one was cut from.
    regulated: emploi réglementé. interests: centres d'intérêt, RIASEC.
    """

    title: str
    code: str | None = None
    family: str | None = None
    other_names: OtherNames = OtherNames()
    purpose: str | None = None
    missions: tuple[Task, ...] = ()
    macro_competencies: tuple[MacroCompetency, ...] = ()
    skills: tuple[str, ...] = ()
    qualities: tuple[str, ...] = ()
    salaries: tuple[Salary, ...] = ()
    moves: tuple[JobMove, ...] = ()
    rome: tuple[Code, ...] = ()
    context: tuple[Section, ...] = ()
    conditions: tuple[Section, ...] = ()
    internal_relations: tuple[str, ...] = ()
    external_relations: tuple[str, ...] = ()
    certifications: tuple[str, ...] = ()
    nomenclature: str | None = None
    items: tuple[Item, ...] = ()
    access: str | None = None
    parent: Code | None = None
    regulated: bool | None = None
    sectors: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    places: dict[str, str] = field(default_factory=dict)
    warnings: tuple[Remark, ...] = ()

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise InvalidRecord("job title", self.title, "expected words")
        _one_of("nomenclature", self.nomenclature, {"rome", "esco", None})
        if self.nomenclature and not self.code:
            raise InvalidRecord("code", self.code, "expected the code in its nomenclature")


@dataclass(frozen=True, slots=True)
class Term:
    """An entry of a nomenclature that is no occupation: an item or appellation of ROME, an ESCO
    skill, a Formacode descriptor.

    scheme: "rome", "esco" or "formacode". kind: "name" (appellation), "activity", "knowledge",
    "context", "domain" (of the tree of codes or items), "skill" or "descriptor". topic: what it is
    grouped under. broader, narrower,
    related: entries of the same nomenclature.
    """

    scheme: str
    code: str
    kind: str
    label: str | None = None
    other_names: tuple[str, ...] = ()
    definition: str | None = None
    topic: str | None = None
    broader: tuple[Code, ...] = ()
    narrower: tuple[Code, ...] = ()
    related: tuple[Code, ...] = ()
    regulated: bool | None = None
    places: dict[str, str] = field(default_factory=dict)
    warnings: tuple[Remark, ...] = ()

    def __post_init__(self) -> None:
        _one_of("scheme", self.scheme, {"rome", "esco", "formacode"})
        _one_of("kind", self.kind, set(TERM_KINDS))
        if not self.code.strip():
            raise InvalidRecord("term code", self.code, "expected a code")

    @property
    def title(self) -> str | None:
        return self.label


TERM_KINDS = ("name", "activity", "knowledge", "context", "skill", "descriptor", "domain")


@dataclass(frozen=True, slots=True)
class InsertionFigures:
    """Insertion des sortants d'une formation, en France ou dans une région.

    of: the training as its publisher names it. region: None for all of France. employed_12m,
    employed_24m, further_study: percent, 0 to 100, means over the groups; None: not published.
    groups: institutions and cohorts that were counted; measured: those of them whose employment
    is published.
    """

    of: str
    region: str | None = None
    employed_12m: float | None = None
    employed_24m: float | None = None
    further_study: float | None = None
    groups: int | None = None
    measured: int | None = None
    place: str | None = None

    def __post_init__(self) -> None:
        for name in ("employed_12m", "employed_24m", "further_study"):
            rate = getattr(self, name)
            if rate is not None and not 0 <= rate <= 100:
                raise InvalidRecord(name, rate, "expected 0 to 100 percent, or None")


@dataclass(frozen=True, slots=True)
class Insertion:
    """Statistiques d'insertion d'une formation, que son éditeur désigne par son diplôme et son
    intitulé, sans numéro du répertoire.

    diploma: its kind ("CAP"); level: 3 to 8 where the kind alone does not tell it. period: years
    or cohorts as published, None: not published. They are of certifications of that title and
    kind, whichever version (`kb.identity.insertion_id`).
    """

    diploma: str
    title: str
    level: int | None = None
    period: str | None = None
    figures: tuple[InsertionFigures, ...] = ()
    warnings: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class RegulatedOccupation:
    """Emploi réglementé. text: how one comes to it. via: the older code that names it too."""

    code: str
    label: str
    text: str | None = None
    via: str | None = None


Record = Certification | Job | Term | Insertion | Remark
"""What a source yields. A bare Remark is about the document as a whole, or about a sheet that was
left out; a remark about a record stands in its `warnings`."""


@dataclass(frozen=True, slots=True)
class Relation:
    """An edge of the graph, by identifiers. kind: "also_called", "moves_to", "replaces",
    "corresponds_to", "same_text"…"""

    kind: str
    source: str
    target: str


def _one_of(name: str, value: str | None, allowed: Set[str | None] | Set[str]) -> None:
    if value not in allowed:
        known = ", ".join(sorted(str(each) for each in allowed))
        raise InvalidRecord(name, value, f"expected one of: {known}")


# ---- What the index and the matcher speak of ----


@dataclass(frozen=True, slots=True)
class Passage:
    """One text that can be found, and what it states.

    id: of what it states (a competency, block, certification, mission or job).
    kind: "certification" and "job" (their titles), "block" (its title), "competency",
    "activity", "job_title" (accessible job types, appellations), "mission", "skill",
    "term" and "synonym" (an entry of a nomenclature).
    entity: id of the certification or job it belongs to. block: code of its block.
    """

    id: str
    kind: str
    entity: str
    text: str
    block: str | None = None


Span = tuple[int, int]
"""Start and end, in characters, end excluded."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a register says of a certification, in short. active: whether it is in force, None where
    no document says it; level: 1 to 8 of the national framework, None for none."""

    active: bool | None = None
    level: int | None = None


UNTOLD = Standing()
"""Of a job, and of a certification of which no register was read."""


@dataclass(frozen=True, slots=True)
class Match:
    """A task beside the competency that meets it.

    competency: its id; text: its words; block: code; certification: number or id.
    score: 0 to 1, comparable between tasks. probability: that a reader agrees; None uncalibrated.
    query_span: the words of the task, text_span those of the competency, that speak for it.
    signals: each signal's share of the score, by name.
    band: "covers", or "unclear" (perhaps a part of the task). words: which word of the task met
    which of the competency, by their places, the strongest first. standing: of the certification.
    """

    competency: str
    text: str
    block: str | None
    certification: str
    score: float
    probability: float | None
    query_span: Span
    text_span: Span
    signals: dict[str, float] = field(default_factory=dict)
    band: str = "unclear"
    words: tuple[tuple[Span, Span], ...] = ()
    standing: Standing = UNTOLD


@dataclass(frozen=True, slots=True)
class MatchedTask:
    """A task of the description, where it stands in it, and its matches, best first."""

    text: str
    start: int
    end: int
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class BlockCoverage:
    """What a block covers. covered: texts of the tasks; coverage: their share of all, 0 to 1.

    unclear: texts of the tasks that it may cover, or cover in part; they count for nothing.
    standing: of its certification.
    """

    code: str
    title: str | None
    certification: str
    covered: tuple[str, ...]
    coverage: float
    unclear: tuple[str, ...] = ()
    standing: Standing = UNTOLD


@dataclass(frozen=True, slots=True)
class CertificationCoverage:
    """What a certification covers, all its blocks together; fields as in `BlockCoverage`."""

    number: str
    title: str | None
    covered: tuple[str, ...]
    coverage: float
    unclear: tuple[str, ...] = ()
    standing: Standing = UNTOLD


@dataclass(frozen=True, slots=True)
class Career:
    """A job whose missions the tasks meet. shared, missing: texts of its missions."""

    id: str
    title: str
    score: float
    shared: tuple[str, ...]
    missing: tuple[str, ...]
    moves: tuple[JobMove, ...] = ()


@dataclass(frozen=True, slots=True)
class MatchReport:
    """The whole answer to an offer or a CV. uncovered: texts of tasks that nothing meets."""

    tasks: tuple[MatchedTask, ...]
    blocks: tuple[BlockCoverage, ...]
    certifications: tuple[CertificationCoverage, ...]
    careers: tuple[Career, ...]
    uncovered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """An answer to a search. kind: as in `Passage`; highlights: those words of it that met it.

    standing: of the certification that it is or belongs to; empty for a job.
    """

    id: str
    kind: str
    title: str
    score: float
    highlights: tuple[str, ...] = ()
    standing: Standing = UNTOLD


@dataclass(frozen=True, slots=True)
class SearchReport:
    """The answer to a search.

    read_as: what was looked for, first the query with misspelt words replaced, then with the
    official words for everyday ones; results: best first.
    """

    read_as: tuple[str, ...]
    results: tuple[SearchResult, ...] = ()
