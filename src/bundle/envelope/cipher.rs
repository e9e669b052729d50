//! AES-256 in CBC with the padding of RFC 5652, 6.3: always there, one to sixteen bytes that say how many they are.

use aes::Aes256;
use cbc::cipher::{Array, BlockModeEncrypt as _, KeyIvInit as _};

/// Bytes.
pub(super) const BLOCK: usize = 16;

pub(super) struct Encryptor(cbc::Encryptor<Aes256>);

impl Encryptor {
    pub(super) fn new(key: &[u8; 32], iv: &[u8; BLOCK]) -> Self {
        Self(cbc::Encryptor::new(key.into(), iv.into()))
    }

    /// Encrypts the first `length` bytes of `buffer` in place, padded when they are the `last` of all; otherwise they must be whole
    /// blocks. The buffer has room for one block more.
    pub(super) fn encrypt<'b>(&mut self, buffer: &'b mut [u8], length: usize, last: bool) -> &'b [u8] {
        let mut end = length;
        if last {
            let padding = BLOCK - length % BLOCK;
            end += padding;
            if let Some(tail) = buffer.get_mut(length..end) {
                // 1 to 16: fits.
                tail.fill(u8::try_from(padding).unwrap_or_default());
            }
        }
        let coded = buffer.get_mut(..end).unwrap_or_default();
        let (blocks, _none) = Array::slice_as_chunks_mut(coded);
        self.0.encrypt_blocks(blocks);
        coded
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    /// NIST SP 800-38A, F.2.5, first block.
    #[test]
    fn the_published_example_comes_out() {
        let bytes =
            |hex: &str| (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect::<Vec<_>>();
        let key: [u8; 32] = bytes("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4").try_into().unwrap();
        let iv: [u8; 16] = bytes("000102030405060708090a0b0c0d0e0f").try_into().unwrap();
        let mut buffer = bytes("6bc1bee22e409f96e93d7e117393172a");
        buffer.extend([0; BLOCK]);
        let mut encryptor = Encryptor::new(&key, &iv);
        let coded = encryptor.encrypt(&mut buffer, 16, true);
        assert_eq!(coded.len(), 32);
        assert_eq!(coded[..16], bytes("f58c4c04d6e5f1ba779eabfb5f7bfbd6"));
    }
}
