"""Settings; the only reader of the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from kb.errors import InvalidSetting

PORTAL = "https://www.data.gouv.fr/api/1/datasets"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are and how much is allowed.

    home: folder of the database and the indexes (PASSERELLE_HOME; default: the user's data folder).
    database_url: SQLAlchemy address (PASSERELLE_DATABASE_URL; default: SQLite in `home`).
    model: None for the shipped model, else a path or a hub name (PASSERELLE_MODEL).
    second: whether the second stage reads matches again where ONNX Runtime is installed
        (PASSERELLE_SECOND, on or off; default on).
    portal: the open-data portal's data sets (PASSERELLE_PORTAL).
    rome, esco, formacode, onisep: address of the file that `update` takes this nomenclature from;
        None: the portal's, or none (PASSERELLE_ROME, _ESCO, _FORMACODE, _ONISEP).
    max_document_bytes: a larger document is refused (PASSERELLE_MAX_DOCUMENT_MB, default 2048).
    max_upload_bytes: the same for a file sent to the pages or to `match`
        (PASSERELLE_MAX_UPLOAD_MB, default 10).
    """

    home: Path
    database_url: str
    model: str | None = None
    second: bool = True
    portal: str = PORTAL
    rome: str | None = None
    esco: str | None = None
    formacode: str | None = None
    onisep: str | None = None
    max_document_bytes: int = 2048 * 2**20
    max_upload_bytes: int = 10 * 2**20

    @property
    def index_folder(self) -> Path:
        return self.home / "index"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the variables named above.

        Raises:
            InvalidSetting: a size that is not a whole number of megabytes above zero; a switch
                that is neither on nor off.
        """
        given = environment.get("PASSERELLE_HOME")
        home = Path(given).expanduser() if given else platformdirs.user_data_path("passerelle")
        home = home.absolute()
        return cls(
            home=home,
            database_url=environment.get("PASSERELLE_DATABASE_URL")
            or f"sqlite:///{home / 'passerelle.db'}",
            model=environment.get("PASSERELLE_MODEL") or None,
            second=_switch(environment, "PASSERELLE_SECOND"),
            portal=environment.get("PASSERELLE_PORTAL") or PORTAL,
            rome=environment.get("PASSERELLE_ROME") or None,
            esco=environment.get("PASSERELLE_ESCO") or None,
            formacode=environment.get("PASSERELLE_FORMACODE") or None,
            onisep=environment.get("PASSERELLE_ONISEP") or None,
            max_document_bytes=_megabytes(environment, "PASSERELLE_MAX_DOCUMENT_MB", 2048),
            max_upload_bytes=_megabytes(environment, "PASSERELLE_MAX_UPLOAD_MB", 10),
        )


def _switch(environment: Mapping[str, str], name: str) -> bool:
    text = environment.get(name) or "on"
    if text not in ("on", "off"):
        raise InvalidSetting(f"{name} is {text!r}", "Set it to on or off, or unset it.")
    return text == "on"


def _megabytes(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name, str(default))
    if not text.isdecimal() or int(text) == 0:
        raise InvalidSetting(
            f"{name} is {text!r}, not a whole number of megabytes above zero",
            f"Set it to a number such as {default}, or unset it.",
        )
    return int(text) * 2**20
