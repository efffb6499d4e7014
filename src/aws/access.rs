//! Who we are to AWS: profile, region, credentials, and how requests are sent.

mod endpoints;
mod profiles;

use std::fmt;
use std::time::Duration;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};

use crate::aws::transport::{self, GiveUpEarly};
use crate::aws::trouble::Result;

pub use profiles::RegionFrom;

/// What the user says of how to speak to AWS. Everything else is the SDK's to find: environment,
/// `~/.aws`, SSO, containers, instances.
#[derive(Debug, Clone)]
pub struct AccessOptions {
    /// A profile of `~/.aws/config`; otherwise `AWS_PROFILE`, or the default one.
    pub profile: Option<String>,
    /// The region; otherwise as configured, or us-east-1, which is right for IAM in the partition
    /// `aws`.
    pub region: Option<String>,
    /// Send requests without a signature: public buckets only.
    pub no_sign_request: bool,
    /// How long one account, or one request to S3, may take in all.
    pub timeout: Duration,
}

impl Default for AccessOptions {
    fn default() -> Self {
        Self {
            profile: None,
            region: None,
            no_sign_request: false,
            timeout: Duration::from_mins(2),
        }
    }
}

/// Speaks to the IAM of one account.
pub use aws_sdk_iam::Client as Iam;

/// Loaded configuration, from which clients are made. Cloning is cheap. `Debug` shows no credential.
#[derive(Clone)]
pub struct Access {
    /// For clients of the SDK.
    pub config: SdkConfig,
    /// What the user said.
    pub options: AccessOptions,
}

/// Attempts for one request, the first one included: a burst of throttling answers lasts longer than
/// the SDK's usual three.
const ATTEMPTS: u32 = 8;

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// Longest wait for an answer to begin. Answers of IAM begin within seconds; one that does not come
/// is asked for again, while there is time.
const FIRST_BYTE: Duration = Duration::from_secs(30);

impl Access {
    /// Reads the configuration. Asks nobody yet: credentials are fetched by the first request.
    ///
    /// # Errors
    /// If the profile does not exist, the files that hold profiles cannot be read, or an endpoint that
    /// is set is no address.
    pub async fn load(options: AccessOptions) -> Result<Self> {
        let profile = profiles::Chosen::load(&options).await?;
        endpoints::check(profile.endpoint())?;
        let http = transport::https();
        let retries = RetryConfig::standard().with_max_attempts(ATTEMPTS);
        let limits = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .read_timeout(FIRST_BYTE)
            .operation_timeout(options.timeout)
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http.clone())
            .retry_config(retries.clone())
            .timeout_config(limits.clone())
            .region(profile.region(&options));
        if let Some(name) = &options.profile {
            loader = loader.profile_name(name);
        }
        if options.no_sign_request || options.profile.is_some() {
            loader = loader.no_credentials();
        }
        let mut config = loader.load().await;
        if let (Some(name), false) = (&options.profile, options.no_sign_request) {
            // The SDK's chain would take keys of the environment before those of the profile that
            // was asked for by name, and so read another account.
            let surroundings = ProviderConfig::without_region()
                .with_region(config.region().cloned())
                .with_http_client(http)
                .with_retry_config(retries)
                .with_timeout_config(limits);
            let provider = ProfileFileCredentialsProvider::builder()
                .configure(&surroundings)
                .profile_name(name)
                .build();
            config = config
                .into_builder()
                .credentials_provider(SharedCredentialsProvider::new(provider))
                .build();
        }
        Ok(Self { config, options })
    }

    /// Access with a configuration made by hand.
    #[must_use]
    pub fn with_config(config: SdkConfig, options: AccessOptions) -> Self {
        Self { config, options }
    }

    /// The region that requests go to.
    #[must_use]
    pub fn region(&self) -> &str {
        self.config.region().map_or(DEFAULT_REGION, Region::as_ref)
    }

    /// A client for IAM.
    #[must_use]
    pub fn iam(&self) -> Iam {
        let config = aws_sdk_iam::config::Builder::from(&self.config);
        let config = config.retry_partition(own_retries()).retry_classifier(GiveUpEarly);
        Iam::from_conf(config.build())
    }

    /// A client for STS, in the region of this access.
    #[must_use]
    pub fn sts(&self) -> aws_sdk_sts::Client {
        let config = aws_sdk_sts::config::Builder::from(&self.config);
        let config = config.retry_partition(own_retries()).retry_classifier(GiveUpEarly);
        aws_sdk_sts::Client::from_conf(config.build())
    }

    /// A client for Organizations.
    #[must_use]
    pub fn organizations(&self) -> aws_sdk_organizations::Client {
        let config = aws_sdk_organizations::config::Builder::from(&self.config);
        let config = config.retry_partition(own_retries()).retry_classifier(GiveUpEarly);
        aws_sdk_organizations::Client::from_conf(config.build())
    }

    /// A client for Athena, in the region of this access.
    #[must_use]
    pub fn athena(&self) -> aws_sdk_athena::Client {
        let config = aws_sdk_athena::config::Builder::from(&self.config);
        let config = config.retry_partition(own_retries()).retry_classifier(GiveUpEarly);
        aws_sdk_athena::Client::from_conf(config.build())
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The configuration would show the id of an access key.
        f.debug_struct("Access")
            .field("region", &self.region())
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// The region of requests when none is configured: that of IAM in the partition `aws`.
pub const DEFAULT_REGION: &str = "us-east-1";

/// The region where IAM of a partition lives.
#[must_use]
pub fn home_region(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        "aws-iso" => "us-iso-east-1",
        "aws-iso-b" => "us-isob-east-1",
        "aws-iso-e" => "eu-isoe-west-1",
        "aws-iso-f" => "us-isof-south-1",
        "aws-eusc" => "eusc-de-east-1",
        _ => DEFAULT_REGION,
    }
}

/// The partition that a region is in.
#[must_use]
pub fn partition_of(region: &str) -> &'static str {
    const PREFIXES: [(&str, &str); 7] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ];
    PREFIXES
        .iter()
        .find(|(prefix, _)| region.starts_with(prefix))
        .map_or("aws", |(_, partition)| partition)
}

/// Retries of one client are not counted against those of others. The SDK's default is one bucket of
/// tokens for all clients of a service in a process: in a fleet, a few throttled accounts would take
/// the retries of all others.
#[must_use]
pub fn own_retries() -> RetryPartition {
    RetryPartition::custom("credsql").token_bucket(TokenBucket::unlimited()).build()
}

/// Where the region of an access with these options comes from.
///
/// # Errors
/// As [`Access::load`].
pub async fn region_from(options: &AccessOptions) -> Result<RegionFrom> {
    Ok(profiles::Chosen::load(options).await?.region_from(options).1)
}

#[cfg(test)]
mod tests;
