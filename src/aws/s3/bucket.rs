//! A bucket, and how requests to it are made.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crate::aws::access::{self, Access, own_retries};
use crate::aws::transport::GiveUpEarly;
use crate::aws::trouble::{Kind, Result, Trouble};
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Builder, Config, Region, StalledStreamProtectionConfig};
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::RequestPayer;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

use super::{endpoint, region};

/// Attempts for one request, the first one included.
const ATTEMPTS: u32 = 8;

/// What the user says of how to speak to S3.
#[derive(Debug, Clone)]
pub struct S3Options {
    /// Agree to pay for the requests, which buckets of others may ask for.
    pub request_payer: bool,
    /// How long an answer may stand still before it is given up and asked for again.
    pub stall: Duration,
    /// The first pause before something is tried again; later ones are longer.
    pub pause: Duration,
}

impl Default for S3Options {
    fn default() -> Self {
        Self {
            request_payer: false,
            stall: Duration::from_secs(20),
            pause: Duration::from_millis(500),
        }
    }
}

/// A bucket to list, read from and write to. Cloning is cheap, and clones share connections.
#[derive(Clone)]
pub struct Bucket {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    options: S3Options,
    /// Requests are sent without a signature.
    is_anonymous: bool,
    /// A store that is not AWS, or AWS by an address that the user chose.
    is_custom: bool,
    config: Config,
    /// Made anew when the bucket turns out to be in another region.
    client: RwLock<Client>,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket").field("name", &self.inner.name).finish_non_exhaustive()
    }
}

impl Bucket {
    /// A bucket, by the name of a [`Location`](super::Location). Nothing is asked yet: a bucket that
    /// does not exist is found out by the first request, and so is the region of one that does.
    ///
    /// # Errors
    /// If the configuration holds no way to find credentials and requests are to be signed.
    pub async fn connect(access: &Access, bucket: &str, options: &S3Options) -> Result<Self> {
        let is_anonymous = access.options.no_sign_request;
        if !is_anonymous && access.config.credentials_provider().is_none() {
            // The SDK would send requests without a signature.
            return Err(Trouble::new(Kind::NoCredentials, "no credentials are configured")
                .hint("sign in with `aws sso login` or `aws login`, or name a profile"));
        }
        let is_custom = endpoint::is_custom(&access.config).await;
        // An ARN is no part of a path.
        let is_path = is_custom && !bucket.starts_with("arn:");
        let config = configure(access, options, is_path);
        let client = RwLock::new(Client::from_conf(config.clone()));
        let (name, options) = (bucket.to_owned(), options.clone());
        Ok(Self {
            inner: Arc::new(Inner { name, options, is_anonymous, is_custom, config, client }),
        })
    }

    /// The name of the bucket, or the ARN of the access point.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    pub(super) fn options(&self) -> &S3Options {
        &self.inner.options
    }

    pub(super) fn is_anonymous(&self) -> bool {
        self.inner.is_anonymous
    }

    pub(super) fn is_custom(&self) -> bool {
        self.inner.is_custom
    }

    /// What to say in requests of who pays for them.
    pub(super) fn payer(&self) -> Option<RequestPayer> {
        self.inner.options.request_payer.then_some(RequestPayer::Requester)
    }

    /// The resource that a policy names for the bucket, or for objects in it.
    pub(super) fn arn(&self, of_objects: bool) -> String {
        let name = self.name();
        match (name.starts_with("arn:"), of_objects) {
            (true, true) => format!("{name}/object/*"),
            (true, false) => name.to_owned(),
            (false, _) => {
                let partition = access::partition_of(&self.region());
                format!("arn:{partition}:s3:::{name}{}", if of_objects { "/*" } else { "" })
            }
        }
    }

    fn client(&self) -> Client {
        self.inner.client.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn region(&self) -> String {
        self.client().config().region().map(ToString::to_string).unwrap_or_default()
    }

    /// Sends a request, and sends it again if the bucket turns out to be in another region.
    pub(super) async fn ask<T, E, F>(
        &self,
        send: impl Fn(Client) -> F,
    ) -> Result<T, SdkError<E, HttpResponse>>
    where
        E: ProvideErrorMetadata,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let client = self.client();
        let asked = client.config().region().cloned();
        // The futures of the SDK are large.
        let error = match Box::pin(send(client)).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        if !self.find(&error, asked).await {
            return Err(error);
        }
        Box::pin(send(self.client())).await
    }

    /// Turns to the region that an answer leads to; tells whether that is another than was `asked`.
    async fn find<E: ProvideErrorMetadata>(
        &self,
        error: &SdkError<E, HttpResponse>,
        asked: Option<Region>,
    ) -> bool {
        if self.inner.is_custom {
            return false;
        }
        let found = match region::named(error) {
            None if region::is_elsewhere(error) => {
                region::discover(&self.client(), self.name()).await
            }
            named => named,
        };
        let Some(found) = found.map(Region::new).filter(|found| Some(found) != asked.as_ref())
        else {
            return false;
        };
        let mut client = self.inner.client.write().unwrap_or_else(PoisonError::into_inner);
        // Another request may have come here first.
        if client.config().region() != Some(&found) {
            *client = Client::from_conf(self.inner.config.to_builder().region(found).build());
        }
        true
    }
}

fn configure(access: &Access, options: &S3Options, is_path: bool) -> Config {
    let retries = access.config.retry_config().cloned().unwrap_or_else(RetryConfig::standard);
    let retries = retries.with_max_attempts(ATTEMPTS).with_initial_backoff(options.pause);
    let limits = access
        .config
        .timeout_config()
        .map_or_else(TimeoutConfig::builder, TimeoutConfig::to_builder);
    // A connection over which nothing comes must leave time for another.
    let limits = limits.read_timeout(access.options.timeout / 4).build();
    let stalls = StalledStreamProtectionConfig::enabled().grace_period(options.stall).build();
    let mut builder = Builder::from(&access.config)
        .retry_partition(own_retries())
        .retry_classifier(GiveUpEarly)
        .retry_config(retries)
        .timeout_config(limits)
        .stalled_stream_protection(stalls)
        // An access point's ARN says where it is.
        .use_arn_region(true)
        .force_path_style(is_path);
    // A preference read from the environment could prefer not to sign.
    builder.set_auth_scheme_preference(None);
    builder.build()
}
