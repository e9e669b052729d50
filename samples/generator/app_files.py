"""Accounts of the applications, each in the format its tool really exports."""
from __future__ import annotations

import hashlib
import json

from .clock import EVIDENCE, fr_date, fr_minute, iso_offset, paris, utc
from .csvfile import table
from .model import Account, Source
from .ooxml import xlsx
from .world import World

NEXUS_AT = utc(2026, 8, 24, 5, 30)


def _dump(value) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _put(world: World, source: str, system: str, path: str, content: bytes, rows: int, **more) -> None:
    world.files[f"exports/{path}"] = content
    world.sources.append(Source(source, system, f"exports/{path}", rows, **{"evidence_at": EVIDENCE, **more}))


def _gitlab_user(a: Account) -> dict:
    seen = iso_offset(a.last_login)
    return {
        "id": int(a.local_id), "username": a.login, "name": a.display, "state": "active" if a.enabled else "blocked", "locked": False,
        "avatar_url": None, "web_url": f"https://forge.arem.example/{a.login}", "created_at": iso_offset(a.created), "bio": "", "bot": a.kind == "service",
        "last_sign_in_at": seen, "confirmed_at": iso_offset(a.created), "last_activity_on": seen[:10] if seen else None, "email": a.emails[0],
        "identities": [{"provider": "ldapmain", "extern_uid": f"uid={a.login},ou=people,dc=arem,dc=example"}] if a.person else [],
        "can_create_project": True, "two_factor_enabled": bool(a.privileged), "external": a.link == "none" and a.kind == "human",
        "is_admin": "GITLAB:Administrateur" in a.privileged, "note": None,
    }


def gitlab(world: World) -> None:
    accounts = sorted(world.of("GITLAB"), key=lambda a: int(a.local_id))
    _put(world, "gitlab", "GITLAB", "gitlab/users.json", _dump([_gitlab_user(a) for a in accounts]), len(accounts))
    for group, members in world.gitlab_groups.items():
        rows = []
        for n, a in enumerate(members):
            level = 50 if n == 0 else [40, 30, 30, 20, 10][n % 5]
            rows.append({"id": int(a.local_id), "username": a.login, "name": a.display, "state": "active", "access_level": level, "created_at": iso_offset(a.created),
                         "expires_at": None, "membership_state": "active", "web_url": f"https://forge.arem.example/{a.login}"})
        _put(world, f"gitlab-{group}", "GITLAB", f"gitlab/membres_{group}.json", _dump(rows), len(rows))


def sonarqube(world: World) -> None:
    users = []
    for a in sorted(world.of("SONARQUBE"), key=lambda a: a.login):
        groups = ["sonar-users"] + (["sonar-administrators"] if a.privileged else [])
        user = {"login": a.login, "name": a.display, "active": a.enabled, "email": a.emails[0] if a.emails else None, "groups": groups, "tokensCount": 0,
                "local": a.kind != "human", "externalIdentity": a.login, "externalProvider": "sonarqube" if a.kind != "human" else "LDAP",
                "lastConnectionDate": iso_offset(a.last_login, colon=False)}
        users.append({k: v for k, v in user.items() if v is not None and (a.enabled or k not in ("email", "groups"))})
    page = {"paging": {"pageIndex": 1, "pageSize": 500, "total": len(users)}, "users": users}
    _put(world, "sonarqube", "SONARQUBE", "sonarqube/users_search.json", _dump(page), len(users))


def rundeck(world: World) -> None:
    lines = ["#", "# Comptes locaux de l'ordonnanceur (HashUserRealm)", "# <login>: <mot de passe>[,<rôle> ...]", "#", ""]
    accounts = sorted(world.of("RUNDECK"), key=lambda a: (a.login != "admin", a.login))
    for a in accounts:
        lines.append(f"{a.login}: MD5:{hashlib.md5(b'fictif ' + a.login.encode()).hexdigest()},{','.join(a.grants)}")
    lines += ["", "# compte retiré le 12/05/2026 (INC-0871)", "#sauvegarde: MD5:9e107d9d372bb6826bd81d3542a419d6,user"]
    _put(world, "rundeck", "RUNDECK", "rundeck/realm.properties", ("\n".join(lines) + "\n").encode(), len(accounts))


def icinga(world: World) -> None:
    roles = {"Administrateurs": "*", "Exploitation": "module/icingadb, icingadb/command/*", "Lecture": "module/icingadb"}
    out = ""
    for role, permissions in roles.items():
        users = ", ".join(a.login for a in world.of("ICINGA") if role in a.grants)
        out += f'[{role}]\nusers = "{users}"\npermissions = "{permissions}"\n' + ('refusals = "config/authentication"\n' if role != "Administrateurs" else "") + "\n"
    _put(world, "icinga", "ICINGA", "icinga/roles.ini", out.encode(), len(roles))


def postgresql(world: World) -> None:
    header = ["rolname", "rolsuper", "rolinherit", "rolcreaterole", "rolcreatedb", "rolcanlogin", "rolreplication", "rolbypassrls", "rolconnlimit", "rolvaliduntil"]
    groups = {"app_lecture": "f", "app_ecriture": "f", "dba_prod": "t", "pg_monitor": "f", "pg_read_all_data": "f", "pg_signal_backend": "f"}
    rows = [[name, su, "t", "f", "f", "f", "f", "f", "-1", ""] for name, su in groups.items()]
    for a in world.of("POSTGRESQL"):
        su = "t" if a.extra.get("super") else "f"
        until = "2027-01-31 22:59:59+00" if a.kind == "human" and a.link == "definite" else ""
        rows.append([a.login, su, "t", "t" if a.login == "postgres" else "f", "f", "t", "f", "f", "-1", until])
    rows.sort()
    _put(world, "postgresql", "POSTGRESQL", "postgresql/pg_roles.csv", table([header, *rows], ",", "\n").encode(), len(rows))
    members = sorted([g, a.login, "postgres", "f"] for a in world.of("POSTGRESQL") for g in a.grants)
    _put(world, "postgresql-membres", "POSTGRESQL", "postgresql/pg_auth_members.csv",
         table([["role", "member", "grantor", "admin_option"], *members], ",", "\n").encode(), len(members))


def glpi(world: World) -> None:
    header = ["ID", "Identifiant", "Nom de famille", "Prénom", "Courriels", "Actif", "Profil", "Dernière connexion", "Date de création"]
    rows = []
    for a in world.of("GLPI"):
        person = a.extra["person"]
        family, given = (person.family, person.given) if person else ("", a.display)
        rows.append([a.local_id, a.login, family, given, a.emails[0] if a.emails else "", "Oui" if a.enabled else "Non", a.grants[0],
                     paris(a.last_login).strftime("%d-%m-%Y %H:%M"), paris(a.created).strftime("%d-%m-%Y %H:%M")])
    _put(world, "glpi", "GLPI", "glpi/utilisateurs.csv", table([header, *rows], ";", "\n", quoted=True).encode("utf-8-sig"), len(rows))


def nexus(world: World) -> None:
    users = []
    for a in sorted(world.of("NEXUS"), key=lambda a: a.login):
        person = a.extra["person"]
        first, last = (person.given, person.family) if person else a.display.split(" ", 1)
        users.append({"userId": a.login, "firstName": first, "lastName": last, "emailAddress": a.emails[0] if a.emails else f"{a.login}@nexus.example",
                      "source": "LDAP" if person else "default", "status": "active", "readOnly": False, "roles": a.grants, "externalRoles": []})
    _put(world, "nexus", "NEXUS", "nexus/users.json", _dump(users), len(users), evidence_at=NEXUS_AT)


def paie(world: World) -> None:
    """The home-made payroll application: a sheet with a title above its header, numbers where the roster has leading zeros."""
    rows: list[list] = [["AREM – Application PAIE – Liste des utilisateurs"], ["Édité le 05/10/2026 06:00"], [],
                        ["Code utilisateur", "Nom", "Prénom", "Matricule", "Profil", "Actif (O/N)", "Créé le", "Dernière connexion", "Mot de passe changé le"]]
    for a in world.of("PAIE"):
        person = a.extra["person"]
        family, given = (person.family.upper(), person.given) if person else (a.display, None)
        rows.append([a.login, family, given, int(a.employee) if a.employee else None, a.grants[0], "O" if a.enabled else "N", paris(a.created).date(),
                     paris(a.last_login) if a.last_login else None, fr_date(a.password_set)])
    content = xlsx([("Utilisateurs", rows), ("Légende", [["Profil", "Sens"], ["BADMIN", "Administration de l’application"], ["MANDATEMENT", "Mandatement"]])],
                   {"title": "Utilisateurs PAIE", "creator": "Édition automatique", "created": "2026-10-05T04:00:00Z", "modified": "2026-10-05T04:00:00Z"}, 3)
    _put(world, "paie", "PAIE", "paie/utilisateurs_BADMIN.xlsx", content, len(rows) - 4)


def formation(world: World) -> None:
    header = ["id", "email", "nom", "prenom", "derniere_visite", "cree_le"]
    rows = [[a.local_id, a.login, a.person.family, a.person.given, fr_minute(a.last_login), fr_date(a.created)] for a in world.of("FORMATION")]
    _put(world, "formation", "FORMATION", "formation/apprenants.csv", table([header, *rows], ",", "\n").encode(), len(rows))


def populate(world: World) -> None:
    for write in (gitlab, sonarqube, rundeck, icinga, postgresql, glpi, nexus, paie, formation):
        write(world)
    # Promised for the 28th of September, never delivered: configured, and not collected.
    world.sources.append(Source("oracle", "ORACLE", "exports/oracle/dba_users.csv", None, 0, False, None))
