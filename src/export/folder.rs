//! A dataset in a folder.
//!
//! A partition is prepared in a hidden folder beside the tables and changes places with the one that
//! is there: one step of the file system, however many files it has. Whatever is left of a run that
//! was killed is hidden, and taken away by the next one.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use tempfile::TempDir;

use super::destination::{Destination, Fetched, Published, Staged, files};
use crate::error::{Error, Result};
use crate::source::exported;

/// How names of folders begin in which partitions are prepared.
const UNFINISHED: &str = ".credsql-";

/// The file in such a folder that is locked as long as somebody works there.
const LOCK: &str = "lock";

/// Where in it a partition is while another takes its place, if they cannot change places.
const ASIDE: &str = "aside";

/// The name of the partition in it.
const PARTITION: &str = "partition";

/// A folder.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    /// Where partitions are prepared, and the lock on it.
    workshop: TempDir,
    _lock: File,
}

impl Folder {
    /// Makes the folder if there is none, sees whether files can be made there, and takes away what
    /// killed runs have left.
    ///
    /// # Errors
    /// If it is none, or cannot be made or written to.
    pub fn open(root: &Path) -> Result<Self> {
        if root.exists() && !root.is_dir() {
            return Err(Error::usage(
                format!("{} is a file, and a dataset is a folder", root.display()),
                "name a folder after `--to`; it is made if there is none",
            ));
        }
        let unusable = |cause| Error::Write { path: root.to_owned(), cause };
        fs::create_dir_all(root).map_err(unusable)?;
        let workshop = tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(root);
        let workshop = workshop.map_err(|error| unusable(bare(error)))?;
        let lock = locked(workshop.path()).map_err(unusable)?;
        // What cannot be taken away now can be by the next run.
        let _ = take_away_left(root);
        Ok(Self { root: root.to_owned(), workshop, _lock: lock })
    }

    fn path(&self, table: &str, partition: &str) -> PathBuf {
        self.root.join(table).join(partition)
    }

    /// Lets two folders change places, if what is there is what was fetched. Exports of other days
    /// wait for this moment and for no longer.
    fn exchange(&self, staged: &Path, key: &Path, was: &Fetched) -> io::Result<Published> {
        let _moment = self.moment()?;
        let path = self.root.join(key);
        if !path.exists() || stamps(&path)? != was.files {
            return Ok(Published::Raced);
        }
        match renameat_with(CWD, staged, CWD, &path, RenameFlags::EXCHANGE) {
            Ok(()) => Ok(Published::Done),
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => self.replace(staged, key),
            Err(error) => Err(error.into()),
        }
    }

    /// Where folders cannot change places: a single file can take the place of another; otherwise
    /// there is no partition for a moment. If the run is killed in it, the next one puts the old one
    /// back.
    fn replace(&self, staged: &Path, key: &Path) -> io::Result<Published> {
        let path = self.root.join(key);
        let (new, old) = (files(staged)?, files(&path)?);
        if let ([new], true) = (&new[..], new == old) {
            fs::rename(staged.join(new), path.join(new))?;
            return Ok(Published::Done);
        }
        let aside = self.workshop.path().join(ASIDE).join(key);
        aside.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::rename(&path, &aside)?;
        fs::rename(staged, &path)?;
        fs::remove_dir_all(&aside)?;
        Ok(Published::Done)
    }

    /// Nobody else puts anything in place as long as this lives.
    fn moment(&self) -> io::Result<File> {
        let folder = File::open(&self.root)?;
        folder.lock()?;
        Ok(folder)
    }
}

impl Destination for Folder {
    fn fetch(&self, table: &str, partition: &str) -> Result<Option<Fetched>> {
        let folder = self.path(table, partition);
        if !folder.exists() {
            return Ok(None);
        }
        let unread = |cause| Error::Read { path: folder.clone(), cause };
        let files = stamps(&folder).map_err(unread)?;
        // A dataset that was copied from a bucket has lists of files, which are of no use here.
        let is_list = |path: &Path| path == Path::new(exported::MANIFEST);
        let is_ours = |path: &Path| exported::is_part_path(path) || is_list(path);
        if let Some((foreign, _)) = files.iter().find(|(path, _)| !is_ours(path)) {
            return Err(Error::usage(
                format!("{} was not written by an export", folder.join(foreign).display()),
                "move it away, since a partition is replaced as a whole, or name another folder after `--to`",
            ));
        }
        Ok((!files.is_empty()).then_some(Fetched { folder, files, is_whole: true, copies: None }))
    }

    fn stage(&self) -> Result<Staged> {
        let guard = TempDir::new_in(self.workshop.path())
            .map_err(|cause| Error::Write { path: self.root.clone(), cause: bare(cause) })?;
        Ok(Staged { folder: guard.path().join(PARTITION), guard })
    }

    fn publish(
        &self,
        table: &str,
        partition: &str,
        staged: Staged,
        was: Option<&Fetched>,
    ) -> Result<Published> {
        let path = self.path(table, partition);
        let publish = || {
            if let Some(was) = was {
                return if was.is_same(&staged.folder)? {
                    Ok(Published::Unchanged)
                } else {
                    self.exchange(&staged.folder, &Path::new(table).join(partition), was)
                };
            }
            if let Some(above) = path.parent() {
                fs::create_dir_all(above)?;
            }
            let _moment = self.moment()?;
            // An empty folder may be there; a folder takes the place of an empty one.
            match fs::rename(&staged.folder, &path) {
                Ok(()) => Ok(Published::Done),
                // Which of the two is for the file system to choose.
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists
                    ) =>
                {
                    Ok(Published::Raced)
                }
                Err(error) => Err(error),
            }
        };
        publish().map_err(|cause| Error::Write { path: path.clone(), cause })
    }

    fn put_file(&self, name: &str, from: &Path) -> Result<String> {
        let path = self.root.join(name);
        let put = || {
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            File::open(from)?.sync_all()?;
            fs::rename(from, &path)
        };
        put().map_err(|cause| Error::Write { path: path.clone(), cause })?;
        Ok(path.display().to_string())
    }

    fn place(&self, table: &str, partition: &str) -> String {
        self.path(table, partition).display().to_string()
    }
}

/// A lock on a folder. The file has its name when it is locked, so that nobody finds it before.
fn locked(folder: &Path) -> io::Result<File> {
    let new = folder.join("lock.new");
    let lock = File::create_new(&new)?;
    lock.try_lock()?;
    fs::rename(new, folder.join(LOCK))?;
    Ok(lock)
}

/// The files of a folder with what changes when they are written anew.
fn stamps(folder: &Path) -> io::Result<Vec<(PathBuf, String)>> {
    let stamp = |path: PathBuf| {
        let of = fs::symlink_metadata(folder.join(&path))?;
        let stamp = format!("{} {} {}.{:09}", of.ino(), of.len(), of.mtime(), of.mtime_nsec());
        Ok((path, stamp))
    };
    files(folder)?.into_iter().map(stamp).collect()
}

/// Takes away the folders of runs that are no more: nobody holds their locks.
fn take_away_left(root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            continue;
        }
        // One without a lock is just being made.
        let Ok(lock) = File::open(entry.path().join(LOCK)) else { continue };
        match lock.try_lock() {
            Ok(()) => {
                put_back(root, &entry.path().join(ASIDE))?;
                fs::remove_dir_all(entry.path())?;
            }
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {}
        }
    }
    Ok(())
}

/// Puts partitions back that a killed run had put aside.
fn put_back(root: &Path, aside: &Path) -> io::Result<()> {
    for table in fs::read_dir(aside).into_iter().flatten() {
        for partition in fs::read_dir(table?.path())? {
            let from = partition?.path();
            let key = from.strip_prefix(aside).unwrap_or(&from);
            if !root.join(key).exists() {
                fs::rename(&from, root.join(key))?;
            }
        }
    }
    Ok(())
}

/// An error without the name of a temporary folder, which tells nobody anything.
fn bare(error: io::Error) -> io::Error {
    match error.get_ref().and_then(std::error::Error::source).map(ToString::to_string) {
        Some(inner) => io::Error::new(error.kind(), inner),
        None => error,
    }
}
