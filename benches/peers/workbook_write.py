"""workbook_write.py xlsxwriter|openpyxl|pyexcelerate LINES.parquet FOLDER one|split

Writes the lines as one workbook, or one a reviewer: the same twenty columns as Probant, hidden id and hash and the state's formula included.
xlsxwriter: constant memory, formats, drop-down. openpyxl: write-only, formats, drop-down. pyexcelerate: values only, it has no drop-downs.
"""

import itertools
import json
import os
import sys

import pyarrow.parquet as pq

LIBRARY, SOURCE, FOLDER, MODE = sys.argv[1:5]
HEAD = ["Id de ligne", "N°", "Personne", "Compte", "Outil", "Droit et description", "Privilégié", "Obtenu", "Dernière connexion", "Depuis la revue précédente",
        "Décision précédente", "Alertes", "Recommandation", "Motif", "Décision", "Changement demandé", "Justification", "Commentaire", "État", "Empreinte"]
STATE = ('=IF(O{0}="","○ À décider",IF(ISNA(MATCH(O{0},probant_decisions,0)),"⚠ Choix inconnu",IF(AND(O{0}="Modifier",TRIM(P{0})=""),"⚠ Changement",'
         'IF(AND(OR(O{0}<>"Conserver",G{0}="Oui"),TRIM(Q{0})=""),"⚠ Justification","✓ Complet"))))')
CHOICES = ["Conserver", "Révoquer", "Modifier"]


def rows():
    """Reviewer and cells, in the order of the file."""
    for batch in pq.ParquetFile(SOURCE).iter_batches(20_000):
        for row in zip(*[column.to_pylist() for column in batch.columns]):
            yield row[0], row[2:]


def xlsxwriter_book(path, lines):
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False})
    frame = {"border": 1, "border_color": "#C9D1D9", "valign": "top", "font_size": 10}
    head = book.add_format(frame | {"bold": True, "bg_color": "#2B3F50", "font_color": "#FFFFFF"})
    line = book.add_format(frame | {"text_wrap": True})
    typed = book.add_format(frame | {"text_wrap": True, "bg_color": "#FFFBE8", "locked": False})
    state = book.add_format(frame | {"bold": True})
    book.define_name("probant_decisions", "=Listes!$A$1:$A$3")
    sheet = book.add_worksheet("À revoir")
    sheet.set_default_row(41)
    sheet.freeze_panes(1, 4)
    for column, text in enumerate(HEAD):
        sheet.write_string(0, column, text, head)
    count = 0
    for count, (_, cells) in enumerate(lines, 1):
        sheet.write_string(count, 0, cells[0], line)
        sheet.write_number(count, 1, count, line)
        for column, text in enumerate(cells[1:13], 2):
            sheet.write_string(count, column, text, line)
        for column in range(14, 18):
            sheet.write_blank(count, column, None, typed)
        sheet.write_formula(count, 18, STATE.format(count + 1), state, "○ À décider")
        sheet.write_string(count, 19, cells[13], line)
    sheet.autofilter(0, 0, count, 19)
    sheet.data_validation(1, 14, max(1, count), 14, {"validate": "list", "source": "=probant_decisions"})
    lists = book.add_worksheet("Listes")
    lists.write_column(0, 0, CHOICES)
    book.close()
    return count


def openpyxl_book(path, lines):
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
    from openpyxl.workbook.defined_name import DefinedName
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook(write_only=True)
    sheet = book.create_sheet("À revoir")
    sheet.freeze_panes = "E2"
    edge = Side(style="thin", color="C9D1D9")
    border, wrap, fill, free = Border(edge, edge, edge, edge), Alignment(wrap_text=True, vertical="top"), PatternFill("solid", fgColor="FFFBE8"), Protection(locked=False)

    def cell(value, bold=False, typed=False):
        made = WriteOnlyCell(sheet, value)
        made.border, made.alignment = border, wrap
        if bold:
            made.font = Font(bold=True)
        if typed:
            made.fill, made.protection = fill, free
        return made

    sheet.append([cell(text, bold=True) for text in HEAD])
    count = 0
    for count, (_, cells) in enumerate(lines, 1):
        own = [cell(cells[0]), cell(count), *(cell(text) for text in cells[1:13])]
        sheet.append([*own, *(cell(None, typed=True) for _ in range(4)), cell(STATE.format(count + 1), bold=True), cell(cells[13])])
    choice = DataValidation(type="list", formula1="probant_decisions")
    sheet.data_validations.append(choice)
    choice.add(f"O2:O{count + 1}")
    sheet.auto_filter.ref = f"A1:T{count + 1}"
    lists = book.create_sheet("Listes")
    for word in CHOICES:
        lists.append([word])
    book.defined_names["probant_decisions"] = DefinedName("probant_decisions", attr_text="Listes!$A$1:$A$3")
    book.save(path)
    return count


def pyexcelerate_book(path, lines):
    from pyexcelerate import Workbook

    book = Workbook()
    data = [HEAD]
    data.extend([cells[0], number, *cells[1:13], "", "", "", "", "○ À décider", cells[13]] for number, (_, cells) in enumerate(lines, 1))
    book.new_sheet("À revoir", data=data)
    book.save(path)
    return len(data) - 1


def main():
    os.makedirs(FOLDER, exist_ok=True)
    make = {"xlsxwriter": xlsxwriter_book, "openpyxl": openpyxl_book, "pyexcelerate": pyexcelerate_book}[LIBRARY]
    groups = [("all", rows())] if MODE == "one" else itertools.groupby(rows(), key=lambda row: row[0])
    count = files = 0
    for number, (_, lines) in enumerate(groups):
        count += make(f"{FOLDER}/{number:04}.xlsx", lines)
        files += 1
    print(json.dumps({"lines": count, "files": files, "bytes": sum(os.path.getsize(f"{FOLDER}/{name}") for name in os.listdir(FOLDER))}))


main()
