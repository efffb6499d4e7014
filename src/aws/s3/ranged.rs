//! An object read as a file is: piece by piece, by code that blocks.

use std::fmt;
use std::io::{self, Read};

use crate::aws::trouble::Result;
use bytes::{Buf, Bytes};
use futures::future::BoxFuture;

use super::bucket::Bucket;
use super::list::Object;

/// The first piece: enough to tell what an object is.
const FIRST: u64 = 64 << 10;
/// Every other piece.
const PIECE: u64 = 8 << 20;

/// One piece on its way.
pub type Fetch = BoxFuture<'static, Result<Bytes>>;

/// Reads an object in pieces, a small one first. No piece is asked for before it is wanted.
pub struct RangedReader<W> {
    bucket: Bucket,
    object: Object,
    wait: W,
    piece: Bytes,
    /// Where the next piece begins.
    next: u64,
}

impl<W> fmt::Debug for RangedReader<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RangedReader").field("key", &self.object.key).finish_non_exhaustive()
    }
}

impl<W: Fn(Fetch) -> Result<Bytes>> RangedReader<W> {
    /// A reader at the start of an object. `wait` waits for a piece, in whatever way the caller
    /// waits for calls.
    pub fn new(bucket: Bucket, object: Object, wait: W) -> Self {
        Self { bucket, object, wait, piece: Bytes::new(), next: 0 }
    }

    /// Gets the next piece.
    fn advance(&mut self) -> Result<()> {
        let length = if self.next == 0 { FIRST } else { PIECE };
        let range = self.next..self.next.saturating_add(length).min(self.object.size);
        let end = range.end;
        let (bucket, object) = (self.bucket.clone(), self.object.clone());
        self.piece = (self.wait)(Box::pin(async move { bucket.get_range(&object, range).await }))?;
        self.next = end;
        Ok(())
    }
}

impl<W: Fn(Fetch) -> Result<Bytes>> Read for RangedReader<W> {
    /// Fails with a [`Trouble`](crate::aws::trouble::Trouble) inside.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.piece.is_empty() && self.next < self.object.size && !buffer.is_empty() {
            self.advance().map_err(io::Error::other)?;
        }
        let length = buffer.len().min(self.piece.len());
        if let Some(buffer) = buffer.get_mut(..length) {
            self.piece.copy_to_slice(buffer);
        }
        Ok(length)
    }
}
