//! A progress line on standard error, for runs that take longer than half a second.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};

use crate::athena::engine::Engine;
use crate::table::collection::Collection;

/// Before this nobody wonders.
const PATIENCE: Duration = Duration::from_millis(500);

/// Between looks at the counters.
const TICK: Duration = Duration::from_millis(100);

/// The line; it goes away when results come or the run ends. Draws nothing when standard error is
/// no terminal.
pub(crate) struct ProgressLine {
    stopped: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl ProgressLine {
    /// Starts to watch.
    #[must_use]
    pub(crate) fn start(collection: Arc<Collection>, quiet: bool) -> Self {
        Self::watching(collection, None, quiet)
    }

    /// Starts to watch Athena as well, if statements run there.
    #[must_use]
    pub(crate) fn watching(
        collection: Arc<Collection>,
        athena: Option<Arc<Engine>>,
        quiet: bool,
    ) -> Self {
        let stopped = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&stopped);
        let wanted = !quiet && std::io::IsTerminal::is_terminal(&std::io::stderr());
        let thread =
            wanted.then(|| thread::spawn(move || watch(&collection, athena.as_deref(), &seen)));
        Self { stopped, thread }
    }

    /// No line.
    #[must_use]
    pub(crate) fn none() -> Self {
        Self { stopped: Arc::default(), thread: None }
    }

    /// Takes the line away.
    pub(crate) fn stop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A panic in drawing is no reason to fail.
            let _ = thread.join();
        }
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.stop();
    }
}

fn watch(collection: &Collection, athena: Option<&Engine>, stopped: &AtomicBool) {
    thread::park_timeout(PATIENCE);
    if stopped.load(Ordering::Relaxed) {
        return;
    }
    let bar = ProgressBar::new(0);
    let style = |template| ProgressStyle::with_template(template).ok();
    let reading = style("{spinner} reading reports {bar:30} {pos}/{len}  {elapsed}");
    let asking = style("{spinner} asking AWS for reports {bar:30} {pos}/{len}  {elapsed}");
    let working = style("{spinner} working, Ctrl-C stops  {elapsed}");
    let away = style("{spinner} running on Athena, Ctrl-C stops: {msg} read  {elapsed}");
    let writing = style("{spinner} writing days {bar:20} {pos}/{len}  {msg}  {elapsed}");
    while !stopped.load(Ordering::Relaxed) {
        let reports = collection.progress.reports.load(Ordering::Relaxed);
        let done = collection.progress.done.load(Ordering::Relaxed);
        let accounts = collection.asking.total.load(Ordering::Relaxed);
        let answered = collection.asking.done.load(Ordering::Relaxed);
        let written = &collection.written;
        let days = written.days.load(Ordering::Relaxed);
        let running = athena.filter(|athena| athena.meter.running() > 0);
        let (style, done, reports) = if let Some(athena) = running {
            bar.set_message(athena.meter.scanned());
            (&away, done, reports)
        } else if answered < accounts {
            (&asking, answered, accounts)
        } else if days > 0 {
            let rows = HumanCount(written.rows.load(Ordering::Relaxed));
            let bytes = HumanBytes(written.bytes.load(Ordering::Relaxed));
            bar.set_message(format!("{done}/{reports} reports, {rows} rows, {bytes}"));
            (&writing, written.done.load(Ordering::Relaxed), days)
        } else {
            (if done < reports { &reading } else { &working }, done, reports)
        };
        if let Some(style) = style {
            bar.set_style(style.clone());
        }
        bar.set_length(reports);
        bar.set_position(done);
        bar.tick();
        thread::park_timeout(TICK);
    }
    bar.finish_and_clear();
}
