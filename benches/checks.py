"""Every check over a large snapshot: `probant assess`, beside DuckDB running the same SQL over the same Parquet files."""

import json
import pathlib
import shutil
import sys

import measure

HERE = pathlib.Path(__file__).resolve().parent
CONTROLS = HERE.parent / "controls" / "checks"


def judged(assessment):
    """Population, exceptions (accepted ones included) and undetermined of each check that ran."""
    findings = json.loads(assessment.read_text(encoding="utf-8"))["findings"]
    bad = [f["check_id"] for f in findings if f["status"] in ("broken", "skipped", "not_collected")]
    if bad:
        raise SystemExit(f"checks that did not run: {bad}")
    return {f["check_id"]: [f["counts"]["population"], f["counts"]["exceptions"] + f["counts"]["accepted"], f["counts"]["undetermined"]] for f in findings}


def run(binary, data, work, rounds):
    """Runs of every contestant; stops when any count of any check differs."""
    work.mkdir(parents=True, exist_ok=True)
    assessment = work / "assessment.json"
    (tables,) = data.glob("store/snapshots/*/tables")
    ours = [binary, "assess", "--config", data / "probant.toml", "--format", "json", "--quiet"]

    def duckdb(name, *options):
        out = work / name
        command = [sys.executable, HERE / "peers" / "checks_duckdb.py", tables, assessment, CONTROLS, out, *options]
        counts = lambda _: json.loads((out / "counts.json").read_text(encoding="utf-8"))
        return lambda: shutil.rmtree(out, ignore_errors=True), lambda: measure.once(command), counts

    jobs = {
        "probant": (lambda: None, lambda: measure.once(ours, assessment), lambda _: judged(assessment)),
        "DuckDB": duckdb("duckdb"),
        "DuckDB, no proof": duckdb("duckdb-no-proof", "--no-proof"),
    }
    runs = measure.interleaved(rounds, jobs)
    measure.agreed(runs, judged(assessment))
    return runs
