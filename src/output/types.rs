//! Arrow types as the formats see them.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema};
use arrow::error::ArrowError;
use arrow::util::display::FormatOptions;

use super::OutputError;

/// Refuses the one kind of type that no format can write.
pub(super) fn check(schema: &Schema) -> Result<(), OutputError> {
    match schema.fields().iter().find(|field| has_union(field.data_type())) {
        None => Ok(()),
        Some(field) => Err(OutputError::Unsupported {
            column: field.name().clone(),
            data_type: field.data_type().clone(),
        }),
    }
}

fn has_union(data_type: &DataType) -> bool {
    match data_type {
        DataType::Union(_, _) => true,
        DataType::Dictionary(_, value) => has_union(value),
        DataType::List(field)
        | DataType::LargeList(field)
        | DataType::ListView(field)
        | DataType::LargeListView(field)
        | DataType::FixedSizeList(field, _)
        | DataType::Map(field, _)
        | DataType::RunEndEncoded(_, field) => has_union(field.data_type()),
        DataType::Struct(fields) => fields.iter().any(|field| has_union(field.data_type())),
        _ => false,
    }
}

/// The type without its encodings (dictionary, run ends), and with `leaf` applied to it and to all
/// types within, innermost first.
pub(super) fn rewrite(data_type: &DataType, leaf: fn(DataType) -> DataType) -> DataType {
    let inner = |field: &FieldRef| rewrite_field(field, leaf);
    leaf(match data_type {
        DataType::Dictionary(_, value) => rewrite(value, leaf),
        DataType::RunEndEncoded(_, value) => rewrite(value.data_type(), leaf),
        DataType::List(field) => DataType::List(inner(field)),
        DataType::LargeList(field) => DataType::LargeList(inner(field)),
        DataType::ListView(field) => DataType::ListView(inner(field)),
        DataType::LargeListView(field) => DataType::LargeListView(inner(field)),
        DataType::FixedSizeList(field, size) => DataType::FixedSizeList(inner(field), *size),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(inner).collect()),
        DataType::Map(entries, sorted) => DataType::Map(inner(entries), *sorted),
        other => other.clone(),
    })
}

fn rewrite_field(field: &FieldRef, leaf: fn(DataType) -> DataType) -> FieldRef {
    Arc::new(Field::clone(field).with_data_type(rewrite(field.data_type(), leaf)))
}

/// The type whose values the text formats can write: UTC under the one name that needs no time zone
/// data, and map keys that are text, as JSON wants them.
pub(super) fn readable(data_type: &DataType) -> DataType {
    rewrite(data_type, |inner| match inner {
        DataType::Timestamp(unit, Some(zone)) if is_utc(&zone) => {
            DataType::Timestamp(unit, Some("+00:00".into()))
        }
        DataType::Map(entries, sorted) => DataType::Map(with_text_keys(&entries), sorted),
        other => other,
    })
}

fn is_utc(zone: &str) -> bool {
    ["UTC", "Etc/UTC", "Z", "GMT"].iter().any(|name| zone.eq_ignore_ascii_case(name))
}

fn with_text_keys(entries: &FieldRef) -> FieldRef {
    let DataType::Struct(fields) = entries.data_type() else {
        return Arc::clone(entries);
    };
    let fields: Fields = fields
        .iter()
        .enumerate()
        .map(|(position, field)| match (position, field.data_type()) {
            (0, key) if !key.is_string() => {
                Arc::new(Field::clone(field).with_data_type(DataType::Utf8))
            }
            _ => Arc::clone(field),
        })
        .collect();
    Arc::new(Field::clone(entries).with_data_type(DataType::Struct(fields)))
}

/// The array as `data_type`; a value that does not survive is an error, never a NULL.
pub(super) fn convert(array: &ArrayRef, data_type: &DataType) -> Result<ArrayRef, ArrowError> {
    if array.data_type() == data_type {
        return Ok(Arc::clone(array));
    }
    let options = CastOptions { safe: false, format_options: FormatOptions::new() };
    cast_with_options(array, data_type, &options)
}

/// The schema under names that all differ (`x`, `x_2`), and the renamed columns.
#[must_use]
pub fn with_unique_names(schema: &Schema) -> (Fields, Vec<(String, String)>) {
    let given: HashSet<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let mut taken = HashSet::new();
    let mut renamed = Vec::new();
    let fields = schema.fields().iter().map(|field| {
        let mut name = field.name().clone();
        let mut number = 1;
        while taken.contains(&name) || (number > 1 && given.contains(name.as_str())) {
            number += 1;
            name = format!("{}_{number}", field.name());
        }
        if number > 1 {
            renamed.push((field.name().clone(), name.clone()));
        }
        taken.insert(name.clone());
        Field::clone(field).with_name(name).with_nullable(true)
    });
    (fields.collect(), renamed)
}
