"""Who may import whom, read from the source with `ast`."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("kb", "scrapers", "index", "web")
ALLOWED = {
    "kb": {"kb"},
    "scrapers": {"kb", "scrapers"},
    "index": {"kb", "index"},
    "web": {"kb", "index", "web"},
}
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative import"
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_import_only_their_neighbours(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    allowed = set(ALLOWED[room])
    if path == ROOT / "web" / "cli.py":
        allowed.add("scrapers")
    ours = {name.split(".")[0] for name in imports(path)} & {*ROOMS, "tests"}
    assert ours <= allowed


def only_importer(library: str) -> set[str]:
    return {
        str(path.relative_to(ROOT))
        for path in MODULES
        if any(name.split(".")[0] == library for name in imports(path))
    }


def test_one_module_speaks_to_each_store() -> None:
    assert only_importer("faiss") == {"index/vectors.py"}
    assert only_importer("sqlalchemy") == {"kb/schema.py", "kb/store.py", "kb/writing.py"}


def test_sources_never_import_each_other() -> None:
    for path in (ROOT / "scrapers" / "sources").glob("*.py"):
        assert not any(name.startswith("scrapers.sources") for name in imports(path)), path.name


def test_one_reader_of_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for path in MODULES
        if "os.environ" in path.read_text("utf-8") or "getenv" in path.read_text("utf-8")
    }
    assert readers == {"kb/config.py"}


@pytest.mark.parametrize("room", ROOMS)
def test_packages_resolve_inside_the_checkout(room: str) -> None:
    spec = importlib.util.find_spec(room)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).is_relative_to(ROOT)
