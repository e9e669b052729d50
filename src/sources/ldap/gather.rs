//! Reads every base to its end, or says why not.
//!
//! A base is whole only when every page ended with result 0, the last cookie was empty, and every attribute that came in parts was
//! read to its end. When a server's limit stands in the way, the pages become smaller; then the base is read branch by branch. When
//! the connection breaks, what came of that branch is forgotten and asked for again: never spliced.

use std::io;
use std::time::Duration;

use ldap3::Scope;
use tokio::sync::oneshot::Sender;

use super::ber::Entry;
use super::branches::{self, Branch};
use super::fault::{Fault, Refusal, quoted};
use super::met::{Met, NAMED, Question};
use super::plan::Plan;
use super::session::{Ask, Found, Session};
use super::spool::Spool;
use super::{asks, pages, ranges};

/// Branches that one base may be cut into.
const BRANCHES: u64 = 20_000;
/// Result code of the raw capture for a connection that broke (RFC 4511: `other`).
const OTHER: u32 = 80;

/// A harvest under way.
pub struct Gather<'a> {
    pub plan: &'a Plan,
    pub question: &'a Question,
    pub session: Option<Session>,
    pub spool: &'a mut Spool,
    pub met: Met,
    /// Told the size of the first page that comes whole.
    pub first_page: Option<Sender<Option<i32>>>,
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Spool(error)
    }
}

/// What one search brought beside entries; forgotten when the search is made again.
#[derive(Default)]
struct Aside {
    references: u64,
    named_references: Vec<String>,
    in_parts: Vec<String>,
    scratch: Vec<u8>,
}

impl Gather<'_> {
    /// Reads all bases. Only what makes going on pointless is an error: what comes cannot be kept.
    pub async fn run(&mut self) -> Result<(), Fault> {
        for base in &self.question.bases {
            self.base(base).await?;
        }
        match asks::aside(self.question.flavour) {
            Some(dn) => self.policy(dn).await,
            None => Ok(()),
        }
    }

    /// One base, cut into branches where a limit demands it.
    async fn base(&mut self, base: &str) -> Result<(), Fault> {
        let mut open = vec![Branch::top(base)];
        let mut cuts = 0;
        while let Some(branch) = open.pop() {
            let mark = self.spool.mark();
            let Some(refusal) = self.branch(&branch).await? else { continue };
            let reason = refusal.explain(&branch.dn, self.plan.proof.who());
            let children = if refusal.is_limit() && branch.can_be_cut() && cuts < BRANCHES {
                self.children(&branch.dn).await?
            } else {
                vec![]
            };
            if children.is_empty() {
                // Nothing to cut along. What came before the refusal is kept, and said to be a part.
                self.met.fail(refusal.rc, reason);
                continue;
            }
            cuts += 1;
            self.met.cuts += 1;
            self.met.limit(reason);
            self.spool.rewind(mark)?;
            open.extend(branch.cut(&children));
        }
        Ok(())
    }

    /// One branch, with smaller pages and new connections as needed. In front of a refusal, what came is left in the spool.
    async fn branch(&mut self, branch: &Branch) -> Result<Option<Refusal>, Fault> {
        let mark = self.spool.mark();
        let mut sizes = self.question.pages.iter().copied();
        let mut size = sizes.next().filter(|_| branch.scope != Scope::Base);
        let mut tries = 0;
        loop {
            match self.attempt(branch, &self.question.filter, size).await {
                Ok((pages, None)) => {
                    self.met.pages += pages;
                    self.met.page_size =
                        size.map_or(
                            self.met.page_size,
                            |size| if self.met.page_size == 0 { size } else { size.min(self.met.page_size) },
                        );
                    return Ok(None);
                }
                Ok((pages, Some(refusal))) => {
                    // Where not even the first page came whole, it may have been too large.
                    let smaller = sizes.next().filter(|_| pages == 0 && refusal.is_limit() && size.is_some());
                    if smaller.is_none() {
                        self.met.pages += pages;
                        return Ok(Some(refusal));
                    }
                    self.met.limit(format!(
                        "{}: pages of {} are too large (result {}{})",
                        branch.dn,
                        size.unwrap_or_default(),
                        refusal.rc,
                        quoted(&refusal.text)
                    ));
                    size = smaller;
                }
                Err(fault) => {
                    self.give_up_or_wait(fault, &branch.dn, &mut tries).await?;
                    if tries > self.question.retries {
                        return Ok(None);
                    }
                }
            }
            self.spool.rewind(mark)?;
        }
    }

    /// After a broken connection: waits 1, 2, 4… seconds, at most a minute. When there was enough of that, or it makes no sense to
    /// try again, what came is kept and said to be a part; `tries` is then beyond the limit.
    async fn give_up_or_wait(&mut self, fault: Fault, dn: &str, tries: &mut u8) -> Result<(), Fault> {
        self.session = None;
        if matches!(fault, Fault::Spool(_)) {
            return Err(fault);
        }
        if !fault.is_passing() || *tries >= self.question.retries {
            *tries = u8::MAX;
            let kept = if self.spool.entries() > 0 { "; what had come by then is kept, the rest is missing" } else { "" };
            self.met.fail(OTHER, format!("{dn}: {fault}{kept}"));
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs((1 << (*tries).min(6)).min(60))).await;
        *tries += 1;
        self.met.reconnects += 1;
        Ok(())
    }

    /// One search from its first page to its last, and the attributes that came in parts. Pages received, and why no more.
    async fn attempt(&mut self, branch: &Branch, filter: &str, size: Option<i32>) -> Result<(u64, Option<Refusal>), Fault> {
        if self.session.is_none() {
            self.session = Some(self.plan.open().await?);
        }
        let Self { session: Some(session), spool, met, first_page, question, .. } = self else {
            return Err(Fault::Broken("no connection".to_owned()));
        };
        let ask = Ask { base: &branch.dn, scope: branch.scope, filter, attributes: &question.attributes, size: 0 };
        let mut aside = Aside::default();
        let mut one = |found: Found<'_>| {
            if let Found::PageEnd = found
                && branch.scope != Scope::Base
                && let Some(tell) = first_page.take()
            {
                // Nobody waits for it any more when the count has failed.
                let _told = tell.send(size);
            }
            receive(found, branch, spool, &mut aside)
        };
        let ended = pages::run(session, ask, size, &mut one).await?;
        for dn in &aside.in_parts {
            met.in_parts += 1;
            match ranges::read(session, dn, &question.attributes).await? {
                ranges::Read::Gone => met.gone += 1,
                ranges::Read::Entry(body, cut) => {
                    spool.push(&body)?;
                    if !cut.is_empty() {
                        met.fail(OTHER, format!("{dn}: the server gave only the first values of {}: ask again, and tell the directory's administrator if it stays so", cut.join(", ")));
                    }
                }
            }
        }
        met.references += aside.references;
        let room = NAMED.saturating_sub(met.named_references.len());
        met.named_references.extend(aside.named_references.into_iter().take(room));
        Ok((ended.pages, ended.refusal))
    }

    /// Entries right below one that may have others below them.
    async fn children(&mut self, dn: &str) -> Result<Vec<String>, Fault> {
        let size = self.question.pages.last().copied();
        let mut tries = 0;
        loop {
            let mut names = vec![];
            let found = self.list(dn, size, &mut names).await;
            match found {
                Ok(None) => return Ok(names),
                Ok(Some(refusal)) => {
                    let reason = refusal.explain(dn, self.plan.proof.who());
                    self.met.fail(refusal.rc, format!("{reason}; the branches below it are not all known"));
                    return Ok(names);
                }
                Err(fault) => {
                    self.give_up_or_wait(fault, dn, &mut tries).await?;
                    if tries > self.question.retries {
                        return Ok(vec![]);
                    }
                }
            }
        }
    }

    async fn list(&mut self, dn: &str, size: Option<i32>, names: &mut Vec<String>) -> Result<Option<Refusal>, Fault> {
        if self.session.is_none() {
            self.session = Some(self.plan.open().await?);
        }
        let Some(session) = &mut self.session else { return Ok(None) };
        let none = [branches::NO_ATTRIBUTE.to_owned()];
        let ask = Ask { base: dn, scope: Scope::OneLevel, filter: branches::CONTAINERS, attributes: &none, size: 0 };
        let mut one = |found: Found<'_>| {
            if let Found::Entry(body) = found {
                names.push(String::from_utf8_lossy(Entry::new(body)?.dn).into_owned());
            }
            Ok(())
        };
        Ok(pages::run(session, ask, size, &mut one).await?.refusal)
    }

    /// An entry that holds a policy, beside the bases. As a rule only administrators may read it: then no policy is known, and what
    /// depends on it stays unknown.
    async fn policy(&mut self, dn: &str) -> Result<(), Fault> {
        let mark = self.spool.mark();
        match self.attempt(&Branch::entry(dn), "(objectClass=*)", None).await {
            Ok((_, None)) => {
                self.met.beside += self.spool.entries() - mark.entries();
                Ok(())
            }
            Ok((_, Some(_))) => Ok(self.spool.rewind(mark)?),
            Err(fault @ Fault::Spool(_)) => Err(fault),
            Err(fault) => {
                self.session = None;
                self.met.limit(format!("{dn}: {fault}"));
                Ok(self.spool.rewind(mark)?)
            }
        }
    }
}

fn receive(found: Found<'_>, branch: &Branch, spool: &mut Spool, aside: &mut Aside) -> Result<(), Fault> {
    match found {
        Found::PageEnd => {}
        Found::Reference(url) => {
            aside.references += 1;
            if aside.named_references.len() < NAMED {
                aside.named_references.push(url.to_owned());
            }
        }
        Found::Entry(body) => {
            let entry = Entry::new(body)?;
            if branch.skips(entry.dn, &mut aside.scratch) {
                return Ok(());
            }
            if ranges::is_cut(&entry) {
                aside.in_parts.push(String::from_utf8_lossy(entry.dn).into_owned());
                return Ok(());
            }
            spool.push(body)?;
        }
    }
    Ok(())
}
