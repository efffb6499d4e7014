//! What another run does to a dataset that is there.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::{ONE, THREE, TWO, path, tree};
use crate::support::{Folder, small};

fn users(folder: &Folder) -> String {
    folder.exported(
        "SELECT dt.\"day\", account_id, \"user\" FROM (\
             SELECT substr(CAST(generated_time AS VARCHAR), 1, 10) AS \"day\", account_id, \"user\" \
             FROM credential_report_history WHERE is_root = false\
         ) AS dt ORDER BY 1, 2, 3",
    )
}

/// Each file with what changes if it is written.
fn inodes(root: &Path) -> BTreeMap<String, (u64, i64, i64)> {
    tree(root)
        .into_keys()
        .map(|name| {
            let of = root.join(&name).metadata().expect("the file is there");
            (name, (of.ino(), of.mtime(), of.mtime_nsec()))
        })
        .collect()
}

#[test]
fn twice_leaves_the_same_files() {
    let folder = Folder::new(&[
        (&path(ONE, "2026-01-02"), &small(ONE, "anna")),
        (&path(TWO, "2026-01-03"), &small(TWO, "bert")),
    ]);
    folder.export(&[]);
    let before = inodes(&folder.path().join("out"));
    assert_eq!(before.len(), 6);
    let ran = folder.run(&["export", "in", "--to", "out"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    assert!(
        ran.stderr.contains("0 folders written") && ran.stderr.contains("6 unchanged"),
        "{}",
        ran.stderr
    );
    assert_eq!(inodes(&folder.path().join("out")), before);
}

#[test]
fn a_new_day_is_added_and_the_others_stay() {
    let folder = Folder::new(&[(&path(ONE, "2026-01-02"), &small(ONE, "anna"))]);
    folder.export(&[]);
    let before = inodes(&folder.path().join("out"));
    folder.write(&path(ONE, "2026-01-03"), small(ONE, "anna").as_bytes());
    let told = folder.export(&[]);
    assert_eq!(
        told,
        "out/credential_report_history/dt=2026-01-03\n\
         out/credentials_history/dt=2026-01-03\n\
         out/reports/dt=2026-01-03\n"
    );
    let after = inodes(&folder.path().join("out"));
    assert!(before.iter().all(|(name, file)| after.get(name) == Some(file)), "{after:?}");
}

#[test]
fn exporting_one_account_never_takes_the_others_away() {
    let folder = Folder::new(&[
        (&path(ONE, "2026-01-02"), &small(ONE, "anna")),
        (&path(THREE, "2026-01-02"), &small(THREE, "carl")),
    ]);
    folder.export(&[]);
    let whole = Folder::new(&[
        (&path(ONE, "2026-01-02"), &small(ONE, "anna")),
        (&path(TWO, "2026-01-02"), &small(TWO, "bert")),
        (&path(THREE, "2026-01-02"), &small(THREE, "carl")),
    ]);
    whole.export(&[]);
    std::fs::remove_dir_all(folder.path().join("in")).expect("it goes");
    folder.write(&path(TWO, "2026-01-02"), small(TWO, "bert").as_bytes());
    folder.export(&[]);
    let bytes = |folder: &Folder| tree(&folder.path().join("out"));
    // Between the two others, as if all had been exported at once.
    assert!(bytes(&folder) == bytes(&whole), "the files differ");
    assert_eq!(
        users(&folder),
        format!(
            "day,account_id,user\n2026-01-02,{ONE},anna\n2026-01-02,{TWO},bert\n2026-01-02,{THREE},carl\n"
        )
    );
    let reports = "SELECT account_id, status FROM read ORDER BY 1";
    let table = "read=out/reports/dt=2026-01-02/part-00000.parquet";
    let list = folder.run(&["query", reports, "--table", table, "demo:accounts=1"]).clean();
    assert_eq!(list, format!("account_id,status\n{ONE},ok\n{TWO},ok\n{THREE},ok\n"));
}

#[test]
fn a_report_of_the_same_time_takes_the_place_of_the_one_before() {
    let folder = Folder::new(&[
        (&path(ONE, "2026-01-02"), &small(ONE, "anna")),
        (&path(TWO, "2026-01-02"), &small(TWO, "bert")),
    ]);
    folder.export(&[]);
    folder.write(&path(ONE, "2026-01-02"), small(ONE, "agnes").as_bytes());
    folder.export(&[]);
    assert_eq!(
        users(&folder),
        format!("day,account_id,user\n2026-01-02,{ONE},agnes\n2026-01-02,{TWO},bert\n")
    );
}

#[test]
fn accounts_of_other_partitions_are_merged_as_well() {
    let cn = |name: &str| small(ONE, name).replace("arn:aws:", "arn:aws-cn:");
    let folder = Folder::new(&[(&path(ONE, "2026-01-02"), &cn("anna"))]);
    folder.export(&[]);
    folder.write(&path(ONE, "2026-01-02"), cn("agnes").as_bytes());
    folder.export(&[]);
    assert_eq!(users(&folder), format!("day,account_id,user\n2026-01-02,{ONE},agnes\n"));
}

#[test]
fn accounts_are_dropped_when_that_is_asked_for() {
    let folder = Folder::new(&[
        (&path(ONE, "2026-01-02"), &small(ONE, "anna")),
        (&path(TWO, "2026-01-02"), &small(TWO, "bert")),
        (&path(TWO, "2026-01-03"), &small(TWO, "bert")),
    ]);
    folder.export(&[]);
    std::fs::remove_dir_all(folder.path().join("in")).expect("it goes");
    folder.write(&path(ONE, "2026-01-02"), small(ONE, "anna").as_bytes());
    folder.export(&["--if-exists", "replace"]);
    assert_eq!(
        users(&folder),
        format!("day,account_id,user\n2026-01-02,{ONE},anna\n2026-01-03,{TWO},bert\n")
    );
}

#[test]
fn nothing_is_written_if_something_is_there_and_must_not_be() {
    let folder = Folder::new(&[(&path(ONE, "2026-01-03"), &small(ONE, "anna"))]);
    folder.export(&["--if-exists", "error"]);
    folder.write(&path(ONE, "2026-01-02"), small(ONE, "anna").as_bytes());
    let before = tree(&folder.path().join("out"));
    let ran = folder.run(&["export", "in", "--to", "out", "--if-exists", "error"]);
    ran.said(
        2,
        &["out/credential_report_history/dt=2026-01-03 is there already", "--if-exists merge"],
    );
    assert!(tree(&folder.path().join("out")) == before, "something was written");
}

#[test]
fn only_the_tables_that_are_wanted_are_touched() {
    let folder = Folder::new(&[(&path(ONE, "2026-01-02"), &small(ONE, "anna"))]);
    let told = folder.export(&["--tables", "reports,credential_report_history"]);
    assert_eq!(told.lines().count(), 2, "{told}");
    assert!(!folder.path().join("out/credentials_history").exists());
    let told = folder.export(&["--tables", "credentials_history"]);
    assert_eq!(told, "out/credentials_history/dt=2026-01-02\n");
    folder.run(&["export", "in", "--to", "out", "--tables", "users"]).said(2, &["it is one of"]);
}

#[test]
fn replacing_keeps_what_the_same_run_has_written() {
    // One path lies about its account; the day has another report as well.
    let folder = Folder::new(&[
        (&path(ONE, "2026-01-02"), &small(TWO, "bert")),
        (&path(THREE, "2026-01-02"), &small(THREE, "carl")),
    ]);
    folder.export(&["--if-exists", "replace"]);
    assert_eq!(
        users(&folder),
        format!("day,account_id,user\n2026-01-02,{TWO},bert\n2026-01-02,{THREE},carl\n")
    );
}

#[test]
fn credentials_without_their_reports_are_not_wiped() {
    let folder = Folder::new(&[(&path(ONE, "2026-01-02"), &small(ONE, "anna"))]);
    folder.export(&["--tables", "credentials_history"]);
    std::fs::remove_dir_all(folder.path().join("in")).expect("it goes");
    folder.write(&path(TWO, "2026-01-02"), small(TWO, "bert").as_bytes());
    let before = tree(&folder.path().join("out"));
    let ran = folder.run(&["export", "in", "--to", "out"]);
    ran.said(2, &["cannot be merged with: there is no credential_report_history of that day"]);
    assert!(tree(&folder.path().join("out")) == before, "something was written");
}

#[test]
fn a_dataset_is_divided_by_account_or_it_is_not() {
    let folder = Folder::new(&[(&path(ONE, "2026-01-02"), &small(ONE, "anna"))]);
    folder.export(&[]);
    let divided = ["export", "in", "--to", "out", "--partition-by", "account_id"];
    folder.run(&divided).said(2, &["is not divided by account", "leave out `--partition-by"]);
    folder.export(&["--partition-by", "account_id", "--if-exists", "replace"]);
    folder.run(&["export", "in", "--to", "out"]).said(2, &["is divided by account"]);
}

/// Pages of a file do not tell in which order the accounts came.
#[test]
fn merged_days_have_the_bytes_of_days_exported_at_once() {
    let folder = Folder::new(&[]);
    let source = "demo:accounts=30,users=1000,days=1";
    folder.run(&["collect", source, "--to", "in", "--quiet"]).said(0, &[]);
    folder.export(&["--tables", "credential_report_history"]);
    let day = folder.path().join("in/date=2026-10-31");
    let mut accounts: Vec<_> = std::fs::read_dir(&day)
        .expect("the day is there")
        .map(|entry| entry.expect("it can be read").file_name().display().to_string())
        .collect();
    accounts.sort();
    for (number, half) in accounts.chunks(17).enumerate() {
        for account in half {
            let files = tree(&day.join(account));
            for (name, bytes) in files {
                folder.write(&format!("half-{number}/date=2026-10-31/{account}/{name}"), &bytes);
            }
        }
    }
    for half in ["half-1", "half-0"] {
        let args = ["export", half, "--to", "merged", "--tables", "credential_report_history"];
        folder.run(&args).said(0, &[]);
    }
    let rows = |root: &str| {
        let sql = "SELECT count(*) AS n FROM credential_report_history";
        folder.run(&["query", sql, root]).clean()
    };
    assert_eq!(rows("out"), rows("merged"));
    assert!(rows("out").trim_start_matches("n\n").trim().parse::<u32>().is_ok_and(|n| n > 20_000));
    // Sources are named in the rows, so the bytes of these two differ; of the same they do not.
    let merged = tree(&folder.path().join("merged"));
    for half in ["half-0", "half-1"] {
        let args = ["export", half, "--to", "merged", "--tables", "credential_report_history"];
        folder.run(&args).said(0, &["0 folders written"]);
    }
    assert!(tree(&folder.path().join("merged")) == merged, "a second export made other bytes");
    let args =
        ["export", "half-0", "half-1", "--to", "once", "--tables", "credential_report_history"];
    folder.run(&args).said(0, &[]);
    // What stands in the footer is of the checksums in `reports`, which is not exported here.
    let rows_of = |root: &str| {
        tree(&folder.path().join(root)).into_values().map(|bytes| bytes.len()).sum::<usize>()
    };
    assert_eq!(rows_of("once"), rows_of("merged"));
}
