//! What is in a bucket.

use std::collections::VecDeque;

use crate::aws::trouble::{Kind, Result, Trouble};
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::ObjectStorageClass;
use futures::stream::{FuturesUnordered, StreamExt};

use super::bucket::Bucket;
use super::trouble::{Doing, place, told};
use super::walk::{Page, Request, Step};

/// Requests of one listing at once.
const CONCURRENCY: usize = 16;

/// An object, as it was when it was listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its name, with all folders.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// What changes when the object does, as the store writes it; empty if it says nothing.
    pub etag: String,
    /// When it was written, in milliseconds since 1970.
    pub modified: i64,
    /// The storage class, if it is one that must be restored before it can be read. It may have been
    /// restored already: a listing does not tell.
    pub archived: Option<String>,
}

/// What a prefix turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// A folder, or the whole bucket.
    Folder,
    /// The key of one object.
    Object,
    /// Both: an object, and a folder of the same name.
    Both,
    /// Neither: the first letters of some keys, all of which were listed.
    Letters,
}

/// What was listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// What the prefix turned out to be. A prefix with nothing is an empty folder.
    pub scope: Scope,
    /// How many objects there were.
    pub objects: usize,
    /// How many requests it took.
    pub requests: usize,
}

impl Bucket {
    /// Lists what a prefix stands for: the object of that key, and everything in the folder of that
    /// name; `reports` is not `reports-old`. If there is neither, all keys that begin with it. Folder
    /// markers are left out. Pages come as they are ready, in no order.
    ///
    /// # Errors
    /// If the bucket cannot be listed. Pages may have come before.
    pub async fn list(
        &self,
        prefix: &str,
        mut on_page: impl FnMut(Vec<Object>) + Send,
    ) -> Result<Listed> {
        if prefix.is_empty() || prefix.ends_with('/') {
            let (objects, requests) = self.walk(prefix, &mut on_page).await?;
            return Ok(Listed { scope: Scope::Folder, objects, requests });
        }
        let folder = format!("{prefix}/");
        let (probe, walked) = tokio::join!(self.probe(prefix), self.walk(&folder, &mut on_page));
        let is_exact = probe.as_ref().is_ok_and(|probe| probe.object.is_some());
        let (objects, requests) = match walked {
            // Who may not list may be allowed to read the one object that was named.
            Err(error) if error.kind == Kind::Denied && is_exact => (0, 1),
            walked => walked?,
        };
        let (probe, requests) = (probe?, requests + 1);
        if let Some(object) = probe.object {
            on_page(vec![object]);
            let scope = if objects == 0 { Scope::Object } else { Scope::Both };
            return Ok(Listed { scope, objects: objects + 1, requests });
        }
        if objects == 0 && probe.is_begun {
            let (objects, more) = self.walk(prefix, &mut on_page).await?;
            return Ok(Listed { scope: Scope::Letters, objects, requests: requests + more });
        }
        Ok(Listed { scope: Scope::Folder, objects, requests })
    }

    /// As [`list`](Self::list), and in the order of keys. `on_progress` is told how many objects
    /// there are so far.
    ///
    /// # Errors
    /// As for [`list`](Self::list).
    pub async fn list_sorted(
        &self,
        prefix: &str,
        mut on_progress: impl FnMut(usize) + Send,
    ) -> Result<(Vec<Object>, Listed)> {
        let mut all = Vec::new();
        let listed = self
            .list(prefix, |page| {
                all.extend(page);
                on_progress(all.len());
            })
            .await?;
        all.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        Ok((all, listed))
    }

    /// Some object of those that a prefix stands for, by one small request; `None` if there is none.
    ///
    /// # Errors
    /// If the bucket cannot be listed.
    pub async fn first(&self, prefix: &str) -> Result<Option<Object>> {
        let request = Request { prefix: prefix.to_owned(), ..Request::default() };
        Ok(self.page(&request, Some(1)).await?.objects.into_iter().next())
    }

    /// Lists everything that begins so; tells how many objects there were and how many requests.
    async fn walk(
        &self,
        prefix: &str,
        on_page: &mut (impl FnMut(Vec<Object>) + Send),
    ) -> Result<(usize, usize)> {
        let (mut objects, mut requests) = (0, 0);
        let mut waiting = VecDeque::from([Step::first(prefix)]);
        let mut flying = FuturesUnordered::new();
        loop {
            while flying.len() < CONCURRENCY
                && let Some(step) = waiting.pop_front()
            {
                requests += 1;
                flying.push(async move {
                    let page = self.page(&step.request(), None).await?;
                    Ok(step.answered(page))
                });
            }
            let Some(found) = flying.next().await.transpose()? else {
                return Ok((objects, requests));
            };
            if found.is_stuck {
                let text = "the store gives the same page of its list again and again";
                return Err(Trouble::new(Kind::Other, text).at(&place(self, prefix)));
            }
            let page: Vec<Object> = found.objects.into_iter().filter(|o| !o.is_marker()).collect();
            objects += page.len();
            if !page.is_empty() {
                on_page(page);
            }
            for step in found.steps {
                match step {
                    // They find work for others.
                    Step::Level(_) => waiting.push_front(step),
                    Step::Span(_) => waiting.push_back(step),
                }
            }
        }
    }

    /// Looks for the object of a key. Who may list a folder, but not beside it, is not told that
    /// there is none: it is asked for by its name.
    async fn probe(&self, key: &str) -> Result<Probe> {
        let request = Request { prefix: key.to_owned(), ..Request::default() };
        match self.page(&request, Some(1)).await {
            Ok(page) => Ok(Probe {
                is_begun: !page.objects.is_empty(),
                // In order, it comes before all that begin with it.
                object: page.objects.into_iter().find(|object| object.key == key),
            }),
            Err(error) if error.kind == Kind::Denied => {
                let head = self.head(key).await.ok().flatten();
                let object = head.map(|head| Object {
                    key: key.to_owned(),
                    size: head.size,
                    etag: head.etag,
                    modified: head.modified,
                    archived: None,
                });
                Ok(Probe { is_begun: false, object })
            }
            Err(error) => Err(error),
        }
    }

    async fn page(&self, request: &Request, limit: Option<i32>) -> Result<Page> {
        let send = |client: Client| {
            client
                .list_objects_v2()
                .bucket(self.name())
                .prefix(&request.prefix)
                .set_start_after(request.after.clone().filter(|_| request.token.is_none()))
                .set_continuation_token(request.token.clone())
                .set_delimiter(request.one_level.then(|| "/".to_owned()))
                .set_max_keys(limit)
                .set_request_payer(self.payer())
                .send()
        };
        let doing = Doing::List(&request.prefix);
        let answer = self.ask(send).await.map_err(|error| told(self, doing, &error))?;
        let folders = answer.common_prefixes.unwrap_or_default();
        Ok(Page {
            objects: answer
                .contents
                .unwrap_or_default()
                .into_iter()
                .filter_map(Object::of)
                .collect(),
            folders: folders.into_iter().filter_map(|folder| folder.prefix).collect(),
            next: answer.next_continuation_token.filter(|_| answer.is_truncated != Some(false)),
        })
    }
}

/// What is known of a prefix that may be a key.
struct Probe {
    /// There are keys that begin with it.
    is_begun: bool,
    object: Option<Object>,
}

impl Object {
    fn of(object: aws_sdk_s3::types::Object) -> Option<Self> {
        Some(Self {
            key: object.key?,
            size: object.size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
            etag: object.e_tag.unwrap_or_default(),
            modified: object.last_modified.as_ref().map_or(0, millis),
            archived: object
                .storage_class
                .filter(is_archive)
                .map(|class| class.as_str().to_owned()),
        })
    }

    /// What consoles leave behind so that an empty folder can be seen.
    fn is_marker(&self) -> bool {
        self.size == 0 && self.key.ends_with('/')
    }

    #[cfg(test)]
    pub(super) fn named(key: &str) -> Self {
        Self { key: key.to_owned(), size: 1, etag: String::new(), modified: 0, archived: None }
    }
}

/// The other class named after glaciers is read at once.
fn is_archive(class: &ObjectStorageClass) -> bool {
    matches!(class, ObjectStorageClass::Glacier | ObjectStorageClass::DeepArchive)
}

/// Milliseconds since 1970.
pub(super) fn millis(time: &DateTime) -> i64 {
    time.to_millis().unwrap_or_default()
}
