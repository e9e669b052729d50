//! Certificates: verified, with an authority of one's own, and each refusal in its own words.
//!
//! The files of `tls/` were made with openssl for this test alone: an authority, and three certificates of one key for 127.0.0.1, for
//! another name, and one that has expired.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::*;
use crate::sources::secret;

/// A server that answers everything with 401 over TLS. It ends with the test's process.
fn server(certificate: &[u8]) -> String {
    let chain = vec![CertificateDer::from_pem_slice(certificate).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut tls = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream.unwrap());
            let mut request = [0; 4096];
            if tls.read(&mut request).is_ok() {
                let _ = tls.write_all(
                    b"HTTP/1.1 401 X\r\nContent-Length: 27\r\nConnection: close\r\n\r\n{\"error\": \"invalid_client\"} ",
                );
                tls.conn.send_close_notify();
                let _ = tls.flush();
            }
        }
    });
    format!("https://{address}")
}

fn told(url: &str, ca: Option<&[u8]>) -> String {
    let dir = tempfile::tempdir().unwrap();
    secret::write(&dir.path().join("secret"), "x");
    let mut config = format!("url = '{url}'\nrealm = 'agence'\nclient_id = 'probant'\nsecret_file = 'secret'\n");
    if let Some(ca) = ca {
        std::fs::write(dir.path().join("ca.pem"), ca).unwrap();
        config.push_str("ca_file = 'ca.pem'\n");
    }
    harvest(dir.path(), &config).0.unwrap_err()
}

const CA: &[u8] = include_bytes!("tls/ca.pem");

#[test]
fn a_private_authority_is_trusted_when_given() {
    let error = told(&server(include_bytes!("tls/server.pem")), Some(CA));
    assert!(error.contains("the client probant is refused (invalid_client)"), "{error}");
}

#[test]
fn each_refusal_of_a_certificate_has_its_words() {
    let good = server(include_bytes!("tls/server.pem"));
    let error = told(&good, None);
    assert!(error.contains("an authority that is not trusted") && error.contains("ca_file"), "{error}");
    let error = told(&server(include_bytes!("tls/expired.pem")), Some(CA));
    assert!(error.contains("the server's certificate has expired"), "{error}");
    let error = told(&server(include_bytes!("tls/other.pem")), Some(CA));
    assert!(error.contains("the certificate is for another name"), "{error}");
    let plain = fake::Fake::start(fake::Manners::default());
    let error = told(&plain.url.replace("http://", "https://"), Some(CA));
    assert!(error.contains("does not speak TLS there"), "{error}");
    let error = told(&good, Some(b"not a certificate"));
    assert!(error.contains("holds no certificate"), "{error}");
}
