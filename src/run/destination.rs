//! Where results go: standard output, or files that appear only when they are whole.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::new_file::NewFile;
use super::style::{When, stdout_style};
use crate::error::{Error, Result};
use crate::output::{self, BatchWriter, Format, OutputError, Style};

/// How results are to be written.
#[derive(Debug, Clone)]
pub(crate) struct OutputOptions {
    /// The format, if one was asked for.
    pub(crate) format: Option<Format>,
    /// Files to write to in the place of standard output.
    pub(crate) outputs: Vec<PathBuf>,
    /// When to use colour.
    pub(crate) color: When,
    /// Whether nothing is said but results and errors.
    pub(crate) quiet: bool,
}

/// Everything a run writes results to.
pub(crate) enum Destination {
    /// Standard output.
    Stdout {
        /// In this format.
        format: Format,
        /// For this terminal, if it is one.
        style: Style,
    },
    /// Files, each in the format of its suffix.
    Files(Vec<File>),
    /// The standard input of a command.
    Command {
        /// In this format.
        format: Format,
        /// What reads it.
        reader: Reader,
    },
}

/// A command that reads results.
pub(crate) struct Reader {
    /// `None` once it has ended.
    child: Option<Child>,
    /// What the user typed.
    text: String,
}

impl Reader {
    /// Starts a command for the system's shell.
    ///
    /// # Errors
    /// If it cannot be started.
    fn start(text: &str) -> Result<Self> {
        let started = Command::new("/bin/sh").arg("-c").arg(text).stdin(Stdio::piped()).spawn();
        match started {
            Ok(child) => Ok(Self { child: Some(child), text: text.to_owned() }),
            Err(cause) => Err(Error::usage(format!("cannot run `{text}`: {cause}"), "\\o FILE")),
        }
    }

    fn stdin(&mut self) -> Option<&mut ChildStdin> {
        self.child.as_mut()?.stdin.as_mut()
    }

    /// Tells it that this was all, and waits for its end.
    fn finish(mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        drop(child.stdin.take());
        let failed = match child.wait() {
            Ok(status) if status.success() => return Ok(()),
            Ok(status) => status.to_string(),
            Err(cause) => cause.to_string(),
        };
        Err(Error::Usage { message: format!("`{}`: {failed}", self.text), hint: None })
    }
}

/// A command that was not given all must not take it for all. At a terminal it may be a pager, which
/// would be left behind: there its user ends it.
impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            if io::stdin().is_terminal() {
                drop(child.stdin.take());
            } else {
                // That it has ended by itself is as well.
                let _ = child.kill();
            }
            let _ = child.wait();
        }
    }
}

/// A file and what it is written as.
pub(crate) struct File {
    format: Format,
    file: NewFile,
}

impl Destination {
    /// Opens what the user asked for. Files are created at once, so that a wrong path fails before
    /// the work.
    ///
    /// # Errors
    /// If a file cannot be created or its suffix names no format.
    pub(crate) fn open(options: &OutputOptions) -> Result<Self> {
        if !options.outputs.is_empty() {
            let files = options.outputs.iter().map(|path| File::create(path, options.format));
            return Ok(Self::Files(files.collect::<Result<_>>()?));
        }
        let style = stdout_style(options.color);
        let is_terminal = style.width.is_some();
        let format =
            options.format.unwrap_or(if is_terminal { Format::Table } else { Format::Csv });
        Ok(Self::Stdout { format, style })
    }

    /// A file, in the format of its suffix or another.
    ///
    /// # Errors
    /// If it cannot be created or its suffix names no format.
    pub(crate) fn file(path: &Path, format: Option<Format>) -> Result<Self> {
        Ok(Self::Files(vec![File::create(path, format)?]))
    }

    /// A command for the system's shell.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(crate) fn command(text: &str, format: Format) -> Result<Self> {
        Ok(Self::Command { format, reader: Reader::start(text)? })
    }

    /// Whether it is a command, which may end before it has read all.
    pub(crate) fn is_command(&self) -> bool {
        matches!(self, Self::Command { .. })
    }

    /// Whether a second result may follow a first.
    pub(crate) fn allows_many(&self) -> bool {
        match self {
            Self::Stdout { format, .. } | Self::Command { format, .. } => format.allows_many(),
            Self::Files(files) => files.iter().all(|file| file.format.allows_many()),
        }
    }

    /// Refuses formats that cannot hold several results.
    ///
    /// # Errors
    /// If one of the formats cannot.
    pub(crate) fn allow_many(&self) -> Result<()> {
        if self.allows_many() {
            return Ok(());
        }
        Err(Error::usage(
            "several statements cannot share one csv, tsv or parquet output",
            "choose `--format json`, ndjson, table, vertical or markdown, or run one statement",
        ))
    }

    /// Starts writing one result, with records in the place of a table if so wished.
    ///
    /// # Errors
    /// If a column cannot be written in the format.
    pub(crate) fn begin(&mut self, schema: &SchemaRef, as_records: bool) -> Result<Tee<'_>> {
        let choose = |format| {
            if as_records && format == Format::Table { Format::Vertical } else { format }
        };
        let mut writers = Vec::new();
        match self {
            Self::Stdout { format, style } => {
                let out: Box<dyn Write + Send> = Box::new(BufWriter::new(io::stdout()));
                writers.push((
                    None,
                    output::writer(choose(*format), SchemaRef::clone(schema), out, style)?,
                ));
            }
            Self::Files(files) => {
                for file in files {
                    let format = choose(file.format);
                    let (path, out) = file.file.writer();
                    let writer =
                        output::writer(format, SchemaRef::clone(schema), out, &Style::default())?;
                    writers.push((Some(path), writer));
                }
            }
            Self::Command { format, reader } => {
                if let Some(stdin) = reader.stdin() {
                    let out = Box::new(BufWriter::new(stdin));
                    let schema = SchemaRef::clone(schema);
                    let writer = output::writer(choose(*format), schema, out, &Style::default())?;
                    writers.push((None, writer));
                }
            }
        }
        Ok(Tee { writers })
    }

    /// Takes back what was written since the last result began. Tells whether that could be done.
    pub(crate) fn take_back(&mut self) -> bool {
        match self {
            Self::Files(files) => files.iter_mut().all(|file| file.file.take_back().is_ok()),
            Self::Stdout { .. } | Self::Command { .. } => false,
        }
    }

    /// Puts files into their places, and waits for a command to end.
    ///
    /// # Errors
    /// If a file cannot be written to its end or renamed, or the command fails.
    pub(crate) fn finish(self) -> Result<()> {
        match self {
            Self::Stdout { .. } => Ok(()),
            Self::Files(files) => files.into_iter().try_for_each(|file| file.file.commit()),
            Self::Command { reader, .. } => reader.finish(),
        }
    }
}

impl File {
    fn create(path: &Path, format: Option<Format>) -> Result<Self> {
        let format = format.or_else(|| Format::from_path(path)).ok_or_else(|| {
            Error::usage(
                format!("cannot tell the format of {}", path.display()),
                "end its name in .csv, .tsv, .json, .ndjson, .md, .txt or .parquet, or give `--format`",
            )
        })?;
        Ok(Self { format, file: NewFile::create(path)? })
    }
}

/// Writes one result to every output.
pub(crate) struct Tee<'a> {
    writers: Vec<(Option<&'a Path>, Box<dyn BatchWriter + 'a>)>,
}

impl Tee<'_> {
    /// Writes some rows.
    ///
    /// # Errors
    /// If an output cannot be written.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.writers
            .iter_mut()
            .try_for_each(|(path, writer)| writer.write(batch).map_err(|error| named(*path, error)))
    }

    /// Ends the result. Returns what should be said about it.
    ///
    /// # Errors
    /// If an output cannot be written.
    pub(crate) fn finish(self) -> Result<Vec<String>> {
        let mut notes = Vec::new();
        for (path, writer) in self.writers {
            let footer = writer.finish().map_err(|error| named(path, error))?;
            let cut = !footer.hidden_columns.is_empty() || footer.shortened_cells > 0;
            let how = if cut { "; `--format vertical` or `-o FILE` shows everything" } else { "" };
            notes.extend(footer.note().map(|note| format!("{note}{how}")));
        }
        Ok(notes)
    }
}

fn named(path: Option<&Path>, error: OutputError) -> Error {
    match (path, error) {
        (Some(path), OutputError::Io(cause)) => Error::Write { path: path.to_owned(), cause },
        (_, error) => Error::Output(error),
    }
}
