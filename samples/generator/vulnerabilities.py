"""A scanner's findings, as CSV in UTF-8: what is open, since when, and three rows that cannot be read."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .clock import EVIDENCE, days_ago
from .csvfile import table
from .model import Source
from .world import World

SEVERITY = {"critical": "Critical", "high": "High", "medium": "Medium", "low": "Low", "info": "Info"}
TITLES = ["OpenSSL: out-of-bounds read", "Apache httpd: request smuggling", "Windows: elevation of privilege", "PostgreSQL: arbitrary SQL during restore", "SSH: weak key exchange",
          "TLS 1.0 enabled", "Self-signed certificate", "Kernel: use after free", "GitLab: account takeover", "Outdated Java runtime", "SMB signing not required", "HTTP methods allowed"]


@dataclass
class Vulnerability:
    vulnerability_id: str
    plugin: str
    title: str
    host: str
    severity: str
    first: datetime
    last: datetime
    status: str = "open"
    fixed: datetime | None = None


def populate(world: World) -> None:
    rng = world.rng("scanner")
    hosts = sorted({h for a in world.assets for h in a.hosts})
    found: list[Vulnerability] = []
    limits = {"critical": 24, "high": 26, "medium": 80, "low": 700, "info": 700}
    for n in range(290):
        severity = rng.choices(list(SEVERITY), [4, 14, 38, 24, 20])[0]
        title = rng.randrange(len(TITLES))
        first = days_ago(rng.uniform(1, limits[severity])).replace(microsecond=0)
        v = Vulnerability(f"SCANNER:V{40_100 + n}", f"CVE-2026-{1_000 + 137 * title + n % 7}", TITLES[title], rng.choice(hosts), severity, first, EVIDENCE - timedelta(hours=3))
        if rng.random() < 0.25:
            v.status, v.first = "fixed", days_ago(rng.uniform(60, 300)).replace(microsecond=0)
            v.fixed = v.last = v.first + timedelta(days=rng.randint(3, 25))
        found.append(v)
    plain = [v for v in found if v.status == "open"]
    serious = [v for v in plain if v.severity in ("critical", "high")]
    for v in serious[:5]:
        v.first = days_ago(rng.uniform(36, 140)).replace(microsecond=0)  # planted
    serious[5].first = days_ago(29)  # near miss
    medium = [v for v in plain if v.severity == "medium"]
    for v in medium[:3]:
        v.first = days_ago(rng.uniform(96, 240)).replace(microsecond=0)  # planted
    accepted = serious[6]
    accepted.status, accepted.first = "accepted", days_ago(90)  # near miss: accepted in the scanner
    world.vulnerabilities = found
    at = lambda t: t.strftime("%Y-%m-%dT%H:%M:%SZ") if t else ""  # noqa: E731
    rows = [["Finding ID", "Plugin", "Name", "Host", "Risk", "First Discovered", "Last Observed", "Fixed On", "State", "CVSS"]]
    for v in found:
        rows.append([v.vulnerability_id.partition(":")[2], v.plugin, v.title, v.host, SEVERITY[v.severity], at(v.first), at(v.last), at(v.fixed), v.status.capitalize(), f"{rng.randint(10, 98) / 10}"])
    rows.insert(83, ["V39001", "CVE-2026-9001", "Unknown service", "srv-rec01", "Urgent", "2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z", "", "Open", "7.1"])  # unknown severity
    rows.insert(140, ["V39002", "CVE-2026-9002", "Weak cipher", "", "Low", "2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z", "", "Open", "3.0"])  # no host
    rows.insert(222, ["V39003", "CVE-2026-9003", "Weak cipher", "srv-rec01", "Low", "2026-02-30T00:00:00Z", "2026-10-01T00:00:00Z", "", "Open", "3.0"])  # impossible date
    path = "exports/scanner/vulnerabilites.csv"
    world.files[path] = table(rows, ",", "\n", quoted=True).encode()
    world.sources.append(Source("scanner", "SCANNER", path, len(rows) - 1, 3, True, EVIDENCE))
