//! Files as objects: `s3s-fs`, and what it lacks. Added are entity tags in listings and `If-Match` on
//! reads, listings that read only the folders asked for, and `NoSuchBucket` on reads. Keys that are no
//! paths (`a//b`) cannot be kept; an empty directory is a folder marker.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use s3s::dto::{
    CommonPrefix, DeleteObjectInput, DeleteObjectOutput, ETag, ETagCondition, GetObjectInput,
    GetObjectOutput, HeadBucketInput, HeadBucketOutput, HeadObjectInput, HeadObjectOutput,
    ListObjectsV2Input, ListObjectsV2Output, Object, ObjectStorageClass, PutObjectInput,
    PutObjectOutput, Timestamp,
};
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};

/// A file, as it is listed.
#[derive(Debug, Clone)]
struct Entry {
    /// Ends with a slash if it is a folder that holds something.
    key: String,
    size: i64,
    etag: String,
    modified: Option<Timestamp>,
}

type Lists = HashMap<(String, String, bool), (Instant, Arc<Vec<Entry>>)>;

/// How long the later pages of a listing are those of its first.
const KEPT: Duration = Duration::from_secs(2);

type IsArchived = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// The objects in a directory.
pub(crate) struct Store {
    files: s3s_fs::FileSystem,
    root: PathBuf,
    is_archived: IsArchived,
    lists: Mutex<Lists>,
}

fn entity(metadata: &fs::Metadata) -> String {
    format!(
        "{:x}-{:x}-{:x}{:08x}",
        metadata.ino(),
        metadata.len(),
        metadata.mtime(),
        metadata.mtime_nsec()
    )
}

impl Store {
    pub(crate) fn new(
        root: &Path,
        is_archived: impl Fn(&str) -> bool + Send + Sync + 'static,
    ) -> Self {
        let files = s3s_fs::FileSystem::new(root).expect("a directory");
        Self {
            files,
            root: root.to_owned(),
            is_archived: Box::new(is_archived),
            lists: Mutex::default(),
        }
    }

    fn lists(&self) -> MutexGuard<'_, Lists> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bucket(&self, bucket: &str) -> S3Result<PathBuf> {
        let path = self.root.join(bucket);
        if path.is_dir() { Ok(path) } else { Err(s3_error!(NoSuchBucket)) }
    }

    fn entity(&self, bucket: &str, key: &str) -> S3Result<String> {
        let metadata = self.bucket(bucket)?.join(key).metadata().ok().filter(fs::Metadata::is_file);
        Ok(entity(&metadata.ok_or_else(|| s3_error!(NoSuchKey))?))
    }

    /// All that a listing shows, in order.
    fn list(
        &self,
        bucket: &str,
        prefix: &str,
        one_level: bool,
        is_first: bool,
    ) -> S3Result<Arc<Vec<Entry>>> {
        let path = self.bucket(bucket)?;
        let name = (bucket.to_owned(), prefix.to_owned(), one_level);
        let mut lists = self.lists();
        if let Some((since, list)) = lists.get(&name)
            && !is_first
            && since.elapsed() < KEPT
        {
            return Ok(Arc::clone(list));
        }
        let mut list = Vec::new();
        let folder = prefix.rfind('/').map_or("", |end| &prefix[..=end]);
        walk(&path.join(folder), folder, prefix, one_level, &mut list);
        list.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        let list = Arc::new(list);
        lists.insert(name, (Instant::now(), Arc::clone(&list)));
        Ok(list)
    }
}

fn walk(path: &Path, folder: &str, prefix: &str, one_level: bool, list: &mut Vec<Entry>) {
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        let mut key = format!("{folder}{}", entry.file_name().to_string_lossy());
        let Ok(metadata) = entry.metadata() else { continue };
        if metadata.is_dir() {
            key.push('/');
        }
        if !(key.starts_with(prefix) || metadata.is_dir() && prefix.starts_with(&key)) {
            continue;
        }
        let is_empty =
            || fs::read_dir(entry.path()).is_ok_and(|mut entries| entries.next().is_none());
        if metadata.is_dir() && !one_level && !is_empty() {
            walk(&entry.path(), &key, prefix, one_level, list);
        } else if key.starts_with(prefix) {
            let size = if metadata.is_dir() {
                0
            } else {
                i64::try_from(metadata.len()).unwrap_or(i64::MAX)
            };
            let modified = metadata.modified().ok().map(Timestamp::from);
            list.push(Entry { key, size, etag: entity(&metadata), modified });
        }
    }
}

#[async_trait::async_trait]
impl S3 for Store {
    async fn head_bucket(
        &self,
        request: S3Request<HeadBucketInput>,
    ) -> S3Result<S3Response<HeadBucketOutput>> {
        self.files.head_bucket(request).await
    }

    async fn get_object(
        &self,
        request: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        let etag = ETag::Strong(self.entity(&bucket, &key)?);
        if let Some(ETagCondition::ETag(wanted)) = &request.input.if_match
            && !wanted.strong_cmp(&etag)
        {
            return Err(s3_error!(PreconditionFailed));
        }
        if (self.is_archived)(&key) {
            return Err(s3_error!(InvalidObjectState));
        }
        let mut response = self.files.get_object(request).await?;
        response.output.e_tag = Some(etag);
        Ok(response)
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let etag = self.entity(&request.input.bucket, &request.input.key)?;
        let mut response = self.files.head_object(request).await?;
        response.output.e_tag = Some(ETag::Strong(etag));
        Ok(response)
    }

    async fn put_object(
        &self,
        mut request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        self.bucket(&bucket)?;
        // The files below know other etags.
        if let Some(ETagCondition::ETag(wanted)) = request.input.if_match.take() {
            let there = self.entity(&bucket, &key).map(ETag::Strong);
            if !there.is_ok_and(|there| wanted.strong_cmp(&there)) {
                return Err(s3_error!(PreconditionFailed));
            }
        }
        let mut response = self.files.put_object(request).await?;
        self.lists().clear();
        response.output.e_tag = self.entity(&bucket, &key).ok().map(ETag::Strong);
        Ok(response)
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        let response = self.files.delete_object(request).await?;
        self.lists().clear();
        Ok(response)
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = request.input;
        let prefix = input.prefix.clone().unwrap_or_default();
        let one_level = input.delimiter.is_some();
        let after = input.continuation_token.as_ref().or(input.start_after.as_ref());
        let list = self.list(&input.bucket, &prefix, one_level, after.is_none())?;
        // A folder that a key is in comes again behind that key, as with the real one.
        let is_behind = |entry: &Entry, after: &String| {
            entry.key > *after
                || (input.continuation_token.is_none()
                    && one_level
                    && entry.key != *after
                    && after.starts_with(&entry.key))
        };
        let limit = usize::try_from(input.max_keys.unwrap_or(1000)).unwrap_or(1000).min(1000);
        let mut shown =
            list.iter().filter(|entry| after.is_none_or(|after| is_behind(entry, after)));
        let page: Vec<&Entry> = shown.by_ref().take(limit).collect();
        let next = shown.next().and(page.last()).map(|entry| entry.key.clone());
        let is_folder =
            |entry: &&&Entry| one_level && entry.key.ends_with('/') && entry.key != prefix;
        let contents = page.iter().filter(|entry| !is_folder(entry)).map(|entry| Object {
            key: Some(entry.key.clone()),
            size: Some(entry.size),
            e_tag: Some(ETag::Strong(entry.etag.clone())),
            last_modified: entry.modified.clone(),
            storage_class: (self.is_archived)(&entry.key)
                .then(|| ObjectStorageClass::from_static(ObjectStorageClass::GLACIER)),
            ..Object::default()
        });
        let folders = page
            .iter()
            .filter(is_folder)
            .map(|entry| CommonPrefix { prefix: Some(entry.key.clone()) });
        Ok(S3Response::new(ListObjectsV2Output {
            contents: Some(contents.collect()),
            common_prefixes: Some(folders.collect()),
            key_count: Some(i32::try_from(page.len()).unwrap_or(i32::MAX)),
            is_truncated: Some(next.is_some()),
            next_continuation_token: next,
            name: Some(input.bucket),
            prefix: input.prefix,
            delimiter: input.delimiter,
            ..ListObjectsV2Output::default()
        }))
    }
}
