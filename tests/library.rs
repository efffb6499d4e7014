//! What the program cannot show from outside: how often a report is read.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use credsql::check::choice::{Wanted, choose};
use credsql::check::judge::Rules;
use credsql::check::judged::Judged;
use credsql::check::render::Render;
use credsql::check::run::{Check, Outcome, run};
use credsql::check::verdict::Control;
use credsql::library::Library;
use credsql::session::{Session, SessionOptions};
use credsql::source::Source;
use credsql::table::collection::{Collection, CollectionOptions};

use crate::support::{Folder, small};

async fn session(folder: &Path, cache_bytes: usize) -> Session {
    let collection = Collection::new(CollectionOptions {
        sources: vec![Source::parse(folder).expect("the folder is there")],
        run_time: 0,
        now: 0,
        as_of: None,
        cache_bytes,
        aws: Arc::default(),
    });
    let options = SessionOptions { memory_limit: 1 << 28, ..SessionOptions::default() };
    Session::new(Arc::new(collection), &options).await.expect("a session")
}

async fn rows(session: &Session, sql: &str) -> usize {
    let statement = session.parse(sql).expect("it is SQL").pop().expect("a statement");
    let planned = session.plan(statement, sql, &[]).await.expect("it can be planned");
    planned.collect().await.expect("it runs").iter().map(arrow::array::RecordBatch::num_rows).sum()
}

fn reports() -> Folder {
    Folder::new(&[
        ("2026-10-01/credentialReport_111122223333.csv", &small("111122223333", "ann")),
        ("2026-10-01/credentialReport_444455556666.csv", &small("444455556666", "bob")),
    ])
}

#[tokio::test]
async fn a_report_is_read_once_in_a_run() {
    let folder = reports();
    let session = session(folder.path(), 64 << 20).await;
    let all = "SELECT * FROM credential_report_history";
    assert_eq!(rows(&session, all).await, 4);
    fs::remove_dir_all(folder.path().join("2026-10-01")).expect("the reports can be removed");
    // Served from memory: the same columns, fewer, none at all, and other accounts left out.
    for sql in [
        all,
        "SELECT mfa_active FROM credential_report_history",
        "SELECT 1 FROM credential_report_history",
    ] {
        assert_eq!(rows(&session, sql).await, 4, "{sql}");
    }
    assert!(session.collection().journal.outcomes().is_empty());
}

#[tokio::test]
async fn columns_not_yet_decoded_are_added_to_those_that_are() {
    let folder = reports();
    let session = session(folder.path(), 64 << 20).await;
    assert_eq!(rows(&session, "SELECT mfa_active FROM credential_report_history").await, 4);
    assert_eq!(
        rows(&session, "SELECT \"user\", mfa_active FROM credential_report_history").await,
        4
    );
    fs::remove_dir_all(folder.path().join("2026-10-01")).expect("the reports can be removed");
    assert_eq!(
        rows(&session, "SELECT \"user\", mfa_active FROM credential_report_history").await,
        4
    );
}

#[tokio::test]
async fn without_a_budget_nothing_is_kept() {
    let folder = reports();
    let session = session(folder.path(), 0).await;
    let all = "SELECT \"user\" FROM credential_report_history";
    assert_eq!(rows(&session, all).await, 4);
    fs::remove_dir_all(folder.path().join("2026-10-01")).expect("the reports can be removed");
    assert_eq!(rows(&session, all).await, 0);
    assert_eq!(session.collection().journal.outcomes().len(), 2, "and both are told as failed");
}

/// Takes the reports away as soon as the first control begins.
struct Thief<'a>(&'a Path);

impl Render for Thief<'_> {
    fn begin(&mut self, _: &Control) -> credsql::error::Result<()> {
        let reports = self.0.join("2026-10-01");
        if reports.exists() {
            fs::remove_dir_all(reports).expect("the reports can be removed");
        }
        Ok(())
    }

    fn rows(&mut self, _: &Control, _: &Judged) -> credsql::error::Result<()> {
        Ok(())
    }

    fn finish(self: Box<Self>, _: &Outcome) -> credsql::error::Result<Vec<String>> {
        Ok(Vec::new())
    }
}

#[tokio::test]
async fn a_check_reads_every_report_once_before_its_first_control() {
    let folder = reports();
    let session = session(folder.path(), 64 << 20).await;
    let library = Library::embedded().expect("the built-in library is good");
    let check = Check {
        choice: choose(&library, &Wanted::default()).expect("the default"),
        rules: Rules::default(),
        only_new: false,
        names_unanswered: false,
    };
    let mut renderers: Vec<Box<dyn Render>> = vec![Box::new(Thief(folder.path()))];
    let outcome = run(&session, None, &check, &mut renderers).await.expect("it runs");
    assert_eq!((outcome.facts.accounts(), outcome.facts.users()), (2, 2));
    let judged = |id: &str| {
        let mut checked = outcome.checked.iter();
        checked.find(|checked| checked.control.id == id).map(|checked| checked.tally.rows())
    };
    assert_eq!(judged("console-users-have-mfa"), Some(2));
    assert_eq!(judged("root-mfa-enabled"), Some(2));
    assert_eq!(judged("users-with-no-credential"), Some(2));
    assert!(session.collection().journal.outcomes().is_empty());
}
