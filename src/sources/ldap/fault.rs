//! What can go wrong with a live directory, each with what to do about it.

use std::time::Duration;

use super::ber::Malformed;

/// Why a directory could not be read, or not further.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("{0}")]
    Settings(String),
    #[error("the name {host} cannot be resolved ({why}): check the url, or the name service of this machine")]
    Name { host: String, why: String },
    #[error("nothing answers there ({why}): check host and port, that the directory runs, and that no firewall stands between")]
    Unreachable { why: String },
    #[error("no connection within {} seconds: check host, port and firewall, or give it longer (connect_timeout)", .0.as_secs())]
    ConnectTimeout(Duration),
    #[error("{path} cannot be used ({why}): {what}")]
    File { path: String, why: String, what: &'static str },
    #[error(
        "the server's certificate was issued by an authority that is not trusted here ({0}): name that authority's PEM file in ca_file"
    )]
    UnknownAuthority(String),
    #[error(
        "the server's certificate has expired, or is not valid yet ({0}): have it renewed, and check the clock of this machine"
    )]
    Expired(String),
    #[error("the server's certificate is not for {host} ({why}): write in url a name that the certificate carries")]
    OtherName { host: String, why: String },
    #[error("TLS cannot be agreed on ({0}): check that the port speaks TLS (ldaps is usually 636, StartTLS 389)")]
    Tls(String),
    #[error("the server refuses StartTLS (result {rc}{text}): use ldaps://, or have TLS set up on the server")]
    StartTls { rc: u32, text: String },
    #[error("{who} is refused: {meaning} (result {rc}{text})")]
    Bind { who: String, rc: u32, text: String, meaning: &'static str },
    #[error("Kerberos did not let us in ({0}): get a ticket with `kinit`, and write in url the server's full name")]
    Kerberos(String),
    #[error("the server sent {0}: it is no directory, or it is damaged or hostile; nothing more is read from it")]
    Malformed(#[from] Malformed),
    #[error("the connection broke ({0})")]
    Broken(String),
    #[error("the server was silent for {} seconds: ask for a smaller part (base, filter, page_size) or give it longer (timeout)", .0.as_secs())]
    Silent(Duration),
    #[error("no entry came: {0}")]
    Nothing(String),
    #[error("what was received could not be kept aside ({0}): free some space in the folder for temporary files")]
    Spool(std::io::Error),
}

impl Fault {
    /// Whether the same may succeed when tried again.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Broken(_) | Self::Unreachable { .. } | Self::ConnectTimeout(_))
    }

    /// A bind that the server refused. Active Directory tells the reason in its text only.
    #[must_use]
    pub fn bind(who: String, rc: u32, text: &str) -> Self {
        Self::Bind { who, rc, text: quoted(text), meaning: bind_meaning(rc, text) }
    }
}

/// `, "text"`, or nothing.
#[must_use]
pub fn quoted(text: &str) -> String {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    if text.is_empty() { String::new() } else { format!(", \"{text}\"") }
}

/// Codes after `data` in Active Directory's text (Win32 error codes; MS-ERREF), and plain result codes (RFC 4511 appendix A).
fn bind_meaning(rc: u32, text: &str) -> &'static str {
    let told = |code: &str| text.contains(&format!("data {code}"));
    match rc {
        7 => "this way to prove an identity is not supported there",
        8 | 13 => "the server takes a password only over TLS: write ldaps://, or starttls = true",
        48 => {
            "this account cannot prove itself in this way (it may have no password, or anonymous access is off): set bind_dn and a password"
        }
        49 if told("530") => "it may not log in at this hour",
        49 if told("531") => "it may not log in from this machine",
        49 if told("532") => "its password has expired",
        49 if told("533") => "the account is disabled",
        49 if told("701") => "the account has expired",
        49 if told("773") => "it must change its password first",
        49 if told("775") => "the account is locked",
        49 => {
            "wrong name or wrong password (or the account is locked): check bind_dn and the password, for each attempt may count towards a lock"
        }
        53 => "the server is unwilling: anonymous access is off, or the password is empty",
        _ => "the server would not say more",
    }
}

/// A search that the server ended with another result than success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub rc: u32,
    pub text: String,
    /// Part of the base that does exist (rc 32).
    pub matched: String,
}

impl Refusal {
    /// A limit of the server: smaller pages or smaller parts may get past it.
    #[must_use]
    pub const fn is_limit(&self) -> bool {
        matches!(self.rc, 3 | 4 | 11)
    }

    /// What it means and whom to ask for what.
    #[must_use]
    pub fn explain(&self, base: &str, who: &str) -> String {
        let Self { rc, text, matched } = self;
        let text = quoted(text);
        let ask = |what: &str| format!("{base}: {what} (result {rc}{text})");
        match rc {
            3 => ask(&format!(
                "the server's time limit was reached: ask the directory's administrator for a longer time limit for {who}, or name smaller parts in base"
            )),
            4 => ask(&format!(
                "the server's size limit was reached: ask the directory's administrator to lift the size limit for {who} (OpenLDAP: `limits` with size.prtotal=unlimited; 389-DS: nsSizeLimit, nsPagedSizeLimit; IBM: ibm-slapdSizeLimit, a group's ibm-searchSizeLimit)"
            )),
            11 => ask(&format!(
                "an administrative limit was reached: ask the directory's administrator to lift the look-through and paging limits for {who} (OpenLDAP: `limits` with size.pr and size.prtotal=unlimited; 389-DS: nsLookThroughLimit, nsPagedLookThroughLimit)"
            )),
            10 => ask("this part lies on another server: read it there"),
            12 => ask("the server refuses to page: narrow `filter` or `base` until one answer holds everything"),
            32 if matched.is_empty() => ask("the base does not exist, or may not be seen by the account that asks: check `base`"),
            32 => ask(&format!("the base does not exist, only {matched} does: check `base`")),
            34 => ask("the base is no name of an entry: check `base`"),
            1 | 50 => ask(&format!("{who} may not search there: ask the directory's administrator for the right to read")),
            51 | 52 => ask("the server is busy or shutting down: try again later"),
            53 => ask("the server is unwilling to search there"),
            _ => ask("the server ended the search"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn active_directory_tells_why_in_its_text() {
        let text = "80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data 775, v4563\0";
        let message = Fault::bind("cn=a".to_owned(), 49, text).to_string();
        assert_eq!(
            message,
            "cn=a is refused: the account is locked (result 49, \"80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data 775, v4563\")"
        );
    }

    #[test]
    fn a_limit_names_itself_the_code_and_whom_to_ask() {
        let refusal = Refusal { rc: 11, text: "look".to_owned(), matched: String::new() };
        let text = refusal.explain("dc=x", "cn=reader");
        assert!(text.starts_with("dc=x: an administrative limit was reached: ask the directory's administrator to lift the look-through and paging limits for cn=reader"), "{text}");
        assert!(text.ends_with("(result 11, \"look\")"), "{text}");
    }
}
