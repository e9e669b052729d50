//! The strict ZIP reader. What it accepts is exactly what the writer's spelling of its records gives, every other reader sees
//! the same in it, and one changed byte never changes a content unnoticed.
#![no_main]

use std::io::{Cursor, Read as _};

use libfuzzer_sys::fuzz_target;
use probant_fuzz::bundle::layout;
use probant_fuzz::bundle::container::format::{MAX_RATIO, end_records};
use probant_fuzz::bundle::container;
use probant_fuzz::containers::{Entries, pack, unpack};

fuzz_target!(|data: &[u8]| {
    any_bytes(data);
    any_entries(data);
});

fn any_bytes(data: &[u8]) {
    let Ok(archive) = container::read::open(data) else { return };
    let mut again = Vec::new();
    for record in &archive.records {
        assert_eq!(record.offset, again.len() as u64, "entries fill the file without a gap");
        again.extend(record.local_header());
        let start = usize::try_from(record.data_offset()).expect("it lies in memory");
        let packed = usize::try_from(record.packed).expect("it lies in memory");
        again.extend_from_slice(&data[start..start + packed]);
    }
    let directory = again.len() as u64;
    for record in &archive.records {
        again.extend(record.central_header());
    }
    again.extend(end_records(archive.records.len() as u64, directory, again.len() as u64 - directory));
    assert!(again == data, "an accepted container has one spelling");
    let Ok(entries) = unpack(data) else { return };
    for (record, (name, content)) in archive.records.iter().zip(&entries) {
        assert_eq!(record.size, content.len() as u64, "{name}");
        assert_eq!(record.crc32, crc32fast::hash(content), "{name}");
        assert!(record.size <= record.packed.saturating_mul(MAX_RATIO), "{name} is a bomb");
    }
    assert!(foreign(data) == entries, "another reader sees something else");
}

/// What an ordinary reader finds.
fn foreign(data: &[u8]) -> Entries {
    let mut archive = zip::ZipArchive::new(Cursor::new(data)).expect("an ordinary reader opens it");
    let each = (0..archive.len()).map(|at| {
        let mut file = archive.by_index(at).expect("an ordinary reader finds the entry");
        let mut content = Vec::new();
        file.read_to_end(&mut content).expect("an ordinary reader unpacks the entry");
        (file.name().expect("an ordinary reader decodes the name").into_owned(), content)
    });
    each.collect()
}

/// The same bytes taken as names and contents: `length of name, length of content, name, content`, over and over.
fn any_entries(data: &[u8]) {
    let mut rest = data;
    let mut take = |length: usize| -> Option<&[u8]> {
        let (taken, left) = rest.split_at_checked(length)?;
        rest = left;
        Some(taken)
    };
    let mut entries = Entries::new();
    while let Some(&[name, content]) = take(2) {
        let Some(name) = take(usize::from(name) % 32) else { break };
        let name = String::from_utf8_lossy(name).into_owned();
        // Every fourth is long enough to be worth deflating.
        let times = if content % 4 == 3 { 40 } else { 1 };
        let Some(content) = take(usize::from(content) / 4) else { break };
        entries.push((name, content.repeat(times)));
        if entries.len() == 12 {
            break;
        }
    }
    let mut packed = pack(&entries);
    let names = || entries.iter().map(|(name, _)| name.as_str());
    let ranks: Vec<_> = names().filter_map(|name| Some((layout::rank(name)?, name))).collect();
    let fit = layout::check_together(names()).is_ok() && ranks.is_sorted();
    match unpack(&packed) {
        Ok(found) => {
            assert!(fit, "names that cannot stand together were accepted");
            assert!(found == entries, "what was packed is not what was unpacked");
        }
        Err(fault) => assert!(!fit, "what the writer wrote was refused: {fault:?}"),
    }
    // One byte changed somewhere: it may be refused, it may not matter (padding bits of deflate), but no content may differ.
    let hash = data.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
    let at = usize::try_from(hash >> 16).unwrap_or_default() % packed.len();
    packed[at] ^= u8::try_from(hash & 0xff).unwrap_or_default().max(1);
    if let Ok(found) = unpack(&packed) {
        assert!(found == entries, "a changed byte changed a content unnoticed");
    }
}
