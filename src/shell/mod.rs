//! The shell: statements and commands, typed at a prompt or read from a script.
//!
//! ```text
//! prompt: editor ──┐                ┌─► command ─► describe, canned, files, sources, settings
//! file:   batch ───┴─► script ──────┤
//!                 (takes it apart)  └─► statement ─► engine ─► receive ─┬─► screen ─► outlet, pager
//!                                                   (other threads)     └─► output: file, command
//! ```
//!
//! One [`Shell`] serves both ways: what works at the prompt works in a script. At the prompt
//! results go to the screen, which may page, shorten and count; in a script they go to a
//! destination, whole.
//!
//! Statements are planned and run on other threads than the one that talks to the user, and Ctrl-C
//! ends the wait for them. What still runs then is cut off from the
//! collection that later statements look at, see [`Collection::resumed`].
//!
//! `guide` helps while a line is edited. It looks at text (`lexer`, `context`) and at words known
//! beforehand (`vocabulary`, `words`), and touches no report: `complete`, `highlight`, `hint`.
//!
//! [`Collection::resumed`]: crate::table::collection::Collection::resumed

mod batch;
mod canned;
mod command;
mod complete;
mod context;
mod describe;
mod editor;
mod engine;
mod files;
mod footer;
mod greeting;
mod guide;
mod highlight;
mod hint;
mod history;
mod keywords;
mod last;
mod lexer;
mod outlet;
mod output;
mod receive;
#[cfg(test)]
mod robustness;
#[cfg(test)]
mod sample;
mod screen;
mod script;
mod settings;
mod sources;
mod statement;
mod vocabulary;
mod words;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Write};
use std::sync::{Arc, RwLock};
use std::thread::JoinHandle;

use arrow::array::RecordBatch;

pub(crate) use self::batch::{Script, script};
pub(crate) use self::canned::find_query;
use self::engine::Engine;
use self::outlet::{Outlet, Screenful};
use self::output::Output;
use self::receive::Received;
use self::screen::Screen;
use self::settings::Settings;
use self::statement::Once;
use self::vocabulary::Vocabulary;
use crate::error::{Error, Result};
use crate::library::Library;
use crate::library::query::Value;
use crate::output::OutputError;
use crate::report::Millis;
use crate::run::clock::Clock;
use crate::run::destination::{Destination, OutputOptions};
use crate::run::exit::Exit;
use crate::run::interrupt::{Interrupts, Manner};
use crate::run::telling;
use crate::run::workspace::{EngineOptions, Workspace};

/// The part of the memory limit that the last result may take.
const KEPT_SHARE: usize = 8;

/// What a shell is opened with.
pub(crate) struct ShellOptions {
    /// Where reports are, as typed.
    pub(crate) sources: Vec<OsString>,
    /// The canned queries.
    pub(crate) library: Arc<Library>,
    /// What statements run on.
    pub(crate) engine: EngineOptions,
    /// How results are written.
    pub(crate) output: OutputOptions,
    /// Values of `$name` in the SQL.
    pub(crate) parameters: Vec<(String, Value)>,
    /// Whether statements may write files and define things.
    pub(crate) allow_write: bool,
    /// Whether a script goes on after an error.
    pub(crate) keep_going: bool,
    /// The clock.
    pub(crate) clock: Clock,
}

/// A shell at work.
struct Shell {
    engine: Engine,
    library: Arc<Library>,
    sources: Vec<OsString>,
    settings: Settings,
    variables: BTreeMap<String, Value>,
    output: Output,
    is_interactive: bool,
    /// Whether results are kept for the next statement, and up to how many bytes.
    keeps: bool,
    keep_bytes: usize,
    /// The statement that ran last.
    last_sql: String,
    /// What was entered, oldest first.
    entries: Arc<RwLock<Vec<String>>>,
    vocabulary: Arc<RwLock<Vocabulary>>,
    /// What learns values for the vocabulary, and the size of the cache that it has looked at.
    harvest: Option<JoinHandle<()>>,
    harvested: usize,
    /// How many scripts deep.
    depth: usize,
    /// Whether a script went past an error.
    went_past_error: bool,
    /// The gravest of what came to pass so far: alarms of a check, failed reports, errors that a
    /// script went past.
    exit: Exit,
    clock: Clock,
}

/// Opens a shell on the terminal and serves until the user leaves.
///
/// # Errors
/// If it cannot be opened: a source is no source, the terminal cannot be used.
pub(crate) fn interactive(options: ShellOptions) -> Result<Exit> {
    if options.sources.iter().any(|source| source == "-") {
        return Err(Error::usage(
            "`-` is standard input, which is the keyboard here",
            "save the report in a file, or run one statement: credsql query 'SELECT …' -",
        ));
    }
    if !options.output.outputs.is_empty() {
        return Err(Error::usage(
            "`-o` is for commands that end",
            "in the shell, `\\o FILE` sends results to a file",
        ));
    }
    let mut shell = Shell::open(options, true)?;
    let outcome = editor::serve(&mut shell);
    shell.engine.end();
    outcome
}

impl Shell {
    fn open(options: ShellOptions, is_interactive: bool) -> Result<Self> {
        let ShellOptions { sources, library, engine, output, parameters, clock, .. } = options;
        let mut workspace = Workspace::open(&sources, &engine, Arc::clone(&library), clock.now())?;
        workspace.spare(&output.outputs)?;
        workspace.options.allow_write = options.allow_write;
        let keep_bytes = engine.memory_limit / KEPT_SHARE;
        workspace.options.memory_limit -= keep_bytes;
        // Before files are made, which an interruption would leave behind.
        let manner = match &workspace.options.athena {
            _ if is_interactive => Manner::Shell,
            Some(_) => Manner::Remote,
            None => Manner::Command,
        };
        let interrupts = Interrupts::listen(manner);
        let settings = Settings::new(output.format, output.color, output.quiet, options.keep_going);
        Ok(Self {
            output: if is_interactive {
                Output::screen()
            } else {
                Output::to(Destination::open(&output)?)
            },
            engine: Engine::new(workspace, interrupts, clock)?,
            library,
            sources,
            settings,
            variables: parameters.into_iter().collect(),
            is_interactive,
            keeps: true,
            keep_bytes,
            last_sql: String::new(),
            entries: Arc::default(),
            vocabulary: Arc::default(),
            harvest: None,
            harvested: 0,
            depth: 0,
            went_past_error: false,
            exit: Exit::Done,
            clock,
        })
    }

    fn parameters(&self) -> Vec<(String, Value)> {
        self.variables.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// Shows rows of our own.
    ///
    /// # Errors
    /// If they cannot be written.
    fn show_rows(&mut self, batch: &RecordBatch) -> Result<()> {
        self.output.begin_result()?;
        let look = self.look(&Once { all_rows: true, ..Once::default() });
        if let Some(destination) = self.output.current() {
            let is_command = destination.is_command();
            let written = destination.begin(&batch.schema(), false).and_then(|mut tee| {
                tee.write(batch)?;
                tee.finish()
            });
            return self.end_rows(written, is_command);
        }
        let progress = self.engine.workspace.progress(true);
        let interrupts = Arc::clone(&self.engine.interrupts);
        let mut screen = Screen::begin(look, batch.schema(), false, interrupts, progress);
        screen.write(batch)?;
        let shown = screen.finish()?;
        self.say_left_out(&shown.footer);
        Ok(())
    }

    /// Ends rows that were written to a file or command.
    fn end_rows(&mut self, written: Result<Vec<String>>, is_command: bool) -> Result<()> {
        let mut received = Received::default();
        match written {
            Ok(notes) => {
                for text in &notes {
                    self.note(text);
                }
            }
            Err(error) if is_command && error.is_closed_pipe() => received.left = true,
            Err(error) => {
                self.take_back_output(&error);
                return Err(error);
            }
        }
        self.output.count_result();
        self.end_result(None, &received).map(drop)
    }

    /// Shows a text to read.
    ///
    /// # Errors
    /// If it cannot be written.
    fn show_text(&self, text: &str) -> Result<()> {
        if !self.is_interactive {
            return self.print(text);
        }
        let (style, height) = self.settings.terminal();
        let screen = Screenful {
            height,
            width: style.width.unwrap_or(80),
            pages: self.settings.pager,
            cuts: false,
        };
        let mut outlet = Outlet::new(screen, Arc::clone(&self.engine.interrupts), None);
        match outlet.write_all(text.as_bytes()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(OutputError::from(error))?;
            }
            _ => {}
        }
        Ok(outlet.close().map_err(OutputError::from)?)
    }

    /// Writes a text to standard output. That nobody reads it is no failure if results go elsewhere.
    ///
    /// # Errors
    /// If it cannot be written.
    fn print(&self, text: &str) -> Result<()> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe && !self.output.is_stdout() => {
                Ok(())
            }
            written => Ok(written.map_err(OutputError::from)?),
        }
    }

    /// Says something that is neither result nor error, unless the user wants to hear nothing.
    fn note(&self, text: &str) {
        if !self.settings.quiet {
            telling::note(text);
        }
    }

    /// Says what happened to reports and was not said before, and remembers if any failed.
    fn tell(&mut self) {
        let workspace = &mut self.engine.workspace;
        if !self.is_interactive {
            // At the prompt sources are listed in the background, and nobody waits for that.
            workspace.list_missing();
        }
        let told = workspace.tell(self.settings.quiet);
        self.exit = self.exit.max(told);
    }

    /// As [`Self::tell`], at a prompt. A result from which reports are missing says so every time: the
    /// reasons may have been told long ago.
    fn tell_again(&mut self) {
        let before = self.engine.workspace.told.faults;
        self.tell();
        let faults = self.engine.workspace.told.faults;
        if faults > 0 && faults == before {
            let what = if faults == 1 { "a failure" } else { "failures" };
            self.note(&format!(
                "results lack what {what} told before would have given; `\\l` lists them, `\\refresh` tries again"
            ));
        }
    }

    fn now(&self) -> Millis {
        self.clock.now()
    }
}
