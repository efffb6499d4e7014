//! The role of each account: assumed with as little power, and for as short, as the run needs.
//!
//! Not the SDK's `AssumeRoleProvider`: it leaves out every identity cache, so the user's own
//! credentials would be fetched anew for each account (a sign-on request, or a process, 5,000
//! times), and it tells the reason of a refusal only deep inside the error of another call.

use std::fmt;

use crate::aws::access::Access;
use crate::aws::access::Iam;
use crate::aws::identity::Caller;
use crate::aws::trouble::{Kind, Result, Trouble};
use aws_config::identity::IdentityCache;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::config::Region;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role::builders::AssumeRoleFluentBuilder;

use crate::aws::role_options::RoleOptions;
use crate::aws::role_session::Session;

/// Assumes one role in many accounts. One client for all of them: the caller's own credentials are
/// fetched once and renewed when they expire, and connections are shared.
pub struct Roles {
    sts: aws_sdk_sts::Client,
    access: Access,
    caller: Caller,
    options: RoleOptions,
}

/// The client would show the id of an access key.
impl fmt::Debug for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Roles")
            .field("caller", &self.caller)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// What acting in an account needs.
pub struct Assumed {
    /// Speaks to IAM in that account.
    pub iam: Iam,
    /// Something the user should know of how it came about.
    pub remark: Option<String>,
}

/// As for [`Roles`].
impl fmt::Debug for Assumed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assumed").field("remark", &self.remark).finish_non_exhaustive()
    }
}

impl Roles {
    /// Prepares. Asks nobody yet.
    ///
    /// # Errors
    /// If the options are none that STS takes; told once here rather than by every account.
    pub fn new(access: &Access, caller: Caller, options: RoleOptions) -> Result<Self> {
        options.check()?;
        let sts =
            if options.sts_global { global_sts(access, &caller.partition)? } else { access.sts() };
        Ok(Self { sts, access: access.clone(), caller, options })
    }

    /// The role's name in an account.
    #[must_use]
    pub fn arn(&self, account_id: &str) -> String {
        self.options.arn(&self.caller.partition, account_id)
    }

    /// Assumes the role in an account. The session renews itself when it expires.
    ///
    /// In the caller's own account the role may be missing, as `OrganizationAccountAccessRole` is in
    /// a management account, or may not trust its own account. If STS denies it there, and for no
    /// other reason, the caller's own credentials are used and a remark tells it. That reads nothing
    /// the caller could not read anyway; in any other account a refusal is final, so one account's
    /// report is never taken for another's.
    ///
    /// # Errors
    /// If STS refuses, or cannot be reached.
    pub async fn assume(&self, account_id: &str) -> Result<Assumed> {
        let arn = self.arn(account_id);
        let error = match Session::begin(self.request(&arn)).await {
            Ok(session) => {
                let iam = self.acting_as(SharedCredentialsProvider::new(session)).iam();
                return Ok(Assumed { iam, remark: None });
            }
            Err(error) => error,
        };
        let trouble = self.refused(account_id, &arn, &error);
        if trouble.kind == Kind::Denied && account_id == self.caller.account_id {
            let remark = format!(
                "{arn} may not be assumed; this is the account of your credentials, so they were used instead"
            );
            return Ok(Assumed { iam: self.access.iam(), remark: Some(remark) });
        }
        Err(trouble)
    }

    fn request(&self, arn: &str) -> AssumeRoleFluentBuilder {
        self.sts
            .assume_role()
            .role_arn(arn)
            .role_session_name(&self.options.session_name)
            .set_external_id(self.options.external_id.clone())
            .policy(&self.options.session_policy)
            .duration_seconds(self.options.seconds())
    }

    /// A cache of its own for each role: a shared one keeps the credentials of accounts that are
    /// done with, and drops those of others, the caller's among them, to make room.
    fn acting_as(&self, role: SharedCredentialsProvider) -> Access {
        let cache = IdentityCache::lazy().build();
        let config =
            self.access.config.to_builder().credentials_provider(role).identity_cache(cache);
        Access::with_config(config.build(), self.access.options.clone())
    }

    fn refused(&self, account_id: &str, arn: &str, error: &SdkError<AssumeRoleError>) -> Trouble {
        let mut trouble = Trouble::of("sts:AssumeRole", error);
        let Some(answer) = error.as_service_error() else {
            // Not this role: one that the caller's own credentials come from.
            if trouble.kind == Kind::Denied {
                trouble.kind = Kind::NoCredentials;
            }
            return trouble;
        };
        if let AssumeRoleError::RegionDisabledException(_) = answer {
            let region = self.access.region();
            trouble.message = format!("STS is not active in {region} for account {account_id}");
            return trouble
                .hint("activate it in that account, or use `--region` or `--sts-global`");
        }
        if trouble.kind != Kind::Denied {
            return trouble;
        }
        let trouble = trouble.at(arn);
        // Sometimes AWS names the policy; then the hint is about that one.
        let said = answer.message().unwrap_or_default();
        if said.contains("because no ") || said.contains("explicit deny") {
            return trouble;
        }
        let external_id = if self.options.external_id.is_some() {
            "may want another external id"
        } else {
            "may want `--external-id`"
        };
        trouble.hint(format!(
            "the role may not exist in that account; its trust policy may not name {} or {external_id}; your \
             own policies may not allow it; or a service control policy forbids it",
            self.caller.arn
        ))
    }
}

/// To the SDK, `aws-global` is https://sts.amazonaws.com, signed for us-east-1. An endpoint that the
/// user configured stays, and is signed for the user's region.
fn global_sts(access: &Access, partition: &str) -> Result<aws_sdk_sts::Client> {
    if partition != "aws" {
        let message = format!("the partition {partition} has no global endpoint of STS");
        return Err(Trouble::new(Kind::Other, message).hint("leave out `--sts-global`"));
    }
    if access.config.endpoint_url().is_some() {
        return Ok(access.sts());
    }
    let config = access.config.to_builder().region(Region::from_static("aws-global")).build();
    Ok(Access::with_config(config, access.options.clone()).sts())
}
