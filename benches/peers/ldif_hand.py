"""usage: ldif_hand.py FILE.ldif FOLDER

The loop a careful script author writes: standard library only, blocks split on blank lines, nothing decoded that is not wanted. It
takes every line for a value, and so does not check what it reads: no change records, URLs, CRLF or bad base64.
"""

import sys
from base64 import b64decode

from columns import WANTED, Output

PLACE = {name: place for place, name in enumerate(("dn", *WANTED))}
BLANK = [None] * len(PLACE)


def blocks(path):
    """Entries as text, unfolded."""
    rest = ""
    with open(path, encoding="utf-8", newline="\n") as file:
        while piece := file.read(1 << 20):
            *whole, rest = (rest + piece).split("\n\n")
            for block in whole:
                yield block.replace("\n ", "") if "\n " in block else block
    if rest.strip():
        yield rest.rstrip("\n").replace("\n ", "")


def text(value):
    """What follows the first colon, decoded."""
    return b64decode(value[1:]).decode() if value.startswith(":") else value[1:]


def main(source, folder):
    out = Output(folder)
    place = PLACE.get
    for block in blocks(source):
        if "\nobjectClass: inetOrgPerson\n" in block:
            row = BLANK.copy()
            for line in block.split("\n"):
                name, _, value = line.partition(":")
                at = place(name)
                if at is not None and row[at] is None:
                    row[at] = text(value)
            out.person(row)
        elif "\nobjectClass: groupOfNames\n" in block:
            pairs = [line.partition(":") for line in block.split("\n")]
            out.group(text(pairs[0][2]), [text(value) for name, _, value in pairs if name == "member"])
    out.close()


main(*sys.argv[1:])
