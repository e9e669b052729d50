//! The campaign's mail log while letters go out: each line durable before the next step.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::super::failure::Failure;
use super::super::session::Session;
use crate::context::Context;
use crate::lang::Lang;
use crate::review::mail::log::{self, Event, History, What};
use crate::store::digest;

pub(super) struct Journal<'a> {
    session: &'a Session,
    path: PathBuf,
    by: String,
    /// None in a dry run: nothing is written.
    file: Option<File>,
    written: bool,
}

impl<'a> Journal<'a> {
    /// Reads what was sent so far. A last line without its end, left by a killed run, announced nothing that began: it is cut off.
    pub(super) fn open(session: &'a Session, folder: &Path, rehearsal: bool) -> Result<(Self, History), Failure> {
        let path = folder.join(log::FILE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => vec![],
            Err(error) => return Err(Failure::new(format!("{}: {error}", path.display()))),
        };
        let history = History::from_bytes(&bytes)?;
        let file = if rehearsal {
            None
        } else {
            let file = OpenOptions::new().append(true).create(true).mode(0o600).open(&path)?;
            let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            if whole < bytes.len() {
                file.set_len(whole as u64)?;
            }
            Some(file)
        };
        Ok((Self { session, path, by: Context::user(), file, written: false }, history))
    }

    pub(super) fn is_rehearsal(&self) -> bool {
        self.file.is_none()
    }

    /// How this command speaks.
    pub(super) fn lang(&self) -> Lang {
        self.session.console.lang
    }

    /// Adds a line.
    pub(super) fn add(&mut self, reviewer: &str, letter: &str, what: What) -> io::Result<Event> {
        let (reviewer, letter) = (reviewer.to_owned(), letter.to_owned());
        let event = Event { at: self.session.context.now(), by: self.by.clone(), reviewer, letter, what };
        if let Some(file) = &mut self.file {
            file.write_all(&event.line()?)?;
            file.sync_all()?;
            self.written = true;
        }
        Ok(event)
    }

    /// Digest of the log, when this run added to it.
    pub(super) fn digest(&self) -> io::Result<Option<String>> {
        if !self.written {
            return Ok(None);
        }
        fs::read(&self.path).map(|bytes| Some(digest::hex(&bytes)))
    }
}
