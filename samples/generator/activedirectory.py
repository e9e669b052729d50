"""The Active Directory domain of headquarters and the plants' supervision: who is in it, and which rights they hold.

`ad_file` writes it as `ldifde -u` does. Groups are graph nodes here; what an account holds is worked out by walking up.
"""
from __future__ import annotations

from datetime import timedelta

from .clock import between, days_ago, utc
from .model import Account, Person
from .names import ascii_fold
from .world import DOMAIN, World

SYSTEM = "AD"
DOMAIN_SID = "S-1-5-21-1004336348-1177238915-682003330"
# name -> (RID in the domain or whole SID, groups it is a member of)
GROUPS: dict[str, tuple[str, list[str]]] = {
    "Administrateurs": ("S-1-5-32-544", []),
    "Utilisateurs": ("S-1-5-32-545", []),
    "Opérateurs de compte": ("S-1-5-32-548", []),
    "Opérateurs de sauvegarde": ("S-1-5-32-551", []),
    "Ordinateurs du domaine": ("515", []),
    "Invités du domaine": ("514", []),
    "Utilisateurs du domaine": ("513", ["Utilisateurs"]),
    "Admins du domaine": ("512", ["Administrateurs"]),
    "Administrateurs de l’entreprise": ("519", ["Administrateurs"]),
    "Administrateurs du schéma": ("518", []),
    "GG-Admins-Serveurs": ("1601", ["Admins du domaine", "GG-Astreinte"]),  # with the next one, a cycle under a privileged group
    "GG-Astreinte": ("1602", ["GG-Admins-Serveurs"]),
    "GG-Support-Comptes": ("1603", ["Opérateurs de compte"]),
    "GG-Projet-Captages": ("1610", ["GG-Projet-Zones-Humides"]),
    "GG-Projet-Zones-Humides": ("1611", ["GG-Projet-Étiage"]),
    "GG-Projet-Étiage": ("1612", ["GG-Projet-Captages"]),  # a cycle of three
    "GG-Finances": ("1620", []),
    "GG-Ressources-Humaines": ("1621", []),
    "GG-Télégestion": ("1622", []),
    "GG-Lecture-Partages": ("1623", []),
}
PRIVILEGED = {"Administrateurs", "Opérateurs de compte", "Opérateurs de sauvegarde", "Admins du domaine", "Administrateurs de l’entreprise", "Administrateurs du schéma"}


def holds(groups: list[str]) -> set[str]:
    """All groups reached from these, themselves included; cycles are walked once."""
    reached: set[str] = set()
    todo = list(groups)
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += GROUPS[name][1]
    return reached


def _account(world: World, rng, login: str, display: str, kind: str, **more) -> Account:
    account = world.add(Account(SYSTEM, world.uuid(rng), login, display, kind=kind, precision="days_14", never_expires=False, **more))
    account.extra.update({"rid": 2000 + len(world.of(SYSTEM)), "groups": [], "primary": "513", "ou": {"human": "Utilisateurs", "unknown": "Utilisateurs", "service": "Services"}.get(kind, "Users")})
    return account


def _user(world: World, rng, person: Person, login: str | None = None) -> Account:
    created = min(max(utc(2016, 6, 1, 8), utc(person.joined.year, person.joined.month, person.joined.day, 7)), days_ago(30))
    account = _account(
        world, rng, login or f"{ascii_fold(person.given)}.{ascii_fold(person.family)}"[:20], person.name, "human", emails=list(person.emails),
        employee=person.matricule, last_login=between(rng, 0.3, 45), created=created + timedelta(minutes=rng.randint(0, 400)), password_set=between(rng, 1, 170),
        person=person, link="definite")
    account.extra.update({"person": person, "upn": person.emails[0] if person.emails else f"{person.login}@{DOMAIN}"})
    return account


def _humans(world: World, rng) -> None:
    pool = world.active("DSI – Exploitation", "DSI – Études et projets", "DSI – Support", "Agence comptable", "Ressources humaines", "Direction générale",
                        "Données sur l’eau", "Direction juridique", "Communication", "Direction de site")
    for role in ("dg", "renamed", "leaves-soon", "left-today", *(f"admin{n}" for n in range(10))):
        pool.append(world.cast[role])
    for person in sorted(pool, key=lambda p: p.matricule):
        _user(world, rng, person)
    renamed = next(a for a in world.of(SYSTEM) if a.person is world.cast["renamed"])
    renamed.display, renamed.login, renamed.emails = "Maëlle Trévidic-Hamon", "maelle.trevidichamon", [f"maelle.trevidichamon@{DOMAIN}"]
    renamed.extra["upn"] = renamed.emails[0]
    plain = [a for a in world.of(SYSTEM) if a.person in world.active()]
    no_number = rng.sample(plain, 40)  # filled in by hand for years: the address is all there is
    for account in no_number:
        if account.emails:
            account.employee = None
    dormant = rng.sample([a for a in plain if a not in no_number], 6)
    for account in dormant[:5]:  # planted
        account.last_login = between(rng, 120, 500)
        account.password_set = account.last_login - timedelta(days=30)
    dormant[5].last_login = days_ago(82)  # near miss: under ninety days, even with the fourteen that the attribute lags
    for person in world.pick("leaver", world.leavers(), 24):
        account = _user(world, rng, person)
        account.enabled, account.last_login = False, utc(person.left.year, person.left.month, person.left.day, 10)
        account.password_set = account.last_login - timedelta(days=50)
    for person in world.pick("leaver", world.leavers(), 2):  # planted: still open
        _user(world, rng, person).last_login = utc(person.left.year, person.left.month, person.left.day, 16)
    for person in world.pick("mover", [a.person for a in plain if a.enabled], 2):  # planted: two accounts of one person
        _user(world, rng, person, f"{person.login}.ext")
    for login, name in (("salle.crise", "Salle de crise"), ("presta.clim", "Prestataire climatisation"), ("old.scada", "Ancien poste de conduite")):  # planted: nobody's
        _account(world, rng, login, name, "unknown", last_login=between(rng, 2, 40), created=between(rng, 500, 2500), password_set=between(rng, 20, 160))
    # A console of the plants, tied by hand to who works at it.
    worker = world.pick("declared-link", world.active("Exploitation des ouvrages"), 1)[0]
    console = _account(world, rng, "conduite.oudon", "Conduite Oudon", "unknown", last_login=between(rng, 2, 20), created=between(rng, 500, 900), password_set=between(rng, 20, 160))
    console.person, console.link = worker, "declared"


def _administrators(world: World, rng) -> None:
    """Separate administration accounts, beside the standard account of the same person: allowed."""
    made = []
    for n, groups in enumerate((["Admins du domaine"], ["Admins du domaine"], ["GG-Admins-Serveurs"], ["GG-Admins-Serveurs"], ["GG-Astreinte"], ["GG-Astreinte"],
                                ["GG-Support-Comptes"], ["GG-Support-Comptes"], ["Administrateurs de l’entreprise", "Administrateurs du schéma"])):
        account = _user(world, rng, world.cast[f"admin{n}"], f"adm-{world.cast[f'admin{n}'].login}")
        account.display, account.emails, account.extra["groups"] = f"ADM {account.person.name}", [], groups
        account.extra["upn"] = f"{account.login}@ad.{DOMAIN}"
        made.append(account)
    made[3].never_expires = made[4].never_expires = True  # planted
    made[5].password_set = days_ago(1_460)  # planted: four years
    made[8].extra["primary"] = "512"  # administrator by primary group: in no member attribute
    made[0].extra["locked"] = days_ago(190)  # near miss: an old lockoutTime is no lock
    for position in (3, 5, 7):  # planted: nobody wrote why
        made[position].extra["unjustified"] = True


def _services(world: World, rng) -> None:
    owners = world.pick("ad-service-owner", world.active("DSI – Exploitation"), 6)
    gone = world.pick("leaver", world.leavers(), 1)[0]
    names = ["svc-sql-finances", "svc-sql-rh", "svc-veeam", "svc-wsus", "svc-antivirus", "svc-impression", "svc-supervision", "svc-telegestion", "svc-sccm", "svc-dfs",
             "svc-exchange", "svc-numerisation", "svc-badges", "svc-onduleurs"]
    for n, login in enumerate(names):
        account = _account(world, rng, login, f"Service {login.removeprefix('svc-')}", "service", last_login=between(rng, 1, 12), created=between(rng, 600, 3200),
                           password_set=between(rng, 300, 900), owner=owners[n % len(owners)])
        account.never_expires = True
        if login.startswith("svc-sql"):
            account.extra["spn"] = f"MSSQLSvc/srv-{login[8:]}01.ad.{DOMAIN}:1433"
    by = {a.login: a for a in world.of(SYSTEM) if a.kind == "service"}
    by["svc-numerisation"].owner = by["svc-badges"].owner = None  # planted
    by["svc-onduleurs"].owner = gone  # planted
    by["svc-veeam"].extra["groups"] = ["Opérateurs de sauvegarde"]  # planted: privileged, and its password never expires
    by["svc-impression"].weak = {"no_preauth"}  # planted, as are the next three
    by["svc-telegestion"].weak = {"unconstrained_delegation"}
    by["svc-badges"].weak = {"des_only"}
    for login, owner in (("gmsa-adfs$", owners[0]), ("gmsa-taches$", owners[1])):
        account = _account(world, rng, login, login.rstrip("$"), "service", last_login=between(rng, 1, 12), created=between(rng, 300, 900), password_set=between(rng, 1, 29), owner=owner)
        account.extra["gmsa"] = True
    plain = [a for a in world.of(SYSTEM) if a.kind == "human" and a.person in world.active()]
    first, second = rng.sample(plain, 2)
    first.weak, second.weak = {"password_not_required"}, {"reversible_password"}  # planted
    closed = rng.choice([a for a in world.of(SYSTEM) if a.enabled is False])
    closed.weak = {"password_not_required"}  # near miss: the account is closed


def _built_in(world: World, rng) -> None:
    chief = world.cast["admin8"]
    root = _account(world, rng, "Administrateur", None, "break_glass", created=utc(2016, 5, 30, 7), password_set=days_ago(300), owner=chief)
    root.never_expires = True
    root.extra.update({"rid": 500, "groups": ["Admins du domaine", "Administrateurs de l’entreprise", "Administrateurs du schéma"], "accepted-never": True})
    for login, rid in (("Invité", 501), ("krbtgt", 502)):
        account = _account(world, rng, login, None, "system", created=utc(2016, 5, 30, 7), password_set=days_ago(200), enabled=False)
        account.extra["rid"] = rid


def populate(world: World) -> None:
    rng = world.rng("ad")
    world.ad_groups = {name: world.uuid(rng) for name in GROUPS}
    _humans(world, rng)
    _administrators(world, rng)
    _services(world, rng)
    _built_in(world, rng)
    world.rights.update({f"{SYSTEM}:{world.ad_groups[name]}": name for name in PRIVILEGED})
    for account in world.of(SYSTEM):
        primary = next(name for name, (rid, _) in GROUPS.items() if rid == account.extra["primary"])
        rights = holds([*account.extra["groups"], primary]) & PRIVILEGED
        account.privileged = {f"{SYSTEM}:{world.ad_groups[name]}" for name in rights}
        account.justified = set() if account.extra.get("unjustified") else set(account.privileged)
