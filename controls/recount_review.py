#!/usr/bin/env python3
"""Counts an access review again without Probant, from its files alone.

    python3 recount_review.py CAMPAIGN_FOLDER     (in a bundle: data/campaigns/<id>)

Python 3.9 or later, standard library only. Recomputes: the digest of the frozen lines, the hash of every line, the digests of the
workbooks sent and returned, that each line was decided by the reviewer who had it, the totals of the closing from the log of decisions,
and the tasks of the follow-up from those decisions.
Exit 0 when everything agrees, 1 when something does not, each said on a line of its own.
"""
import hashlib
import json
import os
import sys


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def row_hash(texts):
    """First 64 bits of a SHA-256 over the frozen cells, each behind its length in bytes (8 bytes, big-endian)."""
    digest = hashlib.sha256(b"probant.row.v1")
    for text in texts:
        data = text.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:16]


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def outcomes(events):
    """Where every line stands in the end: a later decision replaces an earlier one, a refusal never undoes a decision."""
    decided, refused, silent = {}, set(), {}
    for at, event in enumerate(events, 1):
        if event["seq"] != at:
            raise SystemExit(f"decisions.jsonl: event {event['seq']} where {at} was to come")
        if event["event"] == "decided":
            decided[event["item_id"]] = event["choice"]
        elif event["event"] == "refused":
            refused.add(event["item_id"])
        elif event["event"] == "no_answer":
            silent[event["item_id"]] = event["choice"]
        elif event["event"] == "abandoned":
            print(f"abandoned on {event['at']} by {event['by']}: {event['reason']}")
    return decided, refused - set(decided), silent


def handovers(items, events):
    """What is wrong with who decided: each line has one reviewer at a time, and only open lines change hands."""
    holder = {item["id"]: item.get("reviewer") for item in items}
    own = {item["id"]: item["own"] for item in items}
    decided, wrong = set(), []
    for event in events:
        if event["event"] == "decided":
            decided.add(event["item_id"])
            if holder.get(event["item_id"]) != event["reviewer"]:
                wrong.append(f"line {event['item_id']}: decided by {event['reviewer']}, who did not have it (event {event['seq']})")
        elif event["event"] == "reassigned":
            to = event["to"]["person_id"]
            for item in event["items"]:
                if holder.get(item) != event.get("from") or item in decided or to in own.get(item, []):
                    wrong.append(f"line {item}: may not go to {to} (event {event['seq']})")
                holder[item] = to
    return wrong


def main(folder):
    wrong = []

    def same(what, found, told):
        if found != told:
            wrong.append(f"{what}: counted {found}, told {told}")

    path = lambda name: os.path.join(folder, name)
    with open(path("campaign.json"), encoding="utf-8") as file:
        head = json.load(file)
    with open(path("items.json"), encoding="utf-8") as file:
        items = json.load(file)["items"]
    same("digest of items.json", sha256(path("items.json")), head["items_sha256"])
    for item in items:
        same(f"hash of line {item['id']}", row_hash([item["id"]] + item["cells"]), item["hash"])
    events = lines(path("decisions.jsonl")) if os.path.exists(path("decisions.jsonl")) else []
    handed = [event["to"] for event in events if event["event"] == "reassigned"]
    for reviewer in head["reviewers"] + handed:
        sent = reviewer.get("workbook")
        if sent and os.path.exists(path(sent["file"])):
            same(f"digest of {sent['file']}", sha256(path(sent["file"])), sent["sha256"])
    same("lines", len(items), head["totals"]["lines"])

    wrong += handovers(items, events)
    files = 0
    for event in events:
        if event["event"] == "returned":
            extension = os.path.splitext(event["file"])[1].lower().lstrip(".") or "bin"
            name = path(os.path.join("returned", f"{event['sha256']}.{extension}"))
            if os.path.exists(name):
                files += 1
                same(f"digest of returned file {event['file']}", sha256(name), event["sha256"])
            elif event["answers"]:
                wrong.append(f"returned file {event['file']}: {event['answers']} decisions rest on it, and it is not here")

    decided, refused, silent = outcomes(events)
    ids = {item["id"] for item in items}
    same("decisions on lines that are not in the campaign", len((set(decided) | refused | set(silent)) - ids), 0)
    count = lambda choice: sum(1 for each in decided.values() if each == choice)
    tally = {
        "items": len(items),
        "decided": len(decided),
        "keep": count("keep"),
        "revoke": count("revoke"),
        "modify": count("modify"),
        "refused": len(refused),
        "no_answer": len(items) - len(decided) - len(refused),
    }
    print(f"{head['id']}: {tally['items']} lines = {tally['decided']} decided ({tally['keep']} kept + {tally['revoke']} to revoke + "
          f"{tally['modify']} to modify) + {tally['refused']} refused + {tally['no_answer']} without an answer; "
          f"{files} returned files read again")
    for event in events:
        if event["event"] == "closed":
            same("totals of the closing", tally, event["totals"])

    state = path(os.path.join("follow-up", "follow-up.json"))
    if os.path.exists(state):
        with open(state, encoding="utf-8") as file:
            follow_up = json.load(file)
        asked = {item for item, choice in {**silent, **decided}.items() if choice != "keep"}
        same("tasks", sorted(task["item_id"] for task in follow_up["tasks"]), sorted(asked))
        totals = {}
        for task in follow_up["tasks"]:
            totals[task["state"]] = totals.get(task["state"], 0) + 1
        same("totals of the follow-up", totals, follow_up["totals"])
        same("late tasks", sum(task["late"] for task in follow_up["tasks"]), follow_up["late"])
        print(f"{head['id']}: {len(follow_up['tasks'])} tasks = " + " + ".join(f"{n} {s}" for s, n in sorted(totals.items())))

    for line in wrong:
        print("WRONG " + line)
    print("everything agrees" if not wrong else f"{len(wrong)} thing(s) do not agree")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    raise SystemExit(main(sys.argv[1]))
