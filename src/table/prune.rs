//! Leaves reports out of a scan by what is known of them before they are read.
//!
//! DataFusion's own pruning predicate decides; this module only tells it, for each report, the
//! least and greatest account, time, source … its rows can have.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, StringViewArray, TimestampMillisecondArray};
use arrow::datatypes::SchemaRef;
use datafusion::catalog::Session;
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column, DFSchema, Result, ScalarValue};
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::utils::conjunction;
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;

use super::collection::Collection;
use super::selection::Entry;
use crate::report::{DAY, Millis, Section};

/// Columns of which something is known before reading.
const KNOWN: [&str; 3] = ["account_id", "generated_time", "source"];

/// Whether a filter speaks of nothing but what is known of reports before reading.
#[must_use]
pub(super) fn can_prune(filter: &Expr) -> bool {
    let columns = filter.column_refs();
    !columns.is_empty() && columns.iter().all(|column| KNOWN.contains(&column.name()))
}

/// For each entry whether it has to be read.
///
/// # Errors
/// If DataFusion cannot make a physical expression of the filters.
pub(super) fn keep(
    collection: &Collection,
    entries: &[Entry],
    filters: &[Expr],
    schema: &SchemaRef,
    session: &dyn Session,
) -> Result<Vec<bool>> {
    let Some(filter) = conjunction(filters.iter().filter(|filter| can_prune(filter)).cloned())
    else {
        return Ok(vec![true; entries.len()]);
    };
    let df_schema = DFSchema::try_from(Arc::clone(schema))?;
    let filter = session.create_physical_expr(filter, &df_schema)?;
    match PruningPredicateBuilder::new().with_file_schema(Arc::clone(schema)).build(filter) {
        Some(predicate) => predicate
            .prune(&Known { ranges: entries.iter().map(|e| Range::new(collection, e)).collect() }),
        None => Ok(vec![true; entries.len()]),
    }
}

/// Bounds on the rows of one report. `None`: not known.
struct Range {
    account: Option<(Arc<str>, Arc<str>)>,
    time: Option<(Millis, Millis)>,
    source: Option<Arc<str>>,
}

impl Range {
    fn new(collection: &Collection, entry: &Entry) -> Self {
        let Some(found) = collection.found().get(entry.found) else {
            return Self { account: None, time: None, source: None };
        };
        let origin = &found.origin;
        match &entry.sections {
            Some(sections) => Self {
                account: bounds(sections.iter().map(|section| section.account_id.clone())),
                time: bounds(sections.iter().map(|section: &Section| Some(section.time.millis))),
                source: sections
                    .iter()
                    .all(|s| s.source == origin.source)
                    .then(|| Arc::clone(&origin.source)),
            },
            // A path tells the day, which may be that of the collector's clock and time zone, and
            // the report inside may be some hours older: a day's room on each side.
            None if found.is_told_by_key() => Self {
                account: origin.account_id.clone().map(|id| (Arc::clone(&id), id)),
                time: Some((
                    origin.time.millis.saturating_sub(DAY),
                    origin.time.millis.saturating_add(2 * DAY),
                )),
                source: Some(Arc::clone(&origin.source)),
            },
            None => Self { account: None, time: None, source: None },
        }
    }
}

fn bounds<T: Ord + Clone>(values: impl Iterator<Item = Option<T>>) -> Option<(T, T)> {
    let values: Vec<T> = values.collect::<Option<_>>()?;
    Some((values.iter().min()?.clone(), values.iter().max()?.clone()))
}

struct Known {
    ranges: Vec<Range>,
}

impl Known {
    fn values(&self, column: &Column, greatest: bool) -> Option<ArrayRef> {
        let pick = |(least, most): &(Arc<str>, Arc<str>)| {
            if greatest { Arc::clone(most) } else { Arc::clone(least) }
        };
        match column.name() {
            "account_id" => {
                let values = self.ranges.iter().map(|range| range.account.as_ref().map(pick));
                Some(Arc::new(values.collect::<StringViewArray>()))
            }
            "source" => Some(Arc::new(
                self.ranges.iter().map(|range| range.source.clone()).collect::<StringViewArray>(),
            )),
            "generated_time" => {
                let values = self.ranges.iter().map(|range| {
                    range.time.map(|(least, most)| if greatest { most } else { least })
                });
                let array: TimestampMillisecondArray = values.collect();
                Some(Arc::new(array.with_timezone("UTC")))
            }
            _ => None,
        }
    }
}

impl PruningStatistics for Known {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.values(column, false)
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.values(column, true)
    }

    fn num_containers(&self) -> usize {
        self.ranges.len()
    }

    fn null_counts(&self, _: &Column) -> Option<ArrayRef> {
        None
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        None
    }

    fn contained(
        &self,
        _: &Column,
        _: &std::collections::HashSet<ScalarValue>,
    ) -> Option<BooleanArray> {
        None
    }
}
