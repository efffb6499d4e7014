//! The alarms of the report before, so that those that are new can be told.
//!
//! An alarm is the same if control, account, user and credential are: a user of the same name that
//! was created later is another user, and a key or certificate is known by its creation time, never
//! by its slot.

use std::collections::HashSet;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::JoinType;
use datafusion::prelude::{coalesce, ident, lit};

use super::judged::Judged;
use super::verdict::{Control, Status, Verdict};
use crate::error::{Error, Result};
use crate::session::Session;

/// Who or what an ARN and the name of a credential mean in the reports of a session.
const IDENTITIES: &str = "\
SELECT arn AS identity_arn, '' AS identity_credential,
    CAST(min(user_creation_time) AS VARCHAR) AS identity_user, CAST(NULL AS VARCHAR) AS identity_created
FROM credential_report GROUP BY arn
UNION ALL
SELECT arn, CASE WHEN slot IS NULL THEN kind ELSE kind || '_' || CAST(slot AS VARCHAR) END,
    CAST(min(user_creation_time) AS VARCHAR),
    CASE WHEN kind <> 'password' THEN CAST(min(created_time) AS VARCHAR) END
FROM credentials GROUP BY arn, kind, slot";

/// Columns that [`identified`] adds at the end.
const ADDED: usize = 2;

/// The alarms of earlier reports, by identity.
#[derive(Debug, Default)]
pub struct Baseline {
    alarms: HashSet<String>,
}

impl Baseline {
    /// Whether the report before had this alarm.
    #[must_use]
    pub fn has(&self, identity: &str) -> bool {
        self.alarms.contains(identity)
    }

    /// Adds the alarms among some rows of a control.
    pub fn add(&mut self, rows: &Judged, identities: Vec<String>) {
        for (row, identity) in identities.into_iter().enumerate() {
            if rows.verdict(row).status == Status::Alarm {
                self.alarms.insert(identity);
            }
        }
    }
}

/// Adds to a control's rows what tells users and credentials of the same name apart.
///
/// # Errors
/// If the statement cannot be planned.
pub async fn identified(session: &Session, frame: DataFrame) -> Result<DataFrame> {
    let statement = session.parse(IDENTITIES)?.pop().ok_or(Error::NoSource)?;
    let identities = session.plan(statement, IDENTITIES, &[]).await?;
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
pub fn split(control: &Control, batch: &RecordBatch) -> Result<(RecordBatch, Vec<String>)> {
    let width = batch.num_columns().saturating_sub(ADDED);
    let text = |position: usize| {
        cast(batch.column(position), &DataType::Utf8).map_err(|error| Error::Engine(error.into()))
    };
    let (users, created) = (text(width)?, text(width + 1)?);
    let (users, created) = (users.as_string::<i32>(), created.as_string::<i32>());
    let rest: Vec<usize> = (0..width).collect();
    let rest = batch.project(&rest).map_err(|error| Error::Engine(error.into()))?;
    let rows = Judged::new(&rest, 0, false)?;
    let identity = |row: usize| {
        let user = users.is_valid(row).then(|| users.value(row));
        let created = created.is_valid(row).then(|| created.value(row));
        identity(control, &rows.verdict(row), user, created)
    };
    let identities = (0..rest.num_rows()).map(identity).collect();
    Ok((rest, identities))
}

fn identity(
    control: &Control,
    verdict: &Verdict<'_>,
    user_created: Option<&str>,
    created: Option<&str>,
) -> String {
    // Where the creation is not known the slot has to do.
    let credential = match (verdict.credential, created) {
        (Some(credential), Some(_)) => Some(credential.trim_end_matches(['_', '1', '2'])),
        (credential, _) => credential,
    };
    let parts = [
        Some(control.id.as_str()),
        verdict.account_id,
        verdict.arn.or(verdict.user),
        user_created,
        credential,
        created,
    ];
    // A separator that no part holds.
    parts.map(Option::unwrap_or_default).join("\u{1f}")
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
            identity(&control, &verdict, user, created)
        };
        let (user, old, new) = (Some("2020"), Some("2021"), Some("2022"));
        assert_eq!(of("access_key_1", user, old), of("access_key_2", user, old));
        assert_ne!(of("access_key_1", user, old), of("access_key_1", user, new));
        assert_ne!(of("access_key_1", user, old), of("access_key_1", new, old));
        assert_ne!(of("access_key_1", user, old), of("signing_certificate_1", user, old));
        assert_ne!(of("access_key_1", user, None), of("access_key_2", user, None));
    }
}
