//! What lies in the dataset.

use std::fs::File;

use arrow::array::AsArray;
use arrow::datatypes::{DataType, TimeUnit};
use credsql::schema::{EXPORTED, Kind};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, LogicalType, Type};

use super::{ONE, THREE, TWO, path, tree};
use crate::support::{Folder, Row, credsql, report, small};

#[test]
fn one_file_for_each_day_and_table() {
    let folder = Folder::new(&[]);
    let ran = folder.run(&["export", "demo:accounts=3,users=5,days=2", "--to", "out"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let names: Vec<String> = tree(&folder.path().join("out")).into_keys().collect();
    let expected: Vec<String> = ["credential_report_history", "credentials_history", "reports"]
        .iter()
        .flat_map(|table| {
            ["2026-10-30", "2026-10-31"].map(|day| format!("{table}/dt={day}/part-00000.parquet"))
        })
        .collect();
    assert_eq!(names, expected);
    let told: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(told.len(), 6);
    assert!(told.contains(&"out/credentials_history/dt=2026-10-30"), "{}", ran.stdout);
}

#[test]
fn types_are_those_every_reader_has() {
    let folder = Folder::new(&[(&path(ONE, "2026-01-02"), &small(ONE, "anna"))]);
    folder.export(&[]);
    for table in EXPORTED {
        let file =
            folder.path().join(format!("out/{}/dt=2026-01-02/part-00000.parquet", table.name));
        let builder =
            ParquetRecordBatchReaderBuilder::try_new(File::open(file).expect("it is there"))
                .expect("it is Parquet");
        let metadata = builder.metadata();
        let stored = metadata.file_metadata().schema_descr();
        let columns: Vec<_> = table.columns().collect();
        assert_eq!(stored.num_columns(), columns.len());
        for (stored, column) in stored.columns().iter().zip(&columns) {
            assert_eq!(stored.name(), column.name);
            let expected = match column.kind {
                Kind::Text => (Type::BYTE_ARRAY, Some(LogicalType::String)),
                Kind::Boolean => (Type::BOOLEAN, None),
                Kind::Integer => (Type::INT64, None),
                Kind::Timestamp => (
                    Type::INT64,
                    Some(LogicalType::timestamp(true, parquet::basic::TimeUnit::MILLIS)),
                ),
            };
            let found = (stored.physical_type(), stored.logical_type_ref().cloned());
            assert_eq!(found, expected, "{}.{}", table.name, column.name);
        }
        let keys: Vec<(&str, Option<&str>)> = metadata
            .file_metadata()
            .key_value_metadata()
            .into_iter()
            .flatten()
            .map(|entry| (entry.key.as_str(), entry.value.as_deref()))
            .collect();
        let names: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
        let expected = [
            "credsql.table",
            "credsql.schema_version",
            "credsql.version",
            "credsql.sources_sha256",
        ];
        assert_eq!(names, expected, "and no Arrow schema");
        assert_eq!(keys[0].1, Some(table.name));
        assert!(keys[3].1.is_some_and(|sum| sum.len() == 64), "{keys:?}");
        for group in metadata.row_groups() {
            for column in group.columns() {
                assert!(matches!(column.compression(), Compression::ZSTD(_)));
                assert!(column.statistics().is_some(), "{}", column.column_path());
            }
        }
    }
}

#[test]
fn accounts_ascend_and_users_stand_as_in_their_report() {
    let users = |account: &str| {
        let names = ["zoe", "Anna", "mia"].map(|name| Row::user(account, name));
        report(&[&[Row::root(account)], &names[..]].concat())
    };
    let folder = Folder::new(&[
        ("in/b.csv", &users(TWO)),
        ("in/a.csv", &users(THREE)),
        ("in/c.csv", &users(ONE)),
    ]);
    folder.export(&["--tables", "credential_report_history"]);
    let file = tree(&folder.path().join("out")).into_iter().next().expect("there is one");
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(file.1))
        .expect("it is Parquet");
    let mut rows = Vec::new();
    for batch in builder.build().expect("it can be read") {
        let batch = batch.expect("it can be read");
        let text = |name: &str| {
            let column = batch.column_by_name(name).expect("the column is there");
            column
                .as_string::<i32>()
                .iter()
                .map(|text| text.unwrap_or("").to_owned())
                .collect::<Vec<_>>()
        };
        rows.extend(text("account_id").into_iter().zip(text("user")));
    }
    let users = ["<root_account>", "zoe", "Anna", "mia"];
    let expected: Vec<(String, String)> = [ONE, TWO, THREE]
        .iter()
        .flat_map(|account| users.map(|user| ((*account).to_owned(), user.to_owned())))
        .collect();
    assert_eq!(rows, expected);
}

#[test]
fn a_file_of_many_accounts_and_days_is_taken_apart() {
    // In no order: accounts, days and rows are mixed.
    let header = report(&[]);
    let line = |account: &str, name: &str, time: &str| {
        let row = report(&[Row::user(account, name)]);
        format!("{},{time},{account}", row.lines().last().expect("a row"))
    };
    let text = [
        format!("{header},generated_time,account_id"),
        line(TWO, "b1", "2026-01-02T03:00:00Z"),
        line(ONE, "a1", "2026-01-03T03:00:00Z"),
        line(ONE, "a2", "2026-01-02T03:00:00Z"),
        line(TWO, "b2", "2026-01-02T03:00:00Z"),
        line(ONE, "a3", "2026-01-03T03:00:00Z"),
    ]
    .join("\n");
    let folder = Folder::new(&[("in/all.csv", &text)]);
    folder.export(&[]);
    let rows = folder.exported(
        "SELECT \"user\", account_id, generated_time, source FROM credential_report_history \
         ORDER BY generated_time, account_id, \"user\"",
    );
    assert_eq!(
        rows,
        "user,account_id,generated_time,source\n\
         a2,111111111111,2026-01-02T03:00:00Z,in/all.csv\n\
         b1,222222222222,2026-01-02T03:00:00Z,in/all.csv\n\
         b2,222222222222,2026-01-02T03:00:00Z,in/all.csv\n\
         a1,111111111111,2026-01-03T03:00:00Z,in/all.csv\n\
         a3,111111111111,2026-01-03T03:00:00Z,in/all.csv\n"
    );
    let names: Vec<String> = tree(&folder.path().join("out")).into_keys().collect();
    assert_eq!(names.len(), 6, "{names:?}");
}

#[test]
fn a_folder_for_each_account_on_demand() {
    let folder = Folder::new(&[
        (&path(ONE, "2026-01-02"), &small(ONE, "anna")),
        (&path(TWO, "2026-01-02"), &small(TWO, "bert")),
        // Without ARNs only the path tells the account.
        (&path(THREE, "2026-01-02"), "user,mfa_active\ncarl,true"),
    ]);
    let told = folder.export(&["--partition-by", "account_id"]);
    assert_eq!(told.lines().count(), 3, "{told}");
    let files = tree(&folder.path().join("out"));
    for account in [ONE, TWO, THREE] {
        let name = format!(
            "credential_report_history/dt=2026-01-02/account_id={account}/part-00000.parquet"
        );
        let bytes = bytes::Bytes::from(files.get(&name).expect("the folder is there").clone());
        let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).expect("it is Parquet");
        assert!(builder.schema().field_with_name("account_id").is_err());
        let clock = builder.schema().field_with_name("clock_time").expect("the others are there");
        assert_eq!(
            clock.data_type(),
            &DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()))
        );
    }
    let rows = folder.exported(
        "SELECT account_id, \"user\" FROM credential_report WHERE is_root IS DISTINCT FROM true ORDER BY 1",
    );
    assert_eq!(rows, format!("account_id,user\n{ONE},anna\n{TWO},bert\n{THREE},carl\n"));
    assert_eq!(folder.export(&["--partition-by", "account_id"]), "", "all is as it was");
}

#[test]
fn more_rows_than_a_batch_lie_in_order() {
    let folder = Folder::new(&[]);
    let ran =
        credsql(folder.path(), &["export", "demo:accounts=40,users=700,days=1", "--to", "out"], "");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let of = |source: &str| {
        let sql = "SELECT account_id, \"user\", arn, user_creation_time, password_last_used, \
                   access_key_1_last_rotated, access_key_2_last_used_service \
                   FROM credential_report_history ORDER BY account_id, \"user\"";
        folder.run(&["query", sql, source]).clean()
    };
    let rows = of("out");
    assert!(rows.lines().count() > 20_000, "{}", rows.lines().count());
    assert!(rows == of("demo:accounts=40,users=700,days=1"), "rows differ");
}
