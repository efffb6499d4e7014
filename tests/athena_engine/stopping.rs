//! An interruption stops what runs on the server.

use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::fake_athena::{self, DATABASE, Fake, Manners};
use crate::support::{Folder, credsql};

fn endless() -> (Folder, Fake) {
    let folder = Folder::new(&[]);
    let demo = "demo:accounts=1,users=2,days=2";
    credsql(folder.path(), &["export", demo, "--to", "dataset", "--quiet"], "").said(0, &[]);
    let manners = Manners { looks: None, ..Manners::default() };
    let fake = fake_athena::start(&folder.path().join("dataset"), manners);
    (folder, fake)
}

fn begin(fake: &Fake, folder: &Folder, args: &[&str]) -> Child {
    let mut command = fake.program(folder.path());
    command.args(args).args(["--engine", "athena", "--athena-database", DATABASE]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
}

/// Interrupts the program once a query of its has been looked at. Returns its exit code, and what it
/// wrote and said.
fn interrupted(fake: &Fake, mut child: Child, signal: Signal) -> (Option<i32>, String, String) {
    while fake.count("GetQueryExecution") < 2 {
        assert!(child.try_wait().expect("it can be looked at").is_none(), "it waits");
        thread::sleep(Duration::from_millis(5));
    }
    kill_process(Pid::from_child(&child), signal).expect("it runs");
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Every query that was started was stopped.
#[track_caller]
fn assert_stopped(fake: &Fake) {
    let started = fake.count("StartQueryExecution");
    let mut stopped: Vec<String> = fake
        .asked()
        .into_iter()
        .filter(|(action, _)| action == "StopQueryExecution")
        .map(|(_, asked)| asked["QueryExecutionId"].as_str().expect("an id").to_owned())
        .collect();
    stopped.sort();
    stopped.dedup();
    assert!(started > 0 && stopped.len() == started, "{started} started, stopped: {stopped:?}");
}

#[test]
fn ctrl_c_stops_the_query_of_a_statement() {
    let (folder, fake) = endless();
    let sql = "SELECT count(*) AS n FROM credential_report";
    let child = begin(&fake, &folder, &["query", sql]);
    let (code, stdout, stderr) = interrupted(&fake, child, Signal::INT);
    assert_eq!((code, stdout.as_str()), (Some(130), ""), "{stderr}");
    assert_stopped(&fake);
}

#[test]
fn a_request_to_end_stops_the_queries_of_a_check() {
    let (folder, fake) = endless();
    let child = begin(&fake, &folder, &["check", "--evidence", "evidence"]);
    let (code, stdout, stderr) = interrupted(&fake, child, Signal::TERM);
    assert_eq!((code, stdout.as_str()), (Some(130), ""), "{stderr}");
    assert_stopped(&fake);
    assert!(!folder.path().join("evidence").exists());
}
