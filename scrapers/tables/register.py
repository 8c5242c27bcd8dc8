"""Certifications: the register's 2021 tables, active titles, 2025 blocks, certif-info."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from kb.model import LEVELS
from kb.reference import (
    ActiveTitle,
    DetailedBlock,
    DetailedCertification,
    Diploma,
    ListedCertification,
)
from scrapers.tables.files import field, load_json, rows

ROME_COLUMNS = tuple(f"Code_Rome_{n}" for n in range(1, 6))
_NUMBER = re.compile(r"(?:RNCP|RS)\d+")


def read_certifications(folder: Path) -> tuple[ListedCertification, ...]:
    """The certifications of 2021, by number; a number given twice is read where it comes first."""
    base = "rncp_csv_2021/rncp_"
    rome: dict[str, list[str]] = defaultdict(list)
    for row in rows(folder, base + "rome.v1.4.csv", ["CodeRNCP", "Rome"], ";"):
        rome[row["CodeRNCP"]].append(row["Rome"])
    blocks: dict[str, list[str]] = defaultdict(list)
    for row in rows(folder, base + "blocs_competences.v1.4.csv", ["CodeRNCP", "intitule"], ";"):
        blocks[row["CodeRNCP"]].append(_joined(row["intitule"]))
    found: dict[str, ListedCertification] = {}
    for row in rows(
        folder,
        base + "info.v1.4.csv",
        ["CodeRNCP", "intituleDiplome", "ActiveInactive", "NiveauEurope", "TypeCertif"],
        ";",
    ):
        number = row["CodeRNCP"]
        if _NUMBER.fullmatch(number) and number not in found:
            found[number] = ListedCertification(
                number=number,
                title=_joined(row["intituleDiplome"]),
                active=row["ActiveInactive"] == "ACTIVE",
                level=_level(row["NiveauEurope"]),
                diploma=row["TypeCertif"] or None,
                rome=_once(rome[number]),
                blocks=_once(blocks[number]),
            )
    return tuple(found[number] for number in sorted(found))


def read_active(folder: Path) -> tuple[ActiveTitle, ...]:
    """The active certifications, by number. A level outside 3 to 8 is unknown."""
    name = "certif_info/active_titles_2026-04.json"
    return tuple(
        sorted(
            (
                ActiveTitle(
                    number=field(item, "numero", name),
                    title=_joined(field(item, "intitule", name)),
                    level=_level(str(item.get("niveau") or "")),
                    by_right=field(item, "type_enregistrement", name) == "Enregistrement de droit",
                )
                for item in load_json(folder, name)
            ),
            key=lambda active: active.number,
        )
    )


def read_detailed(folder: Path) -> tuple[DetailedCertification, ...]:
    """The certifications of 2025 with the texts of their blocks, in the order of the file."""
    name = "certifications_2025/certifications.json"
    return tuple(
        DetailedCertification(
            number=f"RNCP{field(item, 'rncp_id', name)}",
            title=field(item, "label", name),
            objectives=str(item.get("rncp_objectifs_contexte") or ""),
            blocks=tuple(
                DetailedBlock(
                    code=field(block, "code", name),
                    title=_joined(field(block, "label", name)),
                    text=str(block.get("fc_competences") or ""),
                )
                for block in item.get("blocs") or ()
            ),
        )
        for item in load_json(folder, name)
    )


def read_diplomas(folder: Path) -> tuple[Diploma, ...]:
    """The lines of certif-info, in the order of the file."""
    found = rows(
        folder,
        "certif_info/certif_info_2024.csv",
        [
            "Libelle_Diplome",
            "Libelle_Type_Diplome",
            "Code_Niveau_Europeen",
            "Libelle_FormaCode",
            "Code_RNCP",
            "Code_RS",
            *ROME_COLUMNS,
        ],
        ";",
    )
    return tuple(map(diploma, found))


def diploma(row: dict[str, str]) -> Diploma:
    """A line of certif-info."""
    return Diploma(
        title=_joined(row["Libelle_Diplome"]),
        kind=row["Libelle_Type_Diplome"],
        level=_level(row["Code_Niveau_Europeen"]),
        numbers=tuple(
            f"{register}{row[column]}"
            for register, column in (("RNCP", "Code_RNCP"), ("RS", "Code_RS"))
            if row[column].isdecimal()
        ),
        rome=_once([row[code] for code in ROME_COLUMNS if row[code]]),
        topic=row["Libelle_FormaCode"] or None,
    )


def _level(text: str) -> int | None:
    """`niveau4`, `4` -> 4; a level outside 3 to 8 is unknown."""
    digits = text.removeprefix("niveau")
    return int(digits) if digits.isdecimal() and int(digits) in LEVELS else None


def _joined(text: str) -> str:
    return " ".join(text.replace("''", "'").split())


def _once(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
