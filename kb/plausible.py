"""Whether an export can be a whole register, told from its counts alone."""

from __future__ import annotations

from collections.abc import Mapping

from kb.errors import ImplausibleExport
from kb.store import Counts

NEXT_STEP = (
    "The register that is held stays as it was. Wait for the next export, or check this one."
)


ACTIVE_SHARE = 10
"""At least one sheet of so many of a register is active; in 2026 it is one of 4.4."""


def plausible(
    before: Mapping[str, Counts],
    now: Mapping[str, Counts],
    expected: Mapping[str, range] | None = None,
) -> None:
    """Accept the counts of an export, as `Store.refresh` gives them to its `check`.

    Args:
        before: by register ("rncp", "rs"), what is held. now: what the export gives.
        expected: by register, the number of sheets of a full export; None for one that may be a
            part. A full export is held against it even when nothing was held before.
    Raises:
        ImplausibleExport: a register shrinks by more than a fifth, its active sheets by more
            than a third; no sheet at all; of a full export, a number of sheets outside of
            `expected`, or too few active ones.
    """
    if not any(counts.sheets for counts in now.values()):
        raise ImplausibleExport("the export gives no sheet", NEXT_STEP)
    for register, counts in sorted(now.items()):
        held = before.get(register, Counts(0, 0))
        full = None if expected is None else expected.get(register)
        if full is not None and counts.sheets not in full:
            raise ImplausibleExport(
                f"{register} has {counts.sheets} sheets in the export, a full one has "
                f"{full.start} to {full.stop - 1}",
                NEXT_STEP,
            )
        if 5 * counts.sheets < 4 * held.sheets:
            raise ImplausibleExport(
                f"{register} has {counts.sheets} sheets where {held.sheets} are held: "
                "more than a fifth would be lost",
                NEXT_STEP,
            )
        if full is not None and ACTIVE_SHARE * counts.active < counts.sheets:
            raise ImplausibleExport(
                f"{register} has {counts.active} active sheets of {counts.sheets}, a full export "
                f"more than one in {ACTIVE_SHARE}",
                NEXT_STEP,
            )
        if 3 * counts.active < 2 * held.active:
            raise ImplausibleExport(
                f"{register} has {counts.active} active sheets of {counts.sheets} "
                f"where {held.active} are held",
                NEXT_STEP,
            )


_NEXT_DELIVERY = "What is held stays as it was. Wait for the next one, or check this one."


def plausible_delivery(before: int, now: int, expected: range) -> None:
    """The same for tables that come as a whole, as `Store.deliver` asks its `check`.

    Args:
        before: certifications, else occupations, else terms, of the last delivery; 0: there was
            none. now: of this one. expected: of any.
    Raises:
        ImplausibleExport: outside of `expected`, or more than a fifth fewer than before.
    """
    if now not in expected:
        raise ImplausibleExport(
            f"it gives {now} entries, a whole one {expected.start} to {expected.stop - 1}",
            _NEXT_DELIVERY,
        )
    if 5 * now < 4 * before:
        raise ImplausibleExport(
            f"it gives {now} entries where there were {before}: more than a fifth would be lost",
            _NEXT_DELIVERY,
        )
