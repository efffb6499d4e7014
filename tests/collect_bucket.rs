//! `credsql collect --to s3://…`, over the wire to a store in this process.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use hyper::server::conn::http1::Builder;
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;

use crate::support::{Folder, small};

type Request = hyper::Request<hyper::body::Incoming>;

const ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const A: &str = "111122223333";

/// A store with one bucket, `bucket`, in a folder.
struct Store {
    address: String,
    /// Requests so far.
    requests: Arc<AtomicUsize>,
}

impl Store {
    fn open(root: &Path) -> Self {
        fs::create_dir_all(root.join("bucket")).expect("it can be made");
        let files = s3s_fs::FileSystem::new(root).expect("a store");
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(ID, SECRET));
        let service = service.build();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        listener.set_nonblocking(true).expect("it can be set");
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&requests);
        // Ends with the tests.
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a port");
                while let Ok((stream, _)) = listener.accept().await {
                    let (service, counted) = (service.clone(), Arc::clone(&counted));
                    tokio::spawn(async move {
                        let service = hyper::service::service_fn(move |request: Request| {
                            counted.fetch_add(1, Ordering::Relaxed);
                            let service = service.clone();
                            async move {
                                if request.uri().path().starts_with("/nobody/") {
                                    return Ok(no_such_bucket());
                                }
                                hyper::service::Service::call(&service, request).await
                            }
                        });
                        let builder = Builder::new();
                        let _ = builder.serve_connection(TokioIo::new(stream), service).await;
                    });
                }
            });
        });
        Self { address, requests }
    }

    fn collect(&self, folder: &Folder, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_credsql"))
            .arg("collect")
            .args(args)
            .current_dir(folder.path())
            .env("AWS_ENDPOINT_URL_S3", &self.address)
            .env("AWS_ACCESS_KEY_ID", ID)
            .env("AWS_SECRET_ACCESS_KEY", SECRET)
            .env("AWS_REGION", "eu-central-1")
            .env("AWS_CONFIG_FILE", "none")
            .env("AWS_SHARED_CREDENTIALS_FILE", "none")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env_remove("AWS_PROFILE")
            .env_remove("AWS_SESSION_TOKEN")
            .output()
            .expect("the program runs")
    }

    /// Runs it, and gives what it wrote to standard output.
    #[track_caller]
    fn kept(&self, folder: &Folder, args: &[&str], code: i32, words: &[&str]) -> String {
        let output = self.collect(folder, args);
        let said = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(code), "{said}");
        for word in words {
            assert!(said.contains(word), "{word:?} is not in:\n{said}");
        }
        assert!(!said.contains(SECRET) && !said.contains(ID), "{said}");
        String::from_utf8(output.stdout).expect("text")
    }
}

/// What S3 answers; the store would make the bucket.
fn no_such_bucket() -> hyper::Response<s3s::Body> {
    let error = "<Error><Code>NoSuchBucket</Code><Message>no</Message></Error>";
    let mut response = hyper::Response::new(s3s::Body::from(error.to_owned()));
    *response.status_mut() = hyper::StatusCode::NOT_FOUND;
    response
}

/// The objects in the bucket, without what the store keeps beside them.
fn objects(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let bucket = root.join("bucket");
    let walk = walkdir::WalkDir::new(&bucket).into_iter().map(|entry| entry.expect("it is there"));
    let files = walk.filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| {
            let name = entry.path().strip_prefix(&bucket).expect("below it").display().to_string();
            (name, fs::read(entry.path()).expect("it can be read"))
        })
        .collect()
}

#[test]
fn a_second_run_writes_nothing_to_a_bucket() {
    let folder = Folder::new(&[]);
    let root = folder.path().join("store");
    let store = Store::open(&root);
    let demo = "demo:accounts=20,users=4,days=2";
    let to = "s3://bucket/reports";
    let first = store.kept(&folder, &[demo, "--to", to], 0, &["40 written, 0 unchanged, 0 failed"]);
    let local = folder.run(&["collect", demo, "--to", "local"]).said(0, &[]);
    let expected: Vec<String> =
        local.lines().map(|line| line.replace("local/", "s3://bucket/reports/")).collect();
    assert_eq!(first.lines().collect::<Vec<_>>(), expected);
    // A report costs one request, and so does the list.
    // One look at the bucket; of stores that are not AWS each key is asked about before it is written.
    assert_eq!(store.requests.load(Ordering::Relaxed), 1 + 2 * 41);
    let before = objects(&root);
    assert_eq!(before.keys().filter(|name| name.starts_with("reports/date=")).count(), 40);
    for line in local.lines() {
        let key = line.replace("local/", "reports/");
        assert_eq!(before[&key], fs::read(folder.path().join(line)).expect("it is there"), "{key}");
    }
    let args = [demo, "--to", "s3://bucket/reports/", "--log", "json"];
    let again = store.kept(&folder, &args, 0, &["\"written\":0,\"unchanged\":40"]);
    assert_eq!(again, "");
    let mut after = objects(&root);
    after.retain(|name, _| before.contains_key(name) || !name.contains("_manifests/"));
    assert_eq!(after, before);
}

#[test]
fn objects_of_others_are_compared_and_left_alone() {
    let name = format!("credential_report_{A}_20261125T140300Z.csv");
    let (ann, bob) = (small(A, "ann"), small(A, "bob"));
    let folder = Folder::new(&[(&format!("in/{name}"), &ann)]);
    let root = folder.path().join("store");
    let store = Store::open(&root);
    let own = format!("date=2026-11-25/account_id={A}/{name}");
    // Without our metadata: put there by another tool.
    let there = root.join("bucket").join(&own);
    fs::create_dir_all(there.parent().expect("a folder")).expect("it can be made");
    fs::write(&there, &ann).expect("it can be written");
    let args = ["in", "--to", "s3://bucket"];
    assert_eq!(store.kept(&folder, &args, 0, &["0 written, 1 unchanged"]), "");
    // Of the same size, and other bytes.
    fs::write(&there, &bob).expect("it can be written");
    let warning = format!("warning: s3://bucket/{own} holds other bytes");
    let beside = store.kept(&folder, &args, 0, &[&warning, "1 written"]);
    let path = beside.trim().strip_prefix("s3://bucket/").expect("in the bucket");
    assert_eq!(fs::read(root.join("bucket").join(path)).expect("it is there"), ann.as_bytes());
    assert_eq!(fs::read(&there).expect("it is there"), bob.as_bytes());
    assert_eq!(store.kept(&folder, &args, 0, &["0 written, 1 unchanged"]), "");
}

#[test]
fn a_bucket_that_is_not_there_fails_before_the_work() {
    let folder = Folder::new(&[]);
    let store = Store::open(&folder.path().join("store"));
    let args = ["demo:accounts=300,users=1,days=1", "--to", "s3://nobody/x"];
    let words = ["error: s3://nobody/x: there is no such bucket"];
    assert_eq!(store.kept(&folder, &args, 2, &words), "");
    assert_eq!(store.requests.load(Ordering::Relaxed), 1);
    let wrong = ["demo:accounts=1,days=1", "--to", "s3://Not_A_Bucket!/x"];
    assert_eq!(store.kept(&folder, &wrong, 2, &["no name of a bucket"]), "");
    assert_eq!(store.kept(&folder, &["demo:", "--to", "s3:/bucket"], 2, &["error: "]), "");
}
