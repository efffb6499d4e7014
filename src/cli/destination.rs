//! Where results go: standard output, or files that appear only when they are whole.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use tempfile::NamedTempFile;

use super::args::{OutputArgs, When};
use crate::error::{Error, Result};
use crate::output::{self, BatchWriter, Format, OutputError, Style};

/// Everything a run writes results to.
pub(super) enum Destination {
    /// Standard output.
    Stdout {
        /// In this format.
        format: Format,
        /// For this terminal, if it is one.
        style: Style,
    },
    /// Files, each in the format of its suffix.
    Files(Vec<File>),
}

/// A file and what it is written as.
pub(super) struct File {
    format: Format,
    file: NewFile,
}

/// A file that is written beside its name and renamed at the end.
pub(super) struct NewFile {
    /// Its name.
    pub(super) path: PathBuf,
    temporary: NamedTempFile,
}

impl Destination {
    /// Opens what the user asked for. Files are created at once, so that a wrong path fails before
    /// the work.
    ///
    /// # Errors
    /// If a file cannot be created or its suffix names no format.
    pub(super) fn open(args: &OutputArgs) -> Result<Self> {
        if !args.outputs.is_empty() {
            let files = args.outputs.iter().map(|path| File::create(path, args.format));
            return Ok(Self::Files(files.collect::<Result<_>>()?));
        }
        let style = stdout_style(args.manner.color);
        let is_terminal = style.width.is_some();
        let format = args.format.unwrap_or(if is_terminal { Format::Table } else { Format::Csv });
        Ok(Self::Stdout { format, style })
    }

    /// Refuses formats that cannot hold several results.
    ///
    /// # Errors
    /// If one of the formats cannot.
    pub(super) fn allow_many(&self) -> Result<()> {
        let formats: Vec<Format> = match self {
            Self::Stdout { format, .. } => vec![*format],
            Self::Files(files) => files.iter().map(|file| file.format).collect(),
        };
        if formats.into_iter().all(Format::allows_many) {
            return Ok(());
        }
        Err(Error::usage(
            "several statements cannot share one csv, tsv or parquet output",
            "choose `--format json`, ndjson, table, vertical or markdown, or run one statement",
        ))
    }

    /// Starts writing one result. A plan of EXPLAIN is text of many lines, which a table would
    /// squeeze into a cell.
    ///
    /// # Errors
    /// If a column cannot be written in the format.
    pub(super) fn begin(&mut self, schema: &SchemaRef, is_plan: bool) -> Result<Tee<'_>> {
        let choose = |format| {
            if is_plan && format == Format::Table { Format::Vertical } else { format }
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
        }
        Ok(Tee { writers })
    }

    /// Puts files into their places.
    ///
    /// # Errors
    /// If a file cannot be written to its end or renamed.
    pub(super) fn finish(self) -> Result<()> {
        let Self::Files(files) = self else {
            return Ok(());
        };
        files.into_iter().try_for_each(|file| file.file.commit())
    }
}

/// What standard output is: how wide, if it is a terminal, and whether it shows colours.
pub(super) fn stdout_style(color: When) -> Style {
    let terminal = io::stdout().is_terminal();
    let color = match color {
        When::Always => true,
        When::Never => false,
        When::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    };
    // A terminal that does not tell its width is taken for the usual 80 columns.
    let width = terminal
        .then(|| terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0)));
    Style { width, color }
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

impl NewFile {
    /// Opens the file beside its name, so that a wrong path fails before the work.
    ///
    /// # Errors
    /// If it cannot be created.
    pub(super) fn create(path: &Path) -> Result<Self> {
        // A link stays a link: what it points at is replaced.
        let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let write_error = |cause| Error::Write { path: path.clone(), cause };
        if path.is_dir() {
            return Err(write_error(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        let folder =
            path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            let message = format!("there is no directory {}", folder.display());
            return Err(write_error(io::Error::new(io::ErrorKind::NotFound, message)));
        }
        let temporary = tempfile::Builder::new()
            .prefix(".credsql-")
            .permissions(permissions(path))
            .tempfile_in(folder)
            .map_err(write_error)?;
        Ok(Self { path: path.clone(), temporary })
    }

    /// Its name, and what to write to.
    pub(super) fn writer(&mut self) -> (&Path, Box<dyn Write + Send + '_>) {
        (&self.path, Box::new(BufWriter::new(self.temporary.as_file_mut())))
    }

    /// Puts the file into its place.
    ///
    /// # Errors
    /// If it cannot be written to its end or renamed.
    pub(super) fn commit(self) -> Result<()> {
        let Self { path, temporary } = self;
        let written = temporary.as_file().sync_all();
        written.map_err(|cause| Error::Write { path: path.clone(), cause })?;
        let renamed = temporary.persist(&path);
        renamed.map(drop).map_err(|error| Error::Write { path, cause: error.error })
    }
}

/// A file that is replaced keeps its permissions; a new one gets the usual ones rather than those
/// of a temporary file.
fn permissions(path: &Path) -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .map_or_else(|_| std::fs::Permissions::from_mode(0o666), |metadata| metadata.permissions())
}

/// Writes one result to every output.
pub(super) struct Tee<'a> {
    writers: Vec<(Option<&'a Path>, Box<dyn BatchWriter + 'a>)>,
}

impl Tee<'_> {
    /// Writes some rows.
    ///
    /// # Errors
    /// If an output cannot be written.
    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.writers
            .iter_mut()
            .try_for_each(|(path, writer)| writer.write(batch).map_err(|error| named(*path, error)))
    }

    /// Ends the result. Returns what should be said about it.
    ///
    /// # Errors
    /// If an output cannot be written.
    pub(super) fn finish(self) -> Result<Vec<String>> {
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
