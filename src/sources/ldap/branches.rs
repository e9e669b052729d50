//! A base cut into branches, for servers whose limits let no search of all of it through.

use ldap3::Scope;

use crate::sources::directory::dn;

/// Deeper than this nothing is cut any more.
const DEEPEST: u8 = 8;

/// Asks for no attribute at all (RFC 4511 section 4.5.1.8).
pub const NO_ATTRIBUTE: &str = "1.1";

/// Entries that may have others below them.
pub const CONTAINERS: &str = "(|(hasSubordinates=TRUE)(numSubordinates>=1)(objectClass=organizationalUnit)(objectClass=organization)(objectClass=container)(objectClass=nsContainer)(objectClass=domain)(objectClass=builtinDomain)(objectClass=locality)(objectClass=country))";

/// One search that is a part of a base.
#[derive(Debug, Clone)]
pub struct Branch {
    pub dn: String,
    pub scope: Scope,
    /// Its own entry was read with its siblings.
    skip_self: bool,
    depth: u8,
    comparable: Vec<u8>,
}

impl Branch {
    fn new(dn: &str, scope: Scope, skip_self: bool, depth: u8) -> Self {
        let mut comparable = vec![];
        // A name that cannot be compared is one no entry will have; the server says what it thinks of it.
        if dn::normalise(dn.as_bytes(), &mut comparable).is_err() {
            comparable.clear();
        }
        Self { dn: dn.to_owned(), scope, skip_self, depth, comparable }
    }

    /// A whole base.
    #[must_use]
    pub fn top(dn: &str) -> Self {
        Self::new(dn, Scope::Subtree, false, 0)
    }

    /// One entry.
    #[must_use]
    pub fn entry(dn: &str) -> Self {
        Self::new(dn, Scope::Base, false, 0)
    }

    #[must_use]
    pub fn can_be_cut(&self) -> bool {
        self.scope == Scope::Subtree && self.depth < DEEPEST
    }

    /// The same, as its own entry, the entries right below it, and everything below each of `children`. The last is to be read first.
    #[must_use]
    pub fn cut(&self, children: &[String]) -> Vec<Self> {
        let mut parts: Vec<Self> = children.iter().rev().map(|dn| Self::new(dn, Scope::Subtree, true, self.depth + 1)).collect();
        parts.push(Self::new(&self.dn, Scope::OneLevel, false, self.depth + 1));
        if !self.skip_self {
            parts.push(Self::new(&self.dn, Scope::Base, false, self.depth + 1));
        }
        parts
    }

    /// Whether an entry of this search was read before, with its siblings.
    #[must_use]
    pub fn skips(&self, name: &[u8], scratch: &mut Vec<u8>) -> bool {
        self.skip_self && dn::normalise(name, scratch).is_ok() && *scratch == self.comparable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_branch_is_read_once_in_all_its_parts() {
        let parts = Branch::top("dc=x").cut(&["ou=a,dc=x".to_owned(), "ou=b,dc=x".to_owned()]);
        let told: Vec<(&str, Scope, bool)> = parts.iter().rev().map(|b| (b.dn.as_str(), b.scope, b.skip_self)).collect();
        assert_eq!(
            told,
            [
                ("dc=x", Scope::Base, false),
                ("dc=x", Scope::OneLevel, false),
                ("ou=a,dc=x", Scope::Subtree, true),
                ("ou=b,dc=x", Scope::Subtree, true)
            ]
        );
        let child = Branch::new("ou=a,dc=x", Scope::Subtree, true, 1);
        assert!(child.skips(b"OU=A, DC=x", &mut vec![]) && !child.skips(b"cn=z,ou=a,dc=x", &mut vec![]));
        assert!(child.cut(&[]).iter().all(|part| part.scope == Scope::OneLevel), "its own entry is not read again");
        assert!(!Branch::entry("dc=x").can_be_cut() && child.can_be_cut());
    }
}
