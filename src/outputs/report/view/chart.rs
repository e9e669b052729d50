//! The arithmetic of charts: shares of a bar or ring, and places on the axis of ages.

use serde::Serialize;

use super::badge::Badge;
use crate::outputs::report::format::Format;

/// One share of a bar or ring. Lengths are percentages, as SVG writes them.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Segment {
    pub(super) kind: Badge,
    pub(super) count: String,
    x: String,
    width: String,
    middle: String,
    /// Whether the number fits inside.
    label: bool,
}

/// Shares of `whole`, laid end to end; empty ones are left out.
pub(super) fn segments(format: &Format, shares: Vec<(Badge, u64)>, whole: u64) -> Vec<Segment> {
    let mut before = 0;
    let mut out = Vec::new();
    for (kind, n) in shares {
        if n == 0 {
            continue;
        }
        let (from, to) = (hundredths(before, whole), hundredths(before + n, whole));
        out.push(Segment {
            kind,
            count: format.number(n),
            x: percent(from),
            width: percent(to - from),
            middle: percent(u64::midpoint(from, to)),
            label: to - from >= 250,
        });
        before += n;
    }
    out
}

/// What a chart says, in words, for those who do not see it: `9 Satisfied, 4 Stale`.
pub(super) fn in_words(segments: &[Segment]) -> String {
    let words: Vec<String> = segments.iter().map(|s| format!("{} {}", s.count, s.kind.word)).collect();
    words.join(", ")
}

/// Share of a whole in hundredths of a percent; integers, so that the bytes never depend on rounding.
fn hundredths(part: u64, whole: u64) -> u64 {
    if whole == 0 {
        return 0;
    }
    let share = u128::from(part) * 10_000 / u128::from(whole);
    u64::try_from(share.min(10_000)).unwrap_or(10_000)
}

fn percent(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Ages of evidence on one logarithmic axis, the oldest at the left, the situation examined at the right.
pub(super) struct Axis {
    span: f64,
}

impl Axis {
    /// An axis that holds ages up to `oldest` hours.
    pub(super) fn new(oldest: u64) -> Self {
        Self { span: logarithm(oldest.max(24)) }
    }

    /// Where an age lies: 2 % to 98 %, so that no dot is cut at an end.
    pub(super) fn place(&self, hours: u64) -> String {
        let share = (1.0 - logarithm(hours) / self.span).clamp(0.0, 1.0);
        format!("{:.2}", 2.0 + 96.0 * share)
    }
}

/// ln(1 + days): a day, a week, a month and a year lie at readable distances.
fn logarithm(hours: u64) -> f64 {
    (f64::from(u32::try_from(hours).unwrap_or(u32::MAX)) / 24.0).ln_1p()
}
