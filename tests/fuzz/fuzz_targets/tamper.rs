//! What someone without the key can do to a bundle: change, add, remove, rename and reorder its files, and put everything right
//! that can be put right. No series of such steps gives a valid bundle of another content.
#![no_main]

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use probant_fuzz::bundle::Status;
use probant_fuzz::containers::{Entries, fix_bag, fix_signed_manifest, pack};
use probant_fuzz::frozen;

/// Positions are taken modulo what there is.
#[derive(Debug, Arbitrary)]
enum Step<'a> {
    Set {
        entry: u8,
        at: u16,
        value: u8,
    },
    Insert {
        entry: u8,
        at: u16,
        bytes: &'a [u8],
    },
    Cut {
        entry: u8,
        at: u16,
        length: u8,
    },
    Replace {
        entry: u8,
        content: &'a [u8],
    },
    Rename {
        entry: u8,
        name: &'a str,
    },
    Remove {
        entry: u8,
    },
    Add {
        place: u8,
        name: &'a str,
        content: &'a [u8],
    },
    /// Under `data/`, so that the name alone does not give it away.
    AddPayload {
        place: u8,
        name: &'a str,
        content: &'a [u8],
    },
    Copy {
        from: u8,
        to: u8,
    },
    Swap {
        one: u8,
        other: u8,
    },
    FixBag,
    FixSignedManifest,
}

/// Not more than this many steps, nor entries.
const MOST: usize = 24;

fuzz_target!(|steps: Vec<Step<'_>>| {
    let mut entries = frozen::entries().clone();
    for step in steps.iter().take(MOST) {
        apply(step, &mut entries);
    }
    let verdict = frozen::judge(&pack(&entries));
    let same = entries == *frozen::entries();
    assert_eq!(verdict.status == Status::Valid, same, "{verdict:#?}");
});

fn apply(step: &Step<'_>, entries: &mut Entries) {
    let count = entries.len();
    if let Step::Add { place, name, content } | Step::AddPayload { place, name, content } = step {
        let folder = if matches!(step, Step::AddPayload { .. }) { "data/" } else { "" };
        if count < MOST {
            entries.insert(usize::from(*place) % (count + 1), (format!("{folder}{name}"), content.to_vec()));
        }
        return;
    }
    if count == 0 {
        return;
    }
    let place = |entry: &u8| usize::from(*entry) % count;
    match step {
        Step::Set { entry, at, value } => {
            let content = &mut entries[place(entry)].1;
            let length = content.len().max(1);
            if let Some(byte) = content.get_mut(usize::from(*at) % length) {
                *byte = *value;
            }
        }
        Step::Insert { entry, at, bytes } => {
            let content = &mut entries[place(entry)].1;
            let at = usize::from(*at) % (content.len() + 1);
            content.splice(at..at, bytes.iter().copied());
        }
        Step::Cut { entry, at, length } => {
            let content = &mut entries[place(entry)].1;
            let at = usize::from(*at) % (content.len() + 1);
            let end = (at + usize::from(*length)).min(content.len());
            content.drain(at..end);
        }
        Step::Replace { entry, content } => entries[place(entry)].1 = content.to_vec(),
        Step::Rename { entry, name } => (*name).clone_into(&mut entries[place(entry)].0),
        Step::Remove { entry } => {
            entries.remove(place(entry));
        }
        Step::Copy { from, to } => {
            let content = entries[place(from)].1.clone();
            entries[place(to)].1 = content;
        }
        Step::Swap { one, other } => entries.swap(place(one), place(other)),
        Step::FixBag => fix_bag(entries),
        Step::FixSignedManifest => fix_signed_manifest(entries),
        Step::Add { .. } | Step::AddPayload { .. } => {}
    }
}
