//! Records that need not fit in memory: a fixed number of them waits there, and whenever there are more, these go to a temporary file
//! without a name, parted by their first bits.
//!
//! Who asks for one part reads a piece of each run that was written, so a join of two such sets holds one part in 256 of the smaller
//! one. The file is its owner's only and dies with the process. What fits in memory never makes a file.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt as _;

/// Parts of a set.
pub const PARTS: usize = 256;

/// Records that wait in memory, unless told otherwise: 3 MB where a record is three numbers.
pub const ROOM: usize = 1 << 17;

/// Records of `N` numbers being gathered.
#[derive(Debug)]
pub struct Parted<const N: usize> {
    waiting: Vec<[u64; N]>,
    room: usize,
    /// What is left of the first number, shifted so, is the part.
    shift: u32,
    runs: Runs<N>,
}

/// All of them, to be read part by part.
#[derive(Debug)]
pub struct Runs<const N: usize> {
    file: Option<File>,
    /// Where the parts of each run begin, in records from the beginning; the next one's first ends the last.
    starts: Vec<u64>,
    records: u64,
    /// The only run, where there is no file.
    bytes: Vec<u8>,
}

impl<const N: usize> Parted<N> {
    /// `room`: records that wait in memory at most.
    #[must_use]
    pub fn new(room: usize, shift: u32) -> Self {
        let runs = Runs { file: None, starts: vec![], records: 0, bytes: vec![] };
        Self { waiting: vec![], room: room.max(1), shift, runs }
    }

    pub fn push(&mut self, record: [u64; N]) -> io::Result<()> {
        if self.waiting.len() >= self.room {
            self.spill()?;
        }
        self.waiting.push(record);
        Ok(())
    }

    /// Bytes of memory it holds.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.waiting.capacity() * 8 * N + self.runs.starts.capacity() * 8 + self.runs.bytes.capacity()
    }

    fn spill(&mut self) -> io::Result<()> {
        let bytes = self.part();
        let file = match &mut self.runs.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        file.write_all(&bytes)
    }

    /// Puts what waits in the order of its parts. Within a part, the order in which they came stays.
    fn part(&mut self) -> Vec<u8> {
        let Self { waiting, shift, runs, .. } = self;
        let place = |record: &[u64; N]| record.first().map_or(0, |first| usize::try_from(first >> *shift).unwrap_or(0) % PARTS);
        let mut next = [0_usize; PARTS];
        for record in waiting.iter() {
            if let Some(count) = next.get_mut(place(record)) {
                *count += 1;
            }
        }
        let mut total = 0;
        for start in &mut next {
            runs.starts.push(runs.records + total as u64);
            total += std::mem::replace(start, total);
        }
        runs.records += total as u64;
        let mut bytes = vec![0; total * 8 * N];
        for record in waiting.drain(..) {
            let Some(at) = next.get_mut(place(&record)) else { continue };
            if let Some(target) = bytes.get_mut(*at * 8 * N..(*at + 1) * 8 * N) {
                for (eight, number) in target.chunks_exact_mut(8).zip(record) {
                    eight.copy_from_slice(&number.to_le_bytes());
                }
            }
            *at += 1;
        }
        bytes
    }

    /// Nothing more comes.
    pub fn finish(mut self) -> io::Result<Runs<N>> {
        if self.runs.file.is_some() {
            self.spill()?;
        } else {
            self.runs.bytes = self.part();
        }
        Ok(self.runs)
    }
}

impl<const N: usize> Runs<N> {
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// Hands over the records of one part, in the order in which they came.
    pub fn each<E: From<io::Error>>(&self, part: usize, mut one: impl FnMut([u64; N]) -> Result<(), E>) -> Result<(), E> {
        let size = 8 * N as u64;
        let mut read = vec![];
        let starts = |run: usize| self.starts.get(run * PARTS + part).copied();
        for run in 0..self.starts.len() / PARTS {
            let Some(start) = starts(run) else { continue };
            let end = self.starts.get(run * PARTS + part + 1).copied().unwrap_or(self.records);
            let within = |records: u64| usize::try_from(records * size).unwrap_or(usize::MAX);
            let piece = match &self.file {
                Some(_) if start == end => continue,
                Some(file) => {
                    read.resize(within(end - start), 0);
                    file.read_exact_at(&mut read, start * size)?;
                    read.as_slice()
                }
                None => self.bytes.get(within(start)..within(end)).unwrap_or_default(),
            };
            for record in piece.chunks_exact(8 * N) {
                let mut numbers = [0; N];
                for (number, eight) in numbers.iter_mut().zip(record.as_chunks::<8>().0) {
                    *number = u64::from_le_bytes(*eight);
                }
                one(numbers)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    fn record(i: u64) -> [u64; 2] {
        // Spread over all parts, as digests are.
        [i.wrapping_mul(0x9E37_79B9_7F4A_7C15), i]
    }

    fn read(runs: &Runs<2>) -> Vec<Vec<u64>> {
        let part = |part: usize| {
            let mut all = vec![];
            let one = |[first, i]: [u64; 2]| {
                assert_eq!((first, usize::try_from(first >> 56).unwrap()), (record(i)[0], part));
                all.push(i);
                Ok::<(), io::Error>(())
            };
            runs.each(part, one).unwrap();
            all
        };
        (0..PARTS).map(part).collect()
    }

    #[test]
    fn whatever_fits_in_memory_the_same_records_come_back_in_the_order_they_came() {
        for count in [0, 1, 999, 1000, 1001, 12_345] {
            let mut seen = vec![];
            for room in [1, 1000, usize::MAX] {
                let mut parted = Parted::new(room, 56);
                (0..count).for_each(|i| parted.push(record(i)).unwrap());
                let runs = parted.finish().unwrap();
                assert_eq!(runs.file.is_some(), count > room as u64, "a file only when it is needed");
                assert_eq!(runs.is_empty(), count == 0);
                let parts = read(&runs);
                assert!(parts.iter().all(|part| part.is_sorted()), "{count} {room}");
                assert_eq!(parts.iter().map(Vec::len).sum::<usize>() as u64, count);
                assert_eq!(read(&runs), parts, "it can be read twice");
                seen.push(parts);
            }
            assert!(seen.iter().all(|parts| *parts == seen[0]));
        }
    }

    #[test]
    fn memory_does_not_grow_with_what_is_kept() {
        let mut parted = Parted::new(ROOM, 56);
        let mut most = [0, 0];
        for i in 0..ROOM as u64 * 20 {
            parted.push(record(i)).unwrap();
            let half = usize::from(i >= ROOM as u64 * 10);
            most[half] = most[half].max(parted.bytes());
        }
        assert!(most[0] <= ROOM * 16 + 64 * 1024, "{most:?}");
        assert!(most[1] <= most[0] + 64 * 1024, "ten times as many records cost a table of where they lie: {most:?}");
    }
}
