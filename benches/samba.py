"""Active Directory (Samba, started by tests/servers/up) with `probant harvest`, beside the tools that dump a domain: they end with JSON files."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pyarrow.parquet as pq

import measure

HERE = pathlib.Path(__file__).resolve().parent
SERVERS = HERE.parent / "tests" / "servers"

CONFIG = """[organisation]
name = "Bench"

[store]
path = "{store}"

[source.ad]
kind = "ldap"
system = "AD"
url = "ldaps://{ADDRESS}"
ca_file = "{CA}"
bind_dn = "{USER}"
password_file = "password"
"""


class Samba:
    """`with Samba(folder, people) as server:` gives its `.env` as a dict."""

    def __init__(self, folder, people):
        self.folder, self.people = pathlib.Path(folder), people

    def __enter__(self):
        # As it is installed, with a process for each of its connections.
        environment = os.environ | {"PROBANT_TEST_PEOPLE": str(self.people), "PROBANT_TEST_SAMBA": "prefork"}
        subprocess.run([SERVERS / "up", self.folder, "samba"], check=True, env=environment)
        return dict(line.split("=", 1) for line in (self.folder / "samba.env").read_text().splitlines())

    def __exit__(self, *_):
        subprocess.run([SERVERS / "down", self.folder], check=True)


def snapshot(store):
    """People, groups and memberships that the snapshot holds; the well-known groups are among them."""
    (tables,) = store.glob("snapshots/*/tables")
    (row,) = pq.read_table(tables / "collections.parquet", columns=["complete"]).to_pylist()
    if not row["complete"]:
        raise SystemExit("the harvest is incomplete")
    direct = sum(pq.read_table(tables / "grants.parquet", columns=["direct"])[0].to_pylist())
    return {"people": pq.read_metadata(tables / "accounts.parquet").num_rows, "groups": pq.read_metadata(tables / "entitlements.parquet").num_rows, "memberships": direct}


def harvest(binary, work, server):
    folder = work / "ad"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "probant.toml").write_text(CONFIG.format(store=folder / "store", **server), encoding="utf-8")
    (folder / "password").touch(mode=0o600)
    (folder / "password").write_text(server["PASSWORD"] + "\n", encoding="ascii")
    command = [binary, "harvest", "--config", folder / "probant.toml", "--quiet"]
    return lambda: shutil.rmtree(folder / "store", ignore_errors=True), lambda: measure.once(command), lambda _: snapshot(folder / "store")


def dumped(folder):
    """What a collector wrote: BloodHound's JSON, or ldapdomaindump's. Only people and groups with a DN count, and the memberships of such people: bloodhound.py also has
    IIS_IUSRS hold the user S-1-5-17, which is no account but the well-known IUSR, a foreign principal to everybody else."""
    contents = {path.stem: json.loads(path.read_text(encoding="utf-8-sig")) for path in folder.rglob("*.json")}
    hound = {kind: [one for stem, content in contents.items() if stem.endswith(kind) and isinstance(content, dict) for one in content["data"] if one["Properties"].get("distinguishedname")] for kind in ("users", "groups")}
    if hound["users"]:
        people = {one["ObjectIdentifier"] for one in hound["users"]}
        # The primary group is told on the user, the others on the group.
        held = sum(bool(one.get("PrimaryGroupSID")) for one in hound["users"]) + sum(member["ObjectIdentifier"] in people for one in hound["groups"] for member in one.get("Members", []))
        return {"people": len(people), "groups": len(hound["groups"]), "memberships": held}
    people = contents["domain_users"]
    held = sum(len(one["attributes"].get("memberOf", [])) + bool(one["attributes"].get("primaryGroupID")) for one in people)
    return {"people": len(people), "groups": len(contents["domain_groups"]), "memberships": held}


def collector(name, command, work):
    out = work / name

    def before():
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)

    here = [str(word).replace("{out}", str(out)) for word in command]
    return before, lambda: measure.once(["env", "-C", out, *here]), lambda _: dumped(out)


def peers(server, work):
    """Those that are installed."""
    user, password = server["USER"], server["PASSWORD"]
    name, domain = user.split("@")
    scripts = pathlib.Path(sys.executable).parent
    jobs = {}
    if (scripts / "ldapdomaindump").exists():
        jobs["ldapdomaindump"] = collector("ldapdomaindump", [scripts / "ldapdomaindump", "-u", f"CORP\\{name}", "-p", password, "-at", "SIMPLE", "--no-html", "--no-grep", "-o", "{out}", f"ldaps://{server['ADDRESS']}"], work)
    if (scripts / "bloodhound-python").exists():
        jobs["bloodhound.py"] = collector("bloodhound", [sys.executable, HERE / "peers" / "bloodhound_local.py", server["ADDRESS"], "-c", "DCOnly", "-d", domain, "-u", name, "-p", password, "-dc", f"dc1.{domain}", "--auth-method", "ntlm", "--use-ldaps", "--disable-autogc"], work)
    rusthound = shutil.which("rusthound-ce")
    if rusthound:
        jobs["rusthound-ce"] = collector("rusthound", [rusthound, "-c", "DCOnly", "-d", domain, "-u", user, "-p", password, "-i", server["ADDRESS"], "-f", f"dc1.{domain}", "--ldaps", "-o", "{out}"], work)
    return jobs


def ldapsearch(server):
    command = ["ldapsearch", "-x", "-LLL", "-H", f"ldaps://{server['ADDRESS']}", "-D", server["USER"], "-w", server["PASSWORD"], "-b", server["BASE"],
               "-E", "pr=1000/noprompt", "(|(objectClass=user)(objectClass=group))", "*"]
    return lambda: None, lambda: measure.once(["env", f"LDAPTLS_CACERT={server['CA']}", *command], stdout=os.devnull), lambda _: {}


def run(binary, work, rounds, people):
    """Runs of every contestant on one domain; says what each found, and stops when one of them finds more people, groups or memberships than Probant."""
    with Samba(work / "samba", people) as server:
        jobs = {"probant": harvest(binary, work, server), "ldapsearch": ldapsearch(server)} | peers(server, work)
        runs = measure.interleaved(rounds, jobs)
    ours = runs["probant"][0]["counts"]
    for name, of_one in runs.items():
        for what, count in of_one[0]["counts"].items():
            print(f"{name}: {count} {what}", file=sys.stderr)
            if count > ours[what]:
                raise SystemExit(f"{name} finds {count} {what}, probant {ours[what]}")
    return runs
