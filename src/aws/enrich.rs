//! What `--enrich` asks of one account, beside its report.
//!
//! Each part degrades by itself: what the caller may not ask, or AWS does not answer, keeps its
//! reason, and the others are there. A part is whole or absent: half a list of keys would look like
//! users without keys.

use std::future::Future;
use std::sync::Arc;

use crate::aws::access::Iam;
use crate::aws::trouble::{Result, Trouble};
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_iam::types::AssignmentStatusType;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::DateTime;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, TryFutureExt, TryStreamExt, stream};

use crate::beside::{AccessKey, Extras, Part, PasswordPolicy, Summary, UserTag, VirtualMfaDevice};
use crate::report::Millis;

#[cfg(test)]
mod tests;

/// Requests about users under way at a time: those for keys, and as many for tags.
const ABREAST: usize = 4;

/// Requests prepared at a time: an account may have 5,000 users.
const PREPARED: usize = 100;

/// The most that IAM puts on a page.
const PAGE: i32 = 1000;

/// The account that is asked, and when: what the answers do not say.
#[derive(Debug, Clone)]
pub struct Whose {
    /// The 12-digit account.
    pub account_id: Arc<str>,
    /// Its name, if it is known.
    pub account_name: Option<Arc<str>>,
    /// Its partition, if it is known.
    pub partition: Option<Arc<str>>,
    /// The time of the run.
    pub time: Millis,
}

/// Asks everything. What could not be had is told in the facts, with the permission that lacks. How often and how long is tried is the client's to say.
pub async fn fetch(iam: &Iam, whose: Whose) -> Extras {
    let (summary, password_policy, virtual_mfa_devices) =
        futures::join!(part(summary(iam)), part(policy(iam)), part(devices(iam)));
    let (access_keys, user_tags) = match users(iam).boxed().await {
        Ok(users) => futures::join!(part(keys(iam, &users)), part(tags(iam, &users))),
        Err(trouble) => (Err(why(&trouble)), Err(why(&trouble))),
    };
    Extras {
        account_id: whose.account_id,
        account_name: whose.account_name,
        partition: whose.partition,
        collected_time: whose.time,
        summary,
        password_policy,
        virtual_mfa_devices,
        access_keys,
        user_tags,
    }
}

/// Boxed: calls of the SDK are large to carry about.
fn part<'a, T>(call: impl Future<Output = Result<T>> + Send + 'a) -> BoxFuture<'a, Part<T>> {
    call.map_err(|trouble| why(&trouble)).boxed()
}

fn why(trouble: &Trouble) -> Arc<str> {
    trouble.to_string().into()
}

async fn summary(iam: &Iam) -> Result<Summary> {
    let answer = iam.get_account_summary().send().await;
    let answer = answer.map_err(|error| Trouble::of("iam:GetAccountSummary", &error))?;
    let numbers = answer.summary_map.unwrap_or_default();
    Ok(numbers.into_iter().map(|(key, number)| (key.as_str().to_owned(), number.into())).collect())
}

/// An account without a policy of its own is answered with an error.
async fn policy(iam: &Iam) -> Result<Option<PasswordPolicy>> {
    let answer = match iam.get_account_password_policy().send().await {
        Ok(answer) => answer,
        Err(error) if is_gone(&error) => return Ok(None),
        Err(error) => return Err(Trouble::of("iam:GetAccountPasswordPolicy", &error)),
    };
    Ok(answer.password_policy.map(|policy| PasswordPolicy {
        minimum_length: policy.minimum_password_length.map(Into::into),
        symbols: policy.require_symbols,
        numbers: policy.require_numbers,
        uppercase: policy.require_uppercase_characters,
        lowercase: policy.require_lowercase_characters,
        users_may_change: policy.allow_users_to_change_password,
        expire: policy.expire_passwords,
        max_age_days: policy.max_password_age.map(Into::into),
        reuse_prevention: policy.password_reuse_prevention.map(Into::into),
        hard_expiry: policy.hard_expiry,
    }))
}

/// Whether what was named does not exist.
fn is_gone<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    error.as_service_error().and_then(ProvideErrorMetadata::code) == Some("NoSuchEntity")
}

async fn devices(iam: &Iam) -> Result<Vec<VirtualMfaDevice>> {
    let pages = iam
        .list_virtual_mfa_devices()
        .assignment_status(AssignmentStatusType::Any)
        .max_items(PAGE)
        .into_paginator()
        .items();
    let devices = pages.send().collect::<Result<Vec<_>, _>>().await;
    let devices = devices.map_err(|error| Trouble::of("iam:ListVirtualMFADevices", &error))?;
    let device = |device: aws_sdk_iam::types::VirtualMfaDevice| {
        // Root has no name here, and what is not there comes as an empty text.
        let user = device.user.filter(|user| !user.arn.is_empty());
        VirtualMfaDevice {
            serial_number: device.serial_number.into(),
            user: user.map(|user| (named(user.user_name), user.arn.into())),
            enabled_time: device.enable_date.as_ref().and_then(millis),
        }
    };
    Ok(devices.into_iter().map(device).collect())
}

/// Name and ARN of a user.
type User = (Arc<str>, Arc<str>);

async fn users(iam: &Iam) -> Result<Vec<User>> {
    let pages = iam.list_users().max_items(PAGE).into_paginator().items();
    let users = pages.send().collect::<Result<Vec<_>, _>>().await;
    let users = users.map_err(|error| Trouble::of("iam:ListUsers", &error))?;
    Ok(users.into_iter().map(|user| (user.user_name.into(), user.arn.into())).collect())
}

async fn keys(iam: &Iam, users: &[User]) -> Result<Vec<AccessKey>> {
    let mut all = Vec::new();
    for some in users.chunks(PREPARED) {
        all.extend(of_each(some.iter().map(|user| keys_of(iam, user).boxed()).collect()).await?);
    }
    Ok(all)
}

async fn keys_of(iam: &Iam, (name, arn): &User) -> Result<Vec<AccessKey>> {
    let pages = iam.list_access_keys().user_name(&**name).max_items(PAGE).into_paginator().items();
    let keys = match pages.send().collect::<Result<Vec<_>, _>>().await {
        Ok(keys) => keys,
        // Removed since the users were listed.
        Err(error) if is_gone(&error) => Vec::new(),
        Err(error) => return Err(Trouble::of("iam:ListAccessKeys", &error)),
    };
    let key = |key: aws_sdk_iam::types::AccessKeyMetadata| {
        Some(AccessKey {
            user: Arc::clone(name),
            arn: Arc::clone(arn),
            access_key_id: key.access_key_id?.into(),
            status: key.status.map_or(Arc::from(""), |status| status.as_str().into()),
            created_time: key.create_date.as_ref().and_then(millis),
        })
    };
    Ok(keys.into_iter().filter_map(key).collect())
}

async fn tags(iam: &Iam, users: &[User]) -> Result<Vec<UserTag>> {
    let mut all = Vec::new();
    for some in users.chunks(PREPARED) {
        all.extend(of_each(some.iter().map(|user| tags_of(iam, user).boxed()).collect()).await?);
    }
    Ok(all)
}

async fn tags_of(iam: &Iam, (name, arn): &User) -> Result<Vec<UserTag>> {
    let pages = iam.list_user_tags().user_name(&**name).max_items(PAGE).into_paginator().items();
    let tags = match pages.send().collect::<Result<Vec<_>, _>>().await {
        Ok(tags) => tags,
        Err(error) if is_gone(&error) => Vec::new(),
        Err(error) => return Err(Trouble::of("iam:ListUserTags", &error)),
    };
    let tag = |tag: aws_sdk_iam::types::Tag| UserTag {
        user: Arc::clone(name),
        arn: Arc::clone(arn),
        key: tag.key.into(),
        value: tag.value.into(),
    };
    Ok(tags.into_iter().map(tag).collect())
}

/// Makes calls a few at a time, and keeps their answers in order. The first trouble ends it: a
/// permission that lacks for one user lacks for all.
async fn of_each<T: Send>(calls: Vec<BoxFuture<'_, Result<Vec<T>>>>) -> Result<Vec<T>> {
    let answers = stream::iter(calls).buffered(ABREAST);
    answers
        .try_fold(Vec::new(), async |mut all, answer| {
            all.extend(answer);
            Ok(all)
        })
        .await
}

fn named(text: String) -> Option<Arc<str>> {
    Some(text).filter(|text| !text.is_empty()).map(Into::into)
}

fn millis(time: &DateTime) -> Option<Millis> {
    time.to_millis().ok()
}
