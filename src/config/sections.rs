//! The sections of `probant.toml`. Their comments are the manual: the JSON Schema carries them into editors.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::signing::{Envelope, Signing};
use crate::custody::retention::Keep;
use crate::harvest::correlation::Correlation;
use crate::judge::params::Expression;
use crate::judge::soa::Soa;
use crate::lang::Lang;
use crate::redaction::RedactionConfig;
use crate::review::ReviewConfig;
use crate::review::mail::MailConfig;

/// The whole file. All paths start from its folder.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "probant.toml")]
pub struct File {
    pub organisation: Organisation,
    #[serde(default)]
    pub run: RunSection,
    #[serde(default)]
    pub harvest: HarvestSection,
    #[serde(default)]
    pub store: StoreSection,
    /// A second place for the ledger's signed heads and the bundles.
    pub mirror: Option<MirrorSection>,
    #[serde(default)]
    pub signing: Signing,
    #[serde(default)]
    pub envelope: Envelope,
    #[serde(default)]
    pub perimeter: Perimeter,
    #[serde(default)]
    pub correlation: Correlation,
    /// Access review; without it no workbook is made.
    pub review: Option<ReviewConfig>,
    /// Letters to reviewers; without it they are drafts for a mail program.
    pub mail: Option<MailConfig>,
    #[serde(default)]
    pub soa: Soa,
    #[serde(default)]
    pub checks: Checks,
    /// File of declared accounts, links and justified rights.
    pub declarations: Option<PathBuf>,
    /// What leaves in a bundle without naming people; without it, everything leaves as it is.
    pub redaction: Option<RedactionConfig>,
    /// File of derogations.
    pub exceptions: Option<PathBuf>,
    /// Further files that hold `[source.<id>]` tables, as paths or patterns (`sources.d/*.toml`).
    #[serde(default)]
    pub include: Vec<String>,
}

/// Whose evidence it is.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    pub name: String,
    /// Language of reports and workbooks.
    #[serde(default)]
    pub locale: Lang,
    /// Zone that people read times in, and of sources that carry none.
    #[serde(default = "paris")]
    pub zone: String,
}

fn paris() -> String {
    "Europe/Paris".into()
}

/// What a run judges.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RunSection {
    /// Judge as of this instant instead of now. For evidence frozen in time, such as samples.
    #[schemars(with = "Option<String>")]
    pub as_of: Option<toml::value::Datetime>,
    /// Period of what happens: `2026-T3`, `2026-Q3`, `2026-09`, `2026`, `2026-07-01..2026-09-30`. Default: the last whole quarter.
    pub period: Option<String>,
}

/// How sources are read.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HarvestSection {
    /// Sources read at once; 1 reads one after the other. Default: as many as the machine has processors, 8 at most. The snapshot is
    /// the same either way.
    pub parallel: Option<NonZeroUsize>,
}

/// Where everything is kept.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSection {
    /// Folder, made with access for its owner only; or `s3://bucket/prefix`.
    pub path: PathBuf,
    /// Working folder of a store that is in a bucket: what is made is made here, what is needed is fetched here.
    pub work: PathBuf,
    /// How that bucket is reached.
    pub s3: S3Section,
    /// How long each kind is kept before `probant purge` removes it: `"400 days"`, `"13 months"`, `"10 years"`. Without a time, for ever.
    pub keep: Keep,
}

impl Default for StoreSection {
    fn default() -> Self {
        Self { path: "store".into(), work: "store".into(), s3: S3Section::default(), keep: Keep::default() }
    }
}

/// A second place, best under other rights than the store's: what was cut off or rewritten here still shows there.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MirrorSection {
    /// A folder (another disk, a mounted share), or `s3://bucket/prefix`.
    pub to: String,
    /// How a bucket is reached.
    #[serde(default)]
    pub s3: S3Section,
    /// Object lock: until then nobody can remove or change what was copied. The bucket must have been made with it.
    pub lock: Option<LockSection>,
}

/// How a bucket is reached. Credentials never stand here: they come from `AWS_…` variables, a file, or the machine's own role.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct S3Section {
    /// Address of a service other than Amazon's, such as `https://s3.example.org`.
    pub endpoint: Option<String>,
    pub region: Option<String>,
    /// File of `AWS_ACCESS_KEY_ID=…` and `AWS_SECRET_ACCESS_KEY=…` lines, readable by its owner only. Default: the environment.
    pub credentials_file: Option<PathBuf>,
}

/// Object lock.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LockSection {
    pub mode: LockMode,
    /// For how many days from the copy on.
    pub days: u32,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LockMode {
    /// Nobody can shorten it, not even the account's owner.
    Compliance,
    /// Those with a special right can.
    Governance,
}

/// What the certificate covers.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Perimeter {
    /// Systems outside of it: harvested, counted and named, not judged.
    pub outside: Vec<String>,
}

/// Changes to the built-in checks.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Checks {
    /// Folder of your own check files; a check of the same id replaces the built-in one.
    pub folder: Option<PathBuf>,
    /// Checks that are not run, with the reason that every output will show.
    pub skip: BTreeMap<String, String>,
    /// Parameters, by check: `[checks.params.dormant-account] idle_before = "as_of - 60 days"`.
    pub params: BTreeMap<String, BTreeMap<String, Expression>>,
}

/// Keys that every `[source.<id>]` has, whatever its kind.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Common {
    /// Kind of source: see `probant sources kinds`.
    pub kind: String,
    /// System whose objects it holds; the first half of every id.
    pub system: String,
    /// Name for people.
    pub title: Option<String>,
    /// When the content was true, where the content does not say it itself.
    #[schemars(with = "Option<String>")]
    pub evidence_at: Option<toml::Spanned<toml::value::Datetime>>,
    /// Where the file's path carries that date: a regex whose first group is an ISO date or `yyyymmdd`.
    #[schemars(with = "Option<String>")]
    pub evidence_from_name: Option<toml::Spanned<String>>,
    /// Zone of times without one. Default: the organisation's.
    #[schemars(with = "Option<String>")]
    pub zone: Option<toml::Spanned<String>>,
    /// Do not read it this time, and why: it counts as not collected.
    pub skip: Option<String>,
}

impl Common {
    /// Their names, to part them from the keys of the kind.
    pub const KEYS: &[&str] = &["kind", "system", "title", "evidence_at", "evidence_from_name", "zone", "skip"];
}
