//! Sees requests go and answers come: where to, and what time it is there.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;

use crate::aws::transport;

/// Remembers the last request and its answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Witness(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    endpoint: Option<String>,
    sent: Option<i64>,
    skew: Option<i64>,
}

impl Witness {
    /// Scheme and host of the last request.
    pub(super) fn endpoint(&self) -> Option<String> {
        self.seen().endpoint.clone()
    }

    /// Milliseconds that the clock of AWS is ahead of ours.
    pub(super) fn skew(&self) -> Option<i64> {
        self.seen().skew
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The SDK's own clock, in milliseconds.
fn now(components: &RuntimeComponents) -> Option<i64> {
    millis(components.time_source()?.now())
}

fn millis(time: SystemTime) -> Option<i64> {
    DateTime::from(time).to_millis().ok()
}

impl Intercept for Witness {
    fn name(&self) -> &'static str {
        "Witness"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        _cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let mut seen = self.seen();
        seen.endpoint = Some(transport::endpoint(context.request().uri()));
        seen.sent = now(components);
        Ok(())
    }

    fn read_after_transmit(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        _cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
        let mut seen = self.seen();
        let (Some(date), Some(sent), Some(received)) = (date, seen.sent, now(components)) else {
            return Ok(());
        };
        // The date was written about half way between, and leaves out what is below a second.
        let between = sent.midpoint(received);
        seen.skew =
            Some(date.secs().saturating_mul(1000).saturating_add(500).saturating_sub(between));
        Ok(())
    }
}
