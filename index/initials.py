"""The short names by which people call a title: MCO, SP3S, DEAES; its name without its options."""

from __future__ import annotations

import re
from itertools import groupby

from index.lexical import STOP_WORDS
from kb.identity import fold

_HEAD = re.compile(r"\s*(?:[:(,/]|\s[-–]\s|\b(?:option|parcours|mention|specialite)\b)")
_WORD = re.compile(r"[^\W\d_]+")
_LENGTHS = range(2, 7)


def initials(title: str) -> tuple[str, ...]:
    """`Management commercial opérationnel : …` -> ("mco", "demco").

    Of the words before an option or a subtitle, small words left out, folded; a run of one letter
    also as people count it ("sp3s"); and with the "DE" that State diplomas are called by, which
    their titles leave out. () where there are fewer than two letters or more than six.
    """
    words = _WORD.findall(_HEAD.split(fold(title), maxsplit=1)[0])
    letters = "".join(word[0] for word in words if word not in STOP_WORDS)
    if len(letters) not in _LENGTHS:
        return ()
    runs = [(letter, len(list(run))) for letter, run in groupby(letters)]
    counted = "".join(letter if n == 1 else f"{n}{letter}" for letter, n in runs)
    return tuple(dict.fromkeys((letters, counted, f"de{letters}")))


def is_name_of(phrase: str, title: str) -> bool:
    """Whether a title is this phrase, be it with an option or a subtitle behind it.

    `Management commercial opérationnel` names `Management commercial opérationnel : …`.
    """
    name, whole = fold(phrase).strip(), fold(title)
    rest = whole[len(name) :]
    return whole.startswith(name) and (not rest.strip() or _HEAD.match(rest) is not None)
