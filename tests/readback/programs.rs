//! Workbooks saved again by the programs that people have. What is not installed is said, loudly.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use probant::lang::Lang;

use crate::kit::{codes, decided, kit};
use crate::review_world::edit::{Package, REVIEW};

/// LibreOffice, when it is in PATH.
fn soffice() -> Option<PathBuf> {
    let found = std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join("soffice")).find(|path| path.exists());
    if found.is_none() {
        eprintln!("NOT TESTED: soffice is not in PATH, so nothing was saved again by LibreOffice");
    }
    found
}

/// Saves a workbook again as `to`.
fn converted(soffice: &Path, bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join(format!("entree.{from}"));
    fs::write(&input, bytes).unwrap();
    let profile = format!("-env:UserInstallation=file://{}/profile", folder.path().display());
    let out = folder.path().join("out");
    let done = Command::new(soffice)
        .args([&profile, "--headless", "--norestore", "--convert-to", to, "--outdir"])
        .arg(&out)
        .arg(&input)
        .output()
        .unwrap();
    let file = out.join(format!("entree.{to}"));
    fs::read(&file).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&done.stderr)))
}

#[test]
fn libreoffice_saves_again_as_xlsx_and_ods_and_every_line_is_read_the_same() {
    let Some(soffice) = soffice() else { return };
    let kit = kit();
    let mut package = kit.filled("P002");
    let rows = package.lines(REVIEW);
    package.set(REVIEW, &format!("O{}", rows[0]), "Révoquer");
    package.set(REVIEW, &format!("O{}", rows[1]), "Modifier").set(REVIEW, &format!("P{}", rows[1]), "Lecture seule");
    package.raw(REVIEW, &format!("O{}", rows[2]), " t=\"str\"><f>\"Conser\"&amp;\"ver\"</f><v>Conserver</v>");
    package.set(REVIEW, &format!("F{}", rows[3]), "Un droit anodin");
    package.set(REVIEW, &format!("O{}", rows[4]), "peut-être");
    let (expected, _) = kit.read(&package);
    let xlsx = converted(&soffice, &package.save(), "xlsx", "xlsx");
    let ods = converted(&soffice, &xlsx, "xlsx", "ods");
    let back = converted(&soffice, &ods, "ods", "xlsx");
    for (name, bytes) in [("a.xlsx", xlsx), ("b.ods", ods), ("c.xlsx", back)] {
        let (reading, log) = kit.read_bytes(name, &bytes);
        assert_eq!(codes(&reading), codes(&expected), "{name}: {:?}", reading.notes);
        assert_eq!(reading.answers, expected.answers, "{name}");
        assert_eq!(reading.refused, expected.refused, "{name}");
        assert_eq!(reading.signature, expected.signature, "{name}");
        assert_eq!(decided(&log), kit.items("P002").len() - 2);
    }
}

#[test]
fn merged_cells_saved_by_libreoffice_as_ods_are_seen() {
    let Some(soffice) = soffice() else { return };
    let kit = kit();
    let mut package = kit.filled("P002");
    let rows = package.lines(REVIEW);
    for row in &rows[1..3] {
        package.raw(REVIEW, &format!("O{row}"), ">");
    }
    let merge = format!("<mergeCells count=\"1\"><mergeCell ref=\"O{}:O{}\"/></mergeCells><sheetProtection", rows[0], rows[2]);
    package.sheet(REVIEW, |xml| xml.replacen("<sheetProtection", &merge, 1));
    let ods = converted(&soffice, &package.save(), "xlsx", "ods");
    let (reading, log) = kit.read_bytes("a.ods", &ods);
    assert_eq!(codes(&reading), ["merged-filled"], "{:?}", reading.notes);
    assert_eq!(decided(&log), kit.items("P002").len());
}

#[test]
fn an_old_xls_of_libreoffice_is_refused_by_name() {
    let Some(soffice) = soffice() else { return };
    let kit = kit();
    let xls = converted(&soffice, &kit.filled("P002").save(), "xlsx", "xls");
    assert_eq!(codes(&kit.read_bytes("a.xls", &xls).0), ["old-xls"]);
    assert_eq!(codes(&kit.read_bytes("renommé.xlsx", &xls).0), ["old-xls"]);
}

#[test]
fn a_workbook_really_under_a_password_is_refused_by_name() {
    let Some(python) = std::env::var_os("PROBANT_OPENPYXL") else {
        eprintln!("NOT TESTED: PROBANT_OPENPYXL does not name a python with msoffcrypto, so nothing was put under a password");
        return;
    };
    let kit = kit();
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("a.xlsx"), folder.path().join("b.xlsx"));
    fs::write(&input, kit.filled("P002").save()).unwrap();
    let script = "import sys\nfrom msoffcrypto.format.ooxml import OOXMLFile\n\
                  OOXMLFile(open(sys.argv[1], 'rb')).encrypt('secret', open(sys.argv[2], 'wb'))";
    let done = Command::new(python).args(["-c", script]).args([&input, &output]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let (reading, log) = kit.read_bytes("b.xlsx", &fs::read(&output).unwrap());
    assert_eq!((codes(&reading), decided(&log)), (vec!["encrypted"], 0));
    assert!(reading.notes[0].fr.contains("mot de passe"), "{}", reading.notes[0].fr);
}

#[test]
fn openpyxl_fills_in_and_saves_and_every_line_is_read() {
    let Some(python) = std::env::var_os("PROBANT_OPENPYXL") else {
        eprintln!("NOT TESTED: PROBANT_OPENPYXL does not name a python with openpyxl, so nothing was saved again by openpyxl");
        return;
    };
    let kit = kit();
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("a.xlsx"), folder.path().join("b.xlsx"));
    fs::write(&input, kit.sent("P002", Lang::Fr).save()).unwrap();
    let script = r"
import sys, datetime, openpyxl
book = openpyxl.load_workbook(sys.argv[1])
for name in ('À revoir', 'Privilégiés', 'Comptes de service'):
    sheet = book[name]
    for row in range(4, sheet.max_row + 1):
        if sheet.cell(row, 1).value:
            sheet.cell(row, 15).value = 'Conserver'
            sheet.cell(row, 17).value = 'Nécessaire'
sheet = book['Signature']
for row, value in ((7, sys.argv[3]), (8, 'Cheffe'), (9, datetime.date(2026, 12, 3)), (10, 'Oui'), (11, 'Oui')):
    sheet.cell(row, 2).value = value
book.save(sys.argv[2])
";
    let done = Command::new(python).args(["-c", script]).args([&input, &output]).arg(kit.name("P002")).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let (reading, log) = kit.read_bytes("b.xlsx", &fs::read(&output).unwrap());
    assert_eq!(codes(&reading), Vec::<&str>::new(), "{:?}", reading.notes);
    assert_eq!(decided(&log), kit.items("P002").len());
    let _ = Package::open(&fs::read(&output).unwrap());
}
