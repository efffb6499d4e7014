//! Commands that take statements and results to files, commands and the editor, and back.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::PoisonError;

use clap::ValueEnum;

use super::Shell;
use super::command::{Call, Next};
use super::last;
use super::statement::Once;
use crate::error::{Error, Result};
use crate::output::Format;
use crate::run::destination::Destination;
use crate::run::new_file::Unfinished;

/// Entries that `\history` shows.
const ENTRIES: usize = 50;

/// The statement that shows the last result.
fn last_result() -> String {
    format!("SELECT * FROM \"{}\"", last::NAME)
}

/// A format by its name.
///
/// # Errors
/// If there is none of this name, or it is not for reading.
pub(super) fn format(call: &Call<'_>, name: &str) -> Result<Format> {
    let known = Format::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    Format::from_str(name, true).map_err(|_| {
        let names: Vec<String> = known.map(|value| value.get_name().to_owned()).collect();
        call.usage(&format!("`{name}` is no format; there are {}", names.join(", ")))
    })
}

/// Where `FILE` or `|COMMAND` lead.
fn destination(shell: &Shell, place: &str) -> Result<Destination> {
    if let Some(command) = place.strip_prefix('|') {
        let format = shell.settings.format.unwrap_or(Format::Csv);
        return Destination::command(command.trim(), format);
    }
    file(shell, place)
}

/// A file for results. Its suffix says the format; without one that is known, what is set.
fn file(shell: &Shell, place: &str) -> Result<Destination> {
    let path = path(place);
    shell.spare_sources(&path)?;
    let format = Format::from_path(&path).or(shell.settings.format);
    if format.is_none() {
        return Err(Error::usage(
            format!("cannot tell the format of {}", path.display()),
            "end its name in .csv, .tsv, .json, .ndjson, .md, .txt or .parquet, or set one with `\\f`",
        ));
    }
    Destination::file(&path, format)
}

/// A path as typed, in which `~` is the home directory.
fn path(text: &str) -> PathBuf {
    match (text.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(text),
    }
}

/// What stands after a command as one place: a pipe takes the rest of the line.
fn place(call: &Call<'_>) -> Result<Option<String>> {
    if call.rest.starts_with('|') { Ok(Some(call.rest.to_owned())) } else { call.word() }
}

/// `\g`: runs the statement before it.
pub(super) fn go(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    run(shell, call, None)
}

/// `\gx`: the same, as records.
pub(super) fn go_expanded(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    run(shell, call, Some(Format::Vertical))
}

fn run(shell: &mut Shell, call: &Call<'_>, format: Option<Format>) -> Result<Next> {
    if !call.before.is_empty() {
        call.before.clone_into(&mut shell.last_sql);
    }
    let sql = shell.last_sql.clone();
    if sql.is_empty() {
        return Err(call.usage("there is no statement yet"));
    }
    // A slip is told before a command is started.
    shell.engine.session().parse(&sql)?;
    let to = place(call)?.map(|place| destination(shell, &place)).transpose()?;
    let parameters = shell.parameters();
    shell.run_sql(&sql, &parameters, Once { format, to, ..Once::default() })?;
    Ok(Next::Continue)
}

/// `\last`: the last result again.
pub(super) fn last(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    let format = call.word()?.map(|name| format(call, &name)).transpose()?;
    let once = Once { format, all_rows: true, is_last: true, ..Once::default() };
    again(shell, once)
}

/// `\export`: the last result to a file.
pub(super) fn export(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    let place = call.required()?;
    let to = Some(file(shell, &place)?);
    again(shell, Once { to, is_last: true, ..Once::default() })?;
    if shell.is_interactive {
        shell.note(&format!("the last result is in {place}"));
    }
    Ok(Next::Continue)
}

fn again(shell: &mut Shell, once: Once) -> Result<Next> {
    if !shell.engine.session().table_names().iter().any(|name| name == last::NAME) {
        return Err(Error::usage("there is no result yet", "SELECT * FROM credential_report;"));
    }
    shell.run_sql(&last_result(), &[], once)?;
    Ok(Next::Continue)
}

/// `\o`: sends results elsewhere, or back.
pub(super) fn redirect(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    let to = match place(call)? {
        None => None,
        Some(place) => Some((destination(shell, &place)?, place)),
    };
    shell.output.redirect(to)?;
    Ok(Next::Continue)
}

/// `\i`: runs a script.
pub(super) fn include(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    let file = path(&call.required()?);
    let text = std::fs::read_to_string(&file)
        .map_err(|cause| Error::Read { path: file.clone(), cause })?;
    match shell.run_text(&text, Some(&file.display().to_string()))? {
        Next::Edit(text) => Ok(Next::Edit(text)),
        Next::Continue | Next::Quit | Next::Resume => Ok(Next::Continue),
    }
}

/// `\e`: edits the statement before it, a file, or the last statement.
pub(super) fn edit(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    if !shell.is_interactive {
        return Err(call.usage("an editor needs a terminal"));
    }
    if let Some(file) = call.word()? {
        let file = path(&file);
        open_editor(shell, &file)?;
        return read(&file);
    }
    let text = if call.before.is_empty() { shell.last_sql.clone() } else { call.before.to_owned() };
    let file = tempfile::Builder::new().prefix("credsql-").suffix(".sql").tempfile();
    let mut file = file.map_err(|cause| unwritable(Path::new("a temporary file"), cause))?;
    let _unfinished = Unfinished::new(file.path());
    let written = file.write_all(text.as_bytes()).and_then(|()| file.flush());
    written.map_err(|cause| unwritable(file.path(), cause))?;
    open_editor(shell, file.path())?;
    read(file.path())
}

fn unwritable(path: &Path, cause: io::Error) -> Error {
    Error::Write { path: path.to_owned(), cause }
}

fn read(file: &Path) -> Result<Next> {
    let text = std::fs::read_to_string(file)
        .map_err(|cause| Error::Read { path: file.to_owned(), cause })?;
    let text = text.trim();
    Ok(if text.is_empty() { Next::Continue } else { Next::Edit(text.to_owned()) })
}

/// Opens the user's editor, whose setting may have arguments, and waits until it ends.
fn open_editor(shell: &Shell, file: &Path) -> Result<()> {
    let set = |name| std::env::var(name).ok().filter(|text| !text.trim().is_empty());
    let editor = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".to_owned());
    shell.engine.interrupts.lend_terminal(true);
    let ended = Command::new("/bin/sh")
        .arg("-c")
        .arg(format!("{editor} \"$1\""))
        .arg("sh")
        .arg(file)
        .status();
    shell.engine.interrupts.lend_terminal(false);
    shell.engine.interrupts.clear();
    let hint = "set EDITOR to the command of an editor";
    match ended {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Error::usage(format!("`{editor}`: {status}"), hint)),
        Err(cause) => Err(Error::usage(format!("cannot run `{editor}`: {cause}"), hint)),
    }
}

/// `\history`: what was entered.
pub(super) fn history(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    if !shell.is_interactive {
        return Err(call.usage("nothing is entered in a script"));
    }
    let count = match call.word()? {
        None => ENTRIES,
        Some(word) => word.parse().map_err(|_| call.usage(&format!("`{word}` is no number")))?,
    };
    let mut text = {
        let entries = shell.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries.get(entries.len().saturating_sub(count)..).unwrap_or_default().join("\n")
    };
    text.push('\n');
    shell.show_text(&crate::output::escape_control(&text))?;
    Ok(Next::Continue)
}

/// `\echo`: prints words with a blank between them.
pub(super) fn echo(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    shell.print(&format!("{}\n", call.words()?.join(" ")))?;
    Ok(Next::Continue)
}
