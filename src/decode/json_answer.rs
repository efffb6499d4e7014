//! JSON: the answer of GetCredentialReport as the CLI and the SDKs save it, and rows of other tools.

use serde_json::{Map, Value};

use super::envelope::Unwrapped;
use super::refusal::Refusal;
use super::{text_answer, time};
use crate::report::Millis;
use crate::schema::{ARN, REPORT, USER};

/// What a JSON document holds.
pub(super) enum Answer {
    /// The AWS answer, with the report inside.
    Report(Unwrapped),
    /// One object per row.
    Rows(Vec<Map<String, Value>>),
}

/// Reads a JSON document, or one object per line.
///
/// # Errors
/// A refusal that says what the document is instead.
pub(super) fn read(bytes: &[u8]) -> Result<Answer, Refusal> {
    let mut documents = Vec::new();
    for document in serde_json::Deserializer::from_slice(bytes).into_iter::<Value>() {
        match document {
            Ok(document) => documents.push(document),
            Err(error) => {
                return Err(Refusal::foreign(format!("begins like JSON but is not: {error}")));
            }
        }
    }
    let one = documents.len() == 1;
    match documents.pop() {
        Some(Value::Object(object)) if one => read_object(object),
        Some(Value::Array(rows)) if one => read_rows(rows),
        Some(last) => {
            documents.push(last);
            read_rows(documents)
        }
        None => Err(Refusal::empty()),
    }
}

fn read_object(mut object: Map<String, Value>) -> Result<Answer, Refusal> {
    if let Some(state) = object.get("State").and_then(Value::as_str) {
        return Err(Refusal::generation_state(state));
    }
    if let Some(content) = object.get("Content") {
        let told = object.get("GeneratedTime").filter(|time| !time.is_null());
        let generated_time = told.and_then(instant);
        return Ok(Answer::Report(Unwrapped {
            content: content_bytes(content)?,
            generated_time,
            odd_time: told.filter(|_| generated_time.is_none()).map(Value::to_string),
        }));
    }
    if let Some(code) = error_code(&object) {
        return Err(Refusal::aws_error(code));
    }
    // Recordings, SDK dumps and exports keep the answer one level down.
    for key in ["data", "GetCredentialReportResponse", "GetCredentialReportResult", "rows"] {
        match object.remove(key) {
            Some(Value::Object(inner)) => return read_object(inner),
            Some(Value::Array(rows)) => return read_rows(rows),
            _ => {}
        }
    }
    read_rows(vec![Value::Object(object)])
}

fn read_rows(rows: Vec<Value>) -> Result<Answer, Refusal> {
    let rows: Vec<Map<String, Value>> = rows
        .into_iter()
        .map(|row| match row {
            Value::Object(object) if object.contains_key("Content") => {
                Err(Refusal::broken("holds several answers of get-credential-report")
                    .hint("save each answer to a file of its own"))
            }
            Value::Object(object) => Ok(object),
            _ => Err(not_a_report()),
        })
        .collect::<Result<_, _>>()?;
    let names = |position: usize| {
        std::iter::once(REPORT[position].name).chain(REPORT[position].aliases.iter().copied())
    };
    let is_row = rows
        .first()
        .is_some_and(|row| names(USER).chain(names(ARN)).any(|name| row.contains_key(name)));
    if is_row { Ok(Answer::Rows(rows)) } else { Err(not_a_report()) }
}

fn not_a_report() -> Refusal {
    Refusal::foreign("is JSON, but neither the answer of get-credential-report nor rows with the columns of a report")
        .hint("save the output of `aws iam get-credential-report --output json`")
}

fn error_code(object: &Map<String, Value>) -> Option<&str> {
    let error = object.get("Error").and_then(Value::as_object).unwrap_or(object);
    ["Code", "code", "__type", "errorType"].iter().find_map(|key| error.get(*key)?.as_str())
}

/// The content: base64 as on the wire, the CSV itself as boto3 returns it, a Python bytes literal,
/// or a Node buffer.
fn content_bytes(content: &Value) -> Result<Vec<u8>, Refusal> {
    let broken =
        || Refusal::broken("is an answer of get-credential-report whose Content cannot be read");
    if let Some(data) = content.get("data").and_then(Value::as_array) {
        return data
            .iter()
            .map(|byte| byte.as_u64().and_then(|byte| u8::try_from(byte).ok()).ok_or_else(broken))
            .collect();
    }
    let text = content.as_str().ok_or_else(broken)?;
    if let Some(literal) = python_bytes(text) {
        return Ok(literal.into_bytes());
    }
    if text.contains([',', ';']) {
        return Ok(text.as_bytes().to_vec());
    }
    text_answer::decode(text).ok_or_else(broken)
}

fn python_bytes(text: &str) -> Option<String> {
    let quote =
        text.strip_prefix('b')?.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let inner = text.get(2..)?.strip_suffix(quote)?;
    Some(inner.replace("\\r", "\r").replace("\\n", "\n").replace("\\'", "'").replace("\\\\", "\\"))
}

/// A time as text, as seconds since 1970, or as a recorded Python datetime.
fn instant(value: &Value) -> Option<Millis> {
    if let Some(text) = value.as_str() {
        return time::parse(text.trim()).map(|time| time.millis);
    }
    if let Some(seconds) = value.as_f64() {
        // Seconds, or milliseconds as JavaScript writes them; the whole part is all a report has.
        let seconds = if seconds > 1e11 { seconds / 1000.0 } else { seconds };
        return format!("{seconds:.0}")
            .parse::<i64>()
            .ok()
            .map(|seconds| seconds.saturating_mul(1000));
    }
    let part = |name: &str| value.get(name).and_then(Value::as_u64);
    let text = format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        part("year")?,
        part("month")?,
        part("day")?,
        part("hour")?,
        part("minute")?,
        part("second")?
    );
    time::parse(&text).map(|time| time.millis)
}
