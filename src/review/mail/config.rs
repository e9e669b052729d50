//! `[mail]` of probant.toml: the server that letters go through, and when to remind.

use std::path::PathBuf;

use lettre::message::Mailbox;
use schemars::JsonSchema;
use serde::Deserialize;

/// How workbooks are sent to reviewers. Without it `review open` still writes one draft (.eml) a reviewer.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// Name of the SMTP server, as its certificate bears it.
    pub server: String,
    /// Port. Default: 587 with STARTTLS, 465 with TLS from the start, 25 in the clear.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is protected.
    #[serde(default)]
    pub tls: Protection,
    /// PEM file of the authority that issued the server's certificate, when it is a private one. Replaces the system's authorities.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Sender: `securite@exemple.fr` or `Sécurité <securite@exemple.fr>`.
    pub from: String,
    /// Where answers go, when it is not the sender.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// Account on the server, when it asks for one.
    #[serde(default)]
    pub user: Option<String>,
    /// File whose first line is the account's password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// Environment variable that holds it. Default: `PROBANT_MAIL_PASSWORD`; without either, it is asked for.
    #[serde(default)]
    pub password_env: Option<String>,
    /// Sends the password over a connection that anyone on the way can read. Recorded with what is sent.
    #[serde(default)]
    pub cleartext_password: bool,
    /// Who is put in copy of reminders past the due date.
    #[serde(default)]
    pub escalation: Option<String>,
    /// Days before the due date on which to remind (a reminder is sent on the first run on or after each).
    #[serde(default = "week_and_eve")]
    pub remind_before: Vec<u16>,
    /// Days between two reminders past the due date.
    #[serde(default = "week")]
    pub remind_every: u16,
    /// Folder of your own letters (`invitation.fr.txt`, `late.en.txt`…); those that are not there are Probant's.
    #[serde(default)]
    pub templates: Option<PathBuf>,
    /// Seconds of silence after which the server is taken for dead.
    #[serde(default = "minute")]
    pub timeout: u16,
}

/// How a connection is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Protection {
    /// The connection is upgraded to TLS, or nothing is sent (RFC 3207).
    #[default]
    Starttls,
    /// TLS from the first byte (RFC 8314).
    Implicit,
    /// Not at all: anyone on the way can read the workbooks. Recorded with what is sent.
    Cleartext,
}

impl Protection {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Starttls => "starttls",
            Self::Implicit => "implicit",
            Self::Cleartext => "cleartext",
        }
    }

    const fn port(self) -> u16 {
        match self {
            Self::Starttls => 587,
            Self::Implicit => 465,
            Self::Cleartext => 25,
        }
    }
}

fn week_and_eve() -> Vec<u16> {
    vec![7, 1]
}

const fn week() -> u16 {
    7
}

const fn minute() -> u16 {
    60
}

impl MailConfig {
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(self.tls.port())
    }

    /// What contradicts itself in the keys, in words.
    pub fn check(&self) -> Result<(), String> {
        let refuse = |wrong: bool, message: &str| if wrong { Err(message.to_owned()) } else { Ok(()) };
        for (key, value) in
            [("from", Some(&self.from)), ("reply_to", self.reply_to.as_ref()), ("escalation", self.escalation.as_ref())]
        {
            if let Some(value) = value {
                mailbox(value).map_err(|why| {
                    format!("{key} = `{value}` is no e-mail address ({why}); write name@domain, or Name <name@domain>")
                })?;
            }
        }
        let host =
            !self.server.is_empty() && self.server.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':'));
        refuse(!host, "server must be a host's name or address alone, such as smtp.exemple.fr; the port has a key of its own")?;
        let clear = self.tls == Protection::Cleartext;
        refuse(clear && self.ca_file.is_some(), "ca_file needs TLS: write tls = \"starttls\" or \"implicit\"")?;
        refuse(
            clear && self.user.is_some() && !self.cleartext_password,
            "the password would cross the network in the clear: write tls = \"starttls\" or \"implicit\", or accept it with cleartext_password = true",
        )?;
        let secret = self.password_file.is_some() || self.password_env.is_some();
        refuse(self.user.is_none() && secret, "a password without user: whose is it?")?;
        refuse(self.password_file.is_some() && self.password_env.is_some(), "password_file and password_env: keep one")?;
        refuse(self.remind_every == 0, "remind_every = 0 would remind without end; write 1 or more days")?;
        refuse(self.remind_before.contains(&0), "remind_before holds 0: the due date itself always has its reminder")?;
        refuse(self.timeout == 0, "timeout = 0 lets nothing through")
    }
}

/// An address as people write it, with or without a name.
pub(super) fn mailbox(text: &str) -> Result<Mailbox, String> {
    if text.chars().any(char::is_control) {
        return Err("it holds a control character".to_owned());
    }
    text.parse().map_err(|error: lettre::address::AddressError| error.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const BASE: &str = "server = \"smtp.exemple.fr\"\nfrom = \"Sécurité <securite@exemple.fr>\"\n";

    fn said(more: &str) -> String {
        toml::from_str::<MailConfig>(&format!("{BASE}{more}")).unwrap().check().unwrap_err()
    }

    #[test]
    fn defaults_protect_and_contradictions_are_refused_in_words() {
        let config: MailConfig = toml::from_str(BASE).unwrap();
        config.check().unwrap();
        assert_eq!((config.tls, config.port(), config.remind_every), (Protection::Starttls, 587, 7));
        assert!(said("tls = \"cleartext\"\nuser = \"x\"").contains("cleartext_password = true"));
        assert!(said("tls = \"cleartext\"\nca_file = \"x\"").contains("needs TLS"));
        assert!(said("password_env = \"X\"").contains("whose is it?"));
        assert!(said("escalation = \"a@b\\r\\nBcc: c@d\"").contains("control character"));
        assert!(said("reply_to = \"nobody\"").contains("reply_to = `nobody` is no e-mail address"));
        assert!(said("remind_every = 0").contains("without end"));
        assert!(toml::from_str::<MailConfig>(&format!("{BASE}tls = \"none\"")).unwrap_err().to_string().contains("cleartext"));
    }
}
