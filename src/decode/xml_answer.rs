//! XML: the answer of the IAM query API as it comes over the wire, and what looks like it.

use super::envelope::Unwrapped;
use super::refusal::Refusal;
use super::{text_answer, time};

/// Reads `GetCredentialReportResponse`.
///
/// # Errors
/// A refusal for an error answer (named by its code), a web page, or other XML.
pub(super) fn read(bytes: &[u8]) -> Result<Unwrapped, Refusal> {
    let text = String::from_utf8_lossy(bytes);
    let beginning: String =
        text.trim_start().chars().take(200).collect::<String>().to_ascii_lowercase();
    if beginning.contains("<!doctype html") || beginning.contains("<html") {
        return Err(Refusal::broken(
            "is a web page, perhaps a sign-in page: the session had ended when it was saved",
        )
        .hint("sign in and download the report again, or run `aws iam get-credential-report`"));
    }
    let document = roxmltree::Document::parse(&text)
        .map_err(|_| Refusal::foreign("begins like XML but is not well-formed"))?;
    let find = |name: &str| {
        document
            .descendants()
            .find(|node| node.tag_name().name() == name)
            .and_then(|node| node.text())
    };
    if let Some(content) = find("Content") {
        let content = text_answer::decode(content).ok_or_else(|| {
            Refusal::broken("is an answer of GetCredentialReport whose Content is not base64")
        })?;
        let told = find("GeneratedTime").map(str::trim);
        let generated_time = told.and_then(time::parse).map(|time| time.millis);
        let odd_time = told.filter(|_| generated_time.is_none()).map(str::to_owned);
        return Ok(Unwrapped { content, generated_time, odd_time });
    }
    if let Some(state) = find("State") {
        return Err(Refusal::generation_state(state));
    }
    match find("Code") {
        Some(code) => Err(Refusal::aws_error(code)),
        None => Err(Refusal::foreign("is XML, but not the answer of GetCredentialReport")),
    }
}
