"""Partners: the register of outside workers, and the IBM directory of the extranet they use, exported by ldapsearch.

The extranet's export stops at the server's size limit (result 4), as nobody noticed: that source is incomplete.
"""
from __future__ import annotations

from datetime import timedelta

from . import ldif
from .clock import EVIDENCE, TODAY, between, days_ago, fr_date, generalized
from .csvfile import table
from .model import Account, Person, Source
from .names import FAMILY, GIVEN, HQ, SITES, ascii_fold, mail_local
from .world import World

SYSTEM = "EXTRANET"
BASE = "o=partenaires"
COMPANIES = ["Hydro-Conseil", "Syndicat du Lay", "Bureau Aquamétrie", "Communauté de l’Oudon", "Labo Armor Eau", "Maintenance Télégestion Ouest", "Ateliers du Numérique"]
ADMINS = "adminextranet"


def _register(world: World) -> None:
    rng = world.rng("partners")
    taken = {mail_local(p.given, p.family) for p in world.people} | {"maelle.trevidichamon"}
    while len(world.partners) < 142:
        given, family = rng.choice(GIVEN), rng.choice(FAMILY)
        if mail_local(given, family) in taken:
            continue
        taken.add(mail_local(given, family))
        number = f"P{1000 + 7 * len(world.partners) + rng.randint(0, 6):05d}"
        company = rng.choice(COMPANIES)
        mail = f"{mail_local(given, family)}@{ascii_fold(company)}.example"
        person = Person(f"PRESTA:{number}", number, given, family, [mail], rng.choice([HQ, *SITES]), company, "Prestataire", "active", TODAY - timedelta(days=rng.randint(100, 2500)))
        world.partners.append(person)
    for person in rng.sample(world.partners, 14):
        person.status, person.left = "left", TODAY - timedelta(days=rng.randint(15, 90))
    rows = [["N° prestataire", "Nom", "Prénom", "Adresse électronique", "Société", "Site d'intervention", "Référent (matricule)", "Début de mission", "Fin de mission", "État"]]
    sponsors = world.active("DSI – Études et projets", "DSI – Exploitation")
    for p in world.partners:
        end = p.left or (TODAY + timedelta(days=rng.randint(40, 600)) if rng.random() < 0.4 else None)
        rows.append([p.matricule, p.family.upper(), p.given, p.emails[0], p.unit, p.site, rng.choice(sponsors).matricule, fr_date(p.joined), fr_date(end), "Terminée" if p.status == "left" else "En cours"])
    path = "exports/prestataires/registre_prestataires.csv"
    world.files[path] = table(rows).encode("utf-8-sig")
    world.sources.append(Source("prestataires", "PRESTA", path, len(rows) - 1, 0, True, EVIDENCE))


def _accounts(world: World, rng) -> None:
    left = [p for p in world.partners if p.status == "left"]
    planted = left[:3]
    for person in world.partners:
        account = world.add(Account(
            SYSTEM, world.uuid(rng), f"{person.matricule.lower()}", person.name, emails=list(person.emails), employee=person.matricule if rng.random() < 0.7 else None,
            precision="none", created=between(rng, 95, 1500), password_set=between(rng, 1, 175), person=person, link="definite", extra={"person": person}))
        if person.status == "left" and person not in planted:
            account.enabled = False
    for login, name in (("hotline-ibm", "Hotline"), ("demo-extranet", "Démonstration")):  # planted: nobody's
        world.add(Account(SYSTEM, world.uuid(rng), login, name, precision="none", created=between(rng, 900, 1500), password_set=between(rng, 10, 170)))
    administrators = [a for a in world.of(SYSTEM) if a.enabled and a.link == "definite"][:3]
    world.extranet_admins = administrators
    world.extranet_group = world.uuid(rng)
    world.rights[f"{SYSTEM}:{world.extranet_group}"] = ADMINS
    for account in administrators:
        account.privileged = {f"{SYSTEM}:{world.extranet_group}"}
        account.justified = set(account.privileged)
    administrators[2].justified = set()  # planted
    administrators[0].password_set = days_ago(120)


def _dn(account: Account) -> str:
    return f"uid={account.login},ou=comptes,{BASE}"


def _entry(account: Account) -> str:
    given, _, family = account.display.partition(" ")
    rows = [("objectclass", c) for c in ("top", "person", "organizationalPerson", "inetOrgPerson")]
    rows += [("uid", account.login), ("cn", account.display), ("sn", family or given), ("givenname", given)]
    rows += [("mail", m) for m in account.emails]
    if account.employee:
        rows.append(("employeenumber", account.employee))
    if "person" in account.extra:
        rows.append(("o", account.extra["person"].unit))
    rows += [("ibm-entryuuid", account.local_id.upper()), ("createTimestamp", generalized(account.created, ".000000")),
             ("pwdchangedtime", generalized(account.password_set, ".000000"))]
    rows.append(("ibm-pwdAccountLocked", "false" if account.enabled else "true"))
    return ldif.entry(_dn(account), rows)


def populate(world: World) -> None:
    _register(world)
    rng = world.rng("extranet")
    _accounts(world, rng)
    accounts = world.of(SYSTEM)
    head = "# extended LDIF\n#\n# LDAPv3\n# base <o=partenaires> with scope subtree\n# filter: (objectclass=*)\n# requesting: * + \n#\n\n"
    frame = [ldif.entry(BASE, [("objectclass", "organization"), ("o", "partenaires")]), ldif.entry(f"ou=comptes,{BASE}", [("objectclass", "organizationalUnit"), ("ou", "comptes")]),
             ldif.entry(f"cn={ADMINS},ou=groupes,{BASE}", [("objectclass", "groupOfNames"), ("cn", ADMINS), ("ibm-entryuuid", world.extranet_group.upper()),
                                                           *(("member", _dn(a)) for a in world.extranet_admins)])]
    entries = frame + [_entry(a) for a in accounts]
    tail = f"# search result\nsearch: 2\nresult: 4 Size limit exceeded\n\n# numResponses: {len(entries) + 1}\n# numEntries: {len(entries)}\n"
    path = "exports/extranet/partenaires.ldif"
    world.files[path] = (head + "".join(entries) + tail).encode()
    world.sources.append(Source("extranet", SYSTEM, path, len(entries), 0, False, EVIDENCE))
