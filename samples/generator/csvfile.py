"""Delimited files as tools write them: delimiter, quoting, line ends and encoding are each tool's own."""
from __future__ import annotations


def cell(text: str, delimiter: str, always: bool = False) -> str:
    if always or any(c in text for c in (delimiter, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text


def table(rows: list[list[str]], delimiter: str = ";", end: str = "\r\n", quoted: bool = False) -> str:
    return "".join(delimiter.join(cell(c, delimiter, quoted) for c in row) + end for row in rows)
