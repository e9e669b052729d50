#!/usr/bin/env python3
"""Made-up input for the benches: a directory as LDIF with its roster, or the tables of a snapshot.

usage: generate.py ldif FOLDER [--accounts N] [--groups G] [--memberships M] [--people P] [--seed S]
       generate.py evidence FOLDER [--evidence BYTES] [--seed S]
       generate.py snapshot FOLDER --probant BINARY [--accounts N] [--grants M] [--people P] [--seed S]

ldif      FOLDER/directory.ldif, FOLDER/people.csv (Windows-1252), FOLDER/truth.json
evidence  FOLDER/evidence with logs, exports, scans and archives, FOLDER/truth.json
snapshot  FOLDER/store with one snapshot, FOLDER/probant.toml, FOLDER/truth.json; the columns are those that BINARY prints

The same seed, sizes and numpy version give the same LDIF and CSV bytes, and the same rows. FOLDER must not exist: it appears when all is written.
"""

import argparse
import json
import pathlib
import shutil
import subprocess

import numpy as np

from estate.people import Roster


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["ldif", "snapshot", "evidence"])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, help="default: a fifth of the accounts")
    parser.add_argument("--groups", type=int, default=2_400)
    parser.add_argument("--memberships", type=int, default=3_500_000)
    parser.add_argument("--grants", type=int, default=5_000_000)
    parser.add_argument("--evidence", type=int, default=5_000_000_000)
    parser.add_argument("--probant", default="probant")
    parser.add_argument("--seed", type=int, default=27001)
    return parser.parse_args()


def main():
    args = arguments()
    if args.folder.exists():
        raise SystemExit(f"{args.folder} exists; remove it first, or name another folder")
    part = args.folder.with_name(args.folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    rng = np.random.default_rng(args.seed)
    if args.what == "evidence":
        from estate.evidence import write_evidence

        truth = {"files": write_evidence(rng, args.evidence, part / "evidence"), "seed": args.seed}
        finish(part, args.folder, truth)
        return
    roster = Roster(rng, args.people or max(1, args.accounts // 5))
    if args.what == "ldif":
        from estate.directory import write_ldif

        roster.write_csv(part / "people.csv")
        truth = write_ldif(rng, roster, {"accounts": args.accounts, "groups": args.groups, "memberships": args.memberships}, part / "directory.ldif")
        truth["bytes"] = (part / "directory.ldif").stat().st_size
    else:
        from estate.snapshot import write_snapshot

        page = subprocess.run([args.probant, "sources", "schema"], check=True, capture_output=True, text=True).stdout
        truth = write_snapshot(rng, roster, page, {"accounts": args.accounts, "grants": args.grants}, part)
    truth |= {"people": roster.count, "seed": args.seed}
    finish(part, args.folder, truth)


def finish(part, folder, truth):
    (part / "truth.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    part.rename(folder)
    print(json.dumps(truth))


if __name__ == "__main__":
    main()
