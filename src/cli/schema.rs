//! `credsql schema`: what tables there are, what columns they have, what they mean.

use super::args::SchemaArgs;
use crate::error::Result;
use crate::output::{Format, Style, texts};
use crate::page;
use crate::run::destination::Destination;
use crate::run::exit::Exit;
use crate::run::telling;
use crate::schema::{TABLES, Table};

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
        Some(table) => texts(
            &["column", "type", "meaning"],
            table.columns().map(|column| page::describe(column).into()),
        ),
    }?;
    let mut destination = Destination::open(&args.output.options())?;
    if let (
        Some(table),
        Destination::Stdout { format: Format::Table, style: Style { width: Some(width), .. } },
    ) = (args.table.as_deref().and_then(Table::named), &destination)
    {
        // On a terminal the meanings are the point, and a table would cut them.
        return super::print(page::table(table, *width).as_bytes());
    }
    let mut tee = destination.begin(&batch.schema(), false)?;
    tee.write(&batch)?;
    for text in tee.finish()? {
        telling::note(&text);
    }
    destination.finish()?;
    Ok(Exit::Done)
}
