"""usage: ldif_pythonldap.py FILE.ldif FOLDER      the parser of python-ldap (ldif.LDIFParser)"""

import sys

import ldif

from columns import WANTED, Output


class Parser(ldif.LDIFParser):
    """Hands over each entry as it is parsed."""

    def __init__(self, file, out):
        super().__init__(file)
        self.out = out

    def handle(self, dn, entry):
        classes = entry["objectClass"]
        if b"inetOrgPerson" in classes:
            self.out.person([dn] + [entry[name][0].decode() if name in entry else None for name in WANTED])
        elif b"groupOfNames" in classes:
            self.out.group(dn, [member.decode() for member in entry.get("member", ())])


out = Output(sys.argv[2])
with open(sys.argv[1], "rb") as file:
    Parser(file, out).parse()
out.close()
