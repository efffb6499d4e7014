//! What the user can set, and the commands that do.

use clap::ValueEnum;

use super::command::{Call, Next};
use super::{Shell, files};
use crate::error::Result;
use crate::library::query::Value;
use crate::output::{Format, Style, texts};
use crate::run::style::{When, stdout_height, stdout_style};

/// Rows shown of a result unless the user says otherwise.
const MOST_ROWS: u64 = 1_000;

/// When results are shown as records, one `name | value` line per column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expanded {
    /// If there are few rows and a table would leave something out.
    Auto,
    /// Always.
    On,
    /// Never, unless the terminal is too narrow for any table.
    Off,
}

/// The settings of a shell.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(super) struct Settings {
    /// The format, if one was asked for.
    pub(super) format: Option<Format>,
    pub(super) expanded: Expanded,
    /// Most rows to show on a terminal.
    pub(super) most_rows: Option<u64>,
    /// Whether the footer says how long it took.
    pub(super) timing: bool,
    /// Whether long results are shown in a pager.
    pub(super) pager: bool,
    pub(super) color: When,
    /// Whether nothing is said but results and errors.
    pub(super) quiet: bool,
    /// Whether the next statement runs after one that failed.
    pub(super) keep_going: bool,
}

impl Settings {
    /// What is set at the start.
    pub(super) fn new(format: Option<Format>, color: When, quiet: bool, keep_going: bool) -> Self {
        Self {
            format,
            expanded: Expanded::Auto,
            most_rows: Some(MOST_ROWS),
            timing: true,
            pager: true,
            color,
            quiet,
            keep_going,
        }
    }

    /// What the terminal is like now, and how many lines it has.
    pub(super) fn terminal(&self) -> (Style, usize) {
        (stdout_style(self.color), stdout_height())
    }
}

/// `\x`: when results are shown as records. Without a word, the other of what it is.
pub(super) fn expanded(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    shell.settings.expanded = match call.word()?.as_deref() {
        None if shell.settings.expanded == Expanded::On => Expanded::Auto,
        None | Some("on") => Expanded::On,
        Some("off") => Expanded::Off,
        Some("auto") => Expanded::Auto,
        Some(other) => return Err(call.usage(&format!("`{other}` is not on, off or auto"))),
    };
    if shell.is_interactive {
        shell.note(match shell.settings.expanded {
            Expanded::Auto => "few rows that do not fit a table are shown as records",
            Expanded::On => "results are shown as records",
            Expanded::Off => "results are shown as tables",
        });
    }
    Ok(Next::Continue)
}

/// `\f`: the format of results.
pub(super) fn format(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    if let Some(name) = call.word()? {
        let format = files::format(call, &name)?;
        if format == Format::Parquet {
            return Err(
                call.usage("parquet is for files: `\\o FILE.parquet`, `\\export FILE.parquet`")
            );
        }
        shell.settings.format = Some(format);
        shell.output.set_format(format);
    }
    if shell.is_interactive {
        let format = shell.settings.format.unwrap_or(Format::Table);
        let name = format.to_possible_value();
        let name = name.as_ref().map_or("", |value| value.get_name());
        shell.note(&format!("results are shown as {name}"));
    }
    Ok(Next::Continue)
}

/// `\rows`: most rows to show.
pub(super) fn rows(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    match call.word()?.as_deref() {
        None => {}
        Some("all") => shell.settings.most_rows = None,
        Some(word) => {
            let count: u64 =
                word.parse().map_err(|_| call.usage(&format!("`{word}` is no number")))?;
            shell.settings.most_rows = Some(count);
        }
    }
    if shell.is_interactive {
        shell.note(&match shell.settings.most_rows {
            None => "all rows are shown".to_owned(),
            Some(most) => format!("up to {most} rows are shown"),
        });
    }
    Ok(Next::Continue)
}

/// `\pager`: whether long results are shown in a pager.
pub(super) fn pager(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    shell.settings.pager = switch(call, shell.settings.pager)?;
    let state = if shell.settings.pager { "on" } else { "off" };
    if shell.is_interactive {
        shell.note(&format!("the pager is {state}"));
    }
    Ok(Next::Continue)
}

/// `\timing`: whether the footer says how long statements take.
pub(super) fn timing(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    shell.settings.timing = switch(call, shell.settings.timing)?;
    let state = if shell.settings.timing { "on" } else { "off" };
    if shell.is_interactive {
        shell.note(&format!("timing is {state}"));
    }
    Ok(Next::Continue)
}

/// `on` or `off`; without a word, the other of what it is.
fn switch(call: &Call<'_>, now: bool) -> Result<bool> {
    match call.word()?.as_deref() {
        None => Ok(!now),
        Some("on") => Ok(true),
        Some("off") => Ok(false),
        Some(other) => Err(call.usage(&format!("`{other}` is neither on nor off"))),
    }
}

/// `\set`: the value of a `$name`, or all of them.
pub(super) fn set(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    let (name, value) = call.rest.split_once(char::is_whitespace).unwrap_or((call.rest, ""));
    if name.is_empty() {
        let rows =
            shell.variables.iter().map(|(name, value)| vec![name.clone(), value.to_string()]);
        let batch = texts(&["name", "value"], rows)?;
        shell.show_rows(&batch)?;
        return Ok(Next::Continue);
    }
    let value = value.trim().trim_end_matches(';').trim_end();
    if value.is_empty() {
        return Err(call.usage("give a value; `\\unset NAME` forgets one"));
    }
    shell.set_variable(variable(call, name)?, Some(Value::One(unquoted(value))));
    Ok(Next::Continue)
}

/// A value as typed, or what stands between quotes, in which a quote is written twice as in SQL.
fn unquoted(value: &str) -> String {
    let inner = |quote: char| {
        let inner = value.strip_prefix(quote)?.strip_suffix(quote)?;
        Some(inner.replace(&format!("{quote}{quote}"), &quote.to_string()))
    };
    inner('\'').or_else(|| inner('"')).unwrap_or_else(|| value.to_owned())
}

/// `\unset`: forgets a value.
pub(super) fn unset(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    let name = variable(call, &call.required()?)?;
    if !shell.variables.contains_key(&name) {
        return Err(call.usage(&format!("${name} has no value")));
    }
    shell.set_variable(name, None);
    Ok(Next::Continue)
}

/// A name as it can stand after a `$`.
fn variable(call: &Call<'_>, name: &str) -> Result<String> {
    let bare = name.trim_start_matches('$');
    let is_word = !bare.is_empty() && bare.chars().all(|c| c.is_alphanumeric() || c == '_');
    if is_word { Ok(bare.to_owned()) } else { Err(call.usage(&format!("`{name}` is no name"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_around_a_value_are_those_of_sql() {
        for (typed, value) in [
            ("90", "90"),
            ("ann bee", "ann bee"),
            ("'it''s'", "it's"),
            ("\"a b\"", "a b"),
            ("it's", "it's"),
            ("'", "'"),
            ("''", ""),
        ] {
            assert_eq!(unquoted(typed), value, "{typed}");
        }
    }
}
