//! Parameters: texts become typed values in a planned statement, never a part of its text.

use std::collections::HashMap;

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DataFusionError, ParamValues, ScalarValue};
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{Expr, LogicalPlan, lit};

use crate::error::Error;
use crate::library::query::Value;

/// Puts the items of lists where `IN ($name)` stands.
pub(crate) fn bind_lists(
    plan: LogicalPlan,
    parameters: &[(String, Value)],
) -> Result<LogicalPlan, DataFusionError> {
    let is_list = |value: &Value| matches!(value, Value::List(_));
    if !parameters.iter().any(|(_, value)| is_list(value)) {
        return Ok(plan);
    }
    let expanded = plan.transform_up_with_subqueries(|node| {
        node.map_expressions(|expression| {
            expression.transform_up(|expression| Ok(expand(expression, parameters)))
        })
    });
    expanded.map(|expanded| expanded.data)
}

fn expand(expression: Expr, parameters: &[(String, Value)]) -> Transformed<Expr> {
    let Expr::InList(InList { expr, list, negated }) = expression else {
        return Transformed::no(expression);
    };
    let items = |item: Expr| -> Vec<Expr> {
        let Expr::Placeholder(placeholder) = &item else {
            return vec![item];
        };
        let name = bare(&placeholder.id);
        match parameters.iter().find(|(given, _)| given == name) {
            Some((_, Value::List(texts))) => texts.iter().map(|text| lit(text.as_str())).collect(),
            _ => vec![item],
        }
    };
    let list = list.into_iter().flat_map(items).collect();
    Transformed::yes(Expr::InList(InList { expr, list, negated }))
}

/// Why a value could not be bound.
pub(crate) enum Bind {
    /// The engine says so.
    Engine(DataFusionError),
    /// We say so.
    Ours(Error),
}

/// The values of the `$name` parameters of a plan. The text of a value takes the type the statement
/// gives its place.
pub(crate) fn values(
    plan: &LogicalPlan,
    parameters: &[(String, Value)],
) -> Result<HashMap<String, ScalarValue>, Bind> {
    let types = plan.get_parameter_fields().map_err(Bind::Engine)?;
    let mut values = HashMap::new();
    for (placeholder, field) in types {
        let name = bare(&placeholder);
        let text = match parameters.iter().find(|(given, _)| given == name) {
            Some((_, Value::One(text))) => text,
            Some((_, Value::List(_))) => {
                return Err(Bind::Ours(Error::Sql {
                    message: format!(
                        "parameter ${name} is a list, which stands in `IN (${name})` alone"
                    ),
                    place: None,
                    hint: None,
                }));
            }
            None => {
                return Err(Bind::Ours(Error::Unbound { name: name.to_owned() }));
            }
        };
        let value = match &field {
            Some(field) => {
                ScalarValue::try_from_string(text.clone(), field.data_type()).map_err(|_| {
                    Bind::Ours(Error::Sql {
                        message: format!(
                            "parameter ${name}: `{text}` is no {}",
                            type_words(field.data_type())
                        ),
                        place: None,
                        hint: None,
                    })
                })?
            }
            None => guess(text),
        };
        values.insert(name.to_owned(), value);
    }
    Ok(values)
}

/// Binds the parameters of a plan to their values.
pub(crate) fn bind(
    plan: LogicalPlan,
    values: &HashMap<String, ScalarValue>,
) -> Result<LogicalPlan, DataFusionError> {
    if values.is_empty() {
        return Ok(plan);
    }
    let values = values.iter().map(|(name, value)| (name.clone(), value.clone().into()));
    plan.with_param_values(ParamValues::Map(values.collect()))
}

/// The name of a parameter without the `$` before it, or the `:` or `@` of other tools.
pub(crate) fn bare(placeholder: &str) -> &str {
    placeholder.trim_start_matches(['$', ':', '@'])
}

/// A type in words.
fn type_words(data_type: &DataType) -> String {
    match data_type {
        data_type if data_type.is_integer() => "whole number".to_owned(),
        data_type if data_type.is_numeric() => "number".to_owned(),
        DataType::Boolean => "boolean: true or false".to_owned(),
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => {
            "time such as 2026-10-31 or 2026-10-31T12:00:00Z".to_owned()
        }
        other => other.to_string(),
    }
}

/// A value for a place whose type the statement does not tell.
fn guess(text: &str) -> ScalarValue {
    // Only what prints back the same: an account id that begins with a zero is text.
    if let Some(number) = text.parse::<i64>().ok().filter(|number| number.to_string() == text) {
        return ScalarValue::Int64(Some(number));
    }
    let is_same = |number: &f64| number.is_finite() && number.to_string() == text;
    if let Some(number) = text.parse::<f64>().ok().filter(is_same) {
        return ScalarValue::Float64(Some(number));
    }
    match text {
        "true" => ScalarValue::Boolean(Some(true)),
        "false" => ScalarValue::Boolean(Some(false)),
        _ => ScalarValue::Utf8(Some(text.to_owned())),
    }
}
