"""The command `passerelle`: the wiring of everything.

Imports stand inside the commands: the help must come at once, and a match must not load what
only training needs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kb.errors import PasserelleError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kb.config import Settings
    from kb.model import Document
    from kb.store import Check, Ingested, Reading, Refreshed, Store
    from scrapers.discovery import Export, Source
    from scrapers.fetch import Fetcher
    from web.service import Service

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help comes in half the time
    help="Knowledge base and competency search for French vocational certifications.",
)

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON on standard output.")]
InForce = Annotated[
    bool,
    typer.Option("--in-force", help="Leave out certifications that are known to be inactive."),
]
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
    where = f"{error.where}: " if error.where else ""
    what = error.what if error.what.endswith((".", "!", "?")) else f"{error.what}."
    return " ".join(f"error: {where}{what} {error.next_step}".split())


@app.command()
def ingest(
    files: Annotated[list[str], typer.Argument(help="Files, folders of files, web addresses.")],
    source: Annotated[str | None, typer.Option(help="Name their kind, else recognised.")] = None,
    as_json: Json = False,
) -> None:
    """Read documents into the knowledge base, and report on each."""
    from scrapers.discovery import Export, choose_source
    from web import printing
    from web.batches import Batches
    from web.reading import items_of

    settings, store = _open()
    batches = Batches(store)
    read = _reader(settings)
    for item in printing.progress(list(items_of(files)), "Reading"):
        try:
            document = read(item)
            reader = choose_source(document, source)
            if isinstance(reader, Export):
                batches.done(item, _refresh(store, document, reader))
            else:
                batches.add(item, _reading(document, reader))
        except PasserelleError as error:
            batches.failed(item, one_line(error))
    _end_of_ingestion(settings, store, batches.reports(), as_json)


@app.command()
def update(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="rncp, rs, rome, esco, formacode, onisep or all; default: all. csv: the tables "
            "of rncp and rs."
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--from", help="A file that is already there, of the one that is named."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Take it even if its counts are implausible.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take the newest registers and nomenclatures; what did not change is not read again."""
    from scrapers.deliveries import NOMENCLATURES
    from web import printing
    from web.reading import read_document

    settings, store = _open()
    reports: list[dict[str, Any]] = []
    for name in _chosen_names(names, file, settings):
        try:
            if name in NOMENCLATURES:
                reports += _delivered(name, file, settings, store, force=force)
                continue
            export = (
                read_document(file, settings.max_document_bytes)
                if file
                else _newest_export(name, settings)
            )
            done = _renewed(store, export, force=force)
            printing.say_unlisted(name, done.unlisted)
            reports.append(printing.report(export.address, done, done.unlisted))
        except PasserelleError as error:
            reports.append(printing.fault(str(file or name), one_line(error)))
    _end_of_ingestion(settings, store, reports, as_json)


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
    history: Annotated[
        bool, typer.Option("--history", help="Its timeline alone: dates, and changes seen.")
    ] = False,
    as_json: Json = False,
) -> None:
    """One certification or job, merged from its documents."""
    from web import printing
    from web.answers import entry_answer, history_answer

    _, store = _open()
    if history:
        answer = history_answer(store, store.certification(identifier))
        printing.print_json(answer) if as_json else printing.print_history(answer)
        return
    answer = entry_answer(store, store.entry(identifier))
    printing.print_json(answer) if as_json else printing.print_entry(answer)


@app.command()
def changes(
    since: Annotated[str | None, typer.Option(help="From this day on: 2026-08-31.")] = None,
    identifier: Annotated[str | None, typer.Option("--id", help="Of one certification.")] = None,
    nsf: Annotated[str | None, typer.Option(help="Its NSF code, or how that begins.")] = None,
    rome: Annotated[str | None, typer.Option(help="Its ROME code, of either version.")] = None,
    level: Annotated[int | None, typer.Option(help="Its level, 3 to 8.")] = None,
    certifier: Annotated[
        str | None, typer.Option(help="Words of its certifier's name, or a SIRET.")
    ] = None,
    as_json: Json = False,
) -> None:
    """What was created, changed, deactivated, reactivated or replaced in the registers."""
    from web import printing
    from web.answers import changes_answer

    answer = changes_answer(
        _open()[1], since, identifier, nsf=nsf, rome=rome, level=level, certifier=certifier
    )
    printing.print_json(answer) if as_json else printing.print_changes(answer)


@app.command()
def register(
    identifier: Annotated[
        str | None, typer.Argument(help="A number, such as RNCP99001; else all of --siret.")
    ] = None,
    on: Annotated[str | None, typer.Option(help="The day asked about; default: today.")] = None,
    siret: Annotated[str | None, typer.Option(help="An establishment, 14 digits.")] = None,
    as_json: Json = False,
) -> None:
    """Is it in force, what replaces it, who may train or assess, which blocks are equivalent."""
    from web import printing
    from web.answers import asked_day, establishment_answer

    settings, store = _open()
    if identifier is None:
        answer = establishment_answer(store, siret, on)
        printing.print_json(answer) if as_json else printing.print_establishment(answer)
        return
    told = _service(settings, store).register(identifier, asked_day(on), siret)
    printing.print_json(told) if as_json else printing.print_register(told)


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="A few words, a number or a code.")],
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 10,
    in_force: InForce = False,
    as_json: Json = False,
) -> None:
    """Certifications, blocks, competences and jobs that a few words describe."""
    from web import printing

    answer = _service(*_open()).search(text, limit, in_force)
    printing.print_json(answer) if as_json else printing.print_search(text, answer)


@app.command()
def match(
    file: Annotated[Path, typer.Argument(help="An offer or a CV; - for standard input.")],
    in_force: InForce = False,
    as_json: Json = False,
) -> None:
    """Which blocks cover the tasks of an offer or a CV, and which careers are near."""
    from web import printing

    settings, store = _open()
    report = _service(settings, store).match(_description(_given(file, settings)), in_force)
    printing.print_json(report) if as_json else printing.print_match(report)


@app.command()
def train(
    data: DataFolder,
    output: Annotated[
        Path | None, typer.Option(help="Folder of the model; default: the shipped one.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same model.")] = 0,
    second: Annotated[
        bool, typer.Option("--second", help="The second stage, beside the shipped first one.")
    ] = False,
) -> None:
    """Make the model again from reference tables."""
    from datetime import UTC, datetime

    from index.encoder import SHIPPED
    from index.second import FOLDER
    from index.train.train import train as train_first
    from index.train.train import train_second
    from scrapers.tables import read_training
    from web import printing

    today = datetime.now(UTC).date()
    folder = output or (FOLDER if second else SHIPPED)
    make = train_second if second else train_first
    revision = make(read_training(data), folder, seed, dated=today, say=printing.say)
    print(f"{folder}: revision {revision}")


@app.command()
def evaluate(
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder of reference tables; without it, what needs none is measured.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    task: Annotated[
        list[str] | None,
        typer.Option(help="T1 to T6, french, segments or calibration; default: all."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write a page with plots too.", dir_okay=False)
    ] = None,
    learn: Annotated[
        bool, typer.Option("--learn", help="First learn the weights of the rankings again.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Fail where a figure is below its floor.")
    ] = False,
    raise_floors: Annotated[
        bool, typer.Option("--raise-floors", help="Put the floors just below what is measured.")
    ] = False,
    reason: Annotated[
        str | None, typer.Option(help="Why a floor may fall; without it, floors only rise.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure the quality of matching, as it ships, on labelled data."""
    from index.encoder import load_encoder
    from index.evaluate import floors, run
    from index.evaluate.results import as_report
    from index.second import load_second
    from kb.reference import EvaluationTables
    from scrapers.tables import read_evaluation
    from web import printing

    chosen = _chosen_tasks(data, task, learn=learn)
    if html:
        _writable(html)
    wanted = run.RANKED if learn else tuple(set(chosen) & set(run.RANKED))
    tables = read_evaluation(data, wanted) if data else EvaluationTables()
    encoder = load_encoder()
    if learn:
        from index.evaluate.learn import learn_weights

        learn_weights(tables, encoder)
    measured = tuple(run.measured(tables, chosen, encoder, second=load_second()))
    report = as_report(measured)
    printing.print_json(report) if as_json else printing.print_evaluation(report)
    if html:
        from datetime import UTC, datetime

        from index.evaluate.report import page

        html.write_text(page(measured, encoder, datetime.now(UTC)), "utf-8")
        printing.say(f"{html}: written")
    if raise_floors:
        floors.raise_floors(measured, reason=reason)
    if check:
        for line in floors.check(measured):
            printing.say(line)


@app.command()
def rebuild(as_json: Json = False) -> None:
    """Parse every kept document again, and make the indexes anew."""
    from web import printing

    settings, store = _open()
    done = store.rebuild(_read)
    _service(settings, store).refresh(anew=True)
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
    from web.reading import files_of, read_document

    settings = Settings.from_environment()
    # Apart from what the user keeps: examples must never mix with real documents.
    home = settings.home / "demo"
    settings = replace(settings, home=home, database_url=f"sqlite:///{home / 'passerelle.db'}")
    folder = Path(__file__).parent / "demo"
    store = _store(settings)
    documents = files_of([folder / "register.xml", folder / "pages", folder / "jobs"])
    for path in printing.progress(sorted({*documents, *folder.glob("referentiel*")}), "Reading"):
        _ingest(store, read_document(path, settings.max_document_bytes))
    service = _service(settings, store)
    service.refresh()
    offer = next(iter(sorted((folder / "offers").iterdir())))
    printing.say(f"passerelle match {offer.name}")
    printing.print_match(service.match(_description(_given(offer, settings))))
    if not exit_:
        _serve(settings, store, host, port)


def _chosen_tasks(data: Path | None, task: list[str] | None, *, learn: bool) -> tuple[str, ...]:
    """What is to be measured; what needs tables only where there are some."""
    from index.evaluate.run import OWN, TASKS, refuse_unknown
    from kb.errors import InvalidSetting
    from web import printing

    chosen = tuple(task or TASKS)
    refuse_unknown(chosen)
    if data or (set(chosen) <= set(OWN) and not learn):
        return chosen
    if task or learn:
        raise InvalidSetting(
            "the weights are learned on reference tables"
            if learn
            else f"{', '.join(sorted(set(chosen) - set(OWN)))} cannot be measured without tables",
            "Name the folder that holds the reference tables with --data.",
        )
    printing.say("Without --data, only what needs no reference tables is measured.")
    return OWN


def _writable(file: Path) -> None:
    """Known before minutes of work, not after them."""
    from kb.errors import InvalidSetting

    if not file.parent.is_dir():
        raise InvalidSetting(f"no folder {file.parent}", "Make it, or name another file.")


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


def _reader(settings: Settings) -> Callable[[str], Document]:
    """File or web address -> document. All pages through one fetcher, which keeps the pace."""
    from web.reading import is_address, read_document

    fetcher: Fetcher | None = None

    def read(item: str) -> Document:
        nonlocal fetcher
        if not is_address(item):
            return read_document(Path(item), settings.max_document_bytes)
        if fetcher is None:
            from scrapers.fetch import Fetcher

            fetcher = Fetcher(settings.home / "cache")
        return fetcher.page(item)

    return read


def _chosen_names(names: list[str] | None, file: Path | None, settings: Settings) -> list[str]:
    """What to update. Of all, what no address is known of is left out, and that is told."""
    from kb.errors import InvalidSetting
    from scrapers.deliveries import NOMENCLATURES
    from scrapers.sources.rncp_xml import EXPORTS
    from web import printing

    known = (*EXPORTS, *NOMENCLATURES)
    for name in names or ():
        if name not in (*known, "all"):
            raise InvalidSetting(
                f"there is nothing called {name!r} to update", f"Choose from: {', '.join(known)}."
            )
    if file:
        if names and (len(names) > 1 or "all" in names):
            raise InvalidSetting(
                f"--from gives one file, not {' and '.join(names)}", "Name one of them."
            )
        return list(names or EXPORTS[:1])  # an export tells itself which register it is
    if names and "all" not in names:
        return list(dict.fromkeys(names))
    chosen = []
    for name in known:
        nomenclature = NOMENCLATURES.get(name)
        if nomenclature and nomenclature.asked:
            continue
        if nomenclature and not nomenclature.dataset and getattr(settings, name) is None:
            printing.say(f"{name}: left out, since PASSERELLE_{name.upper()} is not set")
        else:
            chosen.append(name)
    return chosen


def _newest_export(register: str, settings: Settings) -> Document:
    """The newest export of a register that the open-data portal lists, downloaded."""
    from dataclasses import replace

    from scrapers.fetch import Fetcher
    from scrapers.sources import rncp_xml
    from web import printing

    fetcher = Fetcher(settings.home / "cache")
    found = rncp_xml.newest(register, fetcher.resources(settings.portal, rncp_xml.DATASET))
    with printing.download_bar(found.name) as progress:
        document = fetcher.document(found, progress)
    return replace(document, dated=rncp_xml.day_of(found.name))


def _renewed(store: Store, export: Document, *, force: bool) -> Refreshed:
    """A register, from its export."""
    from functools import partial

    from kb.plausible import plausible
    from scrapers.sources import rncp_xml

    check = None if force else partial(plausible, expected=rncp_xml.EXPECTED_OF)
    return _refresh(store, export, rncp_xml, check, whole=not force)


def _delivered(
    name: str, file: Path | None, settings: Settings, store: Store, *, force: bool
) -> list[dict[str, Any]]:
    """A nomenclature, from a file or its publisher: a report for each of its tables."""
    from functools import partial

    from kb.plausible import plausible_delivery
    from scrapers.deliveries import NOMENCLATURES, readings
    from web import printing
    from web.reading import read_document

    nomenclature = NOMENCLATURES[name]
    files = (
        [read_document(file, settings.max_document_bytes)] if file else _files_of(name, settings)
    )
    tables, remarks = readings(nomenclature, files)
    printing.say(f"{name}: tables that were read, to be written: {len(tables)}")
    check = None if force else partial(plausible_delivery, expected=nomenclature.expected)
    done = store.deliver(tables, check)
    if not done.tables:
        return [printing.unchanged(name, files[0].address, remarks)]
    reports = [
        printing.report(table.document.address, each)
        for table, each in zip(tables, done.tables, strict=True)
    ]
    reports[0]["warnings"] += printing.warnings(remarks)
    if done.retired:
        printing.say(f"{name}: tables of the last time that are told no longer: {done.retired}")
    return reports


def _files_of(name: str, settings: Settings) -> list[Document]:
    """The files of a nomenclature, downloaded from the address that is set, else the portal."""
    from scrapers.deliveries import NOMENCLATURES, resources, without_address
    from scrapers.fetch import Fetcher, Resource
    from web import printing

    nomenclature, address = NOMENCLATURES[name], getattr(settings, name, None)
    fetcher = Fetcher(settings.home / "cache" / name)
    if address:
        wanted = [Resource(name, address)]
    elif nomenclature.dataset:
        wanted = resources(nomenclature, fetcher.resources(settings.portal, nomenclature.dataset))
    else:
        raise without_address(nomenclature)
    found = []
    for each in wanted:
        with printing.download_bar(each.name) as progress:
            found.append(fetcher.document(each, progress))
    return found


def _ingest(store: Store, document: Document) -> Ingested | Refreshed:
    from scrapers.discovery import Export, choose_source

    reader = choose_source(document)
    if isinstance(reader, Export):
        return _refresh(store, document, reader)
    return store.ingest_all([_reading(document, reader)])[0]


def _end_of_ingestion(
    settings: Settings, store: Store, reports: list[dict[str, Any]], as_json: bool
) -> None:
    """Renew the indexes, tell what was read, and fail if something was not."""
    from web import printing

    _service(settings, store).refresh()
    unknown = store.unknown_codes()
    if as_json:
        printing.print_json({"documents": reports, "unknown_codes": unknown})
    else:
        printing.print_reports(reports)
        printing.print_unknown_codes(unknown)
    if any(report["error"] or report["left_out"] for report in reports):
        raise typer.Exit(1)


def _refresh(
    store: Store,
    export: Document,
    reader: Export,
    check: Check | None = None,
    *,
    whole: bool = False,
) -> Refreshed:
    from functools import partial

    from scrapers.parallel import parse_all
    from web import printing

    with printing.ingestion_bars(export.name, reader.size(export)) as progress:
        return store.refresh(
            export,
            reader.parts(export, whole=whole),
            partial(parse_all, reader.NAME),
            source=reader.NAME,
            publisher=reader.PUBLISHER,
            check=check,
            progress=progress,
        )


def _read(document: Document, source: str) -> Reading:
    from scrapers.discovery import choose_source

    return _reading(document, choose_source(document, source))


def _reading(document: Document, reader: Source) -> Reading:
    from kb.store import Reading

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
    from kb.model import Job, Record
    from scrapers.lines import decode, format_of, read_lines
    from scrapers.offers import holds_offers, only_offer
    from scrapers.sources import opiiec

    kind = format_of(document)
    if holds_offers(document):
        return only_offer(document).text
    records: Iterator[Record] | None = None
    if opiiec.recognise(document) > 0:
        records = opiiec.parse(document)
    elif kind == "html":
        from scrapers.sources import article

        records = article.parse(document)
    if records is not None:
        jobs = [record for record in records if isinstance(record, Job)]
        return "\n".join(
            f"- {task.title} : {task.text}" if task.title else f"- {task.text}"
            for job in jobs
            for task in job.missions
        )
    if kind == "text":
        return decode(document)
    return "\n".join(("- " if line.bullet else "") + line.text for line in read_lines(document))
