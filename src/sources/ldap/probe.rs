//! What `probant sources test` finds out: who answers, what this identity can read, which limits stand in the way, and what a harvest
//! would ask. Nothing is harvested; every entry is walked over once, without its attributes.

use std::collections::BTreeMap;

use ldap3::Scope;

use super::asks::{self, Tells};
use super::ber::Entry;
use super::branches::NO_ATTRIBUTE;
use super::config::LdapConfig;
use super::fault::Fault;
use super::gather::Gather;
use super::met::Met;
use super::met::Question;
use super::plan::Plan;
use super::root::Root;
use super::session::{Ask, End, Found, Session};
use super::settings;
use super::spool::Spool;
use crate::sources::Request;
use crate::sources::directory::Flavour;

/// Entries that are looked at in each base.
pub(super) const SAMPLE: i32 = 200;

/// What is known of an attribute that tells an account's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// An entry carried it.
    Readable,
    /// No entry carried it: absent, or not to be read. Only an account known to have it can tell.
    NotSeen,
}

/// One such attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub attribute: &'static str,
    pub tells: Tells,
    pub sight: Sight,
}

/// One base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    pub base: String,
    /// Entries seen, `SAMPLE` at most.
    pub entries: u64,
    /// Why no more, when that was not our own wish.
    pub refusal: Option<String>,
}

/// An account that the configuration names to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probed {
    pub dn: String,
    /// Attributes of its state that came; `Err`: it could not be read at all, and why.
    pub seen: Result<Vec<&'static str>, String>,
}

/// Everything found out.
#[derive(Debug, Clone)]
pub struct Facts {
    pub endpoint: String,
    pub identity: String,
    pub product: Option<String>,
    pub flavour: Flavour,
    pub because: String,
    pub root_readable: bool,
    pub question: Question,
    pub looked: Vec<Looked>,
    pub attributes: Vec<Told>,
    pub probed: Vec<Probed>,
    /// Active Directory's password settings objects apply and cannot be read.
    pub settings_hidden: bool,
    /// All entries, walked over; not when `count = false`.
    pub walked: Option<Walked>,
}

/// Every entry of every base, walked over without its attributes: what a harvest would meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walked {
    pub entries: u64,
    /// 0: without paging.
    pub page_size: i32,
    pub branches_cut: u64,
    pub references: u64,
    /// Limits of the server that were got past.
    pub limits: Vec<String>,
    /// Why not everything would come.
    pub incomplete: Vec<String>,
}

impl LdapConfig {
    /// Connects, binds and looks. Nothing is harvested.
    pub fn probe(&self, request: &Request) -> Result<Facts, Fault> {
        super::runtime()?.block_on(self.look(request))
    }

    async fn look(&self, request: &Request) -> Result<Facts, Fault> {
        let plan = Plan::new(self, request)?;
        let mut session = plan.open().await?;
        let root = Root::read(&mut session).await?;
        let (question, because) = self.asked(&root)?;
        let mut seen = BTreeMap::new();
        let mut looked = vec![];
        let mut settings_hidden = false;
        for base in &question.bases {
            looked.push(sample(&mut session, &question, base, plan.proof.who(), &mut seen).await?);
            settings_hidden |= question.flavour == Flavour::Ad && settings::are_hidden(&mut session, base).await?;
        }
        let mut probed = vec![];
        for dn in &self.probe {
            probed.push(account(&mut session, &question, &dn.0, plan.proof.who(), &mut seen).await?);
        }
        session.close().await;
        let walked = if self.count { Some(walk(&plan, &question).await?) } else { None };
        let attributes = asks::telling(question.flavour).iter().map(|(attribute, tells)| {
            let sight = if seen.contains_key(*attribute) { Sight::Readable } else { Sight::NotSeen };
            Told { attribute, tells: *tells, sight }
        });
        Ok(Facts {
            endpoint: self.url.to_string(),
            identity: plan.proof.who().to_owned(),
            product: root.product(),
            flavour: question.flavour,
            because,
            root_readable: root.is_readable(),
            attributes: attributes.collect(),
            question,
            looked,
            probed,
            settings_hidden,
            walked,
        })
    }
}

/// A harvest without attributes, on a connection of its own.
async fn walk(plan: &Plan, question: &Question) -> Result<Walked, Fault> {
    let question = Question { attributes: vec![NO_ATTRIBUTE.to_owned()], ..question.clone() };
    let mut spool = Spool::new()?;
    let mut gather = Gather { plan, question: &question, session: None, spool: &mut spool, met: Met::default(), first_page: None };
    gather.run().await?;
    let Gather { session, met, .. } = gather;
    if let Some(session) = session {
        session.close().await;
    }
    Ok(Walked {
        entries: spool.entries().saturating_sub(met.beside),
        page_size: met.page_size,
        branches_cut: met.cuts,
        references: met.references,
        limits: met.limits,
        incomplete: met.incomplete,
    })
}

/// Notes which of the telling attributes an entry carries.
fn note(flavour: Flavour, body: &[u8], seen: &mut BTreeMap<&'static str, u64>) -> Result<Vec<&'static str>, Fault> {
    let entry = Entry::new(body)?;
    let mut here = vec![];
    for (name, _) in asks::telling(flavour) {
        let carried = entry
            .attributes()
            .any(|attribute| attribute.name.eq_ignore_ascii_case(name.as_bytes()) && attribute.values().next().is_some());
        if carried {
            here.push(*name);
            *seen.entry(*name).or_default() += 1;
        }
    }
    Ok(here)
}

async fn sample(
    session: &mut Session,
    question: &Question,
    base: &str,
    who: &str,
    seen: &mut BTreeMap<&'static str, u64>,
) -> Result<Looked, Fault> {
    let mut entries = 0;
    let ask = Ask { base, scope: Scope::Subtree, filter: &question.filter, attributes: &question.attributes, size: SAMPLE };
    let end = session
        .search(ask, &mut |found| {
            if let Found::Entry(body) = found {
                entries += 1;
                note(question.flavour, body, seen)?;
            }
            Ok::<(), Fault>(())
        })
        .await?;
    let refusal = match end {
        // Our own limit.
        End::Refused(refusal) if refusal.rc == 4 && entries >= u64::try_from(SAMPLE).unwrap_or_default() => None,
        End::Refused(refusal) => Some(refusal.explain(base, who)),
        End::Whole { .. } => None,
    };
    Ok(Looked { base: base.to_owned(), entries, refusal })
}

async fn account(
    session: &mut Session,
    question: &Question,
    dn: &str,
    who: &str,
    seen: &mut BTreeMap<&'static str, u64>,
) -> Result<Probed, Fault> {
    let mut carried = None;
    let ask = Ask { base: dn, scope: Scope::Base, filter: "(objectClass=*)", attributes: &question.attributes, size: 0 };
    let end = session
        .search(ask, &mut |found| {
            if let Found::Entry(body) = found {
                carried = Some(note(question.flavour, body, seen)?);
            }
            Ok::<(), Fault>(())
        })
        .await?;
    let seen = match (carried, end) {
        (Some(names), _) => Ok(names),
        (None, End::Refused(refusal)) => Err(refusal.explain(dn, who)),
        (None, End::Whole { .. }) => Err("it is not there, or may not be read".to_owned()),
    };
    Ok(Probed { dn: dn.to_owned(), seen })
}
