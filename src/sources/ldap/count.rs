//! The independent count: the same search on a connection of its own, without attributes, while the harvest goes on.

use ldap3::Scope;
use tokio::sync::oneshot::Receiver;

use super::branches::NO_ATTRIBUTE;
use super::fault::Fault;
use super::met::Question;
use super::pages;
use super::plan::Plan;
use super::session::{Ask, Found};

/// How many entries the server gives. It begins when a first page came whole, in pages of the size of that one; `None`: none ever
/// did. An error inside: it cannot be told, and why.
pub async fn run(plan: &Plan, question: &Question, page: Receiver<Option<i32>>) -> Option<Result<u64, Fault>> {
    let page = page.await.ok()?;
    Some(count(plan, question, page).await)
}

async fn count(plan: &Plan, question: &Question, page: Option<i32>) -> Result<u64, Fault> {
    let none = [NO_ATTRIBUTE.to_owned()];
    let mut count = 0;
    for base in &question.bases {
        // One paged search a connection: a second one makes some servers forget the cookie (directories.md, completeness 3).
        let mut session = plan.open().await?;
        let ask = Ask { base, scope: Scope::Subtree, filter: &question.filter, attributes: &none, size: 0 };
        let mut one = |found: Found<'_>| {
            count += u64::from(matches!(found, Found::Entry(_)));
            Ok(())
        };
        if let Some(refusal) = pages::run(&mut session, ask, page, &mut one).await?.refusal {
            return Err(Fault::Broken(refusal.explain(base, plan.proof.who())));
        }
        session.close().await;
    }
    Ok(count)
}
