"""Every error raised on purpose. Each says what is wrong, where, and what to do next."""

from __future__ import annotations


class PasserelleError(Exception):
    """Base of all errors raised on purpose.

    Args:
        what: one line in English that names the thing and the fault.
        next_step: one line that says what to do next.
        where: file, address or place, when it is not in `what` already.

    `code` is stable and names the kind of error: the pages show a visitor's sentence by it.
    """

    code = "error"

    def __init__(self, what: str, next_step: str, *, where: str | None = None) -> None:
        self.what = what
        self.next_step = next_step
        self.where = where
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}\n{self.next_step}"


class InvalidRecord(PasserelleError):
    """A value that the vocabulary does not allow."""

    code = "invalid_record"

    def __init__(self, field: str, value: object, expected: str) -> None:
        super().__init__(
            f"{field} is {value!r}; {expected}",
            "Correct the source, or report the value as unknown (None).",
        )
        self.field = field


class EmptyDocument(PasserelleError):
    """No byte, or no text in it."""

    code = "empty_document"


class BinaryDocument(PasserelleError):
    """Bytes that are no text, HTML, XML, PDF or DOCX."""

    code = "binary_document"


class UnreadableDocument(PasserelleError):
    """A known format whose content cannot be read: damaged, protected, without text."""

    code = "unreadable_document"


class UnsafeDocument(PasserelleError):
    """Content made to do harm: entity bombs, external entities, archives that climb out."""

    code = "unsafe_document"


class DocumentTooLarge(PasserelleError):
    """More bytes than one document may have."""

    code = "document_too_large"


class UnknownKind(PasserelleError):
    """No source recognises the document."""

    code = "unknown_kind"


class IncompleteDocument(PasserelleError):
    """A recognised document without what its kind must have; often cut in the middle."""

    code = "incomplete_document"


class NotFound(PasserelleError):
    """An identifier that the knowledge base does not hold."""

    code = "not_found"


class EmptyKnowledgeBase(PasserelleError):
    """A question to a knowledge base that holds nothing yet."""

    code = "empty_knowledge_base"


class IndexMismatch(PasserelleError):
    """An index made with another model, or from another state of the knowledge base."""

    code = "index_mismatch"


class MissingModel(PasserelleError):
    """The model that the settings name cannot be loaded."""

    code = "missing_model"


class NoTask(PasserelleError):
    """A description in which no task was found."""

    code = "no_task"


class InvalidSetting(PasserelleError):
    """A setting of the environment or the command line that cannot be used."""

    code = "invalid_setting"


class FetchFailed(PasserelleError):
    """A download that a server refuses, or that cannot be completed. status: its answer's code."""

    code = "fetch_failed"

    def __init__(self, what: str, next_step: str, *, status: int | None = None) -> None:
        super().__init__(what, next_step)
        self.status = status


class ImplausibleExport(PasserelleError):
    """An export whose counts are not those of a whole register; the old one stays."""

    code = "implausible_export"


class WriteFailed(PasserelleError):
    """The knowledge base cannot be written: a full disk, another process that writes."""

    code = "write_failed"


class BelowFloor(PasserelleError):
    """A measured quality below the floor that was kept for it."""

    code = "below_floor"
