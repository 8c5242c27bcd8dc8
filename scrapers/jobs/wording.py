"""Vocabularies written as text: one expression a line, or words apart by blanks."""

from __future__ import annotations

import re

from kb.identity import fold


def words(text: str) -> frozenset[str]:
    """The folded words of a text."""
    return frozenset(fold(text).split())


def any_of(lines: str) -> re.Pattern[str]:
    """A pattern for any of the expressions, one a line; to be used on folded text."""
    return re.compile("|".join(line.strip() for line in lines.split("\n") if line.strip()))
