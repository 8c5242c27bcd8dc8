"""Remarks of reading in the visitor's language.

Sources word them in English. `locale/remarks.fr.json` has each of their sentences, with `{}` where
values stand, and the few values that are words; a test holds it to the sources.
"""

from __future__ import annotations

import json
import re
from functools import cache

from web.language import FOLDER, Language
from web.views import field_label


def said(language: Language, text: str) -> tuple[str, str]:
    """(the sentence, code of its language); in English where there is no other."""
    if language.code != "fr":
        return text, "en"
    sentences, values = _catalogue()
    for pattern, french in sentences:
        found = pattern.fullmatch(text)
        if found:
            told = [values.get(each) or _value(each) for each in found.groups()]
            if pattern is _differs():
                told[0] = field_label(language, found[1])
            return french.format(*told), "fr"
    return text, "en"


def _value(english: str) -> str:
    """`5 entries` -> `5 valeur(s)`; anything else as it is."""
    return re.sub(r"^(\d+) entries$", r"\1 valeur(s)", english)


@cache
def _differs() -> re.Pattern[str]:
    """Whose first value is the name of a field."""
    return _pattern("{} differs: {} (kept: {})")


@cache
def _catalogue() -> tuple[list[tuple[re.Pattern[str], str]], dict[str, str]]:
    """Sentences as patterns, those with the most words of their own first."""
    told = json.loads((FOLDER / "remarks.fr.json").read_text("utf-8"))
    ordered = sorted(told["sentences"].items(), key=lambda each: -len(each[0].replace("{}", "")))
    return [(_pattern(english), french) for english, french in ordered], told["values"]


@cache
def _pattern(english: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(map(re.escape, english.split("{}"))), re.DOTALL)
