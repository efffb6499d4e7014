//! The alarms of the report before, so that those that are new can be told.
//!
//! An alarm is the same if control, account, user and credential are: a user of the same name that
//! was created later is another user, and a key or certificate is known by its creation time, never
//! by its slot. Where a control judges a whole user or account, its column `alarm_key` tells what
//! else has to be the same.

use std::collections::HashSet;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::JoinType;
use datafusion::prelude::{coalesce, ident, lit};
use sha2::{Digest, Sha256};

use super::judged::{ALARM_KEY, Judged};
use super::verdict::{Control, Status, Verdict};
use crate::error::{Error, Result};
use crate::session::Session;

/// Who or what an ARN and the name of a credential mean in the reports of a session.
const IDENTITIES: &str = "\
SELECT arn AS identity_arn, '' AS identity_credential,
    CASE WHEN count(*) > 1 THEN '?' ELSE CAST(min(user_creation_time) AS VARCHAR) END AS identity_user,
    CAST(NULL AS VARCHAR) AS identity_created
FROM credential_report GROUP BY arn
UNION ALL
SELECT arn, CASE WHEN slot IS NULL THEN kind ELSE kind || '_' || CAST(slot AS VARCHAR) END,
    CASE WHEN count(*) > 1 THEN '?' ELSE CAST(min(user_creation_time) AS VARCHAR) END,
    CASE WHEN kind <> 'password' THEN CAST(min(created_time) AS VARCHAR) END
FROM credentials GROUP BY arn, kind, slot";

/// In place of the creation of a user whose ARN stands twice in one report: who is who cannot be
/// told, so an alarm of theirs is new.
const AMBIGUOUS: &str = "?";

/// Columns that [`identified`] adds at the end.
const ADDED: usize = 2;

/// What makes an alarm the same one; 128 bits, so that many alarms take little room.
pub type Identity = [u8; 16];

/// The alarms of earlier reports, by identity.
#[derive(Debug, Default)]
pub struct Baseline {
    alarms: HashSet<Identity>,
}

impl Baseline {
    /// Whether the report before had this alarm.
    #[must_use]
    pub fn has(&self, identity: Option<&Identity>) -> bool {
        identity.is_some_and(|identity| self.alarms.contains(identity))
    }

    /// Adds the alarms among some rows of a control.
    pub fn add(&mut self, rows: &Judged, identities: &[Option<Identity>]) {
        for (row, identity) in identities.iter().enumerate() {
            if rows.verdict(row).status == Status::Alarm {
                self.alarms.extend(identity);
            }
        }
    }
}

/// What tells users and credentials of the same name apart in the reports of a session.
///
/// # Errors
/// If the statement cannot be planned, or, on Athena, not be run.
pub async fn identities(session: &Session) -> Result<DataFrame> {
    let identities = session.plan_text(IDENTITIES).await?;
    if session.athena().is_none() {
        return Ok(identities);
    }
    // Every control needs them, and each asking is paid for.
    identities.cache().await.map_err(|error| session.explain(&error, IDENTITIES))
}

/// Adds to a control's rows what tells users and credentials of the same name apart.
///
/// # Errors
/// If the statement cannot be planned.
pub fn identified(frame: DataFrame, identities: DataFrame) -> Result<DataFrame> {
    let columns: Vec<_> = frame
        .schema()
        .fields()
        .iter()
        .map(|field| ident(field.name()))
        .chain([ident("identity_user"), ident("identity_created")])
        .collect();
    let same = [
        ident("arn").eq(ident("identity_arn")),
        coalesce(vec![ident("credential"), lit("")]).eq(ident("identity_credential")),
    ];
    Ok(frame.join_on(identities, JoinType::Left, same)?.select(columns)?)
}

/// The identity of each row, and the batch without the columns that [`identified`] added.
///
/// # Errors
/// If a column has no form as text.
pub fn split(
    control: &Control,
    batch: &RecordBatch,
) -> Result<(RecordBatch, Vec<Option<Identity>>)> {
    let width = batch.num_columns().saturating_sub(ADDED);
    let text = |position: usize| {
        cast(batch.column(position), &DataType::Utf8).map_err(|error| Error::Engine(error.into()))
    };
    let (users, created) = (text(width)?, text(width + 1)?);
    let (users, created) = (users.as_string::<i32>(), created.as_string::<i32>());
    let rest: Vec<usize> = (0..width).collect();
    let rest = batch.project(&rest).map_err(|error| Error::Engine(error.into()))?;
    let rows = Judged::new(&rest, 0, false)?;
    let key = rest.schema().index_of(ALARM_KEY).ok().map(text).transpose()?;
    let identity = |row: usize| {
        let user = users.is_valid(row).then(|| users.value(row));
        let created = created.is_valid(row).then(|| created.value(row));
        let key = key.as_ref().map(AsArray::as_string::<i32>);
        let key = key.filter(|key| key.is_valid(row)).map(|key| key.value(row));
        identity(control, &rows.verdict(row), [user, created, key])
    };
    let identities = (0..rest.num_rows()).map(identity).collect();
    Ok((rest, identities))
}

/// `None` if it cannot be told.
fn identity(
    control: &Control,
    verdict: &Verdict<'_>,
    [user_created, created, key]: [Option<&str>; 3],
) -> Option<Identity> {
    if user_created == Some(AMBIGUOUS) {
        return None;
    }
    // Where the creation is not known the slot has to do.
    let credential = match (verdict.credential, created) {
        (Some(credential), Some(_)) => Some(credential.trim_end_matches(['_', '1', '2'])),
        (credential, _) => credential,
    };
    let mut digest = Sha256::new();
    for part in [
        Some(control.id.as_str()),
        verdict.account_id,
        verdict.arn.or(verdict.user),
        user_created,
        credential,
        created,
        key,
    ] {
        digest.update(part.unwrap_or_default());
        // A separator that no part holds.
        digest.update([0x1f]);
    }
    digest.finalize().first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::query::Severity;

    #[test]
    fn a_key_is_known_by_its_creation_not_by_its_slot() {
        let control = Control {
            id: "c".to_owned(),
            title: String::new(),
            severity: Some(Severity::Low),
            description: String::new(),
            remediation: String::new(),
            requirements: Vec::new(),
            parameters: Vec::new(),
            values: serde_json::Map::new(),
        };
        let of = |credential, user, created| {
            let verdict = Verdict {
                account_id: Some("1"),
                user: Some("u"),
                arn: Some("arn"),
                credential: Some(credential),
                status: Status::Alarm,
                reason: "",
                generated_time: None,
                details: None,
                unanswerable: false,
            };
            identity(&control, &verdict, [user, created, None])
        };
        let (user, old, new) = (Some("2020"), Some("2021"), Some("2022"));
        assert_eq!(of("access_key_1", user, old), of("access_key_2", user, old));
        assert_ne!(of("access_key_1", user, old), of("access_key_1", user, new));
        assert_ne!(of("access_key_1", user, old), of("access_key_1", new, old));
        assert_ne!(of("access_key_1", user, old), of("signing_certificate_1", user, old));
        assert_ne!(of("access_key_1", user, None), of("access_key_2", user, None));
        assert_eq!(of("access_key_1", Some(AMBIGUOUS), old), None);
        assert!(!Baseline::default().has(None));
    }
}
