"""Restore tests: the sheet of reports that people fill in, a Bareos log and a pgBackRest log."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .assets import by_name
from .clock import EVIDENCE, days_ago, iso_local, iso_offset, paris
from .model import Source
from .odf import ods
from .world import World

RESULTS = {"conform": "Conforme", "conform_with_reserve": "Conforme avec réserve", "not_conform": "Non conforme", "unknown": "En attente de validation"}
HEADER = ["N° PV", "Date", "Application", "Serveur source", "Serveur cible", "Périmètre", "Référence de sauvegarde", "Point de restauration", "Début", "Fin", "RTO cible (min)",
          "RTO mesuré (min)", "RPO cible (min)", "RPO mesuré (min)", "Volume (Go)", "Contrôle d’intégrité", "Résultat", "Opérateur", "Valideur", "Anomalies", "Ticket"]


@dataclass
class Test:
    test_id: str
    asset: str | None
    started: datetime
    ended: datetime
    result: str
    rto: tuple[int | None, int | None] = (None, None)  # target, measured, minutes
    rpo: tuple[int | None, int | None] = (None, None)
    ticket: str | None = None
    anomaly: str | None = None
    application: str = ""


# application, days before as_of, result, measured RTO and RPO as a share of the target (None: not measured), ticket, anomaly
PV = [
    ("Paie", 96, "conform", 0.5, 0.6, None, None),
    ("Annuaire", 61, "conform_with_reserve", 0.8, 0.9, None, "Schéma à recharger à la main"),  # near miss: a reserve is no failure
    ("Domaine Windows", 200, "conform", 0.7, 0.5, None, None),
    ("Extranet partenaires", 300, "conform", 0.6, 0.5, None, None),
    ("Forge logicielle", 48, "not_conform", 0.9, 0.9, None, "Dépôts illisibles après restauration"),  # planted: no ticket
    ("Forge logicielle", 340, "conform", 0.6, 0.5, None, None),
    ("Ordonnanceur", 30, "conform", 1.4, 0.5, None, "Reprise plus longue que prévu"),  # planted: objective missed
    ("Supervision", 85, "conform", 0.9, 0.2, None, None),
    ("Bases PostgreSQL", 120, "conform", 0.9, 0.8, None, None),
    ("Centre de services", 410, "conform", 0.8, 0.5, None, None),  # planted: overdue
    ("Redevances", 74, "conform", 0.9, 1.5, None, "Dernière journée à ressaisir"),  # planted: objective missed
    ("Redevances", 260, "conform", 0.9, 0.8, None, None),
    ("Aides et interventions", 55, "not_conform", 2.1, 0.9, "INC-20418", "Index absents"),  # planted: objective missed; near miss: it has its ticket
    ("Aides et interventions", 20, "conform", 0.7, 0.9, None, None),
    ("Comptabilité", 130, "conform", 0.8, 0.7, None, None),
    ("Télégestion", 41, "not_conform", None, None, None, "Bande introuvable"),  # planted: no ticket, and overdue: nothing else since January
    ("Télégestion", 270, "conform", 0.8, 0.9, None, None),
    ("Observatoire de l’eau", 150, "conform", 0.5, 0.5, None, None),
    ("Système d’information géographique", 25, "conform", 0.9, None, None, None),
    ("Gestion documentaire", 60, "unknown", None, None, None, "Comparaison des empreintes en cours"),  # nobody can tell: not validated yet
    ("Gestion documentaire", 500, "conform", 0.5, 0.5, None, None),
    ("Messagerie", 89, "conform", 0.9, 0.9, None, None),
    ("Site internet", 358, "conform", 0.3, 0.2, None, None),  # near miss: a week left
    ("Parapheur électronique", 90, "conform", 0.4, 0.3, None, None),
    ("Laboratoire d’analyses", 395, "conform", 0.7, 0.5, None, None),  # planted: overdue; accepted by a derogation
    ("Marchés publics", 33, "conform", 0.9, 0.4, None, None),
    ("Archivage électronique", 170, "conform", 0.6, 0.4, None, None),
    ("Intranet", 45, "conform", 0.6, 0.4, None, None),
    # Alerte crues: never tested. Planted.
]
BAREOS = [  # application, client, days before, expected, restored
    ("Hydrométrie", "srv-hydro01", 40, 18_204, 18_204),
    ("Observatoire de l’eau", "srv-obs01", 52, 7_310, 7_298),  # planted: says OK, restored less than expected, and no ticket
    ("Hydrométrie", "srv-hydro02", 230, 17_040, 17_040),
    ("Impression", "srv-print01", 66, 412, 412),
]
PGBACKREST = [("redevances", "Redevances", 35, True), ("hydrometrie", "Hydrométrie", 36, True), ("aides", "Aides et interventions", 64, False), ("observatoire", "Observatoire de l’eau", 180, True)]


def _people(world: World, n: int) -> tuple[str, str]:
    return world.cast[f"admin{n % 6}"].name, world.cast[f"admin{6 + n % 4}"].name


def _sheet(world: World, rng) -> None:
    rows: list[list] = [["Agence régionale de l’eau et des milieux – PV de tests de restauration"], [], HEADER]
    ordered = sorted(enumerate(PV), key=lambda pair: -pair[1][1])
    for number, (n, (name, days, result, rto, rpo, ticket, anomaly)) in enumerate(ordered, 1):
        asset = by_name(world, name)
        start = days_ago(days).replace(hour=7 + n % 3, minute=10 * (n % 6), second=0)
        targets = (round(asset.rto * 60) if asset.rto else None, round(asset.rpo * 60) if asset.rpo else None)
        measured = tuple(round(t * share) if t and share else None for t, share in zip(targets, (rto, rpo)))
        end = start + timedelta(minutes=min(measured[0] or 95, 400))
        test = Test(f"PV:PV-{start.year}-{number:03d}", asset.asset_id, start, end, result, (targets[0], measured[0]), (targets[1], measured[1]), ticket, anomaly, name)
        world.tests.append(test)
        operator, validator = _people(world, n)
        host = asset.hosts[0]
        rows.append([test.test_id.partition(":")[2], paris(start).date(), name, host, "srv-rec01", "Serveur complet" if n % 2 else "Base de données",
                     f"{host}_{int((start - timedelta(hours=9)).timestamp())}", paris(start - timedelta(hours=9)), paris(start), paris(end), *test.rto, *test.rpo,
                     rng.randint(40, 9_000) / 10, "Oui" if result == "conform" else "Non", RESULTS[result], operator, validator if result != "unknown" else None, anomaly, ticket])
    path = "exports/restauration/PV_tests_restauration.ods"
    world.files[path] = ods([("PV", rows)], {"title": "PV de tests de restauration", "editor": "DSI – Exploitation", "created": "2025-01-06T08:00:00", "modified": "2026-10-02T15:20:00"})
    world.sources.append(Source("pv-restauration", "PV", path, len(rows) - 3, 0, True, EVIDENCE))


def _bareos(world: World) -> None:
    out = ""
    for n, (name, client, days, expected, restored) in enumerate(sorted(BAREOS, key=lambda row: -row[2])):
        number, start = 5_120 + 37 * n, days_ago(days).replace(hour=6, minute=20 + n, second=4)
        end = start + timedelta(minutes=11, seconds=9 * n)
        job = f"Restore_{client}.{paris(start).strftime('%Y-%m-%d_%H.%M.%S')}_{n:02d}"
        first, last = (f"{iso_offset(at, colon=False).replace('.000', '')} bareos-dir JobId {number}:" for at in (start, end))
        out += f"{first} Start Restore Job {job}\n{first} Using Device \"FileStorage\" to read.\n"
        out += f"{first.replace('-dir', '-sd')} Ready to read from volume \"Full-{n:04d}\" on device \"FileStorage\" (/var/lib/bareos/storage).\n"
        size = f"{restored * 4_311:,}"
        out += (f"{last} Bareos bareos-dir 23.0.3 (02May24):\n  Build OS:               Debian GNU/Linux 12 (bookworm)\n  JobId:                  {number}\n"
                f"  Job:                    {job}\n  Restore Client:         {client}-fd\n  Start time:             {paris(start).strftime('%d-%b-%Y %H:%M:%S')}\n"
                f"  End time:               {paris(end).strftime('%d-%b-%Y %H:%M:%S')}\n  Elapsed time:           {int((end - start).total_seconds())} secs\n"
                f"  Files Expected:         {expected:,}\n  Files Restored:         {restored:,}\n  Bytes Restored:         {size}\n  Rate:                   {restored / 90:.1f} KB/s\n"
                "  FD Errors:              0\n  FD termination status:  OK\n  SD termination status:  OK\n  Termination:            Restore OK\n\n")
        asset = by_name(world, name)
        world.tests.append(Test(f"BAREOS:{number}", asset.asset_id, start, end, "conform_with_reserve" if expected == restored else "not_conform", application=name))
    path = "exports/restauration/bareos_restore.log"
    world.files[path] = out.encode()
    world.sources.append(Source("bareos", "BAREOS", path, len(BAREOS), 0, True, EVIDENCE))


def _at(when: datetime, milliseconds: int = 829) -> str:
    return f"{iso_local(when)}.{milliseconds:03d} P00   INFO:"


def _pgbackrest(world: World) -> None:
    out = ""
    for n, (stanza, name, days, good) in enumerate(sorted(PGBACKREST, key=lambda row: -row[2])):
        start = days_ago(days).replace(hour=5, minute=40, second=12)
        end = start + timedelta(seconds=331 + 17 * n if good else 1)
        full = paris(start - timedelta(days=1)).strftime("%Y%m%d-210312F")
        ident = 21_933 + 41 * n
        out += (f"{_at(start)} restore command begin 2.45: --exec-id={ident}-b9776dc{n} --log-level-console=info --pg1-path=/srv/restauration/{stanza} --repo1-path=/srv/pgbackrest --stanza={stanza}\n"
                f"{_at(start, 838)} repo1: restore backup set {full}, recovery will start at {paris(start - timedelta(days=1)).strftime('%Y-%m-%d')} 21:03:12\n"
                f"{_at(start, 840)} remap data directory to '/srv/restauration/{stanza}'\n")
        if good:
            out += (f"{_at(end, 101)} write updated /srv/restauration/{stanza}/postgresql.auto.conf\n{_at(end, 120)} restore global/pg_control (performed last to ensure aborted restores cannot be started)\n"
                    f"{_at(end, 124)} restore size = {3 + n}.{n + 1}GB, file total = {2_966 + 310 * n}\n{_at(end, 125)} restore command end: completed successfully ({(331 + 17 * n) * 1000}ms)\n")
        else:
            out += f"ERROR: [047]: unable to create path '/srv/restauration/{stanza}': [13] Permission denied\n{_at(end, 611)} restore command end: aborted with exception [047]\n"
        world.tests.append(Test(f"PGBACKREST:{ident}-b9776dc{n}", by_name(world, name).asset_id, start, end, "conform_with_reserve" if good else "not_conform", application=name))
    path = "exports/restauration/pgbackrest_restore.log"
    world.files[path] = out.encode()
    world.sources.append(Source("pgbackrest", "PGBACKREST", path, len(PGBACKREST), 0, True, EVIDENCE))


def populate(world: World) -> None:
    world.tests = []
    rng = world.rng("restores")
    _sheet(world, rng)
    _bareos(world)
    _pgbackrest(world)
