//! One bound connection, and one search on it at a time.

use std::sync::Arc;
use std::time::Duration;

use ldap3::controls::{Control, ControlType, MakeCritical, PagedResults, RawControl};
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, LdapError, LdapResult, Scope, SearchOptions, StdStream};
use secrecy::{ExposeSecret, SecretString};

use super::ber::{self, Malformed};
use super::connect::{self, Way};
use super::fault::{Fault, Refusal};
use super::guard::REFERENCE;
use super::relay::{self, Batch, Inbox};

/// How to prove who asks.
#[derive(Debug, Clone)]
pub enum Proof {
    Anonymous,
    Simple {
        dn: String,
        password: SecretString,
    },
    External,
    #[cfg(feature = "gssapi")]
    Gssapi {
        host: String,
    },
}

impl Proof {
    /// The identity as messages and the provenance name it.
    #[must_use]
    pub fn who(&self) -> &str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Simple { dn, .. } => dn,
            Self::External => "the external identity (client certificate, or the Unix user over ldapi)",
            #[cfg(feature = "gssapi")]
            Self::Gssapi { .. } => super::gss::WHO,
        }
    }
}

/// One search request.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    pub base: &'a str,
    pub scope: Scope,
    pub filter: &'a str,
    pub attributes: &'a [String],
    /// Entries the server may return at most; 0 leaves it to the server.
    pub size: i32,
}

/// How a search, or a page of it, ended.
#[derive(Debug)]
pub enum End {
    /// Result 0. The cookie of the next page; empty when there is none.
    Whole {
        cookie: Vec<u8>,
    },
    Refused(Refusal),
}

/// What a search yields.
#[derive(Debug, Clone, Copy)]
pub enum Found<'b> {
    /// The body of a SearchResultEntry.
    Entry(&'b [u8]),
    /// A continuation reference: one URL of it.
    Reference(&'b str),
    /// A page, or an answer without pages, ended with result 0.
    PageEnd,
}

/// A bound connection.
pub struct Session {
    ldap: Ldap,
    inbox: Arc<Inbox>,
    batch: Batch,
    silence: Duration,
}

impl Session {
    /// Connects and binds.
    pub async fn open(way: &Way, proof: &Proof, silence: Duration) -> Result<Self, Fault> {
        let server = connect::open(way).await?;
        #[cfg(feature = "gssapi")]
        let server = match proof {
            Proof::Gssapi { host } => super::gss::seal(server, host).await?,
            _ => server,
        };
        let broken = |error: std::io::Error| connect::broken(&error);
        let (near, far) = std::os::unix::net::UnixStream::pair().map_err(broken)?;
        far.set_nonblocking(true).map_err(broken)?;
        let far = tokio::net::UnixStream::from_std(far).map_err(broken)?;
        let inbox = Arc::new(Inbox::default());
        tokio::spawn(relay::run(server, far, Arc::clone(&inbox)));
        let settings = LdapConnSettings::new().set_std_stream(StdStream::Unix(near));
        let (connection, ldap) =
            LdapConnAsync::with_settings(settings, "ldapi://relay").await.map_err(|error| Fault::Broken(error.to_string()))?;
        tokio::spawn(async move {
            // How the connection ended is told by the relay, and by every request under way.
            let _ = connection.drive().await;
        });
        let mut session = Self { ldap, inbox, batch: Batch::default(), silence };
        session.bind(proof).await?;
        Ok(session)
    }

    async fn bind(&mut self, proof: &Proof) -> Result<(), Fault> {
        self.ldap.with_timeout(self.silence);
        let bound = match proof {
            // Nobody in particular is who one is before any bind (RFC 4513 section 4).
            Proof::Anonymous => return Ok(()),
            Proof::Simple { dn, password } => self.ldap.simple_bind(dn, password.expose_secret()).await,
            Proof::External => self.ldap.sasl_external_bind().await,
            // Done before this connection was handed over.
            #[cfg(feature = "gssapi")]
            Proof::Gssapi { .. } => return Ok(()),
        };
        let result = match bound {
            Ok(result) => result,
            Err(error) => return Err(self.fault(&error)),
        };
        match result.rc {
            0 => Ok(()),
            rc => Err(Fault::bind(proof.who().to_owned(), rc, &result.text)),
        }
    }

    /// What an error of `ldap3` was really about: the relay knows.
    fn fault(&mut self, error: &LdapError) -> Fault {
        match (self.inbox.fault(), error) {
            (Some(fault), _) => fault,
            (None, LdapError::Timeout { .. }) => Fault::Silent(self.silence),
            (None, LdapError::FilterParsing) => Fault::Settings("the filter cannot be read".to_owned()),
            (None, LdapError::EndOfStream | LdapError::ResultRecv { .. } | LdapError::OpSend { .. }) => {
                Fault::Broken("the server hung up".to_owned())
            }
            (None, error) => Fault::Broken(error.to_string()),
        }
    }

    /// Runs a search that fits in one answer.
    pub async fn search<E: From<Fault>>(
        &mut self,
        ask: Ask<'_>,
        each: &mut impl FnMut(Found<'_>) -> Result<(), E>,
    ) -> Result<End, E> {
        self.run(ask, None, each).await
    }

    /// Runs one page of a search; an empty `cookie` asks for the first.
    pub async fn page<E: From<Fault>>(
        &mut self,
        ask: Ask<'_>,
        size: i32,
        cookie: Vec<u8>,
        each: &mut impl FnMut(Found<'_>) -> Result<(), E>,
    ) -> Result<End, E> {
        self.run(ask, Some(PagedResults { size, cookie }), each).await
    }

    async fn run<E: From<Fault>>(
        &mut self,
        ask: Ask<'_>,
        paging: Option<PagedResults>,
        each: &mut impl FnMut(Found<'_>) -> Result<(), E>,
    ) -> Result<End, E> {
        if let Some(paging) = paging {
            self.ldap.with_controls(vec![RawControl::from(paging.critical())]);
        }
        self.ldap.with_search_options(SearchOptions::new().sizelimit(ask.size)).with_timeout(self.silence);
        let started = self.ldap.streaming_search(ask.base, ask.scope, ask.filter, ask.attributes).await;
        let mut stream = match started {
            Ok(stream) => stream,
            Err(error) => return Err(self.fault(&error).into()),
        };
        let id = u32::try_from(stream.ldap_handle().last_id()).unwrap_or_default();
        let ended = loop {
            // Both are safe to give up: neither has taken anything when it is dropped.
            tokio::select! {
                biased;
                next = stream.next() => match next {
                    // The relay takes entries and references off the wire: what else comes between is no result.
                    Ok(Some(_)) => {}
                    // The end came, and with it the result of this page and of no other.
                    Ok(None) => break Ok(stream.finish().await),
                    Err(error) => break Err(error),
                },
                () = self.inbox.arrived.notified() => hand_over(&self.inbox, &mut self.batch, id, each)?,
            }
        };
        drop(stream);
        // What came before the end, or before the connection broke, came all the same.
        hand_over(&self.inbox, &mut self.batch, id, each)?;
        match ended {
            Ok(result) => Ok(end(result)),
            Err(error) => Err(self.fault(&error).into()),
        }
    }

    /// Says goodbye, so that the server does not log a broken connection.
    pub async fn close(mut self) {
        // It makes no difference to what was read.
        let _ = self.ldap.unbind().await;
    }
}

fn hand_over<E: From<Fault>>(
    inbox: &Inbox,
    batch: &mut Batch,
    expected: u32,
    each: &mut impl FnMut(Found<'_>) -> Result<(), E>,
) -> Result<(), E> {
    inbox.take(batch);
    for (id, kind, body) in batch.messages() {
        if id != expected {
            return Err(Fault::from(Malformed::Shape).into());
        }
        one(kind, body, each)?;
    }
    Ok(())
}

fn one<E: From<Fault>>(kind: u8, body: &[u8], each: &mut impl FnMut(Found<'_>) -> Result<(), E>) -> Result<(), E> {
    if kind != REFERENCE {
        return each(Found::Entry(body));
    }
    for url in ber::elements(body) {
        each(Found::Reference(ber::text(url).map_err(Fault::from)?))?;
    }
    Ok(())
}

fn end(result: LdapResult) -> End {
    if result.rc != 0 {
        return End::Refused(Refusal { rc: result.rc, text: result.text, matched: result.matched });
    }
    let control =
        result.ctrls.into_iter().find_map(|Control(kind, raw)| matches!(kind, Some(ControlType::PagedResults)).then_some(raw));
    // A server that ignores paging answers without the control: then this was all (RFC 2696 section 3).
    let cookie = control.filter(|raw| raw.val.is_some()).map(|raw| raw.parse::<PagedResults>().cookie).unwrap_or_default();
    End::Whole { cookie }
}
