//! Active Directory's password settings objects, which only administrators may read as a rule.
//!
//! Without them an account would be judged by the domain's policy although another one applies. So a harvest asks which accounts and
//! groups are under one (`msDS-PSOApplied`, which may be read): a policy that is named and not seen leaves what depends on it unknown.
//! Which one governs an account (`msDS-ResultantPSO`) is not asked for: the server computes it anew for each entry, and Samba then
//! takes three times as long for all of a harvest.

use ldap3::Scope;

use super::branches::NO_ATTRIBUTE;
use super::fault::Fault;
use super::session::{Ask, Found, Session};

/// Whether settings objects apply below a base that this identity cannot read.
pub async fn are_hidden(session: &mut Session, base: &str) -> Result<bool, Fault> {
    let applied = any(session, base, "(msDS-PSOApplied=*)").await?;
    Ok(applied && !any(session, base, "(objectClass=msDS-PasswordSettings)").await?)
}

async fn any(session: &mut Session, base: &str, filter: &str) -> Result<bool, Fault> {
    let none = [NO_ATTRIBUTE.to_owned()];
    let mut found = false;
    let ask = Ask { base, scope: Scope::Subtree, filter, attributes: &none, size: 1 };
    // More than one ends with "size limit exceeded", which is as good an answer.
    session
        .search(ask, &mut |item| {
            found |= matches!(item, Found::Entry(_));
            Ok::<(), Fault>(())
        })
        .await?;
    Ok(found)
}
