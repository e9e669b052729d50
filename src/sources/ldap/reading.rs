//! What a harvest says of itself: what was asked, by whom, how it was protected, what stood in the way, and whether that was all.

use serde_json::{Map, Value, json};

use super::Gathered;
use super::config::{LdapConfig, Verify};
use super::decode::Decoded;
use super::fault::Fault;
use crate::sources::Reading;

impl LdapConfig {
    pub(super) fn reading(&self, gathered: Gathered, decoded: Decoded) -> Reading {
        let Gathered { plan, question, because, product, met, counted } = gathered;
        let mut told = decoded.told;
        let mut query = std::mem::take(&mut told.notes);
        for (key, value) in [
            ("bases", json!(question.bases)),
            ("filter", json!(question.filter)),
            ("attributes", json!(question.attributes)),
            ("flavour_because", json!(because)),
            ("product", json!(product)),
            ("page_size", json!(met.page_size)),
            ("tls", self.tls()),
            ("limits_met", json!(met.limits)),
            ("references", json!(met.named_references)),
            ("reads_everything", json!(self.reads_everything)),
            ("never_seen", json!(decoded.never_seen)),
        ] {
            let nothing = value.is_null() || value.as_array().is_some_and(Vec::is_empty) || value == Value::Bool(false);
            if !nothing {
                query.insert(key.to_owned(), value);
            }
        }
        let mut reasons = met.incomplete;
        reasons.extend(told.incomplete);
        let server_count = held_against(counted, told.rows_seen.saturating_sub(met.beside), &mut query, &mut reasons);
        if told.rows_seen == 0 {
            reasons.push(format!("no entry came: check base, filter and the rights of {}", plan.proof.who()));
        }
        for (name, count) in [
            ("references", met.references),
            ("branches_cut", met.cuts),
            ("reconnects", met.reconnects),
            ("entries_in_parts", met.in_parts),
            ("entries_gone_meanwhile", met.gone),
            ("secrets_redacted", decoded.redacted),
        ] {
            if count > 0 {
                told.details.insert(name.to_owned(), count);
            }
        }
        Reading {
            endpoint: self.url.to_string(),
            identity: Some(plan.proof.who().to_owned()),
            query: Value::Object(query),
            pages: met.pages,
            rows_seen: told.rows_seen,
            rows_kept: told.rows_kept,
            server_count,
            details: told.details,
            incomplete: (!reasons.is_empty()).then(|| reasons.join("; ")),
            ..Reading::default()
        }
    }

    /// What protected the connection, each thing that was left out by its name.
    fn tls(&self) -> Value {
        let how = match (&self.url, self.starttls) {
            (url, _) if url.is_tls() => "ldaps",
            (_, true) => "starttls",
            (url, false) if url.is_tcp() => "none",
            _ => "local socket",
        };
        let mut tls = Map::from_iter([("how".to_owned(), json!(how))]);
        if self.verify != Verify::Full {
            tls.insert("verify".to_owned(), json!(self.verify.word()));
        }
        if self.cleartext_password {
            tls.insert("cleartext_password".to_owned(), json!(true));
        }
        Value::Object(tls)
    }
}

/// The server's own count, held against ours.
fn held_against(
    counted: Option<Result<u64, Fault>>,
    received: u64,
    query: &mut Map<String, Value>,
    reasons: &mut Vec<String>,
) -> Option<u64> {
    match counted? {
        Ok(count) => {
            if count != received {
                reasons.push(format!("the server counted {count} entries just after giving {received}: some came, went or were lost meanwhile; harvest again at a quieter hour"));
            }
            Some(count)
        }
        Err(fault) => {
            query.insert("count_failed".to_owned(), json!(fault.to_string()));
            None
        }
    }
}
