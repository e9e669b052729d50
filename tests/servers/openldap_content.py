#!/usr/bin/env python3
"""The content of the OpenLDAP that the tests read: 1,400 people in four branches, groups of every sort, every state of an account.

Deterministic. memberOf is written out, for slapadd does not run the overlay that would.
"""
import base64
import random
import sys
import uuid

S = "dc=example,dc=com"
R = random.Random(27001)
out = open(sys.argv[1], "w")


def put(dn, **attributes):
    print(f"dn: {dn}" if dn.isascii() else f"dn:: {base64.b64encode(dn.encode()).decode()}", file=out)
    for name, values in attributes.items():
        for value in values if isinstance(values, list) else [values]:
            raw = value if isinstance(value, bytes) else str(value).encode()
            safe = all(32 <= b < 127 for b in raw) and raw[:1] not in (b" ", b":", b"<") and raw[-1:] != b" "
            print(f"{name.replace('_', '-')}: {raw.decode()}" if safe else f"{name.replace('_', '-')}:: {base64.b64encode(raw).decode()}", file=out)
    print(file=out)


put(S, objectClass=["dcObject", "organization"], o="Example", dc="example")
for ou in ["people", "groups", "policies", "services"]:
    put(f"ou={ou},{S}", objectClass="organizationalUnit", ou=ou)
for ou in ["emea", "amer", "apac", "edge"]:
    put(f"ou={ou},ou=people,{S}", objectClass="organizationalUnit", ou=ou)
put(f"cn=default,ou=policies,{S}", objectClass=["pwdPolicy", "device"], cn="default", pwdAttribute="userPassword", pwdMaxAge=7776000,
    pwdLockout="TRUE", pwdMaxFailure=3, pwdLockoutDuration=900, pwdMinLength=4)
put(f"cn=forever,ou=policies,{S}", objectClass=["pwdPolicy", "device"], cn="forever", pwdAttribute="userPassword", pwdMaxAge=0,
    pwdLockout="TRUE", pwdMaxFailure=3, pwdLockoutDuration=0)
for name in ["reader", "limited", "paged", "blind"]:
    put(f"cn={name},ou=services,{S}", objectClass=["organizationalRole", "simpleSecurityObject"], cn=name, userPassword=name + "pw",
        pwdPolicySubentry=f"cn=forever,ou=policies,{S}")

people, member_of = [], {}
for i in range(1400):
    ou = ["emea", "amer", "apac"][i % 3 if i < 1200 else 0]
    people.append(f"uid=u{i:04d},ou={ou},ou=people,{S}")
groups = {}
for g in range(40):
    groups[f"cn=g{g:02d},ou=groups,{S}"] = R.sample(people, [5, 30, 200, 1300][g % 4])
nested = [f"cn=chain{n},ou=groups,{S}" for n in range(6)]
groups[nested[0]] = [people[7]]
for n in range(1, 6):
    groups[nested[n]] = [nested[n - 1]]
groups[f"cn=cycle-a,ou=groups,{S}"] = [people[3], f"cn=cycle-b,ou=groups,{S}"]
groups[f"cn=cycle-b,ou=groups,{S}"] = [f"cn=cycle-a,ou=groups,{S}"]
groups[f"cn=admins,ou=groups,{S}"] = [people[0], nested[5]]
for group, members in groups.items():
    for member in members:
        member_of.setdefault(member, []).append(group)

for i, dn in enumerate(people):
    more = {}
    if i % 100 == 1:
        more["pwdAccountLockedTime"] = "20261031235500Z"      # five minutes before the tests' instant: holds, for 15 minutes
    if i % 100 == 2:
        more["pwdAccountLockedTime"] = "20261031100000Z"      # over long ago
    if i % 100 == 3:
        more["pwdAccountLockedTime"] = "000001010000Z"        # until an administrator ends it
    if i % 50 == 4:
        more["pwdReset"] = "TRUE"
    if i % 40 == 5:
        more["pwdPolicySubentry"] = f"cn=forever,ou=policies,{S}"
    if i % 4:
        more["pwdLastSuccess"] = f"2026{1 + i % 10:02d}{1 + i % 28:02d}081500.123456Z"
    if i % 3 == 0:
        more["authTimestamp"] = f"2026{1 + i % 10:02d}{1 + i % 28:02d}080000Z"
    put(dn, objectClass="inetOrgPerson", uid=f"u{i:04d}", cn=f"Person {i}", sn=["Müller", "Novák", "Dupont"][i % 3], givenName="Zoë",
        displayName=f"Zoë Person {i}", mail=f"U{i:04d}@Example.com", employeeNumber=f"{i:06d}", employeeType="staff", departmentNumber=f"D{i % 7}",
        userPassword="{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9gBxxxx", entryUUID=str(uuid.UUID(int=(0x27001 << 100) | i, version=4)),
        createTimestamp=f"20200101{i % 24:02d}0000Z", pwdChangedTime=f"2026{1 + i % 10:02d}01000000Z",
        **({"manager": people[i // 10]} if i > 10 else {}), **more, **({"memberOf": member_of[dn]} if dn in member_of else {}))
E_ = f"ou=edge,ou=people,{S}"
for n, (rdn, extra) in enumerate([
    ("uid=comma\\, here", {"uid": "comma, here"}),
    ("uid=équerre", {"uid": "équerre"}),
    ("uid=paren(x)*", {"uid": "paren(x)*"}),
    ("uid=trailing", {"uid": "trailing", "description": "ends with a space "}),
    ("uid=binary", {"uid": "binary", "description": b"\xff\xfe not text".decode("latin-1")}),
]):
    put(f"{rdn},{E_}", objectClass="inetOrgPerson", cn="Edge", sn="Edge", entryUUID=str(uuid.UUID(int=(0x27002 << 100) | n, version=4)), **extra)
for dn, members in groups.items():
    put(dn, objectClass="groupOfNames", cn=dn[3:].split(",")[0], description="group", member=members, **({"memberOf": member_of[dn]} if dn in member_of else {}))
put(f"cn=unix,ou=groups,{S}", objectClass="posixGroup", cn="unix", gidNumber=1000, memberUid=["u0001", "u0002", "ghost"])
put(f"cn=elsewhere,ou=groups,{S}", objectClass=["referral", "extensibleObject"], ref="ldap://other.example/dc=other,dc=example")
out.close()
