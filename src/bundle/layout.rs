//! The names inside a bundle: which are fixed, in which order they stand, and which a payload file may bear.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;

use crate::bundle::fault::{Fault, Phrase, is_direction_mark, phrase};

pub const MIMETYPE: &str = "mimetype";
/// Content of `mimetype`, without a line end (EN 319 162-1, 4.4.4).
pub const MIMETYPE_CONTENT: &str = "application/vnd.etsi.asic-e+zip";
pub const BAGIT: &str = "bagit.txt";
pub const BAG_INFO: &str = "bag-info.txt";
pub const PAYLOAD: &str = "data/";
pub const MANIFEST: &str = "manifest-sha256.txt";
pub const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";
pub const ASIC_MANIFEST: &str = "META-INF/ASiCManifest001.xml";
pub const SIGNATURE: &str = "META-INF/signature001.p7s";
/// The newest archive manifest; older ones bear numbers (EN 319 162-1, A.7).
pub const ARCHIVE_MANIFEST: &str = "META-INF/ASiCArchiveManifest.xml";
pub const VERIFY_FR: &str = "data/VERIFY.fr.md";
pub const VERIFY_EN: &str = "data/VERIFY.en.md";

/// EU DSS refuses containers of more than 1,000 entries; say so in time.
pub const MANY_ENTRIES: usize = 900;
/// Bound on the central directory that a reader holds in memory.
pub const MAX_ENTRIES: usize = 100_000;
/// Bytes; the longest path that common file systems and tools take with a folder in front of it.
const MAX_NAME: usize = 1000;
const MAX_COMPONENT: usize = 255;

/// The place of an entry; payload files among themselves are sorted by their UTF-8 bytes. `None`: no such name in a bundle.
#[must_use]
pub fn rank(name: &str) -> Option<u8> {
    match name {
        MIMETYPE => Some(0),
        BAGIT => Some(1),
        BAG_INFO => Some(2),
        MANIFEST => Some(4),
        TAG_MANIFEST => Some(5),
        ASIC_MANIFEST => Some(6),
        SIGNATURE => Some(7),
        ARCHIVE_MANIFEST => Some(10),
        _ if name.starts_with(PAYLOAD) => Some(3),
        _ if is_numbered(name, "META-INF/ASiCArchiveManifest", ".xml") => Some(8),
        _ if is_numbered(name, "META-INF/timestamp", ".tst") => Some(9),
        _ => None,
    }
}

/// Whether the entry belongs to the archive time-stamps.
#[must_use]
pub fn is_archive(name: &str) -> bool {
    rank(name).is_some_and(|rank| rank > 7)
}

/// The archive manifest of this number, from 1, once a newer one has taken the name without number.
#[must_use]
pub fn old_archive_manifest(number: usize) -> String {
    format!("META-INF/ASiCArchiveManifest{number:03}.xml")
}

/// The time-stamp over the archive manifest of this number.
#[must_use]
pub fn archive_time_stamp(number: usize) -> String {
    format!("META-INF/timestamp{number:03}.tst")
}

/// From 001 to 999.
fn is_numbered(name: &str, prefix: &str, suffix: &str) -> bool {
    let number = name.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(suffix));
    number.is_some_and(|digits| digits.len() == 3 && digits != "000" && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// Names that the ASiC manifest holds: all but `mimetype` (fixed, and in the tag manifest), itself, its signature and what was
/// added afterwards.
#[must_use]
pub fn is_signed_over(name: &str) -> bool {
    !matches!(name, MIMETYPE | ASIC_MANIFEST | SIGNATURE) && !is_archive(name)
}

/// Two names with the same folding would overwrite each other on some file system.
#[must_use]
pub fn fold(name: &str) -> String {
    name.nfkc().flat_map(char::to_lowercase).nfkc().collect()
}

/// Characters that unzip, sha256sum, bagit and Windows do not all read alike: `%` alone is `%25` to RFC 8493, itself to
/// sha256sum, and not decoded by bagit.py.
fn is_unportable(c: char) -> bool {
    c.is_control()
        || is_direction_mark(c)
        || matches!(c, '\\' | '%' | '<' | '>' | ':' | '"' | '|' | '?' | '*' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// Device names of Windows, which no file can bear there whatever its extension.
fn is_reserved(component: &str) -> bool {
    let stem = component.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let numbered =
        |prefix: &str| stem.strip_prefix(prefix).is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit()));
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

/// Holds for every entry, when sealing and when verifying.
pub fn check_name(name: &str) -> Result<(), Fault> {
    let refuse = |phrase| Err(Fault::new(phrase, name));
    if name.is_empty() || name.starts_with('/') || name.ends_with('/') {
        return refuse(&NOT_RELATIVE);
    }
    if name.len() > MAX_NAME {
        return refuse(&TOO_LONG);
    }
    if name.chars().any(is_unportable) {
        return refuse(&UNPORTABLE);
    }
    if !unicode_normalization::is_nfc(name) {
        return refuse(&NOT_NFC);
    }
    for component in name.split('/') {
        if matches!(component, "" | "." | "..") {
            return refuse(&DOTS);
        }
        if component.len() > MAX_COMPONENT {
            return refuse(&TOO_LONG);
        }
        if component.ends_with('.') || component.trim() != component || is_reserved(component) {
            return refuse(&UNPORTABLE);
        }
    }
    Ok(())
}

/// No two names that some system would write over each other, and no file where another needs a folder.
pub fn check_together<'n>(names: impl Iterator<Item = &'n str> + Clone) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    for name in names.clone() {
        if !seen.insert(fold(name)) {
            return Err(Fault::new(&DUPLICATE, name));
        }
    }
    for name in names {
        let folded = fold(name);
        let mut folders = folded.match_indices('/').filter_map(|(at, _)| folded.get(..at));
        if folders.any(|folder| seen.contains(folder)) {
            return Err(Fault::new(&FILE_AND_FOLDER, name));
        }
    }
    Ok(())
}

/// The nearest name that a bundle accepts: `_` for what no system takes alike, NFC, no empty or dotted component.
#[must_use]
pub fn portable_name(path: &str) -> String {
    let clean: String = path.nfc().map(|c| if is_unportable(c) && c != '\\' { '_' } else { c }).collect();
    let components: Vec<String> = clean
        .split(['/', '\\'])
        .map(|part| part.trim().trim_end_matches(|c: char| c == '.' || c.is_whitespace()))
        .filter(|part| !part.is_empty())
        .map(|part| if is_reserved(part) { format!("_{part}") } else { part.to_owned() })
        .collect();
    if components.is_empty() { "_".to_owned() } else { components.join("/") }
}

static DUPLICATE: Phrase = phrase(
    "two entries have the same name, or names that differ only by case or Unicode form",
    "deux entrées ont le même nom, ou des noms qui ne diffèrent que par la casse ou la forme Unicode",
);
static FILE_AND_FOLDER: Phrase =
    phrase("a folder of this name's path is itself a file", "un dossier du chemin de ce nom est lui-même un fichier");
static NOT_RELATIVE: Phrase = phrase("the name is not a relative file path", "le nom n'est pas un chemin relatif de fichier");
static TOO_LONG: Phrase = phrase("the name is too long", "le nom est trop long");
static DOTS: Phrase = phrase("the name has an empty, . or .. component", "le nom comporte un élément vide, « . » ou « .. »");
static UNPORTABLE: Phrase = phrase(
    "the name has a character or a form that not every system reads alike",
    "le nom comporte un caractère ou une forme que tous les systèmes ne lisent pas de même",
);
static NOT_NFC: Phrase = phrase("the name is not in Unicode form C", "le nom n'est pas dans la forme C d'Unicode");

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn hostile_names_are_refused() {
        for name in [
            "",
            "/etc/passwd",
            "data/",
            "data/../x",
            "data/./x",
            "data//x",
            "../x",
            "data\\x",
            "data/a\0b",
            "C:/x",
            "data/a\nb",
            "data/100%",
            "data/con",
            "data/COM1.txt",
            "data/nul.csv",
            "data/a.",
            "data/a ",
            "data/ a",
            "data/e\u{301}",
            "data/\u{202e}fdp.exe",
            "data/a\u{2028}b",
        ] {
            assert!(check_name(name).is_err(), "{name:?} was accepted");
        }
        for name in ["data/été.csv", "data/a b/c-d_e.json", "mimetype", "data/console.txt", "data/.hidden", "data/~x"] {
            check_name(name).unwrap();
        }
    }

    #[test]
    fn portable_names_pass_and_keep_what_they_can() {
        assert_eq!(portable_name("procédures/100%: fait?.pdf"), "procédures/100__ fait_.pdf");
        assert_eq!(portable_name("..\\..\\etc/./passwd. "), "etc/passwd");
        for name in ["/", "..", "", "con", "a\\b", "e\u{301}/x", " x /\u{202e}y", "a. .", "\u{a0}x"] {
            check_name(&portable_name(name)).unwrap();
        }
    }

    #[test]
    fn case_and_unicode_forms_fold_together() {
        assert_eq!(fold("data/ÉTÉ.csv"), fold("data/e\u{301}te\u{301}.CSV"));
        assert_eq!(fold("data/ﬁn"), fold("data/fin"));
        assert_ne!(fold("data/a"), fold("data/b"));
        check_together(["data/a", "data/a.b", "data/ab/c"].into_iter()).unwrap();
        for clash in [["data/A", "data/a"], ["data/a/b", "data/A"], ["data/x", "data/x/y/z"]] {
            assert!(check_together(clash.into_iter()).is_err(), "{clash:?}");
        }
    }
}
