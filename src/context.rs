//! The one place where the clock and the environment are read.
//!
//! Everything below receives them as values, so that the same input, instant and key give the same bytes. `PROBANT_NOW` fixes the
//! clock (tests, and re-making a file of the past).

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use jiff::Timestamp;
use secrecy::SecretString;

use crate::lang::Lang;

/// What the outside world says: clock and environment.
#[derive(Debug, Clone)]
pub struct Context {
    /// The instant that `PROBANT_NOW` fixed.
    fixed: Option<Timestamp>,
    /// Folder the command was started in.
    pub folder: PathBuf,
}

/// The environment says something that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ContextError {
    #[error("PROBANT_NOW is `{value}`, which is not an instant; write it as 2026-10-05T08:00:00Z or unset it")]
    Now { value: String },
    #[error("the current folder cannot be read: {0}")]
    Folder(std::io::Error),
}

impl Context {
    /// Reads the environment once.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock and the environment")]
    pub fn system() -> Result<Self, ContextError> {
        let fixed = match std::env::var("PROBANT_NOW") {
            Ok(value) => Some(value.parse().map_err(|_unreadable: jiff::Error| ContextError::Now { value })?),
            Err(_unset) => None,
        };
        Ok(Self { fixed, folder: std::env::current_dir().map_err(ContextError::Folder)? })
    }

    /// The instant it is: the real one, unless `PROBANT_NOW` fixed it.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock and the environment")]
    pub fn now(&self) -> Timestamp {
        self.fixed.unwrap_or_else(Timestamp::now)
    }

    /// Processors there are to work with.
    #[must_use]
    pub fn processors() -> usize {
        std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
    }

    /// The language of the environment's locale (`LC_ALL`, `LC_MESSAGES`, `LANG`), where it is one we speak.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock and the environment")]
    pub fn locale() -> Option<Lang> {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
        set?.parse().ok()
    }

    /// Who runs this, as the system names them.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock and the environment")]
    pub fn user() -> String {
        let set = ["USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
        set.unwrap_or_else(|| "?".to_owned())
    }

    /// What the environment says of S3-compatible stores (`AWS_…`): credentials, region, endpoint.
    #[must_use]
    pub fn buckets() -> BTreeMap<String, String> {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, value)| name.starts_with("AWS_") && !value.is_empty())
            .collect()
    }

    /// A secret from the environment.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock and the environment")]
    pub fn secret(variable: &str) -> Option<SecretString> {
        std::env::var(variable).ok().map(SecretString::from)
    }
}
