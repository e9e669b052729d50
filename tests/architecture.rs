//! Holds the direction of travel of the data: who may use whom, which crate is confined to which folder, and the few rules that no
//! lint can state. Read from the text of `src/`, so that an arrow cannot be bent without this file saying so.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests stop at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Modules and the modules they may use. Sources never judge, checks never reach the network, outputs never compute a verdict, the
/// bundle never interprets what it seals; only `main` uses the command line.
const ARROWS: &[(&str, &[&str])] = &[
    ("causes", &[]),
    ("place", &[]),
    ("disk", &[]),
    ("lanes", &[]),
    ("lang", &[]),
    ("context", &["lang"]),
    ("store", &["causes", "disk"]),
    ("snapshot", &["store", "lang"]),
    ("sources", &["snapshot", "lang", "place", "context"]),
    ("harvest", &["sources", "snapshot", "store", "context", "disk", "lang", "place"]),
    ("judge", &["snapshot", "store", "lang", "place"]),
    ("review", &["causes", "lanes", "snapshot", "store", "lang"]),
    // Makes a snapshot from a snapshot, and judges nothing.
    ("redaction", &["snapshot"]),
    ("outputs", &["judge", "review", "snapshot", "store", "bundle", "disk", "lang", "lanes"]),
    ("bundle", &["disk", "lang"]),
    ("custody", &["bundle", "snapshot", "store"]),
    ("config", &["custody", "sources", "harvest", "judge", "redaction", "review", "lang", "place"]),
    (
        "cli",
        &[
            "bundle",
            "causes",
            "config",
            "context",
            "custody",
            "harvest",
            "judge",
            "lang",
            "lanes",
            "outputs",
            "place",
            "redaction",
            "review",
            "snapshot",
            "sources",
            "store",
        ],
    ),
    ("main", &["cli"]),
];

/// Arrows that lead to a part of a module only.
const NARROW: &[(&str, &str, &[&str])] = &[
    // Secrets from the environment, which only `context` reads.
    ("sources", "context", &["Context"]),
    // Results, and the text of the checks: no verdict is made here.
    ("outputs", "judge", &["check", "drift", "finding"]),
    // What to hand over, and how names are written.
    ("outputs", "bundle", &["PayloadFile", "PayloadSource", "layout"]),
    // Digests: a review keeps nothing itself.
    ("review", "store", &["digest"]),
];

/// Folders and those they may use.
type Arrows = &'static [(&'static str, &'static [&'static str])];

/// Inside a module: its folders and those they may use, as a campaign goes.
const INSIDE: &[(&str, Arrows)] = &[(
    "review",
    &[
        ("error", &[]),
        ("lines", &["error"]),
        ("paper", &["lines"]),
        ("record", &["lines", "paper"]),
        ("remediation", &["paper", "record"]),
        ("opening", &["error", "lines", "paper", "record", "remediation"]),
        ("readback", &["paper", "record"]),
        ("collecting", &["readback", "record"]),
        ("underway", &["error", "lines", "opening", "paper", "record"]),
        ("mail", &["record", "underway"]),
        ("closing", &["lines", "paper", "record", "underway"]),
    ],
)];

/// Crates and the only folders that may use them.
const CONFINED: &[(&str, &[&str])] = &[
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("miette", &["cli"]),
    ("comfy_table", &["cli"]),
    ("indicatif", &["cli"]),
    ("rpassword", &["cli"]),
    ("ldap3", &["sources/ldap"]),
    // The one way out of a review, and only when asked.
    ("lettre", &["review/mail"]),
    ("rustls", &["sources"]),
    ("ureq", &["sources", "cli/fetch"]),
    // The network, for the store's second place; live sources have it for what they read.
    ("object_store", &["store/backend/bucket"]),
    ("tokio", &["sources/ldap", "store/backend/bucket"]),
    // A returned workbook is a source too, read where its meaning is.
    ("calamine", &["sources", "review/readback"]),
    ("csv", &["sources", "snapshot"]),
    ("encoding_rs", &["sources"]),
    ("glob", &["sources"]),
    ("lopdf", &["sources/documents"]),
    ("saphyr_parser", &["sources/documents"]),
    ("walkdir", &["sources/documents", "store", "custody/inventory"]),
    ("zip", &["sources", "review/readback", "redaction/workbook", "outputs/workbook"]),
    ("polars", &["snapshot", "judge"]),
    ("zstd", &["store"]),
    ("rust_xlsxwriter", &["outputs/workbook"]),
    ("tera", &["outputs/report"]),
    ("aes", &["bundle/envelope"]),
    ("aes_kw", &["bundle/envelope"]),
    ("cbc", &["bundle/envelope"]),
    ("cms", &["bundle"]),
    ("const_oid", &["bundle"]),
    ("crc32fast", &["bundle"]),
    // A module of a token is foreign code; it is loaded in one place.
    ("cryptoki", &["bundle/keys"]),
    ("der", &["bundle"]),
    ("flate2", &["bundle"]),
    ("p12_keystore", &["bundle/keys"]),
    ("p256", &["bundle"]),
    ("p384", &["bundle"]),
    ("percent_encoding", &["bundle", "sources"]),
    ("pkcs8", &["bundle"]),
    // Public keys only: its private-key operations leak through timing (RUSTSEC-2023-0071).
    ("rsa", &["bundle/envelope"]),
    ("x509_cert", &["bundle"]),
];

/// Longest file of `src/`, in lines.
const LONGEST: usize = 400;

/// A file of `src/`: its path below it, its text, and the text of what is not tests.
struct File {
    path: String,
    text: String,
    code: String,
}

impl File {
    /// `sources` of `sources/ldif/mod.rs`, `lang` of `lang.rs`.
    fn module(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// `sources/ldif` of `sources/ldif/mod.rs`.
    fn name(&self) -> &str {
        self.path.strip_suffix("/mod.rs").or_else(|| self.path.strip_suffix(".rs")).unwrap()
    }

    /// How many modules deep it is: `super` written that often leaves the topmost one.
    fn depth(&self) -> usize {
        self.name().split('/').count()
    }

    fn tests_only(&self) -> bool {
        self.path.split('/').any(|part| part == "tests" || part == "tests.rs")
    }

    /// Every path of two parts or more, with braces spelled out: `crate::judge::{finding::Status, check}` is two.
    fn paths(&self) -> Vec<Vec<String>> {
        let mut found = vec![];
        let spaced = |c: char| c.is_whitespace();
        let mut rest = self.code.as_str();
        while let Some(at) = rest.find("::") {
            let start = rest[..at].rfind(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(0, |at| at + 1);
            let head = &rest[start..at];
            let before = &rest[..start];
            rest = &rest[at..];
            if head.is_empty() || before.trim_end_matches(spaced).ends_with("::") {
                rest = &rest[2..];
                continue;
            }
            let end = spell_out(rest, vec![head.to_owned()], &mut found);
            rest = &rest[end.max(2)..];
        }
        found
    }
}

/// Reads `::a::{b, c::d}` behind `head`; returns how many bytes that took.
fn spell_out(text: &str, head: Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    let mut path = head;
    let mut at = 0;
    while let Some(after) = text[at..].strip_prefix("::") {
        at += 2;
        if after.starts_with('{') {
            at += 1;
            loop {
                at += text[at..].find(|c: char| !c.is_whitespace() && c != ',').unwrap_or(text.len() - at);
                if text[at..].is_empty() || text[at..].starts_with('}') {
                    return (at + 1).min(text.len());
                }
                let word = word(&text[at..]);
                // `as`, `*`: nothing that could be a module.
                at += word.len().max(1);
                at += spell_out(&text[at..], [path.clone(), vec![word.to_owned()]].concat(), found);
            }
        }
        let word = word(after);
        if word.is_empty() {
            break;
        }
        at += word.len();
        path.push(word.to_owned());
    }
    found.push(path);
    at
}

fn word(text: &str) -> &str {
    &text[..text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len())]
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The crate's files. The build script is another program, and the library's root only names the modules.
fn files() -> Vec<File> {
    let src = root().join("src");
    let mut paths = vec![];
    walk(&src, &mut paths);
    assert!(paths.len() > 100, "only {} files", paths.len());
    paths
        .iter()
        .map(|path| {
            let text = fs::read_to_string(path).unwrap();
            File { path: path.strip_prefix(&src).unwrap().display().to_string(), code: code(&text), text }
        })
        .filter(|file| !["embed.rs", "lib.rs"].contains(&file.path.as_str()))
        .collect()
}

/// Without comments, and without the tests at the end of a file.
fn code(text: &str) -> String {
    let mut lines: Vec<&str> = vec![];
    for line in text.lines() {
        if line.starts_with("mod tests {") && lines.iter().rev().any(|line| line.starts_with("#[cfg(test)]")) {
            break;
        }
        let comment = line.match_indices("//").find(|(at, _)| !line[..*at].ends_with(':')).map_or(line.len(), |(at, _)| at);
        lines.push(&line[..comment]);
    }
    lines.join("\n")
}

#[test]
fn the_reader_of_paths_reads_paths() {
    let file = |code: &str| File { path: "a/b.rs".into(), text: String::new(), code: code.into() };
    let paths = |code: &str| file(code).paths().iter().map(|p| p.join("::")).collect::<Vec<_>>();
    assert_eq!(
        paths(
            "use crate::judge::{\n    engine::{self, Engine},\n    finding as f,\n};\nuse polars::prelude::*;\nlet x = toml::from_str::<T>(s);"
        ),
        [
            "crate::judge::engine::self",
            "crate::judge::engine::Engine",
            "crate::judge::finding",
            "crate::judge::as",
            "crate::judge::f",
            "polars::prelude",
            "toml::from_str"
        ]
    );
    assert_eq!(code("a // crate::b\n\"http://x\"\n#[cfg(test)]\nmod tests {\nuse c::d;"), "a \n\"http://x\"\n#[cfg(test)]");
    assert_eq!(file("").depth(), 2);
}

#[test]
fn modules_use_only_what_lies_before_them() {
    let arrows: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut wrong = vec![];
    let mut seen = BTreeSet::new();
    for file in files() {
        let module = file.module().to_owned();
        seen.insert(module.clone());
        let Some(allowed) = arrows.get(module.as_str()) else {
            wrong.push(format!("{}: module {module} has no line in ARROWS", file.path));
            continue;
        };
        for path in file.paths() {
            let supers = path.iter().take_while(|part| *part == "super").count();
            let used = match path[0].as_str() {
                "crate" | "probant" => path.get(1),
                "super" if supers >= file.depth() => path.get(supers),
                _ => None,
            };
            let Some(used) = used.filter(|used| arrows.contains_key(used.as_str()) && **used != module) else { continue };
            let part = path.iter().skip_while(|part| *part != used).nth(1).map_or("", String::as_str);
            let narrow =
                NARROW.iter().all(|(from, to, parts)| (*from, *to) != (module.as_str(), used.as_str()) || parts.contains(&part));
            if !allowed.contains(&used.as_str()) || !narrow {
                wrong.push(format!("{}: {}", file.path, path.join("::")));
            }
        }
    }
    assert!(wrong.is_empty(), "against the direction of travel:\n{}", wrong.join("\n"));
    assert_eq!(seen.len(), ARROWS.len(), "ARROWS names modules that are gone; there are {seen:?}");
}

#[test]
fn folders_of_a_module_use_only_what_lies_before_them() {
    let mut wrong = vec![];
    for (module, arrows) in INSIDE {
        let arrows: BTreeMap<&str, &[&str]> = arrows.iter().copied().collect();
        let mut seen = BTreeSet::new();
        let inside = |file: &File| file.module() == *module && file.path != format!("{module}/mod.rs");
        for file in files().iter().filter(|file| inside(file)) {
            let folder = file.path.split('/').nth(1).unwrap().trim_end_matches(".rs").to_owned();
            let Some(allowed) = arrows.get(folder.as_str()) else {
                wrong.push(format!("{}: {folder} has no line in INSIDE", file.path));
                continue;
            };
            for path in file.paths() {
                let supers = path.iter().take_while(|part| *part == "super").count();
                let used = match path[0].as_str() {
                    "crate" if path.get(1).is_some_and(|part| part == module) => path.get(2),
                    "super" if supers + 1 == file.depth() => path.get(supers),
                    _ => None,
                };
                let Some(used) = used.filter(|used| **used != folder) else { continue };
                // Through the module's front door one may take anything, and so go round in a circle.
                if !allowed.contains(&used.as_str()) {
                    wrong.push(format!("{}: {}", file.path, path.join("::")));
                }
            }
            seen.insert(folder);
        }
        assert_eq!(seen.len(), arrows.len(), "INSIDE names folders of {module} that are gone; there are {seen:?}");
    }
    assert!(wrong.is_empty(), "against the direction of travel:\n{}", wrong.join("\n"));
}

#[test]
fn arrows_inside_a_module_make_no_circle() {
    for (module, arrows) in INSIDE {
        for (at, (folder, uses)) in arrows.iter().enumerate() {
            let before: BTreeSet<&str> = arrows.iter().take(at).map(|(name, _)| *name).collect();
            let odd: Vec<_> = uses.iter().filter(|used| !before.contains(**used)).collect();
            assert!(odd.is_empty(), "{module}/{folder} uses what comes after it: {odd:?}");
        }
    }
}

/// Modules whose files use each other in one direction only.
const WITHOUT_CIRCLES: [&str; 2] = ["cli", "review"];

/// The files that a file uses, among those of its module; whoever names the module's own front door may come round again.
fn uses<'f>(file: &File, files: &'f BTreeMap<String, File>) -> BTreeSet<&'f str> {
    let here: Vec<&str> = file.name().split('/').collect();
    let mut found = BTreeSet::new();
    for path in file.paths() {
        let supers = path.iter().take_while(|part| *part == "super").count();
        let full: Vec<&str> = match path[0].as_str() {
            "crate" => path[1..].iter().map(String::as_str).collect(),
            "super" if supers <= here.len() => {
                here[..here.len() - supers].iter().copied().chain(path[supers..].iter().map(String::as_str)).collect()
            }
            first => here.iter().copied().chain([first]).chain(path[1..].iter().map(String::as_str)).collect(),
        };
        let longest = (1..=full.len()).rev().find_map(|length| files.get_key_value(&full[..length].join("/")));
        // A module names its parts, and a part what its module holds for all of them.
        let kin = |other: &str| {
            format!("{other}/").starts_with(&format!("{}/", file.name())) || here.join("/").starts_with(&format!("{other}/"))
        };
        found.extend(longest.map(|(name, _)| name.as_str()).filter(|name| !kin(name)));
    }
    found
}

#[test]
fn files_of_a_module_make_no_circle() {
    for module in WITHOUT_CIRCLES {
        let files: BTreeMap<String, File> =
            files().into_iter().filter(|file| file.module() == module).map(|file| (file.name().to_owned(), file)).collect();
        let mut left: BTreeMap<&str, BTreeSet<&str>> =
            files.iter().map(|(name, file)| (name.as_str(), uses(file, &files))).collect();
        assert!(left.values().filter(|used| !used.is_empty()).count() > 10, "{module}: nothing is seen");
        // Whatever uses nothing that is left is in no circle.
        while let Some(free) = left.iter().find(|(_, used)| used.is_empty()).map(|(name, _)| *name) {
            left.remove(free);
            for used in left.values_mut() {
                used.remove(free);
            }
        }
        assert!(left.is_empty(), "{module}: files that use each other in a circle, or lie above one: {left:#?}");
    }
}

#[test]
fn crates_stay_where_they_belong() {
    let mut wrong = vec![];
    for file in files().iter().filter(|file| !file.tests_only()) {
        for path in file.paths() {
            let Some((_, folders)) = CONFINED.iter().find(|(name, _)| *name == path[0]) else { continue };
            // A folder's own module may bear the name of a crate (`bundle/cms.rs`); it is used from that folder only.
            if !folders.iter().any(|folder| file.path.starts_with(&format!("{folder}/")) || file.path == format!("{folder}.rs")) {
                wrong.push(format!("{}: {} (only in {})", file.path, path.join("::"), folders.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "crates out of their folder:\n{}", wrong.join("\n"));
}

#[test]
fn only_the_console_prints_and_only_the_context_looks_at_clock_and_environment() {
    let prints = ["print!", "println!", "eprint!", "eprintln!", "dbg!", "io::stdout", "io::stderr"];
    let outside = ["SystemTime::now", "Instant::now", "Timestamp::now", "Zoned::now", "env::var", "env::vars", "env::current_dir"];
    let mut wrong = vec![];
    for file in files().iter().filter(|file| !file.tests_only()) {
        let mut hold = |words: &[&str], home: &str| {
            for word in words.iter().filter(|word| file.path != home && has(&file.code, word)) {
                wrong.push(format!("{}: {word} (only in {home})", file.path));
            }
        };
        hold(&prints, "cli/console.rs");
        hold(&outside, "context.rs");
        hold(&["process::exit"], "nowhere");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a text holds a word that is not the end of a longer one.
fn has(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

#[test]
fn every_file_says_why_it_exists_and_none_is_too_long() {
    let mut wrong = vec![];
    for file in files() {
        if !file.text.starts_with("//! ") {
            wrong.push(format!("src/{} does not open with //!", file.path));
        }
        let lines = file.text.lines().count();
        if lines > LONGEST {
            wrong.push(format!("src/{} has {lines} lines, more than {LONGEST}", file.path));
        }
    }
    let mut tests = vec![];
    walk(&root().join("tests"), &mut tests);
    for path in tests {
        if !fs::read_to_string(&path).unwrap().starts_with("//! ") {
            wrong.push(format!("{} does not open with //!", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every key of a TOML document, dotted.
fn keys(table: &toml::Table, above: &str, found: &mut BTreeSet<String>) {
    for (key, value) in table {
        let key = format!("{above}{key}");
        match value {
            toml::Value::Table(below) => keys(below, &format!("{key}."), found),
            _ => {
                found.insert(key);
            }
        }
    }
}

#[test]
fn both_languages_have_the_same_texts() {
    for name in ["report/texts", "report/names"] {
        let of = |lang: &str| {
            let path = root().join(format!("templates/{name}.{lang}.toml"));
            let table: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
            let mut found = BTreeSet::new();
            keys(&table, "", &mut found);
            assert!(found.len() > 10, "{}", path.display());
            found
        };
        let (fr, en) = (of("fr"), of("en"));
        let odd: Vec<_> = fr.symmetric_difference(&en).collect();
        assert!(odd.is_empty(), "{name}: only in one language: {odd:?}");
    }
}
