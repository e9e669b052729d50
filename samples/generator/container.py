"""ZIP containers with the same bytes on every machine: members stored, not deflated (zlib's output changes between versions),
in a fixed order, dated 1980-01-01."""
from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def pack(members: list[tuple[str, str | bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o600 << 16
            info.create_system = 3
            archive.writestr(info, content.encode() if isinstance(content, str) else content)
    return buffer.getvalue()


def text(value: str) -> str:
    return escape(value)


def attribute(value: str) -> str:
    return escape(value, {'"': "&quot;", "\n": "&#10;"})
