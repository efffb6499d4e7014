//! Texts that a spreadsheet would take for formulas. IAM lets users have names with `=`, `+`, `-` and
//! `@` in them, at the beginning too.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, RecordBatchOptions, StringArray};
use arrow::datatypes::DataType;

use super::types::convert;
use super::{BatchWriter, Footer, OutputError};

/// Writes what it is given with an apostrophe before every text that a spreadsheet would run as a
/// formula. Numbers, times and truth values stay as they are.
///
/// It changes data, so it is for those who ask for it, and for formats that spreadsheets open.
#[must_use]
pub fn spreadsheet_safe<'a>(inner: Box<dyn BatchWriter + 'a>) -> Box<dyn BatchWriter + 'a> {
    Box::new(SpreadsheetSafe { inner })
}

struct SpreadsheetSafe<'a> {
    inner: Box<dyn BatchWriter + 'a>,
}

impl BatchWriter for SpreadsheetSafe<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), OutputError> {
        let columns = batch.columns().iter().map(safe_column).collect::<Result<_, _>>()?;
        let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        self.inner.write(&RecordBatch::try_new_with_options(batch.schema(), columns, &rows)?)
    }

    fn finish(self: Box<Self>) -> Result<Footer, OutputError> {
        self.inner.finish()
    }
}

/// The column in the same type.
fn safe_column(column: &ArrayRef) -> Result<ArrayRef, OutputError> {
    if !is_text(column.data_type()) {
        return Ok(Arc::clone(column));
    }
    let texts = convert(column, &DataType::Utf8)?;
    let safe: StringArray =
        texts.as_string::<i32>().iter().map(|text| text.map(spreadsheet_text)).collect();
    Ok(convert(&(Arc::new(safe) as ArrayRef), column.data_type())?)
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, value) => is_text(value),
        other => other.is_string(),
    }
}

/// The text as a spreadsheet shows it without running it.
///
/// A cell is a formula by its first character: these are the ones that OWASP's page on CSV injection
/// and its verification standard (ASVS 5.0, 1.2.10) name, with their full-width forms.
#[must_use]
pub fn spreadsheet_text(text: &str) -> Cow<'_, str> {
    let is_formula = text.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\0', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ]);
    if is_formula { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array as _, DictionaryArray, Int64Array, StringViewArray};
    use arrow::datatypes::{Field, Int32Type, Schema};

    use super::*;
    use crate::output::{Format, Style, writer};

    #[test]
    fn what_begins_like_a_formula_begins_with_an_apostrophe() {
        let formulas = [
            "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "＝1", "＋1", "－1",
            "＠1",
        ];
        for text in formulas {
            assert_eq!(spreadsheet_text(text), format!("'{text}"));
        }
        for text in
            ["", "a=1", "<root_account>", "arn:aws:iam::1:user/=", "'=1", "2026-10-31", "\""]
        {
            assert_eq!(spreadsheet_text(text), text);
        }
    }

    #[test]
    fn only_texts_are_changed() {
        let views: StringViewArray = [Some("=a"), None, Some("")].into_iter().collect();
        let dictionary: DictionaryArray<Int32Type> =
            [Some("+b"), Some("b"), None].into_iter().collect();
        let schema = Arc::new(Schema::new(vec![
            Field::new("view", DataType::Utf8View, true),
            Field::new("dictionary", dictionary.data_type().clone(), true),
            Field::new("number", DataType::Int64, true),
        ]));
        let batch = RecordBatch::try_new(
            Arc::clone(&schema),
            vec![
                Arc::new(views),
                Arc::new(dictionary),
                Arc::new(Int64Array::from(vec![Some(-1), None, Some(1)])),
            ],
        )
        .unwrap();
        let mut bytes = Vec::new();
        let inner = writer(Format::Csv, schema, Box::new(&mut bytes), &Style::default()).unwrap();
        let mut safe = spreadsheet_safe(inner);
        safe.write(&batch).unwrap();
        assert_eq!(safe.finish().unwrap().rows, 3);
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text, "view,dictionary,number\n'=a,'+b,-1\n,b,\n,,1\n");
    }
}
