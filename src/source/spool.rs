//! Reports that were fetched, kept on disk so that they are fetched once.
//!
//! One file without a name: nobody else can open it, and it is gone when the run ends, however it
//! ends. Memory stays flat whatever the number of accounts or objects.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The file. It is made when something is first kept.
#[derive(Debug, Default)]
pub struct Spool {
    file: OnceLock<File>,
    end: AtomicU64,
}

impl Spool {
    /// Keeps these bytes and tells where.
    ///
    /// # Errors
    /// If the temporary directory cannot be written, or is full.
    pub fn keep(&self, bytes: &[u8]) -> io::Result<Range<u64>> {
        let length = u64::try_from(bytes.len()).map_err(io::Error::other)?;
        let file = self.file()?;
        let start = self.end.fetch_add(length, Ordering::Relaxed);
        file.write_all_at(bytes, start)?;
        Ok(start..start + length)
    }

    /// Bytes that are kept.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.end.load(Ordering::Relaxed)
    }

    /// Reads what was kept.
    #[must_use]
    pub fn open(&self, range: Range<u64>) -> Kept<'_> {
        Kept { spool: self, range }
    }

    fn file(&self) -> io::Result<&File> {
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        // If two make one at the same time, the second is closed, and gone with that.
        let made = tempfile::tempfile()?;
        Ok(self.file.get_or_init(|| made))
    }
}

/// One report in the file.
#[derive(Debug)]
pub struct Kept<'a> {
    spool: &'a Spool,
    range: Range<u64>,
}

impl Read for Kept<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.range.end - self.range.start).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let read = self.spool.file()?.read_at(&mut buffer[..wanted], self.range.start)?;
        self.range.start += u64::try_from(read).unwrap_or_default();
        if read == 0 && wanted > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_whole_and_by_itself() {
        let spool = Spool::default();
        let texts: Vec<String> = (0..100).map(|n| format!("report {n}").repeat(n)).collect();
        let kept: Vec<_> =
            texts.iter().map(|text| spool.keep(text.as_bytes()).expect("it is kept")).collect();
        for (text, range) in texts.iter().zip(kept).rev() {
            let mut read = String::new();
            spool.open(range).read_to_string(&mut read).expect("it is read");
            assert_eq!(&read, text);
        }
        assert_eq!(spool.bytes(), texts.iter().map(|text| text.len() as u64).sum::<u64>());
    }
}
