#!/usr/bin/env python3
"""Re-run Probant's checks in DuckDB, over the same Parquet files and without Probant.

usage: rerun_duckdb.py TABLES PARAMS CHECKS [CHECK_ID ...]

TABLES  folder of the snapshot's *.parquet files
PARAMS  a JSON file: either {"as_of": ..., "period_start": ..., "period_end": ..., "zone": "Europe/Paris"} (instants in RFC 3339), or an
        assessment written by Probant (schema probant.assessment.v1): its parameters and perimeter are used, its counts compared
CHECKS  folder of the check files (*.toml), or one of them

Needs Python 3.11 and `pip install duckdb`. Prints one line a check: population, exceptions (accepted ones included), undetermined.
Exit code: 0 all is well, 1 a check contradicts itself or differs from the assessment, 2 it could not be run.
"""

import calendar
import datetime as dt
import hashlib
import json
import pathlib
import re
import sys
import tomllib
import zoneinfo

import duckdb

QUERIES = ("population", "exceptions", "undetermined")


def instant(text):
    """RFC 3339 to the naive UTC that the tables hold."""
    return dt.datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(dt.UTC).replace(tzinfo=None)


def applied(expression, base, zone):
    """A number as it is; else `as_of`, `period_start` or `period_end` moved by so many civil hours, days, months or years."""
    if not isinstance(expression, str):
        return expression
    parts = re.fullmatch(r"(as_of|period_start|period_end)(?:\s*([+-])\s*(\d+)\s+(hour|day|month|year)s?)?", expression.strip())
    if not parts:
        raise ValueError(f"parameter not understood: {expression!r}")
    name, sign, count, unit = parts.groups()
    local = base[name].replace(tzinfo=dt.UTC).astimezone(zone).replace(tzinfo=None)
    count = int(f"{sign}{count}") if sign else 0
    if unit in ("hour", "day"):
        local += dt.timedelta(**{f"{unit}s": count})
    elif unit:
        year, month = divmod(local.year * 12 + local.month - 1 + count * (12 if unit == "year" else 1), 12)
        local = local.replace(year=year, month=month + 1, day=min(local.day, calendar.monthrange(year, month + 1)[1]))
    return local.replace(tzinfo=zone).astimezone(dt.UTC).replace(tzinfo=None)


def printed(text):
    """A parameter as an assessment prints it: an instant or a number."""
    return instant(text) if "T" in text else float(text) if "." in text else int(text)


def tables(database, folder, outside):
    """Every Parquet file as a view; systems outside the declared perimeter are left out."""
    for file in sorted(pathlib.Path(folder).glob("*.parquet")):
        database.read_parquet(str(file)).create_view(f"all_{file.stem}")
        within = {"accounts": "system <> $s", "entitlements": "system <> $s", "grants": "NOT starts_with(account_id, $s || ':')"}.get(file.stem)
        names = ["'" + name.replace("'", "''") + "'" for name in outside if within]
        where = " AND ".join(within.replace("$s", name) for name in names) or "TRUE"
        database.execute(f"CREATE VIEW {file.stem} AS SELECT * FROM all_{file.stem} WHERE {where}")


def judge(database, check, params):
    """The keys of the three queries, and what is wrong with them."""
    kinds = {dt.datetime: "TIMESTAMP", int: "BIGINT", float: "DOUBLE"}
    columns = ", ".join(f"CAST(? AS {kinds[type(value)]}) AS {name}" for name, value in params.items())
    database.execute(f"CREATE OR REPLACE TEMP TABLE params AS SELECT {columns}", list(params.values()))
    found = {query: [row[0] for row in database.execute(check[query]).fetchall()] if query in check else [] for query in QUERIES}
    population, exceptions, undetermined = (set(found[query]) for query in QUERIES)
    wrong = [f"a key twice in {query}" for query in QUERIES if len(found[query]) != len(set(found[query]))]
    wrong += ["an exception is undetermined too"] if exceptions & undetermined else []
    wrong += ["a subject outside the population"] if (exceptions | undetermined) - population else []
    return found, wrong


def differences(finding, found, text):
    """Where the assessment says otherwise."""
    counts = finding["counts"]
    said = (counts["population"], counts["exceptions"] + counts["accepted"], counts["undetermined"])
    wrong = [f"{query}: the assessment says {count}" for query, count in zip(QUERIES, said) if count != len(found[query])]
    return wrong + (["not the file that was assessed"] if finding["check_sha256"] != hashlib.sha256(text).hexdigest() else [])


def main(folder, params, checks, *only):
    said = json.loads(pathlib.Path(params).read_text(encoding="utf-8"))
    period = said.get("period", {"start": said.get("period_start"), "end": said.get("period_end")})
    base = {"as_of": instant(said["as_of"]), "period_start": instant(period["start"]), "period_end": instant(period["end"])}
    zone = zoneinfo.ZoneInfo(said.get("zone", "UTC"))
    findings = {finding["check_id"]: finding for finding in said.get("findings", [])}
    database, bad = duckdb.connect(), 0
    tables(database, folder, said.get("outside_perimeter", {}))
    for file in [pathlib.Path(checks)] if checks.endswith(".toml") else sorted(pathlib.Path(checks).glob("*.toml")):
        text = file.read_bytes()
        for name, check in tomllib.loads(text.decode("utf-8"))["check"].items():
            if only and name not in only:
                continue
            finding = findings.get(name)
            own = {key: applied(value, base, zone) for key, value in check.get("params", {}).items()}
            found, wrong = judge(database, check, base | own | {k: printed(v) for k, v in (finding or {}).get("params", {}).items()})
            # A check that did not run has nothing to compare with.
            if finding and finding["status"] not in ("skipped", "not_collected", "broken"):
                wrong += differences(finding, found, text)
            print(f"{name:34}", *(f"{query} {len(found[query]):>8}" for query in QUERIES), "; ".join(wrong) or "ok")
            bad += bool(wrong)
    return 1 if bad else 0


if __name__ == "__main__":
    if len(sys.argv) < 4:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    try:
        sys.exit(main(*sys.argv[1:]))
    except (OSError, ValueError, KeyError, duckdb.Error) as error:
        print(f"rerun_duckdb: {type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(2)
