"""LDIF as slapcat, ldapsearch and ldifde write it (RFC 2849): folding at 76 columns, base64 where a value is not a safe string."""
from __future__ import annotations

import base64
import hashlib
import struct
import uuid

WIDTH = 76


def _safe(value: str) -> bool:
    if not value:
        return True
    return value[0] not in " :<" and value[-1] != " " and all(0 < ord(c) < 128 and c not in "\r\n" for c in value)


def line(name: str, value: str | bytes, fold: bool = True, unicode_plain: bool = False) -> list[str]:
    """One attribute value. ldifde -u writes accents as they are, everyone else in base64 of UTF-8."""
    if isinstance(value, bytes):
        text = f"{name}:: {base64.b64encode(value).decode()}"
    elif _safe(value) or (unicode_plain and value[0] not in " :<"):
        text = f"{name}: {value}"
    else:
        text = f"{name}:: {base64.b64encode(value.encode()).decode()}"
    if not fold:
        return [text]
    lines, text = [text[:WIDTH]], text[WIDTH:]
    while text:
        lines.append(" " + text[: WIDTH - 1])
        text = text[WIDTH - 1:]
    return lines


def entry(dn: str, attributes: list[tuple[str, str | bytes]], end: str = "\n", unicode_plain: bool = False) -> str:
    lines = line("dn", dn, unicode_plain=unicode_plain)
    for name, value in attributes:
        lines += line(name, value, unicode_plain=unicode_plain)
    return end.join(lines) + end + end


def guid_bytes(guid: str) -> bytes:
    """objectGUID: the first three fields are little-endian (MS-DTYP 2.3.4.2)."""
    return uuid.UUID(guid).bytes_le


def sid_bytes(sid: str) -> bytes:
    """objectSid (MS-DTYP 2.4.2.2)."""
    _, revision, authority, *rest = sid.split("-")
    return struct.pack("BB", int(revision), len(rest)) + int(authority).to_bytes(6, "big") + b"".join(struct.pack("<I", int(r)) for r in rest)


def ssha(login: str) -> bytes:
    """A salted hash of nothing secret: real exports hold such values, and the reader must redact them."""
    salt = hashlib.sha256(login.encode()).digest()[:4]
    return b"{SSHA}" + base64.b64encode(hashlib.sha1(b"mot-de-passe-fictif " + login.encode() + salt).digest() + salt)
