//! Documents that a person adds to a bundle by name: minutes, certificates, photographs of a server room. Sealed as they are.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::files::OutputError;
use crate::bundle::layout::portable_name;
use crate::bundle::{PayloadFile, PayloadSource};

/// Their folder in the bundle.
const FOLDER: &str = "attachments";
/// Folders within folders; deeper is a loop of mounts, not documents.
const DEEPEST: usize = 32;

/// The files that paths name, folders with all that is in them. A symbolic link is refused: what it leads to may change.
pub fn attached(paths: &[PathBuf]) -> Result<Vec<PayloadFile>, OutputError> {
    let mut files = vec![];
    for path in paths {
        // `.` and `..` have no name of their own.
        let whole = path.canonicalize().map_err(|source| OutputError { path: path.clone(), source })?;
        let name = whole.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        add(path, &name, 0, &mut files)?;
    }
    Ok(files)
}

fn add(path: &Path, name: &str, depth: usize, files: &mut Vec<PayloadFile>) -> Result<(), OutputError> {
    let refuse = |source: io::Error| OutputError { path: path.to_owned(), source };
    let kind = fs::symlink_metadata(path).map_err(refuse)?.file_type();
    if kind.is_file() {
        let path_inside = format!("{FOLDER}/{}", portable_name(name));
        files.push(PayloadFile { path: path_inside, source: PayloadSource::File(path.to_owned()) });
        return Ok(());
    }
    if !kind.is_dir() || depth == DEEPEST {
        return Err(refuse(io::Error::new(
            io::ErrorKind::InvalidInput,
            "only files and folders can be attached, not symbolic links or devices; name what it leads to",
        )));
    }
    let mut entries = fs::read_dir(path).and_then(Iterator::collect::<io::Result<Vec<_>>>).map_err(refuse)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    entries.iter().try_for_each(|entry| {
        let below = format!("{name}/{}", entry.file_name().to_string_lossy());
        add(&entry.path(), &below, depth + 1, files)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn folders_are_taken_whole_and_links_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("pv/été");
        fs::create_dir_all(&below).unwrap();
        fs::write(below.join("b.pdf"), "b").unwrap();
        fs::write(folder.path().join("pv/a:1.txt"), "a").unwrap();
        let paths = [folder.path().join("pv")];
        let names: Vec<String> = attached(&paths).unwrap().into_iter().map(|file| file.path).collect();
        assert_eq!(names, ["attachments/pv/a_1.txt", "attachments/pv/été/b.pdf"]);
        std::os::unix::fs::symlink("/etc/passwd", below.join("c")).unwrap();
        let message = attached(&paths).unwrap_err().to_string();
        assert!(message.contains("symbolic link") && message.contains("été/c"), "{message}");
    }
}
