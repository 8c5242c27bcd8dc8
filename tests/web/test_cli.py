"""The command line from end to end, on documents in our own words."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import web.cli
from kb.errors import PasserelleError
from web.cli import app

ROOT = Path(__file__).resolve().parent.parent.parent
FIXTURES = ROOT / "tests" / "fixtures"
DEMO = ROOT / "web" / "demo"


class Answer:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """`run("search", "x")` as in a shell, with a knowledge base of its own."""
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "home"))

    def call(*arguments: str | Path, stdin: bytes = b"") -> Answer:
        result = CliRunner().invoke(app, [str(each) for each in arguments], input=stdin)
        if isinstance(result.exception, PasserelleError):
            return Answer(1, result.stdout, web.cli.one_line(result.exception))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        return Answer(result.exit_code, result.stdout, result.stderr)

    return call


@pytest.fixture
def demo(run):  # type: ignore[no-untyped-def]
    assert run("ingest", DEMO / "register.xml", DEMO / "jobs").code == 0
    return run


def test_ingest_reports_each_document_and_one_bad_file_does_not_stop_the_others(
    run,
    tmp_path: Path,  # type: ignore[no-untyped-def]
) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    answer = run("ingest", tmp_path / "empty.txt", DEMO / "register.xml", "--json")
    assert answer.code == 1
    bad, good = answer.json["documents"]
    assert "empty" in bad["error"]
    assert bad["read"] == []
    assert good["error"] is None
    assert all(each.startswith(("rncp:", "rs:")) for each in good["read"])
    assert run("show", good["read"][0], "--json").json["id"] == good["read"][0]


def test_ingest_in_words_names_lines(run) -> None:  # type: ignore[no-untyped-def]
    page = next(DEMO.glob("pages/*.txt"))
    answer = run("ingest", page)
    assert answer.code == 0
    assert re.search(r"rncp_page: rncp:RNCP99\d+", answer.out)


def test_a_directory_is_read_whole_but_for_hidden_files(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "d" / ".hidden").mkdir(parents=True)
    (tmp_path / "d" / ".hidden" / "x.bin").write_bytes(b"\0\1\2")
    (tmp_path / "d" / "page.txt").write_bytes(next(DEMO.glob("pages/*.txt")).read_bytes())
    answer = run("ingest", tmp_path / "d", "--json")
    assert [Path(each["document"]).name for each in answer.json["documents"]] == ["page.txt"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (bytes(range(256)) * 20, "binary"),
        (b"%PDF-1.7 garbage" * 20, "PDF"),
        (b"12 34 56\n\n78 90", "kind"),
        (b"a " * (11 * 2**20), "MB"),
        (
            b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
            b"<FICHES><FICHE><NUMERO_FICHE>&x;</NUMERO_FICHE></FICHE></FICHES>",
            "ntit",
        ),
    ],
)
def test_bad_input_is_one_line_a_failure_and_changes_nothing(
    demo,
    tmp_path: Path,
    content: bytes,
    says: str,  # type: ignore[no-untyped-def]
) -> None:
    before = (demo("sources", "--json").json["documents"], demo("search", "gestion", "--json").out)
    (tmp_path / "bad").write_bytes(content)
    answer = demo("ingest", tmp_path / "bad")
    assert answer.code == 1
    (line,) = answer.err.strip().splitlines()
    assert says in line
    assert "bad" in line
    assert (
        demo("sources", "--json").json["documents"],
        demo("search", "gestion", "--json").out,
    ) == before


def test_one_broken_sheet_of_an_export_is_told_and_the_others_are_taken(
    run,  # type: ignore[no-untyped-def]
    tmp_path: Path,
) -> None:
    export = (DEMO / "register.xml").read_text("utf-8")
    broken = export.replace("<NUMERO_FICHE>RNCP99001", "<BROKEN><NUMERO_FICHE>RNCP99001")
    assert broken != export
    (tmp_path / "register.xml").write_text(broken, "utf-8")
    answer = run("ingest", tmp_path / "register.xml")
    assert answer.code == 1
    (line,) = answer.err.strip().splitlines()
    assert "left out: 1." in line
    assert "line " in answer.out
    assert "RNCP99001" not in answer.out.splitlines()[0]
    assert run("show", "RNCP99001").code == 1
    sheets = run("sources", "--json").json["exports"]
    assert sheets[0]["parts"] > 1


def test_a_missing_file_and_a_wrong_source_are_told(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert "no such file" in run("ingest", tmp_path / "nothing").err
    wrong = run("ingest", DEMO / "register.xml", "--source", "nonsense")
    assert wrong.code == 1
    assert "rncp_xml" in wrong.err


def test_show_has_every_promised_name(demo) -> None:  # type: ignore[no-untyped-def]
    certification = demo("show", "rncp:RNCP99001", "--json").json
    assert {
        "number", "title", "level", "active", "registration_end", "certifiers", "nsf",
        "formacodes", "rome", "objectives", "activities", "competencies", "blocks", "assessments",
        "sectors", "job_titles", "access_routes", "territories", "prerequisites", "statistics",
        "replaces", "replaced_by", "correspondences", "partners", "modules", "hours", "points",
        "exam_rules", "documents", "warnings",
    } <= certification.keys()  # fmt: skip
    assert {"id", "code", "text", "group", "block", "activity", "criteria"} <= (
        certification["competencies"][0].keys()
    )
    assert {"code", "title", "competencies", "assessments", "block_exam_points"} <= (
        certification["blocks"][0].keys()
    )
    found = demo("search", "métier", "--json").json
    assert found["read_as"] == ["métier"]
    assert {"id", "kind", "title", "score", "highlights", "standing"} <= found["results"][0].keys()
    misspelt = demo("search", "comptabillité")
    assert misspelt.out.splitlines()[0].startswith("Read as: comptab")


def test_show_a_job(demo) -> None:  # type: ignore[no-untyped-def]
    done = demo("ingest", DEMO / "jobs", "--json").json["documents"]
    job = demo("show", done[0]["read"][0], "--json").json
    assert {
        "title", "family", "other_names", "purpose", "missions", "macro_competencies", "skills",
        "qualities", "salaries", "moves", "rome", "documents", "warnings",
    } <= job.keys()  # fmt: skip
    assert job["documents"][0].keys() >= {"source", "address", "sha256"}
    assert demo("show", "job:nothing").code == 1


def test_match_from_a_file_and_from_standard_input_is_the_same(demo) -> None:  # type: ignore[no-untyped-def]
    offer = next(iter(sorted((DEMO / "offers").iterdir())))
    from_file = demo("match", offer, "--json")
    assert from_file.code == 0
    assert from_file.json == demo("match", "-", "--json", stdin=offer.read_bytes()).json
    assert from_file.json.keys() == {"tasks", "blocks", "certifications", "careers", "uncovered"}
    task = next(each for each in from_file.json["tasks"] if each["matches"])
    assert task.keys() == {"text", "start", "end", "matches"}
    text = offer.read_text("utf-8")
    assert text[task["start"] : task["end"]].split()[0] in task["text"]
    assert task["matches"][0].keys() >= {
        "competency", "text", "block", "certification", "score", "probability", "query_span",
        "text_span",
    }  # fmt: skip
    assert from_file.json["blocks"][0].keys() == {
        "code", "title", "certification", "covered", "coverage", "unclear", "standing",
    }  # fmt: skip
    assert demo("match", offer).code == 0


def test_what_is_no_longer_in_force_is_told_or_left_out(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    whole = (DEMO / "register.xml").read_text("utf-8")
    state = "\n    <ACTIF>Oui</ACTIF>"
    assert whole.index(state) < whole.index("<ID_FICHE>990004</ID_FICHE>")
    register = tmp_path / "register.xml"
    register.write_text(whole.replace(state, state.replace("Oui", "Non"), 1), "utf-8")
    assert run("ingest", register).code == 0
    query = "Assistant de gestion et d'administration de petite structure"
    offer = DEMO / "offers" / "administration_office_manager.txt"
    standing = {"active": False, "level": 5}

    found = run("search", query, "--json").json["results"]
    assert (found[0]["id"], found[0]["standing"]) == ("rncp:RNCP99001", standing)
    row = next(line for line in run("search", query).out.splitlines() if "RNCP99001 " in line)
    assert row.split()[-3:-1] == ["5", "no"]
    left = run("search", query, "--in-force", "--json").json["results"]
    assert left
    assert not [each for each in left if "RNCP99001" in each["id"]]

    told = run("match", offer, "--json").json
    states = {each["number"]: each["standing"] for each in told["certifications"]}
    assert states["RNCP99001"] == standing
    assert standing in [each["standing"] for each in told["blocks"]]
    words = run("match", offer).out
    assert re.search(r"^RNCP99001 .* 5 +no +\d+ of \d+", words, re.MULTILINE)
    assert re.search(r"^RNCP99001BC\d\d .* 5 +no +\d+ of \d+", words, re.MULTILINE)
    counted = run("match", offer, "--in-force", "--json").json
    assert counted["certifications"]
    assert "RNCP99001" not in json.dumps(counted)


def test_questions_to_an_empty_knowledge_base_say_to_ingest(run) -> None:  # type: ignore[no-untyped-def]
    for answer in (run("search", "x"), run("match", "-", stdin=b"Accueillir les clients")):
        assert answer.code == 1
        assert "ingest" in answer.err


def test_rebuild_gives_the_same_answers(demo) -> None:  # type: ignore[no-untyped-def]
    offer = next(iter(sorted((DEMO / "offers").iterdir())))
    before = demo("match", offer, "--json").out
    assert demo("rebuild", "--json").code == 0
    assert demo("match", offer, "--json").out == before


def test_sources_lists_kinds_and_documents(demo) -> None:  # type: ignore[no-untyped-def]
    answer = demo("sources", "--json").json
    assert {each["name"] for each in answer["sources"]} >= {"rncp_xml", "rncp_page", "article"}
    assert len(answer["documents"]) > 1
    assert "rncp_xml" in demo("sources").out


def test_demo_matches_an_offer_and_ends(run) -> None:  # type: ignore[no-untyped-def]
    answer = run("demo", "--exit")
    assert answer.code == 0
    assert "RNCP99" in answer.out


def test_neither_match_nor_help_loads_what_only_training_needs(tmp_path: Path) -> None:
    program = (
        "import sys, io; sys.argv = ['passerelle', *{arguments!r}]\n"
        "from web.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {{'torch', 'sentence_transformers', 'transformers', 'sklearn'}}\n"
        "sys.stderr.write(','.join(sorted(heavy & sys.modules.keys())))\n"
    )
    environment = {"PASSERELLE_HOME": str(tmp_path), "PATH": ""}

    def heavy_modules(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", program.format(arguments=list(arguments))],
            capture_output=True, text=True, env=environment, cwd=ROOT, check=True,
            timeout=120,
        )  # fmt: skip
        return done.stderr.splitlines()[-1] if done.stderr else ""

    heavy_modules("ingest", str(DEMO / "register.xml"))
    offer = next(iter(sorted((DEMO / "offers").iterdir())))
    assert heavy_modules("match", str(offer)) == ""
    assert heavy_modules("--help") == ""


def test_main_prints_one_line_and_exits_with_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["passerelle", "show", "rncp:RNCP99999"])
    with pytest.raises(SystemExit) as ended:
        web.cli.main()
    assert ended.value.code == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_uploads_are_read_by_content_not_by_name() -> None:
    text = web.cli.read_upload("cv.pdf", b"Accueil des clients\nTenue de la caisse")
    assert text == "Accueil des clients\nTenue de la caisse"


def test_a_docx_upload_keeps_its_list_marks() -> None:
    import docx

    made = docx.Document()
    made.add_paragraph("Accueil des clients", style="List Bullet")
    buffer = io.BytesIO()
    made.save(buffer)
    assert web.cli.read_upload("x", buffer.getvalue()) == "- Accueil des clients"
