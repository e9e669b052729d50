//! The texts that say what is sealed: the ASiC manifest, the bag's manifests and bag-info.txt. What is read is what would be
//! written, byte for byte, so that no two readers can understand it differently.
#![no_main]

use libfuzzer_sys::fuzz_target;
use probant_fuzz::bundle::lists::asic;
use probant_fuzz::bundle::lists::bagit;

fuzz_target!(|data: &[u8]| {
    if let Ok(references) = asic::read(data) {
        assert!(asic::write(&references).as_bytes() == data, "an ASiC manifest has one spelling");
        assert!(references.is_sorted_by(|a, b| a.0 < b.0), "names are sorted, each once");
        for (name, digest) in &references {
            // Every digest stands in the text as people would look it up.
            let line = asic::write(&[(name.clone(), *digest)]);
            let line = line.lines().nth(3).unwrap_or_default();
            assert!(data.windows(line.len()).any(|window| window == line.as_bytes()), "{name}");
        }
    }
    if let Ok(digests) = bagit::read_manifest("manifest-sha256.txt", data) {
        assert!(bagit::write_manifest(&digests).as_bytes() == data, "a bag manifest has one spelling");
    }
    if let Ok(info) = bagit::BagInfo::read(data) {
        assert!(info.write().as_bytes() == data, "bag-info.txt has one spelling");
        assert!(info.check().is_ok(), "what is read could be sealed");
    }
});
