//! What may be said of a role, checked before it is said to a thousand accounts.

use std::time::Duration;

use crate::aws::trouble::{Kind, Result, Trouble};

/// The shortest session STS gives, and enough for one account: it is renewed if it is not. A role
/// assumed from a role may have an hour at most, so this is never too long.
pub const SHORTEST: Duration = Duration::from_mins(15);

const LONGEST: Duration = Duration::from_hours(12);

/// How a role is assumed.
#[derive(Clone)]
pub struct RoleOptions {
    /// Its name, or path and name: `audit/CredentialReports`.
    pub role: String,
    /// What the role's trust policy wants to be told, if it does.
    pub external_id: Option<String>,
    /// Under this name calls stand in each account's trail.
    pub session_name: String,
    /// Ask the one global endpoint of STS rather than that of the region.
    pub sts_global: bool,
    /// JSON of what the session may do, however much the role may.
    pub session_policy: String,
    /// How long a session lasts: [`SHORTEST`], unless there is a reason.
    pub duration: Duration,
}

/// The external id is not shown: it is told to nobody but STS.
impl std::fmt::Debug for RoleOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RoleOptions")
            .field("role", &self.role)
            .field("external_id", &self.external_id.as_ref().map(|_| "…"))
            .field("session_name", &self.session_name)
            .field("sts_global", &self.sts_global)
            .field("session_policy", &self.session_policy)
            .field("duration", &self.duration)
            .finish()
    }
}

impl RoleOptions {
    /// Checks what STS would refuse.
    ///
    /// # Errors
    /// If something has a form that STS does not take. An external id is not repeated.
    pub fn check(&self) -> Result<()> {
        if self.role.starts_with("arn:") {
            return Err(wrong("give the name of the role, not its ARN")
                .hint("the role is looked for under this name in each account"));
        }
        let name = self.role.rsplit('/').next().unwrap_or_default();
        if !(1..=64).contains(&name.len())
            || self.role.len() > 512
            || !spelt(&self.role, "+=,.@-_/")
        {
            return Err(wrong(format!("`{}` is not the name of a role", self.role)).hint(
                "a name has up to 64 letters, digits and +=,.@-_; a path may stand before it",
            ));
        }
        if !(2..=64).contains(&self.session_name.len()) || !spelt(&self.session_name, "+=,.@-_") {
            return Err(wrong(format!("`{}` is not a session name", self.session_name))
                .hint("a session name has 2 to 64 letters, digits and +=,.@-_"));
        }
        if let Some(id) = &self.external_id
            && (!(2..=1224).contains(&id.len()) || !spelt(id, "+=,.@:/-_"))
        {
            return Err(wrong("the external id has a form that STS does not take")
                .hint("an external id has 2 to 1224 letters, digits and +=,.@:/-_"));
        }
        if !(SHORTEST..=LONGEST).contains(&self.duration) {
            return Err(wrong("a session lasts from 15 minutes to 12 hours"));
        }
        Ok(())
    }

    /// The role's ARN in an account.
    #[must_use]
    pub fn arn(&self, partition: &str, account_id: &str) -> String {
        format!("arn:{partition}:iam::{account_id}:role/{}", self.role.trim_start_matches('/'))
    }

    /// The duration as STS takes it.
    #[must_use]
    pub fn seconds(&self) -> i32 {
        i32::try_from(self.duration.as_secs()).unwrap_or(i32::MAX)
    }
}

fn wrong(message: impl Into<String>) -> Trouble {
    Trouble::new(Kind::Other, message)
}

fn spelt(text: &str, marks: &str) -> bool {
    text.chars().all(|letter| letter.is_ascii_alphanumeric() || marks.contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> RoleOptions {
        RoleOptions {
            role: "audit/Reports".to_owned(),
            external_id: None,
            session_name: "credsql".to_owned(),
            sts_global: false,
            session_policy: String::new(),
            duration: SHORTEST,
        }
    }

    #[test]
    fn a_role_is_named_in_the_partition_of_the_caller() {
        let arn = options().arn("aws-us-gov", "001122334455");
        assert_eq!(arn, "arn:aws-us-gov:iam::001122334455:role/audit/Reports");
        let slash = RoleOptions { role: "/audit/Reports".to_owned(), ..options() };
        assert_eq!(
            slash.arn("aws", "001122334455"),
            "arn:aws:iam::001122334455:role/audit/Reports"
        );
    }

    #[test]
    fn what_sts_would_refuse_is_refused() {
        let role = |role: &str| RoleOptions { role: role.to_owned(), ..options() }.check();
        assert_eq!(role(&"r".repeat(64)), Ok(()));
        assert!(role(&"r".repeat(65)).is_err());
        assert!(role("").is_err() && role("audit/").is_err() && role("a b").is_err());
        assert!(role("arn:aws:iam::1:role/a").expect_err("an arn").message.contains("not its ARN"));
        let session =
            |name: &str| RoleOptions { session_name: name.to_owned(), ..options() }.check();
        assert_eq!(session(&"s".repeat(64)), Ok(()));
        assert!(
            session("s").is_err() && session(&"s".repeat(65)).is_err() && session("a/b").is_err()
        );
        let duration =
            |seconds| RoleOptions { duration: Duration::from_secs(seconds), ..options() }.check();
        assert_eq!((duration(900), duration(43_200)), (Ok(()), Ok(())));
        assert!(duration(899).is_err() && duration(43_201).is_err());
    }

    #[test]
    fn an_external_id_is_never_shown() {
        let told = RoleOptions { external_id: Some("s3cr3t id".to_owned()), ..options() };
        let trouble = told.check().expect_err("a blank");
        assert!(!format!("{told:?} {trouble:?}").contains("s3cr3t"));
    }
}
