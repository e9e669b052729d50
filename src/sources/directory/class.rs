//! What an entry is, from its object classes; from its attributes when an export left the classes out.

use super::attrs::Attr;
use super::memo::Memo;

/// What an entry is to this product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    Account,
    Group,
    Policy,
    /// A machine's own account: counted, not reviewed.
    Computer,
    /// An address-book entry: nobody can log in with it.
    Contact,
    /// Stands in a group for somebody of another domain.
    Foreign,
    /// A container: an organisational unit, a domain.
    Container,
    Other,
}

const PERSON: u16 = 1;
const ACCOUNT: u16 = 1 << 1;
const GROUP: u16 = 1 << 2;
const DYNAMIC: u16 = 1 << 3;
const COMPUTER: u16 = 1 << 4;
const MANAGED: u16 = 1 << 5;
const CONTACT: u16 = 1 << 6;
const FOREIGN: u16 = 1 << 7;
const POLICY: u16 = 1 << 8;
const CONTAINER: u16 = 1 << 9;
const POSIX_GROUP: u16 = 1 << 10;
/// A class was given, whatever it is.
const CLASSED: u16 = 1 << 15;

/// Lower case. AD's `user` is both a person and an account; its `contact` inherits from `person`.
const KNOWN: &[(&str, u16)] = &[
    ("person", PERSON),
    ("organizationalperson", PERSON),
    ("inetorgperson", PERSON),
    ("residentialperson", PERSON),
    ("nsperson", PERSON),
    ("inetuser", ACCOUNT),
    ("user", ACCOUNT),
    ("account", ACCOUNT),
    ("nsaccount", ACCOUNT),
    ("posixaccount", ACCOUNT),
    ("shadowaccount", ACCOUNT),
    ("simplesecurityobject", ACCOUNT),
    ("group", GROUP),
    ("groupofnames", GROUP),
    ("groupofuniquenames", GROUP),
    ("groupofentries", GROUP),
    ("groupofmembers", GROUP),
    ("posixgroup", GROUP | POSIX_GROUP),
    ("groupofurls", GROUP | DYNAMIC),
    ("ibm-dynamicgroup", GROUP | DYNAMIC),
    ("ibm-staticgroup", GROUP),
    ("ibm-nestedgroup", GROUP),
    ("accessgroup", GROUP),
    ("accessrole", GROUP),
    ("nsmanagedroledefinition", GROUP),
    ("nsfilteredroledefinition", GROUP | DYNAMIC),
    ("nsnestedroledefinition", GROUP),
    ("computer", COMPUTER),
    ("msds-managedserviceaccount", MANAGED),
    ("msds-groupmanagedserviceaccount", MANAGED),
    ("msds-delegatedmanagedserviceaccount", MANAGED),
    ("contact", CONTACT),
    ("foreignsecurityprincipal", FOREIGN),
    ("pwdpolicy", POLICY),
    ("passwordpolicy", POLICY),
    ("msds-passwordsettings", POLICY),
    ("organizationalunit", CONTAINER),
    ("organization", CONTAINER),
    ("container", CONTAINER),
    ("nscontainer", CONTAINER),
    ("domain", CONTAINER),
    ("domaindns", CONTAINER),
    ("builtindomain", CONTAINER),
    ("country", CONTAINER),
    ("locality", CONTAINER),
];

/// The classes met so far in one entry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Classes(u16);

/// Resolves class names as they are met.
#[derive(Debug, Default)]
pub struct ClassNames(Memo<u16>);

impl ClassNames {
    pub fn add(&mut self, classes: &mut Classes, name: &[u8]) {
        classes.0 |= CLASSED | self.0.get(name, resolve).0;
    }
}

fn resolve(name: &[u8]) -> u16 {
    let name = name.trim_ascii().to_ascii_lowercase();
    KNOWN.iter().find(|(known, _)| known.as_bytes() == name).map_or(0, |(_, bits)| *bits)
}

impl Classes {
    const fn has(self, bits: u16) -> bool {
        self.0 & bits != 0
    }

    /// A group whose members a query decides.
    #[must_use]
    pub const fn is_dynamic(self) -> bool {
        self.has(DYNAMIC)
    }

    /// A service account whose password the directory itself keeps and changes.
    #[must_use]
    pub const fn is_managed(self) -> bool {
        self.has(MANAGED)
    }

    /// A policy of its own kind, whatever attributes it leaves out.
    #[must_use]
    pub const fn is_password_policy(self) -> bool {
        self.has(POLICY)
    }

    #[must_use]
    pub const fn is_posix_group(self) -> bool {
        self.has(POSIX_GROUP)
    }

    /// Already known to be a person or an account, and nothing that matters to the survey.
    #[must_use]
    pub const fn is_surely_account(self) -> bool {
        self.has(PERSON | ACCOUNT | COMPUTER) && !self.has(GROUP | POLICY)
    }

    /// What the entry is, given which attributes it carries (bits of [`Attr::index`]) and AD's userAccountControl.
    #[must_use]
    pub fn sort(self, present: u128, control: u32) -> Sort {
        let carries = |attr: Attr| present & (1 << attr.index()) != 0;
        let members = [Attr::Member, Attr::UniqueMember, Attr::MemberUid, Attr::RoleOccupant].into_iter().any(carries);
        let login = [Attr::Uid, Attr::SamAccountName, Attr::UserPrincipalName].into_iter().any(carries);
        // WORKSTATION_TRUST_ACCOUNT and SERVER_TRUST_ACCOUNT
        let machine = control & 0x3000 != 0;
        match self {
            _ if self.has(GROUP) => Sort::Group,
            _ if self.has(POLICY) => Sort::Policy,
            _ if self.has(FOREIGN) => Sort::Foreign,
            _ if self.has(CONTACT) => Sort::Contact,
            _ if self.has(MANAGED) => Sort::Account,
            _ if self.has(COMPUTER) || (machine && !self.has(CLASSED)) => Sort::Computer,
            _ if self.has(PERSON | ACCOUNT) => Sort::Account,
            // An `organizationalRole` with occupants, or a local class of group.
            _ if members => Sort::Group,
            _ if self.has(CONTAINER) => Sort::Container,
            // An export that asked for a few attributes and not for the classes.
            _ if !self.has(CLASSED) && login => Sort::Account,
            _ => Sort::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sort(classes: &[&str], present: &[Attr], control: u32) -> Sort {
        let mut names = ClassNames::default();
        let mut all = Classes::default();
        for name in classes {
            names.add(&mut all, name.as_bytes());
        }
        all.sort(present.iter().fold(0, |bits, attr| bits | 1 << attr.index()), control)
    }

    #[test]
    fn classes_say_what_an_entry_is() {
        assert_eq!(sort(&["top", "person", "organizationalPerson", "user"], &[], 0x200), Sort::Account);
        assert_eq!(sort(&["top", "person", "organizationalPerson", "user", "computer"], &[], 0x1000), Sort::Computer);
        assert_eq!(sort(&["top", "person", "user", "computer", "msDS-GroupManagedServiceAccount"], &[], 0x1000), Sort::Account);
        assert_eq!(sort(&["top", "person", "organizationalPerson", "contact"], &[], 0), Sort::Contact);
        assert_eq!(sort(&["top", "groupOfUniqueNames"], &[], 0), Sort::Group);
        assert_eq!(sort(&["pwdPolicy", "device"], &[], 0), Sort::Policy);
        assert_eq!(sort(&["organizationalRole", "simpleSecurityObject"], &[], 0), Sort::Account);
        assert_eq!(sort(&["organizationalRole"], &[Attr::RoleOccupant], 0), Sort::Group);
        assert_eq!(sort(&["organizationalUnit"], &[Attr::Uid], 0), Sort::Container);
        assert_eq!(sort(&["dnsNode"], &[], 0), Sort::Other);
    }

    #[test]
    fn without_classes_the_attributes_say_it() {
        assert_eq!(sort(&[], &[Attr::Uid, Attr::Mail], 0), Sort::Account);
        assert_eq!(sort(&[], &[Attr::SamAccountName], 0x1000), Sort::Computer);
        assert_eq!(sort(&[], &[Attr::Member], 0), Sort::Group);
        assert_eq!(sort(&[], &[Attr::Cn], 0), Sort::Other);
    }
}
