//! A deterministic ZIP writer: entries in the order given, one spelling of every record, digests taken while copying.
//!
//! Content that deflate barely shrinks is stored, and so is what it would shrink so much that a reader must take it for
//! a bomb. Sizes are patched into the local header afterwards, so there are no data descriptors.

use std::collections::BTreeMap;
use std::io::{Seek, SeekFrom, Write};

use crate::bundle::container::ahead::{self, Blocks, Sums};
use crate::bundle::container::content::Content;
use crate::bundle::container::format::{Method, Record, end_records};
use crate::bundle::container::packing::{self, is_worth_deflating};
use crate::bundle::digest::{Digest, sha256};
use crate::bundle::error::SealError;
use crate::bundle::read_at::ReadAt;

/// Bytes copied at a time.
const CHUNK: usize = 1 << 17;

#[derive(Debug)]
pub struct ZipWriter<W> {
    sink: W,
    position: u64,
    records: Vec<Record>,
}

impl<W: Write + Seek> ZipWriter<W> {
    pub fn new(sink: W) -> Self {
        Self { sink, position: 0, records: Vec::new() }
    }

    /// An entry that must not be compressed, whatever its size.
    pub fn add_stored(&mut self, name: &str, content: &[u8]) -> Result<Digest, SealError> {
        self.add_whole(name, content, Method::Stored, content)
    }

    /// A file of the seal's own, packed in memory.
    pub fn add_bytes(&mut self, name: &str, content: &[u8]) -> Result<Digest, SealError> {
        let mut packed = Vec::new();
        let worth = packing::whole(content, &mut packed)?;
        let (method, body) = if worth { (Method::Deflated, packed.as_slice()) } else { (Method::Stored, content) };
        self.add_whole(name, content, method, body)
    }

    /// All of the payload, in the order of its names, on so many threads; fails if a file is not, to the end, the one that was planned.
    pub fn add_payload(
        &mut self,
        payload: &BTreeMap<String, Content<'_>>,
        threads: usize,
    ) -> Result<BTreeMap<String, Digest>, SealError> {
        let contents: Vec<&Content<'_>> = payload.values().collect();
        ahead::packed(&contents, threads, |blocks| {
            payload.iter().map(|(name, content)| Ok((name.clone(), self.add_content(name, content, &blocks)?))).collect()
        })
    }

    /// An entry of another archive under this name, its packed bytes as they are.
    pub fn add_as_is<S: ReadAt + ?Sized>(&mut self, source: &S, entry: &Record, name: String) -> Result<(), SealError> {
        let (mut from, end) = (entry.data_offset(), entry.data_offset() + entry.packed);
        let record = Record { name, offset: self.position, ..entry.clone() };
        self.sink.write_all(&record.local_header())?;
        let mut buffer = vec![0; CHUNK];
        while from < end {
            let length = usize::try_from(end - from).unwrap_or(CHUNK).min(CHUNK);
            buffer.resize(length, 0);
            source.read_exact_at(&mut buffer, from)?;
            self.sink.write_all(&buffer)?;
            from += length as u64;
        }
        self.push(record);
        Ok(())
    }

    /// Writes the central directory; gives back the sink and the length of the file.
    pub fn finish(mut self) -> Result<(W, u64), SealError> {
        let directory = self.position;
        let mut size = 0;
        for record in &self.records {
            let header = record.central_header();
            self.sink.write_all(&header)?;
            size += header.len() as u64;
        }
        let end = end_records(self.records.len() as u64, directory, size);
        self.sink.write_all(&end)?;
        self.sink.flush()?;
        Ok((self.sink, directory + size + end.len() as u64))
    }

    fn add_whole(&mut self, name: &str, content: &[u8], method: Method, body: &[u8]) -> Result<Digest, SealError> {
        let record = Record {
            name: name.to_owned(),
            method,
            crc32: crc32fast::hash(content),
            packed: body.len() as u64,
            size: content.len() as u64,
            offset: self.position,
        };
        self.sink.write_all(&record.local_header())?;
        self.sink.write_all(body)?;
        self.push(record);
        Ok(sha256(content))
    }

    /// One entry of the payload: a header, its blocks, and the header again where they are several, for only then is it known.
    fn add_content(&mut self, name: &str, content: &Content<'_>, blocks: &Blocks) -> Result<Digest, SealError> {
        let mut block = blocks.next()?;
        let mut record = Record {
            name: name.to_owned(),
            method: block.method,
            crc32: block.sums.map_or(0, |sums| sums.crc32),
            packed: block.body().len() as u64,
            size: content.size(),
            offset: self.position,
        };
        self.sink.write_all(&record.local_header())?;
        self.sink.write_all(block.body())?;
        if let Some(sums) = block.sums {
            blocks.recycle(block);
            self.push(record);
            return Ok(sums.digest);
        }
        let sums = loop {
            blocks.recycle(block);
            block = blocks.next()?;
            self.sink.write_all(block.body())?;
            record.packed += block.body().len() as u64;
            if let Some(sums) = block.sums {
                break sums;
            }
        };
        blocks.recycle(block);
        record.crc32 = sums.crc32;
        if record.method == Method::Deflated && !is_worth_deflating(record.packed, record.size) {
            self.store_instead(&mut record, content, &sums)?;
        }
        self.sink.seek(SeekFrom::Start(record.offset))?;
        self.sink.write_all(&record.local_header())?;
        self.sink.seek(SeekFrom::Start(record.data_offset() + record.packed))?;
        self.push(record);
        Ok(sums.digest)
    }

    /// The start misled: the content is read and written again, stored. What is left of the first attempt is overwritten or cut off.
    fn store_instead(&mut self, record: &mut Record, content: &Content<'_>, sums: &Sums) -> Result<(), SealError> {
        record.method = Method::Stored;
        record.packed = record.size;
        self.sink.seek(SeekFrom::Start(record.data_offset()))?;
        let again = content.copy(&mut self.sink)?;
        if again == sums.digest { Ok(()) } else { Err(content.changed()) }
    }

    fn push(&mut self, record: Record) {
        self.position = record.data_offset() + record.packed;
        self.records.push(record);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use std::fs;
    use std::io::Cursor;

    use super::*;
    use crate::bundle::container;
    use crate::bundle::container::packing::BLOCK;
    use crate::bundle::container::packing::tests::noise;
    use crate::bundle::pinned::Planned;

    fn text(length: usize) -> Vec<u8> {
        (0_u32..)
            .flat_map(|n| format!("{n};compte-{};{}\n", n % 997, n.wrapping_mul(2_654_435_761)).into_bytes())
            .take(length)
            .collect()
    }

    fn packed(payload: &BTreeMap<String, Content<'_>>, threads: usize) -> Result<Vec<u8>, SealError> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.add_payload(payload, threads)?;
        let (sink, length) = zip.finish()?;
        let mut bytes = sink.into_inner();
        bytes.truncate(usize::try_from(length).unwrap());
        Ok(bytes)
    }

    #[test]
    fn any_number_of_threads_writes_the_same_container() {
        let folder = tempfile::tempdir().unwrap();
        let long = text(3 * BLOCK + 17);
        // The start of the last three says something else than the whole does: what is worth it is known at the end.
        let contents = [
            ("a-empty", vec![], Method::Stored),
            ("b-line", b"audit ".repeat(9), Method::Deflated),
            ("c-block", text(BLOCK), Method::Deflated),
            ("d-long", long.clone(), Method::Deflated),
            ("e-noise", noise(300_000), Method::Stored),
            ("f-long-noise", noise(2 * BLOCK + 1), Method::Stored),
            ("g-misled", [&text(140_000)[..], &noise(2 * BLOCK)].concat(), Method::Stored),
            ("h-bomb", vec![0; 2 * BLOCK], Method::Stored),
            ("i-small-bomb", vec![0; 300_000], Method::Stored),
        ];
        let on_disk = folder.path().join("long");
        fs::write(&on_disk, &long).unwrap();
        let mut payload: BTreeMap<String, Content<'_>> =
            contents.iter().map(|(name, bytes, _)| ((*name).to_owned(), Content::Bytes(bytes))).collect();
        payload.insert("j-file".into(), Content::File(Planned::new(&on_disk).unwrap()));
        let alone = packed(&payload, 1).unwrap();
        for threads in [2, 5] {
            assert!(packed(&payload, threads).unwrap() == alone, "{threads} threads");
        }
        let archive = container::read::open(&alone).unwrap();
        assert_eq!(archive.records.len(), 10);
        let file = ("j-file", long, Method::Deflated);
        for (record, (name, content, method)) in archive.records.iter().zip(contents.iter().chain([&file])) {
            assert_eq!((record.name.as_str(), record.method), (*name, *method));
            assert!(container::stream::content(&alone, record, 1 << 30).unwrap() == *content, "{name}");
        }
    }

    #[test]
    fn a_file_that_grows_shrinks_or_goes_stops_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m");
        let many = text(BLOCK);
        for change in [0, 1, 2] {
            fs::write(&path, text(2 * BLOCK)).unwrap();
            let mut payload: BTreeMap<String, Content<'_>> = (0..40).map(|n| (format!("{n:02}"), Content::Bytes(&many))).collect();
            payload.insert("20-changed".into(), Content::File(Planned::new(&path).unwrap()));
            match change {
                0 => fs::write(&path, text(2 * BLOCK + 1)).unwrap(),
                1 => fs::write(&path, text(BLOCK)).unwrap(),
                _ => fs::remove_file(&path).unwrap(),
            }
            let error = packed(&payload, 2).unwrap_err();
            let expected =
                if change == 2 { matches!(error, SealError::Read { .. }) } else { matches!(error, SealError::Changed { .. }) };
            assert!(expected, "{change}: {error}");
        }
    }
}
