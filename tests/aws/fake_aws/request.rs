//! What was asked, and forms of answers.

use std::collections::HashMap;

use hyper::header::{AUTHORIZATION, HeaderMap};

/// A request in the one form or the other.
pub(super) struct Asked {
    /// `sts:AssumeRole`
    pub(super) action: String,
    pub(super) form: HashMap<String, String>,
    pub(super) json: serde_json::Value,
    pub(super) key: String,
    /// `eu-central-1/sts`
    pub(super) scope: String,
}

/// What the server does.
pub(super) enum Reply {
    Xml(u16, String),
    Json(u16, String),
    Hang,
    Close,
}

impl Asked {
    pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Self {
        let text =
            |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
        let credential = text(AUTHORIZATION.as_str()).split("Credential=").nth(1).unwrap_or("");
        let parts: Vec<&str> = credential.split(&['/', ','][..]).collect();
        let part = |at: usize| parts.get(at).copied().unwrap_or("");
        let target = text("x-amz-target");
        let form = if target.is_empty() { form(body) } else { HashMap::new() };
        let action = if let Some((_, action)) = target.rsplit_once('.') {
            format!("organizations:{action}")
        } else {
            let action = form.get("Action").map_or("", String::as_str);
            let is_sts = form.get("Version").is_some_and(|version| version == "2011-06-15");
            format!("{}:{action}", if is_sts { "sts" } else { "iam" })
        };
        Self {
            action,
            form,
            json: serde_json::from_slice(body).unwrap_or_default(),
            key: part(0).to_owned(),
            scope: format!("{}/{}", part(2), part(3)),
        }
    }

    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.form.get(name).map(String::as_str)
    }
}

fn form(body: &[u8]) -> HashMap<String, String> {
    body.split(|byte| *byte == b'&')
        .filter_map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=')?;
            Some((decoded(&pair[..at]), decoded(&pair[at + 1..])))
        })
        .collect()
}

fn decoded(text: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'%')
            .then(|| std::str::from_utf8(after.get(..2)?).ok())
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(escaped.unwrap_or(if *first == b'+' { b' ' } else { *first }));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The answer of an action of IAM or STS.
pub(super) fn result(action: &str, inner: &str) -> Reply {
    let name = action.rsplit(':').next().unwrap_or_default();
    Reply::Xml(
        200,
        format!(
            "<{name}Response><{name}Result>{inner}</{name}Result><ResponseMetadata><RequestId>r\
             </RequestId></ResponseMetadata></{name}Response>"
        ),
    )
}

/// An error of IAM or STS.
pub(super) fn error(status: u16, code: &str, message: &str) -> Reply {
    Reply::Xml(
        status,
        format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{}</Message></Error>\
             <RequestId>r</RequestId></ErrorResponse>",
            xml(message)
        ),
    )
}

/// Text for XML.
pub(super) fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
