//! What a harvest asks for, and what it meets beside entries.

use crate::sources::directory::Flavour;

/// References and limits that are named; all are counted.
pub const NAMED: usize = 50;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Question {
    pub flavour: Flavour,
    pub bases: Vec<String>,
    pub filter: String,
    pub attributes: Vec<String>,
    /// Sizes of a page, the one to begin with first; none when the server does not page.
    pub pages: Vec<i32>,
    pub retries: u8,
}

/// What a harvest met beside entries.
#[derive(Debug, Default)]
pub struct Met {
    pub pages: u64,
    /// Smallest size of page that had to be used; 0 without paging.
    pub page_size: i32,
    pub references: u64,
    pub named_references: Vec<String>,
    /// Limits that stood in the way, got past or not.
    pub limits: Vec<String>,
    /// Why not everything came.
    pub incomplete: Vec<String>,
    /// First result that was not success and not got past, for the raw capture.
    pub refused: Option<(u32, String)>,
    /// Branches that had to be cut.
    pub cuts: u64,
    pub reconnects: u64,
    /// Entries whose attributes came in parts.
    pub in_parts: u64,
    /// Such entries that went before they could be read.
    pub gone: u64,
    /// Entries read beside the bases.
    pub beside: u64,
}

impl Met {
    /// A limit that stood in the way.
    pub fn limit(&mut self, text: String) {
        if self.limits.len() < NAMED {
            self.limits.push(text);
        }
    }

    /// A reason why not everything came.
    pub fn fail(&mut self, rc: u32, reason: String) {
        self.refused.get_or_insert_with(|| (rc, reason.clone()));
        self.incomplete.push(reason);
    }
}
