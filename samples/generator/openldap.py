"""The OpenLDAP directory of the whole agency, as `slapcat` writes it: operational attributes, password policies, nested groups."""
from __future__ import annotations

from datetime import timedelta

from . import ldif
from .clock import EVIDENCE, between, days_ago, generalized, utc
from .model import Account, Person, Source
from .names import SITE_CODES, ascii_fold
from .world import DOMAIN, World

BASE = "dc=arem,dc=example"
MANAGER = f"cn=manager,{BASE}"
SYSTEM = "LDAP"
ADMINS = "admins-annuaire"
ROOT = "racine-serveurs"
STANDBY = "astreinte-exploitation"
SERVICES = """svc-acces-vpn svc-agenda svc-annonces svc-archivage svc-badgeuse svc-bareos svc-barometre svc-cartes svc-collecte svc-courrier svc-dematerialisation
svc-editique svc-extranet svc-fax svc-fichiers svc-ged svc-gitlab svc-glpi svc-hydro svc-icinga svc-imprimantes svc-intranet svc-jira svc-laboratoire svc-messagerie
svc-moissonneur svc-nexus svc-observatoire svc-paie svc-parapheur svc-pgbackrest svc-portail svc-redevances svc-reseau svc-rundeck svc-sauvegarde svc-sig svc-sonar
svc-supervision svc-telegestion svc-telephonie svc-transfert svc-visio svc-wifi svc-zabbix""".split()
OWNERLESS = {"svc-fax", "svc-barometre", "svc-annonces", "svc-moissonneur"}
OWNER_LEFT = {"svc-cartes", "svc-visio"}


def _account(world: World, rng, person: Person, login: str | None = None) -> Account:
    created = min(max(utc(2012, 3, 5, 9), utc(person.joined.year, person.joined.month, person.joined.day, 7)), days_ago(30))
    return world.add(Account(
        SYSTEM, world.uuid(rng), login or person.login, person.name, emails=list(person.emails), employee=person.matricule, precision="coarse",
        last_login=between(rng, 0.3, 60), created=created + timedelta(minutes=rng.randint(0, 400)), password_set=between(rng, 1, 170),
        person=person, link="definite", extra={"ou": "people", "person": person}))


def _people(world: World, rng) -> None:
    for person in world.people:
        if person.status == "active":
            _account(world, rng, person)
    left_today = world.cast["left-today"]
    _account(world, rng, left_today)
    renamed = next(a for a in world.of(SYSTEM) if a.person is world.cast["renamed"])
    renamed.display, renamed.emails = "Maëlle Trévidic-Hamon", [f"maelle.trevidichamon@{DOMAIN}"]
    for person in world.pick("leaver", world.leavers(), 78):  # closed in time, kept for the archives
        account = _account(world, rng, person)
        account.enabled, account.last_login = False, utc(person.left.year, person.left.month, person.left.day, 12)
        account.password_set = account.last_login - timedelta(days=60)
    for person in world.pick("leaver", world.leavers(), 5):  # planted: never closed
        account = _account(world, rng, person)
        account.last_login = utc(person.left.year, person.left.month, person.left.day, 15)
    for account in rng.sample([a for a in world.of(SYSTEM) if a.enabled and a.person in world.active()], 9):  # planted: dormant
        account.last_login = between(rng, 115, 640)
        account.password_set = account.last_login - timedelta(days=20)


def _oddities(world: World, rng) -> None:
    """Movers with a second account, accounts of nobody, homonyms that only a name speaks for."""
    movers = world.pick("mover", world.active("Police de l’eau", "Hydrobiologie"), 4)
    for n, person in enumerate(movers):
        second = _account(world, rng, person, f"{person.login}-{SITE_CODES[person.site]}")
        if n == 3:
            second.enabled = False  # near miss: the account of the former site was closed
    unknown = [("formation12", "Salle de formation 12"), ("recette-paie", "Recette Paie"), ("gthebaud-old", "Gérald Thébaud-Aubry"), ("borne-accueil", "Borne d’accueil"),
               ("stage2024", "Stagiaire 2024")]
    for login, name in unknown:
        world.add(Account(SYSTEM, world.uuid(rng), login, name, precision="coarse", last_login=between(rng, 2, 50), created=between(rng, 400, 2000),
                          password_set=between(rng, 20, 160), extra={"ou": "people"}))
    owners = world.pick("shared-owner", world.active("Accueil et secrétariat", "Exploitation des ouvrages"), 2)
    for login, name, owner in (("accueil-quimper", "Accueil Quimper", owners[0]), ("garde-barrages", "Garde des barrages", owners[1]), ("salle-reunion", "Salle de réunion", None)):
        # Shared accounts; the last is planted: declared, and owned by nobody.
        world.add(Account(SYSTEM, world.uuid(rng), login, name, kind="shared", precision="coarse", last_login=between(rng, 1, 9), created=between(rng, 400, 2000),
                          password_set=between(rng, 20, 160), owner=owner, extra={"ou": "people", "declared": True}))
    one, two = world.cast["homonym1a"], world.pick("named-only", world.active("Hydrobiologie"), 1)[0]
    for login, name in ((f"{one.login}-vpn", one.name), (f"{two.login}-terrain", two.name)):
        account = world.add(Account(SYSTEM, world.uuid(rng), login, name, precision="coarse", last_login=between(rng, 2, 50), created=between(rng, 400, 2000),
                                    password_set=between(rng, 20, 160), link="candidate", extra={"ou": "people"}))
        if two.name == name:
            account.person = two


def _services(world: World, rng) -> None:
    owners = world.pick("service-owner", world.active("DSI – Exploitation", "DSI – Études et projets"), 12)
    gone = world.pick("leaver", world.leavers(), 2)
    for n, login in enumerate(SERVICES):
        owner = None if login in OWNERLESS else owners[n % len(owners)]
        if login in OWNER_LEFT:
            owner = gone[sorted(OWNER_LEFT).index(login)]
        account = world.add(Account(
            SYSTEM, world.uuid(rng), login, f"Compte de service {login.removeprefix('svc-')}", kind="service", precision="coarse", last_login=between(rng, 0.3, 8),
            created=between(rng, 300, 3000), password_set=between(rng, 200, 900), never_expires=True, owner=owner, extra={"ou": "services"}))
        account.enabled = login != "svc-zabbix"  # near miss: retired, no owner needed though it has one


def _privileges(world: World, rng) -> None:
    """admins-annuaire: three people and a service; racine-serveurs: two people and the standby group, nested."""
    team = [world.cast[f"admin{n}"] for n in range(8)]
    of = {a.person.person_id: a for a in world.of(SYSTEM) if a.person and a.link == "definite"}
    groups = {ADMINS: [of[p.person_id] for p in team[:3]], ROOT: [of[p.person_id] for p in team[2:5]], STANDBY: [of[p.person_id] for p in team[5:8]]}
    sync = next(a for a in world.of(SYSTEM) if a.login == "svc-reseau")
    groups[ADMINS].append(sync)
    world.extra_groups = groups
    ids = {name: world.uuid(rng) for name in (ADMINS, ROOT, STANDBY)}
    world.group_ids = ids
    for name, members in groups.items():
        for account in members:
            right = f"{SYSTEM}:{ids[ROOT if name == STANDBY else name]}"
            account.privileged.add(right)
            account.justified.add(right)
    of[team[4].person_id].justified.clear()  # planted: two rights nobody justified
    of[team[7].person_id].justified.clear()
    of[team[6].person_id].never_expires = True  # planted: the policy of services, on an administrator
    of[team[1].person_id].password_set = days_ago(1_400)  # planted: more than three years
    of[team[0].person_id].password_set = days_ago(1_000)  # near miss
    sync.password_set = days_ago(700)


def populate(world: World) -> None:
    rng = world.rng("openldap")
    for n, person in enumerate(world.pick("admin", world.active("DSI – Exploitation"), 10)):
        world.cast[f"admin{n}"] = person
    _people(world, rng)
    _oddities(world, rng)
    _services(world, rng)
    _privileges(world, rng)
    for account in world.of(SYSTEM):
        account.never_expires = bool(account.never_expires)  # the default policy is declared in the configuration
    world.rights.update({f"{SYSTEM}:{local}": name for name, local in world.group_ids.items()})
    _write(world, world.rng("openldap/file"))


def _operational(kind: str, entry_uuid: str, created) -> list[tuple[str, str]]:
    return [("structuralObjectClass", kind), ("entryUUID", entry_uuid), ("creatorsName", MANAGER), ("createTimestamp", generalized(created))]


def _account_entry(account: Account, rng) -> str:
    service = account.extra["ou"] == "services"
    given, _, family = (account.display or account.login).partition(" ")
    person = account.extra.get("person")
    rows: list = [("objectClass", c) for c in (("account", "simpleSecurityObject") if service else ("inetOrgPerson",))]
    rows += [("uid", account.login)]
    if service:
        rows.append(("description", account.display))
    else:
        rows += [("cn", account.display), ("sn", family or given), ("givenName", given)]
        rows += [("mail", mail) for mail in account.emails]
        if account.employee:
            # A mover's entry still says where the person was before.
            rows += [("employeeNumber", account.employee), ("l", person.site), ("departmentNumber", ascii_fold(person.unit)[:14])]
    rows.append(("userPassword", ldif.ssha(account.login)))
    rows += _operational("account" if service else "inetOrgPerson", account.local_id, account.created)
    if account.never_expires:
        rows.append(("pwdPolicySubentry", f"cn=services,ou=policies,{BASE}"))
    rows.append(("pwdChangedTime", generalized(account.password_set)))
    rows.append(("authTimestamp", generalized(account.last_login)))
    if account.enabled is False:
        rows.append(("pwdAccountLockedTime", "000001010000Z"))
    elif account.extra.get("locked"):
        rows.append(("pwdAccountLockedTime", generalized(account.extra["locked"])))
    touched = generalized(max(account.created, account.password_set))
    rows += [("entryCSN", f"{touched[:-1]}.000000Z#000000#000#000000"), ("modifiersName", MANAGER), ("modifyTimestamp", touched)]
    return ldif.entry(_dn(account), rows)


def _dn(account: Account) -> str:
    return f"uid={account.login},ou={account.extra['ou']},{BASE}"


def _frame(world: World, rng) -> list[str]:
    born = utc(2012, 3, 1, 8, 30)
    out = [ldif.entry(BASE, [("objectClass", "dcObject"), ("objectClass", "organization"), ("dc", "arem"), ("o", "Agence régionale de l'eau et des milieux"),
                             *_operational("organization", world.uuid(rng), born)])]
    for unit in ("people", "services", "groups", "policies"):
        out.append(ldif.entry(f"ou={unit},{BASE}", [("objectClass", "organizationalUnit"), ("ou", unit), *_operational("organizationalUnit", world.uuid(rng), born)]))
    for name, age in (("default", 15_552_000), ("services", 0)):
        out.append(ldif.entry(f"cn={name},ou=policies,{BASE}", [
            ("objectClass", "pwdPolicy"), ("objectClass", "device"), ("cn", name), ("pwdAttribute", "userPassword"), ("pwdMaxAge", str(age)), ("pwdLockout", "TRUE"),
            ("pwdLockoutDuration", "1800"), ("pwdMaxFailure", "5"), ("pwdCheckQuality", "2"), *_operational("device", world.uuid(rng), born)]))
    return out


def _groups(world: World, rng) -> list[str]:
    """Site groups, the privileged ones, and two project groups that contain each other: a cycle."""
    out, born = [], utc(2012, 3, 1, 9)

    def group(name: str, members: list[str], entry_uuid: str) -> None:
        rows = [("objectClass", "groupOfNames"), ("cn", name), *(("member", m) for m in members), *_operational("groupOfNames", entry_uuid, born)]
        out.append(ldif.entry(f"cn={name},ou=groups,{BASE}", rows))

    people = [a for a in world.of(SYSTEM) if a.extra.get("person") and a.enabled]
    for site, code in SITE_CODES.items():
        members = [_dn(a) for a in people if a.extra["person"].site == site]
        group(f"site-{code}", sorted(rng.sample(members, min(len(members), 25))), world.uuid(rng))
    a, b = (f"cn=projet-{x},ou=groups,{BASE}" for x in ("captages", "zones-humides"))
    group("projet-captages", [b, *sorted(_dn(x) for x in rng.sample(people, 8))], world.uuid(rng))
    group("projet-zones-humides", [a, *sorted(_dn(x) for x in rng.sample(people, 6))], world.uuid(rng))
    for name, accounts in world.extra_groups.items():
        members = [_dn(x) for x in accounts]
        if name == ROOT:
            members.append(f"cn={STANDBY},ou=groups,{BASE}")
        group(name, members, world.group_ids[name])
    return out


def _write(world: World, rng) -> None:
    accounts = world.of(SYSTEM)
    plain = [a for a in accounts if a.enabled and a.extra.get("person") and not a.privileged]
    for n, account in enumerate(rng.sample(plain, 12)):
        # Four locked at four in the morning; eight whose half hour of lock is long over.
        account.extra["locked"] = EVIDENCE - timedelta(minutes=11) if n < 4 else between(rng, 3, 200)
    entries = _frame(world, rng) + [_account_entry(a, rng) for a in accounts] + _groups(world, rng)
    path = "exports/openldap/slapcat_20261005.ldif"
    world.files[path] = "".join(entries).encode()
    world.sources.append(Source("openldap", SYSTEM, path, len(entries), 0, True, EVIDENCE))
