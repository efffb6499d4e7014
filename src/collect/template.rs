//! CloudFormation templates for what is needed around a scheduled `credsql collect`.

use clap::ValueEnum;

/// A template that is built in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Template {
    /// The role in every account, for a StackSet: two IAM actions, an external id
    MemberRole,
    /// A schedule that runs `credsql collect` in a container or a Lambda function
    Scheduler,
    /// The bucket in a log-archive account, its KMS key and policy
    Bucket,
}

impl Template {
    /// Its text.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::MemberRole => include_str!("templates/member-role.yaml"),
            Self::Scheduler => include_str!("templates/scheduler.yaml"),
            Self::Bucket => include_str!("templates/bucket.yaml"),
        }
    }
}
