"""workbook_read.py python-calamine|openpyxl FOLDER

Reads the three sheets of lines of every workbook and counts the decisions: no hash, no check of who decides on what, no log.
"""

import json
import os
import sys

LIBRARY, FOLDER = sys.argv[1:3]
SHEETS = range(1, 4)
ITEM, DECISION = 0, 14


def calamine_rows(path):
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(path)
    for index in SHEETS:
        yield from book.get_sheet_by_index(index).to_python(skip_empty_area=False)


def openpyxl_rows(path):
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True)
    for index in SHEETS:
        yield from book.worksheets[index].iter_rows(values_only=True)


def main():
    rows = {"python-calamine": calamine_rows, "openpyxl": openpyxl_rows}[LIBRARY]
    files = lines = 0
    for name in sorted(os.listdir(FOLDER)):
        files += 1
        lines += sum(1 for row in rows(f"{FOLDER}/{name}") if len(row) > DECISION and row[ITEM] and row[DECISION] == "Conserver")
    print(json.dumps({"files": files, "lines": lines}))


main()
