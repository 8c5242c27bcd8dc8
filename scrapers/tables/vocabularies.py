"""ESCO in French and Formacode."""

from __future__ import annotations

import re
from pathlib import Path

from kb.reference import EscoOccupation, EscoSkill, FormacodeTerm
from scrapers.tables.files import parted, rows

_CODE_AT_END = re.compile(r"\s+-\s+\d{5}$")
_LISTED = "###"


def read_occupations(folder: Path) -> tuple[EscoOccupation, ...]:
    """ESCO occupations in the order of the file."""
    found = rows(
        folder,
        "esco_fr/occupations_fr_official.csv",
        ["conceptUri", "iscoGroup", "preferredLabel", "altLabels", "description"],
    )
    return tuple(map(occupation, found))


def occupation(row: dict[str, str]) -> EscoOccupation:
    """A row of ESCO's occupations."""
    return EscoOccupation(
        address=row["conceptUri"],
        label=row["preferredLabel"],
        alternatives=parted(row["altLabels"], "\n"),
        description=row["description"],
        group=row["iscoGroup"],
    )


def read_skills(folder: Path) -> tuple[EscoSkill, ...]:
    """ESCO skills in the order of the file."""
    found = rows(
        folder, "esco_fr/mockly_skills_fr.csv", ["conceptUri", "preferredLabel", "altLabels"]
    )
    return tuple(map(skill, found))


def skill(row: dict[str, str]) -> EscoSkill:
    """A row of ESCO's skills."""
    return EscoSkill(row["conceptUri"], row["preferredLabel"], parted(row["altLabels"], "\n"))


def read_terms(folder: Path) -> tuple[FormacodeTerm, ...]:
    """Formacode descriptors in the order of the file; relations by label, their codes cut off."""
    found = rows(
        folder,
        "formacode/formacodes-v14.csv",
        ["Code du Terme", "Descripteur en typo riche", "Synonymes", "Synonymes métier"],
        delimiter=";",
    )
    return tuple(
        FormacodeTerm(
            code=row["Code du Terme"],
            label=row["Descripteur en typo riche"],
            field=re.sub(r"^\d+\s+", "", row["Champ sémantique"]),
            synonyms=parted(row["Synonymes"], _LISTED),
            job_synonyms=parted(row["Synonymes métier"], _LISTED),
            broader=_labels(row["TG (Terme Générique)"]),
            narrower=_labels(row["TS (Termes Spécifiques)"]),
            related=_labels(row["TA (Termes Associés)"]),
        )
        for row in found
        if row["Code du Terme"].isdecimal()
    )


def _labels(cell: str) -> tuple[str, ...]:
    return tuple(_CODE_AT_END.sub("", part) for part in parted(cell, _LISTED))
