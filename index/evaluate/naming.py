"""How what is measured is named to a reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from index.evaluate.results import Measured

FIGURES: Mapping[str, tuple[str, str]] = {
    "mrr": ("MRR", "mean of 1 / rank of the best right entry"),
    "hit1": ("first is right", "part of the questions"),
    "hit5": ("right in the first five", "part of the questions"),
    "recall10": ("recall at 10", "part of the right entries among the first ten"),
    "ndcg10": ("nDCG at 10", "right entries of the first ten, the higher the more they count"),
    "precision": ("precision", "part of what is taken for a task that is one"),
    "recall": ("recall", "part of the tasks that is taken for one"),
    "f1": ("F1", "harmonic mean of the two"),
    "calibration_error": (
        "calibration error",
        "mean distance of the probability told from the part that fits; lower is better",
    ),
    "area_under_curve": (
        "area under the curve",
        "how often a pair that fits scores above one that does not",
    ),
    "covers_precision": ("precision of “covers”", "part of that band that fits"),
    "covers_recall": ("recall of “covers”", "part of what fits that is in that band"),
    "precision_at_recall_60": ("precision at recall 0.6", "whatever the band"),
    "told_recall": ("recall of all that is told", "part of what fits that is covers or unclear"),
}
"""How each figure is named to a reader, and what it says."""


@dataclass(frozen=True, slots=True)
class What:
    """A ranked task in words. main: the figure that counts."""

    main: str
    question: str
    ranked: str
    right: str


WHAT: Mapping[str, What] = {
    "T1": What("mrr", "a ROME job title", "names of ESCO occupations", "MELO's annotations"),
    "T2": What(
        "ndcg10", "an Onisep job sheet", "active certifications", "those that its editors name"
    ),
    "T3": What(
        "ndcg10",
        "the activities of a ROME occupation",
        "certifications of the test part",
        "those that bear its code",
    ),
    "T4": What("mrr", "a job offer", "ROME occupations", "the one of its code"),
    "T5": What("mrr", "a competence left out of its block", "all blocks", "its block"),
    "T6": What(
        "hit5", "everyday words", "active certifications", "those that answer, by our own list"
    ),
    "french": What("mrr", "a name kept out of training", "names", "the published relation"),
    "french/formacode": What(
        "mrr", "a job synonym kept out of training", "Formacode's descriptors", "its descriptor"
    ),
    "french/onisep": What(
        "mrr", "the title of an Onisep sheet", "ROME occupations", "those of its codes"
    ),
}
"""By task, or by task and variant."""

DOMAINS = {
    "A": "Agriculture, espaces naturels, soins aux animaux",
    "B": "Arts et façonnage d'ouvrages d'art",
    "C": "Banque, assurance, immobilier",
    "D": "Commerce, vente et grande distribution",
    "E": "Communication, média et multimédia",
    "F": "Construction, bâtiment et travaux publics",
    "G": "Hôtellerie-restauration, tourisme, loisirs",
    "H": "Industrie",
    "I": "Installation et maintenance",
    "J": "Santé",
    "K": "Services à la personne et à la collectivité",
    "L": "Spectacle",
    "M": "Support à l'entreprise",
    "N": "Transport et logistique",
}
"""The domains of ROME, by the letter that its codes begin with."""


def what(one: Measured) -> What:
    """The task of a variant in words."""
    return WHAT.get(f"{one.task}/{one.name}") or WHAT[one.task]


def figure_name(path: str) -> str:
    """ "encoder.mrr" -> "MRR, encoder alone"."""
    parts = path.split(".")
    name = next(FIGURES[part][0] for part in parts if part in FIGURES)
    return {
        "encoder": f"{name}, encoder alone",
        "over_bm25": f"{name}, more than BM25",
    }.get(parts[0], name)
