#!/usr/bin/env python3
"""Generates what is missing, runs the benches and prints their tables. Called by `benches/run`, which see."""

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys

import checks
import ldap
import ldif
import measure
import samba
import seal
import workbooks

HERE = pathlib.Path(__file__).resolve().parent


def arguments():
    parser = argparse.ArgumentParser(prog="benches/run", description="Probant beside its peers, in one interleaved run.")
    parser.add_argument("--only", choices=["ldif", "checks", "ldap", "samba", "workbooks", "seal"])
    parser.add_argument("--small", action="store_true", help="20,000 accounts and one round: does it all still run? (its figures mean nothing)")
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--groups", type=int, default=2_400)
    parser.add_argument("--memberships", type=int, default=3_500_000)
    parser.add_argument("--grants", type=int, default=5_000_000)
    parser.add_argument("--people", type=int, default=200_000, help="people of the live directory, with 5,000 groups and five memberships each")
    parser.add_argument("--many", type=int, default=1_000_000, help="people of the live directory that must be read in the same memory; 0 leaves it out")
    parser.add_argument("--domain", type=int, default=2_600, help="people of the Active Directory domain, 2,600 at least")
    parser.add_argument("--lines", type=int, default=1_000_000, help="lines of the access review (workbooks)")
    parser.add_argument("--reviewers", type=int, default=500, help="among whom they are split (workbooks)")
    parser.add_argument("--writers", default="xlsxwriter,pyexcelerate,openpyxl", help="which peers write workbooks")
    parser.add_argument("--evidence", type=int, default=5_000_000_000, help="bytes of mixed evidence; the seal bench needs twice that on the disk beside it")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--probant", type=pathlib.Path, default=HERE.parent / "target" / "release" / "probant")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder of generated input, kept; 2.5 GB at full size")
    args = parser.parse_args()
    if args.small:
        args.accounts, args.groups, args.memberships, args.grants, args.rounds = 20_000, 200, 70_000, 100_000, 1
        args.people, args.many = 5_000, 20_000
        args.lines, args.reviewers = 10_000, 20
        args.evidence = 60_000_000
    args.probant = args.probant.resolve()
    if not os.access(args.probant, os.X_OK):
        parser.error(f"{args.probant} is not there; type `cargo build --release` first, or name another one with --probant")
    return args


def generated(args, what, sizes):
    """The folder of one input, made once for each size."""
    folder = args.data.resolve() / "-".join([what, *(str(n) for n in sizes.values())])
    if not folder.exists():
        print(f"generating {folder}", file=sys.stderr)
        options = [word for name, n in sizes.items() for word in (f"--{name}", str(n))]
        subprocess.run([sys.executable, HERE / "generate.py", what, folder, "--probant", args.probant, *options], check=True, stdout=subprocess.DEVNULL)
    return folder


def directory(args, people):
    return generated(args, "ldif", {"accounts": people, "groups": min(5_000, people // 20), "memberships": people * 5})


def live(args, work, report):
    """OpenLDAP on this machine: beside ldapsearch, five times as large, and over a slow line."""
    data = directory(args, args.people)
    report["ldap"] = {"input": json.loads((data / "truth.json").read_text())}
    tables = []
    for key, title, rounds, run, data, ours in [
        ("local", f"Live OpenLDAP to snapshot: {args.people:,} people", args.rounds, ldap.beside_ldapsearch, data, "ldapsearch"),
        ("slow", f"The same over 20 ms: {args.people:,} people", max(1, args.rounds // 2), ldap.slow_line, data, "probant"),
        ("many", f"Live OpenLDAP to snapshot: {args.many:,} people", 1, ldap.beside_ldapsearch, directory(args, args.many) if args.many else None, "ldapsearch"),
    ]:
        if data is not None:
            report["ldap"][key] = run(args.probant, data, work, rounds)
            tables.append(measure.table(title, report["ldap"][key], ours))
    return tables


def main():
    args = arguments()
    work = args.data.resolve() / "work"
    report, tables = {"cores": os.cpu_count(), "python": platform.python_version(), "rounds": args.rounds}, []
    if args.only in (None, "ldif"):
        data = generated(args, "ldif", {"accounts": args.accounts, "groups": args.groups, "memberships": args.memberships})
        report["ldif"] = {"input": json.loads((data / "truth.json").read_text()), "runs": ldif.run(args.probant, data, work, args.rounds)}
        title = f"LDIF to snapshot: {args.accounts:,} accounts, {args.memberships:,} memberships, {report['ldif']['input']['bytes'] / 1e6:,.0f} MB"
        tables.append(measure.table(title, report["ldif"]["runs"], "probant"))
    if args.only in (None, "checks"):
        data = generated(args, "snapshot", {"accounts": args.accounts, "grants": args.grants})
        report["checks"] = {"input": json.loads((data / "truth.json").read_text()), "runs": checks.run(args.probant, data, work, args.rounds)}
        title = f"All checks: {args.accounts:,} accounts, {args.grants:,} grants"
        tables.append(measure.table(title, report["checks"]["runs"], "probant"))
    if args.only in (None, "ldap"):
        tables += live(args, work, report)
    if args.only in (None, "samba"):
        report["samba"] = {"people": args.domain, "runs": samba.run(args.probant, work, args.rounds, args.domain)}
        tables.append(measure.table(f"Active Directory (Samba): {args.domain:,} people", report["samba"]["runs"], "probant"))
    if args.only in (None, "workbooks"):
        sizes = {"accounts": args.lines // 5, "grants": args.lines, "people": args.reviewers * 20}
        data = generated(args, "snapshot", sizes)
        runs = workbooks.run(args.probant, data, work / "workbooks", args.rounds, args.writers.split(","))
        report["workbooks"] = {"input": json.loads((data / "truth.json").read_text()), "runs": runs}
        titles = {"one": "one workbook", "split": f"one workbook for each of some {args.reviewers} reviewers", "collect": "returned workbooks collected"}
        for mode, of_mode in runs.items():
            counts = of_mode["probant"][0]["counts"]
            tables.append(measure.table(f"{counts['lines']:,} review lines, {titles[mode]} ({counts['files']:,} files)", of_mode, "probant"))
    if args.only in (None, "seal"):
        data = generated(args, "evidence", {"evidence": args.evidence}) / "evidence"
        runs, extra = seal.run(args.probant, data, data / "colonnes", work, args.rounds)
        report["seal"] = {"input": extra, "runs": runs}
        sizes = ", ".join(f"{name} {n / 1e6:,.1f} MB" for name, n in extra["sealed"].items())
        title = f"Seal: {extra['files']:,} files, {extra['bytes'] / 1e6:,.0f} MB"
        rates = (extra["verify_noise_bytes_per_user_second"] / 1e9, extra["openssl_sha256_bytes_per_cpu_second"] / 1e9)
        hashing = "Hashing, GB per CPU second: {:.2f} while verifying what is stored as it is, {:.2f} in `openssl speed`.".format(*rates)
        tables.append(measure.table(title, runs, "probant") + f"\n\nSize: {sizes}. {hashing}")
    results = args.data / "results.json"
    results.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print("\n\n".join(tables) + f"\n\nEvery run counted the same. All figures: {results}")


if __name__ == "__main__":
    main()
