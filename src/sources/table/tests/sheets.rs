//! Workbooks: their own dates and numbers, their bounds.

use std::io::{Cursor, Write};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use zip::write::{SimpleFileOptions, ZipWriter};

use super::{read, try_read};

fn pv() -> Vec<u8> {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("Lisez-moi").unwrap().write(0, 0, "rien").unwrap();
    let sheet = book.add_worksheet().set_name("PV").unwrap();
    let date = Format::new().set_num_format("dd/mm/yyyy hh:mm");
    let span = Format::new().set_num_format("[h]:mm");
    sheet.write(0, 0, "Procès-verbaux 2026").unwrap();
    let header = ["N° PV", "Application", "Début", "Fin", "RTO cible", "RTO mesuré", "Volume", "Contrôle d'intégrité", "Résultat"];
    for (at, name) in (0..).zip(header) {
        sheet.write(2, at, name).unwrap();
    }
    sheet.write(3, 0, 12).unwrap().write(3, 1, "Paie").unwrap();
    let begin = ExcelDateTime::from_ymd(2026, 10, 5).unwrap().and_hms(9, 30, 0).unwrap();
    sheet.write_with_format(3, 2, &begin, &date).unwrap();
    sheet.write(3, 3, "05/10/2026 13:00").unwrap().write(3, 4, "4h").unwrap();
    sheet.write_with_format(3, 5, ExcelDateTime::from_hms(3, 30, 0).unwrap(), &span).unwrap();
    sheet.write(3, 6, "1,5 Go").unwrap().write(3, 7, "Oui").unwrap().write(3, 8, "Conforme avec réserve").unwrap();
    sheet.write(4, 0, 13).unwrap().write(4, 1, "RH").unwrap().write(4, 2, "31/09/2026").unwrap().write(4, 8, "Conforme").unwrap();
    sheet.write(5, 0, 14).unwrap().write(5, 1, "RH").unwrap().write(5, 2, "30/09/2026").unwrap().write(5, 8, "À revoir").unwrap();
    book.save_to_buffer().unwrap()
}

const PV: &str = "preset = \"pv-restore\"\n[read]\nsheet = \"PV\"\nheader = 3\n";

#[test]
fn a_pv_sheet_becomes_restore_tests() {
    let bytes = pv();
    let (reading, kept) = read("pv.xlsx", &bytes, PV);
    assert_eq!(
        kept.table("restore_tests"),
        ["test_id=SYS:12 application=Paie started=2026-10-05T07:30:00Z ended=2026-10-05T11:00:00Z rto_target_minutes=240 \
          rto_measured_minutes=210 bytes_restored=1500000000 integrity_checked=true result=conform_with_reserve"]
    );
    assert_eq!(kept.rejects[0].0, 5);
    assert!(kept.rejects[0].1.starts_with("started: \"31/09/2026\" does not exist in the calendar"), "{}", kept.rejects[0].1);
    assert!(kept.rejects[1].1.starts_with("result: \"À revoir\" is not among the values listed"));
    assert_eq!(kept.capture, bytes);
    assert_eq!(reading.query["files"][0]["read_as"], "sheet PV");
}

#[test]
fn a_redacted_sheet_is_captured_as_csv() {
    let (_, kept) = read("pv.xlsx", pv(), &format!("redact = [\"Volume\"]\n{PV}[fields]\nbytes_restored = {{ const = 1 }}\n"));
    let lines: Vec<String> = kept.captured().lines().map(ToOwned::to_owned).collect();
    assert_eq!(lines[0], "Procès-verbaux 2026");
    assert_eq!(
        lines[2],
        "12,Paie,2026-10-05T09:30:00,05/10/2026 13:00,4h,0.14583333333333334,[redacted],Oui,Conforme avec réserve"
    );
}

#[test]
fn a_sheet_that_is_not_there_is_named_with_those_that_are() {
    let error = try_read("pv.xlsx", pv(), &PV.replace("\"PV\"", "\"Tests\"")).map(|_| ()).unwrap_err().to_string();
    assert_eq!(error, "pv.xlsx: there is no sheet \"Tests\"; the workbook has \"Lisez-moi\", \"PV\". Set read.sheet");
    let error = try_read("pv.ods", pv(), &PV.replace("[read]", "[read]\nformat = \"ods\"")).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("holds no content.xml: it is another kind of file; is read.format = \"xlsx\" meant?"), "{error}");
}

fn container(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn ods(rows: &str) -> Vec<u8> {
    let content = format!(
        r#"<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="RH">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"#
    );
    let manifest =
        br#"<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>"#;
    container(&[
        ("META-INF/manifest.xml", manifest.to_vec()),
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet".to_vec()),
        ("content.xml", content.into_bytes()),
    ])
}

fn cell(text: &str) -> String {
    format!(r#"<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>"#)
}

const PEOPLE: &str =
    "record = \"people\"\n[read]\nformat = \"ods\"\n[fields]\nemployee_id = \"m\"\ndisplay_name = \"n\"\njoined_on = \"d\"\n";

#[test]
fn an_ods_sheet_is_read_with_its_dates() {
    let rows = format!(
        r#"<table:table-row>{}{}{}</table:table-row><table:table-row><table:table-cell office:value-type="float" office:value="7"><text:p>7</text:p></table:table-cell>{}<table:table-cell office:value-type="date" office:date-value="2020-02-29"><text:p>29/02/20</text:p></table:table-cell></table:table-row>"#,
        cell("m"),
        cell("n"),
        cell("d"),
        cell("Zoë")
    );
    let (_, kept) = read("rh.ods", ods(&rows), PEOPLE);
    assert_eq!(kept.table("people"), ["person_id=SYS:7 employee_id=7 display_name=Zoë status=unknown joined_on=2020-02-29"]);
}

#[test]
fn a_bomb_is_refused_before_it_is_held() {
    let repeated = r#"<table:table-cell table:number-columns-repeated="16000" office:value-type="string"><text:p>x</text:p></table:table-cell>"#;
    let rows = format!("<table:table-row>{repeated}</table:table-row>").repeat(2000);
    let error = try_read("rh.ods", ods(&rows), PEOPLE).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("the sheet repeats cells beyond 20000000"), "{error}");
    let bomb = container(&[("xl/workbook.xml", vec![b' '; 300 << 20])]);
    let error = try_read("rh.xlsx", bomb, &PEOPLE.replace("ods", "xlsx")).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("the workbook unpacks to more than 256 MiB (xl/workbook.xml)"), "{error}");
}
