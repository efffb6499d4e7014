//! What every command that looks at reports begins and ends with: sources become a collection,
//! and at the end it is told what happened to them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::EngineArgs;
use super::exit::Exit;
use super::{Clock, telling};
use crate::error::{Error, Result};
use crate::library::Library;
use crate::session::SessionOptions;
use crate::source::Source;
use crate::table::collection::{Collection, CollectionOptions};

/// The part of the memory limit that decoded columns may take; operators have the rest.
const CACHE_SHARE: usize = 4;

/// The reports of a run, and what sessions over them are made with.
pub(super) struct Workspace {
    pub(super) collection: Arc<Collection>,
    pub(super) options: SessionOptions,
    some_missing: bool,
}

impl Workspace {
    /// Looks at what was named. Reads no report.
    ///
    /// # Errors
    /// If a source is no source, or nothing exists of all that was named.
    pub(super) fn open(
        sources: &[OsString],
        engine: &EngineArgs,
        library: Arc<Library>,
        clock: &Clock,
    ) -> Result<Self> {
        if sources.iter().filter(|source| *source == "-").count() > 1 {
            return Err(Error::usage("standard input can be read but once", "give `-` once"));
        }
        let sources = sources.iter().map(Source::parse).collect::<Result<Vec<_>>>()?;
        // Where nothing exists that was named, there is nothing to ask.
        let missing: Vec<Error> = sources.iter().filter_map(Source::missing).collect();
        let some_missing = !missing.is_empty();
        if let (true, Some(error)) = (missing.len() == sources.len(), missing.into_iter().next()) {
            return Err(error);
        }
        let cache_bytes = engine.memory_limit / CACHE_SHARE;
        let collection = Arc::new(Collection::new(CollectionOptions {
            sources,
            run_time: engine.as_of.unwrap_or_else(|| clock.now()),
            as_of: engine.as_of,
            cache_bytes,
        }));
        let tables = engine.tables.iter();
        let options = SessionOptions {
            memory_limit: engine.memory_limit - cache_bytes,
            allow_write: false,
            tables: tables.map(|(name, file)| (name.clone(), PathBuf::from(file))).collect(),
            library,
        };
        Ok(Self { collection, options, some_missing })
    }

    /// Refuses outputs that would replace a report that was named.
    ///
    /// # Errors
    /// If one would.
    pub(super) fn spare_sources(sources: &[OsString], outputs: &[PathBuf]) -> Result<()> {
        let place = |path: &Path| path.canonicalize().ok();
        for output in outputs.iter().filter(|output| output.exists()) {
            if sources.iter().any(|source| place(Path::new(source)) == place(output)) {
                return Err(Error::usage(
                    format!("{} is a report and an output", output.display()),
                    "give the output another name",
                ));
            }
        }
        Ok(())
    }

    /// Says what happened to the reports; tells whether any of them failed.
    pub(super) fn tell(&self, quiet: bool) -> Exit {
        if self.some_missing {
            // Told even if no statement looked at any report.
            self.collection.listing();
        }
        telling::reports(&self.collection, quiet)
    }
}
