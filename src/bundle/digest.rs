//! SHA-256 in the one shape the bundle uses it, and its spelling in hexadecimal.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// The only digest that manifests hold.
pub type Digest = [u8; 32];

#[must_use]
pub fn sha256(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}

#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Lower case only: the manifests are compared byte for byte.
#[must_use]
pub fn from_hex(text: &str) -> Option<Digest> {
    let mut digest = [0_u8; 32];
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(digest)
}
