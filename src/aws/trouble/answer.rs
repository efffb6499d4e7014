//! Answers of AWS that are errors, told by their code, or by their status if they have none.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ErrorMetadata;

use super::text::{LOGIN, SSO_LOGIN, clean};
use super::{Kind, Trouble, clock, denial, reach};

const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AllAccessDisabled",
    "Forbidden",
    "NotAuthorized",
    "UnauthorizedAccess",
    "UnauthorizedOperation",
];

const EXPIRED: &[&str] =
    &["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"];

/// Codes whose messages are never shown: some repeat what was signed, with the session token in it.
const UNUSABLE: &[&str] = &[
    "AuthFailure",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

const THROTTLED: &[&str] = &[
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceeded",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequests",
    "TooManyRequestsException",
];

const FAILED: &[&str] = &[
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "ServiceException",
    "ServiceFailure",
    "ServiceUnavailable",
    "ServiceUnavailableException",
];

const NOT_FOUND: &[&str] = &[
    "AccountNotFoundException",
    "NoSuchBucket",
    "NoSuchEntity",
    "NoSuchKey",
    "NoSuchVersion",
    "NotFound",
    "OrganizationalUnitNotFoundException",
    "ParentNotFoundException",
    "ReportExpired",
    "ReportNotPresent",
    "ResourceNotFoundException",
];

/// An answer that is an error, in words.
pub(super) fn trouble(action: &str, meta: &ErrorMetadata, response: &HttpResponse) -> Trouble {
    let status = response.status().as_u16();
    let Some(code) = meta.code() else {
        return by_status(action, response);
    };
    let is = |codes: &[&str]| codes.contains(&code);
    // Before denials and signatures, which have the same codes.
    let trouble = if let Some(skewed) = clock::trouble(meta, response) {
        skewed
    } else if is(DENIED) {
        denial::trouble(action, meta)
    } else if is(EXPIRED) {
        expired()
    } else if is(UNUSABLE) {
        unusable(code)
    } else if is(THROTTLED) || status == 429 {
        throttled(action, code, meta)
    } else if is(FAILED) || status >= 500 {
        failed(action, code, status)
    } else if is(NOT_FOUND) {
        Trouble::new(Kind::NotFound, said(action, code, meta))
    } else {
        other(action, code, meta)
    };
    trouble.code(code)
}

fn expired() -> Trouble {
    Trouble::new(Kind::Expired, "the credentials have expired").hint(format!(
        "sign in again: `{SSO_LOGIN}` or `{LOGIN}`; if they come from the environment, export new ones"
    ))
}

fn unusable(code: &str) -> Trouble {
    let (what, cure) = match code {
        "InvalidAccessKeyId" | "InvalidClientTokenId" | "UnrecognizedClientException" => (
            "AWS does not know these credentials",
            "they were deleted or deactivated, or belong to another partition (aws, aws-cn, aws-us-gov): choose them with AWS_PROFILE, or sign in with",
        ),
        "SignatureDoesNotMatch" | "InvalidSignatureException" => (
            "the signature is not right, so the secret key is not the one of the access key",
            "copy both again, or sign in with",
        ),
        "InvalidToken" => (
            "the session token does not belong to the access key",
            "set all three variables, AWS_SESSION_TOKEN too, from one and the same place, or sign in with",
        ),
        _ => {
            ("AWS cannot use these credentials", "choose others with AWS_PROFILE, or sign in with")
        }
    };
    Trouble::new(Kind::NoCredentials, format!("{what} ({})", clean(code)))
        .hint(format!("{cure} `{SSO_LOGIN}` or `{LOGIN}`"))
}

fn throttled(action: &str, code: &str, meta: &ErrorMetadata) -> Trouble {
    let text = if code.starts_with("LimitExceeded") {
        said(action, code, meta)
    } else {
        format!("AWS asked again and again to slow down ({action}: {})", clean(code))
    };
    Trouble::new(Kind::Throttled, text)
        .hint("try again in a few minutes; with many accounts, a smaller `--concurrency` helps")
}

fn failed(action: &str, code: &str, status: u16) -> Trouble {
    Trouble::new(Kind::Service, format!("AWS failed at {action} ({} {status})", clean(code)))
        .hint("try again in a few minutes; https://health.aws.amazon.com tells of outages")
}

fn other(action: &str, code: &str, meta: &ErrorMetadata) -> Trouble {
    let trouble = |kind| Trouble::new(kind, said(action, code, meta));
    match code {
        "RegionDisabledException" => trouble(Kind::Other)
            .hint("this region is not enabled in that account: name another with `--region`, or use `--sts-global`"),
        "OptInRequired" => trouble(Kind::Denied)
            .hint("the account, or this region in it, is not active yet: name another with `--region`"),
        "AWSOrganizationsNotInUseException" => {
            Trouble::new(Kind::Other, "this account is not part of an organization")
                .hint("use the management account, or name the accounts with `--accounts`")
        }
        "PreconditionFailed" => trouble(Kind::Changed),
        "ReportInProgress" => trouble(Kind::Other).hint("try again in a few seconds"),
        _ => trouble(Kind::Other),
    }
}

/// What AWS said, after what it was asked.
fn said(action: &str, code: &str, meta: &ErrorMetadata) -> String {
    // Several answers of IAM have the word "Unknown" for a message.
    let message = clean(meta.message().unwrap_or_default());
    match message.as_str() {
        "" | "Unknown" => format!("{action}: {}", clean(code)),
        message => format!("{action}: {message} ({})", clean(code)),
    }
}

/// Without a code: answers to HEAD requests, which have no body, and answers of something that is
/// not AWS.
fn by_status(action: &str, response: &HttpResponse) -> Trouble {
    let status = response.status().as_u16();
    if !reach::is_of_aws(response) {
        return reach::stranger(action, response);
    }
    match status {
        200..=299 => reach::garbled(action, ""),
        401 | 403 => denial::trouble(action, &ErrorMetadata::builder().build()),
        404 => Trouble::new(Kind::NotFound, format!("{action}: what was named is not there (404)")),
        412 => Trouble::new(Kind::Changed, format!("{action}: it is not what it was (412)")),
        429 => throttled(action, "429", &ErrorMetadata::builder().build()),
        500.. => failed(action, "status", status),
        _ => Trouble::new(Kind::Other, format!("{action} failed (status {status})")),
    }
}
