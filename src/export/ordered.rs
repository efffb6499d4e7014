//! Work done on all cores whose results come in order: a fixed number of workers, and no more in
//! memory than each of them has ahead.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Items a worker may be ahead.
const AHEAD: usize = 3;

/// Hands something on. `false` when no more is wanted.
pub(super) type Emit<'a, T> = &'a mut dyn FnMut(T) -> bool;

/// Does `work` for each task on all cores, and gives what it emits to `take`, in the order of the
/// tasks, with the number of the task. Returns what the tasks returned, in their order; those that
/// nobody began after `take` has refused are left out.
///
/// # Errors
/// What `take` refuses with.
pub(super) fn in_order<Task: Sync, Item: Send, Outcome: Send, Error>(
    tasks: &[Task],
    work: impl Fn(&Task, Emit<'_, Item>) -> Outcome + Sync,
    mut take: impl FnMut(usize, Item) -> Result<(), Error>,
) -> Result<Vec<Outcome>, Error> {
    let (senders, receivers): (Vec<_>, Vec<_>) = tasks
        .iter()
        .map(|_| sync_channel(AHEAD))
        .map(|(send, receive)| (Some(send), receive))
        .unzip();
    let senders: Vec<Mutex<Option<SyncSender<Item>>>> =
        senders.into_iter().map(Mutex::new).collect();
    let next = AtomicUsize::new(0);
    // Tasks are begun in order, so the one that is waited for is always being worked on.
    let run = || {
        let mut outcomes = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let (Some(task), Some(sender)) = (tasks.get(number), senders.get(number)) else {
                return outcomes;
            };
            let sender = sender.lock().unwrap_or_else(PoisonError::into_inner).take();
            let unless_done = CloseAll(&senders);
            let mut emit = |item| sender.as_ref().is_some_and(|sender| sender.send(item).is_ok());
            outcomes.push((number, work(task, &mut emit)));
            std::mem::forget(unless_done);
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from).min(tasks.len());
    thread::scope(|scope| {
        let handles: Vec<_> = (0..workers).map(|_| scope.spawn(run)).collect();
        let taken = take_all(receivers, &mut take);
        if taken.is_err() {
            next.store(tasks.len(), Ordering::Relaxed);
        }
        let mut outcomes: Vec<(usize, Outcome)> = handles
            .into_iter()
            .flat_map(|handle| handle.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .collect();
        taken?;
        outcomes.sort_by_key(|(number, _)| *number);
        Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
    })
}

/// If the work panics, nobody is to wait for what will not come.
struct CloseAll<'a, Item>(&'a [Mutex<Option<SyncSender<Item>>>]);

impl<Item> Drop for CloseAll<'_, Item> {
    fn drop(&mut self) {
        for sender in self.0 {
            sender.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    }
}

/// Dropping the receivers tells the workers that no more is wanted.
fn take_all<Item, Error>(
    receivers: Vec<Receiver<Item>>,
    take: &mut impl FnMut(usize, Item) -> Result<(), Error>,
) -> Result<(), Error> {
    for (number, receiver) in receivers.into_iter().enumerate() {
        for item in receiver {
            take(number, item)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_in_the_order_of_the_tasks() {
        let tasks: Vec<usize> = (0..50).collect();
        let mut taken = Vec::new();
        let outcomes = in_order(
            &tasks,
            |&task, emit| (0..task % 7).all(|item| emit(task * 10 + item)),
            |number, item| {
                taken.push((number, item));
                Ok::<_, ()>(())
            },
        );
        let expected: Vec<_> = tasks
            .iter()
            .flat_map(|&task| (0..task % 7).map(move |item| (task, task * 10 + item)))
            .collect();
        assert_eq!(taken, expected);
        assert_eq!(outcomes, Ok(vec![true; 50]));
    }

    #[test]
    fn a_refusal_ends_the_work() {
        let tasks: Vec<usize> = (0..1000).collect();
        let begun = AtomicUsize::new(0);
        let outcome = in_order(
            &tasks,
            |_, emit| {
                begun.fetch_add(1, Ordering::Relaxed);
                while emit(()) {}
            },
            |number, ()| if number == 0 { Err("full") } else { Ok(()) },
        );
        assert_eq!(outcome, Err("full"));
        assert!(begun.into_inner() < 1000);
    }

    #[test]
    #[should_panic(expected = "the work is wrong")]
    fn a_panic_goes_on_and_nobody_waits() {
        let tasks: Vec<usize> = (0..100).collect();
        let work = |_: &usize, _: Emit<'_, ()>| -> () { panic!("the work is wrong") };
        let _ = in_order(&tasks, work, |_, ()| Ok::<_, ()>(()));
    }

    #[test]
    fn nothing_to_do_is_done_at_once() {
        let outcome = in_order(&[], |(): &(), _: Emit<'_, ()>| (), |_, ()| Ok::<_, ()>(()));
        assert_eq!(outcome, Ok(Vec::new()));
    }
}
