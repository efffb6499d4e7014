//! Why S3 did not do what was asked: what its codes mean for this bucket and this object.

use std::error::Error;

use crate::aws::trouble::{Kind, Trouble};
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

use super::bucket::Bucket;
use super::region;

/// What was being done.
#[derive(Debug, Clone, Copy)]
pub(super) enum Doing<'a> {
    /// Listing keys that begin so.
    List(&'a str),
    /// Reading the object of this key, or asking about it.
    Read(&'a str),
    /// Writing this key, to a bucket that must be of this account.
    Write(&'a str, Option<&'a str>),
    /// Deleting this key, from a bucket that must be of this account.
    Delete(&'a str, Option<&'a str>),
}

impl<'a> Doing<'a> {
    fn action(self) -> &'static str {
        match self {
            Self::List(_) => "s3:ListBucket",
            Self::Read(_) => "s3:GetObject",
            Self::Write(..) => "s3:PutObject",
            Self::Delete(..) => "s3:DeleteObject",
        }
    }

    fn key(self) -> &'a str {
        match self {
            Self::List(key) | Self::Read(key) | Self::Write(key, _) | Self::Delete(key, _) => key,
        }
    }
}

/// The place a trouble is about, as the user would write it.
pub(super) fn place(bucket: &Bucket, key: &str) -> String {
    let slash = if key.is_empty() { "" } else { "/" };
    format!("s3://{}{slash}{key}", bucket.name())
}

/// An error of the SDK in words.
pub(super) fn told<E>(
    bucket: &Bucket,
    doing: Doing<'_>,
    error: &SdkError<E, HttpResponse>,
) -> Trouble
where
    E: Error + ProvideErrorMetadata + 'static,
{
    let general = Trouble::of(doing.action(), error);
    let place = place(bucket, doing.key());
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    // Without a code: answers to HEAD.
    let code = error.code().unwrap_or(if status == 403 { "AccessDenied" } else { "" });
    let special = match code {
        "AccessDenied" if general.kind == Kind::Denied => {
            denied(bucket, doing, general.clone(), error.message().unwrap_or_default())
        }
        _ if status == 301 || status == 307 || region::is_elsewhere(error) && !code.is_empty() => {
            elsewhere(bucket, region::named(error))
        }
        _ => match by_code(bucket, doing, code) {
            Some(special) => special,
            None => return general.at(&place),
        },
    };
    let special = special.at(&place);
    if code.is_empty() { special } else { special.code(code) }
}

fn by_code(bucket: &Bucket, doing: Doing<'_>, code: &str) -> Option<Trouble> {
    Some(match (code, doing) {
        ("NoSuchBucket" | "NoSuchAccessPoint", _) => Trouble::new(Kind::NotFound, "there is no such bucket")
            .hint("look at the spelling, and at the account and the endpoint in use: `aws s3 ls` lists its buckets"),
        ("InvalidBucketName", _) => Trouble::new(Kind::Other, "no bucket can have this name")
            .hint("names have 3 to 63 small letters, digits, hyphens and dots"),
        ("NoSuchKey" | "NoSuchVersion", Doing::Read(_)) => gone(),
        ("PreconditionFailed" | "InvalidRange", Doing::Read(_)) => changed(),
        ("InvalidObjectState", Doing::Read(key)) => archived(bucket, key),
        ("NotImplemented", _) => Trouble::new(Kind::Other, "this store cannot do what S3 can")
            .hint("is AWS_ENDPOINT_URL set, and right?"),
        _ if code.starts_with("KMS.") => {
            Trouble::new(Kind::Denied, "the KMS key of the object cannot be used")
                .hint("it is disabled, waits for its deletion, or is gone: the account that owns the key can tell")
        }
        _ => return None,
    })
}

/// It is not there any more.
pub(super) fn gone() -> Trouble {
    Trouble::new(Kind::NotFound, "it is gone since it was listed")
        .hint("run it again: what is there now will be listed")
}

/// It is not what was listed.
pub(super) fn changed() -> Trouble {
    Trouble::new(
        Kind::Changed,
        "it changed while it was read: what is there now is not what was listed",
    )
    .hint("run it again: what is there now will be listed")
}

fn archived(bucket: &Bucket, key: &str) -> Trouble {
    let quoted = shlex::try_quote(key).unwrap_or_default();
    Trouble::new(Kind::Other, "it is archived and cannot be read at once").hint(format!(
        "restore it, and wait for some hours: `aws s3api restore-object --bucket {} --key {quoted} --restore-request Days=7`",
        bucket.name()
    ))
}

fn elsewhere(bucket: &Bucket, region: Option<String>) -> Trouble {
    let region = region.map(|region| format!(", {region}")).unwrap_or_default();
    let trouble = Trouble::new(Kind::Other, format!("the bucket is in another region{region}"));
    if bucket.is_custom() {
        trouble.hint("requests go where AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3 or the profile says: unset it, or name the endpoint of that region")
    } else {
        trouble.hint("name the region of the bucket with `--region`")
    }
}

fn denied(bucket: &Bucket, doing: Doing<'_>, general: Trouble, message: &str) -> Trouble {
    if bucket.is_anonymous() {
        return Trouble::new(Kind::Denied, "it is not public, and the request was not signed")
            .hint("`--no-sign-request` is for public buckets: leave it out");
    }
    if message.contains("kms:") {
        let key = message
            .split_whitespace()
            .find(|word| word.starts_with("arn:") && word.contains(":kms:"));
        let key = key.map(|key| format!(" on {key}")).unwrap_or_default();
        let action = if matches!(doing, Doing::Write(..)) {
            "kms:GenerateDataKey and kms:Decrypt"
        } else {
            "kms:Decrypt"
        };
        return general.hint(format!(
            "objects are encrypted with a KMS key: allow {action}{key}, in your policy and in the policy of the key"
        ));
    }
    // Those know better who can change it.
    let of_others = ["explicit deny", "service control", "resource control", "session policy"];
    if of_others.iter().any(|sort| message.contains(sort)) {
        return general;
    }
    let resource = bucket.arn(!matches!(doing, Doing::List(_)));
    let mut hint = format!("allow {} on {resource}", doing.action());
    // To accounts other than its own a bucket does not say why.
    if !message.contains("User: ") {
        if !bucket.options().request_payer {
            hint.push_str(
                "; if it belongs to others who have their readers pay, add `--request-payer`",
            );
        }
        if let Doing::Write(_, Some(owner)) | Doing::Delete(_, Some(owner)) = doing {
            hint = format!(
                "{hint}; or the bucket does not belong to {owner}, as `--expected-bucket-owner` demands"
            );
        }
    }
    general.hint(hint)
}
