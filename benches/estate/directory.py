"""The directory as LDIF, in the shape slapcat gives it: folding, base64 wherever an accent stands, operational attributes, hashes."""

import base64
import io
import math

import numpy as np

from .people import DAY, NOW, SITES, UNITS, hashes, stamp, uuids

BASE = "dc=example,dc=org"
WIDTH = 78
CHUNK = 20_000


def fold(line):
    """RFC 2849 note 2, at OpenLDAP's width."""
    if len(line) <= WIDTH:
        return line + "\n"
    parts = [line[:WIDTH]] + [line[i:i + WIDTH - 1] for i in range(WIDTH, len(line), WIDTH - 1)]
    return "\n ".join(parts) + "\n"


def line(attribute, value):
    """One value, in base64 when it must be (RFC 2849 SAFE-STRING)."""
    if value.isascii():
        return fold(f"{attribute}: {value}")
    return fold(f"{attribute}:: {base64.b64encode(value.encode()).decode()}")


def operational(kind, uuid, created, modified):
    """What the server adds to each entry."""
    return (f"structuralObjectClass: {kind}\nentryUUID: {uuid}\ncreatorsName: cn=manager,{BASE}\ncreateTimestamp: {created}\n"
            f"entryCSN: {modified[:-1]}.000000Z#000000#000#000000\nmodifiersName: cn=manager,{BASE}\nmodifyTimestamp: {modified}\n\n")


def memberships(rng, accounts, groups, count):
    """`count` pairs (account, group), none twice, small group numbers oftener; sorted by group."""
    each = np.bincount(rng.integers(0, accounts, count), minlength=accounts)
    if each.max() > groups:
        raise SystemExit(f"{count} memberships over {accounts} accounts need more than {groups} groups")
    strides = np.array([s for s in (1, 3, 7, 11, 13, 17, 19, 23) if math.gcd(s, groups) == 1])
    start, stride = (rng.random(accounts) ** 2 * groups).astype(np.int64), strides[rng.integers(0, len(strides), accounts)]
    account = np.repeat(np.arange(accounts), each)
    nth = np.arange(count) - np.repeat(np.cumsum(each) - each, each)
    group = (start[account] + nth * stride[account]) % groups
    order = np.lexsort((account, group))
    return account[order], group[order]


def account_entries(rng, roster, accounts, file):
    """Writes the accounts; returns the DN of each."""
    names = []
    for first in range(0, accounts, CHUNK):
        size = min(CHUNK, accounts - first)
        created = NOW - rng.integers(DAY, 3000 * DAY, size)
        changed = np.maximum(created, NOW - rng.integers(0, 400 * DAY, size))
        seen = np.maximum(created, NOW - (rng.exponential(30, size) * DAY).astype(np.int64))
        chance, password, identifier = rng.random((4, size)), hashes(rng, size), uuids(rng, size)
        text = io.StringIO()
        for i in range(size):
            n = first + i
            p = n % roster.count
            given, family, login = roster.given[p], roster.family[p], f"{roster.login[p]}{n}"
            dn = f"uid={login},ou=people,{BASE}"
            names.append(dn)
            text.write(fold(f"dn: {dn}") + f"objectClass: inetOrgPerson\nuid: {login}\n" + line("cn", f"{given} {family}") + line("sn", family)
                       + line("givenName", given) + line("displayName", f"{family.upper()} {given}"))
            if chance[0, i] < 0.9:
                text.write(f"mail: {roster.email[p]}\n")
            if chance[1, i] < 0.9:
                text.write(f"employeeNumber: {roster.employee[p]}\n")
            if n % 10 == 0:
                text.write(line("description", f"Compte de {given} {family}, créé à la demande du service {UNITS[roster.unit[p]]} ; à revoir chaque trimestre"))
            text.write(line("l", SITES[roster.site[p]]) + line("departmentNumber", UNITS[roster.unit[p]]) + fold(f"userPassword:: {password[i]}"))
            if chance[2, i] < 0.02:
                text.write(f"pwdAccountLockedTime: {stamp(changed[i])}\n")
            text.write(f"pwdChangedTime: {stamp(changed[i])}\n")
            if chance[3, i] < 0.92:
                text.write(f"authTimestamp: {stamp(seen[i])}\n")
            text.write(operational("inetOrgPerson", identifier[i], stamp(created[i]), stamp(changed[i])))
        file.write(text.getvalue())
    return names


def write_ldif(rng, roster, sizes, path):
    """Writes the export. `sizes`: accounts, groups, memberships. Returns what it holds."""
    with open(path, "w", encoding="ascii", newline="\n", buffering=1 << 20) as file:
        identifier = iter(uuids(rng, 4 + sizes["groups"]))
        old = stamp(NOW - 5000 * DAY)
        file.write(f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n" + operational("organization", next(identifier), old, old))
        for unit in ("people", "groups", "policies"):
            file.write(f"dn: ou={unit},{BASE}\nobjectClass: organizationalUnit\nou: {unit}\n" + operational("organizationalUnit", next(identifier), old, old))
        names = [fold(f"member: {dn}") for dn in account_entries(rng, roster, sizes["accounts"], file)]
        account, group = memberships(rng, sizes["accounts"], sizes["groups"], sizes["memberships"])
        ends = np.searchsorted(group, np.arange(sizes["groups"] + 1))
        written = 0
        for g, uuid in zip(range(sizes["groups"]), identifier):
            members = account[ends[g]:ends[g + 1]].tolist()
            if not members:
                continue
            written += 1
            cn = f"Accès {UNITS[g % len(UNITS)]} {g:05d}"
            file.write(line("dn", f"cn={cn},ou=groups,{BASE}") + "objectClass: groupOfNames\n" + line("cn", cn) + "".join([names[m] for m in members])
                       + operational("groupOfNames", uuid, old, old))
    return {"entries": sizes["accounts"] + written + 4, "persons": sizes["accounts"], "groups": written, "members": sizes["memberships"]}
