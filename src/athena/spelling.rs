//! What the two engines spell or take for granted differently, made explicit on the syntax tree.
//!
//! Canned queries are written in what both share. This is for what they cannot: defaults that differ
//! in silence, and the everyday spellings of a person at the prompt.

use arrow::compute::kernels::cast_utils::string_to_timestamp_nanos;
use arrow::temporal_conversions::timestamp_ns_to_datetime;
use datafusion::sql::sqlparser::ast::{
    CastKind, DataType, DateTimeField, Expr, Fetch, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentClause, FunctionArgumentList, FunctionArguments, Ident, Interval, LimitClause,
    NamedWindowExpr, ObjectName, OrderByExpr, OrderByKind, Query, Select, TypedString, Value,
    ValueWithSpan, WindowType,
};

use super::literal;

/// The order and the limit of a query.
pub(super) fn query(query: &mut Query) {
    if let Some(order_by) = &mut query.order_by
        && let OrderByKind::Expressions(expressions) = &mut order_by.kind
    {
        nulls(expressions);
    }
    // Trino wants the offset before the limit, which only FETCH is printed after.
    match query.limit_clause.take() {
        Some(LimitClause::LimitOffset { limit: Some(limit), offset: Some(offset), limit_by })
            if limit_by.is_empty() && query.fetch.is_none() =>
        {
            query.fetch = Some(Fetch { with_ties: false, percent: false, quantity: Some(limit) });
            query.limit_clause =
                Some(LimitClause::LimitOffset { limit: None, offset: Some(offset), limit_by });
        }
        other => query.limit_clause = other,
    }
}

/// The windows that a query names.
pub(super) fn select(select: &mut Select) {
    for window in &mut select.named_window {
        if let NamedWindowExpr::WindowSpec(window) = &mut window.1 {
            nulls(&mut window.order_by);
        }
    }
}

/// Where NULL stands, if nothing is said: DataFusion takes it for the greatest, Trino puts it last
/// in either direction.
fn nulls(expressions: &mut [OrderByExpr]) {
    for expression in expressions {
        let options = &mut expression.options;
        if options.asc == Some(false) && options.nulls_first.is_none() {
            options.nulls_first = Some(true);
        }
    }
}

/// An expression, before its parts are looked at.
pub(super) fn expression(expression: &mut Expr) {
    match expression {
        Expr::Function(function) => orders(function),
        Expr::TypedString(typed) => time(typed),
        Expr::Interval(span) => interval(span),
        Expr::Cast { kind: kind @ CastKind::DoubleColon, .. } => *kind = CastKind::Cast,
        Expr::Like { pattern, escape_char: escape @ None, .. } if has_backslash(pattern) => {
            *escape = Some(backslash());
        }
        _ => {}
    }
    if let Expr::Cast { data_type, .. } = expression
        && matches!(data_type, DataType::Text | DataType::String(_))
    {
        *data_type = DataType::Varchar(None);
    }
    if let Some(other) = respelled(expression) {
        *expression = other;
    }
}

/// A text: Trino has quotes alone. Whoever prints it takes two quotes for one that is escaped
/// already, so that one must be two before.
pub(super) fn value(value: &mut Value) {
    let text = match value {
        Value::SingleQuotedString(text) | Value::EscapedStringLiteral(text) => text,
        Value::DollarQuotedString(dollar) => &mut dollar.value,
        _ => return,
    };
    *value = Value::SingleQuotedString(text.replace('\'', "''"));
}

/// What Trino has no words for, in others: `IS TRUE` and its like, and `ILIKE`.
fn respelled(expression: &mut Expr) -> Option<Expr> {
    let flag = |value: bool| Box::new(Expr::Value(Value::Boolean(value).into()));
    let same = |left: &mut Box<Expr>, value| Expr::IsNotDistinctFrom(operand(left), flag(value));
    let other = |left: &mut Box<Expr>, value| Expr::IsDistinctFrom(operand(left), flag(value));
    let respelled = match expression {
        Expr::IsTrue(left) => same(left, true),
        Expr::IsFalse(left) => same(left, false),
        Expr::IsNotTrue(left) => other(left, true),
        Expr::IsNotFalse(left) => other(left, false),
        Expr::IsUnknown(left) => Expr::IsNull(operand(left)),
        Expr::IsNotUnknown(left) => Expr::IsNotNull(operand(left)),
        Expr::ILike { negated, any: false, expr, pattern, escape_char } => Expr::Like {
            negated: *negated,
            any: false,
            escape_char: escape_char.take().or_else(|| has_backslash(pattern).then(backslash)),
            expr: Box::new(lower(expr)),
            pattern: Box::new(lower(pattern)),
        },
        _ => return None,
    };
    Some(Expr::Nested(Box::new(respelled)))
}

/// An expression that stands before an operator, in brackets.
fn operand(expression: &mut Expr) -> Box<Expr> {
    let taken = take(expression);
    match taken {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Nested(_) => Box::new(taken),
        taken => Box::new(Expr::Nested(Box::new(taken))),
    }
}

fn take(expression: &mut Expr) -> Expr {
    std::mem::replace(expression, Expr::Value(Value::Null.into()))
}

fn lower(expression: &mut Expr) -> Expr {
    let argument = FunctionArg::Unnamed(FunctionArgExpr::Expr(take(expression)));
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::new("lower")]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: vec![argument],
            clauses: vec![],
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: vec![],
    })
}

/// In a pattern without `ESCAPE` a backslash escapes in DataFusion, and is a backslash in Trino.
fn has_backslash(pattern: &Expr) -> bool {
    matches!(pattern, Expr::Value(value)
        if matches!(&value.value, Value::SingleQuotedString(text) if text.contains('\\')))
}

fn backslash() -> ValueWithSpan {
    Value::SingleQuotedString("\\".to_owned()).into()
}

/// The orders in a call of a function.
fn orders(function: &mut Function) {
    if let Some(WindowType::WindowSpec(window)) = &mut function.over {
        nulls(&mut window.order_by);
    }
    nulls(&mut function.within_group);
    if let FunctionArguments::List(list) = &mut function.args {
        for clause in &mut list.clauses {
            if let FunctionArgumentClause::OrderBy(expressions) = clause {
                nulls(expressions);
            }
        }
    }
}

/// `TIMESTAMP '…'` in whatever form DataFusion reads: Trino wants a blank between day and time, and
/// would compare a literal with a zone by another type.
fn time(typed: &mut TypedString) {
    if !matches!(typed.data_type, DataType::Timestamp(..)) {
        return;
    }
    if let Value::SingleQuotedString(text) = &typed.value.value
        && let Some(time) = string_to_timestamp_nanos(text).ok().and_then(timestamp_ns_to_datetime)
        && let Expr::TypedString(written) = literal::time(time)
    {
        *typed = written;
    }
}

/// `INTERVAL '90 days'`, as far as it is one number of one unit: Trino wants the unit outside.
fn interval(interval: &mut Interval) {
    let Expr::Value(value) = &*interval.value else {
        return;
    };
    let (Value::SingleQuotedString(text) | Value::Number(text, _)) = &value.value else {
        return;
    };
    let text = match &interval.leading_field {
        Some(unit) if interval.last_field.is_none() => format!("{text} {unit}"),
        Some(_) => return,
        None => text.clone(),
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    let [count, unit] = words[..] else {
        return;
    };
    let Ok(count) = count.parse::<i64>() else {
        return;
    };
    let unit = unit.to_ascii_lowercase();
    let (size, unit) = match unit.trim_end_matches('s') {
        "year" => (1, DateTimeField::Year),
        "month" => (1, DateTimeField::Month),
        "week" => (7, DateTimeField::Day),
        "day" => (1, DateTimeField::Day),
        "hour" => (1, DateTimeField::Hour),
        "minute" => (1, DateTimeField::Minute),
        "second" => (1, DateTimeField::Second),
        _ => return,
    };
    let count = Value::SingleQuotedString(count.saturating_mul(size).to_string());
    *interval.value = Expr::Value(count.into());
    interval.leading_field = Some(unit);
}
