//! Every format through its one door, over results a person can read.

use std::io::{self, Read, Write};
use std::sync::Arc;

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use arrow::array::*;
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::compute::cast;
use arrow::datatypes::*;
use bytes::Bytes;

use super::*;

const PIPE: Style = Style { width: None, color: false };

fn screen(width: usize) -> Style {
    Style { width: Some(width), color: false }
}

fn bytes(format: Format, batches: &[RecordBatch], style: Style) -> (Vec<u8>, Footer) {
    let mut out = Vec::new();
    let mut writer = writer(format, batches[0].schema(), Box::new(&mut out), &style).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    let footer = writer.finish().unwrap();
    (out, footer)
}

fn render(format: Format, batch: &RecordBatch, style: Style) -> (String, Footer) {
    let (out, footer) = bytes(format, std::slice::from_ref(batch), style);
    (String::from_utf8(out).unwrap(), footer)
}

fn text(format: Format, batch: &RecordBatch) -> String {
    render(format, batch, PIPE).0
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap()
}

/// Milliseconds at 2024-01-05T10:11:12Z.
const NOON: i64 = 1_704_449_472_000;

fn users() -> RecordBatch {
    batch(vec![
        (
            "user",
            Arc::new(StringViewArray::from(vec![
                Some("alice"),
                Some("bob"),
                Some("<root_account>"),
            ])),
        ),
        ("mfa_active", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
        ("age_days", Arc::new(Int64Array::from(vec![Some(7), Some(1234), None]))),
        (
            "created_time",
            Arc::new(
                TimestampMillisecondArray::from(vec![Some(NOON), Some(NOON + 250), None])
                    .with_timezone("UTC"),
            ),
        ),
        ("note", Arc::new(StringArray::from(vec![Some(""), Some("a, \"b\""), None]))),
    ])
}

fn wide() -> RecordBatch {
    let arn = "arn:aws:iam::123456789012:user/division/";
    batch(vec![
        (
            "user",
            Arc::new(StringArray::from(vec!["alice-of-the-long-name", "漢字漢字漢字漢字漢字漢字"])),
        ),
        ("arn", Arc::new(StringArray::from(vec![format!("{arn}alice"), format!("{arn}bob")]))),
        (
            "user_creation_time",
            Arc::new(TimestampSecondArray::from(vec![NOON / 1000; 2]).with_timezone("UTC")),
        ),
        ("password_enabled", Arc::new(BooleanArray::from(vec![true, false]))),
        ("age_days", Arc::new(Int64Array::from(vec![7, 1234]))),
        ("source", Arc::new(StringArray::from(vec!["s3://bucket/prefix/report.csv"; 2]))),
    ])
}

fn hostile() -> RecordBatch {
    batch(vec![
        (
            "na\u{1b}[1mme",
            Arc::new(StringArray::from(vec![
                "\u{1b}[2J\u{9b}31m\u{7f}",
                "user\u{202e}nimda\u{2066}",
                "two\nlines\r\nthree",
                "a|b\\|c\\",
                "tab\there \"quoted\", 'q'",
                "<b>*bold*</b> [x](http://y) &lt; __init__ a_b_c",
            ])),
        ),
        ("n", Arc::new(Int32Array::from(vec![1, 2, 3, 4, 5, 6]))),
    ])
}

fn all_types() -> RecordBatch {
    let zoned = |array: TimestampNanosecondArray| -> ArrayRef { Arc::new(array) };
    let names = StringArray::from(vec![Some("a, \"b\""), None, Some("c")]);
    let list = ListArray::new(
        Arc::new(Field::new_list_field(DataType::Utf8, true)),
        OffsetBuffer::new(ScalarBuffer::from(vec![0, 2, 3])),
        Arc::new(names.clone()),
        Some(NullBuffer::from(vec![true, false])),
    );
    let record = StructArray::from(vec![
        (
            Arc::new(Field::new(
                "when",
                DataType::Timestamp(TimeUnit::Second, Some("UTC".into())),
                true,
            )),
            Arc::new(TimestampSecondArray::from(vec![Some(NOON / 1000), None]).with_timezone("UTC"))
                as ArrayRef,
        ),
        (
            Arc::new(Field::new("n", DataType::Int32, true)),
            Arc::new(Int32Array::from(vec![None, Some(2)])),
        ),
    ]);
    let mut map = MapBuilder::new(None, Int64Builder::new(), StringBuilder::new());
    map.keys().append_value(1);
    map.values().append_value("one");
    map.keys().append_value(2);
    map.values().append_null();
    map.append(true).unwrap();
    map.append(false).unwrap();
    let dictionary: DictionaryArray<Int32Type> = vec![Some("x"), None].into_iter().collect();
    let floats = Float64Array::from(vec![1.5, f64::NAN]);
    batch(vec![
        ("null", Arc::new(NullArray::new(2))),
        ("boolean", Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ("int8", Arc::new(Int8Array::from(vec![Some(-1), None]))),
        ("uint64", Arc::new(UInt64Array::from(vec![Some(u64::MAX), None]))),
        ("float16", cast(&floats, &DataType::Float16).unwrap()),
        ("float64", Arc::new(floats)),
        (
            "decimal",
            Arc::new(
                Decimal128Array::from(vec![Some(1250), None])
                    .with_precision_and_scale(10, 2)
                    .unwrap(),
            ),
        ),
        ("utf8", Arc::new(StringArray::from(vec![Some("a"), None]))),
        ("large_utf8", Arc::new(LargeStringArray::from(vec![Some("a"), None]))),
        ("utf8_view", Arc::new(StringViewArray::from(vec![Some("a"), None]))),
        ("binary", Arc::new(BinaryArray::from(vec![Some(b"\x00\xff".as_slice()), None]))),
        ("binary_view", Arc::new(BinaryViewArray::from(vec![Some(b"\x00\xff".as_slice()), None]))),
        ("date32", Arc::new(Date32Array::from(vec![Some(19_727), None]))),
        ("date64", Arc::new(Date64Array::from(vec![Some(19_727 * 86_400_000), None]))),
        ("time32", Arc::new(Time32SecondArray::from(vec![Some(3_661), None]))),
        ("time64", Arc::new(Time64NanosecondArray::from(vec![Some(3_661_000_000_001), None]))),
        ("local_s", Arc::new(TimestampSecondArray::from(vec![Some(NOON / 1000), None]))),
        ("local_us", Arc::new(TimestampMicrosecondArray::from(vec![Some(NOON * 1000 + 5), None]))),
        (
            "utc_ms",
            Arc::new(
                TimestampMillisecondArray::from(vec![Some(NOON), None]).with_timezone("+00:00"),
            ),
        ),
        (
            "utc_ns",
            zoned(
                TimestampNanosecondArray::from(vec![Some(NOON * 1_000_000 + 1), None])
                    .with_timezone("UTC"),
            ),
        ),
        (
            "tokyo",
            zoned(
                TimestampNanosecondArray::from(vec![Some(NOON * 1_000_000), None])
                    .with_timezone("+09:00"),
            ),
        ),
        ("duration", Arc::new(DurationMillisecondArray::from(vec![Some(90_500), None]))),
        ("year_month", Arc::new(IntervalYearMonthArray::from(vec![Some(14), None]))),
        (
            "day_time",
            Arc::new(IntervalDayTimeArray::from(vec![
                Some(IntervalDayTimeType::make_value(2, 1)),
                None,
            ])),
        ),
        (
            "month_day_nano",
            Arc::new(IntervalMonthDayNanoArray::from(vec![
                Some(IntervalMonthDayNanoType::make_value(1, 2, 3_600_000_000_000)),
                None,
            ])),
        ),
        ("list", Arc::new(list)),
        ("struct", Arc::new(record)),
        ("map", Arc::new(map.finish())),
        ("dictionary", Arc::new(dictionary)),
    ])
}

/// Texts that grow with their row, beside numbers that do.
fn growing(rows: u64) -> RecordBatch {
    let word = |row: u64| "x".repeat(usize::try_from(row / 100).unwrap());
    batch(vec![
        ("row", Arc::new(UInt64Array::from_iter_values(0..rows))),
        ("cube", Arc::new(UInt64Array::from_iter_values((0..rows).map(|row| row.pow(3))))),
        ("text", Arc::new(StringArray::from_iter_values((0..rows).map(word)))),
        ("end", Arc::new(StringArray::from(vec!["."; usize::try_from(rows).unwrap()]))),
    ])
}

fn in_batches(batch: &RecordBatch, size: usize) -> Vec<RecordBatch> {
    let rows = batch.num_rows();
    (0..rows).step_by(size).map(|start| batch.slice(start, size.min(rows - start))).collect()
}

const TEXT: [Format; 7] = [
    Format::Table,
    Format::Csv,
    Format::Tsv,
    Format::Json,
    Format::Ndjson,
    Format::Markdown,
    Format::Vertical,
];

#[test]
fn csv() {
    let expected = "user,mfa_active,age_days,created_time,note\n\
        alice,true,7,2024-01-05T10:11:12Z,\n\
        bob,false,1234,2024-01-05T10:11:12.250Z,\"a, \"\"b\"\"\"\n\
        <root_account>,,,,\n";
    assert_eq!(text(Format::Csv, &users()), expected);
    assert_eq!(
        text(Format::Csv, &hostile().slice(2, 3)),
        "na\u{1b}[1mme,n\n\"two\nlines\r\nthree\",3\na|b\\|c\\,4\n\"tab\there \"\"quoted\"\", 'q'\",5\n"
    );
}

#[test]
fn tsv() {
    let expected = "user\tmfa_active\tage_days\tcreated_time\tnote\n\
        alice\ttrue\t7\t2024-01-05T10:11:12Z\t\n\
        bob\tfalse\t1234\t2024-01-05T10:11:12.250Z\ta, \"b\"\n\
        <root_account>\t\t\t\t\n";
    assert_eq!(text(Format::Tsv, &users()), expected);
    assert_eq!(
        text(Format::Tsv, &hostile().slice(2, 3)),
        "na\u{1b}[1mme\tn\ntwo\\nlines\\r\\nthree\t3\na|b\\\\|c\\\\\t4\ntab\\there \"quoted\", 'q'\t5\n"
    );
}

#[test]
fn json_and_ndjson() {
    let rows = [
        r#"{"user":"alice","mfa_active":true,"age_days":7,"created_time":"2024-01-05T10:11:12Z","note":""}"#,
        r#"{"user":"bob","mfa_active":false,"age_days":1234,"created_time":"2024-01-05T10:11:12.250Z","note":"a, \"b\""}"#,
        r#"{"user":"<root_account>","mfa_active":null,"age_days":null,"created_time":null,"note":null}"#,
    ];
    assert_eq!(text(Format::Json, &users()), format!("[{}]\n", rows.join(",\n")));
    assert_eq!(text(Format::Ndjson, &users()), format!("{}\n", rows.join("\n")));
}

#[test]
fn no_name_comes_twice_in_an_object_or_a_file() {
    let column = |n| Arc::new(Int32Array::from(vec![n])) as ArrayRef;
    let twice =
        batch(vec![("x", column(1)), ("x", column(2)), ("x_2", column(3)), ("x", column(4))]);
    let (json, footer) = render(Format::Ndjson, &twice, PIPE);
    assert_eq!(json, "{\"x\":1,\"x_3\":2,\"x_2\":3,\"x_4\":4}\n");
    assert_eq!(
        footer.note().unwrap(),
        "a second column `x` is named `x_3`; a second column `x` is named `x_4`"
    );
    let (_, footer) = bytes(Format::Parquet, &[twice], PIPE);
    assert_eq!(footer.renamed_columns.len(), 2);
}

#[test]
fn markdown() {
    insta::assert_snapshot!(text(Format::Markdown, &users()), @r#"
    | user | mfa_active | age_days | created_time | note |
    | --- | --- | ---: | --- | --- |
    | alice | true | 7 | 2024-01-05T10:11:12Z |  |
    | bob | false | 1234 | 2024-01-05T10:11:12.250Z | a, "b" |
    | \<root_account> | NULL | NULL | NULL | NULL |
    "#);
    insta::assert_snapshot!(text(Format::Markdown, &hostile()), @r#"
    | na\\x1b\[1mme | n |
    | --- | ---: |
    | \\x1b\[2J\\u{9b}31m\\x7f | 1 |
    | user\\u{202e}nimda\\u{2066} | 2 |
    | two<br>lines<br>three | 3 |
    | a\|b\\\|c\\ | 4 |
    | tab here "quoted", 'q' | 5 |
    | \<b>\*bold\*\</b> \[x\](http://y) \&lt; \_\_init\_\_ a_b_c | 6 |
    "#);
}

#[test]
fn vertical() {
    insta::assert_snapshot!(text(Format::Vertical, &users().slice(1, 2)), @r#"
    -[ RECORD 1 ]-----------------------------------------------
    user         | bob
    mfa_active   | false
    age_days     | 1234
    created_time | 2024-01-05T10:11:12.250Z
    note         | a, "b"
    -[ RECORD 2 ]-----------------------------------------------
    user         | <root_account>
    mfa_active   | NULL
    age_days     | NULL
    created_time | NULL
    note         | NULL
    "#);
    insta::assert_snapshot!(text(Format::Vertical, &hostile().slice(0, 3)), @r"
    -[ RECORD 1 ]-----------------------------------------------
    na\x1b[1mme | \x1b[2J\u{9b}31m\x7f
    n           | 1
    -[ RECORD 2 ]-----------------------------------------------
    na\x1b[1mme | user\u{202e}nimda\u{2066}
    n           | 2
    -[ RECORD 3 ]-----------------------------------------------
    na\x1b[1mme | two
                | lines\r
                | three
    n           | 3
    ");
}

#[test]
fn table() {
    insta::assert_snapshot!(text(Format::Table, &users()), @r#"
    user           │ mfa_active │ age_days │ created_time             │ note
    ───────────────┼────────────┼──────────┼──────────────────────────┼───────
    alice          │ true       │        7 │ 2024-01-05T10:11:12Z     │
    bob            │ false      │     1234 │ 2024-01-05T10:11:12.250Z │ a, "b"
    <root_account> │ NULL       │     NULL │ NULL                     │ NULL
    "#);
    insta::assert_snapshot!(text(Format::Table, &hostile()), @r#"
    na\x1b[1mme                                     │ n
    ────────────────────────────────────────────────┼──
    \x1b[2J\u{9b}31m\x7f                            │ 1
    user\u{202e}nimda\u{2066}                       │ 2
    two\nlines\r\nthree                             │ 3
    a|b\|c\                                         │ 4
    tab\there "quoted", 'q'                         │ 5
    <b>*bold*</b> [x](http://y) &lt; __init__ a_b_c │ 6
    "#);
}

#[test]
fn a_table_too_wide_for_80_columns() {
    let (table, footer) = render(Format::Table, &wide(), screen(80));
    insta::assert_snapshot!(table, @r"
    user             │ arn             │ user_creation_time   │ password_enabled │ …
    ─────────────────┼─────────────────┼──────────────────────┼──────────────────┼──
    alice-of-the-lo… │ arn:aws:iam::1… │ 2024-01-05T10:11:12Z │ true             │ …
    漢字漢字漢字漢…  │ arn:aws:iam::1… │ 2024-01-05T10:11:12Z │ false            │ …
    ");
    assert_eq!(
        footer.note().unwrap(),
        "2 columns hidden: age_days, source; 4 cells shortened with …"
    );
    assert!(table.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 80));
}

#[test]
fn a_narrow_table_says_first_whose_row_it_is() {
    let names = ["user", "arn", "mfa", "note", "nothing", "account_id", "account_name"];
    let row = ["ann", "arn:aws:iam::1:user/ann", "yes", "a long text", "", "1", "prod"];
    let batch = texts(&names, std::iter::once(row.map(str::to_owned).into())).unwrap();
    let nothing = new_null_array(&DataType::Utf8, 1);
    let mut columns = batch.columns().to_vec();
    columns[4] = nothing;
    let batch = RecordBatch::try_new(batch.schema(), columns).unwrap();
    let (table, footer) = render(Format::Table, &batch, screen(50));
    insta::assert_snapshot!(table, @r"
    user │ account_id │ account_name │ mfa │ …
    ─────┼────────────┼──────────────┼─────┼──
    ann  │ 1          │ prod         │ yes │ …
    ");
    assert_eq!(footer.hidden_columns, ["arn", "note", "nothing"]);
}

#[test]
fn a_table_too_wide_for_40_columns() {
    let (table, footer) = render(Format::Table, &wide(), screen(40));
    insta::assert_snapshot!(table, @r"
    user              │ arn              │ …
    ──────────────────┼──────────────────┼──
    alice-of-the-lon… │ arn:aws:iam::12… │ …
    漢字漢字漢字漢字… │ arn:aws:iam::12… │ …
    ");
    assert_eq!(
        footer.hidden_columns,
        ["user_creation_time", "password_enabled", "age_days", "source"]
    );
}

#[test]
fn a_screen_too_narrow_for_a_table_shows_records() {
    let (table, footer) = render(Format::Table, &wide().slice(0, 1), screen(20));
    insta::assert_snapshot!(table, @r"
    -[ RECORD 1 ]-------
    user               | alice-of-the-long-name
    arn                | arn:aws:iam::123456789012:user/division/alice
    user_creation_time | 2024-01-05T10:11:12Z
    password_enabled   | true
    age_days           | 7
    source             | s3://bucket/prefix/report.csv
    ");
    assert_eq!(footer.note().unwrap(), "a table does not fit 20 columns, so records are shown");
    let (empty, footer) = render(Format::Table, &wide().slice(0, 0), screen(10));
    assert!(empty.starts_with("user │ arn │ user_creation_time"), "{empty}");
    assert_eq!(footer, Footer::default());
}

#[test]
fn one_wide_column_is_shown_in_full() {
    let (table, footer) = render(Format::Table, &wide().project(&[1]).unwrap(), screen(30));
    assert!(table.contains("arn:aws:iam::123456789012:user/division/alice\n"));
    assert_eq!(footer.note(), None);
}

#[test]
fn without_a_terminal_nothing_is_hidden_or_cut() {
    let (table, footer) = render(Format::Table, &wide(), PIPE);
    assert!(table.contains("arn:aws:iam::123456789012:user/division/alice"));
    assert!(table.contains("s3://bucket/prefix/report.csv"));
    assert_eq!(footer, Footer { rows: 2, ..Footer::default() });
}

#[test]
fn colour_is_for_headers_and_null_and_keeps_the_alignment() {
    for format in [Format::Table, Format::Vertical, Format::Markdown] {
        let (colored, _) = render(format, &users(), Style { width: Some(100), color: true });
        let (plain, _) = render(format, &users(), screen(100));
        assert!(colored.contains("\x1b[2mNULL\x1b[0m"), "{format:?}");
        let stripped = ["\x1b[1m", "\x1b[2m", "\x1b[0m"]
            .iter()
            .fold(colored, |text, code| text.replace(code, ""));
        assert_eq!(stripped, plain, "{format:?}");
    }
    let (table, _) = render(Format::Table, &users(), Style { width: Some(100), color: true });
    assert!(table.starts_with("\x1b[1muser\x1b[0m           │"));
}

#[test]
fn an_empty_result_is_valid() {
    let none = users().slice(0, 0);
    let header = "user,mfa_active,age_days,created_time,note\n";
    for batches in [vec![none.clone()], vec![none.clone(), none.clone()]] {
        let text = |format| String::from_utf8(bytes(format, &batches, PIPE).0).unwrap();
        assert_eq!(text(Format::Csv), header);
        assert_eq!(text(Format::Tsv), header.replace(',', "\t"));
        assert_eq!(text(Format::Json), "[]\n");
        assert_eq!(text(Format::Ndjson), "");
        assert_eq!(text(Format::Vertical), "");
        insta::allow_duplicates! {
            insta::assert_snapshot!(text(Format::Markdown), @r"
            | user | mfa_active | age_days | created_time | note |
            | --- | --- | ---: | --- | --- |
            ");
            insta::assert_snapshot!(text(Format::Table), @r"
            user │ mfa_active │ age_days │ created_time │ note
            ─────┼────────────┼──────────┼──────────────┼─────
            ");
        }
    }
    for format in TEXT {
        // no batch at all
        let mut out = Vec::new();
        let writer = writer(format, none.schema(), Box::new(&mut out), &PIPE).unwrap();
        assert_eq!(writer.finish().unwrap(), Footer::default());
        assert_eq!(out, bytes(format, std::slice::from_ref(&none), PIPE).0, "{format:?}");
    }
    let (file, _) = bytes(Format::Parquet, &[none], PIPE);
    let read = read_parquet(file);
    assert_eq!((read.num_rows(), read.num_columns()), (0, 5));
}

#[test]
fn no_columns_at_all() {
    let options = RecordBatchOptions::new().with_row_count(Some(2));
    let none =
        RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &options).unwrap();
    for format in TEXT {
        assert_eq!(render(format, &none, screen(80)).1.rows, 2, "{format:?}");
    }
    assert_eq!(text(Format::Json, &none), "[{},\n{}]\n");
}

#[test]
fn every_type_has_the_same_text_in_every_format() {
    let all = all_types();
    let mut expected = [
        "null",
        "true",
        "-1",
        "18446744073709551615",
        "1.5",
        "1.5",
        "12.50",
        "a",
        "a",
        "a",
        "00ff",
        "00ff",
        "2024-01-05",
        "2024-01-05T00:00:00",
        "01:01:01",
        "01:01:01.000000001",
        "2024-01-05T10:11:12",
        "2024-01-05T10:11:12.000005",
        "2024-01-05T10:11:12Z",
        "2024-01-05T10:11:12.000000001Z",
        "2024-01-05T19:11:12+09:00",
        "PT90.5S",
        "1 years 2 mons",
        "2 days 0.001 secs",
        "1 mons 2 days 1 hours",
        r#"["a, \"b\"",null]"#,
        r#"{"when":"2024-01-05T10:11:12Z","n":null}"#,
        r#"{"1":"one","2":null}"#,
        "x",
    ]
    .map(String::from);
    let json = text(Format::Ndjson, &all);
    let values = json.lines().next().unwrap();
    for (field, value) in all.schema().fields().iter().zip(&expected) {
        let bare = format!("\"{}\":{value}", field.name());
        let quoted = format!("\"{}\":\"{value}\"", field.name());
        assert!(
            values.contains(&bare) || values.contains(&quoted),
            "{} is not {value} in {values}",
            field.name()
        );
    }
    "NULL".clone_into(&mut expected[0]);
    let records = text(Format::Vertical, &all);
    let shown: Vec<_> =
        records.lines().skip(1).take(expected.len()).map(|line| &line[17..]).collect();
    assert_eq!(shown, expected);
    let table = text(Format::Table, &all);
    let row = table.lines().nth(2).unwrap();
    assert_eq!(row.split(" │ ").map(str::trim).collect::<Vec<_>>(), expected);
    expected[0].clear();
    let tsv = text(Format::Tsv, &all);
    let row = tsv.lines().nth(1).unwrap().replace(r"\\", r"\");
    assert_eq!(row.split('\t').collect::<Vec<_>>(), expected);
    let csv = text(Format::Csv, &all);
    let row = csv.lines().nth(1).unwrap();
    let quoted = |text: &String| {
        if text.contains(['"', ',']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.clone()
        }
    };
    assert_eq!(row, expected.iter().map(quoted).collect::<Vec<_>>().join(","));
    // the second row is NULL all over but for what has no NULL above: not a number, and the struct
    let row = tsv.lines().nth(2).unwrap().replace('\t', "");
    assert_eq!(row, r#"NaNNaN{"when":null,"n":2}"#);
}

#[test]
fn floats_are_spelled_the_same_and_null_where_json_has_no_number() {
    let numbers = vec![1e20, 1e-7, 0.1 + 0.2, -0.0, f64::NAN, f64::INFINITY];
    let floats = batch(vec![("x", Arc::new(Float64Array::from(numbers)))]);
    assert_eq!(text(Format::Csv, &floats), "x\n1e20\n1e-7\n0.30000000000000004\n-0.0\nNaN\ninf\n");
    assert_eq!(
        text(Format::Json, &floats).replace("{\"x\":", "").replace('}', ""),
        "[1e20,\n1e-7,\n0.30000000000000004,\n-0.0,\nnull,\nnull]\n"
    );
}

#[test]
fn a_time_without_a_text_is_an_error_in_every_format() {
    let times: ArrayRef = Arc::new(TimestampMillisecondArray::from(vec![i64::MAX]));
    let field = Arc::new(Field::new("when", times.data_type().clone(), true));
    let nested: ArrayRef = Arc::new(StructArray::from(vec![(field, Arc::clone(&times))]));
    for column in [times, nested] {
        let batch = batch(vec![("x", column)]);
        for format in TEXT {
            let mut out = Vec::new();
            let mut writer = writer(format, batch.schema(), Box::new(&mut out), &PIPE).unwrap();
            let failed = writer.write(&batch).and_then(|()| writer.finish()).unwrap_err();
            assert!(matches!(failed, OutputError::Value(_)), "{format:?}: {failed}");
            assert!(!String::from_utf8(out).unwrap().contains("ERROR"), "{format:?}");
        }
    }
}

#[test]
fn a_union_is_refused() {
    let union = DataType::Union(UnionFields::empty(), UnionMode::Sparse);
    let list = DataType::new_list(union, true);
    let schema = Arc::new(Schema::new(vec![Field::new("x", list, true)]));
    for format in TEXT.into_iter().chain([Format::Parquet]) {
        let refused =
            writer(format, Arc::clone(&schema), Box::new(io::sink()), &PIPE).err().unwrap();
        assert!(matches!(refused, OutputError::Unsupported { .. }), "{format:?}: {refused}");
    }
}

#[test]
fn hostile_text_never_reaches_a_terminal() {
    for format in TEXT {
        let (shown, _) = render(format, &hostile(), screen(80));
        let obeyed = shown.chars().find(|&c| {
            c != '\n'
                && c != '\t'
                && (c.is_control() || c > '\u{2000}' && c < '\u{2070}' && c != '…')
        });
        assert_eq!(obeyed, None, "{format:?}: {shown}");
    }
    let (json, _) = render(Format::Ndjson, &hostile().slice(1, 1), screen(80));
    assert_eq!(json, "{\"na\\u001b[1mme\":\"user\\u202enimda\\u2066\",\"n\":2}\n");
    // a file keeps the data as it is
    assert!(text(Format::Csv, &hostile()).contains('\u{202e}'));
}

#[test]
fn a_long_stream_keeps_its_first_widths_and_loses_no_number() {
    let rows = 10_000;
    let all = growing(rows);
    let (table, footer) = bytes(Format::Table, &in_batches(&all, 512), screen(40));
    let table = String::from_utf8(table).unwrap();
    assert_eq!(footer.rows, rows);
    assert_eq!(table.lines().count(), 10_002);
    let ends: Vec<_> = table.lines().take(3).chain(table.lines().skip(10_000)).collect();
    insta::assert_snapshot!(ends.join("\n"), @r"
    row │      cube │ text      │ end
    ────┼───────────┼───────────┼────
      0 │         0 │           │ .
    9998 │ 999400119992 │ xxxxxxxxxxx… │ .
    9999 │ 999700029999 │ xxxxxxxxxxx… │ .
    ");
    for (row, line) in (0..rows).zip(table.lines().skip(2)) {
        let numbers: Vec<_> = line.split('│').map(|cell| cell.trim().to_owned()).collect();
        assert_eq!(numbers[..2], [row.to_string(), row.pow(3).to_string()]);
        assert!(unicode_width::UnicodeWidthStr::width(line) <= 40, "{line}");
        assert!(line.ends_with("│ ."));
    }
    assert_eq!(footer.note().unwrap(), "8500 cells shortened with …");

    let (full, footer) = bytes(Format::Table, &in_batches(&all, 512), PIPE);
    assert!(String::from_utf8(full).unwrap().contains(&"x".repeat(99)));
    assert_eq!(footer.note(), None);
}

#[test]
fn output_does_not_depend_on_where_batches_end() {
    let all = growing(2_500);
    for format in TEXT {
        for style in [PIPE, screen(40)] {
            let whole = bytes(format, std::slice::from_ref(&all), style);
            for size in [1, 7, 999, 1_000, 1_001] {
                assert_eq!(
                    bytes(format, &in_batches(&all, size), style),
                    whole,
                    "{format:?}, {size} rows a batch"
                );
            }
        }
    }
}

/// A destination that can be looked at while it is written.
#[derive(Clone, Default)]
struct Seen(Arc<std::sync::Mutex<Vec<u8>>>);

impl Write for Seen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn rows_are_out_before_the_last_batch_came() {
    let all = growing(3_000);
    for format in TEXT {
        let seen = Seen::default();
        let mut writer = writer(format, all.schema(), Box::new(seen.clone()), &screen(40)).unwrap();
        for (number, batch) in in_batches(&all, 1_000).iter().enumerate() {
            writer.write(batch).unwrap();
            let lines = String::from_utf8(seen.0.lock().unwrap().clone()).unwrap().lines().count();
            assert!(lines >= (number + 1) * 1_000 - 1, "{format:?}: {lines} lines");
        }
        writer.finish().unwrap();
    }
}

/// A reader that has gone away.
struct Gone;

impl Write for Gone {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_pipe_is_told_from_a_failure() {
    for format in TEXT.into_iter().chain([Format::Parquet]) {
        let mut writer = writer(format, users().schema(), Box::new(Gone), &PIPE).unwrap();
        let failed = writer.write(&users()).and_then(|()| writer.finish()).unwrap_err();
        assert!(failed.is_closed(), "{format:?}: {failed:?}");
    }
    let full = io::Error::from(io::ErrorKind::StorageFull);
    assert!(matches!(OutputError::from(full), OutputError::Io(_)));
}

fn read_parquet(file: Vec<u8>) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(file)).unwrap();
    let schema = Arc::clone(reader.schema());
    let batches: Vec<_> = reader.build().unwrap().map(Result::unwrap).collect();
    arrow::compute::concat_batches(&schema, &batches).unwrap()
}

#[test]
fn parquet_is_read_back() {
    let (file, footer) = bytes(Format::Parquet, &in_batches(&users(), 2), PIPE);
    assert_eq!(footer, Footer { rows: 3, ..Footer::default() });
    let read = read_parquet(file.clone());
    assert_eq!(text(Format::Ndjson, &read), text(Format::Ndjson, &users()));
    let types: Vec<_> =
        read.schema().fields().iter().map(|field| field.data_type().clone()).collect();
    let utc = DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
    assert_eq!(types, [DataType::Utf8, DataType::Boolean, DataType::Int64, utc, DataType::Utf8]);

    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(file)).unwrap();
    assert_eq!(reader.metadata().file_metadata().key_value_metadata(), None);
    let column = reader.metadata().row_group(0).column(0);
    assert!(matches!(column.compression(), ::parquet::basic::Compression::ZSTD(_)));
}

#[test]
fn parquet_takes_every_type() {
    let (file, footer) = bytes(Format::Parquet, &[all_types()], PIPE);
    assert_eq!(footer.note().unwrap(), "2 times cut to the millisecond");
    let read = read_parquet(file);
    let record = text(Format::Vertical, &read.slice(0, 1));
    let value = |name: &str| {
        let line = record
            .lines()
            .find(|line| line.split(" | ").next().is_some_and(|start| start.trim() == name));
        line.unwrap().split_once(" | ").unwrap().1.to_owned()
    };
    assert_eq!(value("null"), "NULL");
    assert_eq!(value("decimal"), "12.50");
    assert_eq!(value("binary_view"), "00ff");
    assert_eq!(value("local_us"), "2024-01-05T10:11:12");
    assert_eq!(value("utc_ns"), "2024-01-05T10:11:12Z");
    assert_eq!(value("tokyo"), "2024-01-05T10:11:12Z");
    assert_eq!(value("time32"), "01:01:01");
    assert_eq!(value("duration"), "PT90.5S");
    assert_eq!(value("month_day_nano"), "1 mons 2 days 1 hours");
    assert_eq!(value("list"), r#"["a, \"b\"",null]"#);
    assert_eq!(value("struct"), r#"{"when":"2024-01-05T10:11:12Z","n":null}"#);
    assert_eq!(value("map"), r#"{"1":"one","2":null}"#);
    assert_eq!(value("dictionary"), "x");
}

#[test]
fn parquet_is_not_for_a_terminal() {
    let refused =
        writer(Format::Parquet, users().schema(), Box::new(io::sink()), &screen(80)).err().unwrap();
    assert!(matches!(refused, OutputError::Terminal));
}

#[test]
fn a_file_on_disk() {
    let mut file = tempfile::tempfile().unwrap();
    let mut writer = writer(Format::Csv, users().schema(), Box::new(&mut file), &PIPE).unwrap();
    writer.write(&users()).unwrap();
    writer.finish().unwrap();
    let mut read = String::new();
    io::Seek::rewind(&mut file).unwrap();
    file.read_to_string(&mut read).unwrap();
    assert_eq!(read, text(Format::Csv, &users()));
}

#[test]
fn formats_by_suffix() {
    let cases = [
        ("a.csv", Some(Format::Csv)),
        ("a.TSV", Some(Format::Tsv)),
        ("dir.csv/a.json", Some(Format::Json)),
        ("a.jsonl", Some(Format::Ndjson)),
        ("a.ndjson", Some(Format::Ndjson)),
        ("a.md", Some(Format::Markdown)),
        ("a.txt", Some(Format::Table)),
        ("a.b.parquet", Some(Format::Parquet)),
        ("csv", None),
        ("a.xlsx", None),
    ];
    for (path, format) in cases {
        assert_eq!(Format::from_path(Path::new(path)), format, "{path}");
    }
    assert!(
        Format::Json.allows_many() && Format::Table.allows_many() && !Format::Csv.allows_many()
    );
    assert!(Format::Csv.is_text() && !Format::Parquet.is_text());
}

#[test]
fn a_note_cannot_carry_control_characters() {
    let footer =
        Footer { hidden_columns: vec!["a\x1b\n".into()], shortened_cells: 1, ..Footer::default() };
    assert_eq!(footer.note().unwrap(), r"1 column hidden: a\x1b\n; 1 cell shortened with …");
}
