"""What the checks on records (backups, restore tests, changes, incidents, documents, vulnerabilities, sources) must find."""
from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from .clock import AS_OF, PERIOD_END, PERIOD_START, TODAY, days_ago, paris
from .model import Verdict
from .world import World


def _verdict(population, exceptions, undetermined=()) -> Verdict:
    return Verdict(len(population), sorted(exceptions), sorted(undetermined))


def _within(instant) -> bool:
    return instant is not None and PERIOD_START <= instant < PERIOD_END


def recent_backup(world: World) -> Verdict:
    saved = {j.client for jobs in world.jobs.values() for j in jobs if j.kind == 0 and j.state == 3 and j.status <= 1 and days_ago(7) <= j.ended <= AS_OF}
    population, exceptions, unknown = [], [], []
    for asset in world.assets:
        if asset.backup is False:
            continue
        for host in asset.hosts or [""]:
            key = f"{asset.asset_id}|{host}"
            population.append(key)
            if host not in saved:
                (exceptions if asset.backup and host else unknown).append(key)
    return _verdict(population, exceptions, unknown)


def streaks(world: World) -> Verdict:
    finished = defaultdict(list)
    for jobs in world.jobs.values():
        for j in jobs:
            if j.kind == 0 and j.state == 3 and not j.parent and _within(j.ended):
                finished[f"{j.client}|{j.policy}"].append((j.ended, j.status))
    exceptions = [key for key, runs in finished.items() if len(runs) >= 3 and all(status > 1 for _, status in sorted(runs)[-3:])]
    return _verdict(finished, exceptions)


def overdue_tests(world: World) -> Verdict:
    due = [a for a in world.assets if a.every]
    exceptions, unknown = [], []
    for asset in due:
        def tested(results: tuple[str, ...], asset=asset) -> bool:
            return any(t.asset == asset.asset_id and t.result in results and (AS_OF.date() - t.ended.date()).days <= asset.every for t in world.tests)
        if not tested(("conform", "conform_with_reserve")):
            (unknown if tested(("unknown",)) else exceptions).append(asset.asset_id)
    return _verdict(due, exceptions, unknown)


def objectives(world: World) -> Verdict:
    population = [t for t in world.tests if _within(t.ended)]
    missed = [t for t in population if any(target is not None and measured is not None and measured > target for target, measured in (t.rto, t.rpo))]
    unknown = [t for t in population if all(None in pair for pair in (t.rto, t.rpo))]
    return _verdict(population, [t.test_id for t in missed], [t.test_id for t in unknown])


def failed_tests(world: World) -> Verdict:
    population = [t for t in world.tests if _within(t.ended)]
    bare = [t for t in population if not t.ticket]
    return _verdict(population, [t.test_id for t in bare if t.result == "not_conform"], [t.test_id for t in bare if t.result == "unknown"])


def changes(world: World) -> dict[str, Verdict]:
    begun = [c for c in world.changes if c.status in ("in_progress", "done", "failed") and _within(c.started)]
    bare = [c for c in begun if not c.approvers and c.kind != "standard"]
    approved = [c for c in begun if c.approvers]
    self_approved = [c for c in approved if c.requester and {a.lower() for a in c.approvers} == {c.requester.lower()}]
    return {
        "change-unapproved": _verdict(begun, [c.change_id for c in bare if c.kind], [c.change_id for c in bare if not c.kind]),
        "change-approved-by-requester": _verdict(approved, [c.change_id for c in self_approved], [c.change_id for c in approved if not c.requester]),
        "change-before-approval": _verdict(approved, [c.change_id for c in approved if c.approved_at and c.started < c.approved_at], [c.change_id for c in approved if not c.approved_at]),
    }


def incidents(world: World) -> dict[str, Verdict]:
    population, late, unknown = [], [], []
    for i in world.incidents:
        is_open = i.status in ("open", "in_progress")
        until = AS_OF if is_open else i.resolved or i.closed
        if i.status == "cancelled" or i.opened >= PERIOD_END or (until and until < PERIOD_START):
            continue
        population.append(i.incident_id)
        if i.due is None:
            unknown.append(i.incident_id)
        elif i.due < until:
            late.append(i.incident_id)
    serious = [i for i in world.incidents if i.status == "closed" and _within(i.closed) and (i.security is not False or i.severity in ("critical", "high"))]
    bare = [i for i in serious if not i.cause]
    known = [i for i in bare if i.security or i.severity in ("critical", "high")]
    return {
        "incident-past-target": _verdict(population, late, unknown),
        "incident-closed-without-cause": _verdict(serious, [i.incident_id for i in known], [i.incident_id for i in bare if i not in known]),
    }


def documents(world: World) -> dict[str, Verdict]:
    all_ = world.documents
    late = [d.document_id for d in all_ if d.strength == "declared" and d.next_review and d.next_review < TODAY]
    return {
        "document-review-overdue": _verdict(all_, late, [d.document_id for d in all_ if d.strength != "declared" or not d.next_review]),
        "document-without-owner": _verdict(all_, [d.document_id for d in all_ if not d.owner], [d.document_id for d in all_ if d.owner and d.strength != "declared"]),
    }


def vulnerabilities(world: World) -> Verdict:
    population = [v for v in world.vulnerabilities if v.status == "open" and v.severity in ("critical", "high", "medium")]
    late = [v for v in population if v.first < AS_OF - timedelta(days=90 if v.severity == "medium" else 30)]
    return _verdict(population, [v.vulnerability_id for v in late])


def sources(world: World) -> dict[str, Verdict]:
    """Keys are the ids of the sources. The two files that people write by hand are collections too."""
    population = [s.source for s in world.sources] + ["declarations", "exceptions"]
    key = lambda chosen: [f"{s.source}" for s in chosen]  # noqa: E731
    missing = [s for s in world.sources if s.seen is None]
    return {
        "source-not-collected": _verdict(population, key(missing)),
        "source-incomplete": _verdict(population, key(s for s in world.sources if not s.complete)),
        "source-stale": _verdict(population, key(s for s in world.sources if s.evidence_at and s.evidence_at < days_ago(31)), key(missing)),
        "source-with-rejects": _verdict(population, key(s for s in world.sources if s.rejected)),
    }


def judge(world: World) -> None:
    # Days are told apart in UTC above and in Paris by people: the samples keep away from midnight, where they would differ.
    assert all(paris(t.ended).date() == t.ended.date() for t in world.tests)
    world.verdicts.update({
        "asset-without-recent-backup": recent_backup(world),
        "backup-failure-streak": streaks(world),
        "restore-test-overdue": overdue_tests(world),
        "restore-objective-missed": objectives(world),
        "failed-restore-without-ticket": failed_tests(world),
        **changes(world), **incidents(world), **documents(world),
        "vulnerability-past-deadline": vulnerabilities(world),
        **sources(world),
    })
