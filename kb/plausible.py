"""Whether an export can be a whole register, told from its counts alone."""

from __future__ import annotations

from collections.abc import Mapping

from kb.errors import ImplausibleExport
from kb.store import Counts

NEXT_STEP = (
    "The register that is held stays as it was. Wait for the next export, or check this one."
)


def plausible(
    before: Mapping[str, Counts], now: Mapping[str, Counts], expected: range | None = None
) -> None:
    """Accept the counts of an export, as `Store.refresh` gives them to its `check`.

    Args:
        before: by register ("rncp", "rs"), what is held. now: what the export gives.
        expected: range of the number of sheets of a full export; None for one that may be a part.
    Raises:
        ImplausibleExport: a register shrinks by more than a fifth, its active sheets by more
            than a third; no sheet at all; of a full export, a number of sheets outside of
            `expected`, or a register without an active sheet.
    """
    sheets = sum(counts.sheets for counts in now.values())
    if not sheets:
        raise ImplausibleExport("the export gives no sheet", NEXT_STEP)
    if expected is not None and sheets not in expected:
        raise ImplausibleExport(
            f"the export gives {sheets} sheets, a full one {expected.start} to {expected.stop - 1}",
            NEXT_STEP,
        )
    for register, counts in sorted(now.items()):
        held = before.get(register, Counts(0, 0))
        if 5 * counts.sheets < 4 * held.sheets:
            raise ImplausibleExport(
                f"{register} has {counts.sheets} sheets where {held.sheets} are held: "
                "more than a fifth would be lost",
                NEXT_STEP,
            )
        if 3 * counts.active < 2 * held.active or (expected is not None and not counts.active):
            raise ImplausibleExport(
                f"{register} has {counts.active} active sheets of {counts.sheets} "
                f"where {held.active} are held",
                NEXT_STEP,
            )
