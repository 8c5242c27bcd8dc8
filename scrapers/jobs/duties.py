"""Verbs and nouns that state a duty in French: which lines and sentences are missions."""

from __future__ import annotations

import re

from kb.identity import fold
from scrapers.jobs.wording import words

_REGULAR = """
assainir choisir démolir embellir investir nourrir polir répertorier saisir vernir régler rénover
ouvrir offrir couvrir découvrir confier promener rythmer scanner statuer suppléer téléphoner
aider appuyer assumer adresser afficher brancher capitaliser cibler concrétiser
accompagner accueillir acheter acheminer acquérir actualiser adapter administrer affecter affiner
ajuster alerter alimenter aménager améliorer analyser animer anticiper appliquer apporter
approvisionner archiver arbitrer argumenter arroser assembler assister assurer attribuer auditer
automatiser bâtir budgéter cadrer calculer cartographier centraliser certifier chercher chiffrer
classer coacher coder collaborer collecter commander commercialiser communiquer comparer
comptabiliser configurer confectionner conseiller conserver consolider constituer consulter
contacter contribuer contrôler coordonner copiloter corriger couler couper créer cultiver
débloquer déceler décharger décider décliner découper décorer définir délivrer démarcher démonter
dépanner déployer dessiner détecter déterminer développer diagnostiquer diffuser diriger
distribuer documenter dresser dynamiser échanger éclairer écouter éditer éduquer effectuer
élaborer élever émettre emballer encadrer encaisser enquêter enregistrer enseigner entraîner
entretenir épauler équiper établir étudier évaluer éveiller examiner exécuter expédier
expérimenter expertiser expliquer exploiter explorer fabriquer faciliter façonner facturer fédérer
fiabiliser fidéliser fixer formaliser former formuler fournir garantir gérer guider harmoniser
héberger identifier imaginer implanter implémenter informer innover inspecter installer instruire
intégrer interpréter intervenir interviewer inventer inventorier investiguer jouer justifier
lancer laver lever limiter livrer localiser loger manager manipuler manier maquiller mener mesurer
mettre mobiliser modéliser modifier moderniser monter motiver négocier nettoyer nommer observer
obtenir optimiser orchestrer ordonnancer ordonner organiser orienter palier paramétrer participer
passer percer peser photographier piloter placer planifier planter poser positionner préconiser
prélever préparer prescrire présenter prévenir prioriser procéder programmer projeter promouvoir
proposer prospecter protéger qualifier ramasser ranger rassembler réaliser recenser réceptionner
rechercher réconcilier recouper recruter rectifier récolter recueillir rédiger référencer réguler
relancer relayer relever relier remonter remplacer remplir rencontrer renforcer renseigner réparer
repérer répartir représenter réserver respecter restaurer restituer retoucher réunir revoir
sauvegarder sécuriser sélectionner sensibiliser signaler simuler soigner solliciter sortir
soutenir souder spécifier stimuler stocker structurer superviser surveiller synthétiser tailler
tester traiter transcrire transformer transporter travailler trier trouver usiner utiliser valider
valoriser vérifier veiller ventiler verser visiter vulgariser
"""
_IRREGULAR = """
agir
faire fait font faites fera feront ferez mettre met mettent mettez mettra prendre prend prennent
prenez prendra tenir tient tiennent tenez tiendra maintenir maintient maintiennent maintenez
entretenir entretient entretiennent entretenez intervenir intervient interviennent intervenez
conduire conduit conduisent conduisez produire produit produisent produisez traduire traduit
traduisent traduisez reduire reduit reduisez construire construit construisent construisez rendre
rend rendent rendez vendre vend vendent vendez repondre repond repondent repondez suivre suit
suivent suivez ecrire ecrit ecrivent ecrivez decrire decrit concevoir concoit concoivent concevez
recevoir recoit recoivent recevez transmettre transmet transmettent transmettez resoudre resout
resolvent resolvez defendre defend defendent defendez peindre peint peignent peignez accueillir
accueille accueillent accueillez recueillir recueille recueillent recueillez servir sert servent
servez lire lit lisent soutenir soutient soutiennent soutenez instruire instruit instruisent
instruisez occupe occupent occuperez occuper charge chargent chargez cuire cuit cuisent transcrire
transcrit prescrire prescrit prescrivent promouvoir promeut promouvez
"""
# Nouns of action, and "être" ("être force de proposition"), which states one only in a list.
_OPENERS = words("""
etre
accueil achat achats aide analyse animation appui archivage assistance audit conseil contact
controle coordination creation demarchage developpement elaboration encadrement entretien etude
facturation formation gestion installation inventaire lancement livraison maintenance management
mise montage negociation nettoyage organisation participation pilotage planification preparation
prise production prospection rangement realisation reception recherche recrutement redaction
relance renfort reporting saisie service soutien suivi supervision support surveillance tenue
traitement transport tri vente verification veille
""")
_WORD = re.compile(r"[a-z]+")
_DETERMINERS = words("""
le la les l un une des du de d au aux ce cet cette ces son sa ses leur leurs votre vos ton ta
tes notre nos en par sans sous pour chaque toute tout a
""")
_MODALS = words("""
peut peuvent pourra pourront pourrez doit doivent devra devront devrez devez sait savent va vont
allez amene amenee amenes charge chargee charges chargees
""")
_NOT_INFINITIVES = words("""
manager leader hiver mer amer fer cher hier super docker poker developer designer designers
engineer reviewer power
""")
# Second persons that ask for a profile or invite to apply: they state no duty.
_NOT_DUTIES = words("""
chez assez nez rez venez rejoignez recherchez souhaitez avez aimez appreciez possedez maitrisez
disposez justifiez savez postulez contactez connaissez voulez pouvez devez envoyez adressez
transmettez candidatez bénéficiez beneficiez integrez evoluez parlez faites etes n'hesitez
hesitez decouvrez integrerez rejoindrez beneficierez aurez serez
""")
_PHRASES = re.compile(
    r"\b(?:en charge|chargee?s?|responsables?) (?:de|du|des|d')\b|\b(?:en charge|responsables?) d'"
    r"|pour (?:role|mission|missions|objectif|tache)|missions? [^.;]{0,60}(?:est|sont|consiste)"
    r"|consistent? a|c'est (?:a|au) [^.;]{1,40} de\b|confier (?:la|le|les|l')"
    r"|(?:role|travail|metier) (?:est|consiste)"
)
_ADDITION = re.compile(
    r"\b(?:egalement|aussi|en outre|de plus|par ailleurs|en complement|ainsi que|enfin)\b"
)
_EXPLICIT = re.compile(
    r"une des missions|missions? [^.;]{0,60}(?:est d|consiste)|c'est (?:a|au) [^.;]{1,40} de\b"
)
# Who speaks, or who is spoken of, is not the job.
_NOT_THE_JOB = re.compile(
    r"(?:nous|notre|nos|on|chez|rejoi|n'hesitez|si vous|pour vous accompagner|l'entreprise|"
    r"la societe|le groupe|le cabinet|l'agence)\b"
)
_NEGATED = re.compile(r"\bn'(?:est|a|ont|etes) (?:\w+ )?pas\b|\bne \w+ (?:pas|plus)\b")
# "fait preuve de", "fait partie de", "met en valeur": no duties, whatever the verb.
_SET_PHRASES = words("preuve partie appel face defaut envie plaisir")
_RELATIVES = words("qu que laquelle lequel lesquels lesquelles dont ou")
_INVITES = re.compile(
    r"n'hesitez|postul|candidature|cv\b|\?$|rejoign|contactez|envoyez|beneficie|recrut(?:e|ons)\b"
    r"|recherch(?:e|ons) (?:une?|pour|actuellement|activement)\b"
)


def _conjugated() -> tuple[frozenset[str], frozenset[str]]:
    """Forms of the present and future, and infinitives, all folded."""
    finite, infinitives = set(), set()
    for verb in fold(_REGULAR).split():
        infinitives.add(verb)
        stem = verb[:-2]
        if verb.endswith("er"):
            stems = {stem, f"{stem[:-1]}i"} if stem.endswith("y") else {stem}
            endings: tuple[str, ...] = ("e", "es", "ent", "ez", "era", "eront", "erez", "eras")
            finite |= {s + ending for s in stems for ending in endings}
        elif verb.endswith("ir"):
            endings = ("it", "issent", "issez", "ira", "iront", "irez")
            finite |= {stem + ending for ending in endings}
    for form in _IRREGULAR.split():
        (infinitives if form.endswith(("er", "ir", "re")) else finite).add(form)
    return frozenset(finite), frozenset(infinitives)


_FINITE, _INFINITIVES = _conjugated()
_LEADING = words("vous tu s se y et puis l la le les")


def opens_with_duty(text: str) -> bool:
    """A line of a list of duties: "Gérer…", "Vous gérez…", "Gérez…", "la gestion…"."""
    tokens = _WORD.findall(fold(text))
    first = next((token for token in tokens if token not in _LEADING), "")
    if first in _NOT_DUTIES or first in _NOT_INFINITIVES:
        return False
    if first in _INFINITIVES or first in _FINITE or first in _OPENERS:
        return True
    # Verbs that the list above lacks; nouns in "-ier" (chantier, dossier) are no verbs.
    if first.endswith("er") and not first.endswith("ier"):
        return len(first) > 4
    return first.endswith("ez") and len(first) > 4


def ends_with_infinitive(text: str) -> str | None:
    """The verb that a lead-in leaves open: "… pour fluidifier :" -> "fluidifier"."""
    found = re.search(r"([^\W\d]+(?:er|ir|re))\s*:$", text)
    if found is None:
        return None
    verb = fold(found[1])
    open_ended = verb.endswith("ifier") or (verb.endswith("er") and not verb.endswith("ier"))
    return found[1] if verb in _INFINITIVES or open_ended else None


def states_duty(sentence: str) -> bool:
    """A sentence that says what the person in the job does, has to do or may do."""
    folded = fold(sentence)
    if _NOT_THE_JOB.match(folded) or _INVITES.search(folded) or _NEGATED.search(folded):
        return False
    if _PHRASES.search(folded):
        return True
    tokens = _WORD.findall(folded)
    for index, token in enumerate(tokens):
        if token in _MODALS and _INFINITIVES.intersection(tokens[index + 1 : index + 5]):
            return True
        if token in _FINITE and token not in _NOT_DUTIES:
            if tokens[index + 1 : index + 2] and tokens[index + 1] in _SET_PHRASES:
                continue
            before = tokens[max(index - 2, 0) : index]
            # "l'entreprise qu'il accompagne", "où elle travaille": said in passing.
            in_passing = len(before) == 2 and before[0] in _RELATIVES
            if not in_passing and (not before or before[-1] not in _DETERMINERS):
                return True
    return False


def adds_duty(sentence: str) -> bool:
    """A sentence beside a list of missions that says one more; others only comment on the list."""
    folded = fold(sentence)
    if _EXPLICIT.search(folded):
        return True
    return _ADDITION.search(folded) is not None and states_duty(sentence)
