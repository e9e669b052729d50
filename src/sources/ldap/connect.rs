//! The way to a server: name, socket, TLS. Each step has its own failure, so that people know which one to look at.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use super::address::Address;
use super::ber::{self, ENUMERATED, OCTETS};
use super::fault::{Fault, quoted};
use super::guard;

/// A connection of any sort.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// How to get there.
#[derive(Clone)]
pub struct Way {
    pub address: Address,
    /// TLS, from the start or after StartTLS.
    pub tls: Option<Arc<ClientConfig>>,
    pub limit: Duration,
}

/// Connects, and agrees on TLS where the way has it.
pub async fn open(way: &Way) -> Result<Box<dyn Stream>, Fault> {
    timeout(way.limit, reach(way)).await.map_err(|_elapsed| Fault::ConnectTimeout(way.limit))?
}

async fn reach(way: &Way) -> Result<Box<dyn Stream>, Fault> {
    let (host, port, from_start) = match &way.address {
        Address::Unix { path } => {
            let stream = UnixStream::connect(path)
                .await
                .map_err(|error| Fault::Unreachable { why: format!("{}: {error}", path.display()) })?;
            return Ok(Box::new(stream));
        }
        Address::Tcp { host, port, tls } => (host, *port, *tls),
    };
    let mut stream = tcp(host, port).await?;
    let Some(config) = &way.tls else { return Ok(Box::new(stream)) };
    if !from_start {
        start_tls(&mut stream).await?;
    }
    let name = ServerName::try_from(host.clone())
        .map_err(|_invalid| Fault::Tls(format!("{host} is no name that a certificate could carry")))?;
    let stream =
        TlsConnector::from(Arc::clone(config)).connect(name, stream).await.map_err(|error| super::tls::explain(&error, host))?;
    Ok(Box::new(stream))
}

/// Tries every address of the name; the last failure is told.
async fn tcp(host: &str, port: u16) -> Result<TcpStream, Fault> {
    let name = |why: String| Fault::Name { host: host.to_owned(), why };
    let addresses = lookup_host((host, port)).await.map_err(|error| name(error.to_string()))?;
    let mut last = None;
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                // A request is one small write, and waiting to join it with another only delays it. Failing to say so is harmless.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(error) => last = Some(Fault::Unreachable { why: format!("{address}: {error}") }),
        }
    }
    Err(last.unwrap_or_else(|| name("it has no address".to_owned())))
}

/// Largest answer to StartTLS, or to a step of a bind, that makes sense.
const ANSWER: usize = 64 << 10;

/// Asks for StartTLS (RFC 4511 section 4.14) before `ldap3` has the connection: nothing but TLS may be said on it before.
async fn start_tls(stream: &mut TcpStream) -> Result<(), Fault> {
    // LDAPMessage 1, ExtendedRequest, requestName.
    let mut request = vec![0x30, 29, 0x02, 1, 1, 0x77, 24, 0x80, 22];
    request.extend_from_slice(b"1.3.6.1.4.1.1466.20037");
    stream.write_all(&request).await.map_err(|error| broken(&error))?;
    granted(&answer(stream).await?)
}

/// One message and nothing after it, before `ldap3` has the connection.
pub async fn answer(stream: &mut (impl AsyncRead + Unpin)) -> Result<Vec<u8>, Fault> {
    let mut answer = vec![];
    loop {
        if let Some(length) = guard::frame(&answer)? {
            if length > ANSWER {
                return Err(ber::Malformed::TooLarge(length as u64).into());
            }
            match answer.get(..length) {
                // Bytes after the answer would have been sent in the clear, by somebody who hopes they pass for the server's.
                Some(_) if answer.len() > length => return Err(ber::Malformed::Shape.into()),
                Some(_) => return Ok(answer),
                None => {}
            }
        }
        if stream.read_buf(&mut answer).await.map_err(|error| broken(&error))? == 0 {
            return Err(Fault::Broken("the server hung up instead of answering".to_owned()));
        }
    }
}

fn granted(message: &[u8]) -> Result<(), Fault> {
    let message = guard::check(message)?;
    let (code, rest) = ber::expect(ENUMERATED, message.body)?;
    let (_, rest) = ber::expect(OCTETS, rest)?;
    let (text, _) = ber::expect(OCTETS, rest)?;
    match ber::number(code)? {
        0 if message.kind == guard::EXTENDED_RESPONSE => Ok(()),
        rc => Err(Fault::StartTls { rc, text: quoted(ber::text(text)?) }),
    }
}

/// An I/O error as people read it.
#[must_use]
pub fn broken(error: &io::Error) -> Fault {
    Fault::Broken(error.to_string())
}
