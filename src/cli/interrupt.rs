//! Ctrl-C and requests to end, heard whatever the workers are doing.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use super::exit::Exit;

/// How long an interrupted run may take to end cleanly before it is ended.
const GRACE: Duration = Duration::from_secs(1);

/// Starts to listen for SIGINT, SIGTERM and SIGHUP. The receiver gets a word at the first of them;
/// it never does if the system refuses to let us listen, and then the system's own handlers are in
/// force.
///
/// A thread of its own with a runtime of its own: the runtime that queries run on hears signals
/// only between computations, and a join of millions of rows is one computation. When this returns,
/// the default handlers, which would leave temporary files behind, are no longer in force.
pub(super) fn listen() -> oneshot::Receiver<()> {
    let (heard, receiver) = oneshot::channel();
    let (ready, started) = mpsc::channel();
    thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
            return;
        };
        let any = runtime.block_on(async {
            let mut signals = (
                signal(SignalKind::interrupt()),
                signal(SignalKind::terminate()),
                signal(SignalKind::hangup()),
            );
            let _ = ready.send(());
            let (Ok(interrupt), Ok(terminate), Ok(hangup)) =
                (&mut signals.0, &mut signals.1, &mut signals.2)
            else {
                return false;
            };
            tokio::select! {
                _ = interrupt.recv() => true,
                _ = terminate.recv() => true,
                _ = hangup.recv() => true,
            }
        });
        if any && heard.send(()).is_ok() {
            thread::sleep(GRACE);
            end();
        }
    });
    // An error is a thread that could not listen.
    let _ = started.recv();
    receiver
}

/// Ends a run that cannot end by itself: its reader has stopped reading, or a computation does not
/// look up. Results on standard output are then incomplete, as the exit code says; files of `-o`
/// are in their place only when whole.
#[expect(clippy::exit, reason = "the thread that should return is the one that is stuck")]
fn end() {
    std::process::exit(i32::from(Exit::Interrupted.code()));
}
