//! Generated pages are as their tables say. `PROBANT_WRITE_PAGES=1 cargo test --release --test pages` writes them again.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use std::fs;
use std::path::Path;

use probant::judge::controls::{Framework, checks};
use probant::judge::pages::matrix;
use probant::snapshot::pages::columns;

fn same(page: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    if std::env::var_os("PROBANT_WRITE_PAGES").is_some() {
        fs::write(&path, made).unwrap();
    }
    let held = fs::read_to_string(&path).unwrap_or_default();
    assert!(held == made, "{page} is stale: PROBANT_WRITE_PAGES=1 cargo test --release --test pages");
}

#[test]
fn the_page_of_columns() {
    same("src/snapshot/COLUMNS.md", &columns());
}

#[test]
fn the_control_matrix() {
    let framework = Framework::iso27001().unwrap();
    same("controls/MATRIX.md", &matrix(&framework, &checks(&[], &framework).unwrap()));
}
