"""A sentence in its clauses: the core of a competency, and the parts that can be evidence."""

from __future__ import annotations

import functools
import re
from itertools import pairwise

from kb.model import Span

# Where the tail of a competency starts: its manner ("en …ant"), purpose ("afin de"), ground.
_TAIL = re.compile(
    r"""[\s,;]*(?<!\w)(?:
        en\ (?:s['’]|l['’]|leurs?\ |les?\ |la\ |y\ |se\ |en\ )?(?!tant\b|dehors\b)\w+ant\b
      | en\ (?:lien|relation|collaboration|cohérence|accord|conformité|tenant)\b
      | en\ vue\ d | en\ fonction\ d | tout\ en\ | compte\ tenu
      | afin\ (?:de|d['’]|qu) | de\ (?:manière|façon|sorte)\ (?:à|que)
      | pour\ (?:l[ae]s?\ |l['’]|y\ |se\ |s['’])?\w+(?:er|ir|re)\b
      | dans\ (?:le|un)\ (?:but|objectif|cadre|respect|souci)\b | dans\ l['’]objectif\b
      | à\ l['’]aide\ d | au\ moyen\ d | grâce\ à | à\ partir\ d | sur\ la\ base\ d
      | conformément\ à | selon\ | notamment\ | sous\ (?:la\ responsabilité|le\ contrôle)\b
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_LEAST = 3
"""Words before a tail may start: a shorter beginning says nothing by itself."""

_BREAK = re.compile(r"[,;:•()]\s*|\s[-–—]\s|\.\s+|\s(?=(?:et|ou|ainsi que)\s)", re.IGNORECASE)


def core(text: str) -> str:
    """`Gérer les stocks en anticipant…, afin de…` -> `Gérer les stocks`.

    A tail that comes first ("En réalisant…, préparer…") is passed over. A text without a tail
    is its own core.
    """
    start, end = core_span(text)
    return text[start:end]


@functools.lru_cache(maxsize=16_384)
def core_span(text: str) -> Span:
    """Place of the core clause in the text, ends stripped of blanks and punctuation."""
    start = 0
    opening = _TAIL.match(text)
    if opening and "," in text:
        # The main verb follows the last comma of an opening such as "En veillant à…, en …ant…,".
        for comma in re.finditer(r",\s*", text):
            start = comma.end()
            if not _TAIL.match(text, start) and re.match(r"\w+(?:er|ir|re)\b", text[start:]):
                break
        else:
            start = 0
    end = len(text)
    for tail in _TAIL.finditer(text, start + 1):
        if len(text[start : tail.start()].split()) >= _LEAST:
            end = tail.start()
            break
    return _strip(text, start, end)


@functools.lru_cache(maxsize=16_384)
def clauses(text: str) -> tuple[Span, ...]:
    """The clauses of a text in order: cut at punctuation, "et", "ou", and before each tail."""
    cuts = {0, len(text)}
    for match in _BREAK.finditer(text):
        cuts.add(match.end())
    for tail in _TAIL.finditer(text):
        cuts.add(tail.start())
    ordered = sorted(cuts)
    spans = (_strip(text, a, b) for a, b in pairwise(ordered))
    return tuple(span for span in spans if span[1] > span[0])


def _strip(text: str, start: int, end: int) -> Span:
    while start < end and not (text[start].isalnum() or text[start] in '"«'):
        start += 1
    while end > start and not (text[end - 1].isalnum() or text[end - 1] in '"»)+#%'):
        end -= 1
    return start, end
