//! Commands that say what there is: tables, columns, functions, commands.

use std::fmt::Write as _;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::Shell;
use super::command::{Call, Command, GROUPS, Next, all};
use super::vocabulary::{FunctionWords, Vocabulary};
use super::words::kind;
use crate::error::Result;
use crate::output::{escape_line, texts};
use crate::page;
use crate::schema::Table;

/// `\d`: tables, or the columns of one.
pub(super) fn tables(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    let rows = match call.word()? {
        None => texts(&["table", "rows"], list(shell).into_iter())?,
        Some(name) => columns(shell, &name)?,
    };
    shell.show_rows(&rows)?;
    Ok(Next::Continue)
}

/// The columns of a table, a line each.
fn columns(shell: &mut Shell, name: &str) -> Result<RecordBatch> {
    if let Some(table) = Table::named(name) {
        let columns = table.columns().map(|column| {
            [column.name, column.kind.sql_name(), column.doc].map(str::to_owned).into()
        });
        return Ok(texts(&["column", "type", "meaning"], columns)?);
    }
    let schema = schema(shell, name)?;
    let columns = schema.fields().iter();
    let columns =
        columns.map(|field| vec![field.name().clone(), kind(field.data_type()).to_owned()]);
    Ok(texts(&["column", "type"], columns)?)
}

/// `\d+`: what tables and columns mean, to be read.
pub(super) fn meanings(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    let width = shell.settings.terminal().0.width.unwrap_or(80);
    let mut text = String::new();
    match call.word()? {
        None => {
            for row in list(shell) {
                let [name, doc] = row.as_slice() else { continue };
                page::entry(name, doc, width, &mut text);
            }
        }
        Some(name) => {
            if let Some(table) = Table::named(&name) {
                text = page::table(table, width);
            } else {
                for field in schema(shell, &name)?.fields() {
                    // Strings can always be written to.
                    let name = escape_line(field.name());
                    let _ = writeln!(text, "{name}  {}", kind(field.data_type()));
                }
            }
        }
    }
    shell.show_text(&text)?;
    Ok(Next::Continue)
}

/// Name and meaning of every table.
fn list(shell: &Shell) -> Vec<Vec<String>> {
    let doc = |name: &str| match Table::named(name) {
        Some(table) => table.doc.to_owned(),
        None if name == super::last::NAME => "the last result".to_owned(),
        None => "a table of your own".to_owned(),
    };
    let names = shell.engine.session().table_names();
    names.into_iter().map(|name| vec![name.clone(), doc(&name)]).collect()
}

fn schema(shell: &mut Shell, name: &str) -> Result<SchemaRef> {
    let session = std::sync::Arc::clone(shell.engine.session());
    let name = name.to_owned();
    shell.engine.run(async move { session.columns(&name).await })
}

/// `\df`: functions.
pub(super) fn functions(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    shell.learn_once();
    let word = call.word()?.unwrap_or_default().to_lowercase();
    let found: Vec<FunctionWords> = {
        let vocabulary = shell.vocabulary();
        let of_name = |function: &&FunctionWords| function.name.contains(&word);
        vocabulary.functions.iter().filter(of_name).cloned().collect()
    };
    if let [function] = found.as_slice() {
        shell.show_text(&function_page(function))?;
        return Ok(Next::Continue);
    }
    if found.is_empty() {
        return Err(call.usage(&format!("no function has `{word}` in its name")));
    }
    let rows = found.into_iter().map(|function| vec![function.signature, function.doc]);
    shell.show_rows(&texts(&["function", "meaning"], rows)?)?;
    Ok(Next::Continue)
}

fn function_page(function: &FunctionWords) -> String {
    format!("{}\n    {}\n", function.signature, function.doc)
}

/// `\?`: commands, or all that is known of a word.
pub(super) fn help(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    let text = match call.word()? {
        None => commands(),
        Some(word) => {
            shell.learn_once();
            of_word(shell, &word)
        }
    };
    shell.show_text(&text)?;
    Ok(Next::Continue)
}

fn commands() -> String {
    let mut text = String::from(
        "Statements end with `;`. Tab completes, Ctrl-R searches what was entered, Ctrl-C\n\
         stops what runs, Ctrl-D leaves. In SQL the last result is the table `_`.\n",
    );
    for group in GROUPS {
        // Strings can always be written to.
        let _ = write!(text, "\n{}\n", group.title);
        for command in group.commands {
            text.push_str(&line(command));
        }
    }
    text.push_str("\n`\\? WORD` tells of a command, table, column, function or canned query.\n");
    text
}

/// A command on a line, or on two if its arguments are long.
fn line(command: &Command) -> String {
    const WIDTH: usize = 22;
    let name = command.names.first().copied().unwrap_or_default();
    let call = format!("{name} {}", command.usage);
    if call.chars().count() > WIDTH {
        format!("  {call}\n  {:WIDTH$}  {}\n", "", command.doc)
    } else {
        format!("  {call:WIDTH$}  {}\n", command.doc)
    }
}

fn of_word(shell: &Shell, word: &str) -> String {
    let width = shell.settings.terminal().0.width.unwrap_or(80);
    let bare = word.trim_start_matches(['\\', '.']).to_lowercase();
    let mut text = String::new();
    let is_named = |command: &&Command| {
        command.names.iter().any(|name| name.trim_start_matches(['\\', '.']) == bare)
    };
    for command in all().filter(is_named) {
        text.push_str(&line(command));
        let others = command.names.get(1..).unwrap_or_default();
        if !others.is_empty() {
            // Strings can always be written to.
            let _ = writeln!(text, "  also {}", others.join(" "));
        }
    }
    if let Some(table) = Table::named(&bare) {
        text.push_str(&page::table(table, width));
    }
    for table in crate::schema::TABLES {
        for column in table.columns().filter(|column| column.name == bare) {
            text.push_str(&page::column(table, column, width));
        }
    }
    let vocabulary = shell.vocabulary();
    for function in vocabulary.functions.iter().filter(|function| function.name == bare) {
        text.push_str(&function_page(function));
    }
    if let Some(query) = shell.library.get(word) {
        text.push_str(&page::query(query));
    }
    if text.is_empty() {
        mentions(shell, &vocabulary, &bare, &mut text);
    }
    if text.is_empty() {
        text = format!("nothing is known of `{}`; `\\?` lists commands\n", escape_line(word));
    }
    text
}

/// Everything whose name or meaning has the word in it.
fn mentions(shell: &Shell, vocabulary: &Vocabulary, word: &str, text: &mut String) {
    let has = |words: &str| words.to_lowercase().contains(word);
    for command in all().filter(|command| has(command.doc) || command.names.iter().any(|n| has(n)))
    {
        text.push_str(&line(command));
    }
    let mut entry = |name: &str, doc: &str| {
        // Strings can always be written to.
        let _ = writeln!(text, "  {name}: {doc}");
    };
    for table in crate::schema::TABLES {
        for column in table.columns().filter(|column| has(column.name)) {
            entry(&format!("{}.{}", table.name, column.name), column.doc);
        }
    }
    for query in shell.library.iter().filter(|query| has(&query.id) || has(&query.title)) {
        entry(&format!("\\n {}", query.id), &query.title);
    }
    for function in vocabulary.functions.iter().filter(|function| has(&function.name)) {
        entry(&function.signature, &function.doc);
    }
}
