"""The calendars at the end of a référentiel: only their totals matter."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kb.model import Hours, Remark
from scrapers.lines import Line
from scrapers.referentiels.cells import cells_of, tidy

_DAYS = re.compile(r"^(\d+)\s*jours?$", re.I)
_TOTAL = re.compile(r"(\d+)\s*jours?\b.*?\bsoit\s+(\d+(?:[.,]\d+)?)\s*h", re.I)


@dataclass(frozen=True, slots=True)
class CalendarTotal:
    """days, hours: as announced; counted: sum of the days of its months, None without them."""

    days: int
    hours: float
    counted: int | None
    place: str


def opens_calendar(line: Line) -> bool:
    return line.cells is None and bool(re.match(r"calendrier\b", tidy(line.text), re.I))


def read_calendars(lines: Iterable[Line]) -> list[CalendarTotal]:
    """The announced total of each calendar. All else is days, weeks and legends."""
    totals: list[CalendarTotal] = []
    counted: int | None = None
    for line in lines:
        months = [int(day.group(1)) for cell in cells_of(line) if (day := _DAYS.match(tidy(cell)))]
        if opens_calendar(line):
            counted = None
        elif len(months) > 1:
            counted = sum(months)
        elif total := _TOTAL.search(tidy(line.text)):
            hours = float(total.group(2).replace(",", "."))
            totals.append(CalendarTotal(int(total.group(1)), hours, counted, line.place))
            counted = None
    return totals


def check_calendars(totals: list[CalendarTotal], hours: Hours) -> list[Remark]:
    """Where a calendar contradicts itself, or all of them the volume of hours."""
    found = [
        Remark(
            each.place,
            f"{each.days} days of training are announced, the months of the calendar sum to "
            f"{each.counted}",
        )
        for each in totals
        if each.counted is not None and each.counted != each.days
    ]
    taught = sum(each.hours for each in totals)
    if totals and hours.total is not None and taught != hours.total:
        found.append(
            Remark(
                totals[-1].place,
                f"the calendars sum to {taught:g} h, {hours.total:g} h in all are announced",
            )
        )
    return found
