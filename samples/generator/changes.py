"""Changes of production, exported from Jira as CSV in French: repeated columns, values over several lines, `12/août/26 3:04 PM`."""
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .clock import EVIDENCE, MONTHS_FR, PERIOD_START, paris, utc
from .csvfile import table
from .model import Source
from .world import World

HEADER = ["Résumé", "Clé de ticket", "ID de ticket", "Type de ticket", "État", "Priorité", "Rapporteur", "Responsable", "Créé(e)", "Étiquettes", "Étiquettes", "Description",
          "Champ personnalisé (Approbateurs)", "Champ personnalisé (Approbateurs)", "Champ personnalisé (Approuvé le)", "Champ personnalisé (Type de changement)",
          "Champ personnalisé (Risque)", "Champ personnalisé (Début prévu)", "Champ personnalisé (Fin prévue)", "Champ personnalisé (Début réel)", "Champ personnalisé (Fin réelle)",
          "Champ personnalisé (Application)", "Lien interne de ticket (Relates)"]
STATUS = {"done": "Terminé", "in_progress": "En cours", "failed": "Échec", "cancelled": "Annulé", "rejected": "Refusé", "awaiting_approval": "En attente d'approbation",
          "approved": "Approuvé", "draft": "Brouillon"}
TYPES = {"standard": "Standard", "normal": "Normal", "emergency": "Urgent", None: ""}
SUBJECTS = ["Mise à jour du système", "Correctif de sécurité", "Nouvelle version", "Ouverture de flux", "Ajout d’espace disque", "Remplacement de certificat", "Changement de paramètre",
            "Migration de base", "Redémarrage planifié", "Bascule de réseau"]


@dataclass
class Change:
    key: str
    title: str
    kind: str | None
    status: str
    requester: str | None
    implementer: str
    approvers: list[str]
    approved_at: datetime | None
    planned: datetime
    started: datetime | None
    ended: datetime | None
    application: str
    created: datetime
    extra: dict = field(default_factory=dict)

    @property
    def change_id(self) -> str:
        return f"JIRA:{self.key}"


def _usual(world: World, rng, n: int, requesters, approvers) -> Change:
    """A change as it should be: asked by one, approved by another the day before, or standard."""
    created = PERIOD_START + timedelta(days=0.4 * n, hours=9 + n % 5)
    started = created + timedelta(days=rng.randint(3, 9), hours=rng.randint(0, 6), minutes=rng.randint(0, 59))
    kind = rng.choices(["standard", "normal", "emergency"], [45, 48, 7])[0]
    approver = rng.choice(approvers).name
    approved = started - timedelta(hours=rng.randint(4, 60))
    return Change(f"CHG-{2_101 + n}", f"{rng.choice(SUBJECTS)} – {(app := rng.choice(world.assets).name)}", kind, "done", rng.choice(requesters).name, rng.choice(requesters).name,
                  [] if kind == "standard" else [approver], None if kind == "standard" else approved, started.replace(minute=0), started, started + timedelta(minutes=rng.randint(10, 240)), app, created)


def _as_normal(change: Change, approver: str) -> Change:
    change.kind, change.approvers, change.approved_at = "normal", [approver], change.started - timedelta(hours=20)
    return change


def populate(world: World) -> None:
    rng = world.rng("changes")
    requesters = [world.cast[f"admin{n}"] for n in range(10)] + world.pick("requester", world.active("DSI – Études et projets", "DSI – Support"), 14)
    approvers = world.pick("approver", world.active("DSI – Exploitation", "DSI – Études et projets"), 5)
    boss = approvers[0].name
    changes = [_usual(world, rng, n, requesters, approvers) for n in range(205)]
    for n in (11, 38, 77, 120, 151):  # planted: nobody approved; the second and the third have a derogation, of which one is past its date
        _as_normal(changes[n], boss).approvers = []
        changes[n].approved_at = None
    changes[120].kind = "emergency"
    changes[61].kind, changes[61].approvers, changes[61].approved_at = None, [], None  # nobody can tell: of no type, approved by nobody
    for n in (20, 95, 133):  # planted: approved by who asked
        _as_normal(changes[n], changes[n].requester)
    changes[95].approvers = [changes[95].requester.upper()]
    _as_normal(changes[52], boss).approvers = [changes[52].requester, boss]  # near miss: a second person approved too
    _as_normal(changes[53], boss).requester = None  # nobody can tell who asked
    for n in (31, 66, 102, 144):  # planted: done, then approved
        change = _as_normal(changes[n], boss)
        change.approved_at = change.started + timedelta(hours=3 + n % 20)
    _as_normal(changes[70], boss).approved_at = changes[70].started - timedelta(minutes=1)  # near miss
    for n in (44, 118):  # approved by somebody, nobody knows when
        _as_normal(changes[n], boss).approved_at = None
    for n, status in ((15, "cancelled"), (16, "rejected"), (17, "awaiting_approval"), (18, "draft"), (19, "approved")):  # near misses: never begun
        change = _as_normal(changes[n], boss)
        change.status, change.started, change.ended = status, None, None
        if status != "approved":
            change.approvers, change.approved_at = [], None
    changes[40].status = "failed"
    changes[41].status, changes[41].ended = "in_progress", None
    before = _as_normal(changes[0], boss)  # near miss: begun on the evening of the 30th of June, in the quarter before
    before.approvers, before.approved_at = [], None
    before.created, before.started, before.ended = utc(2026, 6, 25, 8), utc(2026, 6, 30, 21, 30), utc(2026, 6, 30, 23, 0)
    before.planned = before.started
    world.changes = changes
    _write(world, rng)


def _when(instant: datetime | None) -> str:
    if instant is None:
        return ""
    local = paris(instant)
    return f"{local.day:02d}/{MONTHS_FR[local.month - 1]}/{local.year % 100:02d} {(local.hour % 12) or 12}:{local.minute:02d} {'AM' if local.hour < 12 else 'PM'}"


def _write(world: World, rng) -> None:
    rows = [HEADER]
    for n, c in enumerate(sorted(world.changes, key=lambda c: c.key)):
        lines = f"{c.title}\r\n\r\nÉtapes :\r\n- sauvegarde ; vérification\r\n- application \"à froid\"" if n % 3 == 0 else c.title
        labels = [["production", "planifié"], ["production", ""], ["", ""]][n % 3]
        approvers = (c.approvers + ["", ""])[:2]
        rows.append([c.title, c.key, str(51_000 + n), "Changement", STATUS[c.status], "Moyenne", c.requester or "", c.implementer, _when(c.created), *labels, lines, *approvers,
                     _when(c.approved_at), TYPES[c.kind], rng.choice(["Faible", "Moyen", "Fort"]), _when(c.planned), _when(c.planned + timedelta(hours=2)), _when(c.started), _when(c.ended),
                     c.application, f"INC-{20_300 + n}" if n % 23 == 0 else ""])
    path = "exports/jira/changements_2026-T3.csv"
    world.files[path] = table(rows, ",", "\n").encode()
    world.sources.append(Source("changements", "JIRA", path, len(rows) - 1, 0, True, EVIDENCE))
