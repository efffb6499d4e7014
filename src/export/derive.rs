//! The rows of the tables that are made of reports, by SQL.

use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::dataframe::DataFrame;
use datafusion::datasource::MemTable;
use datafusion::prelude::{ParquetReadOptions, SessionContext};

use crate::error::Result;
use crate::library::views::CREDENTIALS;
use crate::schema::{EXPORTED, Table};

/// The credentials of the reports whose rows lie in a folder, accounts ascending, users as AWS sorts
/// them. Every column is there to sort by, so that the same rows are always in the same order.
pub(super) async fn credentials(
    context: &SessionContext,
    reports: &Path,
    table: &Table,
) -> Result<DataFrame> {
    let options = ParquetReadOptions::default();
    context.register_parquet("report_states", reports.to_string_lossy(), options).await?;
    let columns = names(table).join(", ");
    let order = "account_id NULLS LAST, generated_time, source, is_root DESC NULLS LAST, lower(\"user\"), kind, slot";
    let sql =
        format!("SELECT {columns} FROM ({CREDENTIALS}) AS credentials ORDER BY {order}, {columns}");
    let frame = context.sql(&sql).await;
    context.deregister_table("report_states")?;
    Ok(frame?)
}

/// The rows of `reports` of a partition: those just found, and those that were there and still hold.
///
/// One that was there gives way if its report was read again, or if it told of a failure at a place
/// that was read now. A failure that was just found says nothing against a report that is there.
pub(super) async fn reports(
    context: &SessionContext,
    found: RecordBatch,
    kept: Vec<RecordBatch>,
    read_now: &[Arc<str>],
) -> Result<DataFrame> {
    let table = &EXPORTED[2];
    let columns = names(table).join(", ");
    let found = MemTable::try_new(found.schema(), vec![vec![found]])?;
    context.register_table("found", Arc::new(found))?;
    let read_now =
        crate::output::texts(&["source"], read_now.iter().map(|text| vec![text.to_string()]))?;
    context.register_batch("read_now", read_now)?;
    let kept = MemTable::try_new(table.arrow_schema(), vec![kept])?;
    context.register_table("kept", Arc::new(kept))?;
    let same = "coalesce(kept.account_id, kept.source) = coalesce(found.account_id, found.source)
        AND kept.generated_time = found.generated_time";
    let sql = format!(
        "WITH still AS (
            SELECT {columns} FROM kept
            WHERE NOT EXISTS (SELECT 1 FROM found WHERE {same} AND found.status IN ('ok', 'warning'))
                AND NOT (status = 'failed' AND EXISTS (SELECT 1 FROM read_now WHERE read_now.source = kept.source))
                AND NOT (status = 'failed' AND EXISTS (SELECT 1 FROM found WHERE found.source = kept.source))
        ),
        come AS (
            SELECT {columns} FROM found
            WHERE status IN ('ok', 'warning')
                OR (status = 'failed' AND NOT EXISTS (
                    SELECT 1 FROM kept WHERE {same} AND kept.status IN ('ok', 'warning')
                ) AND NOT EXISTS (
                    SELECT 1 FROM found AS kept WHERE {same} AND kept.status IN ('ok', 'warning')
                ))
        )
        SELECT {columns} FROM still UNION ALL SELECT {columns} FROM come
        ORDER BY account_id NULLS LAST, generated_time NULLS FIRST, source, {columns}"
    );
    let frame = context.sql(&sql).await;
    for name in ["found", "kept", "read_now"] {
        context.deregister_table(name)?;
    }
    Ok(frame?)
}

fn names(table: &Table) -> Vec<String> {
    table.columns().map(|column| format!("\"{}\"", column.name)).collect()
}
