//! How fast bytes become rows, by size of report and by columns asked for. Run with
//! `cargo bench --profile dist --bench decode`.

use std::io::Cursor;
use std::sync::Arc;

use arrow::datatypes::{Field, Schema};
use credsql::decode::Report;
use credsql::decode::columns::{BATCH_ROWS, Batches, CellSource};
use credsql::report::Origin;
use credsql::schema::Table;
use credsql::source::Source;
use credsql::source::demo::Demo;
use credsql::table::collection::{Collection, CollectionOptions};
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};

fn main() {
    divan::main();
}

/// One report of about so many users, and its origin.
fn report(users: u32) -> (Vec<u8>, Origin) {
    let options = format!("accounts=1,users={users},days=1");
    let demo = Demo::parse(&options).expect("good options");
    let mut bytes = Vec::new();
    if let Some(report) = demo.reports().next() {
        demo.render(&report, &mut bytes);
    }
    let collection = Collection::new(CollectionOptions {
        sources: vec![Source::parse(format!("demo:{options}")).expect("good options")],
        run_time: 0,
        now: 0,
        as_of: None,
        cache_bytes: 0,
        aws: Arc::default(),
    });
    let origin = collection.found().first().expect("a report").origin.clone();
    (bytes, origin)
}

fn decode(bytes: &[u8], origin: &Origin, columns: &[&str]) -> usize {
    let all: Vec<_> = Table::named("credential_report").expect("a table").columns().collect();
    let (fields, sources): (Vec<Field>, Vec<CellSource>) = all
        .iter()
        .zip(CellSource::typed())
        .filter(|(column, _)| columns.is_empty() || columns.contains(&column.name))
        .map(|(column, source)| (Field::new(column.name, column.kind.data_type(), true), source))
        .unzip();
    let mut batches = Batches::new(Arc::new(Schema::new(fields)), sources, None);
    let mut report = Report::open(Box::new(Cursor::new(bytes)), origin).expect("a report");
    let mut rows = 0;
    while report.read(&mut batches, &|_| true).expect("a whole report") {
        if batches.rows() >= BATCH_ROWS {
            rows += batches.take().expect("columns fit").num_rows();
        }
    }
    rows + batches.take().expect("columns fit").num_rows()
}

fn bench(bencher: Bencher<'_, '_>, users: u32, columns: &[&str]) {
    let (bytes, origin) = report(users);
    let rows = decode(&bytes, &origin, columns);
    bencher
        .counter(BytesCount::new(bytes.len()))
        .counter(ItemsCount::new(rows))
        .bench_local(|| decode(&bytes, &origin, columns));
}

#[divan::bench(args = [10, 1_000, 100_000])]
fn all_columns(bencher: Bencher<'_, '_>, users: u32) {
    bench(bencher, users, &[]);
}

#[divan::bench(args = [10, 1_000, 100_000])]
fn console_users_without_mfa(bencher: Bencher<'_, '_>, users: u32) {
    bench(bencher, users, &["account_id", "password_enabled", "mfa_active"]);
}
