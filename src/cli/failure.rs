//! Errors at the edge: what went wrong, where, and the exit code. The only place that knows miette.

use miette::{Diagnostic, NamedSource, SourceSpan};

use crate::causes;
use crate::config::ConfigError;
use crate::judge::assess::AssessError;
use crate::place::FileError;

/// Errors are shown without breaking their lines: what is to be typed must stay whole. Called once, at the start.
pub(super) fn set_up() {
    // A second call in one process changes nothing.
    let _already = miette::set_hook(Box::new(|_| Box::new(miette::MietteHandlerOpts::new().wrap_lines(false).build())));
}

/// A command that could not do its work.
pub(super) struct Failure {
    report: miette::Report,
}

/// An error that points into a file.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{file}, line {line}, column {column}: {message}")]
struct Placed {
    file: String,
    line: usize,
    column: usize,
    message: String,
    #[source_code]
    text: NamedSource<String>,
    #[label("here")]
    at: SourceSpan,
}

/// An error without a place.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{0}")]
struct Plain(String);

impl Failure {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { report: miette::Report::new(Plain(message.into())) }
    }

    /// The same error, with what to do next.
    pub(super) fn hint(self, next: &str) -> Self {
        Self::new(format!("{}. {next}", self.report))
    }

    fn placed(error: FileError) -> Self {
        Self {
            report: miette::Report::new(Placed {
                text: NamedSource::new(&error.file, error.text),
                at: (error.byte, 0).into(),
                file: error.file,
                line: error.line,
                column: error.column,
                message: error.message,
            }),
        }
    }

    /// The error in one line, for programs that read lines.
    pub(super) fn plain(&self) -> String {
        self.report.to_string().lines().map(str::trim).collect::<Vec<_>>().join(" ")
    }

    /// The error as shown on a terminal.
    pub(super) fn show(&self) -> String {
        format!("{:?}", self.report)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::Place(place) => Self::placed(place),
            other => Self::new(causes::told(&other)),
        }
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self::placed(error)
    }
}

impl From<AssessError> for Failure {
    fn from(error: AssessError) -> Self {
        match error {
            AssessError::File(place) => Self::placed(place),
            other => Self::new(causes::told(&other)),
        }
    }
}

macro_rules! plainly {
    ($($error:ty),+ $(,)?) => { $(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new(causes::told(&error))
            }
        }
    )+ };
}

plainly!(
    crate::bundle::EnvelopeError,
    crate::bundle::ExtractError,
    crate::bundle::KeyError,
    crate::bundle::SealError,
    crate::context::ContextError,
    crate::custody::inventory::InventoryError,
    crate::harvest::HarvestError,
    crate::judge::engine::EngineError,
    crate::outputs::OutputError,
    crate::outputs::report::ReportError,
    crate::outputs::workbook::WorkbookError,
    crate::redaction::RedactionError,
    crate::redaction::RuleError,
    crate::review::ReviewError,
    crate::review::record::damaged::CampaignError,
    crate::review::closing::close::CloseError,
    crate::review::record::decisions::LogError,
    crate::review::record::ended::Ended,
    crate::review::opening::gate::GateError,
    crate::review::underway::handover::HandoverError,
    crate::review::mail::log::HistoryError,
    crate::review::mail::message::MessageError,
    crate::review::mail::template::TemplateError,
    crate::snapshot::manifest::DamageError,
    crate::store::StoreError,
    crate::store::backend::BackendError,
    crate::store::ledger::LedgerError,
    serde_json::Error,
    std::io::Error,
);
