//! Makes `anchor.pem`, the frozen bundle and the binary seeds around it. Run it only when the frozen bundle must be another one:
//! `cargo run --release --example seeds`. The key is random and is thrown away.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use der::{Decode as _, Encode as _};
use probant_fuzz::bundle::layout::{ASIC_MANIFEST, BAG_INFO, MANIFEST, SIGNATURE, TAG_MANIFEST};
use probant_fuzz::bundle::{Curve, KeyRequest, PayloadFile, PayloadSource, SealRequest, create_key, load_signer, seal};
use probant_fuzz::bundle::lists::asic;
use probant_fuzz::bundle::signature::cms;
use probant_fuzz::containers::{Entries, fix_bag, fix_signed_manifest, pack, unpack};
use secrecy::SecretString;
use x509_cert::Certificate;

fn main() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let folder = std::env::temp_dir().join(format!("probant-seeds-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let bundle = sealed(&folder)?;
    fs::copy(folder.join("cert.pem"), here.join("anchor.pem"))?;
    fs::remove_dir_all(&folder)?;
    let corpus = here.join("corpus");
    let put = |target: &str, name: &str, bytes: &[u8]| -> Result<(), Box<dyn Error>> {
        fs::create_dir_all(corpus.join(target))?;
        Ok(fs::write(corpus.join(target).join(name), bytes)?)
    };
    put("bundle", "sealed.asice", &bundle)?;
    let entries = unpack(&bundle).map_err(|fault| fault.text(probant_fuzz::lang::Lang::En))?;
    for (name, bytes) in tampered(&entries, &bundle)? {
        put("bundle", name, &bytes)?;
    }
    put("zip", "two.zip", &pack(&vec![("mimetype".into(), b"x".to_vec()), ("data/a".into(), b"texte ".repeat(20))]))?;
    put("zip", "empty.zip", &pack(&Entries::new()))?;
    put("zip", "utf8.zip", &pack(&vec![("data/\u{e9}t\u{e9}".into(), b"a;b\n".repeat(90)), ("data/b/c".into(), vec![])]))?;
    put("zip", "entries", b"\x01\x0camimetype\x0c\x0fdata/abcdefgabc\x06\x04data/ba")?;
    let content = |name: &str| entries.iter().find(|(n, _)| n == name).map(|(_, content)| content.clone()).unwrap_or_default();
    for (name, file) in [("manifest.xml", ASIC_MANIFEST), ("bag-info", BAG_INFO), ("bag", MANIFEST), ("tags", TAG_MANIFEST)] {
        put("asic_manifest", name, &content(file))?;
    }
    put("asic_manifest", "escaped.xml", asic::write(&[("data/\u{e9}t\u{e9} & <x>".into(), [7; 32])]).as_bytes())?;
    put("asic_manifest", "none.xml", asic::write(&[]).as_bytes())?;
    let signature = content(SIGNATURE);
    put("cms", "signature.p7s", &signature)?;
    let parsed = cms::parse(&signature).map_err(|fault| fault.text(probant_fuzz::lang::Lang::En))?;
    put("cms", "certificate.der", &parsed.signer.to_der()?)?;
    put("cms", "bug-certificate-twice.p7s", &with_certificates(&signature, &[parsed.signer.clone(), parsed.signer.clone()])?)?;
    put("cms", "stranger.p7s", &with_certificates(&signature, &[parsed.signer.clone(), stranger()?])?)?;
    Ok(())
}

/// A small bundle by a new key.
fn sealed(folder: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let passphrase = SecretString::from("mot de passe perdu");
    let request = KeyRequest {
        organisation: "Agence d'essai",
        not_before: "2026-01-01T00:00:00Z".parse()?,
        not_after: "2036-01-01T00:00:00Z".parse()?,
        passphrase: &passphrase,
    };
    let (key, certificate) = (folder.join("key.pem"), folder.join("cert.pem"));
    create_key(Curve::P256, &request, &mut |buffer| getrandom::fill(buffer).map_err(std::io::Error::other))?.write(&key, &certificate)?;
    let signer = load_signer(&key, &certificate, &passphrase)?;
    let file = |path: &str, content: &[u8]| PayloadFile { path: path.into(), source: PayloadSource::Bytes(content.to_vec()) };
    let request = SealRequest {
        bundle_id: "2026-T3".into(),
        file_name: "dossier.asice".into(),
        seq: 2,
        previous_manifest_sha256: Some("5a".repeat(32)),
        organisation: "Agence d'essai".into(),
        created: "2026-10-01T08:30:00Z".parse()?,
        files: vec![file("tables/comptes \u{e9}t\u{e9}.csv", &b"login;actif\n".repeat(20)), file("vide.txt", b"")],
        bag_info: vec![("Contact-Name".into(), "Mme N'Guyen".into())],
    };
    Ok(fs::read(seal(&request, &signer, &folder.join("dossier.asice"))?.path)?)
}

/// A file's name and content.
type Seed = (&'static str, Vec<u8>);

/// Bundles that someone broke, each in another place.
fn tampered(entries: &Entries, bundle: &[u8]) -> Result<Vec<Seed>, Box<dyn Error>> {
    let payload = entries.iter().position(|(name, _)| name.ends_with(".csv")).ok_or("no payload")?;
    let mut changed = entries.clone();
    changed[payload].1[0] = b'L';
    let raw = pack(&changed);
    fix_bag(&mut changed);
    let bagged = pack(&changed);
    fix_signed_manifest(&mut changed);
    let unsigned = pack(&changed);
    let mut twice = entries.clone();
    if let Some((_, content)) = twice.iter_mut().find(|(name, _)| name == SIGNATURE) {
        let parsed = cms::parse(content).map_err(|fault| fault.text(probant_fuzz::lang::Lang::En))?;
        *content = with_certificates(content, &[parsed.signer.clone(), parsed.signer])?;
    }
    Ok(vec![
        ("changed.asice", raw),
        ("changed-bag-fixed.asice", bagged),
        ("changed-all-fixed.asice", unsigned),
        ("bug-certificate-twice.asice", pack(&twice)),
        ("cut.asice", bundle[..bundle.len() / 2].to_vec()),
    ])
}

/// The signature file with another set of certificates.
fn with_certificates(signature: &[u8], certificates: &[Certificate]) -> Result<Vec<u8>, Box<dyn Error>> {
    use ::cms::cert::CertificateChoices;
    use ::cms::content_info::ContentInfo;
    use ::cms::signed_data::SignedData;
    let mut data: SignedData = ContentInfo::from_der(signature)?.content.decode_as()?;
    let choices: Vec<_> = certificates.iter().cloned().map(CertificateChoices::Certificate).collect();
    data.certificates = Some(choices.try_into()?);
    let content = der::asn1::Any::encode_from(&data)?;
    Ok(ContentInfo { content_type: const_oid::db::rfc5911::ID_SIGNED_DATA, content }.to_der()?)
}

/// A certificate that has nothing to do with the signer.
fn stranger() -> Result<Certificate, Box<dyn Error>> {
    let passphrase = SecretString::from("mot de passe perdu");
    let request = KeyRequest {
        organisation: "Autre",
        not_before: "2026-01-01T00:00:00Z".parse()?,
        not_after: "2036-01-01T00:00:00Z".parse()?,
        passphrase: &passphrase,
    };
    let made = create_key(Curve::P256, &request, &mut |buffer| getrandom::fill(buffer).map_err(std::io::Error::other))?;
    Ok(der::DecodePem::from_pem(made.certificate_pem)?)
}
