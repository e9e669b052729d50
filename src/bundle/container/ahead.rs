//! Contents on their way into the container: one thread reads and hashes them in their order, others deflate blocks ahead of the writer,
//! which takes the blocks as they were read. So many blocks are under way and no more: memory depends neither on the size of contents
//! nor on their number, and no byte is read twice.

use std::num::NonZero;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use sha2::{Digest as _, Sha256};

use crate::bundle::container::content::Content;
use crate::bundle::container::format::Method;
use crate::bundle::container::packing::{self, BLOCK, TRIED, WINDOW};
use crate::bundle::digest::Digest;
use crate::bundle::error::SealError;

/// More threads than this only wait for the disk.
const MAX_THREADS: usize = 8;

/// As many threads as there are cores, within reason.
#[must_use]
pub(in crate::bundle) fn threads() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get).min(MAX_THREADS)
}

/// What all the bytes of a content come to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sums {
    pub(super) digest: Digest,
    pub(super) crc32: u32,
}

/// A stretch of a content: as read, and as packed.
#[derive(Debug)]
pub(super) struct Block {
    /// The window before it, when it has one, then the block.
    bytes: Vec<u8>,
    window: usize,
    packed: Vec<u8>,
    pub(super) method: Method,
    /// On the last block of a content.
    pub(super) sums: Option<Sums>,
}

impl Block {
    fn new() -> Self {
        Self { bytes: Vec::new(), window: 0, packed: Vec::new(), method: Method::Stored, sums: None }
    }

    fn content(&self) -> &[u8] {
        self.bytes.get(self.window..).unwrap_or_default()
    }

    /// Makes it a new one behind `window`; where its content goes.
    fn room(&mut self, window: &[u8], length: usize) -> &mut [u8] {
        (self.method, self.sums, self.window) = (Method::Stored, None, window.len());
        self.bytes.resize(window.len() + length, 0);
        let (before, content) = self.bytes.split_at_mut_checked(window.len()).unwrap_or_default();
        before.copy_from_slice(window);
        content
    }

    /// What is to be written.
    pub(super) fn body(&self) -> &[u8] {
        if self.method == Method::Deflated { &self.packed } else { self.content() }
    }

    /// Deflates; a block that is a content of its own only if that is worth it.
    fn pack(mut self, whole: bool) -> Result<Self, SealError> {
        let (before, content) = self.bytes.split_at_checked(self.window).unwrap_or_default();
        let worth = if whole {
            packing::whole(content, &mut self.packed)?
        } else {
            packing::block(before, content, self.sums.is_some(), &mut self.packed)?;
            true
        };
        self.method = if worth { Method::Deflated } else { Method::Stored };
        Ok(self)
    }
}

type Answer = Result<Block, SealError>;

/// A block in its place in the order, or the promise of it.
enum Place {
    Ready(Block),
    Promised(Receiver<Answer>),
}

struct Job {
    block: Block,
    whole: bool,
    answer: SyncSender<Answer>,
}

/// The blocks of all contents, in order: the writer's end.
pub(super) struct Blocks {
    places: Receiver<Result<Place, SealError>>,
    spare: Sender<Block>,
}

impl Blocks {
    pub(super) fn next(&self) -> Result<Block, SealError> {
        // Only a thread that panicked leaves without a word.
        let gone = |_panicked| std::io::Error::other("a thread that packs has stopped");
        match self.places.recv().map_err(gone)?? {
            Place::Ready(block) => Ok(block),
            Place::Promised(answer) => answer.recv().map_err(gone)?,
        }
    }

    /// Gives a written block back, for its memory.
    pub(super) fn recycle(&self, block: Block) {
        // The reader may have finished: then nobody needs it.
        drop(self.spare.send(block));
    }
}

/// Runs `write` while other threads read `contents` and pack them.
pub(super) fn packed<T>(
    contents: &[&Content<'_>],
    threads: usize,
    write: impl FnOnce(Blocks) -> Result<T, SealError>,
) -> Result<T, SealError> {
    let under_way = 2 * threads + 2;
    let (places, taken) = sync_channel(under_way);
    let (jobs, work) = sync_channel::<Job>(under_way);
    let (spare, spares) = channel();
    let work = Mutex::new(work);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| pack_all(&work));
        }
        scope.spawn(move || Reader { places, jobs, spares }.read_all(contents));
        write(Blocks { places: taken, spare })
    })
}

/// One worker: until there is no more work.
fn pack_all(work: &Mutex<Receiver<Job>>) {
    loop {
        let next = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { block, whole, answer }) = next else { return };
        // A writer that has failed no longer listens.
        drop(answer.send(block.pack(whole)));
    }
}

struct Reader {
    places: SyncSender<Result<Place, SealError>>,
    jobs: SyncSender<Job>,
    spares: Receiver<Block>,
}

/// Why reading stops early: an error to hand on, or nothing when the writer has stopped listening.
struct Stop(Option<SealError>);

impl<E: Into<SealError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self(Some(error.into()))
    }
}

impl Reader {
    fn read_all(self, contents: &[&Content<'_>]) {
        if let Err(Stop(Some(error))) = contents.iter().try_for_each(|content| self.read(content)) {
            // A writer that no longer listens has an error of its own.
            drop(self.places.send(Err(error)));
        }
    }

    fn read(&self, content: &Content<'_>) -> Result<(), Stop> {
        let (mut reading, mut left) = (content.open()?, content.size());
        let whole = left <= BLOCK as u64;
        let (mut hasher, mut crc) = (Sha256::new(), crc32fast::Hasher::new());
        let mut method = Method::Deflated;
        let mut window: Vec<u8> = Vec::new();
        let mut first = true;
        while first || left > 0 {
            let mut block = self.spares.try_recv().unwrap_or_else(|_none| Block::new());
            let length = usize::try_from(left).unwrap_or(BLOCK).min(BLOCK);
            reading.fill(block.room(&window, length), &mut |chunk| {
                hasher.update(chunk);
                crc.update(chunk);
            })?;
            left -= length as u64;
            if first && !whole && !packing::shrinks(block.content().get(..TRIED).unwrap_or_default())? {
                method = Method::Stored;
            }
            first = false;
            if left == 0 {
                reading.check_ended()?;
                block.sums = Some(Sums { digest: hasher.clone().finalize().into(), crc32: crc.clone().finalize() });
            } else if method == Method::Deflated {
                window.clear();
                window.extend_from_slice(block.bytes.get(block.bytes.len() - WINDOW..).unwrap_or_default());
            }
            self.hand_over(block, whole, method)?;
        }
        Ok(())
    }

    fn hand_over(&self, block: Block, whole: bool, method: Method) -> Result<(), Stop> {
        let place = if method == Method::Stored {
            Place::Ready(block)
        } else {
            let (answer, promised) = sync_channel(1);
            self.jobs.send(Job { block, whole, answer }).map_err(|_gone| Stop(None))?;
            Place::Promised(promised)
        };
        self.places.send(Ok(place)).map_err(|_gone| Stop(None))
    }
}
