//! What can go wrong, as data: each error's text is written once, and its cure is a hint.

use std::fmt::Write as _;
use std::path::PathBuf;

use datafusion::common::DataFusionError;

/// Why a command could not do what was asked. Texts are lower-case and without a final stop.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing exists under this name.
    #[error("no such file or directory: {path}")]
    NoSuchPath {
        /// What the user typed.
        path: String,
        /// A name nearby that does exist.
        nearest: Option<String>,
    },
    /// A source of a kind that this version does not read.
    #[error(
        "{source_text}: this version reads files, directories, globs, standard input and demo:"
    )]
    UnsupportedSource {
        /// What the user typed.
        source_text: String,
    },
    /// The options after `demo:` are wrong.
    #[error("{0}")]
    Demo(String),
    /// No source was given to a command that needs one.
    #[error("no source given")]
    NoSource,
    /// Something about the arguments that clap cannot know.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to type instead.
        hint: Option<String>,
    },
    /// A file of the user's that could not be read.
    #[error("cannot read {}: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// A file that could not be written.
    #[error("cannot write {}: {cause}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// SQL that could not be parsed, planned or executed.
    #[error("{message}")]
    Sql {
        /// What is wrong, with the statement and a caret where the place is known.
        message: String,
        /// What to do next.
        hint: Option<String>,
    },
    /// A file of the canned library is wrong.
    #[error(transparent)]
    Library(#[from] crate::library::LibraryError),
    /// The result could not be written.
    #[error(transparent)]
    Output(#[from] crate::output::OutputError),
    /// The run was interrupted.
    #[error("interrupted")]
    Interrupted,
    /// Anything that DataFusion or Arrow refuse outside a statement of the user's.
    #[error(transparent)]
    Engine(#[from] DataFusionError),
}

impl Error {
    /// A usage error with its cure.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: Some(hint.into()) }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoSuchPath { nearest, .. } => {
                nearest.as_ref().map(|name| format!("did you mean `{name}`?"))
            }
            Self::NoSource => {
                let mut hint = String::from("name where the reports are, for example\n");
                for example in ["demo:", "report.csv", "./reports/"] {
                    let _ = writeln!(
                        hint,
                        "  credsql query 'SELECT * FROM credential_report' {example}"
                    );
                }
                Some(hint.trim_end().to_owned())
            }
            Self::Usage { hint, .. } | Self::Sql { hint, .. } => hint.clone(),
            Self::Engine(error)
                if matches!(error.find_root(), DataFusionError::ResourcesExhausted(_)) =>
            {
                Some(
                    "give more memory with `--memory-limit 8G`, or ask for fewer columns"
                        .to_owned(),
                )
            }
            _ => None,
        }
    }

    /// Whether the reader of standard output has gone away, which is no failure.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.is_closed())
    }
}

/// Results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
