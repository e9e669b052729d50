//! The mirror from the command line: opened from the configuration, fed at the end of commands that record something.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::console::Console;
use super::failure::Failure;
use super::remote;
use super::session::Session;
use crate::config::sections::{LockMode, LockSection, S3Section};
use crate::context::Context;
use crate::custody::audit::Read;
use crate::custody::mirror::{self, Copied};
use crate::store::backend::Backend;
use crate::store::backend::bucket::{Bucket, Lock, Settings};
use crate::store::backend::folder::Folder;
use crate::store::ledger;

/// Opens a place: a bucket when it is written as one, else a folder.
pub(super) fn place(session: &Session, to: &str, s3: &S3Section, lock: Option<&LockSection>) -> Result<Box<dyn Backend>, Failure> {
    if !to.starts_with("s3://") {
        if to.contains("://") {
            return Err(Failure::new(format!("`{to}` is no place that is known; write a folder, or s3://bucket/prefix")));
        }
        return Ok(Box::new(Folder::open(&session.config.base.join(to))?));
    }
    let mut environment = Context::buckets();
    if let Some(file) = &s3.credentials_file {
        environment.extend(credentials(&session.config.base.join(file))?);
    }
    let lock = lock.map(|lock| locked(session, lock)).transpose()?;
    let settings = Settings { url: to.to_owned(), endpoint: s3.endpoint.clone(), region: s3.region.clone(), environment, lock };
    Ok(Box::new(Bucket::open(&settings)?))
}

fn locked(session: &Session, lock: &LockSection) -> Result<Lock, Failure> {
    let mode = match lock.mode {
        LockMode::Compliance => "COMPLIANCE",
        LockMode::Governance => "GOVERNANCE",
    };
    let days = jiff::SignedDuration::from_hours(24 * i64::from(lock.days));
    let until = session.context.now().checked_add(days).map_err(|error| Failure::new(format!("[mirror.lock] days: {error}")))?;
    Ok(Lock { mode, until })
}

/// `AWS_…=value` lines.
fn credentials(path: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", path.display()));
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(Failure::new(format!(
            "{}: readable by others than its owner (mode {mode:03o}); the credentials may be known. If they are not, run: chmod 600 {}",
            path.display(),
            path.display()
        )));
    }
    let text = fs::read_to_string(path).map_err(failed)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let pair = |line: &str| line.split_once('=').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
    let pairs: Option<BTreeMap<String, String>> = lines.map(pair).collect();
    pairs
        .filter(|pairs| pairs.keys().all(|name| name.starts_with("AWS_")))
        // The line itself may hold a secret: it is not shown.
        .ok_or_else(|| Failure::new(format!("{}: a line is not AWS_NAME=value", path.display())))
}

/// The place of `[mirror]`.
pub(super) fn configured(session: &Session) -> Result<Option<Box<dyn Backend>>, Failure> {
    let Some(section) = &session.config.file.mirror else { return Ok(None) };
    place(session, &section.to, &section.s3, section.lock.as_ref()).map(Some)
}

/// Copies to a place, from the ledger as it is on disk.
pub(super) fn copy(session: &Session, to: &dyn Backend, look: bool) -> Result<Copied, Failure> {
    let root = session.store_path();
    let (entries, head, _) = ledger::read(&root.join(ledger::FILE))?;
    remote::bundles(session, &entries)?;
    Ok(mirror::copy(&root, &Read { entries: &entries, head: &head }, to, look)?)
}

/// At the end of a command that recorded something: what happened there stays done whatever becomes of the copy, and a copy that
/// failed makes the exit code 2.
pub(super) fn after(session: &Session, exit: u8) -> u8 {
    let console = &session.console;
    let copied = match configured(session) {
        Ok(None) => return exit,
        Ok(Some(to)) => copy(session, &*to, false),
        Err(failure) => Err(failure),
    };
    let problem = match copied {
        Ok(copied) if copied.faults.is_empty() => {
            if !copied.copied.is_empty() {
                let n = copied.copied.len();
                console.note(console.pick(format!("Miroir : {n} fichiers copiés."), format!("Mirror: {n} files copied.")));
            }
            return exit;
        }
        Ok(copied) => copied.faults.iter().map(|fault| fault.text(console.lang)).collect::<Vec<_>>().join("\n"),
        Err(failure) => failure.plain(),
    };
    Console::error(&console.pick(
        format!("Le travail est fait, mais pas la copie au miroir :\n{problem}\nPour la reprendre : probant mirror"),
        format!("The work is done, but not the copy to the mirror:\n{problem}\nTo try it again: probant mirror"),
    ));
    exit.max(2)
}
