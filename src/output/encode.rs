//! Values as JSON, for the JSON formats and for the nested cells of the others.

use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::Array;
use arrow::datatypes::FieldRef;
use arrow::error::ArrowError;
use arrow::json::writer::{NullableEncoder, make_encoder};
use arrow::json::{Encoder, EncoderFactory, EncoderOptions};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::OutputError;

/// Calls `each` with every value of `array` as JSON; `None` is NULL.
pub(super) fn encode(
    field: &FieldRef,
    array: &dyn Array,
    mut each: impl FnMut(Option<&str>) -> Result<(), OutputError>,
) -> Result<(), OutputError> {
    let texts = Texts::default();
    let options = EncoderOptions::default()
        .with_explicit_nulls(true)
        .with_encoder_factory(Arc::new(texts.clone()));
    let mut encoder = make_encoder(field, array, &options)?;
    let mut json = Vec::new();
    for row in 0..array.len() {
        if encoder.is_null(row) {
            each(None)?;
            continue;
        }
        json.clear();
        encoder.encode(row, &mut json);
        texts.check()?;
        each(Some(std::str::from_utf8(&json).map_err(ArrowError::from)?))?;
    }
    Ok(())
}

/// Gives times and floats the text that they have in the other formats: arrow spells a float another way
/// in JSON, and puts its error message into the value where a time has no text (a year of seven digits).
#[derive(Clone, Debug, Default)]
struct Texts {
    failed: Arc<Mutex<Option<ArrowError>>>,
}

impl Texts {
    fn check(&self) -> Result<(), ArrowError> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
    }
}

impl EncoderFactory for Texts {
    fn make_default_encoder<'a>(
        &self,
        _field: &'a FieldRef,
        array: &'a dyn Array,
        _options: &'a EncoderOptions,
    ) -> Result<Option<NullableEncoder<'a>>, ArrowError> {
        let is_time = array.data_type().is_temporal();
        if !is_time && !array.data_type().is_floating() {
            return Ok(None);
        }
        let encoder = TextEncoder {
            formatter: ArrayFormatter::try_new(array, &FormatOptions::new())?,
            is_time,
            text: String::new(),
            texts: self.clone(),
        };
        Ok(Some(NullableEncoder::new(Box::new(encoder), array.nulls().cloned())))
    }
}

struct TextEncoder<'a> {
    formatter: ArrayFormatter<'a>,
    is_time: bool,
    text: String,
    texts: Texts,
}

impl Encoder for TextEncoder<'_> {
    fn encode(&mut self, row: usize, out: &mut Vec<u8>) {
        self.text.clear();
        if let Err(error) = self.formatter.value(row).write(&mut self.text) {
            *self.texts.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        }
        if self.is_time {
            // the text of a time needs no escapes
            out.push(b'"');
            out.extend_from_slice(self.text.as_bytes());
            out.push(b'"');
        } else if self.text.ends_with(|c: char| c.is_ascii_digit()) {
            out.extend_from_slice(self.text.as_bytes());
        } else {
            // JSON has no infinity and no NaN
            out.extend_from_slice(b"null");
        }
    }
}
