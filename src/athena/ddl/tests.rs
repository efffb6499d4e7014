use std::sync::LazyLock;

use super::*;

fn dataset() -> Dataset {
    Dataset {
        database: "iam".to_owned(),
        location: "s3://bucket/credentials/".to_owned(),
        by_account: false,
        first_day: "2024-01-01".to_owned(),
    }
}

fn scripts_of(dataset: &Dataset) -> Vec<Script> {
    let library = Library::embedded().expect("the library is read by tests");
    scripts(dataset, &library).expect("they can be made")
}

/// Made once: there are many of them.
static MADE: LazyLock<Vec<Script>> = LazyLock::new(|| scripts_of(&dataset()));

fn text<'a>(made: &'a [Script], name: &str) -> &'a str {
    let script = made.iter().find(|script| script.name == name);
    &script.unwrap_or_else(|| panic!("{name} is made")).text
}

#[test]
fn the_scripts_can_be_run_in_order() {
    let scripts = &*MADE;
    let names: Vec<&str> = scripts.iter().map(|script| &*script.name).collect();
    assert!(names.is_sorted());
    assert_eq!(names[0], "1-database.sql");
    assert_eq!(names.iter().filter(|name| name.starts_with("2-table-")).count(), 3);
    // What takes the place of another comes last, where it finds the other one made.
    assert_eq!(names.iter().filter(|name| name.starts_with("6-table-")).count(), 3);
    assert_eq!(names.iter().filter(|name| name.starts_with("4-view-")).count(), 5);
    for Script { name, text } in scripts {
        assert!(text.ends_with(";\n") && !text.trim_end_matches(";\n").is_empty(), "{name}");
    }
    assert!(joined(scripts).starts_with("-- 1-database.sql\nCREATE DATABASE"));
}

#[test]
fn tables_have_the_columns_of_the_one_list() {
    let script = text(&MADE, "2-table-credential_report_history.sql");
    let Some(table) = EXPORTED.iter().find(|table| table.name == "credential_report_history")
    else {
        panic!("it is exported");
    };
    assert_eq!(script.matches(" COMMENT '").count(), table.columns().count());
    assert!(script.contains("  `user` string COMMENT 'Name of the IAM user;"));
    assert!(script.contains("`mfa_active` boolean") && script.contains("`clock_time` timestamp"));
    assert!(script.contains(")\nCOMMENT 'One row per user or root, from every report'\n"));
    assert!(script.contains("PARTITIONED BY (`dt` string)\nSTORED AS PARQUET\n"));
    assert!(script.contains("LOCATION 's3://bucket/credentials/credential_report_history/'\n"));
    assert!(text(&MADE, "2-table-reports.sql").contains("`rows` bigint"));
    for column in EXPORTED.iter().flat_map(Table::columns) {
        // Source: AWS Glue API, type Column, member Comment.
        assert!(column.doc.len() <= 255, "{}", column.name);
    }
}

#[test]
fn a_partition_by_account_is_a_column_of_the_path() {
    let made = scripts_of(&Dataset { by_account: true, ..dataset() });
    let script = text(&made, "2-table-credentials_history.sql");
    assert!(script.contains("PARTITIONED BY (`dt` string, `account_id` string)"));
    assert!(!script.contains("`account_id` string COMMENT"));
    assert!(script.contains(
        "PARTITION (dt='2026-10-31', account_id='111122223333')\n\
         --   LOCATION 's3://bucket/credentials/credentials_history/dt=2026-10-31/account_id=111122223333/'"
    ));
    assert!(!made.iter().any(|script| script.name.contains("upkeep")));
}

#[test]
fn projection_shows_every_day_but_none_that_is_unknown() {
    let script = text(&MADE, "6-table-credentials_history-without-upkeep.sql");
    assert!(script.contains("'projection.dt.range'='2024-01-01,NOW'"));
    assert!(script.contains(
        "'storage.location.template'='s3://bucket/credentials/credentials_history/dt=${dt}/'"
    ));
    let script = text(&MADE, "6-table-reports-without-upkeep.sql");
    assert!(!script.contains("'projection.") && !script.contains("PARTITIONED BY"));
}

#[test]
fn names_and_places_that_no_script_can_hold_are_refused() {
    let library = Library::embedded().expect("the library is read by tests");
    let refused = |dataset: &Dataset| scripts(dataset, &library).is_err();
    for database in ["", "Iam", "iam-reports", "iam`; DROP", "größe"] {
        assert!(refused(&Dataset { database: database.to_owned(), ..dataset() }), "{database}");
    }
    for location in ["", "s3://", "s3:///prefix", "/tmp/data", "s3://bucket/it's", "s3://b/${dt}"] {
        assert!(refused(&Dataset { location: location.to_owned(), ..dataset() }), "{location}");
    }
    assert!(!refused(&Dataset { location: "s3://bucket".to_owned(), ..dataset() }));
}
