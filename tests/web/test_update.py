"""Taking exports and pages from the network: a portal and a site on this machine."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from typer.testing import CliRunner, Result

from kb.errors import PasserelleError
from scrapers.deliveries import NOMENCLATURES
from scrapers.fetch import Policy
from scrapers.sources import rncp_xml
from web.cli import app, one_line

DEMO = Path(__file__).resolve().parent.parent.parent / "web" / "demo"
PAGE = next((DEMO / "pages").glob("*.html")).read_bytes()
EXPORT = (DEMO / "register.xml").read_text("utf-8")


def zipped(text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export.xml", text)
    return buffer.getvalue()


FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
CODES = (FIXTURES / "rome4" / "codes" / "page.csv").read_bytes()
NAMES = (FIXTURES / "rome4" / "names" / "page.csv").read_bytes()


def packed(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


class Portal(BaseHTTPRequestHandler):
    days: ClassVar[dict[str, bytes]] = {}
    rome: ClassVar[bytes] = b""
    asked: ClassVar[list[tuple[str, float]]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, time.monotonic()))
        name = self.path.strip("/").split("/")[-1]
        body = b""
        if self.path.startswith("/api/"):
            host = self.headers["Host"]
            listed = [
                {
                    "title": f"export-fiches-rncp-v4-1-{day}.zip",
                    "url": f"http://{host}/{day}.zip",
                    "checksum": {"type": "sha256", "value": hashlib.sha256(content).hexdigest()},
                }
                for day, content in self.days.items()
            ]
            if NOMENCLATURES["rome"].dataset == name:
                listed = [{"title": "Ref ROME CSV", "url": f"http://{host}/RefRomeCsv.zip"}]
            body = json.dumps({"resources": listed}).encode()
        elif name == "RefRomeCsv.zip":
            body = self.rome
        elif name.removesuffix(".zip") in self.days:
            body = self.days[name.removesuffix(".zip")]
        elif name == "fiche":
            body = PAGE
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on standard error."""


@pytest.fixture
def portal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path))
    monkeypatch.setenv("PASSERELLE_PORTAL", f"{address}/api")
    monkeypatch.setattr(Portal, "asked", [])
    monkeypatch.setattr(Portal, "days", {"2026-08-16": zipped(EXPORT)})
    monkeypatch.setattr(Portal, "rome", packed(**{"codes.csv": CODES, "names.csv": NAMES}))
    yield address
    server.shutdown()
    server.server_close()
    thread.join()


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def refused(*arguments: str) -> str:
    """The line that a command ends with that does not even begin."""
    error = CliRunner().invoke(app, list(arguments)).exception
    assert isinstance(error, PasserelleError)
    return one_line(error)


def test_the_newest_export_is_taken_and_only_changes_are_read_again(portal: str) -> None:
    (report,) = json.loads(run("update", "rncp", "--force", "--json").stdout)["documents"]
    assert report["error"] is None
    assert "rncp:RNCP99001" in report["changed"]
    assert report["document"] == f"{portal}/2026-08-16.zip"
    title = json.loads(run("show", "RNCP99001", "--json").stdout)["title"]
    Portal.days["2026-08-17"] = zipped(EXPORT.replace(title, f"{title} (rénovée)"))
    (report,) = json.loads(run("update", "rncp", "--force", "--json").stdout)["documents"]
    assert (report["changed"], report["unlisted"]) == (["rncp:RNCP99001"], [])
    assert json.loads(run("show", "RNCP99001", "--json").stdout)["title"].endswith("(rénovée)")


def test_a_sheet_that_the_newest_export_does_not_list_is_told(portal: str) -> None:
    run("update", "rncp", "--force")
    head, first, *rest = EXPORT.split("<FICHE>")
    Portal.days["2026-08-17"] = zipped("<FICHE>".join([head, *rest]))
    result = run("update", "rncp", "--force", "--json")
    (number,) = json.loads(result.stdout)["documents"][0]["unlisted"]
    assert f"<NUMERO_FICHE>{number}<" in first
    assert f"1 ({number})" in result.stderr
    assert run("show", number).exit_code == 0
    assert portal


def test_an_export_of_a_few_sheets_is_no_register(portal: str) -> None:
    result = run("update", "rncp")
    assert result.exit_code == 1
    assert portal
    assert len(result.stderr.strip().splitlines()) == 1
    assert json.loads(run("sources", "--json").stdout)["exports"] == []


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda whole: whole[:-200], "damaged"),
        (lambda _: zipped(EXPORT[: EXPORT.rindex("<FICHE>")]), "cut off"),
    ],
    ids=["archive", "export"],
)
def test_an_export_that_was_cut_leaves_the_register(
    portal: str, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[bytes], bytes], says: str
) -> None:
    monkeypatch.setattr(rncp_xml, "EXPECTED_OF", {"rncp": range(1, 100)})
    run("update", "rncp")
    held = run("sources", "--json").stdout
    Portal.days["2026-08-17"] = spoil(zipped(EXPORT))
    result = run("update", "rncp")
    assert result.exit_code == 1
    assert says in result.stderr
    assert run("sources", "--json").stdout == held
    assert portal


def test_a_nomenclature_is_taken_from_the_portal(portal: str) -> None:
    small = run("update", "rome")
    assert small.exit_code == 1
    assert "a whole one 500 to" in small.stderr
    codes, names = json.loads(run("update", "rome", "--force", "--json").stdout)["documents"]
    assert codes["source"] == names["source"] == "rome4"
    assert codes["document"] == f"{portal}/RefRomeCsv.zip#codes.csv"
    assert json.loads(run("show", "rome:N9901", "--json").stdout)["regulated"] is True
    (again,) = json.loads(run("update", "rome", "--force", "--json").stdout)["documents"]
    assert "as it was" in again["warnings"][0]["text"]
    Portal.rome = packed(**{"codes.csv": CODES.replace(b"N9904", b"N9905")})
    told = run("update", "rome", "--force")
    assert "told no longer: 2" in told.stderr
    assert "N9904" in refused("show", "rome:N9904")
    assert run("show", "rome:N9905").exit_code == 0


def test_addresses_are_settings_and_what_has_none_is_left_out_of_all(
    portal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = run("update", "formacode")
    assert alone.exit_code == 1
    assert "PASSERELLE_FORMACODE" in alone.stderr
    monkeypatch.setenv("PASSERELLE_ESCO", f"{portal}/nothing.zip")
    every = run("update", "--force", "--json")
    told = {each["document"]: each["error"] for each in json.loads(every.stdout)["documents"]}
    assert "404" in told["esco"]
    assert told[f"{portal}/2026-08-16.zip"] is None
    assert "formacode: left out" in every.stderr
    assert "onisep: left out" in every.stderr


def test_a_nomenclature_that_is_already_there(portal: str, tmp_path: Path) -> None:
    path = tmp_path / "rome.zip"
    path.write_bytes(Portal.rome)
    done = run("update", "rome", "--from", str(path), "--force", "--json")
    assert len(json.loads(done.stdout)["documents"]) == 2
    assert "Name one" in refused("update", "rome", "esco", "--from", str(path))
    assert "esco" in run("update", "esco", "--from", str(path)).stderr
    assert portal


def test_an_export_that_is_already_there(portal: str, tmp_path: Path) -> None:
    path = tmp_path / "export_fiches_RNCP_V4_1_2026-08-16.zip"
    path.write_bytes(zipped(EXPORT))
    (report,) = json.loads(run("update", "--from", str(path), "--force", "--json").stdout)[
        "documents"
    ]
    assert report["error"] is None
    assert portal


def test_a_register_that_the_portal_does_not_list(portal: str) -> None:
    result = run("update", "rs", "--force")
    assert result.exit_code == 1
    assert "RS" in result.stderr
    assert "nonsense" in refused("update", "nonsense")
    assert portal


def test_a_page_is_ingested_by_its_address(portal: str) -> None:
    (report,) = json.loads(run("ingest", f"{portal}/fiche", "--json").stdout)["documents"]
    assert report["source"] == "rncp_page"
    (missing,) = json.loads(run("ingest", f"{portal}/nothing", "--json").stdout)["documents"]
    assert "404" in missing["error"]


def test_pages_of_one_host_are_asked_at_a_pace_and_its_rules_once(portal: str) -> None:
    run("ingest", f"{portal}/fiche", f"{portal}/a/fiche")
    paths = [path for path, _ in Portal.asked]
    assert paths == ["/robots.txt", "/fiche", "/a/fiche"]
    assert Portal.asked[2][1] - Portal.asked[1][1] >= Policy().pace - 0.1
