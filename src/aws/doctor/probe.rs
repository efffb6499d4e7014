//! One small call for each action.

use std::error::Error;

use crate::aws::access::Iam;
use aws_sdk_organizations::Client as Organizations;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::aws::trouble::{Kind, Result, Trouble};

/// A user that is not there. Permissions are looked at first, so "no such user" says that asking is
/// allowed.
const NOBODY: &str = "credsql-doctor-asks-for-nobody";

/// A root of an organization that is not there, for the same reason.
const NOWHERE: &str = "r-0000";

/// Tries an action.
pub(super) async fn run(
    action: &'static str,
    iam: &Iam,
    organizations: &Organizations,
) -> Result<()> {
    match action {
        "organizations:ListAccounts" => {
            told(action, organizations.list_accounts().max_results(1).send().await)
        }
        "organizations:ListAccountsForParent" => {
            told(action, organizations.list_accounts_for_parent().parent_id(NOWHERE).send().await)
        }
        "organizations:ListOrganizationalUnitsForParent" => {
            let units = organizations.list_organizational_units_for_parent();
            told(action, units.parent_id(NOWHERE).send().await)
        }
        _ => run_in_account(action, iam).await,
    }
}

/// Tries an action of IAM.
pub(super) async fn run_in_account(action: &'static str, iam: &Iam) -> Result<()> {
    match action {
        "iam:GenerateCredentialReport" => {
            told(action, iam.generate_credential_report().send().await)
        }
        "iam:GetCredentialReport" => told(action, iam.get_credential_report().send().await),
        "iam:GetAccountPasswordPolicy" => {
            told(action, iam.get_account_password_policy().send().await)
        }
        "iam:GetAccountSummary" => told(action, iam.get_account_summary().send().await),
        "iam:ListUsers" => told(action, iam.list_users().max_items(1).send().await),
        "iam:ListVirtualMFADevices" => {
            told(action, iam.list_virtual_mfa_devices().max_items(1).send().await)
        }
        "iam:ListAccessKeys" => told(action, iam.list_access_keys().user_name(NOBODY).send().await),
        "iam:ListUserTags" => told(action, iam.list_user_tags().user_name(NOBODY).send().await),
        _ => Err(Trouble::new(Kind::Other, format!("{action} cannot be tried"))),
    }
}

fn told<T, E>(action: &str, answer: Result<T, SdkError<E, HttpResponse>>) -> Result<()>
where
    E: Error + ProvideErrorMetadata + 'static,
{
    answer.map(|_| ()).map_err(|error| Trouble::of(action, &error))
}
