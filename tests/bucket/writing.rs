//! Writing: only what is new, with what belongs to it.

use bytes::Bytes;
use credsql::aws::s3::{Put, PutOptions};
use credsql::aws::trouble::Kind;

use crate::bucket::support::s3_server::{Fault, Seen};
use crate::bucket::support::{bucket, server, words};

fn is_put(seen: &Seen) -> bool {
    seen.method == "PUT"
}

#[tokio::test]
async fn what_is_there_is_not_written_again() {
    let (directory, server) = server();
    let bucket = bucket(&server).await;
    let key = "date=2026-01-02/a b+ü.csv";
    let options = PutOptions {
        metadata: vec![
            ("sha256".into(), "abc".into()),
            ("generated-time".into(), "2026-01-02T03:04:05Z".into()),
        ],
        content_type: Some("text/csv".into()),
        ..PutOptions::default()
    };
    assert_eq!(bucket.head(key).await.unwrap(), None);
    assert_eq!(bucket.put_new(key, Bytes::from("one"), &options).await.unwrap(), Put::Written);
    assert_eq!(bucket.put_new(key, Bytes::from("other"), &options).await.unwrap(), Put::Exists);
    let file = directory.path().join("reports-bucket").join(key);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "one");
    let head = bucket.head(key).await.unwrap().unwrap();
    assert_eq!((head.size, head.metadata.len()), (3, 2));
    assert_eq!(head.metadata["generated-time"], "2026-01-02T03:04:05Z");
    assert!(head.modified > 0 && !head.etag.is_empty());
    bucket.put(key, Bytes::from("other"), &options).await.unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "other");
    let first = server.seen().into_iter().find(is_put).unwrap();
    assert_eq!(
        (first.header("if-none-match"), first.header("content-type")),
        (Some("*"), Some("text/csv"))
    );
}

#[tokio::test]
async fn a_store_without_conditional_writes_is_asked_first() {
    let (directory, server) = server();
    let bucket = bucket(&server).await;
    let message = "A header you provided implies functionality that is not implemented";
    server.fault(usize::MAX, Fault::answer(501, "NotImplemented", message), |seen| {
        is_put(seen) && seen.header("if-none-match").is_some()
    });
    for (bytes, put) in [("one", Put::Written), ("two", Put::Exists)] {
        assert_eq!(
            bucket.put_new("a", Bytes::from(bytes), &PutOptions::default()).await.unwrap(),
            put
        );
    }
    assert_eq!(std::fs::read_to_string(directory.path().join("reports-bucket/a")).unwrap(), "one");
}

#[tokio::test]
async fn two_writers_at_one_moment_try_again() {
    let (_directory, server) = server();
    let bucket = bucket(&server).await;
    server.fault(2, Fault::answer(409, "ConditionalRequestConflict", "conflict"), is_put);
    let put = bucket.put_new("a", Bytes::from("one"), &PutOptions::default()).await.unwrap();
    assert_eq!((put, server.seen().len()), (Put::Written, 4), "one look before");
}

#[tokio::test]
async fn the_key_and_the_owner_are_sent() {
    let (_directory, server) = server();
    let bucket = bucket(&server).await;
    let options = PutOptions {
        sse_kms_key_id: Some("alias/reports".into()),
        expected_bucket_owner: Some("111122223333".into()),
        ..PutOptions::default()
    };
    bucket.put("a", Bytes::from("one"), &options).await.unwrap();
    let seen = server.seen().remove(0);
    assert_eq!(seen.header("x-amz-server-side-encryption"), Some("aws:kms"));
    assert_eq!(seen.header("x-amz-server-side-encryption-aws-kms-key-id"), Some("alias/reports"));
    assert_eq!(seen.header("x-amz-expected-bucket-owner"), Some("111122223333"));
    server.fault(1, Fault::answer(403, "AccessDenied", "Access Denied"), is_put);
    let trouble = bucket.put_new("b", Bytes::from("one"), &options).await.unwrap_err();
    assert_eq!(trouble.kind, Kind::Denied);
    let words = words(&trouble);
    assert!(
        words.contains("s3:PutObject on arn:aws:s3:::reports-bucket/*")
            && words.contains("belong to 111122223333"),
        "{words}"
    );
}
