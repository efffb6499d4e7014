//! What a control must return, checked by planning alone: no report is read.

use arrow::datatypes::DataType;
use datafusion::dataframe::DataFrame;

use crate::library::LibraryError;
use crate::library::query::{CONTRACT, CannedQuery};

/// The type of contract column number `position`, as far as it is fixed.
fn fits(position: usize, found: &DataType) -> bool {
    let is_text =
        matches!(found, DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 | DataType::Null);
    if CONTRACT.get(position) == Some(&"generated_time") {
        matches!(found, DataType::Timestamp(..) | DataType::Null)
    } else {
        is_text
    }
}

/// Refuses a control whose statement returns other columns than the contract and its header say.
///
/// # Errors
/// The file and what is wrong.
pub fn check(query: &CannedQuery, planned: &DataFrame) -> Result<(), LibraryError> {
    let error = |message: String| LibraryError { file: query.file.clone(), line: 1, message };
    let found: Vec<&str> =
        planned.schema().fields().iter().map(|field| field.name().as_str()).collect();
    let wanted: Vec<&str> =
        CONTRACT.into_iter().chain(query.columns.iter().map(String::as_str)).collect();
    if found != wanted {
        return Err(error(format!(
            "a control returns the columns {}; this one returns {}",
            wanted.join(", "),
            found.join(", ")
        )));
    }
    let fields = planned.schema().fields().iter().take(CONTRACT.len()).enumerate();
    match fields.into_iter().find(|(position, field)| !fits(*position, field.data_type())) {
        None => Ok(()),
        Some((_, field)) => Err(error(format!(
            "column {} is of type {}; a control returns a timestamp in generated_time and text in \
             the columns before",
            field.name(),
            field.data_type()
        ))),
    }
}
