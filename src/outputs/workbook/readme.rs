//! The first sheet: one page that tells a manager how to judge, what each choice means and whom to ask.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::{Content, Pen, layout};
use crate::review::Sheet;
use crate::review::paper::clean;

/// Labels; texts.
const WIDTHS: [f64; 2] = [24.0, 104.0];

pub(super) fn write(pen: &Pen<'_>, worksheet: &mut Worksheet, sheets: &[(Sheet, usize)]) -> Result<(), XlsxError> {
    let (texts, styles, book) = (pen.texts, &pen.styles, pen.book);
    worksheet.set_name(texts.read_me)?;
    layout::widths(worksheet, &WIDTHS)?;
    let title = format!("{} — {} — {}", texts.title, book.campaign, clean::text(book.organisation));
    worksheet.write_string_with_format(0, 0, title, &styles.title)?;

    let counts = sheets.iter().map(|(sheet, n)| format!("{}{}{n}", layout::sheet_name(*sheet, pen.lang), texts.colon));
    let counts = counts.collect::<Vec<_>>().join(texts.semicolon);
    let mut facts = vec![
        (texts.reviewer, clean::text(&book.book.reviewer.display_name)),
        (texts.return_by, pen.lang.date(book.due)),
        (texts.ask, clean::text(book.contact)),
        (texts.to_do, format!("{} {} ({counts})", pen.lines, texts.lines_word)),
    ];
    if let Content::Handed(_, story) = pen.content {
        facts.push((texts.why_you, clean::text(story)));
    }
    let mut row = 2;
    for (label, value) in &facts {
        worksheet.write_string_with_format(row, 0, *label, &styles.label)?;
        worksheet.write_string_with_format(row, 1, value, &styles.text)?;
        worksheet.set_row_height(row, layout::height([(value.as_str(), WIDTHS[1])], layout::BODY_SIZE, 1))?;
        row += 1;
    }
    for (heading, entries) in texts.guide {
        row += 1;
        worksheet.write_string_with_format(row, 0, *heading, &styles.section)?;
        worksheet.write_blank(row, 1, &styles.section)?;
        // The line below a heading does not touch the text.
        worksheet.set_row_height(row + 1, 4)?;
        row += 2;
        for (label, text) in *entries {
            worksheet.write_string_with_format(row, 0, *label, &styles.label)?;
            worksheet.write_string_with_format(row, 1, *text, &styles.text)?;
            let [_, wide] = WIDTHS;
            worksheet.set_row_height(row, layout::height([(*text, wide)], layout::BODY_SIZE, 1))?;
            row += 1;
        }
    }
    layout::print(pen, worksheet, true);
    worksheet.set_print_fit_to_pages(1, 1).set_screen_gridlines(false).set_active(true);
    super::protect(worksheet);
    Ok(())
}
