"""Accounts of the applications: who has one where, and what was planted there. `app_files` writes each tool's own format."""
from __future__ import annotations

from collections import Counter

from .clock import between, days_ago, utc
from .model import Account, Person
from .names import convention
from .world import DOMAIN, World

IT = ("DSI – Exploitation", "DSI – Études et projets", "DSI – Support")


def _unambiguous(world: World) -> set[str]:
    """Logins by convention that are one person's only: the only kind that proves whose account it is."""
    count = Counter(convention(p.given, p.family) for p in [*world.people, *world.partners])
    return {login for login, n in count.items() if n == 1}


def _account(world: World, rng, system: str, local: str, login: str, person: Person | None, **more) -> Account:
    base = dict(display=person.name if person else None, emails=list(person.emails) if person else [], person=person,
                link="definite" if person else "none", created=between(rng, 100, 1600), last_login=between(rng, 0.5, 55))
    if more.get("kind", "human") not in ("human", "unknown"):
        base.update(person=None, link="none")
    account = world.add(Account(system, local, login, **{**base, **more}))
    account.extra["person"] = person
    return account


def _with_mail(people: list[Person]) -> list[Person]:
    return [p for p in people if p.emails]


def grant(account: Account, *rights: str, justified: bool = True) -> None:
    """Gives privileged rights: ids, as the reader makes them."""
    account.privileged.update(rights)
    if justified:
        account.justified.update(rights)


def gitlab(world: World) -> None:
    rng = world.rng("gitlab")
    staff = [world.cast[f"admin{n}"] for n in range(3)] + world.pick("gitlab", _with_mail(world.active(*IT)), 84)
    made = []
    for n, person in enumerate(staff):
        made.append(_account(world, rng, "GITLAB", str(12 + 3 * n), person.login, person))
    for account in made[:3]:
        grant(account, "GITLAB:Administrateur", justified=account is not made[2])  # one planted
    for account in made[40:43]:  # planted: dormant
        account.last_login = between(rng, 130, 400)
    made[43].last_login, made[43].created = None, days_ago(200)  # planted: never used
    made[44].last_login, made[44].created = None, days_ago(20)  # near miss: created three weeks ago
    for n, person in enumerate(world.pick("leaver", world.leavers(), 6)):
        account = _account(world, rng, "GITLAB", str(400 + n), person.login, person)
        account.enabled = n == 0  # the first is planted: blocked nowhere
        account.last_login = utc(person.left.year, person.left.month, person.left.day, 9)
    root = _account(world, rng, "GITLAB", "1", "root", None, display="Administrator", kind="break_glass", emails=[f"gitlab@{DOMAIN}"], created=utc(2018, 2, 1, 9), owner=world.cast["admin0"])
    root.last_login = days_ago(210)
    grant(root, "GITLAB:Administrateur")
    for n, (login, owner) in enumerate((("project_14_bot", "admin1"), ("group_7_bot", "admin2"), ("project_31_bot", None))):  # the last is planted
        _account(world, rng, "GITLAB", str(500 + n), login, None, display=f"Jeton {login}", kind="service", emails=[f"{login}@noreply.gitlab.{DOMAIN}"],
                 owner=world.cast[owner] if owner else None)
    for n, login in enumerate(("prestaweb", "consultant3")):  # planted: nobody's
        _account(world, rng, "GITLAB", str(600 + n), login, None, display=login, emails=[f"{login}@ailleurs.example"])
    world.gitlab_groups = {"infrastructure": made[:8], "sig": made[8:20], "extranet": made[18:31]}
    for name, owner in (("infrastructure", made[0]), ("sig", made[8]), ("extranet", made[18])):
        grant(owner, f"GITLAB:{name}/Owner")


def sonarqube(world: World) -> None:
    rng = world.rng("sonarqube")
    staff = [world.cast["admin1"], world.cast["admin3"]] + world.pick("sonar", _with_mail(world.active("DSI – Études et projets")), 30)
    made = [_account(world, rng, "SONARQUBE", p.login, p.login, p, created=None) for p in staff]
    for account in made[:2]:
        grant(account, "SONARQUBE:sonar-administrators")
    made[1].justified, made[1].extra["old_justification"] = set(), True  # planted: justified sixteen months ago, that is no longer
    made[9].last_login = between(rng, 140, 300)  # planted: dormant
    made[10].last_login = None  # never connected, and the tool does not say since when: nobody can tell
    admin = _account(world, rng, "SONARQUBE", "admin", "admin", None, display="Administrator", kind="break_glass", created=None, owner=world.cast["admin3"])
    grant(admin, "SONARQUBE:sonar-administrators")
    person = world.pick("leaver", world.leavers(), 1)[0]
    # The tool drops the address of who is deactivated: only the name is left to say whose account it was.
    _account(world, rng, "SONARQUBE", person.login, person.login, person, created=None, enabled=False, emails=[], link="candidate")


def rundeck(world: World, unique: set[str]) -> None:
    rng = world.rng("rundeck")
    pool = [p for p in world.active(*IT) if convention(p.given, p.family) in unique]
    admins = [world.cast[f"admin{n}"] for n in range(10) if convention(world.cast[f"admin{n}"].given, world.cast[f"admin{n}"].family) in unique][:2]
    for n, person in enumerate(admins + world.pick("rundeck", pool, 12)):
        login = convention(person.given, person.family)
        account = _account(world, rng, "RUNDECK", login, login, person, display=None, emails=[], precision="none", last_login=None, created=None)
        account.grants = ["user", "admin"] if n < 2 else ["user", ["build", "deploy", "ops"][n % 3]]
        if n < 2:
            grant(account, "RUNDECK:admin", justified=n == 0)  # the second is planted
    for login, roles, owner in (("svc-ordonnanceur", ["user", "ops"], "admin4"), ("svc-recette", ["user"], None)):  # the second is planted
        account = _account(world, rng, "RUNDECK", login, login, None, kind="service", precision="none", last_login=None, created=None, owner=world.cast[owner] if owner else None)
        account.grants = roles
    admin = _account(world, rng, "RUNDECK", "admin", "admin", None, kind="break_glass", precision="none", last_login=None, created=None, owner=world.cast["admin4"])
    admin.grants = ["user", "admin"]
    grant(admin, "RUNDECK:admin")
    left = [p for p in world.leavers() if convention(p.given, p.family) in unique]
    person = world.pick("leaver", left, 1)[0]  # planted: a line nobody removed
    login = convention(person.given, person.family)
    _account(world, rng, "RUNDECK", login, login, person, display=None, emails=[], precision="none", last_login=None, created=None).grants = ["user", "deploy"]
    # planted: the convention fits two people, so it proves nothing
    count = Counter(convention(p.given, p.family) for p in [*world.people, *world.partners])
    shared = sorted(login for login, n in count.items() if n == 2)[5]
    _account(world, rng, "RUNDECK", shared, shared, None, precision="none", last_login=None, created=None, link="candidate").grants = ["user", "ops"]


def icinga(world: World, unique: set[str]) -> None:
    """roles.ini says who may do what, not whether the account still works: enabled is not known."""
    rng = world.rng("icinga")
    pool = [p for p in world.active(*IT) if convention(p.given, p.family) in unique]
    people = world.pick("icinga", pool, 11) + world.pick("leaver", [p for p in world.leavers() if convention(p.given, p.family) in unique], 1)
    for n, person in enumerate(people):
        login = convention(person.given, person.family)
        account = _account(world, rng, "ICINGA", login, login, person, kind="unknown", display=None, emails=[], enabled=None, precision="none", last_login=None, created=None)
        account.grants = ["Administrateurs"] if n < 2 else ["Exploitation"] if n < 8 else ["Lecture"]
        if n < 2:
            grant(account, "ICINGA:Administrateurs")


def postgresql(world: World, unique: set[str]) -> None:
    rng = world.rng("postgresql")
    pool = [p for p in world.active(*IT, "Données sur l’eau") if convention(p.given, p.family) in unique]
    people = world.pick("pg", pool, 16)
    for n, person in enumerate(people):
        login = convention(person.given, person.family)
        account = _account(world, rng, "POSTGRESQL", login, login, person, display=None, emails=[], precision="none", last_login=None, created=None)
        account.grants = [["app_lecture"], ["app_ecriture"], ["app_lecture"]][n % 3]
        if n < 2:
            account.extra["super"] = True
            grant(account, "POSTGRESQL:SUPERUSER", justified=n == 0)  # the second is planted
        elif n < 4:
            account.grants = ["dba_prod"]
            grant(account, "POSTGRESQL:dba_prod")
    for login, owner in (("svc_batch", "admin5"), ("svc_redevances", "admin6"), ("app_hydro", "admin6"), ("app_observatoire", None), ("svc_replique", None)):  # two planted
        account = _account(world, rng, "POSTGRESQL", login, login, None, kind="service", precision="none", last_login=None, created=None, owner=world.cast[owner] if owner else None)
        account.grants = ["app_ecriture"]
    postgres = _account(world, rng, "POSTGRESQL", "postgres", "postgres", None, kind="break_glass", precision="none", last_login=None, created=None, owner=world.cast["admin5"])
    postgres.extra["super"] = True
    grant(postgres, "POSTGRESQL:SUPERUSER")
    _account(world, rng, "POSTGRESQL", "zz_migration", "zz_migration", None, precision="none", last_login=None, created=None)  # planted: nobody's


def glpi(world: World) -> None:
    rng = world.rng("glpi")
    staff = [world.cast["admin7"], world.cast["admin9"]] + world.pick("glpi", _with_mail(world.active("DSI – Support", "Moyens généraux", "Accueil et secrétariat")), 118)
    made = [_account(world, rng, "GLPI", str(2 + n), p.login, p) for n, p in enumerate(staff)]
    for account in made[:2]:
        account.grants = ["Super-Admin"]
        grant(account, "GLPI:Super-Admin")
    for account in made[2:]:
        account.grants = [rng.choice(["Technicien", "Observateur", "Self-Service", "Self-Service"])]
    made[60].last_login = between(rng, 120, 380)  # planted: dormant
    glpi_admin = _account(world, rng, "GLPI", "901", "glpi", None, display="glpi", kind="human")  # planted: nobody's, super-administrator without a reason
    glpi_admin.grants = ["Super-Admin"]
    grant(glpi_admin, "GLPI:Super-Admin", justified=False)
    for n, person in enumerate(world.pick("leaver", world.leavers(), 9)):
        account = _account(world, rng, "GLPI", str(950 + n), person.login, person, enabled=False)
        account.grants, account.last_login = ["Self-Service"], utc(person.left.year, person.left.month, person.left.day, 11)


def nexus(world: World) -> None:
    rng = world.rng("nexus")
    staff = [world.cast["admin2"]] + world.pick("nexus", _with_mail(world.active("DSI – Études et projets")), 21)
    for n, person in enumerate(staff):
        account = _account(world, rng, "NEXUS", person.login, person.login, person, precision="none", last_login=None, created=None)
        account.grants = ["nx-admin"] if n == 0 else ["arem-deploy" if n % 4 == 0 else "arem-read"]
        if n == 0:
            grant(account, "NEXUS:nx-admin")  # planted: the only person who administers it
    admin = _account(world, rng, "NEXUS", "admin", "admin", None, display="Administrator User", kind="break_glass", precision="none", last_login=None, created=None, owner=world.cast["admin2"])
    admin.grants = ["nx-admin"]
    grant(admin, "NEXUS:nx-admin")
    anonymous = _account(world, rng, "NEXUS", "anonymous", "anonymous", None, display="Anonymous User", kind="shared", precision="none", last_login=None, created=None, owner=world.cast["admin2"])
    anonymous.grants = ["nx-anonymous"]


def paie(world: World) -> None:
    rng = world.rng("paie")
    staff = world.pick("paie", world.active("Ressources humaines", "Agence comptable"), 46)
    made = []
    for n, person in enumerate(staff):
        account = _account(world, rng, "PAIE", f"PA{100 + n}", f"PA{100 + n}", person, emails=[], employee=person.matricule, password_set=between(rng, 2, 160))
        account.grants = ["BADMIN"] if n == 0 else [rng.choice(["GESTIONNAIRE", "CONSULTATION", "MANDATEMENT"])]
        made.append(account)
    grant(made[0], "PAIE:BADMIN")  # planted: the only person who administers it
    made[12].last_login = between(rng, 150, 260)  # planted: dormant
    second = _account(world, rng, "PAIE", "PA301", "PA301", made[7].person, emails=[], employee=made[7].person.matricule, password_set=between(rng, 2, 160))  # planted: two accounts
    second.grants = ["CONSULTATION"]
    for n, person in enumerate(world.pick("leaver", world.leavers(), 4)):
        account = _account(world, rng, "PAIE", f"PA{320 + n}", f"PA{320 + n}", person, emails=[], employee=person.matricule, password_set=between(rng, 200, 400))
        account.grants, account.enabled = ["CONSULTATION"], n == 0  # the first is planted
        account.last_login = utc(person.left.year, person.left.month, person.left.day, 8)
    batch = _account(world, rng, "PAIE", "PABATCH", "PABATCH", None, display="Traitements de nuit", kind="service", password_set=days_ago(500), owner=made[0].person)
    batch.grants = ["BADMIN"]
    grant(batch, "PAIE:BADMIN")
    gone = world.pick("leaver", world.leavers(), 1)[0]
    mass = _account(world, rng, "PAIE", "PADSN", "PADSN", None, display="Déclaration sociale", kind="service", password_set=days_ago(400), owner=gone)  # planted: its owner left
    mass.grants = ["MANDATEMENT"]


def formation(world: World) -> None:
    """Outside the perimeter: counted and named, never judged."""
    rng = world.rng("formation")
    for n, person in enumerate(world.pick("formation", _with_mail(world.active()), 40)):
        _account(world, rng, "FORMATION", f"F{n:03d}", person.emails[0], person)


def populate(world: World) -> None:
    unique = _unambiguous(world)
    gitlab(world)
    sonarqube(world)
    rundeck(world, unique)
    icinga(world, unique)
    postgresql(world, unique)
    glpi(world)
    nexus(world)
    paie(world)
    formation(world)
