"""Runs commands in turn, round after round, each under /usr/bin/time, and makes a table of the medians.

Interleaved, so that a machine that slows down or is shared slows all of them; what counts is the ratio within a run.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

TIME = "/usr/bin/time"


def once(command, stdout=None):
    """One run: wall and CPU seconds, peak memory of the process, last line of its output (which goes to `stdout` when given)."""
    os.sync()
    with tempfile.TemporaryDirectory() as folder:
        said = pathlib.Path(folder, "time")
        target = pathlib.Path(stdout or pathlib.Path(folder, "stdout"))
        with target.open("wb") as out:
            begin = time.perf_counter()
            done = subprocess.run([TIME, "-f", "%U %S %M", "-o", said, *map(str, command)], stdout=out, stderr=subprocess.PIPE, check=False)
            wall = time.perf_counter() - begin
        if done.returncode:
            raise SystemExit(f"{' '.join(map(str, command))}\nended with {done.returncode}:\n{done.stderr.decode(errors='replace')[-2000:]}")
        user, system, kilobytes = said.read_text().split()
        last = "" if stdout else target.read_text().strip().split("\n")[-1]
    return {"wall": round(wall, 3), "cpu": round(float(user) + float(system), 2), "user": float(user), "mb": round(int(kilobytes) / 1024), "said": last}


def interleaved(rounds, jobs):
    """`jobs`: name -> (what to do before, what to measure, what to read from the result after). Returns name -> its runs."""
    if not os.access(TIME, os.X_OK):
        raise SystemExit(f"{TIME} is missing; on Debian: apt-get install time")
    runs = {name: [] for name in jobs}
    for number in range(rounds):
        for name, (before, run, after) in jobs.items():
            before()
            load = os.getloadavg()[0]
            result = run() | {"load": round(load, 1)}
            result["counts"] = after(result)
            runs[name].append(result)
            print(f"round {number + 1}/{rounds}  {name:24} {result['wall']:8.2f} s  {result['cpu']:7.2f} s CPU  {result['mb']:5} MB  load {load:.1f}", file=sys.stderr, flush=True)
    return runs


def agreed(runs, keys):
    """Stops unless every run of every command counted the same."""
    for key in keys:
        seen = {name: {str(run["counts"][key]) for run in of_one if key in run["counts"]} for name, of_one in runs.items()}
        if len(set().union(*seen.values())) != 1:
            raise SystemExit(f"the results differ in {key}: {seen}")


def table(title, runs, ours):
    """Medians as Markdown, with ratios to `ours`, both as a quotient of medians and as the lowest of any round."""
    middle = lambda name, key: statistics.median(run[key] for run in runs[name])
    lines = [f"### {title}", "", f"| | wall s (min-max) | CPU s | peak MB | wall / {ours} (worst round) | CPU / {ours} |", "|---|---|---|---|---|---|"]
    for name, of_one in runs.items():
        walls = [run["wall"] for run in of_one]
        worst = min(run["wall"] / own["wall"] for run, own in zip(of_one, runs[ours]))
        lines.append(f"| {name} | {statistics.median(walls):.2f} ({min(walls):.2f}-{max(walls):.2f}) | {middle(name, 'cpu'):.2f} | {max(run['mb'] for run in of_one)} "
                     f"| {statistics.median(walls) / middle(ours, 'wall'):.2f} ({worst:.2f}) | {middle(name, 'cpu') / middle(ours, 'cpu'):.2f} |")
    return "\n".join(lines)
