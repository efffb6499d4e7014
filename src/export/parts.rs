//! The files of one partition: Parquet as every engine reads it.
//!
//! What Athena, Spark, DuckDB and their like agree upon: INT64 times in milliseconds, UTF-8, BOOLEAN,
//! signed integers, and no Arrow schema beside that of Parquet (the types of these tables are no
//! others, see [`crate::schema::Kind`]).

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::compute::BatchCoalescer;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use crate::decode::columns::BATCH_ROWS;
use crate::error::{Error, Result};
use crate::output::OutputError;
use crate::source::exported;

/// Bytes after which a new file is begun. Athena reads files of this size best.
const PART_BYTES: usize = 128 << 20;

/// Bytes of a row group: what is held in memory while it is written.
const ROW_GROUP_BYTES: usize = 64 << 20;

/// What the version of the files' columns is. It grows with every column that is added.
const SCHEMA_VERSION: &str = "1";

/// The key of the checksum of the reports.
const SOURCES_SHA256: &str = "credsql.sources_sha256";

/// What stands in the footer beside the columns.
#[derive(Debug, Clone)]
pub(super) struct Footer {
    pub(super) table: &'static str,
    /// Of which reports, byte for byte, the rows are.
    pub(super) sources_sha256: String,
}

impl Footer {
    /// What stands in a file of ours.
    pub(super) fn read(table: &'static str, entries: Option<&Vec<KeyValue>>) -> Self {
        let sum = entries.into_iter().flatten().find(|entry| entry.key == SOURCES_SHA256);
        let sources_sha256 = sum.and_then(|entry| entry.value.clone()).unwrap_or_default();
        Self { table, sources_sha256 }
    }

    fn entries(&self) -> [KeyValue; 4] {
        let entry = |key: &str, value: &str| KeyValue::new(key.to_owned(), value.to_owned());
        [
            entry("credsql.table", self.table),
            entry("credsql.schema_version", SCHEMA_VERSION),
            entry("credsql.version", env!("CARGO_PKG_VERSION")),
            entry(SOURCES_SHA256, &self.sources_sha256),
        ]
    }
}

/// Files that are being written into a folder.
pub(super) struct Parts {
    folder: PathBuf,
    schema: SchemaRef,
    /// Pages end where batches do: batches of one size make the same rows the same bytes, however
    /// they came.
    waiting: BatchCoalescer,
    open: Vec<(PathBuf, ArrowWriter<BufWriter<File>>)>,
    /// Whether the next rows begin a new file.
    is_full: bool,
    rows: u64,
}

impl Parts {
    /// Makes the folder.
    ///
    /// # Errors
    /// If it cannot be made.
    pub(super) fn create(folder: &Path, schema: SchemaRef) -> Result<Self> {
        std::fs::create_dir_all(folder)
            .map_err(|cause| Error::Write { path: folder.to_owned(), cause })?;
        let waiting = BatchCoalescer::new(SchemaRef::clone(&schema), BATCH_ROWS);
        let folder = folder.to_owned();
        Ok(Self { folder, schema, waiting, open: Vec::new(), is_full: true, rows: 0 })
    }

    /// Adds rows.
    ///
    /// # Errors
    /// If they cannot be written.
    pub(super) fn write(&mut self, batch: RecordBatch) -> Result<()> {
        self.rows += batch.num_rows() as u64;
        self.waiting.push_batch(batch).map_err(|error| failed(error.into()))?;
        self.write_whole()
    }

    fn write_whole(&mut self) -> Result<()> {
        while let Some(batch) = self.waiting.next_completed_batch() {
            self.writer()?.write(&batch).map_err(failed)?;
        }
        Ok(())
    }

    fn write_rest(&mut self) -> Result<()> {
        self.waiting.finish_buffered_batch().map_err(|error| failed(error.into()))?;
        self.write_whole()
    }

    /// Tells that a new file may begin here.
    ///
    /// # Errors
    /// If what is to be written cannot be.
    pub(super) fn may_roll(&mut self) -> Result<()> {
        if let Some((_, writer)) = self.open.last().filter(|_| !self.is_full)
            && writer.bytes_written() + writer.in_progress_size() >= PART_BYTES
        {
            self.write_rest()?;
            self.writer()?.flush().map_err(failed)?;
            self.is_full = true;
        }
        Ok(())
    }

    /// Rows so far.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Ends all files, each of them on the disk. There is at least one, if without rows. Returns their
    /// bytes.
    ///
    /// # Errors
    /// If they cannot be written.
    pub(super) fn finish(mut self, footer: &Footer) -> Result<u64> {
        self.write_rest()?;
        if self.open.is_empty() {
            self.writer()?;
        }
        let mut bytes = 0;
        for (path, mut writer) in self.open {
            footer.entries().into_iter().for_each(|entry| writer.append_key_value_metadata(entry));
            let buffer = writer.into_inner().map_err(failed)?;
            let unwritten = |cause| Error::Write { path: path.clone(), cause };
            let file = buffer.into_inner().map_err(|error| unwritten(error.into_error()))?;
            file.sync_all().map_err(unwritten)?;
            bytes += file.metadata().map_err(unwritten)?.len();
        }
        Ok(bytes)
    }

    fn writer(&mut self) -> Result<&mut ArrowWriter<BufWriter<File>>> {
        if self.is_full || self.open.is_empty() {
            let path = self.folder.join(exported::part(self.open.len()));
            let file = File::create_new(&path)
                .map_err(|cause| Error::Write { path: path.clone(), cause })?;
            let options = ArrowWriterOptions::new()
                .with_properties(properties()?)
                .with_skip_arrow_metadata(true);
            let writer = ArrowWriter::try_new_with_options(
                BufWriter::new(file),
                SchemaRef::clone(&self.schema),
                options,
            );
            self.open.push((path, writer.map_err(failed)?));
            self.is_full = false;
        }
        match self.open.last_mut() {
            Some((_, writer)) => Ok(writer),
            None => Err(Error::usage("no file is open", "")),
        }
    }
}

fn properties() -> Result<WriterProperties> {
    Ok(WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).map_err(failed)?))
        .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
        .set_created_by(concat!("credsql version ", env!("CARGO_PKG_VERSION")).to_owned())
        .build())
}

fn failed(error: ParquetError) -> Error {
    Error::Output(OutputError::from(error))
}
