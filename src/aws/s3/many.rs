//! Many objects at once: so many that the line is full, so few that memory is not.

use std::collections::HashMap;

use crate::aws::trouble::{Kind, Result, Trouble};
use bytes::Bytes;
use tokio::task::{Id, JoinSet};

use super::bucket::Bucket;
use super::list::Object;

impl Bucket {
    /// Reads many objects. They are begun in their order and come as they are ready, each with its
    /// place among `objects`; what cannot be read comes as an error and stops nothing.
    ///
    /// At most `concurrency` are on their way at once, and no more than `byte_budget` bytes by their
    /// listed size; an object larger than that goes alone. Must be called on a runtime of tokio, whose
    /// threads share the work. If the future is dropped, so are the requests.
    pub async fn get_many(
        &self,
        objects: &[Object],
        concurrency: usize,
        byte_budget: u64,
        mut on_each: impl FnMut(usize, Result<Bytes>),
    ) {
        let mut waiting = objects.iter().enumerate().peekable();
        let mut flying = Flying { tasks: JoinSet::new(), known: HashMap::new(), bytes: 0 };
        loop {
            while let Some((_, object)) = waiting.peek()
                && flying.has_room(object.size, concurrency, byte_budget)
                && let Some((index, object)) = waiting.next()
            {
                flying.start(self.clone(), index, object.clone());
            }
            let Some((index, answer)) = flying.next().await else {
                return;
            };
            on_each(index, answer);
        }
    }
}

/// What is on its way.
struct Flying {
    tasks: JoinSet<Result<Bytes>>,
    /// Place and size of each.
    known: HashMap<Id, (usize, u64)>,
    bytes: u64,
}

impl Flying {
    fn has_room(&self, size: u64, concurrency: usize, byte_budget: u64) -> bool {
        self.tasks.is_empty()
            || (self.tasks.len() < concurrency && self.bytes.saturating_add(size) <= byte_budget)
    }

    fn start(&mut self, bucket: Bucket, index: usize, object: Object) {
        let size = object.size;
        let task = self.tasks.spawn(async move { bucket.get(&object).await });
        self.known.insert(task.id(), (index, size));
        self.bytes = self.bytes.saturating_add(size);
    }

    async fn next(&mut self) -> Option<(usize, Result<Bytes>)> {
        loop {
            let (id, answer) = match self.tasks.join_next_with_id().await? {
                Ok((id, answer)) => (id, answer),
                Err(error) => {
                    let text = "reading an object ended without an answer";
                    (error.id(), Err(Trouble::new(Kind::Other, text)))
                }
            };
            if let Some((index, size)) = self.known.remove(&id) {
                self.bytes = self.bytes.saturating_sub(size);
                return Some((index, answer));
            }
        }
    }
}
