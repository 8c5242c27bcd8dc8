"""ROME version 3: the tables of its CSV and XML distribution; one document is one table.

A table names codes and items by number alone; the knowledge base fills in their words from the
tables that give them, whichever comes first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from kb.model import Code, Document, Item, Record, Remark, Section, Term
from scrapers.nomenclatures import rome, rome_xml
from scrapers.nomenclatures.rome import occupation, text
from scrapers.rows import Row, Table, read_table, table_of

NAME = "rome3"
DESCRIPTION = "ROME version 3: any table of its CSV or XML distribution"
EXPECTED = rome.EXPECTED
AUTHORITY = 1  # ROME 4.0 words a code's title and definition anew
PUBLISHER = rome.PUBLISHER

_ITEMS = {"1": "knowledge", "2": "activity", "5": "context"}  # code_type_referentiel
_SHEETS, _NAMES = "3", "4"
_TREES = {"8": "activity", "9": "knowledge", "10": "context"}
_CODE_TREES = ("6", "7")
_RIASEC = {
    "R": "Réaliste",
    "I": "Investigateur",
    "A": "Artistique",
    "S": "Social",
    "E": "Entreprenant",
    "C": "Conventionnel",
}
# Basic activities and knowledge, then those of a specialisation, then contexts.
_ORDER = ("6", "7", "9", "10", "5")


def recognise(document: Document) -> float:
    known = table_of(document, _TABLES, ",") or rome_xml.is_rome(document)
    return 1.0 if known else 0.0


def parse(document: Document) -> Iterator[Record]:
    """Occupations (partial jobs) and terms, in the order of the table.

    Raises:
        IncompleteDocument: none of the tables, or one that is cut off.
        UnreadableDocument: no CSV. UnsafeDocument: XML that declares entities.
    """
    if rome_xml.is_rome(document):
        return rome_xml.parse(document)
    return read_table(document, _TABLES, ",")


def _codes(rows: Iterator[Row]) -> Iterator[Record]:
    for row in rows:
        yield occupation(row["code_rome"], text(row["libelle_rome"]), places={"title": row.place})


def _domains_of_codes(rows: Iterator[Row]) -> Iterator[Record]:
    for row in rows:
        family = f"{text(row['libelle_grand_domaine'])} > "
        family += text(row["libelle_domaine_professionel"])
        yield occupation(
            row["code_rome"],
            text(row["libelle_rome"]),
            family=family,
            places={"title": row.place, "family": row.place},
        )


def _riasec(rows: Iterator[Row]) -> Iterator[Record]:
    for row in rows:
        letters = [row[column] for column in ("riasec_majeur", "riasec_mineur") if row[column]]
        unknown = [letter for letter in letters if letter not in _RIASEC]
        if unknown:
            yield Remark(row.place, f"{', '.join(unknown)} is no letter of RIASEC; left out")
        interests = tuple(_RIASEC[letter] for letter in letters if letter in _RIASEC)
        yield occupation(row["code_rome"], interests=interests, places={"interests": row.place})


def _domains(rows: Iterator[Row]) -> Iterator[Record]:
    for row in rows:
        yield _domain(row, row["code_grand_domaine"], row["libelle_grand_domaine"])


def _professional_domains(rows: Iterator[Row]) -> Iterator[Record]:
    for row in rows:
        code = row["code_domaine_professionnel"]
        yield _domain(row, code, row["libelle_domaine_professionnel"], (Code(code[:1]),))


def _domain(row: Row, code: str, label: str, broader: tuple[Code, ...] = ()) -> Term:
    return Term("rome", code, "domain", text(label), broader=broader, places={"label": row.place})


def _items(rows: Iterator[Row]) -> Iterator[Record]:
    """A number may stand in several rows: once for each part of the sheets that it is used in."""
    found: dict[str, Term] = {}
    for row in rows:
        kind, label = _ITEMS.get(row["code_type_referentiel"]), text(row["libelle"])
        if kind is None:
            told = row["code_type_referentiel"]
            yield Remark(row.place, f"item {row['code_ogr']} is of the unknown type {told!r}")
            continue
        term = Term("rome", row["code_ogr"], kind, label, places={"label": row.place})
        first = found.setdefault(term.code, term)
        if (first.kind, first.label) != (kind, label):
            yield Remark(row.place, f"item {term.code} is worded twice; the first was read")
    yield from found.values()


def _knowledge(rows: Iterator[Row]) -> Iterator[Record]:
    for row in rows:
        label = text(row["libelle_competence"])
        yield Term("rome", row["code_ogr"], "knowledge", label, places={"label": row.place})


def _contexts(rows: Iterator[Row]) -> Iterator[Record]:
    for row in rows:
        yield Term(
            "rome",
            row["code_ogr"],
            "context",
            text(row["libelle_env_travail"]),
            topic=text(row["libelle_type_section_env_trav"]).capitalize() or None,
            places={"label": row.place},
        )


def _links(rows: Iterator[Row]) -> Iterator[Record]:
    """Items of each code: basic before specialised, in the order of the printed sheet."""
    linked: dict[str, list[tuple[tuple[int, ...], Item]]] = defaultdict(list)
    for row in rows:
        told = row["code_type_referentiel"]
        if told in (_SHEETS, _NAMES):
            linked[row["code_rome"]]  # the sheet itself, and names that their own table gives
            continue
        kind = _ITEMS.get(told)
        part = row["code_ref_rubrique"]
        if kind is None or part not in _ORDER:
            yield Remark(row.place, f"a link of the unknown type {told!r}, part {part!r}")
            continue
        numbers = (int(row[c] or 0) for c in ("position_bloc", "position_item"))
        at = (_ORDER.index(part), *numbers)
        linked[row["code_rome"]].append((at, Item(kind, row["code_ogr"])))
    for code, listed in linked.items():
        ordered = [item for _, item in sorted(listed, key=lambda each: each[0])]
        yield occupation(code, items=tuple(dict.fromkeys(ordered)))


def _repeated_links(rows: Iterator[Row]) -> Iterator[Record]:
    count = sum(1 for _ in rows)
    yield Remark(
        None,
        f"no document of the graph: its {count} pairs of code and item have no kind; the table "
        "unix_liens_rome_referentiels gives the same pairs with theirs",
    )


def _texts(rows: Iterator[Row]) -> Iterator[Record]:
    """Definition, access and conditions, each in lines with a position."""
    told: dict[str, dict[str, list[tuple[int, str, str]]]] = {}
    for row in rows:
        kind = row["libelle_type_texte"]
        if kind not in ("definition", "acces_a_em", "cond_exercice_activite"):
            yield Remark(row.place, f"a text of the unknown kind {kind!r}")
            continue
        parts = told.setdefault(row["code_rome"], {}).setdefault(kind, [])
        parts.append((int(row["position_libelle_txt"] or 0), text(row["libelle_texte"]), row.place))
    for code, kinds in told.items():
        lines = {
            kind: "\n".join(line for _, line, _ in sorted(parts)) for kind, parts in kinds.items()
        }
        conditions = lines.get("cond_exercice_activite")
        yield occupation(
            code,
            purpose=lines.get("definition"),
            access=lines.get("acces_a_em"),
            conditions=(Section(conditions),) if conditions else (),
            places={
                name: kinds[kind][0][2]
                for name, kind in (
                    ("purpose", "definition"),
                    ("access", "acces_a_em"),
                    ("conditions", "cond_exercice_activite"),
                )
                if kind in kinds
            },
        )


def _moves(rows: Iterator[Row]) -> Iterator[Record]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["libelle_type_mobilite"] in ("Proche", "Evolution"):
            found[row["code_rome"]].append(row)
        else:
            kind = row["libelle_type_mobilite"]
            yield Remark(row.place, f"a mobility of the unknown kind {kind!r}; left out")
    for code, listed in found.items():
        moves = [
            rome.move(
                row["code_rome_cible"],
                near=row["libelle_type_mobilite"] == "Proche",
                from_name=_named(row["code_appellation_source"]),
                to_name=_named(row["code_appellation_cible"]),
                place=row.place,
            )
            for row in listed
        ]
        yield occupation(code, moves=tuple(moves), places={"moves": listed[0].place})


def _named(code: str) -> Code | None:
    return Code(code) if code else None


def _tree(rows: Iterator[Row]) -> Iterator[Record]:
    """Nodes of the trees, and the items under them."""
    listed = list(rows)
    nodes = {r["code_noeud"]: r["code_ogr"] for r in listed if r["libelle_type_noeud"] != "FEUILLE"}
    above: dict[tuple[str, str], tuple[Row, dict[str, None]]] = {}
    codes = 0
    for row in listed:
        parent, tree = nodes.get(row["code_pere"]), row["code_type_referentiel"]
        if parent is None and row["code_pere"]:
            yield Remark(row.place, f"{row['code_pere']!r} is no node of the tree")
        if row["libelle_type_noeud"] != "FEUILLE":
            broader = (Code(parent),) if parent else ()
            yield _domain(row, row["code_ogr"], row["libelle_item_arbo"], broader)
        elif tree in _CODE_TREES:
            codes += 1
        elif tree in _TREES:
            _, parents = above.setdefault((row["code_item_arbo_associe"], tree), (row, {}))
            parents |= {parent: None} if parent else {}
        else:
            yield Remark(row.place, f"a leaf of the unknown tree {tree!r}")
    for (code, tree), (row, parents) in above.items():
        yield Term(
            "rome",
            code,
            _TREES[tree],
            text(row["libelle_item_arbo"]),
            broader=tuple(Code(parent) for parent in parents),
            places={"label": row.place},
        )
    if codes:
        yield Remark(None, f"{codes} leaves stand for sheets, which the table of codes lists")


def _appellations(rows: Iterator[Row]) -> Iterator[Record]:
    return rome.appellations(rows, {})


_TABLES = (
    Table(("code_rome", "code_fiche_em", "libelle_rome"), _codes),
    Table(
        (
            "code_rome",
            "libelle_rome",
            "libelle_grand_domaine",
            "libelle_domaine_professionel",
        ),
        _domains_of_codes,
    ),
    Table(("code_rome", "riasec_majeur", "riasec_mineur"), _riasec),
    Table(("code_grand_domaine", "libelle_grand_domaine"), _domains),
    Table(("code_domaine_professionnel", "libelle_domaine_professionnel"), _professional_domains),
    Table(("code_ogr", "libelle", "code_type_referentiel", "code_ref_rubrique"), _items),
    Table(("code_ogr", "libelle_competence", "libelle_type_competence"), _knowledge),
    Table(("code_ogr", "libelle_env_travail", "libelle_type_section_env_trav"), _contexts),
    Table(
        (
            "code_rome",
            "code_ogr",
            "code_ref_rubrique",
            "position_bloc",
            "code_type_referentiel",
            "position_item",
        ),
        _links,
    ),
    Table(("code_rome", "libelle_texte", "libelle_type_texte", "position_libelle_txt"), _texts),
    Table(
        (
            "code_rome",
            "code_rome_cible",
            "code_appellation_source",
            "code_appellation_cible",
            "libelle_type_mobilite",
        ),
        _moves,
    ),
    Table(
        (
            "code_ogr",
            "code_type_referentiel",
            "code_pere",
            "code_noeud",
            "libelle_item_arbo",
            "code_item_arbo_associe",
            "libelle_type_noeud",
        ),
        _tree,
    ),
    Table(
        (
            "code_ogr",
            "libelle_appellation_long",
            "libelle_appellation_court",
            "code_rome",
            "code_type_section_appellation",
        ),
        _appellations,
    ),
    Table(("code_rome", "code_ogr"), _repeated_links, alone=True),
)
