"""Records of the reference tables: what training and evaluation read, and nothing else.

The tables are nomenclatures and labelled sets, not documents of the knowledge base: they carry
no provenance of their own. Readers are in `scrapers.tables`; `index` only ever gets these records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RomeSheet:
    """One code of the Répertoire opérationnel des métiers et des emplois.

    parent: the ROME v3 code above a ROME 4.0 code; None in version 3. job_titles: appellations.
    activities and knowledge: items tied to the code, empty in ROME 4.0, which does not publish
    these links.
    """

    code: str
    title: str
    job_titles: tuple[str, ...] = ()
    definition: str | None = None
    access: str | None = None
    activities: tuple[str, ...] = ()
    knowledge: tuple[str, ...] = ()
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class RomeMove:
    """A published mobility between two ROME v3 codes. near: Proche; else Evolution."""

    source: str
    target: str
    near: bool


@dataclass(frozen=True, slots=True)
class EscoOccupation:
    """An ESCO occupation in French. group: its ISCO-08 code."""

    address: str
    label: str
    alternatives: tuple[str, ...]
    description: str
    group: str


@dataclass(frozen=True, slots=True)
class EscoSkill:
    """An ESCO skill in French."""

    address: str
    label: str
    alternatives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormacodeTerm:
    """A descriptor of Formacode. field: champ sémantique. synonyms: of the training topic.

    job_synonyms: names of the jobs that it leads to. broader, narrower, related: labels.
    """

    code: str
    label: str
    field: str
    synonyms: tuple[str, ...]
    job_synonyms: tuple[str, ...]
    broader: tuple[str, ...]
    narrower: tuple[str, ...]
    related: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListedCertification:
    """A certification of the register's 2021 tables. diploma: "Brevet professionnel" and so on.

    level: 3 to 8, None: unknown.
    """

    number: str
    title: str
    active: bool
    level: int | None
    diploma: str | None
    rome: tuple[str, ...]
    blocks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActiveTitle:
    """A certification that is active. level: 3 to 8, None: unknown.

    by_right: registered by right (a State diploma), not on a body's request.
    """

    number: str
    title: str
    level: int | None
    by_right: bool


@dataclass(frozen=True, slots=True)
class DetailedBlock:
    """A block with the one text that lists its competences."""

    code: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class DetailedCertification:
    """A certification with its blocks' texts."""

    number: str
    title: str
    objectives: str
    blocks: tuple[DetailedBlock, ...]


@dataclass(frozen=True, slots=True)
class Diploma:
    """A line of certif-info. numbers: RNCP and RS numbers that it bears. topic: a Formacode.

    kind: "Titre d'ingénieur" and so on. level: 3 to 8, None: unknown.
    """

    title: str
    kind: str
    level: int | None
    numbers: tuple[str, ...]
    rome: tuple[str, ...]
    topic: str | None


@dataclass(frozen=True, slots=True)
class JobSheet:
    """A job sheet of Onisep. recommended: RNCP numbers that its editors name for the job.

    title: as printed, the feminine ending after a slash ("boulanger/ère").
    """

    key: str
    title: str
    rome: tuple[str, ...]
    recommended: tuple[str, ...]
    presentation: str
    nature: str
    required: str


@dataclass(frozen=True, slots=True)
class JobOffer:
    """A job offer with the ROME 4.0 code that its publisher gave it."""

    key: str
    title: str
    description: str
    rome: str


@dataclass(frozen=True, slots=True)
class NameMatching:
    """One data set of MELO: job titles, and the names among which their occupations are found.

    queries and names: (identifier, text), in the order of the files. gold: for a query's
    identifier, the identifiers of all right names.
    """

    name: str
    queries: tuple[tuple[str, str], ...]
    names: tuple[tuple[str, str], ...]
    gold: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class TrainingTables:
    """All that training may see. Neither offers nor job sheets nor MELO are among it."""

    rome: tuple[RomeSheet, ...]
    rome4: tuple[RomeSheet, ...]
    moves: tuple[RomeMove, ...]
    occupations: tuple[EscoOccupation, ...]
    skills: tuple[EscoSkill, ...]
    terms: tuple[FormacodeTerm, ...]
    certifications: tuple[ListedCertification, ...]
    detailed: tuple[DetailedCertification, ...]
    diplomas: tuple[Diploma, ...]


@dataclass(frozen=True, slots=True)
class EvaluationTables:
    """All that the tasks of evaluation read; empty where no asked task needs a table."""

    names: tuple[NameMatching, ...] = ()
    sheets: tuple[JobSheet, ...] = ()
    active: tuple[ActiveTitle, ...] = ()
    rome: tuple[RomeSheet, ...] = ()
    rome4: tuple[RomeSheet, ...] = ()
    moves: tuple[RomeMove, ...] = ()
    certifications: tuple[ListedCertification, ...] = ()
    diplomas: tuple[Diploma, ...] = ()
    detailed: tuple[DetailedCertification, ...] = ()
    offers: tuple[JobOffer, ...] = ()
    terms: tuple[FormacodeTerm, ...] = ()
