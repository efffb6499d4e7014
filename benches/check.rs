//! What a whole check costs, next to counting the rows of the same reports: 1,000 accounts of 100
//! users, a file each. Run with `cargo bench --profile dist --bench check`.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use credsql::check::choice::{Wanted, choose};
use credsql::check::judge::Rules;
use credsql::check::render::{CheckFormat, Look, Render, renderer};
use credsql::check::run::{Check, run};
use credsql::library::Library;
use credsql::session::{Session, SessionOptions};
use credsql::source::Source;
use credsql::source::demo::Demo;
use credsql::table::collection::{Collection, CollectionOptions};
use divan::Bencher;
use divan::counter::ItemsCount;
use tempfile::TempDir;
use tokio::runtime::Runtime;

const ORGANISATION: &str = "accounts=1000,users=100,days=1";

fn main() {
    divan::main();
}

/// The reports as files, as a collector leaves them.
fn reports() -> TempDir {
    let demo = Demo::parse(ORGANISATION).expect("good options");
    let folder = TempDir::new().expect("a folder can be made");
    let mut bytes = Vec::new();
    for report in demo.reports() {
        bytes.clear();
        demo.render(&report, &mut bytes);
        let path = folder.path().join(report.key(&demo));
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder");
        fs::write(path, &bytes).expect("a file");
    }
    folder
}

/// A session over reports that nothing is known of yet, as at the start of the program.
async fn session(folder: &Path, library: &Arc<Library>) -> Session {
    let collection = Collection::new(CollectionOptions {
        sources: vec![Source::parse(folder).expect("the folder is there")],
        run_time: 1_793_500_000_000,
        now: 1_793_500_000_000,
        as_of: None,
        cache_bytes: 512 << 20,
        aws: Arc::default(),
    });
    let library = Arc::clone(library);
    let options = SessionOptions { memory_limit: 1 << 31, library, ..SessionOptions::default() };
    Session::new(Arc::new(collection), &options).await.expect("a session")
}

async fn query(folder: &Path, library: &Arc<Library>, sql: &str) -> usize {
    let session = session(folder, library).await;
    let statement = session.parse(sql).expect("it is SQL").remove(0);
    let planned = session.plan(statement, sql, &[]).await.expect("it can be planned");
    planned.collect().await.expect("it runs").len()
}

async fn check(folder: &Path, library: &Arc<Library>, format: CheckFormat) -> u64 {
    let session = session(folder, library).await;
    let check = Check {
        choice: choose(library, &Wanted::default()).expect("the default"),
        rules: Rules { run_time: 1_793_500_000_000, ..Rules::default() },
        only_new: false,
        names_unanswered: false,
    };
    let out = Box::new(std::io::sink());
    let mut renderers: Vec<Box<dyn Render>> =
        vec![renderer(format, out, &Look::default()).expect("a renderer")];
    let outcome = run(&session, None, &check, &mut renderers).await.expect("it runs");
    outcome.checked.iter().map(|checked| checked.tally.rows()).sum()
}

fn bench(bencher: Bencher<'_, '_>, work: impl Fn(&Path, &Arc<Library>, &Runtime)) {
    let folder = reports();
    let library = Arc::new(Library::embedded().expect("the built-in library is good"));
    let runtime = Runtime::new().expect("a runtime");
    bencher
        .counter(ItemsCount::new(100_000_usize))
        .bench_local(|| work(folder.path(), &library, &runtime));
}

#[divan::bench(sample_count = 10)]
fn count(bencher: Bencher<'_, '_>) {
    let sql = "SELECT count(*) FROM credential_report";
    bench(bencher, |folder, library, runtime| {
        runtime.block_on(query(folder, library, sql));
    });
}

#[divan::bench(sample_count = 10)]
fn read_all_columns(bencher: Bencher<'_, '_>) {
    let sql = "SELECT * FROM credential_report";
    bench(bencher, |folder, library, runtime| {
        runtime.block_on(query(folder, library, sql));
    });
}

#[divan::bench(sample_count = 10, args = [CheckFormat::Summary, CheckFormat::Csv, CheckFormat::Json])]
fn default_check(bencher: Bencher<'_, '_>, format: CheckFormat) {
    bench(bencher, |folder, library, runtime| {
        runtime.block_on(check(folder, library, format));
    });
}
