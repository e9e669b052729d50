//! Workbooks edited as a program or a clumsy hand would: the XML of their cells, part by part.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "shared by tests"
)]

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;

/// Parts of the package, in their order.
#[derive(Debug, Clone)]
pub struct Package {
    pub parts: Vec<(String, Vec<u8>)>,
}

/// Numbers of the sheets of a review's workbook.
pub const REVIEW: usize = 2;
pub const PRIVILEGED: usize = 3;
pub const SERVICE: usize = 4;
pub const SIGNATURE: usize = 7;
pub const META: usize = 9;

impl Package {
    pub fn open(bytes: &[u8]) -> Self {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut parts = vec![];
        for index in 0..archive.len() {
            let mut file = archive.by_index(index).unwrap();
            let (name, mut bytes) = (file.name().unwrap().into_owned(), vec![]);
            file.read_to_end(&mut bytes).unwrap();
            parts.push((name, bytes));
        }
        Self { parts }
    }

    pub fn save(&self) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(vec![]));
        for (name, bytes) in &self.parts {
            writer.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    pub fn text(&self, name: &str) -> String {
        let part = self.parts.iter().find(|(n, _)| n == name).unwrap_or_else(|| panic!("{name} is not there"));
        String::from_utf8(part.1.clone()).unwrap()
    }

    pub fn put(&mut self, name: &str, bytes: impl Into<Vec<u8>>) {
        let bytes = bytes.into();
        match self.parts.iter_mut().find(|(n, _)| n == name) {
            Some(part) => part.1 = bytes,
            None => self.parts.push((name.to_owned(), bytes)),
        }
    }

    /// Changes a part's text; it must change.
    pub fn edit(&mut self, name: &str, change: impl FnOnce(String) -> String) -> &mut Self {
        let before = self.text(name);
        let after = change(before.clone());
        assert_ne!(before, after, "{name}: the edit found nothing to change");
        self.put(name, after);
        self
    }

    pub fn sheet(&mut self, number: usize, change: impl FnOnce(String) -> String) -> &mut Self {
        self.edit(&format!("xl/worksheets/sheet{number}.xml"), change)
    }

    /// Replaces a cell, whatever it held. `inner` is what stands between `<c r=…` and `</c>`, its attributes included.
    pub fn raw(&mut self, number: usize, cell: &str, inner: &str) -> &mut Self {
        let name = format!("xl/worksheets/sheet{number}.xml");
        let xml = self.text(&name);
        let (from, to) = span(&xml, cell);
        self.put(&name, format!("{}<c r=\"{cell}\"{inner}</c>{}", &xml[..from], &xml[to..]));
        self
    }

    /// Writes a text into a cell.
    pub fn set(&mut self, number: usize, cell: &str, text: &str) -> &mut Self {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        self.raw(number, cell, &format!(" t=\"inlineStr\"><is><t xml:space=\"preserve\">{text}</t></is>"))
    }

    /// Numbers of the rows that hold a line, as the spreadsheet counts.
    pub fn lines(&self, number: usize) -> Vec<u32> {
        let xml = self.text(&format!("xl/worksheets/sheet{number}.xml"));
        // The id stands in column A.
        (4..100_000)
            .take_while(|row| xml.contains(&format!("<row r=\"{row}\"")))
            .filter(|row| xml.contains(&format!("<c r=\"A{row}\"")))
            .collect()
    }

    /// The XML of a row.
    pub fn row(&self, number: usize, row: u32) -> String {
        let xml = self.text(&format!("xl/worksheets/sheet{number}.xml"));
        let (from, to) = row_span(&xml, row);
        xml[from..to].to_owned()
    }

    pub fn delete_row(&mut self, number: usize, row: u32) -> &mut Self {
        self.sheet(number, |xml| {
            let (from, to) = row_span(&xml, row);
            format!("{}{}", &xml[..from], &xml[to..])
        })
    }

    /// Adds rows at the end of the data.
    pub fn append_row(&mut self, number: usize, xml_row: &str) -> &mut Self {
        self.sheet(number, |xml| xml.replacen("</sheetData>", &format!("{xml_row}</sheetData>"), 1))
    }

    /// Decides every line of the three sheets, with a justification.
    pub fn decide_all(&mut self, word: &str) -> &mut Self {
        for number in [REVIEW, PRIVILEGED, SERVICE] {
            for row in self.lines(number) {
                self.set(number, &format!("O{row}"), word);
                self.set(number, &format!("Q{row}"), "Nécessaire à la mission actuelle");
            }
        }
        self
    }

    /// Fills in the signature sheet, with a true date (46,359 is 2026-12-03).
    pub fn sign(&mut self, name: &str) -> &mut Self {
        self.set(SIGNATURE, "B7", name).set(SIGNATURE, "B8", "Cheffe de service");
        let style = style_of(&self.text(&format!("xl/worksheets/sheet{SIGNATURE}.xml")), "B9");
        self.raw(SIGNATURE, "B9", &format!(" s=\"{style}\"><v>46359</v>"));
        self.set(SIGNATURE, "B10", "Oui").set(SIGNATURE, "B11", "Oui")
    }

    pub fn by_name(&self) -> BTreeMap<&str, &[u8]> {
        self.parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect()
    }
}

fn style_of(xml: &str, cell: &str) -> String {
    let (from, to) = span(xml, cell);
    let tag = &xml[from..to];
    let at = tag.find(" s=\"").unwrap() + 4;
    tag[at..].split('"').next().unwrap().to_owned()
}

fn span(xml: &str, cell: &str) -> (usize, usize) {
    let from = xml.find(&format!("<c r=\"{cell}\"")).unwrap_or_else(|| panic!("no cell {cell}"));
    let open = from + xml[from..].find('>').unwrap() + 1;
    if xml[..open].ends_with("/>") { (from, open) } else { (from, open + xml[open..].find("</c>").unwrap() + 4) }
}

fn row_span(xml: &str, row: u32) -> (usize, usize) {
    let from = xml.find(&format!("<row r=\"{row}\"")).unwrap_or_else(|| panic!("no row {row}"));
    (from, from + xml[from..].find("</row>").unwrap() + 6)
}
