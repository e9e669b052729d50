"""Thirty days of NetBackup jobs of two masters: what ran, what failed, and what nobody backed up.

Jobs are nightly. A client of a multi-stream policy has one parent job and children; children fail without their parent failing.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .assets import by_name
from .clock import utc
from .world import World

FIRST, LAST = utc(2026, 9, 4, 20), utc(2026, 10, 4, 20)
STREAMS = {"srv-pg01", "srv-ora01", "srv-mail01", "srv-mail02", "srv-sig01", "srv-hydro01", "srv-redev01", "srv-aides01", "srv-ged01", "srv-archi01"}
WEEKLY = {"srv-carto01", "srv-intra01"}
FAILURES = [6, 13, 41, 58, 59, 96, 129, 196]
NEVER = {"srv-crues02", "srv-labo01", "srv-badge01", "srv-temps01"}  # in no policy at all; the second and the fourth: see exceptions.toml


@dataclass
class Job:
    number: int
    kind: int
    state: int
    status: int
    client: str
    policy: str
    schedule: str
    started: datetime
    ended: datetime | None
    kilobytes: int
    files: int
    parent: int = 0
    stream: int = 1


def policy_of(host: str) -> str:
    if host.startswith("fs-"):
        return "FICHIERS_SITES"
    if host in STREAMS:
        return "SGBD_" + host[4:-2].upper()
    return "HEBDO_LINUX" if host in WEEKLY else "QUOTIDIEN_LINUX" if sum(map(ord, host)) % 3 else "QUOTIDIEN_WINDOWS"


def _plan(host: str, day: int) -> int:
    """Status of the job of a night: 0 but where something was planted. Day 30 is the night of the 4th of October, 26 that of 30 September."""
    failing = {
        "srv-para01": lambda d: d >= 20,  # planted: streak, and no backup for a week
        "srv-marches01": lambda d: 22 <= d,  # planted: the same
        "fs-qui01": lambda d: 23 <= d <= 27,  # planted: streak at the end of the period; it was put right in October
        "srv-print01": lambda d: 23 <= d <= 26,  # planted: the same
        "srv-glpi01": lambda d: 22 <= d <= 24,  # near miss: three in a row, then one that went well before the end of the period
        "srv-git01": lambda d: d in (25, 26),  # near miss: two only
        "srv-tel01": lambda d: 26 <= d <= 28,  # near miss: the streak goes on into October, two of it in the period
        "fs-nio01": lambda d: 23 <= d <= 26,
    }
    if host == "fs-nio01" and day == 25:
        return 1  # near miss: a partial backup ends the streak
    if host in failing and failing[host](day):
        return FAILURES[(len(host) + day) % len(FAILURES)]
    if host in ("srv-obs01", "fs-ang01") and day >= 21:
        return 1  # near miss: partial backups count as backups
    return 0


def _nights(host: str) -> list[int]:
    if host in NEVER:
        return []
    if host == "srv-vpn01":
        return list(range(0, 21))  # planted: taken out of its policy on the 25th of September
    if host in WEEKLY:
        return [3, 10, 17, 24]  # near miss: six and a half days old
    return list(range(0, 31))


def _ran(rng, night: int, status: int) -> tuple[datetime, datetime]:
    start = FIRST + timedelta(days=night, minutes=rng.randint(0, 300), seconds=rng.randint(0, 59))
    if night == 26 and start >= utc(2026, 9, 30, 21):
        start -= timedelta(hours=3)  # the last night of the period: over before it ends
    if night == 30:
        start = min(start, utc(2026, 10, 5, 0))
    return start, start + timedelta(seconds=rng.randint(20, 200) if status > 1 else rng.randint(240, 3_000))


class Master:
    """Numbers the jobs of one master server in the order they began."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.jobs: list[tuple[Job, Job | None]] = []

    def add(self, job: Job, parent: Job | None = None) -> Job:
        self.jobs.append((job, parent))
        return job

    def numbered(self) -> list[Job]:
        order = sorted(self.jobs, key=lambda pair: (pair[0].started, pair[0].client, pair[0].stream, pair[1] is not None))
        for n, (job, _) in enumerate(order):
            job.number = self.first + n
        for job, parent in order:
            job.parent = parent.number if parent else 0
        return [job for job, _ in order]


def _backups(master: Master, rng, host: str) -> None:
    policy, base = policy_of(host), rng.randint(400_000, 90_000_000)
    for night in _nights(host):
        status = _plan(host, night)
        start, end = _ran(rng, night, status)
        schedule = "Complete" if night % 7 == 2 else "Incrementielle"
        size = 0 if status > 1 else int(base * (1 if schedule == "Complete" else rng.uniform(0.02, 0.09)))
        parent = master.add(Job(0, 0, 3, status, host, policy, schedule, start, end, size, size // 90))
        if host in STREAMS:
            for stream in (1, 2, 3):
                # A stream that failed and was run again: a failed child, and a parent that went well.
                failed = rng.random() < 0.03
                begun = start + timedelta(seconds=5 * stream)
                master.add(Job(0, 0, 3, 41 if failed else 0, host, policy, schedule, begun, begun + timedelta(seconds=rng.randint(100, 2_000)), 0 if failed else size // 3,
                               0 if failed else size // 280, stream=stream), parent)


def _others(master: Master, rng, hosts: list[str]) -> None:
    """Cleanups, catalog backups, duplications, restores, and the jobs still at work or waiting when the list was made."""
    for night in range(0, 31):
        at = FIRST + timedelta(days=night, hours=10, minutes=rng.randint(0, 50))
        if night < 30:
            master.add(Job(0, 17, 3, 0, "srv-nbu01", "", "", at, at + timedelta(seconds=rng.randint(10, 90)), 0, 0))
        cat = FIRST + timedelta(days=night, hours=7)
        master.add(Job(0, 6, 3, 0, "srv-nbu01", "CATALOGUE", "Complete", cat, cat + timedelta(minutes=6), 1_800_000, 20_000))
        for _ in range(3):
            begun = FIRST + timedelta(days=night, hours=5, minutes=rng.randint(0, 90))
            master.add(Job(0, 4, 3, 0, rng.choice(hosts), "SLP_DUPLICATION", "", begun, begun + timedelta(minutes=rng.randint(5, 40)), rng.randint(10_000, 9_000_000), 0))
        if night % 4 == 1:
            begun = FIRST + timedelta(days=night, hours=12)
            master.add(Job(0, 2, 3, 0 if night % 8 == 1 else 5, rng.choice(hosts), "", "", begun, begun + timedelta(minutes=9), 40_000, 310))
    for host, state in (("srv-sig02", 1), ("srv-www01", 0)):
        master.add(Job(0, 0, state, 0, host, policy_of(host), "Incrementielle", utc(2026, 10, 5, 3, 41), None, 0, 0))


def populate(world: World) -> None:
    rng = world.rng("netbackup")
    hosts = sorted({h for a in world.assets for h in a.hosts if a.backup is not False})
    central, sites = Master(418_200), Master(52_310)
    for host in hosts:
        _backups(sites if host.startswith("fs-") else central, rng, host)
    _others(central, rng, [h for h in hosts if not h.startswith("fs-") and h not in NEVER])
    world.jobs = {"NETBACKUP": central.numbered(), "NETBACKUP-SITES": sites.numbered()}
    by_name(world, "Alerte crues")  # its second server is planted in NEVER; fails here if the register forgets it
