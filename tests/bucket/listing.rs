//! Listing: pages, folders, what a prefix means.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use credsql::aws::s3::Scope;
use credsql::aws::trouble::Kind;

use crate::bucket::support::s3_server::Fault;
use crate::bucket::support::{bucket, server, words, write};

#[tokio::test]
async fn all_pages_come_and_every_key_once() {
    let (directory, server) = server();
    for number in 0..2345 {
        write(&directory, &format!("flat/{number:05}.csv"), "x");
        if number < 1200 {
            write(&directory, &format!("deep/date={:02}/{number:05}.csv", number % 40), "x");
        }
    }
    let bucket = bucket(&server).await;
    let (objects, listed) = bucket.list_sorted("", |_| ()).await.unwrap();
    assert_eq!((objects.len(), listed.objects), (3545, 3545));
    assert!(objects.is_sorted_by(|a, b| a.key < b.key));
    assert_eq!(listed.requests, server.seen().len());
    let (flat, listed) = bucket.list_sorted("flat/", |_| ()).await.unwrap();
    assert_eq!((flat.len(), listed.requests), (2345, 3));
    assert!(
        flat.iter()
            .all(|object| object.size == 1 && !object.etag.is_empty() && object.modified > 0)
    );
}

#[tokio::test]
async fn fifty_thousand_keys_are_listed_soon() {
    let (directory, server) = server();
    for folder in 0..100 {
        let path =
            directory.path().join(format!("{}/r/date={folder:03}", crate::bucket::support::BUCKET));
        std::fs::create_dir_all(&path).unwrap();
        for number in 0..500 {
            std::fs::write(path.join(format!("{number:03}")), "").unwrap();
        }
    }
    server.latency(Duration::from_millis(50));
    let began = Instant::now();
    let mut last = 0;
    let (objects, listed) =
        bucket(&server).await.list_sorted("r/", |count| last = count).await.unwrap();
    assert_eq!((objects.len(), last), (50_000, 50_000));
    assert_eq!(objects.iter().map(|object| &object.key).collect::<BTreeSet<_>>().len(), 50_000);
    let (peak, _) = server.peaks();
    assert!((9..=16).contains(&peak), "{peak}");
    assert!(listed.requests <= 120, "{}", listed.requests);
    assert!(began.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn a_prefix_is_a_folder_an_object_or_first_letters() {
    let (directory, server) = server();
    for key in [
        "reports/a.csv",
        "reports-old/b.csv",
        "reports.csv",
        "both/c.csv",
        "both.csv/d.csv",
        "Ü b+%20&?/é=1.csv",
    ] {
        write(&directory, key, "x");
    }
    let bucket = bucket(&server).await;
    for (prefix, keys, scope) in [
        ("reports", &["reports/a.csv"][..], Scope::Folder),
        ("reports/", &["reports/a.csv"], Scope::Folder),
        ("reports.csv", &["reports.csv"], Scope::Object),
        ("both.csv", &["both.csv/d.csv"], Scope::Folder),
        ("repo", &["reports-old/b.csv", "reports.csv", "reports/a.csv"], Scope::Letters),
        ("Ü b+%20&?", &["Ü b+%20&?/é=1.csv"], Scope::Folder),
        ("Ü b+%20&?/é=1.csv", &["Ü b+%20&?/é=1.csv"], Scope::Object),
        ("nothing", &[], Scope::Folder),
        ("nothing/", &[], Scope::Folder),
    ] {
        let (objects, listed) = bucket.list_sorted(prefix, |_| ()).await.unwrap();
        let found: Vec<&str> = objects.iter().map(|object| object.key.as_str()).collect();
        assert_eq!((found.as_slice(), listed.scope), (keys, scope), "{prefix}");
    }
    for object in bucket.list_sorted("", |_| ()).await.unwrap().0 {
        assert_eq!(bucket.get(&object).await.unwrap(), "x", "{}", object.key);
    }
}

#[tokio::test]
async fn folder_markers_are_left_out_and_archives_are_told() {
    let (directory, server) = server();
    write(&directory, "a/x.csv", "x");
    write(&directory, "a/cold.csv", "x");
    std::fs::create_dir(directory.path().join(crate::bucket::support::BUCKET).join("a/empty"))
        .unwrap();
    server.archive("a/cold.csv");
    let bucket = bucket(&server).await;
    let (objects, _) = bucket.list_sorted("a", |_| ()).await.unwrap();
    let told: Vec<_> =
        objects.iter().map(|object| (object.key.as_str(), object.archived.as_deref())).collect();
    assert_eq!(told, [("a/cold.csv", Some("GLACIER")), ("a/x.csv", None)]);
    let trouble = bucket.get(&objects[0]).await.unwrap_err();
    assert!(
        words(&trouble)
            .contains("aws s3api restore-object --bucket reports-bucket --key a/cold.csv"),
        "{}",
        words(&trouble)
    );
}

#[tokio::test]
async fn who_may_not_list_beside_a_folder_lists_the_folder() {
    let (directory, server) = server();
    write(&directory, "r/a.csv", "x");
    let denied = || Fault::answer(403, "AccessDenied", "Access Denied");
    server.fault(usize::MAX, denied(), |seen| {
        seen.is_listing() && !seen.query.contains("prefix=r%2F")
    });
    let bucket = bucket(&server).await;
    let (objects, listed) = bucket.list_sorted("r", |_| ()).await.unwrap();
    assert_eq!((objects.len(), listed.scope), (1, Scope::Folder));
    // Who may not list at all reads what can be named.
    server.fault(usize::MAX, denied(), crate::bucket::support::s3_server::Seen::is_listing);
    let (objects, listed) = bucket.list_sorted("r/a.csv", |_| ()).await.unwrap();
    assert_eq!((objects.len(), listed.scope), (1, Scope::Object));
    assert_eq!(bucket.get(&objects[0]).await.unwrap(), "x");
    let trouble = bucket.list_sorted("r/", |_| ()).await.unwrap_err();
    assert_eq!(trouble.kind, Kind::Denied);
    assert!(
        words(&trouble).contains("allow s3:ListBucket on arn:aws:s3:::reports-bucket"),
        "{}",
        words(&trouble)
    );
}
