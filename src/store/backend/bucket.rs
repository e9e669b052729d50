//! A bucket of an S3-compatible store as a place of objects. With Probant's live sources, the only code that reaches the network.
//!
//! New objects are put with `If-None-Match: *`, so that two writers cannot overwrite each other; objects too large for one request go
//! in parts, after a look whether the name is taken. With a lock, each object is put with `x-amz-object-lock-mode` and
//! `x-amz-object-lock-retain-until-date`: until then nobody can remove or change that version of it (the bucket must have been made
//! with object lock).

use std::collections::BTreeMap;
use std::io::{Read as _, Write};
use std::time::Duration;

use jiff::Timestamp;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey, Checksum};
use object_store::path::Path as Key;
use object_store::{
    ClientOptions, Error, GetOptions, HeaderMap, HeaderValue, ObjectStore as _, ObjectStoreExt as _, PutMode, PutOptions,
    PutPayload, RetryConfig,
};
use tokio::runtime::{Builder as RuntimeBuilder, Runtime};

use super::{Backend, BackendError, Content, Put, Removed};
use crate::causes;

/// Larger objects go in parts. S3 takes 5 GiB at once, but what goes at once is held in memory.
const AT_ONCE: u64 = 64 << 20;
/// A part; S3 takes 10,000 of them, so 320 GB.
const PART: usize = 32 << 20;
/// Read at once.
const RANGE: u64 = 16 << 20;
const CONNECT: Duration = Duration::from_secs(10);
/// Of one request, a part of 32 MiB at 300 kB/s included.
const REQUEST: Duration = Duration::from_mins(2);
/// All tries of one request together.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long a new object cannot be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// `COMPLIANCE` (nobody can shorten it) or `GOVERNANCE` (some may).
    pub mode: &'static str,
    pub until: Timestamp,
}

/// Which bucket, and how it is reached.
#[derive(Clone, Default)]
pub struct Settings {
    /// `s3://bucket/prefix`.
    pub url: String,
    /// Of a service other than Amazon's.
    pub endpoint: Option<String>,
    pub region: Option<String>,
    /// `AWS_…` variables, credentials among them.
    pub environment: BTreeMap<String, String>,
    pub lock: Option<Lock>,
}

#[derive(Debug)]
pub struct Bucket {
    runtime: Runtime,
    plain: AmazonS3,
    /// Puts with a lock; the same as the plain one without.
    locking: AmazonS3,
    /// Puts in parts with a lock.
    locking_parts: AmazonS3,
    prefix: Key,
    place: String,
}

impl Bucket {
    pub fn open(settings: &Settings) -> Result<Self, BackendError> {
        let refuse = |message: String| BackendError::Place { place: settings.url.clone(), message };
        let rest = settings.url.strip_prefix("s3://").ok_or_else(|| refuse("a bucket is written s3://bucket/prefix".into()))?;
        let (bucket, prefix) = rest.trim_end_matches('/').split_once('/').unwrap_or((rest.trim_end_matches('/'), ""));
        let prefix = Key::parse(prefix).map_err(|error| refuse(error.to_string()))?;
        let build = |lock: Option<&Lock>, parts: bool| client(settings, bucket, lock, parts).map_err(|error| refuse(words(&error)));
        Ok(Self {
            runtime: RuntimeBuilder::new_current_thread().enable_all().build().map_err(|error| refuse(error.to_string()))?,
            plain: build(None, false)?,
            locking: build(settings.lock.as_ref(), false)?,
            locking_parts: build(settings.lock.as_ref(), true)?,
            prefix,
            place: settings.url.clone(),
        })
    }

    /// Names are taken as they are: joining part by part would encode what is encoded again on the way.
    fn key(&self, name: &str) -> Result<Key, BackendError> {
        let whole = if self.prefix.as_ref().is_empty() { name.to_owned() } else { format!("{}/{name}", self.prefix) };
        Key::parse(whole).map_err(|error| BackendError::Place { place: self.place.clone(), message: error.to_string() })
    }

    fn failed(&self, name: &str, error: &Error) -> BackendError {
        BackendError::Place { place: format!("{}/{name}", self.place.trim_end_matches('/')), message: words(error) }
    }

    /// Size of an object, if it is there.
    fn size(&self, name: &str) -> Result<Option<u64>, BackendError> {
        match self.runtime.block_on(self.plain.head(&self.key(name)?)) {
            Ok(found) => Ok(Some(found.size)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.failed(name, &error)),
        }
    }

    fn range(&self, name: &str, from: u64, to: u64) -> Result<Vec<u8>, BackendError> {
        if from == to {
            return Ok(vec![]);
        }
        let bytes = self.runtime.block_on(self.plain.get_range(&self.key(name)?, from..to));
        bytes.map(|bytes| bytes.to_vec()).map_err(|error| self.failed(name, &error))
    }

    fn put_parts(&self, name: &str, mut from: impl std::io::Read) -> Result<Put, BackendError> {
        if self.size(name)?.is_some() {
            return Ok(Put::Taken);
        }
        let key = self.key(name)?;
        let failed = |error: Error| self.failed(name, &error);
        self.runtime.block_on(async {
            let mut upload = self.locking_parts.put_multipart(&key).await.map_err(failed)?;
            loop {
                let mut part = vec![];
                let read = from.by_ref().take(PART as u64).read_to_end(&mut part);
                let sent = match read {
                    Ok(0) => break,
                    Ok(_) => upload.put_part(part.into()).await.map_err(failed),
                    Err(error) => Err(BackendError::Place { place: self.place.clone(), message: error.to_string() }),
                };
                if let Err(error) = sent {
                    // Parts without an end cost money; a failure to drop them does not change what is said.
                    let _dropped = upload.abort().await;
                    return Err(error);
                }
            }
            upload.complete().await.map(|_| Put::Stored).map_err(failed)
        })
    }
}

impl Backend for Bucket {
    fn place(&self) -> &str {
        &self.place
    }

    fn list(&self, folder: &str) -> Result<BTreeMap<String, u64>, BackendError> {
        let listed = self.runtime.block_on(self.plain.list_with_delimiter(Some(&self.key(folder)?)));
        let listed = listed.map_err(|error| self.failed(folder, &error))?;
        let name = |key: &Key| key.filename().map(str::to_owned);
        Ok(listed.objects.iter().filter_map(|found| Some((name(&found.location)?, found.size))).collect())
    }

    fn ages(&self, folder: &str) -> Result<BTreeMap<String, Timestamp>, BackendError> {
        let listed = self.runtime.block_on(self.plain.list_with_delimiter(Some(&self.key(folder)?)));
        let listed = listed.map_err(|error| self.failed(folder, &error))?;
        let age = |found: &object_store::ObjectMeta| {
            let since = Timestamp::from_second(found.last_modified.timestamp()).ok()?;
            Some((found.location.filename()?.to_owned(), since))
        };
        Ok(listed.objects.iter().filter_map(age).collect())
    }

    fn get(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, BackendError> {
        let Some(size) = self.size(name)? else { return Ok(None) };
        self.range(name, 0, size.min(limit)).map(Some)
    }

    fn copy_to(&self, name: &str, to: &mut dyn Write) -> Result<bool, BackendError> {
        let Some(size) = self.size(name)? else { return Ok(false) };
        let mut at = 0;
        while at < size {
            let end = size.min(at + RANGE);
            let bytes = self.range(name, at, end)?;
            to.write_all(&bytes).map_err(|error| BackendError::Place { place: self.place.clone(), message: error.to_string() })?;
            at = end;
        }
        Ok(true)
    }

    fn remove(&self, name: &str) -> Result<Removed, BackendError> {
        let key = self.key(name)?;
        let found = match self.runtime.block_on(self.plain.head(&key)) {
            Err(Error::NotFound { .. }) => return Ok(Removed::Gone),
            found => found.map_err(|error| self.failed(name, &error))?,
        };
        match self.runtime.block_on(self.plain.delete(&key)) {
            Ok(()) | Err(Error::NotFound { .. }) => {}
            Err(error @ Error::PermissionDenied { .. }) => return Ok(Removed::Retained(words(&error))),
            Err(error) => return Err(self.failed(name, &error)),
        }
        // A bucket with versions only hides what is removed: whoever knows the version can still read it.
        let Some(version) = found.version.filter(|version| version != "null") else { return Ok(Removed::Gone) };
        let options = GetOptions { head: true, version: Some(version.clone()), ..GetOptions::default() };
        match self.runtime.block_on(self.plain.get_opts(&key, options)) {
            Ok(_) => Ok(Removed::Retained(format!(
                "version {version} is still there, under object lock or until a lifecycle rule ends it"
            ))),
            Err(Error::NotFound { .. }) => Ok(Removed::Gone),
            Err(error) => {
                Ok(Removed::Retained(format!("whether version {version} is still there cannot be told: {}", words(&error))))
            }
        }
    }

    fn put_new(&self, name: &str, content: Content<'_>) -> Result<Put, BackendError> {
        let (mut from, length) = content.open()?;
        if length > AT_ONCE {
            return self.put_parts(name, from);
        }
        let mut bytes = vec![];
        from.read_to_end(&mut bytes)
            .map_err(|error| BackendError::Place { place: self.place.clone(), message: error.to_string() })?;
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.runtime.block_on(self.locking.put_opts(&self.key(name)?, PutPayload::from(bytes), options)) {
            Ok(_) => Ok(Put::Stored),
            Err(Error::AlreadyExists { .. }) => Ok(Put::Taken),
            Err(error) => Err(self.failed(name, &error)),
        }
    }
}

fn client(settings: &Settings, bucket: &str, lock: Option<&Lock>, parts: bool) -> Result<AmazonS3, Error> {
    let mut builder = AmazonS3Builder::new();
    for (name, value) in &settings.environment {
        // Variables that mean something to other tools only are none of these keys.
        if let Ok(key) = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() {
            builder = builder.with_config(key, value);
        }
    }
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    if let Some(region) = &settings.region {
        builder = builder.with_region(region);
    }
    let allowed = settings.environment.get("AWS_ALLOW_HTTP").is_some_and(|value| value == "true");
    let here = settings.endpoint.as_deref().is_some_and(is_here);
    // Without TLS only to this machine, or where AWS_ALLOW_HTTP says so.
    let mut options = ClientOptions::new().with_connect_timeout(CONNECT).with_timeout(REQUEST).with_allow_http(allowed || here);
    if let Some(lock) = lock {
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-object-lock-mode", HeaderValue::from_static(lock.mode));
        let until = HeaderValue::from_str(&lock.until.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        headers.insert(
            "x-amz-object-lock-retain-until-date",
            until.map_err(|error| Error::Generic { store: "S3", source: error.into() })?,
        );
        // S3 refuses a locked object without a checksum; a request that begins or ends an object in parts has none to name.
        if !parts {
            headers.insert("x-amz-sdk-checksum-algorithm", HeaderValue::from_static("SHA256"));
        }
        options = options.with_default_headers(headers);
        builder = builder.with_checksum_algorithm(Checksum::SHA256);
    }
    let retry = RetryConfig { max_retries: 4, retry_timeout: PATIENCE, ..RetryConfig::default() };
    builder.with_bucket_name(bucket).with_retry(retry).with_client_options(options).build()
}

fn is_here(endpoint: &str) -> bool {
    let host = endpoint.strip_prefix("http://").unwrap_or_default();
    let host = host.split(['/', ':']).next().unwrap_or_default();
    host == "127.0.0.1" || host == "localhost"
}

/// The error and its causes in one line.
fn words(error: &dyn std::error::Error) -> String {
    causes::told(error).split_whitespace().collect::<Vec<_>>().join(" ")
}
