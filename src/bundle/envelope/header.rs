//! What stands before the encrypted bytes: DER with definite lengths up to the end of a content that is not in memory, so that length is
//! written by hand.

use cms::content_info::CmsVersion;
use cms::enveloped_data::{RecipientInfo, RecipientInfos};
use const_oid::db::rfc5911::{ID_AES_256_CBC, ID_DATA, ID_ENVELOPED_DATA};
use der::Encode as _;
use der::asn1::{Any, OctetStringRef};
use x509_cert::spki::AlgorithmIdentifierOwned;

const SEQUENCE: u8 = 0x30;
/// `[0]`, constructed: the content of `ContentInfo`.
const CONTENT: u8 = 0xa0;
/// `[0]`, primitive: the encrypted octets.
const OCTETS: u8 = 0x80;

/// Everything up to the first of `length` encrypted bytes, which end the file.
pub(super) fn header(infos: Vec<RecipientInfo>, iv: &[u8], length: u64) -> der::Result<Vec<u8>> {
    // RFC 5652, 6.1: version 0 when all recipients are key transport by issuer and serial number.
    let plain = infos.iter().all(|info| matches!(info, RecipientInfo::Ktri(_)));
    let version = if plain { CmsVersion::V0 } else { CmsVersion::V2 };
    let parameters = Some(Any::encode_from(&OctetStringRef::new(iv)?)?);
    let algorithm = AlgorithmIdentifierOwned { oid: ID_AES_256_CBC, parameters };
    // From the inside out: each layer's head needs the length of what it holds.
    let layers: [(u8, Vec<u8>); 4] = [
        (SEQUENCE, [ID_DATA.to_der()?, algorithm.to_der()?, head(OCTETS, length)].concat()),
        (SEQUENCE, [version.to_der()?, RecipientInfos::try_from(infos)?.to_der()?].concat()),
        (CONTENT, vec![]),
        (SEQUENCE, ID_ENVELOPED_DATA.to_der()?),
    ];
    let mut before = vec![];
    for (tag, first) in layers {
        before = [first, before].concat();
        before = [head(tag, before.len() as u64 + length), before].concat();
    }
    Ok(before)
}

/// Tag and length (X.690, 8.1.3).
fn head(tag: u8, length: u64) -> Vec<u8> {
    let bytes = length.to_be_bytes();
    let significant = bytes.iter().skip_while(|byte| **byte == 0).copied();
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => vec![tag, short],
        _ => {
            let count = bytes.len() - length.leading_zeros() as usize / 8;
            [tag, 0x80 | u8::try_from(count).unwrap_or_default()].into_iter().chain(significant).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_the_shortest_there_are() {
        assert_eq!(head(0x30, 0), [0x30, 0]);
        assert_eq!(head(0x30, 0x7f), [0x30, 0x7f]);
        assert_eq!(head(0x30, 0x80), [0x30, 0x81, 0x80]);
        assert_eq!(head(0x30, 0x100), [0x30, 0x82, 1, 0]);
        assert_eq!(head(0x80, 30 << 30), [0x80, 0x85, 0x07, 0x80, 0, 0, 0]);
    }
}
