//! Entries read on one thread and decoded on another: a text of a thousand million bytes keeps two processors busy.
//!
//! Entries travel in batches that come back to be used again, so nothing is allocated for an entry, and memory is bounded by the few
//! batches there are.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::attrs::{Attr, Named};
use super::class::ClassNames;
use super::dn::{self, DnError};
use super::entry::Entry;
use super::harvest::Harvest;
use super::wanted::Wanted;
use super::{DecodeError, Place, Visit};

/// Entries of a batch: enough that handing it over costs nothing, few enough that it stays in a cache.
const ENTRIES: usize = 256;
/// A batch with this many bytes of values is full, whatever it counts.
const BYTES: usize = 1 << 20;
/// Batches under way: one being filled, one waiting, one being decoded.
const BATCHES: usize = 3;

/// An entry as it was read.
#[derive(Debug, Default)]
struct Gathered {
    entry: Entry,
    /// Comparable name.
    name: Vec<u8>,
    line: Option<u64>,
    /// Why it cannot be read, and its excerpt.
    refused: Option<(String, String)>,
}

/// Entries on their way.
#[derive(Debug, Default)]
struct Entries {
    list: Vec<Gathered>,
    /// How many of the list are filled.
    used: usize,
    bytes: usize,
}

/// The end where entries are read.
pub struct Gather {
    to: SyncSender<Entries>,
    spare: Receiver<Entries>,
    batch: Entries,
    /// The entry being read.
    current: Gathered,
    classes: ClassNames,
    wanted: Wanted,
}

/// The end where they are decoded.
pub struct Gatherings {
    from: Receiver<Entries>,
    done: SyncSender<Entries>,
}

/// Both ends, from where this harvest is.
#[must_use]
pub fn pipe(harvest: &Harvest<'_>) -> (Gather, Gatherings) {
    let (to, from) = sync_channel(1);
    let (done, spare) = sync_channel(BATCHES);
    for _ in 1..BATCHES {
        // There is room, and the other end is here.
        let _sent = done.try_send(Entries::default());
    }
    let gather = Gather {
        to,
        spare,
        batch: Entries::default(),
        current: Gathered::default(),
        classes: ClassNames::default(),
        wanted: harvest.wanted.clone(),
    };
    (gather, Gatherings { from, done })
}

impl Gather {
    /// The entry is whole, or refused.
    fn next(&mut self) -> Result<(), DecodeError> {
        self.wanted.pass();
        let Entries { list, used, bytes } = &mut self.batch;
        *bytes += self.current.entry.bytes();
        match list.get_mut(*used) {
            Some(place) => std::mem::swap(place, &mut self.current),
            None => list.push(std::mem::take(&mut self.current)),
        }
        *used += 1;
        if *used >= ENTRIES || *bytes >= BYTES { self.send() } else { Ok(()) }
    }

    fn send(&mut self) -> Result<(), DecodeError> {
        // The other end is gone only when it failed: it says why.
        self.to.send(std::mem::take(&mut self.batch)).map_err(|_gone| DecodeError::Abandoned)?;
        self.batch = self.spare.recv().map_err(|_gone| DecodeError::Abandoned)?;
        Ok(())
    }

    /// Hands over what is left.
    pub fn finish(mut self) -> Result<(), DecodeError> {
        if self.batch.used > 0 { self.send() } else { Ok(()) }
    }
}

impl Visit for Gather {
    fn begin(&mut self, dn: &[u8]) -> Result<(), DnError> {
        self.current.entry.begin(dn);
        dn::normalise(dn, &mut self.current.name)
    }

    fn wants(&mut self, named: Named) -> bool {
        self.current.entry.note(named.attr);
        named.in_account() || (named.attr.is_membership() && self.wanted.is_here())
    }

    fn value(&mut self, attr: Attr, value: &[u8]) {
        if attr == Attr::ObjectClass {
            self.classes.add(&mut self.current.entry.classes, value);
        } else if !attr.is_membership() || self.wanted.takes() {
            self.current.entry.keep(attr, value);
        }
    }

    fn end(&mut self, place: Place<'_>) -> Result<(), DecodeError> {
        self.current.line = place.line;
        self.next()
    }

    fn refuse(&mut self, reason: &str, excerpt: &str) -> Result<(), DecodeError> {
        self.current.refused = Some((reason.to_owned(), excerpt.to_owned()));
        self.next()
    }
}

impl Gatherings {
    /// Decodes every entry that comes. `file` names where they stand, when there are several.
    pub fn decode(self, harvest: &mut Harvest<'_>, file: Option<&str>) -> Result<(), DecodeError> {
        for mut batch in self.from {
            let filled = batch.list.get_mut(..batch.used).unwrap_or_default();
            for gathered in filled.iter_mut() {
                if let Some((reason, excerpt)) = gathered.refused.take() {
                    harvest.refuse(&reason, &excerpt)?;
                } else {
                    harvest.exchange(&mut gathered.entry, &mut gathered.name);
                    harvest.end(Place { file, line: gathered.line })?;
                    harvest.exchange(&mut gathered.entry, &mut gathered.name);
                }
                gathered.entry.shrink();
            }
            batch.used = 0;
            batch.bytes = 0;
            // The near end only takes as many as it needs.
            let _kept = self.done.try_send(batch);
        }
        Ok(())
    }
}
