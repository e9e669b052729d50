//! Ids that must join are made here, and nowhere else.

use std::borrow::Cow;

/// Id of an object of a system: `system:local`. The local part is the system's immutable id, as the system writes it.
#[must_use]
pub fn object(system: &str, local: &str) -> String {
    let mut id = String::with_capacity(system.len() + 1 + local.len());
    id.push_str(system);
    id.push(':');
    id.push_str(local);
    id
}

/// A host or backup client as it is compared: lower case, without its domain. An IP address stays whole.
#[must_use]
pub fn host(name: &str) -> String {
    let name = name.trim().trim_end_matches('.').to_lowercase();
    if name.parse::<std::net::IpAddr>().is_ok() {
        return name;
    }
    name.split('.').next().unwrap_or_default().to_owned()
}

/// An e-mail address as it is compared. The local part is case-sensitive in RFC 5321 section 2.4 and nowhere in practice.
#[must_use]
pub fn email(address: &str) -> String {
    email_key(address).into_owned()
}

/// The same, borrowed when the address is written that way already, as it mostly is.
#[must_use]
pub fn email_key(address: &str) -> Cow<'_, str> {
    if address.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_' | b'@')) {
        return Cow::Borrowed(address);
    }
    let address = address.trim();
    let address = address
        .strip_prefix("mailto:")
        .or_else(|| address.strip_prefix("smtp:"))
        .or_else(|| address.strip_prefix("SMTP:"))
        .unwrap_or(address);
    Cow::Owned(address.to_lowercase())
}

/// An employee number as it is compared: without spaces and leading zeros (`007042` and `7042` are one person), upper case.
/// `None` when nothing is left, so that an empty field never joins with another.
#[must_use]
pub fn employee(number: &str) -> Option<String> {
    employee_key(number).map(Cow::into_owned)
}

/// The same, borrowed when the number is written that way already but for its zeros.
#[must_use]
pub fn employee_key(number: &str) -> Option<Cow<'_, str>> {
    let number = if number.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()) {
        Cow::Borrowed(number)
    } else {
        Cow::Owned(number.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase())
    };
    let short = match number {
        Cow::Borrowed(number) => Cow::Borrowed(number.trim_start_matches('0')),
        Cow::Owned(number) => Cow::Owned(number.trim_start_matches('0').to_owned()),
    };
    (!short.is_empty()).then_some(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_lose_domain_and_case_but_addresses_do_not() {
        assert_eq!(host("SRV-PAIE01.agence.example."), "srv-paie01");
        assert_eq!(host("10.1.2.3"), "10.1.2.3");
    }

    #[test]
    fn addresses_compare_without_case_spaces_and_scheme() {
        assert_eq!(email("jo.martin@arem.example"), "jo.martin@arem.example");
        assert_eq!(email(" SMTP:Jo.Martin@Arem.example"), "jo.martin@arem.example");
        assert_eq!(email("smtp:jo@x"), "jo@x");
        assert_eq!(email("ÉLISE@x"), "élise@x");
    }

    #[test]
    fn employee_numbers_compare_without_padding_and_nothing_is_nobody() {
        assert_eq!(employee(" 007042 "), employee("7042"));
        assert_eq!(employee("ab 12").as_deref(), Some("AB12"));
        assert_eq!(employee("000"), None);
        assert_eq!(employee(""), None);
    }
}
