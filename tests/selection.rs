//! Which reports the tables show: the newest of each account, each report once.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use credsql::error::Error;
use credsql::session::{Session, SessionOptions};
use credsql::source::Source;
use credsql::table::collection::{Collection, CollectionOptions};

use crate::support::{Folder, Row, answer, credsql, report, small};

const ONE: &str = "111122223333";
const TWO: &str = "444455556666";

const LATEST: &str =
    "SELECT account_id, \"user\" FROM credential_report WHERE NOT is_root ORDER BY 1, 2";
const HISTORY: &str = "SELECT account_id, \"user\", generated_time FROM credential_report_history WHERE NOT is_root ORDER BY 1, 3, 2";

#[test]
fn the_newest_report_of_each_account_is_the_latest() {
    let folder = Folder::new(&[
        ("2026-10-01/credentialReport_111122223333.csv", &small(ONE, "old")),
        ("2026-10-02/credentialReport_111122223333.csv", &small(ONE, "new")),
        ("2026-09-30/credentialReport_444455556666.csv", &small(TWO, "only")),
    ]);
    assert_eq!(folder.query(LATEST).clean(), format!("account_id,user\n{ONE},new\n{TWO},only\n"));
    assert_eq!(
        folder.query(HISTORY).clean(),
        format!(
            "account_id,user,generated_time\n{ONE},old,2026-10-01T00:00:00Z\n{ONE},new,2026-10-02T00:00:00Z\n\
             {TWO},only,2026-09-30T00:00:00Z\n"
        )
    );
}

#[test]
fn older_reports_are_not_read_for_the_latest() {
    // Rubbish under an older date: it would be a failure if it were looked at.
    let folder = Folder::new(&[
        ("2026-10-01/credentialReport_111122223333.csv", "{\"State\":\"STARTED\"}"),
        ("2026-10-02/credentialReport_111122223333.csv", &small(ONE, "new")),
    ]);
    assert_eq!(folder.query(LATEST).clean(), format!("account_id,user\n{ONE},new\n"));
    folder.query(HISTORY).said(2, &["2026-10-01/credentialReport_111122223333.csv is the answer of generate-credential-report"]);
}

#[test]
fn an_unreadable_newest_report_gives_way_and_is_named() {
    let folder = Folder::new(&[
        ("2026-10-01/credentialReport_111122223333.csv", &small(ONE, "readable")),
        ("2026-10-02/credentialReport_111122223333.csv", "{\"State\":\"STARTED\"}"),
        ("2026-10-02/credentialReport_444455556666.csv", &small(TWO, "other")),
    ]);
    let shown = folder.query(LATEST).said(
        2,
        &[
            "2026-10-02/credentialReport_111122223333.csv is the answer",
            "account 111122223333: its newest report (2026-10-02T00:00:00Z) cannot be used; the one of 2026-10-01T00:00:00Z",
        ],
    );
    assert_eq!(shown, format!("account_id,user\n{ONE},readable\n{TWO},other\n"));
    let reports = "SELECT status, is_latest, generated_time FROM reports WHERE account_id = '111122223333' ORDER BY 3";
    let shown = folder.query(reports).said(2, &[]);
    assert_eq!(
        shown,
        "status,is_latest,generated_time\nok,true,2026-10-01T00:00:00Z\nfailed,false,2026-10-02T00:00:00Z\n"
    );
}

#[test]
fn the_arn_is_believed_over_the_path() {
    let folder = Folder::new(&[
        ("2026-10-03/credentialReport_111122223333.csv", &small(TWO, "stray")),
        ("2026-10-02/credentialReport_111122223333.csv", &small(ONE, "own")),
        ("2026-10-01/credentialReport_444455556666.csv", &small(TWO, "older")),
    ]);
    let shown = folder
        .query(LATEST)
        .said(0, &["its ARNs say account 444455556666, its path says 111122223333"]);
    assert_eq!(shown, format!("account_id,user\n{ONE},own\n{TWO},stray\n"));
}

#[test]
fn the_same_report_counts_once_and_the_untouched_csv_wins() {
    let plain = small(ONE, "same");
    let time = "2026-10-02T01:02:03Z";
    let collected = plain
        .lines()
        .enumerate()
        .map(
            |(line, text)| {
                if line == 0 { format!("account_name,{text}") } else { format!("copy,{text}") }
            },
        )
        .collect::<Vec<_>>()
        .join("\n");
    let folder = Folder::new(&[
        ("a-copy.json", &answer(&collected, time)),
        ("b-answer.json", &answer(&plain, time)),
        ("c-again.json", &answer(&plain, time)),
    ]);
    assert_eq!(
        folder.query("SELECT count(*) AS n FROM credential_report_history").said(0, &[]),
        "n\n2\n"
    );
    let shown = folder.query("SELECT source, status FROM reports ORDER BY 1").said(0, &[]);
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines[1], "./a-copy.json,superseded");
    // Of two files with the same bytes one is taken, and it is the same one at every run.
    assert_eq!(shown.matches(",superseded").count(), 2);
    assert_eq!(shown.matches(",ok").count(), 1);
}

#[test]
fn different_files_of_one_modification_time_are_different_reports() {
    let folder = Folder::new(&[
        ("a.csv", &small(ONE, "a")),
        ("b.csv", &small(ONE, "b")),
        ("c.csv", &small(ONE, "b")),
    ]);
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_790_000_000);
    for name in ["a.csv", "b.csv", "c.csv"] {
        let file = std::fs::File::options()
            .write(true)
            .open(folder.path().join(name))
            .expect("the file is there");
        file.set_modified(time).expect("times can be set");
    }
    // Copies with the same bytes count once.
    let history =
        folder.query("SELECT \"user\" FROM credential_report_history WHERE NOT is_root ORDER BY 1");
    assert_eq!(history.clean(), "user\na\nb\n");
    let shown = folder
        .query(LATEST)
        .said(0, &["2 different reports of account 111122223333 have the same modification time"]);
    assert_eq!(shown.lines().count(), 2);
}

#[test]
fn a_file_of_several_accounts_is_split() {
    let joined =
        report(&[Row::root(ONE), Row::user(ONE, "a"), Row::root(TWO), Row::user(TWO, "b")]);
    let folder = Folder::new(&[
        ("consolidated/report-2026-10-02.csv", &joined),
        ("2026-10-03/credentialReport_111122223333.csv", &small(ONE, "newer")),
    ]);
    let shown = folder.query(LATEST).said(0, &["2 accounts in one file"]);
    assert_eq!(shown, format!("account_id,user\n{ONE},newer\n{TWO},b\n"));
    let shown = folder
        .query("SELECT account_id, rows, is_latest FROM reports ORDER BY generated_time, 1")
        .said(0, &[]);
    assert_eq!(
        shown,
        format!("account_id,rows,is_latest\n{ONE},2,false\n{TWO},2,true\n{ONE},2,true\n")
    );
}

#[test]
fn a_report_of_an_unknown_account_is_its_own_account() {
    let no_arn = "user,password_enabled,mfa_active\nann,true,false\n";
    let folder = Folder::new(&[("a.csv", no_arn), ("b.csv", &no_arn.replace("ann", "bob"))]);
    let shown = folder
        .query("SELECT \"user\", account_id FROM credential_report ORDER BY 1")
        .said(0, &["columns missing"]);
    assert_eq!(shown, "user,account_id\nann,\nbob,\n");
}

#[test]
fn an_id_of_another_form_groups_but_is_no_account_id() {
    let folder = Folder::new(&[
        ("old.json", &answer(&small("1234", "old"), "2026-10-01T00:00:00Z")),
        ("new.json", &answer(&small("1234", "new"), "2026-10-02T00:00:00Z")),
    ]);
    assert_eq!(folder.query(LATEST).clean(), "account_id,user\n,new\n");
}

#[test]
fn as_of_hides_later_reports_and_is_the_clock_of_the_latest() {
    let key = |name: &str| {
        report(&[Row::user(ONE, name)
            .set("access_key_1_active", "true")
            .set("access_key_1_last_rotated", "2026-09-01T00:00:00Z")])
    };
    let folder = Folder::new(&[
        ("a.json", &answer(&key("first"), "2026-10-01T00:00:00Z")),
        ("b.json", &answer(&key("second"), "2026-10-03T00:00:00Z")),
    ]);
    let at = |time: &str, table: &str| {
        let sql = format!("SELECT \"user\", age_days FROM {table} ORDER BY 1");
        folder.run(&["query", &sql, ".", "--as-of", time]).said(0, &[])
    };
    assert_eq!(at("2026-10-02T23:59:59Z", "credentials"), "user,age_days\nfirst,31\n");
    assert_eq!(at("2026-10-03T00:00:00Z", "credentials"), "user,age_days\nsecond,32\n");
    assert_eq!(at("2026-10-02T00:00:00Z", "credentials_history"), "user,age_days\nfirst,30\n");
    // A bare date is its end.
    assert_eq!(at("2026-10-03", "credentials"), "user,age_days\nsecond,32\n");
    assert_eq!(at("2026-09-30", "credentials"), "user,age_days\n");
    let reports =
        folder.run(&["query", "SELECT count(*) AS n FROM reports", ".", "--as-of", "2026-10-02"]);
    assert_eq!(reports.clean(), "n\n1\n");
}

#[test]
fn filters_leave_reports_out_and_explain_tells() {
    let folder = Folder::new(&[
        ("2026-10-01/credentialReport_111122223333.csv", &small(ONE, "a")),
        ("2026-10-20/credentialReport_111122223333.csv", &small(ONE, "b")),
        // Never opened by the queries below, which would otherwise fail.
        ("2026-10-20/credentialReport_444455556666.csv", "{\"State\":\"STARTED\"}"),
    ]);
    for (filter, kept) in [
        ("account_id = '111122223333'", "reports=2 of 3"),
        ("account_id IN ('111122223333', '999999999999')", "reports=2 of 3"),
        ("generated_time < TIMESTAMP '2026-10-10 00:00:00'", "reports=1 of 3"),
        (
            "account_id = '111122223333' AND generated_time >= TIMESTAMP '2026-10-20 00:00:00'",
            "reports=1 of 3",
        ),
        ("source = './2026-10-01/credentialReport_111122223333.csv'", "reports=1 of 3"),
    ] {
        let from = format!("FROM credential_report_history WHERE {filter}");
        let plan = folder.query(&format!("EXPLAIN SELECT \"user\" {from}")).clean();
        assert!(plan.contains(kept), "{filter}: {plan}");
        let rows = folder.query(&format!("SELECT count(*) AS n {from}")).clean();
        assert!(rows.ends_with("2\n") || rows.ends_with("4\n"), "{filter}: {rows}");
    }
    let plan =
        folder.query("EXPLAIN SELECT mfa_active FROM credential_report LIMIT 3").said(2, &[]);
    assert!(plan.contains("columns=[mfa_active]") && plan.contains("limit=3"), "{plan}");
}

#[test]
fn several_sources_are_one_union() {
    let folder = Folder::new(&[
        ("a/2026-10-01/credentialReport_111122223333.csv", &small(ONE, "a")),
        ("b.json", &answer(&small(TWO, "b"), "2026-10-01T00:00:00Z")),
    ]);
    let args = ["query", LATEST, "a", "b.json", "a/*/*.csv"];
    assert_eq!(folder.run(&args).clean(), format!("account_id,user\n{ONE},a\n{TWO},b\n"));
    let stdin = credsql(
        folder.path(),
        &["query", LATEST, "a", "-"],
        &answer(&small(TWO, "piped"), "2026-10-01T00:00:00Z"),
    );
    assert_eq!(stdin.clean(), format!("account_id,user\n{ONE},a\n{TWO},piped\n"));
}

#[test]
fn named_and_met_files_are_judged_differently() {
    let folder = Folder::new(&[("notes.txt", "to do: nothing"), ("report.csv", &small(ONE, "a"))]);
    let shown = folder
        .query(LATEST)
        .said(0, &["note: 1 file is no credential report and was skipped: ./notes.txt"]);
    assert_eq!(shown, format!("account_id,user\n{ONE},a\n"));
    folder
        .run(&["query", LATEST, "notes.txt", "report.csv"])
        .said(2, &["error: notes.txt has no column of a credential report"]);
    folder.write(
        "report-of-today.csv",
        small(ONE, "x").lines().next().unwrap_or_default().as_bytes(),
    );
    folder.query(LATEST).said(2, &["has a header and no rows"]);
}

#[test]
fn a_folder_without_a_report_is_a_failure() {
    let folder = Folder::new(&[("notes.txt", "to do: nothing"), ("other.json", "[1, 2]")]);
    folder.query(LATEST).said(2, &["no credential report was found among 2 files"]);
}

#[test]
fn a_missing_source_does_not_keep_others_from_being_read() {
    let folder = Folder::new(&[("report.csv", &small(ONE, "a"))]);
    let shown = folder.run(&["query", LATEST, "reprt.csv", "report.csv"]);
    let shown =
        shown.said(2, &["reprt.csv: no such file or directory; did you mean `report.csv`?"]);
    assert_eq!(shown, format!("account_id,user\n{ONE},a\n"));
    let shown = folder.run(&[
        "query",
        "SELECT source, status FROM reports ORDER BY 1",
        "nope",
        "report.csv",
    ]);
    assert_eq!(shown.said(2, &["nope"]), "source,status\nnope,failed\nreport.csv,ok\n");
    folder.run(&["query", "SELECT 1", "nope", "report.csv"]).said(2, &["nope: no such file"]);
}

#[test]
fn damaged_reports_are_failures_wherever_they_are_met() {
    let whole = answer(&small(ONE, "a"), "2026-10-01T00:00:00Z");
    let wide: Vec<u8> = small(ONE, "a").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (content, words) in [
        (whole.as_bytes()[..whole.len() - 40].to_vec(), "begins like JSON but is not"),
        (format!("[{whole},{whole}]").into_bytes(), "holds several answers"),
        (format!("{whole}\n{whole}").into_bytes(), "holds several answers"),
        (b"Content: dXNlcixhcm4K\nGeneratedTime: '2026-10-01T00:00:00+00:00'\n".to_vec(), "YAML"),
        (b"user,arn,user_cre".to_vec(), "stops inside its header"),
        (
            b"dXNlcixhcm4sdXNlcl9jcmVhdGlvbl90aW1lLHBhc3N3b3JkX2VuYWJsZWQscGFzc3dvcmRfbG".to_vec(),
            "damaged or cut off",
        ),
    ] {
        let folder = Folder::new(&[("report.csv", &small(ONE, "a"))]);
        folder.write("x.dat", &content);
        folder.query(LATEST).said(2, &[words]);
    }
    let folder = Folder::new(&[]);
    folder.write("without-mark.csv", &wide);
    assert_eq!(folder.query(LATEST).clean(), format!("account_id,user\n{ONE},a\n"));
}

#[test]
fn a_row_that_names_no_account_belongs_to_its_report() {
    for arn in ["", "N/A", "fakearn", "arn"] {
        let odd = Row::user(ONE, "odd").set("arn", arn);
        for rows in [[Row::root(ONE), odd.clone()], [odd.clone(), Row::root(ONE)]] {
            let folder = Folder::new(&[("r.csv", &report(&rows))]);
            let shown = folder.query(LATEST).said(0, &["user odd: the ARN names no account"]);
            assert_eq!(shown, format!("account_id,user\n{ONE},odd\n"), "{arn}");
        }
    }
}

#[test]
fn account_columns_are_checked_and_not_mended() {
    let with = |account: &str, arn: &str| {
        let text = format!("account_id,user,arn,mfa_active\n{account},ann,{arn},true\n");
        Folder::new(&[("r.csv", &text)])
            .query("SELECT account_id, mfa_active FROM credential_report")
    };
    let arn = "arn:aws:iam::111122223333:user/ann";
    assert_eq!(
        with("12345", "").said(0, &["account id `12345` is not 12 digits"]),
        "account_id,mfa_active\n,true\n"
    );
    assert_eq!(
        with("1.11122E+11", "").said(0, &["is not 12 digits"]),
        "account_id,mfa_active\n,true\n"
    );
    assert_eq!(
        with(TWO, arn).said(0, &["the ARNs are believed"]),
        format!("account_id,mfa_active\n{ONE},true\n")
    );
    assert_eq!(with(TWO, "").said(0, &[]), format!("account_id,mfa_active\n{TWO},true\n"));
}

#[test]
fn a_time_that_is_none_is_told() {
    let folder = Folder::new(&[("r.json", &answer(&small(ONE, "a"), "yesterday"))]);
    folder.query(LATEST).said(0, &["GeneratedTime \"yesterday\" of the answer is no time"]);
    let row = |time: &str, user: &str| {
        format!("{time},{user},arn:aws:iam::111122223333:user/{user},true\n")
    };
    let text = format!(
        "generated_time,user,arn,mfa_active\n{}{}{}",
        row("2026-10-01T00:00:00Z", "a"),
        row("", "b"),
        row("junk", "c")
    );
    let folder = Folder::new(&[("r.csv", &text)]);
    let shown = folder.query("SELECT \"user\", generated_time FROM credential_report ORDER BY 1");
    let shown = shown.said(0, &["line 4: generated_time `junk` is no time"]);
    assert_eq!(shown.matches("2026-10-01T00:00:00Z").count(), 3, "{shown}");
    let folder = Folder::new(&[("2099-01-01/credentialReport_111122223333.csv", &small(ONE, "a"))]);
    folder.query(LATEST).said(0, &["is dated 2099-01-01T00:00:00Z, after this run"]);
    let folder = Folder::new(&[("2026-10-01/credentialReport_111122223333.csv", &small(ONE, "a"))]);
    folder
        .run(&["query", LATEST, ".", "--as-of", "2020-01-01"])
        .said(0, &["no report is as old as --as-of"]);
}

#[test]
fn two_reports_of_one_identity_that_differ_are_told() {
    let more = report(&[Row::root(ONE), Row::user(ONE, "a"), Row::user(ONE, "b")]);
    let folder = Folder::new(&[
        ("a.json", &answer(&small(ONE, "a"), "2026-10-01T00:00:00Z")),
        ("b.json", &answer(&more, "2026-10-01T00:00:00Z")),
    ]);
    folder
        .query(LATEST)
        .said(0, &["both hold the report of account 111122223333", "rows: the first is shown"]);
}

#[test]
fn paths_are_believed_only_as_far_as_reports_bear_them_out() {
    // The path holds rubbish; a copy elsewhere holds the report.
    let folder = Folder::new(&[
        ("2026-10-01/credentialReport_111122223333.csv", "{\"State\":\"STARTED\"}"),
        ("copy.json", &answer(&small(ONE, "copied"), "2026-10-01T00:00:00Z")),
    ]);
    let shown = folder.query("SELECT \"user\" FROM credential_report_history WHERE NOT is_root");
    assert_eq!(shown.said(2, &["is the answer of generate"]), "user\ncopied\n");

    // Files of several accounts under one account's id: an older one knows an account the newer lacks.
    let joined = |accounts: &[&str]| {
        report(&accounts.iter().map(|id| Row::user(id, "x")).collect::<Vec<_>>())
    };
    let folder = Folder::new(&[
        ("2026-10-01/all_111122223333.csv", &joined(&[ONE, TWO, "999999999999"])),
        ("2026-10-02/all_111122223333.csv", &joined(&[ONE, TWO])),
    ]);
    let sql = "SELECT account_id, generated_time FROM credential_report ORDER BY 1";
    assert_eq!(
        folder.query(sql).said(0, &[]),
        format!(
            "account_id,generated_time\n{ONE},2026-10-02T00:00:00Z\n{TWO},2026-10-02T00:00:00Z\n999999999999,2026-10-01T00:00:00Z\n"
        )
    );

    // An answer keeps its own time, whatever folder it lies in.
    let folder = Folder::new(&[
        (
            "2026-10-03/credentialReport_111122223333.json",
            &answer(&small(ONE, "a"), "2026-10-02T23:50:00Z"),
        ),
        (
            "2026-10-02/credentialReport_111122223333.json",
            &answer(&small(ONE, "a"), "2026-10-02T23:50:00Z"),
        ),
    ]);
    assert_eq!(
        folder.run(&["query", LATEST, ".", "--as-of", "2026-10-02"]).clean(),
        format!("account_id,user\n{ONE},a\n")
    );
    assert_eq!(
        folder.query("SELECT count(*) AS n FROM credential_report_history").clean(),
        "n\n2\n"
    );
    let by_time = "SELECT count(*) AS n FROM credential_report_history WHERE generated_time < TIMESTAMP '2026-10-03 00:00:00'";
    assert_eq!(folder.query(by_time).clean(), "n\n2\n");
}

#[test]
fn a_report_without_arns_is_of_the_account_of_its_path() {
    let folder = Folder::new(&[
        (
            "2026-01-01/credentialReport_111122223333.csv",
            "user,password_enabled,mfa_active\nann,true,false\n",
        ),
        ("2026-10-01/credentialReport_111122223333.csv", &small(ONE, "bob")),
    ]);
    let shown = folder.query("SELECT \"user\" FROM credential_report WHERE \"user\" NOT LIKE '<%'");
    assert_eq!(shown.said(0, &[]), "user\nbob\n");
}

#[test]
fn glued_rows_are_kept_whatever_their_cells() {
    let row = |row: Row| report(&[row]).lines().last().map(str::to_owned).expect("a row");
    let glue = |rows: &[Row]| {
        let rows: Vec<String> = rows.iter().cloned().map(row).collect();
        format!("{}\n{}", report(&[]), rows.concat())
    };
    let odd = Row::user(ONE, "odd").set("cert_2_last_rotated", "2026-02-30T00:00:00Z");
    let folder = Folder::new(&[(
        "r.csv",
        &glue(&[Row::root(ONE), odd, Row::user(ONE, "ann").set("mfa_active", "maybe")]),
    )]);
    let shown = folder
        .query("SELECT \"user\", cert_1_active, mfa_active FROM credential_report ORDER BY 1");
    let shown = shown.said(0, &["3 rows glued into one line"]);
    assert_eq!(
        shown,
        "user,cert_1_active,mfa_active\n<root_account>,false,false\nann,false,\nodd,false,false\n"
    );
    // Another order of columns: the users are found by their ARNs, the rest is unknown.
    let other = "mfa_active,user,arn\ntrue,ann,arn:aws:iam::111122223333:user/anntrue,bob,arn:aws:iam::111122223333:user/bob\n";
    let folder = Folder::new(&[("r.csv", other)]);
    let shown = folder
        .query("SELECT \"user\", mfa_active FROM credential_report ORDER BY arn")
        .said(0, &["2 users stand in this line"]);
    assert!(shown.contains("bob,"), "{shown}");
    assert!(!shown.contains("true"), "{shown}");
}

#[test]
fn another_header_in_the_middle_is_followed() {
    let longer = small(TWO, "b").replacen(
        "cert_2_last_rotated",
        "cert_2_last_rotated,additional_credentials_info",
        1,
    );
    let longer: Vec<String> = longer
        .lines()
        .enumerate()
        .map(|(n, line)| if n == 0 { line.to_owned() } else { format!("{line},more") })
        .collect();
    let swapped = "arn,user,access_key_2_active,access_key_1_active\narn:aws:iam::999999999999:user/c,c,true,false";
    let text = format!("{}\n{}\n{swapped}\n", small(ONE, "a"), longer.join("\n"));
    let folder = Folder::new(&[("r.csv", &text)]);
    let sql = "SELECT \"user\", account_id, access_key_1_active, access_key_2_active, additional_credentials_info AS more FROM credential_report WHERE is_root = false ORDER BY 1";
    let shown = folder
        .query(sql)
        .said(0, &["line 4: another header begins here", "line 7: another header"]);
    assert_eq!(
        shown,
        format!(
            "user,account_id,access_key_1_active,access_key_2_active,more\na,{ONE},false,false,\nb,{TWO},false,false,more\nc,999999999999,false,true,\n"
        )
    );
}

#[test]
fn a_cut_off_gzip_gives_no_row() {
    use std::io::Write as _;
    let rows: Vec<Row> =
        (0..20_000).map(|n| Row::user(ONE, &format!("user-{n}-{}", n * 7919 % 10_007))).collect();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(report(&rows).as_bytes()).expect("memory can be written");
    let bytes = gzip.finish().expect("memory can be written");
    let folder = Folder::new(&[("good.csv", &small(TWO, "b"))]);
    folder.write("2026-10-01/credentialReport_111122223333.csv.gz", &bytes[..bytes.len() * 3 / 4]);
    for table in ["credential_report", "credential_report_history"] {
        let shown =
            folder.query(&format!("SELECT count(*) AS n FROM {table}")).said(2, &["damaged gzip"]);
        assert_eq!(shown, "n\n2\n", "{table}");
    }
}

#[test]
fn words_that_look_like_something_else_are_only_words() {
    let long = Row::user(ONE, "ServiceAccountForContinuousDeployment");
    let tabs = report(&[Row::root(ONE), long]).replace(',', "\t");
    let folder = Folder::new(&[("t.tsv", &tabs)]);
    assert_eq!(folder.query(LATEST).said(0, &["tabs"]).lines().count(), 2);
    let folder = Folder::new(&[("r.csv", &small(ONE, "rotate_secret_access_key"))]);
    assert_eq!(
        folder.query(LATEST).clean(),
        format!("account_id,user\n{ONE},rotate_secret_access_key\n")
    );
    let folder =
        Folder::new(&[("r.csv", "user,mfa_active\nroot,true\n<root_account>,true\nann,true\n")]);
    let shown =
        folder.query("SELECT \"user\", is_root FROM credential_report ORDER BY 1").said(0, &[]);
    assert_eq!(shown, "user,is_root\n<root_account>,true\nann,false\nroot,\n");
    let wide = vec!["x"; 600].join(",");
    let folder = Folder::new(&[("r.csv", &format!("user,arn,mfa_active,{wide}\na\n"))]);
    folder.query(LATEST).said(2, &["has 603 columns"]);
}

#[test]
fn an_interruption_leaves_no_part_behind_that_is_taken_for_the_whole() {
    let source = Source::parse("demo:accounts=6,users=3,days=2").expect("it is a source");
    let collection = Arc::new(Collection::new(CollectionOptions {
        sources: vec![source],
        run_time: 1_800_000_000_000,
        now: 1_800_000_000_000,
        as_of: None,
        cache_bytes: 1 << 20,
        aws: Arc::default(),
    }));
    let options = SessionOptions { memory_limit: 1 << 28, ..SessionOptions::default() };
    let runtime = tokio::runtime::Runtime::new().expect("there are threads");
    let session = runtime.block_on(Session::new(Arc::clone(&collection), &options));
    let session = session.expect("there are no tables of one's own");
    let count = |table: &str| {
        runtime.block_on(async {
            let sql = format!("SELECT count(DISTINCT account_id) AS n FROM {table}");
            let rows = session.plan_text(&sql).await?.collect().await?;
            let counts = rows[0].column(0).as_primitive::<Int64Type>();
            Ok::<i64, Error>(counts.value(0))
        })
    };
    for table in ["credential_report", "credential_report_history", "reports"] {
        session.collection().cancelled.store(true, Ordering::SeqCst);
        assert!(count(table).is_err(), "{table}: what is only a part is no answer");
        session.show(Arc::new(session.collection().resumed()));
        assert_eq!(count(table).expect("it is whole"), 6, "{table}");
    }
}
