//! How content is packed: stored or deflated, decided by fixed rules on its bytes alone, in blocks of one size. So the same content gives
//! the same bytes on any machine, however many threads pack its blocks.
//!
//! A block starts with the memory of the bytes before it and ends on a byte's boundary (a sync flush), so that the blocks of a content,
//! one after the other, are one ordinary deflate stream (RFC 1951). It costs a few bytes a block.

use std::io;

use flate2::{Compress, Compression, FlushCompress, Status};

use crate::bundle::container::format::MAX_RATIO;

/// Bytes of content in one block.
pub(super) const BLOCK: usize = 1 << 20;
/// How far back deflate looks.
pub(super) const WINDOW: usize = 1 << 15;
/// Bytes at the start of a content that are tried before the rest is: packing what does not shrink (scans, archives, columns) costs
/// more than packing what does.
pub(super) const TRIED: usize = 1 << 17;
/// zlib's default, 6, makes logs and exports smaller by 0.5 to 2 % for a quarter more time: a quarter of a percent of mixed evidence.
const LEVEL: Compression = Compression::new(5);
/// Enough to tell noise from text, and ten times faster than [`LEVEL`].
const TRIAL: Compression = Compression::new(1);

/// Replaces `packed` by the next block of a content that has several; `before` are the bytes in front of it, a window at most.
pub(super) fn block(before: &[u8], content: &[u8], last: bool, packed: &mut Vec<u8>) -> io::Result<()> {
    packed.clear();
    deflate(LEVEL, before, content, last, packed)
}

/// Packs a content held in memory; whether that is worth having.
pub(super) fn whole(content: &[u8], packed: &mut Vec<u8>) -> io::Result<bool> {
    packed.clear();
    if let Some(start) = content.get(..TRIED)
        && !shrinks(start)?
    {
        return Ok(false);
    }
    deflate(LEVEL, &[], content, true, packed)?;
    Ok(is_worth_deflating(packed.len() as u64, content.len() as u64))
}

/// Whether the start of a content shrinks: a twentieth at least.
pub(super) fn shrinks(start: &[u8]) -> io::Result<bool> {
    let mut packed = Vec::new();
    deflate(TRIAL, &[], start, true, &mut packed)?;
    Ok(saves_a_twentieth(packed.len() as u64, start.len() as u64))
}

/// At least a twentieth saved, and not so small that it looks like a bomb.
pub(super) fn is_worth_deflating(packed: u64, size: u64) -> bool {
    saves_a_twentieth(packed, size) && size <= packed.saturating_mul(MAX_RATIO)
}

fn saves_a_twentieth(packed: u64, size: u64) -> bool {
    packed.saturating_mul(20) < size.saturating_mul(19)
}

/// Appends all of `content` to `packed`, up to the end of the stream or of a block.
fn deflate(level: Compression, before: &[u8], content: &[u8], last: bool, packed: &mut Vec<u8>) -> io::Result<()> {
    // Always a new one: what zlib-rs writes after a reset can depend, by a few bytes, on what it packed before.
    let mut state = Compress::new(level, false);
    if !before.is_empty() {
        state.set_dictionary(before).map_err(io::Error::other)?;
    }
    // Deflate adds five bytes to each stretch that it gives up on, and a stretch has some kilobytes at least.
    packed.reserve(content.len() + content.len() / 8 + 1024);
    let flush = if last { FlushCompress::Finish } else { FlushCompress::Sync };
    let status = state.compress_vec(content, packed, flush).map_err(io::Error::other)?;
    let ended = if last { status == Status::StreamEnd } else { packed.len() < packed.capacity() };
    if state.total_in() == content.len() as u64 && ended { Ok(()) } else { Err(io::Error::other("deflate did not end")) }
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use std::io::Read as _;

    use super::*;

    /// Bytes that nothing compresses, the same each time.
    pub(in crate::bundle) fn noise(length: usize) -> Vec<u8> {
        let mut state = 7_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state.to_le_bytes()[7]
        };
        (0..length).map(|_| next()).collect()
    }

    #[test]
    fn blocks_of_text_noise_and_nothing_join_into_one_stream() {
        let text: Vec<u8> = (0..90_000).flat_map(|n| format!("{n};ligne;{}\n", n % 7).into_bytes()).collect();
        let mixed = [text.as_slice(), &noise(300_000), &text[..70_000]].concat();
        let (mut packed, mut joined) = (Vec::new(), Vec::new());
        let size = 100_000;
        let count = mixed.len().div_ceil(size);
        for (at, block) in mixed.chunks(size).enumerate() {
            let start = at * size;
            super::block(&mixed[start.saturating_sub(WINDOW)..start], block, at + 1 == count, &mut packed).unwrap();
            joined.extend_from_slice(&packed);
        }
        let mut back = Vec::new();
        flate2::bufread::DeflateDecoder::new(joined.as_slice()).read_to_end(&mut back).unwrap();
        assert_eq!(back, mixed);
        // What came before is remembered: the text at the end costs next to nothing.
        block(&text[..WINDOW], &text[WINDOW / 2..WINDOW], true, &mut packed).unwrap();
        assert!(packed.len() < 200, "{}", packed.len());
    }

    #[test]
    fn the_start_decides_and_so_do_bombs() {
        let mut packed = Vec::new();
        assert!(!whole(&noise(200_000), &mut packed).unwrap());
        assert!(!whole(&vec![0; 500_000], &mut packed).unwrap(), "a reader would take it for a bomb");
        assert!(whole(&b"audit ".repeat(20), &mut packed).unwrap());
        assert!(!whole(b"", &mut packed).unwrap());
    }
}
