"""The two files that people keep by hand, `declarations.toml` and `exceptions.toml`, and the list of what was planted."""
from __future__ import annotations

from datetime import date

from .clock import TODAY
from .model import Account, Verdict
from .world import World

OLD = date(2025, 6, 15)  # 477 days before: a justification that counts no more
DECIDED = date(2026, 1, 22)
APPROVERS = ["Hélène Castanier, directrice générale", "RSSI", "Responsable de l'exploitation"]
REASONS = {"break_glass": "Compte de secours sous pli, essayé chaque trimestre", "service": "Nécessaire au service, sans ouverture de session", "human": "Administre l'outil au quotidien"}


def quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def right_name(world: World, right: str) -> str:
    return world.rights.get(right) or right.partition(":")[2].rpartition("/")[2]


def _account(a: Account) -> str:
    owner = f"owner = {quote(a.owner.matricule)}\n" if a.owner else ""
    purpose = a.display or {"break_glass": "Compte de secours", "service": "Compte technique"}.get(a.kind, "Compte partagé")
    return f"[[account]]\nsystem = {quote(a.system)}\nlogin = {quote(a.login)}\nkind = {quote(a.kind)}\n{owner}purpose = {quote(purpose)}\n"


def _right(world: World, a: Account, right: str, decided: date) -> str:
    return (f"[[privileged]]\nsystem = {quote(a.system)}\nlogin = {quote(a.login)}\nentitlement = {quote(right_name(world, right))}\n"
            f"justification = {quote(REASONS[a.kind if a.kind in REASONS else 'human'])}\napprover = {quote(world.cast['dg'].matricule)}\ndecided_on = {decided.isoformat()}\n")


def _declarations(world: World) -> str:
    out = ["# Ce que l'agence déclare de ses comptes : liens établis à la main, comptes de service, partagés et de secours avec leur\n"
           "# responsable, droits privilégiés justifiés. Fichier produit par samples/generate.py : ne pas le modifier à la main.\n"
           "confirmed_on = 2026-10-01\n"]
    for a in world.accounts:
        if a.link == "declared":
            out.append(f"[[link]]\nsystem = {quote(a.system)}\nlogin = {quote(a.login)}\nperson = {quote(a.person.matricule)}\n"
                       f"reason = {quote('Pupitre tenu par une seule personne, attestation du chef de site du 12/02/2026')}\n")
    for a in world.accounts:
        # Without an owner only what its own source does not call a service is declared: the rest is found by its name or place.
        if a.owner or a.kind == "break_glass" or a.extra.get("declared"):
            out.append(_account(a))
    for a in world.accounts:
        for right in sorted(a.justified):
            out.append(_right(world, a, right, DECIDED))
        if a.extra.get("old_justification"):
            out += [_right(world, a, right, OLD) for right in sorted(a.privileged)]
    return "\n".join(out)


def _pick(world: World, check: str, wanted: str, place: int = 0) -> str:
    """The place-th planted subject of a check whose key holds a text."""
    return [key for key in world.verdicts[check].exceptions if wanted in key][place]


def _derogations(world: World) -> list[tuple[str, str, date, date, str]]:
    """check, subject, approved on, last day, reason. Two are past their last day: their subjects count again."""
    borne = next(a.account_id for a in world.of("LDAP") if a.login == "borne-accueil")
    root = next(a.account_id for a in world.of("AD") if a.extra["rid"] == 500)
    moved = "RUNDECK:svc-recette"
    return [
        ("leaver-with-active-account", _pick(world, "leaver-with-active-account", "LDAP:", 0), date(2026, 9, 1), date(2026, 10, 31), "Passation du dossier des captages"),
        ("leaver-with-active-account", _pick(world, "leaver-with-active-account", "LDAP:", 1), date(2026, 5, 4), date(2026, 8, 31), "Passation du dossier des redevances"),  # expired
        ("orphan-account", borne, date(2026, 4, 7), date(2027, 4, 6), "Borne en libre service, sans droit, fermée en 2027"),
        ("dormant-account", _pick(world, "dormant-account", "AD:", 0), date(2026, 9, 10), date(2026, 12, 31), "Congé de longue durée, retour en décembre"),
        ("privileged-password-never-expires", root, date(2026, 1, 22), date(2027, 1, 21), "Compte de secours sous pli, mot de passe changé après chaque usage"),
        ("service-account-without-owner", moved, date(2026, 9, 21), date(2026, 11, 30), "Réorganisation de la recette en cours"),
        ("asset-without-recent-backup", _pick(world, "asset-without-recent-backup", "srv-labo01"), date(2026, 7, 2), date(2026, 12, 31), "Données recopiées par le laboratoire national"),
        ("asset-without-recent-backup", _pick(world, "asset-without-recent-backup", "srv-temps01"), date(2026, 3, 2), date(2026, 9, 30), "Remplacement de l'outil en septembre"),  # expired
        ("restore-test-overdue", _pick(world, "restore-test-overdue", "APP-024"), date(2026, 7, 2), date(2026, 12, 31), "Essai prévu avec le laboratoire national"),
        ("change-unapproved", "JIRA:CHG-2139", date(2026, 8, 3), date(2027, 8, 2), "Crue du 16 juillet : approuvé de vive voix, main courante n° 118"),
        ("change-unapproved", "JIRA:CHG-2178", date(2026, 8, 10), date(2026, 9, 15), "Régularisation demandée sous un mois"),  # expired
        ("document-review-overdue", "DOCS:plans/PRA.md", date(2026, 6, 30), date(2026, 11, 30), "Révision après l'exercice de novembre"),
        ("vulnerability-past-deadline", world.verdicts["vulnerability-past-deadline"].exceptions[0], date(2026, 9, 7), date(2026, 10, 31), "Correctif de l'éditeur attendu en octobre"),
        # Near miss: the account was closed since; a derogation of a thing that is in order accepts nothing.
        ("orphan-account", next(a.account_id for a in world.of("LDAP") if a.login == "svc-zabbix"), date(2026, 2, 2), date(2027, 2, 1), "Ancienne supervision"),
    ]


def _exceptions(world: World) -> str:
    out = ["# Dérogations : risques acceptés par écrit, par quelqu'un, jusqu'à une date.\n# Fichier produit par samples/generate.py : ne pas le modifier à la main.\n"]
    for n, (check, subject, approved, expires, reason) in enumerate(_derogations(world), 1):
        out.append(f"[[exception]]\nid = \"DER-2026-{n:03d}\"\ncheck = {quote(check)}\nsubject = {quote(subject)}\napprover = {quote(APPROVERS[n % 3])}\n"
                   f"approved_on = {approved.isoformat()}\nexpires_on = {expires.isoformat()}\nreason = {quote(reason)}\n")
        verdict = world.verdicts[check]
        if subject in verdict.exceptions and approved <= TODAY <= expires:
            verdict.exceptions.remove(subject)
            verdict.accepted = sorted([*verdict.accepted, subject])
    return "\n".join(out)


def _list(name: str, keys: list[str]) -> str:
    if not keys:
        return f"{name} = []\n"
    return f"{name} = [\n" + "".join(f"  {quote(key)},\n" for key in keys) + "]\n"


def _planted(world: World) -> str:
    out = ["# What each check must find in these samples, no more and no less, as of 2026-10-05T08:00:00Z over 2026-T3.\n"
           "# Written by samples/generate.py from its own model, not from what Probant finds. A key that ends in @ is followed by the instant of\n"
           "# the snapshot. `conform` = population - exceptions - accepted - undetermined.\n"]
    for check in sorted(world.verdicts):
        v: Verdict = world.verdicts[check]
        out.append(f"[check.{check}]\npopulation = {v.population}\n" + _list("exceptions", v.exceptions) + _list("accepted", v.accepted) + _list("undetermined", v.undetermined))
    rows = "".join(f"{s.source} = {{ seen = {s.seen or 0}, rejected = {s.rejected}, complete = {str(s.complete).lower()}, collected = {str(s.seen is not None).lower()} }}\n"
                   for s in sorted(world.sources, key=lambda s: s.source))
    links: dict[str, int] = {}
    for a in world.accounts:
        links[a.link] = links.get(a.link, 0) + 1
    out.append("# Arithmetic of each source.\n[source]\n" + rows)
    out.append("# Accounts by link to a person, all systems.\n[links]\n" + "".join(f"{k} = {n}\n" for k, n in sorted(links.items())))
    return "\n".join(out)


def populate(world: World) -> None:
    world.files["declarations.toml"] = _declarations(world).encode()
    world.files["exceptions.toml"] = _exceptions(world).encode()
    world.files["planted.toml"] = _planted(world).encode()
