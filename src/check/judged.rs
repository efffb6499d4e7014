//! The rows of a control as verdicts.

use std::collections::BTreeMap;

use arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringViewArray, TimestampMillisecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, SchemaRef, TimeUnit, TimestampMillisecondType};

use super::verdict::{Control, Status, Verdict};
use crate::error::{Error, Result};
use crate::library::query::{CONTRACT, NEEDS};
use crate::output::{self, Format, Style};
use crate::report::Millis;
use crate::schema::{Kind, VERDICTS, arrow_schema};

/// The column by which a control says what makes two alarms of one subject different ones, such as
/// the keys they are about. It is for comparisons and not shown.
pub const ALARM_KEY: &str = "alarm_key";

/// Some rows of one control. What the run changes is kept beside the columns, which are shared with
/// the engine.
#[derive(Debug)]
pub struct Judged {
    account_id: StringViewArray,
    user: StringViewArray,
    arn: StringViewArray,
    credential: StringViewArray,
    reason: StringViewArray,
    generated_time: TimestampMillisecondArray,
    needs: Option<StringViewArray>,
    /// What tells the worst of several alarms: the first number among the further columns.
    rank: Option<Int64Array>,
    details: Vec<String>,
    status: Vec<Status>,
    new_reasons: BTreeMap<usize, String>,
    hidden: Vec<bool>,
}

impl Judged {
    /// Takes the batch of a control, whose columns are those of the contract, then `extras` more.
    /// Details are written only if they are wanted.
    ///
    /// # Errors
    /// If a column has no form as text.
    pub fn new(batch: &RecordBatch, extras: usize, with_details: bool) -> Result<Self> {
        let text = |position: usize| Ok::<_, Error>(texts(batch.column(position))?.clone());
        let times = cast(batch.column(6), &DataType::Timestamp(TimeUnit::Millisecond, None))
            .map_err(|error| Error::Engine(error.into()))?;
        let further: Vec<usize> = (CONTRACT.len()..CONTRACT.len() + extras).collect();
        let named = batch.schema();
        let is_needs = |position: &&usize| named.field(**position).name() == NEEDS;
        let shown: Vec<usize> = further
            .iter()
            .copied()
            .filter(|&position| named.field(position).name() != ALARM_KEY)
            .collect();
        let is_number = |position: &&usize| named.field(**position).data_type() == &DataType::Int64;
        let number = further.iter().find(is_number).map(|&position| batch.column(position));
        let words = texts(batch.column(4))?;
        let mut new_reasons = BTreeMap::new();
        let of_row = |(row, word): (usize, Option<&str>)| {
            let status = word.and_then(Status::of_control);
            status.unwrap_or_else(|| {
                // What is no status is the control's mistake, not the report's.
                let word = word.unwrap_or("NULL");
                new_reasons
                    .insert(row, format!("the control returned `{word}`, which is no status"));
                Status::Error
            })
        };
        let status = words.iter().enumerate().map(of_row).collect();
        Ok(Self {
            account_id: text(0)?,
            user: text(1)?,
            arn: text(2)?,
            credential: text(3)?,
            reason: text(5)?,
            generated_time: times.as_primitive::<TimestampMillisecondType>().clone(),
            needs: further.iter().find(is_needs).map(|&position| text(position)).transpose()?,
            rank: number.map(|column| column.as_primitive::<Int64Type>().clone()),
            details: if with_details { details(batch, &shown)? } else { Vec::new() },
            status,
            new_reasons,
            hidden: vec![false; batch.num_rows()],
        })
    }

    /// Rows that were not made by a control's statement.
    #[must_use]
    pub fn of(verdicts: &[Verdict<'_>]) -> Self {
        let texts = |text: fn(&Verdict<'_>) -> Option<String>| {
            verdicts.iter().map(text).collect::<StringViewArray>()
        };
        Self {
            account_id: texts(|verdict| verdict.account_id.map(str::to_owned)),
            user: texts(|verdict| verdict.user.map(str::to_owned)),
            arn: texts(|verdict| verdict.arn.map(str::to_owned)),
            credential: texts(|verdict| verdict.credential.map(str::to_owned)),
            reason: texts(|verdict| Some(verdict.reason.to_owned())),
            generated_time: verdicts.iter().map(|verdict| verdict.generated_time).collect(),
            needs: Some(texts(|verdict| verdict.unanswerable.then(|| NEEDS.to_owned()))),
            rank: None,
            details: Vec::new(),
            status: verdicts.iter().map(|verdict| verdict.status).collect(),
            new_reasons: BTreeMap::new(),
            hidden: vec![false; verdicts.len()],
        }
    }

    /// The same of rows that these permissions could tell.
    #[cfg(test)]
    pub(super) fn needing(verdicts: &[Verdict<'_>], needs: &str) -> Self {
        let needs = verdicts.iter().map(|_| Some(needs)).collect();
        Self { needs: Some(needs), ..Self::of(verdicts) }
    }

    /// Rows, hidden ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.status.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.status.is_empty()
    }

    /// One row.
    #[must_use]
    pub fn verdict(&self, row: usize) -> Verdict<'_> {
        let status = self.status.get(row).copied().unwrap_or(Status::Unknown);
        let needs = self.needs(row).is_some();
        let new_reason = self.new_reasons.get(&row).map(String::as_str);
        Verdict {
            account_id: value(&self.account_id, row),
            user: value(&self.user, row),
            arn: value(&self.arn, row),
            credential: value(&self.credential, row),
            status,
            reason: new_reason.or_else(|| value(&self.reason, row)).unwrap_or("no reason is given"),
            generated_time: self.generated_time(row),
            details: self.details.get(row).map(String::as_str).filter(|text| *text != "{}"),
            unanswerable: status == Status::Unknown && needs && new_reason.is_none(),
        }
    }

    /// The permissions by which the row could be told, if no report could.
    #[must_use]
    pub fn needs(&self, row: usize) -> Option<&str> {
        let needs = self.needs.as_ref().and_then(|needs| value(needs, row));
        needs.map(str::trim).filter(|needs| !needs.is_empty())
    }

    /// All rows that are shown.
    pub fn verdicts(&self) -> impl Iterator<Item = Verdict<'_>> {
        (0..self.len()).filter(|&row| !self.is_hidden(row)).map(|row| self.verdict(row))
    }

    /// The number that tells the worst of several rows.
    #[must_use]
    pub fn rank(&self, row: usize) -> Option<i64> {
        self.rank.as_ref().filter(|rank| rank.is_valid(row)).map(|rank| rank.value(row))
    }

    /// Gives a row another status, with the reason.
    pub fn change(&mut self, row: usize, status: Status, reason: String) {
        if let Some(slot) = self.status.get_mut(row) {
            *slot = status;
            self.new_reasons.insert(row, reason);
        }
    }

    /// Leaves a row out of results.
    pub fn hide(&mut self, row: usize) {
        if let Some(slot) = self.hidden.get_mut(row) {
            *slot = true;
        }
    }

    /// Whether a row is left out of results.
    #[must_use]
    pub fn is_hidden(&self, row: usize) -> bool {
        self.hidden.get(row) == Some(&true)
    }

    fn generated_time(&self, row: usize) -> Option<Millis> {
        self.generated_time.is_valid(row).then(|| self.generated_time.value(row))
    }

    /// The shown rows with the columns that are the same for every control.
    ///
    /// # Errors
    /// Never, as long as the list of columns is what is built here.
    pub fn batch(&self, control: &Control) -> Result<RecordBatch> {
        let rows: Vec<Verdict<'_>> = self.verdicts().collect();
        let same = |text: Option<&str>| -> ArrayRef {
            std::sync::Arc::new(rows.iter().map(|_| text).collect::<StringViewArray>())
        };
        let each = |text: fn(&Verdict<'_>) -> Option<String>| -> ArrayRef {
            std::sync::Arc::new(rows.iter().map(text).collect::<StringViewArray>())
        };
        let times: TimestampMillisecondArray =
            rows.iter().map(|verdict| verdict.generated_time).collect();
        let requirement = control.requirement();
        let parameters = control.parameters_json();
        let filled = |text: &'_ str| if text.is_empty() { None } else { Some(text.to_owned()) };
        let columns: Vec<ArrayRef> = vec![
            same(Some(&control.id)),
            same(control.severity.map(crate::library::query::Severity::word)),
            same(filled(&requirement).as_deref()),
            each(|verdict| verdict.account_id.map(str::to_owned)),
            each(|verdict| verdict.user.map(str::to_owned)),
            each(|verdict| verdict.arn.map(str::to_owned)),
            each(|verdict| verdict.credential.map(str::to_owned)),
            each(|verdict| Some(verdict.status.word().to_owned())),
            each(|verdict| Some(verdict.reason.to_owned())),
            cast(&times, &Kind::Timestamp.data_type())
                .map_err(|error| Error::Engine(error.into()))?,
            same(filled(&parameters).as_deref()),
            each(|verdict| verdict.details.map(str::to_owned)),
        ];
        RecordBatch::try_new(schema(), columns).map_err(|error| Error::Engine(error.into()))
    }
}

/// The columns of every control's results in one.
#[must_use]
pub fn schema() -> SchemaRef {
    arrow_schema(&VERDICTS)
}

fn texts(column: &ArrayRef) -> Result<StringViewArray> {
    let column = cast(column, &DataType::Utf8View).map_err(|error| Error::Engine(error.into()))?;
    Ok(column.as_string_view().clone())
}

fn value(column: &StringViewArray, row: usize) -> Option<&str> {
    (row < column.len() && column.is_valid(row)).then(|| column.value(row))
}

/// The further columns of each row as a JSON object.
fn details(batch: &RecordBatch, further: &[usize]) -> Result<Vec<String>> {
    if further.is_empty() {
        return Ok(vec!["{}".to_owned(); batch.num_rows()]);
    }
    let batch = batch.project(further).map_err(|error| Error::Engine(error.into()))?;
    let mut text = Vec::new();
    let mut writer =
        output::writer(Format::Ndjson, batch.schema(), Box::new(&mut text), &Style::default())?;
    writer.write(&batch)?;
    writer.finish()?;
    Ok(String::from_utf8_lossy(&text).lines().map(str::to_owned).collect())
}
