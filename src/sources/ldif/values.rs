//! What follows an attribute's name: plain text, base64, or the address of a file (RFC 2849 `value-spec`).

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::lines::MAX_LINE;

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form<'a> {
    Plain(&'a [u8]),
    Base64(&'a [u8]),
    Url(&'a [u8]),
}

/// Splits `name: value`, unfolded. `None`: no colon.
#[must_use]
#[inline]
pub fn split(line: &[u8]) -> Option<(&[u8], Form<'_>)> {
    let colon = memchr::memchr(b':', line)?;
    let (name, rest) = line.split_at_checked(colon)?;
    let form = match rest {
        [b':', b':', value @ ..] => Form::Base64(value.trim_ascii()),
        [b':', b'<', value @ ..] => Form::Url(value.trim_ascii()),
        [b':', value @ ..] => Form::Plain(skip_spaces(value)),
        _ => return None,
    };
    Some((name, form))
}

fn skip_spaces(mut value: &[u8]) -> &[u8] {
    while let [b' ', rest @ ..] = value {
        value = rest;
    }
    value
}

/// Where values in files of their own may lie.
#[derive(Debug, Clone)]
pub enum Urls {
    Refused,
    /// Only below this folder.
    Below(PathBuf),
}

/// Decodes a value; `out` holds it when it had to be decoded. The error says what is wrong with it.
#[inline]
pub fn decode<'v>(form: Form<'v>, urls: &Urls, out: &'v mut Vec<u8>) -> Result<&'v [u8], String> {
    match form {
        Form::Plain(value) => Ok(value),
        Form::Base64(text) => {
            out.clear();
            STANDARD.decode_vec(text, out).map_err(|error| format!("base64 that does not decode ({error})"))?;
            Ok(out)
        }
        Form::Url(url) => {
            let Urls::Below(folder) = urls else {
                let shown = String::from_utf8_lossy(url);
                return Err(format!(
                    "the value stands in another file ({shown}); put it inline, or set `allow_urls = true` if it lies below the export's folder"
                ));
            };
            fetch(url, folder, out)?;
            Ok(out)
        }
    }
}

fn fetch(url: &[u8], folder: &Path, out: &mut Vec<u8>) -> Result<(), String> {
    let shown = String::from_utf8_lossy(url).into_owned();
    let path = url.strip_prefix(b"file://localhost").or_else(|| url.strip_prefix(b"file://")).filter(|path| path.starts_with(b"/"));
    let path = path.ok_or_else(|| format!("{shown} is not a file URL of this machine: no other is read"))?;
    let path = percent_encoding::percent_decode(path).decode_utf8().map_err(|_bytes| format!("{shown} is not UTF-8"))?;
    // Links are followed before the comparison, so that none leads out.
    let real = Path::new(path.as_ref()).canonicalize().map_err(|error| format!("{shown} cannot be read: {error}"))?;
    let folder = folder.canonicalize().map_err(|error| format!("{} cannot be read: {error}", folder.display()))?;
    if !real.starts_with(&folder) {
        return Err(format!("{shown} lies outside {}: not read", folder.display()));
    }
    out.clear();
    let limit = MAX_LINE as u64;
    let count = File::open(&real)
        .and_then(|file| file.take(limit + 1).read_to_end(out))
        .map_err(|error| format!("{shown} cannot be read: {error}"))?;
    if count as u64 > limit { Err(format!("{shown} is larger than {} MiB", MAX_LINE >> 20)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_three_forms() {
        assert_eq!(split(b"cn:  a b ").unwrap(), (&b"cn"[..], Form::Plain(b"a b ")));
        assert_eq!(split(b"cn:: YQ== ").unwrap(), (&b"cn"[..], Form::Base64(b"YQ==")));
        assert_eq!(split(b"cn:< file:///x").unwrap(), (&b"cn"[..], Form::Url(b"file:///x")));
        assert_eq!(split(b"cn:").unwrap(), (&b"cn"[..], Form::Plain(b"")));
        assert_eq!(split(b"cn"), None);
        let mut out = vec![];
        assert_eq!(decode(Form::Base64(b"w6k="), &Urls::Refused, &mut out).unwrap(), "é".as_bytes());
        assert!(decode(Form::Base64(b"w6k"), &Urls::Refused, &mut out).unwrap_err().starts_with("base64 that does not decode"));
    }

    #[test]
    fn urls_are_refused_unless_allowed_and_below_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let inside = dir.path().join("in");
        std::fs::create_dir(&inside).unwrap();
        std::fs::write(inside.join("a b.txt"), "value").unwrap();
        std::fs::write(dir.path().join("out.txt"), "no").unwrap();
        let mut out = vec![];
        let mut read = |url: String, urls: &Urls| decode(Form::Url(url.as_bytes()), urls, &mut out).map(<[u8]>::to_vec);
        let below = Urls::Below(inside.clone());
        let base = inside.display().to_string();
        assert_eq!(read(format!("file://{base}/a%20b.txt"), &below).unwrap(), b"value");
        assert!(read(format!("file://{base}/a%20b.txt"), &Urls::Refused).unwrap_err().contains("allow_urls = true"));
        assert!(read(format!("file://{base}/../out.txt"), &below).unwrap_err().contains("lies outside"));
        std::os::unix::fs::symlink(dir.path().join("out.txt"), inside.join("link")).unwrap();
        assert!(read(format!("file://{base}/link"), &below).unwrap_err().contains("lies outside"));
        assert!(read("http://example.org/x".into(), &below).unwrap_err().contains("is not a file URL"));
        assert!(read("file://server/x".into(), &below).unwrap_err().contains("is not a file URL"));
    }
}
