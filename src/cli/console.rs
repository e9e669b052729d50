//! Where words reach people: text or JSON on standard output, progress and notes on standard error.

use std::collections::BTreeMap;
use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::OnceLock;
use std::time::Duration;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::args::Format;
use crate::harvest::{Outcome, Progress};
use crate::lang::Lang;

/// Why standard output could not be written, the first time that it could not.
static LOST: OnceLock<String> = OnceLock::new();

/// How this command speaks.
pub(super) struct Console {
    pub(super) lang: Lang,
    pub(super) format: Format,
    pub(super) quiet: bool,
}

impl Console {
    /// A line for people on standard output; nothing when JSON was asked for.
    pub(super) fn say(&self, line: impl AsRef<str>) {
        if self.format == Format::Text {
            Self::raw(&format!("{}\n", line.as_ref()));
        }
    }

    /// One JSON document on standard output; nothing when text was asked for.
    pub(super) fn json(&self, value: &impl serde::Serialize) -> Result<(), serde_json::Error> {
        if self.format == Format::Json {
            Self::raw(&(serde_json::to_string_pretty(value)? + "\n"));
        }
        Ok(())
    }

    /// Standard output as it is, whatever the format: completions, manual, schemas.
    pub(super) fn raw(text: &str) {
        let mut out = std::io::stdout();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            // A reader that closed the pipe has what it wanted.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                let _first_one_counts = LOST.set(error.to_string());
            }
            _ => {}
        }
    }

    /// Why something said on standard output was lost (a full disk), if so.
    pub(super) fn lost() -> Option<&'static str> {
        LOST.get().map(String::as_str)
    }

    /// Standard error. It may be closed, or lie on a full disk: the work goes on, and nothing is left to say so to.
    fn aside(text: &str) {
        let _nobody_listens = writeln!(std::io::stderr(), "{text}");
    }

    /// A note on standard error.
    pub(super) fn note(&self, line: impl AsRef<str>) {
        if !self.quiet {
            Self::aside(line.as_ref());
        }
    }

    /// An error on standard error, always.
    pub(super) fn error(text: &str) {
        Self::aside(text);
    }

    pub(super) fn pick<T>(&self, fr: T, en: T) -> T {
        self.lang.pick(fr, en)
    }

    /// A table for people: columns named in `right` are aligned to the right.
    pub(super) fn table(&self, header: &[&str], right: &[usize], rows: Vec<Vec<String>>) {
        if self.format != Format::Text || rows.is_empty() {
            return;
        }
        let mut table = Table::new();
        table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_header(header).add_rows(rows);
        for at in right {
            if let Some(column) = table.column_mut(*at) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        for line in table.lines() {
            Self::raw(&format!("  {}\n", line.trim_end()));
        }
    }
}

/// A count as people of the language write it: `12 345` with a no-break space, or `12,345`.
pub(super) fn number(lang: Lang, n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(lang.pick('\u{202f}', ','));
        }
        out.push(digit);
    }
    out
}

/// Progress of a harvest: a moving line for each source being read on a terminal, a line per source at its end elsewhere.
pub(super) struct Bar<'a> {
    console: &'a Console,
    lines: MultiProgress,
    /// Sources being read: their place among all, and their line.
    reading: BTreeMap<String, (String, Option<ProgressBar>)>,
}

impl<'a> Bar<'a> {
    pub(super) fn new(console: &'a Console) -> Self {
        Self { console, lines: MultiProgress::new(), reading: BTreeMap::new() }
    }
}

impl Progress for Bar<'_> {
    fn started(&mut self, source: &str, at: usize, of: usize) {
        let at = format!("[{at}/{of}]");
        let line = (!self.console.quiet && std::io::stderr().is_terminal()).then(|| {
            let bar = self.lines.add(ProgressBar::new_spinner().with_style(ProgressStyle::default_spinner()));
            bar.set_message(format!("{at} {source}"));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        self.reading.insert(source.to_owned(), (at, line));
    }

    fn rows(&mut self, source: &str, rows_seen: u64) {
        if let Some((at, Some(bar))) = self.reading.get(source) {
            let rows = number(self.console.lang, rows_seen);
            bar.set_message(format!("{at} {source}: {rows} {}", self.console.pick("lignes", "rows")));
        }
    }

    fn ended(&mut self, outcome: &Outcome) {
        let (at, line) = self.reading.remove(&outcome.source).unwrap_or_default();
        if let Some(bar) = line {
            bar.finish_and_clear();
        }
        let n = |n| number(self.console.lang, n);
        let counts = self.console.pick(
            format!("{} lues = {} retenues + {} rejetées", n(outcome.rows_seen), n(outcome.rows_kept), n(outcome.rows_rejected)),
            format!("{} read = {} kept + {} rejected", n(outcome.rows_seen), n(outcome.rows_kept), n(outcome.rows_rejected)),
        );
        let why = outcome.reason.as_deref().map(|reason| format!(" — {}", self.console.lang.reason(reason))).unwrap_or_default();
        self.lines.suspend(|| self.console.note(format!("{at} {}: {counts}{why}", outcome.source)));
    }
}
