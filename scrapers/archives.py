"""Archives, looked at before anything is unpacked; nothing of them is ever written to disk."""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePosixPath

from kb.errors import UnreadableDocument, UnsafeDocument
from kb.model import Document

MARK = b"PK\x03\x04"
OF_TABLES = (
    "tables are taken together by what they are: passerelle update csv --from FILE, or rome, or "
    "esco."
)
"""What to do with an archive of several."""
MAX_RATIO = 200
"""Unpacked over packed size. Exports unpack to some ten times their size, bombs to thousands."""
MAX_BYTES = 4 * 2**30
"""Unpacked; the whole register has some 600 MB."""
MAX_FILES = 1000
_SLACK = 2**20  # small archives may well exceed the ratio
_ENCRYPTED = 0x1


def opened(document: Document) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
    """The archive and its files, folders left out.

    The sizes that it tells bound what is read: no more than that is ever unpacked of a file.

    Raises:
        UnsafeDocument: a path leaves its folder, or the files unpack to too much.
        UnreadableDocument: damaged, or protected with a password.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(document.content))
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise UnreadableDocument(
            f"{document.name} is a damaged archive ({error})", "Download it again."
        ) from error
    files = [each for each in archive.infolist() if not each.is_dir()]
    for each in files:
        path = PurePosixPath(each.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in each.filename:
            raise UnsafeDocument(
                f"{document.name} holds a path that leaves its folder: {each.filename!r}",
                "Do not unpack it; download it again from its publisher.",
            )
        if each.flag_bits & _ENCRYPTED:
            raise UnreadableDocument(
                f"{document.name} is protected with a password",
                "Unpack it with its password and give the files.",
            )
    total = sum(each.file_size for each in files)
    if len(files) > MAX_FILES:
        what = f"holds {len(files)} files, more than {MAX_FILES}"
    elif total > MAX_RATIO * len(document.content) + _SLACK:
        what = f"unpacks to over {MAX_RATIO} times its size"
    elif total > MAX_BYTES:
        what = f"unpacks to {total / 2**30:.1f} GB, over {MAX_BYTES // 2**30}"
    else:
        return archive, files
    raise UnsafeDocument(f"{document.name} {what}", "Unpack it by hand and look at what it holds.")
