//! Time-stamps, from the answer of an authority to the judged token. Whatever comes in, nothing but the authority's own token passes for
//! the data it was made for; what an authority writes in BER reads as the same token; a list of revocations is read as it is written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use probant_fuzz::bundle::Crl;
use probant_fuzz::bundle::tsa::Token;
use probant_fuzz::bundle::tsa::definite::definite;
use probant_fuzz::frozen;

fuzz_target!(
    init: {
        let token = Token::parse(frozen::TOKEN).expect("the frozen token parses");
        assert!(token.check(frozen::STAMPED).is_ok(), "the frozen token passes");
    },
    |data: &[u8]| {
        for bytes in [Some(data.to_vec()), definite(data).ok()].into_iter().flatten() {
            token(&bytes);
        }
        if let Ok(der) = definite(data) {
            // What was brought into DER's lengths and order once stays as it is.
            assert_eq!(definite(&der).ok().as_ref(), Some(&der));
        }
        if let Ok(lists) = Crl::read(data) {
            for list in lists {
                assert!(!list.issuer().contains('\0'));
            }
        }
    }
);

fn token(bytes: &[u8]) {
    let Ok(token) = Token::parse(bytes) else { return };
    // The authority's signature covers what it says: with its certificate, only what it said passes.
    if token.check(frozen::STAMPED).is_ok() && token.signer == frozen::authority().signer {
        assert_eq!(token.says, frozen::authority().says, "another time passes for the authority's");
    }
    assert!(token.says.latest >= token.says.time);
}
