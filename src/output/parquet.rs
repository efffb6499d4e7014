//! A Parquet file that any engine reads: no Arrow schema in it, and only types that Athena knows too.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::compute::kernels::cmp::neq;
use arrow::datatypes::{DataType, Field, Fields, Schema, TimeUnit};
use arrow::error::ArrowError;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::types::{convert, rewrite, with_unique_names};
use super::{BatchWriter, Footer, OutputError, Sink};

/// Bytes of a row group, which is what is held in memory.
const ROW_GROUP: usize = 64 << 20;

pub(super) struct Parquet<'a> {
    writer: ArrowWriter<Sink<'a>>,
    schema: Arc<Schema>,
    footer: Footer,
}

impl<'a> Parquet<'a> {
    pub(super) fn new(out: Sink<'a>, schema: &Schema) -> Result<Self, OutputError> {
        let (fields, renamed_columns) = with_unique_names(schema);
        let stored =
            |field: &Arc<Field>| Field::clone(field).with_data_type(stored(field.data_type()));
        let schema = Arc::new(Schema::new(fields.iter().map(stored).collect::<Fields>()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
            .set_max_row_group_bytes(Some(ROW_GROUP))
            // lists and maps are named inside as the Parquet specification says
            .set_coerce_types(true)
            .build();
        let options =
            ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(out, Arc::clone(&schema), options)?;
        Ok(Self { writer, schema, footer: Footer { renamed_columns, ..Footer::default() } })
    }
}

impl BatchWriter for Parquet<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), OutputError> {
        let mut columns = Vec::with_capacity(batch.num_columns());
        for (field, column) in self.schema.fields().iter().zip(batch.columns()) {
            let stored = convert(column, field.data_type())?;
            self.footer.rounded_times += rounded(column, &stored)?;
            columns.push(stored);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?;
        self.writer.write(&batch)?;
        self.footer.rows += batch.num_rows() as u64;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Footer, OutputError> {
        self.writer.finish()?;
        self.writer.sync()?;
        Ok(self.footer)
    }
}

/// The type a column is stored as. Spans of time become text: Parquet would keep a bare number.
fn stored(data_type: &DataType) -> DataType {
    rewrite(data_type, |inner| match inner {
        DataType::Timestamp(_, zone) => {
            DataType::Timestamp(TimeUnit::Millisecond, zone.map(|_| "+00:00".into()))
        }
        DataType::Time32(_) => DataType::Time32(TimeUnit::Millisecond),
        DataType::Date64 => DataType::Date32,
        DataType::Float16 => DataType::Float32,
        DataType::BinaryView | DataType::LargeBinary => DataType::Binary,
        DataType::LargeList(item) | DataType::ListView(item) | DataType::LargeListView(item) => {
            DataType::List(item)
        }
        DataType::Utf8View
        | DataType::LargeUtf8
        | DataType::Null
        | DataType::Interval(_)
        | DataType::Duration(_) => DataType::Utf8,
        other => other,
    })
}

/// How many times of a column lost digits.
fn rounded(given: &ArrayRef, stored: &ArrayRef) -> Result<u64, ArrowError> {
    let DataType::Timestamp(TimeUnit::Microsecond | TimeUnit::Nanosecond, _) = given.data_type()
    else {
        return Ok(0);
    };
    let back = convert(stored, given.data_type())?;
    Ok(neq(given, &back)?.true_count() as u64)
}
