//! The bundle as its users meet it: sealed, read by everyday tools, and refused after every kind of change.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests stop at the first surprise, run other programs and say which are missing"
)]

#[path = "bundle/kit.rs"]
mod kit;

#[path = "seal_support/pki.rs"]
mod pki;

#[path = "bundle/authority.rs"]
mod authority;

#[path = "bundle/forged.rs"]
mod forged;

#[path = "bundle/held_against.rs"]
mod held_against;

#[path = "bundle/levels.rs"]
mod levels;

#[path = "bundle/seal.rs"]
mod seal;

#[path = "bundle/tools.rs"]
mod tools;

#[path = "bundle/tamper_content.rs"]
mod tamper_content;

#[path = "bundle/tamper_zip.rs"]
mod tamper_zip;

#[path = "bundle/tamper_signature.rs"]
mod tamper_signature;

#[path = "bundle/trust.rs"]
mod trust;

#[path = "bundle/keys.rs"]
mod keys;

#[path = "bundle/key_kinds.rs"]
mod key_kinds;

#[path = "bundle/key_life.rs"]
mod key_life;

#[path = "bundle/envelope.rs"]
mod envelope;

#[path = "bundle/manifests_only.rs"]
mod manifests_only;

#[path = "bundle/mutations.rs"]
mod mutations;
