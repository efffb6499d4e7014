//! Takes off whatever a report is wrapped in, recognised by content and never by name.
//!
//! Layers may be nested (a gzip of the JSON answer whose content is base64 of the CSV); each turn
//! of the loop in [`open`] takes one off. Plain CSV is streamed; everything else is held in memory
//! while it is unwrapped, up to [`MAX_WRAPPED`] bytes.

use std::io::{self, Cursor, Read};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use serde_json::{Map, Value};

use super::refusal::Refusal;
use super::{json_answer, text_answer, xml_answer};
use crate::report::Millis;

/// Bytes of a report, from wherever.
pub type Input<'a> = Box<dyn Read + Send + 'a>;

/// Largest wrapped report. AWS's limit of 5,000 users per account makes about 1.5 MB; this is room
/// for every export of an organisation and stops a bomb early.
pub const MAX_WRAPPED: u64 = 512 << 20;

/// Enough to tell what the bytes are.
const HEAD: u64 = 64 << 10;

/// Bytes in which something that was meant to be a report gives itself away.
const SIGNS: usize = 4096;

/// A gzip of a JSON answer of base64 of gzip is three; more is a game.
const MAX_LAYERS: usize = 6;

/// The innermost content.
pub enum Body<'a> {
    /// Comma, semicolon or tab separated text, yet to be decoded from UTF-8.
    Csv(Input<'a>),
    /// Rows that another tool exported as JSON objects.
    Rows(Vec<Map<String, Value>>),
    /// A Parquet file.
    Parquet(Bytes),
}

/// A report out of its wrapping.
pub struct Envelope<'a> {
    /// The content.
    pub body: Body<'a>,
    /// `GeneratedTime` of the AWS answer.
    pub generated_time: Option<Millis>,
    /// What stood there instead of a time.
    pub odd_time: Option<String>,
    /// What was taken off, outermost first.
    pub layers: Vec<&'static str>,
}

/// One step of unwrapping: what is inside the answer, and the time it names.
pub struct Unwrapped {
    /// The inner bytes.
    pub content: Vec<u8>,
    /// `GeneratedTime`.
    pub generated_time: Option<Millis>,
    /// What stood there instead of a time.
    pub odd_time: Option<String>,
}

/// Unwraps a report.
///
/// # Errors
/// A refusal that says what the bytes are, if they are no report.
pub fn open(mut input: Input<'_>) -> Result<Envelope<'_>, Refusal> {
    let mut layers = Vec::new();
    let (mut generated_time, mut odd_time) = (None, None);
    for _ in 0..MAX_LAYERS {
        let mut head = Vec::new();
        read_up_to(&mut input, &mut head, HEAD)?;
        let kind = recognise(&head)?;
        let beginning = head.get(..SIGNS.min(head.len())).unwrap_or_default().to_vec();
        let mut whole: Input<'_> = Box::new(Cursor::new(head).chain(input));
        let unwrapped = match kind {
            Layer::Csv { skip } => {
                discard(&mut whole, skip)?;
                return Ok(Envelope { body: Body::Csv(whole), generated_time, odd_time, layers });
            }
            Layer::Parquet => {
                let body = Body::Parquet(Bytes::from(read_all(&mut whole)?));
                return Ok(Envelope { body, generated_time, odd_time, layers });
            }
            Layer::Gzip => {
                layers.push("gzip");
                input = Box::new(MultiGzDecoder::new(whole));
                continue;
            }
            Layer::Utf16 => {
                layers.push("utf-16");
                Unwrapped {
                    content: utf16(&read_all(&mut whole)?),
                    generated_time: None,
                    odd_time: None,
                }
            }
            Layer::Json => {
                match json_answer::read(&read_all(&mut whole)?).map_err(|r| r.of(&beginning))? {
                    json_answer::Answer::Rows(rows) => {
                        layers.push("json rows");
                        return Ok(Envelope {
                            body: Body::Rows(rows),
                            generated_time,
                            odd_time,
                            layers,
                        });
                    }
                    json_answer::Answer::Report(unwrapped) => {
                        layers.push("json response");
                        unwrapped
                    }
                }
            }
            Layer::Xml => {
                layers.push("xml response");
                xml_answer::read(&read_all(&mut whole)?)
                    .map_err(|refusal| refusal.of(&beginning))?
            }
            Layer::Base64 => {
                layers.push("base64");
                text_answer::read(&read_all(&mut whole)?)?
            }
        };
        generated_time = unwrapped.generated_time.or(generated_time);
        odd_time = unwrapped.odd_time.or(odd_time);
        input = Box::new(Cursor::new(unwrapped.content));
    }
    Err(Refusal::foreign("is wrapped in too many layers"))
}

enum Layer {
    Csv { skip: u64 },
    Parquet,
    Gzip,
    Utf16,
    Json,
    Xml,
    Base64,
}

fn recognise(head: &[u8]) -> Result<Layer, Refusal> {
    if head.starts_with(b"\x1f\x8b") {
        return Ok(Layer::Gzip);
    }
    if head.starts_with(b"PAR1") {
        return Ok(Layer::Parquet);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"\x28\xb5\x2f\xfd") {
        return Err(Refusal::foreign(
            "is an archive or a spreadsheet: unpack it, or export it as CSV",
        ));
    }
    if is_utf16(head) {
        return Ok(Layer::Utf16);
    }
    if text_answer::has_secrets(head) {
        return Err(Refusal::key_download());
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let skip = u64::try_from(head.len() - text.len()).unwrap_or(0);
    let text = text.trim_ascii_start();
    match text.first() {
        None => Err(Refusal::empty()),
        Some(b'{' | b'[') => Ok(Layer::Json),
        // A report may begin with `<root_account>` when its header is gone.
        Some(b'<') if !text.starts_with(b"<root_account>") => Ok(Layer::Xml),
        _ if text_answer::is_base64(text) => Ok(Layer::Base64),
        _ => match text_answer::error_in(text) {
            Some(refusal) => Err(refusal),
            None => Ok(Layer::Csv { skip }),
        },
    }
}

/// With its mark, or ASCII in two bytes a letter.
fn is_utf16(head: &[u8]) -> bool {
    match *head {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        [a, 0, b, 0, ..] | [0, a, 0, b, ..] => a.is_ascii_graphic() && b.is_ascii_graphic(),
        _ => false,
    }
}

fn read_up_to(input: &mut Input<'_>, into: &mut Vec<u8>, limit: u64) -> Result<(), Refusal> {
    input.take(limit).read_to_end(into).map_err(|error| broken_input(&error))?;
    Ok(())
}

fn read_all(input: &mut Input<'_>) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    read_up_to(input, &mut bytes, MAX_WRAPPED + 1)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_WRAPPED) {
        return Err(Refusal::broken(format!(
            "holds more than {} MiB when unwrapped",
            MAX_WRAPPED >> 20
        )));
    }
    Ok(bytes)
}

fn discard(input: &mut Input<'_>, bytes: u64) -> Result<(), Refusal> {
    io::copy(&mut input.take(bytes), &mut io::sink()).map_err(|error| broken_input(&error))?;
    Ok(())
}

/// A stream that breaks while it is read: a bad gzip, a vanished disk.
#[must_use]
pub fn broken_input(error: &io::Error) -> Refusal {
    match error.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
            Refusal::broken(format!("is a damaged gzip file: {error}"))
        }
        _ => Refusal::unreadable(error),
    }
}

/// UTF-16, as a shell redirection on Windows writes. Unpaired surrogates become U+FFFD, which the
/// decoder reports.
fn utf16(bytes: &[u8]) -> Vec<u8> {
    let big_endian = matches!(bytes, [0xfe, 0xff, ..] | [0, ..]);
    let marked = matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    let bytes = if marked { &bytes[2..] } else { bytes };
    let units = bytes.chunks_exact(2).map(|pair| {
        let pair = [pair[0], pair[1]];
        if big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
    });
    char::decode_utf16(units)
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect::<String>()
        .into_bytes()
}
