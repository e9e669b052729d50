"""usage: ldif_ldif3.py FILE.ldif FOLDER      the ldif3 package"""

import base64
import sys

from columns import WANTED, Output

# ldif3 3.2.2 calls a name that Python 3.9 removed.
base64.decodestring = base64.decodebytes

from ldif3 import LDIFParser  # noqa: E402

out = Output(sys.argv[2])
with open(sys.argv[1], "rb") as file:
    for dn, entry in LDIFParser(file).parse():
        classes = entry.get("objectClass", ())
        if "inetOrgPerson" in classes:
            out.person([dn] + [entry[name][0] if name in entry else None for name in WANTED])
        elif "groupOfNames" in classes:
            out.group(dn, entry.get("member", []))
out.close()
