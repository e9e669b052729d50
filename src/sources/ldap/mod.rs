//! `kind = "ldap"`: a live directory.
//!
//! Everything is received first and kept aside ([`spool`]), because a base whose connection broke is asked for again from its
//! beginning. Then it is read as an export is: the survey, with the raw capture, and the harvest. Meanwhile the server counts.
//! `ldap3` speaks the protocol; TLS, the check of what comes in and the entries are taken care of here, and the reasons stand in
//! [`relay`] and [`guard`].

pub mod address;
pub mod asks;
pub mod ber;
pub mod branches;
pub mod capture;
pub mod config;
pub mod connect;
pub mod contradictions;
pub mod count;
pub mod decode;
pub mod facts;
pub mod fault;
pub mod gather;
#[cfg(feature = "gssapi")]
pub mod gss;
pub mod guard;
pub mod keys;
pub mod met;
pub mod pages;
pub mod plan;
pub mod probe;
pub mod ranges;
pub mod reading;
pub mod referrals;
pub mod relay;
pub mod root;
pub mod session;
pub mod settings;
pub mod spool;
pub mod tls;

pub use config::LdapConfig;

use std::io::Write;
use std::path::Path;
use std::thread;

use secrecy::SecretString;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use self::config::Referrals;
use self::fault::Fault;
use self::gather::Gather;
use self::met::{Met, Question};
use self::plan::Plan;
use self::root::Root;
use self::spool::Spool;
use super::directory::{Flavour, Options};
use super::ldif::LdifConfig;
use super::ldif::config::FlavourSetting;
use super::{Look, Reading, Request, Sink, Source, SourceError};

impl Source for LdapConfig {
    fn tables(&self) -> Vec<&'static str> {
        vec!["accounts", "entitlements", "grants"]
    }

    fn check(&self) -> Result<(), String> {
        contradictions::check(self)
    }

    fn question(&self) -> Option<String> {
        let dn = self.bind_dn.as_ref().filter(|_| self.secret().is_missing())?;
        Some(format!("{dn} ({})", self.url))
    }

    fn take_answer(&self, password: SecretString) {
        // A second answer changes nothing, as the trait promises.
        let _ = self.answer.set(password);
    }

    fn look(&self, request: &Request) -> Option<Result<Look, SourceError>> {
        Some(self.probe(request).map(|facts| facts.look()).map_err(|fault| self.failed(&fault)))
    }

    /// The raw capture is an export.
    fn again(&self, capture: &Path, asked: &Value) -> Option<Box<dyn Source>> {
        let Options { flavour, privileged_groups, service_logins, service_bases, default_policy } = self.options();
        // The root entry, which may have told the flavour, is not in the capture.
        let flavour = flavour.or_else(|| asked.get("flavour").and_then(Value::as_str).and_then(Flavour::named));
        Some(Box::new(LdifConfig {
            path: vec![capture.display().to_string()],
            flavour: FlavourSetting(flavour),
            allow_urls: false,
            privileged_groups,
            service_logins,
            service_bases,
            default_policy,
        }))
    }

    fn harvest(&self, request: &Request, sink: &mut dyn Sink, capture: &mut dyn Write) -> Result<Reading, SourceError> {
        let mut spool = Spool::new().map_err(|error| self.failed(&Fault::Spool(error)))?;
        let gathered =
            runtime().and_then(|runtime| runtime.block_on(self.gather(request, &mut spool, &mut |rows| sink.progress(rows))));
        let gathered = gathered.map_err(|fault| self.failed(&fault))?;
        if spool.entries() == 0 && !gathered.met.incomplete.is_empty() {
            return Err(self.failed(&Fault::Nothing(gathered.met.incomplete.join("; "))));
        }
        // Beside the decoding, which leaves the server and a core idle.
        let (decoded, counted) = thread::scope(|scope| {
            let count = gathered.countable(self).then(|| scope.spawn(|| gathered.count()));
            let decoded = decode::run(self, request, &gathered, &mut spool, (sink, capture));
            (decoded, count.and_then(|thread| thread.join().ok()))
        });
        Ok(self.reading(gathered, decoded?, counted))
    }
}

/// One thread is enough: the server is slower than we are.
fn runtime() -> Result<Runtime, Fault> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::Settings(format!("the machine gives no more threads or files: {error}")))
}

/// What was received, and how.
pub struct Gathered {
    plan: Plan,
    question: Question,
    /// What told the flavour.
    because: String,
    product: Option<String>,
    met: Met,
}

impl Gathered {
    /// A server whose limits had to be got around will not count either.
    fn countable(&self, config: &LdapConfig) -> bool {
        config.count && self.met.cuts == 0 && self.met.incomplete.is_empty()
    }

    fn count(&self) -> Result<u64, Fault> {
        let page = (self.met.page_size > 0).then_some(self.met.page_size);
        runtime()?.block_on(count::run(&self.plan, &self.question, page))
    }
}

impl LdapConfig {
    fn failed(&self, fault: &Fault) -> SourceError {
        SourceError::File { path: self.url.to_string(), message: fault.to_string() }
    }

    /// What will be asked of a server that presents itself so.
    fn asked(&self, root: &Root) -> Result<(Question, String), Fault> {
        let (flavour, because) = match self.flavour.0 {
            Some(flavour) => (flavour, "configured".to_owned()),
            None => root.flavour(),
        };
        let bases = if self.base.is_empty() { root.bases() } else { self.base.clone() };
        if bases.is_empty() {
            return Err(Fault::Settings("the server does not say where its data lies: write it in `base`".to_owned()));
        }
        let pages = match self.page_size {
            _ if root.is_readable() && !root.pages() => vec![],
            Some(size) => {
                asks::pages(flavour).iter().copied().filter(|other| *other < size.0).fold(vec![size.0], |mut all, smaller| {
                    all.push(smaller);
                    all
                })
            }
            None => asks::pages(flavour).to_vec(),
        };
        let question = Question {
            flavour,
            bases,
            filter: self.filter.as_ref().map_or_else(|| asks::filter(flavour).to_owned(), |filter| filter.0.clone()),
            attributes: asks::attributes(flavour, self.extra_attributes.iter().map(|name| name.0.clone()), self.reads_everything),
            pages,
            retries: self.retries,
        };
        Ok((question, because))
    }

    async fn gather(&self, request: &Request, spool: &mut Spool, progress: &mut dyn FnMut(u64)) -> Result<Gathered, Fault> {
        let plan = Plan::new(self, request)?;
        let mut session = plan.open().await?;
        let root = Root::read(&mut session).await?;
        let (mut question, because) = self.asked(&root)?;
        if question.flavour == Flavour::Ad {
            let mut hidden = false;
            for base in &question.bases {
                hidden |= settings::are_hidden(&mut session, base).await?;
            }
            question.attributes.extend(hidden.then(|| settings::RESULTANT.to_owned()));
        }
        let mut gather = Gather { plan: &plan, question: &question, session: Some(session), spool, met: Met::default(), progress };
        gather.run().await?;
        let mut met = gather.met;
        if let Some(session) = gather.session {
            session.close().await;
        }
        if self.referrals == Referrals::Follow && met.references > 0 {
            referrals::follow(&plan, &question, &mut met, spool, progress).await?;
        }
        Ok(Gathered { plan, question, because, product: root.product(), met })
    }
}
