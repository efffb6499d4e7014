//! The session of one role, which renews itself.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_sdk_sts::error::SdkError;
use aws_sdk_sts::operation::assume_role::builders::AssumeRoleFluentBuilder;
use aws_sdk_sts::operation::assume_role::{AssumeRoleError, AssumeRoleOutput};

/// Gives the credentials it began with, and new ones whenever it is asked again: the SDK asks when
/// the last ones are about to expire.
pub(crate) struct Session {
    request: AssumeRoleFluentBuilder,
    first: Mutex<Option<Credentials>>,
}

impl Session {
    /// Assumes the role now, so that a refusal is told as what it is.
    pub(crate) async fn begin(
        request: AssumeRoleFluentBuilder,
    ) -> Result<Self, SdkError<AssumeRoleError>> {
        let first =
            credentials(request.clone().send().await?).map_err(SdkError::construction_failure)?;
        Ok(Self { request, first: Mutex::new(Some(first)) })
    }

    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(first) = first {
            return Ok(first);
        }
        let output = self.request.clone().send().await;
        credentials(output.map_err(CredentialsError::provider_error)?)
    }
}

impl ProvideCredentials for Session {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

/// Neither credentials nor the external id are shown.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

fn credentials(output: AssumeRoleOutput) -> Result<Credentials, CredentialsError> {
    let given = output
        .credentials
        .ok_or_else(|| CredentialsError::unhandled("STS gave no credentials for the role"))?;
    let expiry = SystemTime::try_from(given.expiration)
        .map_err(|_| CredentialsError::unhandled("STS gave credentials that expire at no time"))?;
    Ok(Credentials::builder()
        .access_key_id(given.access_key_id)
        .secret_access_key(given.secret_access_key)
        .session_token(given.session_token)
        .expiry(expiry)
        .provider_name("credsql")
        .build())
}
