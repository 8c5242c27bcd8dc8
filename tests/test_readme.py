"""The README, the command line, the Makefile and the package say the same."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from kb.config import Settings
from scrapers.discovery import all_sources
from web.cli import app

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def test_the_readme_lists_the_commands_that_there_are() -> None:
    told = re.findall(r"^\| `passerelle (\w+)", README, re.MULTILINE)
    assert sorted(told) == sorted(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help(name: str) -> None:
    result = CliRunner().invoke(app, [name, "--help"])
    assert result.exit_code == 0
    assert COMMANDS[name].help


@pytest.mark.parametrize(
    "name",
    ["ingest", "sources", "show", "search", "match", "rebuild", "register", "changes"],
)
def test_every_command_that_answers_speaks_json(name: str) -> None:
    assert any("--json" in option.opts for option in COMMANDS[name].params)


def test_the_readme_lists_the_sources_that_there_are() -> None:
    section = README.split("## What it reads")[1].split("\n## ")[0]
    told = re.findall(r"^\| `(\w+)`", section, re.MULTILINE)
    assert sorted(told) == sorted(all_sources())


def test_the_readme_lists_the_settings_that_are_read() -> None:
    asked = set()

    class Asking(dict[str, str]):
        def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
            asked.add(key)
            return default

    Settings.from_environment(Asking())
    assert set(re.findall(r"`(PASSERELLE_\w+)`", README)) == asked


def test_the_readmes_make_commands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^    make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    assert "make test" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_every_package_is_named_and_carries_its_data() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    rooms = ("kb", "scrapers", "index", "web")
    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for room in rooms
        for path in (ROOT / room).rglob("__init__.py")
    }
    assert set(settings["packages"]) == found
    carried = {
        path
        for package, patterns in settings["package-data"].items()
        for pattern in patterns
        for path in (ROOT / package.replace(".", "/")).glob(pattern)
    }
    for room in rooms:
        for path in (ROOT / room).rglob("*"):
            if path.is_file() and path.suffix not in (".py", ".pyc"):
                assert path in carried, f"{path.relative_to(ROOT)} is not package data"


def test_torch_is_pinned() -> None:
    assert "torch==2.13.0" in (ROOT / "constraints.txt").read_text("utf-8").split()
