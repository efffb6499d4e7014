//! Why bytes are not a credential report: what they look like instead, and what to do.

use memchr::memmem;

use crate::schema::{PASSWORD_ENABLED, REPORT};

/// A refusal. No cell of the refused bytes is repeated in it beyond error codes: a download of
/// access keys must not be echoed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Whether it was meant to be a report (a failed download, a header without rows). Such a file
    /// is a failure wherever it is met; anything else is skipped unless the user named it.
    pub report_like: bool,
    /// What it looks like, as the end of a sentence that begins with its name.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
}

impl Refusal {
    /// Something else than a report.
    #[must_use]
    pub fn foreign(message: impl Into<String>) -> Self {
        Self { report_like: false, message: message.into(), hint: None }
    }

    /// A report that went wrong.
    #[must_use]
    pub fn broken(message: impl Into<String>) -> Self {
        Self { report_like: true, message: message.into(), hint: None }
    }

    /// Marks a refusal of bytes that speak of credentials as that of a report gone wrong.
    #[must_use]
    pub fn of(mut self, head: &[u8]) -> Self {
        let flag = REPORT[PASSWORD_ENABLED].name;
        let signs = [":iam::", "GeneratedTime", flag, "access_key_1", "user,arn", "<root_account>"];
        self.report_like |= signs.iter().any(|sign| memmem::find(head, sign.as_bytes()).is_some());
        self
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Nothing at all.
    #[must_use]
    pub fn empty() -> Self {
        Self::foreign("is empty")
            .hint("fetch the report again: `aws iam get-credential-report --output json`")
    }

    /// The bytes could not be read to their end.
    #[must_use]
    pub fn unreadable(error: &std::io::Error) -> Self {
        Self::broken(format!("could not be read: {error}"))
    }

    /// The answer of GenerateCredentialReport in place of the report.
    #[must_use]
    pub fn generation_state(state: &str) -> Self {
        let message = if state == "COMPLETE" {
            "is the answer of generate-credential-report (COMPLETE), not the report itself"
        } else {
            "is the answer of generate-credential-report: the report is still being generated"
        };
        Self::broken(message)
            .hint("run `aws iam get-credential-report --output json` and save what it prints")
    }

    /// An AWS error in place of the report.
    #[must_use]
    pub fn aws_error(code: &str) -> Self {
        let code: String = code.chars().filter(char::is_ascii_alphanumeric).take(60).collect();
        let hint = match code.as_str() {
            "ReportNotPresent" | "ReportExpired" => {
                "run `aws iam generate-credential-report`, then get the report again"
            }
            "ReportInProgress" => "wait a moment, then run `aws iam get-credential-report` again",
            "AccessDenied" | "AccessDeniedException" => "the caller needs iam:GetCredentialReport",
            "ExpiredToken" | "ExpiredTokenException" => "sign in again, then get the report again",
            _ => "get the report again: `aws iam get-credential-report --output json`",
        };
        Self::broken(format!("is an AWS error, not a report: {code}")).hint(hint)
    }

    /// A download of access keys, which holds secrets.
    #[must_use]
    pub fn key_download() -> Self {
        Self::broken("is a download of a new user's password or access key, not a credential report; nothing of it is shown")
            .hint("keep that file out of report folders; a report comes from `aws iam get-credential-report`")
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}
