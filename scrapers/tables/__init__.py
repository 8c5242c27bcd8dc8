"""Reference tables for training and evaluation, read from one folder (`--data`).

rome_v347/ rome_v460/ esco_fr/ formacode/ rncp_csv_2021/ certif_info/ certifications_2025/
onisep/ offers/ melo/<data set>/
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from kb.errors import InvalidSetting
from kb.reference import EvaluationTables, TrainingTables
from scrapers.tables import labelled, register, rome, vocabularies

TASKS = ("T1", "T2", "T3", "T4", "T5", "T6", "french")


def read_training(folder: Path) -> TrainingTables:
    """All that training may see.

    Raises:
        NotFound: a table is missing. UnreadableDocument: a table has another layout.
    """
    return TrainingTables(
        rome=rome.read_rome(folder),
        rome4=rome.read_rome4(folder),
        moves=rome.read_moves(folder),
        occupations=vocabularies.read_occupations(folder),
        skills=vocabularies.read_skills(folder),
        terms=vocabularies.read_terms(folder),
        certifications=register.read_certifications(folder),
        detailed=register.read_detailed(folder),
        diplomas=register.read_diplomas(folder),
    )


def read_evaluation(folder: Path, tasks: Collection[str] = TASKS) -> EvaluationTables:
    """What the named tasks need; a table that none of them needs is not opened.

    Raises:
        InvalidSetting: an unknown task. NotFound, UnreadableDocument: as `read_training`.
    """
    unknown = sorted(set(tasks) - set(TASKS))
    if unknown:
        raise InvalidSetting(
            f"no task {', '.join(unknown)}", f"Name one or more of {', '.join(TASKS)}."
        )

    def needed(*names: str) -> bool:
        return bool(set(names) & set(tasks))

    return EvaluationTables(
        names=labelled.read_names(folder) if needed("T1") else (),
        sheets=labelled.read_sheets(folder) if needed("T2", "french") else (),
        active=register.read_active(folder) if needed("T2", "T6") else (),
        rome=rome.read_rome(folder) if needed("T2", "T3", "T4", "french") else (),
        rome4=rome.read_rome4(folder) if needed("T2", "T3", "T4") else (),
        moves=rome.read_moves(folder) if needed("T2") else (),
        certifications=register.read_certifications(folder) if needed("T2", "T3") else (),
        diplomas=register.read_diplomas(folder) if needed("T2") else (),
        detailed=register.read_detailed(folder) if needed("T5") else (),
        offers=labelled.read_offers(folder) if needed("T4") else (),
        terms=vocabularies.read_terms(folder) if needed("french") else (),
    )
