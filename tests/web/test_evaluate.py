"""`passerelle evaluate` from end to end, as far as it needs no reference tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from click.testing import Result
from typer.testing import CliRunner

from index.evaluate import floors
from index.evaluate.run import OWN
from kb.errors import BelowFloor, InvalidSetting, PasserelleError
from web.cli import app


def evaluate(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(app, ["evaluate", *map(str, arguments)])
    if isinstance(result.exception, PasserelleError):
        raise result.exception
    return result


def test_without_tables_what_needs_none_is_measured_and_the_rest_is_said() -> None:
    answer = evaluate("--json", "--check")
    assert answer.exit_code == 0
    report = json.loads(answer.stdout)
    assert list(report) == list(OWN)
    assert len(report["calibration"]["pairs"]["reliability"]) in range(5, 11)
    assert "--data" in answer.stderr


def test_figures_are_told_with_their_intervals() -> None:
    answer = evaluate("--task", "segments")
    (line,) = [line for line in answer.stdout.splitlines() if " precision " in line]
    cells = line.split()
    assert cells[:3] == ["segments", "characters", "precision"]
    assert float(cells[4]) < float(cells[3]) < float(cells[6])
    assert answer.stderr == ""


def test_a_page_is_written_beside_the_answer(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    answer = evaluate("--task", "segments", "--html", path, "--json")
    assert set(json.loads(answer.stdout)) == {"segments"}
    assert str(path) in answer.stderr
    page = BeautifulSoup(path.read_text("utf-8"), "html.parser")
    assert page.select_one("#segments") is not None
    assert page.select_one("#calibration") is None


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--task", "T3"], "--data"),
        (["--task", "T99"], "T99"),
        (["--learn"], "--data"),
        (["--html", "nowhere/report.html"], "nowhere"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_measured(
    arguments: list[str], says: str
) -> None:
    with pytest.raises(InvalidSetting, match=says):
        evaluate(*arguments)


def test_floors_are_put_by_the_command_and_fall_with_a_reason_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "floors.json"
    kept = json.loads(floors.FLOORS.read_text("utf-8"))["segments/characters"]
    too_high = {"segments/characters": {**kept, "floors": {"precision": 0.99}}}
    path.write_text(json.dumps(too_high), "utf-8")
    for function in (floors.check, floors.raise_floors, floors.beside):
        defaults = function.__defaults__ or ()
        changed = tuple(path if each == floors.FLOORS else each for each in defaults)
        monkeypatch.setattr(function, "__defaults__", changed)
    with pytest.raises(BelowFloor, match="precision"):
        evaluate("--task", "segments", "--check")
    with pytest.raises(InvalidSetting, match="reason"):
        evaluate("--task", "segments", "--raise-floors")
    evaluate("--task", "segments", "--raise-floors", "--reason", "an example", "--check")
    assert json.loads(path.read_text("utf-8"))["segments/characters"]["reason"] == "an example"
