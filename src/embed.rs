//! Build script: lists the control and check files, so that adding one touches no Rust.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a build script speaks to Cargo through standard output and the environment, and stops the build by panicking"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn toml_files(folder: &Path) -> Vec<PathBuf> {
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    files
}

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap()).join("controls");
    let mut code = String::new();
    for (constant, folder) in [("FRAMEWORKS", root.clone()), ("CHECKS", root.join("checks"))] {
        writeln!(code, "pub(super) const {constant}: &[(&str, &str)] = &[").unwrap();
        for file in toml_files(&folder) {
            let name = file.strip_prefix(&root).unwrap().display().to_string();
            writeln!(code, "    ({name:?}, include_str!({:?})),", file.display().to_string()).unwrap();
        }
        code.push_str("];\n");
    }
    fs::write(PathBuf::from(env::var("OUT_DIR").unwrap()).join("controls.rs"), code).unwrap();
}
