//! Facts about an account that no credential report tells, fetched beside the report when they are
//! asked for: plain data, whoever fetched it.
//!
//! Each part stands for one call of IAM. What could not be had keeps the reason why: an account of
//! which nothing was asked has no [`Extras`] at all, so a missing row never stands for two facts.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::report::Millis;

/// What one call told, or why it told nothing, in words that name the missing permission.
pub type Part<T> = Result<T, Arc<str>>;

/// Numbers by name, as GetAccountSummary returns them.
pub type Summary = BTreeMap<String, i64>;

/// What stands beside the report of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extras {
    /// The 12-digit account.
    pub account_id: Arc<str>,
    /// Its name, from a source that knows it.
    pub account_name: Option<Arc<str>>,
    /// Its partition, such as `aws`.
    pub partition: Option<Arc<str>>,
    /// When the facts were fetched. `--as-of` hides later ones.
    pub collected_time: Millis,
    /// Counts and quotas.
    pub summary: Part<Summary>,
    /// The password policy; `None` is the fact that the account has none of its own.
    pub password_policy: Part<Option<PasswordPolicy>>,
    /// Virtual MFA devices, assigned or not.
    pub virtual_mfa_devices: Part<Vec<VirtualMfaDevice>>,
    /// Access keys of all users. Those of root cannot be listed.
    pub access_keys: Part<Vec<AccessKey>>,
    /// Tags of all users.
    pub user_tags: Part<Vec<UserTag>>,
}

/// What the passwords of IAM users must be like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "as many as AWS has")]
pub struct PasswordPolicy {
    /// Fewest characters.
    pub minimum_length: Option<i64>,
    /// Whether a symbol must be among them.
    pub symbols: bool,
    /// Whether a digit must.
    pub numbers: bool,
    /// Whether an upper-case letter must.
    pub uppercase: bool,
    /// Whether a lower-case letter must.
    pub lowercase: bool,
    /// Whether users may change their own.
    pub users_may_change: bool,
    /// Whether passwords expire.
    pub expire: bool,
    /// After how many days.
    pub max_age_days: Option<i64>,
    /// How many earlier passwords may not be taken again.
    pub reuse_prevention: Option<i64>,
    /// Whether a user whose password has expired needs an administrator.
    pub hard_expiry: Option<bool>,
}

/// An app that shows codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualMfaDevice {
    /// Its ARN.
    pub serial_number: Arc<str>,
    /// The user it is assigned to: name, where AWS gives one, and ARN.
    pub user: Option<(Option<Arc<str>>, Arc<str>)>,
    /// Since when it is in use.
    pub enabled_time: Option<Millis>,
}

/// The ends of the ARNs of the root user and of the device that the console makes for it.
const ROOT: &str = ":root";
const ROOT_DEVICE: &str = ":mfa/root-account-mfa-device";

impl VirtualMfaDevice {
    /// Whether it is for the root user: assigned to it, or to nobody and of the name that the
    /// console gives such devices.
    #[must_use]
    pub fn is_of_root(&self) -> bool {
        match &self.user {
            Some((_, arn)) => arn.ends_with(ROOT),
            None => self.serial_number.ends_with(ROOT_DEVICE),
        }
    }
}

/// A key of a user. `Debug` does not show its id, which belongs into results alone.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// Name of the user.
    pub user: Arc<str>,
    /// ARN of the user.
    pub arn: Arc<str>,
    /// The id: the half that is no secret.
    pub access_key_id: Arc<str>,
    /// `Active`, `Inactive` or `Expired`.
    pub status: Arc<str>,
    /// When it was created, to the second.
    pub created_time: Option<Millis>,
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey")
            .field("user", &self.user)
            .field("status", &self.status)
            .field("created_time", &self.created_time)
            .finish_non_exhaustive()
    }
}

/// A tag of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserTag {
    /// Name of the user.
    pub user: Arc<str>,
    /// ARN of the user.
    pub arn: Arc<str>,
    /// Its key.
    pub key: Arc<str>,
    /// Its value; tags may have an empty one.
    pub value: Arc<str>,
}

/// A call of IAM: its action, the table that has what it told, and how many rows that is, or why it
/// told nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call<'a> {
    /// The table.
    pub table: &'static str,
    /// The permission.
    pub action: &'static str,
    /// Rows, or the reason why there are none.
    pub outcome: Result<usize, &'a str>,
}

impl Extras {
    /// An account of which nothing is known yet, for this reason.
    #[must_use]
    pub fn without(account_id: Arc<str>, collected_time: Millis, why: &str) -> Self {
        let why: Arc<str> = why.into();
        Self {
            account_id,
            account_name: None,
            partition: None,
            collected_time,
            summary: Err(Arc::clone(&why)),
            password_policy: Err(Arc::clone(&why)),
            virtual_mfa_devices: Err(Arc::clone(&why)),
            access_keys: Err(Arc::clone(&why)),
            user_tags: Err(why),
        }
    }

    /// What was asked, and what became of it.
    pub fn calls(&self) -> impl Iterator<Item = Call<'_>> {
        fn call<'a, T>(
            (table, action): (&'static str, &'static str),
            part: &'a Part<T>,
            rows: impl FnOnce(&T) -> usize,
        ) -> Call<'a> {
            let outcome = part.as_ref().map(rows).map_err(AsRef::as_ref);
            Call { table, action, outcome }
        }
        [
            call(("account_summary", "iam:GetAccountSummary"), &self.summary, |_| 1),
            call(("password_policy", "iam:GetAccountPasswordPolicy"), &self.password_policy, |_| 1),
            call(
                ("virtual_mfa_devices", "iam:ListVirtualMFADevices"),
                &self.virtual_mfa_devices,
                Vec::len,
            ),
            call(("access_key_ids", "iam:ListAccessKeys"), &self.access_keys, Vec::len),
            call(("user_tags", "iam:ListUserTags"), &self.user_tags, Vec::len),
        ]
        .into_iter()
    }

    /// Why what this action returns could not be had; `None` if it could.
    #[must_use]
    pub fn why_missing(&self, action: &str) -> Option<&str> {
        self.calls().find(|call| call.action == action).and_then(|call| call.outcome.err())
    }

    /// What a reader of the tables should know: which of them have no rows of the account, and why.
    /// Tables that lack for one reason are told together.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let mut told: Vec<(&str, Vec<&str>)> = Vec::new();
        for Call { table, outcome, .. } in self.calls() {
            let Err(why) = outcome else { continue };
            match told.iter_mut().find(|(reason, _)| *reason == why) {
                Some((_, tables)) => tables.push(table),
                None => told.push((why, vec![table])),
            }
        }
        let sentence = |(why, tables): (&str, Vec<&str>)| {
            let verb = if tables.len() == 1 { "has" } else { "have" };
            format!("{why}; {} {verb} no rows of account {}", tables.join(", "), self.account_id)
        };
        told.into_iter().map(sentence).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_without_rows_are_told_with_the_permission() {
        let mut extras = Extras::without("111122223333".into(), 0, "not allowed: iam:ListUsers");
        extras.summary = Ok(Summary::new());
        extras.password_policy = Ok(None);
        extras.virtual_mfa_devices = Err("not allowed: iam:ListVirtualMFADevices".into());
        assert_eq!(
            extras.remarks(),
            [
                "not allowed: iam:ListVirtualMFADevices; virtual_mfa_devices has no rows of account 111122223333",
                "not allowed: iam:ListUsers; access_key_ids, user_tags have no rows of account 111122223333",
            ]
        );
        assert_eq!(extras.why_missing("iam:GetAccountPasswordPolicy"), None, "that is a fact");
        assert_eq!(extras.why_missing("iam:ListUserTags"), Some("not allowed: iam:ListUsers"));
    }

    #[test]
    fn a_device_of_root_is_known_by_its_user_or_else_by_its_name() {
        let device = |serial: &str, arn: Option<&str>| VirtualMfaDevice {
            serial_number: serial.into(),
            user: arn.map(|arn| (None, arn.into())),
            enabled_time: None,
        };
        let (usual, other) =
            ("arn:aws:iam::1:mfa/root-account-mfa-device", "arn:aws:iam::1:mfa/safe");
        assert!(device(usual, Some("arn:aws:iam::1:root")).is_of_root());
        assert!(device(other, Some("arn:aws:iam::1:root")).is_of_root());
        assert!(device(usual, None).is_of_root());
        assert!(!device(other, None).is_of_root());
        assert!(!device(usual, Some("arn:aws:iam::1:user/root")).is_of_root());
    }
}
