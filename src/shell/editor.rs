//! The prompt: a line is edited, helped along, remembered, and handed to the shell.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use rustyline::Editor;
use rustyline::config::{BellStyle, CompletionType, Config};
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;

use super::command::Next;
use super::guide::Guide;
use super::{Shell, history, script};
use crate::decode::time;
use crate::error::{Error, Result};
use crate::output::escape_control;
use crate::report::DAY;
use crate::run::exit::Exit;
use crate::run::style::stdout_style;
use crate::run::telling;

/// Serves until the user leaves.
///
/// # Errors
/// If the terminal cannot be used.
pub(super) fn serve(shell: &mut Shell) -> Result<Exit> {
    shell.learn();
    shell.know_tables();
    let mut editor = open(shell)?;
    let file = history::file();
    remembered(&mut editor, file.as_ref(), shell);
    shell.greet();
    shell.list_ahead();
    let mut initial = String::new();
    loop {
        let prompt = prompt(shell);
        // Here and not after the line: what is pressed right after Enter is meant for the statement.
        shell.engine.interrupts.clear();
        match editor.readline_with_initial(&prompt, (&initial, "")) {
            Ok(text) => {
                remember(&mut editor, file.as_ref(), shell, &text);
                match shell.enter(&text) {
                    Next::Continue | Next::Resume => initial.clear(),
                    Next::Edit(text) => initial = shell.editable(&text).unwrap_or_default(),
                    Next::Quit => break,
                }
            }
            // What was typed is dropped, as in any shell.
            Err(ReadlineError::Interrupted) => initial.clear(),
            Err(ReadlineError::Eof) => break,
            // Such as the end of the terminal. What is whole is kept.
            Err(error) => {
                shell.finish_output()?;
                return Err(unusable(&error));
            }
        }
        if shell.engine.interrupts.ending() {
            // Results that are whole are kept, whoever ends us.
            shell.finish_output()?;
            return Ok(Exit::Interrupted);
        }
    }
    shell.finish_output()?;
    Ok(Exit::Done)
}

type Prompt = Editor<Guide, FileHistory>;

fn open(shell: &Shell) -> Result<Prompt> {
    let config = Config::builder()
        .max_history_size(history::ENTRIES)
        .and_then(|builder| builder.history_ignore_dups(true))
        .map_err(|error| unusable(&error))?
        .history_ignore_space(true)
        .completion_type(CompletionType::List)
        .completion_show_all_if_ambiguous(true)
        // Its question whether to show many cannot be left with Ctrl-C.
        .completion_prompt_limit(usize::MAX)
        .bell_style(BellStyle::None)
        .build();
    let history = FileHistory::with_config(&config);
    let mut editor = Editor::with_history(config, history).map_err(|error| unusable(&error))?;
    editor.set_helper(Some(Guide {
        vocabulary: Arc::clone(&shell.vocabulary),
        entries: Arc::clone(&shell.entries),
        colored: stdout_style(shell.settings.color).color,
        hints: !shell.settings.quiet,
    }));
    Ok(editor)
}

fn unusable(error: &ReadlineError) -> Error {
    Error::usage(
        format!("cannot use the terminal: {error}"),
        "statements can come from a file too: credsql query -f FILE SOURCE",
    )
}

/// Loads what was entered before. That there is nothing yet is no failure.
fn remembered(editor: &mut Prompt, file: Option<&PathBuf>, shell: &Shell) {
    if let Some(file) = file {
        let _ = editor.load_history(file);
    }
    let mut entries = shell.entries.write().unwrap_or_else(PoisonError::into_inner);
    entries.extend(editor.history().iter().cloned());
}

/// Keeps what was entered; of several statements on several lines, as from a paste, each.
fn remember(editor: &mut Prompt, file: Option<&PathBuf>, shell: &Shell, text: &str) {
    if text.starts_with(' ') {
        return;
    }
    let pieces = script::split(text);
    if pieces.len() < 2 || !text.contains('\n') {
        return remember_one(editor, file, shell, text.trim_end());
    }
    let mut start = 0;
    for piece in &pieces {
        let end = text.get(piece.end..).map_or(0, |rest| usize::from(rest.starts_with(';')));
        let whole = text.get(start..piece.end + end).unwrap_or(piece.text);
        // A command in the midst of a statement belongs to it.
        if piece.kind != script::PieceKind::Unfinished {
            remember_one(editor, file, shell, whole.trim());
            start = piece.end + end;
        }
    }
    remember_one(editor, file, shell, text.get(start..).unwrap_or_default().trim());
}

/// Keeps an entry, at once: the next crash may not be ours.
fn remember_one(editor: &mut Prompt, file: Option<&PathBuf>, shell: &Shell, text: &str) {
    if text.is_empty() {
        return;
    }
    if history::is_secret(text) {
        shell.note("this is not kept in the history: it has an access key in it");
        return;
    }
    if editor.add_history_entry(text).is_ok_and(|added| added) {
        let mut entries = shell.entries.write().unwrap_or_else(PoisonError::into_inner);
        entries.push(text.to_owned());
        if let Some(file) = file {
            // A full disk is no reason to stop.
            let _ = editor.append_history(file);
        }
    }
}

/// The prompt, which says what time it is in here unless it is now.
fn prompt(shell: &Shell) -> String {
    match shell.engine.collection().options.as_of {
        None => "credsql> ".to_owned(),
        Some(time) => {
            let text = time::format(time);
            let is_day = (time + 1000).rem_euclid(DAY) == 0;
            let shown = if is_day { text.split('T').next().unwrap_or(&text) } else { &text };
            format!("credsql@{shown}> ")
        }
    }
}

impl Shell {
    /// Runs what was entered, and says what is to be said.
    fn enter(&mut self, text: &str) -> Next {
        let outcome = self.run_text(text, None);
        let next = outcome.unwrap_or_else(|error| {
            self.say_error(error);
            Next::Continue
        });
        // What is said from here on is not stopped.
        self.engine.interrupts.clear();
        if text.trim_start().starts_with('\\') {
            self.tell();
        } else {
            self.tell_again();
        }
        self.know_tables();
        self.know_values();
        next
    }

    /// Says an error at the prompt.
    pub(super) fn say_error(&self, error: Error) {
        if is_stopped(&error, self.engine.interrupts.pressed()) {
            telling::aside("interrupted");
        } else if !error.is_closed_pipe() {
            telling::error(&in_shell(error));
        }
    }

    /// A text as it can be edited here. What acts on a terminal is spelled out: the editor would
    /// pass it on. `None` if this terminal cannot edit, and the text is shown.
    fn editable(&mut self, text: &str) -> Option<String> {
        let text = escape_control(text).into_owned();
        if can_edit() {
            return Some(text);
        }
        self.note("this terminal cannot edit; `\\g` runs");
        // That it cannot be shown either is said by the next prompt.
        let _ = self.show_text(&format!("{text}\n"));
        self.last_sql = text;
        None
    }
}

/// Whether an error is what an interruption looks like to those who write.
fn is_stopped(error: &Error, pressed: bool) -> bool {
    match error {
        Error::Interrupted => true,
        Error::Output(_) => pressed,
        Error::At { error, .. } => is_stopped(error, pressed),
        _ => false,
    }
}

/// Whether the line editor knows the terminal; the names are those it does not.
fn can_edit() -> bool {
    let term = std::env::var("TERM").unwrap_or_default();
    !["dumb", "cons25", "emacs"].iter().any(|known| term.eq_ignore_ascii_case(known))
}

/// An error whose cure is a command of the shell.
fn in_shell(error: Error) -> Error {
    match error {
        Error::NoSource => Error::usage(
            "there are no reports to look at yet",
            "`\\add ./reports/` adds a folder, `\\add demo:` a synthetic organisation",
        ),
        Error::Unbound { name } => Error::usage(
            Error::Unbound { name: name.clone() }.to_string(),
            format!("`\\set {name} VALUE` gives it one"),
        ),
        Error::At { place, error } => Error::At { place, error: Box::new(in_shell(*error)) },
        error => error,
    }
}
