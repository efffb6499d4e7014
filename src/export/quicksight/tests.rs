use std::collections::BTreeMap;
use std::sync::Mutex;

use chrono::NaiveDateTime;
use serde_json::Value;

use super::*;
use crate::schema::{Column, Kind};
use crate::session::SessionOptions;
use crate::source::Source;
use crate::table::collection::{Collection, CollectionOptions};

type Files = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// Writes to the file that was opened last.
struct Kept(Files);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().last_mut().unwrap().1.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn session() -> Session {
    let collection = Arc::new(Collection::new(CollectionOptions {
        sources: vec![Source::parse("demo:accounts=3,users=12,days=2").unwrap()],
        run_time: 0,
        now: 0,
        as_of: None,
        cache_bytes: 64 << 20,
        aws: Arc::default(),
    }));
    let options = SessionOptions { memory_limit: 1 << 30, ..SessionOptions::default() };
    Session::new(collection, &options).await.unwrap()
}

/// What a sink is asked for, in that order, and what it gets.
fn sink() -> (Files, impl FnMut(&str) -> Result<Box<dyn Write + Send>>) {
    let files = Files::default();
    let kept = Arc::clone(&files);
    let open = move |name: &str| {
        kept.lock().unwrap().push((name.to_owned(), Vec::new()));
        Ok(Box::new(Kept(Arc::clone(&kept))) as Box<dyn Write + Send>)
    };
    (files, open)
}

fn texts(files: &Files) -> BTreeMap<String, String> {
    let files = files.lock().unwrap().clone().into_iter();
    files.map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap())).collect()
}

fn written(name: &str, options: CsvOptions) -> (Written, BTreeMap<String, String>) {
    let (files, open) = sink();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let written =
        runtime.block_on(async { write(&session().await, name, options, open).await }).unwrap();
    (written, texts(&files))
}

#[test]
fn manifests_come_last_and_nothing_comes_of_an_unknown_table() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let all = |names: &[&str]| {
        let (files, open) = sink();
        let location = "s3://bucket/prefix";
        let done = runtime.block_on(async {
            write_all(&session().await, names, location, CsvOptions::default(), open).await
        });
        (done, files)
    };
    let (done, files) = all(&["reports", "credentials"]);
    let names: Vec<String> = files.lock().unwrap().iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(
        names,
        [
            "reports/part-00000.csv",
            "credentials/part-00000.csv",
            "reports.manifest.json",
            "credentials.manifest.json"
        ]
    );
    let done = done.unwrap();
    assert_eq!(texts(&files)["reports.manifest.json"], done[0].manifest("s3://bucket/prefix"));
    let (done, files) = all(&["reports", "nothing"]);
    assert!(done.is_err() && files.lock().unwrap().is_empty());
}

#[test]
fn a_table_is_written_with_its_header_and_every_time_in_one_form() {
    let (written, files) = written("credential_report", CsvOptions::default());
    assert_eq!(written.files, ["credential_report/part-00000.csv"]);
    let text = &files["credential_report/part-00000.csv"];
    let columns: Vec<&Column> = Table::named("credential_report").unwrap().columns().collect();
    let header: Vec<&str> = columns.iter().map(|column| column.name).collect();
    assert_eq!(text.lines().next().unwrap(), header.join(","));
    let fields = header.iter().map(|name| Field::new(*name, DataType::Utf8, true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let reader = arrow::csv::ReaderBuilder::new(schema).with_header(true);
    let batches: Vec<RecordBatch> =
        reader.build(text.as_bytes()).unwrap().collect::<Result<_, _>>().unwrap();
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    assert!(rows > 30);
    assert_eq!((rows, rows + 1), (usize::try_from(written.rows).unwrap(), text.lines().count()));
    for batch in &batches {
        for (column, cells) in columns.iter().zip(batch.columns()) {
            for cell in cells.as_string::<i32>().iter().flatten() {
                let is_right = match column.kind {
                    Kind::Timestamp => NaiveDateTime::parse_from_str(cell, TIME_FORMAT).is_ok(),
                    Kind::Boolean => matches!(cell, "true" | "false"),
                    Kind::Integer => cell.parse::<i64>().is_ok(),
                    Kind::Text => !matches!(cell, "N/A" | "no_information" | "not_supported"),
                };
                // A user may bear such a name, and one of the demo does.
                assert!(is_right || column.name == "user", "{}: {cell}", column.name);
            }
        }
    }
}

#[test]
fn a_large_table_is_several_files_each_with_a_header() {
    let options = CsvOptions { file_bytes: 1, ..CsvOptions::default() };
    let (many, files) = written("credential_report_history", options);
    let (one, whole) = written("credential_report_history", CsvOptions::default());
    assert_eq!(many.rows, one.rows);
    assert_eq!(one.files.len(), 1);
    let names: Vec<&String> = files.keys().collect();
    assert_eq!(many.files.iter().collect::<Vec<_>>(), names);
    let mut lines = Vec::new();
    for text in files.values() {
        let (header, rest) = text.split_once('\n').unwrap();
        assert_eq!(whole[&one.files[0]].lines().next(), Some(header));
        lines.extend(rest.lines());
    }
    assert!(whole[&one.files[0]].lines().skip(1).eq(lines));
}

#[test]
fn the_manifest_names_the_files_where_they_lie() {
    let written = Written {
        table: "reports",
        files: vec!["reports/part-00000.csv".to_owned(), "reports/part-00001.csv".to_owned()],
        rows: 2,
    };
    assert_eq!(written.manifest_file(), "reports.manifest.json");
    let manifest: Value = serde_json::from_str(&written.manifest("s3://bucket/prefix/")).unwrap();
    let files =
        ["s3://bucket/prefix/reports/part-00000.csv", "s3://bucket/prefix/reports/part-00001.csv"];
    assert_eq!(manifest["fileLocations"], json!([{ "URIs": files }]));
    assert_eq!(manifest["globalUploadSettings"]["textqualifier"], "\"");
}

#[test]
fn a_record_is_one_line_and_a_time_has_seconds() {
    let utc = DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
    let schema = Schema::new(vec![
        Field::new("time", utc, true),
        Field::new("text", DataType::Utf8View, true),
        Field::new("flag", DataType::Boolean, true),
    ]);
    let times = arrow::array::TimestampMillisecondArray::from(vec![Some(1_700_000_000_123), None]);
    let texts: arrow::array::StringViewArray = [Some("a\r\nb\nc\rd"), None].into_iter().collect();
    let flags = arrow::array::BooleanArray::from(vec![Some(true), None]);
    let batch = RecordBatch::try_new(
        Arc::new(schema.clone()),
        vec![Arc::new(times.with_timezone("UTC")), Arc::new(texts), Arc::new(flags)],
    )
    .unwrap();
    let schema = as_texts(&schema);
    let plain = plain(&batch, &schema).unwrap();
    let mut bytes = Vec::new();
    let mut writer =
        output::writer(Format::Csv, schema, Box::new(&mut bytes), &Style::default()).unwrap();
    writer.write(&plain).unwrap();
    writer.finish().unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text, "time,text,flag\n2023-11-14 22:13:20,a b c d,true\n,,\n");
}

#[test]
fn a_table_that_is_none_is_refused_and_every_table_has_an_order() {
    assert_eq!(select("nothing").unwrap_err().to_string(), "there is no table `nothing`");
    for name in DEFAULT_TABLES {
        let (table, sql) = select(name).unwrap();
        assert_eq!(table.name, name);
        assert!(sql.contains(" ORDER BY \"account_id\", \"generated_time\", \"source\""), "{sql}");
    }
}
