//! The last result, which the next statement can use as the table `_`.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use crate::error::Result;
use crate::session::Session;

pub(super) use crate::session::LAST_RESULT as NAME;

/// The rows of a result as they come, as long as they take no more memory than they may.
pub(super) struct Keeper {
    budget: usize,
    kept: Option<Kept>,
    has_begun: bool,
}

/// A result that is kept.
pub(super) struct Kept {
    schema: SchemaRef,
    rows: Vec<RecordBatch>,
    bytes: usize,
}

impl Keeper {
    /// Keeps rows of a result up to so many bytes.
    pub(super) fn new(budget: usize) -> Self {
        Self { budget, kept: None, has_begun: false }
    }

    /// The columns of the result.
    pub(super) fn begin(&mut self, schema: SchemaRef) {
        self.kept = Some(Kept { schema, rows: Vec::new(), bytes: 0 });
        self.has_begun = true;
    }

    /// Whether the result has begun to come.
    pub(super) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Keeps some rows, or lets go of all if they become too many.
    pub(super) fn push(&mut self, batch: &RecordBatch) {
        if let Some(kept) = &mut self.kept {
            kept.bytes = kept.bytes.saturating_add(batch.get_array_memory_size());
            kept.rows.push(batch.clone());
            if kept.bytes > self.budget {
                self.kept = None;
            }
        }
    }

    /// The whole result, if all of it was kept.
    pub(super) fn finish(self) -> Option<Kept> {
        self.kept
    }
}

impl Kept {
    /// Makes it the table `_` of a session.
    ///
    /// # Errors
    /// If the session refuses it.
    pub(super) fn offer(&self, session: &Session) -> Result<()> {
        session.keep_rows(NAME, &self.schema, &self.rows)
    }
}
