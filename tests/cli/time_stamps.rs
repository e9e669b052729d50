//! Seals with time-stamps from the command line, against an authority behind HTTP on this machine: `openssl ts -reply` answers.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::kills;
use crate::kit::{Done, World, done, files};
use crate::pki::{Pki, TSA, answer, today};

/// The authority's web server. It ends with the test process.
struct Server {
    url: String,
    /// Time-stamps asked for.
    asked: Arc<AtomicU32>,
}

impl Server {
    fn start(folder: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that is killed midway is no reason to end.
                let _gone = serve(stream, &folder, &count);
            }
        });
        Self { url, asked }
    }
}

fn serve(stream: TcpStream, folder: &Path, asked: &AtomicU32) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        length = line.strip_prefix("content-length:").map_or(length, |value| value.trim().parse().unwrap());
        assert!(!line.starts_with("content-type:") || line == "content-type: application/timestamp-query", "{line}");
    }
    let mut query = vec![0; length];
    reader.read_exact(&mut query)?;
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let (status, body) = match path.as_str() {
        "/tsa" => {
            asked.fetch_add(1, Ordering::Relaxed);
            ("200 OK", answer(folder, "tsa", &query))
        }
        "/refuses" => ("200 OK", [0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02].to_vec()),
        "/page" => ("200 OK", b"<html>Portail d'acces</html>".to_vec()),
        "/endless" => ("200 OK", vec![0x30; 3 << 20]),
        path => match fs::read(folder.join(path.trim_start_matches('/'))) {
            Ok(bytes) => ("200 OK", bytes),
            Err(_absent) => ("503 Service Unavailable", vec![]),
        },
    };
    let mut stream = stream;
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
    stream.write_all(&body)
}

/// A folder to run in whose seal is of level LTA.
struct Stamped {
    world: World,
    pki: Pki,
    server: Server,
}

impl Stamped {
    fn new() -> Self {
        Self::in_world(World::small())
    }

    fn in_world(world: World) -> Self {
        let pki = Pki::new();
        pki.root("racine-tsa", "rsa:2048");
        pki.issue("tsa", "racine-tsa", TSA, ("rsa:2048", 3650));
        pki.list("racine-tsa", "racine-tsa.crl");
        let server = Server::start(pki.folder().to_owned());
        fs::copy(pki.path("racine-tsa.pem"), world.folder.join("tsa-ca.pem")).unwrap();
        let stamped = Self { world, pki, server };
        stamped.level("LTA", "/tsa");
        stamped
    }

    /// Rewrites the level and the authority's address.
    fn level(&self, level: &str, path: &str) {
        let text = include_str!("small.toml");
        let url = &self.server.url;
        let signing = format!(
            "[signing]\nlevel = \"{level}\"\ncrl = [\"{url}/racine-tsa.crl\"]\n[[signing.tsa]]\nurl = \"{url}{path}\"\n\
             anchor = \"tsa-ca.pem\"\npolicy = \"1.2.3.4.1\"\n[signing.none]\n"
        );
        // The keys of [signing] come before its tables.
        let (before, after) = text.split_once("[signing]\n").unwrap();
        let (keys, rest) = after.split_once("\n\n").unwrap();
        let signing = signing.replace("[signing]\n", &format!("[signing]\n{keys}\n")).replace("[signing.none]\n", "");
        self.world.write("probant.toml", format!("{before}{signing}\n{rest}"));
    }

    /// The authority's clock is the real one.
    fn probant(&self, arguments: &[&str]) -> Done {
        done(&mut self.world.at(&today().to_string(), arguments))
    }

    fn verify(&self, file: &Path, more: &[&str]) -> Done {
        let (file, certificate) = (file.display().to_string(), self.world.certificate().display().to_string());
        let arguments = [&["verify", &file, "--anchor", &certificate], more].concat();
        done(&mut self.world.at(&(today() + jiff::SignedDuration::from_secs(60)).to_string(), &arguments))
    }
}

#[test]
fn a_run_seals_with_time_stamps_and_verify_says_when_and_by_whom() {
    let stamped = Stamped::new();
    stamped.probant(&["run", "--quiet"]).code(0);
    assert_eq!(stamped.server.asked.load(Ordering::Relaxed), 2, "one for the signature, one for the archive");
    let bundle = stamped.world.bundle();
    let english = stamped.verify(&bundle, &["--tsa-anchor", "tsa-ca.pem", "--lang", "en"]).code(0);
    for line in [
        "✓ The signature has every part of its signed level",
        "signed level: LTA",
        "✓ A time-stamp shows when the signature existed",
        "made on: 20",
        "(CN=tsa,O=Agence)",
        "✓ An archive time-stamp covers every file and the signature",
        "✓ The time-stamping authorities lead to an anchor that you trust",
        "✓ No certificate was revoked before it was used",
        "not revoked, by the list of: 20",
    ] {
        assert!(english.out.contains(line), "`{line}` is not in\n{}", english.out);
    }
    let french = stamped.verify(&bundle, &["--tsa-anchor", "tsa-ca.pem", "--lang", "fr"]).code(0);
    for line in ["✓ Un horodatage montre quand la signature existait", "établi le : 20", "non révoqués, d'après la liste du : 20"]
    {
        assert!(french.out.contains(line), "`{line}` is not in\n{}", french.out);
    }
    let json = stamped.verify(&bundle, &["--tsa-anchor", "tsa-ca.pem", "--format", "json"]).code(0).json();
    let verdict = &json["bundles"][0]["verdict"];
    assert_eq!((verdict["signature_level"].as_str(), verdict["time_stamps"][1]["of"].as_str()), (Some("LTA"), Some("archive")));
    assert_eq!(verdict["time_stamps"][0]["policy"], "1.2.3.4.1");
    // The seal's own anchor does not vouch for the clock.
    let alone = stamped.verify(&bundle, &["--lang", "en"]).code(2);
    assert!(alone.out.contains("? The time-stamping authorities lead to an anchor"), "{}", alone.out);
}

#[test]
fn a_bundle_is_renewed_in_its_place_and_elsewhere() {
    let stamped = Stamped::new();
    stamped.probant(&["run", "--quiet"]).code(0);
    let bundle = stamped.world.bundle();
    let original = fs::read(&bundle).unwrap();
    let path = bundle.display().to_string();
    // One of the store: it stays as the ledger announced it, the renewed one is announced beside it.
    let said = stamped.probant(&["bundle", "extend", &path, "--format", "json"]).code(0).json();
    assert_eq!((said["schema"].as_str(), said["archive_time_stamps"].as_u64()), (Some("probant.extended.v1"), Some(2)));
    assert!(fs::read(&bundle).unwrap() == original);
    let renewed = PathBuf::from(said["path"].as_str().unwrap());
    assert!(renewed.starts_with(stamped.world.store().join("renewed")), "{}", renewed.display());
    stamped.verify(&renewed, &["--tsa-anchor", "tsa-ca.pem"]).code(0);
    let events = stamped.probant(&["ledger", "show", "--format", "json"]).code(0).json();
    let last = events["entries"].as_array().unwrap().last().unwrap();
    let digest = crate::kit::digest(&fs::read(&renewed).unwrap());
    assert_eq!((last["event"].as_str(), last["data"]["sha256"].as_str()), (Some("bundle-extended"), Some(digest.as_str())));
    stamped.probant(&["ledger", "verify"]).code(0);
    // That one again.
    let again = stamped.probant(&["bundle", "extend", said["path"].as_str().unwrap(), "--format", "json"]).code(0).json();
    assert_eq!(again["archive_time_stamps"], 3);
    assert_ne!(again["path"], said["path"]);
    // Elsewhere, then in its own place.
    stamped.probant(&["bundle", "extend", &path, "--out", "copie.asice", "--lang", "fr"]).code(0);
    stamped.probant(&["bundle", "extend", "copie.asice"]).code(0);
    let copy = stamped.world.folder.join("copie.asice");
    let json = stamped.verify(&copy, &["--tsa-anchor", "tsa-ca.pem", "--format", "json"]).code(0).json();
    assert_eq!(json["bundles"][0]["verdict"]["time_stamps"].as_array().unwrap().len(), 4);
    // Neither over another file, nor into the store by hand, nor what is not valid.
    stamped.probant(&["bundle", "extend", &path, "--out", "copie.asice"]).code(2).says(&["copie.asice", "already exists"]);
    stamped.probant(&["bundle", "extend", "copie.asice", "--out", "store/bundles/x.asice"]).code(2).says(&["lies in the store"]);
    stamped.world.write("faux.asice", &original[1..]);
    stamped.probant(&["bundle", "extend", "faux.asice"]).code(2).says(&["faux.asice: was not renewed and is as it was"]);
}

#[test]
fn without_a_time_stamp_nothing_is_sealed_and_the_message_says_what_to_do() {
    let stamped = Stamped::new();
    for (path, words) in [
        ("/refuses", &["the authority refused (status 2)"][..]),
        ("/page", &["no time-stamp was obtained, so nothing was sealed", "/page: the "]),
        ("/absent", &["503"]),
        ("/endless", &["/endless: "]),
    ] {
        stamped.level("T", path);
        stamped.probant(&["run", "--quiet"]).code(2).says(words).says(&["level = \"B\""]);
        assert_eq!(files(&stamped.world.store().join("bundles")), Vec::<PathBuf>::new());
        let ledger = stamped.probant(&["ledger", "show", "--format", "json"]).code(0).json();
        assert!(ledger["entries"].as_array().unwrap().iter().all(|event| event["event"] != "bundle"));
    }
    // Level B means that none is meant.
    stamped.level("B", "/absent");
    stamped.probant(&["run", "--quiet"]).code(0);
    stamped.verify(&stamped.world.bundle(), &[]).code(0);
}

#[test]
fn a_configuration_that_lacks_what_its_level_needs_is_refused_before_any_work() {
    let stamped = Stamped::new();
    let refused = |from: &str, to: &str, words: &[&str]| {
        stamped.level("LT", "/tsa");
        stamped.world.edit("probant.toml", from, to);
        stamped.probant(&["run", "--quiet"]).code(2).says(words);
        let snapshots = stamped.world.store().join("snapshots");
        assert!(!snapshots.exists() || files(&snapshots).is_empty(), "{from} → {to}");
    };
    refused("policy = \"1.2.3.4.1\"", "policy = \"maison\"", &["policy `maison` is no OID", "1.2.3.4"]);
    refused("anchor = \"tsa-ca.pem\"", "anchor = \"absent.pem\"", &["absent.pem"]);
    refused("url = \"http:", "url = \"ftp:", &["no http:// or https:// address"]);
    refused("level = \"LT\"", "level = \"X\"", &["level"]);
    let text = fs::read_to_string(stamped.world.folder.join("probant.toml")).unwrap();
    let start = text.find("[[signing.tsa]]").unwrap();
    let end = start + text[start..].find("\n\n").unwrap();
    stamped.world.write("probant.toml", text.replace("level = \"X\"", "level = \"T\"").replace(&text[start..end], ""));
    stamped.probant(&["run", "--quiet"]).code(2).says(&["no authority is given", "[[signing.tsa]]", "level = \"B\""]);
}

#[test]
fn missing_revocation_lists_seal_nothing() {
    let stamped = Stamped::new();
    stamped.world.edit("probant.toml", "crl = [", "crl = [] #");
    stamped.probant(&["run", "--quiet"]).code(2).says(&["revocation data is missing", "CN=tsa", "[signing] crl"]);
    stamped.level("LTA", "/tsa");
    stamped.world.edit("probant.toml", "/racine-tsa.crl\"]", "/nulle-part.crl\"]");
    stamped.probant(&["run", "--quiet"]).code(2).says(&["/nulle-part.crl", "503"]);
    stamped.level("LTA", "/tsa");
    stamped.world.edit("probant.toml", "/racine-tsa.crl\"]", "/page\"]");
    stamped.probant(&["run", "--quiet"]).code(2).says(&["/page"]);
    assert_eq!(files(&stamped.world.store().join("bundles")), Vec::<PathBuf>::new());
    assert!(stamped.pki.path("racine-tsa.crl").exists());
}

/// Kills in each of the two.
const KILLS: usize = 16;

#[test]
fn killed_while_sealing_or_renewing_nothing_half_made_is_taken_for_whole() {
    let stamped = Stamped::in_world(World::small_in_memory());
    stamped.probant(&["run", "--quiet"]).code(0);
    fs::copy(stamped.world.bundle(), stamped.world.folder.join("copie.asice")).unwrap();
    for arguments in [&["bundle"][..], &["bundle", "extend", "copie.asice"]] {
        let command = || stamped.world.at(&today().to_string(), arguments);
        for n in kills::instants(&kills::whole(&mut command()), KILLS) {
            kills::at(n, &mut command());
            // Those that this kill can have touched.
            let newest = bundles(&stamped.world.store()).pop();
            for bundle in newest.into_iter().chain([stamped.world.folder.join("copie.asice")]) {
                stamped.verify(&bundle, &["--tsa-anchor", "tsa-ca.pem"]).code(0);
            }
        }
    }
    // The next runs tidy up, and every bundle is the one that the ledger announced.
    stamped.probant(&["bundle"]).code(0);
    stamped.probant(&["bundle", "extend", "copie.asice"]).code(0);
    stamped.probant(&["ledger", "verify"]).code(0);
    let names: Vec<String> =
        fs::read_dir(&stamped.world.folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert!(!names.iter().any(|name| name.ends_with(".partial")), "{names:?}");
}

/// What bears the name of a bundle.
fn bundles(store: &Path) -> Vec<PathBuf> {
    let named = |path: &PathBuf| {
        !path.file_name().unwrap().to_str().unwrap().starts_with('.') && path.extension().is_some_and(|e| e == "asice")
    };
    files(&store.join("bundles")).into_iter().filter(named).collect()
}
