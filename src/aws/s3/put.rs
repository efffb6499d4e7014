//! Writing and deleting objects, and asking about single ones.

use std::collections::HashMap;

use crate::aws::trouble::Result;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::operation::put_object::PutObjectError;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ServerSideEncryption;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use bytes::Bytes;

use super::bucket::Bucket;
use super::list::millis;
use super::pause;
use super::trouble::{Doing, told};

/// How often two writers may meet before one of them gives up.
const TRIES: u32 = 5;

/// What is written with an object.
#[derive(Debug, Clone, Default)]
pub struct PutOptions {
    /// Names and values kept with the object. Names are small letters, digits and hyphens.
    pub metadata: Vec<(String, String)>,
    /// The media type.
    pub content_type: Option<String>,
    /// The KMS key to encrypt with; otherwise as the bucket says.
    pub sse_kms_key_id: Option<String>,
    /// The account that the bucket must belong to: otherwise nothing is written.
    pub expected_bucket_owner: Option<String>,
}

/// What became of an object that was to be new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It was written.
    Written,
    /// There is one of this key, and it was left as it is. It may be ours: if the answer to a write
    /// is lost, the write is sent again and meets itself.
    Exists,
}

/// What may be at a key that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before<'a> {
    /// No object.
    Nothing,
    /// An object with this etag.
    This(&'a str),
}

/// What is known of an object without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Bytes.
    pub size: u64,
    /// What changes when the object does; empty if the store says nothing.
    pub etag: String,
    /// Names, in small letters, and values kept with the object.
    pub metadata: HashMap<String, String>,
    /// When it was written, in milliseconds since 1970.
    pub modified: i64,
}

/// An answer to a write, or why there is none.
type Answer = Result<(), SdkError<PutObjectError, HttpResponse>>;

impl Bucket {
    /// Writes an object if there is none of this key. Stores that cannot decide that themselves are
    /// asked first, and two writers at the same moment may then both write.
    ///
    /// # Errors
    /// If the object cannot be written.
    pub async fn put_new(&self, key: &str, body: Bytes, options: &PutOptions) -> Result<Put> {
        self.put_after(key, body, options, Before::Nothing).await
    }

    /// Writes an object if what is at its key is what it should be. Stores that cannot decide that
    /// themselves are asked first, and two writers at the same moment may then both write.
    ///
    /// # Errors
    /// If the object cannot be written.
    pub async fn put_after(
        &self,
        key: &str,
        body: Bytes,
        options: &PutOptions,
        before: Before<'_>,
    ) -> Result<Put> {
        // A store that is not AWS may know nothing of conditions, and write over what is there.
        if self.is_custom() && !self.is_there(key, before).await? {
            return Ok(Put::Exists);
        }
        let mut failed = 0;
        loop {
            let Err(error) = self.send(key, &body, options, Some(before)).await else {
                return Ok(Put::Written);
            };
            match status(&error) {
                // What should be there was deleted.
                404 if error.code() == Some("NoSuchKey") => return Ok(Put::Exists),
                501 if self.is_there(key, before).await? => {
                    return self.put(key, body, options).await.map(|()| Put::Written);
                }
                412 | 501 => return Ok(Put::Exists),
                // Another one writes it at this moment.
                409 if error.code() == Some("ConditionalRequestConflict") && failed + 1 < TRIES => {
                }
                _ => return Err(self.unwritten(key, options, &error)),
            }
            failed += 1;
            tokio::time::sleep(pause::before_next(self.options().pause, failed)).await;
        }
    }

    /// Writes an object, in the place of any that is there.
    ///
    /// # Errors
    /// If the object cannot be written.
    pub async fn put(&self, key: &str, body: Bytes, options: &PutOptions) -> Result<()> {
        let answer = self.send(key, &body, options, None).await;
        answer.map_err(|error| self.unwritten(key, options, &error))
    }

    /// Asks about an object: nothing if there is none. Those who may not list the bucket are told
    /// that they may not know.
    ///
    /// # Errors
    /// If there is no telling.
    pub async fn head(&self, key: &str) -> Result<Option<Head>> {
        let send = |client: Client| {
            client.head_object().bucket(self.name()).key(key).set_request_payer(self.payer()).send()
        };
        let answer = match self.ask(send).await {
            Ok(answer) => answer,
            Err(error)
                if error.raw_response().is_some_and(|answer| answer.status().as_u16() == 404) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(told(self, Doing::Read(key), &error)),
        };
        Ok(Some(Head {
            size: answer
                .content_length
                .and_then(|size| u64::try_from(size).ok())
                .unwrap_or_default(),
            etag: answer.e_tag.unwrap_or_default(),
            metadata: answer.metadata.unwrap_or_default(),
            modified: answer.last_modified.as_ref().map_or(0, millis),
        }))
    }

    /// Deletes an object, if there is one.
    ///
    /// # Errors
    /// If it cannot be deleted.
    pub async fn delete(&self, key: &str, expected_bucket_owner: Option<&str>) -> Result<()> {
        let send = |client: Client| {
            let request = client.delete_object().bucket(self.name()).key(key);
            request
                .set_request_payer(self.payer())
                .set_expected_bucket_owner(expected_bucket_owner.map(str::to_owned))
                .send()
        };
        match self.ask(send).await {
            Ok(_) => Ok(()),
            Err(error) => Err(told(self, Doing::Delete(key, expected_bucket_owner), &error)),
        }
    }

    async fn is_there(&self, key: &str, before: Before<'_>) -> Result<bool> {
        let head = self.head(key).await?;
        Ok(match before {
            Before::Nothing => head.is_none(),
            Before::This(etag) => head.is_some_and(|head| head.etag == etag),
        })
    }

    async fn send(
        &self,
        key: &str,
        body: &Bytes,
        options: &PutOptions,
        before: Option<Before<'_>>,
    ) -> Answer {
        let etag = match before {
            Some(Before::This(etag)) => Some(etag),
            Some(Before::Nothing) | None => None,
        };
        let send = |client: Client| {
            let request = client
                .put_object()
                .bucket(self.name())
                .key(key)
                .body(ByteStream::from(body.clone()))
                .set_request_payer(self.payer())
                .set_if_none_match((before == Some(Before::Nothing)).then(|| "*".to_owned()))
                .set_if_match(etag.map(str::to_owned));
            with_options(request, options).send()
        };
        self.ask(send).await.map(|_| ())
    }

    fn unwritten(
        &self,
        key: &str,
        options: &PutOptions,
        error: &SdkError<PutObjectError, HttpResponse>,
    ) -> crate::aws::trouble::Trouble {
        told(self, Doing::Write(key, options.expected_bucket_owner.as_deref()), error)
    }
}

fn with_options(request: PutObjectFluentBuilder, options: &PutOptions) -> PutObjectFluentBuilder {
    let request = options
        .metadata
        .iter()
        .fold(request, |request, (name, value)| request.metadata(name, value));
    let kms = options.sse_kms_key_id.as_ref().map(|_| ServerSideEncryption::AwsKms);
    request
        .set_content_type(options.content_type.clone())
        .set_server_side_encryption(kms)
        .set_ssekms_key_id(options.sse_kms_key_id.clone())
        .set_expected_bucket_owner(options.expected_bucket_owner.clone())
}

fn status(error: &SdkError<PutObjectError, HttpResponse>) -> u16 {
    error.raw_response().map_or(0, |response| response.status().as_u16())
}
