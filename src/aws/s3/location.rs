//! Where objects are, as the user writes it.

use std::fmt;

use crate::aws::trouble::{Kind, Result, Trouble};

use super::pasted;

/// What comes first in every location.
const SCHEME: &str = "s3://";

/// A bucket, or an access point, and what the keys in it begin with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Location {
    /// The name of a bucket, the alias of an access point, or the ARN of one.
    pub bucket: String,
    /// What keys begin with, exactly as written: nothing in it is decoded. Empty for all of them.
    pub prefix: String,
}

impl Location {
    /// Reads `s3://bucket/prefix`. The bucket may be the ARN of an access point.
    ///
    /// # Errors
    /// If no bucket can have that name. What is wrong and how to write it is told.
    pub fn parse(text: &str) -> Result<Self> {
        let Some(rest) = text.strip_prefix(SCHEME) else {
            return Err(pasted::unlike_a_location(text));
        };
        if let Some(location) = access_point(rest)? {
            return Ok(location);
        }
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        check(bucket)?;
        Ok(Self { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

impl Location {
    /// Whether everything here is also found there.
    #[must_use]
    pub fn is_inside(&self, other: &Self) -> bool {
        let folder = |prefix: &str| format!("{}/", prefix.trim_end_matches('/'));
        self.bucket == other.bucket
            && (other.prefix.is_empty() || folder(&self.prefix).starts_with(&folder(&other.prefix)))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}", self.bucket)?;
        if self.prefix.is_empty() { Ok(()) } else { write!(f, "/{}", self.prefix) }
    }
}

/// `arn:aws:s3:eu-west-1:111122223333:accesspoint/name/prefix`, after the scheme.
fn access_point(rest: &str) -> Result<Option<Location>> {
    if !rest.starts_with("arn:") {
        return Ok(None);
    }
    let parts: Vec<&str> = rest.splitn(6, ':').collect();
    let [_, partition, service, region, account, resource] = parts[..] else {
        return Err(no_access_point(rest));
    };
    if service == "s3" && region.is_empty() && account.is_empty() {
        return Err(
            wrong("an ARN of a bucket is no location").hint(format!("write {SCHEME}{resource}"))
        );
    }
    let named =
        ["accesspoint/", "accesspoint:"].iter().find_map(|sort| resource.strip_prefix(sort));
    let Some(named) = named.filter(|_| service == "s3" && !region.is_empty()) else {
        return Err(no_access_point(rest));
    };
    let (name, prefix) = named.split_once('/').unwrap_or((named, ""));
    check(name)?;
    let bucket = format!("arn:{partition}:s3:{region}:{account}:accesspoint/{name}");
    Ok(Some(Location { bucket, prefix: prefix.to_owned() }))
}

fn no_access_point(arn: &str) -> Trouble {
    if arn.contains(".mrap") {
        return wrong("access points of several regions cannot be read")
            .hint("name the bucket of one region");
    }
    wrong("only access points of a region can be named by their ARN")
        .hint("write s3://arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME/prefix")
}

/// Refuses what no bucket is called. The service would refuse it as well, less clearly.
fn check(bucket: &str) -> Result<()> {
    if bucket.is_empty() {
        return Err(wrong("no bucket is named").hint("write s3://bucket/prefix"));
    }
    if bucket.contains('@') {
        // Not repeated: what stands before the sign may be a secret.
        return Err(wrong("credentials do not belong into a location")
            .hint("set AWS_PROFILE, or sign in with `aws login`, and write s3://bucket/prefix"));
    }
    let refuse = |why: &str| Err(wrong(format!("`{bucket}` is no name of a bucket: {why}")));
    if let Some(letter) = bucket.chars().find(|letter| !is_allowed(*letter)) {
        let why = format!("it has `{}` in it", letter.escape_default());
        let hint =
            "names have small letters, digits, hyphens and dots; `aws s3 ls` lists your buckets";
        return refuse(&why).map_err(|trouble| trouble.hint(hint));
    }
    if !(3..=63).contains(&bucket.len()) {
        return refuse("names have 3 to 63 letters");
    }
    let is_end = |end: Option<char>| end.is_some_and(|letter| letter.is_ascii_alphanumeric());
    if !is_end(bucket.chars().next()) || !is_end(bucket.chars().next_back()) {
        return refuse("names begin and end with a letter or a digit");
    }
    Ok(())
}

fn is_allowed(letter: char) -> bool {
    letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '-' | '.')
}

/// A location that is not one.
pub(super) fn wrong(message: impl Into<String>) -> Trouble {
    Trouble::new(Kind::Other, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(text: &str) -> (String, String) {
        let location = Location::parse(text).unwrap();
        (location.bucket, location.prefix)
    }

    fn refusal(text: &str) -> String {
        let trouble = Location::parse(text).unwrap_err();
        format!("{trouble}; {}", trouble.hint.clone().unwrap_or_default())
    }

    #[test]
    fn a_folder_is_inside_itself_and_those_above() {
        let inside = |one: &str, other: &str| {
            let [one, other] = [one, other].map(|text| Location::parse(text).expect("a location"));
            one.is_inside(&other)
        };
        assert!(inside("s3://bucket/a/b", "s3://bucket/a"));
        assert!(inside("s3://bucket/a/", "s3://bucket/a"));
        assert!(inside("s3://bucket/a", "s3://bucket"));
        assert!(!inside("s3://bucket/ab", "s3://bucket/a"));
        assert!(!inside("s3://bucket", "s3://bucket/a"));
        assert!(!inside("s3://other/a", "s3://bucket/a"));
    }

    #[test]
    fn a_location_is_a_bucket_and_a_prefix() {
        for (text, bucket, prefix) in [
            ("s3://my-bucket", "my-bucket", ""),
            ("s3://my-bucket/", "my-bucket", ""),
            ("s3://my.bucket/a/b", "my.bucket", "a/b"),
            ("s3://abc//a", "abc", "/a"),
            ("s3://abc/a b+c%20d?e#f*ü", "abc", "a b+c%20d?e#f*ü"),
        ] {
            assert_eq!(location(text), (bucket.to_owned(), prefix.to_owned()), "{text}");
        }
    }

    #[test]
    fn access_points_are_named_by_their_arn() {
        let arn = "arn:aws:s3:eu-west-1:111122223333:accesspoint/reports";
        for (text, prefix) in [("", ""), ("/", ""), ("/a/b:c", "a/b:c")] {
            assert_eq!(location(&format!("s3://{arn}{text}")), (arn.to_owned(), prefix.to_owned()));
        }
        let colon = "s3://arn:aws-cn:s3:cn-north-1:111122223333:accesspoint:reports/a";
        assert_eq!(location(colon).0, "arn:aws-cn:s3:cn-north-1:111122223333:accesspoint/reports");
    }

    #[test]
    fn it_is_written_as_it_was_read() {
        for text in ["s3://my-bucket", "s3://abc/a b+c%20d/ü", "s3://abc//a/"] {
            assert_eq!(Location::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_the_right_way_to_write_it() {
        for (text, words) in [
            ("s3://", "no bucket is named; write s3://bucket/prefix"),
            ("s3:///reports", "no bucket is named"),
            ("s3:/bucket/a", "a slash is missing; write s3://bucket/a"),
            ("s3:bucket", "a slash is missing; write s3://bucket"),
            ("S3://bucket/a", "write s3://bucket/a"),
            ("s3a://bucket/a", "write s3://bucket/a"),
            (
                "s3://My-Bucket/a",
                "`My-Bucket` is no name of a bucket: it has `M` in it; names have small",
            ),
            ("s3://my_bucket", "it has `_` in it"),
            ("s3://ab", "3 to 63"),
            ("s3://abc-/x", "begin and end"),
            ("s3://arn:aws:s3:::bucket/a", "write s3://bucket/a"),
            ("s3://arn:aws:s3::111122223333:accesspoint/mfzwi23gnjvgw.mrap", "several regions"),
            (
                "s3://arn:aws:s3-outposts:eu-west-1:111122223333:outpost/op-1/accesspoint/x",
                "only access points",
            ),
            ("arn:aws:s3:::bucket/a", "write s3://bucket/a"),
            ("bucket/a", "begins with s3://"),
        ] {
            let refusal = refusal(text);
            assert!(refusal.contains(words), "{text}: {refusal}");
        }
    }

    #[test]
    fn a_secret_in_a_location_is_not_repeated() {
        let refusal = refusal("s3://AKIAIOSFODNN7EXAMPLE:topsecret@bucket/a");
        assert!(refusal.contains("AWS_PROFILE"), "{refusal}");
        assert!(!refusal.contains("AKIA") && !refusal.contains("topsecret"), "{refusal}");
    }
}
