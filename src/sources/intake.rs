//! Opening the files a source is told to read: patterns made into a sorted list, every byte copied to the raw capture and
//! hashed on its way, and errors that name the file and what to do.

use std::fmt::Write as _;
use std::fs::{self, File, Metadata};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::text::{Encoding, Utf8};
use super::{Request, SourceError};

/// More files than this for one source is a mistaken pattern.
const MAX_FILES: usize = 100_000;

/// The files behind paths and patterns (`*`, `?`, `[…]`, `**`), relative to the configuration: sorted, each once.
pub fn expand(request: &Request, patterns: &[String]) -> Result<Vec<PathBuf>, SourceError> {
    let mut found = Vec::new();
    for pattern in patterns {
        let path = request.path(Path::new(pattern));
        // A file whose name holds a bracket is itself before it is a pattern.
        if path.exists() || !pattern.contains(['*', '?', '[']) {
            found.push(path);
            continue;
        }
        let text = path.to_string_lossy();
        let matches = glob::glob(&text).map_err(|e| fault(&path, format!("the pattern cannot be read: {e}")))?;
        let before = found.len();
        for entry in matches {
            found.push(
                entry.map_err(|e| fault(e.path(), format!("cannot be listed: {}; check the rights of the folder", e.error())))?,
            );
            if found.len() > MAX_FILES {
                return Err(fault(&path, format!("the pattern finds more than {MAX_FILES} files: make it narrower")));
            }
        }
        if found.len() == before {
            return Err(fault(&path, "no file matches the pattern: check the folder, or run the export first".into()));
        }
    }
    found.sort();
    found.dedup();
    if found.is_empty() {
        return Err(fault(&request.base, "`files` is empty: name at least one file or pattern".into()));
    }
    Ok(found)
}

/// An error about one file.
#[must_use]
pub fn fault(path: &Path, message: String) -> SourceError {
    SourceError::File { path: path.display().to_string(), message }
}

/// When a file was last modified, as far as the file system tells.
#[must_use]
pub fn modified(metadata: &Metadata) -> Option<Timestamp> {
    metadata.modified().ok().and_then(|time| Timestamp::try_from(time).ok())
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(digest.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A file being read: what passes goes to the raw capture and into the digest.
pub struct Intake<'a> {
    path: PathBuf,
    file: File,
    capture: &'a mut dyn Write,
    digest: Sha256,
    bytes: u64,
    capture_failed: Option<io::Error>,
    /// Modification time.
    pub modified: Option<Timestamp>,
}

impl<'a> Intake<'a> {
    /// Opens a regular file that is not empty.
    pub fn open(path: &Path, capture: &'a mut dyn Write) -> Result<Self, SourceError> {
        let metadata = fs::metadata(path).map_err(|e| fault(path, explain(&e)))?;
        if !metadata.is_file() {
            return Err(fault(
                path,
                "is not a file: give the path of the export itself, or a pattern such as folder/*.json".into(),
            ));
        }
        if metadata.len() == 0 {
            return Err(fault(path, "is empty: the export failed or was cut; run it again".into()));
        }
        let file = File::open(path).map_err(|e| fault(path, explain(&e)))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            capture,
            digest: Sha256::new(),
            bytes: 0,
            capture_failed: None,
            modified: modified(&metadata),
        })
    }

    /// What a failed read means: the capture's fault or the file's.
    pub fn error(&mut self, error: &io::Error) -> SourceError {
        match self.capture_failed.take() {
            Some(capture) => SourceError::Capture(capture),
            None => fault(&self.path, explain(error)),
        }
    }

    /// Reads what is left, so that capture and digest are whole, and describes the file.
    pub fn finish(mut self) -> Result<serde_json::Value, SourceError> {
        if let Err(error) = io::copy(&mut self, &mut io::sink()) {
            return Err(self.error(&error));
        }
        Ok(serde_json::json!({
            "path": self.path.display().to_string(),
            "bytes": self.bytes,
            "sha256": hex(&self.digest.finalize()),
        }))
    }
}

impl Read for Intake<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        let bytes = buffer.get(..count).unwrap_or_default();
        if let Err(error) = self.capture.write_all(bytes) {
            self.capture_failed = Some(error);
            return Err(io::Error::other("the raw capture could not be written"));
        }
        self.digest.update(bytes);
        self.bytes += count as u64;
        Ok(count)
    }
}

/// The text behind the bytes, without byte order mark; `None` when it is none.
pub fn text<'a, R: Read + 'a>(input: R) -> io::Result<Option<Box<dyn BufRead + 'a>>> {
    let mut input = BufReader::with_capacity(256 * 1024, input);
    let start = input.fill_buf()?;
    match start {
        [0xEF, 0xBB, 0xBF, ..] => {
            input.consume(3);
            Ok(Some(Box::new(input)))
        }
        [0xFF, 0xFE, ..] => utf16(input, "utf-16le"),
        [0xFE, 0xFF, ..] => utf16(input, "utf-16be"),
        // Text has no NUL; executables, archives and UTF-16 without a mark have some at once.
        start if memchr::memchr(0, start.get(..8192).unwrap_or(start)).is_some() => Ok(None),
        _ => Ok(Some(Box::new(input))),
    }
}

fn utf16<'a, R: Read + 'a>(input: R, name: &str) -> io::Result<Option<Box<dyn BufRead + 'a>>> {
    let encoding = Encoding::named(name).map_err(io::Error::other)?;
    Ok(Some(Box::new(BufReader::new(Utf8::new(input, encoding)))))
}

fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "does not exist: check the path; it starts from the folder of the configuration file".into(),
        io::ErrorKind::PermissionDenied => "may not be read: give the user who runs Probant the right to read it".into(),
        _ => format!("cannot be read: {error}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use jiff::tz::TimeZone;

    fn request(base: &Path) -> Request {
        Request { source: "s".into(), system: "s".into(), zone: TimeZone::UTC, as_of: Timestamp::UNIX_EPOCH, base: base.to_owned() }
    }

    #[test]
    fn patterns_find_sorted_files_once_and_say_when_they_find_none() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b.txt", "a.txt", "c.log", "d[1].txt"] {
            fs::write(dir.path().join(name), "x").unwrap();
        }
        let request = request(dir.path());
        let names = |patterns: &[&str]| -> Vec<String> {
            let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
            let files = expand(&request, &patterns).unwrap();
            files.iter().map(|p| p.file_name().unwrap().to_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names(&["?.txt", "a.txt"]), ["a.txt", "b.txt"]);
        assert_eq!(names(&["d[1].txt"]), ["d[1].txt"]);
        let error = expand(&request, &["*.csv".into()]).unwrap_err().to_string();
        assert!(error.contains("*.csv") && error.contains("no file matches"), "{error}");
    }

    #[test]
    fn a_file_is_copied_and_hashed_whole_and_bad_ones_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("abc");
        fs::write(&path, "abc").unwrap();
        let mut capture = Vec::new();
        let said = Intake::open(&path, &mut capture).unwrap().finish().unwrap();
        // FIPS 180-2, appendix B.1.
        assert_eq!(said["sha256"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(capture, b"abc");

        fs::write(&path, "").unwrap();
        let mut none = Vec::new();
        for (path, word) in [(path, "is empty"), (dir.path().join("nope"), "does not exist"), (dir.path().into(), "is not a file")]
        {
            let error = Intake::open(&path, &mut none).err().unwrap().to_string();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn a_full_capture_is_told_apart_from_a_bad_file() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a"), "abc").unwrap();
        let error = Intake::open(&dir.path().join("a"), &mut Full).unwrap().finish().unwrap_err();
        assert!(matches!(error, SourceError::Capture(_)), "{error}");
    }
}
