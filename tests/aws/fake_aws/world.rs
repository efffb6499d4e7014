//! The description of an organization and of how its accounts behave.

use std::fmt::Write as _;
use std::time::Duration;

/// An organization, and the caller in it.
pub(crate) struct World {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub(crate) partition: &'static str,
    /// The caller's account.
    pub(crate) own_account: String,
    /// The role that every account has.
    pub(crate) role: String,
    /// What the role wants to be told.
    pub(crate) external_id: Option<String>,
    pub(crate) accounts: Vec<Member>,
    /// Below the root `r-root`.
    pub(crate) units: Vec<Unit>,
    pub(crate) organizations: Organizations,
    /// Things on a page; the first page has none, as AWS may do.
    pub(crate) page: usize,
    /// Whether accounts tell `State`, or only the older `Status`.
    pub(crate) tells_state: bool,
    /// Added to every answer.
    pub(crate) latency: Duration,
    /// How long a role lasts, whatever was asked for.
    pub(crate) session: Duration,
    /// After so many roles the caller's credentials have expired.
    pub(crate) good_for: usize,
    /// Rows that every report has beside those of its users.
    pub(crate) more_rows: usize,
    /// When reports say that they were made.
    pub(crate) generated: &'static str,
}

/// How Organizations answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Organizations {
    Fine,
    Denied,
    NotInUse,
    /// So many times, then it is fine.
    Throttles(usize),
}

/// An organizational unit.
pub(crate) struct Unit {
    pub(crate) id: &'static str,
    pub(crate) parent: &'static str,
}

/// An account.
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) name: String,
    /// `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE`.
    pub(crate) state: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) behaviour: Behaviour,
    pub(crate) alias: Option<String>,
    pub(crate) users: Vec<User>,
    pub(crate) has_password_policy: bool,
}

/// A user with one access key, one tag and one virtual MFA device.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) key: String,
    pub(crate) created: &'static str,
}

/// How an account answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// A report exists.
    Fine,
    /// A report is made first: so many times it is not there yet.
    Polls(usize),
    /// So many requests are throttled, then it is fine.
    Throttles(usize),
    /// So many requests find the connection closed, then it is fine.
    Closes(usize),
    /// So many requests break the service, then it is fine.
    Breaks(usize),
    /// The report expires between being made and being fetched, once.
    Expires,
    /// The role may not be assumed.
    DeniedAssume,
    /// STS is not active in the region.
    RegionDisabled,
    /// No report may be made; the one there is may be fetched.
    DeniedGenerate,
    /// No report may be made, and there is none.
    NoReport,
    /// Reports may be made and not fetched.
    DeniedGet,
    /// STS takes the request and never answers.
    HangsAtAssume,
    /// IAM takes the request and never answers.
    Hangs,
    /// The report is never done.
    NeverCompletes,
    /// The caller's clock is wrong.
    Skewed,
    /// The session that STS gave is not accepted.
    ExpiredToken,
}

impl World {
    /// An organization of so many accounts, `000000000001` the first, all fine; the caller's account
    /// is another one.
    pub(crate) fn of(accounts: usize) -> Self {
        Self {
            partition: "aws",
            own_account: "999999999999".to_owned(),
            role: "Reports".to_owned(),
            external_id: None,
            accounts: (1..=accounts).map(Member::number).collect(),
            units: Vec::new(),
            organizations: Organizations::Fine,
            page: 20,
            tells_state: true,
            latency: Duration::ZERO,
            session: Duration::from_mins(15),
            good_for: usize::MAX,
            more_rows: 0,
            generated: "2026-10-01T12:00:00Z",
        }
    }

    /// A region of its partition.
    pub(crate) fn region(&self) -> &'static str {
        match self.partition {
            "aws-cn" => "cn-north-1",
            "aws-us-gov" => "us-gov-east-1",
            _ => "eu-central-1",
        }
    }
}

impl Member {
    /// A plain account with two users.
    pub(crate) fn number(number: usize) -> Self {
        let users = ["alice", "bob"].iter().zip(1..).map(|(name, key)| User {
            name: (*name).to_owned(),
            key: format!("AKIA{number:012}000{key}"),
            created: "2026-01-01T00:00:00Z",
        });
        Self {
            id: format!("{number:012}"),
            name: format!("account-{number}"),
            state: "ACTIVE",
            unit: "r-root",
            behaviour: Behaviour::Fine,
            alias: Some(format!("alias-{number}")),
            users: users.collect(),
            has_password_policy: number % 2 == 1,
        }
    }

    /// The report of this account.
    pub(crate) fn report(&self, partition: &str, more_rows: usize) -> String {
        const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,\
            password_last_changed,password_next_rotation,mfa_active,access_key_1_active,\
            access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,\
            access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
            access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,\
            cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";
        let id = &self.id;
        let mut text = format!(
            "{HEADER}\n<root_account>,arn:{partition}:iam::{id}:root,2020-01-01T00:00:00+00:00,\
             not_supported,no_information,not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,\
             false,N/A,N/A,N/A,N/A,false,N/A,false,N/A\n"
        );
        let known = self.users.iter().map(|user| (user.name.clone(), user.created));
        let more = (0..more_rows).map(|row| (format!("user-{row}"), "2026-01-01T00:00:00Z"));
        for (name, created) in known.chain(more) {
            let created = created.replace('Z', "+00:00");
            writeln!(text,
                "{name},arn:{partition}:iam::{id}:user/{name},{created},false,N/A,N/A,N/A,true,true,\
                 {created},N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
            ).expect("a text takes all");
        }
        text
    }
}
