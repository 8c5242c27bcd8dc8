"""What a visitor sends: a text or a file, held in memory only and never written anywhere."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field

from fastapi import HTTPException, Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from kb.errors import DocumentTooLarge, EmptyDocument

ENVELOPE_BYTES = 64 * 1024  # boundaries, headers and names of the fields around the content
_DRAINED = 8  # times the limit: what is read and thrown away so that a browser sees the answer


class MemoryParser(MultiPartParser):
    """Starlette's parser without its temporary files: 0 means that nothing ever spills to disk.

    Safe because `bounded` holds the size of the whole request.
    """

    spool_max_size = 0


@dataclass(frozen=True, slots=True)
class Description:
    """A job description or a CV as sent. text: pasted; filename, content: of the file, if any.

    in_force: it is to be matched with what is in force only.
    """

    text: str
    in_force: bool
    filename: str | None = None
    content: bytes = field(default=b"", repr=False)

    def read(self, read_upload: Callable[[str, bytes], str]) -> str:
        """Its words: those of the file if there is one, else the pasted text.

        Raises:
            EmptyDocument: neither of them. Others: see the reader of uploads.
        """
        if self.filename is not None:
            return read_upload(self.filename, self.content)
        if not self.text.strip():
            raise EmptyDocument(
                "the form has no text and no file", "Paste a text or choose a file."
            )
        return self.text


EMPTY_FORM = Description("", in_force=True)
"""As the form stands before anything was sent."""


async def read_description(request: Request, limit: int) -> Description:
    """The fields `texte`, `fichier` and `en_vigueur` (1; absent: everything) of a multipart form.

    Args:
        limit: bytes that the text and the file may have together.
    Raises:
        DocumentTooLarge: more than that. HTTPException: no multipart form, or a malformed one.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise HTTPException(415, "expected multipart/form-data")
    ceiling = limit + ENVELOPE_BYTES
    parser = MemoryParser(
        request.headers,
        bounded(request, ceiling),
        max_files=1,
        max_fields=10,
        max_part_size=ceiling,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise HTTPException(400, error.message) from error
    text, file = form.get("texte"), form.get("fichier")
    in_force = form.get("en_vigueur") == "1"
    # Browsers end the lines of a textarea with CR LF.
    pasted = text.replace("\r\n", "\n") if isinstance(text, str) else ""
    if isinstance(file, UploadFile) and file.filename:
        return Description(pasted, in_force, file.filename, await file.read())
    return Description(pasted, in_force)


async def bounded(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    """The body of a request, up to `limit` bytes.

    Raises:
        DocumentTooLarge: there are more; the rest is read and dropped up to a bound, because a
            browser shows the answer only when it could send its file.
    """
    seen = 0
    async for chunk in request.stream():
        seen += len(chunk)
        if seen > limit * _DRAINED:
            break
        if seen <= limit:
            yield chunk
    if seen > limit:
        raise DocumentTooLarge(
            f"the form has more than {limit / 2**20:.1f} MB", "Send a smaller file, or its text."
        )
