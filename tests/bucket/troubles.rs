//! What people are told.

use credsql::aws::s3::Object;
use credsql::aws::trouble::Kind;

use crate::bucket::support::s3_server::Fault;
use crate::bucket::support::{bucket, named, server, words};

fn object(key: &str) -> Object {
    Object { key: key.into(), size: 1, etag: "\"e\"".into(), modified: 0, archived: None }
}

#[tokio::test]
async fn a_bucket_that_is_not_there() {
    let (_directory, server) = server();
    let bucket = named(&server, "no-such-bucket").await;
    for trouble in [
        bucket.list_sorted("a", |_| ()).await.unwrap_err(),
        bucket.get(&object("a")).await.unwrap_err(),
        bucket.put("a", "x".into(), &credsql::aws::s3::PutOptions::default()).await.unwrap_err(),
    ] {
        assert_eq!((trouble.kind, trouble.code.as_deref()), (Kind::NotFound, Some("NoSuchBucket")));
        assert!(
            words(&trouble).contains("no such bucket; look at the spelling"),
            "{}",
            words(&trouble)
        );
        assert!(trouble.message.starts_with("s3://no-such-bucket"), "{trouble}");
    }
}

#[tokio::test]
async fn answers_are_told_for_what_they_mean_here() {
    let (_directory, server) = server();
    let bucket = bucket(&server).await;
    let me = "User: arn:aws:iam::111122223333:user/me is not authorized to perform:";
    let kms: &str = Box::leak(format!("{me} kms:Decrypt on resource: arn:aws:kms:eu-west-1:111122223333:key/1 because no identity-based policy allows the kms:Decrypt action").into_boxed_str());
    let mine: &str = Box::leak(format!("{me} s3:GetObject on resource: \"arn:aws:s3:::reports-bucket/a\" because no identity-based policy allows the s3:GetObject action").into_boxed_str());
    let deny: &str = Box::leak(
        format!(
            "{me} s3:GetObject on resource: \"x\" with an explicit deny in a service control policy"
        )
        .into_boxed_str(),
    );
    for (status, code, message, kind, told) in [
        (
            403,
            "AccessDenied",
            "Access Denied",
            Kind::Denied,
            "s3:GetObject on arn:aws:s3:::reports-bucket/*; if it belongs to others who have their readers pay, add `--request-payer`",
        ),
        (403, "AccessDenied", mine, Kind::Denied, "s3:GetObject on arn:aws:s3:::reports-bucket/*"),
        (
            403,
            "AccessDenied",
            kms,
            Kind::Denied,
            "allow kms:Decrypt on arn:aws:kms:eu-west-1:111122223333:key/1",
        ),
        (403, "AccessDenied", deny, Kind::Denied, "organization"),
        (403, "InvalidObjectState", "archived", Kind::Other, "restore-object"),
        (
            400,
            "KMS.DisabledException",
            "disabled",
            Kind::Denied,
            "KMS key of the object cannot be used",
        ),
        (404, "NoSuchKey", "gone", Kind::NotFound, "gone since it was listed"),
        (412, "PreconditionFailed", "changed", Kind::Changed, "it changed while it was read"),
        (416, "InvalidRange", "range", Kind::Changed, "it changed while it was read"),
        (400, "ExpiredToken", "expired", Kind::Expired, "aws sso login"),
        (403, "InvalidAccessKeyId", "unknown", Kind::NoCredentials, "aws sso login"),
        (503, "SlowDown", "Please reduce your request rate.", Kind::Throttled, "slow down"),
    ] {
        server.forget();
        let times = if status == 503 { 8 } else { 1 };
        server.fault(times, Fault::answer(status, code, message), |_| true);
        let trouble = bucket.get(&object("a")).await.unwrap_err();
        assert_eq!(trouble.kind, kind, "{code}: {}", words(&trouble));
        assert!(words(&trouble).contains(told), "{code}: {}", words(&trouble));
        assert!(trouble.message.starts_with("s3://reports-bucket/a: "), "{trouble}");
        assert_eq!(server.seen().len(), times, "{code}");
    }
}

#[tokio::test]
async fn a_denied_head_is_a_denial() {
    let (_directory, server) = server();
    let bucket = bucket(&server).await;
    server.fault(1, Fault::answer(403, "AccessDenied", ""), |_| true);
    let trouble = bucket.head("a").await.unwrap_err();
    assert_eq!(trouble.kind, Kind::Denied);
    assert!(
        words(&trouble).contains("allow s3:GetObject on arn:aws:s3:::reports-bucket/*"),
        "{}",
        words(&trouble)
    );
}
