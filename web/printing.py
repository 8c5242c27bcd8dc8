"""Answers for a terminal: JSON or tables on standard output, progress on standard error."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

import msgspec

from kb.model import MatchReport, Remark, SearchReport, Standing
from kb.register import Dossier, Entitlement
from kb.store import Ingested, Progress, Refreshed

T = TypeVar("T")


def print_json(value: object) -> None:
    """One JSON document; dates as ISO 8601, unknown as null."""
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
    sys.stdout.buffer.flush()


def say(text: str) -> None:
    """A line for the person who watches, on standard error."""
    print(text, file=sys.stderr)


def progress(items: Sequence[T], verb: str) -> Iterable[T]:
    """The items, with a bar on standard error where that is a terminal."""
    if len(items) < 2 or not sys.stderr.isatty():
        return items
    from rich.console import Console
    from rich.progress import track

    return track(items, description=verb, console=Console(stderr=True))


@contextmanager
def download_bar(name: str) -> Iterator[Callable[[int, int | None], None]]:
    """A bar on standard error, with rate and time left; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _have, _all: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(name, total=None)
        yield lambda have, whole: bar.update(task, completed=have, total=whole)


@contextmanager
def ingestion_bars(name: str, size: int) -> Iterator[Progress]:
    """Bars on standard error, with rate and time left; nothing where that is no terminal.

    Args:
        size: bytes of the export, unpacked.
    """
    if not sys.stderr.isatty():
        yield lambda _step, _done, _whole: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = TextColumn("Writing sheets"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with ExitStack() as shown:
        read = shown.enter_context(download_bar(f"Reading {name}"))
        writing = Bars(*columns, console=Console(stderr=True))
        task = writing.add_task("", total=None)

        def tell(step: str, done: int, whole: int | None) -> None:
            if step == "reading":
                read(done, size)
                return
            if not writing.live.is_started:
                shown.enter_context(writing)
            writing.update(task, completed=done, total=whole)

        yield tell


def report(
    document: str, done: Ingested | Refreshed, unlisted: Iterable[str] = ()
) -> dict[str, Any]:
    """What was read of a document, and what was not understood, as plain values.

    changed: of an export, the sheets that are new or changed; left_out: the number of those in
    which nothing could be read; unlisted: of a whole register, what is held and not in it.
    """
    changed = done.changed if isinstance(done, Refreshed) else done.entities
    return {
        "document": document,
        "source": done.source,
        "read": list(done.entities),
        "changed": list(changed),
        "left_out": done.left_out if isinstance(done, Refreshed) else 0,
        "unlisted": list(unlisted),
        "warnings": warnings(done.remarks),
        "error": None,
    }


def warnings(remarks: Iterable[Remark]) -> list[dict[str, Any]]:
    """Remarks as plain values."""
    return [{"place": each.place, "text": each.text} for each in remarks]


def unchanged(name: str, address: str, remarks: Iterable[Remark]) -> dict[str, Any]:
    """A nomenclature that came as the last time, in the same shape."""
    told = Remark(None, f"{name} is as it was the last time; nothing was read again")
    return {
        **fault(address, ""),
        "source": name,
        "warnings": warnings([told, *remarks]),
        "error": None,
    }


def fault(document: str, error: str) -> dict[str, Any]:
    """A document that was left out, in the same shape."""
    nothing: list[str] = []
    return {
        "document": document,
        "source": None,
        "read": nothing,
        "changed": nothing,
        "left_out": 0,
        "unlisted": nothing,
        "warnings": nothing,
        "error": error,
    }


MANY = 40
"""More warnings than this are counted by their wording, more blocks are left out; `--json` has
each."""


def print_reports(reports: Sequence[dict[str, Any]]) -> None:
    """One paragraph a document; faults on standard error."""
    for each in reports:
        if each["error"]:
            say(f"{each['document']}: {each['error']}")
            continue
        read = each["read"]
        named = ", ".join(read[:5]) + (f" and {len(read) - 5} more" if len(read) > 5 else "")
        unchanged = len(read) - len(each["changed"])
        note = f" ({unchanged} unchanged)" if unchanged else ""
        if each["left_out"]:
            say(
                f"{each['document']}: error: sheets that cannot be read and were left out: "
                f"{each['left_out']}. The others were taken; download the export again."
            )
        print(f"{each['document']}: {each['source']}: {named or 'nothing'}{note}")
        if len(each["warnings"]) <= MANY:
            for warning in each["warnings"]:
                place = f"{warning['place']}: " if warning["place"] else ""
                print(f"  {place}{warning['text']}")
            continue
        # Figures and quoted values differ from sheet to sheet; the wording is what counts.
        kinds = Counter(re.sub(r"'[^']*'|\d+", "…", w["text"]) for w in each["warnings"])
        for text, times in kinds.most_common():
            print(f"  {times} times: {text}")


def say_unlisted(register: str, numbers: Sequence[str]) -> None:
    """Sheets that an export of a whole register does not list."""
    if numbers:
        named = ", ".join(numbers[:5]) + (", …" if numbers[5:] else "")
        say(
            f"{register}: sheets that are held and not in the export, kept as last told: "
            f"{len(numbers)} ({named})"
        )


def print_unknown_codes(unknown: dict[str, int]) -> None:
    """ROME codes that no version knows, and how many sheets bear them."""
    if unknown:
        named = ", ".join(f"{code} ({times})" for code, times in list(unknown.items())[:10])
        rest = f" and {len(unknown) - 10} more" if len(unknown) > 10 else ""
        print(
            f"ROME codes that no table of ROME has, with the sheets that bear them: {named}{rest}"
        )


def print_sources(answer: dict[str, Any]) -> None:
    """The kinds of document, then the documents."""
    _table(
        ("source", "publisher", "what it reads"),
        [(s["name"], s["publisher"], s["description"]) for s in answer["sources"]],
    )
    kept = [*answer["exports"], *answer["documents"]]
    if kept:
        _table(
            ("document", "source", "dated", "sheets"),
            [
                (d["address"], d["source"], d["dated"] or "unknown", str(d.get("parts", "")))
                for d in kept
            ],
        )


def print_entry(answer: dict[str, Any]) -> None:
    """A sheet to read: known fields only."""
    print(f"{answer['id']}  {answer['title'] or '(title unknown)'}")
    for name, value in answer.items():
        if name in ("id", "title", "places", "differences") or value in (None, [], {}, ""):
            continue
        if isinstance(value, dict) and "figures" in value:
            value = value["figures"]
        if isinstance(value, list):
            print(f"\n{name} ({len(value)})")
            for each in value:
                print(f"  - {_in_words(each)}")
        else:
            print(f"\n{name}: {_in_words(value)}")


def _in_words(value: Any) -> str:
    if isinstance(value, dict):
        known = {k: v for k, v in value.items() if v not in (None, [], {}, "") and k != "place"}
        return "; ".join(f"{k}: {_in_words(v)}" for k, v in known.items()) or "unknown"
    if isinstance(value, list):
        return ", ".join(_in_words(each) for each in value)
    return str(value)


def print_search(query: str, answer: SearchReport) -> None:
    """How it was read where that is not as typed, then the results, best first."""
    others = [text for text in answer.read_as if text != " ".join(query.split())]
    if others:
        print(f"Read as: {'; '.join(others)}\n")
    if not answer.results:
        print("Nothing fits.")
        return
    _table(
        ("id", "kind", "title", "level", "in force", "score"),
        [(r.id, r.kind, r.title, *_standing(r.standing), f"{r.score:.3f}") for r in answer.results],
    )


def print_match(answer: MatchReport) -> None:
    """Tasks beside what meets them, then blocks, certifications, careers, and the gaps."""
    for task in answer.tasks:
        print(f"\n{_short(task.text, 110)}")
        for match in task.matches[:2]:
            where = match.block or match.certification
            print(f"  {match.score:.2f}  {match.band:<7}  {where}  {_short(match.text, 90)}")
        if not task.matches:
            print("  nothing fits")
    total = len(answer.tasks)
    if answer.blocks:
        print()
        _table(
            ("block", "title", "level", "in force", "tasks covered", "perhaps"),
            [
                (
                    b.code,
                    b.title or "",
                    *_standing(b.standing),
                    f"{len(b.covered)} of {total}",
                    str(len(b.unclear)),
                )
                for b in answer.blocks[:10]
            ],
        )
    if answer.certifications:
        _table(
            ("certification", "title", "level", "in force", "tasks covered", "perhaps"),
            [
                (
                    c.number,
                    c.title or "",
                    *_standing(c.standing),
                    f"{len(c.covered)} of {total}",
                    str(len(c.unclear)),
                )
                for c in answer.certifications[:10]
            ],
        )
    if answer.careers:
        _table(
            ("career", "title", "shared missions", "missing"),
            [(c.id, c.title, str(len(c.shared)), str(len(c.missing))) for c in answer.careers[:10]],
        )


def print_evaluation(report: dict[str, dict[str, dict[str, Any]]]) -> None:
    """One line a variant of a ranked task, one a figure of the others; `--json` has all."""
    names = ("n", "mrr", "hit1", "hit5", "recall10", "ndcg10", "texts_per_s")
    ranked, others = [], []
    for task, variants in report.items():
        for variant, figures in variants.items():
            if "mrr" in figures:
                ranked.append((task, variant, *(_figure(figures.get(name)) for name in names)))
                continue
            for name, value in figures.items():
                if isinstance(value, int | float):
                    ends = figures["ci"].get(name)
                    interval = f"{ends[0]:.4f} to {ends[1]:.4f}" if ends else ""
                    others.append((task, variant, name, _figure(value), interval))
    if ranked:
        _table(("task", "variant", *names), ranked)
    if ranked and others:
        print()
    if others:
        _table(("task", "on", "figure", "value", "interval of 95 %"), others)


def _figure(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value if value is not None else "")


def print_changes(answer: dict[str, Any]) -> None:
    """A line a change, under the day and the certification."""
    if not answer["changes"]:
        print("Nothing changed.")
    last = None
    for each in answer["changes"]:
        head = (each["day"], each["entity"])
        if head != last:
            print(f"{each['day']}  {each['entity']}  {_short(each['title'] or '', 90)}")
            last = head
        print(f"  {_change(each)}")


def print_history(answer: dict[str, Any]) -> None:
    """A line an event."""
    print(f"{answer['id']}  {answer['title'] or '(title unknown)'}")
    for each in answer["history"]:
        print(f"  {each['day']}  {_change(each)}")


def _change(each: dict[str, Any]) -> str:
    kind, field = each["kind"].replace("_", " "), each["field"]
    if kind == "replaced":
        return f"replaced by {each['after']}"
    if field is None:
        return str(kind)
    before, after = (_short(each[x], 70) if each[x] else "nothing" for x in ("before", "after"))
    return f"{kind} {field}: {before} -> {after}"


def print_register(told: Dossier) -> None:
    """Answers in words; what is unknown is said to be."""
    validity, succession = told.validity, told.succession
    print(f"{told.number}  {told.title or '(title unknown)'}  on {told.on}")
    if validity is None:
        print("active: unknown; the knowledge base holds no sheet of it")
    else:
        print(f"active: {_tri(validity.active)} ({validity.because.replace('_', ' ')})")
        if validity.closed:
            since = f", deactivated on {validity.closed_since}" if validity.closed_since else ""
            print(f"one may enter: no longer{since}")
            print(f"end of registration: {validity.open_until or 'unknown'}")
        else:
            print(f"one may enter until: {validity.open_until or 'unknown'}")
        print(f"awarded until: {validity.awarded_until or 'unknown'}")
        print(f"as told on: {validity.as_of or 'unknown'}")
    print(f"in force: {', '.join(succession.in_force) or 'none that is known'}")
    for step in succession.steps:
        if step.replaced_by:
            print(f"  {step.number} is replaced by {', '.join(step.replaced_by)}")
    if succession.outside:
        print(f"  not in the knowledge base: {', '.join(succession.outside)}")
    if succession.cycle:
        print(f"  these replace each other: {', '.join(succession.cycle)}")
    if told.accreditation:
        print(_entitlement(told.accreditation))
    if told.regulated:
        print("\nregulated occupations that it leads to")
    for job in told.regulated:
        via = f" (cut from {job.via})" if job.via else ""
        print(f"  {job.code}  {job.label}{via}")
    if told.equivalences:
        print("\nofficial equivalences")
    for each in told.equivalences:
        ours, theirs = (", ".join(codes) or "?" for codes in (each.blocks, each.to_blocks))
        print(f"  {ours} = {theirs} of {each.to} (stated by {each.stated_by})")
    if told.near_duplicates:
        print("\nnear-duplicate blocks (computed, not official)")
    for near in told.near_duplicates[:MANY]:
        ours, theirs = near.block or told.number, near.to_block or near.to
        print(f"  {near.score:.2f}  {ours} ~ {theirs} of {near.to}")
    if len(told.near_duplicates) > MANY:
        print(f"  and {len(told.near_duplicates) - MANY} more; --json has each")


def print_establishment(answer: dict[str, Any]) -> None:
    """A line a certification."""
    if not answer["certifications"]:
        print(f"No certification names {answer['siret']}.")
        return
    _table(
        ("certification", "title", "active", "train", "assess", "since", "because"),
        [
            (
                c["number"],
                _short(c["title"] or "", 60),
                _tri(c["active"]),
                _tri(c["accreditation"]["train"]),
                _tri(c["accreditation"]["assess"]),
                c["accreditation"]["since"] or "unknown",
                c["accreditation"]["because"].replace("_", " "),
            )
            for c in answer["certifications"]
        ],
    )


def _entitlement(each: Entitlement) -> str:
    reason = {
        "certifier": "it is the certifier: it awards the certification",
        "not_listed": "the sheet does not name it",
        "unpublished": "the documents do not say",
    }.get(each.because, each.because.replace("_", " "))
    line = (
        f"{each.siret}  {each.name or '(name unknown)'}  may train: {_tri(each.train)}, "
        f"may assess: {_tri(each.assess)} ({reason}), since: {each.since or 'unknown'}"
    )
    if each.other_establishments:
        line += f"\n  others of the same company: {', '.join(each.other_establishments)}"
    return line


def _tri(value: bool | None) -> str:
    return {True: "yes", False: "no", None: "unknown"}[value]


def _standing(standing: Standing) -> tuple[str, str]:
    """Level, and whether in force; blank where unknown."""
    level = "" if standing.level is None else str(standing.level)
    return level, "" if standing.active is None else _tri(standing.active)


def _short(text: str, limit: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*heads, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*row)
    # Not a terminal: wide enough that nothing is cut for the next program in the pipe.
    Console(width=None if sys.stdout.isatty() else 160, soft_wrap=False).print(table)
