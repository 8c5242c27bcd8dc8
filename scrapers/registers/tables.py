"""The tables of the register's page: certifiers, partners, access routes, territories, figures.

A row comes with its cells (HTML, or text that kept its tabs): then columns decide. Or it comes as
one line that lost them: then only what the words prove is stated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kb.identity import fold
from kb.model import AccessRoute, Accreditation, CohortStatistics, Organisation, Territories
from scrapers.competences import paragraphs
from scrapers.lines import Line
from scrapers.registers.values import Faults, siret

ROLES = {
    "HABILITATION_FORMER": "train",
    "HABILITATION_ORGANISER": "assess",
    "HABILITATION_ORGA_FORM": "train_and_assess",
}
"""Labels of the register: may train, may assess, may do both."""

ROUTES = (
    ("school", "après un parcours de formation sous statut d'élève ou d'étudiant"),
    ("apprenticeship", "en contrat d'apprentissage"),
    ("continuing_education", "après un parcours de formation continue"),
    ("professionalisation", "en contrat de professionnalisation"),
    ("individual", "par candidature individuelle"),
    ("vae", "par expérience"),
)
_ROUTE_LABELS = tuple((route, fold(label), len(label.split())) for route, label in ROUTES)
_TERRITORY = re.compile(r"inscrite au cadre de la (nouvelle[ -]caledonie|polynesie francaise)")
_MARKS = frozenset({"x", "✓", "✔", "☒", "☑", "oui", "non"})
_DASHES = frozenset({"-", "–", "—"})
_DAY = re.compile(r"\d{2}[-/]\d{2}[-/]\d{4}")
_SITE = re.compile(r"(?:https?://|www\.)\S+")
_SIRET = re.compile(r"(?<!\d)\d{14}(?!\d)")
_COLUMNS = (
    ("year", re.compile(r"annee")),
    ("certified_vae", re.compile(r"nombre de certifies.*vae")),
    ("certified", re.compile(r"nombre de certifies")),
    ("insertion_6m_overall", re.compile(r"taux d'insertion global")),
    ("insertion_6m_job", re.compile(r"taux d'insertion dans le metier vise a 6 mois")),
    ("insertion_2y_job", re.compile(r"taux d'insertion dans le metier vise a 2 ans")),
)
_ORDER = (
    "certified",
    "certified_vae",
    "insertion_6m_overall",
    "insertion_6m_job",
    "insertion_2y_job",
)
_YEAR_ROW = re.compile(r"((?:19|20)\d{2})((?:\s+(?:\d+(?:[.,]\d+)?\s?%?|[-–—]))+)")
_FIGURE = re.compile(r"\d+(?:[.,]\d+)?|[-–—]")


def key(text: str) -> str:
    """A label as it is compared: folded, one blank, without its colon."""
    return " ".join(fold(text).split()).rstrip(" :")


def certifiers(lines: Sequence[Line], faults: Faults) -> tuple[Organisation, ...]:
    """Rows of 'Nom légal, Siret, Nom commercial, Site internet'."""
    found = []
    for line in lines:
        if line.cells:
            name, number, trade, site = (*map(_value, line.cells), None, None, None)[:4]
        else:
            name, number, trade, site = _organisation(line.text)
        if name is None:
            faults.add("a certifier without a name was left out", line.place)
            continue
        if number is None:
            faults.add(f"no SIRET in the row of certifier {name!r}", line.place)
        found.append(Organisation(name, siret(number, faults), trade, site))
    return tuple(found)


def _organisation(text: str) -> tuple[str | None, str | None, str | None, str | None]:
    site = _SITE.search(text)
    rest = text[: site.start()] if site else text
    number = _SIRET.search(rest)
    if number is None:
        name = re.sub(r"(?:\s+[-–—])+\s*$", "", rest)
        return _value(name), None, None, site[0] if site else None
    name, trade = rest[: number.start()], rest[number.end() :]
    return (
        _value(name),
        number[0],
        _value(re.sub(r"\s[-–—]\s*$", "", trade)),
        site[0] if site else None,
    )


def partners(lines: Sequence[Line], faults: Faults) -> tuple[Accreditation, ...]:
    """Rows of 'Nom légal, Siret, Rôle'; what is no such row is remarked."""
    found = []
    for line in lines:
        text = " ".join(line.text.split())
        number, label = _SIRET.search(text), re.search(r"\bHABILITATION_\w+", text)
        end = min((x.start() for x in (number, label) if x), default=0)
        name = _value(line.cells[0] if line.cells else text[:end])
        if name is None or not (number or label):
            faults.add(f"a row of partners was not understood: {text[:80]!r}", line.place)
            continue
        if label and label[0] not in ROLES:
            faults.add(f"habilitation label {label[0]!r} is unknown", line.place)
        role = ROLES.get(label[0]) if label else None
        found.append(Accreditation(name, siret(number and number[0], faults), role))
    return tuple(found)


def access(lines: Sequence[Line], faults: Faults) -> tuple[tuple[AccessRoute, ...], Territories]:
    """The six access routes and the two territories.

    With columns, the Oui and Non marks decide. Without, a jury composition means that the route
    is open and a dash in its place that it is not, both marked as inferred; territories stay
    unknown.
    """
    columns: dict[str, int] = {}
    rows: list[tuple[str, list[Line], dict[str, int]]] = []
    territories: dict[str, bool | None] = {}
    current: list[Line] | None = None
    for line in lines:
        start = key(line.cells[0] if line.cells else line.text)
        route = next((name for name, label, _ in _ROUTE_LABELS if start.startswith(label)), None)
        territory = _TERRITORY.match(start)
        if route is not None:
            current = [line]
            rows.append((route, current, columns))  # the territories' table has others
        elif territory:
            current = None
            name = territory[1].replace("-", " ").replace(" ", "_")
            territories[name] = _marked(line.cells, columns)
        elif line.cells and "oui" in map(key, line.cells):
            current = None
            columns = {key(cell): place for place, cell in enumerate(line.cells)}
        elif start.startswith(("voie d'acces", "validite des composantes")) or start == "oui non":
            current = None
        elif current is not None:
            current.append(line)
        else:
            faults.add(f"outside of any access route: {line.text[:80]!r}", line.place)
    routes: dict[str, AccessRoute] = {}
    for name, row, named in rows:
        if name in routes:
            faults.add(f"access route {name} is told twice; the first stands", row[0].place)
        routes.setdefault(name, _route(name, row, named))
    return tuple(routes.values()), Territories(**territories)


def _route(name: str, row: Sequence[Line], columns: dict[str, int]) -> AccessRoute:
    first = row[0]
    told: list[str]
    if first.cells and columns:
        jury_column = next((at for title, at in columns.items() if "jury" in title), None)
        cells = first.cells
        told = [cells[jury_column]] if jury_column is not None and jury_column < len(cells) else []
        dash = False  # the columns are there, so an absent mark is unknown
    else:
        words = next(size for route, _, size in _ROUTE_LABELS if route == name)
        left = first.text.split()[words:]
        dash = any(word in _DASHES for word in left)
        while left and left[0].lower() in _MARKS | _DASHES:
            left.pop(0)
        while left and (left[-1] in _DASHES or _DAY.fullmatch(left[-1])):
            left.pop()
        told = [" ".join(left)]
    for line in row[1:]:
        if line.text in _DASHES or _DAY.fullmatch(line.text):
            continue
        told.append(("• " if line.bullet else "") + line.text)
    jury = "\n".join(paragraphs("\n".join(told))) or None
    published = _marked(first.cells, columns)
    if published is not None:
        return AccessRoute(name, published, jury)
    if jury is None and not dash:
        return AccessRoute(name)
    return AccessRoute(name, jury is not None, jury, inferred=True)


def _marked(cells: Sequence[str] | None, columns: dict[str, int]) -> bool | None:
    """True, False: the mark stands in Oui, in Non; None: no columns, or a mark in both or none."""
    if not cells:
        return None
    yes, no = (
        name in columns
        and columns[name] < len(cells)
        and cells[columns[name]].strip().lower() in _MARKS
        for name in ("oui", "non")
    )
    return yes if yes != no else None


def statistics(lines: Sequence[Line], faults: Faults) -> tuple[CohortStatistics, ...]:
    """A row a year; `-` is not published. With a header of cells, its labels say what is what."""
    order: tuple[str | None, ...] = ("year", *_ORDER)
    found = []
    for line in lines:
        cells = line.cells
        if key(cells[0] if cells else line.text).startswith("annee"):
            if cells:
                order = tuple(_column(cell) for cell in cells)
            continue
        values = [cell.strip() for cell in cells] if cells else _figures(line.text)
        if not values or len(values) != len(order):
            faults.add(f"a row of statistics was not understood: {line.text[:80]!r}", line.place)
            continue
        named = {name: v for name, v in zip(order, values, strict=True) if name is not None}
        row = statistics_row(named, faults, line.place)
        if row is not None:
            found.append(row)
    return tuple(found)


def _column(title: str) -> str | None:
    return next((name for name, pattern in _COLUMNS if pattern.match(key(title))), None)


def _figures(text: str) -> list[str]:
    row = _YEAR_ROW.fullmatch(text.strip())
    return [row[1], *_FIGURE.findall(row[2])] if row else []


def statistics_row(
    values: dict[str, str], faults: Faults, place: str | None
) -> CohortStatistics | None:
    """One year's figures from their texts, by field name; None without a year."""
    year = values.get("year", "")
    if not re.fullmatch(r"(?:19|20)\d{2}", year):
        faults.add(f"a row of statistics has the year {year!r}; left out", place)
        return None

    def count(name: str) -> int | None:
        text = values.get(name, "").strip()
        if re.fullmatch(r"\d+", text):
            return int(text)
        unknown(name, text)
        return None

    def rate(name: str) -> float | None:
        text = values.get(name, "").strip().rstrip("% ").replace(",", ".")
        if re.fullmatch(r"\d+(?:\.\d+)?", text) and float(text) <= 100:
            return float(text)
        unknown(name, text)
        return None

    def unknown(name: str, text: str) -> None:
        if text and text not in _DASHES:
            faults.add(f"{name} is {text!r}, which cannot be; left unknown", place)

    return CohortStatistics(
        int(year),
        count("certified"),
        count("certified_vae"),
        rate("insertion_6m_overall"),
        rate("insertion_6m_job"),
        rate("insertion_2y_job"),
    )


def _value(text: str | None) -> str | None:
    text = (text or "").strip()
    return None if text in _DASHES or not text else text


def is_header(line: Line) -> bool:
    """A header row of the organisations' tables."""
    return key(" ".join(line.cells or (line.text,))).startswith("nom legal siret")


def rows(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if not is_header(line)]
