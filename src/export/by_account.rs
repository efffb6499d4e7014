//! A folder for each account within a day, for those who ask for it: many small files, and a reader
//! of one account reads no other.

use std::ffi::OsStr;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch, StringArray, new_null_array};
use arrow::compute::{cast, partition};
use arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::common::DataFusionError;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::day::as_stored;
use super::destination::{Staged, files};
use super::parts::{Footer, Parts};
use super::run::Run;
use crate::error::{Error, Result};
use crate::schema::Table;
use crate::source::exported::{ACCOUNT_COLUMN, NO_VALUE, folder, is_part_path};

/// Writes what lies in one folder, accounts ascending, into a folder for each account.
pub(super) fn split(run: &Run<'_>, table: &'static Table, flat: Staged) -> Result<Staged> {
    let staged = run.destination.stage()?;
    let full = table.arrow_schema();
    let Some((position, _)) = full.column_with_name(ACCOUNT_COLUMN) else {
        return Ok(flat);
    };
    let fields = full.fields().iter().enumerate().filter(|(column, _)| *column != position);
    let schema: SchemaRef =
        Arc::new(Schema::new(fields.map(|(_, field)| Arc::clone(field)).collect::<Vec<_>>()));
    let mut open: Option<(Option<String>, Parts)> = None;
    let mut footer = None;
    let unread = |error: &dyn std::fmt::Display| {
        Error::Engine(DataFusionError::Execution(format!("cannot read what was written: {error}")))
    };
    let parts = files(&flat.folder).map_err(|error| unread(&error))?;
    for part in parts {
        let file = File::open(flat.folder.join(part)).map_err(|error| unread(&error))?;
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| unread(&e))?;
        let of = Footer::read(table.name, reader.metadata().file_metadata().key_value_metadata());
        for batch in reader.build().map_err(|error| unread(&error))? {
            let batch = as_stored(&batch.map_err(|error| unread(&error))?, &full)?;
            let accounts = [Arc::clone(batch.column(position))];
            let runs = partition(&accounts).map_err(DataFusionError::from)?;
            for rows in runs.ranges() {
                let rows = batch.slice(rows.start, rows.len());
                let account = account(&rows, position)?;
                if open.as_ref().is_none_or(|(of, _)| *of != account) {
                    finish(open.take(), &of)?;
                    let name = folder(ACCOUNT_COLUMN, account.as_deref());
                    let parts = Parts::create(&staged.folder.join(name), Arc::clone(&schema))?;
                    open = Some((account, parts));
                }
                if let Some((_, parts)) = &mut open {
                    parts.write(without(&rows, position)?)?;
                }
            }
        }
        footer = Some(of);
    }
    match (open, footer) {
        // A day without rows is there all the same.
        (None, _) => Ok(flat),
        (open, Some(footer)) => finish(open, &footer).map(|()| staged),
        (Some(_), None) => Ok(staged),
    }
}

/// All rows of a table's partition, whether it has a folder for each account or not. Columns that were
/// added since it was written are NULL.
pub(super) fn rows(table: &'static Table, partition: &Path) -> Result<Vec<RecordBatch>> {
    let schema = table.arrow_schema();
    let unread = |error: &dyn std::fmt::Display| {
        Error::usage(
            format!("cannot read {}: {error}", partition.display()),
            "`--if-exists replace` writes these days anew, and accounts that are not among the sources are dropped",
        )
    };
    let mut all = Vec::new();
    for name in files(partition).map_err(|error| unread(&error))? {
        if !is_part_path(&name) {
            continue;
        }
        let file = File::open(partition.join(&name)).map_err(|error| unread(&error))?;
        let reader = ParquetRecordBatchReaderBuilder::try_new(file)
            .and_then(ParquetRecordBatchReaderBuilder::build);
        for batch in reader.map_err(|error| unread(&error))? {
            let batch = batch.map_err(|error| unread(&error))?;
            let columns = schema.fields().iter().map(|field| {
                let data_type = field.data_type();
                match batch.column_by_name(field.name()) {
                    Some(column) => cast(column, data_type),
                    None if field.name() == ACCOUNT_COLUMN => {
                        let accounts = vec![account_of(&name); batch.num_rows()];
                        cast(&StringArray::from(accounts), data_type)
                    }
                    None => Ok(new_null_array(data_type, batch.num_rows())),
                }
            });
            let columns = columns.collect::<Result<Vec<_>, _>>().map_err(|error| unread(&error))?;
            let rows = RecordBatch::try_new(Arc::clone(&schema), columns);
            all.push(rows.map_err(|error| unread(&error))?);
        }
    }
    Ok(all)
}

/// The account that a path tells.
fn account_of(path: &Path) -> Option<&str> {
    let names = path.iter().filter_map(OsStr::to_str);
    let mut values = names.filter_map(|name| name.strip_prefix(ACCOUNT_COLUMN)?.strip_prefix('='));
    values.next().filter(|value| *value != NO_VALUE)
}

fn finish(open: Option<(Option<String>, Parts)>, footer: &Footer) -> Result<()> {
    open.map_or(Ok(()), |(_, parts)| parts.finish(footer).map(drop))
}

fn account(rows: &RecordBatch, position: usize) -> Result<Option<String>> {
    let accounts = cast(rows.column(position), &DataType::Utf8).map_err(DataFusionError::from)?;
    let accounts = accounts.as_string::<i32>();
    Ok((!accounts.is_empty() && accounts.is_valid(0)).then(|| accounts.value(0).to_owned()))
}

fn without(rows: &RecordBatch, position: usize) -> Result<RecordBatch> {
    let others: Vec<usize> = (0..rows.num_columns()).filter(|column| *column != position).collect();
    Ok(rows.project(&others).map_err(DataFusionError::from)?)
}
