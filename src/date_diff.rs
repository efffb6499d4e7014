//! `date_diff(unit, from, to)` under Trino's name and with Trino's meaning: how many whole units have
//! gone by, negative if `to` is earlier. Boundaries that were crossed do not count.
//!
//! Source: Trino, "Date and time functions", `date_diff`; it counts with Joda-Time, for which a
//! month from the 31st ends on the last day of a shorter month.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int64Array, PrimitiveArray};
use arrow::compute::kernels::arity::try_binary;
use arrow::datatypes::{DataType, Int64Type, TimeUnit, TimestampMillisecondType};
use arrow::error::ArrowError;
use chrono::{DateTime, Datelike, Months, Utc};
use datafusion::common::{Result, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::report::Millis;

/// The function.
#[must_use]
pub fn function() -> ScalarUDF {
    ScalarUDF::new_from_impl(DateDiff { signature: Signature::user_defined(Volatility::Immutable) })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct DateDiff {
    signature: Signature,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// Of this many milliseconds.
    Millis(i64),
    /// Of this many months.
    Months(i64),
}

/// The units, as Trino calls them.
const UNITS: [(&str, Unit); 9] = [
    ("millisecond", Unit::Millis(1)),
    ("second", Unit::Millis(1000)),
    ("minute", Unit::Millis(60_000)),
    ("hour", Unit::Millis(3_600_000)),
    ("day", Unit::Millis(86_400_000)),
    ("week", Unit::Millis(604_800_000)),
    ("month", Unit::Months(1)),
    ("quarter", Unit::Months(3)),
    ("year", Unit::Months(12)),
];

impl ScalarUDFImpl for DateDiff {
    fn name(&self) -> &'static str {
        "date_diff"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let is_text = |data_type: &DataType| data_type.is_string() || data_type.is_null();
        let is_time = |data_type: &DataType| {
            use DataType::{Date32, Date64, Null, Timestamp};
            matches!(data_type, Timestamp(..) | Date32 | Date64 | Null)
        };
        match types {
            [unit, from, to] if is_text(unit) && is_time(from) && is_time(to) => {
                let time = DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
                Ok(vec![DataType::Utf8, time.clone(), time])
            }
            _ => plan_err!("date_diff takes a unit and two times, as date_diff('day', from, to)"),
        }
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [unit, from, to] = &arguments.args[..] else {
            return exec_err!("date_diff takes three arguments");
        };
        let ColumnarValue::Scalar(ScalarValue::Utf8(unit)) = unit else {
            return exec_err!("the unit of date_diff is the same for all rows");
        };
        let Some(unit) = unit else {
            return Ok(ColumnarValue::Scalar(ScalarValue::Int64(None)));
        };
        let unit = unit_named(unit)?;
        let is_one_row = [from, to].iter().all(|time| matches!(time, ColumnarValue::Scalar(_)));
        let rows = if is_one_row { 1 } else { arguments.number_rows };
        let (from, to) = (from.to_array(rows)?, to.to_array(rows)?);
        let counted = counted(unit, from.as_primitive(), to.as_primitive())?;
        if is_one_row {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&counted, 0)?));
        }
        Ok(ColumnarValue::Array(counted))
    }
}

fn unit_named(name: &str) -> Result<Unit> {
    let found = UNITS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    let Some((_, unit)) = found else {
        let known = UNITS.map(|(name, _)| name).join(", ");
        return exec_err!("date_diff knows no unit '{name}': it knows {known}");
    };
    Ok(*unit)
}

fn counted(
    unit: Unit,
    from: &PrimitiveArray<TimestampMillisecondType>,
    to: &PrimitiveArray<TimestampMillisecondType>,
) -> Result<ArrayRef> {
    let counted: Int64Array = try_binary::<_, _, _, Int64Type>(from, to, |from, to| match unit {
        Unit::Millis(size) => to.checked_sub(from).map(|millis| millis / size).ok_or_else(beyond),
        Unit::Months(size) => months(from, to).map(|months| months / size).ok_or_else(beyond),
    })?;
    Ok(Arc::new(counted))
}

fn beyond() -> ArrowError {
    ArrowError::ComputeError("date_diff: the times are further apart than can be counted".into())
}

/// Whole months between two times.
fn months(from: Millis, to: Millis) -> Option<i64> {
    if to < from {
        return months(to, from).map(|months| -months);
    }
    let (from, to) = (utc(from)?, utc(to)?);
    let apart =
        i64::from(to.year() - from.year()) * 12 + i64::from(to.month()) - i64::from(from.month());
    // On a day that the month does not have, the month ends with its last.
    let whole = from.checked_add_months(Months::new(u32::try_from(apart).ok()?))? <= to;
    Some(if whole { apart } else { apart - 1 })
}

fn utc(millis: Millis) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(millis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::time;

    fn count(unit: &str, from: &str, to: &str) -> i64 {
        let millis = |text| time::parse(text).expect("a time").millis;
        let array = |text| PrimitiveArray::from_iter_values([millis(text)]);
        let unit = unit_named(unit).expect("a unit");
        let counted = counted(unit, &array(from), &array(to)).expect("it can be counted");
        counted.as_primitive::<Int64Type>().value(0)
    }

    #[test]
    fn whole_units_that_have_gone_by() {
        for (unit, from, to, expected) in [
            ("millisecond", "2026-10-31T12:00:00Z", "2026-10-31T12:00:01.5Z", 1500),
            ("second", "2026-10-31T12:00:00Z", "2026-10-31T12:00:01.999Z", 1),
            ("second", "2026-10-31T12:00:00.999Z", "2026-10-31T12:00:01Z", 0),
            ("minute", "2026-10-31T12:00:59Z", "2026-10-31T12:01:00Z", 0),
            ("hour", "2026-10-31T12:00:00Z", "2026-10-31T13:00:00Z", 1),
            // Midnight is crossed, and no day has gone by.
            ("day", "2026-10-30T23:00:00Z", "2026-10-31T01:00:00Z", 0),
            ("day", "2026-10-30T12:00:00Z", "2026-10-31T11:59:59.999Z", 0),
            ("day", "2026-10-30T12:00:00Z", "2026-10-31T12:00:00Z", 1),
            ("DAY", "2026-01-01", "2026-04-01", 90),
            ("week", "2026-10-01T00:00:00Z", "2026-10-14T23:59:59Z", 1),
            // Earlier: less than a unit is none, on either side.
            ("day", "2026-10-31T12:00:00Z", "2026-10-31T11:00:00Z", 0),
            ("day", "2026-10-31T12:00:00Z", "2026-10-30T12:00:00Z", -1),
            ("day", "2026-10-31T12:00:00Z", "2026-10-30T12:00:01Z", 0),
            ("month", "2026-10-15T12:00:00Z", "2026-11-15T11:59:59Z", 0),
            ("month", "2026-10-15T12:00:00Z", "2026-11-15T12:00:00Z", 1),
            ("month", "2026-01-31", "2026-02-28", 1),
            ("month", "2026-01-31", "2026-02-27", 0),
            ("month", "2024-01-31", "2024-02-28", 0),
            ("month", "2026-02-28", "2026-01-31", -1),
            ("quarter", "2026-01-15", "2026-07-14", 1),
            ("year", "2024-02-29", "2025-02-28", 1),
            ("year", "2023-03-01", "2024-02-29", 0),
            ("year", "2023-03-01", "2024-03-01", 1),
            ("year", "2026-01-01", "2016-01-02", -9),
        ] {
            assert_eq!(count(unit, from, to), expected, "{unit} from {from} to {to}");
        }
    }

    #[test]
    fn a_unit_that_is_none_is_named_with_those_that_are() {
        let error = unit_named("days").expect_err("units are singular").to_string();
        assert!(error.contains("'days'") && error.contains("day, week"), "{error}");
    }

    #[tokio::test]
    async fn any_two_times_can_be_compared() {
        let context = datafusion::prelude::SessionContext::new();
        context.register_udf(function());
        let sql = "SELECT \
            date_diff('day', DATE '2026-10-30', TIMESTAMP '2026-10-31T23:00:00') AS dates, \
            date_diff('hour', arrow_cast('2026-10-31T12:00:00Z', 'Timestamp(Millisecond, Some(\"UTC\"))'), \
                      TIMESTAMP '2026-10-31T14:00:00+01:00') AS zones, \
            date_diff('day', NULL, now()) AS nothing, \
            sum(date_diff('minute', a, b)) AS of_columns \
            FROM (VALUES (TIMESTAMP '2026-10-31T12:00:00', TIMESTAMP '2026-10-31T12:05:30'), \
                         (TIMESTAMP '2026-10-31T12:00:00', NULL)) AS t (a, b)";
        let rows = context.sql(sql).await.expect("it plans").collect().await.expect("it runs");
        let values = |column: usize| rows[0].column(column).as_primitive::<Int64Type>().iter();
        let all: Vec<Option<i64>> =
            (0..4).flat_map(|column| values(column).collect::<Vec<_>>()).collect();
        assert_eq!(all, [Some(1), Some(1), None, Some(5)]);
        for wrong in ["date_diff('day', '2026-10-31', now())", "date_diff('day', now())"] {
            let error = context.sql(&format!("SELECT {wrong}")).await.expect_err("no times");
            assert!(error.to_string().contains("date_diff takes a unit and two times"), "{error}");
        }
    }
}
