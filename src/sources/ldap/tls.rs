//! TLS towards a directory: whom to trust, what to show, and what each failure means.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::verify_server_cert_signed_by_trust_anchor;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::config::Verify;
use super::fault::Fault;

/// Files and choices, paths made absolute.
#[derive(Debug, Clone)]
pub struct TlsSettings {
    pub ca_file: Option<PathBuf>,
    pub client: Option<(PathBuf, PathBuf)>,
    pub verify: Verify,
}

/// Makes the client's side of TLS.
pub fn client_config(settings: &TlsSettings) -> Result<Arc<ClientConfig>, Fault> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| Fault::Tls(error.to_string()))?;
    let builder = if settings.verify == Verify::Full {
        builder.with_root_certificates(roots(settings.ca_file.as_deref())?)
    } else {
        let roots = match settings.verify {
            Verify::Nothing => None,
            _ => Some(roots(settings.ca_file.as_deref())?),
        };
        builder.dangerous().with_custom_certificate_verifier(Arc::new(Lenient { provider, roots }))
    };
    let config = match &settings.client {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let chain = certificates(certificate)?;
            let private = PrivateKeyDer::from_pem_file(key)
                .map_err(|error| unusable(key, &error, "client_key must be a PEM file with one private key"))?;
            builder
                .with_client_auth_cert(chain, private)
                .map_err(|error| unusable(certificate, &error, "client_cert and client_key must belong together"))?
        }
    };
    Ok(Arc::new(config))
}

fn unusable(path: &Path, why: &dyn std::error::Error, what: &'static str) -> Fault {
    Fault::File { path: path.display().to_string(), why: why.to_string(), what }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let what = "it must be a PEM file with at least one certificate";
    let all: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).map_err(|error| unusable(path, &error, what))?.collect();
    let all = all.map_err(|error| unusable(path, &error, what))?;
    if all.is_empty() { Err(unusable(path, &io::Error::other("no certificate in it"), what)) } else { Ok(all) }
}

/// The authorities to trust: the private one, else the system's. An empty list would refuse every server without saying why.
fn roots(ca_file: Option<&Path>) -> Result<RootCertStore, Fault> {
    let mut store = RootCertStore::empty();
    if let Some(path) = ca_file {
        for certificate in certificates(path)? {
            store.add(certificate).map_err(|error| unusable(path, &error, "it must hold certificates of authorities"))?;
        }
        return Ok(store);
    }
    let system = rustls_native_certs::load_native_certs();
    let (added, _ignored) = store.add_parsable_certificates(system.certs);
    if added == 0 {
        let why = system.errors.first().map_or_else(|| "none is installed".to_owned(), ToString::to_string);
        return Err(Fault::Settings(format!(
            "this machine's trusted authorities cannot be read ({why}): name the directory's authority in ca_file, or install ca-certificates"
        )));
    }
    Ok(store)
}

/// What a failed handshake means.
#[must_use]
pub fn explain(error: &io::Error, host: &str) -> Fault {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    let Some(Error::InvalidCertificate(why)) = inner else {
        return match inner {
            Some(other) => Fault::Tls(other.to_string()),
            None => Fault::Tls(if error.kind() == io::ErrorKind::UnexpectedEof {
                "the server hung up".to_owned()
            } else {
                error.to_string()
            }),
        };
    };
    let text = why.to_string();
    match why {
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => Fault::Expired(text),
        CertificateError::UnknownIssuer => Fault::UnknownAuthority(text),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Fault::OtherName { host: host.to_owned(), why: text }
        }
        // rustls refuses a server's certificate that is itself an authority's: typical of self-signed ones.
        CertificateError::Other(_) if format!("{why:?}").contains("CaUsedAsEndEntity") => Fault::UnknownAuthority(text),
        _ => Fault::Tls(text),
    }
}

/// The verifier of `verify = "chain"` (with roots) and `"nothing"` (without). The handshake's own signature is always checked.
#[derive(Debug)]
struct Lenient {
    provider: Arc<CryptoProvider>,
    roots: Option<RootCertStore>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(roots) = &self.roots {
            let algorithms = self.provider.signature_verification_algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&ParsedCertificate::try_from(end)?, roots, chain, now, algorithms)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
