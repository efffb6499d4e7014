//! What holds for any bytes: no panic, nothing lost, nothing that depends on how they arrive.

use std::fmt::Write as _;
use std::io::{Cursor, Read};
use std::sync::Arc;

use arbtest::arbitrary::{Result, Unstructured};
use arbtest::arbtest;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimestampMillisecondType};
use credsql::decode::columns::{Batches, CellSource};
use credsql::decode::{Report, Summary, cell::State, time};
use credsql::report::{GeneratedTime, Origin, TimeBasis};
use credsql::schema::{INTERNAL, REPORT, Table};
use credsql::source::demo::Demo;

/// Later than everything in the reports below.
const NOW: i64 = 1_900_000_000_000;

fn origin() -> Origin {
    Origin {
        source: "test".into(),
        named: true,
        bytes: None,
        account_id: None,
        account_name: None,
        time: GeneratedTime { millis: NOW, basis: TimeBasis::Modified },
    }
}

fn table(name: &str, more: bool) -> SchemaRef {
    let columns =
        Table::named(name).expect("a table").columns().chain(INTERNAL.iter().filter(|_| more));
    Arc::new(Schema::new(
        columns.map(|c| Field::new(c.name, c.kind.data_type(), true)).collect::<Vec<_>>(),
    ))
}

/// Reads everything as typed rows; `None` if it is refused.
fn typed(input: impl Read + Send) -> Option<(RecordBatch, Summary)> {
    read(input, Batches::new(table("credential_report", true), CellSource::internal(), None))
}

/// Reads everything as text.
fn raw(input: impl Read + Send) -> Option<(RecordBatch, Summary)> {
    read(input, Batches::new(table("credential_report_raw", false), CellSource::raw(), None))
}

fn read(input: impl Read + Send, mut batches: Batches) -> Option<(RecordBatch, Summary)> {
    let origin = origin();
    let mut report = Report::open(Box::new(input), &origin).ok()?;
    report.check_thoroughly();
    while report.read(&mut batches, &|_| true).ok()? {}
    Some((batches.take().expect("columns fit"), report.finish()))
}

/// A report of a demo organisation.
fn demo(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let options = format!("accounts=3,users=4,days=3,seed={}", u.int_in_range(0..=50)?);
    let demo = Demo::parse(&options).expect("good options");
    let reports: Vec<_> = demo.reports().collect();
    let mut bytes = Vec::new();
    demo.render(u.choose(&reports)?, &mut bytes);
    Ok(bytes)
}

#[test]
fn no_bytes_panic() {
    arbtest(|u| {
        let bytes: Vec<u8> = u.arbitrary()?;
        typed(Cursor::new(bytes));
        Ok(())
    });
}

#[test]
fn no_mutation_of_a_report_panics_or_loses_a_row() {
    arbtest(|u| {
        let mut bytes = demo(u)?;
        let lines = |bytes: &[u8]| {
            bytes.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count()
        };
        for _ in 0..u.int_in_range(1..=4)? {
            let position = u.choose_index(bytes.len())?;
            // Bytes that make rows and cells are the dangerous ones.
            let byte = *u.choose(b"\n\r,\";\tAz0:/-\0\xff\xc3")?;
            match u.int_in_range(0..=3)? {
                0 => bytes[position] = byte,
                1 => bytes.insert(position, byte),
                2 => drop(bytes.remove(position)),
                _ => bytes.truncate(position.max(1)),
            }
        }
        // A quoted line end joins two lines, rightly.
        if let Some((batch, summary)) = typed(Cursor::new(bytes.clone()))
            && !bytes.contains(&b'"')
            && !bytes.contains(&b'\r')
            && !bytes.contains(&b'\t')
        {
            let rows = batch.num_rows();
            let headers =
                1 + summary.warnings.iter().filter(|w| w.message.contains("header")).count();
            assert!(
                rows + headers >= lines(&bytes),
                "{rows} rows of {}",
                String::from_utf8_lossy(&bytes)
            );
        }
        Ok(())
    });
}

#[test]
fn wrapping_does_not_panic_and_changes_nothing() {
    use base64::Engine as _;
    arbtest(|u| {
        let bytes = demo(u)?;
        let Some((plain, _)) = raw(Cursor::new(bytes.clone())) else { return Ok(()) };
        let base64 = base64::engine::general_purpose::STANDARD.encode(&bytes);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut gzip, &bytes).expect("memory can be written");
        let gzip = gzip.finish().expect("memory can be written");
        let utf16: Vec<u8> = [0xfe, 0xff]
            .into_iter()
            .chain(String::from_utf8_lossy(&bytes).encode_utf16().flat_map(u16::to_be_bytes))
            .collect();
        let now = time::format(NOW);
        let wrapped = [
            [b"\xef\xbb\xbf", &bytes[..]].concat(),
            format!("{{\"GeneratedTime\":\"{now}\",\"Content\":\"{base64}\"}}").into_bytes(),
            format!("{base64}\t{now}\ttext/csv\n").into_bytes(),
            format!("<R><Content>{base64}</Content><GeneratedTime>{now}</GeneratedTime></R>")
                .into_bytes(),
            base64.clone().into_bytes(),
            utf16,
            gzip,
            String::from_utf8_lossy(&bytes).replace('\n', "\r\n").into_bytes(),
        ];
        let cut = u.int_in_range(0..=base64.len())?;
        for (kind, bytes) in wrapped.into_iter().enumerate() {
            // A cut wrapper is refused or read as far as it goes, never a panic.
            typed(Cursor::new(bytes[..cut.min(bytes.len())].to_vec()));
            let (batch, _) = raw(Cursor::new(bytes)).expect("what was plain is wrapped");
            assert_eq!(batch.columns()[..29], plain.columns()[..29], "kind {kind}");
        }
        Ok(())
    });
}

/// Gives a few bytes at a time.
struct Trickle(Cursor<Vec<u8>>, usize);

impl Read for Trickle {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let step = self.1.min(buffer.len());
        self.0.read(&mut buffer[..step])
    }
}

#[test]
fn rows_do_not_depend_on_how_bytes_arrive() {
    arbtest(|u| {
        let bytes = demo(u)?;
        let step = u.int_in_range(1..=700)?;
        let (whole, trickled) =
            (typed(Cursor::new(bytes.clone())), typed(Trickle(Cursor::new(bytes), step)));
        assert_eq!(whole.map(|read| read.0), trickled.map(|read| read.0));
        Ok(())
    });
}

/// One cell as AWS writes it, from its value, its state and the spelling of UTC.
fn spell(batch: &RecordBatch, row: usize, column: usize, zone: &str) -> String {
    let states = batch.column_by_name("cell_states").expect("there").as_string_view();
    let array = batch.column(column);
    match State::from_letter(states.value(row).as_bytes()[column]).expect("a state") {
        State::Sentinel(sentinel) => sentinel.text().to_owned(),
        State::Value => match array.data_type() {
            DataType::Boolean => array.as_boolean().value(row).to_string(),
            DataType::Timestamp(..) => {
                time::format(array.as_primitive::<TimestampMillisecondType>().value(row))
                    .replace('Z', zone)
            }
            _ => {
                let text = array.as_string_view().value(row);
                if text.contains(',') { format!("\"{text}\"") } else { text.to_owned() }
            }
        },
        state => unreachable!("AWS writes no {state:?}"),
    }
}

#[test]
fn a_report_can_be_written_back_byte_for_byte() {
    // Days on both sides of the change from +00:00 to Z.
    for (end, zone) in [("2024-06-30", "+00:00"), ("2026-10-31", "Z")] {
        let demo =
            Demo::parse(&format!("accounts=12,users=25,days=6,end={end}")).expect("good options");
        let mut compared = 0;
        for report in demo.reports() {
            let mut bytes = Vec::new();
            demo.render(&report, &mut bytes);
            let Some((batch, summary)) = typed(Cursor::new(bytes.clone())) else { continue };
            assert!(summary.warnings.is_empty(), "{:?}", summary.warnings);
            let header = bytes.split(|&byte| byte == b'\n').next().expect("a header");
            let width = header.split(|&byte| byte == b',').count();
            let names: Vec<&str> = REPORT[..width].iter().map(|column| column.name).collect();
            let mut text = names.join(",");
            for row in 0..batch.num_rows() {
                let cells: Vec<String> =
                    (0..width).map(|column| spell(&batch, row, column, zone)).collect();
                write!(text, "\n{}", cells.join(",")).expect("strings can be written");
            }
            assert_eq!(text.into_bytes(), bytes);
            compared += 1;
        }
        assert!(compared >= 60, "{compared}");
    }
}

/// A report with quotes, line ends in cells, and odd names, of more than one block.
fn quoted(u: &mut Unstructured<'_>, rows: usize) -> Result<String> {
    let mut text = String::from("user,arn,mfa_active,comment");
    let seed: u64 = u.arbitrary()?;
    for row in 0..rows {
        let kind = (seed.wrapping_mul(row as u64 + 1) >> 13) % 7;
        let comment = match kind {
            0 => "\"a \"\"quoted\"\" word\"".to_owned(),
            1 => format!("\"line\nend {}\"", "x".repeat(row % 300)),
            2 => "\"a,b\"".to_owned(),
            3 => String::new(),
            4 => "\"\"".to_owned(),
            5 => "\"\r\n\"".to_owned(),
            _ => format!("plain {row}"),
        };
        write!(text, "\n\"user{row}\",arn:aws:iam::111122223333:user/user{row},true,{comment}")
            .expect("strings can be written");
    }
    Ok(text)
}

#[test]
fn cells_are_those_of_another_reader() {
    arbtest(|u| {
        let rows = *u.choose(&[1, 5, 60, 30_000])?;
        let text = quoted(u, rows)?;
        let (ours, _) = raw(Cursor::new(text.clone().into_bytes())).expect("it is a report");
        let fields: Vec<Field> = ["user", "arn", "mfa_active", "comment"]
            .iter()
            .map(|name| Field::new(*name, DataType::Utf8, true))
            .collect();
        let theirs: Vec<RecordBatch> =
            arrow::csv::ReaderBuilder::new(Arc::new(Schema::new(fields)))
                .with_header(true)
                .build(Cursor::new(text))
                .expect("the schema is good")
                .collect::<std::result::Result<_, _>>()
                .expect("it is CSV");
        assert_eq!(theirs.iter().map(RecordBatch::num_rows).sum::<usize>(), ours.num_rows());
        let (users, extras) = (
            ours.column(0).as_string_view(),
            ours.column_by_name("extras").expect("there").as_string_view(),
        );
        let mut row = 0;
        for batch in &theirs {
            for at in 0..batch.num_rows() {
                assert_eq!(users.value(row), batch.column(0).as_string::<i32>().value(at));
                let comment = batch.column(3).as_string::<i32>();
                let comment = if comment.is_null(at) { "" } else { comment.value(at) };
                let extra: serde_json::Value =
                    serde_json::from_str(extras.value(row)).expect("extras are JSON");
                assert_eq!(extra["comment"].as_str(), Some(comment), "row {row}");
                row += 1;
            }
        }
        Ok(())
    })
    .budget_ms(3_000);
}

#[test]
fn a_stray_quote_swallows_no_row() {
    for stray in ["\"ann", "an\"n", "\"an\"n", "\"\"\"ann"] {
        let rows: Vec<String> = (0..2000)
            .map(|row| format!("u{row},arn:aws:iam::111122223333:user/u{row},true"))
            .collect();
        let text = format!(
            "user,arn,mfa_active\n{stray},arn:aws:iam::111122223333:user/ann,true\n{}",
            rows.join("\n")
        );
        let (batch, _) = typed(Cursor::new(text.into_bytes())).expect("it is a report");
        assert_eq!(batch.num_rows(), 2001, "{stray}");
    }
}
