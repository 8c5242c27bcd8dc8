"""A small grammar of administrative French, from the words in `vocabulary.json`.

A template is text with slots: `{T}` a thing, `{D}` a document, `{A}` an activity, `{P}` people,
`{I}` a fact, each a noun phrase with its article; `{T+}` the same after "de" or "à", contracted
("du", "aux"), and after a noun with "de" put before; `{vT}` a verb that takes a thing, `{xT}` the
same in the third person, `{nT}` its noun; `{L}` a place, `{J}` a job, `{F}` and `{f}` the field
with and without articles, `{M}` a means, `{Q}` a purpose; `{n}`, `{m}`… figures. `|C` writes a
capital.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

WORDS: dict[str, Any] = json.loads(Path(__file__).with_name("vocabulary.json").read_text("utf-8"))
KINDS = {"T": "things", "D": "documents", "A": "activities", "P": "people", "I": "facts"}
_SLOT = re.compile(r"(?:\b(de|à) )?\{([A-Za-z]+)(\+?)(\|C)?\}")
_PAIR = re.compile(r"\{([vx])([TDAPI])(\|C)?\} \{\2\}")  # a verb and its object are one slot
_VOWELS = frozenset("aeiouéèêàâîôûh")
_IRREGULAR = {
    "mettre": "met", "soumettre": "soumet", "transmettre": "transmet", "maintenir": "maintient",
    "entretenir": "entretient", "tenir": "tient", "soutenir": "soutient", "prévenir": "prévient",
    "intervenir": "intervient", "lire": "lit", "construire": "construit", "suivre": "suit",
    "co-construire": "co-construit", "produire": "produit", "conduire": "conduit",
    "traduire": "traduit", "répondre": "répond", "rendre": "rend", "prendre": "prend",
    "recueillir": "recueille", "accueillir": "accueille", "promouvoir": "promeut",
    "convaincre": "convainc", "faire": "fait", "extraire": "extrait", "concevoir": "conçoit",
}  # fmt: skip
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip
# Sounds of invented names of products and programmes: real sheets are full of proper names.
_SOUNDS = (
    "va", "lo", "mi", "ra", "té", "ko", "sy", "na", "du", "pri", "cle", "for", "gal", "ber", "vio",
    "dex", "tis", "nor", "mel", "ou", "ar", "in", "ste", "cam", "pho", "rin", "zel", "quo", "lys",
)  # fmt: skip


def capital(text: str) -> str:
    """With a capital letter; the rest as it is."""
    return text[:1].upper() + text[1:]


def after(preposition: str, phrase: str) -> str:
    """`de` or `à` and a noun phrase: "du plan", "aux clients", "de l'état"."""
    de = preposition == "de"
    if phrase.startswith("le "):
        return ("du " if de else "au ") + phrase[3:]
    if phrase.startswith("les "):
        return ("des " if de else "aux ") + phrase[4:]
    return f"{preposition} {phrase}"


def bare(phrase: str) -> str:
    """Without its articles: "la mode et le textile" -> "mode et textile"."""
    return re.sub(r"\b(?:l'|l[ea]s? )", "", phrase)


def third_person(verb: str) -> str:
    """Present of an infinitive with its complements: "mettre en place" -> "met en place"."""
    found = re.fullmatch(r"(s'|se )?([\w-]+)(.*)", verb)
    assert found is not None
    pronoun, infinitive, rest = found[1] or "", found[2], found[3]
    stem = infinitive[:-2]
    if infinitive in _IRREGULAR:
        present = _IRREGULAR[infinitive]
    elif infinitive.endswith("ir"):
        present = stem + "it"
    elif infinitive.endswith(("oyer", "uyer")):
        present = stem[:-1] + "ie"
    else:
        # gérer -> gère, relever -> relève; clusters such as -gr- count as one consonant.
        stem = re.sub(r"[ée](?=(?:[bcdfglmnprstv]|[bcdfgpt][lr]|qu|gn)$)", "è", stem)
        present = stem + "e"
    return f"{pronoun}{present}{rest}"


_PAIRED = 0.22  # share of the verbs that have two objects
Picked = list[str]
"""Strings of which one is drawn."""


@dataclass(frozen=True, slots=True)
class Field:
    """The words of one field, each noun phrase as it is, after "de" and after "à"."""

    name: str
    codes: dict[str, tuple[str, str]]
    phrases: dict[str, dict[str, Picked]]
    jobs: Picked

    @classmethod
    def of(cls, words: dict[str, Any]) -> Field:
        lists = {letter: words[kind] for letter, kind in KINDS.items()} | {"F": [words["name"]]}
        forms = {
            letter: {"": phrases} | {p: [after(p, each) for each in phrases] for p in ("de", "à")}
            for letter, phrases in lists.items()
        }
        plain = {"L": words["places"], "J": words["jobs"], "f": [bare(words["name"])]}
        forms |= {letter: {"": phrases} for letter, phrases in plain.items()}
        codes = {kind: tuple(words[kind]) for kind in ("nsf", "rome", "formacode")}
        return cls(words["name"], codes, forms, words["jobs"])


FIELDS = [Field.of(words) for words in WORDS["fields"]]


def _figures(rng: Random) -> dict[str, Callable[[], str]]:
    pick = rng.randrange

    def day() -> str:
        return f"{pick(1, 29)} {_MONTHS[pick(12)]} {pick(2002, 2027)}"

    def name() -> str:
        return capital("".join(_SOUNDS[pick(len(_SOUNDS))] for _ in range(pick(2, 5))))

    return {
        "n": lambda: str(pick(1, 40) * 5),
        "m": lambda: str(pick(2, 19) * 5),
        "h": lambda: str(pick(1, 7)),
        "d": lambda: str(pick(2, 6)),
        "a": lambda: str(pick(16, 21)),
        "y": lambda: str(pick(2008, 2027)),
        "num": lambda: str(pick(12, 1890)),
        "date": day,
        "N": name,
    }


class Template:
    """A template cut into fixed text and slots: (name, preposition to contract with, capital)."""

    def __init__(self, text: str) -> None:
        self.parts: list[str | tuple[str, str, bool]] = []
        text = _PAIR.sub(r"{\1\2\3}", text)
        at = 0
        for slot in _SLOT.finditer(text):
            preposition, name, plus, upper = slot.groups()
            fixed = text[at : slot.start()]
            contracts = bool(plus) or (preposition == "de" and name[0] in "vF")
            if preposition and not contracts:
                fixed += f"{preposition} "
            self.parts.append(fixed)
            self.parts.append((name, (preposition or "de") if contracts else "", bool(upper)))
            at = slot.end()
        self.parts.append(text[at:])
        self.parts = [part for part in self.parts if part]


TEMPLATES: dict[str, list[Template]] = {
    name: [Template(text) for text in texts]
    for name, texts in WORDS.items()
    if isinstance(texts, list) and name != "fields"
}
_NOUNS: dict[str, Picked] = {x: WORDS["nominal"][kind] for x, kind in KINDS.items()}


def _verb(verb: str) -> tuple[str, str]:
    """(what is said of the verb, preposition that contracts with its object)."""
    if not verb.endswith("+"):
        return f"{verb} ", ""
    head, _, preposition = verb[:-1].rpartition(" ")
    return f"{head} ", preposition


_VERBS = {x: [_verb(verb) for verb in WORDS["verbs"][kind]] for x, kind in KINDS.items()}
_PRESENT = {x: [(third_person(v), p) for v, p in verbs] for x, verbs in _VERBS.items()}


class Speaker:
    """Says sentences on one field; the same for the same random numbers."""

    def __init__(self, field: Field, rng: Random) -> None:
        self.field = field
        self.rng = rng
        self._figures = _figures(rng)

    def pick(self, texts: Picked) -> str:
        return texts[int(self.rng.random() * len(texts))]

    def one(self, name: str) -> str:
        """A template of this name, filled."""
        templates = TEMPLATES[name]
        return self.fill(templates[int(self.rng.random() * len(templates))])

    def fill(self, template: Template) -> str:
        random, phrases = self.rng.random, self.field.phrases
        said = []
        for part in template.parts:
            if isinstance(part, str):
                said.append(part)
                continue
            name, form, upper = part
            first = name[0]
            if name in phrases:
                table = phrases[name][form]
                text = table[int(random() * len(table))]
            elif first == "n" and len(name) == 2:
                table = _NOUNS[name[1]]
                text = table[int(random() * len(table))]
            elif first in "vx":
                verbs = (_VERBS if first == "v" else _PRESENT)[name[1]]
                # Some verbs stand everywhere, most are rare: the first ones are drawn more.
                chance = random()
                verb, contracted = verbs[int(chance * chance * len(verbs))]
                table = phrases[name[1]][contracted]
                text = verb + table[int(random() * len(table))]
                if random() < _PAIRED:
                    second = table[int(random() * len(table))]
                    text += f" et {second}" if second not in text else ""
                if form:
                    text = ("d'" if text[0] in _VOWELS else "de ") + text
            elif first in "MQ":
                text = self.tail("means" if first == "M" else "purposes")
            else:
                text = self._figures[name]()
            said.append(text[:1].upper() + text[1:] if upper else text)
        return "".join(said)

    def tail(self, name: str) -> str:
        """A means or a purpose: one in seven is a set phrase."""
        return self.one(f"{name}_fixed" if self.rng.random() < 0.15 else name)

    def sentence(self, name: str) -> str:
        """A template of this name, often with a means or a purpose after it."""
        said, random = self.one(name), self.rng.random
        if random() < 0.5:
            said += ", " + self.tail("means")
        if random() < 0.4:
            said += " " + self.tail("purposes")
        return said

    def competency(self, wordy: float = 1.0) -> str:
        """A sentence of three to forty words: what is done, where, by which means, what for.

        Args:
            wordy: how much likelier than usual it has a means and a purpose.
        """
        random = self.rng.random
        said = self.fill(_CORES[int(random() * len(_CORES))])
        if random() < 0.14:
            said += " et " + self.fill(_SECONDS[int(random() * len(_SECONDS))])
        if random() < 0.16:
            said += " " + self.pick(self.field.phrases["L"][""])
        if random() < 0.03:
            said += " " + self.one("named")
        if random() < 0.42 * wordy:
            said += (" " if random() < 0.4 else ", ") + self.tail("means")
            if random() < 0.2 * wordy:
                said += " et " + self.tail("means")
        if random() < 0.42 * wordy:
            said += (" " if random() < 0.6 else ", ") + self.tail("purposes")
        return said


_CORES = [Template(f"{{v{x}|C}} {{{x}}}") for x in "TTTDDAAAPPIII"]
_SECONDS = [Template(f"{{v{x}}} {{{x}}}") for x in "TDAPI"]
