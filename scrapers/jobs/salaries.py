"""French sentences about pay -> amounts, with their experience, period and year apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kb.identity import fold
from kb.model import Salary
from scrapers.jobs.wording import any_of

_NUMBER = r"\d{1,3}(?:[ .]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d{1,2})?(?!\d)"
_UNIT = r"k\s?€|k\s?euros?\b|keur\b|€|euros?\b|eur\b"
_QUALIFIER = r"(?:\s*(?:bruts?|nets?|annuels?|mensuels?))*"
_AMOUNTS = re.compile(
    rf"(?<![\d,.])(?P<low>{_NUMBER})\s*(?P<low_unit>{_UNIT}|k\b)?{_QUALIFIER}"
    rf"(?:\s*(?:à|et|a|ou|-|–|—|/)\s*|(?<=[€rR])\s+)(?P<high>{_NUMBER})\s*(?P<high_unit>{_UNIT})"
    rf"|(?<![\d,.])(?P<one>{_NUMBER})\s*(?P<one_unit>{_UNIT})",
    re.IGNORECASE,
)
# "sur 13 mois", "6 mois d'essai", "13e mois": durations, not what an amount is paid for.
_DURATION = re.compile(r"\d+(?:[.,]\d)?\s*(?:e|eme|er)?\s*mois")
_PERIODS = {
    "hour": re.compile(r"(?:de l'|par |/ ?|l')heure\b|/ ?h\b|\bhoraire\b"),
    "month": re.compile(r"(?:par |/ ?|au |le )mois\b|mensuel"),
    "year": re.compile(r"(?:par |/ ?|l')an\b|annuel|(?:par |l')annee\b|/ ?annee\b"),
}
_EXPERIENCE = re.compile(
    r"débutant(?:e|·e|\(e\))?s?|juniors?\b|jeunes? diplômée?s?|expérimentée?s?|confirmée?s?"
    r"|seniors?\b|(?:fin|début|milieu|cours) de carrière"
    r"|(?:plusieurs|quelques|premières|\d+(?: à \d+)?) an(?:née)?s? d['’](?:expérience|ancienneté)"
    r"|(?:après|au bout de) (?:environ )?[\w-]+(?: à [\w-]+)? ans",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:en|année|chiffres?) (20\d\d)\b(?!\s*(?:€|euro|k))", re.IGNORECASE)
_PAY = any_of(r"""
salair|salari(?:al|aux)|remuner|gagn|package|\bbruts?\b|\bnets?\b|\bfixe\b|smic|revenu|traitement
taux horaire|percoi|paye|appointement|fourchette
""")
# Amounts that go with a job and are not its pay.
_BENEFIT = any_of(r"""
ticket|titre.?resto|titre.?rest|panier|prime|indemnit|mutuelle|\bcse\b|cheque|rembours|transport
repas|teletravail|participation|interessement|budget|commission|chiffre d'affaires|parrain
cooptation|million|milliard|forfait|cout|facture|capital|investi|subvention|bourse|gratification
""")
# Sentences that sell something to the reader of the page.
_PROMOTION = re.compile(r"si vous\b|.*\bnos (?:conseill|formul|packages|tarifs|services)")
_CLAUSE = re.compile(r"[,;]\s|\s(?:et|puis|tandis|alors|contre|jusqu'à)\s")


@dataclass(frozen=True, slots=True)
class PayContext:
    """What headings and lead-ins say about the lines under them.

    in_section: the line stands in a part about pay. year: of the figures of a list.
    """

    in_section: bool = False
    experience: str | None = None
    year: int | None = None


def experience_in(text: str) -> str | None:
    """The experience that a text speaks of, as said: "débutants", "fin de carrière"."""
    found = _EXPERIENCE.search(text)
    return found[0] if found else None


def year_in(text: str) -> int | None:
    """The year of the figures, where the text says one."""
    found = _YEAR.search(text)
    return int(found[1]) if found else None


def read_salaries(sentence: str, place: str, context: PayContext) -> Iterator[Salary]:
    """The salary statements of one sentence; nothing for amounts that are no pay.

    Amounts are in euros: "35 k€" is 35000. One amount is both ends, unless the sentence says
    "à partir de" (no upper end) or "jusqu'à" (no lower one). An unsaid period stays unknown.
    """
    if _PROMOTION.match(fold(sentence)):
        return
    found = list(_AMOUNTS.finditer(sentence))
    for index, match in enumerate(found):
        start = _clause_start(sentence, found[index - 1].end(), match.start()) if index else 0
        end = len(sentence)
        if index + 1 < len(found):
            end = _clause_start(sentence, match.end(), found[index + 1].start())
        clause = sentence[start:end]
        before, after = fold(sentence[start : match.start()]), fold(sentence[match.end() : end])
        if not _is_pay(before, after, fold(sentence), context):
            continue
        low, high = _range(match, before, after)
        period = _period(after, before) or _period(fold(sentence), "")
        if not _plausible(low or high or 0, period):
            continue
        yield Salary(
            text=sentence,
            experience=experience_in(clause) or context.experience,
            min=low,
            max=high,
            period=period,
            year=year_in(sentence) or context.year,
            place=place,
        )


def _clause_start(sentence: str, start: int, end: int) -> int:
    """Where the clause of the next amount starts, between two amounts."""
    parted = _CLAUSE.search(sentence, start, end)
    return parted.start() if parted else start


def _is_pay(before: str, after: str, sentence: str, context: PayContext) -> bool:
    pay = max((match.start() for match in _PAY.finditer(before)), default=-1)
    benefit = max((match.start() for match in _BENEFIT.finditer(before)), default=-1)
    if benefit > pay:
        return False
    if _BENEFIT.match(after[:25].lstrip(" de'")):
        return False
    if context.in_section or pay >= 0:
        return True
    return bool(_PAY.search(sentence)) and _BENEFIT.search(after) is None


def _range(match: re.Match[str], before: str, after: str) -> tuple[float | None, float | None]:
    if match["one"]:
        value = _amount(match["one"], match["one_unit"])
        if re.search(
            r"(?:a partir d|des |minimum|au moins|plus d|superieure? a)[^,;]{0,12}$", before
        ):
            return value, None
        if re.match(r"[^,;]{0,20}(?:minimum|et plus)", after):
            return value, None
        if re.search(r"(?:jusqu'a|maximum|au plus|pas)[^,;]{0,8}$", before):
            return None, value
        return value, value
    low = _amount(match["low"], match["low_unit"] or "")
    high = _amount(match["high"], match["high_unit"])
    if low < 1000 <= high and high / 1000 >= low and "k" in match["high_unit"].lower():
        low *= 1000  # "35-40 k€": the unit is said once
    return (low, high) if low <= high else (high, low)


def _amount(number: str, unit: str) -> float:
    plain = re.sub(r"[ .](?=\d{3})", "", number).replace(",", ".")
    return float(plain) * (1000 if "k" in unit.lower() else 1)


def _period(after: str, before: str) -> str | None:
    """The period said first after an amount, else last before it."""
    for text, last in ((after, False), (before, True)):
        text = _DURATION.sub(" ", text)
        said = [
            (match.start(), period)
            for period, pattern in _PERIODS.items()
            for match in pattern.finditer(text)
        ]
        if said:
            return max(said)[1] if last else min(said)[1]
    return None


def _plausible(amount: float, period: str | None) -> bool:
    """Pay of that order exists: a bonus or a price is not read as pay."""
    match period:
        case "hour":
            return 5 <= amount <= 500
        case "month":
            return 300 <= amount <= 50_000
        case "year":
            return 5_000 <= amount <= 1_000_000
        case _:
            return 900 <= amount <= 1_000_000
