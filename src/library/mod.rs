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
//! | [`framework`] | benchmarks and standards: what they ask for, what a report cannot answer |
//! | [`exemption`] | alarms that somebody has accepted |
//! | [`views`] | the texts of the views |
//! | `embedded` | the files that are built in |

mod embedded;
pub mod exemption;
pub mod framework;
pub mod header;
pub mod query;
pub mod views;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use self::framework::Framework;
use self::query::{CannedQuery, Purpose};

/// The framework that is checked when none is asked for: the newest of CIS.
pub const DEFAULT_FRAMEWORK: &str = "cis-aws-7.0.0";

/// The tag of the controls that are checked with it.
pub const HYGIENE: &str = "hygiene";

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
    frameworks: BTreeMap<String, Framework>,
    /// Ids of queries that a directory of the user's own has brought.
    own: BTreeSet<String>,
    /// Ids that a directory of the user's own has taken over.
    overridden: Vec<(String, PathBuf)>,
}

impl Library {
    /// The queries and frameworks that are built in.
    ///
    /// # Errors
    /// Never in a build whose tests passed: a test reads them all.
    pub fn embedded() -> Result<Self, LibraryError> {
        let mut library = Self::default();
        for (id, text) in embedded::FRAMEWORKS {
            let file = PathBuf::from(format!("queries/frameworks/{id}.toml"));
            library.frameworks.insert((*id).to_owned(), Framework::parse(id, &file, text)?);
        }
        for (id, text) in embedded::QUERIES {
            let file = PathBuf::from(format!("queries/{id}.sql"));
            let query = header::parse(id, &file, text)?;
            library.check_requirements(&query)?;
            library.queries.insert((*id).to_owned(), query);
        }
        Ok(library)
    }

    /// Adds every `.sql` file of a directory, and every `.toml` file of its folder `frameworks`.
    ///
    /// # Errors
    /// If the directory or a file cannot be read, or a file is not a canned query or framework.
    pub fn add(&mut self, folder: &Path) -> Result<(), LibraryError> {
        let frameworks = folder.join("frameworks");
        if frameworks.is_dir() {
            for (id, file, text) in read_folder(&frameworks, "toml")? {
                let framework = Framework::parse(&id, &file, &text)?;
                if self.frameworks.insert(id.clone(), framework).is_some() {
                    self.overridden.push((id, file));
                }
            }
        }
        for (id, file, text) in read_folder(folder, "sql")? {
            let query = header::parse(&id, &file, &text)?;
            self.check_requirements(&query)?;
            let overridden = self.queries.get(&id);
            if let Some(other) = overridden.filter(|other| other.purpose != query.purpose) {
                // A control would be gone from checks in silence.
                let message = format!(
                    "`{id}` is built in as a {}; a {} needs another name",
                    other.purpose.word(),
                    query.purpose.word()
                );
                return Err(LibraryError { file, line: 1, message });
            }
            self.own.insert(id.clone());
            if self.queries.insert(id.clone(), query).is_some() {
                self.overridden.push((id, file));
            }
        }
        Ok(())
    }

    /// Every framework and requirement that a header names exists: a slip in an id would leave the
    /// control out of a check in silence.
    fn check_requirements(&self, query: &CannedQuery) -> Result<(), LibraryError> {
        for (id, requirements) in &query.frameworks {
            let message = match self.frameworks.get(id) {
                None => {
                    let near = nearest(self.frameworks.keys(), id)
                        .map_or(String::new(), |near| format!("; is it `{near}`?"));
                    format!("there is no framework `{id}`: no file frameworks/{id}.toml{near}")
                }
                Some(framework) => {
                    let unknown =
                        requirements.iter().find(|id| framework.requirement(id).is_none());
                    let Some(unknown) = unknown else { continue };
                    format!("framework {id} has no requirement `{unknown}`")
                }
            };
            let line = query.sql.lines().position(|line| line.contains(&format!("\"{id}\"")));
            let line = line.map_or(1, |index| index + 1);
            return Err(LibraryError { file: query.file.clone(), line, message });
        }
        Ok(())
    }

    /// The queries, in order of id.
    pub fn iter(&self) -> impl Iterator<Item = &CannedQuery> {
        self.queries.values()
    }

    /// The controls, in order of id.
    pub fn controls(&self) -> impl Iterator<Item = &CannedQuery> {
        self.iter().filter(|query| query.purpose == Purpose::Control)
    }

    /// The query with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&CannedQuery> {
        self.queries.get(id)
    }

    /// The control with this id.
    #[must_use]
    pub fn control(&self, id: &str) -> Option<&CannedQuery> {
        self.get(id).filter(|query| query.purpose == Purpose::Control)
    }

    /// Whether a query was brought by a directory of the user's own.
    #[must_use]
    pub fn is_own(&self, id: &str) -> bool {
        self.own.contains(id)
    }

    /// The frameworks, in order of id.
    pub fn frameworks(&self) -> impl Iterator<Item = &Framework> {
        self.frameworks.values()
    }

    /// The framework with this id.
    #[must_use]
    pub fn framework(&self, id: &str) -> Option<&Framework> {
        self.frameworks.get(id)
    }

    /// The controls that answer a requirement, in whole or in part.
    pub fn answering(
        &self,
        framework: &str,
        requirement: &str,
    ) -> impl Iterator<Item = &CannedQuery> {
        self.controls().filter(move |query| {
            let ids = query.frameworks.get(framework);
            ids.is_some_and(|ids| ids.iter().any(|id| id == requirement))
        })
    }

    /// Ids whose built-in file is not in force, and the file that is.
    #[must_use]
    pub fn overridden(&self) -> &[(String, PathBuf)] {
        &self.overridden
    }

    /// The id of a query nearest to what was typed, if any is near.
    #[must_use]
    pub fn nearest(&self, id: &str) -> Option<&str> {
        nearest(self.queries.keys(), id)
    }

    /// The id of a framework nearest to what was typed, if any is near.
    #[must_use]
    pub fn nearest_framework(&self, id: &str) -> Option<&str> {
        nearest(self.frameworks.keys(), id)
    }
}

fn nearest<'a>(known: impl Iterator<Item = &'a String>, typed: &str) -> Option<&'a str> {
    known
        .map(|known| (strsim::jaro_winkler(typed, known), known))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known.as_str())
}

/// Stem, path and text of every file with this suffix, in order of path.
fn read_folder(
    folder: &Path,
    suffix: &str,
) -> Result<Vec<(String, PathBuf, String)>, LibraryError> {
    let unreadable = |file: &Path, error: &std::io::Error| LibraryError {
        file: file.to_owned(),
        line: 1,
        message: format!("cannot be read: {error}"),
    };
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let mut files = entries
        .map(|entry| entry.map(|entry| entry.path()).map_err(|error| unreadable(folder, &error)))
        .collect::<Result<Vec<_>, _>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == suffix));
    files.sort();
    let read = |file: PathBuf| {
        let id = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).map_err(|error| unreadable(&file, &error))?;
        Ok((id, file, text))
    };
    files.into_iter().map(read).collect()
}
