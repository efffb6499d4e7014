//! The list of what a run kept and what failed.
//!
//! It says nothing that another run over the same reports on the same day would say otherwise, and
//! its name is its content: such a run writes no second one.

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde_json::json;

use super::destination::{Destination, Failure, Item};
use super::layout;
use super::taken::sha256;
use crate::decode::time;
use crate::report::Millis;

/// One account, or one place without a report of a known account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Entry {
    /// The account, as far as it is known.
    pub account_id: Option<Arc<str>>,
    /// Its name.
    pub account_name: Option<Arc<str>>,
    /// Where its report was looked for.
    pub source: Arc<str>,
    /// What became of it.
    #[serde(flatten)]
    pub fate: Fate,
}

/// What became of a report.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is in the destination, now or since an earlier run.
    Kept {
        /// Its key.
        key: String,
        /// SHA-256 of its bytes in hexadecimal.
        sha256: String,
        /// How many.
        bytes: usize,
        /// When it was generated.
        generated_time: String,
    },
    /// It is not, and should be.
    Failed {
        /// Why.
        error: String,
    },
    /// It is not, and need not be.
    Skipped {
        /// Why.
        reason: String,
    },
}

/// Keeps a list. Blocking.
///
/// # Errors
/// If it cannot be written.
pub fn keep(
    destination: &dyn Destination,
    mut entries: Vec<Entry>,
    sources: &[String],
    run_time: Millis,
) -> Result<String, Failure> {
    entries.sort_unstable();
    let manifest = json!({
        "credsql": env!("CARGO_PKG_VERSION"),
        "date": time::day(run_time),
        "sources": sources,
        "accounts": entries,
    });
    let text = format!("{manifest:#}\n");
    let sha256 = sha256(text.as_bytes());
    let key = layout::manifest(run_time, &sha256);
    let item = Item {
        bytes: Bytes::from(text),
        sha256: sha256.into(),
        media_type: "application/json",
        report: None,
    };
    // Its name is its content: what is there is it.
    destination.put(&key, &item)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::destination::Put;
    use std::sync::Mutex;

    struct Written(Mutex<Vec<(String, String)>>);

    impl Destination for Written {
        fn put(&self, key: &str, item: &Item<'_>) -> Result<Put, Failure> {
            let text = String::from_utf8(item.bytes.to_vec()).expect("text");
            self.0.lock().expect("no panic").push((key.to_owned(), text));
            Ok(Put::Written)
        }

        fn place(&self, key: &str) -> String {
            key.to_owned()
        }
    }

    #[test]
    fn the_order_of_events_does_not_matter() {
        let entry = |account: &str, fate| Entry {
            account_id: Some(account.into()),
            account_name: None,
            source: "aws:".into(),
            fate,
        };
        let kept = Fate::Kept {
            key: "k".to_owned(),
            sha256: "s".to_owned(),
            bytes: 1,
            generated_time: "2026-11-25T14:03:00Z".to_owned(),
        };
        let failed = Fate::Failed { error: "denied".to_owned() };
        let entries = vec![entry("111122223333", kept), entry("444455556666", failed)];
        let turned: Vec<Entry> = entries.iter().rev().cloned().collect();
        let written = Written(Mutex::default());
        for (entries, time) in [(entries, 1_795_615_380_000), (turned, 1_795_615_399_000)] {
            keep(&written, entries, &["aws:".to_owned()], time).expect("it is written");
        }
        let written = written.0.into_inner().expect("no panic");
        assert_eq!(written[0], written[1]);
        assert!(written[0].1.contains("\"failed\": {"), "{}", written[0].1);
        assert!(
            written[0].0.starts_with("_manifests/date=2026-11-25/collect_"),
            "{}",
            written[0].0
        );
    }
}
