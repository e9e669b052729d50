//! Closing a campaign: only when every line is decided, or when it was said at opening what silence means.

use jiff::Timestamp;

use crate::review::record::campaign::{Campaign, NoAnswer};
use crate::review::record::choice::Choice;
use crate::review::record::decisions::{Log, Standing, Tally, What};
use crate::review::record::ended::Ended;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloseError {
    #[error(
        "{} of {} lines are not decided ({} refused, {} without an answer), and the campaign was opened without a no-answer rule. See who is \
         awaited with `probant review status`, then `probant review collect` their workbooks{}",
        .tally.refused + .tally.no_answer, .tally.items, .tally.refused, .tally.no_answer, nobody(*.unassigned)
    )]
    Undecided { tally: Tally, unassigned: usize },
    #[error(transparent)]
    Ended(#[from] Ended),
    #[error("the totals do not tie out ({0:?}); nothing was closed. Please report this as a defect")]
    Untied(Tally),
}

/// Lines that nobody can ever decide on: what to do about them.
fn nobody(unassigned: usize) -> String {
    if unassigned == 0 {
        return String::new();
    }
    format!(
        ". {unassigned} of them have no reviewer, so no workbook will ever bring their decision: give them one with \
         `probant review reassign --unassigned --to REVIEWER --reason TEXT`"
    )
}

/// Closes the campaign in its log, recording every line that the no-answer rule decides.
pub fn close(campaign: &Campaign, log: &mut Log, now: Timestamp, by: &str) -> Result<Tally, CloseError> {
    log.still_open()?;
    let standings = log.standings();
    let mut tally = Tally::default();
    let mut open = vec![];
    for item in &campaign.items {
        let standing = standings.get(item.id.as_str()).unwrap_or(&Standing::NoAnswer);
        tally.add(standing);
        if !matches!(standing, Standing::Decided(..)) {
            open.push((item.id.clone(), matches!(standing, Standing::Refused(_))));
        }
    }
    if !tally.ties() || tally.items != campaign.items.len() as u64 {
        return Err(CloseError::Untied(tally));
    }
    let choice = match (open.is_empty(), campaign.head.no_answer) {
        (true, _) | (_, Some(NoAnswer::Keep)) => Choice::Keep,
        (_, Some(NoAnswer::Revoke)) => Choice::Revoke,
        (false, None) => {
            let unassigned = campaign.items.iter().filter(|item| item.reviewer.is_none()).count();
            return Err(CloseError::Undecided { tally, unassigned });
        }
    };
    for (item_id, was_refused) in open {
        log.push(now, by, What::NoAnswer { item_id, choice, was_refused });
    }
    log.push(now, by, What::Closed { totals: tally });
    Ok(tally)
}
