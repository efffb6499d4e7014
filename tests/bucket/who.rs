//! Who asks, who pays, and where.

use aws_credential_types::provider::{ProvideCredentials, error::CredentialsError, future};
use aws_sdk_s3::config::{SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use credsql::aws::access::Access;
use credsql::aws::s3::{Bucket, PutOptions, S3Options};
use credsql::aws::trouble::Kind;

use crate::bucket::support::s3_server::{ACCESS_KEY, Fault, SECRET_KEY, Seen};
use crate::bucket::support::{BUCKET, access, bucket, options, server, words, write};

#[tokio::test]
async fn nothing_is_signed_without_credentials_and_nothing_unsigned_with_them() {
    let (directory, server) = server();
    write(&directory, "a", "x");
    let anonymous = access(Some(&server.endpoint), true, None);
    let public = Bucket::connect(&anonymous, BUCKET, &options()).await.unwrap();
    let trouble = public.list_sorted("a", |_| ()).await.unwrap_err();
    assert_eq!(trouble.kind, Kind::Denied);
    assert!(words(&trouble).contains("leave it out"), "{}", words(&trouble));
    server.allow_anonymous();
    let (objects, _) = public.list_sorted("a", |_| ()).await.unwrap();
    assert_eq!(public.get(&objects[0]).await.unwrap(), "x");
    assert!(server.seen().iter().all(|seen| seen.header("authorization").is_none()));
    server.forget();
    let signed = bucket(&server).await;
    signed.get(&objects[0]).await.unwrap();
    signed.put("b", "y".into(), &PutOptions::default()).await.unwrap();
    assert!(server.seen().iter().all(|seen| {
        seen.header("authorization").is_some_and(|signed| signed.contains(ACCESS_KEY))
    }));
    assert!(
        !format!("{signed:?}").contains(ACCESS_KEY) && !format!("{signed:?}").contains(SECRET_KEY)
    );
}

/// Looks for credentials and finds none.
#[derive(Debug)]
struct Nothing;
impl ProvideCredentials for Nothing {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let error = CredentialsError::not_loaded("nothing was found");
        future::ProvideCredentials::ready(Err(error))
    }
}

#[tokio::test]
async fn who_has_no_credentials_does_not_become_anonymous() {
    let (_directory, server) = server();
    server.allow_anonymous();
    let mut none = access(Some(&server.endpoint), true, None);
    none.options.no_sign_request = false;
    assert_eq!(
        Bucket::connect(&none, BUCKET, &options()).await.unwrap_err().kind,
        Kind::NoCredentials
    );
    // Neither if there is a way to find some, and it finds none.
    let config = none
        .config
        .into_builder()
        .credentials_provider(SharedCredentialsProvider::new(Nothing))
        .build();
    let access = Access { config, options: none.options };
    let bucket = Bucket::connect(&access, BUCKET, &options()).await.unwrap();
    let trouble = bucket.list_sorted("", |_| ()).await.unwrap_err();
    assert_eq!(trouble.kind, Kind::NoCredentials, "{trouble}");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn who_agrees_to_pay_says_so_in_every_request() {
    let (directory, server) = server();
    write(&directory, "a", "x");
    let options = S3Options { request_payer: true, ..options() };
    let access = access(Some(&server.endpoint), false, None);
    let bucket = Bucket::connect(&access, BUCKET, &options).await.unwrap();
    let (objects, _) = bucket.list_sorted("a", |_| ()).await.unwrap();
    bucket.get(&objects[0]).await.unwrap();
    bucket.head("a").await.unwrap();
    bucket.put("b", "y".into(), &PutOptions::default()).await.unwrap();
    assert_eq!(server.seen().len(), 5);
    assert!(
        server.seen().iter().all(|seen| seen.header("x-amz-request-payer") == Some("requester"))
    );
    server.forget();
    crate::bucket::support::bucket(&server).await.get(&objects[0]).await.unwrap();
    assert!(server.seen().iter().all(|seen| seen.header("x-amz-request-payer").is_none()));
}

/// Sends what is for AWS to a server here, and tells it for whom it was.
#[derive(Debug)]
struct Detour {
    endpoint: String,
    inner: SharedHttpConnector,
}

impl HttpConnector for Detour {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let uri = request.uri().to_owned();
        let (host, path) =
            uri.split_once("://").and_then(|(_, rest)| rest.split_once('/')).expect("a path");
        let name = host.split_once(".s3.").expect("S3").0;
        request.set_uri(format!("{}/{name}/{path}", self.endpoint)).expect("an address");
        request.headers_mut().insert("x-was-for", host.to_owned());
        self.inner.call(request)
    }
}

fn detour(endpoint: &str) -> SharedHttpClient {
    use aws_smithy_runtime_api::client::http::HttpClient;
    let (endpoint, inner) =
        (endpoint.to_owned(), aws_smithy_http_client::Builder::new().build_http());
    http_client_fn(move |settings, components| {
        let inner = inner.http_connector(settings, components);
        SharedHttpConnector::new(Detour { endpoint: endpoint.clone(), inner })
    })
}

fn is_for(region: &'static str) -> impl Fn(&Seen) -> bool {
    move |seen| {
        seen.header("x-was-for").is_some_and(|host| host.contains(&format!(".s3.{region}.")))
    }
}

#[tokio::test]
async fn the_region_of_a_bucket_is_found() {
    for (status, code, headers) in [
        (301, "PermanentRedirect", vec![("x-amz-bucket-region", "eu-central-1")]),
        (307, "TemporaryRedirect", vec![("x-amz-bucket-region", "eu-central-1")]),
        (400, "AuthorizationHeaderMalformed", vec![("x-amz-bucket-region", "eu-central-1")]),
        // Not told: it is asked for.
        (301, "PermanentRedirect", vec![]),
    ] {
        let (directory, server) = server();
        write(&directory, "a", "x");
        server.allow_anonymous();
        let is_asked = headers.is_empty();
        let elsewhere = Fault::Answer { status, code, message: "elsewhere", headers };
        let told = Fault::Answer {
            status: 403,
            code: "",
            message: "",
            headers: vec![("x-amz-bucket-region", "eu-central-1")],
        };
        server.fault(usize::MAX, told, |seen| seen.method == "HEAD" && is_for("us-east-1")(seen));
        server.fault(usize::MAX, elsewhere, is_for("us-east-1"));
        let access = access(None, true, Some(detour(&server.endpoint)));
        let bucket = Bucket::connect(&access, BUCKET, &options()).await.unwrap();
        assert!(server.seen().is_empty());
        let (objects, _) = bucket.list_sorted("", |_| ()).await.unwrap();
        assert_eq!(bucket.get(&objects[0]).await.unwrap(), "x", "{code}");
        let seen = server.seen();
        assert_eq!(seen.len(), if is_asked { 4 } else { 3 }, "{code}");
        assert!(is_for("eu-central-1")(&seen[seen.len() - 1]));
    }
}

#[tokio::test]
async fn a_bucket_elsewhere_is_not_looked_for_behind_an_endpoint_of_ones_own() {
    let (_directory, server) = server();
    let headers = vec![("x-amz-bucket-region", "eu-central-1")];
    server.fault(
        1,
        Fault::Answer { status: 301, code: "PermanentRedirect", message: "elsewhere", headers },
        |_| true,
    );
    let trouble = bucket(&server).await.list_sorted("a/", |_| ()).await.unwrap_err();
    let words = words(&trouble);
    assert!(
        words.contains("another region, eu-central-1") && words.contains("AWS_ENDPOINT_URL"),
        "{words}"
    );
    assert_eq!(server.seen().len(), 1);
    assert_eq!(server.seen()[0].path, "/reports-bucket/");
}
