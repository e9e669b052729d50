"""ods and odt written by hand (OpenDocument 1.3), with the meta.xml that LibreOffice writes."""
from __future__ import annotations

from datetime import date, datetime

from .container import attribute, pack, text

NS = ('xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
      'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" '
      'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" '
      'xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.3"')
DAY = '<number:day number:style="long"/><number:text>/</number:text><number:month number:style="long"/><number:text>/</number:text><number:year number:style="long"/>'
TIME = '<number:text> </number:text><number:hours number:style="long"/><number:text>:</number:text><number:minutes number:style="long"/>'
STYLES = (f'<office:automatic-styles><number:date-style style:name="N1">{DAY}</number:date-style><number:date-style style:name="N2">{DAY}{TIME}</number:date-style>'
          '<style:style style:name="ce1" style:family="table-cell" style:data-style-name="N1"/>'
          '<style:style style:name="ce2" style:family="table-cell" style:data-style-name="N2"/></office:automatic-styles>')
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
MIME = "application/vnd.oasis.opendocument."


def _meta(props: dict[str, str]) -> str:
    tags = {"title": "dc:title", "editor": "dc:creator", "creator": "meta:initial-creator", "created": "meta:creation-date", "modified": "dc:date"}
    body = "".join(f"<{tag}>{text(props[key])}</{tag}>" for key, tag in tags.items() if key in props)
    for key, value in props.items():
        if key not in tags and key != "version":
            body += f'<meta:user-defined meta:name="{attribute(key)}">{text(value)}</meta:user-defined>'
    return f"{HEAD}<office:document-meta {NS}><office:meta>{body}</office:meta></office:document-meta>"


def _cell(value) -> str:
    if value is None or value == "":
        return "<table:table-cell/>"
    if isinstance(value, (int, float)):
        shown = str(value).replace(".", ",")
        return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{shown}</text:p></table:table-cell>'
    if isinstance(value, datetime):
        return (f'<table:table-cell table:style-name="ce2" office:value-type="date" office:date-value="{value.strftime("%Y-%m-%dT%H:%M:%S")}">'
                f'<text:p>{value.strftime("%d/%m/%Y %H:%M")}</text:p></table:table-cell>')
    if isinstance(value, date):
        return f'<table:table-cell table:style-name="ce1" office:value-type="date" office:date-value="{value.isoformat()}"><text:p>{value.strftime("%d/%m/%Y")}</text:p></table:table-cell>'
    lines = "".join(f"<text:p>{text(line)}</text:p>" for line in value.split("\n"))
    return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'


def _package(kind: str, content: str, props: dict[str, str]) -> bytes:
    manifest = (f'{HEAD}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
                f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{MIME}{kind}"/>'
                '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
                '<manifest:file-entry manifest:full-path="meta.xml" manifest:media-type="text/xml"/></manifest:manifest>')
    return pack([("mimetype", MIME + kind), ("content.xml", content), ("meta.xml", _meta(props)), ("META-INF/manifest.xml", manifest)])


def ods(sheets: list[tuple[str, list[list]]], props: dict[str, str]) -> bytes:
    tables = ""
    for name, rows in sheets:
        body = "".join("<table:table-row>" + "".join(_cell(v) for v in row or [None]) + "</table:table-row>" for row in rows)
        tables += f'<table:table table:name="{attribute(name)}">{body}</table:table>'
    content = f"{HEAD}<office:document-content {NS}>{STYLES}<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    return _package("spreadsheet", content, props)


def odt(paragraphs: list[str], props: dict[str, str]) -> bytes:
    body = "".join(f"<text:p>{text(p)}</text:p>" for p in paragraphs)
    content = f"{HEAD}<office:document-content {NS}><office:body><office:text>{body}</office:text></office:body></office:document-content>"
    return _package("text", content, props)
