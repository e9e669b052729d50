#!/usr/bin/env python3
"""The content of the 389 Directory Server that the tests read: more people than its look-through limit lets one search see.

5,200 in four branches that each fit, and 5,100 in one that does not.
"""
import sys

S = "dc=example,dc=com"
out = open(sys.argv[1], "w")


def put(dn, *lines):
    print(f"dn: {dn}", *lines, "", sep="\n", file=out)


put(S, "objectClass: top", "objectClass: domain", "dc: example")
for ou in ["people", "huge", "groups", "services"]:
    put(f"ou={ou},{S}", "objectClass: organizationalUnit", f"ou: {ou}")
for n in range(4):
    put(f"ou=b{n},ou=people,{S}", "objectClass: organizationalUnit", f"ou: b{n}")


def person(n, ou):
    lines = ["objectClass: top", "objectClass: inetOrgPerson", f"uid: u{n:05d}", f"cn: Person {n}", "sn: Person", f"mail: u{n:05d}@example.com",
             f"employeeNumber: {n:05d}", "userPassword: secret12", f"nsUniqueId: {n:08x}-00000000-00000000-00000000"]
    if n % 50 == 1:
        lines.append("nsAccountLock: true")
    if n % 50 == 2:
        lines.append("accountUnlockTime: 20261101001500Z")      # after the tests' instant
    if n % 50 == 3:
        lines.append("accountUnlockTime: 20261031000000Z")      # before
    if n % 50 == 4:
        lines.append("accountUnlockTime: 19700101000000Z")      # an administrator's business
    if n % 3:
        lines.append(f"lastLoginTime: 202610{1 + n % 28:02d}101112Z")
    lines.append("passwordExpirationTime: " + ("20380119031407Z" if n % 10 == 0 else "20270101000000Z"))
    put(f"uid=u{n:05d},{ou}", *lines)


for n in range(5200):
    person(n, f"ou=b{n % 4},ou=people,{S}")
for n in range(10000, 15100):
    person(n, f"ou=huge,{S}")
put(f"cn=staff,ou=groups,{S}", "objectClass: top", "objectClass: groupOfUniqueNames", "cn: staff", *[f"uniqueMember: uid=u{n:05d},ou=b{n % 4},ou=people,{S}" for n in range(0, 5200, 2)])
put(f"cn=outer,ou=groups,{S}", "objectClass: top", "objectClass: groupOfNames", "cn: outer", f"member: cn=staff,ou=groups,{S}")
put(f"cn=dynamic,ou=groups,{S}", "objectClass: top", "objectClass: groupOfURLs", "cn: dynamic", f"memberURL: ldap:///ou=b1,ou=people,{S}??sub?(uid=*)")
put(f"cn=reader,ou=services,{S}", "objectClass: top", "objectClass: applicationProcess", "objectClass: simpleSecurityObject", "cn: reader", "userPassword: readerpw")
out.close()
