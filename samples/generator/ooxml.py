"""xlsx and docx written by hand (ECMA-376): just what spreadsheets and word processors need, and the core properties."""
from __future__ import annotations

from datetime import date, datetime

from .container import XML, attribute, pack, text

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PKG = "http://schemas.openxmlformats.org/package/2006"
CORE_TYPE = "application/vnd.openxmlformats-package.core-properties+xml"
STYLES = (f'{XML}<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/>'
          '<numFmt numFmtId="165" formatCode="dd/mm/yyyy hh:mm"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
          '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill>'
          '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
          '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4">'
          '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
          '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
          '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
          '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>')


def core(props: dict[str, str]) -> str:
    """docProps/core.xml: title, creator, lastModifiedBy, created, modified, version; what is absent is left out."""
    body = ""
    for key, tag in (("title", "dc:title"), ("creator", "dc:creator"), ("editor", "cp:lastModifiedBy"), ("version", "cp:version")):
        if key in props:
            body += f"<{tag}>{text(props[key])}</{tag}>"
    for key in ("created", "modified"):
        if key in props:
            body += f'<dcterms:{key} xsi:type="dcterms:W3CDTF">{props[key]}</dcterms:{key}>'
    return (f'{XML}<cp:coreProperties xmlns:cp="{PKG}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
            f'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{body}</cp:coreProperties>')


def _types(overrides: list[tuple[str, str]]) -> str:
    body = "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in overrides)
    return (f'{XML}<Types xmlns="{PKG}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{body}</Types>')


def _relations(items: list[tuple[str, str]]) -> str:
    body = "".join(f'<Relationship Id="rId{n}" Type="{kind}" Target="{target}"/>' for n, (kind, target) in enumerate(items, 1))
    return f'{XML}<Relationships xmlns="{PKG}/relationships">{body}</Relationships>'


def column(index: int) -> str:
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def serial(value: date) -> str:
    """Day number of Excel's 1900 system."""
    if isinstance(value, datetime):
        span = value - datetime(1899, 12, 30)
        return repr(span.days + span.seconds / 86_400) if span.seconds else str(span.days)
    return str((value - date(1899, 12, 30)).days)


def _cell(where: str, value, shared: dict[str, int], bold: bool) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return f'<c r="{where}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, (int, float)):
        return f'<c r="{where}"><v>{value}</v></c>'
    if isinstance(value, date):
        return f'<c r="{where}" s="{2 if isinstance(value, datetime) else 1}"><v>{serial(value)}</v></c>'
    index = shared.setdefault(value, len(shared))
    return f'<c r="{where}" t="s"{" s=" + chr(34) + "3" + chr(34) if bold else ""}><v>{index}</v></c>'


def xlsx(sheets: list[tuple[str, list[list]]], props: dict[str, str], header_row: int = 0) -> bytes:
    """Sheets of rows of None, str, bool, numbers, dates; `header_row` (from 0) is in bold."""
    shared: dict[str, int] = {}
    parts, names = [], ""
    for number, (name, rows) in enumerate(sheets, 1):
        body = ""
        for r, row in enumerate(rows):
            cells = "".join(_cell(f"{column(c)}{r + 1}", value, shared, r == header_row) for c, value in enumerate(row))
            body += f'<row r="{r + 1}">{cells}</row>' if cells else ""
        parts.append((f"xl/worksheets/sheet{number}.xml", f'{XML}<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'))
        names += f'<sheet name="{attribute(name)}" sheetId="{number}" r:id="rId{number}"/>'
    strings = "".join(f'<si><t xml:space="preserve">{text(s)}</t></si>' for s in shared)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    types = [("/xl/workbook.xml", kind + "sheet.main+xml"), ("/xl/styles.xml", kind + "styles+xml"), ("/xl/sharedStrings.xml", kind + "sharedStrings+xml"),
             ("/docProps/core.xml", CORE_TYPE), *((f"/{part}", kind + "worksheet+xml") for part, _ in parts)]
    inner = [(f"{REL}/worksheet", part.removeprefix("xl/")) for part, _ in parts] + [(f"{REL}/styles", "styles.xml"), (f"{REL}/sharedStrings", "sharedStrings.xml")]
    return pack([
        ("[Content_Types].xml", _types(types)),
        ("_rels/.rels", _relations([(f"{REL}/officeDocument", "xl/workbook.xml"), (f"{PKG}/relationships/metadata/core-properties", "docProps/core.xml")])),
        ("docProps/core.xml", core(props)),
        ("xl/workbook.xml", f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets>{names}</sheets></workbook>'),
        ("xl/_rels/workbook.xml.rels", _relations(inner)),
        ("xl/styles.xml", STYLES),
        ("xl/sharedStrings.xml", f'{XML}<sst xmlns="{MAIN}" count="{len(shared)}" uniqueCount="{len(shared)}">{strings}</sst>'),
        *parts,
    ])


def docx(paragraphs: list[str], props: dict[str, str]) -> bytes:
    body = "".join(f'<w:p><w:r><w:t xml:space="preserve">{text(p)}</w:t></w:r></w:p>' for p in paragraphs)
    types = [("/word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml")]
    relations = [(f"{REL}/officeDocument", "word/document.xml")]
    members = [("word/document.xml", f'{XML}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>')]
    if props:
        types.append(("/docProps/core.xml", CORE_TYPE))
        relations.append((f"{PKG}/relationships/metadata/core-properties", "docProps/core.xml"))
        members.append(("docProps/core.xml", core(props)))
    return pack([("[Content_Types].xml", _types(types)), ("_rels/.rels", _relations(relations)), *members])
