"""The command `passerelle`: the wiring of everything.

Imports stand inside the commands: the help must come at once, and a match must not load what
only training needs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb.errors import PasserelleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kb.config import Settings
    from kb.model import Document
    from kb.store import Ingested, Reading, Refreshed, Store
    from scrapers.discovery import Export
    from web.service import Service

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Knowledge base and competency search for French vocational certifications.",
)

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON on standard output.")]
DataFolder = Annotated[
    Path, typer.Option("--data", help="Folder of reference tables.", exists=True, file_okay=False)
]


def main() -> None:
    """Run a command; an error raised on purpose becomes one line and exit code 1."""
    try:
        app()
    except PasserelleError as error:
        print(one_line(error), file=sys.stderr)
        sys.exit(1)


def one_line(error: PasserelleError) -> str:
    """What, where, and what to do, in one line."""
    return " ".join(f"error: {error}".split())


@app.command()
def ingest(
    files: Annotated[list[Path], typer.Argument(help="Files, or folders of files.")],
    source: Annotated[str | None, typer.Option(help="Name their kind, else recognised.")] = None,
    as_json: Json = False,
) -> None:
    """Read documents into the knowledge base, and report on each."""
    from web import printing
    from web.reading import files_of

    settings, store = _open()
    reports = []
    for path in printing.progress(list(files_of(files)), "Reading"):
        try:
            reports.append(printing.report(str(path), _ingest_file(store, settings, path, source)))
        except PasserelleError as error:
            reports.append(printing.fault(str(path), one_line(error)))
    service = _service(settings, store)
    service.refresh()
    if as_json:
        printing.print_json({"documents": reports})
    else:
        printing.print_reports(reports)
    if any(report["error"] for report in reports):
        raise typer.Exit(1)


@app.command()
def sources(as_json: Json = False) -> None:
    """The kinds of document that can be read, and the documents that were."""
    from scrapers.discovery import all_sources
    from web import printing
    from web.answers import origin_answer

    _, store = _open()
    answer = {
        "sources": [
            {"name": s.NAME, "description": s.DESCRIPTION, "publisher": s.PUBLISHER}
            for s in all_sources().values()
        ],
        "documents": [origin_answer(origin) for origin in store.origins()],
        "exports": [{**origin_answer(export), "parts": n} for export, n in store.exports()],
    }
    printing.print_json(answer) if as_json else printing.print_sources(answer)


@app.command()
def show(
    identifier: Annotated[
        str, typer.Argument(help="Such as rncp:RNCP99001 or job:office-manager.")
    ],
    as_json: Json = False,
) -> None:
    """One certification or job, merged from its documents."""
    from web import printing
    from web.answers import entry_answer

    _, store = _open()
    answer = entry_answer(store.entry(identifier))
    printing.print_json(answer) if as_json else printing.print_entry(answer)


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="A few words, a number or a code.")],
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 10,
    as_json: Json = False,
) -> None:
    """Certifications, blocks, competences and jobs that a few words describe."""
    from web import printing

    results = _service(*_open()).search(text, limit)
    answer = {"results": results}
    printing.print_json(answer) if as_json else printing.print_results(results)


@app.command()
def match(
    file: Annotated[Path, typer.Argument(help="An offer or a CV; - for standard input.")],
    as_json: Json = False,
) -> None:
    """Which blocks cover the tasks of an offer or a CV, and which careers are near."""
    from web import printing

    settings, store = _open()
    report = _service(settings, store).match(_description(_given(file, settings)))
    printing.print_json(report) if as_json else printing.print_match(report)


@app.command()
def rebuild(as_json: Json = False) -> None:
    """Parse every kept document again, and make the indexes anew."""
    from web import printing

    settings, store = _open()
    done = store.rebuild(_read)
    _service(settings, store).refresh()
    reports = [printing.report(each.document, each) for each in done]
    printing.print_json({"documents": reports}) if as_json else printing.print_reports(reports)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
) -> None:
    """The pages, until interrupted."""
    _serve(*_open(), host, port)


@app.command()
def demo(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    exit_: Annotated[bool, typer.Option("--exit", help="End after the match.")] = False,
) -> None:
    """Build a knowledge base of fictitious documents, match an offer with it, serve the pages."""
    from dataclasses import replace

    from kb.config import Settings
    from web import printing
    from web.reading import files_of

    settings = Settings.from_environment()
    # Apart from what the user keeps: examples must never mix with real documents.
    home = settings.home / "demo"
    settings = replace(settings, home=home, database_url=f"sqlite:///{home / 'passerelle.db'}")
    folder = Path(__file__).parent / "demo"
    store = _store(settings)
    documents = files_of([folder / "register.xml", *_subfolders(folder, "pages", "jobs")])
    for path in printing.progress(sorted({*documents, *folder.glob("referentiel*")}), "Reading"):
        _ingest_file(store, settings, path, None)
    service = _service(settings, store)
    service.refresh()
    offer = next(iter(sorted((folder / "offers").iterdir())))
    printing.say(f"passerelle match {offer.name}")
    printing.print_match(service.match(_description(_given(offer, settings))))
    if not exit_:
        _serve(settings, store, host, port)


def _subfolders(folder: Path, *names: str) -> list[Path]:
    return [folder / name for name in names]


def _open() -> tuple[Settings, Store]:
    from kb.config import Settings

    settings = Settings.from_environment()
    return settings, _store(settings)


def _store(settings: Settings) -> Store:
    from kb.store import Store

    return Store.open(settings)


def _service(settings: Settings, store: Store) -> Service:
    from web.service import Service

    return Service(settings, store, read_upload)


def _serve(settings: Settings, store: Store, host: str, port: int) -> None:
    import uvicorn

    from web.app import create_app

    application = create_app(_service(settings, store), max_upload_bytes=settings.max_upload_bytes)
    uvicorn.run(application, host=host, port=port, log_level="info")


def _ingest_file(
    store: Store, settings: Settings, path: Path, source: str | None
) -> Ingested | Refreshed:
    from scrapers.discovery import Export, choose_source
    from web.reading import read_document

    document = read_document(path, settings.max_document_bytes)
    reader = choose_source(document, source)
    if isinstance(reader, Export):
        return _refresh(store, document, reader)
    return store.ingest_all([_read(document, reader.NAME)])[0]


def _refresh(store: Store, export: Document, reader: Export) -> Refreshed:
    from kb.store import Reading
    from scrapers.parallel import parse_all

    def read(parts: Iterable[tuple[str, Document]]) -> Iterator[Reading]:
        for number, document, records in parse_all(reader.NAME, parts):
            yield Reading(
                document, records, reader.NAME, reader.AUTHORITY, reader.PUBLISHER, number
            )

    return store.refresh(
        export, reader.parts(export), read, source=reader.NAME, publisher=reader.PUBLISHER
    )


def _read(document: Document, source: str | None) -> Reading:
    from kb.store import Reading
    from scrapers.discovery import choose_source

    reader = choose_source(document, source)
    records = reader.parse(document)
    return Reading(document, records, reader.NAME, reader.AUTHORITY, reader.PUBLISHER)


def _given(file: Path, settings: Settings) -> Document:
    from kb.model import Document
    from web.reading import read_document

    if str(file) == "-":
        return Document(sys.stdin.buffer.read(settings.max_upload_bytes + 1), "standard input")
    return read_document(file, settings.max_upload_bytes)


def read_upload(filename: str, content: bytes) -> str:
    """The text of an uploaded offer or CV; the one way from the pages to the parsers."""
    from kb.model import Document

    return _description(Document(content, filename))


def _description(document: Document) -> str:
    """What a document says of the work: of a page or a job sheet the missions, else all its lines.

    Pages carry menus and promotions, job sheets far more than missions; an offer or a CV is
    given whole, since its sections are told apart where it is cut into tasks.
    """
    from kb.model import Job
    from scrapers.discovery import all_sources
    from scrapers.lines import decode, format_of, read_lines

    kind = format_of(document)
    readers = all_sources()
    sheet = readers["opiiec"] if readers["opiiec"].recognise(document) > 0 else None
    if sheet is None and kind == "html":
        sheet = readers["article"]
    if sheet is not None:
        jobs = [record for record in sheet.parse(document) if isinstance(record, Job)]
        return "\n".join(
            f"- {task.title} : {task.text}" if task.title else f"- {task.text}"
            for job in jobs
            for task in job.missions
        )
    if kind == "text":
        return decode(document)
    return "\n".join(("- " if line.bullet else "") + line.text for line in read_lines(document))
