//! Waiting for AWS from code that blocks.
//!
//! Calls run on threads of their own: a query that computes must not keep answers waiting, and code
//! that waits may itself run on any thread.

use std::future::Future;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use crate::aws::trouble::{Kind, Result, Trouble};

/// Between looks at whether the run was interrupted.
const LOOK: Duration = Duration::from_millis(20);

/// Threads: answers are small, and decoding them is left to others.
const THREADS: usize = 2;

static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();

fn runtime() -> Result<&'static Runtime> {
    let make = || {
        Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("aws")
            .enable_all()
            .build()
            .ok()
    };
    RUNTIME.get_or_init(make).as_ref().ok_or_else(|| {
        Trouble::new(Kind::Other, "the system gives no threads to speak to AWS with")
    })
}

/// Starts work that nobody waits for here. It outlives the runtime that queries run on, so that it can
/// put in order what an interruption leaves behind.
///
/// # Errors
/// If the system gives no threads.
pub fn spawn(work: impl Future<Output = ()> + Send + 'static) -> Result<()> {
    runtime()?.spawn(work);
    Ok(())
}

/// Waits for a call until it is done or the run is interrupted; then the call is given up.
///
/// # Errors
/// Those of the call, and [`Kind::Interrupted`].
pub fn wait<T: Send + 'static>(
    cancelled: &AtomicBool,
    call: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let (done, answer) = mpsc::sync_channel(1);
    let task = runtime()?.spawn(async move {
        // Nobody waits any more if the run was interrupted.
        let _ = done.send(call.await);
    });
    loop {
        match answer.recv_timeout(LOOK) {
            Ok(answer) => return answer,
            Err(RecvTimeoutError::Timeout) if cancelled.load(Ordering::Relaxed) => {
                task.abort();
                return Err(Trouble::interrupted());
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Trouble::new(Kind::Other, "a call to AWS ended without an answer"));
            }
        }
    }
}
