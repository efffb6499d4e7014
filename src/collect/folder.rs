//! A directory to keep reports in.
//!
//! A file is written under a name that begins with a dot, which no walk looks at, and renamed when
//! it is whole and on the disk. A rename that would replace something is refused by the system, so
//! two runs at once do no harm. The facts about a report follow in a file beside it; a run that finds
//! them missing, because the one before was killed between the two, adds them.

use std::borrow::Cow;
use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use sha2::{Digest, Sha256};

use super::destination::{Destination, Failure, Item, Put};
use super::layout;
use crate::error::{Error, Result};
use crate::source::Source;

/// How names of unfinished files begin.
const UNFINISHED: &str = ".credsql-";

/// A directory.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Makes the directory if there is none, and sees whether files can be made there: a wrong one
    /// fails before the work.
    ///
    /// # Errors
    /// If it is none, cannot be made or written to, or lies in a folder that is read.
    pub fn open(root: &Path, sources: &[Source]) -> Result<Self> {
        if root.exists() && !root.is_dir() {
            return Err(Error::usage(
                format!("{} is a file, and reports are kept in a folder", root.display()),
                "name a folder after `--to`; it is made if there is none",
            ));
        }
        refuse_sources(root, sources)?;
        let unusable = |error: io::Error| {
            let failure = failure(root, &error);
            Error::Usage { message: failure.message, hint: failure.hint }
        };
        fs::create_dir_all(root).map_err(unusable)?;
        unfinished(root).map_err(unusable)?;
        Ok(Self { root: root.to_owned() })
    }

    fn write(&self, key: &str, bytes: &[u8]) -> io::Result<bool> {
        let path = self.root.join(key);
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder)?;
        let mut file = unfinished(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        match file.persist_noclobber(&path) {
            Ok(_) => Ok(true),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error.error),
        }
    }

    fn put_new(&self, key: &str, item: &Item<'_>) -> io::Result<Put> {
        let path = self.root.join(key);
        if let Some(put) = compare(&path, item)? {
            return Ok(put);
        }
        if self.write(key, &item.bytes)? {
            return Ok(Put::Written);
        }
        // Somebody was faster.
        Ok(compare(&path, item)?.unwrap_or(Put::Other))
    }

    fn add_sidecar(&self, key: &str, item: &Item<'_>) -> io::Result<()> {
        let key = layout::sidecar(key);
        match item.sidecar() {
            Some(text) if !self.root.join(&key).exists() => {
                self.write(&key, text.as_bytes()).map(drop)
            }
            _ => Ok(()),
        }
    }
}

impl Destination for Folder {
    fn put(&self, key: &str, item: &Item<'_>) -> Result<Put, Failure> {
        let put = self.put_new(key, item).and_then(|put| {
            if put != Put::Other {
                self.add_sidecar(key, item)?;
            }
            Ok(put)
        });
        put.map_err(|error| failure(&self.root.join(key), &error))
    }

    fn place(&self, key: &str) -> String {
        self.root.join(key).display().to_string()
    }
}

/// A file that goes away unless it is finished. Permissions are the usual ones rather than those of
/// a temporary file.
fn unfinished(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    tempfile::Builder::new()
        .prefix(UNFINISHED)
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)
}

/// What is at a path, if anything is.
fn compare(path: &Path, item: &Item<'_>) -> io::Result<Option<Put>> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let has_its_size = u64::try_from(item.bytes.len()).is_ok_and(|size| size == metadata.len());
    if !metadata.is_file() || !has_its_size {
        return Ok(Some(Put::Other));
    }
    let mut digest = Sha256::new();
    io::copy(&mut File::open(path)?, &mut digest)?;
    let is_same = format!("{:x}", digest.finalize()) == item.sha256;
    Ok(Some(if is_same { Put::Same } else { Put::Other }))
}

/// What went wrong, and whether it will for every other file as well.
fn failure(path: &Path, error: &io::Error) -> Failure {
    use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    let (hint, is_final): (Option<Cow<'_, str>>, bool) = match error.kind() {
        StorageFull | QuotaExceeded => (
            Some(
                "make room and run the command again: what is kept already is not written twice"
                    .into(),
            ),
            true,
        ),
        ReadOnlyFilesystem => {
            (Some("name a folder that can be written to after `--to`".into()), true)
        }
        PermissionDenied => {
            (Some("name a folder that you may write to after `--to`".into()), false)
        }
        _ => (None, false),
    };
    Failure {
        message: format!("cannot write {}: {}", path.display(), bare(error)),
        hint: hint.map(Cow::into_owned),
        is_final,
    }
}

/// An error without the name of a temporary file, which tells nobody anything.
fn bare(error: &io::Error) -> String {
    let inner = error.get_ref().and_then(|inner| inner.source());
    inner.map_or_else(|| error.to_string(), ToString::to_string)
}

/// A destination in a folder that is read would be read with it the next time.
///
/// # Errors
/// If it would.
pub(crate) fn refuse_sources(root: &Path, sources: &[Source]) -> Result<()> {
    let real = settled(root);
    for folder in sources.iter().flat_map(Source::folders) {
        if folder.canonicalize().is_ok_and(|folder| real.starts_with(folder)) {
            return Err(Error::usage(
                format!("{} lies in {}, which is read here", root.display(), folder.display()),
                "name a folder outside of it after `--to`",
            ));
        }
    }
    Ok(())
}

/// The path without links and dots, as far as it exists.
fn settled(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let exists = path.ancestors().find_map(|part| Some((part, part.canonicalize().ok()?)));
    match exists {
        Some((part, real)) => {
            let rest = path.strip_prefix(part).unwrap_or(Path::new(""));
            rest.components().fold(real, |path, part| match part {
                Component::ParentDir => path.parent().unwrap_or(&path).to_owned(),
                part => {
                    let path = path.join(part);
                    path.canonicalize().unwrap_or(path)
                }
            })
        }
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_ends_the_run_and_a_locked_folder_does_not() {
        use io::ErrorKind::{NotADirectory, PermissionDenied, ReadOnlyFilesystem, StorageFull};
        for (kind, is_final) in [
            (StorageFull, true),
            (ReadOnlyFilesystem, true),
            (PermissionDenied, false),
            (NotADirectory, false),
        ] {
            let failure = failure(Path::new("kept/x.csv"), &io::Error::from(kind));
            assert_eq!(failure.is_final, is_final, "{kind}");
            assert!(failure.message.starts_with("cannot write kept/x.csv: "), "{failure:?}");
            assert_eq!(failure.hint.is_some(), kind != NotADirectory, "{kind}");
        }
    }

    #[test]
    fn paths_that_do_not_exist_yet_are_compared_as_they_will_be() {
        let folder = tempfile::tempdir().expect("a folder");
        let real = folder.path().canonicalize().expect("it is there");
        std::os::unix::fs::symlink(&real, real.join("link")).expect("links can be made");
        assert_eq!(settled(&real.join("link/a/b")), real.join("a/b"));
        assert_eq!(settled(&real.join("a")), real.join("a"));
        assert_eq!(settled(&real.join("a/../link/b/./c/..")), real.join("b"));
    }
}
