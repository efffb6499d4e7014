//! Reading: changed, broken and ranged.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bytes::Bytes;
use credsql::aws::calls;
use credsql::aws::s3::{Bucket, Object, PutOptions, RangedReader};
use credsql::aws::trouble::{Kind, Trouble};

use crate::bucket::support::s3_server::{Fault, Seen};
use crate::bucket::support::{BUCKET, access, bucket, options, server, words, write};

async fn only(bucket: &Bucket, key: &str) -> Object {
    let (mut objects, _) = bucket.list_sorted(key, |_| ()).await.expect("a list");
    assert_eq!(objects.len(), 1);
    objects.remove(0)
}

#[tokio::test]
async fn an_object_that_changed_since_it_was_listed_is_not_read() {
    let (directory, server) = server();
    write(&directory, "a.csv", "first");
    write(&directory, "b.csv", "first");
    let bucket = bucket(&server).await;
    let (a, b) = (only(&bucket, "a.csv").await, only(&bucket, "b.csv").await);
    assert_eq!(bucket.get(&a).await.unwrap(), "first");
    std::fs::remove_file(directory.path().join("reports-bucket/a.csv")).unwrap();
    write(&directory, "a.csv", "other");
    std::fs::remove_file(directory.path().join("reports-bucket/b.csv")).unwrap();
    let trouble = bucket.get(&a).await.unwrap_err();
    assert_eq!(trouble.kind, Kind::Changed);
    assert!(
        words(&trouble).starts_with("s3://reports-bucket/a.csv: it changed while it was read"),
        "{trouble}"
    );
    assert_eq!(bucket.get_range(&a, 0..3).await.unwrap_err().kind, Kind::Changed);
    let trouble = bucket.get(&b).await.unwrap_err();
    assert_eq!(trouble.kind, Kind::NotFound);
    assert!(trouble.message.contains("gone since it was listed"), "{trouble}");
    // A store that lists no entity tags: what is longer is not the same.
    write(&directory, "a.csv", "longer than it was");
    let untagged = Object { etag: String::new(), ..a };
    assert_eq!(bucket.get(&untagged).await.unwrap_err().kind, Kind::Changed);
}

#[tokio::test]
async fn what_breaks_on_its_way_is_asked_for_again() {
    let (_directory, server) = server();
    let bucket = bucket(&server).await;
    let bytes = Bytes::from("0123456789".repeat(5000));
    // Through the front door, so that there is a checksum.
    bucket.put("a.csv", bytes.clone(), &PutOptions::default()).await.unwrap();
    let object = only(&bucket, "a.csv").await;
    for fault in [
        Fault::Close,
        Fault::Cut(0),
        Fault::Cut(49_999),
        Fault::Shorten(1),
        Fault::Garble,
        Fault::Stall(100),
    ] {
        server.forget();
        let times = if matches!(fault, Fault::Stall(_)) { 1 } else { 2 };
        server.fault(times, fault.clone(), Seen::is_get);
        assert_eq!(bucket.get(&object).await.unwrap(), bytes, "{fault:?}");
        assert_eq!(server.seen().len(), times + 1, "{fault:?}");
    }
}

#[tokio::test]
async fn what_always_breaks_is_given_up() {
    let (_directory, server) = server();
    let bucket = bucket(&server).await;
    bucket.put("a.csv", Bytes::from("0123456789"), &PutOptions::default()).await.unwrap();
    let object = only(&bucket, "a.csv").await;
    for (fault, words) in [
        (Fault::Cut(3), "the connection broke"),
        (Fault::Garble, "checksum"),
        (Fault::Shorten(2), "not as long"),
    ] {
        server.forget();
        server.fault(5, fault.clone(), Seen::is_get);
        let trouble = bucket.get(&object).await.unwrap_err();
        assert_eq!(trouble.kind, Kind::Network);
        assert!(trouble.message.contains(words), "{fault:?}: {trouble}");
        assert_eq!(server.seen().len(), 5, "{fault:?}");
    }
}

#[tokio::test]
async fn a_burst_of_slow_down_is_survived() {
    let (directory, server) = server();
    for number in 0..300 {
        write(&directory, &format!("r/{number:03}"), format!("{number}"));
    }
    let bucket = bucket(&server).await;
    let (objects, _) = bucket.list_sorted("r/", |_| ()).await.unwrap();
    server.forget();
    server.slow_down(200);
    let mut came = 0;
    bucket
        .get_many(&objects, 64, 1 << 20, |index, bytes| {
            assert_eq!(bytes.unwrap(), format!("{index}"));
            came += 1;
        })
        .await;
    assert_eq!((came, server.seen().len()), (300, 500));
}

#[test]
fn a_reader_asks_for_a_small_piece_and_then_for_large_ones() {
    let (directory, server) = server();
    let bytes: Vec<u8> = (0..20_000_000_u32).map(|number| (number % 251) as u8).collect();
    write(&directory, "large", &bytes);
    let cancelled = Arc::new(AtomicBool::new(false));
    // Connections belong to the runtime that made them, so all calls are waited for in one way.
    let (access, options) = (access(Some(&server.endpoint), false, None), options());
    let connecting = async move { Bucket::connect(&access, BUCKET, &options).await };
    let bucket = calls::wait(&cancelled, connecting).unwrap();
    let listed = bucket.clone();
    let object = calls::wait(&cancelled, async move { Ok(only(&listed, "large").await) }).unwrap();
    server.forget();
    let wait = |fetch| calls::wait(&cancelled, fetch);
    let mut reader = RangedReader::new(bucket.clone(), object.clone(), wait);
    let mut start = [0; 100];
    reader.read_exact(&mut start).unwrap();
    assert_eq!(server.seen().len(), 1);
    let mut all = start.to_vec();
    reader.read_to_end(&mut all).unwrap();
    assert!(all == bytes);
    let ranges: Vec<_> =
        server.seen().iter().map(|seen| seen.header("range").unwrap().to_owned()).collect();
    assert_eq!(
        ranges,
        [
            "bytes=0-65535",
            "bytes=65536-8454143",
            "bytes=8454144-16842751",
            "bytes=16842752-19999999"
        ]
    );
    // A trouble in the middle is told as one.
    let mut reader = RangedReader::new(bucket, object, wait);
    reader.read_exact(&mut start).unwrap();
    write(&directory, "large", "small");
    let error = reader.read_to_end(&mut Vec::new()).unwrap_err();
    let trouble = error.get_ref().and_then(|inner| inner.downcast_ref::<Trouble>()).unwrap();
    assert_eq!(trouble.kind, Kind::Changed);
}

#[tokio::test]
async fn ranges_end_with_the_object() {
    let (directory, server) = server();
    write(&directory, "a", "0123456789");
    write(&directory, "empty", "");
    let bucket = bucket(&server).await;
    let a = only(&bucket, "a").await;
    assert_eq!(bucket.get_range(&a, 3..5).await.unwrap(), "34");
    assert_eq!(bucket.get_range(&a, 8..50).await.unwrap(), "89");
    assert_eq!(bucket.get_range(&a, 10..50).await.unwrap(), "");
    assert_eq!(bucket.get(&only(&bucket, "empty").await).await.unwrap(), "");
}
