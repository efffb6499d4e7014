//! `credsql check` as an auditor and a CI pipeline meet it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{Folder, Ran, Row, answer, report};

const ACCOUNT: &str = "111122223333";
const NOW: &str = "2026-10-01T12:00:00Z";

/// A user with a console password and an MFA device or none.
fn person(name: &str, mfa: bool) -> Row {
    Row::user(ACCOUNT, name)
        .set("password_enabled", "true")
        .set("password_last_used", "2026-09-30T12:00:00Z")
        .set("password_last_changed", "2026-09-01T12:00:00Z")
        .set("mfa_active", if mfa { "true" } else { "false" })
}

/// A user with one active key of this day.
fn with_key(name: &str, slot: u8, rotated: &str) -> Row {
    Row::user(ACCOUNT, name)
        .set(&format!("access_key_{slot}_active"), "true")
        .set(&format!("access_key_{slot}_last_rotated"), rotated)
        .set(&format!("access_key_{slot}_last_used_date"), "2026-09-30T12:00:00Z")
        .set(&format!("access_key_{slot}_last_used_region"), "eu-central-1")
        .set(&format!("access_key_{slot}_last_used_service"), "s3")
}

fn one(rows: &[Row]) -> Folder {
    Folder::new(&[("r.json", &answer(&report(rows), NOW))])
}

/// Runs a check of one control over a folder, at the time of its reports.
fn check(folder: &Folder, control: &str, more: &[&str]) -> Ran {
    let args = ["check", ".", "--control", control, "--as-of", NOW];
    folder.run(&[&args, more].concat())
}

const MFA: &str = "console-users-have-mfa";

/// Rows as `user:status`, sorted.
fn verdicts(csv: &str) -> String {
    let folder = Folder::new(&[("v.csv", csv)]);
    let sql = "SELECT coalesce(\"user\", account_id, '-') || ':' || status AS v FROM v ORDER BY 1";
    let rows = folder.run(&["query", sql, "--table", "v=v.csv", "--format", "tsv"]).clean();
    rows.lines().skip(1).collect::<Vec<_>>().join(" ")
}

#[test]
fn exit_codes_tell_what_was_found() {
    let good = one(&[Row::root(ACCOUNT), person("ann", true)]);
    check(&good, MFA, &[]).said(0, &[]);
    let bad = one(&[Row::root(ACCOUNT), person("ann", false)]);
    let csv = check(&bad, MFA, &[]).said(1, &[]);
    assert_eq!(verdicts(&csv), "ann:alarm");
    // Alarms that are not grave enough are shown all the same.
    let csv = check(&bad, MFA, &["--fail-on", "critical"]).said(0, &[]);
    assert_eq!(verdicts(&csv), "ann:alarm");
    check(&bad, MFA, &["--fail-on", "high"]).said(1, &[]);
    let untold = one(&[person("ann", true).set("mfa_active", "perhaps"), person("bob", false)]);
    let csv = check(&untold, MFA, &[]).said(2, &["1 row is unknown because of the reports"]);
    assert_eq!(verdicts(&csv), "ann:unknown bob:alarm");
    check(&untold, MFA, &["--allow-unknown"]).said(1, &[]);
    // What no report could tell is nobody's fault.
    let root = Row::root(ACCOUNT).set("password_enabled", "true").set("mfa_active", "true");
    let csv = check(&one(&[root]), "root-hardware-mfa", &[]).said(0, &[]);
    assert_eq!(verdicts(&csv), "<root_account>:unknown");
}

#[test]
fn a_report_that_failed_is_a_row_for_every_control() {
    let folder = Folder::new(&[
        ("2026-10-01/credentialReport_111122223333.csv", &report(&[person("ann", true)])),
        ("2026-10-01/credentialReport_444455556666.csv", "user,arn\n"),
    ]);
    let args = ["check", ".", "--control", MFA, "--control", "keys-rotated", "--as-of", NOW];
    let csv = folder.run(&args).said(2, &["credentialReport_444455556666.csv"]);
    assert_eq!(verdicts(&csv), "444455556666:error 444455556666:error ann:ok");
    assert!(csv.contains("2026-10-01/credentialReport_444455556666.csv"), "{csv}");
    let nothing = Folder::new(&[("2026-10-01/credentialReport_444455556666.csv", "user,arn\n")]);
    let csv = check(&nothing, MFA, &[]).said(2, &[]);
    assert_eq!(verdicts(&csv), "444455556666:error");
    let later = one(&[person("ann", true)]);
    let ran = later.run(&["check", ".", "--control", MFA, "--as-of", "2020-01-01"]);
    ran.said(2, &["nothing was judged"]);
}

const EXEMPT: &str = "[[exempt]]\ncontrol = \"console-users-have-mfa\"\naccount = \"1111*\"\nuser = \"an*\"\nowner = \"ops\"\nreason = \"break glass\"\nuntil = 2026-10-01\n";

#[test]
fn an_exemption_replaces_alarms_until_its_last_day_is_over() {
    let folder = one(&[person("ann", false), person("bob", false), person("anton", true)]);
    folder.write("e.toml", EXEMPT.as_bytes());
    let with = |more: &[&str]| check(&folder, MFA, &[&["--exempt", "e.toml"], more].concat());
    let csv = with(&[]).said(1, &[]);
    assert_eq!(verdicts(&csv), "ann:exempt anton:ok bob:alarm");
    assert!(csv.contains("exempt until 2026-10-01 (ops: break glass); the user has"), "{csv}");
    // The clock of the row is the report's, unless --as-of sets another.
    let at = |time: &str| {
        let args = ["check", ".", "--control", MFA, "--exempt", "e.toml", "--as-of", time];
        folder.run(&args)
    };
    assert_eq!(verdicts(&at("2026-10-01T23:59:59Z").said(1, &[])), "ann:exempt anton:ok bob:alarm");
    let ended = at("2026-10-02T00:00:00Z");
    let ended =
        ended.said(1, &["e.toml:1: the exemption", "ended on 2026-10-01: 1 alarm counts again"]);
    assert_eq!(verdicts(&ended), "ann:alarm anton:ok bob:alarm");
    let run = folder.run(&["check", ".", "--control", MFA, "--exempt", "e.toml"]);
    assert_eq!(verdicts(&run.said(1, &[])), "ann:exempt anton:ok bob:alarm");
    // One that was renewed is no loss.
    let renewed = format!("{EXEMPT}{}", EXEMPT.replace("2026-10-01", "2026-12-31"));
    folder.write("e.toml", renewed.as_bytes());
    let renewed = at("2026-10-02T00:00:00Z");
    assert!(!renewed.stderr.contains("again"), "{}", renewed.stderr);
    assert_eq!(verdicts(&renewed.stdout), "ann:exempt anton:ok bob:alarm");
    folder.write("e.toml", EXEMPT.replace("an*", "zoe").as_bytes());
    with(&[]).said(1, &["matches no alarm"]);
    // Of a control that is not run nothing can be told.
    let other = check(&folder, "keys-rotated", &["--exempt", "e.toml", "--quiet"]);
    assert_eq!(other.stderr_of(0), "");
    folder.write("e.toml", EXEMPT.replace("have-mfa", "hav-mfa").as_bytes());
    with(&[]).said(2, &["e.toml:1: there is no control", "is it `console-users-have-mfa`?"]);
}

fn day(folder: &Folder, day: &str, rows: &[Row]) {
    let name = format!("{day}/credentialReport_{ACCOUNT}.csv");
    folder.write(&name, report(rows).as_bytes());
}

#[test]
fn only_new_compares_with_the_report_before() {
    let folder = Folder::new(&[]);
    let (old, older) = ("2026-01-01T00:00:00Z", "2025-01-01T00:00:00Z");
    // What came before the report before does not count.
    day(&folder, "2026-08-01", &[person("new", false), with_key("rotated", 1, old)]);
    day(
        &folder,
        "2026-09-01",
        &[
            with_key("kept", 1, old),
            with_key("swapped", 1, old),
            with_key("other-key", 1, older),
            with_key("recreated", 1, old),
            person("known", false),
            person("new", true),
        ],
    );
    day(
        &folder,
        "2026-10-01",
        &[
            with_key("kept", 1, old),
            with_key("swapped", 2, old),
            with_key("other-key", 1, old),
            with_key("recreated", 1, old).set("user_creation_time", "2026-09-15T00:00:00Z"),
            person("known", false),
            person("new", false),
        ],
    );
    let args = ["check", ".", "--control", MFA, "--control", "keys-rotated"];
    let all = folder.run(&args).said(1, &[]);
    let alarms = |csv: &str| {
        let verdicts = verdicts(csv);
        let alarms = verdicts.split(' ').filter_map(|verdict| verdict.strip_suffix(":alarm"));
        alarms.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(alarms(&all), "kept known new other-key recreated swapped");
    let only_new = folder.run(&[&args[..], &["--only-new"]].concat()).said(1, &[]);
    assert_eq!(alarms(&only_new), "new other-key recreated");
    let args = [&args[..], &["--only-new", "--format", "summary"]].concat();
    let summary = folder.run(&args).said(1, &[]);
    assert!(summary.contains("1 alarm, 4 skip, 1 known alarm"), "{summary}");
    // Of an account or user as a whole the control tells what makes an alarm another one.
    let root = |slot: u8, rotated: &str, used: &str| {
        with_key("x", slot, rotated)
            .set("user", "<root_account>")
            .set("arn", &format!("arn:aws:iam::{ACCOUNT}:root"))
            .set(&format!("access_key_{slot}_last_used_date"), used)
    };
    let other = Folder::new(&[]);
    let roots = [
        "check",
        ".",
        "--control",
        "root-no-access-keys",
        "--control",
        "root-not-used",
        "--only-new",
    ];
    day(&other, "2026-09-01", &[root(1, old, "2026-08-30T00:00:00Z")]);
    day(&other, "2026-09-02", &[root(2, old, "2026-08-30T00:00:00Z")]);
    assert_eq!(alarms(&other.run(&roots).said(0, &[])), "");
    day(&other, "2026-09-03", &[root(2, old, "2026-09-02T12:00:00Z")]);
    assert_eq!(alarms(&other.run(&roots).said(1, &[])), "<root_account>");
    day(&other, "2026-09-04", &[root(2, "2026-09-03T12:00:00Z", "2026-09-02T12:00:00Z")]);
    assert_eq!(alarms(&other.run(&roots).said(1, &[])), "<root_account>");
    // Who stands twice in a report cannot be told apart, so the alarm is new.
    day(&other, "2026-09-05", &[with_key("ann", 1, older)]);
    day(&other, "2026-09-06", &[with_key("ann", 1, older), with_key("ann", 1, old)]);
    let twice = other.run(&["check", ".", "--control", "keys-rotated", "--only-new"]);
    assert_eq!(alarms(&twice.said(1, &[])), "ann ann");
    // Nothing new: nothing is wrong. An account without an earlier report is new as a whole.
    let known = ["check", ".", "--control", MFA, "--only-new", "--as-of", "2026-09-01"];
    let csv = folder.run(&known).said(1, &[]);
    assert_eq!(alarms(&csv), "known");
    fs::remove_dir_all(folder.path().join("2026-10-01")).expect("it can be removed");
    fs::remove_dir_all(folder.path().join("2026-08-01")).expect("it can be removed");
    let first = folder.run(&[&known[..], &["--format", "summary"]].concat()).said(1, &[]);
    assert!(first.contains("1 account has no earlier report"), "{first}");
    day(&folder, "2026-09-02", &[person("known", false)]);
    let same = folder.run(&["check", ".", "--control", MFA, "--only-new"]).said(0, &[]);
    assert_eq!(alarms(&same), "");
}

#[test]
fn an_exemption_that_ended_since_makes_an_alarm_new() {
    let folder = Folder::new(&[]);
    day(&folder, "2026-10-01", &[person("ann", false), person("bob", false)]);
    day(&folder, "2026-10-02", &[person("ann", false), person("bob", false)]);
    folder.write("e.toml", EXEMPT.as_bytes());
    let args = ["check", ".", "--control", MFA, "--only-new", "--exempt", "e.toml"];
    let csv = folder.run(&args).said(1, &["1 alarm counts again"]);
    assert_eq!(verdicts(&csv), "ann:alarm");
}

#[test]
fn reports_older_than_the_limit_are_unknown() {
    let folder = one(&[person("ann", false), person("bob", true)]);
    let at = |time: &str, age: &str| {
        folder.run(&["check", ".", "--control", MFA, "--as-of", time, "--max-age", age])
    };
    let csv = at("2026-10-02T12:00:00Z", "24h").said(1, &[]);
    assert_eq!(verdicts(&csv), "ann:alarm bob:ok");
    let csv = at("2026-10-02T12:00:01Z", "24h").said(2, &["2 rows are unknown"]);
    assert_eq!(verdicts(&csv), "ann:unknown bob:unknown");
    assert!(
        csv.contains("the report is 1day old (limit: 1day); it said alarm: the user has"),
        "{csv}"
    );
    // A report that shows nothing to judge is just as old.
    let args = ["check", ".", "--control", "keys-rotated", "--max-age", "24h", "--as-of"];
    assert_eq!(
        folder.run(&[&args[..], &["2026-10-02T12:00:00Z"]].concat()).said(0, &[]).lines().count(),
        1
    );
    let csv =
        folder.run(&[&args[..], &["2026-10-02T12:00:01Z"]].concat()).said(2, &["1 row is unknown"]);
    assert_eq!(verdicts(&csv), "111122223333:unknown");
    at(NOW, "a while").said(2, &["write it as 24h"]);
}

#[test]
fn parameters_are_for_one_control_or_for_all_that_have_them() {
    let folder = one(&[with_key("ann", 1, "2026-08-01T00:00:00Z")]);
    let run = |more: &[&str]| {
        let args = [
            &["check", ".", "--as-of", NOW, "--control", "keys-rotated", "--control"],
            &["passwords-changed", "--format", "ndjson"][..],
            more,
        ];
        folder.run(&args.concat())
    };
    let status = |ran: Ran| {
        let line = ran.stdout.lines().next().map(str::to_owned).unwrap_or_default();
        let row: Value = serde_json::from_str(&line).expect("it is JSON");
        (row["status"].to_string(), row["parameters"]["max_age_days"].to_string())
    };
    let of = |status: &str, days: &str| (format!("\"{status}\""), days.to_owned());
    assert_eq!(status(run(&[])), of("ok", "90"));
    assert_eq!(status(run(&["--param", "keys-rotated.max_age_days=30"])), of("alarm", "30"));
    assert_eq!(status(run(&["--param", "max_age_days=31"])), of("alarm", "31"));
    // What is meant for one control counts, wherever it stands.
    let both = run(&["--param", "keys-rotated.max_age_days=30", "--param", "max_age_days=400"]);
    assert_eq!(status(both), of("alarm", "30"));
    for (param, said) in [
        ("keys-rotated.days=1", "keys-rotated has no parameter `days`"),
        ("keys-rotate.max_age_days=1", "did you mean `keys-rotated.max_age_days`?"),
        ("report-age.max_hours=1", "control report-age is not among those that are run"),
        ("days=1", "no control that is run has a parameter `days`"),
        ("max_age_days=soon", "is not a whole number"),
    ] {
        run(&["--param", param]).said(2, &[said]);
    }
}

#[test]
fn lists_are_parameters() {
    let folder = one(&[with_key("ann", 1, "2026-08-01T00:00:00Z")]);
    let status = |regions: &str| {
        let param = format!("regions={regions}");
        let csv = check(&folder, "keys-used-from-expected-regions", &["--param", &param]);
        verdicts(&csv.stdout)
    };
    assert_eq!(status("any"), "ann:skip");
    assert_eq!(status("us-east-1, eu-central-1"), "ann:ok");
    assert_eq!(status("EU-CENTRAL-1"), "ann:ok");
    assert_eq!(status("us-east-1,eu-west-1"), "ann:alarm");
    // A quote is a part of a text and ends nothing.
    assert_eq!(status("') OR true --"), "ann:alarm");
    let none = check(&folder, "keys-used-from-expected-regions", &["--param", "regions= ,"]);
    none.said(2, &["is not texts with commas between them"]);
}

#[test]
fn controls_are_chosen_by_framework_tag_id_and_severity() {
    let folder = one(&[person("ann", true)]);
    let chosen = |more: &[&str]| {
        let ran = folder.run(&[&["check", ".", "--dry-run", "--as-of", NOW][..], more].concat());
        let csv = ran.said(0, &["no report was read"]);
        let ids = csv.lines().skip(1).filter_map(|line| line.split(',').next());
        ids.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let default = chosen(&[]);
    for id in [MFA, "keys-rotated", "credentials-unused-45-days", "dormant-users"] {
        assert!(default.contains(id), "{id}");
    }
    for id in ["credentials-unused-90-days", "one-active-key", "report-age", "users-have-mfa"] {
        assert!(!default.contains(id), "{id}");
    }
    let older = chosen(&["--framework", "cis-aws-1.2.0"]);
    assert!(older.contains("credentials-unused-90-days"));
    assert!(!older.contains("dormant-users"));
    assert_eq!(chosen(&["--tag", "freshness", "--control", MFA]).len(), 2);
    let grave = chosen(&["--severity", "critical"]);
    assert!(grave.contains("root-no-access-keys") && !grave.contains(MFA));
    for (args, said) in [
        (["--framework", "cis-aws-5.0"], "did you mean `cis-aws-5.0.0`?"),
        (["--control", "keys-rotate"], "did you mean `keys-rotated`?"),
        (["--control", "oldest-keys"], "it is an investigation"),
        (["--tag", "hygene"], "no control has the tag `hygene`"),
        (["--severity", "huge"], "possible values: low, medium, high, critical"),
    ] {
        folder.run(&[&["check", "."][..], &args].concat()).said(2, &[said]);
    }
    folder.run(&["check"]).said(2, &["no source given"]);
}

#[test]
fn what_a_framework_asks_and_no_report_tells_is_shown_as_unknown() {
    let folder = one(&[Row::root(ACCOUNT), person("ann", true)]);
    let args = ["check", ".", "--framework", "cis-aws-5.0.0", "--as-of", NOW, "--format"];
    let csv = folder.run(&[&args[..], &["csv"]].concat()).said(0, &[]);
    for (start, needs) in [
        ("cis-aws-5.0.0/1.2,", "account:GetAlternateContact"),
        ("password-policy-length,medium,cis-aws-5.0.0 1.7,", "needs --enrich: "),
        ("password-policy-length,", "iam:GetAccountPasswordPolicy"),
    ] {
        let mut rows = csv.lines().filter(|line| line.starts_with(start));
        let row = rows.next().expect(start);
        assert!(row.contains("unknown") && row.contains(needs), "{row}");
        assert_eq!(rows.next(), None, "one row, however many accounts");
    }
    let summary = folder.run(&[&args[..], &["summary"]].concat()).said(0, &[]);
    assert!(summary.contains("UNKNOWN  cis-aws-5.0.0 1.7: "), "{summary}");
    let args = ["check", ".", "--as-of", NOW, "--format", "summary"];
    let summary = folder.run(&args).said(0, &[]);
    assert!(summary.contains("further requirements cannot be told"), "{summary}");
    assert!(!summary.contains("UNKNOWN  cis-aws-7.0.0"), "{summary}");
}

/// A folder in which every status but error comes up, with its exemptions.
fn motley() -> Folder {
    let root = Row::root(ACCOUNT).set("password_enabled", "true").set("mfa_active", "true");
    let folder = one(&[
        root,
        person("ann", false),
        person("bob, \"<&>\"", false),
        person("cid", true),
        person("dan", true).set("mfa_active", "perhaps"),
        with_key("eve", 1, "2026-01-01T00:00:00Z"),
    ]);
    folder.write("e.toml", EXEMPT.as_bytes());
    folder
}

const MOTLEY: [&str; 12] = [
    "check",
    "r.json",
    "--as-of",
    NOW,
    "--control",
    MFA,
    "--control",
    "root-hardware-mfa",
    "--control",
    "keys-rotated",
    "--exempt",
    "e.toml",
];

#[test]
fn every_format_holds_the_same_verdicts() {
    let folder = motley();
    let shown = |format: &str| {
        let args = [&MOTLEY[..], &["--format", format, "--region", "eu-central-1"]].concat();
        format!("--- {format}\n{}", folder.run(&args).said(2, &["1 row is unknown"]))
    };
    let formats = ["summary", "csv", "json", "ndjson", "markdown", "junit", "asff"];
    insta::assert_snapshot!(formats.map(shown).join("\n"));
}

#[test]
fn outputs_are_told_by_their_suffixes() {
    let folder = motley();
    let outputs = ["-o", "c.junit.xml", "-o", "c.asff.json", "-o", "c.json", "-o", "c.csv"];
    let more = ["-o", "c.md", "-o", "c.txt", "-o", "c.parquet", "--region", "eu-central-1"];
    let ran = folder.run(&[&MOTLEY[..], &outputs, &more].concat());
    assert_eq!(ran.said(2, &[]), "");
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect(name);
    let csv = read("c.csv");
    assert_eq!(csv.lines().count(), 1 + 5 + 1 + 1);
    let json: Value = serde_json::from_str(&read("c.json")).expect("it is JSON");
    assert_eq!(json["results"].as_array().map(Vec::len), Some(7));
    assert_eq!(json["run"]["reports"]["oldest_age_hours"], 0);
    assert_eq!(json["controls"][0]["counts"]["unknown"], 1);
    let findings: Value = serde_json::from_str(&read("c.asff.json")).expect("it is JSON");
    assert_eq!(findings.as_array().map(Vec::len), Some(6), "no unanswerable unknown");
    let xml = read("c.junit.xml");
    let document = roxmltree::Document::parse(&xml).expect("it is XML");
    let suites = document.descendants().filter(|node| node.has_tag_name("testsuite"));
    let tests: usize =
        suites.filter_map(|suite| suite.attribute("tests")?.parse::<usize>().ok()).sum();
    assert_eq!(tests, 7);
    assert!(read("c.md").starts_with("## ") && read("c.txt").contains("ALARM"));
    let count = "SELECT count(*) AS n FROM c";
    assert_eq!(folder.run(&["query", count, "--table", "c=c.parquet"]).clean(), "n\n7\n");
    let asff = folder.run(&[&MOTLEY[..], &["-o", "c.asff.json"]].concat());
    asff.said(2, &["asff needs the region", "--region"]);
    folder.run(&[&MOTLEY[..], &["-o", "c.pdf"]].concat()).said(2, &["cannot tell the format"]);
    // A report is not replaced by what is said of it.
    let report = read("r.json");
    folder
        .run(&[&MOTLEY[..], &["-o", "r.json"]].concat())
        .said(2, &["is read here, and would be replaced"]);
    folder.run(&["query", "SELECT 1", "r.json", "-o", "r.json"]).said(2, &["another name"]);
    folder.run(&[&MOTLEY[..], &["--dry-run", "-o", "r.json"]].concat()).said(2, &["another name"]);
    std::os::unix::fs::symlink("r.json", folder.path().join("link.json")).expect("links work");
    folder.run(&["query", "SELECT 1", "link.json", "-o", "link.json"]).said(2, &["another name"]);
    assert_eq!(read("r.json"), report);
}

/// Names and contents of a folder, deep.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).expect("it is a folder") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("it is below").display().to_string();
                found.push((name, fs::read(&path).expect("it can be read")));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn evidence_is_whole_and_comes_out_the_same_again() {
    let folder = motley();
    let args = [&MOTLEY[..], &["--evidence", "audit", "--quiet"]].concat();
    folder.run(&args).said(2, &[]);
    let first = contents(&folder.path().join("audit"));
    folder.run(&args).said(2, &[]);
    let again = contents(&folder.path().join("audit"));
    let without_manifest = |files: &[(String, Vec<u8>)]| {
        files.iter().filter(|(name, _)| name != "manifest.json").cloned().collect::<Vec<_>>()
    };
    assert_eq!(without_manifest(&first), without_manifest(&again));
    let names: Vec<&str> = first.iter().map(|(name, _)| name.as_str()).collect();
    let controls = [MFA, "keys-rotated", "root-hardware-mfa"];
    let controls = controls.map(|id| format!("controls/{id}.sql"));
    let mut wanted = vec!["SHA256SUMS", "check.json"];
    wanted.extend(controls.iter().map(String::as_str));
    wanted.extend(["exemptions.toml", "manifest.json", "reports.csv", "results.csv", "summary.md"]);
    assert_eq!(names, wanted);
    let text = |name: &str| {
        let file = first.iter().find(|(other, _)| other == name).expect(name);
        String::from_utf8(file.1.clone()).expect("it is text")
    };
    // The checksums are those of the files, and that of the report is its own.
    let sums = text("SHA256SUMS");
    assert_eq!(sums.lines().count(), names.len() - 2, "all but itself and the manifest");
    for line in sums.lines() {
        let (sum, name) = line.split_once("  ").expect("the form of sha256sum");
        assert_eq!(sum, sha256(text(name).as_bytes()), "{name}");
    }
    let report = fs::read(folder.path().join("r.json")).expect("the report is there");
    assert!(text("reports.csv").contains(&sha256(&report)));
    assert!(text("reports.csv").contains(",2026-10-01T12:00:00Z,response,judged,6,"));
    assert!(text("results.csv").lines().count() == 8);
    // What lies there is met in a walk and is no report.
    let args = ["check", ".", "--control", MFA, "--quiet", "--allow-unknown", "--as-of", NOW];
    assert_eq!(verdicts(&folder.run(&args).said(1, &[])).matches("error").count(), 0);
    // Something else is left alone: other folders, whatever files they have, and additions.
    folder.write("mine/src/a.js", b"mine");
    folder.write("mine/manifest.json", b"{}");
    folder.write("audit/notes.txt", b"mine");
    for name in ["mine", "audit"] {
        let before = contents(&folder.path().join(name));
        let args = [&MOTLEY[..], &["--evidence", name]].concat();
        folder.run(&args).said(2, &["which is not evidence of this program"]);
        assert_eq!(contents(&folder.path().join(name)), before, "{name}");
    }
}

#[test]
fn rows_are_in_order_whatever_the_order_of_files() {
    let of = |account: &str| {
        answer(&report(&[Row::user(account, "zoe"), Row::user(account, "ann")]), NOW)
    };
    let folder = Folder::new(&[("a.json", &of("444455556666")), ("b.json", &of(ACCOUNT))]);
    let csv = check(&folder, MFA, &[]).said(0, &[]);
    let arns: Vec<&str> = csv.lines().skip(1).filter_map(|line| line.split(',').nth(5)).collect();
    assert_eq!(arns.len(), 4);
    assert!(arns.is_sorted(), "{csv}");
}

#[test]
fn evidence_of_many_reports_is_the_same_whatever_the_workers_do() {
    let folder = Folder::new(&[]);
    let tie = "account_id, CAST(NULL AS VARCHAR) AS \"user\", CAST(NULL AS VARCHAR) AS arn, CAST(NULL AS VARCHAR) AS credential, 'ok' AS status, 'so' AS reason, generated_time, \"user\" AS who";
    let query = own(tie).replace("-- tags", "-- columns = [\"who\"]\n-- tags");
    folder.write("own/ties.sql", query.as_bytes());
    let args = ["check", "demo:accounts=40,users=150,days=1", "--tag", "mine", "--control", MFA];
    let more = ["--queries", "own", "--as-of", "2026-11-01", "--quiet", "--evidence"];
    let evidence = |name: &str| {
        folder.run(&[&args[..], &more, &[name]].concat());
        let mut files = contents(&folder.path().join(name));
        files.retain(|(name, _)| name != "manifest.json");
        files
    };
    let first = evidence("one");
    assert!(first.len() > 5);
    assert_eq!(first, evidence("two"));
}

#[test]
fn evidence_is_whole_though_nobody_reads_the_result() {
    let folder = motley();
    let program = env!("CARGO_BIN_EXE_credsql");
    let line =
        format!("'{program}' check r.json --as-of {NOW} --evidence audit | head -c 1 >/dev/null");
    let status =
        std::process::Command::new("sh").args(["-c", &line]).current_dir(folder.path()).status();
    assert!(status.expect("there is a shell").success());
    assert!(folder.path().join("audit/manifest.json").is_file());
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    format!("{:x}", sha2::Sha256::digest(bytes))
}

/// A control of one's own, whose SELECT list follows.
fn own(columns: &str) -> String {
    format!(
        "-- /// control\n-- title = \"Mine\"\n-- description = \"d\"\n-- severity = \"high\"\n\
         -- remediation = \"r\"\n-- tags = [\"mine\"]\n-- ///\nSELECT {columns} FROM credential_report\n"
    )
}

#[test]
fn a_control_of_ones_own_keeps_the_contract() {
    let folder = one(&[person("ann", true)]);
    let good = "account_id, \"user\", arn, CAST(NULL AS VARCHAR) AS credential, 'alarm' AS status, 'so' AS reason, generated_time";
    folder.write("own/mine.sql", own(good).as_bytes());
    let run = |more: &[&str]| {
        folder.run(&[&["check", "r.json", "--tag", "mine", "--queries", "own"][..], more].concat())
    };
    assert_eq!(verdicts(&run(&[]).said(1, &[])), "ann:alarm");
    let default = folder.run(&["check", "r.json", "--queries", "own", "--dry-run", "--quiet"]);
    assert!(default.clean().contains("\nmine,high,"), "one's own are part of the default");
    // A status that is none is an error of the control, never fine.
    folder.write("own/mine.sql", own(&good.replace("'alarm'", "'passed'")).as_bytes());
    let csv = run(&["--allow-unknown"]).said(2, &[]);
    assert_eq!(verdicts(&csv), "ann:error");
    assert!(csv.contains("returned `passed`, which is no status"), "{csv}");
    let old = run(&["--allow-unknown", "--max-age", "1m"]).said(2, &[]);
    assert_eq!(verdicts(&old), "ann:error", "the age of the report does not excuse it");
    for (columns, said) in [
        (good.replace(", generated_time", ""), "a control returns the columns account_id, user"),
        (good.replace("'so'", "1"), "column reason is of type Int64"),
        (good.replace("arn,", "arm,"), "own/mine.sql: there is no column `arm`"),
    ] {
        folder.write("own/mine.sql", own(&columns).as_bytes());
        run(&["--dry-run"]).said(2, &["own/mine.sql", said]);
    }
    // One that cannot be judged has an error, and keeps no other from being judged.
    let broken =
        good.replace("'so'", "CAST(1 / (CASE WHEN \"user\" = 'ann' THEN 0 END) AS VARCHAR)");
    folder.write("own/mine.sql", own(&broken).as_bytes());
    let csv = run(&["--control", MFA]).said(2, &["own/mine.sql: ", "zero"]);
    assert_eq!(verdicts(&csv), "-:error ann:ok");
    // A control cannot be taken away by something else of its name.
    let query = "-- /// query\n-- title = \"t\"\n-- description = \"d\"\n-- ///\nSELECT 1 AS n\n";
    folder.write("own/keys-rotated.sql", query.as_bytes());
    run(&[]).said(2, &["`keys-rotated` is built in as a control; a query needs another name"]);
    fs::remove_file(folder.path().join("own/keys-rotated.sql")).expect("it can be removed");
    let framework = own(good)
        .replace("-- ///\nSELECT", "-- [frameworks]\n-- \"house\" = [\"H.1\"]\n-- ///\nSELECT");
    folder.write("own/mine.sql", framework.as_bytes());
    run(&[]).said(2, &["own/mine.sql:8: there is no framework `house`"]);
    let house = "title = \"House rules\"\nsource = \"intranet\"\n[[requirement]]\nid = \"H.1\"\ntitle = \"t\"\n[[requirement]]\nid = \"H.2\"\ntitle = \"u\"\nmanual = true\n";
    folder.write("own/frameworks/house.toml", house.as_bytes());
    let args = ["check", "r.json", "--framework", "house", "--queries", "own", "--quiet"];
    let csv = folder.run(&args).said(1, &[]);
    assert!(csv.contains("house/H.2,") && csv.contains("somebody has to look"), "{csv}");
}

#[test]
fn the_controls_are_a_table() {
    let folder = one(&[person("ann", true)]);
    let sql = "SELECT severity, parameters FROM controls WHERE id = 'keys-rotated'";
    let json = folder.run(&["query", sql, "--format", "json"]).clean();
    let rows: Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(rows[0]["severity"], "medium");
    assert_eq!(rows[0]["parameters"], "{\"max_age_days\":90}");
}
