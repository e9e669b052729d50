#!/usr/bin/env python3
"""The content of the Active Directory that the tests read, written straight into a freshly provisioned Samba.

2,600 people of no interest, and one account for each thing that userAccountControl, a policy or a group can do to it.
"""
import datetime as dt
import os
import sys

from samba import dsdb, ldb
from samba.auth import system_session
from samba.dcerpc import security
from samba.ndr import ndr_unpack
from samba.param import LoadParm
from samba.samdb import SamDB

lp = LoadParm()
lp.load(sys.argv[1])
sam = SamDB(url=sys.argv[2], session_info=system_session(lp), lp=lp)
B = str(sam.domain_dn())
NOW = dt.datetime(2026, 11, 1, tzinfo=dt.timezone.utc)
RAW_PASSWORD = ["local_oid:" + dsdb.DSDB_CONTROL_BYPASS_PASSWORD_HASH_OID + ":0"]
RELAX = ["relax:0", "local_oid:1.3.6.1.4.1.7165.4.3.20:0"]  # the second lets pwdLastSet be set
GLOBAL, LOCAL, UNIVERSAL = "-2147483646", "-2147483644", "-2147483640"


def filetime(days):
    return str(int((NOW + dt.timedelta(days=days) - dt.datetime(1601, 1, 1, tzinfo=dt.timezone.utc)).total_seconds()) * 10_000_000)


later = []


def user(login, ou="Staff", uac=512, cn=None, cls="user", after=None, password=None, **more):
    dn = f"CN={cn or login},OU={ou},{B}"
    message = {"dn": dn, "objectClass": cls, "sAMAccountName": login, "userPrincipalName": f"{login}@corp.example.test", "userAccountControl": str(uac),
               "unicodePwd": f'"{password}"'.encode("utf-16-le") if password else b"\x01" * 16, **more}
    sam.add(message, controls=[] if password else RAW_PASSWORD)
    for name, value in (after or {}).items():
        later.append((dn, name, value))
    return dn


def change(dn, name, values, how=ldb.FLAG_MOD_REPLACE, controls=()):
    message = ldb.Message(ldb.Dn(sam, dn))
    message[name] = ldb.MessageElement(values, how, name)
    sam.modify(message, list(controls))


def group(name, members, kind=GLOBAL, ou="Groups", **more):
    dn = f"CN={name},OU={ou},{B}"
    sam.add({"dn": dn, "objectClass": "group", "sAMAccountName": name, "groupType": kind, **({"member": members} if members else {}), **more})
    return dn


sam.transaction_start()
for ou in ["Staff", "Bulk", "Services", "Groups", "Admins"]:
    sam.add({"dn": f"OU={ou},{B}", "objectClass": "organizationalUnit"})
bulk = []
for i in range(int(os.environ.get("PROBANT_TEST_PEOPLE", "2600"))):
    if i % 500 == 499:
        sam.transaction_commit()
        sam.transaction_start()
    bulk.append(user(f"b{i:04d}", ou="Bulk", uac=[512, 514, 66048][i % 3], displayName=f"Zoé {i}", mail=f"b{i:04d}@corp.example.test", employeeID=f"E{i:05d}"))
DAY = {"lastLogonTimestamp": filetime(-3), "lastLogon": filetime(-2)}
user("uac.normal", after=DAY, displayName="Normal, Zoé", department="D1", title="Role", manager=bulk[0], employeeNumber="N1", employeeID="I1")
user("uac.disabled", uac=514)
user("uac.neverexpires", uac=66048)
user("uac.notrequired", uac=544)
user("uac.reversible", uac=512 | 0x80)
user("uac.smartcard", uac=512 | 0x40000)
user("uac.nopreauth", uac=512 | 0x400000)
user("uac.des", uac=512 | 0x200000)
user("uac.delegation", ou="Services", uac=512 | 0x80000, servicePrincipalName=["HTTP/web1.corp.example.test"])
user("uac.constrained", ou="Services", uac=512 | 0x1000000, **{"msDS-AllowedToDelegateTo": ["cifs/files.corp.example.test"]})
user("locked.now", after={"lockoutTime": filetime(-0.005)})
user("locked.past", after={"lockoutTime": filetime(-30)})
user("locked.zero", after={"lockoutTime": "0"})
user("pwd.mustchange", after={"pwdLastSet": "0"})
user("pwd.old", after={"pwdLastSet": filetime(-900), "lastLogonTimestamp": filetime(-500)})
user("expired", accountExpires=filetime(-400))
user("expires.later", accountExpires=filetime(90))
user("expires.never0", accountExpires="0")
user("expires.nevermax", accountExpires="9223372036854775807")
user("name.comma", cn="Comma\\, Person")
user("name.paren", cn="Paren (x)*y")
user("name.unicode", cn="Ünïcode Ж 名前")
user("svc-sql", ou="Services", uac=66048, servicePrincipalName=["MSSQLSvc/db1.corp.example.test:1433"])
reader = user("reader", ou="Services", uac=66048, password="Us3r-Passw0rd!")
pso_user, pso_member = user("pso.user", ou="Admins"), user("pso.member", ou="Admins")
nested, direct, primary = user("adm.nested", ou="Admins"), user("adm.direct", ou="Admins"), user("primary", ou="Admins")
sam.add({"dn": f"CN=Contact,OU=Staff,{B}", "objectClass": "contact", "mail": "ext@example.org"})
for i in range(5):
    sam.add({"dn": f"CN=WS{i},CN=Computers,{B}", "objectClass": "computer", "sAMAccountName": f"WS{i}$", "userAccountControl": "4096"})
sam.add({"dn": f"CN=gmsa,CN=Managed Service Accounts,{B}", "objectClass": "msDS-GroupManagedServiceAccount", "sAMAccountName": "gmsa$",
         "userAccountControl": "4096", "dNSHostName": "gmsa.corp.example.test", "msDS-ManagedPasswordInterval": "30"})
sam.transaction_commit()
sam.transaction_start()
group("Big", bulk[:2500])
for g in range(20):
    group(f"g{g:02d}", bulk[g * 100:g * 100 + 40], [GLOBAL, LOCAL, UNIVERSAL, "2"][g % 4])
chain = group("chain-0", [nested])
for n in range(1, 6):
    chain = group(f"chain-{n}", [chain])
cycle_a = group("cycle-a", [bulk[0]], UNIVERSAL)
cycle_b = group("cycle-b", [cycle_a], UNIVERSAL)
change(cycle_a, "member", [cycle_b], ldb.FLAG_MOD_ADD)
group("empty", [])
change(f"CN=Domain Admins,CN=Users,{B}", "member", [chain, direct], ldb.FLAG_MOD_ADD)
only = group("primary-only", [primary])
sid = ndr_unpack(security.dom_sid, bytes(sam.search(only, ldb.SCOPE_BASE, attrs=["objectSid"])[0]["objectSid"][0]))
change(primary, "primaryGroupID", [str(sid.split()[1])])
pso_group = group("pso-group", [pso_member])
policy = {"objectClass": "msDS-PasswordSettings", "msDS-PasswordReversibleEncryptionEnabled": "FALSE", "msDS-PasswordHistoryLength": "24",
          "msDS-PasswordComplexityEnabled": "TRUE", "msDS-MinimumPasswordLength": "16", "msDS-MinimumPasswordAge": "0", "msDS-LockoutThreshold": "5",
          "msDS-LockoutObservationWindow": "-18000000000", "msDS-LockoutDuration": "-18000000000"}
C = f"CN=Password Settings Container,CN=System,{B}"
sam.add({"dn": f"CN=never,{C}", **policy, "msDS-PasswordSettingsPrecedence": "10", "msDS-MaximumPasswordAge": "-9223372036854775808", "msDS-PSOAppliesTo": pso_user})
sam.add({"dn": f"CN=by-group,{C}", **policy, "msDS-PasswordSettingsPrecedence": "20", "msDS-MaximumPasswordAge": "-9223372036854775808", "msDS-PSOAppliesTo": pso_group})
for dn, name, value in later:
    change(dn, name, [value], controls=RELAX)
change(f"CN=DC1,OU=Domain Controllers,{B}", "servicePrincipalName", ["ldap/localhost"], ldb.FLAG_MOD_ADD)
sam.add({"dn": f"CN=Gone,OU=Staff,{B}", "objectClass": "user", "sAMAccountName": "gone"})
sam.delete(f"CN=Gone,OU=Staff,{B}")
sam.transaction_commit()
