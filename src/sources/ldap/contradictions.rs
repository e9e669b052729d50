//! Keys that contradict each other, refused as the configuration is read: none of them needs a server to be wrong.

use super::config::{LdapConfig, Sasl, Verify};

/// What contradicts itself, in words.
pub fn check(config: &LdapConfig) -> Result<(), String> {
    let tls = config.url.is_tls() || config.starttls;
    let refuse = |wrong: bool, message: &str| if wrong { Err(message.to_owned()) } else { Ok(()) };
    refuse(
        config.starttls && !config.url.is_plain_tcp(),
        "starttls is for ldap:// only: ldaps:// is TLS from the start, and ldapi:// stays on this machine",
    )?;
    refuse(
        !tls && (config.ca_file.is_some() || config.client_cert.is_some() || config.verify != Verify::Full),
        "ca_file, client_cert and verify need TLS: write ldaps:// or starttls = true",
    )?;
    refuse(config.client_cert.is_some() != config.client_key.is_some(), "client_cert and client_key go together")?;
    refuse(config.password_file.is_some() && config.password_env.is_some(), "password_file and password_env: keep one")?;
    refuse(
        config.bind_dn.is_none() && (config.password_file.is_some() || config.password_env.is_some()),
        "a password without bind_dn: whose is it?",
    )?;
    refuse(config.sasl.is_some() && config.bind_dn.is_some(), "sasl and bind_dn: keep one")?;
    refuse(
        config.bind_dn.as_ref().is_some_and(|name| name.trim().is_empty()),
        "bind_dn is empty; leave it out to ask anonymously",
    )?;
    refuse(
        config.bind_dn.is_some() && !tls && config.url.is_plain_tcp() && !config.cleartext_password,
        "the password would cross the network in the clear: write ldaps://, or starttls = true, or accept it with cleartext_password = true",
    )?;
    refuse(
        config.sasl == Some(Sasl::External) && config.client_cert.is_none() && config.url.is_tcp(),
        "sasl = \"external\" proves an identity by a client certificate (client_cert, client_key), or over ldapi://",
    )?;
    refuse(
        config.sasl == Some(Sasl::Gssapi) && (tls || !config.url.is_tcp()),
        "sasl = \"gssapi\" encrypts by itself and is for ldap:// without starttls (Active Directory refuses both at once)",
    )?;
    refuse(
        config.sasl == Some(Sasl::Gssapi) && cfg!(not(feature = "gssapi")),
        "this probant was built without Kerberos: build it with `--features gssapi`",
    )?;
    refuse(config.connect_timeout == 0 || config.timeout == 0, "a time limit of 0 seconds lets nothing through")
}
