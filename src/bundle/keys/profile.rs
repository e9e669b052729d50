//! What a self-made seal certificate says: an organisation's seal, for signatures and nothing else.

use const_oid::db::rfc4519::{COMMON_NAME, ORGANIZATION_NAME};
use der::asn1::{Any, SetOfVec, Utf8StringRef};
use der::{Decode as _, Encode as _};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::builder::Result;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::certificate::TbsCertificate;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages, SubjectKeyIdentifier};
use x509_cert::ext::{Extension, ToExtension as _};
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::spki::SubjectPublicKeyInfoRef;

use crate::bundle::error::KeyError;

const SEAL: &str = "Probant seal";
/// RFC 5280, appendix A: ub-organization-name.
const LONGEST_ORGANISATION: usize = 64;

pub(super) struct SealProfile {
    subject: Name,
}

impl SealProfile {
    pub(super) fn new(organisation: &str) -> std::result::Result<Self, KeyError> {
        let length = organisation.chars().count();
        if !(1..=LONGEST_ORGANISATION).contains(&length) || organisation.chars().any(char::is_control) {
            return Err(KeyError::Organisation(organisation.to_owned()));
        }
        let names = [(ORGANIZATION_NAME, organisation), (COMMON_NAME, SEAL)];
        let rdns = names
            .into_iter()
            .map(|(oid, text)| {
                let value = Any::encode_from(&Utf8StringRef::new(text)?)?;
                Ok(RelativeDistinguishedName::from(SetOfVec::try_from(vec![AttributeTypeAndValue { oid, value }])?))
            })
            .collect::<der::Result<Vec<_>>>()
            .map_err(|e| KeyError::Build(e.to_string()))?;
        let subject = RdnSequence::from(rdns).to_der().and_then(|bytes| Name::from_der(&bytes));
        Ok(Self { subject: subject.map_err(|e| KeyError::Build(e.to_string()))? })
    }

    pub(super) fn subject(&self) -> &Name {
        &self.subject
    }
}

impl BuilderProfile for SealProfile {
    fn get_issuer(&self, subject: &Name) -> Name {
        subject.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        spk: SubjectPublicKeyInfoRef<'_>,
        _issuer_spk: SubjectPublicKeyInfoRef<'_>,
        tbs: &TbsCertificate,
    ) -> Result<Vec<Extension>> {
        let subject = tbs.subject();
        // contentCommitment is X.509's newer word for nonRepudiation.
        let usage = KeyUsage(KeyUsages::DigitalSignature | KeyUsages::NonRepudiation);
        let not_an_authority = BasicConstraints { ca: false, path_len_constraint: None };
        Ok(vec![
            (&not_an_authority).to_extension(subject, &[])?,
            (&usage).to_extension(subject, &[])?,
            (&SubjectKeyIdentifier::try_from(spk)?).to_extension(subject, &[])?,
        ])
    }
}
