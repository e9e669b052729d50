//! Where a directory listens: `ldap://`, `ldaps://` or `ldapi://`, without the search that an LDAP URL may also carry.

use std::fmt;
use std::net::Ipv6Addr;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

/// The address in `url`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub enum Address {
    Tcp { host: String, port: u16, tls: bool },
    Unix { path: PathBuf },
}

impl Address {
    #[must_use]
    pub const fn is_tcp(&self) -> bool {
        matches!(self, Self::Tcp { .. })
    }

    #[must_use]
    pub const fn is_tls(&self) -> bool {
        matches!(self, Self::Tcp { tls: true, .. })
    }

    #[must_use]
    pub const fn is_plain_tcp(&self) -> bool {
        matches!(self, Self::Tcp { tls: false, .. })
    }
}

impl TryFrom<String> for Address {
    type Error = String;

    fn try_from(url: String) -> Result<Self, String> {
        let (address, search) = split(&url)?;
        if search.is_empty() {
            Ok(address)
        } else {
            Err(format!("`{url}` also says what to search: write the address alone, and `base` and `filter` for the rest"))
        }
    }
}

/// Splits an LDAP URL (RFC 4516) into its address and what follows the `/`.
pub fn split(url: &str) -> Result<(Address, &str), String> {
    let refuse = |why: &str| Err(format!("`{url}` {why}: write ldaps://host, ldap://host:port or ldapi://%2Fpath%2Fto%2Fsocket"));
    let Some((scheme, rest)) = url.split_once("://") else { return refuse("has no scheme") };
    let (place, search) = rest.split_once('/').unwrap_or((rest, ""));
    let tls = match scheme.to_ascii_lowercase().as_str() {
        "ldap" => false,
        "ldaps" => true,
        "ldapi" => {
            let path = percent_encoding::percent_decode_str(place)
                .decode_utf8()
                .map_err(|_bytes| format!("`{url}`: the path is not UTF-8"))?;
            return if path.starts_with('/') {
                Ok((Address::Unix { path: PathBuf::from(path.as_ref()) }, search))
            } else {
                refuse("names no socket")
            };
        }
        other => return refuse(&format!("is of the scheme {other}, which is no directory's")),
    };
    if place.contains('@') {
        return refuse("carries a name or password, which have keys of their own (bind_dn, password_file)");
    }
    let usual = if tls { 636 } else { 389 };
    let (host, port) = match place.strip_prefix('[') {
        Some(v6) => {
            let Some((host, after)) = v6.split_once(']') else { return refuse("has a bracket that does not close") };
            if host.parse::<Ipv6Addr>().is_err() {
                return refuse("has no IPv6 address in its brackets");
            }
            (host, after.strip_prefix(':'))
        }
        None => match place.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        },
    };
    if host.is_empty() || host.contains(char::is_whitespace) || (host.contains(':') && !place.starts_with('[')) {
        return refuse("names no host");
    }
    let Ok(port) = port.map_or(Ok(usual), str::parse) else { return refuse("has a port that is no number") };
    Ok((Address::Tcp { host: host.to_owned(), port, tls }, search))
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix { path } => write!(f, "ldapi://{}", path.display()),
            Self::Tcp { host, port, tls } => {
                let scheme = if *tls { "ldaps" } else { "ldap" };
                if host.contains(':') { write!(f, "{scheme}://[{host}]:{port}") } else { write!(f, "{scheme}://{host}:{port}") }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn read(url: &str) -> Result<String, String> {
        Address::try_from(url.to_owned()).map(|address| address.to_string())
    }

    #[test]
    fn addresses_of_every_scheme() {
        assert_eq!(read("ldaps://dc1.example.org").unwrap(), "ldaps://dc1.example.org:636");
        assert_eq!(read("LDAP://localhost/").unwrap(), "ldap://localhost:389");
        assert_eq!(read("ldap://[::1]:1389").unwrap(), "ldap://[::1]:1389");
        assert_eq!(read("ldapi://%2Frun%2Fslapd%2Fldapi").unwrap(), "ldapi:///run/slapd/ldapi");
    }

    #[test]
    fn what_is_no_address_says_why() {
        for (url, why) in [
            ("dc1.example.org", "has no scheme"),
            ("https://x", "scheme https"),
            ("ldap://cn=a:secret@x", "carries a name or password"),
            ("ldap://x:y", "port that is no number"),
            ("ldap://x/dc=a??sub", "also says what to search"),
            ("ldapi://run", "names no socket"),
            ("ldap://[::g]", "no IPv6"),
            ("ldap://", "names no host"),
        ] {
            let error = read(url).unwrap_err();
            assert!(error.contains(why), "{url}: {error}");
        }
    }
}
