"""The register's official CSV export: ten tables, one row a relation; one document is one table.

Each table says a part of every sheet; the knowledge base unites them by the sheet's number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from kb.identity import fold
from kb.model import (
    AccessRoute,
    Accreditation,
    Certification,
    Code,
    Document,
    Organisation,
    Record,
    Remark,
    SkillBlock,
    Territories,
)
from scrapers.registers import values as register
from scrapers.registers.tables import ROLES, ROUTES
from scrapers.registers.values import Faults
from scrapers.rows import Row, columns, rows

NAME = "rncp_csv"
DESCRIPTION = "the national register's official CSV export: any of its ten tables"
EXPECTED = range(20_000, 60_000)  # sheets that the table Standard lists
AUTHORITY = 0
PUBLISHER = register.PUBLISHER

_KEY = "Numero_Fiche"
_STATES = {"ACTIVE": True, "INACTIVE": False, "": None}
_ROUTES = {fold(label): route for route, label in ROUTES}

Reader = Callable[[Sequence[Row], Faults], dict[str, Any]]


def recognise(document: Document) -> float:
    return 1.0 if _table(document) else 0.0


def parse(document: Document) -> Iterator[Record]:
    """One partial Certification a sheet, in the order of the table.

    Raises:
        IncompleteDocument: none of the ten tables, or one that is cut off.
        UnreadableDocument: no CSV.
    """
    needed = _table(document) or (_KEY, *_STANDARD)
    read = _READERS.get(needed, _standard)
    sheets: dict[str, list[Row]] = {}
    for row in rows(document, needed, ";"):
        number = row[_KEY]
        if register.NUMBER.fullmatch(number):
            sheets.setdefault(number, []).append(row)
        else:
            yield Remark(row.place, f"number {number!r} is neither RNCPn nor RSn; row left out")
    for number, listed in sheets.items():
        faults = Faults(listed[0].place)
        values = read(listed, faults)
        places = dict.fromkeys(values, listed[0].place)
        yield Certification(number, **values, places=places, warnings=tuple(faults.remarks))


def _table(document: Document) -> tuple[str, ...] | None:
    """Columns of the table that this is, by its header."""
    found = columns(document, ";")
    return next((needed for needed in _READERS if found.issuperset(needed)), None)


# ---- one reader a table: all rows of one sheet -> what they say ----

_STANDARD = ("Intitule", "Nomenclature_Europe_Niveau", "Actif")


def _standard(listed: Sequence[Row], faults: Faults) -> dict[str, Any]:
    row = listed[0]
    if len(listed) > 1:
        faults.add(f"the sheet is told in {len(listed)} rows; the first was read")

    def told(column: str) -> str | None:
        return _text(row.values.get(column, "")) or None

    state = row["Actif"].upper()
    if state not in _STATES:
        faults.add(f"state is {row['Actif']!r}, neither ACTIVE nor INACTIVE; left unknown")
    if told("Intitule") is None:
        faults.add("no title (Intitule); left unknown")
    abbreviation = told("Abrege_Libelle")

    def yes_no(column: str) -> bool | None:
        return register.yes_no(told(column), column, faults)

    values = {
        "title": told("Intitule"),
        "level": register.level(told("Nomenclature_Europe_Niveau"), faults),
        "active": _STATES.get(state),
        "abbreviation": Code(abbreviation, told("Abrege_Intitule")) if abbreviation else None,
        "registration_kind": told("Type_Enregistrement"),
        "partial_validation": yes_no("Validation_Partielle"),
        "decision_date": register.french_date(told("Date_Decision"), "Date_Decision", faults),
        "effect_date": register.french_date(told("Date_Effet"), "Date_Effet", faults),
        "registration_end": register.french_date(
            told("Date_Fin_Enregistrement"), "Date_Fin_Enregistrement", faults
        ),
    }
    territories = Territories(
        yes_no("Accessible_Nouvelle_Caledonie"), yes_no("Accessible_Polynesie_Francaise")
    )
    return {name: value for name, value in values.items() if value is not None} | {
        "territories": territories
    }


def _blocks(listed: Sequence[Row], faults: Faults) -> dict[str, Any]:
    found: dict[str, SkillBlock] = {}
    for row in listed:
        code = row["Bloc_Competences_Code"]
        owner = register.BLOCK_CODE.fullmatch(code)
        if owner is None or owner[1] != row[_KEY]:
            faults.add(f"block code {code!r} is not of this sheet", row.place)
        if not code:
            continue
        if code in found:
            faults.add(f"block {code} is told twice; the first was read", row.place)
            continue
        title = _text(row["Bloc_Competences_Libelle"]) or None
        found[code] = SkillBlock(code, title, place=row.place)
    return {"blocks": tuple(found.values())}


def _agreements(listed: Sequence[Row], faults: Faults) -> dict[str, Any]:
    del faults  # numbers of agreements are free
    pairs = [(row[f"Ccn_{n}_Numero"], row[f"Ccn_{n}_Libelle"]) for row in listed for n in (1, 2, 3)]
    return {"collective_agreements": _codes(pairs)}


def _certifiers(listed: Sequence[Row], faults: Faults) -> dict[str, Any]:
    found = [
        Organisation(name, register.siret(row["Siret_Certificateur"], faults))
        for row in listed
        if (name := _named(row, "Nom_Certificateur", "a certifier", faults))
    ]
    return {"certifiers": tuple(dict.fromkeys(found))}


def _partners(listed: Sequence[Row], faults: Faults) -> dict[str, Any]:
    found = []
    for row in listed:
        name = _named(row, "Nom_Partenaire", "a partner", faults)
        role = row["Habilitation_Partenaire"]
        if role and role not in ROLES:
            faults.add(f"habilitation label {role!r} is unknown; left unknown", row.place)
        if name:
            siret = register.siret(row["Siret_Partenaire"], faults)
            found.append(Accreditation(name, siret, ROLES.get(role)))
    return {"partners": tuple(dict.fromkeys(found))}


def _routes(listed: Sequence[Row], faults: Faults) -> dict[str, Any]:
    """The table lists the routes that are open; of the others it says nothing."""
    found = {}
    for row in listed:
        route = _ROUTES.get(fold(row["Si_Jury"]))
        if route is None:
            faults.add(f"access route {row['Si_Jury']!r} is unknown; left out", row.place)
        else:
            found[route] = AccessRoute(route, open=True)
    return {"access_routes": tuple(found.values())}


def _successions(listed: Sequence[Row], faults: Faults) -> dict[str, Any]:
    found: dict[str, dict[str, None]] = {"replaces": {}, "replaced_by": {}}
    for row in listed:
        for field, column in (
            ("replaces", "Ancienne_Certification"),
            ("replaced_by", "Nouvelle_Certification"),
        ):
            number = row[column]
            if number and not register.NUMBER.fullmatch(number):
                faults.add(f"number {number!r} is neither RNCPn nor RSn; left out", row.place)
            elif number:
                found[field][number] = None
    return {field: tuple(numbers) for field, numbers in found.items() if numbers}


def _coded(field: str, code: str, label: str) -> Reader:
    def read(listed: Sequence[Row], faults: Faults) -> dict[str, Any]:
        for row in listed:
            if not row[code]:
                faults.add(f"a row without {code} was left out", row.place)
        return {field: _codes((row[code], row[label]) for row in listed)}

    return read


def _codes(pairs: Iterable[tuple[str, str]]) -> tuple[Code, ...]:
    found: dict[str, Code] = {}
    for code, label in pairs:
        if code:
            # Labels repeat their code: "42872 : Sécurité incendie".
            text = re.sub(rf"^{re.escape(code)}\s*:\s*", "", _text(label))
            found.setdefault(code, Code(code, text or None))
    return tuple(found.values())


def _named(row: Row, column: str, what: str, faults: Faults) -> str | None:
    name = _text(row[column])
    if not name:
        faults.add(f"{what} without a name was left out", row.place)
    return name or None


def _text(cell: str) -> str:
    """One line; some labels double their apostrophes."""
    return " ".join(cell.replace("''", "'").split())


_CCN = tuple(f"Ccn_{n}_{part}" for n in (1, 2, 3) for part in ("Numero", "Libelle"))
_READERS: dict[tuple[str, ...], Reader] = {
    (_KEY, *_STANDARD): _standard,
    (_KEY, "Bloc_Competences_Code", "Bloc_Competences_Libelle"): _blocks,
    (_KEY, *_CCN): _agreements,
    (_KEY, "Siret_Certificateur", "Nom_Certificateur"): _certifiers,
    (_KEY, "Formacode_Code", "Formacode_Libelle"): _coded(
        "formacodes", "Formacode_Code", "Formacode_Libelle"
    ),
    (_KEY, "Nsf_Code", "Nsf_Intitule"): _coded("nsf", "Nsf_Code", "Nsf_Intitule"),
    (_KEY, "Nom_Partenaire", "Siret_Partenaire", "Habilitation_Partenaire"): _partners,
    (_KEY, "Codes_Rome_Code", "Codes_Rome_Libelle"): _coded(
        "rome", "Codes_Rome_Code", "Codes_Rome_Libelle"
    ),
    (_KEY, "Si_Jury"): _routes,
    (_KEY, "Ancienne_Certification", "Nouvelle_Certification"): _successions,
}
