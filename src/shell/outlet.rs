//! The way to a terminal: straight if everything fits the screen, otherwise through a pager.

use std::io::{self, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use unicode_width::UnicodeWidthStr;

use crate::run::interrupt::Interrupts;
use crate::run::progress::ProgressLine;
use crate::run::telling;

/// Lines of the screen that the footer and the next prompt take.
const RESERVED: usize = 3;

/// What the system's shell says of a command that it cannot run (POSIX, "Exit Status for Commands").
const NOT_EXECUTABLE: i32 = 126;
const NOT_FOUND: i32 = 127;

/// More than a pipe takes in before somebody reads it (64 KiB on Linux): a pager that was given more
/// has run.
const PIPE: usize = 128 << 10;

/// Bytes between two looks at whether Ctrl-C was pressed.
const CHUNK: usize = 8 << 10;

/// How an outlet behaves.
pub(super) struct Screenful {
    /// Lines of the terminal.
    pub(super) height: usize,
    /// Columns of the terminal.
    pub(super) width: usize,
    /// Whether a pager may be used.
    pub(super) pages: bool,
    /// Whether lines that are too long are cut at the edge, where the pager can go right.
    pub(super) cuts: bool,
}

/// Something to write to; its clones write to the same place.
#[derive(Clone)]
pub(super) struct Outlet(Arc<Mutex<Inner>>);

struct Inner {
    screen: Screenful,
    state: State,
    interrupts: Arc<Interrupts>,
    /// Taken away before the first byte is written.
    progress: Option<ProgressLine>,
}

enum State {
    /// Not yet more than fits the screen.
    Held(Vec<u8>),
    /// Straight to the terminal.
    Direct,
    /// To a pager, with what it was given so far, as long as that is little.
    Paged(Child, Vec<u8>),
}

impl Outlet {
    /// Begins to collect.
    pub(super) fn new(
        screen: Screenful,
        interrupts: Arc<Interrupts>,
        progress: Option<ProgressLine>,
    ) -> Self {
        // On a dumb terminal a pager is of no use.
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let state = if screen.pages && !dumb { State::Held(Vec::new()) } else { State::Direct };
        Self(Arc::new(Mutex::new(Inner { screen, state, interrupts, progress })))
    }

    /// Writes what is still held, and waits until the user leaves the pager.
    ///
    /// # Errors
    /// If the terminal cannot be written to.
    pub(super) fn close(&self) -> io::Result<()> {
        self.lock().close()
    }

    /// Whether the user reads in a pager.
    pub(super) fn is_paged(&self) -> bool {
        matches!(self.lock().state, State::Paged(..))
    }

    /// Tells a pager that nothing more comes.
    pub(super) fn end_input(&self) {
        if let State::Paged(child, _) = &mut self.lock().state {
            drop(child.stdin.take());
        }
    }

    /// Whether the user has left the pager.
    pub(super) fn has_ended(&self) -> bool {
        match &mut self.lock().state {
            State::Paged(child, _) => !matches!(child.try_wait(), Ok(None)),
            State::Held(_) | State::Direct => false,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut inner = self.lock();
        if inner.interrupts.pressed() {
            return Err(io::Error::other("interrupted"));
        }
        // A terminal that is slow must not keep us from looking.
        inner.write(bytes.get(..CHUNK).unwrap_or(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.lock().flush()
    }
}

impl Inner {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.state {
            State::Held(held) => {
                held.extend_from_slice(bytes);
                let held = std::mem::take(held);
                if self.screen.fits(&held) {
                    self.state = State::Held(held);
                } else {
                    self.open_pager();
                    self.put(&held)?;
                }
                Ok(bytes.len())
            }
            State::Direct | State::Paged(..) => {
                self.put(bytes)?;
                Ok(bytes.len())
            }
        }
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.progress = None;
        let State::Paged(child, given) = &mut self.state else {
            return io::stdout().lock().write_all(bytes);
        };
        if given.len() < PIPE {
            given.extend_from_slice(bytes);
        }
        let written = match &mut child.stdin {
            Some(stdin) => stdin.write_all(bytes),
            None => Ok(()),
        };
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                if self.end_pager()? {
                    Ok(())
                } else {
                    Err(error)
                }
            }
            written => written,
        }
    }

    /// Waits for the pager to end. If it could not be run at all, what it was given is shown here,
    /// and so is what comes: then it is `true`.
    fn end_pager(&mut self) -> io::Result<bool> {
        let State::Paged(child, given) = &mut self.state else {
            return Ok(false);
        };
        drop(child.stdin.take());
        let ended = child.wait();
        let given = std::mem::take(given);
        self.interrupts.lend_terminal(false);
        let cannot_run = matches!(ended?.code(), Some(NOT_EXECUTABLE | NOT_FOUND));
        if cannot_run {
            self.state = State::Direct;
            telling::note(
                "the pager cannot be run; `\\pager off` does without, PAGER names another",
            );
            io::stdout().lock().write_all(&given)?;
        }
        Ok(cannot_run)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.state {
            State::Paged(Child { stdin: Some(stdin), .. }, _) => stdin.flush(),
            State::Held(_) | State::Paged(..) => Ok(()),
            State::Direct => io::stdout().lock().flush(),
        }
    }

    fn open_pager(&mut self) {
        self.progress = None;
        match pager(&self.screen).map(|mut command| command.stdin(Stdio::piped()).spawn()) {
            Some(Ok(child)) => {
                self.interrupts.lend_terminal(true);
                self.state = State::Paged(child, Vec::new());
            }
            Some(Err(_)) | None => self.state = State::Direct,
        }
    }

    fn close(&mut self) -> io::Result<()> {
        self.progress = None;
        if let State::Held(held) = &mut self.state {
            let held = std::mem::take(held);
            self.state = State::Direct;
            self.put(&held)?;
        }
        self.end_pager()?;
        self.state = State::Direct;
        io::stdout().lock().flush()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if matches!(self.state, State::Paged(..)) {
            // What is held is not worth an error by now; the pager must not outlive us.
            let _ = self.close();
        }
    }
}

impl Screenful {
    /// Whether a text can be seen as a whole.
    fn fits(&self, text: &[u8]) -> bool {
        let room = self.height.saturating_sub(RESERVED).max(1);
        let mut lines = 0;
        for line in String::from_utf8_lossy(text).lines() {
            let width = if line.len() <= self.width { 0 } else { visible_width(line) };
            if self.cuts && width > self.width {
                return false;
            }
            lines += width.div_ceil(self.width.max(1)).max(1);
        }
        lines <= room
    }
}

/// The columns a line takes, colours not counted.
fn visible_width(line: &str) -> usize {
    let mut parts = line.split('\x1b');
    let first = parts.next().unwrap_or_default().width();
    // Our own sequences alone are here, and all of them end with an m.
    let after = |part: &str| part.split_once('m').map_or(0, |(_, text)| text.width());
    first + parts.map(after).sum::<usize>()
}

/// The user's pager, or less. `None` if the user wants none.
fn pager(screen: &Screenful) -> Option<Command> {
    let cuts = if screen.cuts { "S" } else { "" };
    let mut command = match std::env::var("PAGER") {
        Ok(text) if matches!(text.trim(), "" | "cat") => return None,
        Ok(text) => {
            let mut command = Command::new("/bin/sh");
            command.arg("-c").arg(text);
            command
        }
        Err(_) => Command::new("less"),
    };
    if std::env::var_os("LESS").is_none() {
        // Not F, which leaves at once if there are few lines, however far they go to the right:
        // that they do not fit is known.
        command.env("LESS", format!("{cuts}RX"));
    }
    Some(command)
}
