//! Telling the first line of a record from one inside it.

use super::fields::{HEAD, is_number};

/// Whether a line can only be, or could be, the first of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// Job id, type, state and status, 32 fields and more on the line, numbers where the times are.
    Certain,
    /// It begins like a job, as a line inside a progress message also may.
    Possible,
    No,
}

/// Looks at the beginning of a line.
pub(super) fn start(line: &[u8]) -> Start {
    let mut fields = 0usize;
    let mut times = true;
    for field in Unescaped(line).take(HEAD) {
        fields += 1;
        let good = match fields {
            1 => !field.is_empty() && field.iter().all(u8::is_ascii_digit) && field.len() <= 18,
            2 => field.len() <= 3 && field.iter().all(u8::is_ascii_digit),
            3 => field.len() <= 2 && field.iter().all(u8::is_ascii_digit),
            4 => field.len() <= 6 && is_number(field),
            9..=11 => {
                times &= is_number(field);
                true
            }
            _ => true,
        };
        if !good {
            return Start::No;
        }
    }
    match fields {
        0..4 => Start::No,
        HEAD if times => Start::Certain,
        _ => Start::Possible,
    }
}

/// The fields of a line, escapes left in.
struct Unescaped<'a>(&'a [u8]);

impl<'a> Iterator for Unescaped<'a> {
    type Item = &'a [u8];
    fn next(&mut self) -> Option<&'a [u8]> {
        if self.0.is_empty() {
            return None;
        }
        let mut escaped = false;
        let end = self.0.iter().position(|byte| {
            let here = *byte == b',' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            here
        });
        let (field, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        self.0 = rest.get(1..).unwrap_or_default();
        Some(field)
    }
}
