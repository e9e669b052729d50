//! Files that must not be opened: each a clear refusal, and the others of the same collect go through.

use std::io::{Cursor, Write};

use probant::review::collecting::collect::collect;
use probant::review::readback::Returned;
use probant::review::record::decisions::Log;
use probant::review::record::returned::Severity;
use zip::write::SimpleFileOptions;

use crate::kit::{codes, decided, how, kit};
use crate::review_world::edit::Package;

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(vec![]));
    for (name, bytes) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn compound(stream: &str) -> Vec<u8> {
    let mut bytes = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    bytes.resize(1_024, 0);
    bytes.extend(stream.encode_utf16().flat_map(u16::to_le_bytes));
    bytes
}

/// A package whose first sheet unpacks to 300 MB of one byte; `lie` writes a small size into the directories.
fn bomb(package: &Package, lie: bool) -> Vec<u8> {
    let mut package = package.clone();
    package.put("xl/worksheets/sheet2.xml", vec![b' '; 300 << 20]);
    let mut bytes = package.save();
    if lie {
        let real = (300_u32 << 20).to_le_bytes();
        let at: Vec<usize> = bytes.windows(4).enumerate().filter(|(_, w)| *w == real).map(|(at, _)| at).collect();
        assert!(!at.is_empty());
        for at in at {
            bytes[at..at + 4].copy_from_slice(&1_000_u32.to_le_bytes());
        }
    }
    bytes
}

fn many_sheets(package: &Package) -> Vec<u8> {
    let mut package = package.clone();
    package.edit("xl/workbook.xml", |xml| {
        let more: String = (0..230).map(|n| format!("<sheet name=\"S{n}\" sheetId=\"{}\" r:id=\"rId2\"/>", n + 100)).collect();
        xml.replacen("</sheets>", &format!("{more}</sheets>"), 1)
    });
    package.save()
}

#[test]
fn each_is_refused_in_words_and_the_good_one_goes_through() {
    let kit = kit();
    let good = kit.filled("P002");
    let bytes = good.save();
    let mut macros = good.clone();
    macros.put("xl/vbaProject.bin", b"x".to_vec());
    let manifest = b"<manifest:manifest><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>";
    let mut cut = bytes.clone();
    cut.truncate(bytes.len() / 2);
    let mut broken = good.clone();
    broken.put("xl/worksheets/sheet2.xml", b"<worksheet><sheetData><row r=\"1\"><c r=\"A1\"".to_vec());
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("vide.xlsx", vec![], "empty-file"),
        ("mot-de-passe.xlsx", compound("EncryptedPackage"), "encrypted"),
        ("mot-de-passe.ods", zipped(&[("content.xml", b"x"), ("META-INF/manifest.xml", manifest)]), "encrypted"),
        ("ancien.xls", compound("Workbook"), "old-xls"),
        ("binaire.xlsb", zipped(&[("xl/workbook.bin", b"x")]), "binary-xlsb"),
        ("macros.xlsx", macros.save(), "macros"),
        ("macros.xlsm", kit.filled("P001").save(), "macros"),
        ("bombe.xlsx", bomb(&good, false), "zip-bomb"),
        ("onglets.xlsx", many_sheets(&good), "too-many-sheets"),
        ("coupé.xlsx", cut, "damaged"),
        ("xml.xlsx", broken.save(), "damaged"),
        ("texte.xlsx", b"Bonjour,".to_vec(), "no-workbook"),
        ("autre.zip", zipped(&[("a.txt", b"x")]), "no-workbook"),
    ];
    let mut files: Vec<Returned<'_>> = cases.iter().map(|(name, bytes, _)| Returned { name, bytes }).collect();
    files.insert(3, Returned { name: "bon.xlsx", bytes: &bytes });
    let mut log = Log::default();
    let readings = collect(&kit.campaign, &mut log, &files, how());
    for (name, _, code) in &cases {
        let reading = readings.iter().find(|r| r.file == *name).unwrap();
        assert_eq!(codes(reading), [*code], "{name}: {:?}", reading.notes);
        let note = &reading.notes[0];
        assert_eq!((note.severity, note.file.as_str()), (Severity::Refuse, *name));
        assert!(note.fr.len() > 20 && note.en.len() > 20 && note.fr != note.en, "{note:?}");
    }
    assert_eq!(codes(&readings[3]), Vec::<&str>::new());
    assert_eq!(decided(&log), kit.items("P002").len());
}

#[test]
fn a_bomb_that_lies_about_its_size_is_seen_or_found_damaged() {
    let kit = kit();
    let (reading, log) = kit.read_bytes("bombe.xlsx", &bomb(&kit.filled("P002"), true));
    assert!(["zip-bomb", "damaged"].contains(&codes(&reading)[0]), "{:?}", reading.notes);
    assert_eq!(decided(&log), 0);
}

#[test]
fn a_sheet_that_repeats_a_cell_a_million_times_is_refused() {
    let kit = kit();
    let content = r#"<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="a"><table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384" office:value-type="string"><text:p>xxxxxxxxxxxxxxxx</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"#;
    let (reading, _) = kit.read_bytes("x.ods", &zipped(&[("content.xml", content.as_bytes())]));
    assert_eq!(codes(&reading), ["zip-bomb"]);
}
