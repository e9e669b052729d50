"""What the generator knows of the agency. Exports and truth are both written from these records, never from each other."""
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass
class Person:
    person_id: str
    matricule: str
    given: str
    family: str
    emails: list[str]
    site: str
    unit: str
    contract: str
    status: str  # active | left
    joined: date
    left: date | None = None
    manager: str | None = None  # matricule
    login: str = ""  # uid in the OpenLDAP directory

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"


@dataclass
class Account:
    system: str
    local_id: str
    login: str
    display: str | None
    kind: str = "human"
    emails: list[str] = field(default_factory=list)
    employee: str | None = None
    enabled: bool | None = True
    expires: datetime | None = None
    last_login: datetime | None = None
    precision: str = "exact"
    created: datetime | None = None
    password_set: datetime | None = None
    never_expires: bool | None = None
    person: Person | None = None
    link: str = "none"  # definite | candidate | none | declared
    owner: Person | None = None
    weak: set[str] = field(default_factory=set)
    privileged: set[str] = field(default_factory=set)  # entitlement ids it holds that give administration
    justified: set[str] = field(default_factory=set)  # those of them that are justified in declarations.toml
    grants: list[str] = field(default_factory=list)  # names of the rights held directly, in the system's words
    extra: dict = field(default_factory=dict)  # what only the system's writer needs

    @property
    def account_id(self) -> str:
        return f"{self.system}:{self.local_id}"


@dataclass
class Verdict:
    """Truth of one check: keys by outcome, and the size of the population."""
    population: int
    exceptions: list[str]
    undetermined: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)


@dataclass
class Source:
    """One source and the arithmetic of reading it; None where it cannot be read."""
    source: str
    system: str
    path: str
    seen: int | None = None
    rejected: int = 0
    complete: bool = True
    evidence_at: datetime | None = None
