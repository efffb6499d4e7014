//! Values as literals on the syntax tree, typed as Trino types them.
//!
//! Times are written without a zone: the columns of an exported dataset are `timestamp(3)`, which
//! tells UTC and has none, and a comparison then leaves the column as it is. What has a zone, as
//! `current_timestamp` does, Trino compares in the zone of the session, which in Athena is UTC.

use arrow::temporal_conversions::{
    date32_to_datetime, date64_to_datetime, timestamp_ms_to_datetime, timestamp_ns_to_datetime,
    timestamp_s_to_datetime, timestamp_us_to_datetime,
};
use chrono::{NaiveDateTime, Timelike};
use datafusion::common::ScalarValue;
use datafusion::sql::sqlparser::ast::{
    CastKind, DataType, Expr, TimezoneInfo, TypedString, UnaryOperator, Value,
};

use crate::report::Millis;

/// The literal of a value; `None` if SQL has none for it.
pub(super) fn of(value: &ScalarValue) -> Option<Expr> {
    use ScalarValue as S;
    let literal = match value {
        S::Dictionary(_, value) => return of(value),
        value if value.is_null() => plain(Value::Null),
        S::Boolean(Some(value)) => plain(Value::Boolean(*value)),
        S::Int8(Some(value)) => whole((*value).into()),
        S::Int16(Some(value)) => whole((*value).into()),
        S::Int32(Some(value)) => whole((*value).into()),
        S::Int64(Some(value)) => whole((*value).into()),
        S::UInt8(Some(value)) => whole((*value).into()),
        S::UInt16(Some(value)) => whole((*value).into()),
        S::UInt32(Some(value)) => whole((*value).into()),
        S::UInt64(Some(value)) => whole((*value).into()),
        S::Float32(Some(value)) => double((*value).into())?,
        S::Float64(Some(value)) => double(*value)?,
        S::Decimal32(..) | S::Decimal64(..) | S::Decimal128(..) | S::Decimal256(..) => {
            signed(&value.cast_to(&arrow::datatypes::DataType::Utf8).ok()?.to_string())
        }
        S::Utf8(Some(value)) | S::LargeUtf8(Some(value)) | S::Utf8View(Some(value)) => text(value),
        S::Date32(Some(days)) => date(date32_to_datetime(*days)?),
        S::Date64(Some(millis)) => date(date64_to_datetime(*millis)?),
        S::TimestampSecond(Some(value), _) => time(timestamp_s_to_datetime(*value)?),
        S::TimestampMillisecond(Some(value), _) => time(timestamp_ms_to_datetime(*value)?),
        S::TimestampMicrosecond(Some(value), _) => time(timestamp_us_to_datetime(*value)?),
        S::TimestampNanosecond(Some(value), _) => time(timestamp_ns_to_datetime(*value)?),
        _ => return None,
    };
    Some(literal)
}

/// Text. Quotes in it are doubled when it is printed.
pub(super) fn text(text: &str) -> Expr {
    plain(Value::SingleQuotedString(text.to_owned()))
}

/// An instant; `None` beyond the years that a calendar has.
pub(super) fn instant(millis: Millis) -> Option<Expr> {
    timestamp_ms_to_datetime(millis).map(time)
}

/// The UTC day of an instant.
pub(super) fn day(millis: Millis) -> Option<Expr> {
    timestamp_ms_to_datetime(millis).map(date)
}

/// A time of no zone, with as many digits as it needs and the three of a column at least.
pub(super) fn time(time: NaiveDateTime) -> Expr {
    let is_whole = time.nanosecond().is_multiple_of(1_000_000);
    let form = if is_whole { "%Y-%m-%d %H:%M:%S%.3f" } else { "%Y-%m-%d %H:%M:%S%.9f" };
    typed(DataType::Timestamp(None, TimezoneInfo::None), time.format(form).to_string())
}

fn date(time: NaiveDateTime) -> Expr {
    typed(DataType::Date, time.format("%Y-%m-%d").to_string())
}

fn typed(data_type: DataType, text: String) -> Expr {
    let value = Value::SingleQuotedString(text).into();
    Expr::TypedString(TypedString { data_type, value, uses_odbc_syntax: false })
}

fn plain(value: Value) -> Expr {
    Expr::Value(value.into())
}

fn whole(value: i128) -> Expr {
    // What `bigint` holds only with its sign would be a decimal: Trino reads the digits first.
    if value == i64::MIN.into() {
        return Expr::Cast {
            kind: CastKind::Cast,
            expr: Box::new(text(&value.to_string())),
            data_type: DataType::BigInt(None),
            array: false,
            format: None,
        };
    }
    signed(&value.to_string())
}

/// With an exponent: without one Trino reads a decimal.
fn double(value: f64) -> Option<Expr> {
    value.is_finite().then(|| signed(&format!("{value:E}")))
}

/// In brackets if it is negative: a minus before it would make a comment of both.
fn signed(number: &str) -> Expr {
    let digits = |text: &str| plain(Value::Number(text.to_owned(), false));
    match number.strip_prefix('-') {
        None => digits(number),
        Some(rest) => {
            let negative = Expr::UnaryOp { op: UnaryOperator::Minus, expr: Box::new(digits(rest)) };
            Expr::Nested(Box::new(negative))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(value: &ScalarValue) -> String {
        of(value).map_or("none".to_owned(), |literal| literal.to_string())
    }

    #[test]
    fn every_type_has_its_literal() {
        let utc = Some("UTC".into());
        for (value, expected) in [
            (ScalarValue::Int64(Some(90)), "90"),
            (ScalarValue::Int32(Some(-90)), "(-90)"),
            (ScalarValue::Int64(Some(i64::MIN)), "CAST('-9223372036854775808' AS BIGINT)"),
            (ScalarValue::Int64(Some(i64::MAX)), "9223372036854775807"),
            (ScalarValue::UInt64(Some(7)), "7"),
            (ScalarValue::Float64(Some(1.5)), "1.5E0"),
            (ScalarValue::Float64(Some(-0.25)), "(-2.5E-1)"),
            (ScalarValue::Float64(Some(f64::NAN)), "none"),
            (ScalarValue::Float64(Some(f64::INFINITY)), "none"),
            (ScalarValue::Decimal128(Some(-150), 5, 2), "(-1.50)"),
            (ScalarValue::Boolean(Some(true)), "true"),
            (ScalarValue::Boolean(None), "NULL"),
            (ScalarValue::Utf8(Some("grün 🗝".to_owned())), "'grün 🗝'"),
            (ScalarValue::Utf8View(Some("a".to_owned())), "'a'"),
            (ScalarValue::Date32(Some(1)), "DATE '1970-01-02'"),
            (
                ScalarValue::TimestampMillisecond(Some(1_793_448_000_000), utc.clone()),
                "TIMESTAMP '2026-10-31 12:00:00.000'",
            ),
            (
                ScalarValue::TimestampNanosecond(Some(1_793_448_000_000_000_000), utc.clone()),
                "TIMESTAMP '2026-10-31 12:00:00.000'",
            ),
            (
                ScalarValue::TimestampNanosecond(Some(1_000_001), utc),
                "TIMESTAMP '1970-01-01 00:00:00.001000001'",
            ),
            (ScalarValue::TimestampSecond(Some(0), None), "TIMESTAMP '1970-01-01 00:00:00.000'"),
            (ScalarValue::Binary(Some(vec![1])), "none"),
        ] {
            assert_eq!(printed(&value), expected, "{value:?}");
        }
    }
}
