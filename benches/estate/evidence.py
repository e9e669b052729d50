"""Mixed evidence, as an audit piles it up: logs, exports, scans and archives, from a few kilobytes to hundreds of megabytes.

Shares of the bytes: logs 30 %, CSV 20 %, JSON 10 % (all three shrink well), scans in PDF 20 %, columnar files 15 % (neither shrinks),
office documents 5 % (already compressed). No library is needed to make them; what must not shrink is noise.
"""

import io
import zipfile

import numpy as np

# Bytes of one file of each kind, smallest and largest; the larger ones grow with the whole.
KINDS = [
    ("journaux", "log", 0.30, 200_000, 400_000_000),
    ("exports", "csv", 0.20, 20_000, 200_000_000),
    ("api", "json", 0.10, 5_000, 50_000_000),
    ("scans", "pdf", 0.20, 100_000, 20_000_000),
    ("colonnes", "parquet", 0.15, 1_000_000, 300_000_000),
    ("bureautique", "docx", 0.05, 20_000, 2_000_000),
]
NAMES = [first + last for first in "al be ca do el fa gi he is jo".split() for last in "bert dupont garnier leroy martin moreau petit roux simon".split()]
ACTIONS = ["login", "logout", "read", "write", "denied", "sudo", "backup", "restore"]


# Blocks of text made for each kind. They come again in another order: deflate looks back 32 kB, and a block is longer than that.
BLOCKS = 24
MADE = {}


def lines(rng, size, kind):
    """Text of about `size` bytes, a block at a time."""
    written = 0
    while written < size:
        made = MADE.setdefault(kind, [])
        if len(made) < BLOCKS:
            made.append(block_of(rng, 2_000, kind))
        block = made[rng.integers(len(made))]
        block = block[: block.find(b"\n", min(len(block) - 1, size - written)) + 1] or block
        yield block
        written += len(block)


def block_of(rng, count, kind):
    """So many lines."""
    who, what = rng.integers(len(NAMES), size=count), rng.integers(len(ACTIONS), size=count)
    number, moment = rng.integers(1 << 32, size=count), np.sort(rng.integers(7_900_000, size=count))
    rows = []
    for n in range(count):
        name, action = NAMES[who[n]], ACTIONS[what[n]]
        second = int(moment[n])
        at = f"2026-{7 + second // 2_680_000:02}-{1 + second // 86_400 % 28:02}T{second // 3_600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}"
        if kind == "log":
            rows.append(f"{at}+02:00 srv-{number[n] % 40:02} app[{number[n] % 30_000}]: user={name} action={action} id={number[n]:08x} status=ok\n")
        elif kind == "csv":
            rows.append(f"{number[n]};{name};{name}@agence.example;{action};{at};{number[n] % 997};oui;\n")
        else:
            rows.append(f'{{"id":"{number[n]:08x}","user":"{name}","action":"{action}","at":"{at}","tags":["q3","{action}"]}}\n')
    return "".join(rows).encode()


def noise(rng, size):
    """Bytes that nothing compresses."""
    while size > 0:
        block = rng.bytes(min(size, 1 << 22))
        yield block
        size -= len(block)


def office(rng, size):
    """A container of deflated XML and a picture, as office programs write them."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("word/document.xml"), b"".join(lines(rng, size // 2, "json")), compress_type=zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo("word/media/image1.png"), b"".join(noise(rng, size)), compress_type=zipfile.ZIP_STORED)
    yield held.getvalue()


def content(rng, extension, size):
    if extension in ("log", "csv", "json"):
        return lines(rng, size, extension)
    return office(rng, size) if extension == "docx" else noise(rng, size)


def write_evidence(rng, total, folder):
    """Files below `folder`, about `total` bytes together. Returns counts by kind."""
    made = {}
    for name, extension, share, smallest, largest in KINDS:
        left, count = int(total * share), 0
        largest = max(smallest * 2, min(largest, left // 3))
        below = folder / name
        below.mkdir(parents=True)
        while left > 0:
            # Many small files and a few large ones: sizes spread evenly over their logarithm.
            size = int(np.exp(rng.uniform(np.log(smallest), np.log(largest))))
            count += 1
            path = below / f"{extension}-{count:04}.{extension}"
            with path.open("wb") as file:
                for block in content(rng, extension, min(size, left + smallest)):
                    file.write(block)
            left -= path.stat().st_size
        made[extension] = count
    return made
