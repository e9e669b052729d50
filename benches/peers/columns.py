"""What every LDIF peer writes: two Parquet files, in pieces, so that none of them holds the whole directory."""

import json
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

WANTED = ("uid", "cn", "displayName", "mail", "employeeNumber", "entryUUID", "pwdAccountLockedTime", "authTimestamp", "pwdChangedTime", "createTimestamp")


class Output:
    """Persons and memberships on their way to `folder`."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.person_schema = pa.schema([(name, pa.string()) for name in ("dn", *WANTED)])
        self.member_schema = pa.schema([("group", pa.string()), ("member", pa.string())])
        self.to_persons = pq.ParquetWriter(folder / "persons.parquet", self.person_schema, compression="zstd")
        self.to_members = pq.ParquetWriter(folder / "members.parquet", self.member_schema, compression="zstd")
        self.persons, self.groups, self.members = [], [], []
        self.count = {"persons": 0, "members": 0}

    def person(self, row):
        """`row`: the DN, then one text or None for each of WANTED."""
        self.persons.append(row)
        if len(self.persons) >= 50_000:
            self.flush()

    def group(self, dn, members):
        self.groups += [dn] * len(members)
        self.members += members
        if len(self.members) >= 500_000:
            self.flush()

    def flush(self):
        if self.persons:
            self.to_persons.write_table(pa.table([pa.array(column, pa.string()) for column in zip(*self.persons)], schema=self.person_schema))
        if self.members:
            self.to_members.write_table(pa.table([pa.array(self.groups), pa.array(self.members)], schema=self.member_schema))
        self.count["persons"] += len(self.persons)
        self.count["members"] += len(self.members)
        self.persons, self.groups, self.members = [], [], []

    def close(self):
        """Ends the files and prints what was counted."""
        self.flush()
        self.to_persons.close()
        self.to_members.close()
        print(json.dumps(self.count))
