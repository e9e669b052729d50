#!/usr/bin/env python3
"""Writes the samples of the made-up agency below samples/agence: exports, documents, declarations, and the list of planted problems.

    python3 samples/generate.py            writes the files
    python3 samples/generate.py --check    writes nothing; fails when a file differs from what would be written

Python 3.11, standard library only. The same bytes on every machine: fixed seed, frozen time, no compression.
"""
from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from generator import (activedirectory, ad_file, app_files, apps, assets, backup_files, backups, changes, declared, documents,  # noqa: E402
                       incidents, links, openldap, partners, people, restores, truth_access, truth_records, vulnerabilities)
from generator.world import World  # noqa: E402

ROOT = Path(__file__).resolve().parent / "agence"
# Folders that hold nothing but what is written here: a file that is no longer written is deleted.
OWNED = ["exports", documents.ROOT]


def build() -> dict[str, bytes]:
    world = World()
    for module in (people, openldap, activedirectory, ad_file, partners, apps, app_files, assets, backups, backup_files, restores, changes, incidents,
                   vulnerabilities, documents):
        module.populate(world)
    links.check(world)
    truth_access.judge(world)
    truth_records.judge(world)
    declared.populate(world)
    return world.files


def stray(files: dict[str, bytes]) -> list[Path]:
    found = [p for folder in OWNED for p in (ROOT / folder).rglob("*") if p.is_file()]
    return sorted(p for p in found if p.relative_to(ROOT).as_posix() not in files)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file differs")
    check = parser.parse_args().check
    files = build()
    wrong = []
    for name, content in sorted(files.items()):
        path = ROOT / name
        if path.is_file() and path.read_bytes() == content:
            continue
        wrong.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    extra = stray(files)
    if not check:
        for path in extra:
            path.unlink()
    elif wrong or extra:
        print("differs from what samples/generate.py writes:", *wrong, *(p.relative_to(ROOT).as_posix() + " (should not be there)" for p in extra), sep="\n  ", file=sys.stderr)
        return 1
    print(f"{len(files)} files, {sum(map(len, files.values())):,} bytes, {'all as written' if check else f'{len(wrong)} written'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
