//! Raw captures: what a source received, secrets redacted, compressed, stored once under the digest of its uncompressed bytes.
//!
//! Hashing and compressing run on their own thread, so that a source only pays for a copy. A capture is a row of zstd frames (RFC 8878
//! section 3.1), each holding the next `BLOCK` bytes: what is written depends on the content alone, not on how it came.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use sha2::{Digest, Sha256};
use zstd::bulk::Compressor;

use super::{atomic, digest};

/// Bytes of a frame, and handed over at once: at this size frames of their own cost one part in a hundred.
const BLOCK: usize = 1 << 21;
/// Blocks under way: one being filled, one waiting, one being compressed. They are used again, for fresh memory costs more than the copy.
const BLOCKS: usize = 3;
/// zstd level: a fast one, which costs no more than the digest beside it. Exports of directories shrink about fourfold, where level 1
/// makes it fivefold for half as much time again.
const LEVEL: i32 = -3;

/// A capture being written.
#[derive(Debug)]
pub struct Capture {
    block: Vec<u8>,
    to: Option<SyncSender<Part>>,
    spare: Receiver<Vec<u8>>,
    worker: Option<JoinHandle<io::Result<(String, u64)>>>,
    temporary: PathBuf,
    folder: PathBuf,
}

/// What goes to the thread that writes.
enum Part {
    Block(Vec<u8>),
    /// All that came is to be forgotten.
    Restart,
}

/// Where a finished capture lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    /// Of the uncompressed bytes.
    pub sha256: String,
    pub bytes: u64,
}

impl Capture {
    /// Starts a capture below `folder` (the store's `raw`). `name` only has to be unique in this run.
    pub fn start(folder: &Path, name: &str) -> io::Result<Self> {
        atomic::folder(folder)?;
        let temporary = folder.join(format!("{}{name}", atomic::TEMPORARY));
        let _leftover = fs::remove_file(&temporary); // from a killed run; its absence is the usual case
        let file = atomic::create(&temporary)?;
        let (to, from) = sync_channel(1);
        let (done, spare) = sync_channel(BLOCKS);
        for _ in 1..BLOCKS {
            // There is room, and the other end is here.
            let _sent = done.try_send(vec![]);
        }
        let worker = std::thread::Builder::new().name(format!("capture {name}")).spawn(move || compress(&from, &done, file))?;
        Ok(Self { block: vec![], to: Some(to), spare, worker: Some(worker), temporary, folder: folder.to_owned() })
    }

    fn hand_over(&mut self) -> io::Result<()> {
        let block = std::mem::take(&mut self.block);
        let sent = self.to.as_ref().is_some_and(|to| to.send(Part::Block(block)).is_ok());
        match self.spare.recv() {
            Ok(spare) if sent => self.block = spare,
            _ => return Err(self.end().err().unwrap_or_else(|| io::Error::other("the capture thread ended early"))),
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<(String, u64)> {
        drop(self.to.take());
        match self.worker.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            _ => Err(io::Error::other("the capture thread ended early")),
        }
    }

    /// Forgets all that was written.
    pub fn restart(&mut self) -> io::Result<()> {
        self.block.clear();
        match &self.to {
            Some(to) if to.send(Part::Restart).is_ok() => Ok(()),
            _ => Err(self.end().err().unwrap_or_else(|| io::Error::other("the capture thread ended early"))),
        }
    }

    /// Names the capture after its content. A capture seen before is not written twice.
    pub fn finish(mut self) -> io::Result<Captured> {
        if !self.block.is_empty() {
            self.hand_over()?;
        }
        let (sha256, bytes) = self.end()?;
        let path = path(&self.folder, &sha256);
        if path.exists() {
            fs::remove_file(&self.temporary)?;
        } else {
            atomic::folder(path.parent().unwrap_or(&self.folder))?;
            atomic::publish(&self.temporary, &path)?;
        }
        Ok(Captured { sha256, bytes })
    }
}

impl Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (now, _later) = bytes.split_at_checked(BLOCK - self.block.len()).unwrap_or((bytes, &[]));
        self.block.extend_from_slice(now);
        if self.block.len() == BLOCK {
            self.hand_over()?;
        }
        Ok(now.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        drop(self.to.take());
        if let Some(worker) = self.worker.take() {
            // An abandoned capture: its thread ends with the channel, its file goes. Nothing refers to it, so a failure costs nothing.
            let _ended = worker.join();
            let _removed = fs::remove_file(&self.temporary);
        }
    }
}

fn compress(from: &Receiver<Part>, done: &SyncSender<Vec<u8>>, mut file: File) -> io::Result<(String, u64)> {
    let mut hasher = Sha256::new();
    let mut bytes = 0;
    let mut compressor = Compressor::new(LEVEL)?;
    compressor.include_checksum(true)?;
    let mut frame = vec![];
    for part in from {
        let Part::Block(mut block) = part else {
            hasher = Sha256::new();
            bytes = 0;
            file.set_len(0)?;
            file.rewind()?;
            continue;
        };
        hasher.update(&block);
        bytes += block.len() as u64;
        write_frame(&mut compressor, &block, &mut frame, &mut file)?;
        block.clear();
        // The near end only takes as many as it needs.
        let _kept = done.try_send(block);
    }
    if bytes == 0 {
        // A file without a frame is no zstd file.
        write_frame(&mut compressor, &[], &mut frame, &mut file)?;
    }
    file.sync_all()?;
    Ok((digest::text(&hasher.finalize()), bytes))
}

fn write_frame(compressor: &mut Compressor<'_>, block: &[u8], frame: &mut Vec<u8>, file: &mut File) -> io::Result<()> {
    frame.clear();
    frame.reserve(zstd::zstd_safe::compress_bound(block.len()));
    compressor.compress_to_buffer(block, frame)?;
    file.write_all(frame)
}

/// Path of a capture below the store's `raw` folder.
#[must_use]
pub fn path(folder: &Path, sha256: &str) -> PathBuf {
    folder.join("sha256").join(sha256.get(..2).unwrap_or("__")).join(format!("{sha256}.zst"))
}

/// Reads a capture back, uncompressed.
pub fn open(folder: &Path, sha256: &str) -> io::Result<impl Read> {
    zstd::Decoder::new(File::open(path(folder, sha256))?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_capture_is_named_after_its_bytes_and_kept_once() {
        let folder = tempfile::tempdir().unwrap();
        let bytes: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
        for _ in 0..2 {
            let mut capture = Capture::start(folder.path(), "rh").unwrap();
            for part in bytes.chunks(7919) {
                capture.write_all(part).unwrap();
            }
            let captured = capture.finish().unwrap();
            assert_eq!(captured, Captured { sha256: digest::hex(&bytes), bytes: 12_000_000 });
            let mut back = vec![];
            open(folder.path(), &captured.sha256).unwrap().read_to_end(&mut back).unwrap();
            assert!(back == bytes);
        }
        let files = walkdir::WalkDir::new(folder.path()).into_iter().filter(|e| e.as_ref().unwrap().file_type().is_file()).count();
        assert_eq!(files, 1);
    }

    #[test]
    fn the_file_depends_on_the_content_alone() {
        let bytes: Vec<u8> = (0..1_500_000_u32).flat_map(|n| (n / 7).to_le_bytes()).collect();
        let written = |part: usize, bytes: &[u8]| {
            let folder = tempfile::tempdir().unwrap();
            let mut capture = Capture::start(folder.path(), "rh").unwrap();
            bytes.chunks(part).for_each(|part| capture.write_all(part).unwrap());
            let captured = capture.finish().unwrap();
            let mut back = vec![];
            open(folder.path(), &captured.sha256).unwrap().read_to_end(&mut back).unwrap();
            assert!(back == bytes);
            fs::read(path(folder.path(), &captured.sha256)).unwrap()
        };
        let whole = written(bytes.len(), &bytes);
        assert!(whole == written(4099, &bytes) && whole == written(BLOCK, &bytes));
        assert!(!written(1, &[]).is_empty(), "an empty capture is a file that zstd can read");
    }

    #[test]
    fn what_came_before_a_restart_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let mut capture = Capture::start(folder.path(), "rh").unwrap();
        capture.write_all(&vec![1; 5_000_000]).unwrap();
        capture.restart().unwrap();
        capture.write_all(b"again").unwrap();
        assert_eq!(capture.finish().unwrap(), Captured { sha256: digest::hex(b"again"), bytes: 5 });
        let mut back = String::new();
        open(folder.path(), &digest::hex(b"again")).unwrap().read_to_string(&mut back).unwrap();
        assert_eq!(back, "again");
    }

    #[test]
    fn an_abandoned_capture_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut capture = Capture::start(folder.path(), "rh").unwrap();
        capture.write_all(&vec![1; 5_000_000]).unwrap();
        drop(capture);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
