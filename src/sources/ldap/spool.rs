//! What was received, kept aside in a temporary file without a name until all of it is there.
//!
//! A directory is decoded in two readings (see [`crate::sources::directory`]), and a base whose connection broke is asked for again
//! from its beginning, so nothing may be decoded before it is whole. The file has no name and dies with the process; only its owner
//! can read it, and it holds no secret, for none is asked for. On its way into the file each block is also handed to whoever looks
//! ahead ([`super::ahead`]), who is told when some of it was forgotten.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::sources::directory::Flavour;

/// What comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    pub flavour: Flavour,
    /// From where and how, for the raw capture.
    pub heading: Vec<String>,
}

/// Bytes that are written at once, and handed over at once. An entry is never split. A few blocks are under way at a time.
const BLOCK: usize = 256 << 10;

impl Mark {
    /// Entries before it.
    #[must_use]
    pub const fn entries(self) -> u64 {
        self.entries
    }
}

/// Entries, in the order they came.
pub struct Spool {
    file: File,
    /// What the file does not hold yet.
    block: Vec<u8>,
    bytes: u64,
    entries: u64,
    /// Who looks ahead.
    ahead: Option<SyncSender<Coming>>,
}

/// A place to come back to.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    bytes: u64,
    entries: u64,
}

/// What whoever looks ahead is told.
enum Coming {
    /// Before anything else.
    Begun(Begun),
    /// Entries, and how many there are with them.
    Entries(Arc<Vec<u8>>, u64),
    /// Some of what came has been forgotten.
    Forgotten,
}

/// The end that looks ahead.
pub struct Comings(Receiver<Coming>);

impl Comings {
    /// What will come; `None`: nothing.
    #[must_use]
    pub fn begun(&self) -> Option<Begun> {
        match self.0.recv() {
            Ok(Coming::Begun(begun)) => Some(begun),
            _ => None,
        }
    }

    /// Hands over each block of entries and how many there are with it, or nothing where some were forgotten; to the end. After an
    /// error whoever fills the spool is told to end.
    pub fn each<E>(self, mut one: impl FnMut(Option<(&Arc<Vec<u8>>, u64)>) -> Result<(), E>) -> Result<(), E> {
        self.0.into_iter().try_for_each(|coming| match coming {
            Coming::Entries(block, entries) => one(Some((&block, entries))),
            _ => one(None),
        })
    }
}

impl Spool {
    pub fn new() -> io::Result<Self> {
        Ok(Self { file: tempfile::tempfile()?, block: Vec::with_capacity(BLOCK), bytes: 0, entries: 0, ahead: None })
    }

    /// A spool, and what comes into it.
    pub fn watched() -> io::Result<(Self, Comings)> {
        let (to, from) = sync_channel(1);
        Ok((Self { ahead: Some(to), ..Self::new()? }, Comings(from)))
    }

    fn tell(&self, coming: Coming) -> io::Result<()> {
        match &self.ahead {
            // Gone only when it failed: it says why.
            Some(to) => to.send(coming).map_err(|_gone| io::Error::other("the decoding ended early")),
            None => Ok(()),
        }
    }

    /// Tells whoever looks ahead what will come.
    pub fn begin(&self, begun: Begun) -> io::Result<()> {
        self.tell(Coming::Begun(begun))
    }

    /// Adds the body of an entry.
    pub fn push(&mut self, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len()).map_err(io::Error::other)?;
        if self.block.len() + body.len() > BLOCK {
            self.flush()?;
        }
        self.block.extend_from_slice(&length.to_le_bytes());
        self.block.extend_from_slice(body);
        self.bytes += 4 + u64::from(length);
        self.entries += 1;
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        self.file.write_all(&self.block)?;
        if self.ahead.is_some() {
            let full = std::mem::replace(&mut self.block, Vec::with_capacity(BLOCK));
            return self.tell(Coming::Entries(Arc::new(full), self.entries));
        }
        self.block.clear();
        Ok(())
    }

    /// Nothing more comes.
    pub fn end(&mut self) -> io::Result<()> {
        let flushed = self.flush();
        self.ahead = None;
        flushed
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
        let written = self.bytes - self.block.len() as u64;
        if let Some(kept) = mark.bytes.checked_sub(written) {
            self.block.truncate(usize::try_from(kept).map_err(io::Error::other)?);
        } else {
            self.tell(Coming::Forgotten)?;
            self.block.clear();
            self.file.set_len(mark.bytes)?;
            self.file.seek(SeekFrom::Start(mark.bytes))?;
        }
        self.bytes = mark.bytes;
        self.entries = mark.entries;
        Ok(())
    }

    /// Reads everything from the beginning.
    pub fn read<E: From<io::Error>>(&mut self, mut each: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        self.flush()?;
        self.file.seek(SeekFrom::Start(0))?;
        let mut buffer = Vec::with_capacity(BLOCK);
        let mut left = self.bytes;
        while left > 0 {
            let part = left.min(BLOCK as u64);
            if (&mut self.file).take(part).read_to_end(&mut buffer)? as u64 != part {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            left -= part;
            let rest = bodies(&buffer, &mut each)?.len();
            buffer.drain(..buffer.len() - rest);
        }
        Ok(())
    }
}

/// Hands over the entries of a block. Returns what is left: the beginning of one more.
pub fn bodies<E>(mut block: &[u8], mut each: impl FnMut(&[u8]) -> Result<(), E>) -> Result<&[u8], E> {
    while let Some((length, rest)) = block.split_first_chunk::<4>()
        && let Some((body, rest)) =
            usize::try_from(u32::from_le_bytes(*length)).ok().and_then(|length| rest.split_at_checked(length))
    {
        each(body)?;
        block = rest;
    }
    Ok(block)
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

    #[test]
    fn whoever_looks_ahead_sees_every_entry_and_what_was_forgotten() {
        let (mut spool, comings) = Spool::watched().unwrap();
        let watcher = std::thread::spawn(move || {
            let (mut seen, mut forgotten) = (0, 0);
            assert_eq!(comings.begun().unwrap().flavour, Flavour::Ad);
            let ended = comings.each(|block| match block {
                Some((block, _)) => {
                    let rest = bodies(block, |body| {
                        assert_eq!(body.len(), 1000);
                        seen += 1;
                        Ok::<(), io::Error>(())
                    });
                    assert_eq!(rest.unwrap(), b"");
                    Ok(())
                }
                None => {
                    forgotten += 1;
                    Ok::<(), io::Error>(())
                }
            });
            ended.unwrap();
            (seen, forgotten)
        });
        spool.begin(Begun { flavour: Flavour::Ad, heading: vec![] }).unwrap();
        for _ in 0..1000 {
            spool.push(&[1; 1000]).unwrap();
        }
        let mark = spool.mark();
        spool.push(&[2; 1000]).unwrap();
        spool.rewind(mark).unwrap();
        assert_eq!(all(&mut spool).len(), 1000, "what was not handed over yet needs no word");
        let mark = spool.mark();
        (0..1000).for_each(|_| spool.push(&[3; 1000]).unwrap());
        spool.rewind(mark).unwrap();
        spool.push(&[4; 1000]).unwrap();
        spool.end().unwrap();
        let (seen, forgotten) = watcher.join().unwrap();
        assert!((1001..=2001).contains(&seen) && forgotten == 1, "{seen} seen, forgotten {forgotten} times");
        assert_eq!(all(&mut spool).last().unwrap(), &[4; 1000]);
        assert_eq!(spool.entries(), 1001);
    }
}
