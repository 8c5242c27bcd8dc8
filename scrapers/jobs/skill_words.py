"""Words that tell a personal quality, and words that tell a technical skill, in French."""

from __future__ import annotations

from kb.identity import fold
from scrapers.jobs.wording import any_of

_QUALITY = any_of(r"""
autonom|rigueur|rigoureu|sens d|esprit d'|esprit crit|relationnel|ecoute|dynami|motiv|curieu|curiosi
organisee?s?\b|organisation|reacti[fv]|polyvalen|adapt|empath|patien|discret|bienveillan
creati[fv]|initiative|ponctu|implique|implication|minuti|precis|force de proposition|communiquer
qualites|travail en equipe|travailler en equipe|disponib|resistan|stress|sang.froid|calme|diplomat
pedagog|leadership|persever|tenac|imagination|sociab|sourir|serieu|fiab|responsable
aisance|temperament|persuasi|confidential|proactif|proactiv|assidu|soigneu|concentration
""")
_SKILL = any_of(r"""
maitris|connaiss|competence|logiciel|langue|anglais|allemand|espagnol|permis\b|outil|technique
bureautique|\bexcel\b|pack office|savoir|sait\b|savez|savent|capable|capacite|habilitation|caces
norme|reglement|informatique|langage|methode|notion|expertise|utilis|lecture|redaction
bases? (?:de|en)|procede|certification|gestion|python|sql|java|linux|cloud|windows|reseau
""")


def names_quality(text: str) -> bool:
    """Autonomy, rigour, listening…"""
    return _QUALITY.search(fold(text)) is not None


def names_skill(text: str) -> bool:
    """Mastery, knowledge, a tool, a language, a licence…"""
    return _SKILL.search(fold(text)) is not None
