//! Canned queries: controls, which judge, and investigations, which show.
//!
//! Each is one `.sql` file, plain SQL to any other tool, with a TOML header in a comment block. The
//! file stem is its id. Those in `queries/` are built into the program; a directory of the user's
//! own adds to them and may override some by id.
//!
//! | module | what it does |
//! |---|---|
//! | [`header`] | finds the header in the comments and reads it, errors with file and line |
//! | [`query`] | the types: a query, its severity, its parameters |
//! | `embedded` | the files that are built in |

mod embedded;
pub mod header;
pub mod query;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use self::query::CannedQuery;

/// What is wrong with a file of the library.
#[derive(Debug, thiserror::Error)]
#[error("{}:{line}: {message}", file.display())]
pub struct LibraryError {
    /// The file.
    pub file: PathBuf,
    /// The line in it, from 1.
    pub line: usize,
    /// What is wrong, with what is allowed.
    pub message: String,
}

/// All canned queries of a run, by id.
#[derive(Debug, Clone, Default)]
pub struct Library {
    queries: BTreeMap<String, CannedQuery>,
    /// Ids that a directory of the user's own has taken over.
    overridden: Vec<String>,
}

impl Library {
    /// The queries that are built in.
    ///
    /// # Errors
    /// Never in a build whose tests passed: a test reads them all.
    pub fn embedded() -> Result<Self, LibraryError> {
        let mut library = Self::default();
        for (id, text) in embedded::FILES {
            let file = PathBuf::from(format!("queries/{id}.sql"));
            library.queries.insert((*id).to_owned(), header::parse(id, &file, text, true)?);
        }
        Ok(library)
    }

    /// Adds every `.sql` file of a directory.
    ///
    /// # Errors
    /// If the directory or a file cannot be read, or a file is not a canned query.
    pub fn add(&mut self, folder: &Path) -> Result<(), LibraryError> {
        let unreadable = |file: &Path, error: &std::io::Error| LibraryError {
            file: file.to_owned(),
            line: 1,
            message: format!("cannot be read: {error}"),
        };
        let entries = std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
        let mut files = entries
            .map(|entry| {
                entry.map(|entry| entry.path()).map_err(|error| unreadable(folder, &error))
            })
            .collect::<Result<Vec<_>, _>>()?;
        files.retain(|file| file.extension().is_some_and(|extension| extension == "sql"));
        files.sort();
        for file in files {
            let id = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&file).map_err(|error| unreadable(&file, &error))?;
            let query = header::parse(&id, &file, &text, false)?;
            if self.queries.insert(id.clone(), query).is_some() {
                self.overridden.push(id);
            }
        }
        Ok(())
    }

    /// The queries, in order of id.
    pub fn iter(&self) -> impl Iterator<Item = &CannedQuery> {
        self.queries.values()
    }

    /// The query with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&CannedQuery> {
        self.queries.get(id)
    }

    /// Ids whose built-in query is not in force.
    #[must_use]
    pub fn overridden(&self) -> &[String] {
        &self.overridden
    }

    /// The id nearest to what was typed, if any is near.
    #[must_use]
    pub fn nearest(&self, id: &str) -> Option<&str> {
        self.queries
            .keys()
            .map(|known| (strsim::jaro_winkler(id, known), known))
            .filter(|(likeness, _)| *likeness > 0.7)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, known)| known.as_str())
    }
}
