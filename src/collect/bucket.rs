//! A bucket to keep reports in.
//!
//! An object is written only if there is none of its key, which the store decides; one that is there
//! is asked for its checksum, which is metadata of ours. So a new report costs one request, and one
//! that is there already two. Needs `s3:PutObject` and, for what is there already, `s3:GetObject`.

use std::sync::Arc;

use super::destination::{Destination, Failure, Item, Put};
use super::taken::sha256;
use crate::aws::access::Access;
use crate::aws::calls;
use crate::aws::options::AwsOptions;
use crate::aws::s3::{self, Location, Object, PutOptions};
use crate::aws::trouble::{Kind, Result, Trouble};
use crate::table::collection::Collection;

/// How objects are written.
#[derive(Debug, Clone, Default)]
pub struct Writing {
    /// The KMS key to encrypt with; otherwise as the bucket says.
    pub sse_kms_key_id: Option<String>,
    /// The account that the bucket must belong to.
    pub expected_bucket_owner: Option<String>,
}

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
    /// Finds credentials and looks whether there is such a bucket, so that a wrong one fails before the
    /// work. Only what is certain counts: who may not look may still write.
    ///
    /// # Errors
    /// If the configuration is wrong, has no credentials, or there is no such bucket.
    pub fn open(
        location: Location,
        options: &AwsOptions,
        writing: Writing,
        collection: Arc<Collection>,
    ) -> Result<Self> {
        let (name, access) = (location.bucket.clone(), options.access(None));
        let looked_at = location.prefix.clone();
        let options = options.s3();
        let store = calls::wait(&collection.cancelled, async move {
            let access = Access::load(access).await?;
            let store = s3::Bucket::connect(&access, &name, &options).await?;
            match store.first(&looked_at).await {
                Err(trouble) if trouble.kind != Kind::Denied => Err(trouble),
                _ => Ok(store),
            }
        })?;
        Ok(Self { store, location: folder(location), writing, collection })
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.location.prefix)
    }

    fn put_new(&self, key: &str, item: &Item<'_>) -> Result<Put> {
        let key = self.key(key);
        let options = PutOptions {
            metadata: item.metadata(),
            content_type: Some(item.media_type.to_owned()),
            sse_kms_key_id: self.writing.sse_kms_key_id.clone(),
            expected_bucket_owner: self.writing.expected_bucket_owner.clone(),
        };
        let (bucket, bytes) = (self.store.clone(), item.bytes.clone());
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let sha256 = item.sha256.clone().into_owned();
        calls::wait(&self.collection.cancelled, async move {
            match bucket.put_new(&key, bytes, &options).await? {
                s3::Put::Written => Ok(Put::Written),
                // That one cannot be compared says nothing of the others.
                s3::Put::Exists => compare(&bucket, &key, size, &sha256)
                    .await
                    .map_err(|trouble| Trouble { kind: Kind::Other, ..trouble }),
            }
        })
    }
}

impl Destination for Bucket {
    fn put(&self, key: &str, item: &Item<'_>) -> Result<Put, Failure> {
        self.put_new(key, item).map_err(|trouble| failure(&self.place(key), trouble))
    }

    fn place(&self, key: &str) -> String {
        Location { prefix: self.key(key), ..self.location.clone() }.to_string()
    }
}

/// What is at a key. Objects of other writers have no checksum of ours, and are read.
async fn compare(bucket: &s3::Bucket, key: &str, size: u64, sha256: &str) -> Result<Put> {
    let Some(head) = bucket.head(key).await? else {
        return Err(Trouble::new(Kind::Changed, "it was there and is gone")
            .hint("run the command again; does something delete from this bucket?"));
    };
    if head.size != size {
        return Ok(Put::Other);
    }
    let is_same = if let Some(known) = head.metadata.get("sha256") {
        known == sha256
    } else {
        let object = Object {
            key: key.to_owned(),
            size: head.size,
            etag: head.etag,
            modified: head.modified,
            archived: None,
        };
        self::sha256(&bucket.get(&object).await?) == sha256
    };
    Ok(if is_same { Put::Same } else { Put::Other })
}

/// A prefix is a folder, with a slash or without.
fn folder(mut location: Location) -> Location {
    if !location.prefix.is_empty() && !location.prefix.ends_with('/') {
        location.prefix.push('/');
    }
    location
}

/// What went wrong, and whether it will for every other object as well.
fn failure(place: &str, trouble: Trouble) -> Failure {
    let is_final = matches!(
        trouble.kind,
        Kind::Denied | Kind::NoCredentials | Kind::Expired | Kind::NotFound | Kind::Interrupted
    );
    Failure {
        message: format!("cannot write {place}: {}", trouble.message),
        hint: trouble.hint,
        is_final,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_a_folder() {
        for (typed, written) in [
            ("s3://bucket", "s3://bucket/k"),
            ("s3://bucket/", "s3://bucket/k"),
            ("s3://bucket/a", "s3://bucket/a/k"),
            ("s3://bucket/a/b/", "s3://bucket/a/b/k"),
        ] {
            let location = folder(Location::parse(typed).expect("a location"));
            let place = Location { prefix: format!("{}k", location.prefix), ..location };
            assert_eq!(place.to_string(), written);
        }
    }

    #[test]
    fn a_denied_bucket_ends_the_run_and_a_slow_one_does_not() {
        let failure = |kind| failure("s3://bucket/k", Trouble::new(kind, "it said no"));
        assert!(failure(Kind::Denied).is_final && failure(Kind::NotFound).is_final);
        assert!(!failure(Kind::Throttled).is_final && !failure(Kind::Network).is_final);
        assert_eq!(failure(Kind::Denied).message, "cannot write s3://bucket/k: it said no");
    }
}
