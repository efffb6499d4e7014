//! The program on live sources.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::aws::fake_aws::{self, BASE_KEY, Behaviour, Fake, Organizations, SECRET, World};
use crate::support::{Folder, Ran};
use crate::terminal::{Key, Terminal};

/// The program, where nothing but this AWS is to be found.
fn program(fake: &Fake, folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_credsql"));
    command.env_clear().envs(fake.environment()).env("NO_COLOR", "1").env("HOME", folder);
    command.current_dir(folder).stdin(Stdio::null());
    command
}

fn run(fake: &Fake, args: &[&str]) -> Ran {
    let folder = Folder::new(&[]);
    run_in(fake, folder.path(), args)
}

fn run_in(fake: &Fake, folder: &Path, args: &[&str]) -> Ran {
    let output = program(fake, folder).args(args).output().expect("the program starts");
    let ran = Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("output is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("messages are UTF-8"),
    };
    for secret in [SECRET, BASE_KEY] {
        assert!(!ran.stderr.contains(secret), "a credential is shown:\n{}", ran.stderr);
    }
    assert!(!ran.stdout.contains(SECRET), "a credential is shown:\n{}", ran.stdout);
    ran
}

fn rows(json: &str) -> Vec<Value> {
    serde_json::from_str(json).expect("output is JSON")
}

#[test]
fn one_account_is_asked_and_says_when_to_ask_again() {
    let mut world = World::of(1);
    world.own_account = "000000000001".to_owned();
    let made = SystemTime::now() - Duration::from_hours(1);
    let from = humantime::format_rfc3339_seconds(made + Duration::from_hours(4));
    let made = humantime::format_rfc3339_seconds(made).to_string();
    world.generated = made.clone().leak();
    let fake = fake_aws::start(world);
    let sql =
        "SELECT account_id, account_name, \"user\", generated_time, source FROM credential_report";
    let ran = run(&fake, &["query", sql, "aws:"]);
    assert_eq!(
        ran.stdout,
        format!(
            "account_id,account_name,user,generated_time,source\n\
             000000000001,alias-1,<root_account>,{made},aws:\n\
             000000000001,alias-1,alice,{made},aws:\n\
             000000000001,alias-1,bob,{made},aws:\n"
        )
    );
    let age = format!(
        "note: aws: the report is of {made} (60 min old); AWS makes a new one from {from} on"
    );
    ran.said(0, &[&age]);
    // Asked once, however often it is read.
    assert_eq!(fake.stats().of("iam:GetCredentialReport"), 1);
}

#[test]
fn nothing_is_asked_before_a_statement_wants_it() {
    let fake = fake_aws::start(World::of(1));
    assert_eq!(run(&fake, &["query", "SELECT 1 AS one", "aws:"]).clean(), "one\n1\n");
    assert_eq!(fake.stats().requests.values().sum::<usize>(), 0);
}

#[test]
fn every_account_is_accounted_for() {
    let mut world = World::of(9);
    let behaviours = [
        Behaviour::Fine,
        Behaviour::Polls(2),
        Behaviour::Throttles(2),
        Behaviour::Expires,
        Behaviour::DeniedAssume,
        Behaviour::DeniedGenerate,
        Behaviour::DeniedGet,
        Behaviour::Hangs,
        Behaviour::Fine,
    ];
    for (account, behaviour) in world.accounts.iter_mut().zip(behaviours) {
        account.behaviour = behaviour;
    }
    world.accounts[8].state = "SUSPENDED";
    let fake = fake_aws::start(world);
    let sql = "SELECT account_id, account_name, status, error FROM reports ORDER BY account_id";
    let ran = run(&fake, &["query", sql, "aws-org:Reports", "--format", "json", "--timeout", "8s"]);
    let rows = rows(&ran.stdout);
    let column = |name: &str| -> Vec<&str> {
        rows.iter().map(|row| row[name].as_str().unwrap_or("")).collect()
    };
    let ids: Vec<String> = (1..=9).map(|number| format!("{number:012}")).collect();
    assert_eq!(column("account_id"), ids);
    assert_eq!(column("account_name")[0], "account-1");
    assert_eq!(
        column("status"),
        ["ok", "ok", "ok", "ok", "failed", "ok", "failed", "failed", "skipped"]
    );
    let errors = column("error");
    assert!(errors[4].contains("sts:AssumeRole"), "{errors:?}");
    assert!(errors[6].contains("iam:GetCredentialReport"), "{errors:?}");
    assert!(errors[7].contains("8s"), "{errors:?}");
    assert_eq!(errors[8], "suspended");
    ran.said(
        2,
        &[
            "aws-org:Reports/000000000005 could not be fetched",
            "1 skipped, suspended: aws-org:Reports/000000000009",
            "aws-org:Reports/000000000006: ",
            "iam:GenerateCredentialReport",
        ],
    );
}

#[test]
fn a_check_of_an_organization_has_an_error_row_for_an_account_that_failed() {
    let mut world = World::of(3);
    world.accounts[1].behaviour = Behaviour::DeniedAssume;
    let fake = fake_aws::start(world);
    let args = ["check", "aws-org:Reports", "--control", "keys-rotated", "--format", "json"];
    let ran = run(&fake, &[&args[..], &["--as-of", "2026-10-01T13:00:00Z"]].concat());
    let document: Value = serde_json::from_str(&ran.stdout).expect("output is JSON");
    let rows = document["results"].as_array().expect("rows");
    let of = |account: &str| -> Vec<&str> {
        let rows = rows.iter().filter(|row| row["account_id"] == account);
        rows.map(|row| row["status"].as_str().unwrap_or("")).collect()
    };
    assert_eq!(of("000000000002"), ["error"]);
    assert!(of("000000000001").contains(&"alarm"), "{:?}", of("000000000001"));
    assert_eq!(ran.code, 2);
}

#[test]
fn accounts_can_be_given_and_left_out() {
    let fake = fake_aws::start(World::of(4));
    let folder = Folder::new(&[("accounts.csv", "account_id,account_name\n000000000002,Two\n3\n")]);
    let sql = "SELECT DISTINCT account_id, account_name FROM credential_report ORDER BY 1";
    let ask = |more: &[&str]| {
        let args = ["query", sql, "aws-org:Reports", "--quiet"];
        run_in(&fake, folder.path(), &[&args[..], more].concat())
    };
    ask(&["--accounts", "accounts.csv"]).said(2, &["accounts.csv, line 3", "12 digits"]);
    folder.write("accounts.csv", b"account_id,account_name\n000000000002,Two\n");
    let two = "account_id,account_name\n000000000002,Two\n";
    assert_eq!(ask(&["--accounts", "accounts.csv"]).clean(), two);
    assert_eq!(fake.stats().of("organizations:ListAccounts"), 0);
    let some = ask(&["--exclude", "000000000001,000000000003"]).clean();
    assert_eq!(some, "account_id,account_name\n000000000002,account-2\n000000000004,account-4\n");
    ask(&["--exclude", "12"]).said(2, &["`12` is no account id"]);
}

#[test]
fn what_stands_beside_the_reports_is_asked_for_only_when_wanted() {
    let fake = fake_aws::start(World::of(2));
    let sql = "SELECT account_id, is_set FROM password_policy ORDER BY 1";
    let ask =
        |more: &[&str]| run(&fake, &[&["query", sql, "aws-org:Reports", "-q"], more].concat());
    assert_eq!(ask(&[]).clean(), "account_id,is_set\n");
    assert_eq!(fake.stats().of("iam:GetAccountPasswordPolicy"), 0);
    let rows = "account_id,is_set\n000000000001,true\n000000000002,false\n";
    assert_eq!(ask(&["--enrich"]).clean(), rows);
}

#[test]
fn facts_are_of_the_day_they_were_asked_for() {
    let fake = fake_aws::start(World::of(1));
    let sql = "SELECT count(*) AS policies FROM password_policy";
    let ask = |more: &[&str]| {
        run(&fake, &[&["query", sql, "aws-org:Reports", "--enrich", "-q"], more].concat()).clean()
    };
    assert_eq!(ask(&[]), "policies\n1\n");
    assert_eq!(ask(&["--as-of", "2026-10-02"]), "policies\n0\n");
}

#[test]
fn an_account_that_failed_is_told_whatever_is_asked() {
    let mut world = World::of(2);
    world.accounts[1].behaviour = Behaviour::DeniedAssume;
    let fake = fake_aws::start(world);
    let sql = "SELECT count(*) AS policies FROM password_policy";
    let ran = run(&fake, &["query", sql, "aws-org:Reports", "--enrich"]);
    assert_eq!(ran.said(2, &["aws-org:Reports/000000000002"]), "policies\n1\n");
}

#[test]
fn a_role_of_ones_own_account_proves_nothing_to_the_doctor() {
    let mut world = World::of(1);
    world.own_account = "000000000001".to_owned();
    world.accounts[0].behaviour = Behaviour::DeniedAssume;
    let fake = fake_aws::start(world);
    let ran = run(&fake, &["doctor", "aws-org:Reports"]);
    assert!(ran.stdout.contains("sts:AssumeRole,unknown"), "{}", ran.stdout);
    assert_eq!(ran.code, 2);
}

#[test]
fn options_of_organizations_are_for_organizations() {
    let fake = fake_aws::start(World::of(1));
    let sql = "SELECT count(*) FROM credential_report";
    run(&fake, &["query", sql, "aws:", "--accounts", "000000000001"])
        .said(2, &["--accounts is for the accounts of an organization"]);
    assert_eq!(fake.stats().requests.values().sum::<usize>(), 0);
}

#[test]
fn a_failure_is_not_forgotten_at_the_prompt() {
    let mut world = World::of(2);
    world.accounts[1].behaviour = Behaviour::DeniedAssume;
    let fake = fake_aws::start(world);
    let folder = Folder::new(&[]);
    let mut command = program(&fake, folder.path());
    command.arg("aws-org:Reports").env("TERM", "xterm");
    let mut terminal = Terminal::open(command, 40, 100);
    terminal.wait_prompt();
    let first = terminal.run("SELECT count(*) FROM credential_report;");
    assert!(first.contains("000000000002 could not be fetched"), "{first}");
    let second = terminal.run("SELECT count(*) FROM credential_report;");
    assert!(second.contains("results lack what a failure told before"), "{second}");
    let told = terminal.run("\\l");
    assert!(!told.contains("results lack"), "{told}");
}

#[test]
fn troubles_come_with_their_cure() {
    let mut world = World::of(1);
    world.organizations = Organizations::Denied;
    let fake = fake_aws::start(world);
    let sql = "SELECT count(*) AS users FROM credential_report";
    run(&fake, &["query", sql, "aws-org:Reports"]).said(
        2,
        &["error: aws-org:Reports: ", "organizations:ListAccounts", "hint: ", "--accounts"],
    );
    run(&fake, &["query", sql, "aws:nowhere"])
        .said(2, &["there is no profile `nowhere`", "hint: "]);
    run(&fake, &["query", sql, "aws-org:"]).said(2, &["needs the name of the role"]);
    let folder = Folder::new(&[]);
    let output = program(&fake, folder.path())
        .args(["query", sql, "aws:"])
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY")
        .output()
        .expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("no AWS credentials"), "{said}");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn an_interruption_is_heard_while_aws_is_asked() {
    let mut world = World::of(1);
    world.own_account = "000000000001".to_owned();
    world.accounts[0].behaviour = Behaviour::Hangs;
    let fake = fake_aws::start(world);
    let folder = Folder::new(&[]);
    let mut command = program(&fake, folder.path());
    command.arg("aws:").env("TERM", "xterm");
    let mut terminal = Terminal::open(command, 24, 80);
    terminal.wait_prompt();
    terminal.line("SELECT count(*) FROM credential_report;");
    terminal.wait_until("the account is asked", |screen| screen.contains("asking AWS"));
    terminal.key(Key::Ctrl('c'));
    terminal.wait_prompt();
    // What was given up is asked again, not taken for all there is.
    let asked = fake.stats().of("iam:GenerateCredentialReport");
    terminal.line("SELECT count(*) FROM credential_report;");
    terminal.wait_until("the account is asked again", |screen| {
        screen.matches("asking AWS").count() > 1
    });
    assert!(asked >= 1);
    terminal.key(Key::Ctrl('c'));
    terminal.wait_prompt();
    assert!(fake.stats().of("iam:GenerateCredentialReport") > asked);
}

#[test]
fn the_doctor_says_what_is_allowed() {
    let mut world = World::of(2);
    world.accounts[0].behaviour = Behaviour::DeniedGet;
    let fake = fake_aws::start(world);
    let ran = run(&fake, &["doctor", "aws-org:Reports", "--format", "json"]);
    let rows = rows(&ran.stdout);
    let answer = |check: &str| {
        let row =
            rows.iter().find(|row| row["check"].as_str().is_some_and(|it| it.starts_with(check)));
        row.map_or("", |row| row["answer"].as_str().unwrap_or("")).to_owned()
    };
    assert_eq!(answer("account"), "999999999999");
    assert_eq!(answer("partition"), "aws");
    assert_eq!(answer("region"), "eu-central-1");
    assert_eq!(answer("clock"), "right");
    assert_eq!(answer("organizations:ListAccounts"), "allowed");
    assert_eq!(answer("sts:AssumeRole"), "allowed");
    assert_eq!(answer("iam:GenerateCredentialReport"), "allowed");
    assert_eq!(answer("iam:GetCredentialReport"), "denied");
    assert_eq!(ran.code, 2);
    let policy = run(&fake, &["doctor", "aws-org:Reports", "--policy"]).stdout;
    let policy: Value = serde_json::from_str(&policy).expect("a policy is JSON");
    let actions = policy["Statement"].to_string();
    assert!(actions.contains("sts:AssumeRole") && actions.contains("role/Reports"), "{actions}");
    assert!(!actions.contains("iam:Get"), "{actions}");
}

#[test]
fn live_reports_are_kept_once() {
    let mut world = World::of(3);
    world.accounts[1].behaviour = Behaviour::DeniedGet;
    world.accounts[2].state = "SUSPENDED";
    let fake = fake_aws::start(world);
    let folder = Folder::new(&[]);
    let collect = || run_in(&fake, folder.path(), &["collect", "aws-org:Reports", "--to", "kept"]);
    let kept = "kept/date=2026-10-01/account_id=000000000001/credential_report_000000000001_20261001T120000Z.csv\n";
    let first = collect();
    assert_eq!(first.stdout, kept);
    first.said(
        2,
        &["000000000002", "iam:GetCredentialReport", "1 written, 0 unchanged, 1 failed, 1 skipped"],
    );
    let second = collect();
    assert_eq!(second.stdout, "");
    second.said(2, &["0 written, 1 unchanged, 1 failed, 1 skipped"]);
    let bytes = std::fs::read(folder.path().join(kept.trim_end())).expect("it is kept");
    assert!(bytes.starts_with(b"user,arn,"));
}

#[test]
fn a_deadline_bounds_what_does_not_answer() {
    let mut world = World::of(40);
    for account in &mut world.accounts {
        account.behaviour = Behaviour::Hangs;
    }
    world.latency = Duration::from_millis(1);
    let fake = fake_aws::start(world);
    let sql = "SELECT status, count(*) AS accounts FROM reports GROUP BY status";
    let args = ["query", sql, "aws-org:Reports", "--timeout", "1s", "--concurrency", "40", "-q"];
    let ran = run(&fake, &args);
    assert_eq!(ran.stdout, "status,accounts\nfailed,40\n");
    assert_eq!(ran.code, 2);
}
