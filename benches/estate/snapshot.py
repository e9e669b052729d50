"""A store that holds one snapshot made of generated tables: tables, manifest, ledger line and configuration."""

import hashlib
import json

import numpy as np

from . import tables
from .people import AS_OF, uuids

NAME = "20261005T080000Z"
INSTANT = AS_OF.strftime("%Y-%m-%dT%H:%M:%SZ")

CONFIG = f"""[organisation]
name = "Bench"

[run]
as_of = {INSTANT}
period = "2026-T3"

[store]
path = "store"
"""


def collection(source, system, feeds, seen):
    """One complete and fresh collection, as a row of text and numbers."""
    at = AS_OF.replace(tzinfo=None)
    return {"collection_id": f"{source}@{NAME}", "source": source, "system": system, "kind": "generated", "tables": feeds, "started": at, "ended": at,
            "evidence_at": at, "evidence_at_basis": "declared", "endpoint": "benches/generate.py", "query": "{}", "pages": 1, "rows_seen": seen,
            "rows_kept": seen, "rows_rejected": 0, "details": "{}", "complete": True, "tool_version": "bench"}


def digested(path):
    return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(path.open("rb"), "sha256").hexdigest()}


def write_snapshot(rng, roster, page, sizes, folder):
    """`page` is what `probant sources schema` prints; `sizes`: accounts, grants. Further tables are there and empty."""
    snapshot = folder / "store" / "snapshots" / NAME
    (snapshot / "tables").mkdir(parents=True)
    schemas = tables.schemas(page)
    out = {name: tables.Table(snapshot / "tables", name, schema) for name, schema in schemas.items()}
    by_system = [f"{system.lower()}@{NAME}" for system in tables.SYSTEMS]
    tables.people(out["people"], roster, f"rh@{NAME}")
    system = (np.arange(sizes["accounts"]) * 7 + np.arange(sizes["accounts"]) // roster.count) % len(tables.SYSTEMS)
    moved = rng.random(sizes["accounts"]) < 0.004  # so that some people have two accounts in one system
    system[moved] = rng.integers(0, len(tables.SYSTEMS), int(moved.sum()))
    ids = [f"{tables.SYSTEMS[s]}:{u}" for s, u in zip(system, uuids(rng, sizes["accounts"]))]
    tables.accounts(rng, out["accounts"], roster, ids, system, by_system)
    rights = tables.entitlements(rng, out["entitlements"], by_system)
    privileged = tables.grants(rng, out["grants"], ids, system, rights, by_system, sizes["grants"])
    tables.decisions(rng, out["decisions"], privileged, f"rest@{NAME}")
    # A collection that feeds the empty tables lets the checks on them run too, instead of saying "not collected".
    rest = ";".join(sorted(set(schemas) - {"accounts", "collections", "entitlements", "grants", "people", "rejects"}))
    rows = [collection("rh", "RH", "people", roster.count), collection("rest", "REST", rest, 0)]
    rows += [collection(name.lower(), name, "accounts;entitlements;grants", sizes["accounts"] // len(tables.SYSTEMS)) for name in tables.SYSTEMS]
    out["collections"].add({key: [row[key] for row in rows] for key in rows[0]})
    counts = {name: table.close() for name, table in out.items()}
    publish(folder, snapshot, counts)
    return counts


def publish(folder, snapshot, counts):
    """Manifest, ledger line, configuration."""
    files = {name: {"rows": counts[name], **digested(snapshot / "tables" / f"{name}.parquet")} for name in sorted(counts)}
    manifest = {"schema": "probant.snapshot.v1", "id": NAME, "as_of": INSTANT, "organisation": "Bench", "tool_version": "bench", "tables": files}
    (snapshot / "snapshot.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    data = {"path": f"snapshots/{NAME}", "rows": counts, "sha256": digested(snapshot / "snapshot.json")["sha256"]}
    event = {"seq": 1, "at": INSTANT, "event": "snapshot", "data": data, "previous": "0" * 64}
    (folder / "store" / "ledger.jsonl").write_text(json.dumps(event, separators=(",", ":")) + "\n", encoding="utf-8")
    (folder / "probant.toml").write_text(CONFIG, encoding="utf-8")
    for path in (folder / "store").rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    (folder / "store").chmod(0o700)
