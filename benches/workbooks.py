"""Workbooks of an access review: `probant review open` and `probant review collect`, beside Python's writers and readers of xlsx.

Probant is measured as the whole command: it judges the snapshot, gives every line its reviewer, its recommendation and reasons, writes
workbooks with drop-downs, colours, outline and live counts, a draft e-mail with each, and the frozen campaign. The peers write the finished
cells of the same lines, the same columns with formats and the drop-down; or read what came back and count.
"""

import html
import json
import os
import pathlib
import re
import shutil
import sys
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq

import measure

HERE = pathlib.Path(__file__).resolve().parent
CAMPAIGN = "bench"

REVIEW = """
[review]
campaign = "bench"
due = 2026-12-18
contact = "Bench"
fallback_reviewer = "0000001"
rules = [{rules}]
lang = "fr"
"""


def configured(data, work, name, rules):
    """A configuration beside a store of its own, whose snapshot is the generated one."""
    folder = work / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copytree(data / "store", folder / "store")
    (folder / "probant.toml").write_text((data / "probant.toml").read_text(encoding="utf-8") + REVIEW.format(rules=rules), encoding="utf-8")
    return folder


def opened(binary, folder):
    """The job of opening a campaign that was not open, and what it wrote."""
    campaign = folder / "store" / "campaigns" / CAMPAIGN

    def counts(_):
        head = json.loads((campaign / "campaign.json").read_text(encoding="utf-8"))
        books = [campaign / reviewer["workbook"]["file"] for reviewer in head["reviewers"]]
        return {"lines": head["totals"]["lines"], "files": len(books), "bytes": sum(book.stat().st_size for book in books)}

    command = [binary, "review", "open", "--config", folder / "probant.toml", "--format", "json", "--quiet"]
    return lambda: shutil.rmtree(campaign, ignore_errors=True), lambda: measure.once(command), counts


def exported(folder, path):
    """The frozen lines as a table of texts, sorted by reviewer: what the peers write."""
    rows = []
    with (folder / "store" / "campaigns" / CAMPAIGN / "items.json").open(encoding="utf-8") as file:
        for line in file:
            if line.startswith('{"id"'):
                item = json.loads(line.rstrip().rstrip(","))
                rows.append([item["reviewer"] or "", item["sheet"], item["id"], *item["cells"], item["hash"]])
    rows.sort(key=lambda row: row[0])
    names = ["reviewer", "sheet", "id", *(f"cell{n}" for n in range(len(rows[0]) - 4)), "hash"]
    pq.write_table(pa.table({name: [row[n] for row in rows] for n, name in enumerate(names)}), path, row_group_size=50_000)


def writer(library, lines, work, mode):
    """The job of a Python writer."""
    out = work / f"{library}-{mode}"
    command = [sys.executable, HERE / "peers" / "workbook_write.py", library, lines, out, mode]
    return lambda: shutil.rmtree(out, ignore_errors=True), lambda: measure.once(command), lambda result: json.loads(result["said"])


def answered(folder, out):
    """Every workbook of the campaign with a decision on each line and its signature, as a person would send it back."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    campaign = folder / "store" / "campaigns" / CAMPAIGN
    text = lambda words: f' t="inlineStr"><is><t>{words}</t></is></c>'
    head = json.loads((campaign / "campaign.json").read_text(encoding="utf-8"))
    for number, reviewer in enumerate(head["reviewers"]):
        with zipfile.ZipFile(campaign / reviewer["workbook"]["file"]) as source, zipfile.ZipFile(out / f"{number:04}.xlsx", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
            for name in source.namelist():
                part = source.read(name)
                if name in (f"xl/worksheets/sheet{n}.xml" for n in (2, 3, 4)):
                    part = part.decode()
                    part = re.sub(r'<c r="O(\d+)"( s="\d+")/>', rf'<c r="O\1"\2{text("Conserver")}', part)
                    part = re.sub(r'<c r="Q(\d+)"( s="\d+")/>', rf'<c r="Q\1"\2{text("Nécessaire au service")}', part).encode()
                elif name == "xl/worksheets/sheet7.xml":
                    part = part.decode()
                    for cell, words in (("B7", html.escape(reviewer["name"])), ("B8", "Bench"), ("B9", "03/12/2026"), ("B10", "Oui"), ("B11", "Oui")):
                        part = re.sub(rf'<c r="{cell}"( s="\d+")/>', rf'<c r="{cell}"\1{text(words)}', part)
                    part = part.encode()
                copy.writestr(name, part)


def collected(binary, folder, returned):
    """The job of collecting what came back, from a campaign that has no answer yet."""
    campaign = folder / "store" / "campaigns" / CAMPAIGN

    def before():
        (campaign / "decisions.jsonl").unlink(missing_ok=True)
        shutil.rmtree(campaign / "returned", ignore_errors=True)

    command = [binary, "review", "collect", "--config", folder / "probant.toml", "--format", "json", "--quiet", *sorted(returned.iterdir())]
    output = folder / "collected.json"

    def counts(_):
        readings = json.loads(output.read_text(encoding="utf-8"))["readings"]
        return {"files": len(readings), "lines": sum(reading["decided"] for reading in readings)}

    environment = lambda: os.environ.update(PROBANT_NOW="2026-12-05T08:00:00Z")
    return lambda: (before(), environment()), lambda: measure.once(command, output), counts


def reader(library, returned):
    """The job of a Python reader."""
    command = [sys.executable, HERE / "peers" / "workbook_read.py", library, returned]
    return lambda: None, lambda: measure.once(command), lambda result: json.loads(result["said"])


def run(binary, data, work, rounds, libraries):
    """Runs by table; stops when contestants do not count the same."""
    one, split = configured(data, work, "one", ""), configured(data, work, "split", '"line_manager"')
    os.environ["PROBANT_NOW"] = "2026-10-05T08:00:00Z"
    lines = work / "lines.parquet"
    before, job, _ = opened(binary, split)
    before(), job(), exported(split, lines)
    returned = work / "returned"
    answered(split, returned)
    tables = {}
    for mode, folder in (("one", one), ("split", split)):
        jobs = {"probant": opened(binary, folder)}
        jobs |= {library: writer(library, lines, work, mode) for library in libraries}
        tables[mode] = measure.interleaved(rounds, jobs)
        measure.agreed(tables[mode], ["lines"])
    # Opened again, so that what was answered is what is collected.
    jobs = {"probant": collected(binary, split, returned)}
    jobs |= {library: reader(library, returned) for library in ("python-calamine", "openpyxl")}
    tables["collect"] = measure.interleaved(rounds, jobs)
    measure.agreed(tables["collect"], ["lines", "files"])
    return tables
