//! Why a whole file is refused, in words that say what it is instead and what to do.

use super::lines::Fault;
use crate::sources::directory::DecodeError;

/// Why a file cannot be read as a directory export.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Lines(#[from] Fault),
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error("{message}")]
    Line { line: u64, message: String },
}

/// A record that says what to change in a directory that is not here.
#[must_use]
pub fn change_record(line: u64, kind: &str) -> ReadError {
    let what = "this file says what to change, not what there is";
    let message =
        format!("a change record (`changetype: {kind}`): {what}; export the directory's content (ldapsearch, slapcat, ldifde)");
    ReadError::Line { line, message }
}

/// A version other than RFC 2849's.
#[must_use]
pub fn version(line: u64, version: &str) -> ReadError {
    ReadError::Line { line, message: format!("LDIF version {version} is not known: version 1 is (RFC 2849)") }
}

/// The file does not begin as an export does.
#[must_use]
pub fn not_ldif(line: u64, reason: &str, bytes: &[u8]) -> ReadError {
    ReadError::Line { line, message: format!("this is not LDIF ({reason}; expected `dn: …`){}", sniff(bytes)) }
}

/// Files that are sometimes handed over in the place of an export.
fn sniff(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x1f, 0x8b, ..] => ": it is compressed with gzip; decompress it first",
        [b'P', b'K', 3, 4, ..] => ": it is a ZIP archive or a workbook",
        [b'B', b'Z', b'h', ..] => ": it is compressed with bzip2; decompress it first",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => ": it is compressed with zstd; decompress it first",
        [b'{' | b'[' | b'<', ..] => ": it looks like JSON or XML",
        bytes if bytes.starts_with(b"ldap_") => ": it is an error message of ldapsearch, whose output was empty",
        _ => "",
    }
}
