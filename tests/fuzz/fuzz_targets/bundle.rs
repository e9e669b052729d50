//! The whole of `verify` on any bytes. Nothing but the frozen bundle's own content is ever valid, and the verdict holds together.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use probant_fuzz::bundle::{Lang, Outcome, Status, verify_source};
use probant_fuzz::containers::{pack, unpack};
use probant_fuzz::frozen;

fuzz_target!(
    init: {
        assert_eq!(frozen::judge(frozen::BUNDLE).status, Status::Valid, "{:#?}", frozen::judge(frozen::BUNDLE));
    },
    |data: &[u8]| {
        let verdict = frozen::judge(data);
        let exit = match verdict.status {
            Status::Valid => 0,
            Status::Tampered => 1,
            Status::CannotTell => 2,
            Status::NotABundle => 3,
        };
        assert_eq!(verdict.exit, exit);
        let any = |outcome| verdict.checks.iter().any(|line| line.outcome == outcome);
        let open = any(Outcome::Unknown) || any(Outcome::NotExamined);
        match verdict.status {
            Status::Valid => {
                assert!(!any(Outcome::Failed) && !open, "{verdict:#?}");
                // Another way to pack the same contents is the same bundle; anything else is not.
                let found = unpack(data).expect("what is valid can be unpacked");
                assert!(found == *frozen::entries(), "another content is valid");
            }
            Status::CannotTell => assert!(open && !any(Outcome::Failed), "{verdict:#?}"),
            Status::Tampered | Status::NotABundle => assert!(any(Outcome::Failed), "{verdict:#?}"),
        }
        for line in &verdict.checks {
            // What speaks against a bundle says why; what speaks for it may add a fact.
            let against = matches!(line.outcome, Outcome::Failed | Outcome::Unknown);
            assert!(!(against && line.details.is_empty()), "{line:?}");
            let shown = line.details.iter().flat_map(|detail| detail.chars());
            assert!(!shown.into_iter().any(char::is_control), "a detail drives the terminal: {line:?}");
        }
        // Without an anchor nobody is trusted; in French the same is found.
        assert_ne!(verify_source(data, probant_fuzz::bundle::Trusted::default(), frozen::now(), Lang::En).status, Status::Valid);
        let french = verify_source(data, frozen::anchors(), frozen::now(), Lang::Fr);
        assert_eq!(french.status, verdict.status);
        let outcomes = |lines: &[probant_fuzz::bundle::verify::verdict::CheckLine]| lines.iter().map(|l| (l.code, l.outcome)).collect::<Vec<_>>();
        assert_eq!(outcomes(&french.checks), outcomes(&verdict.checks));
    }
);

// Half of the time one entry is changed and the container made anew around it, so that its CRCs and sizes are right again and the
// checks behind the ZIP reader see something new.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if seed & 1 == 0
        && let Some(Ok(mut entries)) = data.get(..size).map(unpack)
        && !entries.is_empty()
    {
        let at = usize::try_from(seed >> 1).unwrap_or_default() % entries.len();
        let content = &mut entries[at].1;
        let length = content.len();
        content.resize(length + 64, 0);
        let length = fuzzer_mutate(content, length, length + 64);
        content.truncate(length);
        let packed = pack(&entries);
        if packed.len() <= max_size {
            data[..packed.len()].copy_from_slice(&packed);
            return packed.len();
        }
    }
    fuzzer_mutate(data, size, max_size)
});
