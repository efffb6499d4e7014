//! What the tests share.

pub(crate) mod s3_server;
mod s3_store;

use std::path::Path;
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider, SharedHttpClient};
use credsql::aws::access::{Access, AccessOptions};
use credsql::aws::s3::{Bucket, S3Options};
use credsql::aws::trouble::Trouble;

use s3_server::{ACCESS_KEY, SECRET_KEY, Server};

/// The bucket of all tests.
pub(crate) const BUCKET: &str = "reports-bucket";

/// A server with an empty bucket.
pub(crate) fn server() -> (tempfile::TempDir, Server) {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::create_dir(directory.path().join(BUCKET)).expect("a directory");
    let server = s3_server::start(directory.path());
    (directory, server)
}

/// Puts a file where the server finds it.
pub(crate) fn write(directory: &tempfile::TempDir, key: &str, bytes: impl AsRef<[u8]>) {
    let path = directory.path().join(BUCKET).join(key);
    std::fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).expect("a directory");
    std::fs::write(path, bytes).expect("a file");
}

/// Short pauses, as nothing here needs long ones.
pub(crate) fn options() -> S3Options {
    S3Options {
        pause: Duration::from_millis(5),
        stall: Duration::from_secs(1),
        ..S3Options::default()
    }
}

/// An access to a server, or with none to AWS itself, by the way of a client.
pub(crate) fn access(
    endpoint: Option<&str>,
    is_anonymous: bool,
    client: Option<SharedHttpClient>,
) -> Access {
    let client = client.unwrap_or_else(|| aws_smithy_http_client::Builder::new().build_http());
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .timeout_config(TimeoutConfig::builder().operation_timeout(Duration::from_mins(1)).build())
        .http_client(client);
    config.set_endpoint_url(endpoint.map(ToOwned::to_owned));
    if !is_anonymous {
        let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "test");
        config = config.credentials_provider(SharedCredentialsProvider::new(credentials));
    }
    let options = AccessOptions { no_sign_request: is_anonymous, ..AccessOptions::default() };
    Access { config: config.build(), options }
}

/// The bucket of a server.
pub(crate) async fn bucket(server: &Server) -> Bucket {
    named(server, BUCKET).await
}

/// A bucket of a server.
pub(crate) async fn named(server: &Server, name: &str) -> Bucket {
    Bucket::connect(&access(Some(&server.endpoint), false, None), name, &options())
        .await
        .expect("a bucket")
}

/// All that is said of a trouble.
pub(crate) fn words(trouble: &Trouble) -> String {
    format!("{trouble}; {}", trouble.hint.clone().unwrap_or_default())
}
