"""Taking exports and pages from the network: a portal and a site on this machine."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from typer.testing import CliRunner, Result

from web.cli import app

DEMO = Path(__file__).resolve().parent.parent.parent / "web" / "demo"
PAGE = next((DEMO / "pages").glob("*.html")).read_bytes()
EXPORT = (DEMO / "register.xml").read_text("utf-8")


def zipped(text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export.xml", text)
    return buffer.getvalue()


class Portal(BaseHTTPRequestHandler):
    days: ClassVar[dict[str, bytes]] = {}

    def do_GET(self) -> None:
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
            body = json.dumps({"resources": listed}).encode()
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
    monkeypatch.setattr(Portal, "days", {"2026-08-16": zipped(EXPORT)})
    yield address
    server.shutdown()
    server.server_close()
    thread.join()


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_the_newest_export_is_taken_and_only_changes_are_read_again(portal: str) -> None:
    (report,) = json.loads(run("update", "rncp", "--force", "--json").stdout)["documents"]
    assert report["error"] is None
    assert "rncp:RNCP99001" in report["changed"]
    assert report["document"] == f"{portal}/2026-08-16.zip"
    title = json.loads(run("show", "RNCP99001", "--json").stdout)["title"]
    Portal.days["2026-08-17"] = zipped(EXPORT.replace(title, f"{title} (rénovée)"))
    (report,) = json.loads(run("update", "rncp", "--force", "--json").stdout)["documents"]
    assert report["changed"] == ["rncp:RNCP99001"]
    assert json.loads(run("show", "RNCP99001", "--json").stdout)["title"].endswith("(rénovée)")


def test_an_export_of_a_few_sheets_is_no_register(portal: str) -> None:
    result = run("update", "rncp")
    assert result.exit_code == 1
    assert portal
    assert len(result.stderr.strip().splitlines()) == 1
    assert json.loads(run("sources", "--json").stdout)["exports"] == []


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
    assert "nonsense" in run("update", "nonsense").stderr
    assert portal


def test_a_page_is_ingested_by_its_address(portal: str) -> None:
    (report,) = json.loads(run("ingest", f"{portal}/fiche", "--json").stdout)["documents"]
    assert report["source"] == "rncp_page"
    (missing,) = json.loads(run("ingest", f"{portal}/nothing", "--json").stdout)["documents"]
    assert "404" in missing["error"]
