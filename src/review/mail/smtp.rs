//! Sending by SMTP (RFC 5321), over TLS unless the configuration says otherwise by name. One connection for all letters; a letter that
//! the server refuses does not stop the others.

use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{Certificate, CertificateStore, SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::transport::smtp::response::Response;
use secrecy::{ExposeSecret, SecretString};

use super::config::Protection;
use super::message::Outgoing;
use super::template::one_line;
use crate::causes;
use crate::lang::Lang;

/// Where and how to connect.
#[derive(Debug, Clone)]
pub struct Server {
    pub name: String,
    pub port: u16,
    pub protection: Protection,
    /// PEM of a private authority.
    pub authority: Option<Vec<u8>>,
    pub account: Option<(String, SecretString)>,
    pub timeout: Duration,
}

/// Why a letter did not go out.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The server answered no: this letter is not sent, others may be.
    #[error("refused by the server: {0}")]
    Refused(String),
    /// No connection, or it broke before the letter's text: nothing was sent.
    #[error("{server}: {}", .why.say(Lang::En))]
    Unreachable { server: String, why: Cause },
    /// It broke after the text had begun to go out: nobody knows.
    #[error("the connection broke while the letter went out ({0}): it may or may not have arrived")]
    Doubt(String),
    /// It could not be written down that the letter goes out, so it did not.
    #[error("what is sent cannot be recorded: {0}")]
    Record(std::io::Error),
}

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// In the words of the network, of TLS or of the server.
    Connection(String),
    /// The server does not take the account.
    Login { user: String, said: String },
    /// The file of the authority.
    Authority(String),
}

impl Cause {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Connection(said), Lang::Fr) => format!("pas de connexion ({said}) : vérifier server, port et tls dans [mail]"),
            (Self::Connection(said), Lang::En) => format!("no connection ({said}): check server, port and tls in [mail]"),
            (Self::Login { user, said }, Lang::Fr) => {
                format!("le compte {user} n'est pas admis ({said}) : vérifier user et son secret dans [mail]")
            }
            (Self::Login { user, said }, Lang::En) => {
                format!("the account {user} is not let in ({said}): check user and its secret in [mail]")
            }
            (Self::Authority(said), Lang::Fr) => format!("[mail] ca_file ne peut pas servir : {said}"),
            (Self::Authority(said), Lang::En) => format!("[mail] ca_file cannot be used: {said}"),
        }
    }
}

impl SendError {
    /// What happened, for people. What a server, TLS or the network says stays in their words.
    #[must_use]
    pub fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (_, Lang::En) => self.to_string(),
            (Self::Refused(answer), Lang::Fr) if answer == NO_UTF8 => {
                "refusée : une adresse a des lettres que ce serveur ne sait pas prendre (SMTPUTF8)".to_owned()
            }
            (Self::Refused(answer), Lang::Fr) => format!("refusée par le serveur : {answer}"),
            (Self::Unreachable { server, why }, Lang::Fr) => format!("{server} : {}", why.say(lang)),
            (Self::Doubt(said), Lang::Fr) => {
                format!("la connexion s'est rompue pendant que la lettre partait ({said}) : nul ne sait si elle est arrivée")
            }
            (Self::Record(error), Lang::Fr) => format!("l'envoi ne peut pas être consigné : {error}"),
        }
    }
}

/// Said by Probant in the server's place.
const NO_UTF8: &str = "an address has letters that this server cannot take (SMTPUTF8)";

/// A server, and the connection to it while there is one.
pub struct Postman {
    server: Server,
    connection: Option<SmtpConnection>,
}

impl Postman {
    #[must_use]
    pub fn new(server: Server) -> Self {
        Self { server, connection: None }
    }

    /// Sends one message. `ready` is called when the server waits for the text: what it records comes before the first byte of it.
    /// Recipients after the first may be refused: their refusals are returned beside the server's answer.
    pub fn send(
        &mut self,
        message: &Outgoing,
        ready: &mut dyn FnMut() -> std::io::Result<()>,
    ) -> Result<(String, Vec<String>), SendError> {
        let reused = self.connection.is_some();
        match self.attempt(message, ready) {
            // Servers end a connection after some letters or some time; nothing of this one had gone out.
            Err(SendError::Unreachable { .. }) if reused => self.attempt(message, ready),
            sent => sent,
        }
    }

    fn attempt(
        &mut self,
        message: &Outgoing,
        ready: &mut dyn FnMut() -> std::io::Result<()>,
    ) -> Result<(String, Vec<String>), SendError> {
        let mut connection = match self.connection.take() {
            Some(open) => open,
            None => self.connect()?,
        };
        let sent = deliver(&mut connection, message, ready);
        match &sent {
            // An answer, good or bad, leaves the connection as good as new after RSET; anything else ends it.
            Ok(_) => self.connection = Some(connection),
            Err(SendError::Refused(_)) if connection.command(Rset).is_ok() => self.connection = Some(connection),
            Err(_) => connection.abort(),
        }
        sent.map_err(|error| match error {
            SendError::Unreachable { why, .. } => self.unreachable(why),
            other => other,
        })
    }

    /// Takes leave of the server.
    pub fn close(mut self) {
        if let Some(mut connection) = self.connection.take() {
            // All letters are answered for: nothing depends on it.
            let _answer = connection.quit();
        }
    }

    fn unreachable(&self, why: Cause) -> SendError {
        SendError::Unreachable { server: format!("{}:{}", self.server.name, self.server.port), why }
    }

    fn connect(&self) -> Result<SmtpConnection, SendError> {
        let server = &self.server;
        let hello = ClientId::default();
        let fail = |error: lettre::transport::smtp::Error| self.unreachable(Cause::Connection(said(&error)));
        let tls = match server.protection {
            Protection::Cleartext => None,
            Protection::Starttls | Protection::Implicit => Some(self.tls()?),
        };
        let wrapped = tls.as_ref().filter(|_| server.protection == Protection::Implicit);
        let address = (server.name.as_str(), server.port);
        let mut connection = SmtpConnection::connect(address, Some(server.timeout), &hello, wrapped, None).map_err(fail)?;
        if let Some(tls) = tls.as_ref().filter(|_| server.protection == Protection::Starttls) {
            connection.starttls(tls, &hello).map_err(fail)?;
        }
        if let Some((user, password)) = &server.account {
            let account = Credentials::new(user.clone(), password.expose_secret().to_owned());
            connection
                .auth(DEFAULT_MECHANISMS, &account)
                .map_err(|error| self.unreachable(Cause::Login { user: one_line(user), said: said(&error) }))?;
        }
        Ok(connection)
    }

    fn tls(&self) -> Result<TlsParameters, SendError> {
        let unusable = |error: lettre::transport::smtp::Error| self.unreachable(Cause::Authority(said(&error)));
        let mut builder = TlsParameters::builder(self.server.name.clone());
        if let Some(pem) = &self.server.authority {
            let authority = Certificate::from_pem(pem).map_err(unusable)?;
            builder = builder.certificate_store(CertificateStore::None).add_root_certificate(authority);
        }
        builder.build().map_err(unusable)
    }
}

fn deliver(
    connection: &mut SmtpConnection,
    message: &Outgoing,
    ready: &mut dyn FnMut() -> std::io::Result<()>,
) -> Result<(String, Vec<String>), SendError> {
    let mut options = vec![];
    if message.to.iter().chain(&message.from).any(|address| !address.to_string().is_ascii()) {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(SendError::Refused(NO_UTF8.to_owned()));
        }
        options.push(MailParameter::SmtpUtfEight);
    }
    connection.command(Mail::new(message.from.clone(), options)).map_err(|error| answer(&error))?;
    let mut refused = vec![];
    for (at, to) in message.to.iter().enumerate() {
        match connection.command(Rcpt::new(to.clone(), vec![])) {
            Ok(_) => {}
            // Without its first recipient a letter has no purpose; without a copy it has.
            Err(error) if at > 0 && error.status().is_some() => refused.push(format!("{to}: {}", said(&error))),
            Err(error) => return Err(answer(&error)),
        }
    }
    connection.command(Data).map_err(|error| answer(&error))?;
    ready().map_err(SendError::Record)?;
    match connection.message(&message.bytes) {
        Ok(response) => Ok((words(&response), refused)),
        Err(error) if error.status().is_some() => Err(SendError::Refused(said(&error))),
        Err(error) => Err(SendError::Doubt(said(&error))),
    }
}

/// An answer of the server is a refusal; anything else is no connection.
fn answer(error: &lettre::transport::smtp::Error) -> SendError {
    // 421: the server closes the connection (RFC 5321 section 4.2.2).
    if error.status().is_some_and(|code| code.to_string() != "421") {
        SendError::Refused(said(error))
    } else {
        SendError::Unreachable { server: String::new(), why: Cause::Connection(said(error)) }
    }
}

/// An error with its causes, on one line.
fn said(error: &dyn std::error::Error) -> String {
    one_line(&causes::told(error))
}

fn words(response: &Response) -> String {
    let text: Vec<&str> = response.message().collect();
    one_line(&format!("{} {}", response.code(), text.join(" ")))
}
