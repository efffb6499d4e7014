//! Locations written in other ways, most of them pasted from a browser, and what they should be.

use crate::aws::trouble::Trouble;

use super::location::wrong;

/// Why a text that does not begin with `s3://` is no location, with the one that was meant.
pub(super) fn unlike_a_location(text: &str) -> Trouble {
    let (message, meant) = if let Some(rest) = text.strip_prefix("s3:") {
        ("a slash is missing", Some(rest.trim_start_matches('/').to_owned()))
    } else if let Some(rest) = text.strip_prefix("arn:") {
        ("a location in S3 begins with s3://", of_arn(rest))
    } else if let Some(rest) = after_scheme(text, &["https://", "http://"]) {
        ("a web address is no location in S3", of_url(rest))
    } else if let Some(rest) = after_scheme(text, &["s3://", "s3a://", "s3n://"]) {
        ("a location in S3 begins with s3://", Some(rest.to_owned()))
    } else {
        ("a location in S3 begins with s3://", None)
    };
    // What has an @ in it may have a secret in it.
    let meant = meant.filter(|meant| !meant.is_empty() && !meant.contains('@'));
    wrong(message).hint(format!("write s3://{}", meant.as_deref().unwrap_or("bucket/prefix")))
}

fn after_scheme<'a>(text: &'a str, schemes: &[&str]) -> Option<&'a str> {
    schemes.iter().find_map(|scheme| {
        let (start, rest) = text.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    })
}

fn of_arn(rest: &str) -> Option<String> {
    let resource = rest.splitn(5, ':').last()?;
    if rest.split(':').nth(2)?.is_empty() {
        return Some(resource.to_owned());
    }
    resource.starts_with("accesspoint").then(|| format!("arn:{rest}"))
}

/// The location that an address of S3, or of its console, stands for.
fn of_url(rest: &str) -> Option<String> {
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    if !host.ends_with(".amazonaws.com")
        && !host.ends_with(".amazonaws.com.cn")
        && !host.ends_with(".aws.amazon.com")
    {
        return None;
    }
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let (bucket, key) = if host.ends_with(".aws.amazon.com") {
        of_console(path, query)?
    } else if host.starts_with("s3.") || host.starts_with("s3-") {
        path.split_once('/').unwrap_or((path, ""))
    } else {
        let end = [".s3.", ".s3-"].iter().find_map(|mark| host.rfind(mark))?;
        (host.get(..end)?, path)
    };
    // An encoded key is not decoded for a hint: the bucket is what people need to see.
    let key = if key.contains('%') { "…" } else { key };
    Some(if key.is_empty() { bucket.to_owned() } else { format!("{bucket}/{key}") })
}

/// `s3/buckets/NAME?prefix=…` for a folder, `s3/object/NAME?prefix=…` for an object.
fn of_console<'a>(path: &'a str, query: &'a str) -> Option<(&'a str, &'a str)> {
    let bucket = ["s3/buckets/", "s3/object/"].iter().find_map(|start| path.strip_prefix(start))?;
    let prefix = query.split('&').find_map(|pair| pair.strip_prefix("prefix=")).unwrap_or_default();
    Some((bucket.trim_end_matches('/'), prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_address_becomes_the_location_that_was_meant() {
        for (text, meant) in [
            ("https://my-bucket.s3.eu-west-1.amazonaws.com/a/b.csv", "s3://my-bucket/a/b.csv"),
            ("https://my.bucket.s3.amazonaws.com", "s3://my.bucket"),
            ("https://my-bucket.s3-eu-west-1.amazonaws.com/a", "s3://my-bucket/a"),
            ("https://s3.eu-west-1.amazonaws.com/my-bucket/a/b", "s3://my-bucket/a/b"),
            ("https://s3.cn-north-1.amazonaws.com.cn/my-bucket/", "s3://my-bucket"),
            (
                "https://eu-west-1.console.aws.amazon.com/s3/buckets/my-bucket?region=eu-west-1&prefix=a/b/&showversions=false",
                "s3://my-bucket/a/b/",
            ),
            ("https://s3.console.aws.amazon.com/s3/buckets/my-bucket", "s3://my-bucket"),
            ("https://my-bucket.s3.amazonaws.com/a%20b?X-Amz-Signature=abc", "s3://my-bucket/…"),
            ("https://minio.example.com/my-bucket/a", "s3://bucket/prefix"),
            (
                "arn:aws:s3:eu-west-1:111122223333:accesspoint/x/a",
                "s3://arn:aws:s3:eu-west-1:111122223333:accesspoint/x/a",
            ),
        ] {
            let trouble = unlike_a_location(text);
            assert_eq!(trouble.hint.as_deref(), Some(format!("write {meant}").as_str()), "{text}");
        }
    }
}
