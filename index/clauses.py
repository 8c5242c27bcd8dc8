"""A sentence in its clauses: the core of a competency, and the parts that can be evidence."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from itertools import pairwise

from kb.model import Span

# Where the tail of a competency starts: its manner ("en …ant"), purpose ("afin de"), ground.
_TAIL = re.compile(
    r"""(?<!\w)(?:
        en\ (?:s['’]|l['’]|leurs?\ |les?\ |la\ |y\ |se\ |en\ )?(?!tant\b|dehors\b)\w+ant\b
      | en\ (?:lien|relation|collaboration|cohérence|accord|conformité|tenant)\b
      | en\ vue\ d | en\ fonction\ d | tout\ en\ | compte\ tenu
      | afin\ (?:de|d['’]|qu) | de\ (?:manière|façon|sorte)\ (?:à|que)
      | pour\ (?:l[ae]s?\ |l['’]|y\ |se\ |s['’])?\w+(?:er|ir|re)\b
      | dans\ (?:le|un)\ (?:but|objectif|cadre|respect|souci)\b | dans\ l['’]objectif\b
      | à\ l['’]aide\ d | au\ moyen\ d | grâce\ à | à\ partir\ d | sur\ la\ base\ d
      | conformément\ à | selon\ | notamment\ | sous\ (?:la\ responsabilité|le\ contrôle)\b
    )""",
    re.VERBOSE,
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
    if "," in text and _opens(text, 0):
        # The main verb follows the last comma of an opening such as "En veillant à…, en …ant…,".
        for comma in re.finditer(r",\s*", text):
            start = comma.end()
            if not _opens(text, start) and re.match(r"\w+(?:er|ir|re)\b", text[start:]):
                break
        else:
            start = 0
    end = len(text)
    for tail in _tails(text, start + 1):
        if len(text[start:tail].split()) >= _LEAST:
            end = tail
            break
    return _strip(text, start, end)


@functools.lru_cache(maxsize=16_384)
def clauses(text: str) -> tuple[Span, ...]:
    """The clauses of a text in order: cut at punctuation, "et", "ou", and before each tail."""
    cuts = {0, len(text)}
    for match in _BREAK.finditer(text):
        cuts.add(match.end())
    cuts.update(_tails(text, 0))
    ordered = sorted(cuts)
    spans = (_strip(text, a, b) for a, b in pairwise(ordered))
    return tuple(span for span in spans if span[1] > span[0])


def _tails(text: str, start: int) -> Iterator[int]:
    """Where tails start, from `start` on: at the blanks and commas before them."""
    last = start
    for tail in _TAIL.finditer(_lowered(text), start):
        at = tail.start()
        while at > last and (text[at - 1] in ",;" or text[at - 1].isspace()):
            at -= 1
        yield at
        last = tail.end()


def _opens(text: str, start: int) -> bool:
    """Whether a tail starts here."""
    return next(_tails(text, start), None) == start


def _lowered(text: str) -> str:
    """In lower case, character by character: ignoring case in the pattern takes twice the time."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(c.lower()[:1] for c in text)


def _strip(text: str, start: int, end: int) -> Span:
    while start < end and not (text[start].isalnum() or text[start] in '"«'):
        start += 1
    while end > start and not (text[end - 1].isalnum() or text[end - 1] in '"»)+#%'):
        end -= 1
    return start, end
