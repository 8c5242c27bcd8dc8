"""Identifiers and the keys by which two texts count as one."""

from __future__ import annotations

import pytest

from kb.identity import certification_id, competency_ids, fold, is_siret, job_id, slug, text_key


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Office Manager", "office-manager"),
        ("OFFICE MANAGER (H/F)", "office-manager"),
        ("Assistant / Assistante de direction", "assistant-de-direction"),
        ("Assistant commercial / Assistante commerciale", "assistant-commercial"),
        ("Assistant(e) de gestion h/f/x", "assistant-de-gestion"),
        ("Chargé·e de clientèle", "charge-de-clientele"),
        ("Directeur / Directrice technique", "directeur-technique"),
        ("Office manager junior", "office-manager-junior"),
        ("Cuisinier / Plongeur", "cuisinier-plongeur"),
    ],
)
def test_slugs_of_titles(title: str, expected: str) -> None:
    assert slug(title) == expected
    assert job_id(title) == f"job:{expected}"


def test_texts_are_one_whatever_case_accents_blanks_and_punctuation() -> None:
    assert text_key("  L’Élève  a réussi !") == text_key("l'eleve a REUSSI")
    assert text_key("mettre en œuvre") == text_key("mettre en oeuvre")
    assert text_key("facture client") != text_key("facture fournisseur")
    assert fold("Œuvre À") == "oeuvre a"


def test_certifications_are_known_by_number_else_by_title() -> None:
    assert certification_id("RNCP99001", "x") == "rncp:RNCP99001"
    assert certification_id("RS9901", None) == "rs:RS9901"
    assert certification_id(None, "Gardien de phare") == "titre:gardien-de-phare"


def test_competences_are_known_by_unique_code_else_by_text() -> None:
    listed = [("C1", "Allumer"), ("C2", "Veiller"), ("C2", "Éteindre"), (None, "Nager")]
    ids = competency_ids("rncp:R", listed)
    assert ids[0] == "rncp:R/C1"
    assert len(set(ids)) == 4
    assert competency_ids("rncp:R", [(None, "nager.")]) == [ids[3]]
    assert not any(each.endswith("/C2") for each in ids)


@pytest.mark.parametrize(
    "digits", ["00011122200014", "00012345600014", "35600000000048", "35600000000047"]
)
def test_right_siret(digits: str) -> None:
    assert is_siret(digits)


@pytest.mark.parametrize(
    "digits", ["00011122200015", "0001112220001", "000111222000144", "", "35600000000046", "٠" * 14]
)
def test_wrong_siret(digits: str) -> None:
    assert not is_siret(digits)
