//! Folders to run in, and the command itself.
#![allow(dead_code, reason = "shared by several test binaries")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

pub(crate) use crate::done::Done;

/// The instant at which the samples are judged.
pub(crate) const NOW: &str = "2026-10-05T08:00:00Z";

/// A folder with a configuration in it.
pub(crate) struct World {
    _own: Option<TempDir>,
    pub(crate) folder: PathBuf,
}

impl World {
    pub(crate) fn empty() -> Self {
        Self::below(&std::env::temp_dir())
    }

    fn below(folder: &Path) -> Self {
        let own = tempfile::tempdir_in(folder).unwrap();
        Self { folder: own.path().to_owned(), _own: Some(own) }
    }

    /// The samples, as a clone of the repository has them: not yet run.
    pub(crate) fn samples() -> Self {
        let world = Self::empty();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/agence"), &world.folder);
        world
    }

    /// The samples after one run, to change at will.
    pub(crate) fn run_samples() -> Self {
        let world = Self::empty();
        copy(&ran().folder, &world.folder);
        copy(&ran().store(), &world.store());
        world
    }

    /// A roster of two people, an application where both have an account, and a directory of one account. The key is made when it is
    /// needed.
    pub(crate) fn small() -> Self {
        Self::empty().with_small()
    }

    /// The same in memory, where there is such a folder: for a test of many runs, each of which waits for the disk many times.
    pub(crate) fn small_in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() { Self::below(memory).with_small() } else { Self::small() }
    }

    fn with_small(self) -> Self {
        let world = self;
        world.write("probant.toml", SMALL);
        world.write("passphrase.txt", "une phrase assez longue\n");
        world.write("rh.csv", format!("{ROSTER}2;Petit;Luc;Sorti;15/06/2019;30/06/2020\n"));
        world.write("appli.csv", "compte,matricule,actif\nam,1,oui\nlp,2,non\n");
        world.write("annuaire.ldif", format!("version: 1\n\n{}", entry("amartin", 1)));
        world
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn append(&self, name: &str, text: &str) {
        let mut file = fs::File::options().append(true).open(self.folder.join(name)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    /// Changes a file by replacing a text that must be in it.
    #[track_caller]
    pub(crate) fn edit(&self, name: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.folder.join(name)).unwrap();
        assert!(text.contains(old), "{name} does not hold `{old}`");
        self.write(name, text.replacen(old, new, 1));
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.folder.join("store")
    }

    /// The only bundle of the store.
    pub(crate) fn bundle(&self) -> PathBuf {
        let bundles = files(&self.store().join("bundles"));
        assert_eq!(bundles.len(), 1, "{bundles:?}");
        bundles[0].clone()
    }

    pub(crate) fn certificate(&self) -> PathBuf {
        self.store().join("keys/seal.cert.pem")
    }

    /// The command, to be run in the folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.at(NOW, arguments)
    }

    pub(crate) fn at(&self, now: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_probant"));
        command.args(arguments).current_dir(&self.folder).env("PROBANT_NOW", now).env_remove("PROBANT_PASSPHRASE");
        command.stdin(Stdio::null());
        at_home_nowhere(&mut command);
        command
    }

    pub(crate) fn probant(&self, arguments: &[&str]) -> Done {
        done(&mut self.command(arguments))
    }

    /// Rows of a query, each as an object.
    #[track_caller]
    pub(crate) fn sql(&self, query: &str) -> Vec<Vec<Option<String>>> {
        let answer = self.probant(&["sql", query, "--format", "json"]).code(0).json();
        serde_json::from_value(answer["rows"].clone()).unwrap()
    }
}

/// Takes away what whoever runs the tests told their shell: language, zone, width of the terminal, buckets.
fn at_home_nowhere(command: &mut Command) {
    for name in ["LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "TZ", "COLUMNS"] {
        command.env_remove(name);
    }
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
        command.env_remove(name);
    }
}

pub(crate) fn done(command: &mut Command) -> Done {
    let output = command.output().unwrap();
    Done {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: sentences(&String::from_utf8(output.stderr).unwrap()),
    }
}

/// Joins what an error report breaks over lines behind a bar.
fn sentences(text: &str) -> String {
    text.replace("\n  │ ", " ")
}

/// The samples after one run, shared by the tests that only read them.
pub(crate) fn ran() -> &'static World {
    static RAN: OnceLock<World> = OnceLock::new();
    RAN.get_or_init(|| {
        let above = Path::new(env!("CARGO_TARGET_TMPDIR"));
        // What a former test process left: nothing of a static is ever dropped.
        for folder in fs::read_dir(above).unwrap().map(|entry| entry.unwrap().path()) {
            let process = folder.file_name().and_then(|name| name.to_str()?.strip_prefix("agence-"));
            if process.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
                let _taken_by_another = fs::remove_dir_all(&folder);
            }
        }
        let world = World { _own: None, folder: above.join(format!("agence-{}", std::process::id())) };
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/agence"), &world.folder);
        world.probant(&["run", "--quiet"]).code(0);
        world
    })
}

/// Copies a folder with the rights and times of its files, for both are evidence; not the store inside it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if !entry.file_type().unwrap().is_dir() {
            fs::copy(entry.path(), &target).unwrap();
            let modified = entry.metadata().unwrap().modified().unwrap();
            fs::File::open(&target).unwrap().set_modified(modified).unwrap();
        } else if entry.file_name() != "store" {
            copy(&entry.path(), &target);
        }
    }
}

/// Every file below a folder, sorted.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![];
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found.sort();
    found
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Runs another program, which must succeed; what it said.
#[track_caller]
pub(crate) fn tool(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}\n{said}");
    said
}

/// Says that a test could not do its work. Written directly: the harness swallows what a passing test prints.
pub(crate) fn skipped(test: &str, why: &str) {
    std::io::stderr().write_all(format!("SKIPPED: {test}: {why}\n").as_bytes()).unwrap();
}

/// One account of an OpenLDAP export.
pub(crate) fn entry(login: &str, employee: u32) -> String {
    format!(
        "dn: uid={login},ou=people,dc=x\nobjectClass: inetOrgPerson\nuid: {login}\ncn: {login}\nsn: {login}\nemployeeNumber: {employee}\n\
         entryUUID: 11111111-1111-1111-1111-{employee:012}\n\n"
    )
}

/// A roster of one person who is there.
pub(crate) const ROSTER: &str = "Matricule;Nom;Prénom;Statut;Entrée;Sortie\n1;Martin;Anne;Présent;01/02/2020;\n";

const SMALL: &str = include_str!("small.toml");
