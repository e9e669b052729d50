//! A bundle opened once: what is verified and what is extracted are read through the same descriptor, and a file that changes in
//! between is an error.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use crate::bundle::fault::Lang;
use crate::bundle::verify::extract::{self, ExtractError};
use crate::bundle::verify::verdict::Verdict;
use crate::bundle::verify::{self, Trusted};

/// An open file and what it looked like then.
#[derive(Debug)]
pub struct Opened {
    file: File,
    stamp: (u64, SystemTime),
}

impl Opened {
    /// A file that cannot be opened gives the verdict that says so.
    pub fn open(path: &Path, lang: Lang) -> Result<Self, Box<Verdict>> {
        let file = verify::open(path, lang)?;
        match stamp(&file) {
            Ok(stamp) => Ok(Self { file, stamp }),
            Err(error) => Err(verify::unreadable(&error, lang)),
        }
    }

    #[must_use]
    pub fn verify<'t>(&self, trust: impl Into<Trusted<'t>>, now: jiff::Timestamp, lang: Lang) -> Verdict {
        verify::verify_source(&self.file, trust, now, lang)
    }

    /// Unpacks a bundle found valid into a folder that is not there yet, or empty. Returns the number of files.
    pub fn extract(&self, verdict: &Verdict, to: &Path) -> Result<usize, ExtractError> {
        let manifest = verdict.claims.manifest_sha256.as_deref().filter(|_| verdict.exit == 0).ok_or(ExtractError::NotValid)?;
        extract::extract(&self.file, manifest, to, &|| match stamp(&self.file) {
            Ok(now) if now == self.stamp => Ok(()),
            Ok(_) => Err(ExtractError::Changed),
            Err(source) => Err(ExtractError::Write { path: to.to_owned(), source }),
        })
    }
}

fn stamp(file: &File) -> io::Result<(u64, SystemTime)> {
    let metadata = file.metadata()?;
    Ok((metadata.len(), metadata.modified()?))
}
