//! Kerberos (SASL GSSAPI, RFC 4752), done before `ldap3` has the connection. Its own decoding drops what follows the first message of a
//! sealed buffer, or a message that two of them share; here buffers are opened one after the other, and who reads behind sees plain
//! messages, which the guard checks like any other.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use cross_krb5::{ClientCtx, InitiateFlags, K5Ctx as _, Step};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex, split};

use super::ber::{self, ENUMERATED, INTEGER, OCTETS, SEQUENCE};
use super::connect::{Stream, answer, broken};
use super::fault::Fault;
use super::guard;

const BIND_REQUEST: u8 = 0x60;
/// SASL credentials in a request, and in an answer (RFC 4511 sections 4.2 and 4.2.2).
const SASL: u8 = 0xA3;
const SERVER_CREDENTIALS: u8 = 0x87;
const IN_PROGRESS: u32 = 14;
/// The layer that also encrypts (RFC 4752 section 3.3), and the longest buffer that is taken: three bytes of length.
const PRIVACY: u8 = 4;
const LONGEST: [u8; 3] = [0xFF, 0xFF, 0xFF];
/// Longest sealed buffer: that, and what sealing adds.
const MAX_SEALED: usize = (16 << 20) + 4096;
/// Plain bytes that wait on either side.
const WAITING: usize = 256 << 10;

/// Proves who asks by the current ticket, and seals what follows.
pub async fn seal(mut stream: Box<dyn Stream>, host: &str) -> Result<Box<dyn Stream>, Fault> {
    let kerberos = |error: &dyn std::fmt::Display| Fault::Kerberos(format!("{error:#}"));
    let service = format!("ldap/{host}");
    let (mut pending, token) = ClientCtx::new(InitiateFlags::empty(), None, &service, None).map_err(|error| kerberos(&error))?;
    let mut token = token.to_vec();
    let (mut context, last) = loop {
        let credentials = exchange(&mut stream, Some(&token)).await?;
        match pending.step(&credentials).map_err(|error| kerberos(&error))? {
            Step::Finished((context, last)) => break (context, last.map(|token| token.to_vec())),
            Step::Continue((next, answer)) => (pending, token) = (next, answer.to_vec()),
        }
    };
    let offer = exchange(&mut stream, last.as_deref()).await?;
    let offer = context.unwrap(&offer).map_err(|error| kerberos(&error))?.to_vec();
    let [layers, longest @ ..] = offer.as_slice() else { return Err(kerberos(&"the server offers no protection")) };
    if layers & PRIVACY == 0 {
        return Err(kerberos(&"the server does not offer to encrypt"));
    }
    let longest = longest.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
    let [a, b, c] = LONGEST;
    let choice = context.wrap(false, &[PRIVACY, a, b, c]).map_err(|error| kerberos(&error))?.to_vec();
    send(&mut stream, Some(&choice)).await?;
    match result(&answer(&mut stream).await?)? {
        (0, ..) => Ok(sealed(stream, context, longest)),
        (rc, text, _) => Err(Fault::bind(WHO.to_owned(), rc, &text)),
    }
}

/// How messages name the identity.
pub const WHO: &str = "the current Kerberos ticket";

/// One step of the bind: what the server answers to a token.
async fn exchange(stream: &mut Box<dyn Stream>, token: Option<&[u8]>) -> Result<Vec<u8>, Fault> {
    send(stream, token).await?;
    match result(&answer(stream).await?)? {
        (IN_PROGRESS, _, Some(credentials)) => Ok(credentials),
        (0 | IN_PROGRESS, ..) => Err(Fault::Kerberos("the server broke the exchange off".to_owned())),
        (rc, text, _) => Err(Fault::bind(WHO.to_owned(), rc, &text)),
    }
}

async fn send(stream: &mut Box<dyn Stream>, token: Option<&[u8]>) -> Result<(), Fault> {
    let (mut sasl, mut request, mut parts, mut message) = (vec![], vec![], vec![], vec![]);
    ber::put(OCTETS, b"GSSAPI", &mut sasl);
    if let Some(token) = token {
        ber::put(OCTETS, token, &mut sasl);
    }
    ber::put(INTEGER, &[3], &mut request);
    ber::put(OCTETS, b"", &mut request);
    ber::put(SASL, &sasl, &mut request);
    ber::put(INTEGER, &[1], &mut parts);
    ber::put(BIND_REQUEST, &request, &mut parts);
    ber::put(SEQUENCE, &parts, &mut message);
    stream.write_all(&message).await.map_err(|error| broken(&error))
}

/// Result code, text and credentials of an answer to a bind.
fn result(message: &[u8]) -> Result<(u32, String, Option<Vec<u8>>), Fault> {
    let message = guard::check(message)?;
    if message.kind != guard::BIND_RESPONSE {
        return Err(ber::Malformed::Shape.into());
    }
    let (code, rest) = ber::expect(ENUMERATED, message.body)?;
    let (_, rest) = ber::expect(OCTETS, rest)?;
    let (text, mut rest) = ber::expect(OCTETS, rest)?;
    let mut credentials = None;
    while !rest.is_empty() {
        let (tag, body, after) = ber::split(rest)?;
        credentials = credentials.or_else(|| (tag == SERVER_CREDENTIALS).then(|| body.to_vec()));
        rest = after;
    }
    Ok((ber::number(code)?, ber::text(text)?.to_owned(), credentials))
}

/// The plain side of a sealed connection.
struct Plain {
    inner: DuplexStream,
    /// Why the sealed side ended, where it was not the server's wish.
    fault: Arc<Mutex<Option<String>>>,
}

fn sealed(stream: Box<dyn Stream>, context: ClientCtx, longest: usize) -> Box<dyn Stream> {
    let (near, far) = duplex(WAITING);
    let (mut from_server, mut to_server) = split(stream);
    let (mut from_near, mut to_near) = split(far);
    let context = Arc::new(Mutex::new(context));
    let fault = Arc::new(Mutex::new(None));
    let (opening, failed) = (Arc::clone(&context), Arc::clone(&fault));
    tokio::spawn(async move {
        let ended = open(&mut from_server, &mut to_near, &opening).await;
        *failed.lock().unwrap_or_else(PoisonError::into_inner) = ended.err().map(|error| error.to_string());
        // Only now does the plain side see the end, and the reason with it. That it may be gone already is no news.
        let _ = to_near.shutdown().await;
    });
    tokio::spawn(async move {
        // Requests are small; the server's limit is for what it is sent, sealed.
        let mut plain = vec![0; (longest / 2).clamp(1024, WAITING)];
        while let Ok(count @ 1..) = from_near.read(&mut plain).await {
            let wrapped = {
                let mut context = context.lock().unwrap_or_else(PoisonError::into_inner);
                context.wrap(true, plain.get(..count).unwrap_or_default()).map(|sealed| sealed.to_vec())
            };
            let Ok(wrapped) = wrapped else { break };
            let length = u32::try_from(wrapped.len()).unwrap_or_default().to_be_bytes();
            if to_server.write_all(&[&length[..], &wrapped].concat()).await.is_err() {
                break;
            }
        }
        // The other direction tells how it ended.
        let _ = to_server.shutdown().await;
    });
    Box::new(Plain { inner: near, fault })
}

/// Opens sealed buffers (RFC 4422 section 3.7: four bytes of length before each) until the server ends.
async fn open(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    context: &Mutex<ClientCtx>,
) -> io::Result<()> {
    let mut buffer = vec![];
    loop {
        let mut length = [0; 4];
        if let Err(error) = from.read_exact(&mut length).await {
            return if error.kind() == io::ErrorKind::UnexpectedEof { Ok(()) } else { Err(error) };
        }
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length > MAX_SEALED {
            return Err(io::Error::other(format!("a sealed buffer of {length} bytes")));
        }
        buffer.clear();
        // Memory follows what really comes.
        if (&mut *from).take(length as u64).read_to_end(&mut buffer).await? < length {
            return Err(io::Error::other("the server hung up in the middle of a sealed buffer"));
        }
        let plain = {
            let mut context = context.lock().unwrap_or_else(PoisonError::into_inner);
            context.unwrap(&buffer).map_err(|error| io::Error::other(format!("{error:#}")))?.to_vec()
        };
        to.write_all(&plain).await?;
    }
}

impl AsyncRead for Plain {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(context, buffer);
        if matches!(polled, Poll::Ready(Ok(()))) && buffer.filled().len() == before {
            let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner).take();
            return Poll::Ready(fault.map_or(Ok(()), |why| Err(io::Error::other(why))));
        }
        polled
    }
}

impl AsyncWrite for Plain {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
