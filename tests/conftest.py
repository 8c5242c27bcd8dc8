"""Shared fixtures: the folder of real data, and documents made in one line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kb.model import Document

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real documents; the test is skipped where it is missing."""
    folder = Path(os.environ.get("PASSERELLE_REAL_DATA", ROOT.parent / "shared"))
    if not (folder / "seeds").is_dir():
        pytest.skip(f"no real data in {folder}; set PASSERELLE_REAL_DATA")
    return folder


@pytest.fixture(scope="session")
def seed(real_data: Path):  # type: ignore[no-untyped-def]
    """`seed("000")` -> the Document of that seed."""

    def load(number: str) -> Document:
        path = next((real_data / "seeds").glob(f"{number}_*.txt"))
        return Document(path.read_bytes(), str(path))

    return load
