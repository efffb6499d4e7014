//! Every shape of report in `tests/corpus` gives what its manifest says.

use std::fs;
use std::io::Cursor;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::{Field, Schema};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use credsql::decode::columns::{Batches, CellSource};
use credsql::decode::{Report, Summary};
use credsql::report::{GeneratedTime, Origin, TimeBasis};
use credsql::schema::{self, Table};
use serde::Deserialize;

#[derive(Deserialize)]
struct Entry {
    file: String,
    class: String,
    #[serde(default)]
    also_acceptable: Vec<String>,
    rows: Option<usize>,
    rows_any_of: Option<Vec<usize>>,
    warnings: Vec<String>,
    checks: Vec<Check>,
    account_id: Option<String>,
    generated_time: Option<String>,
    #[serde(default)]
    never_echo: Vec<String>,
}

#[derive(Deserialize, Debug)]
struct Check {
    user: Option<String>,
    row: Option<usize>,
    column: String,
    value: Option<serde_json::Value>,
    null_reason: Option<String>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

fn manifest() -> Vec<Entry> {
    let text = fs::read_to_string(folder().join("manifest.json")).expect("the manifest is there");
    serde_json::from_str(&text).expect("the manifest is JSON")
}

/// Reads a file into one batch of the internal columns.
fn decode(file: &str) -> Result<(RecordBatch, Summary), String> {
    let bytes = fs::read(folder().join(file)).expect("the file is there");
    let time = GeneratedTime { millis: 1_794_000_000_000, basis: TimeBasis::Modified };
    let origin = Origin {
        source: Arc::from(file),
        named: true,
        bytes: None,
        account_id: None,
        account_name: None,
        time,
    };
    let mut report = Report::open(Box::new(Cursor::new(bytes)), &origin)
        .map_err(|refusal| refusal.to_string())?;
    report.check_thoroughly();
    let fields: Vec<Field> = Table::named("credential_report")
        .expect("the table is known")
        .columns()
        .chain(&schema::INTERNAL)
        .map(|column| Field::new(column.name, column.kind.data_type(), true))
        .collect();
    let mut batches = Batches::new(Arc::new(Schema::new(fields)), CellSource::internal(), None);
    while report.read(&mut batches, &|_| true).map_err(|refusal| refusal.to_string())? {}
    Ok((batches.take().expect("the columns fit the schema"), report.finish()))
}

fn cell(batch: &RecordBatch, row: usize, column: &str) -> Option<String> {
    let array = batch.column_by_name(column)?;
    if array.is_null(row) {
        return None;
    }
    let options = FormatOptions::default().with_timestamp_tz_format(Some("%Y-%m-%dT%H:%M:%S%.fZ"));
    let formatter = ArrayFormatter::try_new(array, &options).expect("every type can be shown");
    Some(formatter.value(row).to_string())
}

fn reason(batch: &RecordBatch, row: usize, column: &str) -> Option<&'static str> {
    let position = schema::REPORT.iter().position(|c| c.name == column).expect("a report column");
    match cell(batch, row, "cell_states")?.as_bytes()[position] {
        b'a' => Some("N/A"),
        b'i' => Some("no_information"),
        b's' => Some("not_supported"),
        b'e' => Some("empty"),
        b'v' => Some("value"),
        _ => None,
    }
}

/// Compares one cell; a description of the difference if there is one.
fn difference(batch: &RecordBatch, check: &Check) -> Option<String> {
    let named = |row: usize| {
        let arn = cell(batch, row, "arn").unwrap_or_default();
        cell(batch, row, "user")
            .as_deref()
            .unwrap_or(arn.rsplit(['/', ':']).next()?)
            .eq(check.user.as_deref()?)
            .then_some(row)
    };
    let row = match check.row {
        Some(row) => row - 1,
        None => match (0..batch.num_rows()).find_map(named) {
            Some(row) => row,
            None => return Some(format!("{check:?}: no such user")),
        },
    };
    if check.user.is_some() && named(row).is_none() {
        return Some(format!("{check:?}: row {row} is of another user"));
    }
    let column = check.column.trim_start_matches('@');
    let got = cell(batch, row, column);
    let wanted = check
        .value
        .as_ref()
        .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    if got != wanted {
        return Some(format!("{check:?}: got {got:?}"));
    }
    let reason = if wanted.is_some() || check.column.starts_with('@') {
        None
    } else {
        reason(batch, row, column)
    };
    (reason != check.null_reason.as_deref())
        .then(|| format!("{check:?}: got the reason {reason:?}"))
}

/// All that is wrong with one file.
fn problems(entry: &Entry) -> Vec<String> {
    let allowed = |class: &str| {
        entry.class == class || entry.also_acceptable.iter().any(|other| other == class)
    };
    let (batch, summary) = match decode(&entry.file) {
        Ok(decoded) => decoded,
        Err(message) => {
            let echoed = entry.never_echo.iter().any(|secret| message.contains(secret));
            return if allowed("refuse") && !echoed {
                vec![]
            } else {
                vec![format!("refused: {message}")]
            };
        }
    };
    let mut problems = Vec::new();
    let class = if summary.warnings.is_empty() { "accept" } else { "accept-with-warnings" };
    if !allowed(class) {
        problems.push(format!(
            "is {class} with {:?}, wanted {} {:?}",
            summary.warnings, entry.class, entry.warnings
        ));
    }
    let rows = batch.num_rows();
    let accepted = entry.rows_any_of.clone().unwrap_or_else(|| entry.rows.into_iter().collect());
    if !accepted.is_empty() && !accepted.contains(&rows) {
        problems.push(format!("has {rows} rows, wanted {accepted:?}"));
    }
    if let Some(account) = &entry.account_id {
        let accounts: Vec<_> = summary
            .sections
            .iter()
            .filter_map(|(section, _)| section.account_id.as_deref())
            .collect();
        if accounts != [account] {
            problems.push(format!("is of {accounts:?}, wanted {account}"));
        }
    }
    if let Some(time) = &entry.generated_time {
        let got = cell(&batch, 0, "generated_time");
        if got.as_ref() != Some(time) {
            problems.push(format!("was generated {got:?}, wanted {time}"));
        }
    }
    problems.extend(entry.checks.iter().filter_map(|check| difference(&batch, check)));
    problems
}

#[test]
fn every_file_gives_what_the_manifest_says() {
    let entries = manifest();
    assert!(entries.len() > 60, "the corpus is complete");
    let problems: Vec<String> = entries
        .iter()
        .flat_map(|entry| {
            problems(entry).into_iter().map(|problem| format!("{}: {problem}", entry.file))
        })
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
