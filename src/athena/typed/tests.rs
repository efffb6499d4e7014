use arrow::array::AsArray;
use arrow::datatypes::{Int64Type, Schema, TimeUnit, TimestampMillisecondType};

use super::*;

fn columns(fields: &[(&str, DataType)]) -> Columns {
    let names = fields.iter().map(|(name, _)| (*name).to_owned()).collect();
    let numbered = fields.iter().enumerate();
    let numbered: Vec<Field> = numbered
        .map(|(number, (_, data_type))| Field::new(format!("c{number}"), data_type.clone(), true))
        .collect();
    Columns::new(names, Arc::new(Schema::new(numbered)))
}

fn page(names: &[&str], rows: &[&[Option<&str>]]) -> Page {
    let row = |row: &&[Option<&str>]| row.iter().map(|text| text.map(str::to_owned)).collect();
    Page {
        columns: names.iter().map(|name| (*name).to_owned()).collect(),
        rows: rows.iter().map(row).collect(),
        next: None,
    }
}

/// One column of one type, with these values.
fn read(data_type: DataType, values: &[Option<&str>]) -> Result<ArrayRef> {
    let header = [Some("x")];
    let rows: Vec<&[Option<&str>]> =
        std::iter::once(&header[..]).chain(values.iter().map(std::slice::from_ref)).collect();
    let batch = columns(&[("x", data_type)]).read(&page(&["x"], &rows))?;
    Ok(Arc::clone(batch.column(0)))
}

fn times(zone: Option<&str>) -> DataType {
    DataType::Timestamp(TimeUnit::Millisecond, zone.map(Into::into))
}

#[test]
fn times_are_read_in_every_form_of_trino() {
    for zone in [None, Some("UTC"), Some("+00:00")] {
        for (text, millis) in [
            ("2026-10-31 12:00:00.000", 1_793_448_000_000),
            ("2026-10-31 12:00:00", 1_793_448_000_000),
            ("2026-10-31 12:00:00.250 UTC", 1_793_448_000_250),
            ("2026-10-31 13:00:00.250 Europe/Berlin", 1_793_448_000_250),
            ("2026-10-31 13:30:00.250 +01:30", 1_793_448_000_250),
            ("2026-10-31 12:00:00.250000", 1_793_448_000_250),
            ("2026-10-31", 1_793_404_800_000),
            ("1969-12-31 23:59:59.000", -1000),
        ] {
            let array = read(times(zone), &[Some(text), None]).expect(text);
            let array = array.as_primitive::<TimestampMillisecondType>();
            assert_eq!(array.value(0), millis, "{text} {zone:?}");
            assert!(array.is_null(1));
        }
    }
}

#[test]
fn null_is_not_empty() {
    for data_type in [DataType::Utf8, DataType::Utf8View, DataType::LargeUtf8] {
        let array = read(data_type, &[Some(""), None, Some("NULL")]).expect("texts");
        assert_eq!((array.is_null(0), array.is_null(1), array.is_null(2)), (false, true, false));
    }
}

#[test]
fn a_value_of_another_type_is_named_and_never_null() {
    for (data_type, wrong) in [
        (DataType::Int64, "1.5"),
        (DataType::Int64, ""),
        (DataType::Int64, "99999999999999999999"),
        (DataType::Float64, "many"),
        (DataType::Boolean, "maybe"),
        (DataType::Boolean, ""),
        (DataType::Date32, "2026-13-01"),
        (times(Some("UTC")), "yesterday"),
        (times(Some("UTC")), "2026-10-31 12:00:00.000 Nowhere/City"),
        (times(None), ""),
        (DataType::Null, "something"),
    ] {
        let error = read(data_type.clone(), &[None, Some(wrong)]).expect_err(wrong);
        let words = format!("column `x` holds `{wrong}`, which is no {data_type}");
        assert!(error.message.ends_with(&words), "{error}");
    }
}

#[test]
fn numbers_and_flags_are_read() {
    let array = read(DataType::Int64, &[Some("-12"), None]).expect("numbers");
    assert_eq!(array.as_primitive::<Int64Type>().value(0), -12);
    let array = read(DataType::Float64, &[Some("1.0E7"), Some("NaN"), Some("-Infinity")]);
    let array = array.expect("numbers");
    let floats = array.as_primitive::<arrow::datatypes::Float64Type>();
    assert!(floats.value(0).to_bits() == 1.0e7_f64.to_bits() && floats.value(1).is_nan());
    assert!(floats.value(2).is_infinite() && floats.value(2) < 0.0);
    let array = read(DataType::Boolean, &[Some("true"), Some("false"), None]).expect("flags");
    let flags = array.as_boolean();
    assert_eq!((flags.value(0), flags.value(1), flags.is_null(2)), (true, false, true));
    assert_eq!(read(DataType::Null, &[None, None]).expect("nothing").len(), 2);
}

#[test]
fn the_header_is_taken_off_once() {
    let mut columns = columns(&[("a", DataType::Utf8)]);
    let empty = columns.read(&page(&["a"], &[])).expect("no rows yet");
    assert_eq!(empty.num_rows(), 0);
    let first = columns.read(&page(&["a"], &[&[Some("a")], &[Some("1")]])).expect("rows");
    assert_eq!(first.num_rows(), 1);
    // A row that says what the header says is a row.
    let second = columns.read(&page(&["a"], &[&[Some("a")]])).expect("rows");
    assert_eq!(second.num_rows(), 1);
}

#[test]
fn other_columns_than_those_of_the_statement_are_refused() {
    let two = || columns(&[("Arn", DataType::Utf8), ("count(*)", DataType::Int64)]);
    let good = page(&["arn", "_col1"], &[&[Some("arn"), Some("_col1")], &[Some("x"), Some("1")]]);
    assert_eq!(two().read(&good).expect("rows").num_rows(), 1);
    for (names, header, words) in [
        (
            vec!["arn", "n"],
            vec![Some("arn"), Some("n")],
            "column 2 is `n` there and `count(*)` here",
        ),
        (vec!["arn"], vec![Some("arn")], "1 columns came, not 2"),
        (vec!["arn", "_col1"], vec![Some("x"), Some("1")], "the first row"),
        (vec!["arn", "_col1"], vec![Some("arn")], "the first row"),
    ] {
        let error = two().read(&page(&names, &[&header])).expect_err(words);
        assert!(error.message.contains(words), "{error}");
    }
    let short = page(&["arn", "_col1"], &[&[Some("arn"), Some("_col1")], &[Some("x")]]);
    assert!(two().read(&short).is_err());
}

#[test]
fn a_null_where_none_can_be_is_refused() {
    let schema = Schema::new(vec![Field::new("c0", DataType::Int64, false)]);
    let mut columns = Columns::new([String::from("n")].into(), Arc::new(schema));
    assert!(columns.read(&page(&["n"], &[&[Some("n")], &[None]])).is_err());
}

#[test]
fn what_has_no_exact_text_cannot_come_back() {
    let list = DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)));
    let berlin = times(Some("+01:00"));
    for no in [list, berlin, DataType::Binary, DataType::Duration(TimeUnit::Second)] {
        assert!(!can_come_back(&no), "{no}");
    }
    for yes in [DataType::Utf8View, DataType::UInt64, DataType::Decimal128(10, 2), times(None)] {
        assert!(can_come_back(&yes), "{yes}");
    }
}
