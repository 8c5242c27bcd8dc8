"""The words of the pages, in French or English: strings, dates, numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

LANGUAGES = ("fr", "en")
FOLDER = Path(__file__).parent / "locale"
_THOUSANDS = {"fr": "\u202f", "en": ","}
_BEFORE_UNIT = {"fr": "\u00a0", "en": ""}


@dataclass(frozen=True, slots=True)
class Language:
    """One interface language. `code` is its HTML `lang`; `strings` its catalogue."""

    code: str
    strings: Mapping[str, str]

    def t(self, key: str, **values: object) -> str:
        """The string of `key`, its {names} filled in.

        Raises:
            KeyError: a key that the catalogue does not have.
        """
        return self.strings[key].format(**values)

    def count(self, key: str, n: int) -> str:
        """`key.one` or `key.other`, with {n}. Zero is singular in French, plural in English."""
        single = n == 1 or (n == 0 and self.code == "fr")
        return self.t(f"{key}.{'one' if single else 'other'}", n=self.number(n))

    def date(self, day: date | None) -> str | None:
        """`24 septembre 2028`, `24 September 2028`; the first of a French month is `1er`."""
        if day is None:
            return None
        number = "1er" if day.day == 1 and self.code == "fr" else str(day.day)
        return f"{number} {self.t(f'month.{day.month}')} {day.year}"

    def number(self, value: float | None) -> str | None:
        """At most two decimals, none where it is whole: `1 000`, `52,5`."""
        if value is None:
            return None
        text = f"{value:,.2f}".rstrip("0").rstrip(".")
        if self.code == "fr":
            text = text.replace(",", "\0").replace(".", ",")
        return text.replace("\0", _THOUSANDS[self.code])

    def percent(self, value: float | None) -> str | None:
        """A rate of 0 to 100, to the whole percent it was published with, else two decimals."""
        number = self.number(value)
        return None if number is None else f"{number}{_BEFORE_UNIT[self.code]}%"

    def share(self, value: float) -> str:
        """A share of 0 to 1 as whole percent."""
        return f"{round(value * 100)}{_BEFORE_UNIT[self.code]}%"

    def hours(self, value: float | None) -> str | None:
        """Decimal hours as hours and minutes: 52.5 is `52 h 30`."""
        if value is None:
            return None
        whole, minutes = divmod(round(value * 60), 60)
        rest = f"\u00a0{minutes:02d}" if minutes else ""
        return f"{self.number(whole)}\u00a0h{rest}"

    def money(self, value: float | None, currency: str) -> str | None:
        """`32 000 €`, `€32,000`."""
        number = self.number(value)
        if number is None:
            return None
        sign = "€" if currency == "EUR" else currency
        return f"{number}\u00a0{sign}" if self.code == "fr" else f"{sign}{number}"

    def yes_no(self, value: bool | None) -> str | None:
        return None if value is None else self.t("yes" if value else "no")


@cache
def language(code: str) -> Language:
    """The language of that code, "fr" or "en"."""
    text = (FOLDER / f"{code}.json").read_text("utf-8")
    return Language(code, json.loads(text))


def choose(asked: str | None, kept: str | None, accepted: str | None) -> Language:
    """The language that the address asks for, else the one chosen before, else the browser's.

    Args:
        asked: `lang` of the address. kept: the visitor's cookie. accepted: Accept-Language.
    Returns:
        French where none of them names a language that we have.
    """
    for wish in (asked, kept):
        if wish in LANGUAGES:
            return language(wish)
    return language(next((code for code in _preferred(accepted or "") if code in LANGUAGES), "fr"))


def _preferred(accepted: str) -> list[str]:
    """Primary language tags of an Accept-Language header, the most wanted first."""
    wishes = []
    for part in accepted.split(","):
        tag, _, quality = part.strip().partition(";")
        weight = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", quality)
        wishes.append((-(float(weight.group(1)) if weight else 1.0), tag.split("-")[0].lower()))
    return [tag for weight, tag in sorted(wishes, key=lambda wish: wish[0]) if weight < 0]
