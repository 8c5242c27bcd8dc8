"""Fetching, against a server on this machine that has every fault."""

from __future__ import annotations

import email.utils
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kb.errors import DocumentTooLarge, FetchFailed, InvalidSetting, WriteFailed
from scrapers import fetch
from scrapers.fetch import AGENT, Fetcher, Policy, Resource

BODY = bytes(range(256)) * 4000


class Server(ThreadingHTTPServer):
    """Answers by path from `answers`; keeps what was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Callable[[Handler], None]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.address = f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        answer = self.server.answers.get(self.path)
        answer(self) if answer else self.send(404)

    def send(self, code: int, body: bytes = b"", length: int | None = None, **head: str) -> None:
        self.send_response(code)
        for name, value in head.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on standard error."""


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def fetcher(tmp_path: Path, slept: list[float]) -> Iterator[Fetcher]:
    made = Fetcher(
        tmp_path / "cache", Policy(attempts=4, timeout=5), sleep=slept.append, clock=lambda: 0.0
    )
    yield made
    made.close()


def resource(server: Server, checksum: str | None = None, name: str = "export.zip") -> Resource:
    digest = checksum or hashlib.sha1(BODY).hexdigest()
    return Resource(name, f"{server.address}/{name}", ("sha1", digest))


def sequence(*answers: Callable[[Handler], None]) -> Callable[[Handler], None]:
    """The first answer to the first request, and so on; the last one from then on."""
    rest = list(answers)

    def answer(handler: Handler) -> None:
        (rest.pop(0) if len(rest) > 1 else rest[0])(handler)

    return answer


def whole(handler: Handler) -> None:
    """The file, with ranges and conditions as a good server does."""
    if handler.headers.get("If-None-Match") == '"v1"':
        handler.send(304)
        return
    wanted = handler.headers.get("Range")
    if wanted and handler.headers.get("If-Range") == '"v1"':
        start = int(wanted.removeprefix("bytes=").rstrip("-"))
        told = f"bytes {start}-{len(BODY) - 1}/{len(BODY)}"
        handler.send(206, BODY[start:], ETag='"v1"', Content_Range=told)
        return
    handler.send(200, BODY, ETag='"v1"')


def cut(handler: Handler) -> None:
    handler.send(200, BODY[:300_000], length=len(BODY), ETag='"v1"')
    handler.close_connection = True


def failing(code: int, **head: str) -> Callable[[Handler], None]:
    return lambda handler: handler.send(code, **head)


def test_a_download_tells_who_asks_and_how_far_it_is(server: Server, fetcher: Fetcher) -> None:
    server.answers["/export.zip"] = whole
    seen: list[tuple[int, int | None]] = []
    path = fetcher.download(resource(server), lambda have, all_: seen.append((have, all_)))
    assert path.read_bytes() == BODY
    assert seen[-1] == (len(BODY), len(BODY))
    assert server.asked[0][1]["User-Agent"] == AGENT


def test_an_unchanged_file_is_not_sent_again(server: Server, fetcher: Fetcher) -> None:
    server.answers["/export.zip"] = whole
    first = fetcher.download(resource(server))
    assert fetcher.download(resource(server)) == first
    assert server.asked[1][1]["If-None-Match"] == '"v1"'
    assert first.read_bytes() == BODY


def test_a_download_that_was_cut_resumes(
    server: Server, fetcher: Fetcher, slept: list[float]
) -> None:
    server.answers["/export.zip"] = sequence(cut, whole)
    assert fetcher.download(resource(server)).read_bytes() == BODY
    assert server.asked[1][1]["Range"] == "bytes=300000-"
    assert slept == [1.0]


def test_a_download_of_an_earlier_run_resumes(server: Server, fetcher: Fetcher) -> None:
    server.answers["/export.zip"] = cut
    with pytest.raises(FetchFailed, match="resumes"):
        fetcher.download(resource(server))
    server.answers["/export.zip"] = whole
    server.asked.clear()
    assert fetcher.download(resource(server)).read_bytes() == BODY
    assert server.asked[0][1]["Range"] == "bytes=300000-"


def test_a_file_that_changed_meanwhile_is_fetched_whole(server: Server, fetcher: Fetcher) -> None:
    def renewed(handler: Handler) -> None:
        handler.send(200, BODY, ETag='"v2"')

    server.answers["/export.zip"] = sequence(cut, renewed)
    assert fetcher.download(resource(server)).read_bytes() == BODY


def test_busy_servers_are_asked_again_later_and_as_late_as_they_say(
    server: Server, fetcher: Fetcher, slept: list[float]
) -> None:
    busy = failing(429, Retry_After="7")
    server.answers["/export.zip"] = sequence(failing(500), busy, failing(503), whole)
    assert fetcher.download(resource(server)).read_bytes() == BODY
    assert slept == [1.0, 7.0, 4.0]


def test_a_server_may_name_the_time_to_come_back(
    server: Server, fetcher: Fetcher, slept: list[float]
) -> None:
    later = email.utils.format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    server.answers["/export.zip"] = sequence(
        failing(503, Retry_After=later), failing(503, Retry_After="soon"), whole
    )
    fetcher.download(resource(server))
    assert 25 < slept[0] <= 30
    assert slept[1] == 2.0


def test_what_may_be_of_another_file_is_not_continued(server: Server, fetcher: Fetcher) -> None:
    def cut_without_mark(handler: Handler) -> None:
        handler.send(200, BODY[:300_000], length=len(BODY))
        handler.close_connection = True

    server.answers["/export.zip"] = sequence(cut_without_mark, whole)
    unmarked = Resource("export.zip", f"{server.address}/export.zip")
    assert fetcher.download(unmarked).read_bytes() == BODY
    assert "Range" not in server.asked[1][1]


def test_a_full_disk_is_told(
    server: Server, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    server.answers["/export.zip"] = whole
    monkeypatch.setattr(fetch, "_receive", full)
    with pytest.raises(WriteFailed, match="No space left"):
        fetcher.download(resource(server))


def test_a_file_knows_its_day(server: Server, fetcher: Fetcher) -> None:
    server.answers["/t.csv"] = lambda handler: handler.send(
        200, b"a;b", Last_Modified="Sun, 16 Aug 2026 03:00:00 GMT"
    )
    listed = Resource("t", f"{server.address}/t.csv")
    assert fetcher.document(listed).dated == date(2026, 8, 16)
    dated = replace(listed, dated=date(2026, 1, 2))
    assert fetcher.document(dated).dated == date(2026, 1, 2)


def test_tries_are_bounded(server: Server, fetcher: Fetcher) -> None:
    server.answers["/export.zip"] = failing(500)
    with pytest.raises(FetchFailed, match="500"):
        fetcher.download(resource(server))
    assert len(server.asked) == 4


def test_a_refusal_is_not_repeated(server: Server, fetcher: Fetcher) -> None:
    with pytest.raises(FetchFailed, match="404"):
        fetcher.download(resource(server))
    assert len(server.asked) == 1


def test_a_wrong_checksum_is_tried_once_more_and_the_old_file_stays(
    server: Server, fetcher: Fetcher
) -> None:
    server.answers["/export.zip"] = whole
    path = fetcher.download(resource(server))
    server.answers["/export.zip"] = lambda handler: handler.send(200, b"other", ETag='"v9"')
    with pytest.raises(FetchFailed, match="sha1"):
        fetcher.download(resource(server))
    assert path.read_bytes() == BODY
    assert len(server.asked) == 3


def test_redirects_are_followed_but_not_for_ever(server: Server, fetcher: Fetcher) -> None:
    server.answers["/old.zip"] = failing(302, Location="/export.zip")
    server.answers["/export.zip"] = whole
    assert fetcher.download(resource(server, name="old.zip")).read_bytes() == BODY
    server.answers["/loop.zip"] = failing(302, Location="/loop.zip")
    with pytest.raises(FetchFailed, match="redirects"):
        fetcher.download(resource(server, name="loop.zip"))


def test_no_server_at_all_is_told(fetcher: Fetcher) -> None:
    with pytest.raises(FetchFailed, match="cannot be fetched"):
        fetcher.download(Resource("x", "http://127.0.0.1:9/x.zip"))


def test_the_portal_lists_its_files(server: Server, fetcher: Fetcher) -> None:
    listed = {
        "resources": [
            {
                "title": "export-fiches-rncp-v4-1-2026-08-16.zip",
                "url": f"{server.address}/export.zip",
                "checksum": {"type": "sha1", "value": "AB"},
                "last_modified": "2026-08-16T03:00:00+00:00",
            },
            {"title": None, "url": f"{server.address}/b.csv", "checksum": None},
        ]
    }
    server.answers["/api/set/"] = lambda handler: handler.send(200, json.dumps(listed).encode())
    first, second = fetcher.resources(f"{server.address}/api", "set")
    assert first == Resource(
        "export-fiches-rncp-v4-1-2026-08-16.zip",
        f"{server.address}/export.zip",
        ("sha1", "ab"),
        date(2026, 8, 16),
    )
    assert (second.name, second.checksum, second.dated) == ("b.csv", None, None)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"resources": [{}]}'])
def test_another_answer_of_the_portal_is_told(
    server: Server, fetcher: Fetcher, body: bytes
) -> None:
    server.answers["/api/set/"] = lambda handler: handler.send(200, body)
    with pytest.raises(FetchFailed, match="portal"):
        fetcher.resources(f"{server.address}/api", "set")


def test_pages_are_fetched_at_a_pace_and_from_the_cache(
    server: Server, fetcher: Fetcher, slept: list[float]
) -> None:
    def page(handler: Handler) -> None:
        if "If-Modified-Since" in handler.headers:
            handler.send(304)
        else:
            handler.send(200, b"<p>Fiche</p>", Last_Modified="Sun, 16 Aug 2026 03:00:00 GMT")

    server.answers["/fiche"] = page
    address = f"{server.address}/fiche"
    first = fetcher.page(address)
    assert (first.content, first.address) == (b"<p>Fiche</p>", address)
    assert first.dated == date(2026, 8, 16)
    assert fetcher.page(address).content == first.content
    assert slept == [2.0]
    assert [path for path, _ in server.asked] == ["/robots.txt", "/fiche", "/fiche"]


def test_what_robots_txt_forbids_is_not_fetched(server: Server, fetcher: Fetcher) -> None:
    rules = b"User-agent: *\nDisallow: /private\n"
    server.answers["/robots.txt"] = lambda handler: handler.send(200, rules)
    server.answers["/open"] = lambda handler: handler.send(200, b"x")
    assert fetcher.page(f"{server.address}/open").content == b"x"
    with pytest.raises(FetchFailed, match=r"robots\.txt"):
        fetcher.page(f"{server.address}/private/1")
    assert all(path != "/private/1" for path, _ in server.asked)


def test_a_server_whose_rules_cannot_be_read_is_left_alone(
    server: Server, fetcher: Fetcher
) -> None:
    server.answers["/robots.txt"] = failing(500)
    server.answers["/open"] = lambda handler: handler.send(200, b"x")
    with pytest.raises(FetchFailed, match=r"robots\.txt"):
        fetcher.page(f"{server.address}/open")


def test_a_page_packed_wrongly_is_told(server: Server, fetcher: Fetcher) -> None:
    server.answers["/open"] = lambda handler: handler.send(
        200, b"these are plain words", Content_Encoding="gzip"
    )
    with pytest.raises(FetchFailed):
        fetcher.page(f"{server.address}/open")


def test_a_page_that_cannot_be_kept_leaves_the_one_before(
    server: Server, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answers["/open"] = lambda handler: handler.send(200, b"one", ETag='"1"')
    fetcher.page(f"{server.address}/open")
    server.answers["/open"] = lambda handler: handler.send(200, b"two", ETag='"2"')

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        with pytest.raises(WriteFailed, match="No space left"):
            fetcher.page(f"{server.address}/open")
    server.answers["/open"] = failing(304)
    assert fetcher.page(f"{server.address}/open").content == b"one"


def test_a_page_without_end_is_refused(
    server: Server, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "PAGE_BYTES", 1000)
    server.answers["/long"] = lambda handler: handler.send(200, b"x" * 5000)
    with pytest.raises(DocumentTooLarge):
        fetcher.page(f"{server.address}/long")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://x/y", "http://", "words"])
def test_only_web_addresses_are_fetched(fetcher: Fetcher, address: str) -> None:
    with pytest.raises(InvalidSetting):
        fetcher.page(address)
    with pytest.raises(InvalidSetting):
        fetcher.download(Resource("x", address))
