//! SHA-256 as the store, the ledger and the bundle write it: lower-case hexadecimal.

use std::fmt::Write as _;
use std::io::{self, Read};

use sha2::{Digest, Sha256};

/// Digest of bytes in memory.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    text(&Sha256::digest(bytes))
}

/// Writes a digest in hexadecimal.
#[must_use]
pub fn text(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(digest.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a String cannot fail
        text
    })
}

/// Digest and length of a stream, in constant memory.
pub fn stream(mut from: impl Read) -> io::Result<(String, u64)> {
    let mut hasher = Sha256::new();
    let mut block = vec![0; 1 << 18];
    let mut length = 0;
    loop {
        match from.read(&mut block) {
            Ok(0) => return Ok((text(&hasher.finalize()), length)),
            Ok(read) => {
                hasher.update(block.get(..read).unwrap_or_default());
                length += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
