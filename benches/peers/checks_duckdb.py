"""usage: checks_duckdb.py TABLES ASSESSMENT.json CHECKS FOLDER [--no-proof]

Runs the SQL of every check file in DuckDB, in one process, and does what `probant assess` does with it: keys counted, exceptions and
undetermined within the population and disjoint (unless --no-proof), both written sorted by key, here as CSV by DuckDB itself.
Parameters and period come from the assessment, through controls/rerun_duckdb.py. Prints the counts and a digest of the keys.
"""

import hashlib
import json
import pathlib
import sys
import tomllib
import zoneinfo

import duckdb

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "controls"))
import rerun_duckdb as rerun  # noqa: E402

KINDS = {"datetime": "TIMESTAMP", "int": "BIGINT", "float": "DOUBLE"}


def run(database, check, params, folder, proof):
    """Counts of one check: population, exceptions, undetermined."""
    columns = ", ".join(f"CAST(? AS {KINDS[type(value).__name__]}) AS {name}" for name, value in params.items())
    database.execute(f"CREATE OR REPLACE TEMP TABLE params AS SELECT {columns}", list(params.values()))
    key = {}
    for query in rerun.QUERIES:
        if query not in check:
            continue
        database.execute(f"CREATE OR REPLACE TEMP TABLE {query} AS {check[query]}")
        key[query] = f'SELECT "{database.execute(f"SELECT * FROM {query} LIMIT 0").description[0][0]}" AS k FROM {query}'
    counts = [database.execute(f"SELECT COUNT(*) FROM {query}").fetchone()[0] if query in key else 0 for query in rerun.QUERIES]
    judged = " UNION ALL ".join(key[query] for query in rerun.QUERIES[1:] if query in key)
    if proof:
        distinct = database.execute(f"SELECT COUNT(DISTINCT k) FROM ({key['population']})").fetchone()[0]
        twice = database.execute(f"SELECT COUNT(*) - COUNT(DISTINCT k) FROM ({judged})").fetchone()[0]
        outside = database.execute(f"SELECT COUNT(*) FROM ({judged}) j WHERE k NOT IN (SELECT k FROM ({key['population']}))").fetchone()[0]
        if distinct != counts[0] or twice or outside:
            raise SystemExit(f"{folder.name}: {distinct} keys of {counts[0]}, {twice} judged twice, {outside} outside")
    folder.mkdir(parents=True, exist_ok=True)
    for query in rerun.QUERIES[1:]:
        if query in key:
            database.execute(f"COPY (SELECT * FROM {query} ORDER BY 1) TO '{folder / query}.csv' (FORMAT csv, HEADER)")
    return counts


def main(tables, assessment, checks, folder, proof):
    said = json.loads(pathlib.Path(assessment).read_text(encoding="utf-8"))
    base = {"as_of": rerun.instant(said["as_of"]), "period_start": rerun.instant(said["period"]["start"]), "period_end": rerun.instant(said["period"]["end"])}
    zone = zoneinfo.ZoneInfo(said["zone"])
    database = duckdb.connect()
    rerun.tables(database, tables, {})
    result = {}
    for file in sorted(pathlib.Path(checks).glob("*.toml")):
        for name, check in tomllib.loads(file.read_text(encoding="utf-8"))["check"].items():
            params = base | {key: rerun.applied(value, base, zone) for key, value in check.get("params", {}).items()}
            result[name] = run(database, check, params, pathlib.Path(folder) / name, proof)
    digest = hashlib.sha256(json.dumps(result, sort_keys=True).encode()).hexdigest()[:12]
    pathlib.Path(folder, "counts.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    print(json.dumps({"checks": len(result), "counts": digest}))


arguments = [a for a in sys.argv[1:] if a != "--no-proof"]
main(*arguments, proof="--no-proof" not in sys.argv)
