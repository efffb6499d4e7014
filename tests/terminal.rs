//! A terminal for a program to run in: keys go in, and what a person would see comes out.
//!
//! Nothing here waits for a time to pass. A wait looks until what it waits for is there, and fails
//! with the screen when that takes longer than any working program would need.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::Pty;
use rustix::process::{Pid, Signal, kill_process_group};
use rustix::termios::{LocalModes, tcgetattr, tcgetpgrp};

/// What the shell shows when it is ready for a statement.
pub(crate) const PROMPT: &str = "credsql> ";

/// The prompt at the start of a row, without the blank after it; with `\asof` it says what time it
/// is.
fn prompt_of(row: &str) -> Option<&str> {
    let (prompt, _) = row.split_at(row.find('>')? + 1);
    let time = prompt.strip_prefix("credsql")?.strip_suffix('>')?;
    let is_time = time.starts_with('@') && !time.contains(char::is_whitespace);
    (time.is_empty() || is_time).then_some(prompt)
}

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Between two looks at what tells nobody when it changes.
const LOOK: Duration = Duration::from_millis(5);

/// A prompt is there to stay when nothing was written for so long.
const QUIET: Duration = Duration::from_millis(30);

/// Rows that are kept after they left the screen.
const SCROLLBACK: usize = 20_000;

/// A key that is no character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    Tab,
    Enter,
    Backspace,
    Delete,
    /// With a character after it, what Alt and that character are.
    Esc,
    /// Control and a letter: `Ctrl('c')`.
    Ctrl(char),
}

impl Key {
    /// What a terminal sends; `application` is how it spells cursor keys when it is told to.
    fn bytes(self, application: bool) -> Vec<u8> {
        let cursor = |letter: char| format!("\x1b{}{letter}", if application { 'O' } else { '[' });
        match self {
            Self::Up => cursor('A'),
            Self::Down => cursor('B'),
            Self::Right => cursor('C'),
            Self::Left => cursor('D'),
            Self::Home => cursor('H'),
            Self::End => cursor('F'),
            Self::Tab => "\t".to_owned(),
            Self::Enter => "\r".to_owned(),
            Self::Backspace => "\x7f".to_owned(),
            Self::Delete => "\x1b[3~".to_owned(),
            Self::Esc => "\x1b".to_owned(),
            Self::Ctrl(letter) => char::from(letter as u8 & 0x1f).to_string(),
        }
        .into_bytes()
    }
}

/// What the emulator is asked, and what it cannot tell by itself.
#[derive(Default)]
struct Aside {
    /// Answers to be sent to the program.
    answers: Vec<u8>,
    /// Rows that were dropped from the scrollback.
    dropped: usize,
}

impl vt100::Callbacks for Aside {
    fn unhandled_csi(
        &mut self,
        screen: &mut vt100::Screen,
        mark: Option<u8>,
        _: Option<u8>,
        params: &[&[u16]],
        last: char,
    ) {
        match (mark, last, params.first().and_then(|param| param.first())) {
            (None, 'n', Some(5)) => self.answers.extend(b"\x1b[0n"),
            (None, 'n', Some(6)) => {
                let (row, column) = screen.cursor_position();
                self.answers.extend(format!("\x1b[{};{}R", row + 1, column + 1).into_bytes());
            }
            (None, 'c', None | Some(0)) => self.answers.extend(b"\x1b[?62;22c"),
            _ => {}
        }
    }

    fn on_scroll(&mut self, _: vt100::capture::RowContents<'_>, alternate: bool) {
        self.dropped += usize::from(!alternate);
    }
}

/// What came out of the program so far.
struct Shown {
    parser: vt100::Parser<Aside>,
    raw: Vec<u8>,
    changed: Instant,
    /// The reader leaves what the program writes where it is.
    held: bool,
    /// Nothing more will come.
    closed: bool,
}

impl Shown {
    /// The rows of the screen, without blanks at their ends.
    fn rows(&self) -> Vec<String> {
        let screen = self.parser.screen();
        let (_, columns) = screen.size();
        screen.rows(0, columns.get()).map(|row| row.trim_end().to_owned()).collect()
    }

    fn screen(&self) -> String {
        self.rows().join("\n").trim_end().to_owned()
    }

    /// The number of the first row of the screen, counted from the start of the program.
    fn top(&self) -> usize {
        self.parser.callbacks().dropped + self.parser.screen().scrollback_len()
    }

    /// The number of the row that the cursor is in.
    fn cursor_row(&self) -> usize {
        self.top() + usize::from(self.parser.screen().cursor_position().0)
    }

    /// Everything from this row on; a line that was broken at the edge is one line again. While a
    /// program has the alternate screen, that screen is all there is.
    fn lines_from(&mut self, from: usize) -> Vec<String> {
        let (top, dropped) = (self.top(), self.parser.callbacks().dropped);
        let screen = self.parser.screen_mut();
        let (height, columns) = screen.size();
        let (height, columns) = (usize::from(height.get()), columns.get());
        let mut lines = Vec::new();
        let mut whole = true;
        let mut row = if screen.alternate_screen() { top } else { from.max(dropped) };
        while row < top + height {
            screen.set_scrollback(top.saturating_sub(row));
            let skipped = row.saturating_sub(top);
            for (position, text) in screen.rows(0, columns).enumerate().skip(skipped) {
                match lines.last_mut() {
                    Some(line) if !whole => *line = format!("{line}{text}"),
                    _ => lines.push(text),
                }
                whole = !u16::try_from(position).is_ok_and(|row| screen.row_wrapped(row));
                row += 1;
            }
        }
        screen.set_scrollback(0);
        for line in &mut lines {
            line.truncate(line.trim_end().len());
        }
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    }

    /// The row of a prompt with nothing after it: the last thing on the screen, with the cursor.
    fn prompt_row(&self) -> Option<usize> {
        let (row, column) = self.parser.screen().cursor_position();
        let rows = self.rows();
        let last = rows.iter().rposition(|row| !row.is_empty())?;
        let ready = prompt_of(&rows[last]) == Some(&rows[last])
            && last == usize::from(row)
            && usize::from(column) == rows[last].len() + 1;
        ready.then(|| self.cursor_row())
    }

    /// Whether there is a prompt below the one that was answered, and it is there to stay.
    fn ready(&self, answered: Option<usize>) -> bool {
        self.prompt_row().is_some_and(|row| answered.is_none_or(|answered| row > answered))
            && self.changed.elapsed() >= QUIET
    }
}

struct Shared {
    shown: Mutex<Shown>,
    news: Condvar,
}

impl Shared {
    /// What is shown. A test that fails while it looks has changed nothing.
    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A terminal with a program in it; both go away together.
pub(crate) struct Terminal {
    child: Child,
    pty: Arc<Pty>,
    shared: Arc<Shared>,
    keys: Sender<Vec<u8>>,
    /// The prompt that was answered; the next one is below it.
    answered: Option<usize>,
    /// Whether the program edits lines itself, and so takes keys one by one at its prompt.
    edits: bool,
    home: tempfile::TempDir,
}

impl Terminal {
    /// Runs a program in a terminal of this size, as in a new login of a person who has set up
    /// nothing. Only what the command says of the environment is added to that.
    pub(crate) fn open(mut command: Command, rows: u16, columns: u16) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let own: Vec<_> = command
            .get_envs()
            .map(|(name, value)| (name.to_owned(), value.map(ToOwned::to_owned)))
            .collect();
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home.path())
            .env("XDG_STATE_HOME", home.path().join("state"))
            .env("TERM", "xterm-256color")
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC");
        let mut edits = true;
        if command.get_current_dir().is_none() {
            command.current_dir(home.path());
        }
        for (name, value) in own {
            edits &= !(name == "TERM" && value.as_ref().is_some_and(|value| value == "dumb"));
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let (pty, pts) = pty_process::blocking::open().expect("there are pseudo-terminals");
        pty.resize(Size::new(rows, columns)).expect("a terminal has a size");
        let child = pty_process::blocking::Command::from(command)
            .spawn(pts)
            .expect("the program starts in the terminal");
        let pty = Arc::new(pty);
        let parser = vt100::Parser::new_with_callbacks(
            cells(rows),
            cells(columns),
            SCROLLBACK,
            Aside::default(),
        );
        let shown =
            Shown { parser, raw: Vec::new(), changed: Instant::now(), held: false, closed: false };
        let shared = Arc::new(Shared { shown: Mutex::new(shown), news: Condvar::new() });
        // Two threads: neither does a program wait for a test that does not look, nor a test for a
        // program that does not read.
        let (keys, typed) = channel::<Vec<u8>>();
        let (source, target, answers) = (Arc::clone(&pty), Arc::clone(&shared), keys.clone());
        thread::spawn(move || read(&source, &target, &answers));
        let sink = Arc::clone(&pty);
        thread::spawn(move || {
            // A program that has ended reads no more.
            while typed.recv().is_ok_and(|bytes| (&*sink).write_all(&bytes).is_ok()) {}
        });
        Self { child, pty, shared, keys, answered: None, edits, home }
    }

    /// Types text as it is.
    pub(crate) fn send(&mut self, text: &str) {
        self.bytes(text.as_bytes().to_vec());
    }

    /// Types text and Enter.
    pub(crate) fn line(&mut self, text: &str) {
        self.send(&format!("{text}\r"));
    }

    /// Presses a key.
    pub(crate) fn key(&mut self, key: Key) {
        let application = self.shared.lock().parser.screen().application_cursor();
        self.bytes(key.bytes(application));
    }

    /// Pastes text: a terminal marks it, if the program wishes, and its line ends are Enter.
    pub(crate) fn paste(&mut self, text: &str) {
        let text = text.replace('\n', "\r");
        let marked = self.shared.lock().parser.screen().bracketed_paste();
        self.send(&if marked { format!("\x1b[200~{text}\x1b[201~") } else { text });
    }

    fn bytes(&mut self, bytes: Vec<u8>) {
        if bytes.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 3 | 4)) {
            let shown = self.shared.lock();
            let (row, _) = shown.parser.screen().cursor_position();
            let rows = shown.rows();
            let at_prompt = rows.get(usize::from(row)).and_then(|row| prompt_of(row)).is_some();
            self.answered = at_prompt.then(|| shown.cursor_row());
        }
        // If the program has ended, the next wait says so.
        let _ = self.keys.send(bytes);
    }

    /// Waits until the screen is as wished.
    #[track_caller]
    pub(crate) fn wait_until(&mut self, what: &str, mut wish: impl FnMut(&str) -> bool) {
        self.wait(what, |shown| wish(&shown.screen()));
    }

    /// Waits until the text was seen, on the screen or above it.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) {
        let mut from = 0;
        self.wait(&format!("{text:?}"), |shown| {
            let found = shown.lines_from(from).iter().any(|line| line.contains(text));
            // A line may have been broken over the top of the screen.
            from = shown.top().saturating_sub(text.len());
            found
        });
    }

    /// Waits until the line that the cursor is in is exactly this, after the prompt.
    #[track_caller]
    pub(crate) fn wait_input(&mut self, text: &str) {
        let line = format!("{PROMPT}{text}");
        self.wait(&format!("the line {line:?}"), |shown| {
            let (row, _) = shown.parser.screen().cursor_position();
            shown.rows()[usize::from(row)] == line.trim_end()
        });
    }

    /// Waits for a prompt that nothing was typed at, after the one that was last answered.
    #[track_caller]
    pub(crate) fn wait_prompt(&mut self) {
        let (answered, pty, edits) = (self.answered, Arc::clone(&self.pty), self.edits);
        self.wait("a prompt", |shown| shown.ready(answered) && (!edits || takes_keys(&pty)));
        self.answered = None;
    }

    /// Waits until there is a prompt, or the program has ended; tells whether there is a prompt.
    #[track_caller]
    pub(crate) fn wait_prompt_or_end(&mut self) -> bool {
        let (answered, pty) = (self.answered, Arc::clone(&self.pty));
        let mut ended = false;
        self.wait("a prompt or the end", |shown| {
            ended = shown.closed;
            ended || shown.ready(answered) && takes_keys(&pty)
        });
        !ended
    }

    /// Waits until the program works on what was typed: a key is now the terminal's own business,
    /// and Ctrl-C is a signal.
    #[track_caller]
    pub(crate) fn wait_taken(&mut self) {
        let pty = Arc::clone(&self.pty);
        self.wait("the end of editing", |_| !takes_keys(&pty));
    }

    /// Types a line, waits for the next prompt, and returns what was written in between.
    #[track_caller]
    pub(crate) fn run(&mut self, line: &str) -> String {
        let from = self.mark();
        self.line(line);
        self.wait_prompt();
        let mut lines = self.since(from);
        lines.pop();
        // An editor may break what is typed itself, and blanks at the edge are not seen.
        let dense = |text: &str| text.split_whitespace().collect::<String>();
        let prompt = lines.first().and_then(|line| prompt_of(line)).unwrap_or_default();
        let mut echo = dense(&format!("{prompt}{line}"));
        let typed = lines.iter().take_while(|line| {
            let rest = echo.strip_prefix(&dense(line)).map(ToOwned::to_owned);
            let is_echo = !echo.is_empty() && rest.is_some();
            echo = rest.unwrap_or_default();
            is_echo
        });
        let typed = typed.count();
        lines.split_off(typed).join("\n")
    }

    /// The row of the cursor, to be given to [`Self::since`].
    pub(crate) fn mark(&self) -> usize {
        self.shared.lock().cursor_row()
    }

    /// The lines from a row on.
    pub(crate) fn since(&self, mark: usize) -> Vec<String> {
        self.shared.lock().lines_from(mark)
    }

    #[track_caller]
    fn wait(&mut self, what: &str, mut done: impl FnMut(&mut Shown) -> bool) {
        let end = Instant::now() + PATIENCE;
        let mut shown = self.shared.lock();
        while !done(&mut shown) {
            let screen = shown.screen();
            assert!(!shown.closed, "the program ended before {what}; the screen:\n{screen}");
            assert!(Instant::now() < end, "{what} did not come; the screen:\n{screen}");
            (shown, _) =
                self.shared.news.wait_timeout(shown, LOOK).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// What is on the screen, without blanks at the ends of its rows and rows at its end.
    pub(crate) fn screen(&self) -> String {
        self.shared.lock().screen()
    }

    /// All text since the program started; of a program with the alternate screen, what it shows.
    pub(crate) fn seen(&self) -> String {
        self.since(0).join("\n")
    }

    /// All bytes since the program started.
    pub(crate) fn raw(&self) -> Vec<u8> {
        self.shared.lock().raw.clone()
    }

    /// Whether a program, such as a pager, has the alternate screen.
    pub(crate) fn alternate(&self) -> bool {
        self.shared.lock().parser.screen().alternate_screen()
    }

    /// The cursor on the screen: row and column from 0.
    pub(crate) fn cursor(&self) -> (u16, u16) {
        self.shared.lock().parser.screen().cursor_position()
    }

    /// Makes the terminal another size, as a person does with a window.
    pub(crate) fn resize(&mut self, rows: u16, columns: u16) {
        let mut shown = self.shared.lock();
        shown.parser.set_size(cells(rows), cells(columns));
        shown.changed = Instant::now();
        drop(shown);
        self.pty.resize(Size::new(rows, columns)).expect("a terminal has a size");
    }

    /// Stops to take what the program writes, but for the piece that is being taken. When the
    /// terminal's buffer is full, the program waits.
    pub(crate) fn hold(&mut self) {
        self.shared.lock().held = true;
    }

    /// Goes on after [`Self::hold`].
    pub(crate) fn release(&mut self) {
        self.shared.lock().held = false;
        self.shared.news.notify_all();
    }

    /// The home of the person at the terminal, where the program was started.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// The number of the program's process.
    pub(crate) fn process(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Waits until the program has ended and all it wrote is shown.
    #[track_caller]
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        loop {
            let status = self.child.try_wait().expect("the program can be asked");
            let shown = self.shared.lock();
            if let Some(status) = status
                && (shown.closed || shown.held)
            {
                return status;
            }
            let screen = shown.screen();
            assert!(Instant::now() < end, "the program did not end; the screen:\n{screen}");
            drop(shown);
            thread::sleep(LOOK);
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A pager may have a group of its own. What has already gone cannot be ended.
        if let Ok(front) = tcgetpgrp(&*self.pty) {
            let _ = kill_process_group(front, Signal::KILL);
        }
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
            let _ = self.child.wait();
        }
        self.release();
    }
}

/// Takes what the program writes, and answers what it asks, until it has ended.
fn read(pty: &Pty, shared: &Shared, answers: &Sender<Vec<u8>>) {
    let mut buffer = [0; 1 << 14];
    loop {
        // An error is a terminal that no program has open any more.
        let count = (&*pty).read(&mut buffer).unwrap_or(0);
        let held = shared.lock();
        let mut shown = shared
            .news
            .wait_while(held, |shown| shown.held)
            .unwrap_or_else(PoisonError::into_inner);
        shown.raw.extend_from_slice(&buffer[..count]);
        shown.parser.process(&buffer[..count]);
        shown.changed = Instant::now();
        shown.closed = count == 0;
        let answer = std::mem::take(&mut shown.parser.callbacks_mut().answers);
        drop(shown);
        shared.news.notify_all();
        if count == 0 {
            return;
        }
        if !answer.is_empty() {
            // The other thread has ended with the program.
            let _ = answers.send(answer);
        }
    }
}

/// Whether the program gets every key at once, as a line editor does.
fn takes_keys(pty: &Pty) -> bool {
    tcgetattr(pty).is_ok_and(|modes| !modes.local_modes.contains(LocalModes::ICANON))
}

fn cells(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("a screen has rows and columns")
}
