//! What can go wrong, as data: each error's text is written once, and its cure is a hint.

use std::fmt::{self, Write as _};
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
    #[error("{message}{}", place.as_ref().map_or(String::new(), ToString::to_string))]
    Sql {
        /// What is wrong.
        message: String,
        /// Where in the text, if that is known.
        place: Option<Place>,
        /// What to do next.
        hint: Option<String>,
    },
    /// A parameter of a statement was given no value.
    #[error("parameter ${name} has no value")]
    Unbound {
        /// The parameter.
        name: String,
    },
    /// An error in a script.
    #[error("{place}: {error}")]
    At {
        /// File and line.
        place: String,
        /// What is wrong there.
        error: Box<Error>,
    },
    /// A file of the canned library is wrong.
    #[error(transparent)]
    Library(#[from] crate::library::LibraryError),
    /// AWS did not do what was asked, or what was asked is nothing AWS has.
    #[error(transparent)]
    Aws(#[from] crate::aws::trouble::Trouble),
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
                for example in ["demo:", "./reports/", "aws:"] {
                    let _ = writeln!(
                        hint,
                        "  credsql query 'SELECT * FROM credential_report' {example}"
                    );
                }
                Some(hint.trim_end().to_owned())
            }
            Self::Usage { hint, .. } | Self::Sql { hint, .. } => hint.clone(),
            Self::At { error, .. } => error.hint(),
            Self::Aws(trouble) => trouble.hint.clone(),
            Self::Unbound { name } => Some(format!("give one with `--param {name}=…`")),
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

    /// Puts it into its place in a file, in which its statement starts on this line.
    #[must_use]
    pub fn at(mut self, file: &str, start: usize) -> Self {
        let mut line = start;
        if let Self::Sql { place: Some(place), .. } = &mut self {
            line += place.line.saturating_sub(1);
            place.is_told = false;
        }
        Self::At { place: format!("{file}:{line}"), error: Box::new(self) }
    }

    /// Whether the reader of standard output has gone away, which is no failure.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        match self {
            Self::Output(error) => error.is_closed(),
            Self::At { error, .. } => error.is_closed_pipe(),
            _ => false,
        }
    }
}

/// A place in a text of SQL.
#[derive(Debug, Clone)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// Whether the line is told: it is not if there is but one, or the place in a file tells it.
    pub is_told: bool,
    /// The line of the text with a mark under the place.
    pub excerpt: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_told {
            write!(f, " (line {})", self.line)?;
        }
        f.write_str(&self.excerpt)
    }
}

/// Results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
