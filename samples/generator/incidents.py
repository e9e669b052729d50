"""Incidents: the service desk's list (Isilog-like, Windows-1252) and the security incidents (Jira REST, three pages)."""
from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from .clock import EVIDENCE, PERIOD_START, days_ago, fr_minute, iso_offset, paris, utc
from .csvfile import table
from .model import Source
from .world import DOMAIN, World

PRIORITY = {"critical": "1 - Critique", "high": "2 - Haute", "medium": "3 - Moyenne", "low": "4 - Basse"}
STATE = {"open": "Ouvert", "in_progress": "En cours", "resolved": "Résolu", "closed": "Clos", "cancelled": "Annulé"}
HOURS = {"critical": 4, "high": 24, "medium": 72, "low": 240}
CAUSES = ["Disque défaillant", "Erreur de manipulation", "Certificat échu", "Régression d’une mise à jour", "Coupure d’opérateur", "Saturation d’un espace", "Compte verrouillé", "Câblage"]
SUBJECTS = ["Lenteur", "Accès impossible", "Impression impossible", "Message d’erreur à l’ouverture", "Données absentes", "Écran noir", "Liaison coupée", "Demande de mot de passe"]


@dataclass
class Incident:
    incident_id: str
    title: str
    severity: str
    security: bool | None
    opened: datetime
    due: datetime | None
    status: str = "closed"
    resolved: datetime | None = None
    closed: datetime | None = None
    cause: str | None = None
    assignee: str = ""
    application: str = ""


def _usual(world: World, rng, n: int, agents) -> Incident:
    severity = rng.choices(list(PRIORITY), [3, 14, 48, 35])[0]
    opened = PERIOD_START - timedelta(days=12) + timedelta(days=0.33 * n, hours=8 + n % 9, minutes=rng.randint(0, 59))
    due = opened + timedelta(hours=HOURS[severity])
    resolved = opened + timedelta(minutes=int(HOURS[severity] * 60 * rng.uniform(0.05, 0.9)))
    app = rng.choice(world.assets).name
    incident = Incident(f"ISILOG:INC-{20_300 + n}", f"{rng.choice(SUBJECTS)} – {app}", severity, False, opened, due, "closed", resolved, resolved + timedelta(hours=rng.randint(1, 60)),
                        rng.choice(CAUSES), rng.choice(agents).name, app)
    if severity in ("medium", "low") and rng.random() < 0.5:
        incident.cause = None  # asked only of what is serious
    if incident.closed > days_ago(4.9):
        incident.status, incident.closed = "resolved", None
    if incident.resolved > days_ago(0.3):
        incident.status, incident.resolved, incident.closed = "in_progress", None, None
    return incident


def _serious(incident: Incident, severity: str = "high") -> Incident:
    incident.severity, incident.due = severity, incident.opened + timedelta(hours=HOURS[severity])
    incident.resolved = incident.opened + timedelta(hours=HOURS[severity] * 0.5)
    incident.closed, incident.status, incident.cause = incident.resolved + timedelta(hours=5), "closed", incident.cause or CAUSES[0]
    return incident


def _desk(world: World) -> list[Incident]:
    rng = world.rng("isilog")
    agents = world.pick("agent", world.active("DSI – Support"), 8)
    all_ = [_usual(world, rng, n, agents) for n in range(300)]
    for n in (60, 121, 198):  # planted: resolved after the target
        _serious(all_[n])
        all_[n].resolved = all_[n].due + timedelta(hours=n / 10)
        all_[n].closed = all_[n].resolved + timedelta(hours=2)
    for n in (140, 231, 260):  # planted: still open, and past the target
        _serious(all_[n])
        all_[n].status, all_[n].resolved, all_[n].closed, all_[n].cause = ("open" if n == 231 else "in_progress"), None, None, None
    for n in (88, 170):  # no target was set: nobody can tell
        _serious(all_[n], "medium").due = None
    _serious(all_[90])
    all_[90].resolved = all_[90].due - timedelta(minutes=1)  # near miss
    all_[90].closed = all_[90].due + timedelta(hours=9)
    all_[150].status, all_[150].resolved, all_[150].closed, all_[150].due = "cancelled", None, None, all_[150].opened + timedelta(hours=1)  # near miss
    _serious(all_[2])  # near miss: late, but before the quarter
    all_[2].resolved = all_[2].due + timedelta(hours=6)
    all_[2].closed = all_[2].resolved + timedelta(hours=1)
    for n in (75, 160, 210):  # planted: closed, serious, no cause
        _serious(all_[n], "critical" if n == 160 else "high").cause = None
    _serious(all_[130]).cause = None  # near miss: resolved, not closed yet
    all_[130].status, all_[130].closed = "resolved", None
    _serious(all_[180], "low").cause, all_[180].security = None, None  # nobody wrote whether it was a matter of security
    return all_


def _write_desk(world: World, incidents: list[Incident]) -> None:
    rows = [["N° incident", "Objet", "Priorité", "Incident de sécurité", "Ouvert le", "À résoudre avant le", "Résolu le", "Clos le", "État", "Intervenant", "Cause", "Application", "Temps passé (h)"]]
    for n, i in enumerate(incidents):
        security = {True: "O", False: "N", None: ""}[i.security]
        rows.append([i.incident_id.partition(":")[2], i.title, PRIORITY[i.severity], security, fr_minute(i.opened), fr_minute(i.due), fr_minute(i.resolved), fr_minute(i.closed), STATE[i.status],
                     i.assignee, i.cause or "", i.application, f"{(n * 7 % 90) / 8:.2f}".replace(".", ",")])
    rows.insert(57, ["INC-19990", "Reprise de l’ancien outil", "3 - Moyenne", "N", "31/06/2026 09:12", "", "", "", "Clos", "", "", "", "0,00"])  # impossible date
    rows.insert(204, ["INC-19991", "Poste en attente de pièce", "4 - Basse", "N", "02/09/2026 10:40", "", "", "", "Suspendu fournisseur", "", "", "", "1,25"])  # unknown status
    path = "exports/isilog/incidents_2026T3.csv"
    world.files[path] = table(rows).encode("cp1252")
    world.sources.append(Source("isilog", "ISILOG", path, len(rows) - 1, 2, True, EVIDENCE))


def _security(world: World) -> list[Incident]:
    rng = world.rng("security")
    team = world.pick("csirt", world.active("DSI – Exploitation"), 3)
    subjects = ["Hameçonnage signalé", "Poste infecté", "Connexion depuis l’étranger", "Perte d’un ordinateur portable", "Balayage de ports", "Fuite d’adresses", "Mot de passe divulgué"]
    out = []
    for n in range(47):
        opened = PERIOD_START + timedelta(days=1.95 * n, hours=7 + n % 11, minutes=3 * n % 60)
        severity = ["medium", "high", "medium", "low", "critical"][n % 5]
        done = opened + timedelta(hours=[30, 11, 28, 70, 2][n % 5])
        incident = Incident(f"JIRA-SEC:SEC-{401 + n}", rng.choice(subjects), severity, True, opened, opened + timedelta(hours=[72, 24, 72, 240, 4][n % 5]), "closed", done, done, rng.choice(CAUSES), rng.choice(team).name)
        if opened > days_ago(3):
            incident.status, incident.resolved, incident.closed, incident.cause = "in_progress", None, None, None
            incident.due = max(incident.due, utc(2026, 10, 9))
        out.append(incident)
    out[13].cause = None  # planted: closed without a cause
    out[27].resolved = out[27].closed = out[27].due + timedelta(hours=20)  # planted: late
    out[33].due = None  # no target
    return out


def _issue(i: Incident, number: int) -> dict:
    key = i.incident_id.partition(":")[2]
    done = i.status == "closed"
    names = {"critical": "Highest", "high": "High", "medium": "Medium", "low": "Low"}
    status = {"closed": ("Clos", "done"), "in_progress": ("En cours", "indeterminate")}[i.status]
    person = {"name": i.assignee.split(" ")[0].lower(), "displayName": i.assignee, "active": True, "timeZone": "Europe/Paris"}
    return {"expand": "operations,versionedRepresentations", "id": str(88_000 + number), "self": f"https://tickets.{DOMAIN}/rest/api/2/issue/{88_000 + number}", "key": key, "fields": {
        "summary": i.title, "issuetype": {"id": "10302", "name": "Incident de sécurité", "subtask": False}, "project": {"id": "10200", "key": "SEC", "name": "Sécurité"},
        "priority": {"id": str(1 + list(names).index(i.severity)), "name": names[i.severity]},
        "status": {"name": status[0], "id": "6" if done else "3", "statusCategory": {"id": 3 if done else 4, "key": status[1], "name": "Terminé" if done else "En cours"}},
        "resolution": {"name": "Résolu"} if done else None, "created": iso_offset(i.opened, colon=False), "resolutiondate": iso_offset(i.resolved, colon=False),
        "duedate": None, "customfield_10411": iso_offset(i.due, colon=False), "customfield_10412": i.cause, "assignee": person, "reporter": person, "labels": ["securite"],
        "issuelinks": [], "components": []}}


def _write_security(world: World, incidents: list[Incident]) -> None:
    size = 20
    for page in range(0, len(incidents), size):
        answer = {"expand": "schema,names", "startAt": page, "maxResults": size, "total": len(incidents), "issues": [_issue(i, page + n) for n, i in enumerate(incidents[page:page + size])],
                  "names": {"customfield_10411": "Échéance de résolution", "customfield_10412": "Cause racine"}}
        world.files[f"exports/jira/securite_page_{page // size + 1}.json"] = (json.dumps(answer, ensure_ascii=False, indent=1) + "\n").encode()
    world.sources.append(Source("incidents-securite", "JIRA-SEC", "exports/jira/securite_page_*.json", len(incidents), 0, True, EVIDENCE))


def populate(world: World) -> None:
    desk, security = _desk(world), _security(world)
    _write_desk(world, desk)
    _write_security(world, security)
    world.incidents = desk + security
    # Exports keep minutes only: the truth is told with what they say.
    for incident in desk:
        for name in ("opened", "due", "resolved", "closed"):
            value = getattr(incident, name)
            if value:
                setattr(incident, name, value.replace(second=0, microsecond=0))
    assert all(paris(i.opened) for i in world.incidents)
