//! A dataset in a bucket.
//!
//! A store can replace one object at a time, so the files of a day have the same keys every time, each
//! is written whole in the place of the one before, then a list of them, and last those are deleted
//! that the day no longer has. A day of one file, which is any of less than 128 MB, is thus the old or
//! the new one to every reader; while a larger one is written, a reader may meet new files beside old
//! ones. A day that somebody else has written in the meantime is merged again.
//!
//! Needs `s3:ListBucket`, `s3:PutObject`, and `s3:GetObject` for days that are there; `s3:DeleteObject`
//! only where a day has fewer files than before.

use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::destination::{Destination, Fetched, Published, Staged, files};
use crate::aws::access::Access;
use crate::aws::calls;
use crate::aws::options::AwsOptions;
use crate::aws::s3::{self, Before, Location, Object, Put, PutOptions};
use crate::aws::trouble::{Kind, Trouble};
use crate::collect::bucket::Writing;
use crate::error::{Error, Result};
use crate::source::exported;
use crate::table::collection::Collection;

/// A bucket, or a folder in one.
pub struct Bucket {
    store: s3::Bucket,
    /// Where keys begin; the prefix ends with a slash or is empty.
    location: Location,
    writing: Writing,
    /// The run, which may be cancelled while requests are under way.
    collection: Arc<Collection>,
}

impl Bucket {
    /// Finds credentials and looks whether there is such a bucket.
    ///
    /// # Errors
    /// If the configuration is wrong, has no credentials, or there is no such bucket.
    pub fn open(
        mut location: Location,
        options: &AwsOptions,
        writing: Writing,
        collection: Arc<Collection>,
    ) -> Result<Self> {
        if !location.prefix.is_empty() && !location.prefix.ends_with('/') {
            location.prefix.push('/');
        }
        let (name, access) = (location.bucket.clone(), options.access(None));
        let looked_at = location.prefix.clone();
        let options = options.s3();
        let store = calls::wait(&collection.cancelled, async move {
            let access = Access::load(access).await?;
            let store = s3::Bucket::connect(&access, &name, &options).await?;
            store.first(&looked_at).await?;
            Ok(store)
        })?;
        Ok(Self { store, location, writing, collection })
    }

    /// The prefix of a partition, with a slash at its end.
    fn prefix(&self, table: &str, partition: &str) -> String {
        format!("{}{table}/{partition}/", self.location.prefix)
    }

    fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Trouble>> + Send + 'static,
    ) -> Result<T> {
        calls::wait(&self.collection.cancelled, work).map_err(|trouble| match trouble.kind {
            Kind::Interrupted => Error::Interrupted,
            _ => Error::Aws(trouble),
        })
    }

    fn options(&self, media_type: &str) -> PutOptions {
        PutOptions {
            metadata: Vec::new(),
            content_type: Some(media_type.to_owned()),
            sse_kms_key_id: self.writing.sse_kms_key_id.clone(),
            expected_bucket_owner: self.writing.expected_bucket_owner.clone(),
        }
    }

    fn objects(&self, prefix: &str) -> Result<Vec<Object>> {
        let (store, prefix) = (self.store.clone(), prefix.to_owned());
        self.wait(async move { Ok(store.list_sorted(&prefix, |_| {}).await?.0) })
    }

    /// What changes when an object does. Not every store tells it in its listing.
    fn etag(&self, object: &Object) -> Result<String> {
        if !object.etag.is_empty() {
            return Ok(object.etag.clone());
        }
        let (store, key) = (self.store.clone(), object.key.clone());
        let head = self.wait(async move { store.head(&key).await })?;
        Ok(head.map_or_else(String::new, |head| head.etag))
    }

    fn copy(&self, object: Object, to: &Path) -> Result<()> {
        let store = self.store.clone();
        let bytes = self.wait(async move { store.get(&object).await })?;
        let write = || {
            to.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(to, &bytes)
        };
        write().map_err(|cause| Error::Write { path: to.to_owned(), cause })
    }

    fn put(&self, key: String, bytes: Bytes, was: Option<&str>) -> Result<Put> {
        let (store, options) = (self.store.clone(), self.options("application/vnd.apache.parquet"));
        let was = was.map(str::to_owned);
        self.wait(async move {
            let before = was.as_deref().map_or(Before::Nothing, Before::This);
            store.put_after(&key, bytes, &options, before).await
        })
    }

    /// Writes the list of files, unless it is there.
    fn put_manifest(&self, prefix: &str, text: String) -> Result<()> {
        let (store, options) = (self.store.clone(), self.options("application/json"));
        let key = format!("{prefix}{}", exported::MANIFEST);
        self.wait(async move { store.put(&key, Bytes::from(text), &options).await })
    }

    fn delete(&self, key: String) -> Result<()> {
        let (store, owner) = (self.store.clone(), self.writing.expected_bucket_owner.clone());
        self.wait(async move { store.delete(&key, owner.as_deref()).await })
    }
}

impl Destination for Bucket {
    fn fetch(&self, table: &str, partition: &str) -> Result<Option<Fetched>> {
        let prefix = self.prefix(table, partition);
        let copies = temporary()?;
        let mut found = Vec::new();
        for object in self.objects(&prefix)? {
            let name = object.key.strip_prefix(&prefix).unwrap_or_default().to_owned();
            let last = name.rsplit('/').next().unwrap_or_default();
            // A key that ends with a slash is a folder that somebody made.
            if last.is_empty() {
                continue;
            }
            if !exported::is_part_path(Path::new(&name)) && name != exported::MANIFEST {
                return Err(Error::usage(
                    format!(
                        "{} was not written by an export",
                        self.place(table, partition) + "/" + &name
                    ),
                    "move it away, since a partition is replaced as a whole, or give another prefix after `--to`",
                ));
            }
            let etag = self.etag(&object)?;
            self.copy(object, &copies.path().join(&name))?;
            if name != exported::MANIFEST {
                found.push((PathBuf::from(name), etag));
            }
        }
        let folder = copies.path().to_owned();
        let is_whole = leave_whole(&folder, &found)
            .map_err(|cause| Error::Write { path: folder.clone(), cause })?;
        let copies = Some(copies);
        Ok((!found.is_empty()).then_some(Fetched { folder, files: found, is_whole, copies }))
    }

    fn stage(&self) -> Result<Staged> {
        let guard = temporary()?;
        Ok(Staged { folder: guard.path().to_owned(), guard })
    }

    fn publish(
        &self,
        table: &str,
        partition: &str,
        staged: Staged,
        was: Option<&Fetched>,
    ) -> Result<Published> {
        let unread = |cause| Error::Read { path: staged.folder.clone(), cause };
        let prefix = self.prefix(table, partition);
        let manifest = manifest(table, partition, &staged.folder).map_err(unread)?;
        let known = |was: &Fetched| fs::read_to_string(was.folder.join(exported::MANIFEST)).ok();
        if let Some(was) = was
            && was.is_same(&staged.folder).map_err(unread)?
        {
            // The list is what a run that was killed may not have come to.
            if known(was).is_none_or(|known| known != manifest) {
                self.put_manifest(&prefix, manifest)?;
            }
            return Ok(Published::Unchanged);
        }
        let names = files(&staged.folder).map_err(unread)?;
        let mut is_first = true;
        // From the last: as a day grows, accounts move to later files, and are there before they are
        // gone from where they were.
        for name in names.iter().rev() {
            let etag = was.and_then(|was| was.files.iter().find(|(known, _)| known == name));
            let bytes = Bytes::from(fs::read(staged.folder.join(name)).map_err(unread)?);
            let key = format!("{prefix}{}", name.display());
            let put = self.put(key, bytes, etag.map(|(_, etag)| etag.as_str()))?;
            match put {
                Put::Written => is_first = false,
                Put::Exists if is_first => return Ok(Published::Raced),
                Put::Exists => return Err(half_written(&self.place(table, partition))),
            }
        }
        self.put_manifest(&prefix, manifest)?;
        for (stale, _) in was.iter().flat_map(|was| &was.files) {
            if !names.contains(stale) {
                self.delete(format!("{prefix}{}", stale.display()))?;
            }
        }
        Ok(Published::Done)
    }

    fn put_file(&self, name: &str, from: &Path) -> Result<String> {
        let bytes = fs::read(from).map_err(|cause| Error::Read { path: from.to_owned(), cause })?;
        let is_json = Path::new(name).extension().is_some_and(|suffix| suffix == "json");
        let media_type = if is_json { "application/json" } else { "text/csv" };
        let (store, options) = (self.store.clone(), self.options(media_type));
        let key = format!("{}{name}", self.location.prefix);
        let place = Location { prefix: key.clone(), ..self.location.clone() }.to_string();
        self.wait(async move { store.put(&key, Bytes::from(bytes), &options).await })?;
        Ok(place)
    }

    fn place(&self, table: &str, partition: &str) -> String {
        let prefix = format!("{}{table}/{partition}", self.location.prefix);
        Location { prefix, ..self.location.clone() }.to_string()
    }
}

fn temporary() -> Result<TempDir> {
    TempDir::new().map_err(|cause| Error::Write { path: std::env::temp_dir(), cause })
}

/// The list of the files of a partition.
fn manifest(table: &str, partition: &str, folder: &Path) -> std::io::Result<String> {
    let mut listed = Vec::new();
    for name in files(folder)? {
        let bytes = fs::read(folder.join(&name))?;
        let sha256 = format!("{:x}", Sha256::digest(&bytes));
        if exported::is_part_path(&name) {
            listed.push(json!({"name": name, "bytes": bytes.len(), "sha256": sha256}));
        }
    }
    let manifest = json!({"table": table, "partition": partition, "files": listed});
    Ok(format!("{manifest:#}\n"))
}

/// Takes copies away that are none of the last export: of a run that was killed or is under way there
/// can be files beside those of the list. Tells whether what is left is all of one export; a single
/// file always is.
fn leave_whole(folder: &Path, found: &[(PathBuf, String)]) -> std::io::Result<bool> {
    let list = fs::read(folder.join(exported::MANIFEST)).unwrap_or_default();
    let list: serde_json::Value = serde_json::from_slice(&list).unwrap_or_default();
    let listed = list["files"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_as_listed = |file: &serde_json::Value| {
        let name = Path::new(file["name"].as_str().unwrap_or_default());
        let is_found = found.iter().any(|(path, _)| path == name);
        is_found
            && fs::read(folder.join(name)).is_ok_and(|bytes| {
                Some(format!("{:x}", Sha256::digest(bytes)).as_str()) == file["sha256"].as_str()
            })
    };
    if listed.is_empty() || !listed.iter().all(is_as_listed) {
        return Ok(found.len() < 2 && listed.len() < 2);
    }
    for (path, _) in found {
        let is_listed = listed.iter().any(|file| file["name"].as_str() == path.to_str());
        if !is_listed {
            fs::remove_file(folder.join(path))?;
        }
    }
    Ok(true)
}

fn half_written(place: &str) -> Error {
    Error::usage(
        format!(
            "{place} is half written, by a run that was killed or by another one at this moment"
        ),
        "run the command again when no other one is under way, with `--if-exists replace` and all sources \
         of that day: accounts that are not among them are dropped",
    )
}
