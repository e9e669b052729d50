"""bloodhound.py against a domain that no DNS knows, with a simple bind over TLS as the others use: bloodhound_local.py ADDRESS [its arguments]."""

import sys
from types import SimpleNamespace

import ldap3
from bloodhound import main
from bloodhound.ad.authentication import ADAuthentication
from dns import resolver

ADDRESS = sys.argv.pop(1)


def answer(self, name, kind="A", **_):
    if kind == "A":
        return [SimpleNamespace(address=ADDRESS)]
    raise resolver.NXDOMAIN


def simple(self, **_):
    server = ldap3.Server(f"ldaps://{ADDRESS}", get_info=ldap3.ALL)
    connection = ldap3.Connection(server, f"{self.username}@{self.userdomain}", self.password, auto_referrals=False, receive_timeout=60, auto_range=True)
    if not connection.bind():
        raise SystemExit(f"bind: {connection.result}")
    return connection


resolver.Resolver.resolve = resolver.Resolver.query = answer
ADAuthentication.getLDAPConnection = simple
ADAuthentication.get_tgt = lambda self: None
sys.exit(main())
