//! AWS was not reached, or not in time, or something else answered.

use std::error::Error;
use std::io;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;

use super::text::clean;
use super::{Kind, Trouble, chain};
use crate::aws::transport::{Cause, Unreached};

/// All attempts together took too long.
pub(super) fn timed_out(action: &str, error: &(dyn Error + 'static)) -> Trouble {
    let span = chain(error).find_map(|error| span(&error.to_string()));
    let text = match span {
        Some(span) => format!("{action} got no answer within {span}"),
        None => format!("{action} got no answer in time"),
    };
    Trouble::new(Kind::Timeout, text).hint("a longer `--timeout` waits longer")
}

/// The time in `operation timeout (…) occurred after 120s`.
fn span(text: &str) -> Option<String> {
    text.split_once("after ").map(|(_, span)| clean(span))
}

/// No answer at all.
pub(super) fn trouble(action: &str, error: &(dyn Error + 'static)) -> Trouble {
    let unreached = chain(error).find_map(|error| error.downcast_ref::<Unreached>());
    let place = unreached.map_or_else(|| format!("AWS for {action}"), |it| it.endpoint.clone());
    if chain(error)
        .filter_map(|error| error.downcast_ref::<ConnectorError>())
        .any(ConnectorError::is_timeout)
    {
        let span = chain(error).filter_map(|error| span(&error.to_string())).last();
        let span = span.map_or_else(String::new, |span| format!(" within {span}"));
        return Trouble::new(Kind::Timeout, format!("{place} did not answer{span}")).hint(way(
            unreached,
            "check the network, and whether the region is right (`--region`)",
        ));
    }
    let network = |text| Trouble::new(Kind::Network, text);
    match Cause::of(chain(error)) {
        Some(Cause::NoSuchHost) => network(format!("{place}: there is no such host")).hint(way(
            unreached,
            "the region may be misspelt (`--region`), the endpoint wrong (AWS_ENDPOINT_URL), or the network down",
        )),
        Some(Cause::Refused) => network(format!("{place} refuses connections")).hint(way(
            unreached,
            "nothing listens there: check AWS_ENDPOINT_URL and the endpoint_url of the profile",
        )),
        Some(Cause::Certificate) => network(format!("{place} is not who it says: its certificate is not trusted"))
            .hint(way(unreached, "if a proxy opens encrypted connections here, name its certificate in SSL_CERT_FILE")),
        None if unreached.is_some() || is_connector(error) => {
            network(format!("the connection to {place} broke: {}", last(error)))
                .hint(way(unreached, "try again; if it stays so, check the network"))
        }
        None => Trouble::new(Kind::Other, format!("{action} could not be asked: {}", last(error))),
    }
}

fn is_connector(error: &(dyn Error + 'static)) -> bool {
    chain(error).any(|error| error.is::<ConnectorError>() || error.is::<io::Error>())
}

/// A proxy stands between us and AWS, and is as likely to be at fault.
fn way(unreached: Option<&Unreached>, hint: &str) -> String {
    match unreached {
        Some(Unreached { by_proxy: true, .. }) => {
            format!(
                "a proxy is in use (HTTPS_PROXY, HTTP_PROXY or ALL_PROXY), look there first; {hint}"
            )
        }
        _ => hint.to_owned(),
    }
}

/// The innermost error, which knows most.
fn last(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map_or_else(String::new, |error| clean(&error.to_string()))
}

/// Something answered that the SDK cannot read.
pub(super) fn unreadable(
    action: &str,
    error: &(dyn Error + 'static),
    response: &HttpResponse,
) -> Trouble {
    if !is_of_aws(response) {
        return stranger(action, response);
    }
    garbled(action, &last(error))
}

/// AWS answered, and the answer makes no sense.
pub(super) fn garbled(action: &str, why: &str) -> Trouble {
    let why = if why.is_empty() { String::new() } else { format!(": {why}") };
    Trouble::new(Kind::Network, format!("the answer to {action} cannot be read{why}"))
        .hint("try again; a proxy may have changed or cut the answer")
}

/// Whether AWS itself answered: it numbers its answers.
pub(super) fn is_of_aws(response: &HttpResponse) -> bool {
    ["x-amzn-requestid", "x-amz-request-id", "x-amz-id-2", "x-amz-bucket-region"]
        .iter()
        .any(|name| response.headers().contains_key(*name))
}

/// A proxy, a sign-in page of a hotel, or another server answered.
pub(super) fn stranger(action: &str, response: &HttpResponse) -> Trouble {
    let status = response.status().as_u16();
    let kind = if status >= 500 { Kind::Service } else { Kind::Network };
    let server = response
        .headers()
        .get("server")
        .map_or_else(String::new, |name| format!(", server {}", clean(name)));
    Trouble::new(
        kind,
        format!("what answered {action} does not speak like AWS (status {status}{server})"),
    )
    .hint("check AWS_ENDPOINT_URL, HTTPS_PROXY, and whether the network asks to sign in first")
}
