"""OpenLDAP on loopback, filled from an LDIF file once and kept."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

BASE = "dc=example,dc=org"
ADMIN, PASSWORD = f"cn=manager,{BASE}", "bench-only"

# The overlays bring the attributes of locks and logins that the content carries. No index beyond what slapd always has: everything is read.
CONFIG = """include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile {folder}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
moduleload lastbind
loglevel none
threads 4
database mdb
suffix "{base}"
rootdn "{admin}"
rootpw {password}
directory {folder}/db
maxsize 17179869184
dbnosync
overlay ppolicy
overlay lastbind
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Slapd:
    """`with Slapd(folder, ldif) as server:` gives `server.port`."""

    def __init__(self, folder, ldif):
        if not shutil.which("slapd") and not os.access("/usr/sbin/slapd", os.X_OK):
            raise SystemExit("slapd is missing; on Debian: apt-get install slapd ldap-utils")
        self.folder, self.ldif = pathlib.Path(folder), pathlib.Path(ldif)

    def __enter__(self):
        config = self.folder / "slapd.conf"
        if not (self.folder / "loaded").exists():
            shutil.rmtree(self.folder, ignore_errors=True)
            (self.folder / "db").mkdir(parents=True)
            config.write_text(CONFIG.format(folder=self.folder, base=BASE, admin=ADMIN, password=PASSWORD), encoding="ascii")
            subprocess.run(["/usr/sbin/slapadd", "-q", "-f", config, "-b", BASE, "-l", self.ldif], check=True)
            (self.folder / "loaded").touch()
        self.port = free_port()
        self.process = subprocess.Popen(["/usr/sbin/slapd", "-d", "0", "-f", config, "-h", f"ldap://127.0.0.1:{self.port}"])
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.1)
        raise SystemExit("slapd did not start")

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
