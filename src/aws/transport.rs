//! How requests travel: over TLS, by a proxy where the environment names one.
//!
//! The client of the SDK is wrapped for three things it does not do. It uses no proxy unless told
//! to. It forgets where a request went that failed. And it makes its TLS
//! connector anew for every client, of which a fleet has thousands.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};

/// Variables that name a proxy, as the proxy code of the SDK reads them.
const PROXY_VARIABLES: [&str; 6] =
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// Connection pools, one for each pair of time limits that a client asks for.
type Pools = Mutex<Vec<((Option<Duration>, Option<Duration>), SharedHttpConnector)>>;

/// A client over HTTPS. All clients of the SDK made with it share their connections.
#[must_use]
pub fn https() -> SharedHttpClient {
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let by_proxy = PROXY_VARIABLES.iter().any(is_set);
    let pools = Pools::default();
    http_client_fn(move |settings, _components| {
        let limits = (settings.connect_timeout(), settings.read_timeout());
        let mut pools = pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, pool)) = pools.iter().find(|(known, _)| *known == limits) {
            return pool.clone();
        }
        let pool = SharedHttpConnector::new(Ways::new(settings, by_proxy));
        pools.push((limits, pool.clone()));
        pool
    })
}

/// Wraps a connector so that its failures tell where they happened.
#[cfg(test)]
#[must_use]
pub fn telling(connector: SharedHttpConnector) -> SharedHttpConnector {
    SharedHttpConnector::new(Ways { near: connector.clone(), far: connector, by_proxy: false })
}

/// The way by a proxy, if there is one, and the way around it.
#[derive(Debug)]
struct Ways {
    /// Never by a proxy.
    near: SharedHttpConnector,
    far: SharedHttpConnector,
    by_proxy: bool,
}

impl Ways {
    fn new(settings: &HttpConnectorSettings, by_proxy: bool) -> Self {
        let pool = |proxy: ProxyConfig| {
            let builder =
                Connector::builder().connector_settings(settings.clone()).proxy_config(proxy);
            SharedHttpConnector::new(
                builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).build(),
            )
        };
        let near = pool(ProxyConfig::disabled());
        let far = if by_proxy { pool(ProxyConfig::from_env()) } else { near.clone() };
        Self { near, far, by_proxy }
    }
}

impl HttpConnector for Ways {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let endpoint = endpoint(request.uri());
        // Instances and containers get their credentials from such addresses. A proxy could not
        // reach them, and must not see them.
        let is_near = is_link_local(&endpoint);
        let answer = if is_near { self.near.call(request) } else { self.far.call(request) };
        let by_proxy = self.by_proxy && !is_near;
        HttpConnectorFuture::new(async move {
            answer.await.map_err(|error| unreached(error, endpoint, by_proxy))
        })
    }
}

/// Scheme and host of an address: the part that holds neither names of things nor passwords.
pub(crate) fn endpoint(uri: &str) -> String {
    let (scheme, rest) = uri.split_once("://").unwrap_or(("https", uri));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}")
}

fn is_link_local(endpoint: &str) -> bool {
    let host = endpoint.split_once("://").map_or(endpoint, |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => host.split(':').next(),
    };
    match host.and_then(|host| host.parse().ok()) {
        Some(IpAddr::V4(address)) => address.is_link_local(),
        // fd00:ec2::/32 is what AWS uses on its instances.
        Some(IpAddr::V6(address)) => {
            address.is_unicast_link_local() || address.segments().starts_with(&[0xfd00, 0xec2])
        }
        None => false,
    }
}

/// A request that got no answer, and where it went.
#[derive(Debug)]
pub struct Unreached {
    /// Scheme, host and port.
    pub endpoint: String,
    /// Whether a proxy may have been in between.
    pub by_proxy: bool,
    source: Arc<dyn Error + Send + Sync>,
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no answer from {}", self.endpoint)
    }
}

impl Error for Unreached {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref())
    }
}

/// The same error with the endpoint in its chain. Its sort stays: retries are decided by it.
fn unreached(error: ConnectorError, endpoint: String, by_proxy: bool) -> ConnectorError {
    let (is_timeout, is_io, is_user, kind) =
        (error.is_timeout(), error.is_io(), error.is_user(), error.as_other());
    let source = Box::new(Unreached { endpoint, by_proxy, source: Arc::from(error.into_source()) });
    if is_timeout {
        ConnectorError::timeout(source)
    } else if is_io {
        ConnectorError::io(source)
    } else if is_user {
        ConnectorError::user(source)
    } else {
        ConnectorError::other(source, kind)
    }
}

/// Why a connection did not come about, where that can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// No host has this name.
    NoSuchHost,
    /// Nothing listens there.
    Refused,
    /// What listens there shows a certificate that is not trusted.
    Certificate,
}

impl Cause {
    /// Reads a chain of errors.
    #[must_use]
    pub fn of<'a>(mut errors: impl Iterator<Item = &'a (dyn Error + 'static)>) -> Option<Self> {
        errors.find_map(|error| {
            if error
                .downcast_ref::<io::Error>()
                .is_some_and(|io| io.kind() == io::ErrorKind::ConnectionRefused)
            {
                return Some(Self::Refused);
            }
            let text = error.to_string();
            let is = |part: &str| text.contains(part);
            if is("invalid peer certificate") || is("UnknownIssuer") {
                Some(Self::Certificate)
            } else if is("dns error") || is("failed to lookup address") {
                Some(Self::NoSuchHost)
            } else {
                None
            }
        })
    }
}

/// Does not ask again where nobody is: a misspelt region shall be told at once, not after a minute.
#[derive(Debug, Clone, Copy, Default)]
pub struct GiveUpEarly;

impl ClassifyRetry for GiveUpEarly {
    fn classify_retry(&self, ctx: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = ctx.output_or_error() else {
            return RetryAction::NoActionIndicated;
        };
        let Some(error) = error.as_connector_error() else {
            return RetryAction::NoActionIndicated;
        };
        let first: &(dyn Error + 'static) = error;
        let chain = std::iter::successors(Some(first), |&error| error.source());
        // A name server that is busy says so: that passes.
        let passes = chain.clone().any(|error| error.to_string().contains("Temporary failure"));
        if Cause::of(chain).is_some() && !passes {
            RetryAction::RetryForbidden
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "GiveUpEarly"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_has_no_path_and_no_password() {
        assert_eq!(endpoint("https://iam.amazonaws.com/?Action=x"), "https://iam.amazonaws.com");
        assert_eq!(endpoint("http://u:secret@127.0.0.1:9000/bucket/key"), "http://127.0.0.1:9000");
        assert_eq!(endpoint("http://[fd00:ec2::254]:80/latest"), "http://[fd00:ec2::254]:80");
    }

    #[test]
    fn credentials_of_instances_do_not_travel_by_a_proxy() {
        for near in [
            "http://169.254.169.254",
            "http://169.254.170.2:80",
            "http://[fd00:ec2::254]",
            "http://[fe80::1]:80",
        ] {
            assert!(is_link_local(near), "{near}");
        }
        for far in [
            "https://iam.amazonaws.com",
            "http://127.0.0.1:9000",
            "http://169.253.1.1",
            "http://[fd00:ec3::1]",
        ] {
            assert!(!is_link_local(far), "{far}");
        }
    }

    #[test]
    fn the_sort_of_an_error_stays() {
        let source = || Box::new(io::Error::from(io::ErrorKind::ConnectionRefused));
        let told = |error| unreached(error, "https://x".to_owned(), false);
        assert!(told(ConnectorError::timeout(source())).is_timeout());
        assert!(told(ConnectorError::io(source())).is_io());
        assert!(told(ConnectorError::user(source())).is_user());
        let other = Some(aws_smithy_types::retry::ErrorKind::TransientError);
        assert_eq!(told(ConnectorError::other(source(), other)).as_other(), other);
    }
}
