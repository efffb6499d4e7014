//! Ctrl-C and requests to end, heard whatever the workers are doing.

use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::exit::Exit;
use super::new_file::remove_unfinished;

/// How long an interrupted command may take to end cleanly before it is ended.
const GRACE: Duration = Duration::from_secs(1);

/// The same where queries on a server are stopped first: as many requests as there are queries.
const REMOTE_GRACE: Duration = Duration::from_secs(5);

/// How long a shell that is to end may take to put whole results on a disk that is slow.
const FAREWELL: Duration = Duration::from_secs(5);

/// Between two attempts to wake the line editor of a shell that is to end.
const KNOCK: Duration = Duration::from_millis(100);

/// Two presses of Ctrl-C within this time end a shell that does not come back after the first.
const TWICE: Duration = Duration::from_secs(2);

/// What an interruption does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It ends the command.
    Command,
    /// The same, and a server has to be told first. A second one does not wait for that.
    Remote,
    /// It ends the statement, and the shell goes on.
    Shell,
}

/// What was heard.
#[derive(Debug, Default, Clone, Copy)]
struct Heard {
    /// Ctrl-C, and nothing was done about it yet.
    pressed: bool,
    /// The system wants the program to end.
    ending: bool,
    /// Another program has the terminal, and Ctrl-C is for it.
    away: bool,
}

/// Hears SIGINT, SIGTERM and SIGHUP.
#[derive(Debug)]
pub(crate) struct Interrupts {
    heard: watch::Sender<Heard>,
}

impl Interrupts {
    /// Starts to listen. If the system refuses to let us listen, its own handlers are in force.
    ///
    /// A thread of its own with a runtime of its own: the runtime that queries run on hears signals
    /// only between computations, and a join of millions of rows is one computation. When this
    /// returns, the default handlers, which would leave temporary files behind, are no longer in
    /// force.
    pub(crate) fn listen(manner: Manner) -> Arc<Self> {
        let interrupts = Arc::new(Self { heard: watch::Sender::new(Heard::default()) });
        let (ready, started) = mpsc::channel();
        let heard = Arc::clone(&interrupts);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            if let Ok(runtime) = runtime {
                runtime.block_on(heard.hear(manner, &ready));
            }
        });
        // An error is a thread that could not listen.
        let _ = started.recv();
        interrupts
    }

    /// Forgets a press that something was done about.
    pub(crate) fn clear(&self) {
        self.heard.send_modify(|heard| heard.pressed = false);
    }

    /// Whether what runs should stop.
    pub(crate) fn pressed(&self) -> bool {
        let heard = *self.heard.borrow();
        heard.pressed || heard.ending
    }

    /// Whether the program should end.
    pub(crate) fn ending(&self) -> bool {
        self.heard.borrow().ending
    }

    /// Ends when what runs should stop.
    pub(crate) async fn wait(&self) {
        let mut heard = self.heard.subscribe();
        // The sender lives as long as this does.
        let _ = heard.wait_for(|heard| heard.pressed || heard.ending).await;
    }

    /// Whether another program, such as a pager or an editor, has the terminal: Ctrl-C stops what
    /// feeds it, and however often it is pressed it does not end us.
    pub(crate) fn lend_terminal(&self, away: bool) {
        self.heard.send_modify(|heard| heard.away = away);
    }

    async fn hear(&self, manner: Manner, ready: &mpsc::Sender<()>) {
        let signals = (
            signal(SignalKind::interrupt()),
            signal(SignalKind::terminate()),
            signal(SignalKind::hangup()),
        );
        let _ = ready.send(());
        let (Ok(interrupt), Ok(terminate), Ok(hangup)) = signals else {
            return;
        };
        let mut signals = Signals { interrupt, terminate, hangup };
        match manner {
            Manner::Command => {
                signals.any().await;
                self.heard.send_modify(|heard| heard.pressed = true);
                tokio::time::sleep(GRACE).await;
                end();
            }
            Manner::Remote => {
                signals.any().await;
                self.heard.send_modify(|heard| heard.pressed = true);
                let _ = tokio::time::timeout(REMOTE_GRACE, signals.any()).await;
                end();
            }
            Manner::Shell => self.hear_shell(&mut signals).await,
        }
    }

    async fn hear_shell(&self, signals: &mut Signals) {
        let mut recent = false;
        loop {
            let next = signals.any();
            let wish = if recent {
                let Ok(wish) = tokio::time::timeout(TWICE, next).await else {
                    recent = false;
                    continue;
                };
                wish
            } else {
                next.await
            };
            let heard = *self.heard.borrow();
            match wish {
                Wish::End => break,
                Wish::Stop if recent && heard.pressed && !heard.away => end(),
                Wish::Stop => self.heard.send_modify(|heard| heard.pressed = true),
            }
            recent = true;
        }
        self.heard.send_modify(|heard| heard.ending = true);
        // While a line is edited the editor alone hears signals, and of these only this one. Again
        // and again: it begins to listen a moment after it has shown its prompt.
        let process = rustix::process::getpid();
        let mut left = FAREWELL;
        while let Some(rest) = left.checked_sub(KNOCK) {
            let _ = rustix::process::kill_process(process, rustix::process::Signal::INT);
            tokio::time::sleep(KNOCK).await;
            left = rest;
        }
        end();
    }
}

/// What a signal asks for.
#[derive(Debug, PartialEq, Eq)]
enum Wish {
    Stop,
    End,
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    async fn any(&mut self) -> Wish {
        tokio::select! {
            _ = self.interrupt.recv() => Wish::Stop,
            _ = self.terminate.recv() => Wish::End,
            _ = self.hangup.recv() => Wish::End,
        }
    }
}

/// Ends a run that cannot end by itself: its reader has stopped reading, or a computation does not
/// look up. Results on standard output are then incomplete, as the exit code says; files of `-o`
/// are in their place only when whole.
#[expect(clippy::exit, reason = "the thread that should return is the one that is stuck")]
fn end() {
    remove_unfinished();
    std::process::exit(i32::from(Exit::Interrupted.code()));
}
