//! The two calls, and what their answers mean for a report.

use aws_sdk_iam::Client;
use aws_sdk_iam::operation::generate_credential_report::GenerateCredentialReportError;
use aws_sdk_iam::operation::get_credential_report::{
    GetCredentialReportError, GetCredentialReportOutput,
};
use aws_sdk_iam::types::{ReportFormatType, ReportStateType};
use bytes::Bytes;

use crate::aws::trouble::{Kind, Result, Trouble, clean};

/// What became of having a report made.
#[derive(Debug)]
pub(super) enum Generated {
    /// There is one.
    Complete,
    /// Not yet; what AWS calls it.
    Making(String),
    /// Not now: too many are being made.
    NoCapacity(Trouble),
    /// Never.
    Denied(Trouble),
    /// AWS could not say just now.
    Later(Trouble),
}

/// Has a report made, or learns how far it is.
pub(super) async fn generate(iam: &Client) -> Result<Generated> {
    let answer = match iam.generate_credential_report().send().await {
        Ok(answer) => answer,
        Err(error) => {
            let trouble = Trouble::of("iam:GenerateCredentialReport", &error);
            let service = error.as_service_error();
            return if service
                .is_some_and(GenerateCredentialReportError::is_limit_exceeded_exception)
            {
                Ok(Generated::NoCapacity(trouble))
            } else if trouble.kind == Kind::Denied {
                Ok(Generated::Denied(trouble))
            } else if trouble.is_passing() {
                Ok(Generated::Later(trouble))
            } else {
                Err(trouble)
            };
        }
    };
    Ok(match answer.state() {
        Some(ReportStateType::Complete) => Generated::Complete,
        // States that came later than this are waited for: the deadline is the way out.
        Some(state) => Generated::Making(clean(state.as_str())),
        None => Generated::Making("no state".to_owned()),
    })
}

/// What became of getting the report.
#[derive(Debug)]
pub(super) enum Got {
    /// Here it is.
    Report {
        /// The CSV.
        content: Bytes,
        /// When it was made, in milliseconds.
        generated_time: i64,
    },
    /// There is none, or none any more.
    Absent(Trouble),
    /// It is being made.
    Making,
    /// AWS could not say just now.
    Later(Trouble),
}

/// Gets the report.
pub(super) async fn get(iam: &Client) -> Result<Got> {
    let error = match iam.get_credential_report().send().await {
        Ok(answer) => return read(answer),
        Err(error) => error,
    };
    let trouble = Trouble::of("iam:GetCredentialReport", &error);
    match error.as_service_error() {
        Some(
            GetCredentialReportError::CredentialReportNotPresentException(_)
            | GetCredentialReportError::CredentialReportExpiredException(_),
        ) => Ok(Got::Absent(trouble)),
        Some(GetCredentialReportError::CredentialReportNotReadyException(_)) => Ok(Got::Making),
        _ if trouble.is_passing() => Ok(Got::Later(trouble)),
        _ => Err(trouble),
    }
}

fn read(answer: GetCredentialReportOutput) -> Result<Got> {
    let odd = |what: &str| {
        Trouble::new(Kind::Other, format!("iam:GetCredentialReport answered {what}"))
            .hint("`aws iam get-credential-report` shows what AWS answers; try again later")
    };
    if let Some(format) =
        answer.report_format().filter(|format| **format != ReportFormatType::TextCsv)
    {
        return Err(odd(&format!("in a format that is not text/csv: {}", clean(format.as_str()))));
    }
    let Some(time) = answer.generated_time().and_then(|time| time.to_millis().ok()) else {
        return Err(odd("without the time when the report was made"));
    };
    match answer.content {
        Some(content) if !content.as_ref().is_empty() => {
            Ok(Got::Report { content: Bytes::from(content.into_inner()), generated_time: time })
        }
        _ => Err(odd("without a report in it")),
    }
}
