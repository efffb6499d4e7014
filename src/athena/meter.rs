//! What a run has asked of Athena so far: queries, bytes they read, and about what that costs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use indicatif::DecimalBytes;

/// What is paid for: megabytes, begun ones whole, and so many at least for each query. Source: Amazon
/// Athena pricing, "SQL queries".
const MEGABYTE: u64 = 1_000_000;
const LEAST_MEGABYTES: u64 = 10;

/// The price of a megabyte in millionths of a dollar: 5 dollars for a terabyte, as in most regions.
/// Source: as above.
const PRICE: u64 = 5;

/// Counters, for a progress line and for the end of a run.
#[derive(Debug, Default)]
pub struct Meter {
    queries: AtomicU64,
    running: AtomicU64,
    scanned: AtomicU64,
    paid: AtomicU64,
    ids: Mutex<Vec<String>>,
}

impl Meter {
    /// A query has begun.
    pub(super) fn begins(&self, id: &str) {
        self.queries.fetch_add(1, Ordering::Relaxed);
        self.running.fetch_add(1, Ordering::Relaxed);
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).push(id.to_owned());
    }

    /// A query was seen to have read so many bytes, after so many the last time.
    pub(super) fn reads(&self, before: u64, bytes: u64) {
        self.scanned.fetch_add(bytes.saturating_sub(before), Ordering::Relaxed);
    }

    /// A query has ended. It is paid for what it read, unless it failed.
    pub(super) fn ends(&self, bytes: u64, is_paid: bool) {
        self.running.fetch_sub(1, Ordering::Relaxed);
        if is_paid {
            let megabytes = bytes.div_ceil(MEGABYTE).max(LEAST_MEGABYTES);
            self.paid.fetch_add(megabytes, Ordering::Relaxed);
        }
    }

    /// Queries that wait or run.
    #[must_use]
    pub fn running(&self) -> u64 {
        self.running.load(Ordering::Relaxed)
    }

    /// Bytes read so far, in words.
    #[must_use]
    pub fn scanned(&self) -> String {
        DecimalBytes(self.scanned.load(Ordering::Relaxed)).to_string()
    }

    /// The ids of all queries, in the order in which they began.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The bill so far.
    #[must_use]
    pub fn bill(&self) -> Bill {
        Bill {
            queries: self.queries.load(Ordering::Relaxed),
            scanned: self.scanned.load(Ordering::Relaxed),
            paid: self.paid.load(Ordering::Relaxed),
        }
    }
}

/// What was asked of Athena.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bill {
    queries: u64,
    scanned: u64,
    /// In megabytes.
    paid: u64,
}

impl Bill {
    /// What came after an earlier one.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            queries: self.queries - earlier.queries,
            scanned: self.scanned - earlier.scanned,
            paid: self.paid - earlier.paid,
        }
    }

    /// In words; `None` if nothing was asked.
    #[must_use]
    pub fn words(self) -> Option<String> {
        let queries = match self.queries {
            0 => return None,
            1 => "1 query".to_owned(),
            queries => format!("{queries} queries"),
        };
        let read = DecimalBytes(self.scanned);
        Some(format!("Athena ran {queries} and read {read}: {}", self.cost()))
    }

    /// About what it costs.
    fn cost(self) -> String {
        let millionths = self.paid.saturating_mul(PRICE);
        let (dollars, rest) = (millionths / 1_000_000, millionths % 1_000_000);
        let digits = format!("{rest:06}");
        // Cents are enough where there are many, and the last digits where there are none.
        let shown = if dollars > 0 { 2 } else { digits.trim_end_matches('0').len().max(2) };
        let digits: String = digits.chars().take(shown).collect();
        format!("about ${dollars}.{digits} at $5 per TB, 10 MB at least for each query")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_costs_ten_megabytes_at_least_and_begun_ones_whole() {
        let meter = Meter::default();
        assert_eq!(meter.bill().words(), None);
        meter.begins("a");
        meter.reads(0, 2_000);
        meter.reads(2_000, 3_200);
        assert_eq!((meter.running(), meter.scanned()), (1, "3.20 kB".to_owned()));
        meter.ends(3_200, true);
        let first = meter.bill();
        assert_eq!(
            first.words().as_deref(),
            Some(
                "Athena ran 1 query and read 3.20 kB: about $0.00005 at $5 per TB, 10 MB at least for each query"
            )
        );
        meter.begins("b");
        meter.reads(0, 10_000_001);
        meter.ends(10_000_001, true);
        meter.begins("c");
        meter.ends(0, false);
        let both = meter.bill().since(first);
        assert_eq!((both.queries, both.paid), (2, 11), "one that failed costs nothing");
        assert_eq!(meter.ids(), ["a", "b", "c"]);
    }

    #[test]
    fn costs_have_as_many_digits_as_they_need() {
        let cost = |paid| Bill { queries: 1, scanned: 0, paid }.cost();
        for (megabytes, text) in [
            (10, "about $0.00005 "),
            (300, "about $0.0015 "),
            (100_000, "about $0.50 "),
            (1_000_000, "about $5.00 "),
            (1_234_567, "about $6.17 "),
        ] {
            assert!(cost(megabytes).starts_with(text), "{}", cost(megabytes));
        }
    }
}
