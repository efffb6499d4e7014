//! Many objects: bounds and order.

use std::time::Duration;

use credsql::aws::trouble::Kind;

use crate::bucket::support::s3_server::{Fault, Seen};
use crate::bucket::support::{bucket, server, write};

#[tokio::test(flavor = "multi_thread")]
async fn no_more_are_on_their_way_than_allowed() {
    let (directory, server) = server();
    for number in 0..60 {
        write(&directory, &format!("{number:02}"), vec![b'x'; 1000]);
    }
    let bucket = bucket(&server).await;
    let (objects, _) = bucket.list_sorted("", |_| ()).await.unwrap();
    server.latency(Duration::from_millis(20));
    for (concurrency, budget, at_once) in
        [(7, 1 << 30, 7), (30, 4500, 4), (0, 1 << 30, 1), (5, 0, 1)]
    {
        server.forget();
        let mut came = Vec::new();
        bucket
            .get_many(&objects, concurrency, budget, |index, bytes| {
                came.push((index, bytes.unwrap().len()));
            })
            .await;
        came.sort_unstable();
        assert_eq!(came, (0..60).map(|index| (index, 1000)).collect::<Vec<_>>());
        let (peak, peak_bytes) = server.peaks();
        assert_eq!((peak, peak_bytes), (at_once, at_once as u64 * 1000), "{concurrency} {budget}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_larger_than_the_budget_goes_alone() {
    let (directory, server) = server();
    for (key, size) in [("a", 100), ("b", 5000), ("c", 100), ("d", 0), ("e", 100)] {
        write(&directory, key, vec![b'x'; size]);
    }
    let bucket = bucket(&server).await;
    let (objects, _) = bucket.list_sorted("", |_| ()).await.unwrap();
    server.forget();
    server.latency(Duration::from_millis(20));
    let mut sizes = Vec::new();
    bucket.get_many(&objects, 16, 300, |_, bytes| sizes.push(bytes.unwrap().len())).await;
    assert_eq!(sizes.get(..2), Some(&[100, 5000][..]));
    assert_eq!((sizes.len(), server.peaks()), (5, (3, 5000)));
    bucket.get_many(&[], 16, 300, |_, _| panic!("there is nothing")).await;
}

#[tokio::test]
async fn what_fails_stops_nothing_else() {
    let (directory, server) = server();
    for key in ["a", "b", "c"] {
        write(&directory, key, key);
    }
    let bucket = bucket(&server).await;
    let (objects, _) = bucket.list_sorted("", |_| ()).await.unwrap();
    server.fault(1, Fault::answer(403, "AccessDenied", "Access Denied"), |seen: &Seen| {
        seen.path.ends_with("/b")
    });
    let mut kinds = [None; 3];
    bucket
        .get_many(&objects, 8, 1000, |index, bytes| {
            kinds[index] = Some(bytes.err().map(|trouble| trouble.kind));
        })
        .await;
    assert_eq!(kinds, [Some(None), Some(Some(Kind::Denied)), Some(None)]);
}
