//! Accounts, roles and groups of Keycloak, from realm exports or live from its Admin REST API.
//!
//! Keycloak says who was given what; what a user effectively has follows through composite roles, groups and the groups above
//! them, and is computed here in one place for both. An account that comes from a directory says so (`federation` in its
//! attributes), so that it can be tied to the directory's own.

mod account;
mod capture;
mod closure;
mod config;
mod emit;
mod export;
mod keep;
mod live;
mod privileged;
mod realm;
mod scan;
#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

pub use self::config::KeycloakConfig;
use self::config::Place;
use super::intake::{self, Intake};
use super::{Look, RawCapture, Reading, Request, Sink, Source, SourceError};

impl Source for KeycloakConfig {
    fn tables(&self) -> Vec<&'static str> {
        vec!["accounts", "entitlements", "grants"]
    }

    fn check(&self) -> Result<(), String> {
        self.place().map(drop)
    }

    fn question(&self) -> Option<String> {
        let (url, client) = self.url.as_ref().zip(self.client_id.as_ref()).filter(|_| self.secret().is_missing())?;
        Some(format!("{client} ({url})"))
    }

    fn take_answer(&self, secret: SecretString) {
        // A second answer changes nothing, as the trait promises.
        let _ = self.answer.set(secret);
    }

    fn look(&self, request: &Request) -> Option<Result<Look, SourceError>> {
        self.url.is_some().then(|| live::look(self, request))
    }

    /// The capture holds the fields that are read and nothing else, of exports too: it is never the file itself.
    fn again(&self, capture: &Path, _asked: &serde_json::Value) -> Option<Box<dyn Source>> {
        Some(Box::new(Self { files: vec![capture.display().to_string()], url: None, ..self.clone() }))
    }

    fn harvest(&self, request: &Request, sink: &mut dyn Sink, capture: &mut dyn RawCapture) -> Result<Reading, SourceError> {
        let place = self.place().map_err(|message| SourceError::File { path: format!("source {}", request.source), message })?;
        if matches!(place, Place::Live { .. }) {
            return live::harvest(self, request, sink, capture);
        }
        let files = intake::expand(request, &self.files)?;
        match live_capture(&files)? {
            Some(path) => live::again(self, request, &path, sink, capture),
            None => export::harvest(self, request, &files, sink, capture),
        }
    }
}

/// The one file that is a capture of a live harvest, if that is what was given.
fn live_capture(files: &[PathBuf]) -> Result<Option<PathBuf>, SourceError> {
    let mut nothing = io::sink();
    for path in files {
        let mut file = Intake::open(path, &mut nothing)?;
        let first = match intake::text(&mut file) {
            Ok(Some(mut text)) => capture::first_path(&mut *text),
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        let first = first.map_err(|error| intake::fault(path, format!("cannot be read: {error}")))?;
        if first.as_deref() == Some(capture::LIVE) {
            if files.len() > 1 {
                return Err(intake::fault(path, "is the capture of a live harvest: it is read alone, without other files".into()));
            }
            return Ok(Some(path.clone()));
        }
    }
    Ok(None)
}
