//! Rows that Steampipe, Prowler, CloudSploit and others export as JSON objects.

use serde_json::{Map, Value};

use super::layout::Layout;
use super::records::{Records, Rows, Span};
use super::refusal::Refusal;
use super::warning::Warnings;

/// Rows per chunk.
const CHUNK: usize = 8192;

/// Rows made from objects.
pub(super) struct JsonRows {
    rows: std::vec::IntoIter<Map<String, Value>>,
    layout: Layout,
}

impl JsonRows {
    /// Takes the keys of all objects as the header.
    ///
    /// # Errors
    /// A refusal if the keys are not the columns of a report.
    pub(super) fn open(
        rows: Vec<Map<String, Value>>,
        warnings: &mut Warnings,
    ) -> Result<Self, Refusal> {
        let mut names: Vec<&str> = Vec::new();
        let mut known = std::collections::HashSet::new();
        for key in rows.iter().flat_map(Map::keys) {
            if known.insert(key.as_str()) {
                names.push(key);
            }
        }
        let layout = Layout::new(names)?;
        layout.describe(warnings);
        Ok(Self { rows: rows.into_iter(), layout })
    }

    /// The header.
    #[must_use]
    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Rows for JsonRows {
    fn next(&mut self, records: &mut Records, _: &mut Warnings) -> Result<bool, Refusal> {
        records.clear();
        records.width = self.layout.width();
        for row in self.rows.by_ref().take(CHUNK) {
            for name in &self.layout.names {
                match row.get(name) {
                    None => records.cells.push(Span::MISSING),
                    // Which sentinel stood there is lost.
                    Some(Value::Null) => records.push_text(""),
                    Some(Value::String(text)) => records.push_text(text),
                    Some(other) => records.push_text(&other.to_string()),
                }
            }
            records.lines.push(0);
        }
        Ok(!records.is_empty())
    }
}
