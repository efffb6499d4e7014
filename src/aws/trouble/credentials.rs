//! Credentials that could not be had.
//!
//! The SDK asks one source after the other and wraps what they say several times over, in types that
//! are mostly its own. What is not a type is told by its words, and a test gets each of these from
//! the SDK itself.

use std::error::Error;

use aws_config::meta::ProviderChainError;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

use super::text::{CONFIGURE_SSO, LOGIN, SSO_LOGIN, clean};
use super::{Kind, Trouble, chain};

/// The trouble, if credentials are what is missing.
pub(super) fn trouble(error: &(dyn Error + 'static)) -> Option<Trouble> {
    let is_unsigned = |text: &str| text.contains("failed to select an auth scheme");
    if chain(error).any(|error| is_unsigned(&error.to_string())) {
        return Some(unsigned());
    }
    let slow = chain(error).map(ToString::to_string).find(|text| {
        text.starts_with("identity resolver timed out")
            || text.starts_with("credentials provider timed out")
    });
    if let Some(slow) = slow {
        return Some(too_slow(&slow));
    }
    let outer = chain(error).position(<dyn Error>::is::<CredentialsError>)?;
    let inner = || chain(error).skip(outer);
    role(inner())
        .or_else(|| nothing_found(inner()))
        .or_else(|| inner().find_map(|error| by_words(&error.to_string(), inner())))
        .or_else(|| Some(failed(inner())))
}

fn unsigned() -> Trouble {
    Trouble::new(Kind::NoCredentials, "this needs credentials, and requests are not signed")
        .hint("leave out `--no-sign-request`: it is for public buckets only")
}

fn too_slow(text: &str) -> Trouble {
    let span = text
        .split_once("after ")
        .map_or_else(String::new, |(_, span)| format!(" within {}", clean(span)));
    Trouble::new(Kind::Timeout, format!("there were no credentials{span}"))
        .hint("what hands them out (a credential_process, SSO, the instance) does not answer")
}

/// A role that was to be assumed on the way, in a profile or for a member account.
fn role<'a>(mut errors: impl Iterator<Item = &'a (dyn Error + 'static)>) -> Option<Trouble> {
    errors.find_map(|error| {
        if let Some(error) = error.downcast_ref::<SdkError<AssumeRoleError, HttpResponse>>() {
            return Some(Trouble::of("sts:AssumeRole", error));
        }
        let error =
            error.downcast_ref::<SdkError<AssumeRoleWithWebIdentityError, HttpResponse>>()?;
        Some(Trouble::of("sts:AssumeRoleWithWebIdentity", error))
    })
}

/// All sources said that they are not set up.
fn nothing_found<'a>(
    mut errors: impl Iterator<Item = &'a (dyn Error + 'static)>,
) -> Option<Trouble> {
    let all =
        errors.find_map(|error| error.downcast_ref::<ProviderChainError<CredentialsError>>())?;
    // Why the profile has none is worth more than that the others have none either.
    let mut profile = all.attempts().iter().filter(|attempt| attempt.name() == "Profile");
    let told = profile.find_map(|attempt| {
        let error: &(dyn Error + 'static) = attempt.error();
        chain(error).find_map(|error| by_words(&error.to_string(), std::iter::empty()))
    });
    told.or_else(|| Some(no_credentials()))
}

fn no_credentials() -> Trouble {
    Trouble::new(
        Kind::NoCredentials,
        "no AWS credentials: none in the environment, in ~/.aws/config or ~/.aws/credentials, from SSO, \
         a web identity, a container or an instance",
    )
    .hint(format!("sign in with `{CONFIGURE_SSO}` or `{LOGIN}`, or choose a profile with AWS_PROFILE"))
}

/// Sources that tell their trouble in words only.
fn by_words<'a>(
    text: &str,
    mut all: impl Iterator<Item = &'a (dyn Error + 'static)>,
) -> Option<Trouble> {
    let is = |part: &str| text.contains(part);
    let expired = |what: &str, command: &str| {
        Some(Trouble::new(Kind::Expired, what).hint(format!("sign in again: `{command}`")))
    };
    if is("the SSO token has expired")
        || is("Session token not found or invalid")
        || is("UnauthorizedException")
    {
        return expired("the SSO session has expired", SSO_LOGIN);
    }
    if is("failed to load the cached SSO token")
        || is(".aws/sso/cache")
        || is("cached SSO token file")
    {
        return Some(
            Trouble::new(Kind::NoCredentials, "there is no SSO session")
                .hint(format!("sign in: `{SSO_LOGIN}`")),
        );
    }
    if is("cached Login token is expired") || is("failed to refresh cached Login token") {
        return expired("the session of `aws login` has expired", LOGIN);
    }
    if is("cached Login token") || is("login/cache") {
        return Some(
            Trouble::new(Kind::NoCredentials, "there is no session of `aws login`")
                .hint(format!("sign in: `{LOGIN}`")),
        );
    }
    if is("service error") && all.any(|error| error.to_string().contains("ForbiddenException")) {
        return Some(
            Trouble::new(Kind::Denied, "SSO does not give this role in this account")
                .hint("check sso_account_id and sso_role_name of the profile in ~/.aws/config"),
        );
    }
    if is("from external process") || is("external process exited") {
        // What the command printed may hold credentials, so it is not repeated.
        return Some(
            Trouble::new(
                Kind::NoCredentials,
                "the credential_process of the profile gave no credentials",
            )
            .hint("run that command by hand and see what it says"),
        );
    }
    if is("was not defined: ")
        || is("ProfileFile provider could not be built")
        || is("will resolve an access token")
    {
        let text = text.trim_start_matches("ProfileFile provider could not be built: ");
        return Some(
            Trouble::new(Kind::NoCredentials, clean(text))
                .hint("check that profile in ~/.aws/config and ~/.aws/credentials"),
        );
    }
    if is("initialization error already taken") {
        // The SDK gives the reason once, to whoever asks first.
        return Some(
            Trouble::new(
                Kind::NoCredentials,
                "the profile gives no credentials; the first failure says why",
            )
            .hint("check that profile in ~/.aws/config and ~/.aws/credentials"),
        );
    }
    if is("IMDS") {
        return Some(
            Trouble::new(Kind::NoCredentials, "the instance gives no credentials")
                .hint("attach a role to it, or choose a profile with AWS_PROFILE"),
        );
    }
    None
}

/// Something else. Only the outer words are shown, which are the SDK's: inner ones may be those of
/// a program that prints what it should not.
fn failed<'a>(mut errors: impl Iterator<Item = &'a (dyn Error + 'static)>) -> Trouble {
    let first = errors.next();
    let is_absent = matches!(
        first.and_then(|error| error.downcast_ref::<CredentialsError>()),
        Some(CredentialsError::CredentialsNotLoaded(_))
    );
    if is_absent && errors.next().is_none() {
        return Trouble::new(Kind::NoCredentials, "the profile holds no credentials")
            .hint(format!("sign in with `{CONFIGURE_SSO}` or `{LOGIN}`, or name another profile"));
    }
    let words = first.map_or_else(String::new, |error| clean(&error.to_string()));
    Trouble::new(Kind::NoCredentials, format!("no credentials: {words}"))
        .hint("`aws sts get-caller-identity` tells whether they work elsewhere")
}
