//! Human, service, system or unknown: what an account is, as far as a directory says.

use super::attrs::Attr;
use super::entry::Entry;
use super::flavours::ad;
use super::ids;
use super::options::Options;

/// Attributes that only people have.
const PERSONAL: [Attr; 8] =
    [Attr::GivenName, Attr::Sn, Attr::Mail, Attr::EmployeeNumber, Attr::EmployeeId, Attr::Title, Attr::Manager, Attr::Department];

/// Word of the `kind` column.
#[must_use]
pub fn kind(entry: &Entry, name: &[u8], login: &str, sid: Option<&str>, options: &Options) -> &'static str {
    if is_system(entry, login, sid) {
        return "system";
    }
    let service =
        entry.classes.is_managed() || entry.first(Attr::ServicePrincipalName).is_some() || options.is_service(login, name);
    match service {
        true => "service",
        false if PERSONAL.iter().any(|attr| entry.carries(*attr)) => "human",
        false => "unknown",
    }
}

/// Accounts that every AD domain has and nobody owns: Guest 501, krbtgt 502, `DefaultAccount` 503, `WDAGUtilityAccount` 504 (their
/// names are localised, their RIDs are not), the krbtgt of a read-only controller, and accounts of trusts.
fn is_system(entry: &Entry, login: &str, sid: Option<&str>) -> bool {
    let built_in =
        sid.and_then(ids::rid).is_some_and(|(domain, rid)| domain.starts_with("S-1-5-21-") && (501..=504).contains(&rid));
    let krbtgt = entry.carries(Attr::SamAccountName) && login.to_ascii_lowercase().starts_with("krbtgt");
    built_in || krbtgt || entry.control() & ad::TRUST != 0
}
