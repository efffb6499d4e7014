//! Reading objects, whole or in part, as they were when they were listed.

use std::ops::Range;

use crate::aws::trouble::{Kind, Result, Trouble};
use aws_sdk_s3::error::DisplayErrorContext;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStreamError;
use aws_sdk_s3::types::ChecksumMode;
use bytes::Bytes;

use super::bucket::Bucket;
use super::list::Object;
use super::pause;
use super::trouble::{Doing, changed, place, told};

/// How often a body is asked for that breaks on its way. Requests that get no answer are repeated
/// by the SDK; answers that stop in the middle are not.
const TRIES: u32 = 5;

/// What became of one try.
enum Failure {
    /// The body broke. Another try may bring it whole.
    Broken(Trouble),
    Final(Trouble),
}

impl Bucket {
    /// Reads a whole object.
    ///
    /// # Errors
    /// If it is not what was listed any more, archived, out of reach, or breaks at every try.
    pub async fn get(&self, object: &Object) -> Result<Bytes> {
        self.fetch(object, None).await
    }

    /// Reads a part of an object. What of the range is behind its end is left out.
    ///
    /// # Errors
    /// As for [`get`](Self::get).
    pub async fn get_range(&self, object: &Object, range: Range<u64>) -> Result<Bytes> {
        let range = range.start..range.end.min(object.size);
        if range.is_empty() {
            return Ok(Bytes::new());
        }
        self.fetch(object, Some(range)).await
    }

    async fn fetch(&self, object: &Object, range: Option<Range<u64>>) -> Result<Bytes> {
        let mut failed = 0;
        loop {
            let trouble = match self.fetch_once(object, range.as_ref()).await {
                Ok(bytes) => return Ok(bytes),
                Err(Failure::Final(trouble)) => return Err(trouble),
                Err(Failure::Broken(trouble)) => trouble,
            };
            failed += 1;
            if failed == TRIES {
                return Err(trouble.at(&place(self, &object.key)));
            }
            tokio::time::sleep(pause::before_next(self.options().pause, failed)).await;
        }
    }

    async fn fetch_once(
        &self,
        object: &Object,
        range: Option<&Range<u64>>,
    ) -> Result<Bytes, Failure> {
        let etag = (!object.etag.is_empty()).then_some(&object.etag);
        // The last byte is counted in.
        let header = range.map(|range| format!("bytes={}-{}", range.start, range.end - 1));
        let send = |client: aws_sdk_s3::Client| {
            client
                .get_object()
                .bucket(self.name())
                .key(&object.key)
                .set_if_match(etag.cloned())
                .set_range(header.clone())
                .set_request_payer(self.payer())
                .checksum_mode(ChecksumMode::Enabled)
                .send()
        };
        let answer = self
            .ask(send)
            .await
            .map_err(|error| Failure::Final(told(self, Doing::Read(&object.key), &error)))?;
        let expected = range.map_or(object.size, |range| range.end - range.start);
        self.body(answer, object, expected).await
    }

    /// Takes in the body of an answer, if it is as long as it must be.
    async fn body(
        &self,
        answer: GetObjectOutput,
        object: &Object,
        expected: u64,
    ) -> Result<Bytes, Failure> {
        let announced = answer.content_length.and_then(|length| u64::try_from(length).ok());
        if announced.is_some_and(|announced| announced != expected) {
            // Before it is read: memory was set aside for what was listed.
            return Err(self.other_length(answer.e_tag.as_deref(), object));
        }
        let bytes = match answer.body.collect().await {
            Ok(body) => body.into_bytes(),
            Err(error) => return Err(Failure::Broken(broken(&error))),
        };
        if u64::try_from(bytes.len()).is_ok_and(|length| length == expected) {
            return Ok(bytes);
        }
        let text = format!("the answer ended after {} of {expected} bytes", bytes.len());
        Err(Failure::Broken(Trouble::new(Kind::Network, text)))
    }

    /// An object of another length is another object; unless it says that it is the same, and then
    /// something on the way cut it.
    fn other_length(&self, etag: Option<&str>, object: &Object) -> Failure {
        if !object.etag.is_empty() && etag == Some(object.etag.as_str()) {
            return Failure::Broken(Trouble::new(
                Kind::Network,
                "the answer is not as long as the object",
            ));
        }
        Failure::Final(changed().at(&place(self, &object.key)))
    }
}

/// A body that did not come whole, in words.
fn broken(error: &ByteStreamError) -> Trouble {
    let chain = DisplayErrorContext(error).to_string();
    let (kind, text) = if chain.contains("checksum") {
        (Kind::Network, "the bytes that came do not have the checksum they should have")
    } else if chain.contains("throughput") {
        (Kind::Timeout, "the answer stood still")
    } else {
        (Kind::Network, "the connection broke in the middle of the answer")
    };
    Trouble::new(kind, format!("{text}, {TRIES} times"))
        .hint("look at the connection, and try again")
}
