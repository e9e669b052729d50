"""The agency as one value that every module of the generator adds to, and the lookups they share."""
from __future__ import annotations

import random
from collections import defaultdict

from .model import Account, Person, Source

SEED = "AREM-2026-T3"
DOMAIN = "arem.example"


class World:
    def __init__(self) -> None:
        self.people: list[Person] = []
        self.partners: list[Person] = []
        self.accounts: list[Account] = []
        self.rights: dict[str, str] = {}  # privileged entitlement id -> name
        self.sources: list[Source] = []
        self.files: dict[str, bytes] = {}  # path below samples/agence -> content
        self.cast: dict[str, Person] = {}  # people with a part to play, by role
        self.verdicts: dict = {}
        self.exceptions: list[dict] = []
        self.candidates: set[str] = set()  # account ids that only a name speaks for
        self.assets: list = []
        self._taken: dict[str, set[str]] = defaultdict(set)

    def rng(self, name: str) -> random.Random:
        """One stream a subject, so that adding to one module does not reshuffle the others."""
        return random.Random(f"{SEED}/{name}")

    def uuid(self, rng: random.Random) -> str:
        """A version 4 UUID, lower case."""
        digits = f"{(rng.getrandbits(128) & ~(0xF << 76) & ~(0x3 << 62)) | (4 << 76) | (2 << 62):032x}"
        return "-".join([digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]])

    def active(self, *units: str) -> list[Person]:
        """People at work, of these units (all when none is named), in the roster's order, without those with a part to play."""
        cast = {p.person_id for p in self.cast.values()}
        return [p for p in self.people if p.status == "active" and p.person_id not in cast and (not units or p.unit in units)]

    def leavers(self) -> list[Person]:
        cast = {p.person_id for p in self.cast.values()}
        return [p for p in self.people if p.status == "left" and p.person_id not in cast]

    def pick(self, purpose: str, pool: list[Person], count: int) -> list[Person]:
        """So many people of the pool, never the same twice for one purpose."""
        free = [p for p in pool if p.person_id not in self._taken[purpose]]
        chosen = self.rng(f"pick/{purpose}/{len(self._taken[purpose])}").sample(free, count)
        self._taken[purpose].update(p.person_id for p in chosen)
        return chosen

    def add(self, account: Account) -> Account:
        self.accounts.append(account)
        return account

    def of(self, system: str) -> list[Account]:
        return [a for a in self.accounts if a.system == system]
