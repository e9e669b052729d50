//! Takes from `src/sources/mod.rs` what all sources share and the modules under fuzz, and leaves the other sources out: they bring
//! an HTTP client, an LDAP client and a PDF reader, which nothing here reads with.

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

const WANTED: [&str; 7] = ["bpdbjobs", "dates", "directory", "intake", "ldif", "table", "text"];

#[expect(clippy::disallowed_methods, reason = "what Cargo tells a build script stands in its environment")]
fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../src/sources").canonicalize()?;
    let shared = folder.join("mod.rs");
    println!("cargo::rerun-if-changed={}", shared.display());
    // With a path of its own, the inline module finds its files where the original does.
    let mut text = format!("#[path = {folder:?}]\npub mod sources {{\n");
    // Comments and attributes go with the line that they stand before.
    let mut before = String::new();
    for line in fs::read_to_string(&shared)?.lines() {
        writeln!(before, "{line}")?;
        if line.starts_with("///") || line.starts_with("#[") {
            continue;
        }
        let module = line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';'));
        if module.is_none_or(|module| WANTED.contains(&module)) {
            text.push_str(&before);
        }
        before.clear();
    }
    text.push_str("}\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("sources.rs"), text)?;
    Ok(())
}
