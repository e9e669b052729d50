//! References to other servers, followed by choice: the same identity, the same demands on TLS, one step and no further.

use super::address::{self, Address};
use super::fault::Fault;
use super::gather::Gather;
use super::met::{Met, Question};
use super::plan::Plan;
use super::spool::Spool;

/// Servers that are followed to.
const MOST: usize = 20;

/// Reads what the references name into the spool. Each that cannot be read is one more reason why not everything came.
pub async fn follow(plan: &Plan, question: &Question, met: &mut Met, spool: &mut Spool) -> Result<(), Fault> {
    let mut urls = met.named_references.clone();
    urls.sort();
    urls.dedup();
    if urls.len() > MOST || met.references > met.named_references.len() as u64 {
        met.incomplete.push(format!(
            "{} references to other servers: the first {MOST} are followed; make a source of each server instead",
            met.references
        ));
    }
    for url in urls.iter().take(MOST) {
        let (there, base) = match target(plan, url) {
            Ok(found) => found,
            Err(why) => {
                met.incomplete.push(format!("the reference {url} is not followed: {why}"));
                continue;
            }
        };
        let question = Question { bases: vec![base], ..question.clone() };
        let mut gather = Gather { plan: &there, question: &question, session: None, spool, met: Met::default(), first_page: None };
        gather.run().await?;
        let got = gather.met;
        met.pages += got.pages;
        met.beside += got.beside;
        met.limits.extend(got.limits);
        met.incomplete.extend(got.incomplete.into_iter().map(|why| format!("behind the reference {url}: {why}")));
        met.refused = met.refused.take().or(got.refused);
    }
    Ok(())
}

/// Where a reference leads. A password is never sent where TLS, asked for here, cannot be had.
fn target(plan: &Plan, url: &str) -> Result<(Plan, String), String> {
    let (address, search) = address::split(url)?;
    if !address.is_tcp() {
        return Err("it leads to a socket of this machine".to_owned());
    }
    if plan.way.tls.is_none() && address.is_tls() {
        return Err("it needs TLS: write ldaps:// in url, or starttls = true".to_owned());
    }
    let name = search.split('?').next().unwrap_or_default();
    let base = percent_encoding::percent_decode_str(name).decode_utf8().map_err(|_bytes| "its name is not UTF-8".to_owned())?;
    let mut there = plan.clone();
    // An `ldap://` reference from a server read over TLS is read over StartTLS.
    there.way.address = match (address, &plan.way.address) {
        // RFC 4511 section 4.5.3: without a host, the same server.
        (Address::Tcp { host, .. }, here) if host.is_empty() => here.clone(),
        (address, _) => address,
    };
    Ok((there, base.into_owned()))
}
