//! The signature sheet: who reviewed, in what role, when, and the declaration an auditor looks for.

use rust_xlsxwriter::{DataValidation, Formula, Worksheet, XlsxError};

use super::{Pen, layout, meta};
use crate::review::paper::clean;
use crate::review::paper::texts::sign_labels;

/// Width of the labels.
const LABELS: f64 = 34.0;

pub(super) fn write(pen: &Pen<'_>, worksheet: &mut Worksheet) -> Result<(), XlsxError> {
    let (texts, styles, book) = (pen.texts, &pen.styles, pen.book);
    worksheet.set_name(texts.signature)?;
    layout::widths(worksheet, &[LABELS, 62.0])?;
    worksheet.write_string_with_format(0, 0, texts.signature, &styles.title)?;
    let reviewer = &book.book.reviewer;
    let facts = [
        (texts.campaign, book.campaign.to_owned()),
        (texts.reviewer, clean::text(&reviewer.display_name)),
        (texts.lines, pen.lines.to_string()),
    ];
    let mut row = 2;
    for (label, value) in &facts {
        worksheet.write_string_with_format(row, 0, *label, &styles.label)?;
        worksheet.write_string_with_format(row, 1, value, &styles.text)?;
        row += 1;
    }
    row += 1;
    let input = &styles.sign;
    let [name, role, date, each, own] = sign_labels(pen.lang);
    for label in [name, role] {
        worksheet.write_string_with_format(row, 0, label, &styles.label)?;
        worksheet.write_blank(row, 1, input)?.set_row_height(row, 24)?;
        row += 1;
    }
    worksheet.write_string_with_format(row, 0, date, &styles.label)?;
    worksheet.write_blank(row, 1, &styles.sign_date)?.set_row_height(row, 24)?;
    row += 1;
    for declaration in [each, own] {
        worksheet.write_string_with_format(row, 0, declaration, &styles.label)?;
        worksheet.write_blank(row, 1, input)?;
        worksheet.set_row_height(row, layout::height([(declaration, LABELS)], layout::BODY_SIZE, 2))?;
        let answer = DataValidation::new()
            .allow_list_formula(Formula::new(format!("={}", meta::YES_NO)))
            .set_error_title(texts.choice_title)?
            .set_error_message(texts.yes_no_message)?;
        worksheet.add_data_validation(row, 1, row, 1, &answer)?;
        row += 1;
    }
    worksheet.write_string_with_format(row, 0, texts.sign_hand, &styles.label)?;
    worksheet.write_blank(row, 1, input)?.set_row_height(row, 70)?;
    worksheet.write_string_with_format(row + 2, 0, texts.sign_note, &styles.plain)?;
    layout::print(pen, worksheet, true);
    super::protect(worksheet);
    Ok(())
}
