"""Readers of the reference tables, on small tables of our own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kb.errors import InvalidSetting, NotFound, UnreadableDocument
from scrapers.tables import TASKS, read_evaluation, read_training
from scrapers.tables.labelled import read_names, read_offers, read_sheets
from scrapers.tables.register import (
    read_active,
    read_certifications,
    read_detailed,
    read_diplomas,
)
from scrapers.tables.rome import read_moves, read_rome, read_rome4
from scrapers.tables.vocabularies import read_occupations, read_skills, read_terms

ROME = "rome_v347/unix_"
TABLES = {
    ROME + "referentiel_code_rome_v347_utf8.csv": (
        '"code_rome","libelle_rome"\n"Z1202","Entretien d\'\'horloges"\n'
        '"Z1101","Élevage de licornes"\n'
    ),
    ROME + "referentiel_appellation_v347_utf8.csv": (
        '"code_rome","libelle_appellation_long"\n"Z1101","Licornier / Licornière"\n'
        '"Z1202","Horloger / Horlogère d\'\'édifice"\n"Z1101","Licornier / Licornière"\n'
    ),
    ROME + "item_v347_utf8.csv": (
        '"code_ogr","libelle","code_type_referentiel"\n"1","Nourrir une licorne","2"\n'
        '"1","Nutrition des licornes","1"\n"2","Travail de nuit","5"\n'
    ),
    ROME + "liens_rome_referentiels_v347_utf8.csv": (
        '"code_rome","code_ogr","code_type_referentiel"\n"Z1101","1","2"\n"Z1101","1","1"\n'
        '"Z1101","2","5"\n"Z1101","99","2"\n"Z1101","1","2"\n'
    ),
    ROME + "texte_v347_utf8.csv": (
        '"code_rome","position_libelle_txt","libelle_texte","libelle_type_texte"\n'
        '"Z1101","0","Élève des licornes.","definition"\n"Z1101","0","Sans diplôme.","acces_a_em"\n'
        '"Z1101","1","Les soigne.","definition"\n'
    ),
    ROME + "rubrique_mobilite_v347_utf8.csv": (
        '"code_rome","code_rome_cible","libelle_type_mobilite"\n"Z1101","Z1202","Proche"\n'
        '"Z1202","Z1101","Evolution"\n"Z1101","Z1202","Proche"\n'
    ),
    "rome_v460/unix_referentiel_code_rome_v460_utf8.csv": (
        '"code_rome","code_rome_parent"\n"Z1102","Z1101"\n'
    ),
    "rome_v460/unix_referentiel_appellation_v460_utf8.csv": (
        '"code_rome","libelle_appellation_long"\n"Z1102","Dresseur / Dresseuse de licornes"\n'
    ),
    "rome_v460/sheets.json": json.dumps(
        [{"code": "Z1102", "title": "Dresseur", "definition": "Dresse.", "access": None}]
    ),
    "esco_fr/occupations_fr_official.csv": (
        "conceptUri,iscoGroup,preferredLabel,altLabels,description\n"
        'http://example.org/1,9999,licornier,"éleveur de licornes\nlicornier",Il élève.\n'
    ),
    "esco_fr/mockly_skills_fr.csv": (
        "conceptUri,preferredLabel,altLabels\nhttp://example.org/2,soigner une corne,\n"
    ),
    "formacode/formacodes-v14.csv": (
        "\ufeffCode du Terme;Descripteur en typo riche;Champ sémantique;Synonymes;Synonymes métier;"
        "TG (Terme Générique);TS (Termes Spécifiques);TA (Termes Associés)\n"
        "99001;Licorne;990 ANIMAUX;licornologie###corne;licornier;Animal - 99000;;\n"
        "Note;pas un terme;;;;;;\n"
    ),
    "rncp_csv_2021/rncp_info.v1.4.csv": (
        "CodeRNCP;intituleDiplome;ActiveInactive;NiveauEurope;TypeCertif\n"
        'RNCP990002;"Éleveur\nde licornes";ACTIVE;niveau4;Titre\n'
        "RNCP990001;Vieux titre;INACTIVE;;\n"
        "RNCP990002;Encore une fois;INACTIVE;;\nligne cassée;;;;\n"
    ),
    "rncp_csv_2021/rncp_rome.v1.4.csv": (
        "CodeRNCP;Rome\nRNCP990002;Z1101\nRNCP990002;Z1101\nRNCP990002;Z1202\n"
    ),
    "rncp_csv_2021/rncp_blocs_competences.v1.4.csv": (
        "CodeRNCP;intitule\nRNCP990002;Nourrir l''élevage\n"
    ),
    "certif_info/active_titles_2026-04.json": json.dumps(
        [
            {
                "numero": "RS9902",
                "intitule": "Corne",
                "niveau": 1,
                "type_enregistrement": "Enregistrement sur demande",
            },
            {
                "numero": "RNCP990002",
                "intitule": "Éleveur",
                "niveau": 4,
                "type_enregistrement": "Enregistrement de droit",
            },
        ]
    ),
    "certif_info/certif_info_2024.csv": (
        "Libelle_Diplome;Libelle_Type_Diplome;Code_Niveau_Europeen;Libelle_FormaCode;Code_RNCP;"
        "Code_RS;Code_Rome_1;Code_Rome_2;Code_Rome_3;Code_Rome_4;Code_Rome_5\n"
        "CAP licornier;CAP;3;Licorne;990003;9903;Z1101;;Z1101;;\n"
        "DU licorne;DU;;;;inconnu;;;;;\n"
    ),
    "certifications_2025/certifications.json": json.dumps(
        [
            {
                "rncp_id": "990004",
                "label": "Licornier",
                "rncp_objectifs_contexte": None,
                "blocs": [{"code": "RNCP990004BC01", "label": "Soigner", "fc_competences": "- a"}],
            }
        ]
    ),
    "onisep/job_sheets.json": json.dumps(
        [
            {
                "met": "MET.9",
                "title": "licornier/ère",
                "romes": ["Z1101"],
                "rncp": ["RNCP990002", "RNCP990002"],
                "sheet": "# licornier\n## Présentation\n\nIl élève.\n## Nature du travail\n\n"
                "### Nourrir\n   Chaque matin.\n## Salaire\n\nPeu.\n",
            }
        ]
    ),
    "offers/france_travail_offers.json": json.dumps(
        [
            {"intitule": "Licornier (H/F)", "description": "Soins", "code_rome": "Z1102"},
            {"intitule": "Sans code", "description": "Soins", "code_rome": None},
        ]
    ),
    "melo/fra_q_fr_c_fr/queries.tsv": 'Q1\tLicornier "chef"\nQ2\tHorloger\n',
    "melo/fra_q_fr_c_fr/corpus_elements.tsv": "C1\tlicornier\nC2\thorloger\n",
    "melo/fra_q_fr_c_fr/annotations.tsv": "Q1\t0\tC1\t1\nQ1\t0\tC2\t0\nQ2\t0\tC2\t1\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in TABLES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return tmp_path


def test_rome(folder: Path) -> None:
    breeder, clocks = read_rome(folder)
    assert (breeder.code, breeder.title) == ("Z1101", "Élevage de licornes")
    assert breeder.job_titles == ("Licornier / Licornière",)
    assert breeder.activities == ("Nourrir une licorne",)
    assert breeder.knowledge == ("Nutrition des licornes",)
    assert breeder.definition == "Élève des licornes. Les soigne."
    assert breeder.access == "Sans diplôme."
    assert breeder.parent is None
    assert clocks.title == "Entretien d'horloges"
    assert clocks.job_titles == ("Horloger / Horlogère d'édifice",)
    assert clocks.definition is None
    assert clocks.activities == ()


def test_rome4(folder: Path) -> None:
    (sheet,) = read_rome4(folder)
    assert (sheet.code, sheet.parent) == ("Z1102", "Z1101")
    assert sheet.job_titles == ("Dresseur / Dresseuse de licornes",)
    assert sheet.definition == "Dresse."
    assert sheet.access is None


def test_moves_are_told_once(folder: Path) -> None:
    assert [(m.source, m.target, m.near) for m in read_moves(folder)] == [
        ("Z1101", "Z1202", True),
        ("Z1202", "Z1101", False),
    ]


def test_esco(folder: Path) -> None:
    (occupation,) = read_occupations(folder)
    assert occupation.alternatives == ("éleveur de licornes", "licornier")
    assert (occupation.group, occupation.description) == ("9999", "Il élève.")
    (skill,) = read_skills(folder)
    assert (skill.label, skill.alternatives) == ("soigner une corne", ())


def test_formacode(folder: Path) -> None:
    (term,) = read_terms(folder)
    assert (term.code, term.label, term.field) == ("99001", "Licorne", "ANIMAUX")
    assert term.synonyms == ("licornologie", "corne")
    assert term.job_synonyms == ("licornier",)
    assert (term.broader, term.narrower) == (("Animal",), ())


def test_certifications_of_2021(folder: Path) -> None:
    old, breeder = read_certifications(folder)
    assert (old.number, old.active, old.level, old.rome) == ("RNCP990001", False, None, ())
    assert (breeder.title, breeder.active, breeder.level) == ("Éleveur de licornes", True, 4)
    assert breeder.rome == ("Z1101", "Z1202")
    assert breeder.blocks == ("Nourrir l'élevage",)


def test_active_titles_and_a_level_that_cannot_be(folder: Path) -> None:
    breeder, horn = read_active(folder)
    assert (breeder.number, breeder.level, breeder.by_right) == ("RNCP990002", 4, True)
    assert (horn.number, horn.level, horn.by_right) == ("RS9902", None, False)


def test_blocks_of_2025(folder: Path) -> None:
    (certification,) = read_detailed(folder)
    assert (certification.number, certification.objectives) == ("RNCP990004", "")
    assert [(b.code, b.title, b.text) for b in certification.blocks] == [
        ("RNCP990004BC01", "Soigner", "- a")
    ]


def test_diplomas(folder: Path) -> None:
    first, second = read_diplomas(folder)
    assert first.numbers == ("RNCP990003", "RS9903")
    assert (first.rome, first.topic, first.level) == (("Z1101",), "Licorne", 3)
    assert (second.numbers, second.rome, second.topic, second.level) == ((), (), None, None)


def test_job_sheets(folder: Path) -> None:
    (sheet,) = read_sheets(folder)
    assert (sheet.key, sheet.title, sheet.rome) == ("MET.9", "licornier/ère", ("Z1101",))
    assert sheet.recommended == ("RNCP990002",)
    assert sheet.presentation == "Il élève."
    assert sheet.nature == "Nourrir\nChaque matin."
    assert sheet.required == ""


def test_offers_without_a_code_are_left_out(folder: Path) -> None:
    (offer,) = read_offers(folder)
    assert (offer.title, offer.rome) == ("Licornier (H/F)", "Z1102")


def test_names_take_quotes_as_they_are(folder: Path) -> None:
    (data,) = read_names(folder)
    assert data.name == "fra_q_fr_c_fr"
    assert data.queries[0] == ("Q1", 'Licornier "chef"')
    assert data.gold == {"Q1": frozenset({"C1"}), "Q2": frozenset({"C2"})}


def test_everything_at_once(folder: Path) -> None:
    assert len(read_training(folder).rome) == 2
    tables = read_evaluation(folder)
    assert len(tables.names) == len(tables.sheets) == len(tables.offers) == 1


def test_a_task_opens_only_its_tables(folder: Path) -> None:
    for name in TABLES:
        if not name.startswith("melo"):
            (folder / name).unlink()
    assert len(read_evaluation(folder, ["T1"]).names) == 1
    with pytest.raises(NotFound, match="rome"):
        read_evaluation(folder, ["T4"])


def test_an_unknown_task_is_refused(folder: Path) -> None:
    with pytest.raises(InvalidSetting, match=TASKS[0]):
        read_evaluation(folder, ["T99"])


@pytest.mark.parametrize("name", [n for n in TABLES if not n.startswith(("onisep", "melo", "off"))])
def test_a_missing_table_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(NotFound, match=re.escape(Path(name).name)):
        _ = (read_evaluation(folder), read_training(folder))


def test_no_data_set_of_melo(folder: Path) -> None:
    (folder / "melo/fra_q_fr_c_fr/queries.tsv").unlink()
    with pytest.raises(NotFound, match="MELO"):
        read_names(folder)


def test_a_missing_column_is_named(folder: Path) -> None:
    (folder / ROME).with_name("unix_rubrique_mobilite_v347_utf8.csv").write_text('"a","b"\n')
    with pytest.raises(UnreadableDocument, match="libelle_type_mobilite"):
        read_moves(folder)


def test_another_encoding_is_told(folder: Path) -> None:
    path = folder / "rncp_csv_2021/rncp_info.v1.4.csv"
    path.write_bytes(TABLES["rncp_csv_2021/rncp_info.v1.4.csv"].encode("cp1252"))
    with pytest.raises(UnreadableDocument, match="UTF-8"):
        read_certifications(folder)


@pytest.mark.parametrize("content", ["{", '{"a": 1}', "[1]"])
def test_json_that_is_no_list_of_records(folder: Path, content: str) -> None:
    (folder / "onisep/job_sheets.json").write_text(content)
    with pytest.raises(UnreadableDocument, match="job_sheets"):
        read_sheets(folder)


def test_a_record_without_its_key(folder: Path) -> None:
    (folder / "onisep/job_sheets.json").write_text('[{"met": "MET.9"}]')
    with pytest.raises(UnreadableDocument, match="sheet"):
        read_sheets(folder)


def test_a_row_with_a_column_too_many(folder: Path) -> None:
    (folder / "melo/fra_q_fr_c_fr/queries.tsv").write_text("Q1\ta\tb\n")
    with pytest.raises(UnreadableDocument, match="line 1"):
        read_names(folder)
