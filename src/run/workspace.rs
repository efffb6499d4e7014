//! What every command that looks at reports begins and ends with: sources become a collection,
//! and at the end it is told what happened to them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::exit::Exit;
use super::progress::ProgressLine;
use super::telling::{self, Told};
use crate::athena::engine::Engine;
use crate::athena::meter::Bill;
use crate::aws::athena::AthenaOptions;
use crate::aws::options::AwsOptions;
use crate::decode::time;
use crate::error::{Error, Result};
use crate::library::Library;
use crate::report::{DAY, Millis};
use crate::session::SessionOptions;
use crate::source::live::Live;
use crate::source::{self, Place, Source};
use crate::table::collection::{Collection, CollectionOptions};

/// The part of the memory limit that decoded columns may take; operators have the rest.
const CACHE_SHARE: usize = 4;

/// What statements run on.
#[derive(Debug, Clone)]
pub(crate) struct EngineOptions {
    /// Tables of the user's own, by name.
    pub(crate) tables: Vec<(String, PathBuf)>,
    /// Hides later reports, and is the clock of the latest ones.
    pub(crate) as_of: Option<Millis>,
    /// Most memory a run may take.
    pub(crate) memory_limit: usize,
    /// How to speak to AWS.
    pub(crate) aws: Arc<AwsOptions>,
    /// Athena, if statements run there.
    pub(crate) athena: Option<AthenaOptions>,
}

/// The time that a user means: of a bare date, its end.
#[must_use]
pub(crate) fn as_of(text: &str) -> Option<Millis> {
    let parsed = time::parse(text)?;
    Some(if parsed.date_only { parsed.millis + DAY - 1000 } else { parsed.millis })
}

/// The reports of a run, and what sessions over them are made with.
pub(crate) struct Workspace {
    pub(crate) collection: Arc<Collection>,
    pub(crate) options: SessionOptions,
    /// What was said of the reports.
    pub(crate) told: Told,
    some_missing: bool,
    /// What was asked of Athena, as far as it was said.
    billed: Bill,
}

impl Workspace {
    /// Looks at what was named. Reads no report.
    ///
    /// # Errors
    /// If a source is no source, or nothing exists of all that was named.
    pub(crate) fn open(
        sources: &[OsString],
        engine: &EngineOptions,
        library: Arc<Library>,
        now: Millis,
    ) -> Result<Self> {
        if sources.iter().filter(|source| *source == "-").count() > 1 {
            return Err(Error::usage("standard input can be read but once", "give `-` once"));
        }
        if let (Some(_), Some(source)) = (&engine.athena, sources.first()) {
            return Err(Error::usage(
                format!("Athena reads its own tables, and `{}` is named", source.to_string_lossy()),
                "leave the source out; `credsql export SOURCE --to s3://…` takes reports there",
            ));
        }
        let sources = sources.iter().map(Source::parse).collect::<Result<Vec<_>>>()?;
        let is_organization =
            |source: &Source| matches!(source, Source::Live(Live::Organization { .. }));
        if let Some(option) = engine.aws.of_organizations()
            && (!sources.is_empty() || engine.athena.is_some())
            && !sources.iter().any(is_organization)
        {
            return Err(Error::usage(
                format!("{option} is for the accounts of an organization, and none is named"),
                "name one as `aws-org:ROLE`, or leave the option out",
            ));
        }
        // Where nothing exists that was named, there is nothing to ask.
        let missing: Vec<Error> = sources.iter().filter_map(Source::missing).collect();
        let some_missing = !missing.is_empty();
        if let (true, Some(error)) = (missing.len() == sources.len(), missing.into_iter().next()) {
            return Err(error);
        }
        let cache_bytes = engine.memory_limit / CACHE_SHARE;
        let collection = Arc::new(Collection::new(CollectionOptions {
            sources,
            run_time: engine.as_of.unwrap_or(now),
            now,
            as_of: engine.as_of,
            cache_bytes,
            aws: Arc::clone(&engine.aws),
        }));
        let options = SessionOptions {
            memory_limit: engine.memory_limit - cache_bytes,
            allow_write: false,
            tables: engine.tables.clone(),
            library,
            athena: engine.athena.clone().map(|options| {
                let access = engine.aws.access(None);
                Arc::new(Engine::new(options, access, engine.aws.concurrency))
            }),
        };
        Ok(Self {
            collection,
            options,
            told: Told::default(),
            some_missing,
            billed: Bill::default(),
        })
    }

    /// Refuses outputs that would replace a report or a table of the user's own. Lists the sources
    /// if an output exists.
    ///
    /// # Errors
    /// If one would.
    pub(crate) fn spare(&self, outputs: &[PathBuf]) -> Result<()> {
        // Nobody elsewhere is asked for that.
        let sources = &self.collection.options.sources;
        let paths = if outputs.iter().any(|output| output.exists())
            && !sources.iter().all(Source::is_local)
        {
            Some(source::list_paths(sources, self.collection.options.run_time))
        } else {
            None
        };
        for output in outputs {
            let Some(place) = output.canonicalize().ok().filter(|place| !place.is_dir()) else {
                continue;
            };
            let is_it = |path: &Path| {
                (path.file_name() == place.file_name() || path.is_symlink())
                    && path.canonicalize().ok() == Some(place.clone())
            };
            let listing = paths.as_ref().unwrap_or_else(|| self.collection.listing());
            let reports = listing.found.iter().filter_map(|found| match &found.place {
                Place::File(path) => Some(path),
                _ => None,
            });
            let tables = self.options.tables.iter().map(|(_, path)| path);
            if reports.chain(tables).any(|path| is_it(path)) {
                return Err(Error::usage(
                    format!("{} is read here, and would be replaced", output.display()),
                    "give the output another name",
                ));
            }
        }
        Ok(())
    }

    /// Lists sources if one was missing, so that it is told even if no statement looked at a report.
    pub(crate) fn list_missing(&self) {
        if self.some_missing {
            self.collection.listing();
        }
    }

    /// A line that tells how far the work is.
    pub(crate) fn progress(&self, quiet: bool) -> ProgressLine {
        let (collection, athena) = (Arc::clone(&self.collection), self.options.athena.clone());
        ProgressLine::watching(collection, athena, quiet)
    }

    /// Says what was asked of Athena since it was said last.
    pub(crate) fn tell_bill(&mut self) {
        if let Some(words) = self.bill() {
            telling::note(&words);
        }
    }

    /// What was asked of Athena since it was said last, in words.
    pub(crate) fn bill(&mut self) -> Option<String> {
        let bill = self.options.athena.as_ref()?.meter.bill();
        bill.since(std::mem::replace(&mut self.billed, bill)).words()
    }

    /// Says what happened to the reports and was not said before; tells whether any of them failed.
    pub(crate) fn tell(&mut self, quiet: bool) -> Exit {
        telling::reports(&self.collection, quiet, &mut self.told)
    }
}
