"""An LDIF export to a finished snapshot with `probant harvest`, beside Python programs that only make Parquet of it."""

import json
import pathlib
import shutil
import sys

import pyarrow.parquet as pq

import measure

HERE = pathlib.Path(__file__).resolve().parent

CONFIG = """[organisation]
name = "Bench"

[run]
as_of = 2026-10-05T08:00:00Z
period = "2026-T3"

[store]
path = "{store}"

[source.ldap]
kind = "ldif"
system = "LDAP"
path = "{data}/directory.ldif"
evidence_at = 2026-10-05T04:00:00Z
flavour = "openldap"
"""

ROSTER = """
[source.rh]
kind = "table"
system = "RH"
path = "{data}/people.csv"
evidence_at = 2026-10-05T04:00:00Z
record = "people"

[source.rh.read]
format = "csv"
encodings = ["windows-1252"]
delimiter = ";"

[source.rh.fields]
employee_id = "Matricule"
family_name = "Nom"
given_name = "Prénom"
emails = "Courriel"
site = "Site"
org_unit = "Service"
manager = "Matricule du responsable"
status = {{ column = "Statut", values = {{ "Présent" = "active", "Sorti" = "left" }} }}
joined_on = {{ column = "Date d'entrée", date = "dd/mm/yyyy" }}
left_on = {{ column = "Date de sortie", date = "dd/mm/yyyy" }}
"""


def counted(store):
    """What the snapshot in `store` holds of the directory: as its collection says, and as its tables are."""
    (tables,) = store.glob("snapshots/*/tables")
    rows = pq.read_table(tables / "collections.parquet", columns=["system", "details", "complete", "rows_seen", "rows_kept"]).to_pylist()
    (ldap,) = [row for row in rows if row["system"] == "LDAP"]
    details = json.loads(ldap["details"])
    found = {"persons": details["accounts"], "members": details["grants_direct"]}
    written = {"persons": pq.read_metadata(tables / "accounts.parquet").num_rows, "members": pq.read_metadata(tables / "grants.parquet").num_rows}
    if found != written or not ldap["complete"] or ldap["rows_seen"] != ldap["rows_kept"]:
        raise SystemExit(f"the snapshot contradicts itself: {ldap}, rows {written}")
    if any(row["system"] == "RH" for row in rows):
        found["linked"] = sum(s == "definite" for s in pq.read_table(tables / "accounts.parquet", columns=["link_status"])[0].to_pylist())
    return found


def harvest(binary, data, work, roster):
    """The job of Probant: an empty store each time, on disk."""
    folder = work / ("harvest-roster" if roster else "harvest")
    folder.mkdir(parents=True, exist_ok=True)
    store = folder / "store"
    text = CONFIG + (ROSTER if roster else "")
    (folder / "probant.toml").write_text(text.format(store=store, data=data), encoding="utf-8")
    command = [binary, "harvest", "--config", folder / "probant.toml", "--quiet"]
    return lambda: shutil.rmtree(store, ignore_errors=True), lambda: measure.once(command), lambda _: counted(store)


def peer(script, data, work):
    """The job of a Python program."""
    out = work / script
    command = [sys.executable, HERE / "peers" / f"{script}.py", data / "directory.ldif", out]
    return lambda: shutil.rmtree(out, ignore_errors=True), lambda: measure.once(command), lambda result: json.loads(result["said"])


def run(binary, data, work, rounds):
    """Runs of every contestant; stops when their counts differ."""
    jobs = {"probant": harvest(binary, data, work, False), "probant, with roster": harvest(binary, data, work, True)}
    for name, script in (("hand-written loop", "ldif_hand"), ("ldif3", "ldif_ldif3"), ("python-ldap", "ldif_pythonldap")):
        jobs[name] = peer(script, data, work)
    runs = measure.interleaved(rounds, jobs)
    measure.agreed(runs, ["persons", "members"])
    return runs
