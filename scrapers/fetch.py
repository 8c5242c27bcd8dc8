"""The only network code: downloads that resume, pages fetched politely, both cached.

Every request names who asks, has a timeout and a bounded number of tries; what a server forbids
in robots.txt is not fetched, and one host is asked at a measured pace.
"""

from __future__ import annotations

import email.utils
import hashlib
import json
import time
import urllib.robotparser
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from kb.errors import DocumentTooLarge, FetchFailed, InvalidSetting, WriteFailed
from kb.model import Document

AGENT = "Passerelle/0.1 (open-source knowledge base of French certifications)"
RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
PAGE_BYTES = 20 * 2**20
"""A single page has less."""
_CHUNK = 2**18

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are there and those of the whole, None where it is not told."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A file that the open-data portal lists. checksum: (algorithm, hexadecimal digits)."""

    name: str
    address: str
    checksum: tuple[str, str] | None = None
    dated: date | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """How patiently and how politely.

    attempts: tries of one request; backoff: seconds before the second, doubled each time, and
    at most `longest`; timeout: seconds without an answer; pace: seconds between two pages of one
    host.
    """

    attempts: int = 5
    backoff: float = 1.0
    longest: float = 60.0
    timeout: float = 30.0
    pace: float = 2.0


@dataclass
class Fetcher:
    """Fetches into a folder. sleep, clock: replaced in tests."""

    folder: Path
    policy: Policy = Policy()
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _robots: dict[str, urllib.robotparser.RobotFileParser] = field(default_factory=dict)
    _asked: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._client = httpx.Client(
            headers={"User-Agent": AGENT},
            timeout=self.policy.timeout,
            follow_redirects=True,
            max_redirects=10,
        )

    def close(self) -> None:
        self._client.close()

    def resources(self, portal: str, dataset: str) -> list[Resource]:
        """What a data set of the portal holds, as its API tells.

        Raises:
            FetchFailed: no answer, or one of another shape.
        """
        address = f"{portal.rstrip('/')}/{dataset}/"
        body = self._get(address)
        try:
            return [_resource(each) for each in json.loads(body)["resources"]]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise FetchFailed(
                f"{address} does not answer as the portal's API does ({type(error).__name__})",
                "Check PASSERELLE_PORTAL, or give an export that you have with --from.",
            ) from error

    def download(self, resource: Resource, progress: Progress = lambda _have, _all: None) -> Path:
        """The file in the cache; fetched again only if the server says that it changed.

        What was cut is resumed. A file whose checksum is wrong is fetched once more from its
        start, then refused; what was in the cache stays until the new one is complete.

        Raises:
            InvalidSetting: not an http or https address.
            FetchFailed: no answer within the tries, a refusal, or a wrong checksum.
            WriteFailed: no room for it.
        """
        _refuse_other_schemes(resource.address)
        self.folder.mkdir(parents=True, exist_ok=True)
        name = Path(urlsplit(resource.address).path).name
        target = self.folder / (name or hashlib.sha256(resource.address.encode()).hexdigest())
        part = target.with_name(target.name + ".part")
        for last in (False, True):
            if self._complete(resource, target, part, progress):
                return target
            fault = _fault(part, resource.checksum)
            if fault is None:
                break
            part.unlink()
            if last:
                raise FetchFailed(
                    f"{resource.address}: {fault}", "Try later: the file may just be replaced."
                )
        part.replace(target)
        _validators(part).replace(_validators(target))
        return target

    def document(self, resource: Resource, progress: Progress = lambda _h, _a: None) -> Document:
        """A downloaded file with its day: the one listed, else of its last change, else today.

        Raises:
            As `download`.
        """
        path = self.download(resource, progress)
        changed = _parsed_day(_read_validators(path).get("modified"))
        dated = resource.dated or changed or datetime.now(UTC).date()
        return Document(path.read_bytes(), resource.address, dated)

    def page(self, address: str) -> Document:
        """One page, as a document; from the cache when the server says that it did not change.

        Raises:
            InvalidSetting: not an http or https address.
            FetchFailed: forbidden by robots.txt, no answer, or a refusal.
            DocumentTooLarge: more than a page has. WriteFailed: no room for it.
        """
        _refuse_other_schemes(address)
        if not self._allowed(address):
            raise FetchFailed(
                f"{address} must not be fetched by programs (robots.txt)",
                "Save the page with a browser and ingest the file.",
            )
        self._wait(urlsplit(address).netloc)
        pages = self.folder / "pages"
        pages.mkdir(parents=True, exist_ok=True)
        kept = pages / hashlib.sha256(address.encode()).hexdigest()
        known = _read_validators(kept) if kept.exists() else {}
        response = self._request(address, _conditions(known))
        if response.status_code != 304:
            new = kept.with_name(kept.name + ".part")
            try:
                new.write_bytes(response.content)
                _validators(kept).unlink(missing_ok=True)
                new.replace(kept)
                _write_validators(kept, response)
            except OSError as error:
                raise self._unwritable(new, error) from error
        content = kept.read_bytes()
        return Document(content, address, _day(response) or datetime.now(UTC).date())

    def _complete(self, resource: Resource, target: Path, part: Path, progress: Progress) -> bool:
        """Fetch into `part`; True when `target` stands unchanged."""
        fault: Exception | None = None
        for attempt in range(self.policy.attempts):
            if attempt:
                self._pause(attempt, fault)
            known = _read_validators(target) if target.exists() and not part.exists() else {}
            begun = _read_validators(part) if part.exists() else {}
            # If the file changed since, the server sends the whole of the new one.
            validator = begun.get("etag") or begun.get("modified")
            resumable = validator is not None or resource.checksum is not None
            have = part.stat().st_size if part.exists() and resumable else 0
            headers = _conditions(known)
            if have:
                headers["Range"] = f"bytes={have}-"
                if validator:
                    headers["If-Range"] = validator
            try:
                with self._client.stream("GET", resource.address, headers=headers) as response:
                    if response.status_code == 304:
                        return True
                    if response.status_code == 416:
                        return False  # nothing is left to fetch: the checksum decides
                    _refuse(response)
                    resumed = response.status_code == 206
                    _write_validators(part, response)
                    _receive(response, part, have if resumed else 0, progress)
                return False
            except httpx.HTTPStatusError as error:
                if error.response.status_code not in RETRIED:
                    raise _failed(resource.address, error) from error
                fault = error
            except (httpx.TransportError, _Cut) as error:
                fault = error
            except (httpx.RequestError, httpx.InvalidURL) as error:
                raise _failed(resource.address, error) from error
            except OSError as error:
                raise self._unwritable(part, error) from error
        raise _failed(resource.address, fault)

    def _unwritable(self, path: Path, error: OSError) -> WriteFailed:
        return WriteFailed(
            f"{path.name} cannot be written ({error.strerror})",
            f"Make room for it in {self.folder} and give the same command again.",
        )

    def _get(self, address: str) -> bytes:
        return self._request(address, {}).content

    def _request(self, address: str, headers: dict[str, str]) -> httpx.Response:
        fault: Exception | None = None
        for attempt in range(self.policy.attempts):
            if attempt:
                self._pause(attempt, fault)
            try:
                with self._client.stream("GET", address, headers=headers) as response:
                    if response.status_code != 304:
                        _refuse(response)
                        _read_bounded(response, address)
                    return response
            except httpx.HTTPStatusError as error:
                if error.response.status_code not in RETRIED:
                    raise _failed(address, error) from error
                fault = error
            except httpx.TransportError as error:
                fault = error
            except (httpx.RequestError, httpx.InvalidURL) as error:
                raise _failed(address, error) from error
        raise _failed(address, fault)

    def _pause(self, attempt: int, fault: Exception | None) -> None:
        wait = self.policy.backoff * 2 ** (attempt - 1)
        if isinstance(fault, httpx.HTTPStatusError):
            wait = max(wait, _asked_to_wait(fault.response.headers.get("Retry-After", "")))
        self.sleep(min(wait, self.policy.longest))

    def _allowed(self, address: str) -> bool:
        host = "{0.scheme}://{0.netloc}".format(urlsplit(address))
        if host not in self._robots:
            rules = urllib.robotparser.RobotFileParser()
            try:
                rules.parse(self._get(f"{host}/robots.txt").decode("utf-8", "replace").splitlines())
            except FetchFailed as error:
                # No such file: everything may be fetched. A server in trouble: nothing.
                rules.parse(
                    []
                    if error.status and 400 <= error.status < 500
                    else ["User-agent: *", "Disallow: /"]
                )
            self._robots[host] = rules
        return self._robots[host].can_fetch(AGENT, address)

    def _wait(self, host: str) -> None:
        rest = self._asked.get(host, float("-inf")) + self.policy.pace - self.clock()
        if rest > 0:
            self.sleep(rest)
        self._asked[host] = self.clock()


def _refuse_other_schemes(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidSetting(f"{address!r} is no web address", "Begin it with https://")


class _Cut(Exception):
    """The connection ended before the announced length."""


def _resource(listed: dict[str, Any]) -> Resource:
    address = listed["url"]
    checksum = listed.get("checksum") or {}
    changed = listed.get("last_modified") or listed.get("modified") or ""
    return Resource(
        name=listed.get("title") or Path(urlsplit(address).path).name,
        address=address,
        checksum=(checksum["type"].lower(), checksum["value"].lower()) if checksum else None,
        dated=date.fromisoformat(changed[:10]) if changed else None,
    )


def _receive(response: httpx.Response, part: Path, have: int, progress: Progress) -> None:
    length = response.headers.get("Content-Length")
    whole = have + int(length) if length and length.isdecimal() else None
    with part.open("r+b" if have else "wb") as file:
        file.seek(have)
        file.truncate()
        # As they come: a chunk that is gathered is lost when the connection is cut.
        for chunk in response.iter_raw():
            file.write(chunk)
            have += len(chunk)
            progress(have, whole)
    if whole is not None and have < whole:
        raise _Cut


def _read_bounded(response: httpx.Response, address: str) -> None:
    body = bytearray()
    for chunk in response.iter_bytes(_CHUNK):
        body += chunk
        if len(body) > PAGE_BYTES:
            raise DocumentTooLarge(
                f"{address} has over {PAGE_BYTES // 2**20} MB", "Give the address of one page."
            )
    response._content = bytes(body)


def _refuse(response: httpx.Response) -> None:
    response.raise_for_status()


def _fault(path: Path, checksum: tuple[str, str] | None) -> str | None:
    """What is wrong with a file, None when its checksum is right or not told."""
    if checksum is None or checksum[0] not in hashlib.algorithms_available:
        return None
    with path.open("rb") as file:
        found = hashlib.file_digest(file, checksum[0]).hexdigest()
    if found == checksum[1]:
        return None
    return f"its {checksum[0]} is {found}, but {checksum[1]} was announced"


def _failed(address: str, fault: Exception | None) -> FetchFailed:
    if isinstance(fault, httpx.HTTPStatusError):
        code = fault.response.status_code
        return FetchFailed(
            f"{address} answers {code} {fault.response.reason_phrase}".rstrip(),
            "Try later." if code in RETRIED else "Check the address.",
            status=code,
        )
    if isinstance(fault, httpx.TooManyRedirects):
        return FetchFailed(f"{address} redirects without end", "Check the address.")
    reason = "the connection was cut" if isinstance(fault, _Cut) else str(fault or "no answer")
    return FetchFailed(
        f"{address} cannot be fetched: {reason}", "Check the network and try again; it resumes."
    )


def _day(response: httpx.Response) -> date | None:
    return _parsed_day(response.headers.get("Last-Modified"))


def _parsed_day(stated: str | None) -> date | None:
    try:
        return email.utils.parsedate_to_datetime(stated).date() if stated else None
    except ValueError:
        return None


def _asked_to_wait(told: str) -> float:
    """Seconds of a Retry-After: a number, or a day and time; 0 for anything else."""
    if told.isdecimal():
        return float(told)
    try:
        then = email.utils.parsedate_to_datetime(told)
    except ValueError:
        return 0
    return max((then - datetime.now(UTC)).total_seconds(), 0) if then.tzinfo else 0


def _validators(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _write_validators(path: Path, response: httpx.Response) -> None:
    kept = {
        name: response.headers[header]
        for name, header in (("etag", "ETag"), ("modified", "Last-Modified"))
        if header in response.headers
    }
    _validators(path).write_text(json.dumps(kept), "utf-8")


def _read_validators(path: Path) -> dict[str, str]:
    try:
        kept: dict[str, str] = json.loads(_validators(path).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return kept


def _conditions(known: dict[str, str]) -> dict[str, str]:
    headers = {"Accept-Encoding": "identity"}
    if "etag" in known:
        headers["If-None-Match"] = known["etag"]
    elif "modified" in known:
        headers["If-Modified-Since"] = known["modified"]
    return headers
