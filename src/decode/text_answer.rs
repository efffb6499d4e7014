//! Plain-text answers of the AWS CLI: the three fields of `--output text`, bare base64, error texts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::envelope::Unwrapped;
use super::refusal::Refusal;
use super::time;

/// Shorter than this is a word, not a report.
const SHORTEST: usize = 32;

/// Whether the text can be base64, alone or as a field of `--output text`. A CSV header cannot: it
/// has commas, semicolons, or tabs without such a long field.
#[must_use]
pub(super) fn is_base64(text: &[u8]) -> bool {
    !text.contains(&b',')
        && text.split(|&byte| byte == b'\t').any(|field| {
            let field = field.trim_ascii();
            field.len() >= SHORTEST
                && field.iter().all(|&byte| is_alphabet(byte) || byte.is_ascii_whitespace())
                && begins_like_a_report(field)
        })
}

/// Whether base64 begins with text that has separators, or with a gzip: a long word does not.
fn begins_like_a_report(field: &[u8]) -> bool {
    let letters: Vec<u8> =
        field.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).take(64).collect();
    let whole = letters.len() / 4 * 4;
    let text = STANDARD.decode(&letters[..whole]).unwrap_or_default();
    let printable = text.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
    let marked = text.starts_with(b"\x1f\x8b") || text.starts_with(b"\xef\xbb\xbf");
    marked
        || (printable && text.iter().any(|byte| matches!(byte, b',' | b';' | b'\t' | b'"' | b'{')))
}

fn is_alphabet(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// Reads bare base64 or the line of `--output text`: content, time, format, between tabs.
///
/// # Errors
/// If the longest field is not base64 after all.
pub(super) fn read(bytes: &[u8]) -> Result<Unwrapped, Refusal> {
    let text = String::from_utf8_lossy(bytes);
    let content = text.split('\t').max_by_key(|field| field.len()).unwrap_or_default();
    let generated_time =
        text.split('\t').find_map(|field| time::parse(field.trim())).map(|t| t.millis);
    let content = decode(content).ok_or_else(|| not_base64(content))?;
    Ok(Unwrapped { content, generated_time, odd_time: None })
}

/// Text of letters alone, or base64 of a report that does not reach its end.
fn not_base64(content: &str) -> Refusal {
    let letters: String = content.chars().filter(|c| !c.is_whitespace()).take(64).collect();
    match decode(&letters) {
        Some(beginning) if beginning.starts_with(b"user,") => {
            Refusal::broken("is base64 of a credential report that is damaged or cut off")
        }
        _ => Refusal::foreign("is a text that is no credential report"),
    }
}

/// Whether these are secrets of a user or root rather than a report: they are to be refused before
/// anything of them could be repeated.
#[must_use]
pub fn has_secrets(head: &[u8]) -> bool {
    const NAMES: [&str; 4] =
        ["secretaccesskey", "secret_access_key", "secret access key", "awssecretkey"];
    let head = String::from_utf8_lossy(&head[..head.len().min(4096)]).to_ascii_lowercase();
    // A user of a report may have such a name; no download of keys holds an ARN.
    !head.contains(":iam::") && NAMES.iter().any(|name| head.contains(name))
}

/// Decodes base64, wrapped at any width.
#[must_use]
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let letters: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(letters).ok()
}

/// The refusal for an error text of the AWS CLI, if this is one.
#[must_use]
pub(super) fn error_in(text: &[u8]) -> Option<Refusal> {
    const BEGINNINGS: [&str; 9] = [
        "Unable to locate credentials",
        "You must specify a region",
        "Could not connect to the endpoint",
        "Error loading SSO Token",
        "The SSO session",
        "Error when retrieving token",
        "usage: aws",
        "aws: error",
        "aws: [ERROR]",
    ];
    let first = &text[..text.len().min(1000)];
    let first = String::from_utf8_lossy(first);
    if first
        .lines()
        .any(|line| line.starts_with("Content: ") || line.starts_with("GeneratedTime: "))
    {
        return Some(
            Refusal::broken("is the YAML output of the AWS CLI, which is not read")
                .hint("save it with `--output json` instead"),
        );
    }
    if let Some((_, rest)) = first.split_once("An error occurred (") {
        return rest.split_once(')').map(|(code, _)| Refusal::aws_error(code));
    }
    BEGINNINGS.iter().find(|beginning| first.starts_with(**beginning)).map(|beginning| {
        Refusal::broken(format!("is an error text of the AWS CLI, not a report: {beginning} …"))
            .hint("get the report again: `aws iam get-credential-report --output json`")
    })
}
