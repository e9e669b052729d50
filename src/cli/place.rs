//! A place to keep files in, from its name in the configuration: a bucket or a folder.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::failure::Failure;
use super::session::Session;
use crate::config::sections::{LockMode, LockSection, S3Section};
use crate::context::Context;
use crate::store::backend::Backend;
use crate::store::backend::bucket::{Bucket, Lock, Settings};
use crate::store::backend::folder::Folder;

/// Opens a place: a bucket when it is written as one, else a folder.
pub(super) fn open(session: &Session, to: &str, s3: &S3Section, lock: Option<&LockSection>) -> Result<Box<dyn Backend>, Failure> {
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
