//! What every command needs: configuration, clock, language, and the plan that follows from them.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use jiff::Timestamp;

use super::args::{Global, Judged};
use super::console::Console;
use super::failure::Failure;
use crate::bundle::Signer;
use crate::config::{self, Config};
use crate::context::Context;
use crate::harvest::Plan;
use crate::judge::assess::{self, Request};
use crate::judge::check::Check;
use crate::judge::controls::{self, Framework};
use crate::judge::finding::Assessment;
use crate::judge::period::Span;
use crate::lang::Lang;
use crate::store::backend::Backend;

/// Sources read at once unless the configuration says more: each holds a batch or two of rows.
const MOST_AT_ONCE: usize = 8;

/// A command's surroundings.
pub(super) struct Session {
    pub(super) context: Context,
    pub(super) config: Config,
    pub(super) console: Console,
    /// The seal key, once it is open.
    pub(super) signer: OnceCell<Rc<Signer>>,
    /// Titles of sources, by id. Kept apart: a harvest takes the sources out of the configuration.
    pub(super) titles: BTreeMap<String, String>,
    /// The bucket that the store is in, once it is open.
    pub(super) bucket: OnceCell<Rc<dyn Backend>>,
}

impl Session {
    /// Reads the configuration named, or found upward.
    pub(super) fn open(context: Context, global: &Global) -> Result<Self, Failure> {
        let path = match &global.config {
            Some(path) => path.clone(),
            None => config::find(&context.folder)?,
        };
        let config = config::load(&path)?;
        let console =
            Console { lang: global.lang.unwrap_or(config.file.organisation.locale), format: global.format, quiet: global.quiet };
        let titles = config.sources.iter().filter_map(|(id, entry)| Some((id.clone(), entry.title.clone()?))).collect();
        Ok(Self { context, config, console, signer: OnceCell::new(), titles, bucket: OnceCell::new() })
    }

    /// Whether the store is written as a bucket.
    pub(super) fn is_bucket(&self) -> bool {
        self.config.file.store.path.to_str().is_some_and(|path| path.starts_with("s3://"))
    }

    /// The store's folder, or its working folder.
    pub(super) fn store_path(&self) -> PathBuf {
        let section = &self.config.file.store;
        self.config.base.join(if self.is_bucket() { &section.work } else { &section.path })
    }

    pub(super) fn as_of(&self, judged: &Judged) -> Timestamp {
        // Whole seconds: a fraction says nothing and reads badly.
        let now = || Timestamp::from_second(self.context.now().as_second()).unwrap_or_default();
        judged.as_of.or(self.config.as_of).unwrap_or_else(now)
    }

    pub(super) fn period(&self, judged: &Judged) -> Result<Span, Failure> {
        match judged.period.as_deref().or(self.config.file.run.period.as_deref()) {
            Some(text) => Span::parse(text, &self.config.zone).map_err(Failure::new),
            None => Ok(Span::last_quarter(self.as_of(judged), &self.config.zone)),
        }
    }

    /// The framework, and every check, read and validated.
    pub(super) fn checks(&self) -> Result<(Framework, Vec<Check>), Failure> {
        let framework = Framework::iso27001()?;
        let checks = controls::checks(&self.config.checks, &framework)?;
        assess::validate(&checks)?;
        let known = |id: &String| checks.iter().any(|check| check.id == *id);
        let section = &self.config.file.checks;
        if let Some(id) = section.skip.keys().chain(section.params.keys()).find(|id| !known(id)) {
            return Err(Failure::new(format!("[checks] names `{id}`, which is no check; see `probant checks list`")));
        }
        self.config.soa.validate(&framework).map_err(|message| Failure::new(format!("[soa] {message}")))?;
        Ok((framework, checks))
    }

    /// Judges a snapshot.
    pub(super) fn assess(&self, snapshot: &Path, judged: &Judged) -> Result<Assessment, Failure> {
        let (framework, checks) = self.checks()?;
        Ok(assess::assess(&Request {
            snapshot,
            framework: &framework,
            checks: &checks,
            soa: &self.config.soa,
            params: &self.config.file.checks.params,
            skipped: &self.config.file.checks.skip,
            outside: &self.config.file.perimeter.outside,
            organisation: &self.config.file.organisation.name,
            as_of: self.as_of(judged),
            period: &self.period(judged)?,
            zone: &self.config.zone,
            zone_name: &self.config.file.organisation.zone,
        })?)
    }

    /// The harvest's plan. Takes the sources out of the configuration.
    pub(super) fn plan(&mut self, judged: &Judged) -> Result<Plan, Failure> {
        if self.config.sources.is_empty() {
            let path = self.config.path.display();
            return Err(Failure::new(format!(
                "{path} declares no source; add a [source.<id>] table (`probant sources kinds` lists what can be read)"
            )));
        }
        let as_of = self.as_of(judged);
        Ok(Plan {
            jobs: std::mem::take(&mut self.config.sources).into_values().map(|entry| entry.job).collect(),
            correlation: self.config.file.correlation.clone(),
            declarations: self.config.declarations.clone(),
            exceptions: self.config.exceptions.clone(),
            organisation: self.config.file.organisation.name.clone(),
            base: self.config.base.clone(),
            as_of,
            zone: self.config.zone.clone(),
            parallel: self.config.file.harvest.parallel.map_or_else(|| Context::processors().min(MOST_AT_ONCE), NonZeroUsize::get),
            witness: None,
        })
    }

    /// Both languages, the organisation's first.
    pub(super) fn languages(&self) -> [Lang; 2] {
        match self.config.file.organisation.locale {
            Lang::Fr => [Lang::Fr, Lang::En],
            Lang::En => [Lang::En, Lang::Fr],
        }
    }
}
