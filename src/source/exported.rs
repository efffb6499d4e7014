//! The names in a dataset that `credsql export` writes.
//!
//! Known here so that a source that meets a dataset takes the rows of reports, once, and passes over
//! what was made of them.

use std::path::Path;

use crate::decode::sections::is_account_id;
use crate::schema::{DAY_COLUMN, EXPORTED, LINEAGE, TABLES};

/// The table whose rows are those of the reports; the others are made of it.
pub const REPORTS_TABLE: &str = EXPORTED[0].name;

/// How the names of files begin that have rows.
pub const PART: &str = "part-";

/// How they end.
pub const SUFFIX: &str = ".parquet";

/// The list of the files of a day, where files cannot be put in place all at once. Readers pass over
/// names that begin with an underscore.
pub const MANIFEST: &str = "_manifest.json";

/// The column whose values name folders within a day, where that was asked for.
pub const ACCOUNT_COLUMN: &str = LINEAGE[0].name;

/// What stands for NULL in a partition, as Hive writes it.
pub const NO_VALUE: &str = "__HIVE_DEFAULT_PARTITION__";

/// The folder of a partition: `dt=2026-11-25`.
#[must_use]
pub fn folder(column: &str, value: Option<&str>) -> String {
    format!("{column}={}", value.unwrap_or(NO_VALUE))
}

/// The name of a file with rows.
#[must_use]
pub fn part(number: usize) -> String {
    format!("{PART}{number:05}{SUFFIX}")
}

/// Whether this is such a name.
#[must_use]
pub fn is_part(name: &str) -> bool {
    let number = name.strip_prefix(PART).and_then(|name| name.strip_suffix(SUFFIX));
    number.is_some_and(|number| number.len() >= 5 && number.bytes().all(|b| b.is_ascii_digit()))
}

/// The folder of the files for QuickSight.
pub const QUICKSIGHT: &str = "quicksight";

/// Whether a path within a partition is one that an export writes: a part, or one in the folder of an
/// account.
#[must_use]
pub fn is_part_path(path: &Path) -> bool {
    let names: Option<Vec<&str>> = path.iter().map(std::ffi::OsStr::to_str).collect();
    match names.as_deref() {
        Some([part]) => is_part(part),
        Some([account, part]) => {
            let account = account.strip_prefix(ACCOUNT_COLUMN).and_then(|a| a.strip_prefix('='));
            account.is_some_and(|id| is_account_id(id) || id == NO_VALUE) && is_part(part)
        }
        _ => false,
    }
}

/// Whether a path or key is of something in a dataset that is made of its reports: a table other than
/// theirs, a list of files, or a file for QuickSight.
#[must_use]
pub fn is_beside_reports(path: &str) -> bool {
    let mut names = path.rsplit(['/', '\\']);
    let name = names.next().unwrap_or_default();
    if is_for_quicksight(path) {
        return true;
    }
    if !is_part(name) && name != MANIFEST {
        return false;
    }
    let mut folders = names.skip_while(|folder| !is_partition(folder, DAY_COLUMN));
    let is_day = folders.next().is_some();
    let table = folders.next().unwrap_or_default();
    let is_ours = EXPORTED.iter().any(|exported| exported.name == table);
    is_day && is_ours && (name == MANIFEST || table != REPORTS_TABLE)
}

/// `quicksight/TABLE/part-00000.csv` and `quicksight/TABLE.manifest.json`.
fn is_for_quicksight(path: &str) -> bool {
    let names: Vec<&str> = path.rsplitn(4, ['/', '\\']).collect();
    let is_table = |name: &str| TABLES.iter().any(|table| table.name == name);
    match names[..] {
        [file, QUICKSIGHT, ..] => file.strip_suffix(".manifest.json").is_some_and(is_table),
        [file, table, QUICKSIGHT, ..] => {
            let number = file.strip_prefix(PART).and_then(|name| name.strip_suffix(".csv"));
            is_table(table) && number.is_some()
        }
        _ => false,
    }
}

fn is_partition(folder: &str, column: &str) -> bool {
    folder.strip_prefix(column).is_some_and(|rest| rest.starts_with('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_made_of_the_reports() {
        for path in [
            "out/credentials_history/dt=2026-11-25/part-00000.parquet",
            "s3://bucket/x/reports/dt=__HIVE_DEFAULT_PARTITION__/part-00000.parquet",
            "reports/dt=2026-11-25/account_id=111122223333/part-00012.parquet",
            "out/credential_report_history/dt=2026-11-25/_manifest.json",
            "out/quicksight/credential_report/part-00000.csv",
            "s3://bucket/out/quicksight/reports.manifest.json",
        ] {
            assert!(is_beside_reports(path), "{path}");
        }
        for path in [
            "out/credential_report_history/dt=2026-11-25/part-00000.parquet",
            "reports/part-00000.parquet",
            "reports/dt=2026-11-25/credential_report.csv",
            "reports/dt=2026-11-25/111122223333.parquet",
            "mine/dt=2026-11-25/part-00000.parquet",
            "_manifest.json",
            "quicksight/credential_report.csv",
            "quicksight/owners/part-00000.csv",
            "",
        ] {
            assert!(!is_beside_reports(path), "{path}");
        }
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        assert_eq!(folder(DAY_COLUMN, Some("2026-11-25")), "dt=2026-11-25");
        assert_eq!(folder(DAY_COLUMN, None), "dt=__HIVE_DEFAULT_PARTITION__");
        assert!(is_part(&part(0)) && is_part(&part(123_456)));
        assert!(!is_part("part-0.parquet") && !is_part("part-00000.csv"));
        for path in [
            "part-00000.parquet",
            "account_id=111122223333/part-00001.parquet",
            "account_id=__HIVE_DEFAULT_PARTITION__/part-00000.parquet",
        ] {
            assert!(is_part_path(Path::new(path)), "{path}");
        }
        for path in [
            "../part-00000.parquet",
            "backup/part-00000.parquet",
            "account_id=../part-00000.parquet",
            "/part-00000.parquet",
            "account_id=1/x/part-00000.parquet",
        ] {
            assert!(!is_part_path(Path::new(path)), "{path}");
        }
    }
}
