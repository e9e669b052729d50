//! Reading a file ahead on another thread, and hashing it there: the decoder never waits for the disk or the digest.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use sha2::{Digest, Sha256};

const CHUNK: usize = 1 << 20;
/// Chunks under way: one being filled, one waiting, one being read.
const CHUNKS: usize = 3;

/// What passed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Passed {
    pub bytes: u64,
    /// SHA-256 of all of it, when asked for.
    pub sha256: Option<[u8; 32]>,
}

/// The near end of the thread.
pub struct Ahead {
    full: Receiver<io::Result<Vec<u8>>>,
    empty: SyncSender<Vec<u8>>,
    chunk: Vec<u8>,
    at: usize,
}

/// Starts reading `input`.
pub fn start<'s, R: Read + Send + 's>(scope: &'s Scope<'s, '_>, input: R, hash: bool) -> (Ahead, ScopedJoinHandle<'s, Passed>) {
    let (send_full, full) = sync_channel(CHUNKS);
    let (empty, spare) = sync_channel(CHUNKS);
    for _ in 0..CHUNKS {
        // The channel holds that many and its other end is here.
        let _ = empty.try_send(vec![]);
    }
    let handle = scope.spawn(move || fill(input, hash, &spare, &send_full));
    (Ahead { full, empty, chunk: vec![], at: 0 }, handle)
}

fn fill(mut input: impl Read, hash: bool, spare: &Receiver<Vec<u8>>, full: &SyncSender<io::Result<Vec<u8>>>) -> Passed {
    let mut digest = hash.then(Sha256::new);
    let mut bytes = 0;
    // An end without a partner: the decoder gave up, and so do we.
    while let Ok(mut chunk) = spare.recv() {
        chunk.clear();
        let read = input.by_ref().take(CHUNK as u64).read_to_end(&mut chunk);
        if let Some(digest) = &mut digest {
            digest.update(&chunk);
        }
        bytes += chunk.len() as u64;
        let last = chunk.is_empty() || read.is_err();
        if full.send(read.map(|_| chunk)).is_err() || last {
            break;
        }
    }
    Passed { bytes, sha256: digest.map(|digest| digest.finalize().into()) }
}

impl Read for Ahead {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.chunk.len() {
            let done = std::mem::take(&mut self.chunk);
            // The thread has ended when it takes no more; what it sent before is still to be read.
            let _ = self.empty.try_send(done);
            match self.full.recv() {
                Ok(chunk) => self.chunk = chunk?,
                Err(_ended) => return Ok(0),
            }
            self.at = 0;
        }
        let mut rest = self.chunk.get(self.at..).unwrap_or_default();
        let count = rest.read(out)?;
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn everything_comes_through_and_is_hashed() {
        let text: Vec<u8> = (0..5_000_000_u32).map(|i| i.to_le_bytes()[1]).collect();
        let (back, passed) = std::thread::scope(|scope| {
            let (mut ahead, handle) = start(scope, text.as_slice(), true);
            let mut back = vec![];
            ahead.read_to_end(&mut back).unwrap();
            drop(ahead);
            (back, handle.join().unwrap())
        });
        assert!(back == text);
        assert_eq!(passed, Passed { bytes: 5_000_000, sha256: Some(Sha256::digest(&text).into()) });
    }

    #[test]
    fn a_failed_read_reaches_the_reader_and_giving_up_ends_the_thread() {
        struct Bad;
        impl Read for Bad {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("cable cut"))
            }
        }
        std::thread::scope(|scope| {
            let (mut ahead, _) = start(scope, io::repeat(b'x').take(1 << 21).chain(Bad), false);
            assert_eq!(ahead.read_to_end(&mut vec![]).unwrap_err().to_string(), "cable cut");
            let (early, _) = start(scope, io::repeat(b'x'), false);
            drop(early);
        });
    }
}
