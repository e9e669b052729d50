//! A name as 128 bits: millions of names are compared by them, and none of them has to be held.
//!
//! The key is drawn anew for each reading and never leaves the process, so nobody can make two names that are taken for one, and what
//! lies in a temporary file tells no name. Nothing that is written depends on it.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// What stands for a name.
pub type Digest = [u64; 2];

/// Makes digests with one key: SipHash-1-3, ended twice for 128 bits of its inner 256.
#[derive(Debug, Clone, Default)]
pub struct Digester(RandomState);

impl Digester {
    #[must_use]
    pub fn of(&self, name: &[u8]) -> Digest {
        let mut hasher = self.0.build_hasher();
        hasher.write(name);
        let first = hasher.finish();
        hasher.write_u8(0);
        [first, hasher.finish()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_digest_and_no_other_name_has_it() {
        let digester = Digester::default();
        let names = ["", "\0", "\0\0", "cn=a,dc=x", "cn=a,dc=x\0", "cn=b,dc=x"];
        for (i, name) in names.iter().enumerate() {
            for (j, other) in names.iter().enumerate() {
                let (one, two) = (digester.of(name.as_bytes()), digester.of(other.as_bytes()));
                assert_eq!((one == two, one[0] == two[0], one[1] == two[1]), (i == j, i == j, i == j), "{name:?} {other:?}");
            }
        }
        assert_ne!(digester.of(b"cn=a"), Digester::default().of(b"cn=a"), "another reading, another key");
    }
}
