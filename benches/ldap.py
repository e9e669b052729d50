"""A live OpenLDAP to a finished snapshot with `probant harvest`, beside `ldapsearch` asking for the same attributes and throwing them away."""

import json
import os
import pathlib
import shutil
import subprocess

import pyarrow.parquet as pq

import measure
from relay import Relay
from slapd import ADMIN, BASE, PASSWORD, Slapd

CONFIG = """[organisation]
name = "Bench"

[run]
as_of = 2026-10-05T08:00:00Z
period = "2026-T3"

[store]
path = "{store}"

[source.ldap]
kind = "ldap"
system = "LDAP"
url = "ldap://127.0.0.1:{port}"
bind_dn = "{admin}"
password_file = "password"
cleartext_password = true
base = "{base}"
"""
# Sizes of a page over the slow line.
PAGES = [200, 1000, 2000, 5000, 10000]
ROUND_TRIP = 0.020


def configured(work, name, port, more=""):
    """A folder with a configuration and nothing else."""
    folder = pathlib.Path(work) / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "probant.toml").write_text(CONFIG.format(store=folder / "store", port=port, admin=ADMIN, base=BASE) + more, encoding="utf-8")
    password = folder / "password"
    password.touch(mode=0o600)
    password.write_text(PASSWORD + "\n", encoding="ascii")
    return folder


def counted(store):
    """What the snapshot in `store` holds, as its collection says and as its tables are."""
    (tables,) = store.glob("snapshots/*/tables")
    (row,) = pq.read_table(tables / "collections.parquet", columns=["details", "complete", "rows_seen", "server_count", "incomplete_reason"]).to_pylist()
    found = {"persons": json.loads(row["details"])["accounts"], "members": json.loads(row["details"])["grants_direct"], "entries": row["rows_seen"]}
    written = {"persons": pq.read_metadata(tables / "accounts.parquet").num_rows, "members": pq.read_metadata(tables / "grants.parquet").num_rows}
    if written != {name: found[name] for name in written} or not row["complete"]:
        raise SystemExit(f"the snapshot contradicts itself: {row}, rows {written}")
    return found


def harvest(binary, folder):
    """The job of Probant: an empty store each time, on disk."""
    store = folder / "store"
    command = [binary, "harvest", "--config", folder / "probant.toml", "--quiet"]
    return lambda: shutil.rmtree(store, ignore_errors=True), lambda: measure.once(command), lambda _: counted(store)


def attributes(binary, folder):
    """What a harvest would ask for."""
    said = subprocess.run([binary, "sources", "test", "ldap", "--format", "json", "--config", folder / "probant.toml"], check=True, capture_output=True, text=True)
    return json.loads(said.stdout)["facts"]["would_ask"]["attributes"]


def ldapsearch(port, names, entries, page=1000):
    """The job of ldapsearch: the same attributes, thrown away. What it would print is counted once, before."""
    command = ["ldapsearch", "-x", "-H", f"ldap://127.0.0.1:{port}", "-D", ADMIN, "-w", PASSWORD, "-b", BASE, "-o", "ldif-wrap=no", "-E", f"pr={page}/noprompt", "(objectClass=*)"]
    printed = subprocess.run([*command, "1.1"], check=True, capture_output=True, text=True).stdout
    if printed.count("\ndn:") != entries:
        raise SystemExit(f"ldapsearch sees {printed.count(chr(10) + 'dn:')} entries, there are {entries}")
    return lambda: None, lambda: measure.once([*command, *names], stdout=os.devnull), lambda _: {"entries": entries}


def beside_ldapsearch(binary, data, work, rounds):
    """A whole directory from a server on the same machine."""
    entries = json.loads((data / "truth.json").read_text())["entries"]
    with Slapd(data / "slapd", data / "directory.ldif") as server:
        folder = configured(work, "ldap", server.port)
        quiet = configured(work, "ldap-uncounted", server.port, "count = false\n")
        names = attributes(binary, folder)
        jobs = {
            "ldapsearch": ldapsearch(server.port, names, entries),
            "probant": harvest(binary, folder),
            "probant, count = false": harvest(binary, quiet),
        }
        runs = measure.interleaved(rounds, jobs)
    measure.agreed(runs, ["entries", "persons", "members"])
    return runs


def slow_line(binary, data, work, rounds):
    """The same over a relay that adds 20 ms to every round trip: the size of a page that is chosen, beside every other."""
    with Slapd(data / "slapd", data / "directory.ldif") as server, Relay(server.port, ROUND_TRIP) as relay:
        jobs = {"probant": harvest(binary, configured(work, "relay", relay.port, "count = false\n"))}
        for page in PAGES:
            folder = configured(work, f"relay-{page}", relay.port, f"count = false\npage_size = {page}\n")
            jobs[f"page_size = {page}"] = harvest(binary, folder)
        runs = measure.interleaved(rounds, jobs)
    measure.agreed(runs, ["entries", "persons", "members"])
    return runs
