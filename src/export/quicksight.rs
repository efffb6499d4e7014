//! Files for QuickSight where there is no Athena: CSV with a manifest for each table, since it reads
//! no Parquet from S3.
//!
//! QuickSight takes the columns of CSV for text and guesses what they are; a row with a value that
//! is not what it guessed is left out without a word. So a missing value is always empty, a time
//! always has the same form, and a record never spans lines.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{ArrayRef, AsArray, RecordBatch, RecordBatchOptions, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit, TimestampMillisecondType};
use arrow::error::ArrowError;
use chrono::DateTime;
use futures::TryStreamExt;
use serde_json::json;

use crate::error::{Error, Result};
use crate::output::{self, BatchWriter, Format, Style};
use crate::schema::{TABLES, Table};
use crate::session::Session;

/// The tables that are written where none are named: the latest reports, and how they were read.
pub const DEFAULT_TABLES: [&str; 3] = ["credential_report", "credentials", "reports"];

/// Bytes after which another file is begun: QuickSight takes files of up to 1 GB.
const FILE_BYTES: u64 = 512 << 20;

/// Times as Java writes it: `yyyy-MM-dd HH:mm:ss`, which is among the formats that QuickSight's guide
/// lists for every kind of source. It takes a time without a zone for UTC.
const TIME_FORMAT: &str = "%Y-%m-%d %H:%M:%S";

/// How files are written.
#[derive(Debug, Clone, Copy)]
pub struct CsvOptions {
    /// Whether texts that a spreadsheet would run as formulas get an apostrophe.
    pub spreadsheet_safe: bool,
    /// Bytes after which another file is begun.
    pub file_bytes: u64,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self { spreadsheet_safe: false, file_bytes: FILE_BYTES }
    }
}

/// What was written of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The table.
    pub table: &'static str,
    /// Its files, below the destination.
    pub files: Vec<String>,
    /// Their rows.
    pub rows: u64,
}

impl Written {
    /// The file that the manifest belongs into. QuickSight wants it to end so.
    #[must_use]
    pub fn manifest_file(&self) -> String {
        format!("{}.manifest.json", self.table)
    }

    /// The manifest, for files that lie at a location: `s3://bucket/prefix`.
    #[must_use]
    pub fn manifest(&self, location: &str) -> String {
        let folder = location.trim_end_matches('/');
        let files: Vec<String> = self.files.iter().map(|file| format!("{folder}/{file}")).collect();
        // Each file by its name: what else lies there, such as the files of a longer export, is no
        // part of it.
        let manifest = json!({
            "fileLocations": [{ "URIs": files }],
            "globalUploadSettings": {
                "format": "CSV",
                "delimiter": ",",
                "textqualifier": "\"",
                "containsHeader": "true",
            },
        });
        format!("{manifest:#}\n")
    }
}

/// The statement that reads a table for QuickSight, in an order that is the same every time.
///
/// # Errors
/// If there is no such table.
pub fn select(name: &str) -> Result<(&'static Table, String)> {
    const ORDER: [&str; 7] =
        ["account_id", "generated_time", "source", "user", "arn", "kind", "slot"];
    let table = Table::named(name).ok_or_else(|| {
        let names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
        Error::usage(format!("there is no table `{name}`"), format!("one of {}", names.join(", ")))
    })?;
    let quoted = |name: &str| format!("\"{name}\"");
    let columns: Vec<String> = table.columns().map(|column| quoted(column.name)).collect();
    let has = |name: &str| table.columns().any(|column| column.name == name);
    let order: Vec<String> = ORDER.into_iter().filter(|name| has(name)).map(quoted).collect();
    let mut sql = format!("SELECT {} FROM {}", columns.join(", "), table.name);
    if !order.is_empty() {
        sql.push_str(" ORDER BY ");
        sql.push_str(&order.join(", "));
    }
    Ok((table, sql))
}

/// Writes tables, then a manifest for each of them, for files that will lie at a location:
/// `s3://bucket/prefix`. `open` makes the files, which are named below the destination. Until all is
/// written none of them should be seen, and then in the order in which they were opened: a manifest
/// names files that are there.
///
/// # Errors
/// If there is no such table, it cannot be read, or a file not be written.
pub async fn write_all<O>(
    session: &Session,
    names: &[&str],
    location: &str,
    options: CsvOptions,
    mut open: O,
) -> Result<Vec<Written>>
where
    O: FnMut(&str) -> Result<Box<dyn Write + Send>>,
{
    names.iter().try_for_each(|name| select(name).map(drop))?;
    let mut all = Vec::new();
    for name in names {
        all.push(write(session, name, options, &mut open).await?);
    }
    for written in &all {
        let mut out = open(&written.manifest_file())?;
        out.write_all(written.manifest(location).as_bytes())
            .and_then(|()| out.flush())
            .map_err(output::OutputError::from)?;
    }
    Ok(all)
}

/// Writes one table. What `open` returns is flushed when the file is whole.
///
/// # Errors
/// If there is no such table, it cannot be read, or a file not be written.
pub async fn write<O>(
    session: &Session,
    name: &str,
    options: CsvOptions,
    mut open: O,
) -> Result<Written>
where
    O: FnMut(&str) -> Result<Box<dyn Write + Send>>,
{
    let (table, sql) = select(name)?;
    let planned = session.plan_text(&sql).await?;
    let explain = |error| session.explain(&error, &sql);
    let mut batches = planned.execute_stream().await.map_err(explain)?;
    let schema = as_texts(&batches.schema());
    let mut written = Written { table: table.name, files: Vec::new(), rows: 0 };
    let mut file = begin(&schema, &mut written, options, &mut open)?;
    while let Some(batch) = batches.try_next().await.map_err(explain)? {
        if file.bytes.load(Ordering::Relaxed) >= options.file_bytes {
            written.rows += file.writer.finish()?.rows;
            file = begin(&schema, &mut written, options, &mut open)?;
        }
        let batch = plain(&batch, &schema).map_err(output::OutputError::from)?;
        file.writer.write(&batch)?;
    }
    written.rows += file.writer.finish()?.rows;
    Ok(written)
}

/// A file and how much of it there is.
struct File {
    writer: Box<dyn BatchWriter>,
    bytes: Arc<AtomicU64>,
}

fn begin(
    schema: &SchemaRef,
    written: &mut Written,
    options: CsvOptions,
    open: &mut impl FnMut(&str) -> Result<Box<dyn Write + Send>>,
) -> Result<File> {
    let name = format!("{}/part-{:05}.csv", written.table, written.files.len());
    let bytes = Arc::new(AtomicU64::new(0));
    let out = Box::new(Counted { out: open(&name)?, bytes: Arc::clone(&bytes) });
    let writer = output::writer(Format::Csv, Arc::clone(schema), out, &Style::default())?;
    let writer = if options.spreadsheet_safe { output::spreadsheet_safe(writer) } else { writer };
    written.files.push(name);
    Ok(File { writer, bytes })
}

/// Counts what goes through.
struct Counted {
    out: Box<dyn Write + Send>,
    bytes: Arc<AtomicU64>,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The schema with text in the place of times.
fn as_texts(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| {
        let data_type = match field.data_type() {
            DataType::Timestamp(..) => DataType::Utf8,
            text if text.is_string() => DataType::Utf8,
            other => other.clone(),
        };
        Field::new(field.name(), data_type, true)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// The batch in values of that schema.
fn plain(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let columns = batch
        .columns()
        .iter()
        .map(|column| match column.data_type() {
            DataType::Timestamp(..) => times(column),
            text if text.is_string() => lines(column),
            _ => Ok(Arc::clone(column)),
        })
        .collect::<Result<_, _>>()?;
    let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &rows)
}

/// Times to the second: with milliseconds in some rows and none in others they would have two forms.
fn times(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let zone = Some(Arc::from("UTC"));
    let column = cast(column, &DataType::Timestamp(TimeUnit::Millisecond, zone))?;
    let millis = column.as_primitive::<TimestampMillisecondType>();
    let text = |millis: i64| {
        DateTime::from_timestamp_millis(millis).map(|time| time.format(TIME_FORMAT).to_string())
    };
    let texts: StringArray = millis.iter().map(|millis| millis.and_then(text)).collect();
    Ok(Arc::new(texts))
}

/// Texts on one line each. Whether QuickSight reads line ends within quotes is nowhere promised.
fn lines(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let column = cast(column, &DataType::Utf8)?;
    let texts = column.as_string::<i32>();
    let has_ends = |text: &str| text.contains(['\r', '\n']);
    if !texts.iter().flatten().any(has_ends) {
        return Ok(column);
    }
    let line = |text: &str| text.replace("\r\n", " ").replace(['\r', '\n'], " ");
    let texts: StringArray = texts.iter().map(|text| text.map(line)).collect();
    Ok(Arc::new(texts))
}

#[cfg(test)]
mod tests;
