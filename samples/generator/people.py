"""The HR roster: 2,200 people over headquarters and twelve sites, with homonyms, leavers, movers and three unreadable rows."""
from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from .clock import EVIDENCE, TODAY, fr_date
from .csvfile import table
from .model import Person, Source
from .names import FAMILY, GIVEN, HQ, HQ_UNITS, SITES, SITE_UNITS, convention, mail_local
from .world import DOMAIN, World

HEADER = ["Matricule", "Nom", "Prénom", "Courriel", "Site", "Service", "Matricule du responsable", "Type de contrat", "Statut", "Date d'entrée", "Date de sortie"]
HQ_WEIGHTS = [14, 38, 44, 40, 38, 46, 22, 18, 52, 26, 130, 8]
CONTRACTS = ["Titulaire"] * 12 + ["CDI"] * 5 + ["CDD"] * 3 + ["Apprenti"]
COMPOUND = ["Jean-Marc", "Jean-Yves", "Jean-Luc", "Pierre-Yves", "Yves-Marie", "Marie-Laure", "Anne-Sophie", "Marie-Claude", "Anne-Laure", "Marie-Thérèse"]
PEOPLE, LEAVERS = 2_195, 150

# Homonyms: same given and family name, two people. Nothing but the number or the address tells them apart.
HOMONYMS = [("Isabelle", "Guéguen", "Quimper", "Vannes"), ("Nicolas", "Morvan", HQ, "Saint-Brieuc"), ("Catherine", "Le Bris", "Laval", HQ)]


def _names(rng, count: int) -> list[tuple[str, str]]:
    taken = {mail_local(g, f) for g, f, _, _ in HOMONYMS} | {mail_local("Hélène", "Castanier")}
    names: list[tuple[str, str]] = []
    while len(names) < count:
        given, family = rng.choice(GIVEN), rng.choice(FAMILY)
        if rng.random() < 0.04:
            given = rng.choice(COMPOUND)
        if rng.random() < 0.05:
            family = f"Le {family}" if rng.random() < 0.5 else f"{family}-{rng.choice(FAMILY)}"
        if mail_local(given, family) not in taken:
            taken.add(mail_local(given, family))
            names.append((given, family))
    return names


def _person(world: World, rng, given: str, family: str, site: str, unit: str) -> Person:
    number = f"{107 + 11 * len(world.people) + rng.randint(0, 10):06d}"
    joined = TODAY - timedelta(days=rng.randint(40, 11_000))
    person = Person(f"RH:{number.lstrip('0')}", number, given, family, [f"{mail_local(given, family)}@{DOMAIN}"], site, unit, rng.choice(CONTRACTS), "active", joined)
    world.people.append(person)
    return person


def _leave(person: Person, left: date) -> None:
    person.status, person.left = "left", left
    person.joined = min(person.joined, left - timedelta(days=200))


def _managers(world: World) -> None:
    """The first of each unit heads it; heads of a site answer to its director, directors to the director general."""
    units = defaultdict(list)
    for person in world.people:
        if person.status == "active":
            units[(person.site, person.unit)].append(person)
    director = {site: units[(site, "Direction de site")][0] for site in SITES}
    general = world.cast["dg"]
    for person in world.people:
        head = units[(person.site, person.unit)][0] if units[(person.site, person.unit)] else general
        if person is general:
            person.manager = None
        elif person is not head:
            person.manager = head.matricule
        else:
            boss = director.get(person.site, general)
            person.manager = (general if boss is person else boss).matricule


def _logins(world: World) -> None:
    """uid of the OpenLDAP directory: the convention, with a number for who came later."""
    taken: dict[str, int] = {}
    for person in world.people:
        base = convention(person.given, person.family)
        taken[base] = taken.get(base, 0) + 1
        person.login = base if taken[base] == 1 else f"{base}{taken[base]}"


def populate(world: World) -> None:
    rng = world.rng("people")
    world.cast["dg"] = _person(world, rng, "Hélène", "Castanier", HQ, "Direction générale")
    for n, (given, family, one, two) in enumerate(HOMONYMS, 1):
        for role, site in (("a", one), ("b", two)):
            unit = rng.choice(SITE_UNITS[1:5]) if site != HQ else "Aides et interventions"
            world.cast[f"homonym{n}{role}"] = person = _person(world, rng, given, family, site, unit)
            if role == "b":
                person.emails = [person.emails[0].replace("@", "2@")]
    for given, family in _names(rng, PEOPLE - len(world.people)):
        if rng.random() < 0.25:
            site, unit = HQ, rng.choices(HQ_UNITS, HQ_WEIGHTS)[0]
        else:
            site, unit = rng.choice(SITES), rng.choices(SITE_UNITS, [2, 8, 6, 4, 8, 2, 3])[0]
        _person(world, rng, given, family, site, unit)
    plain = [p for p in world.people if p not in world.cast.values()]
    for person in rng.sample(plain, LEAVERS):
        _leave(person, TODAY - timedelta(days=rng.randint(20, 500)))
    plain = [p for p in plain if p.status == "active"]
    # Left today: the last day is not over, so an account still active is no exception.
    today, soon, renamed = rng.sample(plain, 3)
    today.status, today.left, world.cast["left-today"] = "left", TODAY, today
    soon.left, world.cast["leaves-soon"] = TODAY + timedelta(days=24), soon
    # Married in June: the roster has the new name and address, the accounts still have the old ones.
    world.cast["renamed"] = renamed
    for person in rng.sample([p for p in plain if p.unit == "Exploitation des ouvrages"], 25):
        person.emails = []  # works on the dams, has no mailbox
    renamed.given, renamed.family = "Maëlle", "Trévidic-Hamon"
    _managers(world)
    _logins(world)
    renamed.given, renamed.family = "Maëlle", "Abgrall-Kervadec"
    renamed.emails = [f"{mail_local(renamed.given, renamed.family)}@{DOMAIN}"]
    _write(world)


def _row(person: Person, rng) -> list[str]:
    status = {"active": "Congé parental" if rng.random() < 0.01 else "Présent", "left": "Sorti"}[person.status]
    family = person.family.upper() if rng.random() < 0.03 else person.family
    mail = "".join(person.emails)
    if rng.random() < 0.02:
        mail = mail.upper()
    return [person.matricule, family, person.given, mail, person.site, person.unit, person.manager or "", person.contract, status,
            fr_date(person.joined), fr_date(person.left)]


def _write(world: World) -> None:
    rng = world.rng("people/file")
    rows = [_row(p, rng) for p in sorted(world.people, key=lambda p: (p.family, p.given, p.matricule))]
    rejects = [
        ["", "Le Guern", "Yannick", "yannick.leguern@arem.example", "Vannes", "Hydrobiologie", "", "CDD", "Présent", "01/09/2026", ""],  # no number yet
        ["031118", "Quentric", "Maud", "maud.quentric@arem.example", "Tours", "Police de l’eau", "", "Titulaire", "Présent", "31/02/2024", ""],  # impossible date
        ["031125", "Bothorel", "Alan", "alan.bothorel@arem.example", "Niort", "Moyens généraux", "", "Titulaire", "Détaché", "04/01/2010", ""],  # unknown status
    ]
    for place, row in zip((412, 1290, 1877), rejects):
        rows.insert(place, row)
    # Hired again after a fixed term: two rows of one number, the old one says left.
    for person in rng.sample([p for p in world.active() if p.joined.year < 2024], 2):
        old = _row(person, rng)
        old[7:] = ["CDD", "Sorti", "01/02/1999" if person.joined.year > 2000 else "02/01/1984", "31/07/1999" if person.joined.year > 2000 else "30/06/1984"]
        rows.insert(rng.randrange(len(rows)), old)
    path = "exports/rh/effectifs_20261005.csv"
    world.files[path] = table([HEADER, *rows]).encode("cp1252")
    world.sources.append(Source("rh", "RH", path, len(rows), len(rejects), True, EVIDENCE))
