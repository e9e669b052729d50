"""The tables of a snapshot, written directly: as large as wanted, with every state the checks tell apart.

The columns come from `probant sources schema`, so this file cannot drift from the schema: a column it does not know is an error
when it may not be null, and null otherwise.
"""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .people import DAY, GIVEN, FAMILY, NOW, SITES, UNITS, uuids

TYPES = {"text": pa.large_string(), "list": pa.large_string(), "boolean": pa.bool_(), "integer": pa.int64(), "real": pa.float64(),
         "timestamp": pa.timestamp("us"), "date": pa.date32()}
SYSTEMS = ["AD", "BAREOS", "CRM", "ENTRA", "ERP", "GED", "GITLAB", "LDAP", "PAIE", "POSTGRES", "VMWARE", "VPN"]
RIGHTS = 200  # of each system
ROWS = 1 << 16  # of a row group, as Probant writes them


def schemas(page):
    """Table name -> Arrow schema, from the page of columns."""
    found = {}
    for part in page.split("\n## ")[1:]:
        cells = re.findall(r"^\| `(\w+)` \| (\w+)[^|]*\|([^|]*)\|", part, re.MULTILINE)
        found[part.split("\n", 1)[0].strip()] = pa.schema([pa.field(name, TYPES[kind], nullable=null.strip() == "yes") for name, kind, null in cells])
    return found


class Table:
    """One Parquet file being written."""

    def __init__(self, folder, name, schema):
        self.schema, self.rows = schema, 0
        self.writer = pq.ParquetWriter(folder / f"{name}.parquet", schema, compression="zstd", compression_level=1)

    def add(self, columns):
        """Rows as columns; those not named are null."""
        size = len(next(iter(columns.values())))
        unknown = set(columns) - set(self.schema.names)
        absent = [f.name for f in self.schema if not f.nullable and f.name not in columns]
        if unknown or absent:
            raise SystemExit(f"the generator and the schema differ: unknown columns {sorted(unknown)}, missing columns {absent}")
        arrays = [pa.array(columns[f.name], f.type) if f.name in columns else pa.nulls(size, f.type) for f in self.schema]
        self.writer.write_table(pa.table(arrays, schema=self.schema), row_group_size=ROWS)
        self.rows += size

    def close(self):
        self.writer.close()
        return self.rows


def picked(values, at):
    return pa.array(values, pa.large_string()).take(pa.array(at))


def masked(values, null):
    return pa.array(values, mask=null)


def instants(seconds, null=None):
    return pa.array(seconds.astype("int64") * 1_000_000, pa.int64(), mask=null).cast(pa.timestamp("us"))


def some(rng, size, true, null):
    """True, false or null with these chances."""
    return masked(rng.random(size) < true, rng.random(size) < null)


def people(table, roster, collection):
    days = lambda values, null=None: pa.array(values.astype("int32"), pa.int32(), mask=null).cast(pa.date32())
    ids = [f"RH:{e}" for e in roster.employee]
    table.add({
        "person_id": ids, "employee_id": roster.employee, "display_name": [f"{g} {f}" for g, f in zip(roster.given, roster.family)],
        "given_name": roster.given, "family_name": roster.family, "emails": roster.email, "org_unit": picked(UNITS, roster.unit),
        "site": picked(SITES, roster.site), "manager_id": picked(ids, roster.manager), "contract": ["CDI"] * roster.count,
        "status": picked(["active", "left"], roster.left.astype(int)), "joined_on": days(roster.joined), "left_on": days(roster.left_on, ~roster.left),
        "collection_id": [collection] * roster.count})


def accounts(rng, table, roster, ids, system, collections):
    """In pieces, to stay small. `ids` and `system` were drawn before, for the grants need them too."""
    for first in range(0, len(ids), ROWS):
        size = min(ROWS, len(ids) - first)
        n = np.arange(first, first + size)
        p = n % roster.count
        kind = rng.choice(5, size, p=[0.92, 0.045, 0.01, 0.005, 0.02])
        human = (kind == 0) | (kind == 4)
        link = np.where(human, rng.choice(4, size, p=[0.93, 0.02, 0.03, 0.02]), 3)  # definite, declared, candidate, none
        lonely = link == 3
        left = roster.left[p]
        chance = rng.random(size)
        enabled = masked(np.where(left, chance < 0.05, chance < 0.9), rng.random(size) < 0.02)
        created = NOW - rng.integers(DAY, 3000 * DAY, size)
        seen = np.maximum(created, NOW - (rng.exponential(22, size) * DAY).astype(np.int64))
        changed = np.maximum(created, NOW - (rng.exponential(150, size) * DAY).astype(np.int64))
        weak = rng.random(size) < 0.002
        person = [f"RH:{roster.employee[i]}" for i in p]
        table.add({
            "account_id": ids[first:first + size], "system": picked(SYSTEMS, system[first:first + size]),
            "login": [f"{roster.login[i]}{j}" for i, j in zip(p, n)], "display_name": [f"{roster.given[i]} {roster.family[i]}" for i in p],
            "emails": masked([roster.email[i] for i in p], ~human | (rng.random(size) < 0.1)),
            "employee_id": masked([roster.employee[i] for i in p], ~human | (rng.random(size) < 0.1)),
            "kind": picked(["human", "service", "shared", "break_glass", "unknown"], kind), "enabled": enabled, "locked": some(rng, size, 0.01, 0.05),
            "expires_on": instants(np.full(size, NOW + 300 * DAY), rng.random(size) < 0.9),
            "last_login_at": instants(seen, rng.random(size) < 0.05), "last_login_precision": picked(["exact", "days_14", "none"], rng.choice(3, size, p=[0.6, 0.37, 0.03])),
            "created_at": instants(created), "password_changed_at": instants(changed, rng.random(size) < 0.02),
            "password_never_expires": some(rng, size, 0.03, 0.03), "owner_id": masked(person, human | (rng.random(size) < 0.15)),
            "person_id": masked(person, lonely), "link_rule": masked(np.array(["employee_id", "declared", "name", ""], object)[link], lonely),
            "link_confidence": masked(np.array([1.0, 1.0, 0.5, 0.0])[link], lonely), "link_status": picked(["definite", "declared", "candidate", "none"], link),
            "attributes": [f'{{"department":"{UNITS[roster.unit[i]]}"' + (',"password_not_required":true' if w else "") + f',"site":"{SITES[roster.site[i]]}"}}' for i, w in zip(p, weak)],
            "collection_id": picked(collections, system[first:first + size])})


def entitlements(rng, table, collections):
    """Ids and names of all rights, system by system; one in twenty is privileged, some cannot tell."""
    count = len(SYSTEMS) * RIGHTS
    at = np.arange(count) // RIGHTS
    ids = [f"{SYSTEMS[s]}:{u}" for s, u in zip(at, uuids(rng, count))]
    names = [f"{('Accès', 'Opérateurs', 'Lecture')[i % 3]} {UNITS[i % len(UNITS)]} {i % RIGHTS:03d}" for i in range(count)]
    privileged = some(rng, count, 0.05, 0.02)
    table.add({"entitlement_id": ids, "system": picked(SYSTEMS, at), "resource": picked(SYSTEMS, at), "name": names,
               "privileged": privileged, "collection_id": picked(collections, at)})
    return ids, names, np.array(privileged.fill_null(False))


def grants(rng, table, ids, system, rights, collections, count):
    """`count` grants, no pair twice, in the order of the accounts; three in ten pass through groups. Returns the pairs of
    account and right that give administration."""
    right_ids, names, privileged = rights
    each = np.bincount(rng.integers(0, len(ids), count), minlength=len(ids))
    start, stride = (rng.random(len(ids)) ** 2 * RIGHTS).astype(np.int64), np.array([1, 3, 7, 9, 11, 13, 17, 19])[rng.integers(0, 8, len(ids))]
    account = np.repeat(np.arange(len(ids)), each)
    nth = np.arange(count) - np.repeat(np.cumsum(each) - each, each)
    right = system[account] * RIGHTS + (start[account] + nth * stride[account]) % RIGHTS
    direct = rng.random(count) < 0.7
    account_ids, right_ids = pa.array(ids, pa.large_string()), pa.array(right_ids, pa.large_string())
    via = pa.array([f"{a} > {b}" for a, b in zip(names, names[1:] + names[:1])], pa.large_string())
    for first in range(0, count, ROWS):
        part = slice(first, first + ROWS)
        table.add({"account_id": account_ids.take(pa.array(account[part])), "entitlement_id": right_ids.take(pa.array(right[part])), "direct": direct[part],
                   "via": via.take(pa.array(right[part], mask=direct[part])), "collection_id": picked(collections, system[account[part]])})
    high = privileged[right]
    return account_ids.take(pa.array(account[high])), right_ids.take(pa.array(right[high]))


def decisions(rng, table, pairs, collection):
    """Six in ten administration rights were confirmed with a reason within the last 500 days."""
    kept = pa.array(rng.random(len(pairs[0])) < 0.6)
    account, right = pairs[0].filter(kept), pairs[1].filter(kept)
    size = len(account)
    same = lambda text: [text] * size
    system = pc.list_element(pc.split_pattern(account, ":", max_splits=1), 0)
    table.add({"campaign_id": same("2025"), "campaign_kind": same("full"), "system": system, "item_id": [f"L{i:08d}" for i in range(size)], "reviewer_id": same("RH:0000001"), "account_id": account,
               "entitlement_id": right, "decision": same("keep"), "justification": same("Astreinte d'exploitation"),
               "decided_at": instants(NOW - rng.integers(0, 500 * DAY, size)), "collection_id": same(collection)})
