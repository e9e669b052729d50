//! OpenDocument sheets. Read from the XML itself: merged cells, formulas and repetitions matter here, and a cell that says
//! "a million times" must not be taken at its word.

use roxmltree::{Document, Node};

use super::container::{self, MAX_SHEETS};
use super::grid::{Budget, Cell, Content, MAX_COLUMNS, Merge, Sheet, iso, put};
use super::trouble::Trouble;

const TABLE: &str = "urn:oasis:names:tc:opendocument:xmlns:table:1.0";
const OFFICE: &str = "urn:oasis:names:tc:opendocument:xmlns:office:1.0";
const TEXT: &str = "urn:oasis:names:tc:opendocument:xmlns:text:1.0";
/// The tree of a document takes several times its text.
const MAX_CONTENT: u64 = 160 << 20;
/// Rows of a sheet (Excel's and LibreOffice's limit).
const MAX_ROWS: u32 = 1_048_576;

pub(super) fn read(archive: &mut container::Archive<'_>) -> Result<Vec<Sheet>, Trouble> {
    let bytes = container::part(archive, "content.xml", MAX_CONTENT).ok_or(Trouble::Bomb)?;
    let damaged = |error: &dyn std::fmt::Display| Trouble::Damaged(error.to_string());
    let text = std::str::from_utf8(&bytes).map_err(|error| damaged(&error))?;
    let document = Document::parse(text).map_err(|error| damaged(&error))?;
    let is_table = |node: &Node<'_, '_>| node.has_tag_name((TABLE, "table"));
    let body = document.descendants().find(|node| node.has_tag_name((OFFICE, "spreadsheet")));
    let tables: Vec<Node<'_, '_>> = body.map(|body| body.children().filter(is_table).collect()).unwrap_or_default();
    if tables.len() > MAX_SHEETS {
        return Err(Trouble::TooManySheets(tables.len()));
    }
    let mut budget = Budget::new();
    tables.into_iter().map(|table| sheet(table, &mut budget)).collect()
}

fn sheet(table: Node<'_, '_>, budget: &mut Budget) -> Result<Sheet, Trouble> {
    let mut sheet = Sheet { name: table.attribute((TABLE, "name")).unwrap_or_default().to_owned(), ..Sheet::default() };
    let mut row = 0_u32;
    // Rows stand in the table, or in groups and headings of it.
    for node in table.descendants().filter(|node| node.has_tag_name((TABLE, "table-row"))) {
        let times = repeated(node, "number-rows-repeated");
        let cells = cells(node, row, &mut sheet.merges);
        if !cells.is_empty() {
            for offset in 0..times {
                let at = row.saturating_add(offset);
                if at >= MAX_ROWS {
                    break;
                }
                for (column, cell) in &cells {
                    put(&mut sheet, (at, *column), cell.clone(), budget)?;
                }
            }
        }
        row = row.saturating_add(times).min(MAX_ROWS);
    }
    Ok(sheet)
}

fn cells(row: Node<'_, '_>, at: u32, merges: &mut Vec<Merge>) -> Vec<(u32, Cell)> {
    let mut cells = vec![];
    let mut column = 0_u32;
    for node in row.children().filter(Node::is_element) {
        let covered = node.has_tag_name((TABLE, "covered-table-cell"));
        if !covered && !node.has_tag_name((TABLE, "table-cell")) {
            continue;
        }
        let times = repeated(node, "number-columns-repeated");
        let (rows, columns) = (repeated(node, "number-rows-spanned"), repeated(node, "number-columns-spanned"));
        if rows > 1 || columns > 1 {
            merges.push(Merge {
                top: at,
                left: column,
                bottom: at.saturating_add(rows - 1),
                right: column.saturating_add(columns - 1),
            });
        }
        let cell = cell(node);
        if !covered && !cell.is_empty() {
            let end = column.saturating_add(times).min(MAX_COLUMNS);
            cells.extend((column..end).map(|column| (column, cell.clone())));
        }
        column = column.saturating_add(times);
    }
    cells
}

fn repeated(node: Node<'_, '_>, name: &str) -> u32 {
    node.attribute((TABLE, name)).and_then(|text| text.parse().ok()).unwrap_or(1).max(1)
}

fn cell(node: Node<'_, '_>) -> Cell {
    let formula = node.attribute((TABLE, "formula")).is_some();
    let value = |name| node.attribute((OFFICE, name));
    let content = match value("value-type") {
        Some("date") => iso(value("date-value").unwrap_or_default()),
        Some("float" | "currency" | "percentage") => {
            value("value").and_then(|v| v.parse().ok()).map_or(Content::Empty, Content::Number)
        }
        Some("boolean") => Content::Other(value("boolean-value").unwrap_or_default().to_owned()),
        Some("time") => Content::Other(value("time-value").unwrap_or_default().to_owned()),
        _ => {
            let text = paragraphs(node);
            if text.is_empty() { Content::Empty } else { Content::Text(text) }
        }
    };
    Cell { content, formula }
}

/// The paragraphs of a cell, one a line; comments attached to it are not its text.
fn paragraphs(cell: Node<'_, '_>) -> String {
    let mut lines = vec![];
    for paragraph in cell.children().filter(|node| node.has_tag_name((TEXT, "p"))) {
        let mut line = String::new();
        inline(paragraph, &mut line, 0);
        lines.push(line);
    }
    lines.join("\n")
}

/// White space of ODF 1.3 part 3, 6.1: runs of spaces and line ends are elements.
fn inline(node: Node<'_, '_>, line: &mut String, depth: u8) {
    for child in node.children() {
        if let Some(text) = child.text().filter(|_| child.is_text()) {
            line.push_str(text);
        } else if child.has_tag_name((TEXT, "s")) {
            let count = child.attribute((TEXT, "c")).and_then(|text| text.parse::<usize>().ok()).unwrap_or(1);
            line.extend(std::iter::repeat_n(' ', count.min(1_000)));
        } else if child.has_tag_name((TEXT, "tab")) {
            line.push('\t');
        } else if child.has_tag_name((TEXT, "line-break")) {
            line.push('\n');
        } else if child.is_element() && !child.has_tag_name((OFFICE, "annotation")) && depth < 20 {
            inline(child, line, depth + 1);
        }
    }
}
