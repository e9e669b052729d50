//! The attributes this product reads, by every name a directory gives them, and the ones it must never read.
//!
//! One table says the names, and in which of the two readings an attribute matters. What is not in it is skipped without being
//! decoded; what holds a secret is skipped, and redacted from the raw capture.

use super::memo::{Memo, SLOTS};
use super::secrets;

/// Which reading needs the values: the survey (groups and policies), the harvest (accounts), both, or its mere presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Survey,
    Account,
    Both,
    Presence,
}

macro_rules! attributes {
    ($( $usage:ident { $( $variant:ident = $first:literal $(| $other:literal)* ),+ $(,)? } )+) => {
        /// An attribute that means something here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Attr { $( $( #[doc = $first] $variant, )+ )+ /** Holds a secret. */ Secret, /** Means nothing here. */ Ignored }

        const TABLE: &[(&[&str], Attr, Use)] = &[ $( $( (&[$first $(, $other)*], Attr::$variant, Use::$usage), )+ )+ ];
    };
}

attributes! {
    Both {
        Dn = "dn", ObjectClass = "objectClass" | "2.5.4.0",
        ObjectGuid = "objectGUID", ObjectSid = "objectSid", NsUniqueId = "nsUniqueId", IbmEntryUuid = "ibm-entryUuid", EntryUuid = "entryUUID",
        Cn = "cn" | "commonName" | "2.5.4.3", Description = "description",
        GidNumber = "gidNumber", MemberOf = "memberOf" | "isMemberOf" | "ibm-memberOf",
        UserAccountControl = "userAccountControl", PsoApplied = "msDS-PSOApplied",
        Uid = "uid" | "userid" | "0.9.2342.19200300.100.1.1",
    }
    Account {
        SamAccountName = "sAMAccountName", UserPrincipalName = "userPrincipalName",
        DisplayName = "displayName", Gecos = "gecos",
        Mail = "mail" | "rfc822Mailbox", ProxyAddresses = "proxyAddresses", MailAlternate = "mailAlternateAddress",
        EmployeeNumber = "employeeNumber", EmployeeId = "employeeID", EmployeeType = "employeeType",
        Department = "department", DepartmentNumber = "departmentNumber", Title = "title", Manager = "manager",
        NsRole = "nsRole" | "nsRoleDN", IbmAllGroups = "ibm-allGroups",
        // Active Directory
        UacComputed = "msDS-User-Account-Control-Computed", LockoutTime = "lockoutTime", AccountExpires = "accountExpires",
        LastLogonTimestamp = "lastLogonTimestamp", LastLogon = "lastLogon", PwdLastSet = "pwdLastSet", WhenCreated = "whenCreated",
        PrimaryGroupId = "primaryGroupID", AdminCount = "adminCount", SidHistory = "sIDHistory",
        ServicePrincipalName = "servicePrincipalName", AllowedToDelegateTo = "msDS-AllowedToDelegateTo",
        ResultantPso = "msDS-ResultantPSO",
        // OpenLDAP's ppolicy and lastbind, shared in part by 389-DS and IBM TDS
        PwdAccountLockedTime = "pwdAccountLockedTime", PwdChangedTime = "pwdChangedTime", PwdReset = "pwdReset",
        PwdPolicySubentry = "pwdPolicySubentry" | "ibm-pwdIndividualPolicyDN", PwdEndTime = "pwdEndTime",
        PwdLastSuccess = "pwdLastSuccess", AuthTimestamp = "authTimestamp", CreateTimestamp = "createTimestamp",
        // 389-DS, ODSEE
        NsAccountLock = "nsAccountLock", AccountUnlockTime = "accountUnlockTime", LastLoginTime = "lastLoginTime",
        PwdLastAuthTime = "pwdLastAuthTime", PasswordExpirationTime = "passwordExpirationTime", InetUserStatus = "inetUserStatus",
        // IBM TDS
        IbmPwdAccountLocked = "ibm-pwdAccountLocked", IbmPwdGroupPolicy = "ibm-pwdGroupPolicyDN",
        // Unix and Kerberos accounts kept in a directory
        ShadowExpire = "shadowExpire", KrbPrincipalExpiration = "krbPrincipalExpiration", KrbLastPwdChange = "krbLastPwdChange",
    }
    Survey {
        Member = "member" | "2.5.4.31", UniqueMember = "uniqueMember" | "2.5.4.50", MemberUid = "memberUid",
        RoleOccupant = "roleOccupant", IbmMemberGroup = "ibm-memberGroup", MemberUrl = "memberURL",
        // Active Directory's domain object and password settings objects
        MaxPwdAge = "maxPwdAge", LockoutDuration = "lockoutDuration",
        PsoMaxAge = "msDS-MaximumPasswordAge", PsoLockoutDuration = "msDS-LockoutDuration",
        PsoAppliesTo = "msDS-PSOAppliesTo", PsoPrecedence = "msDS-PasswordSettingsPrecedence",
        // pwdPolicy (draft-behera), and 389-DS's own
        PwdMaxAge = "pwdMaxAge" | "passwordMaxAge", PwdLockout = "pwdLockout", PwdLockoutDuration = "pwdLockoutDuration",
        PasswordExp = "passwordExp",
    }
    Presence {
        // Operational attributes that come only when all of them were asked for: then what is absent is absent, not unread.
        EntryCsn = "entryCSN", StructuralObjectClass = "structuralObjectClass", SubschemaSubentry = "subschemaSubentry",
        UsnChanged = "uSNChanged", ChangeType = "changetype",
        // What tells people from programs.
        GivenName = "givenName", Sn = "sn" | "surname",
    }
}

/// The presence set is a `u128`.
const _: () = assert!(Attr::COUNT <= 128);

impl Attr {
    /// How many there are.
    pub const COUNT: usize = Self::Ignored as usize + 1;

    /// Position, for tables and bit sets.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    fn row(self) -> Option<&'static (&'static [&'static str], Self, Use)> {
        // The table is written in the order of the variants; a test holds it.
        TABLE.get(self.index())
    }

    /// Its usual spelling.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().and_then(|(names, ..)| names.first()).copied().unwrap_or("?")
    }

    /// Its values are names of members.
    #[must_use]
    pub const fn is_membership(self) -> bool {
        matches!(self, Self::Member | Self::UniqueMember | Self::MemberUid | Self::RoleOccupant | Self::IbmMemberGroup)
    }

    /// Its value is the immutable id of an entry.
    #[must_use]
    pub const fn is_id(self) -> bool {
        matches!(self, Self::ObjectGuid | Self::NsUniqueId | Self::IbmEntryUuid | Self::EntryUuid)
    }

    fn usage(self) -> Use {
        self.row().map_or(Use::Presence, |(.., usage)| *usage)
    }
}

/// An attribute description (RFC 4512 section 2.5) resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    pub attr: Attr,
    /// `member;range=0-1499`: the server gave only the beginning of the values.
    pub cut: bool,
    /// Written as RFC 4512 allows; anything else is damage.
    pub valid: bool,
    usage: Use,
}

impl Named {
    /// Its values are needed to read groups and policies.
    #[must_use]
    #[inline]
    pub fn in_survey(self) -> bool {
        matches!(self.usage, Use::Both | Use::Survey)
    }

    /// Its values are needed to read accounts.
    #[must_use]
    #[inline]
    pub fn in_account(self) -> bool {
        matches!(self.usage, Use::Both | Use::Account)
    }

    /// A value of an entry, and no more than that.
    #[must_use]
    #[inline]
    pub fn is_plain(self) -> bool {
        self.valid && !matches!(self.attr, Attr::Dn | Attr::Secret | Attr::ChangeType)
    }
}

/// Resolves attribute names as they are met. A directory uses few, thousands of times each, and mostly in the same order: the name
/// that followed last time is tried first.
#[derive(Debug)]
pub struct Attributes {
    memo: Memo<Named>,
    /// Slot of the name before, and for each slot the one that followed it.
    last: usize,
    follows: Vec<usize>,
}

impl Default for Attributes {
    fn default() -> Self {
        Self { memo: Memo::default(), last: 0, follows: vec![0; SLOTS] }
    }
}

impl Attributes {
    /// Resolves one name, options included.
    pub fn resolve(&mut self, description: &[u8]) -> Named {
        self.memo.get(description, resolve).0
    }

    /// Resolves the name at the beginning of `name: value`; the second is the name's length. `None`: no colon.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "called in one place, for every line")]
    pub fn resolve_line(&mut self, line: &[u8]) -> Option<(Named, usize)> {
        // The follower first, then the same again: values of one attribute stand together.
        let follower = self.follows.get(self.last).copied().unwrap_or_default();
        for guess in [follower, self.last] {
            if let Some((named, length)) = self.memo.starts(guess, line)
                && line.get(length) == Some(&b':')
            {
                self.last = guess;
                return Some((named, length));
            }
        }
        let colon = memchr::memchr(b':', line)?;
        let (named, slot) = self.memo.get(line.get(..colon)?, resolve);
        if let Some(follower) = self.follows.get_mut(self.last) {
            *follower = slot;
        }
        self.last = slot;
        Some((named, colon))
    }
}

fn resolve(description: &[u8]) -> Named {
    let text = String::from_utf8_lossy(description).trim().to_ascii_lowercase();
    let valid =
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b';' | b'_' | b'=' | b'*'));
    let (base, options) = text.split_once(';').unwrap_or((&text, ""));
    if secrets::is_secret(base) {
        return Named { attr: Attr::Secret, cut: false, valid, usage: Use::Presence };
    }
    let mut attr = TABLE
        .iter()
        .find(|(names, ..)| names.iter().any(|name| name.eq_ignore_ascii_case(base)))
        .map_or(Attr::Ignored, |(_, attr, _)| *attr);
    let mut cut = false;
    for option in options.split(';').filter(|o| !o.is_empty()) {
        match option.strip_prefix("range=") {
            Some(range) => cut = !range.ends_with('*'),
            // A value in another language, or from another view: never the one that speaks for the entry.
            None if option != "binary" => attr = Attr::Ignored,
            None => {}
        }
    }
    Named { attr, cut, valid, usage: attr.usage() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_variants() {
        for (position, (names, attr, _)) in TABLE.iter().enumerate() {
            assert_eq!(attr.index(), position, "{names:?}");
            assert!(!names.iter().any(|name| secrets::is_secret(&name.to_ascii_lowercase())), "{names:?} is a secret");
        }
    }

    #[test]
    fn names_resolve_whatever_their_case_and_options() {
        let mut names = Attributes::default();
        let plain = |attr: Attr| Named { attr, cut: false, valid: true, usage: attr.usage() };
        assert_eq!(names.resolve(b"SAMACCOUNTNAME"), plain(Attr::SamAccountName));
        assert_eq!(names.resolve(b"objectGUID;binary"), plain(Attr::ObjectGuid));
        assert_eq!(names.resolve(b"displayName;lang-en"), plain(Attr::Ignored));
        assert_eq!(names.resolve(b"member;range=0-1499"), Named { cut: true, ..plain(Attr::Member) });
        assert_eq!(names.resolve(b"member;range=1500-*"), plain(Attr::Member));
        assert_eq!(names.resolve(b"jpegPhoto"), plain(Attr::Ignored));
        assert_eq!(names.resolve(b"userPassword;x"), plain(Attr::Secret));
        for _ in 0..2 {
            for (line, expected) in [
                ("cn: a", Attr::Cn),
                ("mail: b", Attr::Mail),
                ("cnx: a", Attr::Ignored),
                ("cn: a", Attr::Cn),
                ("c:n: a", Attr::Ignored),
            ] {
                assert_eq!(names.resolve_line(line.as_bytes()).map(|(named, _)| named.attr), Some(expected), "{line}");
            }
        }
        assert_eq!(names.resolve_line(b"mail"), None);
        assert!(!names.resolve(b"two words").valid && !names.resolve("été".as_bytes()).valid && !names.resolve(b"").valid);
    }
}
