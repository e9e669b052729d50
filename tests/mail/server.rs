//! A small SMTP server on the loopback interface: STARTTLS, TLS from the start or neither, one account, and the manners of bad days.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use base64::Engine as _;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Authority and certificate for 127.0.0.1, made for tests.
pub(crate) const CA: &[u8] = include_bytes!("../../src/sources/keycloak/tests/tls/ca.pem");
const CERTIFICATE: &[u8] = include_bytes!("../../src/sources/keycloak/tests/tls/server.pem");
const KEY: &[u8] = include_bytes!("../../src/sources/keycloak/tests/tls/server.key");

/// How the server behaves.
#[derive(Debug, Clone, Default)]
pub(crate) struct Manners {
    pub(crate) starttls: bool,
    pub(crate) implicit: bool,
    /// `\0user\0password`, as AUTH PLAIN gives it.
    pub(crate) account: Option<String>,
    /// Recipients that it refuses.
    pub(crate) refuses: Vec<String>,
    /// Hangs up after the text for this recipient, without a word.
    pub(crate) hangs_up_on: Option<String>,
    /// Says 421 and closes after this many messages on a connection.
    pub(crate) at_most: Option<usize>,
}

/// A message as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) data: Vec<u8>,
    pub(crate) encrypted: bool,
    pub(crate) logged_in: bool,
}

pub(crate) struct Server {
    pub(crate) port: u16,
    received: Arc<Mutex<Vec<Received>>>,
    connections: Arc<Mutex<usize>>,
}

impl Server {
    pub(crate) fn start(manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (received, connections) = (Arc::new(Mutex::new(vec![])), Arc::new(Mutex::new(0)));
        let (inbox, count) = (Arc::clone(&received), Arc::clone(&connections));
        thread::spawn(move || {
            for stream in listener.incoming() {
                *count.lock().unwrap() += 1;
                let (manners, inbox) = (manners.clone(), Arc::clone(&inbox));
                thread::spawn(move || {
                    let stream = stream.unwrap();
                    let mut talk = if manners.implicit { Talk::new(Box::new(tls(stream)), true) } else { Talk::plain(stream) };
                    // A client that hangs up ends the talk.
                    let _ended = talk.serve(&manners, &inbox);
                });
            }
        });
        Self { port, received, connections }
    }

    /// What arrived since the last time.
    pub(crate) fn take(&self) -> Vec<Received> {
        std::mem::take(&mut *self.received.lock().unwrap())
    }

    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

fn tls(stream: TcpStream) -> StreamOwned<ServerConnection, TcpStream> {
    let chain = vec![CertificateDer::from_pem_slice(CERTIFICATE).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(chain, key).unwrap();
    StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), stream)
}

trait Wire: Read + Write {}
impl<T: Read + Write> Wire for T {}

struct Talk {
    wire: BufReader<Box<dyn Wire>>,
    /// The same socket, to be wrapped when STARTTLS comes.
    socket: Option<TcpStream>,
    encrypted: bool,
    logged_in: bool,
}

impl Talk {
    fn new(wire: Box<dyn Wire>, encrypted: bool) -> Self {
        Self { wire: BufReader::new(wire), socket: None, encrypted, logged_in: false }
    }

    fn plain(stream: TcpStream) -> Self {
        let socket = stream.try_clone().unwrap();
        Self { socket: Some(socket), ..Self::new(Box::new(stream), false) }
    }

    fn say(&mut self, line: &str) -> std::io::Result<()> {
        let wire = self.wire.get_mut();
        wire.write_all(format!("{line}\r\n").as_bytes())?;
        wire.flush()
    }

    fn line(&mut self) -> std::io::Result<String> {
        let mut line = vec![];
        if self.wire.read_until(b'\n', &mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    fn serve(&mut self, manners: &Manners, inbox: &Mutex<Vec<Received>>) -> std::io::Result<()> {
        self.say("220 test ESMTP")?;
        let (mut from, mut to, mut served) = (String::new(), vec![], 0);
        loop {
            let line = self.line()?;
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
            match verb.as_str() {
                "EHLO" => self.hello(manners)?,
                "STARTTLS" => {
                    self.say("220 go on")?;
                    let socket = self.socket.take().unwrap();
                    *self = Self::new(Box::new(tls(socket)), true);
                }
                "AUTH" => {
                    let given = line.rsplit(' ').next().unwrap_or_default();
                    let given = base64::engine::general_purpose::STANDARD.decode(given).unwrap_or_default();
                    self.logged_in = manners.account.as_ref().is_some_and(|account| account.as_bytes() == given);
                    self.say(if self.logged_in { "235 welcome" } else { "535 5.7.8 who are you" })?;
                }
                "MAIL" if manners.at_most == Some(served) => {
                    self.say("421 4.7.0 enough for one connection")?;
                    return Ok(());
                }
                "MAIL" if manners.account.is_some() && !self.logged_in => self.say("530 5.7.0 log in first")?,
                "MAIL" => {
                    (from, to) = (address(&line), vec![]);
                    self.say("250 ok")?;
                }
                "RCPT" if manners.refuses.contains(&address(&line)) => self.say("550 5.1.1 no such mailbox here")?,
                "RCPT" => {
                    to.push(address(&line));
                    self.say("250 ok")?;
                }
                "DATA" => {
                    self.say("354 go ahead")?;
                    let data = self.data()?;
                    let received =
                        Received { from: from.clone(), to: to.clone(), data, encrypted: self.encrypted, logged_in: self.logged_in };
                    inbox.lock().unwrap().push(received);
                    if manners.hangs_up_on.as_ref().is_some_and(|who| to.contains(who)) {
                        return Ok(());
                    }
                    served += 1;
                    self.say("250 2.0.0 queued")?;
                }
                "RSET" | "NOOP" => self.say("250 ok")?,
                "QUIT" => {
                    self.say("221 bye")?;
                    return Ok(());
                }
                _ => self.say("500 what?")?,
            }
        }
    }

    fn hello(&mut self, manners: &Manners) -> std::io::Result<()> {
        self.say("250-test")?;
        if manners.starttls && !self.encrypted {
            self.say("250-STARTTLS")?;
        }
        if manners.account.is_some() {
            self.say("250-AUTH PLAIN LOGIN")?;
        }
        self.say("250 8BITMIME")
    }

    /// Up to the lone dot, with doubled dots undone (RFC 5321 section 4.5.2).
    fn data(&mut self) -> std::io::Result<Vec<u8>> {
        let mut data = vec![];
        loop {
            let mut line = vec![];
            if self.wire.read_until(b'\n', &mut line)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            assert!(line.ends_with(b"\r\n"), "a bare line end: {:?}", String::from_utf8_lossy(&line));
            assert!(line.len() <= 1000, "a line of {} bytes (RFC 5322 allows 998 and its end)", line.len());
            if line == b".\r\n" {
                return Ok(data);
            }
            data.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
    }
}

fn address(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}
