"""The lines of a page that are its content: no menu, banner, promotion, comment, other article."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from kb.identity import fold, text_key
from kb.model import Document
from scrapers.jobs.wording import any_of
from scrapers.lines import Line, decode, format_of, read_lines

# From such a line on, a page speaks of other pages or lets visitors speak.
_END = any_of(r"""
(?:(?:ces|d'autres|nos|les|autres) )?(?:articles|contenus|pages|metiers) (?:qui )?(?:pourrai|peu).*
(?:articles?|contenus|pages|metiers) (?:similaire|lie|associe|recent|connexe|recommande|a lire).*
a lire (?:aussi|egalement)|vous aimerez (?:aussi|peut-etre).*|(?:lire|voir) aussi
sur le meme (?:sujet|theme)|pour aller plus loin|dans la meme rubrique|offres similaires.*
(?:\d+ |aucun )?commentaires?|(?:\d+ )?(?:reflexions? (?:au sujet de|sur)|reponses? a) .*
(?:laisser|ajouter|poster|ecrire|publier) un commentaire|laissez(?: un| votre)? commentaire.*
partager (?:cet article|cette (?:offre|page)).*|mentions legales|plan du site|tous droits reserves.*
(?:abonnez-vous|inscrivez-vous) a (?:notre|la) (?:newsletter|lettre).*|©.*
""")
# Labels of links, buttons and images, as copying a page leaves them.
_LINK = any_of(r"""
(?:lire|voir|decouvrir|consulter) (?:l'article|la suite|plus|l'offre|le guide).*|telecharger .*
en savoir plus|je (?:le |la |les |m')\S+.*|go|ok|menu|accueil|rechercher|recherche|suivant|precedent
(?:image|icon|icone|photo|logo|bandeau|banniere)\b.{0,30}
connexion|se connecter|s'inscrire|retour|partager|imprimer|haut de page|fermer|publicite
facebook|twitter|linkedin|x|instagram|youtube|sommaire|table des matieres|par [a-z]+
(?:accepter|refuser)(?: tout| les cookies)?|(?:mis a jour|publie|temps de lecture)(?: le)?.{0,20}
""")
# The name of a picture's file.
_FILE_NAME = re.compile(r"(?=\S*[A-Za-z])(?:\S*_\S*|(?=(?:\S*\d){2})\S{6,})")
_MAX_LABEL = 140  # characters: a longer line is text
_REPEATED = 3
"""A line printed this often belongs to the page's frame."""


def main_lines(document: Document) -> list[Line]:
    """Lines of the page's content, in order, with their numbers in the source.

    HTML: what trafilatura takes for the main text, with the headings just over it. Other
    formats, and what is left of HTML: labels of links and pictures, lines printed three times or
    more, and all from the first heading of other articles or comments on, are left out; of a line
    printed twice the first stays.
    """
    lines = read_lines(document)
    if format_of(document) == "html":
        lines = list(_main_of_html(decode(document), lines))
    if any(line.page for line in lines):
        lines = list(_rejoined(lines))
    end = next((i for i, line in enumerate(lines) if i and _is_end(line)), len(lines))
    times = Counter(text_key(line.text) for line in lines)
    seen: set[str] = set()
    kept = []
    for line in lines[:end]:
        key = text_key(line.text)
        if not key or times[key] >= _REPEATED or key in seen or _is_link(line):
            continue
        seen.add(key)
        kept.append(line)
    return kept


def _is_end(line: Line) -> bool:
    return (
        len(line.text) <= _MAX_LABEL
        and _END.fullmatch(fold(line.text).strip(" :?!.…»>")) is not None
    )


def _is_link(line: Line) -> bool:
    if len(line.text) > _MAX_LABEL:
        return False
    text = fold(line.text)
    if line.text.endswith((">", "→", "»»")) and not line.bullet:
        return True
    if not line.bullet and _FILE_NAME.fullmatch(line.text):
        return True
    return _LINK.fullmatch(text.strip(" :!.…»>")) is not None


def _main_of_html(markup: str, lines: list[Line]) -> Iterator[Line]:
    import trafilatura

    text = trafilatura.extract(
        markup, output_format="txt", include_comments=False, favor_recall=True, deduplicate=False
    )
    wanted = {text_key(part) for part in (text or "").split("\n")}
    whole = text_key(text or "")
    # Paragraphs may be joined differently there: a long text within the whole counts too.
    main = [
        text_key(x.text) in wanted or (len(x.text) >= 30 and text_key(x.text) in whole)
        for x in lines
    ]
    for index, line in enumerate(lines):
        over = line.heading and index + 1 < len(lines) and main[index + 1]
        if main[index] or over or line.heading == 1:
            yield line


def _rejoined(lines: list[Line]) -> Iterator[Line]:
    """Lines of a PDF that were only wrapped, put together again."""
    held: Line | None = None
    for line in lines:
        wrapped = held is not None and not line.bullet and line.text[:1].islower()
        if held is not None and wrapped and not held.text.endswith((".", ":", ";", "!", "?")):
            held = replace(held, text=f"{held.text} {line.text}")
            continue
        if held is not None:
            yield held
        held = line
    if held is not None:
        yield held
