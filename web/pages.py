"""The routes of the pages. Each validates, delegates, renders."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException

from kb.errors import PasserelleError
from kb.model import SearchReport
from web import comparison, language, report, sheets, views
from web.forms import EMPTY_FORM, Description, read_description

if TYPE_CHECKING:
    from kb.store import Summary
    from web.app import Service

router = APIRouter()
_log = logging.getLogger(__name__)

SEARCH_LIMIT = 50
COOKIE = "lang"
COOKIE_SECONDS = 365 * 24 * 3600
# Faults of what was sent are the visitor's to correct, the others ours.
STATUS = {
    "not_found": 404,
    "document_too_large": 413,
    "binary_document": 415,
    "empty_document": 422,
    "unreadable_document": 422,
    "unsafe_document": 422,
    "unknown_kind": 422,
    "incomplete_document": 422,
    "no_task": 422,
    "empty_knowledge_base": 503,
    "index_mismatch": 503,
    "missing_model": 503,
}


@cache
def _environment(code: str) -> Environment:
    """Templates of one language: `t` is its catalogue."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    chosen = language.language(code)
    environment.globals.update(t=chosen.t, language=chosen.code)
    return environment


class Visit:
    """One request: who answers, in which language."""

    def __init__(self, request: Request) -> None:
        self.service: Service = request.app.state.service
        self.limit: int = request.app.state.max_upload_bytes
        self._asked = request.query_params.get("lang")
        self._request = request
        self.language = language.choose(
            self._asked, request.cookies.get(COOKIE), request.headers.get("accept-language")
        )

    def frame(self) -> views.Frame:
        return views.Frame(self.language, self._address(), self._summary())

    def show(self, template: str, view: Any, status: int = 200) -> Response:
        """The page; a language that the address asked for is kept for the next pages."""
        body = _environment(self.language.code).get_template(template).render(view=view)
        response = HTMLResponse(body, status)
        response.headers["Content-Language"] = self.language.code
        response.headers["Vary"] = "Accept-Language, Cookie"
        if self._request.method == "POST":
            response.headers["Cache-Control"] = "no-store"
        if self._asked == self.language.code:
            response.set_cookie(COOKIE, self._asked, COOKIE_SECONDS, httponly=True, samesite="lax")
        return response

    def _address(self) -> str | None:
        if self._request.method != "GET":
            return None
        url = self._request.url.remove_query_params("lang")
        return f"{url.path}?{url.query}&" if url.query else f"{url.path}?"

    def _summary(self) -> Summary | None:
        try:
            return self.service.summary()
        except PasserelleError:
            return None  # an error page must not fail for want of its footer


Visitor = Annotated[Visit, Depends(Visit)]
Key = Annotated[str, Query(max_length=100)]


async def _description(request: Request) -> Description:
    description = await read_description(request, request.app.state.max_upload_bytes)
    request.state.description = description
    return description


@router.get("/")
def home(visit: Visitor) -> Response:
    return visit.show("home.html", views.home(visit.frame(), visit.limit))


@router.get("/recherche")
def search(
    visit: Visitor, q: Annotated[str, Query(max_length=500)] = "", en_vigueur: bool = False
) -> Response:
    asked = bool(q.strip())
    found = visit.service.search(q, SEARCH_LIMIT, en_vigueur) if asked else SearchReport(())
    return visit.show("search.html", views.search(visit.frame(), q.strip(), found, en_vigueur))


@router.get("/rapprochement")
def describe(visit: Visitor) -> Response:
    return visit.show("describe.html", views.home(visit.frame(), visit.limit, "match.heading"))


@router.post("/rapprochement")
def match(visit: Visitor, description: Annotated[Description, Depends(_description)]) -> Response:
    text = description.read(visit.service.read_upload)
    answer = visit.service.match(text, description.in_force)
    return visit.show("match.html", report.report(visit.frame(), answer, description.in_force))


@router.get("/certifications/{key}")
def certification(visit: Visitor, key: str) -> Response:
    service = visit.service
    entry = service.certification(key)
    told, events = service.register(entry.id), service.history(entry.id)
    view = sheets.certification(visit.frame(), entry, told, events)
    return visit.show("certification.html", view)


@router.get("/metiers/{key}")
def job(visit: Visitor, key: str) -> Response:
    return visit.show("job.html", sheets.job(visit.frame(), visit.service.job(key)))


@router.get("/comparaison")
def compare(visit: Visitor, a: Key = "", b: Key = "") -> Response:
    a, b = a.strip(), b.strip()
    if not (a and b):
        return visit.show("comparison.html", comparison.form(visit.frame(), a, b))
    view = comparison.comparison(visit.frame(), a, b, visit.service.compare(a, b))
    return visit.show("comparison.html", view)


def show_error(request: Request, error: Exception) -> Response:
    """A page for any fault, by its code, in the visitor's language."""
    visit = Visit(request)
    status, code = _kind_of(error)
    if status >= 500:
        _log.error("%s: %s", request.url.path, error, exc_info=error)
    form = request.url.path == "/rapprochement"
    sent: Description = getattr(request.state, "description", EMPTY_FORM)
    view = views.error(
        visit.frame(), code, visit.limit, form=form, text=sent.text, in_force=sent.in_force
    )
    return visit.show("error.html", view, status)


def _kind_of(error: Exception) -> tuple[int, str]:
    """HTTP status and the catalogue's code of an error."""
    if isinstance(error, PasserelleError):
        return STATUS.get(error.code, 500), error.code
    if isinstance(error, RequestValidationError):
        return 422, "invalid_request"
    if isinstance(error, HTTPException):
        return error.status_code, "not_found" if error.status_code == 404 else "invalid_request"
    return 500, "error"
