use std::io;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_iam::operation::get_credential_report::GetCredentialReportError as GetError;
use aws_smithy_runtime_api::client::result::ConnectorError;

use super::*;
use crate::aws::access::AccessOptions;
use crate::aws::scripted::{Answer, SECRETS, Script, assert_no_secret};

const ACTION: &str = "iam:GetCredentialReport";

/// What is said of an answer to a call of IAM.
async fn told(answer: Answer) -> Trouble {
    let script = Script::new([answer]);
    let error = script.access().iam().get_credential_report().send().await.expect_err("an error");
    let trouble = Trouble::of(ACTION, &error);
    assert_no_secret(&format!("{trouble:?} {trouble}"));
    assert!(trouble.message.chars().count() < 700, "{trouble}");
    assert!(!trouble.message.contains(char::is_control), "{trouble:?}");
    trouble
}

async fn coded(status: u16, code: &str) -> Trouble {
    let trouble = told(Answer::error(status, code, "Some words.")).await;
    assert_eq!(trouble.code.as_deref(), Some(code));
    trouble
}

#[tokio::test]
async fn codes_are_sorted() {
    for (kind, codes) in [
        (Kind::Denied, &["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"][..]),
        (Kind::Expired, &["ExpiredToken", "ExpiredTokenException", "RequestExpired"]),
        (
            Kind::NoCredentials,
            &[
                "InvalidClientTokenId",
                "UnrecognizedClientException",
                "SignatureDoesNotMatch",
                "InvalidAccessKeyId",
                "InvalidSignatureException",
                "RequestTimeTooSkewed",
            ],
        ),
        (
            Kind::Throttled,
            &[
                "Throttling",
                "ThrottlingException",
                "TooManyRequests",
                "TooManyRequestsException",
                "SlowDown",
                "RequestLimitExceeded",
                "LimitExceeded",
            ],
        ),
        (Kind::Service, &["ServiceFailure", "InternalError", "ServiceUnavailable"]),
        (
            Kind::NotFound,
            &[
                "NoSuchBucket",
                "NoSuchKey",
                "NoSuchEntity",
                "AccountNotFoundException",
                "ReportNotPresent",
            ],
        ),
        (Kind::Changed, &["PreconditionFailed"]),
        (
            Kind::Other,
            &[
                "ValidationError",
                "MalformedPolicyDocument",
                "RegionDisabledException",
                "AWSOrganizationsNotInUseException",
            ],
        ),
    ] {
        for code in codes {
            let trouble = coded(400, code).await;
            assert_eq!(trouble.kind, kind, "{code}: {trouble}");
            let needs_no_hint = ["ValidationError", "MalformedPolicyDocument"].contains(code);
            assert!(
                trouble.hint.is_some()
                    || needs_no_hint
                    || kind == Kind::NotFound
                    || kind == Kind::Changed,
                "{code}"
            );
        }
    }
}

#[tokio::test]
async fn an_unknown_code_keeps_the_words_of_aws() {
    assert_eq!(
        coded(400, "SomethingNew").await.message,
        "iam:GetCredentialReport: Some words (SomethingNew)"
    );
    let empty = told(Answer::error(400, "SomethingNew", "Unknown")).await;
    assert_eq!(empty.message, "iam:GetCredentialReport: SomethingNew");
    assert_eq!(coded(503, "SomethingNew").await.kind, Kind::Service);
    assert_eq!(coded(429, "SomethingNew").await.kind, Kind::Throttled);
}

#[tokio::test]
async fn commands_are_those_of_the_profile() {
    let trouble = coded(403, "ExpiredToken").await;
    let hint = |profile| trouble.clone().for_profile(profile).hint.unwrap_or_default();
    assert!(hint(None).contains("`aws sso login` or `aws login`"));
    assert!(
        hint(Some("prod")).contains("`aws sso login --profile prod` or `aws login --profile prod`")
    );
    assert!(hint(Some("a b'c")).contains(r#"--profile "a b'c""#), "{}", hint(Some("a b'c")));
}

#[tokio::test]
async fn nothing_secret_and_nothing_wild_is_repeated() {
    let [id, secret, token] = SECRETS;
    let signed =
        format!("The Canonical String should have been 'POST\nx-amz-security-token:{token}\n{id}'");
    let trouble = told(Answer::error(403, "SignatureDoesNotMatch", &signed)).await;
    assert!(!trouble.message.contains("Canonical"), "{trouble}");
    for code in ["AccessDenied", "ValidationError", "Throttling", "NoSuchKey"] {
        let wild = format!("bad {id} {secret} \u{202e}\n\t{}", "long ".repeat(2000));
        told(Answer::error(400, code, &wild)).await;
    }
}

#[tokio::test]
async fn what_is_not_aws_is_told_from_aws() {
    let page = |status| {
        Answer::Says(
            status,
            "<html>sign in</html>".into(),
            vec![("x-amzn-requestid", String::new())],
        )
    };
    // The header that numbers an answer of AWS is there in every scripted answer.
    assert_eq!(told(page(404)).await.kind, Kind::NotFound);
    let mut stranger = HttpResponse::new(
        403.try_into().expect("a status"),
        aws_smithy_types::body::SdkBody::from("<html>"),
    );
    stranger.headers_mut().insert("server", "squid/5.7");
    let error: SdkError<GetError, _> =
        SdkError::service_error(GetError::unhandled("no code"), stranger);
    let trouble = Trouble::of(ACTION, &error);
    assert_eq!(trouble.kind, Kind::Network);
    assert!(trouble.message.contains("status 403, server squid/5.7"), "{trouble}");
    assert!(trouble.hint.unwrap_or_default().contains("HTTPS_PROXY"));
}

#[tokio::test]
async fn a_broken_connection_names_the_endpoint() {
    let trouble = told(Answer::Breaks(io::ErrorKind::ConnectionReset)).await;
    assert_eq!(trouble.kind, Kind::Network);
    assert!(
        trouble.message.contains("the connection to https://iam.amazonaws.com broke"),
        "{trouble}"
    );
    let trouble = told(Answer::Breaks(io::ErrorKind::ConnectionRefused)).await;
    assert!(trouble.message.contains("https://iam.amazonaws.com refuses connections"), "{trouble}");
}

fn dispatched(text: &'static str) -> Trouble {
    let source = io::Error::other(text);
    let error: SdkError<GetError, _> =
        SdkError::dispatch_failure(ConnectorError::io(Box::new(source)));
    Trouble::of(ACTION, &error)
}

#[test]
fn a_name_that_is_not_found_points_to_the_region() {
    for text in ["dns error", "failed to lookup address information: Name or service not known"] {
        let trouble = dispatched(text);
        assert!(trouble.message.contains("no such host"), "{trouble}");
        assert!(trouble.hint.unwrap_or_default().contains("--region"));
    }
}

#[test]
fn a_certificate_that_is_not_trusted_points_to_the_proxy() {
    let trouble = dispatched("invalid peer certificate: UnknownIssuer");
    assert!(trouble.message.contains("certificate is not trusted"), "{trouble}");
    assert!(trouble.hint.unwrap_or_default().contains("SSL_CERT_FILE"));
}

#[tokio::test]
async fn a_hang_says_how_long_was_waited() {
    let script = Script::new([Answer::Hangs]);
    let access = script.access_with(1, AccessOptions::default());
    let limit = aws_config::timeout::TimeoutConfig::builder()
        .operation_timeout(std::time::Duration::from_millis(30));
    let config = access.iam().config().to_builder().timeout_config(limit.build()).build();
    let call = aws_sdk_iam::Client::from_conf(config).get_credential_report().send().await;
    let trouble = Trouble::of(ACTION, &call.expect_err("a timeout"));
    assert_eq!(trouble.kind, Kind::Timeout);
    assert_eq!(trouble.message, "iam:GetCredentialReport got no answer within 30ms");
    assert!(trouble.hint.unwrap_or_default().contains("--timeout"));
}

/// A provider's error, as it comes out of a call.
fn without_credentials(error: CredentialsError) -> Trouble {
    let error: SdkError<GetError, _> =
        SdkError::construction_failure(CredentialsError::provider_error(error));
    let trouble = Trouble::of(ACTION, &error);
    assert_no_secret(&format!("{trouble:?}"));
    trouble
}

#[test]
fn sessions_that_are_over_name_their_command() {
    for (text, command) in [
        ("the SSO token has expired and cannot be refreshed", "`aws sso login`"),
        ("UnauthorizedException: Session token not found or invalid", "`aws sso login`"),
        ("cached Login token is expired", "`aws login`"),
        ("failed to refresh cached Login token: Your session has expired.", "`aws login`"),
    ] {
        let trouble = without_credentials(CredentialsError::provider_error(text));
        assert_eq!(trouble.kind, Kind::Expired, "{text}");
        assert!(trouble.hint.unwrap_or_default().contains(command), "{text}");
    }
}

#[test]
fn words_of_unknown_providers_are_not_repeated() {
    let text = format!("unparsable {{\"SecretAccessKey\":\"{}\"}} of my provider", SECRETS[1]);
    let trouble = without_credentials(CredentialsError::unhandled(text));
    assert_eq!(trouble.kind, Kind::NoCredentials);
    assert!(!trouble.message.contains("provider\""), "{trouble}");
}

#[test]
fn a_slow_provider_is_a_timeout() {
    let slow = CredentialsError::provider_timed_out(std::time::Duration::from_secs(5));
    assert_eq!(without_credentials(slow).kind, Kind::Timeout);
}

#[test]
fn a_place_goes_before_the_words() {
    assert_eq!(Trouble::new(Kind::Other, "lost").at("account 1").to_string(), "account 1: lost");
}

#[tokio::test]
async fn nobody_is_asked_again_where_nobody_is() {
    for (kind, attempts) in
        [(io::ErrorKind::ConnectionRefused, 1), (io::ErrorKind::ConnectionReset, 5)]
    {
        let script = Script::new([Answer::Breaks(kind)]);
        let access = script.access_with(5, AccessOptions::default());
        access.iam().get_credential_report().send().await.expect_err("an error");
        assert_eq!(script.asked().len(), attempts, "{kind}");
    }
}
