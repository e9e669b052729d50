//! The line sheets of a returned workbook: found by their headings, whatever they were renamed to, and read row by row.

use std::collections::BTreeMap;

use super::grid::{Cell, Sheet};
use crate::lang::Lang;
use crate::review::paper::fold::folded;
use crate::review::paper::row::Column;

/// Rows among which the headings are looked for: a few may have been inserted above.
const HEADING_WITHIN: u32 = 40;
/// Headings that must be there besides the id.
const ENOUGH: usize = 5;

/// A line sheet and where its columns are.
pub(super) struct Table<'s> {
    pub sheet: &'s Sheet,
    heading: u32,
    columns: BTreeMap<Column, u32>,
}

/// A row with an id, or with something in it.
pub(super) struct Row<'t, 's> {
    pub table: &'t Table<'s>,
    /// From 0.
    pub number: u32,
    cells: &'s [Cell],
}

static NOTHING: Cell = Cell { content: super::grid::Content::Empty, formula: false };

impl<'s> Table<'s> {
    /// The sheet as a table of lines; `None` when it is another sheet.
    pub(super) fn find(sheet: &'s Sheet) -> Option<Self> {
        let titles: Vec<(String, Column)> = Column::ALL
            .into_iter()
            .flat_map(|column| [Lang::Fr, Lang::En].map(|lang| (folded(column.title(lang)), column)))
            .collect();
        let near = sheet.rows.iter().take_while(|(row, _)| *row < HEADING_WITHIN);
        for (row, cells) in near {
            let mut columns = BTreeMap::new();
            for (at, cell) in (0..).zip(cells) {
                let text = folded(&cell.text());
                if let Some((_, column)) = titles.iter().find(|(title, _)| *title == text) {
                    columns.entry(*column).or_insert(at);
                }
            }
            if columns.contains_key(&Column::Item) && columns.len() > ENOUGH {
                return Some(Self { sheet, heading: *row, columns });
            }
        }
        None
    }

    pub(super) fn lacks(&self, column: Column) -> bool {
        !self.columns.contains_key(&column)
    }

    /// Whether a row of the sheet is one of a line: it bears an id.
    pub(super) fn is_line(&self, number: u32, cells: &[Cell]) -> bool {
        let id = self.columns.get(&Column::Item).and_then(|at| cells.get(*at as usize));
        number > self.heading && id.is_some_and(|id| !id.is_empty())
    }

    pub(super) fn rows<'t>(&'t self) -> impl Iterator<Item = Row<'t, 's>> {
        let below = self.sheet.rows.iter().filter(|(row, _)| *row > self.heading);
        below.map(|(number, cells)| Row { table: self, number: *number, cells })
    }
}

impl<'s> Row<'_, 's> {
    pub(super) fn cell(&self, column: Column) -> &'s Cell {
        let at = self.table.columns.get(&column);
        at.and_then(|at| self.cells.get(*at as usize)).unwrap_or(&NOTHING)
    }

    pub(super) fn id(&self) -> String {
        self.cell(Column::Item).text().trim().to_owned()
    }

    /// The cell, or the first of the merged cells that cover it; and whether it was filled from another row.
    pub(super) fn merged(&self, column: Column) -> (&'s Cell, bool) {
        let own = self.cell(column);
        let Some(at) = self.table.columns.get(&column).copied() else { return (own, false) };
        let over = self.table.sheet.merges.iter().find(|m| {
            (m.top..=m.bottom).contains(&self.number) && (m.left..=m.right).contains(&at) && (m.top, m.left) != (self.number, at)
        });
        match over {
            // Merged with a column to the left: that cell's text is not of this column.
            Some(m) if own.is_empty() && m.left == at && m.top > self.table.heading => {
                (self.table.sheet.cell(m.top, at).unwrap_or(&NOTHING), true)
            }
            _ => (own, false),
        }
    }

    /// Whether a person wrote something into a row without id.
    pub(super) fn has_content(&self) -> bool {
        let ours = [Column::Number, Column::State, Column::Hash, Column::Item];
        self.table.columns.keys().filter(|column| !ours.contains(column)).any(|column| !self.cell(*column).is_empty())
    }

    /// The row as one text, for what is set aside.
    pub(super) fn all_text(&self) -> String {
        let texts = self.cells.iter().map(Cell::text).filter(|text| !text.trim().is_empty());
        texts.collect::<Vec<_>>().join(" | ").chars().take(2_000).collect()
    }
}
