//! What is refused, before Athena is asked for anything if that can be.

use super::fake_athena::{self, Fake, Manners};
use crate::support::{Folder, credsql};

const COUNT: &str = "SELECT count(*) AS n FROM credential_report";

fn small(manners: Manners) -> (Folder, Fake) {
    let folder = Folder::new(&[("own.csv", "arn,owner\nx,y\n")]);
    let demo = "demo:accounts=1,users=2,days=2";
    credsql(folder.path(), &["export", demo, "--to", "dataset", "--quiet"], "").said(0, &[]);
    let fake = fake_athena::start(&folder.path().join("dataset"), manners);
    (folder, fake)
}

#[test]
fn what_cannot_run_there_is_refused_here() {
    let (folder, fake) = small(Manners::default());
    let own = ["--table", "own=own.csv"];
    for (args, words) in [
        (vec!["query", COUNT, "demo:"], "Athena reads its own tables, and `demo:` is named"),
        (vec!["check", "demo:"], "Athena reads its own tables"),
        (
            [&["query", "SELECT * FROM own JOIN credential_report USING (arn)"][..], &own].concat(),
            "`own` is here, and the reports are on Athena",
        ),
        (
            vec!["query", "CREATE TABLE t AS SELECT * FROM credential_report", "--allow-write"],
            "would write or define something here, and the reports are on Athena",
        ),
        (
            vec!["query", "COPY (SELECT * FROM credential_report) TO 'x.csv'", "--allow-write"],
            "would write or define something here, and the reports are on Athena",
        ),
        (vec!["query", "SELECT array_agg(arn) FROM credential_report"], "gives no exact values"),
        (vec!["query", "SELECT usr FROM credential_report"], "there is no column `usr`"),
        (vec!["query", COUNT, "--ou", "ou-1"], "--ou is for the accounts of an organization"),
    ] {
        fake.run(folder.path(), &args).said(2, &[words]);
    }
    assert_eq!(fake.asked(), [], "nobody was asked");
    let database = ["query", COUNT, "--athena-database", "iam"];
    credsql(folder.path(), &database, "").said(2, &["--athena-database is for Athena"]);
    let none = ["check", "--engine", "athena"];
    credsql(folder.path(), &none, "")
        .said(2, &["the database of the exported tables is not named"]);
}

#[test]
fn what_needs_no_reports_runs_here() {
    let (folder, fake) = small(Manners::default());
    let own =
        fake.run(folder.path(), &["query", "SELECT owner FROM own", "--table", "own=own.csv"]);
    assert_eq!(own.clean(), "owner\ny\n");
    let controls = "SELECT count(*) > 10 AS many FROM controls";
    assert_eq!(fake.run(folder.path(), &["query", controls]).clean(), "many\ntrue\n");
    let plan = fake.run(folder.path(), &["query", &format!("EXPLAIN {COUNT}"), "--format", "csv"]);
    let plan = plan.clean();
    assert!(plan.contains("\"\"iam\"\".\"\"credential_report_history\"\""), "{plan}");
    assert_eq!(fake.asked(), [], "nobody was asked");
}

#[test]
fn a_denial_ends_a_check_once_and_says_what_is_needed() {
    let (folder, fake) = small(Manners { denies: true, ..Manners::default() });
    let ran = fake.run(folder.path(), &["check"]);
    assert_eq!(ran.stdout, "");
    let said = ran.stderr_of(2);
    assert_eq!(said.matches("error: ").count(), 1, "{said}");
    for words in ["not allowed: athena:StartQueryExecution", "glue:GetDatabase"] {
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(fake.count("StartQueryExecution"), 1);
}
