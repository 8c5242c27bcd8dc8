"""The words by which a piece of an offer or a CV tells what it is. All on folded text: lower
case, without accents."""

from __future__ import annotations

import re
from collections.abc import Mapping


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


HEADINGS: Mapping[str, re.Pattern[str]] = {
    "other": _any(
        r"\blangues?\b",
        r"\bloisirs?\b",
        r"\b(?:centres? d'|divers et )?interets?\b",
        r"\bhobbies\b",
        r"\breferences\b",
        r"\bpublications\b",
        r"\b(?:licences et )?certifications?\b",
        r"\bpermis\b",
    ),
    "contact": _any(
        r"\bcontacts?\b", r"\bcoordonnees\b", r"\betat civil\b", r"\binformations? personnelles?\b"
    ),
    "experience": _any(
        r"\bexperiences?\b(?! (?:exigee?|requise|souhaitee?|attendue|demandee|minimum|de \d))",
        r"\bparcours professionnel\b|^(?:mon |notre )?parcours\W*$",
        r"\bemplois? (?:occupes?|precedents?)\b",
        r"\bstages?\b",
        r"\bbenevolat\b",
        r"\brealisations\b",
    ),
    "duty": _any(
        r"\bmissions?\b(?! (?:locale|d'interim))",
        r"\btaches?\b",
        r"\bactivites?\b(?! (?:de l'entreprise|du groupe))",
        r"\bresponsabilites?\b",
        r"\b(?:vos|ses|les) fonctions?\b|^fonctions?\b|\battributions?\b",
        r"\b(?:votre|ton) (?:role|quotidien|travail)\b|^role\b|\ble quotidien\b|^le travail\W*$",
        r"\b(?:descriptif|description|contenu) (?:du|de|de l') ?(?:poste|offre|emploi)\b",
        r"^(?:le )?poste\b(?! (?:a pourvoir|base))",
        r"\bvous (?:serez|aurez|devrez|etes) (?:donc )?(?:en )?(?:charge|amene|"
        r"responsable|a\b|pour)",
        r"\ba ce titre\b",
        r"\b(?:vous|tu) (?:ferez|feras|faites|fais)\b\W*$",
    ),
    "schooling": _any(
        r"\bformations?\b(?! (?:interne|continue))",
        r"\bdiplomes?\b",
        r"\betudes\b",
        r"\bscolarite\b",
        r"\bcursus\b",
    ),
    "soft_skill": _any(
        r"\bqualites\b",
        r"\bsavoir[- ]?etre\b",
        r"\bpersonnalite\b",
        r"\bsoft skills\b",
        r"\bcompetences comportementales\b",
        r"\baptitudes\b",
    ),
    "requirement": _any(
        r"\bprofil\b",
        r"\bcompetences?\b",
        r"\bconnaissances?\b",
        r"\bpre ?-?requis\b",
        r"\bexigences?\b",
        r"\bcapacites?\b",
        r"\bsavoirs?(?:[- ]faire)?\b",
        r"\benvironnement technique\b",
        r"\bexperience (?:exigee?|requise|souhaitee?|attendue|demandee)\b",
        r"\b(?:outils|logiciels)\b",
        r"\b(?:ce que )?nous (?:recherchons|attendons)\b",
        r"\b(?:vous|tu) (?:etes|es)\b\W*$|^vous\W*$|^il vous faut\W*$",
    ),
    "benefits": _any(
        r"\bavantages?\b",
        r"\bremuneration\b",
        r"\bsalaire\b",
        r"\bpackage\b",
        r"\bnous (?:vous )?(?:offrons|proposons)\b",
        r"\bpourquoi (?:nous )?rejoindre\b|\bpourquoi nous\b",
        r"\braisons de nous rejoindre\b|\bbonnes raisons\b",
        r"\bles plus\b",
        r"\ba noter\b",
    ),
    "contract": _any(
        r"\bcontrat\b",
        r"\bconditions? (?:de travail|d'emploi|d'exercice|d'admission)\b|^conditions?\b",
        r"\bhoraires?\b",
        r"\b(?:lieu|localisation)\b",
        r"\bduree\b",
        r"\bprise de (?:poste|fonctions?)\b",
        r"\binformations? (?:pratiques?|complementaires?)\b",
        r"\bdisponibilites?\b",
    ),
    "application": _any(
        r"\bcandidatures?\b",
        r"\bpostuler\b",
        r"\bprocess(?:us)?\b",
        r"\b(?:modalites de )?recrutement\b",
    ),
    "company": _any(
        r"\bentreprise\b",
        r"\bsociete\b",
        r"\betablissement\b",
        r"\bqui sommes[- ]nous\b",
        r"\ba propos\b",
        r"\bpresentation\b",
        r"\bcontexte\b",
        r"\bnotre (?:client|groupe|histoire|adn|structure)\b|^nous\W*$",
        r"\bnos valeurs\b",
    ),
    "diversity": _any(r"\bdiversite\b", r"\bhandicap\b", r"\binclusion\b"),
}
"""Kind of what stands under a heading; the first that fits."""

STATEMENTS: Mapping[str, re.Pattern[str]] = {
    "contact": _any(
        r"@|\(at\)",
        r"\b(?:\+33 ?|0)[1-9](?:[ .-]?\d\d){4}\b",
        r"https?://|\bwww\.",
        r"\bnee?(?:\(e\))? le\b",
        r"(?:^|[•|,;–-] ?)\d\d ans\b",
        r"\bnationalite\b|\bcelibataire\b|\bmarie(?:e|\(e\))?(?= ?[,|•]|$)",
        r"\b\d{1,4},? (?:bis |ter )?(?:rue|avenue|boulevard|place|allee|chemin|impasse|quai)\b",
        r"^(?:madame|monsieur|mme|m\.|mr)\b",
    ),
    "diversity": _any(
        r"\bpostes?\b.*\b(?:ouverts?|accessibles?)\b.*\bhandicap",
        r"\b(?:ouverts?|candidatures?)\b.*\bhandicap",
        r"\begalite des chances\b",
        r"\ba competences egales\b",
        r"\bentreprise handi",
    ),
    "application": _any(
        r"\bpostule[zr]\b",
        r"\b(?:votre|vos|deposer une|adresser?) candidatures?\b|\bcandidate[rz]\b",
        r"\benvoye[zr](?:[- ]nous)? (?:votre|vos|un|nous)\b",
        r"\b(?:votre|un) cv\b|\bcv et\b",
        r"\blettre de motivation\b",
        r"\bprocess(?:us)? de recrutement\b",
        r"\brejoignez|\bn'hesitez|\bn'attendez",
    ),
    "benefits": _any(
        r"\bmutuelle (?:d'entreprise|prise|familiale|attractive|\d)|^\W*mutuelle\b|, mutuelle\b",
        r"\b(?:tickets?|titres?|cartes?)[- ](?:rest|dej)",
        r"\brtt\b|\b13 ?e(?:me)? mois|\btreizieme mois",
        r"^\W*primes?\b|\bprimes? (?:de|d'|sur|annuelle)\b.*€",
        r"\bremuneration\b(?! des)|\bsalaires? (?:selon|fixe|:|annuel|brut|mensuel|attractif)",
        r"\b\d+ ?(?:k ?)?(?:€|euros)\b|\bk€|\bsmic\b",
        r"\binteressement\b|\bavantages cse\b|^\W*cse\b",
        r"\bteletravail\b.*\b(?:jours?|possible|possibilite|envisageable)",
        r"\bparticipation (?:aux? (?:frais|transports?|benefices)|employeur)",
    ),
    "contract": _any(
        r"\b(?:cdi|cdd|interim)\b.*\b(?:poste|contrat|mois|pourvoir|temps|basee?|plein)\b",
        r"\bposte (?:est )?(?:a pourvoir|basee?|situee?)\b",
        r"^\W*(?:cdi|cdd|temps plein|temps partiel)\b",
        r"\b\d\d ?h(?:eures)?(?: ?/ ?semaine| hebdo| par semaine)\b",
        r"\b\d{1,2} ?h ?(?:\d\d)? ?(?:a|-|/) ?\d{1,2} ?h",
        r"\bprise de (?:poste|fonctions?)\b",
    ),
    "schooling": _any(
        r"\bbac ?\+ ?\d",
        r"\btitulaires? d",
        r"\bdiplome(?:e|s|es|\(e\))? (?:d'|de|en|ou|exige)",
        r"^\W*(?:bts|dut|but|licence|master|cap|bep|baccalaureat|bac|bachelor|diplome)\b",
        r"\bissue? d'une (?:formation|ecole)\b|\b(?:vous avez une|de) formation (?:de|"
        r"en|dans|type|bac|sup|initiale)",
        r"\bniveau (?:bac|licence|master)\b",
    ),
    "requirement": _any(
        r"\bexperience (?:de|d'|confirmee|significative|reussie|similaire|exigee?|"
        r"minimum|souhaitee)",
        r"\bjustifie[zr]?\b.*\bexperience",
        r"^\W*(?:tres )?(?:bonnes? |parfaite |excellentes? |solides? )*(?:maitrise|"
        r"connaissances?|notions|bases)\b",
        r"\bvous (?:maitrisez|connaissez|possedez|disposez|justifiez|avez (?:une|un|"
        r"deja|des|le|la))\b",
        r"\bserait un (?:plus|atout)\b|\best un plus\b",
        r"\b(?:sont|est) (?:exigee?s?|requise?s?|demandee?s?|obligatoires?|indispensables?)\b",
        r"\b(?:anglais|francais|allemand|espagnol) (?:courant|lu|professionnel|souhaite)",
        r"^\W*permis [a-e]\b",
    ),
    "soft_skill": _any(
        r"\b(?:vous etes|on dit de vous|personne) (?:\w+ )?(?:rigoureu|dynamique|"
        r"autonome|organise|motive|curieu|"
        r"passionne|ponctuel|impliqu|perseverant|reconnu|doue|a l'aise|manuel|souriant)",
        r"\bsens (?:du|de l[a']|des) ?(?:service|organisation|relation|ecoute|contact|"
        r"travail|responsabilite|detail)",
        r"\besprit (?:d'equipe|d'initiative|d'analyse|de synthese)\b",
        r"\bforce de proposition\b",
        r"^\W*(?:rigueur|rigoureu\w+|autonomie|autonome|dynamisme|dynamique|"
        r"discretion|curiosite|ponctualite|"
        r"creativite|polyvalence|reactivite|aisance|leadership|capacite (?:a|d)|bon relationnel)\b",
        r"\bsavoir[- ]etre\b",
    ),
    "company": _any(
        r"\b(?:notre|nos) (?:entreprise|groupe|societe|agences?|cabinet|client|"
        r"implantations?|association|"
        r"etablissement|culture|reseau|histoire)\b",
        r"\brecrut(?:e|ons)\b|\brecherch(?:e|ons)\b.*\b(?:h/f|un|une|son|sa|pour)\b",
        r"\b(?:leader|acteur|specialist?e) (?:\w+ ){0,3}(?:de|du|des|dans|en|sur)\b",
        r"\bfondee? en\b|\bcreee? en (?:19|20)\d\d\b",
        r"\bnous (?:sommes|accompagnons|construisons|creons|intervenons|comptons|"
        r"proposons|offrons|croyons)\b",
        r"\bfont confiance\b",
        r"\b\d[\d ]* (?:collaborateurs|salaries|agences)\b",
    ),
}
"""What a sentence says of itself, wherever it stands; the first that fits."""

INTRODUCTION = re.compile(
    r"\b(?:missions?|taches?|activites?|responsabilites?|charge[es]*|amene[es]*|consist\w+|"
    r"fonctions?|role)\b[^.:]{0,60}:\s*"
)
"""What comes before a list of duties within a sentence."""

LEAD = re.compile(
    r"\W*(?:(?:en (?:tant que|qualite de)|au sein|dans le cadre|"
    r"sous la (?:responsabilite|direction)|"
    r"rattachee?s?|en (?:lien|relation|collaboration|binome)|integree?|de plus|"
    r"par ailleurs|a ce titre|"
    r"ainsi)[^,:]*[,:] *)*"
    r"(?:[^,:.]{3,40}, (?=(?:vous|tu|il|elle|je|nous) ))?"
    r"(?:et |puis |egalement )?"
    r"(?:(?:vous|tu|je|j'|nous|on|l[ae] titulaire|(?:il|elle)\b(?! (?:est|sera|etait|y a)\b"
    r"(?! (?:en )?(?:charge|responsable|amene)))) ?"
    r"(?:(?:serez|etes|sera|est|etais|suis|aurez|avez|ai|devrez|devez|pourrez|etre)\b ?)?"
    r"(?:(?:egalement|aussi|ensuite|notamment|principalement)\b ?)*"
    r"(?:(?:en )?charge[es]* (?:de |d')|responsables? (?:de |d')|amene[es]* a |"
    r"pour missions? (?:de |d')|a )?)?"
)
"""What introduces a duty without being a part of it: "Au sein de…, vous serez chargé de "."""

DUTY = re.compile(
    r"(?:s'|se |ne |en |y )?\w{2,}(?:er|ir|re)\b|\w+(?:ez|rons|rai)\b|"
    r"(?:l[ae]s? |l'|des |du |de la |une? |d')?\w*(?:tion|sion|ment|age|ance|ence|"
    r"ture|erie|vail|travaux|tien|"
    r"port|vente|suivi|accueil|controle|saisie|mise|prise|tenue|conduite|veille|"
    r"analyse|achat|encadrement|"
    r"appui|aide|soutien|soins?|service|entretien|relance|paie|tri|montage|pose)s?\b"
)
"""How a duty starts: an infinitive, "vous" form, or the name of an action."""

DATES = re.compile(
    r"\b(?:19|20)\d\d\b|"
    r"\b(?:janv|fevr|mars|avr|mai|juin|juil|aout|sept|oct|nov|dec)\w*\.? (?:\d\d|\d{4})\b|"
    r"\bdepuis\b|\ba ce jour\b|\baujourd'hui\b"
)
