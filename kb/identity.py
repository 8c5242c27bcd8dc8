"""Identifiers from the source's own key, and the keys by which two texts count as one."""

from __future__ import annotations

import functools
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

_NOT_WORD = re.compile(r"[^0-9a-z]+")
# The same for what is ASCII, by `str.translate`: a quarter of the time.
_TO_BLANK = {code: " " for code in range(128) if not re.match("[0-9a-z]", chr(code))}
# "(H/F)", "(h/f/x)", "F/H", "H/F/X": who may apply, no part of a job's name.
_GENDER_MARK = re.compile(r"\(?\b[hfmx](?:\s*/\s*[hfmx]){1,2}\b\)?", re.IGNORECASE)
# "assistant(e)", "chargé·e", "technicien.ne": the feminine ending glued to the masculine form.
_INCLUSIVE = re.compile(
    r"(?<=\w)(?:\((?:e|ne|se|trice|euse|ère|le|ive)s?\)|[·.•](?:e|ne|se|trice|euse|ère|le|ive)s?\b)",
    re.IGNORECASE,
)


# The accents of French, apart from their letters: grave, acute, circumflex, diaeresis, cedilla.
_ACCENTS = "\u0300\u0301\u0302\u0308\u0327"


class _Unmarked(dict[int, int | None]):
    """For `str.translate`: drops what combines with another character."""

    def __missing__(self, code: int) -> int | None:
        self[code] = kept = None if unicodedata.combining(chr(code)) else code
        return kept


_UNMARKED = _Unmarked()


def fold(text: str) -> str:
    """Lower case, without accents, ligatures opened: for comparing, never for showing."""
    text = text.casefold()
    if text.isascii():
        return text
    text = text.replace("œ", "oe").replace("æ", "ae").replace("’", "'")
    text = unicodedata.normalize("NFKD", text)
    for accent in _ACCENTS:
        text = text.replace(accent, "")
    return text if text.isascii() else text.translate(_UNMARKED)


@functools.lru_cache(maxsize=4096)
def text_key(text: str) -> str:
    """Equal for texts that differ only in case, accents, blanks and punctuation."""
    text = fold(text)
    if text.isascii():
        return " ".join(text.translate(_TO_BLANK).split())
    return _NOT_WORD.sub(" ", text).strip()


def without_gender_mark(text: str) -> str:
    """`Assistant(e) commercial (H/F)` -> `Assistant commercial`: who may apply is no content."""
    # Few texts have a sign that either form needs; looking for it costs a tenth of the search.
    if "/" in text:
        text = _GENDER_MARK.sub(" ", text)
    if any(sign in text for sign in "(·.•"):
        text = _INCLUSIVE.sub("", text)
    return text


def slug(title: str) -> str:
    """`Office Manager` -> `office-manager`; gender marks fall away."""
    return _NOT_WORD.sub("-", fold(_masculine(title))).strip("-")


@functools.lru_cache(maxsize=1024)
def job_key(title: str) -> str:
    """Equal for one job's titles in either gender, whatever case and punctuation.

    Seniority stays: "Office manager junior" is another job than "Office manager".
    """
    return slug(title)


def _masculine(title: str) -> str:
    """`Assistant / Assistante de direction (H/F)` -> `Assistant de direction`."""
    title = without_gender_mark(title)
    if "/" in title:
        left, _, right = title.partition("/")
        left_words, right_words = left.split(), right.split()
        if left_words and right_words and _same_stem(left_words[-1], right_words[0]):
            # "Assistant / Assistante de direction": the tail belongs to both forms.
            title = " ".join(left_words + right_words[1:])
        elif left_words and right_words and _same_stem(left_words[0], right_words[0]):
            # "Assistant commercial / Assistante commerciale": two whole forms.
            title = left
    return " ".join(title.split())


def _same_stem(one: str, other: str) -> bool:
    one, other = fold(one), fold(other)
    shared = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        shared += 1
    return shared >= 3 and shared >= min(len(one), len(other)) - 3


_LA_POSTE = "356000000"


@functools.lru_cache(maxsize=2**14)
def is_siret(digits: str) -> bool:
    """14 digits that pass Luhn; those of La Poste need only a sum that 5 divides."""
    if not re.fullmatch(r"[0-9]{14}", digits):
        return False
    if digits.startswith(_LA_POSTE) and sum(map(int, digits)) % 5 == 0:
        return True
    doubled = sum(2 * d - 9 if d > 4 else 2 * d for d in map(int, digits[::2]))
    return (doubled + sum(map(int, digits[1::2]))) % 10 == 0


def certification_id(number: str | None, title: str | None) -> str:
    """`rncp:RNCP41308`, `rs:RS5719`; by the title's slug where a document names no number."""
    if number:
        register = "rs" if number.upper().startswith("RS") else "rncp"
        return f"{register}:{number}"
    return f"titre:{slug(title or '')}"


def job_id(title: str) -> str:
    """`job:office-manager`."""
    return f"job:{job_key(title)}"


def nomenclature_id(scheme: str, code: str) -> str:
    """`rome:M1604`, `formacode:42872`, `esco:` and the last part of the published address."""
    return f"{scheme}:{code.upper() if scheme == 'rome' else code}"


def name_id(scheme: str, name: str) -> str:
    """`formacode-name:` and the hash of a name: equal for what a nomenclature calls alike."""
    return f"{scheme}-name:{text_hash(name)}"


def competency_ids(certification: str, competencies: Iterable[tuple[str | None, str]]) -> list[str]:
    """One identifier per (published code, text), in order.

    By the published code where it is unique within the certification, else by the hash of the
    text, so that one reworded competency is one change.
    """
    listed = list(competencies)
    times = Counter(code for code, _ in listed if code)
    return [
        f"{certification}/{code}"
        if code and times[code] == 1
        else f"{certification}/{text_hash(text)}"
        for code, text in listed
    ]


@functools.lru_cache(maxsize=4096)
def text_hash(text: str) -> str:
    """Ten hexadecimal digits of the text's key."""
    return hashlib.sha256(text_key(text).encode()).hexdigest()[:10]


_DIPLOMAS = {
    "cap": "cap",
    "certificat d aptitude professionnelle": "cap",
    "bac pro": "bac-pro",
    "baccalaureat professionnel": "bac-pro",
    "bp": "bp",
    "brevet professionnel": "bp",
    "bts": "bts",
    "brevet de technicien superieur": "bts",
    "mc": "mc",
    "mention complementaire": "mc",
    "certificat de specialisation": "mc",  # its name since 2024
}


def insertion_id(diploma: str | None, title: str | None, level: int | None) -> str | None:
    """`insertion:cap/cuisine`: equal for a diploma's figures and the sheets that bear its title.

    Mentions complémentaires of one title exist at two levels. None where the kind of diploma is
    none of those that figures are published of, or something is unknown.
    """
    kind = _DIPLOMAS.get(text_key(diploma or ""))
    if kind is None or not title or (kind == "mc" and level is None):
        return None
    return f"insertion:{kind}{level if kind == 'mc' else ''}/{text_key(title).replace(' ', '-')}"
