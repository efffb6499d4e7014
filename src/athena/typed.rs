//! Texts of Athena become values of the types that the statement has here.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, NullArray, RecordBatch, RecordBatchOptions, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, SchemaRef};

use crate::aws::athena::Page;
use crate::aws::trouble::{Kind, Result, Trouble, clean};

/// The columns of a result.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    /// As the statement names them here.
    names: Arc<[String]>,
    schema: SchemaRef,
    /// Whether the first row, which holds the names, is still to come.
    awaits_header: bool,
}

impl Columns {
    /// Columns of these names; the schema, whose names may be others, has their types.
    pub(super) fn new(names: Arc<[String]>, schema: SchemaRef) -> Self {
        Self { names, schema, awaits_header: true }
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The rows of the next page.
    ///
    /// # Errors
    /// If columns are not those of the statement, or a value is none of its column's type. Nothing
    /// is guessed and nothing left out.
    pub(super) fn read(&mut self, page: &Page) -> Result<RecordBatch> {
        let mut rows = page.rows.as_slice();
        if self.awaits_header
            && let Some((header, rest)) = rows.split_first()
        {
            self.check(page, header)?;
            self.awaits_header = false;
            rows = rest;
        }
        let width = self.names.len();
        if let Some(odd) = rows.iter().find(|row| row.len() != width) {
            return Err(surprise(&format!("a row has {} values, not {width}", odd.len())));
        }
        let fields = self.schema.fields().iter().zip(self.names.iter()).enumerate();
        let columns = fields.map(|(position, (field, name))| {
            let texts = rows.iter().map(|row| row.get(position).and_then(Option::as_deref));
            values(field, name, &texts.collect::<Vec<_>>())
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let count = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &count)
            .map_err(|error| surprise(&error.to_string()))
    }

    /// Sees that the columns are those of the statement: `SELECT *` could mean others there.
    fn check(&self, page: &Page, header: &[Option<String>]) -> Result<()> {
        let is_header = header.len() == page.columns.len()
            && header.iter().zip(&page.columns).all(|(told, name)| told.as_ref() == Some(name));
        if !is_header {
            return Err(surprise("the first row does not hold the names of the columns"));
        }
        if page.columns.len() != self.names.len() {
            let (there, here) = (page.columns.len(), self.names.len());
            return Err(surprise(&format!("{there} columns came, not {here}")).hint(NAME_THEM));
        }
        let others = self.names.iter().zip(&page.columns).enumerate();
        for (position, (here, there)) in others {
            // Trino names what has no name so, and tells names of one spelling only.
            if !there.starts_with("_col") && !here.eq_ignore_ascii_case(there) {
                let number = position + 1;
                let (there, here) = (clean(there), clean(here));
                let text = format!("column {number} is `{there}` there and `{here}` here");
                return Err(surprise(&text).hint(NAME_THEM));
            }
        }
        Ok(())
    }
}

const NAME_THEM: &str = "name the columns one by one instead of `*`, and each with AS";

/// Whether values of this type can be told from their text.
pub(super) fn can_come_back(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Boolean
        | DataType::Date32
        | DataType::Null => true,
        DataType::Timestamp(_, zone) => {
            zone.as_deref().is_none_or(|zone| matches!(zone, "UTC" | "+00:00" | "Z"))
        }
        other => other.is_numeric(),
    }
}

/// A column from its texts. `None` is NULL.
fn values(field: &Field, name: &str, texts: &[Option<&str>]) -> Result<ArrayRef> {
    let data_type = field.data_type();
    let wrong = |text: &str| {
        let (name, text) = (clean(name), clean(text));
        surprise(&format!("column `{name}` holds `{text}`, which is no {data_type}"))
            .hint("a CAST in the statement makes the type the same on both sides")
    };
    if *data_type == DataType::Null {
        return match texts.iter().flatten().next() {
            Some(text) => Err(wrong(text)),
            None => Ok(Arc::new(NullArray::new(texts.len()))),
        };
    }
    let plain = StringArray::from(texts.to_vec());
    let typed = cast(&plain, data_type).map_err(|error| surprise(&error.to_string()))?;
    // What cannot be read becomes NULL in a cast, and would be a wrong answer.
    let lost = (0..plain.len()).find(|&row| typed.is_null(row) && plain.is_valid(row));
    match lost.and_then(|row| texts.get(row).copied().flatten()) {
        Some(text) => Err(wrong(text)),
        None => Ok(typed),
    }
}

fn surprise(what: &str) -> Trouble {
    Trouble::new(Kind::Other, format!("the result of Athena is not that of the statement: {what}"))
}

#[cfg(test)]
mod tests;
