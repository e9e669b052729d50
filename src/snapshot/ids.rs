//! Ids that must join are made here, and nowhere else.

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
    let address = address.trim();
    let address = address
        .strip_prefix("mailto:")
        .or_else(|| address.strip_prefix("smtp:"))
        .or_else(|| address.strip_prefix("SMTP:"))
        .unwrap_or(address);
    address.to_lowercase()
}

/// An employee number as it is compared: without spaces and leading zeros (`007042` and `7042` are one person), upper case.
/// `None` when nothing is left, so that an empty field never joins with another.
#[must_use]
pub fn employee(number: &str) -> Option<String> {
    let number: String = number.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
    let short = number.trim_start_matches('0');
    (!short.is_empty()).then(|| short.to_owned())
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
    fn employee_numbers_compare_without_padding_and_nothing_is_nobody() {
        assert_eq!(employee(" 007042 "), employee("7042"));
        assert_eq!(employee("000"), None);
        assert_eq!(employee(""), None);
    }
}
