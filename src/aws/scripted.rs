//! A service for tests that answers as written, and remembers what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

use crate::aws::access::{Access, AccessOptions};
use crate::aws::transport;

/// Secrets that must not show up anywhere.
pub(crate) const SECRETS: [&str; 3] = [
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "IQoJb3JpZ2luX2VjEXAMPLETOKEN",
];

/// One answer.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// A status, a body, and headers beside the number of the request.
    Says(u16, String, Vec<(&'static str, String)>),
    /// The connection fails in this way.
    Breaks(std::io::ErrorKind),
    /// It never comes.
    Hangs,
}

impl Answer {
    pub(crate) fn ok(body: impl Into<String>) -> Self {
        Self::Says(200, body.into(), Vec::new())
    }

    /// An error in the form of IAM and STS.
    pub(crate) fn error(status: u16, code: &str, message: &str) -> Self {
        let body = format!(
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>\
             <Code>{code}</Code><Message>{message}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
        );
        Self::Says(status, body, Vec::new())
    }

    pub(crate) fn with(self, name: &'static str, value: impl Into<String>) -> Self {
        match self {
            Self::Says(status, body, mut headers) => {
                headers.push((name, value.into()));
                Self::Says(status, body, headers)
            }
            other => other,
        }
    }
}

/// The service. The last answer is given again and again.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Script {
    pub(crate) fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.into_iter().collect())), asked: Arc::default() }
    }

    /// What was asked, in order: the bodies of the requests.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("the list").clone()
    }

    /// The operations that were asked for, in order.
    pub(crate) fn operations(&self) -> Vec<String> {
        let name = |body: &String| {
            let start = body.split("Action=").nth(1)?;
            Some(start.split('&').next()?.to_owned())
        };
        self.asked().iter().filter_map(name).collect()
    }

    /// Access to this service, with one attempt for each request.
    pub(crate) fn access(&self) -> Access {
        self.access_with(1, AccessOptions::default())
    }

    /// Access with as many attempts as given.
    pub(crate) fn access_with(&self, attempts: u32, options: AccessOptions) -> Access {
        let connector = transport::telling(SharedHttpConnector::new(self.clone()));
        let [id, secret, token] = SECRETS;
        let credentials = Credentials::new(id, secret, Some(token.to_owned()), None, "test");
        let retries = RetryConfig::standard()
            .with_max_attempts(attempts)
            .with_initial_backoff(Duration::from_millis(1));
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-central-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(retries)
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build();
        Access::with_config(config, options)
    }
}

impl HttpConnector for Script {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body =
            request.body().bytes().map(String::from_utf8_lossy).unwrap_or_default().into_owned();
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        self.asked.lock().expect("the list").push(format!("{target}{body}"));
        let mut answers = self.answers.lock().expect("the script");
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        HttpConnectorFuture::new(async move {
            match answer.expect("a script has an answer") {
                Answer::Says(status, body, headers) => Ok(response(status, body, headers)),
                Answer::Breaks(kind) => {
                    Err(ConnectorError::io(Box::new(std::io::Error::from(kind))))
                }
                Answer::Hangs => std::future::pending().await,
            }
        })
    }
}

fn response(status: u16, body: String, headers: Vec<(&'static str, String)>) -> HttpResponse {
    let status = StatusCode::try_from(status).expect("a status");
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    response.headers_mut().insert("x-amzn-requestid", "r-1");
    for (name, value) in headers {
        response.headers_mut().insert(name, value);
    }
    response
}

/// Fails if a text holds a credential.
pub(crate) fn assert_no_secret(text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
