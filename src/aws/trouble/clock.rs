//! A clock that is wrong: AWS refuses requests signed more than a few minutes from now.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ErrorMetadata;
use chrono::{DateTime, NaiveDateTime};

use super::{Kind, Trouble};

/// Codes that always mean the clock.
const CODES: [&str; 2] = ["RequestTimeTooSkewed", "RequestInTheFuture"];

/// The trouble, if the clock is what AWS complains about.
pub(super) fn trouble(meta: &ErrorMetadata, response: &HttpResponse) -> Option<Trouble> {
    let message = meta.message().unwrap_or_default();
    let signed_late = message.contains("Signature expired");
    let signed_early = message.contains("Signature not yet current");
    if !(signed_late || signed_early || meta.code().is_some_and(|code| CODES.contains(&code))) {
        return None;
    }
    let ahead = seconds_ahead(message, response);
    let how = match ahead {
        Some(seconds) if seconds.abs() >= 60 => how_much(seconds),
        _ if signed_late => "is behind".to_owned(),
        _ if signed_early => "is ahead".to_owned(),
        _ => "is wrong".to_owned(),
    };
    let text = format!("the clock of this machine {how}, so AWS does not accept its signatures");
    Some(
        Trouble::new(Kind::NoCredentials, text)
            .hint("set the clock, for example with `sudo timedatectl set-ntp true`, and try again"),
    )
}

fn how_much(seconds: i64) -> String {
    let minutes = (seconds.abs() + 30) / 60;
    let side = if seconds > 0 { "ahead" } else { "behind" };
    match minutes {
        1 => format!("is 1 minute {side}"),
        2..=180 => format!("is {minutes} minutes {side}"),
        _ => format!("is {} hours {side}", (minutes + 30) / 60),
    }
}

/// Seconds from the time of AWS to the time that was signed.
fn seconds_ahead(message: &str, response: &HttpResponse) -> Option<i64> {
    in_message(message).or_else(|| in_body(response))
}

/// `Signature expired: SIGNED is now earlier than LIMIT (NOW - 15 min.)`, and its mirror image.
fn in_message(message: &str) -> Option<i64> {
    let times: Vec<i64> = message
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter_map(|word| NaiveDateTime::parse_from_str(word, "%Y%m%dT%H%M%SZ").ok())
        .map(|time| time.and_utc().timestamp())
        .collect();
    match times.as_slice() {
        [signed, _, now] => Some(signed - now),
        _ => None,
    }
}

/// S3 tells both times beside the message.
fn in_body(response: &HttpResponse) -> Option<i64> {
    let body = response.body().bytes().and_then(|bytes| std::str::from_utf8(bytes).ok())?;
    let document = roxmltree::Document::parse(body).ok()?;
    let time = |name: &str| {
        let text = document.descendants().find(|node| node.has_tag_name(name))?.text()?;
        let basic = NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ")
            .map(|time| time.and_utc().timestamp());
        basic.or_else(|_| DateTime::parse_from_rfc3339(text).map(|time| time.timestamp())).ok()
    };
    Some(time("RequestTime")? - time("ServerTime")?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::body::SdkBody;

    fn told(code: &str, message: &str, body: &'static str) -> Option<Trouble> {
        let status = aws_smithy_runtime_api::http::StatusCode::try_from(403).expect("a status");
        let meta = ErrorMetadata::builder().code(code).message(message).build();
        trouble(&meta, &HttpResponse::new(status, SdkBody::from(body)))
    }

    #[test]
    fn the_message_of_sts_tells_by_how_much() {
        let late = "Signature expired: 20261125T100000Z is now earlier than 20261125T101000Z (20261125T102500Z - 15 min.)";
        let early = "Signature not yet current: 20261126T100000Z is still later than 20261125T101500Z (20261125T100000Z + 15 min.)";
        let text = |message| told("SignatureDoesNotMatch", message, "").expect("the clock").message;
        assert!(text(late).contains("is 25 minutes behind"), "{}", text(late));
        assert!(text(early).contains("is 24 hours ahead"), "{}", text(early));
        assert!(text("Signature expired: yesterday").contains("clock of this machine is behind"));
    }

    #[test]
    fn the_body_of_s3_tells_by_how_much() {
        let body = "<Error><Code>RequestTimeTooSkewed</Code><RequestTime>20261125T110000Z</RequestTime>\
                    <ServerTime>2026-11-25T10:00:00Z</ServerTime></Error>";
        let trouble =
            told("RequestTimeTooSkewed", "The difference is too large.", body).expect("the clock");
        assert!(trouble.message.contains("is 60 minutes ahead"), "{trouble}");
        let trouble =
            told("RequestTimeTooSkewed", "The difference is too large.", "").expect("the clock");
        assert!(trouble.message.contains("is wrong"), "{trouble}");
    }

    #[test]
    fn another_signature_is_no_matter_of_the_clock() {
        assert_eq!(told("SignatureDoesNotMatch", "Check your key.", ""), None);
    }
}
