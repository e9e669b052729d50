//! Passwords of live sources: from a file that not everybody can read, from the environment, or typed by a person once before the
//! run. Never from the command line or the configuration itself.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::Request;
use crate::context::Context;

/// Longest file: more is a mistaken path.
const LONGEST: u64 = 4096;
/// Others may read or write it.
const OTHERS: u32 = 0o006;

/// Where one secret comes from, by the keys that name it.
#[derive(Debug, Clone, Copy)]
pub struct Keys<'a> {
    /// What it is, such as "password".
    pub what: &'static str,
    /// Name of the key for a file, and what it holds.
    pub file_key: &'static str,
    pub file: Option<&'a PathBuf>,
    /// The same for an environment variable.
    pub env_key: &'static str,
    pub env: Option<&'a str>,
    /// What a person typed.
    pub typed: &'a OnceLock<SecretString>,
}

impl Keys<'_> {
    /// Whether a person has to be asked.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.file.is_none() && self.env.is_none() && self.typed.get().is_none()
    }

    /// The secret, or why there is none. It is never empty.
    pub fn find(&self, request: &Request) -> Result<SecretString, String> {
        let Self { what, file_key, env_key, .. } = self;
        let found = match (self.file, self.env, self.typed.get()) {
            (Some(path), ..) => {
                let path = request.path(path);
                first_line(&path).map_err(|why| format!("{file_key} {} cannot be used: {why}", path.display()))?
            }
            (None, Some(variable), _) => Context::secret(variable).ok_or_else(|| {
                format!("the environment variable {variable}, named by {env_key}, is not set: set it to the {what}")
            })?,
            (None, None, Some(typed)) => typed.clone(),
            (None, None, None) => {
                return Err(format!(
                    "no {what}: name a file in {file_key} or a variable in {env_key}, or start probant at a terminal to be asked"
                ));
            }
        };
        if found.expose_secret().is_empty() { Err(format!("the {what} is empty")) } else { Ok(found) }
    }
}

/// The first line of a small file that only its owner (and group) can read.
fn first_line(path: &Path) -> Result<SecretString, String> {
    let told = |error: io::Error| error.to_string();
    let file = File::open(path).map_err(told)?;
    let metadata = file.metadata().map_err(told)?;
    if !metadata.is_file() || metadata.len() > LONGEST {
        return Err(format!("it must be a small file whose first line is the secret, and has {} bytes", metadata.len()));
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & OTHERS != 0 {
        return Err(format!(
            "every user of this machine can read or change it (mode {mode:03o}); type: chmod 600 {}",
            path.display()
        ));
    }
    let mut text = Zeroizing::new(String::new());
    file.take(LONGEST).read_to_string(&mut text).map_err(told)?;
    Ok(SecretString::from(text.lines().next().unwrap_or_default()))
}

/// Writes a secret for tests as a person should: readable by its owner only.
#[cfg(test)]
pub(in crate::sources) fn write(path: &Path, text: &str) {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::fs;
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::fs;

    use super::*;
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    fn find(file: Option<&PathBuf>, env: Option<&str>, typed: Option<&str>) -> Result<String, String> {
        let answer = OnceLock::new();
        if let Some(typed) = typed {
            answer.set(SecretString::from(typed)).unwrap();
        }
        let keys = Keys { what: "password", file_key: "password_file", file, env_key: "password_env", env, typed: &answer };
        let base = PathBuf::from("/");
        let request = Request { source: "s".into(), system: "s".into(), zone: TimeZone::UTC, as_of: Timestamp::UNIX_EPOCH, base };
        keys.find(&request).map(|secret| secret.expose_secret().to_owned())
    }

    #[test]
    fn a_file_that_everybody_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        write(&path, "sésame\r\nsecond line\n");
        assert_eq!(find(Some(&path), None, None).unwrap(), "sésame");
        for mode in [0o644, 0o602] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = find(Some(&path), None, None).unwrap_err();
            assert!(error.contains("every user of this machine") && error.contains("chmod 600 /"), "{error}");
            assert!(!error.contains("sésame"), "{error}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(find(Some(&path), None, None).unwrap(), "sésame");
        write(&path, &"x".repeat(5000));
        assert!(find(Some(&path), None, None).unwrap_err().contains("5000 bytes"));
        assert!(find(Some(&folder.path().to_owned()), None, None).unwrap_err().contains("small file"));
        write(&path, "\n");
        assert_eq!(find(Some(&path), None, None).unwrap_err(), "the password is empty");
    }

    #[test]
    fn what_is_missing_is_said_with_the_keys_to_set() {
        assert_eq!(find(None, None, Some("typed")).unwrap(), "typed");
        let error = find(None, None, None).unwrap_err();
        assert!(error.contains("password_file") && error.contains("password_env") && error.contains("terminal"), "{error}");
        let error = find(None, Some("PROBANT_NO_SUCH_VARIABLE"), None).unwrap_err();
        assert!(error.contains("PROBANT_NO_SUCH_VARIABLE") && error.contains("not set"), "{error}");
    }
}
