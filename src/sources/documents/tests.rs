//! Folders through the source: what is kept, refused and said.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::unnecessary_wraps,
    reason = "tests"
)]

use std::io::Cursor;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::snapshot::schema::Record;
use crate::snapshot::value::Days;
use crate::sources::SinkError;

#[derive(Default)]
struct Kept {
    documents: Vec<Document<'static>>,
    rejects: Vec<(u64, String, String)>,
}
impl Sink for Kept {
    fn push(&mut self, record: Record<'_>) -> Result<(), SinkError> {
        fn own<'a>(text: Option<std::borrow::Cow<'_, str>>) -> Option<std::borrow::Cow<'a, str>> {
            text.map(|text| text.into_owned().into())
        }
        let Record::Document(d) = record else { panic!("not a document: {record:?}") };
        self.documents.push(Document {
            document_id: d.document_id.into_owned().into(),
            path: d.path.into_owned().into(),
            title: own(d.title),
            owner: own(d.owner),
            version: own(d.version),
            approved_by: own(d.approved_by),
            strength: d.strength.into_owned().into(),
            sha256: own(d.sha256),
            approved_on: d.approved_on,
            last_review: d.last_review,
            next_review: d.next_review,
        });
        Ok(())
    }
    fn reject(&mut self, row: u64, reason: &str, excerpt: &str) -> Result<(), SinkError> {
        self.rejects.push((row, reason.into(), excerpt.into()));
        Ok(())
    }
    fn progress(&mut self, _: u64) {}
}

fn harvest(config: &str, base: &Path) -> (Result<Reading, SourceError>, Kept, String) {
    let mut table: toml::Table = toml::from_str(config).unwrap();
    table.entry("folder").or_insert_with(|| ".".into());
    let source: DocumentsConfig = table.try_into().unwrap();
    let request = Request {
        source: "docs".into(),
        system: "docs".into(),
        zone: TimeZone::get("Europe/Paris").unwrap(),
        as_of: Timestamp::UNIX_EPOCH,
        base: base.to_owned(),
    };
    let (mut kept, mut capture) = (Kept::default(), Vec::new());
    let reading = source.harvest(&request, &mut kept, &mut capture);
    let capture = String::from_utf8(capture).unwrap();
    if let Ok(reading) = &reading {
        assert_eq!(reading.rows_seen, reading.rows_kept + kept.rejects.len() as u64, "{:?}", kept.rejects);
        assert_eq!(reading.rows_seen, capture.lines().count() as u64);
    }
    (reading, kept, capture)
}

/// One file, read.
fn one(config: &str, name: &str, bytes: &[u8]) -> Result<Document<'static>, String> {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(name), bytes).unwrap();
    let (reading, mut kept, _) = harvest(config, dir.path());
    reading.map_err(|error| error.to_string())?;
    kept.documents.pop().ok_or_else(|| kept.rejects[0].1.clone())
}

fn day(text: &str) -> Option<Days> {
    Some(text.parse::<jiff::civil::Date>().unwrap().into())
}

fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const CORE: &str = r#"<?xml version="1.0" encoding="UTF-8"?><cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"><dc:title>Charte &amp; règles</dc:title><dc:creator>Claire Moreau</dc:creator><cp:version>3</cp:version><dcterms:modified>2026-01-05T10:00:00Z</dcterms:modified></cp:coreProperties>"#;
const CUSTOM: &str = r#"<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"><property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" name="Approuvé par"><vt:lpwstr>RSSI</vt:lpwstr></property><property pid="3" name="Date de dernière revue"><vt:filetime>2026-03-31T22:30:00Z</vt:filetime></property></Properties>"#;

#[test]
fn front_matter_gives_the_row() {
    let text = "---\ntitle: \"PSSI: politique\"\nPropriétaire: Claire Moreau\nversion: 1.10\napprouvé par: [RSSI, DSI]\napproved_on: 2026-02-01\nlast_reviewed_on: 2026-08-31\nreview_in: 6 months\nlayout: page\n---\n# Corps\n";
    let found = one("", "pssi.md", text.as_bytes()).unwrap();
    assert_eq!(
        found,
        Document {
            document_id: "docs:pssi.md".into(),
            path: "pssi.md".into(),
            title: Some("PSSI: politique".into()),
            owner: Some("Claire Moreau".into()),
            version: Some("1.10".into()),
            approved_by: Some("RSSI, DSI".into()),
            approved_on: day("2026-02-01"),
            last_review: day("2026-08-31"),
            next_review: day("2027-02-28"),
            strength: "declared".into(),
            sha256: found.sha256.clone(),
        }
    );
    assert_eq!(found.sha256.unwrap(), intake::hex(&Sha256::digest(text)));
}

#[test]
fn aliases_formats_and_toml_are_read() {
    let config = "date_formats = ['dd/mm/yyyy']\n[keys]\nowner = ['Pilote du processus']\n";
    let text = "+++\nresponsable = 'B'\n'Pilote du processus' = 'A'\n'prochaine revue' = '31/12/2026'\nderniere_revue = 2026-01-02\nindice = 'C'\n[extra]\nx = [1, 2]\n+++\n";
    let found = one(config, "a.md", text.as_bytes()).unwrap();
    assert_eq!(
        (found.owner.as_deref(), found.version.as_deref(), found.next_review, found.last_review),
        (Some("A"), Some("C"), day("2026-12-31"), day("2026-01-02"))
    );
    let windows_1252 = b"---\r\nPropri\xe9taire: Lo\xefc\r\nreview_in: 1 an\r\n---\r\n";
    let found = one("", "a.txt", windows_1252).unwrap();
    assert_eq!((found.owner.as_deref(), found.next_review, found.strength.as_ref()), (Some("Loïc"), None, "declared"));
    let found = one("", "a.md", b"\xEF\xBB\xBF---\ndocument:\n  owner: Z\nnext_review: ~\ntags: [a, {b: c}]\n---\n").unwrap();
    assert_eq!((found.owner.as_deref(), found.next_review), (Some("Z"), None));
}

#[test]
fn text_without_front_matter_has_only_its_time() {
    for text in ["# Titre\n", "---\nno end\n", "---\n---\n", "---\nA sentence.\n---\n", "--- not a fence\nowner: x\n---\n"] {
        let found = one("", "a.md", text.as_bytes()).unwrap();
        assert_eq!((found.strength.as_ref(), found.owner, found.title), ("file_time", None, None), "{text:?}");
    }
    // A title alone declares neither owner nor dates.
    let found = one("", "a.md", b"---\ntitle: T\nowner:\n---\n").unwrap();
    assert_eq!((found.strength.as_ref(), found.title.as_deref()), ("file_time", Some("T")));
}

#[test]
fn bad_statements_refuse_the_document() {
    let bomb = format!("---\na: &a [x]\nb: [{}]\n---\n", "*a,".repeat(100));
    let deep = format!("---\na: {}\n---\n", "[".repeat(30_000));
    for (text, word) in [
        ("---\nlast_review: 31/02/2026\n---\n", "a.md: LastReview: \"31/02/2026\""),
        ("---\nlast_review: 2026-02-31\n---\n", "LastReview: \"2026-02-31\" does not exist"),
        ("---\nreview_in: souvent\n---\n", "review_in: \"souvent\" is no period"),
        ("---\nowner: 'x\n---\n", "front matter"),
        ("---\na: b: c\n---\n", "front matter, line 2"),
        ("+++\nowner = x\n+++\n", "front matter"),
        (&bomb, "aliases"),
        (&deep, "front matter"),
    ] {
        let why = one("", "a.md", text.as_bytes()).unwrap_err();
        assert!(why.contains(word), "{text:.60?}: {why}");
    }
    assert!(one("date_formats = ['dd-mm']\n", "a.md", b"x").unwrap_err().contains("source docs"));
    assert!(one("[keys]\nowner = ['x']\ntitle = ['X']\n", "a.md", b"x").unwrap_err().contains("given to two properties"));
}

#[test]
fn office_files_declare_by_custom_properties_and_are_weak_without() {
    let found = one("", "a.docx", &archive(&[("docProps/core.xml", CORE), ("docProps/custom.xml", CUSTOM)])).unwrap();
    assert_eq!(
        (found.strength.as_ref(), found.title.as_deref(), found.version.as_deref()),
        ("declared", Some("Charte & règles"), Some("3"))
    );
    // The instant is 1 April in Paris; the creator is not taken for an owner beside what is declared.
    assert_eq!((found.owner, found.approved_by.as_deref(), found.last_review), (None, Some("RSSI"), day("2026-04-01")));

    let found = one("", "a.xlsx", &archive(&[("docProps/core.xml", CORE)])).unwrap();
    assert_eq!((found.strength.as_ref(), found.owner.as_deref(), found.last_review), ("embedded", Some("Claire Moreau"), None));
    assert_eq!(one("", "a.pptx", &archive(&[("x", "y")])).unwrap().strength, "file_time");

    let meta = r#"<office:document-meta xmlns:office="o" xmlns:meta="m" xmlns:dc="d"><office:meta><dc:title>T</dc:title><meta:initial-creator>I</meta:initial-creator><dc:creator>C</dc:creator><meta:user-defined meta:name="Prochaine revue" meta:value-type="date">2027-01-01</meta:user-defined></office:meta></office:document-meta>"#;
    let found = one("", "a.odt", &archive(&[("meta.xml", meta)])).unwrap();
    assert_eq!(
        (found.strength.as_ref(), found.title.as_deref(), found.owner, found.next_review),
        ("declared", Some("T"), None, day("2027-01-01"))
    );
}

#[test]
fn hostile_office_files_are_refused() {
    let doctype = r#"<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><x>&a;</x>"#;
    let nested = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let long = format!("<x>{}</x>", " ".repeat(2 * 1024 * 1024));
    let mut cut = archive(&[("docProps/core.xml", CORE)]);
    cut.truncate(cut.len() / 2);
    for (bytes, word) in [
        (archive(&[("docProps/core.xml", doctype)]), "docProps/core.xml: "),
        (archive(&[("docProps/core.xml", &nested)]), "docProps/core.xml: "),
        (archive(&[("docProps/custom.xml", &long)]), "is longer than"),
        (archive(&[("docProps/core.xml", "<a>")]), "docProps/core.xml: "),
        (cut, "damaged container"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1xxxx".to_vec(), "password"),
        (b"a;b\n1;2\n".to_vec(), "no office file"),
        (Vec::new(), "is empty"),
    ] {
        let why = one("", "a.docx", &bytes).unwrap_err();
        assert!(why.starts_with("a.docx: ") && why.contains(word), "{why}");
    }
}

fn pdf_with(info: &[(&str, &str)]) -> Vec<u8> {
    use lopdf::{Document as Pdf, Object, dictionary};
    let mut pdf = Pdf::with_version("1.7");
    let pages = pdf.add_object(dictionary! { "Type" => "Pages", "Kids" => Vec::<Object>::new(), "Count" => 0 });
    let catalog = pdf.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    let mut dictionary = lopdf::Dictionary::new();
    for (name, value) in info {
        dictionary.set(name.as_bytes().to_vec(), lopdf::text_string(value));
    }
    let info = pdf.add_object(dictionary);
    pdf.trailer.set("Root", catalog);
    pdf.trailer.set("Info", info);
    let mut bytes = Vec::new();
    pdf.save_to(&mut bytes).unwrap();
    bytes
}

#[test]
fn pdf_properties_are_read_and_hostile_ones_refused() {
    let found =
        one("", "a.pdf", &pdf_with(&[("Title", "Procédure"), ("Author", "Zoé"), ("ModDate", "D:20260101000000Z")])).unwrap();
    assert_eq!(
        (found.strength.as_ref(), found.title.as_deref(), found.owner.as_deref(), found.last_review),
        ("embedded", Some("Procédure"), Some("Zoé"), None)
    );
    let found = one(
        "",
        "a.pdf",
        &pdf_with(&[("Author", "Zoé"), ("Propriétaire", "Ana"), ("LastReview", "x"), ("Prochaine revue", "D:20270101000000Z")]),
    )
    .unwrap();
    assert_eq!((found.strength.as_ref(), found.owner.as_deref(), found.next_review), ("declared", Some("Ana"), day("2027-01-01")));
    for (bytes, word) in [(b"%PDF-1.7\ngarbage".as_slice(), "damaged"), (b"no", "no PDF header")] {
        let why = one("", "a.pdf", bytes).unwrap_err();
        assert!(why.contains(word), "{why}");
    }
    let nested =
        format!("%PDF-1.7\n1 0 obj\n{}\nendobj\ntrailer\n<</Root 1 0 R /Info 1 0 R>>\nstartxref\n0\n%%EOF", "[".repeat(500_000));
    let _ = one("", "a.pdf", nested.as_bytes());
}

#[test]
fn a_folder_is_walked_in_order_and_what_is_skipped_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.md"), "x").unwrap();
    for path in ["b.md", "a/z.md", "a/é.MD", ".git/c.md", ".d.md", "~$e.docx", "photo.png", "archives/old/f.md", "bad.docx"] {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(outside.path(), dir.path().join("link")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("secret.md"), dir.path().join("secret.md")).unwrap();
        std::os::unix::fs::symlink("..", dir.path().join("a/loop")).unwrap();
    }
    let (reading, kept, capture) = harvest("exclude = ['archives/**']\n", dir.path());
    let reading = reading.unwrap();
    let paths: Vec<_> = kept.documents.iter().map(|d| d.path.as_ref()).collect();
    assert_eq!(paths, ["a/z.md", "a/é.MD", "b.md"]);
    assert_eq!(kept.rejects, [(4, "bad.docx: is not what its name says: it is no office file at all".into(), "bad.docx".into())]);
    let counts: Vec<_> = reading.details.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    #[cfg(unix)]
    assert_eq!(
        counts,
        [
            ("skipped_excluded", 1),
            ("skipped_hidden", 3),
            ("skipped_other_types", 1),
            ("skipped_symbolic_links", 3),
            ("strength_file_time", 3)
        ]
    );
    assert!(capture.lines().next().unwrap().contains("\"path\":\"a/z.md\"") && !capture.contains("secret"));
    assert!(capture.lines().last().unwrap().contains("\"error\":\"is not what its name says"), "{capture}");
    assert_eq!((harvest("", dir.path()).2, reading.pages), (harvest("", dir.path()).2, 4));
}

#[test]
fn a_folder_that_is_none_is_said_to_be_so() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), "x").unwrap();
    for (config, word) in [
        ("folder = 'nope'", "cannot be opened"),
        ("folder = 'file'", "is not a folder"),
        ("", "holds no document"),
        ("exclude = ['[']", "exclude: "),
    ] {
        let error = harvest(config, dir.path()).0.unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn real_documents_are_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures/docs");
    if !folder.is_dir() {
        eprintln!("skipped: {} is not here", folder.display());
        return;
    }
    let (_, kept, _) = harvest("exclude = ['SOURCE.txt']", &folder);
    assert_eq!(kept.rejects, []);
    let found: Vec<_> = kept
        .documents
        .iter()
        .map(|d| (d.path.as_ref(), d.strength.as_ref(), d.owner.as_deref(), d.last_review, d.next_review))
        .collect();
    assert_eq!(
        found,
        [
            ("doc-coreprops.docx", "embedded", Some("Steve Canny"), None, None),
            ("doc-no-coreprops.docx", "file_time", None, None, None),
            ("security-controls.html.md.erb", "declared", None, day("2025-09-15"), day("2026-03-15")),
        ]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Any bytes under any name: the arithmetic is asserted in `harvest`.
    #[test]
    fn any_bytes_add_up(bytes in proptest::collection::vec(any::<u8>(), 1..400), head in 0usize..4, name in 0usize..4) {
        let dir = tempfile::tempdir().unwrap();
        let head: &[u8] = [b"".as_slice(), b"---\n", b"%PDF-1.4\n", b"PK\x03\x04"][head];
        fs::write(dir.path().join(["a.md", "a.docx", "a.pdf", "a.odt"][name]), [head, &bytes].concat()).unwrap();
        let (reading, _, _) = harvest("", dir.path());
        prop_assert_eq!(reading.unwrap().rows_seen, 1);
    }

    /// Damage anywhere in good files of each kind.
    #[test]
    fn damage_adds_up(at in 0usize..1500, with in proptest::collection::vec(any::<u8>(), 0..6), cut in 0usize..50) {
        let dir = tempfile::tempdir().unwrap();
        let front = b"---\nowner: {a: [b, c], d: \"e\"}\nlast_review: 2026-01-01\nreview_in: 3 mois\n---\n".to_vec();
        for (name, bytes) in [("a.docx", archive(&[("docProps/core.xml", CORE), ("docProps/custom.xml", CUSTOM)])), ("a.pdf", pdf_with(&[("Title", "T"), ("Owner", "O")])), ("a.md", front)] {
            let at = at % bytes.len();
            let end = (at + cut).min(bytes.len());
            fs::write(dir.path().join(name), [&bytes[..at], &with, &bytes[end..]].concat()).unwrap();
        }
        prop_assert_eq!(harvest("", dir.path()).0.unwrap().rows_seen, 3);
    }
}
