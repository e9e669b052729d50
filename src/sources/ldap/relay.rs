//! Stands between the server and `ldap3`: every message is checked, and entries are taken off the wire as they came.
//!
//! `ldap3` keeps what it is good at (requests, filters, binds, results). Entries never reach it: it would decode each into a tree
//! of copies and queue a whole search in memory, however long, and of what a page ended with it may tell the page before
//! (directories.md, completeness 1 and 8). The inbox holds little: when nobody takes from it, nothing more is read from the server.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, split};
use tokio::net::UnixStream;
use tokio::sync::Notify;

use super::connect::{Stream, broken};
use super::fault::Fault;
use super::guard::{self, ENTRY, REFERENCE};

/// Bytes waiting before the server has to wait too. One message more fits on top.
const FULL: usize = 1 << 20;
const CHUNK: usize = 128 << 10;
/// OpenLDAP sends every entry by itself. Woken for each of them, this side and the server's spend as much time on waking and being
/// woken as on entries; so after less than this has come at once, a little more is let gather.
const LITTLE: usize = 4 << 10;
/// Time for some 40 entries of a fast server. At the end of a page nothing is waited for.
const A_LITTLE: Duration = Duration::from_micros(300);

/// Messages taken off the wire.
#[derive(Default)]
pub struct Inbox {
    state: Mutex<State>,
    /// Something came.
    pub arrived: Notify,
    /// Everything was taken.
    emptied: Notify,
}

#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    /// Message id, kind, and end of the body in `bytes`.
    messages: Vec<(u32, u8, usize)>,
    fault: Option<Fault>,
}

/// What was waiting.
#[derive(Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    messages: Vec<(u32, u8, usize)>,
}

impl Batch {
    /// Message id, kind and body of each.
    pub fn messages(&self) -> impl Iterator<Item = (u32, u8, &[u8])> {
        let mut start = 0;
        self.messages.iter().map(move |(id, kind, end)| {
            let body = self.bytes.get(start..*end).unwrap_or_default();
            start = *end;
            (*id, *kind, body)
        })
    }
}

impl Inbox {
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        // Nothing that holds the lock can panic half-way.
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes all that waits; `batch` gives its memory back for the next.
    pub fn take(&self, batch: &mut Batch) {
        batch.bytes.clear();
        batch.messages.clear();
        self.with(|state| {
            std::mem::swap(&mut state.bytes, &mut batch.bytes);
            std::mem::swap(&mut state.messages, &mut batch.messages);
        });
        self.emptied.notify_one();
    }

    /// Why the connection ended, if it did.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        self.with(|state| state.fault.take())
    }

    fn put(&self, message: guard::Message<'_>) -> bool {
        let waiting = self.with(|state| {
            state.bytes.extend_from_slice(message.body);
            state.messages.push((message.id, message.kind, state.bytes.len()));
            state.bytes.len()
        });
        waiting < FULL
    }
}

/// Carries messages until either side hangs up.
pub async fn run(server: Box<dyn Stream>, client: UnixStream, inbox: Arc<Inbox>) {
    let (mut from_server, mut to_server) = split(server);
    let (mut from_client, mut to_client) = client.into_split();
    let up = async {
        let copied = tokio::io::copy(&mut from_client, &mut to_server).await;
        // The search is over or the request could not be sent; then the other direction ends as well.
        let _ = to_server.shutdown().await;
        copied.err().map(|error| broken(&error))
    };
    let down = async { deliver(&mut from_server, &mut to_client, &inbox).await.err() };
    let fault = tokio::select! { fault = up => fault, fault = down => fault };
    inbox.with(|state| state.fault = state.fault.take().or(fault));
    inbox.arrived.notify_one();
}

async fn deliver(
    server: &mut (impl AsyncReadExt + Unpin),
    client: &mut (impl AsyncWriteExt + Unpin),
    inbox: &Inbox,
) -> Result<(), Fault> {
    let mut buffer = Vec::with_capacity(CHUNK);
    let mut got = 0;
    loop {
        let mut at = 0;
        let mut arrived = false;
        let mut answered = false;
        loop {
            let rest = buffer.get(at..).unwrap_or_default();
            let Some(length) = guard::frame(rest)? else { break };
            let Some(bytes) = rest.get(..length) else {
                // Not grown at the word of the sender: memory follows what really came.
                break;
            };
            at += length;
            let message = guard::check(bytes)?;
            match message.kind {
                ENTRY | REFERENCE => {
                    arrived = true;
                    if !inbox.put(message) {
                        inbox.arrived.notify_one();
                        inbox.emptied.notified().await;
                        arrived = false;
                    }
                }
                // An unsolicited notification is a notice of disconnection (RFC 4511 section 4.4).
                _ if message.id == 0 => return Err(Fault::Broken(notice(message.body))),
                _ => {
                    // The order holds: who sees the answer finds every entry before it in the inbox.
                    client.write_all(bytes).await.map_err(|error| broken(&error))?;
                    answered = true;
                }
            }
        }
        if arrived {
            inbox.arrived.notify_one();
        }
        buffer.drain(..at);
        if arrived && !answered && got < LITTLE {
            // The thread itself: the runtime's own clock ticks in milliseconds.
            std::thread::sleep(A_LITTLE);
        }
        got = server.read_buf(&mut buffer).await.map_err(|error| broken(&error))?;
        if got == 0 {
            return Err(Fault::Broken(
                if buffer.is_empty() { "the server hung up" } else { "the server hung up in the middle of a message" }.to_owned(),
            ));
        }
    }
}

fn notice(body: &[u8]) -> String {
    let text = super::ber::elements(body).nth(2).map(String::from_utf8_lossy).unwrap_or_default();
    format!("the server disconnects us{}", super::fault::quoted(&text))
}
