"""ROME v3 (2021 tables), ROME 4.0 (2025 tables) and the mobilities of version 3."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from kb.reference import RomeMove, RomeSheet
from scrapers.tables.files import field, load_json, rows

_ACTIVITIES, _KNOWLEDGE = "2", "1"  # code_type_referentiel


def read_rome(folder: Path) -> tuple[RomeSheet, ...]:
    """The sheets of version 3, by code; items in the order of their code and number."""
    base = "rome_v347/unix_"
    codes = rows(
        folder, base + "referentiel_code_rome_v347_utf8.csv", ["code_rome", "libelle_rome"]
    )
    titles: dict[str, list[str]] = defaultdict(list)
    for row in rows(
        folder,
        base + "referentiel_appellation_v347_utf8.csv",
        ["code_rome", "libelle_appellation_long"],
    ):
        titles[row["code_rome"]].append(_unescaped(row["libelle_appellation_long"]))
    labels = {
        (row["code_ogr"], row["code_type_referentiel"]): _unescaped(row["libelle"])
        for row in rows(
            folder, base + "item_v347_utf8.csv", ["code_ogr", "libelle", "code_type_referentiel"]
        )
    }
    items: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows(
        folder,
        base + "liens_rome_referentiels_v347_utf8.csv",
        ["code_rome", "code_ogr", "code_type_referentiel"],
    ):
        kind = row["code_type_referentiel"]
        label = labels.get((row["code_ogr"], kind))
        if label and kind in (_ACTIVITIES, _KNOWLEDGE):
            items[row["code_rome"], kind].append(label)
    texts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows(
        folder,
        base + "texte_v347_utf8.csv",
        ["code_rome", "position_libelle_txt", "libelle_texte", "libelle_type_texte"],
    ):
        texts[row["code_rome"], row["libelle_type_texte"]].append(_unescaped(row["libelle_texte"]))
    return tuple(
        RomeSheet(
            code=code,
            title=_unescaped(row["libelle_rome"]),
            job_titles=_once(titles[code]),
            definition=" ".join(texts[code, "definition"]) or None,
            access=" ".join(texts[code, "acces_a_em"]) or None,
            activities=_once(items[code, _ACTIVITIES]),
            knowledge=_once(items[code, _KNOWLEDGE]),
        )
        for row in sorted(codes, key=lambda row: row["code_rome"])
        for code in [row["code_rome"]]
    )


def read_rome4(folder: Path) -> tuple[RomeSheet, ...]:
    """The sheets of version 4.0, with their parent code in version 3."""
    base = "rome_v460/unix_referentiel_"
    parents = {
        row["code_rome"]: row["code_rome_parent"]
        for row in rows(folder, base + "code_rome_v460_utf8.csv", ["code_rome", "code_rome_parent"])
    }
    titles: dict[str, list[str]] = defaultdict(list)
    for row in rows(
        folder, base + "appellation_v460_utf8.csv", ["code_rome", "libelle_appellation_long"]
    ):
        titles[row["code_rome"]].append(row["libelle_appellation_long"])
    name = "rome_v460/sheets.json"
    return tuple(
        RomeSheet(
            code=code,
            title=field(sheet, "title", name),
            job_titles=_once(titles[code]),
            definition=field(sheet, "definition", name) or None,
            access=field(sheet, "access", name) or None,
            parent=parents.get(code) or None,
        )
        for sheet in sorted(load_json(folder, name), key=lambda sheet: str(sheet.get("code")))
        for code in [field(sheet, "code", name)]
    )


def read_moves(folder: Path) -> tuple[RomeMove, ...]:
    """The published mobilities from code to code, each once."""
    found = rows(
        folder,
        "rome_v347/unix_rubrique_mobilite_v347_utf8.csv",
        ["code_rome", "code_rome_cible", "libelle_type_mobilite"],
    )
    return tuple(
        dict.fromkeys(
            RomeMove(
                row["code_rome"],
                row["code_rome_cible"],
                near=row["libelle_type_mobilite"] == "Proche",
            )
            for row in found
        )
    )


def _unescaped(text: str) -> str:
    return text.replace("''", "'")


def _once(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
