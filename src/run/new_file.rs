//! Files that appear only when they are whole.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::NamedTempFile;

use crate::error::{Error, Result};

/// Temporary files of results and of the editor, which are removed even if the run has to end where
/// it stands.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes what is not finished: at an end at which nothing is dropped.
pub(crate) fn remove_unfinished() {
    for path in std::mem::take(&mut *unfinished()) {
        // What cannot be removed stays; nobody is left to be told.
        let _ = std::fs::remove_file(path);
    }
}

/// A temporary file, as long as it is unfinished.
pub(crate) struct Unfinished(PathBuf);

impl Unfinished {
    /// From here on it is removed however the run ends.
    pub(crate) fn new(path: &Path) -> Self {
        unfinished().insert(path.to_owned());
        Self(path.to_owned())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        unfinished().remove(&self.0);
    }
}

/// A file that is written beside its name and renamed at the end.
pub(crate) struct NewFile {
    /// Its name.
    pub(crate) path: PathBuf,
    temporary: NamedTempFile,
    /// Where the last writer began.
    mark: u64,
    _unfinished: Unfinished,
}

impl NewFile {
    /// Opens the file beside its name, so that a wrong path fails before the work.
    ///
    /// # Errors
    /// If it cannot be created.
    pub(crate) fn create(path: &Path) -> Result<Self> {
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
        let unfinished = Unfinished::new(temporary.path());
        Ok(Self { path: path.clone(), temporary, mark: 0, _unfinished: unfinished })
    }

    /// Its name, and what to write to. What is written from here on can be taken back.
    pub(crate) fn writer(&mut self) -> (&Path, Box<dyn Write + Send + '_>) {
        // A file of which this cannot be told is one that cannot be written either.
        self.mark = self.temporary.as_file_mut().stream_position().unwrap_or_default();
        (&self.path, Box::new(BufWriter::new(self.temporary.as_file_mut())))
    }

    /// Takes back what the last writer wrote.
    ///
    /// # Errors
    /// If the file cannot be cut.
    pub(crate) fn take_back(&mut self) -> io::Result<()> {
        let file = self.temporary.as_file_mut();
        file.set_len(self.mark)?;
        file.seek(SeekFrom::Start(self.mark)).map(drop)
    }

    /// Puts the file into its place.
    ///
    /// # Errors
    /// If it cannot be written to its end or renamed.
    pub(crate) fn commit(self) -> Result<()> {
        let Self { path, temporary, .. } = self;
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
