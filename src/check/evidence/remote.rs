//! The reports that a check on Athena judged, as the exported table `reports` tells them.

use crate::check::facts;
use crate::error::Result;
use crate::session::Session;

/// Those that the tables of the latest reports show.
const SHOWN: &str = "\
SELECT r.source, r.account_id, r.generated_time, r.generated_time_from, r.\"rows\", r.bytes, r.sha256
FROM reports r JOIN (
    SELECT DISTINCT source, account_id, generated_time FROM credential_report
) shown ON shown.source = r.source AND shown.generated_time = r.generated_time
    AND (shown.account_id = r.account_id OR (shown.account_id IS NULL AND r.account_id IS NULL))
WHERE r.status IN ('ok', 'warning')";

/// The reports that were judged, compared with, or should have been.
///
/// # Errors
/// If Athena does not tell.
pub(super) async fn reports(
    session: &Session,
    previous: Option<&Session>,
) -> Result<Vec<Vec<String>>> {
    let mut rows = Vec::new();
    for (session, status) in [(Some(session), "judged"), (previous, "compared")] {
        let Some(session) = session else { continue };
        for row in session.texts(SHOWN).await? {
            let texts = row.into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>();
            let [source, account, time, basis, count, bytes, digest] =
                <[_; 7]>::try_from(texts).unwrap_or_default();
            rows.push(vec![source, account, time, basis, status.to_owned(), count, bytes, digest]);
        }
    }
    for failure in facts::failures(session).await? {
        let account = failure.account_id.as_deref().unwrap_or_default().to_owned();
        let status = format!("failed: {}", failure.reason);
        let mut row =
            vec![failure.source.to_string(), account, String::new(), String::new(), status];
        row.resize(8, String::new());
        rows.push(row);
    }
    Ok(rows)
}
