//! Seals made with the authorities of [`crate::pki`], and a desk that answers for one of them.

use std::cell::Cell;
use std::fs;

use probant::bundle::{
    Authority, Crl, Level, Proofs, SealRequest, Signer, TimeStamping, Transport, TrustAnchor, Verdict, load_signer, seal,
    seal_with, verify_source,
};
use secrecy::SecretString;

use crate::kit::{PASSPHRASE, request};
pub(crate) use crate::pki::{CA, Pki, SIGNER, TSA, answer, today, years};

impl Pki {
    pub(crate) fn anchors(&self, names: &[&str]) -> Vec<TrustAnchor> {
        names.iter().flat_map(|name| TrustAnchor::load(&self.path(&format!("{name}.pem"))).unwrap()).collect()
    }

    pub(crate) fn crls(&self, names: &[&str]) -> Vec<Crl> {
        names.iter().flat_map(|name| Crl::load(&self.path(name)).unwrap()).collect()
    }

    /// The key of the first name, encrypted by openssl, with the certificates of all.
    pub(crate) fn signer(&self, chain: &[&str]) -> Signer {
        let all: String = chain.iter().map(|c| fs::read_to_string(self.path(&format!("{c}.pem"))).unwrap()).collect();
        fs::write(self.path("chain.pem"), all).unwrap();
        let key = format!("{}.key", chain[0]);
        let pass = format!("pass:{PASSPHRASE}");
        self.openssl(&["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-in", &key, "-out", "encrypted.pem", "-passout", &pass]);
        fs::set_permissions(self.path("encrypted.pem"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        load_signer(&self.path("encrypted.pem"), &self.path("chain.pem"), &SecretString::from(PASSPHRASE)).unwrap()
    }

    pub(crate) fn authority(&self, name: &str, anchor: &str) -> Authority {
        Authority { url: format!("http://{name}.invalid/"), policy: None, anchors: self.anchors(&[anchor]) }
    }

    /// Seals at a level with the usual signer, authority and lists.
    pub(crate) fn seal(&self, level: Level) -> Vec<u8> {
        let desk = Desk::new(self, "tsa");
        self.seal_by(level, &desk, &self.signer(&["sceau", "racine"]), &["racine.crl", "racine-tsa.crl"])
    }

    pub(crate) fn seal_by(&self, level: Level, transport: &dyn Transport, signer: &Signer, lists: &[&str]) -> Vec<u8> {
        self.seal_of(level, transport, (signer, lists), today())
    }

    /// Claimed to be signed at `created`, without lists.
    pub(crate) fn seal_at(&self, level: Level, transport: &dyn Transport, created: jiff::Timestamp) -> Vec<u8> {
        self.seal_of(level, transport, (&self.signer(&["sceau", "racine"]), &[]), created)
    }

    /// Level B.
    pub(crate) fn seal_plain(&self, created: jiff::Timestamp) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let request = SealRequest { created, ..request(crate::kit::sample_files()) };
        fs::read(seal(&request, &self.signer(&["sceau", "racine"]), &folder.path().join("d.asice")).unwrap().path).unwrap()
    }

    fn seal_of(
        &self,
        level: Level,
        transport: &dyn Transport,
        (signer, lists): (&Signer, &[&str]),
        created: jiff::Timestamp,
    ) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dossier.asice");
        let request = SealRequest { created, ..request(crate::kit::sample_files()) };
        let stamping =
            TimeStamping { authorities: vec![self.authority("tsa", "racine-tsa")], transport, random: &mut crate::kit::random(5) };
        let mut proofs = Proofs { level, stamping, crls: self.crls(lists) };
        fs::read(seal_with(&request, signer, &mut proofs, &path).unwrap().path).unwrap()
    }

    /// By someone who trusts both roots and brings no lists.
    pub(crate) fn judge(&self, bytes: &[u8], at: jiff::Timestamp) -> Verdict {
        let (anchors, authorities) = (self.anchors(&["racine"]), self.anchors(&["racine-tsa"]));
        let trust = probant::bundle::Trust { anchors: &anchors, authorities: &authorities, crls: &[] };
        verify_source(bytes, trust, at, probant::bundle::Lang::En)
    }
}

/// Answers time-stamp requests as an authority's server does.
pub(crate) struct Desk<'p> {
    pki: &'p Pki,
    name: &'p str,
    /// How often it was asked.
    pub(crate) asked: Cell<u32>,
    /// Changes the answer on its way.
    pub(crate) meddle: fn(Vec<u8>) -> Vec<u8>,
}

impl<'p> Desk<'p> {
    pub(crate) fn new(pki: &'p Pki, name: &'p str) -> Self {
        Self { pki, name, asked: Cell::new(0), meddle: |answer| answer }
    }
}

impl Transport for Desk<'_> {
    fn post(&self, url: &str, content_type: &str, body: &[u8]) -> Result<Vec<u8>, String> {
        assert_eq!(content_type, "application/timestamp-query");
        self.asked.set(self.asked.get() + 1);
        if url.contains("down") {
            return Err("connection refused".into());
        }
        Ok((self.meddle)(answer(self.pki.folder(), self.name, body)))
    }
}
