"""What is known of a question: how to name it to a reader, and the groups that it belongs to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from index.clauses import core
from index.evaluate.queries import SearchQuery
from index.rank import Thing
from kb.identity import text_key
from kb.reference import EvaluationTables

DOMAIN, LEVEL, FIELD, KIND = "ROME domain", "level", "Formacode field", "kind of query"

_ROME = re.compile(r"[A-Z]\d{4}")


class About:
    """Read from the tables at hand: a table that was not needed tells nothing."""

    def __init__(self, tables: EvaluationTables, queries: Sequence[SearchQuery] = ()) -> None:
        self._occupations = {sheet.code: sheet.title for sheet in tables.rome}
        self._fields = {term.code: term.field for term in tables.terms if term.field}
        self._kinds = {query.query: query.kind for query in queries}
        self._levels: dict[str, str] = {}
        self._domains: dict[str, str] = {}
        for number, level, rome in _certifications(tables):
            if level is not None:
                self._levels.setdefault(number, str(level))
            if rome:
                self._domains.setdefault(number, rome[0][0])
        self._titles: dict[str, str] = {}
        for title, codes in _titles(tables):
            if codes:
                self._titles.setdefault(text_key(title), codes[0][0])

    def text(self, question: Thing) -> str:
        """A code's title, the whole of a competence asked for by its core, else the title."""
        if question.key in self._occupations:
            return f"{question.key} {self._occupations[question.key]}"
        whole = [part for part in question.parts if core(part) == question.names[0]]
        return whole[0] if whole else question.names[0]

    def groups(self, question: Thing, right: Sequence[Thing]) -> Mapping[str, str]:
        """The domain of the question itself where it has one, else, like its level, the most
        frequent among what is right."""
        number = question.key.split()[0] if question.key.split() else ""
        found = {
            DOMAIN: _letter(question.key)
            or self._titles.get(text_key(question.names[0]))
            or self._domains.get(number)
            or _usual(_letter(one.key) or self._domains.get(one.key) for one in right),
            LEVEL: self._levels.get(number) or _usual(self._levels.get(r.key) for r in right),
            FIELD: _usual(self._fields.get(one.key) for one in right),
            KIND: self._kinds.get(question.key),
        }
        return {name: value for name, value in found.items() if value}


def _certifications(
    tables: EvaluationTables,
) -> Iterable[tuple[str, int | None, tuple[str, ...]]]:
    for active in tables.active:
        yield active.number, active.level, ()
    for listed in tables.certifications:
        yield listed.number, listed.level, listed.rome
    for diploma in tables.diplomas:
        for number in diploma.numbers:
            yield number, diploma.level, diploma.rome


def _titles(tables: EvaluationTables) -> Iterable[tuple[str, tuple[str, ...]]]:
    for job in tables.sheets:
        yield job.title, job.rome
    for sheet in (*tables.rome, *tables.rome4):
        for title in (sheet.title, *sheet.job_titles):
            yield title, (sheet.code,)


def _letter(key: str) -> str | None:
    return key[0] if _ROME.fullmatch(key) else None


def _usual(values: Iterable[str | None]) -> str | None:
    """The most frequent, of several the first in order."""
    times = Counter(value for value in values if value)
    return min(times, key=lambda value: (-times[value], value)) if times else None
