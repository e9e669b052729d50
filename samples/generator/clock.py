"""Frozen time: the instants of the samples, and how each tool writes an instant.

Everything is UTC inside; Europe/Paris is worked out here (last Sundays of March and October, 01:00 UTC), so that the
bytes never depend on the time zone files of the machine that runs the generator.
"""
from __future__ import annotations

import random
from datetime import date, datetime, timedelta, timezone

UTC = timezone.utc
AS_OF = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
EVIDENCE = datetime(2026, 10, 5, 4, 0, tzinfo=UTC)
PERIOD_START = datetime(2026, 6, 30, 22, 0, tzinfo=UTC)
PERIOD_END = datetime(2026, 9, 30, 22, 0, tzinfo=UTC)
TODAY = date(2026, 10, 5)
DAY = timedelta(days=1)
MONTHS_FR = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def days_ago(days: float) -> datetime:
    return AS_OF - timedelta(days=days)


def between(rng: random.Random, newest_days: float, oldest_days: float) -> datetime:
    """An instant between so many and so many days before as_of, on a whole second, in working hours."""
    day = (AS_OF - timedelta(days=rng.uniform(newest_days, oldest_days))).date()
    made = datetime(day.year, day.month, day.day, rng.randint(6, 16), rng.randint(0, 59), rng.randint(0, 59), tzinfo=UTC)
    return min(made, AS_OF - timedelta(days=newest_days))


def _last_sunday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def paris(instant: datetime) -> datetime:
    """Local time in Paris, without a zone, as exports write it."""
    start = datetime.combine(_last_sunday(instant.year, 3), datetime.min.time(), UTC) + timedelta(hours=1)
    end = datetime.combine(_last_sunday(instant.year, 10), datetime.min.time(), UTC) + timedelta(hours=1)
    hours = 2 if start <= instant < end else 1
    return (instant + timedelta(hours=hours)).replace(tzinfo=None)


def fr_date(day: date | datetime | None) -> str:
    if day is None:
        return ""
    if isinstance(day, datetime):
        day = paris(day).date()
    return day.strftime("%d/%m/%Y")


def fr_minute(instant: datetime | None) -> str:
    return "" if instant is None else paris(instant).strftime("%d/%m/%Y %H:%M")


def fr_second(instant: datetime | None) -> str:
    return "" if instant is None else paris(instant).strftime("%d/%m/%Y %H:%M:%S")


def iso_local(instant: datetime | None) -> str:
    return "" if instant is None else paris(instant).strftime("%Y-%m-%d %H:%M:%S")


def iso_offset(instant: datetime | None, colon: bool = True) -> str | None:
    """`2026-06-12T08:13:13.000+02:00`; Jira and SonarQube write the offset without a colon."""
    if instant is None:
        return None
    local = paris(instant)
    hours = round((local - instant.replace(tzinfo=None)).total_seconds() / 3600)
    return local.strftime("%Y-%m-%dT%H:%M:%S.000") + (f"+{hours:02d}:00" if colon else f"+{hours:02d}00")


def generalized(instant: datetime, fraction: str = "") -> str:
    """GeneralizedTime of LDAP (RFC 4517 section 3.3.13)."""
    return instant.strftime("%Y%m%d%H%M%S") + fraction + "Z"


def filetime(instant: datetime | None) -> str:
    """Active Directory: 100 ns since 1601; 0 for none."""
    if instant is None:
        return "0"
    seconds = (instant - datetime(1601, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    return str(seconds * 10_000_000)


def epoch(instant: datetime | None) -> str:
    return "0" if instant is None else str((instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1))
