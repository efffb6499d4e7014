//! Whether requests go to AWS or to a store that speaks its language.
//!
//! An endpoint can be named in two variables and in three places of a profile, for all services or
//! for this one. The SDK reads them all and tells nobody but the part that makes addresses. So a
//! request is made up as far as its address, and dropped there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::config::endpoint::{EndpointFuture, Params, ResolveEndpoint};

/// Notes whether an address is given, and resolves none.
#[derive(Debug, Default, Clone)]
struct Spy(Arc<AtomicBool>);

impl ResolveEndpoint for Spy {
    fn resolve_endpoint<'a>(&'a self, params: &'a Params) -> EndpointFuture<'a> {
        self.0.store(params.endpoint().is_some(), Ordering::Relaxed);
        EndpointFuture::ready(Err("only the address was wanted".into()))
    }
}

/// Whether the configuration names an endpoint for S3. Nothing is sent, and no credentials are
/// looked for.
pub(super) async fn is_custom(config: &SdkConfig) -> bool {
    let spy = Spy::default();
    let mut builder = Builder::from(config).endpoint_resolver(spy.clone());
    builder.set_credentials_provider(None);
    let client = Client::from_conf(builder.build());
    // Made to fail; what it saw on the way is the answer.
    let _ = Box::pin(client.head_bucket().bucket("any").send()).await;
    spy.0.load(Ordering::Relaxed)
}
