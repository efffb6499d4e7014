//! The names that `credsql collect` gives: to reports, and to what it keeps beside them.
//!
//! Known here so that a source that meets such a tree takes the reports and leaves the rest alone.

/// The folder of lists of what was collected. Athena and its like pass over folders that begin with
/// an underscore, too.
pub const MANIFESTS: &str = "_manifests";

/// How the name of a report begins.
pub const REPORT: &str = "credential_report_";

/// How the name of a list begins.
pub const MANIFEST: &str = "collect_";

/// What follows the name of a report in that of the file of facts beside it.
pub const SIDECAR: &str = ".meta.json";

/// Whether a path or key is of something that `collect` keeps beside reports: the facts about one,
/// or a list of what was collected.
#[must_use]
pub fn is_beside_reports(path: &str) -> bool {
    let mut names = path.rsplit(['/', '\\']);
    let name = names.next().unwrap_or_default();
    let report = name.strip_suffix(SIDECAR).and_then(|name| name.strip_suffix(".csv"));
    let list = name.strip_prefix(MANIFEST).and_then(|name| name.strip_suffix(".json"));
    let is_hash = |text: &str| text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
    report.is_some_and(|name| name.starts_with(REPORT))
        || list.is_some_and(is_hash) && names.any(|folder| folder == MANIFESTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_beside_reports() {
        for path in [
            "kept/date=2026-11-25/account_id=111122223333/credential_report_111122223333_20261125T140300Z.csv.meta.json",
            "credential_report_111122223333_20261125T140300Z_0123abcd.csv.meta.json",
            "s3://bucket/kept/_manifests/date=2026-11-25/collect_0123456789abcdef.json",
        ] {
            assert!(is_beside_reports(path), "{path}");
        }
        for path in [
            "date=2026-11-25/account_id=111122223333/credential_report_111122223333_20261125T140300Z.csv",
            "credential_report_111122223333.meta.json",
            "owners.csv.meta.json",
            "collect_0123456789abcdef.json",
            "_manifests/collect_0123456789abcdeg.json",
            "_manifests/credential_report.json",
            "",
        ] {
            assert!(!is_beside_reports(path), "{path}");
        }
    }
}
