//! Reports in a bucket: listed, and read by name as far as names tell.

use std::sync::Arc;

use super::exported;
use super::kept;
use super::key::{self, KeyPlace};
use super::{Absent, Found, Listing, Place, Reach, Unlisted};
use crate::aws::access::Access;
use crate::aws::calls;
use crate::aws::s3::{Bucket, Location, Object, Scope};
use crate::aws::trouble::{Kind, Result};
use crate::report::{GeneratedTime, TimeBasis};

/// Suffixes that reports come with, in any wrapping we know. An object with another one would only
/// be fetched to be thrown away, and every fetch is paid for.
const SUFFIXES: [&str; 10] =
    ["csv", "tsv", "txt", "json", "jsonl", "ndjson", "xml", "parquet", "b64", "base64"];

/// Lists a bucket or a folder in it, or one object. Blocks until all of it is listed.
pub(super) fn list(location: &Location, reach: &Reach<'_>, listing: &mut Listing) {
    match objects(location, reach) {
        Ok((_, objects, _)) if objects.is_empty() => listing.unlisted.push(nothing(location)),
        Ok((bucket, objects, scope)) => {
            if scope == Scope::Letters {
                listing.remarks.push(format!(
                    "{location} is neither an object nor a folder: all that begins with these letters is read"
                ));
            }
            let named = |object: &Object| object.key == location.prefix;
            let found = objects.into_iter().map(|object| {
                let named = named(&object);
                found(&bucket, location, object, named)
            });
            listing.found.extend(found);
        }
        Err(trouble) if trouble.kind == Kind::Interrupted => listing.is_partial = true,
        Err(trouble) => {
            let trouble = trouble.for_profile(reach.aws.profile.as_deref());
            listing.unlisted.push(Unlisted::of(location.to_string(), trouble));
        }
    }
}

fn objects(location: &Location, reach: &Reach<'_>) -> Result<(Bucket, Vec<Object>, Scope)> {
    let (options, location) = (Arc::clone(&reach.aws), location.clone());
    calls::wait(reach.cancelled, async move {
        let access = Access::load(options.access(None)).await?;
        let bucket = Bucket::connect(&access, &location.bucket, &options.s3()).await?;
        let (objects, listed) = bucket.list_sorted(&location.prefix, |_| {}).await?;
        // What `credsql collect` and `credsql export` write beside the reports.
        let is_beside =
            |key: &str| kept::is_beside_reports(key) || exported::is_beside_reports(key);
        let objects = objects.into_iter().filter(|object| !is_beside(&object.key));
        Ok((bucket, objects.collect(), listed.scope))
    })
}

fn nothing(location: &Location) -> Unlisted {
    if location.prefix.contains(['*', '?']) {
        let hint = "name the folder, and choose by a condition: `WHERE source LIKE '%/2026-10-%'`";
        return Unlisted {
            source: location.to_string(),
            reason: "there is nothing of this name; patterns are for files alone".to_owned(),
            hint: Some(hint.to_owned()),
        };
    }
    let folder =
        location.prefix.rsplit_once('/').map_or(String::new(), |(above, _)| format!("{above}/"));
    Unlisted {
        source: location.to_string(),
        reason: "there is nothing of this name".to_owned(),
        hint: Some(format!("see what there is: `aws s3 ls s3://{}/{folder}`", location.bucket)),
    }
}

/// What name and listing say of an object.
fn found(bucket: &Bucket, location: &Location, object: Object, named: bool) -> Found {
    let source = format!("s3://{}/{}", location.bucket, object.key);
    let facts = key::facts(&source);
    let time = match facts.time {
        Some(time) => GeneratedTime {
            millis: time.millis,
            basis: match time.place {
                KeyPlace::FileName => TimeBasis::FileName,
                KeyPlace::Folder => TimeBasis::Key,
            },
        },
        None => GeneratedTime { millis: object.modified, basis: TimeBasis::Modified },
    };
    let mut origin = super::file::origin(&source, named, Some(object.size), time);
    let place = if named || may_be_report(&object.key) {
        origin.account_id = facts.account_id.map(Arc::from);
        Place::Object(bucket.clone(), object)
    } else {
        Place::Absent(Absent::skipped("no report by its name"))
    };
    Found { origin, place }
}

/// Whether a name has the suffix of a report, or none at all, as the files of Athena's results.
fn may_be_report(key: &str) -> bool {
    let name = key.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    match name.rsplit_once('.') {
        None => true,
        Some((_, suffix)) => {
            SUFFIXES.contains(&suffix)
                // A dot of a name without a suffix: `report-2026.11.25`.
                || suffix.chars().all(|c| c.is_ascii_digit())
        }
    }
}
