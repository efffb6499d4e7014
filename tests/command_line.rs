//! The program as a person meets it: arguments, formats, errors, exit codes.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use crate::support::{Folder, Row, answer, credsql, report, small};

const ONE: &str = "111122223333";

fn folder() -> Folder {
    Folder::new(&[("r.json", &answer(&small(ONE, "ann"), "2026-10-01T00:00:00Z"))])
}

#[test]
fn sql_comes_from_the_argument_a_file_or_standard_input() {
    let folder = folder();
    let sql = "SELECT count(*) AS n FROM credential_report";
    let file =
        folder.write("q.sql", format!("-- a comment; with a semicolon\n{sql};\n").as_bytes());
    let file = file.to_string_lossy();
    for (args, stdin) in [
        (vec!["query", sql, "r.json"], ""),
        (vec!["query", "-f", &file, "r.json"], ""),
        (vec!["query", "-f", "-", "r.json"], sql),
        (vec!["query", "-", "r.json"], sql),
        (vec!["r.json"], sql),
    ] {
        assert_eq!(credsql(folder.path(), &args, stdin).clean(), "n\n2\n", "{args:?}");
    }
}

#[test]
fn every_format_holds_the_same() {
    let folder = folder();
    let sql = "SELECT \"user\", mfa_active, password_last_used, generated_time FROM credential_report ORDER BY 1 DESC";
    let shown = |format: &str| folder.run(&["query", sql, "r.json", "--format", format]).clean();
    insta::assert_snapshot!(
        ["csv", "tsv", "json", "ndjson", "markdown", "vertical", "table"].map(shown).join("\n")
    );
}

#[test]
fn a_limit_is_exact() {
    let folder = folder();
    for (sql, rows) in [
        ("SELECT \"user\" FROM credential_report LIMIT 1", 1),
        ("SELECT \"user\" FROM credential_report LIMIT 0", 0),
        ("SELECT \"user\" FROM credential_report LIMIT 5", 2),
        ("SELECT \"user\" FROM credential_report LIMIT 1 OFFSET 1", 1),
        ("SELECT \"user\" FROM (SELECT * FROM credential_report_raw LIMIT 1)", 1),
        ("SELECT \"user\" FROM credential_report WHERE is_root LIMIT 2", 1),
        ("SELECT source FROM reports LIMIT 0", 0),
    ] {
        assert_eq!(
            folder.run(&["query", sql, "r.json"]).clean().lines().count(),
            rows + 1,
            "{sql}"
        );
    }
    // One scan of many units and several workers.
    let sql = "SELECT count(*) AS n FROM (SELECT * FROM credential_report_history LIMIT 9000)";
    let many = folder.run(&["query", sql, "demo:accounts=20,users=40,days=12"]);
    assert!(many.stdout.ends_with("\n9000\n"), "{}", many.stdout);
    for format in ["csv", "json"] {
        let sql = "SELECT \"user\" FROM credential_report LIMIT 1; SELECT \"user\" FROM credential_report";
        let args =
            ["query", sql, "r.json", "--format", if format == "csv" { "ndjson" } else { format }];
        assert_eq!(
            folder.run(&args).clean().matches("user").count(),
            3,
            "a limited scan is not kept as a whole one"
        );
    }
}

#[test]
fn an_empty_result_is_valid_in_every_format() {
    let folder = folder();
    let sql = "SELECT \"user\", mfa_active FROM credential_report WHERE false";
    let shown = |format: &str| folder.run(&["query", sql, "r.json", "--format", format]).clean();
    assert_eq!(shown("csv"), "user,mfa_active\n");
    assert_eq!(shown("json"), "[]\n");
    assert_eq!(shown("ndjson"), "");
    assert!(shown("markdown").starts_with("| user | mfa_active |\n|"));
    assert!(shown("table").starts_with("user │ mfa_active\n"));
}

#[test]
fn several_statements_need_a_format_that_can_hold_them() {
    let folder = folder();
    let sql = "SELECT 1 AS a; SELECT 'x;y' AS b;";
    folder
        .run(&["query", sql])
        .said(2, &["several statements cannot share one csv", "--format json"]);
    assert_eq!(
        folder.run(&["query", sql, "--format", "json"]).clean(),
        "[{\"a\":1}]\n[{\"b\":\"x;y\"}]\n"
    );
    folder.run(&["query", sql, "-o", "x.csv"]).said(2, &["several statements"]);
    assert!(!folder.path().join("x.csv").exists());
}

#[test]
fn files_are_written_whole_or_not_at_all() {
    let folder = folder();
    let sql = "SELECT account_id, count(*) AS n FROM credential_report GROUP BY 1";
    let out =
        folder.run(&["query", sql, "r.json", "-o", "a.csv", "-o", "b.json", "-o", "c.parquet"]);
    assert_eq!(out.clean(), "");
    let read = |name: &str| std::fs::read(folder.path().join(name)).expect("the file was written");
    assert_eq!(read("a.csv"), format!("account_id,n\n{ONE},2\n").into_bytes());
    assert_eq!(read("b.json"), format!("[{{\"account_id\":\"{ONE}\",\"n\":2}}]\n").into_bytes());
    let back = folder.run(&["query", "SELECT * FROM t", "--table", "t=c.parquet"]).clean();
    assert_eq!(back, format!("account_id,n\n{ONE},2\n"));

    // An error half way leaves what was there.
    let failing = "SELECT 1 / (n - 2) AS x FROM (SELECT count(*) AS n FROM credential_report)";
    folder.run(&["query", failing, "r.json", "-o", "a.csv"]).said(2, &["Divide by zero"]);
    assert_eq!(read("a.csv"), format!("account_id,n\n{ONE},2\n").into_bytes());
    folder
        .run(&["query", sql, "r.json", "-o", "missing/a.csv"])
        .said(2, &["there is no directory missing"]);
    folder
        .run(&["query", sql, "r.json", "-o", "a.xlsx"])
        .said(2, &["cannot tell the format of a.xlsx", ".ndjson"]);
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .expect("the folder can be read")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(".credsql"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn parameters_take_the_type_of_their_place() {
    let folder = folder();
    let count = |filter: &str, params: &[&str]| {
        let sql = format!("SELECT count(*) AS n FROM credential_report WHERE {filter}");
        let mut args = vec!["query", sql.as_str(), "r.json"];
        args.extend(params.iter().flat_map(|param| ["--param", param]));
        folder.run(&args)
    };
    assert_eq!(count("\"user\" = $name", &["name=ann"]).clean(), "n\n1\n");
    assert_eq!(
        count("\"user\" = $name OR is_root = $root", &["name=' OR 1=1", "root=true"]).clean(),
        "n\n1\n"
    );
    assert_eq!(
        count("user_creation_time < $time", &["time=2020-01-01T00:00:01Z"]).clean(),
        "n\n2\n"
    );
    assert_eq!(count("length(\"user\") = $n", &["n=3"]).clean(), "n\n1\n");
    count("\"user\" = $name", &[]).said(2, &["parameter $name has no value", "--param name="]);
    count("\"user\" = $name", &["name=a", "other=b"])
        .said(2, &["no statement uses the parameter $other"]);
    count("user_creation_time < $time", &["time=soon"]).said(2, &["parameter $time: `soon` is no"]);
    count("true", &["nonsense"]).said(2, &["NAME=VALUE"]);
}

#[test]
fn mistakes_in_sql_are_shown_in_their_place() {
    let folder = folder();
    let wrong = [
        "SELECT usr FROM credential_report",
        "SELECT *\nFROM credential_reprt",
        "SELECT lenght(\"user\") FROM credential_report",
        "SELECT \"user\" FROM credential_report WHER mfa_active",
        "SELECT (1",
        "SELECT true IS DISTINCT FROM true AND false",
        "EXPLAIN SELECT 1 FROM (SELECT 1 AS a) WHERE a IS NOT DISTINCT FROM 1 OR true",
        "SELECT getenv('HOME')",
        "SELECT sum(\"user\") FROM credential_report",
        "DROP TABLE credential_report",
        "COPY (SELECT 1) TO 'x.csv'",
        "SET datafusion.execution.batch_size = 1",
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'",
        "SELECT * FROM '/etc/passwd'",
        "",
        "/* nothing */",
    ];
    let shown: Vec<String> = wrong
        .iter()
        .map(|sql| format!("{sql}\n=> {}\n", folder.run(&["query", sql, "r.json"]).stderr_of(2)))
        .collect();
    insta::assert_snapshot!(shown.concat());
}

#[test]
fn mistakes_in_arguments_say_what_to_type() {
    let folder = folder();
    let wrong: [&[&str]; 10] = [
        &["querry", "SELECT 1"],
        &["query"],
        &["query", "r.json"],
        &["query", "SELECT * FROM credential_report"],
        &["query", "SELECT 1", "r.jsn"],
        &["query", "SELECT 1", "s3:/bucket/prefix"],
        &["query", "SELECT 1", "demo:user=3"],
        &["query", "SELECT * FROM credential_report", "*.csv"],
        &["query", "SELECT 1", "--table", "t=nowhere.csv"],
        &["query", "SELECT 1", "--memory-limit", "lots"],
    ];
    let shown: Vec<String> =
        wrong.iter().map(|args| format!("{args:?}\n{}\n", folder.run(args).stderr_of(2))).collect();
    insta::assert_snapshot!(shown.concat());
}

#[test]
fn ones_own_files_can_be_joined() {
    let folder = folder();
    folder.write("owners.csv", b"name,owner\nann,Team Blue\n");
    let sql =
        "SELECT r.\"user\", o.owner FROM credential_report r JOIN owners o ON o.name = r.\"user\"";
    let shown = folder.run(&["query", sql, "r.json", "--table", "owners=owners.csv"]).clean();
    assert_eq!(shown, "user,owner\nann,Team Blue\n");
    folder.write("ids.csv", b"id,n\n000012345678,7\n");
    let shown = folder
        .run(&["query", "SELECT id, CAST(n AS INT) + 1 AS n FROM ids", "--table", "ids=ids.csv"])
        .clean();
    assert_eq!(shown, "id,n\n000012345678,8\n");
    folder
        .write("rootkey.csv", b"AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE\nAWSSecretKey=wJalrXUtnFEMI\n");
    let ran = folder.run(&["query", "SELECT * FROM k", "--table", "k=rootkey.csv"]);
    assert!(
        ran.code == 2 && !format!("{}{}", ran.stdout, ran.stderr).contains("wJalr"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_download_of_keys_is_never_echoed() {
    let secret = "User name,Password,Access key ID,Secret access key\nann,hunter2hunter2,AKIAIOSFODNN7EXAMPLE,wJalrXUtnFEMIKEY\n";
    let root = "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE\nAWSSecretKey=wJalrXUtnFEMIKEY\n";
    let folder = Folder::new(&[("credentials.csv", secret), ("rootkey.csv", root)]);
    for sql in ["SELECT * FROM credential_report_raw", "SELECT * FROM reports"] {
        for args in
            [["query", sql, "."], ["query", sql, "credentials.csv"], ["query", sql, "rootkey.csv"]]
        {
            let ran = folder.run(&args);
            assert_eq!(ran.code, 2);
            for word in ["hunter2", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMIKEY"] {
                assert!(!ran.stdout.contains(word) && !ran.stderr.contains(word), "{args:?}");
            }
        }
    }
}

#[test]
fn control_characters_in_data_do_not_reach_a_message() {
    let hostile = report(&[Row::user(ONE, "x")
        .set("user", "\u{1b}]0;title\u{7}x")
        .set("mfa_active", "\u{1b}[31mmaybe")]);
    let folder = Folder::new(&[("r.csv", &hostile)]);
    let ran = folder.run(&["query", "SELECT * FROM credential_report", "r.csv"]);
    assert!(ran.stderr.contains("\\x1b]0;title\\x07x"), "{}", ran.stderr);
    assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_credsql"))
        .args(["query", "SELECT * FROM credential_report_history", "demo:days=40"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("standard output is a pipe");
    BufReader::new(stdout).read_line(&mut line).expect("there is a header");
    assert!(line.starts_with("user,arn,"), "{line}");
    let status = child.wait().expect("the program ends");
    let mut said = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("messages are UTF-8");
    assert!(!said.contains("panicked"), "{said}");
    // 2 if the corrupt report had been met by then.
    assert!(matches!(status.code(), Some(0 | 2)), "{status}: {said}");
}

#[test]
fn an_interrupt_ends_the_run_and_leaves_no_file() {
    let folder = Folder::new(&[]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_credsql"))
        .args([
            "query",
            "SELECT count(*) FROM credential_report a, credential_report b, credential_report c",
        ])
        .args(["demo:accounts=200,users=100,days=1", "-o", "x.csv"])
        .current_dir(folder.path())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // The output is made after the arguments are read and before the work.
    while std::fs::read_dir(folder.path()).expect("the folder is there").next().is_none() {
        assert!(child.try_wait().expect("it can be asked").is_none(), "it ended by itself");
        std::thread::yield_now();
    }
    let killed =
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(killed.success());
    assert_eq!(child.wait().expect("the program ends").code(), Some(130));
    assert!(std::fs::read_dir(folder.path()).expect("the folder is there").next().is_none());
}

#[test]
fn an_interrupt_is_heard_while_all_workers_compute() {
    let folder = Folder::new(&[]);
    for signal in ["-INT", "-TERM", "-HUP"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_credsql"))
            .args(["query", "SELECT count(*) FROM credential_report a, credential_report b WHERE a.\"user\" <> b.arn"])
            .args(["demo:accounts=300,users=100,days=1", "-o", "x.csv"])
            .current_dir(folder.path())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        while std::fs::read_dir(folder.path()).expect("the folder is there").next().is_none() {
            std::thread::yield_now();
        }
        // Into the middle of the join.
        std::thread::sleep(std::time::Duration::from_millis(700));
        Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill runs");
        assert_eq!(child.wait().expect("the program ends").code(), Some(130), "{signal}");
        assert!(
            std::fs::read_dir(folder.path()).expect("the folder is there").next().is_none(),
            "{signal}"
        );
    }
}

#[test]
fn now_is_the_time_of_the_run() {
    let folder = folder();
    let sql = "SELECT now() AS now, current_date AS today";
    let shown = folder.run(&["query", sql, "--as-of", "2026-10-02T03:04:05Z"]).clean();
    assert_eq!(shown, "now,today\n2026-10-02T03:04:05Z,2026-10-02\n");
}

#[test]
fn standard_input_is_read_once() {
    let folder = folder();
    for args in [
        &["query", "-", "-"][..],
        &["query", "-f", "-", "-"],
        &["-"],
        &["query", "SELECT 1", "-", "-"],
    ] {
        credsql(folder.path(), args, "SELECT 1").said(2, &["standard input can"]);
    }
}

#[test]
fn a_link_stays_a_link() {
    let folder = folder();
    folder.write("real.csv", b"old");
    std::os::unix::fs::symlink("real.csv", folder.path().join("link.csv"))
        .expect("links can be made");
    folder.run(&["query", "SELECT 1 AS n", "-o", "link.csv"]).clean();
    assert!(folder.path().join("link.csv").is_symlink());
    assert_eq!(std::fs::read(folder.path().join("real.csv")).expect("it is there"), b"n\n1\n");
}

#[test]
fn help_and_schema_fit_a_terminal() {
    let folder = Folder::new(&[]);
    for args in [&["--help"][..], &["query", "--help"], &["schema", "--help"], &["-h"]] {
        let help = folder.run(args).clean();
        let long: Vec<&str> = help
            .lines()
            .filter(|line| line.chars().count() > 100 && !line.contains("credsql query"))
            .collect();
        assert!(long.is_empty(), "{args:?}: {long:#?}");
    }
    insta::assert_snapshot!(folder.run(&["schema", "--format", "table"]).clean());
    let columns = folder.run(&["schema", "credential_report", "--format", "csv"]).clean();
    assert!(columns.contains("password_last_used,timestamp,"), "{columns}");
    assert!(columns.contains("no_information (NULL): never used"), "{columns}");
    folder.run(&["schema", "credential_reports"]).said(2, &["credential_report"]);
}

#[test]
fn completions_and_the_manual_are_there() {
    let folder = Folder::new(&[]);
    assert!(folder.run(&["completions", "bash"]).clean().contains("_credsql"));
    assert!(folder.run(&["man"]).clean().contains(".TH credsql"));
}
