//! Texts of statements and commands: scripts, and what is entered at the prompt.

use super::command::{Call, Next};
use super::output::Output;
use super::script::{self, Piece, PieceKind};
use super::statement::Once;
use super::{Shell, ShellOptions};
use crate::error::{Error, Result};
use crate::run::exit::Exit;
use crate::run::telling;

/// Scripts that call scripts: more is a circle.
const DEEPEST: usize = 16;

/// A text of statements and commands.
pub(crate) struct Script {
    /// The text.
    pub(crate) text: String,
    /// The file it is from, for places of errors; `-` is standard input.
    pub(crate) file: Option<String>,
}

/// Runs a script.
///
/// # Errors
/// If a statement or command of it failed; what else came to pass is in the exit code.
pub(crate) fn script(script: &Script, options: ShellOptions) -> Result<Exit> {
    let text = script.text.strip_prefix('\u{feff}').unwrap_or(&script.text);
    let pieces = script::split(text);
    if pieces.is_empty() {
        return Err(Error::usage(
            "there is no statement",
            "credsql query 'SELECT * FROM credential_report' demo:",
        ));
    }
    let mut shell = Shell::open(options, false)?;
    let outcome = shell.run_script(script, &pieces);
    let workspace = &mut shell.engine.workspace;
    if let Some(athena) = &workspace.options.athena {
        // What it stops is paid for.
        athena.end();
    }
    if !shell.settings.quiet {
        workspace.tell_bill();
    }
    shell.engine.end();
    outcome
}

impl Shell {
    fn run_script(&mut self, script: &Script, pieces: &[Piece<'_>]) -> Result<Exit> {
        // The only statement has nobody to use its result.
        self.keeps =
            pieces.len() > 1 || pieces.iter().any(|piece| piece.kind == PieceKind::Command);
        // What a script without commands will do is known before it does anything.
        if pieces.iter().all(|piece| piece.kind != PieceKind::Command) {
            self.check_parameters(&script.text)?;
            if pieces.len() > 1
                && let Some(destination) = self.output.current()
            {
                destination.allow_many()?;
            }
        }
        let outcome = self.run_text(&script.text, script.file.as_deref());
        if let Err(Error::Interrupted) = outcome {
            return Err(Error::Interrupted);
        }
        self.tell();
        match outcome {
            Err(error) if error.is_closed_pipe() => Ok(self.exit),
            Err(error) => Err(error),
            // Files appear only if everything went well.
            Ok(_) if self.went_past_error => Ok(Exit::Failed),
            Ok(_) => self.finish_output().map(|()| self.exit),
        }
    }

    /// Completes files and commands that results went to.
    ///
    /// # Errors
    /// If one cannot be completed.
    pub(super) fn finish_output(&mut self) -> Result<()> {
        std::mem::replace(&mut self.output, Output::screen()).finish()
    }

    /// Runs statements and commands one after another, up to the first that fails.
    ///
    /// # Errors
    /// If one fails, with its place in `file`.
    pub(super) fn run_text(&mut self, text: &str, file: Option<&str>) -> Result<Next> {
        if self.depth >= DEEPEST {
            return Err(Error::usage(
                "scripts call one another in a circle",
                "look at their `\\i`",
            ));
        }
        // Editors of another system put a mark before UTF-8.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        self.depth += 1;
        let outcome = self.run_pieces(text, &script::split(text), file);
        self.depth -= 1;
        outcome
    }

    fn run_pieces(&mut self, text: &str, pieces: &[Piece<'_>], file: Option<&str>) -> Result<Next> {
        let mut begun = "";
        for (position, piece) in pieces.iter().enumerate() {
            let next = pieces.get(position + 1).map(|next| next.kind);
            if piece.kind == PieceKind::Unfinished && next == Some(PieceKind::Command) {
                begun = piece.text;
                continue;
            }
            let begun = std::mem::take(&mut begun);
            let ran = match piece.kind {
                PieceKind::Command => self.run_command(piece.text, begun),
                PieceKind::Sql | PieceKind::Unfinished => {
                    self.run_statement(piece.text).map(|()| Next::Continue)
                }
            };
            match ran {
                Ok(Next::Continue) => {}
                // A statement that was begun goes on after a command in the midst of it.
                Ok(Next::Resume) => {
                    return Ok(Next::Edit(format!("{begun}{}", rest(text, piece))));
                }
                Ok(next) => return Ok(next),
                Err(error)
                    if self.is_interactive
                        && self.depth == 1
                        && !begun.is_empty()
                        && !takes_statement(piece.text) =>
                {
                    self.say_error(error);
                    return Ok(Next::Edit(format!("{begun}{}", rest(text, piece))));
                }
                Err(error) => self.fail(at(error, file, piece.line))?,
            }
        }
        Ok(Next::Continue)
    }

    /// Ends a script with an error, or says it and goes on, as is set.
    fn fail(&mut self, error: Error) -> Result<()> {
        let ends = matches!(error, Error::Interrupted) || error.is_closed_pipe();
        if ends || self.is_interactive || !self.settings.keep_going {
            return Err(error);
        }
        telling::error(&error);
        self.went_past_error = true;
        self.exit = self.exit.max(Exit::Failed);
        Ok(())
    }

    fn run_statement(&mut self, sql: &str) -> Result<()> {
        sql.clone_into(&mut self.last_sql);
        let parameters = self.parameters();
        self.run_sql(sql, &parameters, Once::default())
    }

    fn run_command(&mut self, text: &str, begun: &str) -> Result<Next> {
        let call = Call::parse(text, begun)?;
        let goes_on = !begun.is_empty() && !call.command.takes_statement;
        // In a script nobody is there to end it.
        if goes_on && (!self.is_interactive || self.depth > 1) {
            let name = call.name;
            return Err(Error::usage(
                format!("the statement before `{name}` has no end"),
                "end it with `;`, or with `\\g`",
            ));
        }
        match (call.command.run)(self, &call)? {
            Next::Continue if goes_on => Ok(Next::Resume),
            next => Ok(next),
        }
    }

    /// A parameter that no statement uses is a slip, which is told before anything is written.
    fn check_parameters(&self, sql: &str) -> Result<()> {
        let used = self.engine.session().placeholders(sql);
        match self.variables.keys().find(|name| !used.contains(name)) {
            None => Ok(()),
            Some(name) => Err(Error::usage(
                format!("no statement uses the parameter ${name}"),
                "parameters stand in the SQL as $name; quote it with single quotes so that the shell leaves them alone",
            )),
        }
    }
}

/// Whether a line is a command that ends the statement before it.
fn takes_statement(line: &str) -> bool {
    Call::parse(line, "").is_ok_and(|call| call.command.takes_statement)
}

/// What of a text comes after a piece.
fn rest<'a>(text: &'a str, piece: &Piece<'_>) -> &'a str {
    text.get(piece.end..).unwrap_or_default()
}

/// An error with its place in a script.
fn at(error: Error, file: Option<&str>, line: usize) -> Error {
    match file {
        Some(_) if matches!(error, Error::Interrupted | Error::At { .. }) => error,
        Some("-") => error.at("stdin", line),
        Some(file) => error.at(file, line),
        None => error,
    }
}
