//! Signs the ledger's head after each event, with the seal key.

use std::rc::Rc;

use jiff::Timestamp;

use super::receipt::Receipt;
use crate::bundle::Signer;
use crate::store::ledger::{Entry, Head};
use crate::store::{Notary, purge};

/// The seal key as the store's notary.
#[derive(Debug)]
pub struct SealNotary {
    pub signer: Rc<Signer>,
    pub organisation: String,
}

impl Notary for SealNotary {
    fn attest(&self, events: &[Entry], head: &Head, at: Timestamp) -> Result<Option<Vec<u8>>, String> {
        let Some(receipt) = Receipt::of(events, head, &self.organisation, at) else { return Ok(None) };
        // Where a bundle was sealed or removed, the head is a whole receipt; else the newest bundle does, so that heads stay small.
        let whole = events.last().is_some_and(|last| matches!(last.event.as_str(), "bundle" | purge::EVENT));
        let receipt = if whole { receipt } else { receipt.short() };
        receipt.sign(&self.signer).map(Some).map_err(|error| error.to_string())
    }
}
