"""Forty documents of the management system: Markdown that declares owner and review, office files that only carry properties."""
from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from .clock import EVIDENCE, TODAY, utc
from .model import Source
from .odf import ods, odt
from .ooxml import docx, xlsx
from .pdf import pdf
from .world import World

ROOT = "documents"
DIRECTOR = "Hélène Castanier"


@dataclass
class Document:
    path: str
    title: str
    owner: str | None
    strength: str  # declared | embedded | file_time
    next_review: date | None = None
    extra: str = ""

    @property
    def document_id(self) -> str:
        return f"DOCS:{self.path}"


# path, title, owner, last review, months between reviews
MARKDOWN = [
    ("politiques/PSSI.md", "Politique de sécurité des systèmes d’information", "RSSI", date(2026, 3, 12), 12),
    ("politiques/controle-acces.md", "Politique de contrôle d’accès", "RSSI", date(2026, 2, 3), 12),
    ("politiques/sauvegarde.md", "Politique de sauvegarde", "Responsable des sauvegardes", date(2025, 11, 18), 12),
    ("politiques/classification.md", "Classification des informations", "RSSI", date(2025, 6, 2), 12),  # planted: overdue
    ("politiques/cryptographie.md", "Règles de cryptographie", "RSSI", date(2026, 1, 20), 24),
    ("politiques/fournisseurs.md", "Sécurité des relations avec les fournisseurs", "Commande publique", date(2025, 10, 5), 12),  # near miss: due today
    ("politiques/teletravail.md", "Charte du télétravail", "DRH", date(2024, 9, 30), 24),  # planted: overdue by five days
    ("politiques/developpement.md", "Acquisition et intégration de logiciels", "DSI", date(2026, 5, 4), 12),
    ("politiques/journalisation.md", "Politique de journalisation", "Responsable de l’exploitation", date(2026, 4, 16), 12),
    ("politiques/donnees-personnelles.md", "Protection des données personnelles", "DPD", date(2026, 6, 22), 12),
    ("procedures/arrivee-depart.md", "Arrivées, mobilités et départs", "DRH", date(2026, 2, 25), 12),
    ("procedures/revue-des-acces.md", "Revue annuelle des accès", "RSSI", date(2026, 1, 9), 12),
    ("procedures/gestion-incidents.md", "Gestion des incidents", "Responsable du support", date(2025, 7, 1), 12),  # planted: overdue
    ("procedures/gestion-changements.md", "Gestion des changements", "Responsable de l’exploitation", date(2026, 3, 30), 12),
    ("procedures/restauration.md", "Tests de restauration", "Responsable des sauvegardes", date(2026, 5, 27), 6),
    ("procedures/comptes-a-privileges.md", "Comptes à privilèges", "RSSI", date(2026, 4, 2), 6),  # planted: overdue since the second of October
    ("procedures/comptes-de-service.md", "Comptes de service", None, date(2026, 6, 11), 12),  # planted: no owner
    ("procedures/correctifs.md", "Gestion des correctifs", "Responsable de l’exploitation", date(2026, 8, 3), 6),
    ("procedures/supports-amovibles.md", "Supports amovibles", "Moyens généraux", date(2025, 12, 1), 12),
    ("procedures/astreinte.md", "Astreinte", "Responsable de l’exploitation", None, None),  # nobody wrote when it is to be reviewed
    ("plans/PCA.md", "Plan de continuité d’activité", "Responsable de la continuité", date(2026, 1, 28), 12),
    ("plans/PRA.md", "Plan de reprise d’activité", "Responsable de la continuité", date(2025, 3, 14), 12),  # planted: overdue; accepted until the exercise of November
    ("plans/gestion-de-crise.md", "Gestion de crise", None, date(2026, 2, 12), 12),  # planted: no owner
    ("plans/crues.md", "Plan d’alerte aux crues", "Responsable de la télégestion", date(2026, 9, 1), 6),
    ("registres/derogations.md", "Registre des dérogations", "RSSI", date(2026, 9, 15), 3),
    ("registres/indicateurs.md", "Indicateurs de sécurité", "RSSI", date(2026, 9, 15), 3),
    ("registres/objectifs.md", "Objectifs de sécurité", "Direction générale", date(2026, 1, 15), 12),
]


def _months(day: date, count: int) -> date:
    """So many months later; the last day of the month where the day does not exist."""
    month = day.month - 1 + count
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _front(title: str, owner: str | None, last: date | None, months: int | None) -> str:
    lines = ["---", f'title: "{title}"']
    if owner:
        lines.append(f"owner: {owner}")
    lines.append("version: '2.1'")
    if last:
        lines += [f"approved_by: {DIRECTOR}", f"approved_on: {last.isoformat()}", f"last_reviewed_on: {last.isoformat()}", f"review_in: {months} months"]
    return "\n".join([*lines, "---", "", f"# {title}", "", "Document fictif de l’Agence régionale de l’eau et des milieux.", "", "## Objet", "",
                      f"Ce document fixe les règles : {title.lower()}.", ""])


def _office(world: World) -> list[Document]:
    """Files that carry properties at best: weak evidence, whatever they say."""
    def props(title: str, creator: str | None, modified: str) -> dict[str, str]:
        base = {"title": title, "created": "2023-05-02T08:00:00Z", "modified": modified}
        return {**base, "creator": creator, "editor": creator} if creator else base

    text = ["Document fictif.", "Agence régionale de l’eau et des milieux."]
    files = [
        ("modeles/PV-restauration.docx", "Modèle de PV de restauration", "Didier Roudaut", docx),
        ("modeles/fiche-incident.docx", "Fiche d’incident", "Sophie Mahé", docx),
        ("modeles/engagement-confidentialite.docx", "Engagement de confidentialité", "Service juridique", docx),
        ("modeles/brouillon-charte.docx", "", None, docx),  # planted: no properties at all, no owner
        ("comptes-rendus/comite-securite-2026-06.odt", "Comité de sécurité de juin 2026", "Perrine Boulay", odt),
        ("comptes-rendus/revue-de-direction-2026.odt", "Revue de direction 2026", "Direction générale", odt),
        ("comptes-rendus/exercice-PCA-2025.odt", "Exercice de continuité 2025", None, odt),  # planted: no author
    ]
    out = []
    for n, (path, title, creator, make) in enumerate(files):
        bare = make is docx and not title
        world.files[f"{ROOT}/{path}"] = make(text, {} if bare else props(title, creator, f"2026-0{n + 1}-11T09:30:00Z"))
        out.append(Document(path, title, creator, "file_time" if bare else "embedded"))
    sheets = [[("Feuille 1", [["Action", "Échéance"], ["Revue des comptes de service", date(2026, 11, 30)]])], [("Risques", [["Risque", "Niveau"], ["Perte d’un site", 3]])]]
    world.files[f"{ROOT}/registres/plan-d-actions.xlsx"] = xlsx(sheets[0], props("Plan d’actions", "RSSI", "2026-09-21T07:15:00Z"))
    world.files[f"{ROOT}/registres/analyse-de-risques.xlsx"] = xlsx(sheets[1], props("Analyse de risques", "RSSI", "2026-02-10T07:15:00Z"))
    world.files[f"{ROOT}/registres/inventaire-cles.ods"] = ods(sheets[1], props("Inventaire des clés", "Responsable des réseaux", "2026-07-10T07:15:00Z"))
    out += [Document("registres/plan-d-actions.xlsx", "Plan d’actions", "RSSI", "embedded"), Document("registres/analyse-de-risques.xlsx", "Analyse de risques", "RSSI", "embedded"),
            Document("registres/inventaire-cles.ods", "Inventaire des clés", "Responsable des réseaux", "embedded")]
    world.files[f"{ROOT}/certificats/attestation-assurance.pdf"] = pdf("Attestation d’assurance (fictive)", "Attestation d’assurance", "Assureur", utc(2026, 1, 5, 9), utc(2026, 1, 5, 9))
    world.files[f"{ROOT}/certificats/rapport-audit-interne-2025.pdf"] = pdf("Rapport d’audit interne (fictif)", "Rapport d’audit interne 2025", "Audit interne",
                                                                             utc(2025, 12, 12, 9), utc(2025, 12, 15, 9))
    return [*out, Document("certificats/attestation-assurance.pdf", "Attestation d’assurance", "Assureur", "embedded"),
            Document("certificats/rapport-audit-interne-2025.pdf", "Rapport d’audit interne 2025", "Audit interne", "embedded")]


def populate(world: World) -> None:
    documents = []
    for path, title, owner, last, months in MARKDOWN:
        world.files[f"{ROOT}/{path}"] = _front(title, owner, last, months).encode()
        documents.append(Document(path, title, owner, "declared", _months(last, months) if last else None))
    assert next(d for d in documents if d.path.endswith("fournisseurs.md")).next_review == TODAY
    documents += _office(world)
    world.files[f"{ROOT}/LISEZMOI.md"] = "# Documents du système de management\n\nTenus par le responsable documentaire.\n".encode()
    documents.append(Document("LISEZMOI.md", "Documents du système de management", None, "file_time"))  # no front matter: nothing is declared
    world.documents = documents
    world.sources.append(Source("documents", "DOCS", ROOT, len(documents), 0, True, EVIDENCE))
