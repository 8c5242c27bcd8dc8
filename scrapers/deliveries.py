"""What comes as a set of tables, nomenclatures above all: where from, which files, which tables.

The addresses that are given here were never tried against the publishers' own servers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kb.errors import FetchFailed, InvalidSetting, UnknownKind
from kb.model import Document, Remark
from kb.prepared import Reading
from scrapers.archives import MARK, opened
from scrapers.discovery import all_sources
from scrapers.fetch import Resource
from scrapers.nomenclatures.workbook import is_workbook


@dataclass(frozen=True, slots=True)
class Nomenclature:
    """sources: that read its tables. page: where a person finds it. dataset: of the open-data
    portal, None where it is not published there; files: those of its files that are wanted, by
    their names without anything but letters. asked: taken only when it is named."""

    name: str
    sources: tuple[str, ...]
    page: str
    dataset: str | None = None
    files: re.Pattern[str] | None = None
    asked: bool = False

    @property
    def expected(self) -> range:
        """Sheets, else occupations, else terms, of a whole delivery."""
        return all_sources()[self.sources[0]].EXPECTED


NOMENCLATURES = {
    each.name: each
    for each in (
        Nomenclature(
            "rome",
            ("rome4", "rome3"),
            "https://www.data.gouv.fr/datasets/"
            "repertoire-operationnel-des-metiers-et-des-emplois-rome",
            "58da857388ee384902e505f5",
            re.compile(r"refromecsv|arborescence.*xlsx"),
        ),
        Nomenclature("esco", ("esco",), "https://esco.ec.europa.eu/fr/use-esco/download"),
        Nomenclature("formacode", ("formacode",), "https://formacode.centre-inffo.fr"),
        Nomenclature("onisep", ("onisep",), "https://opendata.onisep.fr"),
        Nomenclature(  # the ten tables; they say a part of what rncp and rs say
            "csv",
            ("rncp_csv",),
            "https://www.data.gouv.fr/datasets/5eebbc067a14b6fecc9c9976",
            "5eebbc067a14b6fecc9c9976",
            re.compile("exportfichescsv"),
            asked=True,
        ),
    )
}


def resources(nomenclature: Nomenclature, listed: Iterable[Resource]) -> list[Resource]:
    """The files of a data set that hold the nomenclature; of those with one name the newest.

    Raises:
        FetchFailed: none is listed.
    """
    found: dict[str, Resource] = {}
    for each in listed:
        name = re.sub("[^a-z]", "", f"{each.name} {each.address.rpartition('/')[2]}".lower())
        if nomenclature.files and nomenclature.files.search(name):
            known = found.get(name)
            if known is None or str(known.dated or "") <= str(each.dated or ""):
                found[name] = each
    if not found:
        raise FetchFailed(
            f"the portal lists no file of {nomenclature.name}",
            f"Download it from {nomenclature.page} and give it with --from.",
        )
    return list(found.values())


def without_address(nomenclature: Nomenclature) -> InvalidSetting:
    """What is told where nobody said from where to take it."""
    return InvalidSetting(
        f"no address of {nomenclature.name} is set",
        f"Find the file on {nomenclature.page}; set PASSERELLE_{nomenclature.name.upper()} to its "
        "address, or download it and give it with --from.",
    )


def readings(
    nomenclature: Nomenclature, files: Sequence[Document]
) -> tuple[list[Reading], list[Remark]]:
    """The tables in these files, read, and a remark for each that is none.

    Raises:
        UnknownKind: no table of this nomenclature. What the sources and `opened` raise.
    """
    sources = [all_sources()[name] for name in nomenclature.sources]
    found, remarks = [], []
    for document in (table for file in files for table in _tables(file)):
        source = max(sources, key=lambda each: each.recognise(document))
        if source.recognise(document) <= 0:
            remarks.append(Remark(document.name, f"no table of {nomenclature.name}; left out"))
            continue
        records = list(source.parse(document))
        found.append(Reading(document, records, source.NAME, source.AUTHORITY, source.PUBLISHER))
    if not found:
        raise UnknownKind(
            f"{', '.join(file.name for file in files)}: no table of {nomenclature.name}",
            f"Download it again from {nomenclature.page}.",
        )
    return found, remarks


def _tables(file: Document) -> Iterator[Document]:
    """The file; of an archive, the files in it."""
    if not file.content.startswith(MARK) or is_workbook(file):
        yield file
        return
    archive, files = opened(file)
    with archive:
        for each in files:
            content = archive.read(each)
            yield Document(content, f"{file.address}#{each.filename}", file.dated)
