//! A bundle sealed once and for all, with the anchor it must be verified against.
//!
//! It is a file, not made anew at each start: what was sealed yesterday must still be valid under tomorrow's code, and nothing
//! that a fuzzer makes may be valid without being it. `examples/seeds.rs` made it; its key was thrown away.

use std::io::Write as _;
use std::sync::OnceLock;

use crate::bundle::layout::{ASIC_MANIFEST, SIGNATURE};
use crate::bundle::tsa::Token;
use crate::bundle::{Lang, TrustAnchor, Verdict, verify_source};
use crate::containers::{Entries, unpack};

/// The bundle.
pub const BUNDLE: &[u8] = include_bytes!("../corpus/bundle/sealed.asice");
/// Certificate of its signer, in PEM.
pub const ANCHOR: &str = include_str!("../anchor.pem");

/// A time-stamp by an authority of the tests, and what it was made for.
pub const TOKEN: &[u8] = include_bytes!("../corpus/time_stamp/token.der");
pub const STAMPED: &[u8] = include_bytes!("../corpus/time_stamp/stamped");

/// When everything is verified: a day after the sealing.
#[must_use]
pub fn now() -> jiff::Timestamp {
    // 2026-10-02T08:30:00Z.
    jiff::Timestamp::from_second(1_790_929_800).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

/// What to trust.
#[must_use]
pub fn anchors() -> &'static [TrustAnchor] {
    static ANCHORS: OnceLock<Vec<TrustAnchor>> = OnceLock::new();
    ANCHORS.get_or_init(|| {
        // Anchors are loaded from files only.
        let path = std::env::temp_dir().join(format!("probant-fuzz-anchor-{}.pem", std::process::id()));
        let written = std::fs::File::create(&path).and_then(|mut file| file.write_all(ANCHOR.as_bytes()));
        written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let anchors = TrustAnchor::load(&path).unwrap_or_else(|error| panic!("the anchor: {error}"));
        let _ = std::fs::remove_file(&path);
        anchors
    })
}

#[must_use]
pub fn judge(bytes: &[u8]) -> Verdict {
    verify_source(bytes, anchors(), now(), Lang::En)
}

/// Names and contents of the bundle.
#[must_use]
pub fn entries() -> &'static Entries {
    static ENTRIES: OnceLock<Entries> = OnceLock::new();
    ENTRIES.get_or_init(|| unpack(BUNDLE).unwrap_or_else(|fault| panic!("the frozen bundle: {}", fault.text(Lang::En))))
}

fn entry(name: &str) -> &'static [u8] {
    entries().iter().find(|(n, _)| n == name).map(|(_, content)| content.as_slice()).unwrap_or_default()
}

/// Its signed manifest.
#[must_use]
pub fn manifest() -> &'static [u8] {
    entry(ASIC_MANIFEST)
}

/// Its signature file.
#[must_use]
pub fn signature() -> &'static [u8] {
    entry(SIGNATURE)
}

/// The frozen time-stamp, read.
#[must_use]
pub fn authority() -> &'static Token {
    static TOKEN_READ: OnceLock<Token> = OnceLock::new();
    TOKEN_READ.get_or_init(|| Token::parse(TOKEN).unwrap_or_else(|fault| panic!("the frozen token: {}", fault.text(Lang::En))))
}
