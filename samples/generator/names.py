"""Invented names, the sites and the services. Any likeness to a real person is chance."""
from __future__ import annotations

import unicodedata

GIVEN = """Adèle Agathe Alain Albane Alexis Alice Aline Amandine Amélie Anaïs André Annaïg Annie Antoine Anouk Armelle Arnaud Aude Aurélie
Aurélien Aymeric Baptiste Bastien Béatrice Benoît Bérénice Bernard Brigitte Brieuc Camille Carole Caroline Cécile Cédric Célia Chloé Christelle Claire
Claude Clémence Clément Coralie Corentin Damien Daniel Danièle Delphine Denis Didier Dominique Édith Édouard Élise Éloïse Émeline Émilie Enora Éric Erwan
Estelle Étienne Eugénie Eva Fabien Fabrice Fanny Fatima Félix Florence Florian François Françoise Frédéric Gaël Gaëlle Gérald Gildas Grégoire Guénolé
Guillaume Gwenaëlle Hakim Hector Hugo Inès Irène Isabelle Jade Jacques Jérôme Joëlle Jonas Joris Josiane Judith Juliette Karim Katell Kévin
Laëtitia Laure Laurent Léa Léo Loïc Loïs Louise Lucas Lucie Ludivine Maël Maëlle Magali Malik Malo Manon Marc Margaux Marine Marius Marlène
Martial Mathilde Maxime Mélanie Mickaël Mireille Morgane Muriel Nadège Nadia Nathalie Nicolas Noé Noémie Odile Olivier Ophélie Pascal Patrice
Pauline Perrine Philippe Pierrick Quentin Raphaël Régis Rémi René Robin Rolande Romane Ronan Sabrina Salomé Samir Sandrine Séverine Simon
Solène Sophie Stéphane Sylvain Tanguy Thérèse Thibault Tifenn Tristan Valérie Vincent Violette Viviane Xavier Yaël Yann Yannick Yasmine Yves Zélie Zoé""".split()

FAMILY = """Abgrall Adam Allain Ansquer Aubrée Aubineau Audouard Autret Baboin Bailleul Barbedienne Baron Baudry Bazin Beaufils Beaumanoir Bégoc Bellanger
Bénéteau Berthelot Bescond Besnard Bidault Billard Blandin Bodénès Boisgontier Bonneau Bossard Bouchet Boudou Boulay Bourdais Bourgès Bouvet Brault Bréhier
Briand Brossier Burel Cadiou Caillé Calvez Camus Carduner Castel Catroux Chapron Charpentreau Chauveau Chéreau Cherruault Chevallier Chopin Clavreul Cloarec Coatalem
Cochet Colas Collet Corbel Cornec Corre Cosnard Coudray Courtois Cousin Crespel Crozon Daniélou Davenel Debroise Delaunay Delépine Denmat Derrien Deschamps
Desmots Diverrès Dolo Donval Dréan Drouet Dubreuil Duchemin Dufeu Durocher Dutertre Égret Érault Esnault Évanno Falher Faligot Faucheux Ferchaud Fèvre
Floc’h Fouquet Fournis Fradet Fraboulet Gallou Garnier Gauducheau Gautrais Gendronneau Gicquel Girardeau Godineau Goasdoué Gouin Goulven Gourmelen Gourvennec Grelier
Grolleau Guéguen Guérin Guichard Guillemot Guitton Guyomard Guyonvarc’h Hamelin Hamon Hascoët Hélary Hémery Henaff Hervouët Houssin Huchet Huet Huguet Jaffré Jagot Jamet Jégou Jouanneau
Jourdain Kerbrat Kerdoncuff Kergoat Kerleroux Kermarrec Kerneis Lafarge Lagadec Lamour Lancien Landais Largeau Laubry Launay Lavenant Leboucher Lecointre Lecoq Legoff Leloup
Lemasson Lemonnier Leray Lescop Lesourd Letourneux Lhermitte Lhostis Loiseau Lorgeoux Lucas Madec Mahé Mainguy Marchadour Marquer Marsollier Mauduit Maugendre Mazé Mérel Merlet
Meunier Mével Mignot Millet Moal Moisan Monnier Morand Moreau Morvan Mottais Moulin Nédélec Nicol Noblet Normand Oger Olivry Orhant Ollivier Pageot Paillard Palud Pasquier
Péan Pellerin Pennec Périgois Perrochon Pétillon Philippot Pichon Pineau Piriou Ploteau Poidevin Pondaven Porcher Potier Poulain Poupard Prigent Proust Quéau Quéméner Quéré
Quintin Rabiller Ragot Rannou Raimbault Renaudineau Rétif Ribault Richou Rivoal Robic Rocher Rolland Rondeau Roudaut Rousseau Sagot Salaün Saulnier Sauvage Savary Séité Sénéchal
Simonneau Sourisseau Stéphan Tanguy Tardif Terrien Thébault Thépaut Thézé Thomin Tessier Touchard Toullec Trévidic Tréguer Troadec Turpin Urvoas Vaillant Valentin Vannier Verger
Vétillard Viaud Vigneron Villeneuve Vincendeau Voisin Yvenat Yvinec Zimmermann""".split()

HQ = "Nantes (siège)"
SITES = ["Angers", "Cholet", "La Roche-sur-Yon", "Laval", "Le Mans", "Niort", "Orléans", "Poitiers", "Quimper", "Saint-Brieuc", "Tours", "Vannes"]
SITE_CODES = dict(zip([HQ, *SITES], ["nte", "ang", "cho", "rsy", "lav", "lem", "nio", "orl", "poi", "qui", "stb", "trs", "van"]))
SITE_UNITS = ["Direction de site", "Exploitation des ouvrages", "Police de l’eau", "Hydrobiologie", "Aides et interventions", "Accueil et secrétariat", "Moyens généraux"]
IT_UNITS = ["DSI – Exploitation", "DSI – Études et projets", "DSI – Support"]
HQ_UNITS = ["Direction générale", *IT_UNITS, "Ressources humaines", "Agence comptable", "Direction juridique", "Communication", "Données sur l’eau",
            "Commande publique", "Aides et interventions", "Œuvres sociales"]


def ascii_fold(text: str) -> str:
    """Lower case, without accents, apostrophes, spaces or hyphens: what logins are made of."""
    text = text.replace("œ", "oe").replace("Œ", "oe").replace("’", "").replace("'", "")
    flat = unicodedata.normalize("NFKD", text)
    return "".join(c for c in flat if not unicodedata.combining(c)).replace(" ", "").replace("-", "").lower()


def mail_local(given: str, family: str) -> str:
    return f"{ascii_fold(given)}.{ascii_fold(family)}"


def convention(given: str, family: str) -> str:
    """`{given:1}{family}`: Gaëlle Le Floc’h is glefloch."""
    return ascii_fold(given)[:1] + ascii_fold(family)
