//! `credsql schema`: what tables there are, what columns they have, what they mean.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};

use super::args::SchemaArgs;
use super::destination::Destination;
use super::exit::Exit;
use super::telling;
use crate::error::Result;
use crate::schema::{Column, TABLES, Table};

/// Runs the command.
///
/// # Errors
/// If the output cannot be written.
pub(super) fn run(args: &SchemaArgs) -> Result<Exit> {
    let batch = match args.table.as_deref().and_then(Table::named) {
        None => texts(
            &["table", "rows"],
            TABLES.iter().map(|table| vec![table.name.to_owned(), table.doc.to_owned()]),
        ),
        Some(table) => texts(&["column", "type", "meaning"], table.columns().map(describe)),
    }?;
    let mut destination = Destination::open(&args.output)?;
    let mut tee = destination.begin(&batch.schema(), false)?;
    tee.write(&batch)?;
    for text in tee.finish()? {
        telling::note(&text);
    }
    destination.finish()?;
    Ok(Exit::Done)
}

/// Name, type, and what the column and each sentinel in it mean.
#[must_use]
pub(super) fn describe(column: &Column) -> Vec<String> {
    let mut meaning = column.doc.to_owned();
    for (sentinel, means) in column.sentinels {
        meaning.extend(["; ", sentinel.text(), " (NULL): ", means]);
    }
    vec![column.name.to_owned(), column.kind.sql_name().to_owned(), meaning]
}

fn texts(names: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Result<RecordBatch> {
    let rows: Vec<Vec<String>> = rows.collect();
    let columns = (0..names.len()).map(|column| {
        let values = rows.iter().map(|row| row.get(column));
        Arc::new(values.collect::<StringArray>()) as ArrayRef
    });
    let fields: Vec<Field> =
        names.iter().map(|name| Field::new(*name, DataType::Utf8, true)).collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.collect());
    batch.map_err(|error| crate::error::Error::Engine(error.into()))
}
