//! What sealing needs from the network: time-stamps and revocation lists, over HTTP, bounded in size and time.
//!
//! Plain http is enough: what comes back is signed, and checked by the bundle. Proxies are those of the environment
//! (`HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`).

use std::time::Duration;

use ureq::Agent;

use crate::bundle::Transport;

/// Longest time-stamp response, in bytes.
const MAX_ANSWER: u64 = 1 << 20;
/// Longest revocation list, in bytes.
const MAX_LIST: u64 = 8 << 20;
const CONNECT: Duration = Duration::from_secs(10);
/// From the first byte sent to the last received.
const WHOLE: Duration = Duration::from_mins(1);

pub(super) struct Http {
    agent: Agent,
}

impl Http {
    pub(super) fn new() -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(true)
            .max_redirects(3)
            .user_agent(concat!("probant/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(WHOLE));
        Self { agent: config.build().new_agent() }
    }

    /// The body of an address.
    pub(super) fn get(&self, url: &str) -> Result<Vec<u8>, String> {
        let sent = self.agent.get(url).call();
        sent.and_then(|mut response| response.body_mut().with_config().limit(MAX_LIST).read_to_vec()).map_err(|e| e.to_string())
    }
}

impl Transport for Http {
    fn post(&self, url: &str, content_type: &str, body: &[u8]) -> Result<Vec<u8>, String> {
        let sent = self.agent.post(url).header("Content-Type", content_type).send(body);
        sent.and_then(|mut response| response.body_mut().with_config().limit(MAX_ANSWER).read_to_vec()).map_err(|e| e.to_string())
    }
}
