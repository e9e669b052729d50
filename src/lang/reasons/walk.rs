//! Every sentence that a source may say, read from the sources' own text: each must have its French words.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::path::{Path, PathBuf};

use regex::Regex;

use super::french;

/// Files whose sentences refuse a configuration: those are shown where the configuration is written, with its place, in English.
const SETTINGS: [&str; 19] = [
    "ldap/address.rs",
    "ldap/asks.rs",
    "ldap/config.rs",
    "ldap/contradictions.rs",
    "ldap/keys.rs",
    "ldif/config.rs",
    "keycloak/config.rs",
    "dates/pattern.rs",
    "directory/options.rs",
    "documents/property.rs",
    "table/condition.rs",
    "table/fields.rs",
    "table/literals.rs",
    "table/plan.rs",
    "table/presets.rs",
    "table/readers.rs",
    "table/readers/filter.rs",
    // Names of kinds, in both languages.
    "kinds.rs",
    // The pages of a look are in both languages already.
    "keycloak/live/look.rs",
];

/// Texts that are no reasons: keys of JSON, what programs are recognised by, faults of Probant itself.
const OTHER: [&str; 34] = [
    "{name} is not {}",
    "say which file to read, for example path = \"exports/rh.csv\"",
    "\"{0}\" is not an encoding; write for example \"utf-8\", \"windows-1252\" or \"iso-8859-15\"",
    "Date de sortie",
    "use positions",
    "`files` is empty: name at least one file or pattern",
    "\"{name}\" = \"{}\" is no status of {:?}: use one of {words}",
    "\"{text}\" is not one ASCII character; write for example \";\" or \"tab\"",
    "`url` is missing",
    "format blocks needs read.begin",
    "format lines needs read.pattern",
    "a reader panicked",
    // Why a directory is surveyed again: nobody is told.
    "more groups than can wait",
    "a row of an unknown table",
    "an entry was refused in the first reading",
    "a request panicked",
    "the snapshot could not be written: {0}",
    "not valid for name",
    "corrupt message",
    "international business machines",
    "red hat",
    "recursion limit exceeded",
    "?{1}end of file?{1}",
    "[redacted: a line that could not be read]",
    "raw capture",
    "local socket",
    "holders of roles",
    "members of groups",
    "service accounts",
    "identity provider links",
    "login events",
    "view-users and query-groups",
    "view-clients and view-users",
    "view-realm and view-users",
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match (entry.file_type().unwrap().is_dir(), entry.file_name().to_str().unwrap()) {
            (_, "tests" | "tests.rs" | "README.md") => {}
            (true, _) => files(&entry.path(), found),
            (false, _) if entry.path().extension().is_some_and(|end| end == "rs") => found.push(entry.path()),
            (false, _) => {}
        }
    }
}

/// String literals of a file's code; not those of its tests, its comments, or calls that give both languages.
fn literals(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let signs: Vec<char> = code.chars().collect();
    let at = |i: usize, word: &str| word.chars().enumerate().all(|(n, c)| signs.get(i + n) == Some(&c));
    let (mut found, mut i, mut depth, mut both) = (vec![], 0, 0_usize, None);
    while i < signs.len() {
        match signs[i] {
            '/' if at(i, "//") => i += signs[i..].iter().position(|c| *c == '\n').unwrap_or(signs.len() - i),
            '\'' if signs.get(i + 2) == Some(&'\'') => i += 3,
            '\'' if at(i, "'\\") => i += 2 + signs[i + 2..].iter().position(|c| *c == '\'').unwrap() + 1,
            '(' => {
                depth += 1;
                if both.is_none() && signs[..i].ends_with(&['p', 'i', 'c', 'k']) {
                    both = Some(depth);
                }
                i += 1;
            }
            ')' => {
                if both == Some(depth) {
                    both = None;
                }
                depth -= 1;
                i += 1;
            }
            '"' => {
                let (literal, end) = literal(&signs, i + 1);
                let lint = ["reason = ", "expecting = "].iter().any(|key| signs[..i].ends_with(&key.chars().collect::<Vec<_>>()));
                if both.is_none() && !lint {
                    found.push(literal);
                }
                i = end;
            }
            _ => i += 1,
        }
    }
    found
}

/// A literal from behind its opening quote; and where it ends.
fn literal(signs: &[char], mut i: usize) -> (String, usize) {
    let mut literal = String::new();
    while signs[i] != '"' {
        match (signs[i], signs[i + 1]) {
            ('\\', '\n') => {
                i += 2;
                while signs[i].is_whitespace() {
                    i += 1;
                }
                continue;
            }
            ('\\', escaped) => {
                literal.push(if escaped == 'n' { '\n' } else { escaped });
                i += 2;
                continue;
            }
            (sign, _) => literal.push(sign),
        }
        i += 1;
    }
    (literal, i + 1)
}

/// Two English words that stand side by side in both texts: nobody translated them.
fn left(english: &str, french: &str) -> Option<String> {
    let words: Vec<&str> = english.split(' ').collect();
    let word = |text: &str| text.len() > 1 && text.chars().all(|c| c.is_ascii_lowercase());
    let pairs = words.windows(2).filter(|pair| pair.iter().all(|text| word(text)));
    pairs.map(|pair| pair.join(" ")).find(|pair| french.contains(pair.as_str()))
}

#[test]
fn whatever_a_source_says_has_its_french_words() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sources");
    let mut found = vec![];
    files(&root, &mut found);
    found.sort();
    let values = Regex::new(r"\{[^{}]*\}").unwrap();
    let (mut missing, mut seen) = (vec![], 0);
    for path in found {
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        if SETTINGS.contains(&name.as_str()) {
            continue;
        }
        for english in literals(&std::fs::read_to_string(&path).unwrap()) {
            if OTHER.contains(&english.as_str()) {
                continue;
            }
            let sample = values.replace_all(&english, "7");
            seen += usize::from(left(&sample, &sample).is_some());
            if let Some(pair) = left(&sample, &french(&sample)) {
                missing.push(format!("{name}: `{english}` keeps `{pair}` in French: `{}`", french(&sample)));
            }
        }
    }
    assert!(missing.is_empty(), "say these in French in src/lang/reasons, or name them in OTHER:\n{}", missing.join("\n"));
    assert!(seen > 200, "only {seen} sentences were found: the walk is broken");
}

#[test]
fn what_is_put_together_at_run_time_is_whole_in_french() {
    for (english, expected) in [
        (
            "dc=x: the server's size limit was reached: ask the directory's administrator to lift the size limit for cn=lecture \
             (OpenLDAP: `limits` with size.prtotal=unlimited; 389-DS: nsSizeLimit, nsPagedSizeLimit; IBM: ibm-slapdSizeLimit, a group's \
             ibm-searchSizeLimit) (result 4); what had come by then is kept, the rest is missing",
            "dc=x: la limite de taille du serveur est atteinte : demander à l'administrateur de l'annuaire de la lever pour cn=lecture \
             (OpenLDAP : `limits` avec size.prtotal=unlimited ; 389-DS : nsSizeLimit, nsPagedSizeLimit ; IBM : ibm-slapdSizeLimit, ou \
             ibm-searchSizeLimit d'un groupe) (code 4) ; ce qui était arrivé est gardé, le reste manque",
        ),
        (
            "cn=a is refused: the account is locked (result 49, \"80090308: data 775\")",
            "cn=a est refusé : le compte est verrouillé (code 49, \"80090308: data 775\")",
        ),
        ("dc=x: the server ended the search (result 80)", "dc=x: le serveur a mis fin à la recherche (code 80)"),
        (
            "the holders of the role admin could not be read: roles: status 403: the service account of probant lacks a right: give it \
             view-users of realm-management (in the realm master: of agence-realm)",
            "lecture impossible, détenteurs du rôle admin : roles : code 403 : il manque un droit au compte de service de probant : \
             lui donner view-users de realm-management (dans le royaume master : de agence-realm)",
        ),
        (
            "/run/secrets/x cannot be used (No such file): it must be a PEM file with at least one certificate",
            "/run/secrets/x ne peut pas servir (No such file) : il faut un fichier PEM contenant au moins un certificat",
        ),
    ] {
        assert_eq!(french(english), expected);
    }
}
