//! What a place for a dataset can do.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::Result;
use crate::source::exported::is_part_path;

/// A place where a dataset lies. A partition there is replaced as a whole: whoever reads sees what was
/// there before or what is there now.
pub trait Destination: Send + Sync {
    /// The files of a partition that is there. Blocking.
    ///
    /// # Errors
    /// If there is no telling, or if there are files that no export has written.
    fn fetch(&self, table: &str, partition: &str) -> Result<Option<Fetched>>;

    /// A folder to prepare a partition in. Blocking.
    ///
    /// # Errors
    /// If none can be made.
    fn stage(&self) -> Result<Staged>;

    /// Puts what was prepared in the place of what was fetched, unless that is the same. Blocking.
    ///
    /// # Errors
    /// If it cannot be written.
    fn publish(
        &self,
        table: &str,
        partition: &str,
        staged: Staged,
        was: Option<&Fetched>,
    ) -> Result<Published>;

    /// Puts a file beside the tables, in the place of any that is there, and tells where. Blocking.
    ///
    /// # Errors
    /// If it cannot be written.
    fn put_file(&self, name: &str, from: &Path) -> Result<String>;

    /// A partition as the user would write it.
    fn place(&self, table: &str, partition: &str) -> String;
}

/// What became of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// It is there.
    Done,
    /// What was there is the same, byte for byte.
    Unchanged,
    /// Somebody else has changed it since it was fetched, and it was left so.
    Raced,
}

/// The files of a partition, near.
#[derive(Debug)]
pub struct Fetched {
    /// Where they are.
    pub folder: PathBuf,
    /// Their paths in the folder, and what changes when they do.
    pub files: Vec<(PathBuf, String)>,
    /// Whether they are of one export, and none is missing.
    pub is_whole: bool,
    /// If they are copies: what goes with this.
    pub copies: Option<TempDir>,
}

/// A folder in which a partition is prepared. It goes with this.
#[derive(Debug)]
pub struct Staged {
    /// The files, and nothing else.
    pub folder: PathBuf,
    /// What goes.
    pub guard: TempDir,
}

impl Fetched {
    /// Whether a folder has the same files, byte for byte.
    ///
    /// # Errors
    /// If one of them cannot be read.
    pub fn is_same(&self, folder: &Path) -> std::io::Result<bool> {
        let mut paths = files(folder)?;
        let parts = self.files.iter().map(|(path, _)| path).filter(|path| is_part_path(path));
        let mut own: Vec<PathBuf> = parts.cloned().collect();
        paths.sort();
        own.sort();
        if paths != own {
            return Ok(false);
        }
        for path in paths {
            if !self.folder.join(&path).exists() {
                return Ok(false);
            }
            let (new, old) = (folder.join(&path), self.folder.join(&path));
            let is_same_size = new.metadata()?.len() == old.metadata()?.len();
            if !is_same_size || std::fs::read(new)? != std::fs::read(old)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The files below a folder, by their paths in it.
///
/// # Errors
/// If it cannot be read.
pub fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry?;
        if !entry.file_type().is_dir()
            && let Ok(path) = entry.path().strip_prefix(folder)
        {
            files.push(path.to_owned());
        }
    }
    Ok(files)
}
