"""NetBackup's job lists: `bpdbjobs -report -most_columns` of the central master, `-all_columns` of the sites' one."""
from __future__ import annotations

from .backups import Job
from .clock import EVIDENCE, epoch, iso_local
from .model import Source
from .world import World

MESSAGES = {0: "the requested operation was successfully completed", 1: "the requested operation was partially successful", 6: "the backup failed to back up the requested files",
            13: "file read failed", 41: "network connection timed out", 58: "can't connect to client", 59: "access to the client was not allowed",
            96: "unable to allocate new media for backup\\, storage unit has none available", 129: "Disk storage unit is full",
            196: "client backup was not attempted because backup window closed"}


def _client(job: Job) -> str:
    """Administrators wrote clients in as they pleased."""
    if not job.client:
        return ""
    style = sum(map(ord, job.client)) % 3
    return job.client.upper() if style == 0 else f"{job.client}.arem.example" if style == 1 else job.client


def _elapsed(job: Job) -> str:
    return str(int((job.ended - job.started).total_seconds())) if job.ended else "0"


def _backup_id(job: Job) -> str:
    return f"{_client(job)}_{epoch(job.started)}" if job.kind == 0 and job.state == 3 and job.status <= 1 else ""


def _head(job: Job, master: str, last_path: str, paths: int) -> list[str]:
    """Fields 1 to 32, alike in both reports."""
    return [
        str(job.number), str(job.kind), str(job.state), str(job.status) if job.state == 3 else "", job.policy, job.schedule, _client(job), master,
        epoch(job.started), _elapsed(job), epoch(job.ended), "stu_dedup01" if job.kind in (0, 4, 6) else "", "1" if job.state != 0 else "0", "", str(job.kilobytes), str(job.files),
        last_path if job.status == 0 and job.kind == 0 else "", "100" if job.state == 3 else "0", str(3000 + job.number % 29_000), "root", "0", "0" if "LINUX" in job.policy else "13",
        "0" if job.schedule == "Complete" else "1", "0", "", master, "3", "2678400", "0", str(job.kilobytes), str(job.files), str(paths)]


def _tail(job: Job, master: str) -> list[str]:
    """From the parent job on: fields 34 to 58 of -most_columns."""
    speed = job.kilobytes // max(1, int(_elapsed(job))) if job.ended else 0
    return [str(job.parent or (job.number if job.stream == 1 and job.kind == 0 else 0)), str(speed), "0", "", "", "", "0", "0", "", "", "", "", str(job.stream), "0", "0",
            "1", "0", "0", _backup_id(job), "1" if job.state == 1 else "0", master, "0", "0", "0", "0"]


def _most(job: Job) -> str:
    master = "srv-nbu01"
    return ",".join(_head(job, master, "/srv/donnees", 1) + ["1" if job.state != 0 else "0"] + _tail(job, master))


def _all(job: Job) -> str:
    master = "srv-nbu02"
    paths = ["D:\\\\Partages", "D:\\\\Données\\, cartes et plans"]
    tries = []
    rounds = 2 if job.status > 1 and job.number % 2 else 1
    for n in range(rounds):
        begun, ended = epoch(job.started), epoch(job.ended)
        lines = [f"{iso_local(job.started)} - Info nbjm (pid={4000 + n}) starting backup job (jobid={job.number}) for client {_client(job)}\\, policy {job.policy}",
                 f"{iso_local(job.ended)} - Error bpbrm (pid={5000 + n}) {MESSAGES[job.status]}" if job.status > 1
                 else f"{iso_local(job.ended)} - Info bpbkar (pid={5000 + n}) bpbkar waited 12 times for empty buffer\\, delayed 31 times"]
        if job.number % 11 == 0:
            lines.append("message du client :\nle service VSS a répondu\\, instantané créé")
        tries += [str(6000 + n), "stu_dedup02", master, begun, _elapsed(job), ended, str(job.status), MESSAGES[job.status], str(len(lines)), *lines, str(job.kilobytes), str(job.files)]
    return ",".join(_head(job, master, "", len(paths)) + paths + [str(rounds), *tries] + _tail(job, master))


def populate(world: World) -> None:
    central = [_most(job) for job in world.jobs["NETBACKUP"]]
    # What a terminal session left in the file: a line cut short, and a message of the tool.
    central.insert(901, central[900][:8])
    central.append("bpdbjobs: unable to read the next record (cannot connect on socket)")
    path = "exports/netbackup/bpdbjobs_most_columns.csv"
    world.files[path] = ("\n".join(central) + "\n").encode()
    world.sources.append(Source("netbackup", "NETBACKUP", path, len(central), 2, True, EVIDENCE))
    sites = [_all(job) for job in world.jobs["NETBACKUP-SITES"]]
    path = "exports/netbackup/bpdbjobs_sites_all_columns.txt"
    world.files[path] = (f"C{len(sites)}\n" + "\n".join(sites) + "\n").encode()
    world.sources.append(Source("netbackup-sites", "NETBACKUP-SITES", path, len(sites), 0, True, EVIDENCE))
