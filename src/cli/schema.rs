//! `credsql schema`: what tables there are, what columns they have, what they mean.

use super::args::SchemaArgs;
use super::destination::Destination;
use super::exit::Exit;
use super::telling;
use crate::error::Result;
use crate::output::{Format, Style, texts};
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
        Some(table) => texts(
            &["column", "type", "meaning"],
            table.columns().map(|column| describe(column).into()),
        ),
    }?;
    let mut destination = Destination::open(&args.output)?;
    if let (
        Some(table),
        Destination::Stdout { format: Format::Table, style: Style { width: Some(width), .. } },
    ) = (args.table.as_deref().and_then(Table::named), &destination)
    {
        return page(table, *width);
    }
    let mut tee = destination.begin(&batch.schema(), false)?;
    tee.write(&batch)?;
    for text in tee.finish()? {
        telling::note(&text);
    }
    destination.finish()?;
    Ok(Exit::Done)
}

/// A page to read: on a terminal the meanings are the point, and a table would cut them.
fn page(table: &Table, width: usize) -> Result<Exit> {
    let mut page = format!("{}: {}\n", table.name, table.doc);
    for column in table.columns() {
        let [name, kind, meaning] = describe(column);
        page.extend(["\n", &name, "  ", &kind, "\n"]);
        wrap(&meaning, width.max(40), &mut page);
    }
    super::print(page.as_bytes())
}

/// Adds a text in lines of at most `width` columns, indented.
fn wrap(text: &str, width: usize, page: &mut String) {
    const INDENT: &str = "    ";
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length <= width {
            page.push(' ');
            column += 1 + length;
        } else {
            page.push_str(if column > 0 { "\n" } else { "" });
            page.push_str(INDENT);
            column = INDENT.len() + length;
        }
        page.push_str(word);
    }
    page.push('\n');
}

/// Name, type, and what the column and each sentinel in it mean.
fn describe(column: &Column) -> [String; 3] {
    let mut meaning = column.doc.to_owned();
    for (sentinel, means) in column.sentinels {
        meaning.extend(["; ", sentinel.text(), " (NULL): ", means]);
    }
    [column.name.to_owned(), column.kind.sql_name().to_owned(), meaning]
}
