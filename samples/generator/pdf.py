"""A one-page PDF 1.4 with an Info dictionary (ISO 32000-1, 14.3.3)."""
from __future__ import annotations

from datetime import datetime


def _string(value: str) -> str:
    """Text string as UTF-16BE with its byte order mark, in hexadecimal: the only form that holds every accent."""
    return "<" + ("\ufeff" + value).encode("utf-16-be").hex().upper() + ">"


def _date(instant: datetime) -> str:
    return instant.strftime("(D:%Y%m%d%H%M%SZ)")


def pdf(line: str, title: str, author: str | None, created: datetime, modified: datetime) -> bytes:
    shown = line.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    stream = b"BT /F1 14 Tf 60 760 Td (" + shown + b") Tj ET"
    info = f"<< /Title {_string(title)}" + (f" /Author {_string(author)}" if author else "")
    info += f" /Creator {_string('LibreOffice Writer')} /CreationDate {_date(created)} /ModDate {_date(modified)} >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length " + str(len(stream)).encode() + b" >>\nstream\n" + stream + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        info.encode(),
    ]
    out, offsets = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += str(number).encode() + b" 0 obj\n" + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode() + b"".join(f"{o:010d} 00000 n \n".encode() for o in offsets)
    return out + f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 6 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
