//! Where a bucket is. It is asked for only when a request was sent to the wrong region: a bucket
//! that is where the configuration says costs no request, and no permission.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

/// Tells the region of the bucket, in answers of every kind.
const HEADER: &str = "x-amz-bucket-region";

/// Codes of answers to requests that should have gone to another region.
const ELSEWHERE: [&str; 4] = [
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
    "PermanentRedirect",
    "TemporaryRedirect",
];

/// The region an answer names.
pub(super) fn named<E>(error: &SdkError<E, HttpResponse>) -> Option<String> {
    let region = error.raw_response()?.headers().get(HEADER)?;
    let is_region = |text: &str| {
        (1..=32).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    is_region(region).then(|| region.to_owned())
}

/// Whether an answer says that the bucket is in another region.
pub(super) fn is_elsewhere<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    let Some(response) = error.raw_response() else {
        return false;
    };
    match error.code() {
        Some(code) => ELSEWHERE.contains(&code),
        // Answers to HEAD have no code.
        None => matches!(response.status().as_u16(), 301 | 307 | 400),
    }
}

/// Asks for the region of a bucket. The answer tells it even to those who may not see the bucket.
pub(super) async fn discover(client: &Client, bucket: &str) -> Option<String> {
    match Box::pin(client.head_bucket().bucket(bucket).send()).await {
        Ok(answer) => answer.bucket_region,
        Err(error) => named(&error),
    }
}
