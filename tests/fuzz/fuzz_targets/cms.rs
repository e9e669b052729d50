//! The signature file. What passes every check on its own is the one file that the sealer made, and no certificate but the
//! anchor is trusted.
#![no_main]

use der::Decode as _;
use libfuzzer_sys::fuzz_target;
use probant_fuzz::bundle::certificates::chain;
use probant_fuzz::bundle::signature::check;
use probant_fuzz::bundle::signature::cms;
use probant_fuzz::frozen;
use x509_cert::Certificate;

fuzz_target!(
    init: {
        assert_eq!(seal(frozen::signature()), Some(true), "the frozen signature passes");
    },
    |data: &[u8]| {
        if seal(data) == Some(true) {
            assert!(data == frozen::signature(), "another signature file passes for the same manifest");
        }
        if let Ok(certificate) = Certificate::from_der(data)
            && chain::check(&certificate, &[], frozen::anchors(), frozen::now()).is_ok()
        {
            let parsed = cms::parse(frozen::signature()).expect("the frozen signature parses");
            assert_eq!(certificate, parsed.signer, "a certificate that nobody issued is trusted");
        }
    }
);

/// Whether it covers the frozen manifest and its signer is trusted; `None` when its form is wrong.
fn seal(bytes: &[u8]) -> Option<bool> {
    let parsed = cms::parse(bytes).ok()?;
    let value = check::check_value(&parsed, frozen::manifest()).is_ok();
    let named = check::check_signing_certificate(&parsed).is_ok();
    let timed = check::signing_time(&parsed).is_ok();
    let alone = chain::check_no_stranger(&parsed.signer, &parsed.others).is_ok();
    let trusted = chain::check(&parsed.signer, &parsed.others, frozen::anchors(), frozen::now()).is_ok();
    if value && timed && named {
        let certificates: Vec<_> = [parsed.signer.clone()].into_iter().chain(parsed.others.clone()).collect();
        let again = cms::assemble(parsed.attributes, parsed.hash, parsed.info.signature.as_bytes().to_vec(), &certificates);
        assert!(again.is_ok_and(|again| again == bytes), "a signature file has one spelling");
    }
    Some(value && named && timed && alone && trusted)
}
