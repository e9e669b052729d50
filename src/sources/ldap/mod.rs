//! `kind = "ldap"`: a live directory.
//!
//! Everything is received first and kept aside ([`spool`]), because a base whose connection broke is asked for again from its
//! beginning. It is read as an export is: the survey, which runs after what comes ([`ahead`]), then the harvest, with the raw capture.
//! While entries come, the server also counts them on a second connection.
//! `ldap3` speaks the protocol; TLS, the check of what comes in and the entries are taken care of here, and the reasons stand in
//! [`relay`] and [`guard`].

pub mod address;
pub mod ahead;
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

use std::panic::resume_unwind;
use std::path::Path;
use std::pin::pin;
use std::thread;

use secrecy::SecretString;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use self::config::Referrals;
use self::fault::Fault;
use self::gather::Gather;
use self::met::{Met, Question};
use self::plan::Plan;
use self::root::Root;
use self::spool::{Begun, Spool};
use super::directory::{Flavour, Options};
use super::ldif::LdifConfig;
use super::ldif::config::FlavourSetting;
use super::{Look, RawCapture, Reading, Request, Sink, Source, SourceError};

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
        let Options { flavour, privileged_groups, service_logins, service_bases, default_policy, .. } = self.options();
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

    fn harvest(&self, request: &Request, sink: &mut dyn Sink, capture: &mut dyn RawCapture) -> Result<Reading, SourceError> {
        let (mut spool, comings) = Spool::watched().map_err(|error| self.failed(&Fault::Spool(error)))?;
        let (gathered, surveyed) = thread::scope(|scope| {
            let gathering = scope.spawn(|| {
                let gathered = runtime().and_then(|runtime| runtime.block_on(self.gather(request, &mut spool)));
                let ended = spool.end();
                gathered.and_then(|gathered| ended.map(|()| gathered).map_err(Fault::Spool))
            });
            let surveyed = ahead::survey(self, request, comings, (&mut *sink, &mut *capture));
            (gathering.join().unwrap_or_else(|panic| resume_unwind(panic)), surveyed)
        });
        let surveyed = surveyed.map_err(SourceError::Capture)?;
        let gathered = gathered.map_err(|fault| self.failed(&fault))?;
        if spool.entries() == 0 && !gathered.met.incomplete.is_empty() {
            return Err(self.failed(&Fault::Nothing(gathered.met.incomplete.join("; "))));
        }
        let decoded = decode::run(self, request, (&gathered, surveyed), &mut spool, (sink, capture))?;
        Ok(self.reading(gathered, decoded))
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
    /// How many entries the server says there are.
    counted: Option<Result<u64, Fault>>,
}

impl LdapConfig {
    fn failed(&self, fault: &Fault) -> SourceError {
        SourceError::File { path: self.url.to_string(), message: fault.to_string() }
    }

    /// What the raw capture says of itself.
    fn heading(&self, plan: &Plan, question: &Question) -> Vec<String> {
        vec![
            format!("{} as {}", self.url, plan.proof.who()),
            format!("bases {}", question.bases.join("; ")),
            format!("filter {}", question.filter),
        ]
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

    async fn gather(&self, request: &Request, spool: &mut Spool) -> Result<Gathered, Fault> {
        let plan = Plan::new(self, request)?;
        let mut session = plan.open().await?;
        let root = Root::read(&mut session).await?;
        let (question, because) = self.asked(&root)?;
        spool.begin(Begun { flavour: question.flavour, heading: self.heading(&plan, &question) })?;
        let (first_page, begun) = oneshot::channel();
        let first_page = self.count.then_some(first_page);
        let gather = Gather { plan: &plan, question: &question, session: Some(session), spool, met: Met::default(), first_page };
        let (mut met, counted) = beside(gather, count::run(&plan, &question, begun)).await?;
        if self.referrals == Referrals::Follow && met.references > 0 {
            referrals::follow(&plan, &question, &mut met, spool).await?;
        }
        Ok(Gathered { plan, question, because, product: root.product(), met, counted })
    }
}

/// Gathers while the server counts, on this one thread.
async fn beside<T>(mut gather: Gather<'_>, counting: impl Future<Output = Option<T>>) -> Result<(Met, Option<T>), Fault> {
    let mut counting = pin!(counting);
    let mut counted = None;
    {
        let mut running = pin!(gather.run());
        loop {
            tokio::select! {
                biased;
                ran = &mut running => break ran?,
                count = &mut counting, if counted.is_none() => counted = Some(count),
            }
        }
    }
    // With it goes the end that would begin a count: where no page ever came whole there is none.
    let Gather { session, met, .. } = gather;
    if let Some(session) = session {
        session.close().await;
    }
    // A server whose limits had to be got around does not count either.
    let countable = met.cuts == 0 && met.incomplete.is_empty();
    let counted = match counted {
        _ if !countable => None,
        Some(counted) => counted,
        None => counting.await,
    };
    Ok((met, counted))
}
