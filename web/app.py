"""The pages as one application, around a service that answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from kb.compare import Comparison
from kb.errors import PasserelleError
from kb.merge import Entry
from kb.model import Certification, Job, MatchReport, SearchReport
from kb.register import Dossier
from kb.store import Summary
from kb.timeline import Event
from web import api, pages

FOLDER = Path(__file__).parent
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Service(Protocol):
    """What the pages ask. Every method may raise a `PasserelleError`.

    A certification is asked for by number or id, a job by slug or id. in_force: certifications that
    are known to be inactive do not count.
    """

    def search(self, text: str, limit: int, in_force: bool) -> SearchReport: ...

    def match(self, text: str, in_force: bool) -> MatchReport: ...

    def certification(self, key: str) -> Entry[Certification]: ...

    def register(self, key: str) -> Dossier: ...

    def history(self, key: str) -> tuple[Event, ...]: ...

    def job(self, key: str) -> Entry[Job]: ...

    def compare(self, one: str, other: str) -> Comparison: ...

    def read_upload(self, filename: str, content: bytes) -> str: ...

    def summary(self) -> Summary: ...


def create_app(service: Service, *, max_upload_bytes: int = 10 * 2**20) -> FastAPI:
    """The application.

    Args:
        service: answers the questions; its methods may take their time, they run in threads.
        max_upload_bytes: a larger text or file is refused.
    """
    # Its own documentation pages would load scripts from elsewhere.
    app = FastAPI(title="Passerelle", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.service = service
    app.state.max_upload_bytes = max_upload_bytes
    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
    app.include_router(pages.router)
    app.include_router(api.router)
    app.add_exception_handler(PasserelleError, pages.show_error)
    app.add_exception_handler(HTTPException, pages.show_error)
    app.add_exception_handler(RequestValidationError, pages.show_error)
    app.add_exception_handler(Exception, _last_resort)
    app.middleware("http")(_secure)
    return app


async def _secure(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    response = await call_next(request)
    response.headers.update(SECURITY_HEADERS)
    return response


def _last_resort(request: Request, error: Exception) -> Response:
    # This handler stands outside of the middleware.
    response = pages.show_error(request, error)
    response.headers.update(SECURITY_HEADERS)
    return response
