//! What was received, kept aside in a temporary file without a name until all of it is there.
//!
//! A directory is decoded in two readings (see [`crate::sources::directory`]), and a base whose connection broke is asked for again
//! from its beginning, so nothing may be decoded before it is whole. The file has no name and dies with the process; only its owner
//! can read it, and it holds no secret, for none is asked for.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

const BUFFER: usize = 512 << 10;

impl Mark {
    /// Entries before it.
    #[must_use]
    pub const fn entries(self) -> u64 {
        self.entries
    }
}

/// Entries, in the order they came.
pub struct Spool {
    file: BufWriter<File>,
    bytes: u64,
    entries: u64,
}

/// A place to come back to.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    bytes: u64,
    entries: u64,
}

impl Spool {
    pub fn new() -> io::Result<Self> {
        Ok(Self { file: BufWriter::with_capacity(BUFFER, tempfile::tempfile()?), bytes: 0, entries: 0 })
    }

    /// Adds the body of an entry.
    pub fn push(&mut self, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len()).map_err(io::Error::other)?;
        self.file.write_all(&length.to_le_bytes())?;
        self.file.write_all(body)?;
        self.bytes += 4 + u64::from(length);
        self.entries += 1;
        Ok(())
    }

    #[must_use]
    pub const fn entries(&self) -> u64 {
        self.entries
    }

    #[must_use]
    pub const fn mark(&self) -> Mark {
        Mark { bytes: self.bytes, entries: self.entries }
    }

    /// Forgets what came after `mark`.
    pub fn rewind(&mut self, mark: Mark) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_mut().set_len(mark.bytes)?;
        self.file.seek(SeekFrom::Start(mark.bytes))?;
        self.bytes = mark.bytes;
        self.entries = mark.entries;
        Ok(())
    }

    /// Reads everything from the beginning.
    pub fn read<E: From<io::Error>>(&mut self, mut each: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        self.file.flush()?;
        let mut file = self.file.get_ref();
        file.seek(SeekFrom::Start(0))?;
        let mut reader = BufReader::with_capacity(BUFFER, file);
        let mut body = vec![];
        for _ in 0..self.entries {
            let mut length = [0; 4];
            reader.read_exact(&mut length)?;
            let length = u64::from(u32::from_le_bytes(length));
            body.clear();
            reader.by_ref().take(length).read_to_end(&mut body)?;
            each(&body)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn all(spool: &mut Spool) -> Vec<Vec<u8>> {
        let mut all = vec![];
        spool
            .read(|body| {
                all.push(body.to_vec());
                Ok::<(), io::Error>(())
            })
            .unwrap();
        all
    }

    #[test]
    fn what_came_after_a_mark_is_forgotten() {
        let mut spool = Spool::new().unwrap();
        spool.push(b"one").unwrap();
        let mark = spool.mark();
        spool.push(&vec![7; 2_000_000]).unwrap();
        spool.push(b"lost").unwrap();
        assert_eq!(all(&mut spool).len(), 3);
        spool.rewind(mark).unwrap();
        spool.push(b"").unwrap();
        spool.push(b"two").unwrap();
        assert_eq!(all(&mut spool), [b"one".to_vec(), vec![], b"two".to_vec()]);
        assert_eq!(all(&mut spool).len(), 3, "it can be read twice");
        assert_eq!(spool.entries(), 3);
    }
}
