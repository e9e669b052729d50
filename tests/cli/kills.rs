//! Kills the command at an operation on files, not at a time: the same instants are reached on every machine. See `kills.c`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::kit::tool;

/// What a command did to files, up to its end or its death, in order.
pub(crate) struct Life {
    pub(crate) killed: bool,
    /// Of the system's functions, with the path each was called for.
    pub(crate) operations: Vec<(String, PathBuf)>,
}

/// Runs a command to its end, which must be a good one.
#[track_caller]
pub(crate) fn whole(command: &mut Command) -> Life {
    let life = live(command, None);
    assert!(!life.killed && life.operations.len() > 1, "{command:?} changed no file: is it linked statically?");
    life
}

/// Operations by which two lives of one command may differ: two threads that both miss a folder both make it.
const CHANCE: usize = 8;

/// Runs a command that dies right before its `n`th operation on files (from 1 on), or in the middle of it if that is a write. One of the
/// last may find it at its end already.
#[track_caller]
pub(crate) fn at(n: usize, command: &mut Command) -> Life {
    let life = live(command, Some(n));
    assert!(life.killed || life.operations.len() + CHANCE >= n, "{command:?} was to die at its operation {n} and ended before it");
    life
}

/// At most `count` instants of a life, evenly spread from the first operation to the last. Of writes to the same file one after the other,
/// how many there are says nothing: one instant stands for them all.
pub(crate) fn instants(life: &Life, count: usize) -> Vec<usize> {
    let new = |n: &usize| *n == 0 || life.operations[*n] != life.operations[n - 1];
    let all: Vec<usize> = (0..life.operations.len()).filter(new).map(|n| n + 1).collect();
    if all.len() <= count { all } else { (0..count).map(|n| all[n * (all.len() - 1) / (count - 1)]).collect() }
}

fn live(command: &mut Command, kill: Option<usize>) -> Life {
    let log = tempfile::NamedTempFile::new().unwrap();
    command.env("LD_PRELOAD", library()).env("KILLS_LOG", log.path());
    if let Some(n) = kill {
        command.env("KILLS_AT", n.to_string());
    }
    let code = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().code();
    assert!(matches!(code, None | Some(0)), "{command:?} ended with {code:?}");
    let log = fs::read_to_string(log.path()).unwrap();
    let operation = |line: &str| line.split_once('\t').map(|(name, path)| (name.to_owned(), path.into())).unwrap();
    Life { killed: code.is_none(), operations: log.lines().map(operation).collect() }
}

/// The library that is loaded before the system's, built once.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let (source, folder) = (Path::new(env!("CARGO_MANIFEST_DIR")), Path::new(env!("CARGO_TARGET_TMPDIR")));
        let (new, path) = (folder.join(format!("kills.so.{}", std::process::id())), folder.join("kills.so"));
        let options = ["-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o"];
        tool(Command::new("cc").args(options).arg(&new).arg(source.join("tests/cli/kills.c")).args(["-ldl", "-lpthread"]));
        fs::rename(new, &path).unwrap();
        path
    })
}
