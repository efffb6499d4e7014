//! Where requests go and for what they are signed, when nothing is configured to be elsewhere.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use aws_config::identity::IdentityCache;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use credsql::aws::access::{Access, AccessOptions};
use credsql::aws::organization::{self, Among, Choice};
use credsql::aws::role::Roles;
use credsql::aws::role_options::RoleOptions;

use crate::aws::support::{Base, caller, role};

/// Notes where requests would go and lets none out.
#[derive(Debug, Clone, Default)]
struct Noted(Arc<Mutex<Vec<String>>>);

impl HttpConnector for Noted {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let signed = request.headers().get("authorization").unwrap_or_default();
        let scope: Vec<&str> = signed.split('/').skip(2).take(2).collect();
        let note = format!("{} {}", request.uri(), scope.join(" "));
        self.0.lock().expect("no panic").push(note);
        HttpConnectorFuture::ready(Err(ConnectorError::user("not let out".into())))
    }
}

fn access(region: &'static str) -> (Access, Noted) {
    let noted = Noted::default();
    let connector = SharedHttpConnector::new(noted.clone());
    let client = http_client_fn(move |_: &HttpConnectorSettings, _: &_| connector.clone());
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static(region))
        .credentials_provider(SharedCredentialsProvider::new(Base::default()))
        .identity_cache(IdentityCache::lazy().build())
        .http_client(client)
        .build();
    (Access::with_config(config, AccessOptions::default()), noted)
}

async fn assumed(region: &'static str, partition: &str, sts_global: bool) -> Vec<String> {
    let (access, noted) = access(region);
    let options = RoleOptions { sts_global, ..role() };
    let roles = Roles::new(&access, caller(partition), options).expect("a role");
    roles.assume("000000000001").await.expect_err("not let out");
    noted.0.lock().expect("no panic").clone()
}

#[tokio::test]
async fn sts_is_asked_in_the_region() {
    let asked = assumed("eu-south-1", "aws", false).await;
    assert_eq!(asked, ["https://sts.eu-south-1.amazonaws.com/ eu-south-1 sts"]);
    let asked = assumed("us-east-1", "aws", false).await;
    assert_eq!(asked, ["https://sts.us-east-1.amazonaws.com/ us-east-1 sts"]);
    let asked = assumed("us-gov-west-1", "aws-us-gov", false).await;
    assert_eq!(asked, ["https://sts.us-gov-west-1.amazonaws.com/ us-gov-west-1 sts"]);
    let asked = assumed("cn-north-1", "aws-cn", false).await;
    assert_eq!(asked, ["https://sts.cn-north-1.amazonaws.com.cn/ cn-north-1 sts"]);
}

#[tokio::test]
async fn sts_is_asked_for_the_whole_world_on_demand() {
    let asked = assumed("eu-south-1", "aws", true).await;
    assert_eq!(asked, ["https://sts.amazonaws.com/ us-east-1 sts"]);
}

#[test]
fn other_partitions_have_no_global_sts() {
    let (access, _) = access("us-gov-west-1");
    let options = RoleOptions { sts_global: true, ..role() };
    let trouble = Roles::new(&access, caller("aws-us-gov"), options).expect_err("no such endpoint");
    assert_eq!(trouble.message, "the partition aws-us-gov has no global endpoint of STS");
}

#[tokio::test]
async fn organizations_is_asked_where_its_partition_has_it() {
    for (region, expected) in [
        ("eu-central-1", "https://organizations.us-east-1.amazonaws.com/ us-east-1 organizations"),
        (
            "us-gov-east-1",
            "https://organizations.us-gov-west-1.amazonaws.com/ us-gov-west-1 organizations",
        ),
        (
            "cn-north-1",
            "https://organizations.cn-northwest-1.amazonaws.com.cn/ cn-northwest-1 organizations",
        ),
    ] {
        let (access, noted) = access(region);
        let choice = Choice { among: Among::Organization, exclude: BTreeSet::default() };
        organization::accounts(&access, &choice).await.expect_err("not let out");
        assert_eq!(*noted.0.lock().expect("no panic"), [expected]);
    }
}
