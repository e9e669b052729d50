//! A search from its first page to its last.

use super::ber::Malformed;
use super::fault::{Fault, Refusal};
use super::session::{Ask, End, Found, Session};

/// Pages without an entry, one after the other, that are believed.
const EMPTY_PAGES: u32 = 1000;

/// How a search ended; `pages` that were received whole.
#[derive(Debug)]
pub struct Ended {
    pub pages: u64,
    /// `None`: every page ended with result 0, and the last cookie was empty.
    pub refusal: Option<Refusal>,
}

/// Runs a search to its end. Without a size it is one answer.
pub async fn run(
    session: &mut Session,
    ask: Ask<'_>,
    size: Option<i32>,
    each: &mut impl FnMut(Found<'_>) -> Result<(), Fault>,
) -> Result<Ended, Fault> {
    let mut pages = 0;
    let mut cookie = vec![];
    let mut empty = 0;
    loop {
        let mut found = 0_u64;
        let mut count = |item: Found<'_>| {
            found += 1;
            each(item)
        };
        let end = match size {
            Some(size) => session.page(ask, size, std::mem::take(&mut cookie), &mut count).await?,
            None => session.search(ask, &mut count).await?,
        };
        match end {
            End::Refused(refusal) => return Ok(Ended { pages, refusal: Some(refusal) }),
            End::Whole { cookie: next } => {
                pages += 1;
                each(Found::PageEnd)?;
                if next.is_empty() {
                    return Ok(Ended { pages, refusal: None });
                }
                cookie = next;
            }
        }
        // Active Directory does send empty pages while it looks on; a server that sends nothing else would hold us for ever.
        empty = if found == 0 { empty + 1 } else { 0 };
        if empty > EMPTY_PAGES {
            return Err(Malformed::Endless.into());
        }
    }
}
