"""Ties accounts to people by the declared rules, on the model: proves that what was planted is what the data says.

Employee number, then address, then user principal name, then the login convention of the systems that have one; a name alone is
never more than a candidate. A rule that fits several people, or two rules that disagree, settle nothing.
"""
from __future__ import annotations

import re
from collections import defaultdict

from .model import Account, Person
from .names import ascii_fold, convention
from .world import World

CONVENTION = {"RUNDECK", "ICINGA", "POSTGRESQL"}


def _words(name: str | None) -> str:
    words = sorted(ascii_fold(w) for w in re.split(r"[\s\-’']+", name or "") if w)
    return " ".join(words) if len(words) > 1 else ""


def number(text: str | None) -> str:
    return (text or "").lstrip("0").upper()


class Roster:
    def __init__(self, people: list[Person]) -> None:
        self.number, self.mail, self.login, self.name = (defaultdict(set) for _ in range(4))
        self.people = {p.person_id: p for p in people}
        for p in people:
            self.number[number(p.matricule)].add(p.person_id)
            for mail in p.emails:
                self.mail[mail.lower()].add(p.person_id)
            self.login[convention(p.given, p.family)].add(p.person_id)
            self.name[_words(p.name)].add(p.person_id)

    def link(self, account: Account) -> tuple[str, str | None]:
        """Status, and the person where there is one only."""
        found = [self.number[number(account.employee)] if account.employee else set(), set().union(*(self.mail[m.lower()] for m in account.emails)),
                 self.mail[account.extra.get("upn", "").lower()]]
        strong = [f for f in found if f]
        if strong:
            common = set.intersection(*strong)
            if len(strong[0]) == 1 and common == strong[0]:
                return "definite", next(iter(common))
            return "candidate", None
        by_login = self.login[account.login.lower()] if account.system in CONVENTION else set()
        if by_login:
            one = next(iter(by_login))
            if len(by_login) == 1 and (not account.display or _words(account.display) == _words(self.people[one].name)):
                return "definite", one
            return "candidate", None
        return ("candidate", None) if self.name[_words(account.display)] and _words(account.display) else ("none", None)


def check(world: World) -> None:
    """Fails when an account would be tied otherwise than it was planted."""
    roster = Roster([*world.people, *world.partners])
    seen = set()
    for account in world.accounts:
        assert account.account_id not in seen, f"{account.account_id} twice"
        seen.add(account.account_id)
        if account.link == "declared" or account.kind not in ("human", "unknown"):
            continue
        status, person = roster.link(account)
        wanted = account.person.person_id if account.person and account.link == "definite" else None
        assert (status, person) == (account.link, wanted), f"{account.account_id} {account.login}: planted {account.link} {wanted}, the data says {status} {person}"
    logins = [(a.system, a.login.lower()) for a in world.accounts]
    assert len(logins) == len(set(logins)), sorted(x for x in set(logins) if logins.count(x) > 1)
