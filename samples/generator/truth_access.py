"""What the access checks must find, worked out from the model by the rules of each check in words, not by Probant's SQL."""
from __future__ import annotations

from collections import defaultdict

from .clock import TODAY, days_ago
from .model import Account, Verdict
from .world import World

OUTSIDE = {"FORMATION"}


def _verdict(population: list[str], exceptions: list[str], undetermined: list[str] | None = None) -> Verdict:
    return Verdict(len(population), sorted(exceptions), sorted(undetermined or []))


def _ids(accounts) -> list[str]:
    return [a.account_id for a in accounts]


def _linked(a: Account) -> bool:
    return a.link in ("definite", "declared")


def leavers(live: list[Account]) -> Verdict:
    linked = [a for a in live if _linked(a)]
    gone = [a for a in linked if a.person.status == "left" and (TODAY - a.person.left).days > 1]
    return _verdict(_ids(linked), _ids(a for a in gone if a.enabled), _ids(a for a in gone if a.enabled is None))


def orphans(live: list[Account]) -> Verdict:
    people = [a for a in live if a.kind in ("human", "unknown")]
    alone = [a for a in people if a.link in ("none", "candidate")]
    return _verdict(_ids(people), _ids(a for a in alone if a.enabled), _ids(a for a in alone if a.enabled is None))


def dormant(live: list[Account]) -> Verdict:
    people = [a for a in live if a.kind in ("human", "unknown")]
    exceptions, unknown = [], []
    limit = days_ago(90)
    for a in people:
        told = a.last_login or a.created
        if a.precision == "none":
            if a.created is None or a.created < limit:
                unknown.append(a)
        elif told is None or (a.enabled is None and told < limit):
            unknown.append(a)
        elif a.enabled and told < limit:
            exceptions.append(a)
    return _verdict(_ids(people), _ids(exceptions), _ids(unknown))


def not_justified(privileged: list[Account]) -> Verdict:
    lacking = [a for a in privileged if a.privileged - a.justified]
    return _verdict(_ids(privileged), _ids(a for a in lacking if a.enabled), _ids(a for a in lacking if a.enabled is None))


def never_expires(privileged: list[Account]) -> Verdict:
    exceptions = [a for a in privileged if a.enabled and a.never_expires]
    unknown = [a for a in privileged if a.never_expires is None or (a.enabled is None and a.never_expires)]
    return _verdict(_ids(privileged), _ids(exceptions), _ids(unknown))


def stale_password(privileged: list[Account]) -> Verdict:
    limit = days_ago(1096)
    exceptions = [a for a in privileged if a.enabled and a.password_set and a.password_set < limit]
    unknown = [a for a in privileged if a.password_set is None or (a.enabled is None and a.password_set < limit)]
    return _verdict(_ids(privileged), _ids(exceptions), _ids(unknown))


def two_accounts(live: list[Account]) -> Verdict:
    held: dict[str, list[Account]] = defaultdict(list)
    for a in live:
        if a.kind == "human" and _linked(a):
            held[f"{a.person.person_id}|{a.system}"].append(a)
    exceptions = []
    for key, accounts in held.items():
        assert all(a.enabled is not None for a in accounts) or len(accounts) == 1
        administration = sum(1 for a in accounts if a.privileged)
        if administration >= 2 or len(accounts) - administration >= 2:
            exceptions.append(key)
    return _verdict(list(held), exceptions)


def without_owner(live: list[Account]) -> Verdict:
    owned = [a for a in live if a.kind in ("service", "shared", "break_glass")]
    return _verdict(_ids(owned), _ids(a for a in owned if a.owner is None))


def owner_left(live: list[Account]) -> Verdict:
    owned = [a for a in live if a.owner]
    return _verdict(_ids(owned), _ids(a for a in owned if a.owner.status == "left"))


def too_few(world: World, live: list[Account]) -> Verdict:
    systems = sorted({right.partition(":")[0] for a in live for right in a.privileged})
    exceptions, unknown = [], []
    for system in systems:
        sure, perhaps = set(), set()
        for a in live:
            if a.system != system or not a.privileged or a.kind not in ("human", "unknown"):
                continue
            if not _linked(a):
                perhaps.add(a.account_id)
            elif a.person.status == "active":
                (sure if a.enabled else perhaps).add(a.person.person_id)
        if len(sure | perhaps) < 2:
            exceptions.append(system)
        elif len(sure) < 2:
            unknown.append(system)
    return _verdict(systems, exceptions, unknown)


def never_reviewed(live: list[Account]) -> Verdict:
    """No campaign was ever closed: every system with an account that is surely enabled is overdue."""
    systems = {a.system for a in live}
    sure = {a.system for a in live if a.enabled}
    return _verdict(sorted(systems), list(sure), list(systems - sure))


def judge(world: World) -> None:
    live = [a for a in world.accounts if a.system not in OUTSIDE and a.enabled is not False]
    privileged = [a for a in live if a.privileged]
    world.verdicts.update({
        "leaver-with-active-account": leavers(live),
        "orphan-account": orphans(live),
        "dormant-account": dormant(live),
        "privileged-not-justified": not_justified(privileged),
        "privileged-password-never-expires": never_expires(privileged),
        "stale-privileged-password": stale_password(privileged),
        "two-accounts-one-person": two_accounts(live),
        "service-account-without-owner": without_owner(live),
        "service-account-owner-left": owner_left(live),
        "too-few-administrators": too_few(world, live),
        "access-review-overdue": never_reviewed(live),
        "privileged-review-overdue": never_reviewed(privileged),
        "revocation-overdue": _verdict([], []),
        "right-reappeared": _verdict([], []),
        "review-decision-without-reason": _verdict([], []),
        "weak-account-settings": _verdict(_ids(live), _ids(a for a in live if a.weak)),
    })
