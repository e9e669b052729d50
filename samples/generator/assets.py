"""The register of applications: owners, servers, criticality, what must be backed up and how often a restore must be tried."""
from __future__ import annotations

from dataclasses import dataclass, field

from .clock import EVIDENCE
from .model import Person, Source
from .names import SITES, SITE_CODES
from .ooxml import xlsx
from .world import World

SYSTEM = "ASSETS"
# name, system of its accounts, criticality, hosts, RTO h, RPO h, restore test every N days
CENTRAL = [
    ("Paie", "PAIE", "Critique", ["srv-paie01", "srv-paie02"], 8, 24, 180),
    ("Annuaire", "LDAP", "Critique", ["srv-ldap01", "srv-ldap02"], 4, 24, 180),
    ("Domaine Windows", "AD", "Critique", ["srv-dc01", "srv-dc02"], 4, 24, 365),
    ("Extranet partenaires", "EXTRANET", "Importante", ["srv-extra01"], 24, 24, 365),
    ("Forge logicielle", "GITLAB", "Importante", ["srv-git01"], 24, 24, 365),
    ("Qualité du code", "SONARQUBE", "Standard", ["srv-sonar01"], 72, 24, None),
    ("Ordonnanceur", "RUNDECK", "Importante", ["srv-ordo01"], 8, 24, 365),
    ("Supervision", "ICINGA", "Importante", ["srv-superv01"], 8, 24, 365),
    ("Bases PostgreSQL", "POSTGRESQL", "Critique", ["srv-pg01", "srv-pg02", "srv-pg03"], 4, 1, 90),
    ("Centre de services", "GLPI", "Importante", ["srv-glpi01"], 24, 24, 365),
    ("Dépôt de composants", "NEXUS", "Standard", ["srv-nexus01"], 72, 24, None),
    ("Redevances", "REDEVANCES", "Critique", ["srv-redev01", "srv-redev02"], 8, 4, 180),
    ("Aides et interventions", "AIDES", "Critique", ["srv-aides01", "srv-aides02"], 8, 4, 180),
    ("Comptabilité", "ORACLE", "Critique", ["srv-compta01", "srv-ora01"], 8, 4, 180),
    ("Télégestion", None, "Critique", ["srv-teleg01", "srv-teleg02"], 2, 1, 180),
    ("Hydrométrie", None, "Critique", ["srv-hydro01", "srv-hydro02"], 4, 1, 180),
    ("Observatoire de l’eau", None, "Importante", ["srv-obs01"], 24, 24, 365),
    ("Système d’information géographique", None, "Importante", ["srv-sig01", "srv-sig02"], 24, 24, 365),
    ("Gestion documentaire", None, "Importante", ["srv-ged01"], 24, 24, 365),
    ("Messagerie", None, "Critique", ["srv-mail01", "srv-mail02"], 4, 4, 180),
    ("Intranet", None, "Standard", ["srv-intra01"], 48, 24, None),
    ("Site internet", None, "Importante", ["srv-www01"], 12, 24, 365),
    ("Parapheur électronique", None, "Importante", ["srv-para01"], 24, 24, 365),
    ("Laboratoire d’analyses", None, "Importante", ["srv-labo01"], 24, 24, 365),
    ("Gestion du temps", None, "Standard", ["srv-temps01"], 72, 24, None),
    ("Marchés publics", None, "Importante", ["srv-marches01"], 24, 24, 365),
    ("Archivage électronique", None, "Importante", ["srv-archi01"], 48, 24, 365),
    ("Accès distant", None, "Critique", ["srv-vpn01"], 4, 24, None),
    ("Téléphonie", None, "Importante", ["srv-tel01"], 8, 24, None),
    ("Impression", None, "Standard", ["srv-print01"], 72, 24, None),
    ("Cartothèque", None, "Standard", ["srv-carto01"], 72, 24, None),
    ("Alerte crues", None, "Critique", ["srv-crues01", "srv-crues02"], 1, 1, 180),
]
# Nothing to keep there: known and written.
UNSAVED = [("Banc de recette", ["srv-rec01"]), ("Cache web", ["srv-cache01"]), ("Formation en ligne", ["srv-form01"])]


@dataclass
class Asset:
    asset_id: str
    name: str
    system: str | None
    criticality: str
    hosts: list[str]
    rto: float | None
    rpo: float | None
    every: int | None
    backup: bool | None = True
    owner: Person | None = None
    technical: Person | None = None
    inside: bool = True
    extra: dict = field(default_factory=dict)


def populate(world: World) -> None:
    rng = world.rng("assets")
    owners = world.pick("asset-owner", world.active("Agence comptable", "Ressources humaines", "Données sur l’eau", "Aides et interventions", "Communication"), 18)
    technical = [world.cast[f"admin{n}"] for n in range(10)]
    rows = [(n, s, c, h, rto, rpo, every, True) for n, s, c, h, rto, rpo, every in CENTRAL]
    rows += [(n, None, "Standard", h, None, None, None, False) for n, h in UNSAVED]
    rows += [(f"Fichiers de {site}", None, "Importante", [f"fs-{SITE_CODES[site]}01"], 24, 24, None, True) for site in SITES]
    rows.append(("Badgeuses", None, "Standard", ["srv-badge01"], 72, 24, None, None))  # nobody wrote whether it must be saved, and it is not
    rows.append(("Bornes d’accueil", None, "Standard", ["srv-borne01"], 72, 24, None, None))  # near miss: not written either, but it is saved
    rows.append(("Mesures en continu (hébergées)", None, "Importante", [], 24, 24, None, True))  # no server known
    for n, (name, system, criticality, hosts, rto, rpo, every, backup) in enumerate(rows, 1):
        world.assets.append(Asset(f"{SYSTEM}:APP-{n:03d}", name, system, criticality, hosts, rto, rpo, every, backup, rng.choice(owners), rng.choice(technical)))
    next(a for a in world.assets if a.name == "Formation en ligne").inside = False
    _write(world)


def by_name(world: World, name: str) -> Asset:
    return next(a for a in world.assets if a.name == name)


def _write(world: World) -> None:
    header = ["Identifiant", "Application", "Système", "Criticité", "Responsable (matricule)", "Responsable technique (matricule)", "Serveurs", "Sauvegarde attendue",
              "RTO (h)", "RPO (h)", "Test de restauration tous les (jours)", "Périmètre ISO"]
    rows: list[list] = [header]
    for n, a in enumerate(world.assets):
        hosts = [h.upper() if n % 5 == 0 else f"{h}.arem.example" if n % 5 == 1 else h for h in a.hosts]
        backup = {True: "Oui", False: "Non", None: None}[a.backup]
        rows.append([a.asset_id.partition(":")[2], a.name, a.system, a.criticality, a.owner.matricule, a.technical.matricule, ", ".join(hosts), backup,
                     a.rto, a.rpo, a.every, "Oui" if a.inside else "Non"])
    path = "exports/cartographie/applications.xlsx"
    notes = [["Cartographie des applications"], ["Tenue par la DSI, revue chaque trimestre"], ["Sauvegarde attendue : Oui, Non, vide si non statué"]]
    world.files[path] = xlsx([("Applications", rows), ("Notes", notes)], {"title": "Cartographie des applications", "creator": "DSI", "editor": "DSI",
                             "created": "2021-02-01T09:00:00Z", "modified": "2026-10-02T14:12:00Z"})
    world.sources.append(Source("cartographie", SYSTEM, path, len(world.assets), 0, True, EVIDENCE))
