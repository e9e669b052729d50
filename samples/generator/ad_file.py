"""The Active Directory domain as `ldifde -u -f` writes it: UTF-16 with a byte order mark, CRLF, binary identifiers in base64."""
from __future__ import annotations

from . import ldif
from .activedirectory import DOMAIN_SID, GROUPS, SYSTEM
from .clock import EVIDENCE, between, filetime, generalized, utc
from .model import Account, Source
from .world import World

BASE = "DC=ad,DC=arem,DC=example"
BORN = utc(2016, 5, 30, 7, 12)
WEAK_BITS = {"password_not_required": 0x20, "reversible_password": 0x80, "unconstrained_delegation": 0x80000, "des_only": 0x200000, "no_preauth": 0x400000}
NEVER = "9223372036854775807"
DAY_100NS = 864_000_000_000


def _dn(account: Account) -> str:
    name = (account.display or account.login).replace(",", "\\,")
    if account.extra["ou"] == "Users" or account.extra.get("gmsa"):
        return f"CN={name},CN={'Managed Service Accounts' if account.extra.get('gmsa') else 'Users'},{BASE}"
    # Two people of one name cannot share a container: the login tells them apart.
    return f"CN={name} ({account.login}),OU={account.extra['ou']},{BASE}"


def _group_dn(name: str) -> str:
    if GROUPS[name][0].startswith("S-1-5-32"):
        return f"CN={name},CN=Builtin,{BASE}"
    return f"CN={name},{'OU=Groupes' if name.startswith('GG-') else 'CN=Users'},{BASE}"


def _sid(rid: str) -> bytes:
    return ldif.sid_bytes(rid if rid.startswith("S-") else f"{DOMAIN_SID}-{rid}")


def _entry(dn: str, rows: list) -> str:
    return ldif.entry(dn, [("changetype", "add"), *rows], end="\r\n", unicode_plain=True)


def _common(dn: str, category: str, guid: str, created) -> list:
    return [("distinguishedName", dn), ("instanceType", "4"), ("whenCreated", generalized(created, ".0")), ("objectGUID", ldif.guid_bytes(guid)),
            ("objectCategory", f"CN={category},CN=Schema,CN=Configuration,{BASE}")]


def _account(account: Account) -> str:
    dn = _dn(account)
    gmsa = account.extra.get("gmsa")
    classes = ["top", "person", "organizationalPerson", "user"] + (["computer", "msDS-GroupManagedServiceAccount"] if gmsa else [])
    control = (0x1000 if gmsa else 0x200) | (0 if account.enabled else 0x2) | (0x10000 if account.never_expires else 0)
    for weakness in account.weak:
        control |= WEAK_BITS[weakness]
    rows = [("objectClass", c) for c in classes] + [("cn", dn[3:].split(",")[0])]
    person = account.extra.get("person")
    if person:
        rows += [("sn", person.family), ("givenName", person.given), ("department", person.unit), ("physicalDeliveryOfficeName", person.site)]
    if account.display:
        rows.append(("displayName", account.display))
    rows += _common(dn, "ms-DS-Group-Managed-Service-Account" if gmsa else "Person", account.local_id, account.created)
    rows += [("memberOf", _group_dn(g)) for g in account.extra["groups"]]
    rows += [("userAccountControl", str(control)), ("pwdLastSet", filetime(account.password_set)), ("primaryGroupID", "515" if gmsa else account.extra["primary"]),
             ("objectSid", _sid(str(account.extra["rid"]))), ("accountExpires", NEVER if account.extra["rid"] % 3 else "0"), ("sAMAccountName", account.login)]
    if "upn" in account.extra:
        rows.append(("userPrincipalName", account.extra["upn"]))
    if "spn" in account.extra:
        rows.append(("servicePrincipalName", account.extra["spn"]))
    if "locked" in account.extra:
        rows.append(("lockoutTime", filetime(account.extra["locked"])))
    if account.last_login:
        rows.append(("lastLogonTimestamp", filetime(account.last_login)))
    rows += [("mail", mail) for mail in account.emails]
    if account.employee:
        rows.append(("employeeID", account.employee))
    if account.privileged:
        rows.append(("adminCount", "1"))
    return _entry(dn, rows)


def _group(world: World, name: str) -> str:
    rid, parents = GROUPS[name]
    dn = _group_dn(name)
    members = [_dn(a) for a in world.of(SYSTEM) if name in a.extra["groups"]] + [_group_dn(g) for g, (_, up) in GROUPS.items() if name in up]
    builtin = rid.startswith("S-1-5-32")
    rows = [("objectClass", "top"), ("objectClass", "group"), ("cn", name), *(("member", m) for m in sorted(members)), *_common(dn, "Group", world.ad_groups[name], BORN),
            *(("memberOf", _group_dn(g)) for g in parents), ("objectSid", _sid(rid)), ("sAMAccountName", name),
            ("groupType", "-2147483643" if builtin else "-2147483646")]
    return _entry(dn, rows)


def _computer(world: World, rng, n: int) -> str:
    dn = f"CN=PC-NTE-{n:04d},OU=Postes,{BASE}"
    rows = [("objectClass", c) for c in ("top", "person", "organizationalPerson", "user", "computer")] + [("cn", f"PC-NTE-{n:04d}")]
    rows += _common(dn, "Computer", world.uuid(rng), between(rng, 200, 1500))
    rows += [("userAccountControl", "4096"), ("pwdLastSet", filetime(between(rng, 1, 28))), ("primaryGroupID", "515"), ("objectSid", _sid(str(7000 + n))),
             ("accountExpires", NEVER), ("sAMAccountName", f"PC-NTE-{n:04d}$"), ("lastLogonTimestamp", filetime(between(rng, 1, 20))),
             ("operatingSystem", "Windows 11 Entreprise"), ("dNSHostName", f"pc-nte-{n:04d}.ad.arem.example")]
    return _entry(dn, rows)


def _frame(world: World, rng) -> list[str]:
    """The domain with its own policy, the units, and a fine-grained password policy for the support's accounts."""
    out = [_entry(BASE, [("objectClass", "top"), ("objectClass", "domain"), ("objectClass", "domainDNS"), *_common(BASE, "Domain-DNS", world.uuid(rng), BORN),
                         ("maxPwdAge", str(-180 * DAY_100NS)), ("lockoutDuration", "-18000000000"), ("lockOutObservationWindow", "-18000000000"),
                         ("lockoutThreshold", "5"), ("minPwdLength", "12"), ("objectSid", _sid(DOMAIN_SID))])]
    for unit in ("Utilisateurs", "Services", "Groupes", "Postes"):
        dn = f"OU={unit},{BASE}"
        out.append(_entry(dn, [("objectClass", "top"), ("objectClass", "organizationalUnit"), ("ou", unit), *_common(dn, "Organizational-Unit", world.uuid(rng), BORN)]))
    dn = f"CN=PSO-Administration,CN=Password Settings Container,CN=System,{BASE}"
    out.append(_entry(dn, [
        ("objectClass", "top"), ("objectClass", "msDS-PasswordSettings"), ("cn", "PSO-Administration"), *_common(dn, "ms-DS-Password-Settings", world.uuid(rng), BORN),
        ("msDS-PasswordSettingsPrecedence", "10"), ("msDS-MaximumPasswordAge", str(-90 * DAY_100NS)), ("msDS-LockoutDuration", "-36000000000"),
        ("msDS-LockoutThreshold", "3"), ("msDS-PSOAppliesTo", _group_dn("GG-Support-Comptes"))]))
    return out


def populate(world: World) -> None:
    rng = world.rng("ad/file")
    plain = [a for a in world.of(SYSTEM) if a.kind == "human" and a.extra.get("person") and not a.extra["groups"]]
    for name in ("GG-Finances", "GG-Ressources-Humaines", "GG-Télégestion", "GG-Lecture-Partages", "GG-Projet-Captages", "GG-Projet-Zones-Humides", "GG-Projet-Étiage"):
        for account in rng.sample(plain, 14):
            account.extra["groups"] = [*account.extra["groups"], name]
    for n, account in enumerate(rng.sample([a for a in plain if a.enabled], 9)):
        account.extra["locked"] = EVIDENCE.replace(hour=3, minute=48) if n < 3 else between(rng, 5, 300)
    entries = _frame(world, rng) + [_account(a) for a in world.of(SYSTEM)] + [_group(world, g) for g in GROUPS] + [_computer(world, rng, n) for n in range(1, 41)]
    path = "exports/ad/domaine_20261005.ldf"
    world.files[path] = b"\xff\xfe" + "".join(entries).encode("utf-16-le")
    world.sources.append(Source("ad", SYSTEM, path, len(entries), 0, True, EVIDENCE))
