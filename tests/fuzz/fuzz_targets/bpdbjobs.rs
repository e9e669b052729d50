//! NetBackup's `-all_columns`: every record seen is kept or rejected, every job kept is in the table once, and the capture is the
//! file.
#![no_main]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use probant_fuzz::harvests::{Folder, harvest};
use probant_fuzz::sources::bpdbjobs::{self, BpdbjobsConfig};

static FOLDER: LazyLock<Folder> = LazyLock::new(|| Folder::new("bpdbjobs"));

fuzz_target!(|data: &[u8]| {
    let (seen, kept, rejected) = bpdbjobs::fuzz(data);
    assert_eq!(seen, kept + rejected, "records seen = kept + rejected");
    FOLDER.put(data);
    let one = BpdbjobsConfig { files: vec!["f".to_owned()] };
    let Ok((reading, told)) = harvest(&one, FOLDER.path()) else { return };
    assert_eq!((reading.rows_seen, reading.rows_kept), (seen, kept));
    assert!(told.capture == data, "the capture is the file");
    let rows = told.rows.get("backup_jobs").map(Vec::as_slice).unwrap_or_default();
    let ids: BTreeSet<_> = rows.iter().filter_map(|row| row.split('\t').next()).collect();
    assert_eq!(ids.len(), rows.len(), "a job is in the table twice");
    let detail = |name: &str| reading.details.get(name).copied().unwrap_or_default();
    assert_eq!(rows.len() as u64 + detail("superseded"), kept, "a record that was kept is a row, or was superseded by one");
    for word in ["type_", "outcome_"] {
        let sum: u64 = reading.details.iter().filter(|(name, _)| name.starts_with(word)).map(|(_, count)| count).sum();
        assert_eq!(sum, rows.len() as u64, "the counts of {word}* do not tie");
    }
    let (_, again) = harvest(&one, FOLDER.path()).expect("it could be read a moment ago");
    assert!(again == told, "the same file gives other rows");
});
