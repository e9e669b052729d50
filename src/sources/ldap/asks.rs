//! What each make of directory is asked for: one list of attributes, one filter, one size of page.
//!
//! Always a list: `*` and `+` also bring password hashes (directories.md, completeness 6). Attributes that Active Directory computes
//! for each entry make it six times slower, so what they say is computed here.

use crate::sources::directory::Flavour;

/// Names, groups and Unix accounts, the same nearly everywhere.
const COMMON: [&str; 24] = [
    "objectClass",
    "cn",
    "description",
    "uid",
    "displayName",
    "gecos",
    "givenName",
    "sn",
    "mail",
    "mailAlternateAddress",
    "employeeNumber",
    "employeeType",
    "departmentNumber",
    "title",
    "manager",
    "gidNumber",
    "member",
    "uniqueMember",
    "memberUid",
    "roleOccupant",
    "memberURL",
    "memberOf",
    "createTimestamp",
    "shadowExpire",
];
/// draft-behera-ldap-password-policy.
const POLICY: [&str; 7] =
    ["pwdAccountLockedTime", "pwdChangedTime", "pwdReset", "pwdPolicySubentry", "pwdMaxAge", "pwdLockout", "pwdLockoutDuration"];
const OPENLDAP: [&str; 6] =
    ["entryUUID", "pwdEndTime", "pwdLastSuccess", "authTimestamp", "krbPrincipalExpiration", "krbLastPwdChange"];
const DS389: [&str; 16] = [
    "nsUniqueId",
    "nsRole",
    "nsRoleDN",
    "nsAccountLock",
    "accountUnlockTime",
    "lastLoginTime",
    "pwdLastAuthTime",
    "passwordExpirationTime",
    "inetUserStatus",
    "passwordMaxAge",
    "passwordExp",
    "pwdReset",
    "pwdChangedTime",
    "pwdPolicySubentry",
    "krbPrincipalExpiration",
    "krbLastPwdChange",
];
const IBM: [&str; 6] = [
    "ibm-entryUuid",
    "ibm-allGroups",
    "ibm-memberGroup",
    "ibm-pwdAccountLocked",
    "ibm-pwdIndividualPolicyDN",
    "ibm-pwdGroupPolicyDN",
];
const AD: [&str; 44] = [
    "objectClass",
    "objectGUID",
    "objectSid",
    "sAMAccountName",
    "userPrincipalName",
    "cn",
    "description",
    "displayName",
    "givenName",
    "sn",
    "mail",
    "proxyAddresses",
    "employeeID",
    "employeeNumber",
    "employeeType",
    "department",
    "title",
    "manager",
    "userAccountControl",
    "lockoutTime",
    "accountExpires",
    "lastLogonTimestamp",
    "lastLogon",
    "pwdLastSet",
    "whenCreated",
    "primaryGroupID",
    "adminCount",
    "sIDHistory",
    "servicePrincipalName",
    "msDS-AllowedToDelegateTo",
    "member",
    "memberOf",
    "maxPwdAge",
    "lockoutDuration",
    "msDS-MaximumPasswordAge",
    "msDS-LockoutDuration",
    "msDS-PSOAppliesTo",
    "msDS-PSOApplied",
    "msDS-PasswordSettingsPrecedence",
    "uid",
    "gecos",
    "gidNumber",
    "memberUid",
    "shadowExpire",
];

/// The attributes that a flavour is asked for. `everything`: the identity is known to read all, so one operational attribute that
/// every entry has is asked for too; it tells whoever decodes that what is absent is absent.
#[must_use]
pub fn attributes(flavour: Flavour, extra: impl Iterator<Item = String>, everything: bool) -> Vec<String> {
    let parts: &[&[&str]] = match flavour {
        Flavour::OpenLdap => &[&COMMON, &POLICY, &OPENLDAP],
        Flavour::Ds389 => &[&COMMON, &DS389],
        Flavour::Ibm => &[&COMMON, &POLICY, &IBM],
        Flavour::Ad => &[&AD],
    };
    let mut names: Vec<String> = parts.iter().copied().flatten().map(|name| (*name).to_owned()).collect();
    if everything {
        names.push(if flavour == Flavour::Ad { "uSNChanged" } else { "subschemaSubentry" }.to_owned());
    }
    for name in extra {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
            names.push(name);
        }
    }
    names
}

/// The entries that an access review needs. Active Directory also keeps name servers, printers and policies of its own; elsewhere
/// local classes of groups and accounts abound, so everything is read.
#[must_use]
pub const fn filter(flavour: Flavour) -> &'static str {
    match flavour {
        // `user` includes computers and managed service accounts; `domainDNS` and the settings objects hold password policies.
        Flavour::Ad => {
            "(|(objectClass=user)(objectClass=group)(objectClass=contact)(objectClass=foreignSecurityPrincipal)(objectClass=msDS-PasswordSettings)(objectClass=domainDNS))"
        }
        _ => "(objectClass=*)",
    }
}

/// Sizes of a page, the one to begin with first (directories.md, completeness 2). IBM ignores paging when the page is not smaller
/// than its limit, 500 by default.
#[must_use]
pub const fn pages(flavour: Flavour) -> &'static [i32] {
    match flavour {
        Flavour::Ad => &[1000, 500, 100],
        Flavour::OpenLdap => &[5000, 1000, 400, 100],
        Flavour::Ds389 => &[2000, 1000, 400, 100],
        Flavour::Ibm => &[400, 100],
    }
}

/// Entries beside the bases that hold a policy: 389-DS keeps its own in its configuration.
#[must_use]
pub const fn aside(flavour: Flavour) -> Option<&'static str> {
    match flavour {
        Flavour::Ds389 => Some("cn=config"),
        _ => None,
    }
}

/// Attributes that tell an account's state, for which `probant sources test` looks.
#[must_use]
pub const fn telling(flavour: Flavour) -> &'static [(&'static str, Tells)] {
    match flavour {
        Flavour::OpenLdap => &[
            ("entryUUID", Tells::Id),
            ("pwdAccountLockedTime", Tells::Lock),
            ("pwdLastSuccess", Tells::Login),
            ("authTimestamp", Tells::Login),
            ("pwdChangedTime", Tells::Password),
            ("memberOf", Tells::Groups),
        ],
        Flavour::Ds389 => &[
            ("nsUniqueId", Tells::Id),
            ("nsAccountLock", Tells::Lock),
            ("lastLoginTime", Tells::Login),
            ("passwordExpirationTime", Tells::Password),
            ("memberOf", Tells::Groups),
        ],
        Flavour::Ibm => &[
            ("ibm-entryUuid", Tells::Id),
            ("ibm-pwdAccountLocked", Tells::Lock),
            ("pwdAccountLockedTime", Tells::Lock),
            ("pwdChangedTime", Tells::Password),
            ("ibm-allGroups", Tells::Groups),
        ],
        Flavour::Ad => &[
            ("objectGUID", Tells::Id),
            ("userAccountControl", Tells::Lock),
            ("lockoutTime", Tells::Lock),
            ("lastLogonTimestamp", Tells::Login),
            ("pwdLastSet", Tells::Password),
            ("memberOf", Tells::Groups),
        ],
    }
}

/// What an attribute is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tells {
    Id,
    Lock,
    Login,
    Password,
    Groups,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::directory::{Attr, Attributes};

    #[test]
    fn what_is_asked_for_means_something_and_is_no_secret() {
        let mut known = Attributes::default();
        for flavour in [Flavour::OpenLdap, Flavour::Ds389, Flavour::Ibm, Flavour::Ad] {
            let asked = attributes(flavour, std::iter::empty(), true);
            for name in &asked {
                let attr = known.resolve(name.as_bytes()).attr;
                assert!(!matches!(attr, Attr::Secret | Attr::Ignored), "{name} is asked of {flavour:?} and not read");
            }
            assert!(
                asked.iter().enumerate().all(|(at, name)| !asked.iter().take(at).any(|other| other.eq_ignore_ascii_case(name))),
                "{flavour:?}: a name twice"
            );
            for (name, _) in telling(flavour) {
                assert!(asked.iter().any(|asked| asked == name), "{name} tells the state and is not asked of {flavour:?}");
            }
            assert!(pages(flavour).is_sorted_by(|a, b| a > b));
        }
    }

    #[test]
    fn extra_attributes_come_once() {
        let asked = attributes(Flavour::Ad, ["MAIL".to_owned(), "extensionAttribute1".to_owned()].into_iter(), false);
        assert_eq!(asked.len(), AD.len() + 1);
    }
}
